/**
 * Guards: every preflight check of an order, in the order it is made, on what is known before dispatch.
 *
 * Pure. The first failing guard wins, so the order of {@link GUARDS} is behaviour, not taste. A guard
 * never fills in a missing price, and none knows whether an order is a paper order: where the two
 * modes differ (venue credentials) the difference arrives as data. Guards 1 to 14 of the order path
 * are here; guard 15, the reservation, is worded by {@link insufficientBalance} where balances are kept.
 *
 * Several venues may serve one symbol. A guard about venues passes when at least one venue passes, and
 * the later guards and the router see only the venues that passed so far.
 *
 * @module
 */

import type { MarketState } from './command.js'
import type { Level } from './depth.js'
import { type Instrument, type Outcome, onGrid, type Side } from './instrument.js'
import type { TimeInForce } from './order.js'
import type { RejectCode } from './reject.js'
import { divCeil, larger, PRICE_SCALE, QTY_SCALE, smaller } from './units.js'

/** The API's `failure_reason` codes. */
export type FailureReason =
  | 'UNKNOWN'
  | 'INSUFFICIENT_BALANCE'
  | 'INVALID_PARAMS'
  | 'RATE_LIMIT'
  | 'EXCHANGE_BUSY'
  | 'NETWORK'
  | 'AUTH'
  | 'RISK'
  | 'POSITION_LIMIT'
  | 'KILL_SWITCH'
  | 'PRICE_DEVIATION'
  | 'DAILY_LOSS_LIMIT'
  | 'BAD_VENUE'
  | 'STALE_VENUE'
  | 'EXCHANGE_REJECT'
  | 'NO_TRADING_WALLET'
  | 'TRADING_WALLET_NOT_READY'

/** What the API calls each normalized reject, whichever path it came by. */
export const failureReasons = {
  auth: 'AUTH',
  permission: 'AUTH',
  'clock-skew': 'AUTH',
  'rate-limited': 'RATE_LIMIT',
  'bad-request': 'INVALID_PARAMS',
  'unsupported-order': 'INVALID_PARAMS',
  'unknown-instrument': 'INVALID_PARAMS',
  'venue-paused': 'EXCHANGE_BUSY',
  'market-mode': 'EXCHANGE_REJECT',
  'market-closed': 'EXCHANGE_REJECT',
  'off-tick': 'INVALID_PARAMS',
  'price-bounds': 'INVALID_PARAMS',
  'off-lot': 'INVALID_PARAMS',
  'below-min-qty': 'INVALID_PARAMS',
  'below-min-notional': 'INVALID_PARAMS',
  'above-max-qty': 'INVALID_PARAMS',
  'price-deviation': 'PRICE_DEVIATION',
  'position-limit': 'POSITION_LIMIT',
  'too-many-orders': 'EXCHANGE_REJECT',
  'duplicate-client-id': 'EXCHANGE_REJECT',
  'group-blocked': 'EXCHANGE_REJECT',
  expired: 'INVALID_PARAMS',
  'insufficient-balance': 'INSUFFICIENT_BALANCE',
  'stale-book': 'STALE_VENUE',
  'venue-unavailable': 'EXCHANGE_BUSY',
  'unknown-order': 'EXCHANGE_REJECT',
  'not-amendable': 'EXCHANGE_REJECT',
  'no-liquidity': 'EXCHANGE_REJECT',
  'would-cross': 'INVALID_PARAMS',
  'fok-unfilled': 'EXCHANGE_REJECT',
  'ioc-unfilled': 'EXCHANGE_REJECT',
  'self-trade': 'EXCHANGE_REJECT',
  'not-reducing': 'EXCHANGE_REJECT',
} as const satisfies Record<RejectCode, FailureReason>

/** Why an order stops before dispatch. */
export interface GuardRefusal {
  readonly guard: GuardName
  /** `failure_reason` at the API. */
  readonly code: FailureReason
  /** `failure_message` at the API. */
  readonly message: string
  /** The venue's equivalent, for parity; null: a rule of the desk alone that no venue has. */
  readonly reject: RejectCode | null
}

/** What a venue takes, as it declares. */
export interface GuardRules {
  readonly time_in_force: readonly TimeInForce[]
  readonly post_only: 'refuse' | 'accept-then-cancel' | 'none'
  readonly reduce_only: 'native' | 'ioc-only' | 'none'
  /** Whether an impossible combination of options is found before price and size are looked at, or after. */
  readonly shape_check: 'first' | 'after-size'
  /** What a refusal in a paused market counts as. */
  readonly paused_as: 'venue-paused' | 'market-mode' | 'market-closed'
}

