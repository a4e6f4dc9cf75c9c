/**
 * ccxt's Kraken, unmodified, over real sockets: only its addresses are changed.
 */
import { kraken as Kraken, pro } from 'ccxt'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { wallClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { krakenMock } from '../../../venues/kraken/index.js'
import { amount, BTC, depth } from '../../support/kraken.js'
import { type ServedVenue, serveVenue } from '../../support/serve-venue.js'

const mock = krakenMock({ world: seededWorld({ seed: 7, clock: wallClock() }) })
let served: ServedVenue
let exchange: InstanceType<typeof pro.kraken>
let account_id: number

const SYMBOL = 'BTC/USD'

beforeAll(async () => {
  served = await serveVenue(mock)
  const account = mock.admin.openAccount({ label: 'ccxt' })
  account_id = account.account_id
  const { api_key: apiKey = '', api_secret: secret = '' } = account.credentials
  exchange = new pro.kraken({ apiKey, secret, enableRateLimit: false })
  exchange.urls.api.public = served.url
  exchange.urls.api.private = served.url
  for (const name of ['public', 'private', 'publicV2', 'privateV2']) {
    exchange.urls.api.ws[name] = `${served.socketUrl}/v2`
  }
  await exchange.loadHttpProxyAgent()
})

afterAll(async () => {
  await exchange.close()
  await served.close()
})

beforeEach(() => {
  mock.admin.setBalance(account_id, 'USD', amount('1000000'))
  mock.admin.setBalance(account_id, 'BTC', amount('10'))
  mock.admin.setDepth(BTC, {
    asks: depth([
      ['30000.0', '0.5'],
      ['30010.0', '1.0'],
    ]),
    bids: depth([['29990.0', '1.0']]),
  })
})

const idOf = (order: { id?: string | undefined }): string => {
  if (order.id === undefined) throw new Error('the order has no id')
  return order.id
}

describe('reads', () => {
  test('loads markets with their figures', async () => {
    const markets = await exchange.loadMarkets()
    expect(Object.keys(markets)).toEqual(['BTC/USD', 'ETH/USD', 'SOL/USD', 'DOGE/USD', 'BTC/USDT'])
    const market = markets[SYMBOL]
    expect(market?.limits?.amount?.min).toBe(0.00005)
    expect(market?.limits?.cost?.min).toBe(0.5)
    expect(market?.precision).toMatchObject({ amount: 1e-8, price: 0.1 })
    expect(market).toMatchObject({ taker: 0.004, maker: 0.0025 })
  })

  test('reads book, ticker, trades, candles, status and time', async () => {
    await exchange.createOrder(SYMBOL, 'market', 'buy', 0.1)
    const book = await exchange.fetchOrderBook(SYMBOL)
    expect(book.bids[0]?.slice(0, 2)).toEqual([29990, 1])
    expect(book.asks[0]?.slice(0, 2)).toEqual([30000, 0.4])
    expect(await exchange.fetchTicker(SYMBOL)).toMatchObject({
      bid: 29990,
      ask: 30000,
      last: 30000,
    })
    expect((await exchange.fetchTrades(SYMBOL)).at(-1)).toMatchObject({
      side: 'buy',
      type: 'market',
      price: 30000,
      amount: 0.1,
    })
    expect((await exchange.fetchOHLCV(SYMBOL, '1m')).at(-1)?.[4]).toBe(30000)
    expect((await exchange.fetchStatus()).status).toBe('ok')
    expect(Math.abs((await exchange.fetchTime()) ?? 0) - Date.now()).toBeLessThan(5_000)
  })

  test('reads an empty book', async () => {
    mock.admin.setDepth(BTC, { asks: [], bids: [] })
    expect(await exchange.fetchOrderBook(SYMBOL)).toMatchObject({ bids: [], asks: [] })
  })

  test('reads balances with what open orders hold', async () => {
    const order = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, 29000)
    const balance = await exchange.fetchBalance()
    expect(balance.USD).toMatchObject({ total: 1_000_000, used: 291.16, free: 999_708.84 })
    await exchange.cancelOrder(idOf(order))
    expect((await exchange.fetchBalance()).USD).toMatchObject({ used: 0 })
  })
})

