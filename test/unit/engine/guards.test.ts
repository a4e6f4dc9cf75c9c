import { describe, expect, test } from 'vitest'
import {
  DEFAULT_LIMITS,
  type FailureReason,
  failureReasons,
  failures,
  GUARDS,
  type GuardContext,
  type GuardListing,
  type GuardOrder,
  guard,
  insufficientBalance,
  preflight,
} from '../../../src/engine/guards.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { BOOK_REJECTS, ENTRY_REJECTS } from '../../../src/engine/reject.js'

const instrument: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: 'BTCUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 100_000_000n,
  lot_size_1e8: 1000n,
  min_qty_1e8: 5000n,
  min_notional_1e9: 5_000_000_000n,
  price_bands: [],
  leverage_max: 1,
}

const level = (price: bigint, qty: bigint) => ({
  price_1e9: price * 1_000_000_000n,
  qty_1e8: qty * 100_000_000n,
})

const listing = (change: Partial<GuardListing> = {}): GuardListing => ({
  venue: 'one',
  instrument,
  rules: {
    time_in_force: ['gtc', 'ioc', 'gtd'],
    post_only: 'refuse',
    reduce_only: 'none',
    shape_check: 'first',
    paused_as: 'venue-paused',
  },
  market: 'open',
  book: { fresh: true, best_bid: level(99n, 1n), best_ask: level(101n, 1n) },
  credentials: 'not-needed',
  ...change,
})

const order = (change: Partial<GuardOrder> = {}): GuardOrder => ({
  side: 'buy',
  outcome: null,
  qty_1e8: 100_000_000n,
  limit_price_1e9: 100_000_000_000n,
  time_in_force: 'gtc',
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
  ...change,
})

const context = (change: Partial<GuardContext> = {}): GuardContext => ({
  kill_switch: false,
  symbol: 'BTC-USD',
  venue: null,
  listings: [listing()],
  order: order(),
  limits: DEFAULT_LIMITS,
  position_qty_1e8: 0n,
  daily_pnl_usd_1e9: 0n,
  now_ts_ns: 1_000n,
  ...change,
})

const answer = (change: Partial<GuardContext>) => {
  const refusal = guard(context(change))
  return refusal && [refusal.code, refusal.message, refusal.reject]
}

const market = (side: 'buy' | 'sell') =>
  order({ side, limit_price_1e9: null, time_in_force: 'ioc' })

test('an order that breaks nothing passes every guard', () => {
  expect(guard(context())).toBeUndefined()
})

test('an order that breaks everything meets the guards in their order', () => {
  const bad = listing({
    market: 'closed',
    book: { fresh: false, best_bid: null, best_ask: null },
    credentials: 'missing',
  })
  const loss = { ...DEFAULT_LIMITS, daily_loss_usd_1e9_max: 10n, position_qty_1e8_max: 10_000n }
  let now = context({
    kill_switch: true,
    venue: 'two',
    listings: [],
    order: order({ qty_1e8: 5500n, limit_price_1e9: null }),
    limits: { ...loss, notional_1e9_max: 1n },
    daily_pnl_usd_1e9: -10n,
  })
  const met: (readonly [string, string, string])[] = []
  const fix = (change: Partial<GuardContext>) => {
    const refusal = guard(now)
    expect(refusal).toBeDefined()
    if (refusal) met.push([refusal.guard, refusal.code, refusal.message])
    now = { ...now, ...change }
  }
  fix({ kill_switch: false })
  fix({ listings: [bad] })
  fix({ venue: null })
  fix({ listings: [{ ...bad, market: 'open' }] })
  fix({ order: { ...now.order, qty_1e8: 4000n } })
  fix({ order: { ...now.order, qty_1e8: 5000n } })
  fix({ order: { ...now.order, limit_price_1e9: 500_000_000n } })
  fix({ order: { ...now.order, limit_price_1e9: null, qty_1e8: 100_000_000n } })
  fix({ order: { ...now.order, side: 'sell' } })
  fix({ order: { ...now.order, limit_price_1e9: 500_000_000_000n, side: 'buy' } })
  const book = { fresh: true, best_bid: level(99n, 1n), best_ask: level(101n, 1n) }
  fix({ listings: [listing({ book, credentials: 'missing' })] })
  fix({ order: { ...now.order, limit_price_1e9: 102_000_000_000n } })
  fix({ limits: loss })
  fix({ limits: { ...loss, position_qty_1e8_max: null } })
  fix({ daily_pnl_usd_1e9: -9n })
  fix({ listings: [listing({ book })] })
  expect(guard(now)).toBeUndefined()
  expect(met).toEqual([
    ['kill-switch', 'KILL_SWITCH', 'kill switch is active'],
    ['symbol', 'INVALID_PARAMS', 'unknown symbol BTC-USD'],
    ['venue', 'BAD_VENUE', 'venue two does not serve BTC-USD'],
    ['market', 'EXCHANGE_REJECT', 'market is closed on one'],
    ['grid', 'INVALID_PARAMS', 'quantity off the venue lot'],
    ['grid', 'INVALID_PARAMS', 'quantity below venue minimum'],
    ['live-ask', 'EXCHANGE_REJECT', 'market buy requires a live ask'],
    ['notional', 'INVALID_PARAMS', 'notional below venue minimum'],
    ['live-ask', 'EXCHANGE_REJECT', 'market buy requires a live ask'],
    ['live-bid', 'EXCHANGE_REJECT', 'market sell requires a live bid'],
    ['fresh-book', 'STALE_VENUE', 'no fresh book for BTC-USD'],
    ['deviation', 'PRICE_DEVIATION', 'limit price deviates 39505 bps from best ask'],
    ['notional-cap', 'RISK', 'graph notional exceeds max_notional_usd'],
    ['position-limit', 'POSITION_LIMIT', 'position limit exceeded'],
    ['daily-loss', 'DAILY_LOSS_LIMIT', 'daily loss limit reached'],
    ['credentials', 'AUTH', 'no credentials for one'],
  ])
  const walked = met.map(([name]) => name)
  expect(GUARDS.map(([name]) => name).filter((name) => !walked.includes(name))).toEqual([])
})

