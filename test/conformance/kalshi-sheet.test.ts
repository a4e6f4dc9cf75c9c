/**
 * The sheet's vectors that need more than a fresh account: positions, own orders, other members, a
 * settlement, rounding, the older era. Signed REST, no client of ours in between.
 */
import { expect, test } from 'vitest'
import { market } from '../../venues/kalshi/instruments.js'
import {
  type Account,
  type Answer,
  kalshiLab,
  type Lab,
  order,
  price,
  TICKER,
  usd,
} from '../support/kalshi.js'

const ORDERS = '/portfolio/events/orders'

interface Scene {
  readonly lab: Lab
  readonly alice: Account
  readonly bob: Account
  create(of: Account, change: object): Promise<Answer>
  /** Dollars as the venue tells them. */
  cash(of: Account): Promise<string>
  position(of: Account): Promise<string | undefined>
}

function scene(options: Parameters<typeof kalshiLab>[0] = {}, booked = true): Scene {
  const lab = kalshiLab(options)
  if (booked) lab.bookB()
  const [alice, bob] = [lab.account('alice'), lab.account('bob')]
  return {
    lab,
    alice,
    bob,
    create: (of, change) => lab.ask(of, 'POST', ORDERS, order(change)),
    cash: async (of) => (await lab.ask(of, 'GET', '/portfolio/balance')).body.balance_dollars,
    position: async (of) =>
      (await lab.ask(of, 'GET', '/portfolio/positions')).body.market_positions[0]?.position_fp,
  }
}

/** Gives an account so many YES (or, negative, NO) at a price, without touching its cash. */
const hold = ({ lab }: Scene, of: Account, contracts: number, at = 0.4): void =>
  lab.mock.admin.setPosition(of.account_id, TICKER, {
    qty_1e8: usd(contracts),
    entry_price_1e9: price(at),
  })

const ask = (change: object = {}) => ({ side: 'ask', price: '0.42', ...change })
const IOC = { time_in_force: 'immediate_or_cancel' }

test('5 a post-only bid rests and fills as maker without a fee', async () => {
  const at = scene()
  const made = await at.create(at.alice, { count: '5', price: '0.43', post_only: true })
  expect(made.body).toMatchObject({ fill_count: '0.00', remaining_count: '5.00' })
  await at.create(at.bob, ask({ count: '5', price: '0.43' }))
  expect(await at.cash(at.alice)).toBe('97.8500')
  const fills = await at.lab.ask(at.alice, 'GET', '/portfolio/fills')
  expect(fills.body.fills).toMatchObject([{ is_taker: false, fee_cost: '0.000000' }])
})

test('5 a maker pays where the series charges makers', async () => {
  const ticker = 'KXETHD-99DEC31-T5000'
  const at = scene({ instruments: [market(ticker)] }, false)
  await at.create(at.alice, { ticker, count: '5', price: '0.43', post_only: true })
  await at.create(at.bob, ask({ ticker, count: '5', price: '0.43' }))
  expect(await at.cash(at.alice)).toBe('97.8285')
})

test('6 a killed FOK has used up its client order id', async () => {
  const at = scene()
  const killed = { count: '18', time_in_force: 'fill_or_kill', client_order_id: 'k' }
  expect((await at.create(at.alice, killed)).status).toBe(409)
  expect((await at.create(at.alice, { client_order_id: 'k' })).body.error.code).toBe(
    'order_already_exists',
  )
  expect(await at.cash(at.alice)).toBe('100.0000')
})

test('10 an ask closes what is held', async () => {
  const at = scene()
  hold(at, at.alice, 10)
  const made = await at.create(at.alice, ask(IOC))
  expect(made.body).toMatchObject({ fill_count: '10.00', remaining_count: '0.00' })
  expect(await at.cash(at.alice)).toBe('104.0294')
  expect(await at.position(at.alice)).toBe('0.00')
})

test('11 an ask closes four and opens six NO', async () => {
  const at = scene()
  hold(at, at.alice, 4)
  await at.create(at.alice, ask(IOC))
  expect(await at.cash(at.alice)).toBe('98.0294')
  expect(await at.position(at.alice)).toBe('-6.00')
})

