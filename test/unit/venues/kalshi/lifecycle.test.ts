/** Life cycle: what dates, pauses, disputes, groups and a cancel-all do to markets and orders. */
import { expect, test } from 'vitest'
import { manualClock } from '../../../../src/world/clock.js'
import { seededWorld } from '../../../../src/world/seeded.js'
import { kalshiMock } from '../../../../venues/kalshi/mock.js'
import {
  type Account,
  kalshiLab,
  type Lab,
  order,
  price,
  TICKER,
  usd,
} from '../../../support/kalshi.js'

const ORDERS = '/portfolio/events/orders'
const OTHER = 'KXTEST-99DEC31-T70'

const create = (lab: Lab, of: Account, change: object = {}) =>
  lab.ask(of, 'POST', ORDERS, order(change))
const statusOf = async (lab: Lab, ticker = TICKER): Promise<string> =>
  (await lab.ask(null, 'GET', `/markets/${ticker}`)).body.market.status
const orderStatus = async (lab: Lab, of: Account, id: string): Promise<string> =>
  (await lab.ask(of, 'GET', `/portfolio/orders/${id}`)).body.order.status
const seconds = (lab: Lab): number => Math.floor(lab.clock.now_ms() / 1_000)

function booked(options: Parameters<typeof kalshiLab>[0] = {}) {
  const lab = kalshiLab(options)
  lab.bookB()
  return { lab, alice: lab.account('alice') }
}

test('a market opens and closes by its dates, and its orders go with it', async () => {
  const { lab, alice } = booked()
  const [open_ts, close_ts] = [seconds(lab) + 60, seconds(lab) + 120]
  lab.mock.tell({ name: 'describe', ticker: OTHER, info: { open_ts, close_ts } })
  expect(await statusOf(lab, OTHER)).toBe('initialized')
  expect((await create(lab, alice, { ticker: OTHER })).body.error.code).toBe('market_inactive')
  lab.clock.advance(60_000)
  expect(await statusOf(lab, OTHER)).toBe('active')
  const made = await create(lab, alice, { ticker: OTHER })
  lab.clock.advance(60_000)
  expect(await statusOf(lab, OTHER)).toBe('closed')
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('canceled')
  expect((await lab.ask(alice, 'GET', '/portfolio/balance')).body.balance).toBe(10_000)
})

test('an explicit activation pulls every resting order', async () => {
  const { lab, alice } = booked()
  const made = await create(lab, alice, { price: '0.40' })
  lab.mock.admin.setMarketState(TICKER, 'paused')
  expect(await statusOf(lab)).toBe('inactive')
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('resting')
  lab.mock.admin.setMarketState(TICKER, 'open')
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('canceled')
  expect(lab.mock.admin.depth(TICKER)).toEqual({ bids: [], asks: [] })
})

test('an inactive market lets its orders go, and takes no new ones', async () => {
  const { lab, alice } = booked()
  const made = await create(lab, alice, { price: '0.40' })
  lab.mock.admin.setMarketState(TICKER, 'paused')
  const path = `${ORDERS}/${made.body.order_id}`
  const change = { ticker: TICKER, side: 'bid', price: '0.41', count: '10' }
  expect((await lab.ask(alice, 'POST', `${path}/amend`, change)).body.error.code).toBe(
    'market_inactive',
  )
  expect((await lab.ask(alice, 'DELETE', path)).body.reduced_by).toBe('10.00')
})

test('a pause stops placing, and cancels what asked for it', async () => {
  const { lab, alice } = booked()
  const stays = await create(lab, alice, { price: '0.40', count: '1' })
  const goes = await create(lab, alice, { price: '0.40', count: '1', cancel_order_on_pause: true })
  lab.mock.tell({ name: 'pause', venue: 'trading-paused' })
  expect((await lab.ask(null, 'GET', '/exchange/status')).body).toMatchObject({
    exchange_active: true,
    trading_active: false,
  })
  expect(await orderStatus(lab, alice, stays.body.order_id)).toBe('resting')
  expect(await orderStatus(lab, alice, goes.body.order_id)).toBe('canceled')
  lab.mock.tell({ name: 'pause', venue: 'exchange-paused' })
  expect((await lab.ask(null, 'GET', '/exchange/status')).status).toBe(503)
  lab.mock.tell({ name: 'pause', venue: 'open' })
  expect((await lab.ask(alice, 'DELETE', `${ORDERS}/${stays.body.order_id}`)).status).toBe(200)
})