describe('orders', () => {
  test('buys at market over two levels', async () => {
    const placed = await exchange.createOrder(SYMBOL, 'market', 'buy', 1)
    const order = await exchange.fetchOrder(idOf(placed))
    expect(order).toMatchObject({ status: 'closed', filled: 1, average: 30005 })
    expect(order.fee).toMatchObject({ currency: 'USD', cost: '120.02000' })
    expect(order.trades).toHaveLength(2)
  })

  test('buys at market by cost', async () => {
    const placed = await exchange.createMarketBuyOrderWithCost(SYMBOL, 15_000)
    const order = await exchange.fetchOrder(idOf(placed))
    expect(order).toMatchObject({ status: 'closed', filled: 0.5, average: 30_000 })
    expect(order.info).toMatchObject({ cost: '15000.00000', fee: '60.00000' })
  })

  test('is told that a market order met an empty side', async () => {
    mock.admin.setDepth(BTC, { asks: [], bids: depth([['29990.0', '1.0']]) })
    const placed = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.1)
    expect(placed.info.descr.order).toBe('buy 0.10000000 XBTUSD @ market')
    const order = await exchange.fetchOrder(idOf(placed))
    expect(order).toMatchObject({ status: 'canceled', filled: 0 })
    expect(order.info).toMatchObject({ reason: 'Insufficient liquidity', cost: '0.00000' })
    expect((await exchange.fetchBalance()).USD).toMatchObject({ total: 1_000_000, used: 0 })
  })

  test('places, amends in place and cancels a limit order', async () => {
    const clientOrderId = 'ccxt-limit-1'
    const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, 29000, {
      clientOrderId,
    })
    const open = await exchange.fetchOpenOrders(SYMBOL)
    expect(open.map(({ id }) => id)).toEqual([placed.id])
    expect(open[0]).toMatchObject({ clientOrderId, price: 29000, amount: 0.01 })
    await exchange.editOrder(idOf(placed), SYMBOL, 'limit', 'buy', 0.02, 29100)
    const amended = await exchange.fetchOrder(idOf(placed))
    expect(amended).toMatchObject({ status: 'open', price: 29100, amount: 0.02 })
    await exchange.cancelOrder(idOf(placed))
    expect((await exchange.fetchOrder(idOf(placed))).status).toBe('canceled')
    await expect(exchange.cancelOrder(idOf(placed))).rejects.toThrow('EOrder:Unknown order')
  })

  test('places post-only, IOC, FOK and GTD orders', async () => {
    const status = async (order: { id?: string | undefined }) =>
      (await exchange.fetchOrder(idOf(order))).status
    const post = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.1, 30000, { postOnly: true })
    expect((await exchange.fetchOrder(idOf(post))).info.reason).toBe('Post only order')
    const rests = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.1, 29000, { postOnly: true })
    expect(await status(rests)).toBe('open')
    const ioc = await exchange.createOrder(SYMBOL, 'limit', 'buy', 1, 30000, { timeInForce: 'IOC' })
    expect(await exchange.fetchOrder(idOf(ioc))).toMatchObject({ status: 'canceled', filled: 0.5 })
    const fok = await exchange.createOrder(SYMBOL, 'limit', 'buy', 5, 30010, { timeInForce: 'FOK' })
    expect(await exchange.fetchOrder(idOf(fok))).toMatchObject({ status: 'canceled', filled: 0 })
    const gtd = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, 28000, {
      timeInForce: 'GTD',
      expiretm: '+1',
    })
    expect(await status(gtd)).toBe('open')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await status(gtd)).toBe('expired')
    await exchange.cancelAllOrders()
    expect(await exchange.fetchOpenOrders()).toEqual([])
  })

  test('places and cancels in batches, and reads closed orders and own trades', async () => {
    const two = await exchange.createOrders([
      { symbol: SYMBOL, type: 'limit', side: 'buy', amount: 0.01, price: 28000 },
      { symbol: SYMBOL, type: 'limit', side: 'buy', amount: 0.01, price: 28001 },
    ])
    expect(two).toHaveLength(2)
    await exchange.cancelOrders(two.map(idOf))
    expect(await exchange.fetchOpenOrders()).toEqual([])
    const closed = await exchange.fetchClosedOrders(SYMBOL)
    expect(closed.length).toBeGreaterThan(2)
    const placed = await exchange.createOrder(SYMBOL, 'market', 'sell', 0.1)
    const trades = await exchange.fetchMyTrades(SYMBOL)
    expect(trades.at(-1)).toMatchObject({
      order: placed.id,
      side: 'sell',
      takerOrMaker: 'taker',
      price: 29990,
      amount: 0.1,
    })
    expect((await exchange.fetchTradingFee(SYMBOL)).taker).toBe(0.004)
  })

  test('reads the ledger, one of its lines, and what everything is worth', async () => {
    const placed = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.1)
    const ledger = await exchange.fetchLedger('USD')
    const line = ledger.at(-1)
    expect(line).toMatchObject({ type: 'trade', currency: 'USD', direction: 'out', amount: 3000 })
    expect(line?.fee).toMatchObject({ cost: 12, currency: 'USD' })
    const { info } = await exchange.fetchLedgerEntry(line?.id ?? '')
    const trades = await exchange.fetchOrderTrades(idOf(placed), SYMBOL, undefined, undefined, {
      trades: [info.refid],
    })
    expect(trades[0]).toMatchObject({ order: placed.id, amount: 0.1 })
    const { eb } = (await exchange.privatePostTradeBalance()).result
    // The trade was paid at 30000 and is valued at the middle, 29995, less the fee of 12.
    expect(Number(eb)).toBeCloseTo(1_000_000 + 10 * 29_995 - 0.5 - 12, 4)
  })

  test('sends the stop orders of ccxt’s helpers as it does itself: plain, with a field nobody reads', async () => {
    const stop = await exchange.createStopMarketOrder(SYMBOL, 'sell', 0.01, 28_000)
    // Neither ccxt nor the venue refuses: it trades at once.
    expect((await exchange.fetchOrder(idOf(stop))).status).toBe('closed')
    const params = { stopLossPrice: 28_000 }
    await expect(
      exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, params),
    ).rejects.toThrow('EGeneral:Invalid arguments:ordertype')
  })

  test.each([
    ['InsufficientFunds', { volume: '100', price: '29000' }],
    ['InvalidOrder', { volume: '0.00004', price: '29000' }],
    ['ExchangeError', { volume: '0.01', price: '29990.05' }],
    ['InvalidOrder', { volume: '-1', price: '29000' }],
  ])('raises %s for %o', async (name, fields) => {
    const order = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', ...fields }
    const error = await exchange.privatePostAddOrder(order).catch((caught: Error) => caught)
    expect(error.constructor.name).toBe(name)
  })

  test('raises AuthenticationError for a wrong key', async () => {
    const stranger = new Kraken({ apiKey: 'bm8=', secret: 'bm8=', enableRateLimit: false })
    stranger.urls.api.public = served.url
    stranger.urls.api.private = served.url
    const error = await stranger.fetchBalance().catch((caught: Error) => caught)
    expect(error.constructor.name).toBe('AuthenticationError')
  })
})