test('the list of guards has each under the name it refuses by', () => {
  const worst = listing({
    market: 'closed',
    book: { fresh: false, best_bid: level(1n, 0n), best_ask: level(1n, 1n) },
    credentials: 'missing',
  })
  const limits = {
    price_deviation_bps_max: 0n,
    notional_1e9_max: 0n,
    position_qty_1e8_max: 0n,
    daily_loss_usd_1e9_max: 0n,
  }
  const bad = (change: Partial<GuardOrder>) =>
    context({
      kill_switch: true,
      venue: 'two',
      order: order({ qty_1e8: 1n, ...change }),
      limits,
    })
  const orders = [bad({}), bad({ side: 'sell', limit_price_1e9: null }), bad(market('buy'))]
  for (const [name, check] of GUARDS) {
    const listings = name === 'symbol' ? [] : [worst]
    const names = orders
      .map((context) => check(context, listings))
      .flatMap((answer) => ('guard' in answer ? [answer.guard] : []))
    expect([...new Set(names)]).toEqual([name])
  }
})

test('where no venue takes an order, the first to have been asked answers', () => {
  const paused = listing({ market: 'paused' })
  const closed = listing({ venue: 'two', market: 'closed' })
  expect(answer({ listings: [closed, paused] })?.[1]).toBe('market is closed on two')
  expect(answer({ listings: [paused, closed] })?.[1]).toBe('trading is paused on one')
})

