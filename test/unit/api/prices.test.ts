import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'
import type { SocketSession } from '../../../src/venue/contract.js'

let sandbox: Sandbox
let key: string
let event: string

beforeEach(async () => {
  sandbox = await createSandbox({ store: 'memory' })
  key = sandbox.account('one').test_key
  event = sandbox.desk.symbols().find(({ venues }) => venues.includes('kalshi'))?.symbol ?? ''
})
afterEach(() => sandbox.close())

const get = async (path: string) => {
  const response = await sandbox.fetch(path, { headers: { authorization: `Bearer ${key}` } })
  return { status: response.status, json: (await response.json()) as never }
}
const depth = (venue: string, symbol: string, bid: number, ask: number) =>
  perform(sandbox.control, 'set-depth', { venue, symbol, bids: [[bid, 1]], asks: [[ask, 1]] })

interface Candles {
  symbol: string
  interval: string
  candles: Record<string, number>[]
}

describe('GET /v1/price_history/{symbol}', () => {
  test('shows candles of the consolidated mid, oldest first', async () => {
    await depth('kraken', 'BTC-USD', 100, 102)
    await depth('coinbase', 'BTC-USD', 104, 110)
    sandbox.manual?.advance(60_000)
    await depth('kraken', 'BTC-USD', 106, 108)
    const { status, json } = await get('/v1/price_history/BTC-USD')
    expect(status).toBe(200)
    const { symbol, interval, candles } = json as Candles
    expect([symbol, interval]).toEqual(['BTC-USD', '1m'])
    // 104 against 102 crosses: no mid then.
    expect(candles).toMatchObject([
      { open: 101, high: 101, low: 101, close: 101, tick_count: 1 },
      { open: 107, close: 107, tick_count: 1 },
    ])
    const hours = (await get('/v1/price_history/BTC-USD?interval=1h&limit=1')).json as Candles
    expect(hours.candles).toMatchObject([{ open: 101, high: 107, close: 107, tick_count: 2 }])
  })

  test('turns the candles of an event market over for NO', async () => {
    await depth('kalshi', event, 0.4, 0.44)
    await depth('kalshi', event, 0.5, 0.54)
    const yes = (await get(`/v1/price_history/${event}`)).json as Candles
    const no = (await get(`/v1/price_history/${event}:NO`)).json as Candles
    expect(yes.candles).toMatchObject([{ open: 0.42, high: 0.52, low: 0.42, close: 0.52 }])
    expect(no.candles).toMatchObject([{ open: 0.58, high: 0.58, low: 0.48, close: 0.48 }])
  })

  test('knows no candle before the first price, and no unknown symbol', async () => {
    expect(((await get('/v1/price_history/BTC-USD')).json as Candles).candles).toEqual([])
    expect((await get('/v1/price_history/NOPE-USD')).status).toBe(404)
    for (const bad of ['interval=2m', 'limit=0', 'limit=1001', 'limit=x']) {
      expect((await get(`/v1/price_history/BTC-USD?${bad}`)).status).toBe(400)
    }
  })
})

describe('GET /v1/fair_price', () => {
  test('is the median of every dollar book of the underlying', async () => {
    await depth('kraken', 'BTC-USD', 99, 101)
    await depth('coinbase', 'BTC-USD', 101, 103)
    await depth('binance', 'BTC-USDT', 109, 111)
    const { fair_prices } = (await get('/v1/fair_price?underlying=BTC')).json as {
      fair_prices: { underlying: string; price: number; price_usd_1e9: number; sources: object[] }[]
    }
    expect(fair_prices).toMatchObject([
      {
        underlying: 'BTC',
        price: 102,
        price_usd_1e9: 102_000_000_000,
        sources: [
          { venue: 'binance', symbol: 'BTC-USDT', mid: 110 },
          { venue: 'coinbase', symbol: 'BTC-USD', mid: 102 },
          { venue: 'kraken', symbol: 'BTC-USD', mid: 100 },
        ],
      },
    ])
    await depth('cryptocom', 'BTC-USD', 103, 105)
    const again = (await get('/v1/fair_price')).json as { fair_prices: { price: number }[] }
    expect(again.fair_prices.map(({ price }) => price)).toEqual([103])
  })

  test('a lost, one-sided or crossed book does not count, and nothing is made up', async () => {
    const names = new Map(
      sandbox.desk
        .resolveSymbol('BTC-USD')
        ?.listings.map(({ venue, instrument }) => [venue, instrument.venue_symbol]),
    )
    const publish = (venue: string, bids: number[], asks: number[]) => {
      const level = (price: number) => ({ price_1e9: BigInt(price) * 10n ** 9n, qty_1e8: 1n })
      const book = { bids: bids.map(level), asks: asks.map(level) }
      sandbox.hub.publish(venue, names.get(venue) ?? '', book)
    }
    publish('coinbase', [103], [101])
    publish('cryptocom', [100], [])
    publish('kraken', [100], [102])
    expect((await get('/v1/fair_price')).json).toMatchObject({ fair_prices: [{ price: 101 }] })
    sandbox.hub.feed('kraken').lost(names.get('kraken') ?? '', 'gone')
    expect((await get('/v1/fair_price?underlying=BTC')).json).toEqual({ fair_prices: [] })
    expect((await get('/v1/fair_price?underlying=NOPE')).json).toEqual({ fair_prices: [] })
  })
})