test('a dispute holds the payout, an amendment starts its timer again', async () => {
  const { lab, alice } = booked()
  await create(lab, alice, { count: '17' })
  lab.mock.admin.determine(TICKER, price(1))
  lab.mock.tell({ name: 'stage', ticker: TICKER, stage: 'disputed' })
  lab.clock.advance(1_000_000)
  expect(await statusOf(lab)).toBe('disputed')
  lab.mock.tell({ name: 'stage', ticker: TICKER, stage: 'amended' })
  lab.clock.advance(299_000)
  expect(await statusOf(lab)).toBe('amended')
  lab.clock.advance(1_000)
  expect(await statusOf(lab)).toBe('finalized')
  expect((await lab.ask(alice, 'GET', '/portfolio/balance')).body.balance_dollars).toBe('109.2267')
})

test('a determination ends trading and pulls what rests', async () => {
  const { lab, alice } = booked()
  const made = await create(lab, alice, { price: '0.40' })
  lab.mock.admin.determine(TICKER, price(0))
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('canceled')
  expect((await create(lab, alice)).body.error.code).toBe('market_inactive')
  const { market } = (await lab.ask(null, 'GET', `/markets/${TICKER}`)).body
  expect(market).toMatchObject({ result: 'no', settlement_value_dollars: '0.0000' })
})

test('a finer grid keeps resting orders and takes finer prices', async () => {
  const { lab, alice } = booked()
  const made = await create(lab, alice, { price: '0.40' })
  expect((await create(lab, alice, { price: '0.405' })).status).toBe(400)
  const bands = [{ from_1e9: 1_000_000n, to_1e9: 999_000_000n, step_1e9: 1_000_000n }]
  lab.mock.admin.setPriceBands(TICKER, bands)
  expect((await create(lab, alice, { price: '0.405' })).status).toBe(201)
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('resting')
  const { market } = (await lab.ask(null, 'GET', `/markets/${TICKER}`)).body
  expect(market).toMatchObject({
    price_level_structure: 'deci_cent',
    price_ranges: [{ start: '0.0000', end: '1.0000', step: '0.0010' }],
  })
})

test('a group forgets fills after fifteen seconds, and triggers strictly above its limit', async () => {
  const { lab, alice } = booked()
  const group = await lab.ask(alice, 'POST', '/portfolio/order_groups/create', {
    contracts_limit_fp: '5.00',
  })
  const { order_group_id } = group.body
  const resting = await create(lab, alice, { price: '0.40', order_group_id })
  const take = (count: string) => create(lab, alice, { count, order_group_id })
  expect((await take('5')).status).toBe(201)
  lab.clock.advance(15_000)
  expect((await take('5')).status).toBe(201)
  expect(await orderStatus(lab, alice, resting.body.order_id)).toBe('resting')
  await take('0.01')
  expect(await orderStatus(lab, alice, resting.body.order_id)).toBe('canceled')
  expect((await take('1')).body.error.code).toBe('exceeded_order_group_risk_limit')
  await lab.ask(alice, 'PUT', `/portfolio/order_groups/${order_group_id}/reset`)
  expect((await take('1')).status).toBe(201)
})

test('lowering a limit below what filled triggers a group, deleting it pulls its orders', async () => {
  const { lab, alice } = booked()
  const make = async () =>
    (await lab.ask(alice, 'POST', '/portfolio/order_groups/create', { contracts_limit: 5 })).body
      .order_group_id as string
  const first = await make()
  await create(lab, alice, { count: '3', order_group_id: first })
  await lab.ask(alice, 'PUT', `/portfolio/order_groups/${first}/limit`, { contracts_limit: 2 })
  expect((await create(lab, alice, { order_group_id: first })).status).toBe(400)
  const second = await make()
  const made = await create(lab, alice, { price: '0.40', order_group_id: second })
  await lab.ask(alice, 'DELETE', `/portfolio/order_groups/${second}`)
  expect(await orderStatus(lab, alice, made.body.order_id)).toBe('canceled')
  expect((await create(lab, alice, { order_group_id: second })).body.error.code).toBe(
    'order_group_not_found',
  )
})