describe('a live price', () => {
  test('a market buy needs an ask with price and size in a fresh book', () => {
    const words = ['EXCHANGE_REJECT', 'market buy requires a live ask', 'no-liquidity']
    const with_ = (book: GuardListing['book']) =>
      answer({ order: market('buy'), listings: [listing({ book })] })
    const best_bid = level(99n, 1n)
    expect(with_(null)).toEqual(words)
    expect(with_({ fresh: true, best_bid, best_ask: null })).toEqual(words)
    expect(with_({ fresh: true, best_bid, best_ask: level(101n, 0n) })).toEqual(words)
    expect(with_({ fresh: true, best_bid, best_ask: level(0n, 1n) })).toEqual(words)
    expect(with_({ fresh: false, best_bid, best_ask: level(101n, 1n) })).toEqual(words)
    expect(with_({ fresh: true, best_bid: null, best_ask: level(101n, 1n) })).toBeUndefined()
  })

  test('a market sell needs a bid with price and size in a fresh book', () => {
    const words = ['EXCHANGE_REJECT', 'market sell requires a live bid', 'no-liquidity']
    const with_ = (book: GuardListing['book']) =>
      answer({ order: market('sell'), listings: [listing({ book })] })
    const best_ask = level(101n, 1n)
    expect(with_(null)).toEqual(words)
    expect(with_({ fresh: true, best_bid: null, best_ask })).toEqual(words)
    expect(with_({ fresh: true, best_bid: level(99n, 0n), best_ask })).toEqual(words)
    expect(with_({ fresh: true, best_bid: level(0n, 1n), best_ask })).toEqual(words)
    expect(with_({ fresh: false, best_bid: level(99n, 1n), best_ask })).toEqual(words)
    expect(with_({ fresh: true, best_bid: level(99n, 1n), best_ask: null })).toBeUndefined()
  })

  test('a limit sell may rest where nobody bids', () => {
    const listings = [listing({ book: { fresh: true, best_bid: null, best_ask: level(101n, 1n) } })]
    expect(answer({ order: order({ side: 'sell' }), listings })).toBeUndefined()
  })

  test('one venue with a live ask suffices, unless the order is pinned to another', () => {
    const empty = listing({
      venue: 'two',
      book: { fresh: true, best_bid: level(99n, 1n), best_ask: null },
    })
    const listings = [empty, listing()]
    const verdict = preflight(context({ order: market('buy'), listings }))
    expect(verdict.ok && verdict.eligible.map(({ venue }) => venue)).toEqual(['one'])
    expect(answer({ order: market('buy'), listings, venue: 'two' })?.[1]).toBe(
      'market buy requires a live ask',
    )
  })

  test('a notional order without a price to size it fails on the missing ask, not on its size', () => {
    const listings = [listing({ book: { fresh: true, best_bid: null, best_ask: null } })]
    const unsized = order({ qty_1e8: null, limit_price_1e9: null, time_in_force: 'ioc' })
    expect(answer({ order: unsized, listings })?.[1]).toBe('market buy requires a live ask')
  })

  test('an order that a stale book leaves without a size is refused for the book alone', () => {
    const book = { fresh: false, best_bid: level(99n, 1n), best_ask: level(101n, 1n) }
    const unsized = context({
      order: order({ qty_1e8: null, limit_price_1e9: null, time_in_force: 'ioc' }),
      listings: [listing({ book })],
      limits: { ...DEFAULT_LIMITS, notional_1e9_max: 1n, position_qty_1e8_max: 0n },
      position_qty_1e8: 1n,
    })
    expect(guard(unsized)?.message).toBe('market buy requires a live ask')
    expect(failures(unsized).map(({ message }) => message)).toEqual([
      'market buy requires a live ask',
      'no fresh book for BTC-USD',
    ])
  })

  test('a limit order may rest in an empty book but not in a stale one', () => {
    const book = { fresh: true, best_bid: null, best_ask: null }
    expect(answer({ listings: [listing({ book })] })).toBeUndefined()
    expect(answer({ listings: [listing({ book: { ...book, fresh: false } })] })?.[0]).toBe(
      'STALE_VENUE',
    )
    expect(answer({ listings: [listing({ book: null })] })).toEqual([
      'STALE_VENUE',
      'no fresh book for BTC-USD',
      'stale-book',
    ])
  })
})

