/** The official client kalshi-typescript, unmodified, over real sockets; and a plain `ws` for the feed. */
import axios, { type AxiosError } from 'axios'
import {
  AccountApi,
  Configuration,
  EventsApi,
  ExchangeApi,
  MarketApi,
  OrderGroupsApi,
  OrdersApi,
  PortfolioApi,
} from 'kalshi-typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { wallClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { type KalshiMock, kalshiMock } from '../../../venues/kalshi/mock.js'
import { type Account, BASE, price, signature, TICKER, usd } from '../../support/kalshi.js'
import { type ServedVenue, serveVenue } from '../../support/serve-venue.js'

let mock: KalshiMock
let served: ServedVenue

beforeAll(async () => {
  const world = seededWorld({ seed: 7, clock: wallClock() })
  mock = kalshiMock({ world, switches: { rate_limit_tier: 'off' } })
  served = await serveVenue(mock)
})
afterAll(() => served.close())

function account(label: string, cash = 100): Account {
  const { account_id, credentials } = mock.admin.openAccount({ label })
  mock.admin.setBalance(account_id, 'USD', usd(cash))
  return {
    account_id,
    key_id: credentials.key_id ?? '',
    private_key_pem: credentials.private_key_pem ?? '',
  }
}

/** One axios per account: the client adds its signature to whatever instance it is given. */
function sdk(of: Account | null) {
  const configuration = new Configuration({
    basePath: `${served.url}${BASE}`,
    ...(of === null ? {} : { apiKey: of.key_id, privateKeyPem: of.private_key_pem }),
  })
  const own = axios.create()
  // Its typings come from another module format of axios; the object is the same.
  const make = <T>(Api: new (c: Configuration, base: undefined, axios: never) => T): T =>
    new Api(configuration, undefined, own as never)
  return {
    exchange: make(ExchangeApi),
    market: make(MarketApi),
    events: make(EventsApi),
    orders: make(OrdersApi),
    portfolio: make(PortfolioApi),
    groups: make(OrderGroupsApi),
    account: make(AccountApi),
  }
}

const level = (dollars: number, contracts: number) => ({
  price_1e9: price(dollars),
  qty_1e8: usd(contracts),
})

function bookB(ticker = TICKER): void {
  mock.admin.setDepth(ticker, {
    bids: [level(0.42, 13), level(0.41, 10)],
    asks: [level(0.44, 17), level(0.45, 20)],
  })
}

const bid = (change: object = {}) => ({
  ticker: TICKER,
  side: 'bid' as const,
  count: '10.00',
  price: '0.4400',
  time_in_force: 'good_till_canceled' as const,
  self_trade_prevention_type: 'taker_at_cross' as const,
  ...change,
})

/** Status and body a call failed with. */
async function failure(call: Promise<unknown>): Promise<{ status: number; body: unknown }> {
  try {
    await call
  } catch (error) {
    const { response } = error as AxiosError
    return { status: response?.status ?? 0, body: response?.data }
  }
  throw new Error('the call succeeded')
}

const said = (code: string, details?: string) => ({
  error: {
    code,
    message: code.replaceAll('_', ' '),
    ...(details === undefined ? {} : { details }),
  },
})

