/**
 * Kraken's own checks of an order, in Kraken's order: pair, market mode, precision, minimums, limits,
 * deadline. Funds and everything the book decides are the engine's.
 *
 * Form was checked before (`request.ts`). The first failing check wins, so the order is behaviour.
 *
 * @see ../shared/venues/kraken.md section 6 and 10
 *
 * @module
 */

import { parseDecimal } from '../../src/engine/decimal.js'
import { priceOf, qtyOf } from '../../src/engine/instrument.js'
import { divCeil } from '../../src/engine/units.js'
import type { VenueHost } from '../../src/venue/host.js'
import type { PlaceInput } from '../../src/venue/host-command.js'
import type { OrderRecord } from '../../src/venue/records.js'
import { TAKER_BPS } from './fees.js'
import type { Pair, Pairs } from './instruments.js'
import type { TransferBook } from './ledger.js'
import { badField, type KrakenError, texts, tooManyDecimals } from './rejects.js'
import { isError, type OrderRequest, type Read } from './request.js'

/** What a test or a server may choose; every switch is named in the README. */
export interface Switches {
  /** `cancel`: a crossing post-only order is accepted, then cancelled. `refuse`: refused at once. */
  readonly post_only: 'cancel' | 'refuse'
  /** Text for a price with too many digits: the tick text, or the 2021 text that counts decimals. */
  readonly price_text: 'tick' | 'decimals'
  /** Limits of a verification tier, or none. */
  readonly rate_limits: 'off' | 'starter' | 'intermediate' | 'pro'
}

/** Open orders per pair by tier; unverified. Without a tier the highest holds. */
const OPEN_ORDERS_MAX = { off: 225, starter: 60, intermediate: 80, pro: 225 } as const

/** How far ahead a deadline must and may lie. */
const DEADLINE_AHEAD_US_MIN = 2_000_000
const DEADLINE_AHEAD_US_MAX = 60_000_000

/** State the rules need: what survives a restart. */
export interface KrakenState extends TransferBook {
  /** Highest nonce per API key. */
  readonly nonces: Map<string, bigint>
  /** When an account's dead man's switch fires (µs). */
  readonly cancelAfter: Map<number, number>
}

export type KrakenHost = VenueHost<KrakenState>

export interface RuleContext {
  readonly host: KrakenHost
  readonly pairs: Pairs
  readonly switches: Switches
}

/** A checked order, and the words that describe it. */
export interface Checked {
  readonly pair: Pair
  readonly input: PlaceInput
}

/**
 * Checks an order up to the engine.
 *
 * @param replaced - The order this one replaces (EditOrder): not counted against limits.
 */
export function checkOrder(
  context: RuleContext,
  account_id: number,
  request: OrderRequest,
  replaced?: OrderRecord,
): Read<Checked> {
  const { host, pairs, switches } = context
  const pair = pairs.named(request.pair)
  if (pair === undefined) return { error: texts['KR-05'] }
  const now_us = host.now_us()
  const mode = checkMode(context, pair, request)
  if (mode !== null) return mode
  const price_ticks = request.price === null ? null : checkPrice(context, pair, request.price)
  if (price_ticks !== null && typeof price_ticks !== 'number') return price_ticks
  const size = checkSize(pair, request)
  if (isError(size)) return size
  if (!hasRoom(context, pair, size.qty_lots)) return { error: texts['KR-09'] }
  const minimum = checkMinimums(context, pair, { ...size, side: request.side, price_ticks })
  if (minimum !== null) return minimum
  const open = host.records.openCount(account_id, pair.id) - (replaced === undefined ? 0 : 1)
  if (open >= OPEN_ORDERS_MAX[switches.rate_limits]) return { error: texts['KR-23'] }
  const same =
    request.cl_ord_id === null ? undefined : host.records.byClientId(account_id, request.cl_ord_id)
  if (same?.status === 'open') return { error: texts.duplicate }
  const late = checkDeadline(request.deadline_us, now_us)
  if (late !== null) return late
  const expire_ts_us = expiry(request, now_us)
  if (expire_ts_us !== null && expire_ts_us <= now_us) return { error: badField('expiretm') }
  if (
    request.post &&
    switches.post_only === 'refuse' &&
    price_ticks !== null &&
    crosses(context, pair, request.side, price_ticks)
  ) {
    return { error: texts['KR-13'] }
  }
  const input: PlaceInput = {
    account_id,
    instrument: pair.id,
    side: request.side,
    price_ticks,
    qty_lots: size.qty_lots,
    quote_budget_1e8: size.quote_budget_1e8,
    time_in_force: request.market ? 'ioc' : request.time_in_force,
    expire_ts_us,
    post_only: request.post ? 'reject' : 'no',
    reduce_only: false,
    self_trade: request.self_trade,
    fee_in: request.fee_in,
    margin: 'cross',
    client_order_id: request.cl_ord_id,
    data: { oflags: request.oflags, userref: request.userref },
  }
  return { pair, input }
}