describe('the venue grid', () => {
  test('a price off the tick and a quantity off the lot are refused, not rounded', () => {
    expect(answer({ order: order({ limit_price_1e9: 100_050_000_000n }) })).toEqual([
      'INVALID_PARAMS',
      'price off the venue tick',
      'off-tick',
    ])
    expect(answer({ order: order({ qty_1e8: 100_000_001n }) })?.[2]).toBe('off-lot')
    expect(answer({ order: order({ qty_1e8: 0n }) })?.[2]).toBe('below-min-qty')
  })

  test('a price of nothing or less is out of bounds', () => {
    const words = ['INVALID_PARAMS', 'price out of bounds', 'price-bounds']
    expect(answer({ order: order({ limit_price_1e9: 0n }) })).toEqual(words)
    expect(answer({ order: order({ limit_price_1e9: -100_000_000n }) })).toEqual(words)
  })

  test('nothing and less than nothing are too little where a venue has no minimum', () => {
    const none = { ...instrument, min_qty_1e8: 0n, min_notional_1e9: 0n }
    const of = (qty_1e8: bigint) =>
      answer({ order: order({ qty_1e8 }), listings: [listing({ instrument: none })] })?.[2]
    expect(of(0n)).toBe('below-min-qty')
    expect(of(-1000n)).toBe('below-min-qty')
    expect(of(1000n)).toBeUndefined()
  })

  test('one order is at most half of the lots that can be counted', () => {
    const most_lots = 4_503_599_627_370_495n
    const of = (lots: bigint) => answer({ order: order({ qty_1e8: lots * 1000n }) })?.[2]
    expect(of(most_lots)).toBeUndefined()
    expect(of(most_lots + 1n)).toBe('off-lot')
  })

  test('an order of just the least notional passes, one lot less does not', () => {
    const of = (qty_1e8: bigint) => answer({ order: order({ qty_1e8 }) })?.[2]
    expect(of(5_000_000n)).toBeUndefined()
    expect(of(4_999_000n)).toBe('below-min-notional')
  })

  test('a venue without a least notional finds none too small, not even of an impossible price', () => {
    const found = (min_notional_1e9: bigint) =>
      failures(
        context({
          order: order({ limit_price_1e9: -100_000_000n }),
          listings: [listing({ instrument: { ...instrument, min_notional_1e9 } })],
        }),
      ).map(({ reject }) => reject)
    expect(found(0n)).toEqual(['price-bounds'])
    expect(found(1n)).toEqual(['price-bounds', 'below-min-notional'])
  })

  test('a NO price is checked on its YES complement', () => {
    const event: Instrument = {
      ...instrument,
      kind: 'event',
      tick_size_1e9: 1_000_000n,
      min_notional_1e9: 0n,
      price_bands: [
        { from_1e9: 0n, to_1e9: 900_000_000n, step_1e9: 10_000_000n },
        { from_1e9: 900_000_000n, to_1e9: 1_000_000_000n, step_1e9: 1_000_000n },
      ],
    }
    const at = (outcome: 'YES' | 'NO', limit_price_1e9: bigint) =>
      answer({
        listings: [listing({ instrument: event })],
        order: order({ outcome, limit_price_1e9 }),
        limits: { ...DEFAULT_LIMITS, price_deviation_bps_max: null },
      })?.[2]
    expect(at('YES', 55_000_000n)).toBe('off-tick')
    expect(at('NO', 55_000_000n)).toBeUndefined()
    expect(at('YES', 1_000_000_000n)).toBe('price-bounds')
    expect(at('NO', 1_000_000_000n)).toBe('price-bounds')
    expect(at('NO', 1_500_000_000n)).toBe('price-bounds')
  })

  test('options the venue lacks are found before or after the grid, as the venue does', () => {
    const bad = order({ time_in_force: 'fok', limit_price_1e9: 100_050_000_000n })
    const late = { ...listing().rules, shape_check: 'after-size' as const }
    expect(answer({ order: bad })?.[2]).toBe('unsupported-order')
    expect(answer({ order: bad, listings: [listing({ rules: late })] })?.[2]).toBe('off-tick')
  })

  test('contradicting options are refused', () => {
    const refused = (change: Partial<GuardOrder>, rules: Partial<GuardListing['rules']> = {}) =>
      answer({
        order: order(change),
        listings: [listing({ rules: { ...listing().rules, ...rules } })],
      })?.[2]
    const fok = { time_in_force: ['fok' as const] }
    expect(refused({ time_in_force: 'fok' }, fok)).toBeUndefined()
    expect(refused({ post_only: true, time_in_force: 'fok' }, fok)).toBe('unsupported-order')
    expect(refused({ post_only: true })).toBeUndefined()
    expect(refused({ post_only: true }, { post_only: 'none' })).toBe('unsupported-order')
    expect(refused({ post_only: true, time_in_force: 'ioc' })).toBe('unsupported-order')
    expect(refused({ post_only: true, limit_price_1e9: null })).toBe('unsupported-order')
    expect(refused({ reduce_only: true })).toBe('unsupported-order')
    expect(refused({ reduce_only: true }, { reduce_only: 'native' })).toBeUndefined()
    expect(refused({ reduce_only: true }, { reduce_only: 'ioc-only' })).toBe('unsupported-order')
    expect(
      refused({ reduce_only: true, time_in_force: 'ioc' }, { reduce_only: 'ioc-only' }),
    ).toBeUndefined()
    expect(refused({ time_in_force: 'gtd', expire_ts_ns: 1_000n })).toBe('expired')
    expect(refused({ time_in_force: 'gtd', expire_ts_ns: 1_001n })).toBeUndefined()
  })

  test('a refused option is named, and the venue that refuses it', () => {
    const words = (change: Partial<GuardOrder>, rules: Partial<GuardListing['rules']> = {}) =>
      answer({
        order: order(change),
        listings: [listing({ rules: { ...listing().rules, ...rules } })],
      })?.[1]
    const any = { time_in_force: ['gtc', 'ioc', 'fok'] as const }
    const closing = { reduce_only: 'ioc-only' } as const
    expect([
      words({ time_in_force: 'fok' }),
      words({ post_only: true }, { post_only: 'none' }),
      words({ post_only: true, limit_price_1e9: null }),
      words({ post_only: true, time_in_force: 'ioc' }, any),
      words({ post_only: true, time_in_force: 'fok' }, any),
      words({ reduce_only: true }),
      words({ reduce_only: true }, closing),
      words({ time_in_force: 'gtd', expire_ts_ns: 999n }),
    ]).toEqual([
      'venue one does not take fok orders',
      'venue one does not take post-only orders',
      'venue one does not take post-only market orders',
      'venue one does not take post-only ioc orders',
      'venue one does not take post-only fok orders',
      'venue one does not take reduce-only orders',
      'venue one does not take reduce-only gtc orders',
      'expiry lies in the past',
    ])
  })
})