describe('market data', () => {
  test('reads status, schedule, series, events and markets without a key', async () => {
    bookB()
    const { exchange, market, events } = sdk(null)
    expect((await exchange.getExchangeStatus()).data).toMatchObject({ trading_active: true })
    expect((await exchange.getExchangeSchedule()).data.schedule.standard_hours).toHaveLength(1)
    expect((await exchange.getUserDataTimestamp()).data.as_of_time).toMatch(/Z$/)
    expect((await exchange.getSeriesFeeChanges()).data.series_fee_change_arr).toEqual([])
    const { series } = (await market.getSeriesList()).data
    expect(series.map(({ ticker }) => ticker)).toContain('KXTEST')
    expect((await market.getSeries('KXETHD')).data.series).toMatchObject({
      fee_type: 'quadratic_with_maker_fees',
      fee_multiplier: 1,
    })
    const listed = (await events.getEvents(200, undefined, true)).data
    const event = listed.events.find(({ event_ticker }) => event_ticker === 'KXTEST-99DEC31')
    expect(event?.markets?.map(({ ticker }) => ticker)).toEqual([TICKER, 'KXTEST-99DEC31-T70'])
    expect((await events.getEvent('KXTEST-99DEC31')).data.markets).toHaveLength(2)
    expect((await events.getEventMetadata('KXTEST-99DEC31')).data.market_details).toHaveLength(2)
    expect((await market.getMarket(TICKER)).data.market).toMatchObject({
      status: 'active',
      yes_bid_dollars: '0.4200',
      yes_bid_size_fp: '13.00',
      yes_ask_dollars: '0.4400',
      no_bid_dollars: '0.5600',
      price_level_structure: 'linear_cent',
      price_ranges: [{ start: '0.0000', end: '1.0000', step: '0.0100' }],
    })
    const page = (await market.getMarkets(1)).data
    expect(page.markets).toHaveLength(1)
    expect((await market.getMarkets(100, page.cursor)).data.markets).toHaveLength(3)
  })

  test('reads books, with depth and many at once', async () => {
    bookB()
    const { market } = sdk(null)
    expect((await market.getMarketOrderbook(TICKER)).data.orderbook_fp).toEqual({
      yes_dollars: [
        ['0.4100', '10.00'],
        ['0.4200', '13.00'],
      ],
      no_dollars: [
        ['0.5500', '20.00'],
        ['0.5600', '17.00'],
      ],
    })
    expect((await market.getMarketOrderbook(TICKER, 1)).data.orderbook_fp).toEqual({
      yes_dollars: [['0.4200', '13.00']],
      no_dollars: [['0.5600', '17.00']],
    })
    const both = (await market.getMarketOrderbooks([TICKER, 'KXTEST-99DEC31-T70'])).data
    expect(both.orderbooks.map(({ ticker }) => ticker)).toEqual([TICKER, 'KXTEST-99DEC31-T70'])
  })

  test('reads trades and candlesticks of what really traded', async () => {
    const ticker = 'KXBTCD-99DEC31-T100000'
    mock.admin.setDepth(ticker, { bids: [level(0.055, 5)], asks: [level(0.06, 5)] })
    mock.admin.print(ticker, { price_1e9: price(0.06), qty_1e8: usd(3), taker_side: 'buy' })
    const { market } = sdk(null)
    const [trade] = (await market.getTrades(10, undefined, ticker)).data.trades
    expect(trade).toMatchObject({
      ticker,
      count_fp: '3.00',
      yes_price_dollars: '0.0600',
      no_price_dollars: '0.9400',
      taker_outcome_side: 'yes',
      taker_book_side: 'bid',
    })
    const now = Math.floor(Date.now() / 1000)
    const candles = (await market.getMarketCandlesticks('KXBTCD', ticker, now - 60, now + 120, 1))
      .data
    expect(candles.candlesticks.at(-1)).toMatchObject({
      volume_fp: '3.00',
      price: { close_dollars: '0.0600', mean_dollars: '0.0600' },
      yes_bid: { close_dollars: '0.0550' },
    })
    const many = await market.batchGetMarketCandlesticks(
      `${ticker},${TICKER}`,
      now - 60,
      now + 120,
      1,
    )
    expect(many.data.markets[0]?.market_ticker).toBe(ticker)
    const event = await sdk(null).events.getMarketCandlesticksByEvent(
      'KXBTCD-99DEC31',
      'KXBTCD',
      now - 60,
      now + 120,
      1,
    )
    expect(event.data.market_tickers).toEqual([ticker])
    expect(event.data.market_candlesticks[0]).toEqual(candles.candlesticks)
  })

  test('answers 404 in its own words, and 301 to a trailing slash', async () => {
    const { market } = sdk(null)
    expect(await failure(market.getMarket('KXNONE-1'))).toEqual({
      status: 404,
      body: said('not_found'),
    })
    const slash = await fetch(`${served.url}${BASE}/markets/${TICKER}/`, { redirect: 'manual' })
    expect([slash.status, slash.headers.get('location')]).toEqual([
      301,
      `${BASE}/markets/${TICKER}`,
    ])
  })
})

