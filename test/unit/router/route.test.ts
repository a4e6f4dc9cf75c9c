import { describe, expect, test } from 'vitest'
import type { Level } from '../../../src/engine/depth.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { feeCost, slippageCost, venueCost } from '../../../src/router/cost.js'
import { type Candidate, type RouteInput, route } from '../../../src/router/route.js'
import { alignPrice, protectionPrice, qtyOfNotional } from '../../../src/router/size.js'

const usd = (price: number): bigint => BigInt(Math.round(price * 100)) * 10_000_000n
const units = (qty: number): bigint => BigInt(Math.round(qty * 1000)) * 100_000n

const instrument = (change: Partial<Instrument> = {}): Instrument => ({
  symbol: 'BTC-USD',
  venue_symbol: 'BTCUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 10_000_000n,
  lot_size_1e8: 100_000n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
  ...change,
})

const levels = (pairs: readonly (readonly [number, number])[]): Level[] =>
  pairs.map(([price, qty]) => ({ price_1e9: usd(price), qty_1e8: units(qty) }))

type Book = {
  asks?: readonly (readonly [number, number])[]
  bids?: readonly (readonly [number, number])[]
}

const candidate = (venue: string, book: Book, change: Partial<Candidate> = {}): Candidate => ({
  venue,
  instrument: instrument(),
  depth: { asks: levels(book.asks ?? []), bids: levels(book.bids ?? []) },
  latency_ms: 0,
  age_ms: 0,
  taker_bps: () => 0,
  maker_bps: () => 0,
  free_1e8: null,
  hold_1e8: (pieces) => pieces.reduce((sum, p) => sum + (p.price_1e9 * p.qty_1e8) / 10n ** 9n, 0n),
  ...change,
})

const buy = (
  qty: number,
  candidates: Candidate[],
  change: Partial<RouteInput> = {},
): RouteInput => ({
  side: 'buy',
  outcome: null,
  qty_1e8: units(qty),
  limit_price_1e9: null,
  time_in_force: 'ioc',
  post_only: false,
  max_slippage_bps: null,
  urgency: 'medium',
  candidates,
  ...change,
})

const limit = (price: number, time_in_force: RouteInput['time_in_force'] = 'gtc') => ({
  limit_price_1e9: usd(price),
  time_in_force,
})

const shares = (input: RouteInput) =>
  route(input).legs.map(({ venue, qty_1e8 }) => [venue, Number(qty_1e8) / 1e8])

describe('cost', () => {
  test('adds distance, fee, latency and age', () => {
    expect(slippageCost('buy', usd(101), usd(100))).toBe(1_000_000)
    expect(slippageCost('sell', usd(99), usd(100))).toBe(1_000_000)
    expect(slippageCost('buy', 3_000_000_001n, 3_000_000_000n)).toBe(1)
    expect(feeCost(1.5)).toBe(15_000)
    const at = (latency_ms: number, age_ms: number, urgency: 'low' | 'medium' | 'high') =>
      venueCost({ latency_ms, age_ms, urgency })
    expect(at(100, 250, 'medium')).toBe(10_000)
    expect(at(100, 250, 'low')).toBe(5_000)
    expect(at(100, 250, 'high')).toBe(20_000)
    expect(at(0, 1_250, 'high')).toBe(10_000)
    expect(at(0, 10, 'medium')).toBe(0)
  })

  test('a worse price wins when its fee makes up for it', () => {
    const dear = candidate('a', { asks: [[100, 5]] }, { taker_bps: () => 60 })
    const cheap = candidate('b', { asks: [[100.2, 5]] }, { taker_bps: () => 10 })
    const [leg] = route(buy(1, [dear, cheap])).legs
    expect(leg).toMatchObject({ venue: 'b', fee_bps: 10, landed_cost_bps: 30 })
  })

  test('a late or old book costs', () => {
    const late = candidate('a', { asks: [[100, 5]] }, { latency_ms: 100 })
    const old = candidate('b', { asks: [[100, 5]] }, { age_ms: 1_000 })
    const fresh = candidate('c', { asks: [[100, 5]] }, { latency_ms: 20 })
    expect(shares(buy(12, [late, old, fresh]))).toEqual([
      ['c', 5],
      ['b', 5],
      ['a', 2],
    ])
  })
})