describe('a market that is not simply open', () => {
  const at = (state: GuardListing['market'], change: Partial<GuardOrder> = {}) =>
    answer({ order: order(change), listings: [listing({ market: state })] })

  test('is answered with what still works', () => {
    const mode = ['EXCHANGE_REJECT', 'market takes cancels only on one', 'market-mode']
    expect(at('paused')).toEqual(['EXCHANGE_BUSY', 'trading is paused on one', 'venue-paused'])
    expect(at('halted')).toEqual(['EXCHANGE_BUSY', 'trading is halted on one', 'venue-paused'])
    expect(at('cancel-only')).toEqual(mode)
    expect(at('cancel-only', { post_only: true })).toEqual(mode)
    expect(at('post-only')?.[1]).toBe('market takes post-only orders only on one')
    expect(at('post-only')?.[2]).toBe('market-mode')
    expect(at('post-only', { post_only: true })).toBeUndefined()
    expect(at('limit-only')).toBeUndefined()
    expect(at('limit-only', { limit_price_1e9: null })?.[1]).toBe(
      'market takes limit orders only on one',
    )
    expect(at('limit-only', { limit_price_1e9: null })?.[2]).toBe('market-mode')
    for (const state of ['pending', 'closed', 'determined', 'settled'] as const) {
      expect(at(state)).toEqual(['EXCHANGE_REJECT', `market is ${state} on one`, 'market-closed'])
    }
  })

  test('comes second to an impossible option, on a venue that looks at options first', () => {
    const at = (shape_check: 'first' | 'after-size') => {
      const rules = { ...listing().rules, shape_check }
      const listings = [listing({ market: 'paused', rules })]
      return answer({ order: order({ time_in_force: 'fok' }), listings })?.[2]
    }
    expect(at('first')).toBe('unsupported-order')
    expect(at('after-size')).toBe('venue-paused')
  })

  test('is not the reason where another venue is open and refuses the option', () => {
    const late = { ...listing().rules, shape_check: 'after-size' as const }
    const closed = listing({ venue: 'two', market: 'closed', rules: late })
    const verdict = (change: Partial<GuardOrder>) =>
      answer({ order: order(change), listings: [closed, listing()] })
    expect(verdict({ time_in_force: 'fok' })?.[1]).toBe('venue one does not take fok orders')
    expect(verdict({})).toBeUndefined()
  })

  test.each(['venue-paused', 'market-mode', 'market-closed'] as const)(
    'paused or halted counts as what the venue calls it: %s',
    (paused_as) => {
      const listings = (market: 'paused' | 'halted') => [
        listing({ market, rules: { ...listing().rules, paused_as } }),
      ]
      expect(answer({ listings: listings('paused') })?.[2]).toBe(paused_as)
      expect(answer({ listings: listings('halted') })?.[2]).toBe(paused_as)
    },
  )
})