describe('orders', () => {
  test('creates, reads, amends, decreases and cancels', async () => {
    bookB()
    const alice = account('alice')
    const { orders, portfolio } = sdk(alice)
    const made = await orders.createOrderV2(bid({ count: '20', client_order_id: 'alice-1' }))
    expect(made.status).toBe(201)
    expect(made.data).toMatchObject({
      client_order_id: 'alice-1',
      fill_count: '17.00',
      remaining_count: '3.00',
      average_fill_price: '0.4400',
      average_fee_paid: '0.0173',
    })
    const { order_id } = made.data
    const { order } = (await orders.getOrder(order_id)).data
    expect(order).toMatchObject({
      status: 'resting',
      outcome_side: 'yes',
      book_side: 'bid',
      fill_count_fp: '17.00',
      remaining_count_fp: '3.00',
      initial_count_fp: '20.00',
      taker_fill_cost_dollars: '7.480000',
      taker_fees_dollars: '0.293300',
    })
    expect((await orders.getOrderQueuePosition(order_id)).data.queue_position_fp).toBe('0.00')
    expect((await orders.getOrderQueuePositions(TICKER)).data.queue_positions).toHaveLength(1)
    expect((await portfolio.getBalance()).data).toMatchObject({
      balance: 9222,
      balance_dollars: '92.2267',
    })
    const amended = await orders.amendOrderV2(order_id, {
      ticker: TICKER,
      side: 'bid',
      price: '0.4300',
      count: '25.00',
    })
    expect(amended.data).toMatchObject({
      remaining_count: '8.00',
      fill_count: '0.00',
      average_fill_price: null,
      average_fee_paid: null,
    })
    const decreased = await orders.decreaseOrderV2(order_id, { reduce_by: '3.00' })
    expect(decreased.data.remaining_count).toBe('5.00')
    const cancelled = await orders.cancelOrderV2(order_id)
    expect(cancelled.data).toMatchObject({ order_id, reduced_by: '5.00' })
    expect((await orders.getOrder(order_id)).data.order).toMatchObject({
      status: 'canceled',
      remaining_count_fp: '0.00',
    })
    expect(
      (await orders.getOrders(TICKER, undefined, undefined, undefined, 'canceled')).data.orders,
    ).toHaveLength(1)
    expect((await portfolio.getFills(TICKER)).data.fills).toMatchObject([
      { order_id, count_fp: '17.00', fee_cost: '0.293300', is_taker: true },
    ])
    expect((await portfolio.getPositions()).data).toMatchObject({
      market_positions: [{ ticker: TICKER, position_fp: '17.00', fees_paid_dollars: '0.293300' }],
      event_positions: [{ event_ticker: 'KXTEST-99DEC31', event_exposure_dollars: '7.480000' }],
    })
  })

  test('batches items independently, and reads the body of a DELETE', async () => {
    bookB()
    const { orders } = sdk(account('bob'))
    const made = await orders.batchCreateOrdersV2({
      orders: [
        bid({ price: '0.40', client_order_id: 'a' }),
        bid({ post_only: true, client_order_id: 'b' }),
      ],
    })
    expect(made.status).toBe(201)
    expect(made.data.orders).toMatchObject([
      { client_order_id: 'a', remaining_count: '10.00', average_fill_price: null },
      {
        client_order_id: 'b',
        fill_count: null,
        error: { code: 'invalid_order', message: 'invalid order', details: 'post only cross' },
      },
    ])
    const order_id = made.data.orders[0]?.order_id ?? ''
    const cancelled = await orders.batchCancelOrdersV2({
      orders: [{ order_id }, { order_id: '00000000-0000-4000-8000-000000000000' }],
    })
    expect(cancelled.data.orders).toMatchObject([
      { order_id, reduced_by: '10.00' },
      { reduced_by: '0.00', error: { code: 'not_found', message: 'not found', details: '' } },
    ])
    await orders.createOrderV2(bid({ price: '0.40' }))
    expect((await orders.cancelAllOrders()).status).toBe(200)
    expect(
      (await orders.getOrders(undefined, undefined, undefined, undefined, 'resting')).data.orders,
    ).toEqual([])
  })

  test('refuses in its own status, body and words', async () => {
    bookB()
    const { orders } = sdk(account('carol'))
    const create = (change: object) => failure(orders.createOrderV2(bid(change)))
    expect(await create({ price: '0.4450' })).toEqual({ status: 400, body: said('invalid_price') })
    expect(await create({ post_only: true })).toEqual({
      status: 400,
      body: said('invalid_order', 'post only cross'),
    })
    expect(
      await create({ count: '18', time_in_force: 'fill_or_kill', client_order_id: 'c' }),
    ).toEqual({ status: 409, body: said('fill_or_kill_insufficient_resting_volume') })
    expect(await create({ client_order_id: 'c' })).toEqual({
      status: 409,
      body: said('order_already_exists'),
    })
    expect(await create({ count: '1000' })).toEqual({
      status: 400,
      body: said('insufficient_balance'),
    })
    expect(await create({ count: 10 })).toMatchObject({
      status: 400,
      body: { code: 'bad_request', message: 'bad request' },
    })
    mock.admin.setMarketState('KXTEST-99DEC31-T70', 'closed')
    expect(await create({ ticker: 'KXTEST-99DEC31-T70' })).toEqual({
      status: 409,
      body: said('market_inactive'),
    })
  })

  test('refuses strangers, other keys and stale clocks', async () => {
    const dave = account('dave')
    const eve = account('eve')
    expect(await failure(sdk(null).portfolio.getBalance())).toEqual({
      status: 401,
      body: said('token_authentication_failure'),
    })
    const swapped = sdk({ ...dave, private_key_pem: eve.private_key_pem })
    expect(await failure(swapped.portfolio.getBalance())).toMatchObject({
      status: 401,
      body: { error: { code: 'authentication_error', details: 'INCORRECT_API_KEY_SIGNATURE' } },
    })
    const unknown = sdk({ ...dave, key_id: 'b0a70000-0000-4000-8000-000000000000' })
    expect(await failure(unknown.portfolio.getBalance())).toMatchObject({
      status: 401,
      body: { error: { code: 'authentication_error', details: 'NOT_FOUND' } },
    })
    const stamp = Date.now() - 60_000
    const path = `${BASE}/portfolio/balance`
    const stale = await fetch(`${served.url}${path}`, {
      headers: {
        'kalshi-access-key': dave.key_id,
        'kalshi-access-timestamp': `${stamp}`,
        'kalshi-access-signature': signature(dave, `${stamp}GET${path}`),
      },
    })
    expect([stale.status, await stale.json()]).toEqual([401, said('header_timestamp_expired')])
  })

  test('keeps groups, limits and subaccounts', async () => {
    bookB()
    const { groups, account: limits, portfolio, orders } = sdk(account('frank'))
    const made = await groups.createOrderGroup({ contracts_limit: 5 })
    expect(made.status).toBe(201)
    const { order_group_id } = made.data
    const resting = await orders.createOrderV2(bid({ price: '0.40', order_group_id }))
    expect((await groups.getOrderGroup(order_group_id)).data.orders).toEqual([
      resting.data.order_id,
    ])
    // Six contracts are more than five: the group pulls what rests.
    await orders.createOrderV2(bid({ count: '6', order_group_id }))
    expect((await orders.getOrder(resting.data.order_id)).data.order.status).toBe('canceled')
    expect(await failure(orders.createOrderV2(bid({ order_group_id })))).toMatchObject({
      body: said('exceeded_order_group_risk_limit'),
    })
    await groups.resetOrderGroup(order_group_id)
    await orders.createOrderV2(bid({ price: '0.40', order_group_id }))
    await groups.updateOrderGroupLimit(order_group_id, { contracts_limit: 7 })
    expect((await groups.getOrderGroups()).data.order_groups).toMatchObject([
      { id: order_group_id, contracts_limit_fp: '7.00' },
    ])
    await groups.deleteOrderGroup(order_group_id)
    expect((await limits.getAccountApiLimits()).data).toMatchObject({
      usage_tier: expect.any(String),
    })
    expect((await portfolio.createSubaccount()).data).toEqual({ subaccount_number: 1 })
    await portfolio.applySubaccountTransfer({
      client_transfer_id: 't1',
      from_subaccount: 0,
      to_subaccount: 1,
      amount_cents: 500,
    })
    expect((await portfolio.getBalance(1)).data.balance).toBe(500)
    expect((await portfolio.getSubaccountTransfers()).data.transfers).toMatchObject([
      { transfer_id: 't1', amount_cents: 500 },
    ])
    const own = await orders.createOrderV2(bid({ count: '1', subaccount: 1 }))
    expect(own.data.fill_count).toBe('1.00')
    expect(
      (await portfolio.getPositions(undefined, 100, undefined, undefined, undefined, 1)).data
        .market_positions,
    ).toMatchObject([{ position_fp: '1.00' }])
  })

  test('pays a settled market and lists the settlement', async () => {
    const ticker = 'KXETHD-99DEC31-T5000'
    mock.admin.setDepth(ticker, { bids: [], asks: [level(0.44, 17)] })
    const { orders, portfolio, market } = sdk(account('grace'))
    await orders.createOrderV2(bid({ ticker, count: '17' }))
    mock.admin.determine(ticker, price(1))
    expect((await market.getMarket(ticker)).data.market).toMatchObject({
      status: 'determined',
      result: 'yes',
    })
    mock.admin.settle(ticker)
    expect((await portfolio.getSettlements()).data.settlements).toMatchObject([
      {
        ticker,
        market_result: 'yes',
        yes_count_fp: '17.00',
        yes_total_cost_dollars: '7.480000',
        revenue: 1700,
        value: 100,
        fee_cost: '0.293300',
      },
    ])
    expect((await portfolio.getBalance()).data.balance_dollars).toBe('109.2267')
    expect((await portfolio.getPositions()).data.market_positions).toEqual([])
  })
})