describe('the sweep', () => {
  test('walks one book level by level', () => {
    const input = buy(3, [
      candidate('a', {
        asks: [
          [100, 1],
          [101, 1],
          [103, 5],
        ],
      }),
    ])
    const { legs, uncovered_1e8, short_1e8 } = route(input)
    expect(legs).toHaveLength(1)
    expect(legs[0]?.takes).toEqual(
      levels([
        [100, 1],
        [101, 1],
        [103, 1],
      ]),
    )
    expect(legs[0]?.avg_px_1e9).toBe(101_333_333_334n)
    expect([uncovered_1e8, short_1e8]).toEqual([0n, 0n])
  })

  test('takes the cheapest level of all venues next, selling as well as buying', () => {
    const a = candidate('a', {
      asks: [
        [100, 1],
        [102, 9],
      ],
      bids: [
        [99, 1],
        [97, 9],
      ],
    })
    const b = candidate('b', {
      asks: [
        [101, 1],
        [103, 9],
      ],
      bids: [
        [98, 1],
        [96, 9],
      ],
    })
    expect(shares(buy(2.5, [b, a]))).toEqual([
      ['a', 1.5],
      ['b', 1],
    ])
    expect(shares(buy(2.5, [b, a], { side: 'sell' }))).toEqual([
      ['a', 1.5],
      ['b', 1],
    ])
  })

  test('ties go to the better price, then the lower fee, then the name', () => {
    const priced = candidate('b', { asks: [[100, 1]] }, { taker_bps: () => 100 })
    const farther = candidate('a', { asks: [[101, 1]] })
    expect(shares(buy(1, [priced, farther]))).toEqual([['b', 1]])
    const feed = candidate('a', { asks: [[100, 1]] }, { taker_bps: () => 1 })
    const slow = candidate('b', { asks: [[100, 1]] }, { latency_ms: 100 })
    expect(shares(buy(1, [feed, slow]))).toEqual([['b', 1]])
    const [c, d] = [candidate('c', { asks: [[100, 1]] }), candidate('d', { asks: [[100, 1]] })]
    expect(shares(buy(1, [d, c]))).toEqual([['c', 1]])
  })

  test('an order beyond every book stays whole: the rest goes with the cheapest leg', () => {
    const a = candidate('a', { asks: [[100, 1]] })
    const b = candidate('b', { asks: [[101, 1]] })
    const input = buy(5, [a, b])
    expect(shares(input)).toEqual([
      ['a', 4],
      ['b', 1],
    ])
    expect(route(input).uncovered_1e8).toBe(units(3))
  })

  test('a slippage bound stops the sweep and rides on the child, on the grid', () => {
    const input = buy(
      5,
      [
        candidate('a', {
          asks: [
            [100, 1],
            [100.33, 1],
            [100.34, 5],
          ],
        }),
      ],
      {
        max_slippage_bps: 33.9,
      },
    )
    const [leg] = route(input).legs
    expect(leg?.protection_price_1e9).toBe(usd(100.33))
    expect(leg?.takes).toHaveLength(2)
    expect(leg?.qty_1e8).toBe(units(5))
  })
})

