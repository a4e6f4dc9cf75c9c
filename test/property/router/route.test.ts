/** The router against a slow twin that re-scores every level of every venue before each lot it takes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Level } from '../../../src/engine/depth.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { feeCost, slippageCost, venueCost } from '../../../src/router/cost.js'
import { type Candidate, type RouteInput, route } from '../../../src/router/route.js'
import { alignPrice } from '../../../src/router/size.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 2000)
const LOT = 100n

const instrument = (change: Partial<Instrument>): Instrument => ({
  symbol: 'BTC-USD',
  venue_symbol: 'BTCUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 10n,
  lot_size_1e8: LOT,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
  ...change,
})

/** Ladder of distinct prices near 1000 ticks, best first. */
const ladder = (side: 'asks' | 'bids') =>
  fc
    .array(
      fc.record({ gap: fc.integer({ min: 0, max: 4 }), lots: fc.integer({ min: 1, max: 5 }) }),
      {
        maxLength: 4,
      },
    )
    .map((rungs): Level[] => {
      let ticks = side === 'asks' ? 1000 : 999
      return rungs.map(({ gap, lots }) => {
        ticks += side === 'asks' ? gap + 1 : -(gap + 1)
        return { price_1e9: BigInt(ticks) * 10n, qty_1e8: BigInt(lots) * LOT }
      })
    })

const holdOf: Candidate['hold_1e8'] = (pieces) =>
  pieces.reduce((sum, piece) => sum + piece.price_1e9 * piece.qty_1e8, 0n)

const candidateOf = (options: { minimums: boolean; money: boolean }): fc.Arbitrary<Candidate> =>
  fc
    .record({
      venue: fc.constantFrom('a', 'b', 'c', 'd'),
      asks: ladder('asks'),
      bids: ladder('bids'),
      latency_ms: fc.constantFrom(0, 5, 50),
      age_ms: fc.constantFrom(0, 200, 400, 1500),
      taker: fc.constantFrom(0, 1.5, 10, 40),
      maker: fc.constantFrom(-1, 0, 2),
      free: options.money ? fc.option(fc.bigInt({ min: 0n, max: 20_000_000n })) : fc.constant(null),
      min_lots: options.minimums ? fc.integer({ min: 0, max: 4 }) : fc.constant(0),
    })
    .map((drawn) => ({
      venue: drawn.venue,
      instrument: instrument({ min_qty_1e8: BigInt(drawn.min_lots) * LOT }),
      depth: { asks: drawn.asks, bids: drawn.bids },
      latency_ms: drawn.latency_ms,
      age_ms: drawn.age_ms,
      taker_bps: () => drawn.taker,
      maker_bps: () => drawn.maker,
      free_1e8: drawn.free,
      hold_1e8: holdOf,
    }))

const inputOf = (options: { minimums: boolean; money: boolean }): fc.Arbitrary<RouteInput> =>
  fc
    .record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      lots: fc.integer({ min: 1, max: 30 }),
      limit: fc.option(fc.integer({ min: 990, max: 1015 })),
      tif: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
      post_only: fc.boolean(),
      slippage: fc.option(fc.constantFrom(0, 5, 50, 500)),
      urgency: fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
      candidates: fc.uniqueArray(candidateOf(options), {
        minLength: 1,
        maxLength: 4,
        selector: ({ venue }) => venue,
      }),
    })
    .map(({ lots, limit, tif, post_only, slippage, ...rest }) => ({
      ...rest,
      outcome: null,
      qty_1e8: BigInt(lots) * LOT,
      limit_price_1e9: limit === null ? null : BigInt(limit) * 10n,
      time_in_force: limit === null ? ('ioc' as const) : post_only ? ('gtc' as const) : tif,
      post_only: limit !== null && post_only,
      max_slippage_bps: limit === null ? slippage : null,
    }))

const bookOf = ({ side }: RouteInput, { depth }: Candidate) =>
  side === 'buy' ? depth.asks : depth.bids

const worse = (side: 'buy' | 'sell', price: bigint, bound: bigint) =>
  side === 'buy' ? price > bound : price < bound

/** Every lot takes the level of least cost still there; nothing is remembered but what was taken. */
function twin(input: RouteInput): Map<string, bigint> {
  const best = input.candidates
    .map((candidate) => bookOf(input, candidate)[0]?.price_1e9)
    .filter((price) => price !== undefined)
    .reduce<bigint | null>(
      (least, price) => (least === null || worse(input.side, least, price) ? price : least),
      null,
    )
  const taken = new Map<string, bigint>()
  if (best === null || input.post_only) return taken
  const bound = (candidate: Candidate): bigint | null => {
    if (input.limit_price_1e9 !== null) return input.limit_price_1e9
    if (input.max_slippage_bps === null) return null
    const part = BigInt(input.max_slippage_bps)
    const raw = input.side === 'buy' ? best * (10_000n + part) : best * (10_000n - part)
    const toward = input.side === 'buy' ? 'down' : 'up'
    const whole = toward === 'down' ? raw / 10_000n : (raw + 9_999n) / 10_000n
    return alignPrice(candidate.instrument, whole, toward)
  }
  for (let open = input.qty_1e8; open > 0n; open -= LOT) {
    const levels = input.candidates.flatMap((candidate) => {
      const limit = bound(candidate)
      const fixed = venueCost({ ...candidate, urgency: input.urgency })
      let behind = taken.get(candidate.venue) ?? 0n
      for (const { price_1e9, qty_1e8 } of bookOf(input, candidate)) {
        if (behind >= qty_1e8) {
          behind -= qty_1e8
          continue
        }
        if (limit !== null && worse(input.side, price_1e9, limit)) return []
        const fee = candidate.taker_bps(price_1e9)
        const cost = slippageCost(input.side, price_1e9, best) + feeCost(fee) + fixed
        return [{ venue: candidate.venue, price_1e9, fee, cost }]
      }
      return []
    })
    const [next] = levels.sort((a, b) => {
      if (a.cost !== b.cost) return a.cost < b.cost ? -1 : 1
      if (a.price_1e9 !== b.price_1e9) return worse(input.side, b.price_1e9, a.price_1e9) ? -1 : 1
      return a.fee - b.fee || (a.venue < b.venue ? -1 : 1)
    })
    if (next === undefined) break
    taken.set(next.venue, (taken.get(next.venue) ?? 0n) + LOT)
  }
  return taken
}

