/**
 * Need: what the venue's own entry check asks of an account, and what is held for it.
 *
 * As at the venues: an order must be able to pay the larger of its price at entry and what it would
 * execute right now with its fees; a rest keeps its price and its fee. Holdings that an order closes or
 * delivers need no cash but are committed. Declared capabilities decide: `fee_hold`, `event_short`,
 * `event_netting`, `market_order`.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Need } from '../account/command.js'
import type { Child } from '../account/order.js'
import { availableOf, legKey, perpKey } from '../account/row.js'
import type { Level } from '../engine/depth.js'
import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { Liquidity } from '../engine/order.js'
import { divCeil, notionalDown, notionalUp, PRICE_SCALE, smaller } from '../engine/units.js'
import { alignPrice } from '../router/size.js'
import type { Venue } from '../venue/contract.js'
import type { Terms } from './terms.js'

/** Leverage of a perp position unless the instrument allows less. */
const LEVERAGE = 10

/** What an order of one side may use at one venue. */
export interface Stance {
  readonly venue: Venue
  readonly instrument: Instrument
  readonly outcome: Outcome | null
  readonly side: Side
  readonly cash_free_1e8: bigint
  /** Holding the order delivers or reduces; null: none. */
  readonly lock_key: string | null
  /** Of that holding, what no other order has committed. */
  readonly closable_1e8: bigint
  /** Whether the order may go beyond it, with cash. */
  readonly opens: boolean
  /** Reduce-only: the most it may trade. */
  readonly reducible_1e8: bigint
  readonly leverage: bigint
}

/**
 * @param own - A working child whose holds count as free, when it is to be changed.
 */
export function stanceOf(
  account: Account,
  venue: Venue,
  instrument: Instrument,
  order: { side: Side; outcome: Outcome | null; reduce_only: boolean },
  own?: Child,
): Stance {
  const cash = account.cash(venue.id, instrument.quote)
  // Written out once: copying objects is what costs most on this path.
  const stance: Mutable<Stance> = {
    venue,
    instrument,
    outcome: order.outcome,
    side: order.side,
    cash_free_1e8: availableOf(cash) + (own?.cash_1e8 ?? 0n),
    lock_key: null,
    closable_1e8: 0n,
    opens: !order.reduce_only,
    reducible_1e8: 0n,
    leverage: 1n,
  }
  switch (instrument.kind) {
    case 'spot':
      spotStance(account, stance, own)
      return stance
    case 'event':
      eventStance(account, stance, own)
      return stance
    case 'perp':
      perpStance(account, stance, own)
      return stance
  }
}

/**
 * The stance of a working child that is to be changed.
 *
 * One that keeps its place in the queue keeps what it was promised to close and is promised no more, as
 * at the venue; one that loses it asks anew.
 */