describe('limit orders', () => {
  const a = candidate(
    'a',
    {
      asks: [
        [100, 1],
        [102, 9],
      ],
    },
    { maker_bps: () => 5 },
  )
  const b = candidate('b', { asks: [[101, 1]] }, { maker_bps: () => 2 })

  test('sweep up to the limit; the remainder rests where the maker fee is lowest', () => {
    const { legs, uncovered_1e8 } = route(buy(5, [a, b], limit(101)))
    expect(legs.map(({ venue, qty_1e8 }) => [venue, qty_1e8])).toEqual([
      ['a', units(1)],
      ['b', units(4)],
    ])
    expect(uncovered_1e8).toBe(units(3))
  })

  test('the remainder of an ioc goes with the cheapest leg, to be cancelled there', () => {
    expect(shares(buy(5, [a, b], limit(101, 'ioc')))).toEqual([
      ['a', 4],
      ['b', 1],
    ])
  })

  test('a post-only order takes nothing and prefers a book it does not cross', () => {
    const input = buy(5, [a, b], { ...limit(100.5), post_only: true })
    expect(shares(input)).toEqual([['b', 5]])
    const crossing = buy(5, [a, b], { ...limit(101), post_only: true })
    expect(shares(crossing)).toEqual([['b', 5]])
    const only = buy(5, [a, candidate('c', {}, { maker_bps: () => 9 })], {
      ...limit(100),
      post_only: true,
    })
    expect(shares(only)).toEqual([['c', 5]])
  })

  test('a fill-or-kill goes whole to the cheapest venue that shows it all', () => {
    expect(shares(buy(1, [a, b], limit(102, 'fok')))).toEqual([['a', 1]])
    const deep = candidate('b', { asks: [[101, 3]] })
    const thin = candidate('a', { asks: [[100, 2]] })
    expect(shares(buy(3, [thin, deep], limit(101, 'fok')))).toEqual([['b', 3]])
    expect(shares(buy(9, [thin, deep], limit(101, 'fok')))).toEqual([['a', 9]])
  })
})

describe('minimums', () => {
  test('a leg too small is dropped and its quantity goes where there is room', () => {
    const small = instrument({ min_qty_1e8: units(2) })
    const a = candidate('a', { asks: [[100, 1]] }, { instrument: small })
    const b = candidate('b', { asks: [[101, 9]] })
    expect(shares(buy(3, [a, b]))).toEqual([['b', 3]])
  })

  test('a leg below the minimum notional is dropped', () => {
    const dear = instrument({ min_notional_1e9: usd(150) })
    const a = candidate('a', { asks: [[100, 1]] }, { instrument: dear })
    const b = candidate('b', { asks: [[101, 9]] })
    expect(shares(buy(3, [a, b]))).toEqual([['b', 3]])
    const enough = candidate('a', { asks: [[100, 1.5]] }, { instrument: dear })
    expect(shares(buy(3, [enough, b]))).toEqual([
      ['a', 1.5],
      ['b', 1.5],
    ])
  })
})

describe('money', () => {
  test('a venue takes what its free money reserves; the next takes the rest', () => {
    const a = candidate('a', { asks: [[100, 5]] }, { free_1e8: units(250) })
    const b = candidate('b', { asks: [[101, 5]] }, { free_1e8: units(1000) })
    expect(shares(buy(4, [a, b]))).toEqual([
      ['a', 2.5],
      ['b', 1.5],
    ])
    expect(route(buy(4, [a, b])).short_1e8).toBe(0n)
  })

  test('a limit order is afforded at its limit, not at the price it may get', () => {
    const a = candidate('a', { asks: [[100, 5]] }, { free_1e8: units(200) })
    const routing = route(buy(2, [a], limit(110)))
    expect(routing.short_1e8).toBe(units(0.182))
    expect(route(buy(2, [a], limit(100))).short_1e8).toBe(0n)
  })

  test('a market order that money ends is short, however thin the book', () => {
    const a = candidate('a', { asks: [[100, 1]] }, { free_1e8: units(50) })
    expect(route(buy(1, [a])).short_1e8).toBe(units(0.5))
    expect(route(buy(5, [a])).short_1e8).toBe(units(4.5))
    const paid = candidate('a', { asks: [[100, 1]] }, { free_1e8: units(100) })
    expect(route(buy(5, [paid]))).toMatchObject({ short_1e8: 0n, uncovered_1e8: units(4) })
  })

  test('what nobody can reserve is short', () => {
    const a = candidate('a', { asks: [[100, 5]] }, { free_1e8: units(100) })
    const b = candidate('b', {}, { free_1e8: 0n })
    expect(route(buy(3, [a, b], limit(100))).short_1e8).toBe(units(2))
  })

  test('a remainder rests whole on the cheapest maker that can reserve all of it', () => {
    const a = candidate('a', {}, { free_1e8: units(100), maker_bps: () => 1 })
    const b = candidate('b', {}, { free_1e8: units(900), maker_bps: () => 2 })
    expect(shares(buy(5, [a, b], limit(100)))).toEqual([['b', 5]])
    expect(shares(buy(10, [a, b], limit(100)))).toEqual([
      ['a', 1],
      ['b', 9],
    ])
  })
})