test.each([
  [{}, 'missing_parameters'],
  [{ contracts_limit: 0 }, 'invalid_parameters'],
  [{ contracts_limit: 1_000_001 }, 'invalid_parameters'],
  [{ contracts_limit: 5, contracts_limit_fp: '6.00' }, 'invalid_parameters'],
])('a group with the limit %j is refused as %s', async (body, code) => {
  const { lab, alice } = booked()
  const answer = await lab.ask(alice, 'POST', '/portfolio/order_groups/create', body)
  expect(answer.body.error.code).toBe(code)
})

test('a cancel-all also pulls what comes to rest during the next minute', async () => {
  const { lab, alice } = booked()
  await create(lab, alice, { price: '0.40' })
  await lab.ask(alice, 'DELETE', ORDERS)
  const during = await create(lab, alice, { price: '0.40' })
  expect(await orderStatus(lab, alice, during.body.order_id)).toBe('canceled')
  lab.clock.advance(60_000)
  const after = await create(lab, alice, { price: '0.40' })
  expect(await orderStatus(lab, alice, after.body.order_id)).toBe('resting')
})

test('a cancel-all of one subaccount leaves the others alone, now and during its minute', async () => {
  const { lab, alice } = booked()
  await lab.ask(alice, 'POST', '/portfolio/subaccounts')
  await lab.ask(alice, 'POST', '/portfolio/subaccounts/transfer', {
    client_transfer_id: 't',
    from_subaccount: 0,
    to_subaccount: 1,
    amount_cents: 1_000,
  })
  const rests = async (subaccount: number) =>
    (await create(lab, alice, { price: '0.40', count: '1', subaccount })).body.order_id as string
  const [main, sub] = [await rests(0), await rests(1)]
  await lab.ask(alice, 'DELETE', `${ORDERS}?subaccount=1`)
  const [mainDuring, subDuring] = [await rests(0), await rests(1)]
  expect(await orderStatus(lab, alice, main)).toBe('resting')
  expect(await orderStatus(lab, alice, sub)).toBe('canceled')
  expect(await orderStatus(lab, alice, mainDuring)).toBe('resting')
  expect(await orderStatus(lab, alice, subDuring)).toBe('canceled')
})

test('a key bound to a subaccount sees and moves that one only', async () => {
  const { lab, alice } = booked()
  await lab.ask(alice, 'POST', '/portfolio/subaccounts')
  await lab.ask(alice, 'POST', '/portfolio/subaccounts/transfer', {
    client_transfer_id: 't',
    from_subaccount: 0,
    to_subaccount: 1,
    amount_cents: 1_000,
  })
  const made = await lab.ask(alice, 'POST', '/api_keys', {
    name: 'bound',
    public_key: lab.publicKey(alice),
    subaccount: 1,
  })
  const bound = { ...alice, key_id: made.body.api_key_id as string }
  expect((await lab.ask(bound, 'GET', '/portfolio/balance')).body.balance).toBe(1_000)
  expect((await create(lab, bound)).status).toBe(403)
  expect((await create(lab, bound, { subaccount: 1, count: '1' })).status).toBe(201)
  const batch = await lab.ask(bound, 'POST', `${ORDERS}/batched`, {
    orders: [order({ subaccount: 1, count: '1' }), order({ count: '1' })],
  })
  expect([batch.status, batch.body.error.code]).toEqual([403, 'permission_denied'])
  expect((await lab.ask(alice, 'GET', '/portfolio/orders')).body.orders).toHaveLength(1)
  expect((await lab.ask(alice, 'GET', '/api_keys')).body.api_keys).toHaveLength(2)
})

