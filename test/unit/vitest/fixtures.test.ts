import net from 'node:net'
import { describe, test as plain } from 'vitest'
import { expect, test } from '../../../src/vitest/index.js'

const funded = [{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: '10000' }] as const

describe('a test with its own sandbox', () => {
  test('refuses a market buy without an ask, and fills it when there is one', async ({
    sandbox,
    venues,
    trader,
  }) => {
    await trader.fund(funded, true)
    await venues.coinbase?.depth('BTC-USD', { bids: [['60000', '1']] })
    const blind = await trader.order({
      symbol: 'BTC-USD',
      side: 'buy',
      qty: '0.01',
      venue: 'coinbase',
    })
    expect(blind).toBeRejectedWith('EXCHANGE_REJECT', 'market buy requires a live ask')
    expect(blind).not.toHaveFilled('0.01')

    await venues.coinbase?.depth('BTC-USD', { bids: [['60000', '1']], asks: [['60010', '1']] })
    const seen = await trader.order({
      symbol: 'BTC-USD',
      side: 'buy',
      qty: '0.01',
      venue: 'coinbase',
    })
    expect(seen).toHaveFilled('0.01')
    expect(seen).not.toBeRejectedWith('EXCHANGE_REJECT')
    await expect(sandbox).toConserveMoney()
  })

  test('moves its clock alone', async ({ clock, sandbox }) => {
    const before = clock.now_ms()
    let rang = 0
    sandbox.world.clock.after(50, () => {
      rang = clock.now_ms() - before
    })
    await clock.advance(100)
    expect([rang, clock.now_ms() - before]).toEqual([50, 100])
  })

  test('sets and clears faults', async ({ venues, trader }) => {
    await trader.fund(funded, true)
    await venues.coinbase?.depth('BTC-USD', { asks: [['60010', '1']] })
    const clear = await venues.coinbase?.fault({ type: 'maintenance' })
    const order = { symbol: 'BTC-USD', side: 'buy', qty: '0.01', venue: 'coinbase' } as const
    expect((await trader.order(order)).status).not.toBe('FILLED')
    await clear?.()
    await venues.coinbase?.depth('BTC-USD', { asks: [['60010', '1']] })
    expect(await trader.order(order)).toHaveFilled('0.01')
  })

  test('goes back to a snapshot', async ({ control, trader, venues }) => {
    await trader.fund(funded, true)
    await venues.coinbase?.depth('BTC-USD', { asks: [['60010', '1']] })
    await control.do('snapshot', { name: 'before' })
    await trader.order({ symbol: 'BTC-USD', side: 'buy', qty: '0.01', venue: 'coinbase' })
    expect(await trader.fills()).not.toEqual([])
    await control.do('revert', { name: 'before' })
    expect(await trader.fills()).toEqual([])
    expect(await trader.orders()).toEqual([])
  })

  test('speaks over a real socket to those who need one', async ({ server, trader }) => {
    const answer = await fetch(`${server.url}/v1/positions`, {
      headers: { authorization: `Bearer ${trader.account.test_key}` },
    })
    expect(answer.status).toBe(200)
    expect(server.venueUrl('kalshi')).toBe(`${server.url}/venues/kalshi`)
  })
})

describe.concurrent('tests that run at the same time', () => {
  for (const nth of [1, 2, 3, 4]) {
    test(`see only their own orders (${nth})`, async ({ trader, venues }) => {
      await trader.fund(funded, true)
      await venues.coinbase?.depth('BTC-USD', { asks: [['60010', '1']] })
      for (let n = 0; n < nth; n += 1) {
        await trader.order({ symbol: 'BTC-USD', side: 'buy', qty: '0.001', venue: 'coinbase' })
      }
      expect(await trader.fills()).toHaveLength(nth)
    })
  }
})

describe('the air gap', () => {
  const closed = test.extend({ airGap: 'closed' as const })

  closed('lets this machine through', async ({ server }) => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  plain('is open for tests that do not ask for it', () => {
    expect(net.Socket.prototype.connect.name).not.toBe('patched')
  })
})

describe('a test of your own', () => {
  const lax = test.extend({
    sandboxOptions: { adversary: 'off' as const, key_form: 'lax' as const },
  })
  const named = lax.extend<{ greeting: string }>({
    greeting: async ({ sandbox }, use) => use(`hello from ${sandbox.world.seed}`),
  })

  named('has what was put on top, and the options below', async ({ greeting, seed, sandbox }) => {
    expect(greeting).toBe(`hello from ${seed}`)
    const answer = await sandbox.fetch('/v1/health', {
      headers: { authorization: 'Bearer seq_test_short' },
    })
    // A short key is read as a key in the lax form; nobody has this one.
    expect(answer.status).toBe(401)
  })

  named.extend({ airGap: 'closed' as const })(
    'keeps its fixtures when an option changes',
    async ({ greeting }) => {
      expect(greeting).toMatch(/^hello from \d+$/)
      expect(net.Socket.prototype.connect.name).toBe('patched')
    },
  )
})
