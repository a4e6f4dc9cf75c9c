import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Level } from '../../../src/engine/depth.js'
import { MarketHub } from '../../../src/market/market-hub.js'
import {
  CANDLE_MS,
  CANDLE_WIDTHS,
  CANDLES_MAX,
  priceHistory,
} from '../../../src/market/price-history.js'
import { manualClock } from '../../../src/world/clock.js'

const USD = 1_000_000_000n
const level = (price: number): Level => ({ price_1e9: BigInt(price) * USD, qty_1e8: 1n })

function setup() {
  const clock = manualClock()
  const hub = new MarketHub(clock)
  const books = ['alpha', 'beta'].map((venue) => ({ venue, venue_symbol: 'BTC' }))
  const history = priceHistory({
    books: hub,
    clock,
    marketOf: (_venue, venue_symbol) =>
      venue_symbol === 'BTC' ? { symbol: 'BTC-USD', books } : undefined,
  })
  const quote = (venue: string, bid: number | null, ask: number | null) =>
    hub.publish(venue, 'BTC', {
      bids: bid === null ? [] : [level(bid)],
      asks: ask === null ? [] : [level(ask)],
    })
  const minutes = (limit = 100) =>
    history
      .candles('BTC-USD', '1m', limit)
      .map(({ open_1e9, high_1e9, low_1e9, close_1e9, tick_count }) => [
        ...[open_1e9, high_1e9, low_1e9, close_1e9].map((price) => Number(price) / 1e9),
        tick_count,
      ])
  return { clock, hub, history, quote, minutes }
}

describe('a candle', () => {
  test('has the first, highest, lowest and last mid of its minute', () => {
    const { clock, quote, minutes } = setup()
    quote('alpha', 100, 102)
    quote('alpha', 104, 106)
    quote('alpha', 98, 100)
    quote('alpha', 99, 103)
    expect(minutes()).toEqual([[101, 105, 99, 101, 4]])
    clock.advance(60_000)
    quote('alpha', 110, 112)
    expect(minutes()).toEqual([
      [101, 105, 99, 101, 4],
      [111, 111, 111, 111, 1],
    ])
  })

  test('is of the best prices over all venues, live ones alone', () => {
    const { hub, quote, minutes } = setup()
    quote('alpha', 100, 110)
    quote('beta', 104, 106)
    hub.feed('beta').lost('BTC', 'gone')
    expect(minutes()).toEqual([[105, 105, 105, 105, 3]])
    expect(hub.book('beta', 'BTC')?.live).toBe(false)
  })

  test('counts changes, not messages', () => {
    const { clock, hub, quote, minutes } = setup()
    quote('alpha', 100, 102)
    for (let i = 0; i < 5; i++) hub.feed('alpha').published('BTC', clock.now_ns())
    expect(minutes()).toEqual([[101, 101, 101, 101, 1]])
  })

  test('is not made up where a side is missing or the best prices cross', () => {
    const { quote, minutes } = setup()
    quote('alpha', 100, null)
    quote('alpha', null, 100)
    quote('alpha', 103, 102)
    expect(minutes()).toEqual([])
  })

  test('starts at a multiple of its width on the world clock, and quiet spans have none', () => {
    const { clock, history, quote } = setup()
    const first = clock.now_ns()
    quote('alpha', 100, 102)
    clock.advance(3 * 3_600_000)
    quote('alpha', 101, 103)
    for (const width of CANDLE_WIDTHS) {
      const width_ns = BigInt(CANDLE_MS[width]) * 1_000_000n
      const starts = [first, clock.now_ns()].map((now) => (now / width_ns) * width_ns)
      expect(history.candles('BTC-USD', width, 10).map(({ start_ns }) => start_ns)).toEqual([
        ...new Set(starts),
      ])
    }
    expect(history.candles('BTC-USD', '1m', 10)[1]?.tick_count).toBe(1)
  })

  test('counts the trades of its time', () => {
    const { clock, hub, history, quote } = setup()
    const print = (qty_1e8: bigint) =>
      hub.feed('alpha').trade('BTC', {
        price_1e9: 101n * USD,
        qty_1e8,
        taker_side: 'buy',
        ts_ns: clock.now_ns(),
      })
    print(1n)
    quote('alpha', 100, 102)
    print(5n)
    print(7n)
    clock.advance(60_000)
    print(2n)
    expect(
      history
        .candles('BTC-USD', '1m', 10)
        .map(({ volume_1e8, trade_count, tick_count }) => [volume_1e8, trade_count, tick_count]),
    ).toEqual([
      [12n, 2, 1],
      [2n, 1, 0],
    ])
  })
})

test('keeps the newest candles and answers as many as asked for', () => {
  const { clock, quote, minutes } = setup()
  for (let i = 0; i < CANDLES_MAX + 5; i++) {
    quote('alpha', 100 + (i % 7), 102 + (i % 7))
    clock.advance(60_000)
  }
  expect(minutes(5_000)).toHaveLength(CANDLES_MAX)
  expect(minutes(3)).toHaveLength(3)
  expect(minutes(0)).toEqual([])
})

test('goes back to what it was', () => {
  const { clock, quote, history, minutes } = setup()
  quote('alpha', 100, 102)
  const saved = history.save()
  const before = minutes()
  quote('alpha', 120, 122)
  clock.advance(60_000)
  quote('alpha', 130, 132)
  history.restore(saved)
  expect(minutes()).toEqual(before)
  quote('alpha', 140, 142)
  expect(minutes()).not.toEqual(before)
  history.restore(saved)
  expect(minutes()).toEqual(before)
})

test('a market nobody knows has none', () => {
  const { hub, history } = setup()
  hub.publish('alpha', 'ETH', { bids: [level(1)], asks: [level(2)] })
  expect(history.candles('ETH-USD', '1m', 10)).toEqual([])
})

test('wide candles tell the same story as the narrow ones they hold', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          ms: fc.integer({ min: 0, max: 200_000 }),
          bid: fc.integer({ min: 90, max: 110 }),
          wide: fc.integer({ min: -2, max: 5 }),
        }),
        { minLength: 1, maxLength: 60 },
      ),
      (story) => {
        const { clock, quote, history } = setup()
        for (const { ms, bid, wide } of story) {
          clock.advance(ms)
          quote('alpha', bid, bid + wide)
        }
        const narrow = history.candles('BTC-USD', '1m', CANDLES_MAX)
        for (const wide of history.candles('BTC-USD', '15m', CANDLES_MAX)) {
          const held = narrow.filter(
            ({ start_ns }) =>
              start_ns >= wide.start_ns && start_ns < wide.start_ns + 900_000_000_000n,
          )
          const by = (pick: 'high_1e9' | 'low_1e9') => held.map((one) => one[pick])
          expect(wide.open_1e9).toBe(held[0]?.open_1e9)
          expect(wide.close_1e9).toBe(held.at(-1)?.close_1e9)
          expect(wide.high_1e9).toBe(by('high_1e9').reduce((a, b) => (a > b ? a : b)))
          expect(wide.low_1e9).toBe(by('low_1e9').reduce((a, b) => (a < b ? a : b)))
          expect(wide.tick_count).toBe(held.reduce((sum, one) => sum + one.tick_count, 0))
        }
      },
    ),
    { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 200) },
  )
})
