import { expect, test } from 'vitest'
import { createSandbox, type SandboxAccount } from '../../src/sandbox.js'
import { caller } from '../support/api-client.js'

const ASK = { price_1e9: 60_000_000_000_000n, qty_1e8: 500_000_000n }

async function open(options: Parameters<typeof createSandbox>[0] = {}) {
  const sandbox = await createSandbox({ store: 'memory', ...options })
  const as = (account: SandboxAccount, mode: 'test' | 'live' = 'test') =>
    caller(
      (path, init) => sandbox.fetch(path, init),
      mode === 'test' ? account.test_key : account.live_key,
    )
  return { sandbox, as }
}

/** Kraken is the venue with a wire these tests trade at. */
async function offer(sandbox: Awaited<ReturnType<typeof open>>['sandbox']) {
  const kraken = sandbox.venues.get('kraken')
  const instrument = kraken?.venue.instruments.find(({ symbol }) => symbol === 'BTC-USD')
  const admin = kraken?.mock?.admin
  if (admin === undefined || instrument === undefined) throw new Error('kraken has no wire')
  admin.setDepth(instrument.venue_symbol, { bids: [], asks: [ASK] })
  await sandbox.settle()
  return { admin, venue_symbol: instrument.venue_symbol }
}

const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'kraken' }

test('a live order takes from the venue’s own book, a sandbox order leaves it alone', async () => {
  const { sandbox, as } = await open()
  const account = sandbox.account()
  const { admin, venue_symbol } = await offer(sandbox)

  const paper = await as(account)('POST', '/v1/orders', { body: order })
  expect(paper.json).toMatchObject({ is_sandbox: true, nodes: [{ status: 'FILLED' }] })
  expect(admin.depth(venue_symbol).asks).toEqual([ASK])

  const live = await as(account, 'live')('POST', '/v1/orders', { body: order })
  expect(live.json).toMatchObject({ is_sandbox: false })
  await sandbox.settle()
  expect(admin.depth(venue_symbol).asks).toEqual([{ ...ASK, qty_1e8: 400_000_000n }])

  // Each key sees the rows of its own mode.
  const btc = async (mode: 'test' | 'live') =>
    ((await as(account, mode)('GET', '/v1/fills')).json.fills as { is_sandbox: boolean }[]).map(
      ({ is_sandbox }) => is_sandbox,
    )
  expect(await btc('test')).toEqual([true])
  expect(await btc('live')).toEqual([false])
  await sandbox.close()
})

test('every client has an account of its own at a venue', async () => {
  const { sandbox } = await open({ demo: 'well-known' })
  const [one, two] = [sandbox.account(), sandbox.account()]
  const at = (client_id: string) => sandbox.control.venueAccount(client_id, 'kraken')
  expect(new Set([at(one.client_id), at(two.client_id), at('demo')]).size).toBe(3)
  expect(at(one.client_id)).toBe(at(one.client_id))
  expect(sandbox.control.venueAccount(one.client_id, 'dex')).toBeUndefined()
  await sandbox.close()
})

test('the same seed and the same calls leave the same journal, byte for byte', async () => {
  const story = async () => {
    const { sandbox, as } = await open({ seed: 11, liquidity: 'live' })
    const account = sandbox.account()
    const call = as(account)
    for (const venue of ['kraken', 'coinbase']) {
      await call('POST', '/v1/orders', { body: { ...order, venue, qty: 0.1 } })
      sandbox.manual?.advance(700)
      await sandbox.settle()
    }
    await call('POST', '/v1/orders', { body: { ...order, price: 59_000 } })
    const journal = await sandbox.desk.journal(account.client_id, true)
    await sandbox.close()
    return journal
  }
  const first = await story()
  expect(first.length).toBeGreaterThan(3)
  expect(await story()).toEqual(first)
})

test('quiet books stay fresh on the wall clock, as a connected feed’s do', async () => {
  const { sandbox, as } = await open({ clock: 'wall', freshness_ms: 600 })
  const call = as(sandbox.account())
  const body = { venue: 'coinbase', symbol: 'BTC-USD', bids: [], asks: [[100, 5]] }
  await call('POST', '/control/set-depth', { body })
  await new Promise((later) => setTimeout(later, 1_500))
  const placed = await call('POST', '/v1/orders', { body: { ...order, venue: 'coinbase' } })
  expect(placed.json.nodes[0].status).toBe('FILLED')
  await sandbox.close()
})