const sum = (levels: readonly { qty_1e8: bigint }[]) =>
  levels.reduce((total, { qty_1e8 }) => total + qty_1e8, 0n)

test('takes exactly what a lot-by-lot search for the cheapest level takes', () => {
  fc.assert(
    fc.property(inputOf({ minimums: false, money: false }), (input) => {
      fc.pre(input.time_in_force !== 'fok')
      const taken = route(input)
        .legs.filter(({ takes }) => takes.length > 0)
        .map(({ venue, takes }) => [venue, sum(takes)] as const)
      expect(new Map(taken)).toEqual(twin(input))
    }),
    { numRuns: RUNS },
  )
})

test('legs and shortage add up to the order, in whole lots, one leg a venue', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: true }), (input) => {
      const { legs, short_1e8, uncovered_1e8 } = route(input)
      expect(sum(legs) + short_1e8).toBe(input.qty_1e8)
      expect(new Set(legs.map(({ venue }) => venue)).size).toBe(legs.length)
      for (const leg of legs) {
        expect(leg.qty_1e8).toBeGreaterThan(0n)
        expect(leg.qty_1e8 % leg.instrument.lot_size_1e8).toBe(0n)
        expect(sum(leg.takes)).toBeLessThanOrEqual(leg.qty_1e8)
      }
      expect(sum(legs.flatMap(({ takes }) => takes)) + uncovered_1e8).toBe(input.qty_1e8)
    }),
    { numRuns: RUNS },
  )
})

test('never takes beyond the book, the limit or the bound, nor skips a better level', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: true }), (input) => {
      for (const leg of route(input).legs) {
        const candidate = input.candidates.find(({ venue }) => venue === leg.venue)
        const book = candidate === undefined ? [] : bookOf(input, candidate)
        for (const [nth, take] of leg.takes.entries()) {
          expect(take.price_1e9).toBe(book[nth]?.price_1e9)
          const shown = book[nth]?.qty_1e8 ?? 0n
          expect(take.qty_1e8).toBeLessThanOrEqual(shown)
          if (nth < leg.takes.length - 1) expect(take.qty_1e8).toBe(shown)
          const worst = input.limit_price_1e9 ?? leg.protection_price_1e9
          if (worst !== null) expect(worse(input.side, take.price_1e9, worst)).toBe(false)
        }
      }
    }),
    { numRuns: RUNS },
  )
})

test('a child is never larger than its venue can hold money for', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: true }), (input) => {
      for (const leg of route(input).legs) {
        const free = input.candidates.find(({ venue }) => venue === leg.venue)?.free_1e8
        if (free === null || free === undefined) continue
        const { limit_price_1e9 } = input
        const pieces =
          limit_price_1e9 === null
            ? leg.takes
            : [{ price_1e9: limit_price_1e9, qty_1e8: leg.qty_1e8 }]
        expect(holdOf(pieces)).toBeLessThanOrEqual(free)
      }
    }),
    { numRuns: RUNS },
  )
})

test('a leg below its venue minimum is only ever the last venue left', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: false }), (input) => {
      const { legs } = route(input)
      fc.pre(input.time_in_force !== 'fok')
      const small = legs.filter(({ qty_1e8, instrument: { min_qty_1e8 } }) => qty_1e8 < min_qty_1e8)
      if (small.length > 0) expect(legs).toHaveLength(1)
    }),
    { numRuns: RUNS },
  )
})

test('a pinned order goes whole to its venue, and a fill-or-kill is never split', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: false }), (input) => {
      const [only] = input.candidates
      if (only === undefined) return
      const pinned = route({ ...input, candidates: [only] })
      expect(pinned.legs.map(({ venue, qty_1e8 }) => [venue, qty_1e8])).toEqual([
        [only.venue, input.qty_1e8],
      ])
      if (input.time_in_force === 'fok') expect(route(input).legs).toHaveLength(1)
    }),
    { numRuns: RUNS },
  )
})

test('the order in which venues are named changes nothing', () => {
  fc.assert(
    fc.property(inputOf({ minimums: true, money: true }), (input) => {
      const reversed = { ...input, candidates: [...input.candidates].reverse() }
      expect(route(reversed)).toEqual(route(input))
    }),
    { numRuns: RUNS },
  )
})
