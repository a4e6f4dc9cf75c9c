import { describe, expect, test } from 'vitest'
import {
  DEFAULT_LIMITS,
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

  test('a market sell needs a bid', () => {
    const listings = [listing({ book: { fresh: true, best_bid: null, best_ask: level(101n, 1n) } })]
    expect(answer({ order: market('sell'), listings })).toEqual([
      'EXCHANGE_REJECT',
      'market sell requires a live bid',
      'no-liquidity',
    ])
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

  test('a limit order may rest in an empty book but not in a stale one', () => {
    const book = { fresh: true, best_bid: null, best_ask: null }
    expect(answer({ listings: [listing({ book })] })).toBeUndefined()
    expect(answer({ listings: [listing({ book: { ...book, fresh: false } })] })?.[0]).toBe(
      'STALE_VENUE',
    )
    expect(answer({ listings: [listing({ book: null })] })?.[0]).toBe('STALE_VENUE')
  })
})

describe('the venue grid', () => {
  test('a price off the tick and a quantity off the lot are refused, not rounded', () => {
    expect(answer({ order: order({ limit_price_1e9: 100_050_000_000n }) })?.[2]).toBe('off-tick')
    expect(answer({ order: order({ qty_1e8: 100_000_001n }) })?.[2]).toBe('off-lot')
    expect(answer({ order: order({ qty_1e8: 0n }) })?.[2]).toBe('below-min-qty')
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

  test('a venue that calls a paused market closed is taken at its word', () => {
    const rules = { ...listing().rules, paused_as: 'market-closed' as const }
    expect(answer({ listings: [listing({ market: 'paused', rules })] })?.[2]).toBe('market-closed')
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
})

test('a market state is answered with what still works', () => {
  const at = (state: GuardListing['market'], change: Partial<GuardOrder> = {}) =>
    answer({ order: order(change), listings: [listing({ market: state })] })?.[2]
  expect(at('paused')).toBe('venue-paused')
  expect(at('halted')).toBe('venue-paused')
  expect(at('cancel-only')).toBe('market-mode')
  expect(at('post-only')).toBe('market-mode')
  expect(at('post-only', { post_only: true })).toBeUndefined()
  expect(at('limit-only')).toBeUndefined()
  expect(at('limit-only', { limit_price_1e9: null })).toBe('market-mode')
  for (const state of ['pending', 'closed', 'determined', 'settled'] as const) {
    expect(at(state)).toBe('market-closed')
  }
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

  test('an order that brings a position closer to flat passes the position limit', () => {
    const limits = { ...DEFAULT_LIMITS, position_qty_1e8_max: 100_000_000n }
    const at = (position_qty_1e8: bigint, side: 'buy' | 'sell') =>
      answer({ limits, position_qty_1e8, order: order({ side }) })?.[0]
    expect(at(0n, 'buy')).toBeUndefined()
    expect(at(1000n, 'buy')).toBe('POSITION_LIMIT')
    expect(at(-100_000_000n, 'sell')).toBe('POSITION_LIMIT')
    expect(at(900_000_000n, 'sell')).toBeUndefined()
  })
})

test('a wallet venue words its missing wallet', () => {
  const at = (credentials: GuardListing['credentials']) =>
    answer({ listings: [listing({ credentials })] })?.[0]
  expect(at('ready')).toBeUndefined()
  expect(at('wallet-missing')).toBe('NO_TRADING_WALLET')
  expect(at('wallet-provisioning')).toBe('TRADING_WALLET_NOT_READY')
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