test('12 a reduce-only IOC is cut to the position', async () => {
  const at = scene()
  hold(at, at.alice, 4)
  const made = await at.create(at.alice, ask({ ...IOC, reduce_only: true }))
  expect(made.body).toMatchObject({ fill_count: '4.00', remaining_count: '0.00' })
  expect(await at.cash(at.alice)).toBe('101.6117')
})

test('16 taker_at_cross stops at an own order first in the queue', async () => {
  const at = scene({}, false)
  await at.create(at.alice, ask({ count: '5', price: '0.44' }))
  at.lab.bookB()
  const made = await at.create(at.alice, {})
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ fill_count: '0.00', remaining_count: '0.00' })
  const resting = await at.lab.ask(at.alice, 'GET', '/portfolio/orders?status=resting')
  expect(resting.body.orders).toMatchObject([{ remaining_count_fp: '5.00', book_side: 'ask' }])
  expect(await at.cash(at.alice)).toBe('100.0000')
})

test('17 taker_at_cross keeps what it filled before the own order', async () => {
  const at = scene({}, false)
  await at.create(at.alice, ask({ count: '5', price: '0.45' }))
  at.lab.bookB()
  const made = await at.create(at.alice, { count: '20', price: '0.45' })
  expect(made.body).toMatchObject({ fill_count: '17.00', remaining_count: '0.00' })
  expect(await at.cash(at.alice)).toBe('92.2267')
})

test('18 maker mode cancels the own order and goes on', async () => {
  const at = scene({}, false)
  const own = await at.create(at.alice, ask({ count: '5', price: '0.44' }))
  at.lab.bookB()
  const made = await at.create(at.alice, { ...IOC, self_trade_prevention_type: 'maker' })
  expect(made.body).toMatchObject({ fill_count: '10.00', remaining_count: '0.00' })
  const after = await at.lab.ask(at.alice, 'GET', `/portfolio/orders/${own.body.order_id}`)
  expect(after.body.order.status).toBe('canceled')
  expect(await at.cash(at.alice)).toBe('95.4275')
})

test('a FOK that meets an own order trades like an IOC', async () => {
  const at = scene({}, false)
  await at.create(at.alice, ask({ count: '5', price: '0.45' }))
  at.lab.bookB()
  const made = await at.create(at.alice, {
    count: '20',
    price: '0.45',
    time_in_force: 'fill_or_kill',
  })
  expect(made.status).toBe(201)
  expect(made.body.fill_count).toBe('17.00')
})

test('19 an amend keeps its place for less and loses it for more; cancel says what it gave up', async () => {
  const at = scene({}, false)
  const made = await at.create(at.alice, { price: '0.40' })
  await at.create(at.bob, { price: '0.40', count: '1' })
  const { order_id } = made.body
  const carol = at.lab.account('carol')
  await at.create(carol, ask({ price: '0.40', count: '3' }))
  const amend = (count: string) =>
    at.lab.ask(at.alice, 'POST', `${ORDERS}/${order_id}/amend`, {
      ticker: TICKER,
      side: 'bid',
      price: '0.40',
      count,
    })
  const queue = async () =>
    (await at.lab.ask(at.alice, 'GET', `/portfolio/orders/${order_id}/queue_position`)).body
  expect((await amend('8')).body).toMatchObject({ remaining_count: '5.00', fill_count: '0.00' })
  expect(await queue()).toEqual({ queue_position_fp: '0.00' })
  expect((await amend('12')).body.remaining_count).toBe('9.00')
  expect(await queue()).toEqual({ queue_position_fp: '1.00' })
  const cancelled = await at.lab.ask(at.alice, 'DELETE', `${ORDERS}/${order_id}`)
  expect(cancelled.body.reduced_by).toBe('9.00')
})

test.each([
  [1, 'yes', 1700, 100, '109.2267'],
  [0, 'no', 0, 0, '92.2267'],
])('20 a market worth %s pays 17 YES', async (value, result, revenue, worth, cash) => {
  const at = scene()
  await at.create(at.alice, { count: '17' })
  at.lab.mock.admin.determine(TICKER, price(value))
  at.lab.clock.advance(299_000)
  expect((await at.lab.ask(at.alice, 'GET', '/portfolio/settlements')).body.settlements).toEqual([])
  at.lab.clock.advance(1_000)
  const { settlements } = (await at.lab.ask(at.alice, 'GET', '/portfolio/settlements')).body
  expect(settlements).toMatchObject([
    { market_result: result, revenue, value: worth, fee_cost: '0.293300', yes_count_fp: '17.00' },
  ])
  expect(await at.cash(at.alice)).toBe(cash)
  expect(await at.position(at.alice)).toBeUndefined()
})

