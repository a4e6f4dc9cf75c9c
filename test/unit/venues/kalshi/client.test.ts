/** Client: the live adapter against the mock's own wire, in-process. */
import { expect, test } from 'vitest'
import type { Instrument } from '../../../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../../../src/engine/order.js'
import type { FeedSink, SocketPeer, VenueClient } from '../../../../src/venue/contract.js'
import { loopback } from '../../../../src/venue/loopback.js'
import { kalshiClient } from '../../../../venues/kalshi/client.js'
import { instruments } from '../../../../venues/kalshi/instruments.js'
import { type Account, kalshiLab, type Lab, price, TICKER, usd } from '../../../support/kalshi.js'

const instrument = instruments.find(({ symbol }) => symbol === TICKER) as Instrument

async function live(lab: Lab, account: Account | null, wire = loopback(lab.mock)) {
  const events: EdgeEvent[] = []
  const client = kalshiClient({
    base_url: 'http://kalshi.test',
    ...wire,
    clock: lab.clock,
    instruments,
    ...(account === null
      ? {}
      : { credentials: { key_id: account.key_id, private_key_pem: account.private_key_pem } }),
  })
  if (account !== null) await client.open((event) => events.push(event))
  return { client, events }
}

let made = 0
function child(change: Partial<ChildOrder> = {}): ChildOrder {
  made += 1
  return {
    child_id: `c.${made}`,
    client_id: 'alice',
    is_sandbox: false,
    venue: 'kalshi',
    instrument,
    outcome: null,
    side: 'buy',
    qty_1e8: usd(10),
    budget_1e8: null,
    limit_price_1e9: price(0.44),
    protection_price_1e9: null,
    time_in_force: 'gtc',
    post_only: false,
    reduce_only: false,
    expire_ts_ns: null,
    ...change,
  }
}

const told = (events: readonly EdgeEvent[]) =>
  events.map((event) => {
    if (event.type === 'filled')
      return `filled ${event.qty_1e8} at ${event.price_1e9} ${event.liquidity}`
    if (event.type === 'cancelled') return `cancelled ${event.reason}`
    if (event.type === 'rejected') return `rejected ${event.code}`
    if (event.type === 'amend-rejected') return `amend-rejected ${event.code}`
    return event.type
  })

/** Lets everything under way in the in-process wire arrive. */
async function settle(client: VenueClient): Promise<void> {
  for (let i = 0; i < 3; i++) await client.reconcile()
}

test('a limit order fills, rests and is cancelled', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  const order = child({ qty_1e8: usd(20) })
  await client.submit(order)
  expect(told(events)).toEqual(['acked', 'filled 1700000000 at 440000000 taker'])
  await client.cancel(order.child_id)
  expect(told(events).slice(2)).toEqual(['cancelled requested'])
})

test('buying NO at 0.58 meets the YES bid at 0.42, told in NO terms', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  await client.submit(child({ outcome: 'NO', limit_price_1e9: price(0.58), qty_1e8: usd(4) }))
  expect(told(events)).toEqual(['acked', 'filled 400000000 at 580000000 taker'])
  const filled = events[1]
  expect(filled?.type === 'filled' && filled.fee_1e8).toBe(usd(0.0683))
  expect((await client.pull()).positions).toEqual([
    { venue_symbol: TICKER, qty_1e8: -usd(4), entry_price_1e9: price(0.58) },
  ])
})

test('a market order goes out at the last valid price and gives up what nobody sells', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  await client.submit(child({ limit_price_1e9: null, qty_1e8: usd(40), time_in_force: 'ioc' }))
  expect(told(events)).toEqual([
    'acked',
    'filled 1700000000 at 440000000 taker',
    'filled 2000000000 at 450000000 taker',
    'cancelled no-liquidity',
  ])
})

test('protection and budget bound the price of a market order', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  const market = { limit_price_1e9: null, time_in_force: 'ioc', qty_1e8: usd(20) } as const
  await client.submit(child({ ...market, protection_price_1e9: price(0.4459) }))
  expect(told(events).slice(1)).toEqual([
    'filled 1700000000 at 440000000 taker',
    'cancelled no-liquidity',
  ])
  events.length = 0
  await client.submit(child({ ...market, budget_1e8: usd(8) }))
  expect(told(events)).toEqual(['acked', 'cancelled no-liquidity'])
  events.length = 0
  await client.submit(child({ ...market, budget_1e8: usd(0.01) }))
  expect(told(events)).toEqual(['rejected insufficient-balance'])
})

