import { describe } from 'vitest'
import { createSandbox } from '../../../src/sandbox.js'
import { expect, test } from '../../../src/vitest/index.js'
import { traderOf } from '../../../src/vitest/trader.js'

const EVENT = 'KXTEST-99DEC31-T60'
const LIMIT = {
  symbol: `${EVENT}:YES`,
  venue: 'kalshi',
  side: 'buy',
  qty: '1',
  price: '0.20',
} as const

describe('a fault on one client', () => {
  test('on the sandbox API hits its requests, whichever key, and nobody else’s', async ({
    sandbox,
    control,
    trader,
    liveTrader,
  }) => {
    const bob = traderOf(sandbox, sandbox.account('bob'), 'sandbox')
    const { client_id } = trader.account
    await control.do('inject-fault', {
      fault: { type: 'throttle', venue: 'api', account: client_id },
    })
    const status = async (one: typeof trader) => (await one.call('GET', '/v1/positions')).status
    expect([await status(trader), await status(liveTrader), await status(bob)]).toEqual([
      429, 429, 200,
    ])
  })

  test('on a venue hits its paper order and its live order alike', async ({
    sandbox,
    control,
    trader,
    liveTrader,
    venues,
  }) => {
    const bob = sandbox.account('bob')
    await venues.kalshi?.depth(EVENT, { bids: [['0.40', '9']], asks: [['0.42', '9']] })
    const { client_id } = trader.account
    await control.do('inject-fault', {
      fault: {
        type: 'throttle',
        venue: 'kalshi',
        account: client_id,
        match: { action: 'create-order' },
      },
    })
    for (const one of [trader, liveTrader]) {
      const order = await one.order(LIMIT)
      expect(order).toBeRejectedWith('RATE_LIMIT')
      await venues.kalshi?.depth(EVENT, { bids: [['0.40', '9']], asks: [['0.42', '9']] })
    }
    for (const mode of ['sandbox', 'live'] as const) {
      expect((await traderOf(sandbox, bob, mode).order(LIMIT)).status).toBe('WORKING')
    }
  })
})

test('a held-back private event comes after a revert too, where its stream lives on', async () => {
  const sandbox = await createSandbox({ store: 'memory', seed: 1, adversary: 'off' })
  try {
    const trader = traderOf(sandbox, sandbox.account('alice'), 'sandbox')
    const { control } = sandbox
    const { perform } = await import('../../../src/control/actions.js')
    await trader.fund([{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 1000 }], true)
    await perform(control, 'set-depth', { venue: 'coinbase', symbol: 'BTC-USD', asks: [[100, 9]] })
    const heard: string[] = []
    const session = await sandbox.connect(
      {
        path: '/v1/stream',
        query: '',
        headers: { authorization: `Bearer ${trader.account.test_key}` },
      },
      {
        send: (text) => heard.push((JSON.parse(text) as { channel: string }).channel),
        ping: () => undefined,
        close: () => undefined,
      },
    )
    if ('status' in session) throw new Error('the stream was refused')
    session.message(JSON.stringify({ subscribe: ['fills'] }))
    const fills = () => heard.filter((channel) => channel === 'fills').length
    const fault = { type: 'reorder-event', venue: 'api', at_most_ms: 500 }
    await perform(control, 'inject-fault', { fault })
    await trader.order({ symbol: 'BTC-USD', venue: 'coinbase', side: 'buy', qty: '1' })
    expect(fills()).toBe(0)
    await perform(control, 'snapshot', { name: 'held' })
    await perform(control, 'advance-clock', { ms: 500 })
    expect(fills()).toBe(1)
    await perform(control, 'revert', { name: 'held' })
    await perform(control, 'advance-clock', { ms: 500 })
    expect(fills()).toBe(2)
  } finally {
    await sandbox.close()
  }
})