test('a scalar market pays whole cents and shows the rest as a fee', async () => {
  const at = scene()
  await at.create(at.alice, { count: '1.5' })
  at.lab.mock.admin.determine(TICKER, price(0.3333))
  at.lab.mock.admin.settle(TICKER)
  const { settlements } = (await at.lab.ask(at.alice, 'GET', '/portfolio/settlements')).body
  expect(settlements).toMatchObject([{ market_result: 'scalar', revenue: 49, value: 33 }])
  // 1.5 × 0.3333 = 0.49995: 49 cents are paid, 0.99 cents are the fee beside the trade's 0.0259.
  expect(settlements[0].fee_cost).toBe('0.035850')
  expect(await at.cash(at.alice)).toBe('99.8041')
  at.lab.mock.admin.check()
})

const FINE = 'KXFINE-99DEC31-T1'

test.each([
  ['direct', ['0.000597', '0.000597', '0.000597'], '99.9685'],
  ['intermediary', ['0.010097', '0.000097', '0.000097'], '99.9600'],
])('rounds three fills of 0.03 at 0.3301 for a %s member', async (member, feesTold, cash) => {
  const instruments = [market(FINE, 'center_centi_edge_centi_cent')]
  const at = scene({ instruments, switches: { member } }, false)
  for (let i = 0; i < 3; i++) {
    await at.create(at.bob, ask({ ticker: FINE, count: '0.03', price: '0.3301' }))
  }
  await at.create(at.alice, { ticker: FINE, count: '0.09', price: '0.3301' })
  const { fills } = (await at.lab.ask(at.alice, 'GET', '/portfolio/fills')).body
  expect(fills.map(({ fee_cost }: { fee_cost: string }) => fee_cost).reverse()).toEqual(feesTold)
  expect(await at.cash(at.alice)).toBe(cash)
})

test('half a multiplier halves the fee, a waiver takes it away, and a scheduled change comes in time', async () => {
  const at = scene()
  const terms = { fee_type: 'quadratic', multiplier_1e4: 5_000 } as const
  const now_s = Math.floor(at.lab.clock.now_ms() / 1_000)
  at.lab.mock.tell({
    name: 'fee-change',
    series_ticker: 'KXTEST',
    event_ticker: 'KXTEST-99DEC31',
    terms,
    scheduled_ts: now_s + 60,
  })
  const feeNow = async () => {
    await at.create(at.alice, { ...IOC, count: '1' })
    return (await at.lab.ask(at.alice, 'GET', '/portfolio/fills?limit=1')).body.fills[0].fee_cost
  }
  expect(await feeNow()).toBe('0.017300')
  const planned = await at.lab.ask(null, 'GET', '/events/fee_changes')
  expect(planned.body.event_fee_changes).toMatchObject([{ fee_multiplier_override: 0.5 }])
  at.lab.clock.advance(60_000)
  expect(await feeNow()).toBe('0.008700')
  const event = await at.lab.ask(null, 'GET', '/events/KXTEST-99DEC31')
  expect(event.body.event).toMatchObject({ fee_multiplier_override: 0.5 })
  at.lab.mock.tell({ name: 'fee-waiver', ticker: TICKER, until_ts: now_s + 120 })
  expect(await feeNow()).toBe('0.000000')
  at.lab.clock.advance(60_000)
  expect(await feeNow()).toBe('0.008700')
})

const legacy = { switches: { era: 'legacy' } }
const old = (change: object) => ({
  ticker: TICKER,
  side: 'yes',
  action: 'buy',
  client_order_id: 'old',
  count: 200,
  yes_price: 9,
  ...change,
})