describe('streams', () => {
  test('watches the book, public trades, own orders, own trades and balances', async () => {
    const first = await exchange.watchOrderBook(SYMBOL)
    expect(first.asks[0]).toEqual([30000, 0.5])
    // The first answers are snapshots of what was traded before.
    await exchange.watchTrades(SYMBOL)
    await exchange.watchMyTrades(SYMBOL)
    const trades = exchange.watchTrades(SYMBOL)
    const orders = exchange.watchOrders()
    const mine = exchange.watchMyTrades(SYMBOL)
    expect((await exchange.watchBalance()).USD).toMatchObject({ total: 1_000_000 })
    const book = exchange.watchOrderBook(SYMBOL)
    const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.2, 30000)
    expect((await book).asks[0]).toEqual([30000, 0.3])
    expect((await trades).at(-1)).toMatchObject({ side: 'buy', price: 30000, amount: 0.2 })
    expect((await orders).at(-1)?.id).toBe(placed.id)
    expect((await mine).at(-1)).toMatchObject({
      order: placed.id,
      price: 30000,
      amount: 0.2,
      takerOrMaker: 'taker',
      fee: { cost: 24, currency: 'USD' },
    })
    expect((await exchange.watchTicker(SYMBOL)).last).toBe(30000)
  })

  test('trades over the socket', async () => {
    const placed = await exchange.createOrderWs(SYMBOL, 'limit', 'buy', 0.01, 28000)
    const edited = await exchange.editOrderWs(idOf(placed), SYMBOL, 'limit', 'buy', 0.02, 28100)
    expect(edited.id).toBe(placed.id)
    expect(await exchange.fetchOrder(idOf(placed))).toMatchObject({ price: 28100, amount: 0.02 })
    await exchange.cancelOrderWs(idOf(placed))
    expect((await exchange.fetchOrder(idOf(placed))).status).toBe('canceled')
    const error = await exchange.cancelOrderWs(idOf(placed)).catch((caught: Error) => caught)
    expect((error as Error).constructor.name).toBe('OrderNotFound')
  })

  test('leaves the venue with books and ledgers in order', () => {
    mock.admin.check()
  })
})