describe('feed', () => {
  test('refuses an unsigned handshake with 401 and its words', async () => {
    const socket = new WebSocket(`${served.socketUrl}/trade-api/ws/v2`)
    const answer = await new Promise<{ status: number; body: string }>((resolve) => {
      socket.on('unexpected-response', (_request, response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
    })
    expect(answer.status).toBe(401)
    expect(JSON.parse(answer.body)).toEqual(said('token_authentication_failure'))
  })

  test('streams books, trades, fills and orders to a plain socket', async () => {
    mock.admin.setDepth(TICKER, { bids: [], asks: [] })
    bookB()
    const heidi = account('heidi')
    const path = '/trade-api/ws/v2'
    const stamp = Date.now()
    const socket = new WebSocket(`${served.socketUrl}${path}`, {
      headers: {
        'KALSHI-ACCESS-KEY': heidi.key_id,
        'KALSHI-ACCESS-TIMESTAMP': `${stamp}`,
        'KALSHI-ACCESS-SIGNATURE': signature(heidi, `${stamp}GET${path}`),
      },
    })
    const seen: Record<string, unknown>[] = []
    let more: () => void = () => undefined
    socket.on('message', (data) => {
      seen.push(JSON.parse(data.toString()) as Record<string, unknown>)
      more()
    })
    const until = async (done: () => boolean): Promise<void> => {
      while (!done()) {
        await new Promise<void>((resolve) => {
          more = resolve
        })
      }
    }
    await new Promise((resolve) => socket.on('open', resolve))
    const channels = [
      'orderbook_delta',
      'trade',
      'fill',
      'user_orders',
      'market_positions',
      'ticker',
    ]
    const params = { channels, market_tickers: [TICKER] }
    socket.send(JSON.stringify({ id: 1, cmd: 'subscribe', params }))
    await until(() => seen.filter(({ type }) => type === 'subscribed').length === channels.length)
    await sdk(heidi).orders.createOrderV2(bid({ count: '20', client_order_id: 'heidi-1' }))
    await until(() => seen.some(({ type }) => type === 'market_position'))
    const of = (type: string) => seen.filter((message) => message.type === type)
    expect(of('orderbook_snapshot')).toMatchObject([
      {
        sid: 1,
        seq: 1,
        msg: {
          market_ticker: TICKER,
          yes_dollars_fp: [
            ['0.4100', '10.00'],
            ['0.4200', '13.00'],
          ],
        },
      },
    ])
    expect(of('orderbook_delta')).toMatchObject([
      { seq: 2, msg: { side: 'no', price_dollars: '0.5600', delta_fp: '-17.00' } },
      {
        seq: 3,
        msg: { side: 'yes', price_dollars: '0.4400', delta_fp: '3.00', client_order_id: 'heidi-1' },
      },
    ])
    expect(of('trade')).toMatchObject([{ msg: { count_fp: '17.00', taker_book_side: 'bid' } }])
    expect(of('fill')).toMatchObject([
      { msg: { client_order_id: 'heidi-1', fee_cost: '0.293300', post_position_fp: '17.00' } },
    ])
    expect(of('user_order')).toMatchObject([
      { msg: { status: 'resting', remaining_count_fp: '3.00', last_update_reason: 'Trade' } },
    ])
    expect(of('market_position')).toMatchObject([{ msg: { position_fp: '17.00' } }])
    expect(of('ticker').at(-1)).toMatchObject({ msg: { yes_bid_dollars: '0.4400' } })
    socket.close()
  })
})