test.each([
  [{ limit_price_1e9: price(0.445) }, 'off-tick'],
  [{ limit_price_1e9: price(1) }, 'price-bounds'],
  [{ qty_1e8: 1_500_000n }, 'off-lot'],
  [{ qty_1e8: 0n }, 'below-min-qty'],
  [{ post_only: true }, 'would-cross'],
  [{ qty_1e8: usd(18), time_in_force: 'fok' as const }, 'fok-unfilled'],
  [{ reduce_only: true }, 'unsupported-order'],
  [{ time_in_force: 'gtd' as const, expire_ts_ns: 1_700_000_000_000_000_000n }, 'expired'],
  [{ qty_1e8: usd(1000) }, 'insufficient-balance'],
  [{ instrument: { ...instrument, venue_symbol: 'KXNONE-1' } }, 'unknown-instrument'],
])('the refusal of %o is read as %s', async (change, code) => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  await client.submit(child(change))
  expect(told(events)).toEqual([`rejected ${code}`])
})

test('an unfilled IOC, a reduce-only order of nobody, and an own order in the way say why they ended', async () => {
  const lab = kalshiLab()
  const { client, events } = await live(lab, lab.account('alice'))
  await client.submit(child({ time_in_force: 'ioc' }))
  expect(told(events)).toEqual(['acked', 'cancelled ioc-unfilled'])
  events.length = 0
  await client.submit(child({ time_in_force: 'ioc', reduce_only: true }))
  expect(told(events)).toEqual(['acked', 'cancelled not-reducing'])
  events.length = 0
  await client.submit(child({ side: 'sell', limit_price_1e9: price(0.44) }))
  await client.submit(child())
  expect(told(events)).toEqual(['acked', 'acked', 'cancelled self-trade'])
})

test('an order whose amendment trades its old size at once is followed to its new one', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client, events } = await live(lab, lab.account('alice'))
  const order = child({ qty_1e8: usd(17), limit_price_1e9: price(0.4) })
  await client.submit(order)
  await client.amend(order.child_id, { qty_1e8: usd(30), limit_price_1e9: price(0.44) })
  await settle(client)
  expect(told(events).sort()).toEqual(['acked', 'amended', 'filled 1700000000 at 440000000 taker'])
  await client.cancel(order.child_id)
  expect(told(events).at(-1)).toBe('cancelled requested')
  expect(lab.mock.admin.account(3).open_orders).toEqual([])
})

test('an amend changes price and size, and a wrong one is refused', async () => {
  const lab = kalshiLab()
  const { client, events } = await live(lab, lab.account('alice'))
  const order = child({ limit_price_1e9: price(0.4) })
  await client.submit(order)
  await client.amend(order.child_id, { qty_1e8: usd(12), limit_price_1e9: price(0.41) })
  await client.amend(order.child_id, { qty_1e8: usd(12), limit_price_1e9: price(0.415) })
  await client.amend('nobody', { qty_1e8: usd(12), limit_price_1e9: price(0.41) })
  expect(told(events)).toEqual([
    'acked',
    'amended',
    'amend-rejected off-tick',
    'amend-rejected unknown-order',
  ])
  expect(lab.mock.admin.account(3).open_orders).toMatchObject([
    { price_1e9: price(0.41), remaining_1e8: usd(12) },
  ])
})

test('a maker fill and an expiry come from the socket', async () => {
  const lab = kalshiLab()
  const { client, events } = await live(lab, lab.account('alice'))
  const expire_ts_ns = lab.clock.now_ns() + 60_000_000_000n
  await client.submit(child({ time_in_force: 'gtd', expire_ts_ns, limit_price_1e9: price(0.43) }))
  const other = await live(lab, lab.account('bob'))
  await other.client.submit(child({ side: 'sell', limit_price_1e9: price(0.43), qty_1e8: usd(4) }))
  await settle(client)
  lab.clock.advance(60_000)
  await settle(client)
  expect(told(events)).toEqual(['acked', 'filled 400000000 at 430000000 maker', 'expired'])
})

test('what the socket lost is found by asking', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const wire = loopback(lab.mock)
  const peers: SocketPeer[] = []
  const { client, events } = await live(lab, lab.account('alice'), {
    ...wire,
    connect: (request, peer) => {
      peers.push(peer)
      // The venue's private messages never arrive.
      return wire.connect(request, {
        ...peer,
        send: (text) => (text.includes('"subscribed"') ? peer.send(text) : undefined),
      })
    },
  })
  const order = child({ limit_price_1e9: price(0.43) })
  await client.submit(order)
  await client.submit(child({ qty_1e8: usd(20), limit_price_1e9: price(0.45) }))
  lab.mock.admin.print(TICKER, { price_1e9: price(0.43), qty_1e8: usd(10), taker_side: 'sell' })
  await client.reconcile()
  expect(told(events)).toEqual([
    'acked',
    'acked',
    'filled 1700000000 at 440000000 taker',
    'filled 300000000 at 450000000 taker',
    'filled 1000000000 at 430000000 maker',
  ])
})