/** KR-06: what the market takes now. */
function checkMode(
  { host }: RuleContext,
  pair: Pair,
  request: Pick<OrderRequest, 'post' | 'market'>,
): KrakenError | null {
  const state = host.marketState(pair.id)
  switch (state) {
    case 'open':
      return null
    case 'post-only':
      return request.post ? null : { error: texts['KR-06-post'] }
    case 'limit-only':
      return request.market ? { error: texts['KR-06-limit'] } : null
    case 'halted':
      return { error: texts.unavailable }
    default:
      return { error: texts['KR-06-cancel'] }
  }
}

/** KR-07 and KR-08: the price in ticks. */
export function checkPrice(
  { switches }: Pick<RuleContext, 'switches'>,
  pair: Pair,
  text: string,
): number | KrakenError {
  const { instrument, pair_decimals } = pair
  if (
    switches.price_text === 'decimals' &&
    parseDecimal(text, pair_decimals, 'refuse') === undefined
  ) {
    return { error: tooManyDecimals(pair.id, pair_decimals) }
  }
  const price_1e9 = parseDecimal(text, 9, 'refuse')
  if (price_1e9 === undefined || price_1e9 % instrument.tick_size_1e9 !== 0n) {
    return { error: texts['KR-07'] }
  }
  const ticks = Number(price_1e9 / instrument.tick_size_1e9)
  return ticks > 0 && Number.isSafeInteger(ticks) ? ticks : { error: badField('price') }
}

interface Size {
  readonly qty_lots: number
  readonly quote_budget_1e8: bigint | null
}

/** KR-09: volume in whole lots above zero, or a cost with the pair's cost digits. */
export function checkSize(
  pair: Pair,
  { volume, viqc }: Pick<OrderRequest, 'volume' | 'viqc'>,
): Read<Size> {
  const digits = viqc ? pair.cost_decimals : pair.lot_decimals
  const value = parseDecimal(volume, digits, 'refuse')
  if (value === undefined || value <= 0n) return { error: texts['KR-09'] }
  const amount_1e8 = value * 10n ** BigInt(8 - digits)
  if (viqc) {
    return amount_1e8 > AMOUNT_1e8_MAX
      ? { error: texts['KR-09'] }
      : { qty_lots: 0, quote_budget_1e8: amount_1e8 }
  }
  const { lot_size_1e8 } = pair.instrument
  const lots = amount_1e8 / lot_size_1e8
  if (lots * lot_size_1e8 !== amount_1e8 || lots > BigInt(Number.MAX_SAFE_INTEGER)) {
    return { error: texts['KR-09'] }
  }
  return { qty_lots: Number(lots), quote_budget_1e8: null }
}

/**
 * Whether the book can still count so many lots more. Only sizes near the end of the safe integers ever
 * come close, so only those look at the whole book.
 */
export function hasRoom({ host }: Pick<RuleContext, 'host'>, pair: Pair, lots: number): boolean {
  if (lots < LOTS_LARGE) return true
  const { bids, asks } = host.exchange.depth(pair.id, Number.MAX_SAFE_INTEGER)
  const resting = [...bids, ...asks].reduce((sum, [, size]) => sum + size, 0)
  return resting + lots <= Number.MAX_SAFE_INTEGER / 2
}

const LOTS_LARGE = 1e14

/** Larger amounts of money are no order anyone could pay. */
const AMOUNT_1e8_MAX = 10n ** 24n

/**
 * KR-10 and KR-11. A market order is valued at the opposite best price; without one there is nothing to
 * value it by, and both checks of value are skipped.
 */