test('a tier fills its bucket with time, and a batch must fit as a whole', async () => {
  const { lab, alice } = booked({ switches: { rate_limit_tier: 'basic' } })
  const batch = (n: number) =>
    lab.ask(alice, 'POST', `${ORDERS}/batched`, {
      orders: Array.from({ length: n }, () => order({ price: '0.40', count: '1' })),
    })
  expect((await batch(11)).body).toEqual({ error: 'too many requests' })
  expect((await batch(10)).status).toBe(201)
  expect((await create(lab, alice)).status).toBe(429)
  lab.clock.advance(100)
  expect((await create(lab, alice, { price: '0.40', count: '1' })).status).toBe(201)
  expect((await lab.ask(alice, 'GET', '/account/limits')).body).toMatchObject({
    usage_tier: 'basic',
    read: { refill_rate: 200, bucket_capacity: 400 },
    write: { refill_rate: 100, bucket_capacity: 100 },
  })
})

test('markets are filtered by status and time, and wrong combinations are refused', async () => {
  const { lab } = booked()
  lab.mock.admin.setMarketState(OTHER, 'closed')
  const list = async (query: string) => (await lab.ask(null, 'GET', `/markets?${query}`)).body
  const tickers = async (query: string) =>
    (await list(query)).markets.map(({ ticker }: { ticker: string }) => ticker)
  expect(await tickers('status=closed')).toEqual([OTHER])
  expect(await tickers('status=open&series_ticker=KXTEST')).toEqual([TICKER])
  expect(await tickers('event_ticker=KXTEST-99DEC31')).toEqual([TICKER, OTHER])
  expect(await tickers(`tickers=${OTHER},KXNONE-1`)).toEqual([OTHER])
  expect(await tickers(`max_close_ts=${seconds(lab) + 1}`)).toEqual([OTHER])
  const updated = 'min_updated_ts=1&mve_filter=exclude&series_ticker=KXTEST'
  expect(await tickers(updated)).toEqual([TICKER, OTHER])
  for (const query of [
    'status=nothing',
    'limit=1001',
    'limit=abc',
    'min_close_ts=1&min_created_ts=1',
    'status=open&min_close_ts=1',
    'status=closed&min_updated_ts=1',
    'min_updated_ts=1&series_ticker=KXTEST',
    'min_updated_ts=1&mve_filter=only',
  ]) {
    expect(await list(query), query).toEqual({ msg: expect.any(String) })
  }
})

test('series answer by when they were updated last', async () => {
  const { lab } = booked()
  const list = async (min_updated_ts: number) =>
    (await lab.ask(null, 'GET', `/series?min_updated_ts=${min_updated_ts}`)).body.series
  const updated = Date.parse((await list(0))[0].last_updated_ts) / 1_000
  expect(await list(updated)).toEqual(await list(0))
  expect(await list(updated + 1)).toEqual([])
})

test('the archive is empty, so that nothing live is counted twice', async () => {
  const { lab, alice } = booked()
  await create(lab, alice)
  const read = async (path: string) => lab.ask(alice, 'GET', `/historical/${path}`)
  for (const name of ['markets', 'trades', 'fills', 'orders']) {
    expect((await read(name)).body).toEqual({ [name]: [], cursor: '' })
    expect((await read(`${name}?limit=1001`)).body).toEqual({ msg: expect.any(String) })
  }
  const nothing = { cursor: '', market_positions: [], event_positions: [] }
  expect((await read('positions')).body).toEqual(nothing)
  expect((await read('positions?limit=-1')).body).toEqual({ msg: expect.any(String) })
  expect((await read(`markets/${TICKER}`)).status).toBe(404)
  expect((await read(`markets/${TICKER}/candlesticks`)).status).toBe(404)
  expect((await read('cutoff')).body.orders_updated_ts).toBe('1970-01-01T00:00:00Z')
})