export function amendedStance(
  account: Account,
  venue: Venue,
  child: Child,
  change: { readonly qty_1e8: bigint; readonly limit_price_1e9: bigint },
): Stance {
  const stance = stanceOf(account, venue, child.instrument, child, child)
  const keeps =
    venue.capabilities.amend === 'native' &&
    change.limit_price_1e9 === child.limit_price_1e9 &&
    change.qty_1e8 <= child.qty_1e8
  if (!keeps) return stance
  return { ...stance, closable_1e8: smaller(stance.closable_1e8, child.lock_1e8) }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function spotStance(account: Account, stance: Mutable<Stance>, own: Child | undefined): void {
  stance.opens = stance.side === 'buy'
  if (stance.opens) return
  const row = account.cash(stance.venue.id, stance.instrument.base)
  stance.lock_key = row?.key ?? null
  stance.closable_1e8 = availableOf(row) + (own?.lock_1e8 ?? 0n)
}

function eventStance(account: Account, stance: Mutable<Stance>, own: Child | undefined): void {
  const { side, venue, instrument } = stance
  const leg = stance.outcome ?? 'YES'
  const { event_netting, event_short } = venue.capabilities
  const nets = event_netting === 'net'
  const closes = side === 'sell' ? leg : nets ? (leg === 'YES' ? 'NO' : 'YES') : null
  const reduces = !stance.opens
  stance.opens &&= side === 'buy' || event_short === 'opens-opposite'
  if (closes === null) return
  const key = legKey(venue.id, instrument.symbol, closes)
  const row = account.rows.get(key)
  const live = row?.lifecycle === 'active' ? row : undefined
  const mine = own !== undefined && own.lock_key === live?.key ? own.lock_1e8 : 0n
  // What another order opens while this one rests is closed by this one's fills.
  stance.lock_key = key
  stance.closable_1e8 = availableOf(live) + mine
  stance.reducible_1e8 = live?.qty_1e8 ?? 0n
  // A reduction goes before what resting orders promised to close; they then need cash instead.
  if (reduces && nets) stance.opens = true
}

function perpStance(account: Account, stance: Mutable<Stance>, own: Child | undefined): void {
  const { side, venue, instrument } = stance
  stance.leverage = leverageOf(instrument)
  const row = account.rows.get(perpKey(venue.id, instrument.symbol))
  const signed = row?.qty_1e8 ?? 0n
  if (row === undefined || (side === 'buy' ? signed >= 0n : signed <= 0n)) return
  const size = signed < 0n ? -signed : signed
  const free = size - row.held_1e8 + (own?.lock_1e8 ?? 0n)
  stance.lock_key = row.key
  stance.closable_1e8 = free > 0n ? free : 0n
  stance.reducible_1e8 = stance.closable_1e8
}

export const leverageOf = (instrument: Instrument): bigint =>
  BigInt(Math.max(1, Math.min(LEVERAGE, Math.trunc(instrument.leverage_max))))

/** Cash per unit of the opening part at a price of the order's leg. */
function openPrice({ instrument, side }: Stance, price_1e9: bigint): bigint {
  return instrument.kind === 'event' && side === 'sell' ? PRICE_SCALE - price_1e9 : price_1e9
}

function feeAt(stance: Stance, liquidity: Liquidity, price_1e9: bigint, qty_1e8: bigint): bigint {
  if (qty_1e8 === 0n) return 0n
  const { venue, instrument, side } = stance
  const { fee_1e8 } = venue.fees.fill({
    instrument,
    liquidity,
    side,
    price_1e9,
    qty_1e8,
    carry_1e8: 0n,
  })
  return fee_1e8 > 0n ? fee_1e8 : 0n
}

/** Price a venue values the order at when it comes in; null: not before it executes. */
export function entryPrice(stance: Stance, { limit_price_1e9 }: Terms): bigint | null {
  if (limit_price_1e9 !== null) return limit_price_1e9
  if (stance.venue.capabilities.market_order === 'native') return null
  const { instrument, outcome, side } = stance
  if (instrument.kind !== 'event') return null
  // The most aggressive price of the grid, in the book's terms and back in the order's.
  const up = (side === 'buy') !== (outcome === 'NO')
  const worst = alignPrice(instrument, up ? PRICE_SCALE : 0n, up ? 'down' : 'up')
  return outcome === 'NO' ? PRICE_SCALE - worst : worst
}

/**
 * Cash the venue wants to see for an order of `qty_1e8`, of which `takes` would execute now.
 */
export function cashRequired(
  stance: Stance,
  terms: Terms,
  qty_1e8: bigint,
  takes: readonly Level[],
): bigint {
  const { closable_1e8, instrument, leverage, opens, venue } = stance
  if (!opens) return 0n
  const priced = instrument.kind === 'event'
  const entry = entryPrice(stance, terms)
  let needed = 0n
  if (entry !== null) {
    const opening = qty_1e8 > closable_1e8 ? qty_1e8 - closable_1e8 : 0n
    needed = margin(openPrice(stance, entry), opening, leverage)
    if (venue.capabilities.fee_hold === 'taker-at-limit') {
      needed += heldFee(stance, entry, instrument.kind === 'spot' ? qty_1e8 : opening)
    }
  }
  let covered = closable_1e8
  let running = 0n
  let lowest = 0n
  let carry_1e8 = 0n
  let taken = 0n
  for (const { price_1e9, qty_1e8: qty } of takes) {
    const closed = smaller(covered, qty)
    covered -= closed
    taken += qty
    if (priced && closed > 0n) {
      running += notionalDown(PRICE_SCALE - openPrice(stance, price_1e9), closed)
    }
    running -= margin(openPrice(stance, price_1e9), qty - closed, leverage)
    const fee = venue.fees.fill({
      instrument,
      liquidity: 'taker',
      side: stance.side,
      price_1e9,
      qty_1e8: qty,
      carry_1e8,
    })
    carry_1e8 = fee.carry_1e8
    running -= fee.fee_1e8
    if (running < lowest) lowest = running
  }
  if (terms.rests && entry !== null && qty_1e8 > taken) {
    const left = qty_1e8 - taken
    const opening = left > covered ? left - covered : 0n
    running -= margin(openPrice(stance, entry), opening, leverage)
    running -= restingFee(stance, entry, left)
    if (running < lowest) lowest = running
  }
  return -lowest > needed ? -lowest : needed
}

/** The venue's hold for a resting order's fee, or where it holds none but charges makers, that fee. */
function restingFee(stance: Stance, price_1e9: bigint, qty_1e8: bigint): bigint {
  return stance.venue.capabilities.fee_hold === 'taker-at-limit'
    ? heldFee(stance, price_1e9, qty_1e8)
    : feeAt(stance, 'maker', price_1e9, qty_1e8)
}

function heldFee(stance: Stance, price_1e9: bigint, qty_1e8: bigint): bigint {
  const { instrument, venue } = stance
  const held = venue.fees.hold?.({ instrument, price_1e9, qty_1e8 })
  return held ?? feeAt(stance, 'taker', price_1e9, qty_1e8)
}

const margin = (price_1e9: bigint, qty_1e8: bigint, leverage: bigint): bigint =>
  leverage === 1n
    ? notionalUp(price_1e9, qty_1e8)
    : divCeil(price_1e9 * qty_1e8, PRICE_SCALE * leverage)

/** What the router's money bound compares: cash where the order may open, else the holding itself. */
export function freeOf(stance: Stance): bigint {
  return stance.opens ? stance.cash_free_1e8 : stance.closable_1e8
}

/**
 * What is held for one child.
 *
 * A market order that may spend cash is held by amount: what it needs now and a little more, as far as
 * cash allows, so that a book that moves before it arrives does not stop it at once.
 *
 * @param required - What {@link cashRequired} answers for the same order.
 */
export function needOf(
  stance: Stance,
  terms: Terms,
  qty_1e8: bigint,
  takes: readonly Level[],
  required = cashRequired(stance, terms, qty_1e8, takes),
): Need {
  const { closable_1e8, lock_key, leverage, cash_free_1e8 } = stance
  const lock_1e8 = lock_key === null ? 0n : smaller(qty_1e8, closable_1e8)
  const open_1e8 = stance.opens ? qty_1e8 - lock_1e8 : 0n
  const { limit_price_1e9 } = terms
  let open_price_1e9: bigint | null = null
  let fee_hold_1e8 = 0n
  let budget_1e8: bigint | null = null
  if (limit_price_1e9 !== null) {
    open_price_1e9 = openPrice(stance, limit_price_1e9)
    const fee_qty = stance.instrument.kind === 'perp' ? open_1e8 : qty_1e8
    const charges = terms.rests || stance.venue.capabilities.fee_hold !== 'none'
    if (stance.opens && charges) fee_hold_1e8 = restingFee(stance, limit_price_1e9, fee_qty)
  } else if (open_1e8 > 0n) {
    budget_1e8 = smaller(cash_free_1e8, required + divCeil(required, 20n))
  }
  return { lock_key, lock_1e8, open_1e8, open_price_1e9, leverage, fee_hold_1e8, budget_1e8 }
}

/**
 * What a buy may pay, fees included, for contracts that cancel held ones: it comes back at once, so it is
 * bounded generously, at the price the venue values the order at or the worst it would take.
 */
export function closingCost(
  stance: Stance,
  terms: Terms,
  child: Child,
  takes: readonly Level[],
): bigint {
  const { instrument, side, lock_1e8, qty_1e8: whole_1e8 } = child
  const worst_1e9 = entryPrice(stance, terms) ?? takes.at(-1)?.price_1e9
  if (side === 'sell' || lock_1e8 === 0n || worst_1e9 === undefined) return 0n
  const feeOf = (price_1e9: bigint, qty_1e8: bigint): bigint => {
    const fill = { instrument, liquidity: 'taker', side, price_1e9, qty_1e8 } as const
    const { fee_1e8 } = stance.venue.fees.fill({ ...fill, carry_1e8: 0n })
    return fee_1e8 > 0n ? fee_1e8 : 0n
  }
  let cost = notionalUp(worst_1e9, lock_1e8) + feeOf(worst_1e9, whole_1e8)
  for (const { price_1e9, qty_1e8 } of takes) cost += feeOf(price_1e9, qty_1e8)
  return cost
}

/** Signed holding in an order's own leg. */
export function heldOf(
  account: Account,
  venue: string,
  instrument: Instrument,
  outcome: Outcome | null,
): bigint {
  switch (instrument.kind) {
    case 'spot':
      return account.cash(venue, instrument.base)?.qty_1e8 ?? 0n
    case 'perp':
      return account.rows.get(perpKey(venue, instrument.symbol))?.qty_1e8 ?? 0n
    case 'event': {
      const own = outcome ?? 'YES'
      const of = (leg: 'YES' | 'NO') =>
        account.rows.get(legKey(venue, instrument.symbol, leg))?.qty_1e8 ?? 0n
      return of(own) - of(own === 'YES' ? 'NO' : 'YES')
    }
  }
}