test('lots of a coarser venue are never broken', () => {
  const coarse = instrument({ lot_size_1e8: units(1) })
  const a = candidate('a', { asks: [[100, 4]] }, { instrument: coarse })
  const b = candidate('b', {
    asks: [
      [101, 0.5],
      [102, 9],
    ],
  })
  expect(shares(buy(2.5, [a, b]))).toEqual([
    ['a', 2],
    ['b', 0.5],
  ])
})

test('routing nothing, or nowhere, is misuse', () => {
  expect(() => route(buy(0, [candidate('a', {})]))).toThrow(RangeError)
  expect(() => route(buy(1, []))).toThrow(RangeError)
})

describe('size', () => {
  test('money becomes quantity at the live price, down to the lot', () => {
    const at = (notional: number, price: number, lot: number) =>
      qtyOfNotional({
        notional_1e9: usd(notional),
        price_1e9: usd(price),
        lot_size_1e8: units(lot),
      })
    expect(at(100, 30, 1)).toBe(units(3))
    expect(at(100, 30, 0.001)).toBe(units(3.333))
    expect(at(100, 300, 1)).toBe(0n)
  })

  const bands: Instrument = instrument({
    kind: 'event',
    tick_size_1e9: 1_000_000n,
    price_bands: [
      { from_1e9: 0n, to_1e9: 100_000_000n, step_1e9: 1_000_000n },
      { from_1e9: 100_000_000n, to_1e9: 900_000_000n, step_1e9: 10_000_000n },
      { from_1e9: 900_000_000n, to_1e9: 1_000_000_000n, step_1e9: 1_000_000n },
    ],
  })

  test('a bound lies on the grid, on the near side, inside the range', () => {
    expect(alignPrice(bands, 555_555_555n, 'down')).toBe(550_000_000n)
    expect(alignPrice(bands, 555_555_555n, 'up')).toBe(560_000_000n)
    expect(alignPrice(bands, 55_555_555n, 'up')).toBe(56_000_000n)
    expect(alignPrice(bands, 2_000_000_000n, 'down')).toBe(999_000_000n)
    expect(alignPrice(bands, -5n, 'up')).toBe(1_000_000n)
    expect(alignPrice(bands, 5n, 'down')).toBe(1_000_000n)
    const cents = { from_1e9: 10_000_000n, to_1e9: 990_000_000n, step_1e9: 10_000_000n }
    const inner = { ...bands, price_bands: [cents] }
    expect(alignPrice(inner, 999_000_000n, 'down')).toBe(990_000_000n)
    expect(alignPrice(inner, 999_000_000n, 'up')).toBe(990_000_000n)
    expect(alignPrice(inner, 1n, 'down')).toBe(10_000_000n)
    expect(alignPrice(instrument(), 1_234_567_890n, 'up')).toBe(1_240_000_000n)
    expect(alignPrice(instrument(), 1n, 'down')).toBe(10_000_000n)
  })

  test('a NO bound is the complement of a valid YES price', () => {
    const bound = (side: 'buy' | 'sell', outcome: 'YES' | 'NO') =>
      protectionPrice({
        side,
        outcome,
        best_1e9: 400_000_000n,
        max_slippage_bps: 400,
        instrument: bands,
      })
    expect(bound('buy', 'YES')).toBe(410_000_000n)
    expect(bound('buy', 'NO')).toBe(410_000_000n)
    expect(bound('sell', 'YES')).toBe(390_000_000n)
    expect(bound('sell', 'NO')).toBe(390_000_000n)
  })
})