async function open(path: string) {
  const sent: string[] = []
  const answer = await sandbox.connect(
    { path, query: '', headers: { authorization: `Bearer ${key}` } },
    { send: (text) => sent.push(text), ping: () => sent.push('ping'), close: () => undefined },
  )
  if ('status' in answer) throw new Error(`refused: ${answer.body}`)
  return { session: answer as SocketSession, sent, told: () => sent.map((t) => JSON.parse(t)) }
}

describe('fair price on the stream', () => {
  test('tells the price known now, then each change of it, once', async () => {
    await depth('kraken', 'BTC-USD', 99, 101)
    const { session, told } = await open('/v1/stream')
    const subscribe = ['fair_price:BTC', 'fair_price', 'fair_price:NOPE', 'fair_prices', 'prices']
    session.message(JSON.stringify({ subscribe }))
    expect(told()[0]).toEqual({
      subscribed: ['fair_price:BTC', 'fair_price'],
      rejected: ['fair_price:NOPE', 'fair_prices', 'prices'],
    })
    await depth('kraken', 'BTC-USD', 98, 102)
    await depth('kraken', 'BTC-USD', 100, 102)
    expect(
      told()
        .slice(1)
        .map(({ channel, data }) => [channel, data.underlying, data.price]),
    ).toEqual([
      ['fair_price:BTC', 'BTC', 100],
      ['fair_price', 'BTC', 100],
      ['fair_price:BTC', 'BTC', 101],
      ['fair_price', 'BTC', 101],
    ])
    session.message(JSON.stringify({ unsubscribe: ['fair_price'] }))
    await depth('kraken', 'BTC-USD', 110, 112)
    expect(told().at(-1)).toMatchObject({ channel: 'fair_price:BTC', data: { price: 111 } })
    session.closed()
  })
})

describe('market news', () => {
  test('a resolution is told to everyone who listens, and to nobody else', async () => {
    const listener = await open('/v1/ws/market_resolved')
    const other = await open('/v1/ws/new_markets')
    await perform(sandbox.control, 'resolve-market', {
      venue: 'kalshi',
      symbol: event,
      yes_value: 1,
    })
    expect(listener.told()).toEqual([
      {
        channel: 'market_resolved',
        data: {
          slug: event,
          venue: 'kalshi',
          status: 'resolved',
          resolved_outcome: 'YES',
          settled_mark_usd_1e9: 1_000_000_000,
          mode: 'auto_settled',
          ts_ns: expect.any(Number),
        },
      },
    ])
    expect(other.sent).toEqual([])
    listener.session.closed()
    other.session.closed()
  })

  test('the sockets ping, need a key, and answer a plain GET with 426', async () => {
    const { session, sent } = await open('/v1/ws/new_markets')
    sandbox.manual?.advance(20_000)
    expect(sent).toEqual(['ping'])
    session.message('{"subscribe":["orders"]}')
    expect(sent).toEqual(['ping'])
    session.closed()
    sandbox.manual?.advance(60_000)
    expect(sent).toEqual(['ping'])
    const peer = { send: () => undefined, ping: () => undefined, close: () => undefined }
    const request = { path: '/v1/ws/market_resolved', query: '', headers: {} }
    expect(await sandbox.connect(request, peer)).toMatchObject({ status: 401 })
    expect((await get('/v1/ws/market_resolved')).status).toBe(426)
    expect((await get('/v1/ws/new_markets')).status).toBe(426)
  })
})