test('an answer that never came is settled by client order id', async () => {
  const lab = kalshiLab()
  const wire = loopback(lab.mock)
  let drop = true
  const { client, events } = await live(lab, lab.account('alice'), {
    ...wire,
    fetch: async (request) => {
      const response = await wire.fetch(request)
      if (request.method === 'POST' && drop) throw new TypeError('connection reset')
      return response
    },
  })
  const order = child({ limit_price_1e9: price(0.4) })
  await expect(client.submit(order)).rejects.toThrow('did not answer')
  drop = false
  await client.reconcile()
  expect(told(events)).toEqual(['acked'])
})

test('cash and positions are pulled as the venue tells them', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client } = await live(lab, lab.account('alice'))
  await client.submit(child({ qty_1e8: usd(20) }))
  await client.submit(child({ side: 'sell', limit_price_1e9: price(0.6), qty_1e8: usd(18) }))
  const { balances, positions } = await client.pull()
  expect(positions).toEqual([
    { venue_symbol: TICKER, qty_1e8: usd(17), entry_price_1e9: price(0.44) },
  ])
  // 3 of the bid at 0.44 rest; the ask closes 17 and commits 1 at 0.40.
  expect(balances).toEqual([
    { asset: 'USD', total_1e8: usd(100 - 7.48 - 0.2933), reserved_1e8: usd(1.32 + 0.4) },
  ])
  const { reserved_1e8 } = lab.mock.admin.account(3).balances[0] ?? {}
  expect(balances[0]?.reserved_1e8).toBe(reserved_1e8)
})

function recorder() {
  const seen: string[] = []
  const sink: FeedSink = {
    snapshot: (symbol, depth) =>
      seen.push(`snapshot ${symbol} ${depth.bids.length}/${depth.asks.length}`),
    level: (_, side, at, qty) => seen.push(`${side} ${at} ${qty}`),
    published: () => undefined,
    trade: (_, trade) =>
      seen.push(`trade ${trade.qty_1e8} at ${trade.price_1e9} ${trade.taker_side}`),
    lost: (symbol, reason) => seen.push(`lost ${symbol}: ${reason}`),
    state: (symbol, state) => seen.push(`state ${symbol} ${state}`),
  }
  return { seen, sink }
}

test('the feed tells snapshot, levels, trades and states', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client } = await live(lab, lab.account('alice'))
  const { seen, sink } = recorder()
  const stop = await client.subscribe([instrument], sink)
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(5), taker_side: 'buy' })
  lab.mock.admin.setMarketState(TICKER, 'paused')
  await settle(client)
  expect(seen).toEqual([
    `state ${TICKER} open`,
    `snapshot ${TICKER} 2/2`,
    'sell 440000000 1200000000',
    'trade 500000000 at 440000000 buy',
    `state ${TICKER} paused`,
  ])
  stop()
  await settle(client)
  expect(lab.mock.held.sessions).toBe(1)
})

test('a missed message loses the book until a fresh snapshot came', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const wire = loopback(lab.mock)
  let drop = false
  const { client } = await live(lab, lab.account('alice'), {
    ...wire,
    connect: (request, peer) =>
      wire.connect(request, { ...peer, send: (text) => (drop ? undefined : peer.send(text)) }),
  })
  const { seen, sink } = recorder()
  await client.subscribe([instrument], sink)
  drop = true
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(5), taker_side: 'buy' })
  await settle(client)
  drop = false
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(5), taker_side: 'buy' })
  await settle(client)
  expect(seen.slice(2)).toEqual([
    `lost ${TICKER}: a message was missed`,
    'trade 500000000 at 440000000 buy',
    `snapshot ${TICKER} 2/2`,
  ])
})

test('without a key the public books are read again and again', async () => {
  const lab = kalshiLab()
  lab.bookB()
  const { client } = await live(lab, null)
  const { seen, sink } = recorder()
  const stop = await client.subscribe([instrument], sink)
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(17), taker_side: 'buy' })
  lab.clock.advance(1_000)
  for (let i = 0; i < 50; i++) await Promise.resolve()
  await lab.ask(null, 'GET', '/exchange/status')
  expect(seen).toEqual([`state ${TICKER} open`, `snapshot ${TICKER} 2/2`, `snapshot ${TICKER} 2/1`])
  stop()
})

test('a closing market is told by its date', async () => {
  const lab = kalshiLab()
  const { client } = await live(lab, lab.account('alice'))
  const close_ts = Math.floor(lab.clock.now_ms() / 1_000) + 60
  lab.mock.tell({ name: 'close-date', ticker: TICKER, close_ts })
  const { seen, sink } = recorder()
  await client.subscribe([instrument], sink)
  lab.clock.advance(60_000)
  expect(seen).toContain(`state ${TICKER} closed`)
})