test('an event answers the candlesticks of all its markets', async () => {
  const { lab } = booked()
  lab.mock.admin.print(TICKER, {
    price_1e9: price(0.43),
    qty_1e8: usd(1),
    taker_side: 'buy',
  })
  lab.clock.advance(60_000)
  const [from, to] = [seconds(lab) - 600, seconds(lab)]
  const span = `start_ts=${from}&end_ts=${to}&period_interval=1`
  const path = `/series/KXTEST/events/KXTEST-99DEC31/candlesticks`
  const { body } = await lab.ask(null, 'GET', `${path}?${span}`)
  expect(body.market_tickers).toEqual([TICKER, OTHER])
  expect(body.adjusted_end_ts).toBe(to)
  const one = await lab.ask(null, 'GET', `/series/KXTEST/markets/${TICKER}/candlesticks?${span}`)
  expect(body.market_candlesticks[0]).toEqual(one.body.candlesticks)
  expect(body.market_candlesticks[0].at(-1).price.close_dollars).toBe('0.4300')
  const none = '/series/KXTEST/events/KXNONE/candlesticks'
  expect((await lab.ask(null, 'GET', `${none}?${span}`)).status).toBe(404)
  expect((await lab.ask(null, 'GET', path)).body).toEqual({
    msg: 'Query argument start_ts is required, but not found',
  })
})

test('candlesticks begin with the state before, when asked', async () => {
  const { lab } = booked()
  const print = (dollars: number) =>
    lab.mock.admin.print(TICKER, { price_1e9: price(dollars), qty_1e8: usd(1), taker_side: 'buy' })
  print(0.43)
  lab.clock.advance(120_000)
  const start = seconds(lab)
  print(0.44)
  lab.clock.advance(120_000)
  const path = `/series/KXTEST/markets/${TICKER}/candlesticks`
  const query = `start_ts=${start}&end_ts=${seconds(lab)}&period_interval=1`
  const plain = (await lab.ask(null, 'GET', `${path}?${query}`)).body.candlesticks
  expect(plain).toMatchObject([
    { volume_fp: '1.00', price: { close_dollars: '0.4400', previous_dollars: '0.4300' } },
  ])
  const wide = await lab.ask(null, 'GET', `${path}?${query}&include_latest_before_start=true`)
  expect(wide.body.candlesticks[0]).toMatchObject({
    end_period_ts: start,
    price: { previous_dollars: '0.4300' },
    volume_fp: '0.00',
  })
  expect((await lab.ask(null, 'GET', path)).body).toEqual({
    msg: 'Query argument start_ts is required, but not found',
  })
})

test('net balances leave out what rests', async () => {
  const { lab, alice } = booked({ switches: { balance: 'net' } })
  await create(lab, alice, { price: '0.40' })
  expect((await lab.ask(alice, 'GET', '/portfolio/balance')).body.balance).toBe(9_600)
})

test('a journal brings back groups, fee changes, settlements and used ids', async () => {
  const lines: string[] = []
  const journal = {
    append: async (more: readonly string[]) => {
      lines.push(...more)
    },
    snapshot: async () => undefined,
    load: async () => ({ snapshot: null, lines: [...lines] }),
  }
  const make = () => kalshiMock({ world: seededWorld({ seed: 1, clock: manualClock() }), journal })
  const mock = make()
  await mock.recover()
  const { account_id } = mock.admin.openAccount({ label: 'alice' })
  mock.admin.setBalance(account_id, 'USD', usd(100))
  mock.tell({ name: 'group-create', member: account_id, account_id, limit_lots: 500 })
  mock.tell({ name: 'fee-waiver', ticker: TICKER, until_ts: 1_900_000_000 })
  mock.admin.setPosition(account_id, TICKER, { qty_1e8: usd(5), entry_price_1e9: price(0.4) })
  mock.admin.determine(TICKER, price(1))
  mock.admin.settle(TICKER)
  const bytes = mock.admin.snapshot()
  const again = make()
  await again.recover()
  expect(Buffer.from(again.admin.snapshot()).equals(bytes)).toBe(true)
  again.admin.check()
})

test('a switch that does not exist, or a wrong value, is named', () => {
  expect(() => kalshiLab({ switches: { erra: 'legacy' } })).toThrow('kalshi has no switch erra')
  expect(() => kalshiLab({ switches: { era: 'stone' } })).toThrow('it takes v2 or legacy')
  expect(() => kalshiLab({ switches: { rate_limit_tier: 'gold' } })).toThrow('basic')
  expect(() => kalshiLab({ switches: { auth_past_ms: -1 } })).toThrow('milliseconds')
})