export function checkMinimums(
  { host }: Pick<RuleContext, 'host'>,
  pair: Pair,
  order: Size & { readonly side: 'buy' | 'sell'; readonly price_ticks: number | null },
): KrakenError | null {
  const { instrument } = pair
  const { bid_ticks, ask_ticks } = host.exchange.best(pair.id)
  const ticks = order.price_ticks ?? (order.side === 'buy' ? ask_ticks : bid_ticks)
  const price_1e9 = ticks === null ? null : priceOf(instrument, ticks)
  const costmin_1e17 = instrument.min_notional_1e9 * 100_000_000n
  if (order.quote_budget_1e8 !== null) {
    const spends_1e17 = order.quote_budget_1e8 * 1_000_000_000n
    if (price_1e9 !== null && spends_1e17 < instrument.min_qty_1e8 * price_1e9) {
      return { error: texts['KR-10'] }
    }
    return spends_1e17 < costmin_1e17 ? { error: texts['KR-11'] } : null
  }
  const qty_1e8 = qtyOf(instrument, order.qty_lots)
  if (qty_1e8 < instrument.min_qty_1e8) return { error: texts['KR-10'] }
  if (price_1e9 === null) return null
  return price_1e9 * qty_1e8 < costmin_1e17 ? { error: texts['KR-11'] } : null
}

/** KR-20. A deadline still to come, but outside the span Kraken takes, is a malformed field (inferred). */
export function checkDeadline(deadline_us: number | null, now_us: number): KrakenError | null {
  if (deadline_us === null) return null
  if (deadline_us <= now_us) return { error: texts['KR-20'] }
  const ahead_us = deadline_us - now_us
  const inSpan = ahead_us >= DEADLINE_AHEAD_US_MIN && ahead_us <= DEADLINE_AHEAD_US_MAX
  return inSpan ? null : { error: badField('deadline') }
}

/** Whether an order at this price would trade at once. */
export function crosses(
  { host }: Pick<RuleContext, 'host'>,
  pair: Pair,
  side: 'buy' | 'sell',
  price_ticks: number,
): boolean {
  const { bid_ticks, ask_ticks } = host.exchange.best(pair.id)
  return side === 'buy'
    ? ask_ticks !== null && price_ticks >= ask_ticks
    : bid_ticks !== null && price_ticks <= bid_ticks
}

/**
 * KR-12 for orders that are only validated or that replace another: what an order needs against what is
 * free, counting back what `replaced`, of the same side, holds. Orders that are placed are checked by the engine.
 */
export function canPay(
  { host }: Pick<RuleContext, 'host'>,
  { pair, input }: Checked,
  replaced?: OrderRecord,
): boolean {
  const { instrument } = pair
  const asset = input.side === 'buy' ? instrument.quote : instrument.base
  const { total_1e8, reserved_1e8 } = host.balance(input.account_id, asset)
  const back_1e8 =
    replaced === undefined || replaced.price_ticks === null
      ? 0n
      : held(pair, replaced.side, replaced.price_ticks, replaced.remaining_lots)
  const free_1e8 = total_1e8 - reserved_1e8 + back_1e8
  if (input.quote_budget_1e8 !== null) return free_1e8 >= withFee(input.quote_budget_1e8)
  const { bid_ticks, ask_ticks } = host.exchange.best(pair.id)
  const price_ticks = input.price_ticks ?? (input.side === 'buy' ? ask_ticks : bid_ticks)
  // A market order against an empty side holds nothing.
  if (price_ticks === null) return true
  return free_1e8 >= held(pair, input.side, price_ticks, input.qty_lots)
}

/** What a resting order holds of the asset it pays with. */
function held(pair: Pair, side: 'buy' | 'sell', price_ticks: number, lots: number): bigint {
  const qty_1e8 = qtyOf(pair.instrument, lots)
  if (side === 'sell') return qty_1e8
  return withFee(divCeil(priceOf(pair.instrument, price_ticks) * qty_1e8, 1_000_000_000n))
}

const withFee = (cost_1e8: bigint): bigint =>
  cost_1e8 + divCeil(cost_1e8 * BigInt(TAKER_BPS), 10_000n)

function expiry({ expire }: OrderRequest, now_us: number): number | null {
  if (expire === null) return null
  return 'at_us' in expire ? expire.at_us : now_us + expire.in_s * 1_000_000
}