/** One venue that lists the symbol, as seen at this moment. */
export interface GuardListing {
  readonly venue: string
  readonly instrument: Instrument
  readonly rules: GuardRules
  readonly market: MarketState
  /** null: nobody published this book. Best levels are in the order's own leg (NO terms for a NO order). */
  readonly book: {
    readonly fresh: boolean
    readonly best_bid: Level | null
    readonly best_ask: Level | null
  } | null
  /** `not-needed` for paper orders, which use no exchange keys. */
  readonly credentials:
    | 'not-needed'
    | 'ready'
    | 'missing'
    | 'wallet-missing'
    | 'wallet-provisioning'
}

export interface GuardOrder {
  readonly side: Side
  readonly outcome: Outcome | null
  /** null: sized by notional while no live price exists to size it by. */
  readonly qty_1e8: bigint | null
  /** null: market order. NO legs: in NO terms. */
  readonly limit_price_1e9: bigint | null
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly expire_ts_ns: bigint | null
}

/** Limits of the desk and of the order itself; null switches one off. */
export interface GuardLimits {
  /** Aggressive side only: a buy above the best ask, a sell below the best bid. */
  readonly price_deviation_bps_max: bigint | null
  readonly notional_1e9_max: bigint | null
  /** Greatest absolute position after the order, were it to fill whole. */
  readonly position_qty_1e8_max: bigint | null
  /** Session loss, as a positive amount, from which nothing more is taken. */
  readonly daily_loss_usd_1e9_max: bigint | null
}

/** The part of it that a desk is configured with. */
export type DeskLimits = Omit<GuardLimits, 'notional_1e9_max'>

/** @typeParam Listing - What the caller knows of a venue beside: the guards hand it through. */
export interface GuardContext<Listing extends GuardListing = GuardListing> {
  readonly kill_switch: boolean
  readonly symbol: string
  /** The venue the order is pinned to; null: any. */
  readonly venue: string | null
  /** Every venue that lists the symbol; empty: the symbol is unknown. */
  readonly listings: readonly Listing[]
  readonly order: GuardOrder
  readonly limits: GuardLimits
  /** Signed position in the order's leg, for the position limit. */
  readonly position_qty_1e8: bigint
  /** Session profit; negative: loss. */
  readonly daily_pnl_usd_1e9: bigint
  readonly now_ts_ns: bigint
}

/**
 * Limits of the desk where nothing else is configured: deviation 500 bps, the rest off.
 *
 * No venue has the deviation limit: comparing with a venue's own verdict takes `null` there.
 */
export const DEFAULT_LIMITS: GuardLimits = {
  price_deviation_bps_max: 500n,
  notional_1e9_max: null,
  position_qty_1e8_max: null,
  daily_loss_usd_1e9_max: null,
}

/** Lots are counted in safe integers, and so are those of a whole book: half is for one order. */
const LOTS_MAX = BigInt(Number.MAX_SAFE_INTEGER) / 2n

/** A book whose last message is older than this may not be traded on, unless configured otherwise. */
export const DEFAULT_FRESHNESS_MS = 2000

type Listings = readonly GuardListing[]
type Guard = (context: GuardContext, listings: Listings) => GuardRefusal | Listings

export type GuardName =
  | 'kill-switch'
  | 'symbol'
  | 'venue'
  | 'market'
  | 'grid'
  | 'notional'
  | 'live-ask'
  | 'live-bid'
  | 'fresh-book'
  | 'deviation'
  | 'notional-cap'
  | 'position-limit'
  | 'daily-loss'
  | 'credentials'
  | 'balance'

/** Either the venues the order may go to, or why it may go nowhere. */
export type Preflight<Listing extends GuardListing = GuardListing> =
  | { readonly ok: true; readonly eligible: readonly Listing[] }
  | { readonly ok: false; readonly refusal: GuardRefusal }

/**
 * Runs the guards up to the first that fails.
 *
 * @example
 * const verdict = preflight(context)
 * if (!verdict.ok) return reject(verdict.refusal.code, verdict.refusal.message)
 */
export function preflight<Listing extends GuardListing>(
  context: GuardContext<Listing>,
): Preflight<Listing> {
  let eligible: Listings = context.listings
  for (const [, guard] of GUARDS) {
    const answer = guard(context, eligible)
    if (isRefusal(answer)) return { ok: false, refusal: answer }
    eligible = answer
  }
  // A guard leaves listings out and never makes one.
  return { ok: true, eligible: eligible as readonly Listing[] }
}