describe('limits', () => {
  test('only the aggressive side deviates', () => {
    const at = (side: 'buy' | 'sell', price: bigint) =>
      answer({ order: order({ side, limit_price_1e9: price * 100_000_000n }) })?.[0]
    expect(at('buy', 1060n)).toBeUndefined()
    expect(at('buy', 1061n)).toBe('PRICE_DEVIATION')
    expect(at('buy', 100n)).toBeUndefined()
    expect(at('sell', 941n)).toBeUndefined()
    expect(at('sell', 940n)).toBe('PRICE_DEVIATION')
    expect(at('sell', 90_000n)).toBeUndefined()
  })

  test('a price may deviate by just the limit, and what is more is told in whole bps, rounded up', () => {
    const book = { fresh: true, best_bid: level(100n, 1n), best_ask: level(101n, 1n) }
    const at = (side: 'buy' | 'sell', price: bigint, bps: bigint) =>
      answer({
        order: order({ side, limit_price_1e9: price * 100_000_000n }),
        listings: [listing({ book })],
        limits: { ...DEFAULT_LIMITS, price_deviation_bps_max: bps },
      })
    expect(at('sell', 950n, 500n)).toBeUndefined()
    expect(at('sell', 949n, 500n)).toEqual([
      'PRICE_DEVIATION',
      'limit price deviates 510 bps from best bid',
      'price-deviation',
    ])
    expect(at('buy', 1061n, 504n)?.[1]).toBe('limit price deviates 505 bps from best ask')
    expect(at('buy', 1061n, 505n)).toBeUndefined()
  })

  test('a price is held against the best of all venues, whichever is named first', () => {
    const near = listing({
      book: { fresh: true, best_bid: level(100n, 1n), best_ask: level(101n, 1n) },
    })
    const far = listing({
      venue: 'two',
      book: { fresh: true, best_bid: level(50n, 1n), best_ask: level(202n, 1n) },
    })
    const empty = listing({
      venue: 'three',
      book: { fresh: true, best_bid: null, best_ask: level(1n, 0n) },
    })
    const at = (side: 'buy' | 'sell', price: bigint, listings: GuardListing[]) =>
      answer({ order: order({ side, limit_price_1e9: price * 1_000_000_000n }), listings })?.[1]
    for (const listings of [
      [near, far, empty],
      [empty, far, near],
      [far, near, empty],
    ]) {
      expect(at('buy', 202n, listings)).toBe('limit price deviates 10000 bps from best ask')
      expect(at('sell', 50n, listings)).toBe('limit price deviates 5000 bps from best bid')
      expect(at('buy', 106n, listings)).toBeUndefined()
      expect(at('sell', 95n, listings)).toBeUndefined()
    }
  })

  test('an order may cost just its most notional, and is refused above it', () => {
    const of = (change: Partial<GuardOrder>, notional_1e9_max: bigint) =>
      answer({ order: order(change), limits: { ...DEFAULT_LIMITS, notional_1e9_max } })
    const words = ['RISK', 'graph notional exceeds max_notional_usd', null]
    expect(of({}, 100_000_000_000n)).toBeUndefined()
    expect(of({}, 99_999_999_999n)).toEqual(words)
    expect(of({ qty_1e8: 200_000_000n }, 200_000_000_000n)).toBeUndefined()
    expect(of({ qty_1e8: 200_001_000n }, 200_000_000_000n)).toEqual(words)
  })

  test('a market order is held against its most notional at the price it would meet', () => {
    const of = (side: 'buy' | 'sell', notional_1e9_max: bigint) =>
      answer({ order: market(side), limits: { ...DEFAULT_LIMITS, notional_1e9_max } })?.[0]
    expect(of('buy', 101_000_000_000n)).toBeUndefined()
    expect(of('buy', 100_999_999_999n)).toBe('RISK')
    expect(of('sell', 99_000_000_000n)).toBeUndefined()
    expect(of('sell', 98_999_999_999n)).toBe('RISK')
  })

  test('a market order that meets no price is not also over its most notional', () => {
    const found = failures(
      context({
        order: market('buy'),
        listings: [listing({ book: { fresh: true, best_bid: level(99n, 1n), best_ask: null } })],
        limits: { ...DEFAULT_LIMITS, notional_1e9_max: 0n },
      }),
    )
    expect(found.map(({ guard: name }) => name)).toEqual(['live-ask'])
  })

  test('an order that brings a position closer to flat passes the position limit', () => {
    const limits = { ...DEFAULT_LIMITS, position_qty_1e8_max: 100_000_000n }
    const at = (position_qty_1e8: bigint, side: 'buy' | 'sell') =>
      answer({ limits, position_qty_1e8, order: order({ side }) })?.[0]
    expect(at(0n, 'buy')).toBeUndefined()
    expect(at(1000n, 'buy')).toBe('POSITION_LIMIT')
    expect(at(-100_000_000n, 'sell')).toBe('POSITION_LIMIT')
    expect(at(900_000_000n, 'sell')).toBeUndefined()
  })

  test('an order that turns a position too large into its mirror image does not come closer to flat', () => {
    const limits = { ...DEFAULT_LIMITS, position_qty_1e8_max: 100_000_000n }
    const of = (position_qty_1e8: bigint, side: 'buy' | 'sell', qty_1e8: bigint) =>
      answer({ limits, position_qty_1e8, order: order({ side, qty_1e8 }) })
    const words = ['POSITION_LIMIT', 'position limit exceeded', 'position-limit']
    expect(of(300_000_000n, 'sell', 600_000_000n)).toEqual(words)
    expect(of(-300_000_000n, 'buy', 600_000_000n)).toEqual(words)
    expect(of(300_000_000n, 'sell', 599_999_000n)).toBeUndefined()
    expect(of(100_000_000n, 'sell', 200_000_000n)).toBeUndefined()
  })
})