test('legacy: 114 at 9 cents of an IOC of 200', async () => {
  const at = scene(legacy, false)
  at.lab.mock.admin.setDepth(TICKER, {
    bids: [],
    asks: [{ price_1e9: price(0.09), qty_1e8: usd(114) }],
  })
  const made = await at.lab.ask(at.alice, 'POST', '/portfolio/orders', old(IOC))
  expect(made.status).toBe(201)
  expect(made.body.order).toMatchObject({
    status: 'canceled',
    fill_count: 114,
    remaining_count: 0,
    initial_count: 200,
    taker_fill_cost: 1026,
    taker_fees: 66,
    taker_fees_dollars: '0.6600',
    maker_fill_cost_dollars: '',
  })
})

test('legacy: a sell at 1 cent meets the bid at 8', async () => {
  const at = scene(legacy, false)
  hold(at, at.alice, 1)
  at.lab.mock.admin.setDepth(TICKER, {
    bids: [{ price_1e9: price(0.08), qty_1e8: usd(10) }],
    asks: [],
  })
  const sell = old({ action: 'sell', count: 1, yes_price: 1 })
  const made = await at.lab.ask(at.alice, 'POST', '/portfolio/orders', sell)
  expect(made.body.order).toMatchObject({
    status: 'executed',
    side: 'yes',
    action: 'sell',
    taker_fill_cost: 92,
    taker_fees: 1,
  })
})

test('legacy: orders live under their own paths, in cents', async () => {
  const at = scene(legacy)
  const post = (path: string, body: object) => at.lab.ask(at.alice, 'POST', path, body)
  const made = await post(
    '/portfolio/orders',
    old({ side: 'no', count: 10, yes_price: undefined, no_price: 57 }),
  )
  expect(made.body.order).toMatchObject({
    side: 'no',
    action: 'buy',
    no_price: 57,
    yes_price: 43,
    status: 'resting',
    remaining_count: 10,
    queue_position: 0,
  })
  const path = `/portfolio/orders/${made.body.order.order_id}`
  const amended = await post(`${path}/amend`, {
    ...old({ side: 'no', count: 8, yes_price: undefined, no_price: 57 }),
    updated_client_order_id: 'new',
  })
  expect(amended.body).toMatchObject({
    old_order: { remaining_count: 10, client_order_id: 'old' },
    order: { remaining_count: 8 },
  })
  const decreased = await post(`${path}/decrease`, { reduce_by: 3 })
  expect(decreased.body.order.remaining_count).toBe(5)
  const cancelled = await at.lab.ask(at.alice, 'DELETE', path)
  expect(cancelled.body).toMatchObject({ reduced_by: 5, order: { status: 'canceled' } })
  const batch = await post('/portfolio/orders/batched', {
    orders: [
      old({ client_order_id: 'b1', yes_price: 30, count: 1 }),
      old({ client_order_id: 'b1' }),
    ],
  })
  expect(batch.body.orders).toMatchObject([
    { error: null, order: { yes_price: 30 } },
    { error: { code: 'order_already_exists' }, order: null },
  ])
  const ids = [batch.body.orders[0].order.order_id]
  const gone = await at.lab.ask(at.alice, 'DELETE', '/portfolio/orders/batched', { ids })
  expect(gone.body.orders).toMatchObject([{ reduced_by: 1, error: null }])
  const book = await at.lab.ask(null, 'GET', `/markets/${TICKER}/orderbook`)
  expect(book.body.orderbook.yes).toEqual([
    [41, 10],
    [42, 13],
  ])
  const shown = await at.lab.ask(null, 'GET', `/markets/${TICKER}`)
  expect(shown.body.market).toMatchObject({
    yes_bid: 42,
    yes_ask: 44,
    response_price_units: 'usd_cent',
  })
})

test.each([
  ['POST', '/portfolio/orders', 'create-order-v2'],
  ['DELETE', '/portfolio/orders/x', 'cancel-order-v2'],
  ['POST', '/portfolio/orders/x/amend', 'amend-order-v2'],
  ['POST', '/portfolio/orders/x/decrease', 'decrease-order-v2'],
  ['POST', '/portfolio/orders/batched', 'batch-create-orders-v2'],
  ['DELETE', '/portfolio/orders/batched', 'batch-cancel-orders-v2'],
])('today %s %s is gone', async (method, path, page) => {
  const at = scene()
  const answer = await at.lab.ask(at.alice, method, path, {})
  expect(answer.status).toBe(410)
  expect(answer.body.error.details).toBe(`https://docs.kalshi.com/api-reference/orders/${page}`)
})