test('on a manual clock a book nobody renews grows stale', async () => {
  const { sandbox, as } = await open()
  const call = as(sandbox.account())
  const body = { venue: 'coinbase', symbol: 'BTC-USD', bids: [], asks: [[100, 5]] }
  await call('POST', '/control/set-depth', { body })
  sandbox.manual?.advance(2_001)
  const placed = await call('POST', '/v1/orders', { body: { ...order, venue: 'coinbase' } })
  expect(placed.json.nodes[0]).toMatchObject({ status: 'REJECTED' })
  await sandbox.close()
})

test('a fault on the API is met by its callers and by nobody else', async () => {
  const { sandbox, as } = await open()
  const call = as(sandbox.account())
  const body = { fault: { type: 'throttle', venue: 'api' } }
  expect((await call('POST', '/control/inject-fault', { body })).status).toBe(200)
  const refused = await call('POST', '/v1/orders', { body: order })
  expect(refused.status).toBe(429)
  expect(refused.json.error.code).toBe('RATE_LIMITED')
  expect((await call('GET', '/healthz')).status).toBe(200)
  expect((await call('POST', '/control/clear-faults', { body: {} })).status).toBe(200)
  expect((await call('GET', '/v1/health')).status).toBe(200)
  await sandbox.close()
})

test('sockets are opened in-process, and only where there are some', async () => {
  const { sandbox } = await open()
  const peer = { send: () => {}, ping: () => {}, close: () => {} }
  const at = (path: string) => sandbox.connect({ path, query: '', headers: {} }, peer)
  expect(await at('/v1/stream')).toMatchObject({ status: 401 })
  expect(await at('/v1/nothing')).toMatchObject({ status: 404 })
  expect(await at('/venues/nowhere/v2')).toMatchObject({ status: 404 })
  expect(await at('/venues/kraken/v2')).toHaveProperty('message')
  await sandbox.close()
})

test('a market that moves to another price grid takes and refuses the same prices on both paths', async () => {
  const { sandbox, as } = await open()
  const kalshi = sandbox.venues.get('kalshi')
  const market = kalshi?.venue.instruments.find(({ kind }) => kind === 'event')
  const admin = kalshi?.mock?.admin
  if (admin === undefined || market === undefined) throw new Error('kalshi has no wire')
  const price_1e9 = 900_000_000n
  admin.setDepth(market.venue_symbol, { bids: [], asks: [{ price_1e9, qty_1e8: 10n ** 10n }] })
  await sandbox.settle()
  const account = sandbox.account()
  const steps = (step_1e9: bigint) =>
    admin.setPriceBands(market.venue_symbol, [
      { from_1e9: step_1e9, to_1e9: 1_000_000_000n - step_1e9, step_1e9 },
    ])
  const rest = async (mode: 'test' | 'live', price: number) => {
    const body = { symbol: `${market.symbol}:YES`, side: 'buy', qty: 1, price, venue: 'kalshi' }
    const { json } = await as(account, mode)('POST', '/v1/orders', { body })
    await sandbox.settle()
    const id = json.nodes[0].node_order_id as string
    return (await as(account, mode)('GET', `/v1/orders/${id}`)).json
  }
  const off = { status: 'REJECTED', failure_message: 'price off the venue tick' }
  for (const mode of ['test', 'live'] as const) {
    expect(await rest(mode, 0.405)).toMatchObject(off)
    steps(1_000_000n)
    await sandbox.settle()
    const resting = await rest(mode, 0.405)
    expect(resting).toMatchObject({ status: 'WORKING' })
    const amended = await as(account, mode)('PATCH', `/v1/orders/${resting.node_order_id}`, {
      body: { new_price: 0.415 },
    })
    expect(amended.json).toMatchObject({ limit_price_1e9: 415_000_000 })
    steps(10_000_000n)
    await sandbox.settle()
    expect(await rest(mode, 0.405)).toMatchObject(off)
  }
  await sandbox.close()
})