test('a wallet venue words its missing wallet', () => {
  const at = (credentials: GuardListing['credentials']) =>
    answer({ listings: [listing({ credentials })] })
  expect(at('ready')).toBeUndefined()
  expect(at('wallet-missing')).toEqual(['NO_TRADING_WALLET', 'no trading wallet for one', 'auth'])
  expect(at('wallet-provisioning')).toEqual([
    'TRADING_WALLET_NOT_READY',
    'trading wallet for one is not ready',
    'auth',
  ])
})

test('a preview names every guard that fails', () => {
  const listings = [listing({ credentials: 'missing' })]
  const found = failures(
    context({
      listings,
      order: order({ qty_1e8: 100_000_001n, limit_price_1e9: 110_000_000_000n }),
    }),
  )
  expect(found.map(({ guard: name }) => name)).toEqual(['grid', 'deviation', 'credentials'])
  expect(failures(context())).toEqual([])
})

test('a preview of an unknown symbol names all else that stands in the way', () => {
  const found = failures(
    context({
      kill_switch: true,
      venue: 'one',
      listings: [],
      limits: { ...DEFAULT_LIMITS, daily_loss_usd_1e9_max: 5n },
      daily_pnl_usd_1e9: -5n,
    }),
  )
  expect(found.map(({ message }) => message)).toEqual([
    'kill switch is active',
    'unknown symbol BTC-USD',
    'venue one does not serve BTC-USD',
    'daily loss limit reached',
  ])
})

test('a reservation that fails names asset and venue', () => {
  expect(insufficientBalance('USD', 'one')).toEqual({
    guard: 'balance',
    code: 'INSUFFICIENT_BALANCE',
    message: 'insufficient USD on one',
    reject: 'insufficient-balance',
  })
})

test('every normalized reject has a failure reason', () => {
  expect(Object.keys(failureReasons).sort()).toEqual([...ENTRY_REJECTS, ...BOOK_REJECTS].sort())
})

test('a failure reason tells what to change: the order, the money, the keys, the time or the venue', () => {
  const by = (code: FailureReason) =>
    Object.entries(failureReasons)
      .filter(([, reason]) => reason === code)
      .map(([reject]) => reject)
      .sort()
      .join(' ')
  expect(by('INVALID_PARAMS')).toBe(
    'above-max-qty bad-request below-min-notional below-min-qty expired off-lot off-tick' +
      ' price-bounds unknown-instrument unsupported-order would-cross',
  )
  expect(by('EXCHANGE_REJECT')).toBe(
    'duplicate-client-id fok-unfilled group-blocked ioc-unfilled market-closed market-mode' +
      ' no-liquidity not-amendable not-reducing self-trade too-many-orders unknown-order',
  )
  expect(by('AUTH')).toBe('auth clock-skew permission')
  expect(by('EXCHANGE_BUSY')).toBe('venue-paused venue-unavailable')
  expect(by('RATE_LIMIT')).toBe('rate-limited')
  expect(by('INSUFFICIENT_BALANCE')).toBe('insufficient-balance')
  expect(by('PRICE_DEVIATION')).toBe('price-deviation')
  expect(by('POSITION_LIMIT')).toBe('position-limit')
  expect(by('STALE_VENUE')).toBe('stale-book')
})
