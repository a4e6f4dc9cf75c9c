/** ccxt's Kalshi (`prediction.kalshi`), unmodified, over real sockets: only its address is changed. */
import { InvalidOrder, OrderNotFillable, prediction } from 'ccxt'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { wallClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { kalshiMock } from '../../../venues/kalshi/mock.js'
import { BASE, price, TICKER, usd } from '../../support/kalshi.js'
import { type ServedVenue, serveVenue } from '../../support/serve-venue.js'

const mock = kalshiMock({
  world: seededWorld({ seed: 7, clock: wallClock() }),
  switches: { rate_limit_tier: 'off' },
})
let served: ServedVenue
let exchange: InstanceType<typeof prediction.kalshi>

const YES = 'KXTEST_99DEC31_ABOVE_60:YES'
const NO = 'KXTEST_99DEC31_ABOVE_60:NO'

beforeAll(async () => {
  served = await serveVenue(mock)
  const { account_id, credentials } = mock.admin.openAccount({ label: 'ccxt' })
  mock.admin.setBalance(account_id, 'USD', usd(100))
  exchange = new prediction.kalshi({
    apiKey: credentials.key_id ?? '',
    privateKey: credentials.private_key_pem ?? '',
    enableRateLimit: false,
  })
  exchange.urls.api.kalshi = `${served.url}${BASE}`
  await exchange.loadMarkets()
})

afterAll(() => served.close())

beforeEach(async () => {
  await exchange.cancelAllOrders()
  const level = (dollars: number, contracts: number) => ({
    price_1e9: price(dollars),
    qty_1e8: usd(contracts),
  })
  mock.admin.setDepth(TICKER, {
    bids: [level(0.42, 13), level(0.41, 10)],
    asks: [level(0.44, 17), level(0.45, 20)],
  })
})

test('reads status, markets, ticker, book and events', async () => {
  expect((await exchange.fetchStatus()).status).toBe('ok')
  expect(Object.keys(exchange.markets ?? {})).toContain('KXTEST_99DEC31_ABOVE_60')
  expect(await exchange.fetchTicker(YES)).toMatchObject({ bid: 0.42, ask: 0.44, askVolume: 17 })
  expect(await exchange.fetchOrderBook(YES)).toMatchObject({
    bids: [
      [0.42, 13],
      [0.41, 10],
    ],
    asks: [
      [0.44, 17],
      [0.45, 20],
    ],
  })
  expect((await exchange.fetchOrderBook(NO)).asks[0]).toEqual([0.58, 13])
  const [event] = await exchange.fetchEvents({ series_ticker: 'KXTEST' })
  expect(event).toMatchObject({ id: 'KXTEST-99DEC31' })
})

test('places YES and NO orders, reads them back and cancels', async () => {
  const bought = await exchange.createOrder(YES, 'limit', 'buy', 17, 0.44)
  expect(bought).toMatchObject({ status: 'closed', filled: 17, remaining: 0 })
  const no = await exchange.createOrder(NO, 'limit', 'buy', 5, 0.5)
  expect(no).toMatchObject({ status: 'open', remaining: 5 })
  expect((await exchange.fetchOpenOrders()).map(({ id }) => id)).toEqual([no.id])
  const edited = await exchange.editOrder(no.id ?? '', NO, 'limit', 'buy', 4, 0.51)
  expect(await exchange.fetchOrder(edited.id ?? '')).toMatchObject({ status: 'open', remaining: 4 })
  await exchange.cancelOrder(edited.id ?? '')
  expect((await exchange.fetchOrder(edited.id ?? '')).status).toBe('canceled')
  const [fill] = await exchange.fetchMyTrades()
  expect(fill).toMatchObject({ price: 0.44, amount: 17, fee: { cost: 0.2933 } })
  expect((await exchange.fetchBalance()).total).toEqual({ USD: 92.22 })
  expect(await exchange.fetchPositions()).toHaveLength(1)
  expect((await exchange.fetchTrades(YES))[0]).toMatchObject({ price: 0.44, amount: 17 })
})

test('reads refusals as its own errors', async () => {
  await expect(
    exchange.createOrder(YES, 'limit', 'buy', 18, 0.44, { timeInForce: 'FOK' }),
  ).rejects.toThrow(OrderNotFillable)
  await expect(
    exchange.createOrder(YES, 'limit', 'buy', 5, 0.44, { post_only: true }),
  ).rejects.toThrow(InvalidOrder)
  await expect(exchange.createOrder(YES, 'limit', 'buy', 5, 0.445)).rejects.toThrow('invalid price')
})

test('sees a market order of theirs fill like an aggressive IOC', async () => {
  const order = await exchange.createOrder(YES, 'market', 'buy', 40, 0.99)
  expect(order).toMatchObject({ filled: 37, remaining: 0 })
})