const isRefusal = (answer: GuardRefusal | Listings): answer is GuardRefusal =>
  !Array.isArray(answer)

/** The first refusal alone, or `undefined` when the order passes. */
export function guard(context: GuardContext): GuardRefusal | undefined {
  const verdict = preflight(context)
  return verdict.ok ? undefined : verdict.refusal
}

/** Every guard that fails, for a preview: a venue that failed one guard still counts for the next. */
export function failures(context: GuardContext): GuardRefusal[] {
  const found: GuardRefusal[] = []
  let eligible: Listings = context.listings
  for (const [, guard] of GUARDS) {
    const answer = guard(context, eligible)
    if (isRefusal(answer)) found.push(answer)
    else eligible = answer
  }
  return found
}

/** Guard 15: what the reservation answers when free money or holdings do not suffice. */
export const insufficientBalance = (asset: string, venue: string): GuardRefusal =>
  refusal('balance', 'insufficient-balance', `insufficient ${asset} on ${venue}`)

function killSwitch({ kill_switch }: GuardContext, listings: Listings) {
  if (!kill_switch) return listings
  return deskRule('kill-switch', 'KILL_SWITCH', 'kill switch is active')
}

function symbolResolves({ symbol }: GuardContext, listings: Listings) {
  if (listings.length > 0) return listings
  return refusal('symbol', 'unknown-instrument', `unknown symbol ${symbol}`)
}

function venueServes({ symbol, venue }: GuardContext, listings: Listings) {
  if (venue === null) return listings
  const pinned = listings.filter((listing) => listing.venue === venue)
  if (pinned.length > 0) return pinned
  const answer = `venue ${venue} does not serve ${symbol}`
  return { ...refusal('venue', 'unknown-instrument', answer), code: 'BAD_VENUE' as const }
}

const marketTakes: Guard = (context, listings) => survivors(context, listings, marketOpen)

/** Where options are looked at first, an impossible combination is found before the market is asked. */
function marketOpen(context: GuardContext, listing: GuardListing) {
  const { order } = context
  const { venue, market, rules } = listing
  if (market === 'open') return undefined
  const shape = rules.shape_check === 'first' ? shapeAnswer(context, listing) : undefined
  if (shape !== undefined) return shape
  const answer = marketAnswer(market, order, rules)
  if (answer === undefined) return undefined
  return refusal('market', answer.reject, `${answer.why} on ${venue}`)
}

function marketAnswer(
  market: Exclude<MarketState, 'open'>,
  order: GuardOrder,
  { paused_as }: GuardRules,
): { reject: RejectCode; why: string } | undefined {
  switch (market) {
    case 'paused':
    case 'halted':
      return { reject: paused_as, why: `trading is ${market}` }
    case 'cancel-only':
      return { reject: 'market-mode', why: 'market takes cancels only' }
    case 'post-only':
      return order.post_only
        ? undefined
        : { reject: 'market-mode', why: 'market takes post-only orders only' }
    case 'limit-only':
      return order.limit_price_1e9 !== null
        ? undefined
        : { reject: 'market-mode', why: 'market takes limit orders only' }
    case 'pending':
    case 'closed':
    case 'determined':
    case 'settled':
      return { reject: 'market-closed', why: `market is ${market}` }
  }
}

const onVenueGrid: Guard = (context, listings) => survivors(context, listings, shapeAndGrid)

function shapeAndGrid(context: GuardContext, listing: GuardListing) {
  const { order } = context
  return listing.rules.shape_check === 'first'
    ? (shapeAnswer(context, listing) ?? gridAnswer(order, listing.instrument))
    : (gridAnswer(order, listing.instrument) ?? expiry(context) ?? shapeAnswer(context, listing))
}

/** Looked at once price and size are right. */
function expiry({ order, now_ts_ns }: GuardContext): GuardRefusal | undefined {
  if (order.expire_ts_ns === null || order.expire_ts_ns > now_ts_ns) return undefined
  return refusal('grid', 'expired', 'expiry lies in the past')
}

/** Options that contradict each other, or that the venue does not offer. */
function shapeAnswer(
  { order }: GuardContext,
  { venue, rules }: GuardListing,
): GuardRefusal | undefined {
  const market = order.limit_price_1e9 === null
  const tif = order.time_in_force
  // A market order is immediate by nature: its time in force asks nothing of the venue.
  if (!market && !rules.time_in_force.includes(tif)) return unsupported(venue, tif)
  if (order.post_only) {
    if (rules.post_only === 'none') return unsupported(venue, 'post-only')
    if (market) return unsupported(venue, 'post-only market')
    if (tif === 'ioc' || tif === 'fok') return unsupported(venue, `post-only ${tif}`)
  }
  if (order.reduce_only) {
    if (rules.reduce_only === 'none') return unsupported(venue, 'reduce-only')
    if (rules.reduce_only === 'ioc-only' && !market && tif !== 'ioc') {
      return unsupported(venue, `reduce-only ${tif}`)
    }
  }
  return undefined
}

