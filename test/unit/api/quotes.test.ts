import { describe, expect, test } from 'vitest'
import type { Level } from '../../../src/engine/depth.js'
import { fakeApi } from './fake-desk.js'

const level = (price: number, qty: number): Level => ({
  price_1e9: BigInt(Math.round(price * 1e9)),
  qty_1e8: BigInt(Math.round(qty * 1e8)),
})

describe('GET /v1/quotes/{symbol}', () => {
  test('shows best prices, sizes and age as plain decimals', async () => {
    const { call, hub, clock } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [level(100.1, 2)], asks: [level(100.3, 0.29)] })
    clock.advance(40)
    const { raw, json } = await call('GET', '/v1/quotes/BTC-USD')
    expect(json).toMatchObject({
      symbol: 'BTC-USD',
      nbbo: { bid: 100.1, ask: 100.3, mid: 100.2 },
      venues: { alpha: { bid: 100.1, ask: 100.3, bid_size: 2, ask_size: 0.29, age_ms: 40 } },
      source: 'edge_nbbo',
      book: { bids: [[100.1, 2, 'alpha']], asks: [[100.3, 0.29, 'alpha']] },
    })
    expect(raw).toContain('"spread_bps":19.96')
  })

  test('a book nobody published is unavailable, and shows no invented price', async () => {
    const { json } = await fakeApi().call('GET', '/v1/quotes/BTC-USD')
    expect(json).toMatchObject({
      nbbo: { bid: 0, ask: 0, mid: 0, spread_bps: 0 },
      venues: {},
      source: 'unavailable',
    })
  })

  test('a one-sided book has no mid', async () => {
    const { call, hub } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [level(100, 1)], asks: [] })
    const { json } = await call('GET', '/v1/quotes/BTC-USD')
    expect(json.nbbo).toEqual({ bid: 100, ask: 0, mid: 0, spread_bps: 0 })
  })

  test('a crossed NBBO has mid and spread 0', async () => {
    const { call, hub } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [level(101, 1)], asks: [level(100, 1)] })
    const { json } = await call('GET', '/v1/quotes/BTC-USD')
    expect(json.nbbo).toEqual({ bid: 101, ask: 100, mid: 0, spread_bps: 0 })
  })

  test('a lost feed no longer counts', async () => {
    const { call, hub } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [level(100, 1)], asks: [level(101, 1)] })
    hub.feed('alpha').lost('V-BTC-USD', 'gone')
    const { json } = await call('GET', '/v1/quotes/BTC-USD')
    expect(json.source).toBe('unavailable')
    expect(json.nbbo.bid).toBe(0)
  })

  test('NO is the complement of YES', async () => {
    const { call, hub } = fakeApi()
    hub.publish('beta', 'V-KXTEST-A', { bids: [level(0.4, 5)], asks: [level(0.45, 7)] })
    const yes = await call('GET', '/v1/quotes/KXTEST-A')
    const no = await call('GET', '/v1/quotes/KXTEST-A:NO?depth=1')
    expect(yes.json.nbbo).toMatchObject({ bid: 0.4, ask: 0.45 })
    expect(no.json.nbbo).toMatchObject({ bid: 0.55, ask: 0.6 })
    expect(no.json.book.asks).toEqual([[0.6, 5, 'beta']])
  })

  test('an unknown symbol is 404 and a strange depth 400', async () => {
    const { call } = fakeApi()
    expect((await call('GET', '/v1/quotes/NOPE-USD')).status).toBe(404)
    expect((await call('GET', '/v1/quotes/BTC-USD?depth=21')).status).toBe(400)
    expect((await call('GET', '/v1/quotes/%2e%2e%2f%2e%2e')).status).toBe(404)
  })
})

describe('GET /v1/quotes', () => {
  test('drops what is older than max_age_s, and everything at 0', async () => {
    const { call, hub, clock } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [level(100, 1)], asks: [level(101, 1)] })
    const count = async (query: string) =>
      (await call('GET', `/v1/quotes${query}`)).json.quotes.length
    expect(await count('')).toBe(1)
    expect(await count('?symbols=BTC-USD,KXTEST-A')).toBe(1)
    expect(await count('?symbol=KXTEST-A')).toBe(0)
    expect(await count('?max_age_s=0')).toBe(0)
    clock.advance(300_000)
    expect(await count('')).toBe(0)
    expect(await count('?max_age_s=301')).toBe(1)
    expect((await call('GET', '/v1/quotes?max_age_s=-1')).status).toBe(400)
  })
})

test('one bad symbol of a batch is a partial error', async () => {
  const { call } = fakeApi()
  const { json } = await call('POST', '/v1/quotes_batch', {
    body: { symbols: ['BTC-USD', 'NOPE'] },
  })
  expect(json.quotes).toHaveLength(1)
  expect(json.errors).toEqual([
    { symbol: 'NOPE', code: 'NOT_FOUND', message: 'unknown symbol NOPE' },
  ])
  expect((await call('POST', '/v1/quotes_batch', { body: { symbols: [] } })).status).toBe(422)
})

describe('reference data', () => {
  test('lists symbols, venues of a pair and fees', async () => {
    const { call } = fakeApi()
    const symbols = (await call('GET', '/v1/symbols')).json.symbols
    expect(
      symbols.map(({ symbol, type }: { symbol: string; type: string }) => [symbol, type]),
    ).toEqual([
      ['BTC-USD', 'spot'],
      ['KXTEST-A', 'prediction'],
      ['BTC-USD-PERP', 'perp'],
    ])
    expect((await call('GET', '/v1/pairs/BTC-USD/venues')).json.venues).toEqual([
      { venue: 'alpha', venue_symbol: 'V-BTC-USD' },
    ])
    expect((await call('GET', '/v1/fees/BTC-USD')).json.venues).toEqual({
      alpha: { maker_bps: 25, taker_bps: 40 },
    })
    expect((await call('GET', '/v1/fees/NOPE')).status).toBe(404)
    expect((await call('GET', '/v1/pairs/NOPE/venues')).status).toBe(404)
  })

  test('finds prediction markets and pages through them', async () => {
    const { call } = fakeApi()
    const { json } = await call('GET', '/v1/markets?venue=beta&q=kxtest')
    expect(json.markets).toHaveLength(1)
    expect(json.markets[0]).toMatchObject({
      venue: 'beta',
      slug: 'KXTEST-A',
      status: 'active',
      outcomes: [
        { outcome: 'YES', token_id: null, symbol: 'KXTEST-A:YES' },
        { outcome: 'NO', token_id: null, symbol: 'KXTEST-A:NO' },
      ],
    })
    expect(json.next_cursor).toBeNull()
    expect((await call('GET', '/v1/markets?venue=beta&offset=1')).json.markets).toEqual([])
    expect((await call('GET', '/v1/markets?venue=beta&active=false')).json.markets).toEqual([])
    for (const query of ['venue=alpha', 'limit=0', 'cursor=zzz']) {
      expect((await call('GET', `/v1/markets?${query}`)).status).toBe(400)
    }
  })

  test('tells a market that trades from an unknown one', async () => {
    const { call } = fakeApi()
    expect((await call('GET', '/v1/settlement/KXTEST-A?venue=beta')).json).toMatchObject({
      status: 'active',
      resolved_outcome: null,
      mode: 'auto_settled',
    })
    expect((await call('GET', '/v1/settlement/NOPE?venue=beta')).status).toBe(404)
    expect((await call('POST', '/v1/markets/KXTEST-A/redeem?venue=beta')).status).toBe(409)
  })
})
