import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DEFAULT_LIMITS,
  type GuardContext,
  type GuardListing,
  guard,
  preflight,
} from '../../../src/engine/guards.js'
import type { Instrument } from '../../../src/engine/instrument.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 3000)

const instrument: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: 'BTCUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 1n,
  lot_size_1e8: 1n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
}

const levels = fc.option(
  fc.record({
    price_1e9: fc.bigInt({ min: 0n, max: 10n ** 15n }),
    qty_1e8: fc.bigInt({ min: 0n, max: 10n ** 12n }),
  }),
)

const listings: fc.Arbitrary<GuardListing> = fc.record({
  venue: fc.constantFrom('a', 'b', 'c'),
  instrument: fc.constant(instrument),
  rules: fc.constant({
    time_in_force: ['gtc', 'ioc', 'fok', 'gtd'] as const,
    post_only: 'refuse' as const,
    reduce_only: 'native' as const,
    shape_check: 'first' as const,
    paused_as: 'venue-paused' as const,
  }),
  market: fc.constantFrom(
    'open' as const,
    'open' as const,
    'post-only' as const,
    'closed' as const,
  ),
  book: fc.option(fc.record({ fresh: fc.boolean(), best_bid: levels, best_ask: levels })),
  credentials: fc.constantFrom('not-needed' as const, 'ready' as const, 'missing' as const),
})

const contexts: fc.Arbitrary<GuardContext> = fc.record({
  kill_switch: fc.constant(false),
  symbol: fc.constant('BTC-USD'),
  venue: fc.option(fc.constantFrom('a', 'b', 'c')),
  listings: fc.uniqueArray(listings, { maxLength: 3, selector: ({ venue }) => venue }),
  order: fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    outcome: fc.constant(null),
    qty_1e8: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    limit_price_1e9: fc.option(fc.bigInt({ min: 1n, max: 10n ** 15n })),
    time_in_force: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
    post_only: fc.boolean(),
    reduce_only: fc.boolean(),
    expire_ts_ns: fc.constant(null),
  }),
  limits: fc.constantFrom(DEFAULT_LIMITS, { ...DEFAULT_LIMITS, price_deviation_bps_max: null }),
  position_qty_1e8: fc.constant(0n),
  daily_pnl_usd_1e9: fc.constant(0n),
  now_ts_ns: fc.constant(0n),
})

const live = (level: { price_1e9: bigint; qty_1e8: bigint } | null | undefined) =>
  level !== null && level !== undefined && level.price_1e9 > 0n && level.qty_1e8 > 0n

test('no ask, no market buy; no bid, no market sell', () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const verdict = preflight(context)
      if (!verdict.ok || context.order.limit_price_1e9 !== null) return
      for (const { book } of verdict.eligible) {
        expect(book?.fresh).toBe(true)
        expect(live(context.order.side === 'buy' ? book?.best_ask : book?.best_bid)).toBe(true)
      }
      expect(verdict.eligible.length).toBeGreaterThan(0)
    }),
    { numRuns: RUNS },
  )
})

test('an order refused on several venues is refused on each alone, and passes where one passes', () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const off = { ...context, limits: { ...context.limits, price_deviation_bps_max: null } }
      const alone = off.listings
        .filter(({ venue }) => off.venue === null || venue === off.venue)
        .map((listing) => guard({ ...off, listings: [listing] }))
      const passes = alone.some((refusal) => refusal === undefined)
      expect(guard(off) === undefined).toBe(passes)
    }),
    { numRuns: RUNS },
  )
})

test('every venue that is eligible passes alone, and no venue that would pass is left out', () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const off = { ...context, limits: { ...context.limits, price_deviation_bps_max: null } }
      const verdict = preflight(off)
      const eligible = verdict.ok ? verdict.eligible.map(({ venue }) => venue) : []
      const alone = off.listings
        .filter(({ venue }) => off.venue === null || venue === off.venue)
        .filter((listing) => guard({ ...off, listings: [listing] }) === undefined)
        .map(({ venue }) => venue)
      expect(eligible).toEqual(alone)
    }),
    { numRuns: RUNS },
  )
})

test('a passive limit price never deviates', () => {
  fc.assert(
    fc.property(contexts, (context) => {
      const refusal = guard(context)
      if (refusal?.guard !== 'deviation') return
      const { side, limit_price_1e9 } = context.order
      for (const { book } of context.listings) {
        const best = side === 'buy' ? book?.best_ask : book?.best_bid
        if (best === null || best === undefined || limit_price_1e9 === null) continue
        if (!live(best) || !book?.fresh) continue
        const beyond = limit_price_1e9 - best.price_1e9
        if (context.listings.length === 1)
          expect(side === 'buy' ? beyond > 0n : beyond < 0n).toBe(true)
      }
    }),
    { numRuns: RUNS },
  )
})