const unsupported = (venue: string, what: string): GuardRefusal =>
  refusal('grid', 'unsupported-order', `venue ${venue} does not take ${what} orders`)

function gridAnswer(order: GuardOrder, instrument: Instrument): GuardRefusal | undefined {
  if (order.limit_price_1e9 !== null) {
    const price_1e9 =
      order.outcome === 'NO' ? PRICE_SCALE - order.limit_price_1e9 : order.limit_price_1e9
    const beyond = price_1e9 <= 0n || (instrument.kind === 'event' && price_1e9 >= PRICE_SCALE)
    if (beyond) return refusal('grid', 'price-bounds', 'price out of bounds')
    if (!onGrid(instrument, price_1e9)) {
      return refusal('grid', 'off-tick', 'price off the venue tick')
    }
  }
  if (order.qty_1e8 === null) return undefined
  // More lots than a venue can count are as unreadable as a broken one.
  if (
    order.qty_1e8 % instrument.lot_size_1e8 !== 0n ||
    order.qty_1e8 > LOTS_MAX * instrument.lot_size_1e8
  ) {
    return refusal('grid', 'off-lot', 'quantity off the venue lot')
  }
  if (order.qty_1e8 <= 0n || order.qty_1e8 < instrument.min_qty_1e8) {
    return refusal('grid', 'below-min-qty', 'quantity below venue minimum')
  }
  return undefined
}

const minNotional: Guard = (context, listings) => survivors(context, listings, notionalReached)

/** A market order is valued at the opposite best price; without one there is nothing to value it by. */
function notionalReached(context: GuardContext, { instrument, book }: GuardListing) {
  const { order } = context
  if (instrument.min_notional_1e9 === 0n || order.qty_1e8 === null) return expiry(context)
  const price_1e9 = order.limit_price_1e9 ?? opposite(order.side, book)?.price_1e9
  if (price_1e9 === undefined) return expiry(context)
  if (price_1e9 * order.qty_1e8 >= instrument.min_notional_1e9 * QTY_SCALE) return expiry(context)
  return refusal('notional', 'below-min-notional', 'notional below venue minimum')
}

const liveAsk: Guard = (context, listings) =>
  context.order.limit_price_1e9 !== null || context.order.side !== 'buy'
    ? listings
    : survivors(context, listings, askShown)

const askShown = (_: GuardContext, { book }: GuardListing) =>
  book?.fresh && shown(book.best_ask)
    ? undefined
    : refusal('live-ask', 'no-liquidity', 'market buy requires a live ask')

const liveBid: Guard = (context, listings) =>
  context.order.limit_price_1e9 !== null || context.order.side !== 'sell'
    ? listings
    : survivors(context, listings, bidShown)

const bidShown = (_: GuardContext, { book }: GuardListing) =>
  book?.fresh && shown(book.best_bid)
    ? undefined
    : refusal('live-bid', 'no-liquidity', 'market sell requires a live bid')

/** Guards 8 and 9 of the order path: age of the book, and that it comes from a live feed at all. */
const freshBook: Guard = (context, listings) => survivors(context, listings, bookFresh)

const bookFresh = ({ symbol }: GuardContext, { book }: GuardListing) =>
  book?.fresh ? undefined : refusal('fresh-book', 'stale-book', `no fresh book for ${symbol}`)

function priceDeviation({ order, limits }: GuardContext, listings: Listings) {
  const limit_1e9 = order.limit_price_1e9
  if (limit_1e9 === null || limits.price_deviation_bps_max === null) return listings
  const best = bestOpposite(order.side, listings)
  if (best === undefined) return listings
  const beyond_1e9 = order.side === 'buy' ? limit_1e9 - best : best - limit_1e9
  if (beyond_1e9 * 10_000n <= limits.price_deviation_bps_max * best) return listings
  const bps = divCeil(beyond_1e9 * 10_000n, best)
  const name = order.side === 'buy' ? 'best ask' : 'best bid'
  return refusal('deviation', 'price-deviation', `limit price deviates ${bps} bps from ${name}`)
}

function notionalCap({ order, limits }: GuardContext, listings: Listings) {
  const { notional_1e9_max } = limits
  if (notional_1e9_max === null || order.qty_1e8 === null) return listings
  const price_1e9 = order.limit_price_1e9 ?? bestOpposite(order.side, listings)
  if (price_1e9 === undefined) return listings
  if (price_1e9 * order.qty_1e8 <= notional_1e9_max * QTY_SCALE) return listings
  return deskRule('notional-cap', 'RISK', 'graph notional exceeds max_notional_usd')
}

/** Coming closer to flat is always allowed, however far beyond the limit the position is. */
function positionLimit({ order, limits, position_qty_1e8 }: GuardContext, listings: Listings) {
  const { position_qty_1e8_max } = limits
  if (position_qty_1e8_max === null || order.qty_1e8 === null) return listings
  const after = position_qty_1e8 + (order.side === 'buy' ? order.qty_1e8 : -order.qty_1e8)
  if (magnitude(after) <= position_qty_1e8_max) return listings
  if (magnitude(after) < magnitude(position_qty_1e8)) return listings
  return refusal('position-limit', 'position-limit', 'position limit exceeded')
}

function dailyLoss({ limits, daily_pnl_usd_1e9 }: GuardContext, listings: Listings) {
  const { daily_loss_usd_1e9_max } = limits
  if (daily_loss_usd_1e9_max === null || -daily_pnl_usd_1e9 < daily_loss_usd_1e9_max) {
    return listings
  }
  return deskRule('daily-loss', 'DAILY_LOSS_LIMIT', 'daily loss limit reached')
}

const credentialsReady: Guard = (context, listings) => survivors(context, listings, mayTrade)

function mayTrade(_: GuardContext, { venue, credentials }: GuardListing): GuardRefusal | undefined {
  switch (credentials) {
    case 'not-needed':
    case 'ready':
      return undefined
    case 'missing':
      return refusal('credentials', 'auth', `no credentials for ${venue}`)
    case 'wallet-missing':
      return {
        ...refusal('credentials', 'auth', `no trading wallet for ${venue}`),
        code: 'NO_TRADING_WALLET',
      }
    case 'wallet-provisioning':
      return {
        ...refusal('credentials', 'auth', `trading wallet for ${venue} is not ready`),
        code: 'TRADING_WALLET_NOT_READY',
      }
  }
}

/** The listings that pass, the very list when all do; when none does, what the first one answered. */
function survivors(
  context: GuardContext,
  listings: Listings,
  check: (context: GuardContext, listing: GuardListing) => GuardRefusal | undefined,
): GuardRefusal | Listings {
  let first: GuardRefusal | undefined
  let passed: GuardListing[] | undefined
  for (let nth = 0; nth < listings.length; nth += 1) {
    const listing = listings[nth] as GuardListing
    const answer = check(context, listing)
    if (answer === undefined) passed?.push(listing)
    else {
      first ??= answer
      passed ??= listings.slice(0, nth)
    }
  }
  if (passed === undefined) return listings
  return passed.length > 0 ? passed : (first ?? passed)
}

function opposite(side: Side, book: GuardListing['book']): Level | undefined {
  const level = side === 'buy' ? book?.best_ask : book?.best_bid
  return level && shown(level) ? level : undefined
}

function bestOpposite(side: Side, listings: Listings): bigint | undefined {
  const better = side === 'buy' ? smaller : larger
  let best: bigint | undefined
  for (const { book } of listings) {
    const level = opposite(side, book)
    if (level === undefined) continue
    best = better(level.price_1e9, best ?? level.price_1e9)
  }
  return best
}

const shown = (level: Level | null): boolean =>
  level !== null && level.price_1e9 > 0n && level.qty_1e8 > 0n

const magnitude = (qty: bigint): bigint => larger(qty, -qty)

function refusal(guard: GuardName, reject: RejectCode, message: string): GuardRefusal {
  return { guard, code: failureReasons[reject], message, reject }
}

function deskRule(guard: GuardName, code: FailureReason, message: string): GuardRefusal {
  return { guard, code, message, reject: null }
}

/** The guards in their order. */
export const GUARDS: readonly (readonly [Exclude<GuardName, 'balance'>, Guard])[] = [
  ['kill-switch', killSwitch],
  ['symbol', symbolResolves],
  ['venue', venueServes],
  ['market', marketTakes],
  ['grid', onVenueGrid],
  ['notional', minNotional],
  ['live-ask', liveAsk],
  ['live-bid', liveBid],
  ['fresh-book', freshBook],
  ['deviation', priceDeviation],
  ['notional-cap', notionalCap],
  ['position-limit', positionLimit],
  ['daily-loss', dailyLoss],
  ['credentials', credentialsReady],
]
