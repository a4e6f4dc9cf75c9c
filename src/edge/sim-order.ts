/**
 * Sim order: one child order inside a simulated world, in the book's own terms.
 *
 * An event market has one book, quoted in YES: buying NO at q is selling YES at 1 - q. Orders are
 * turned that way when they arrive and fills are turned back when they are told, so the matching in
 * between knows one book only.
 *
 * @module
 */

import type { LevelMemory, QueuePlace } from '../adversary/queue.js'
import type { ShadowDepth } from '../adversary/shadow-depth.js'
import type { Side } from '../engine/instrument.js'
import type { ChildOrder } from '../engine/order.js'
import type { Refusal, RejectCode } from '../engine/reject.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Venue } from '../venue/contract.js'
import type { Ceiling } from './ceiling.js'

/** What the simulator knows of a venue: data, never behaviour. */
export type SimVenue = Pick<Venue, 'id' | 'capabilities' | 'fees'>

/** Why an order is over. */
export type EndReason = 'filled' | 'expired' | 'requested' | 'venue' | RejectCode

export interface SimOrder {
  readonly child: ChildOrder
  readonly venue: SimVenue
  /** In the book's terms. */
  readonly side: Side
  /** Where the rest would lie; null: market. In the book's terms. */
  limit_1e9: bigint | null
  /** Total wanted, filled part included; an amend changes it. */
  qty_1e8: bigint
  left_1e8: bigint
  filled_1e8: bigint
  /** Quote paid so far, fees included; counted for buys with a budget. */
  spent_1e8: bigint
  /** The fee schedule's accumulator. */
  carry_1e8: bigint
  state: 'new' | 'resting' | 'done'
  ended: EndReason | null
  /** Of an order that never was. */
  refusal: Refusal | null
  /** Reduce-only cut it: what it gave up is told at its end. */
  clipped: boolean
  /** While resting. */
  place: QueuePlace | null
  level: LevelMemory | null
  /** The pessimistic twin: how much has surely filled. Told with each fill as the lower bound. */
  low: { readonly place: QueuePlace; left_1e8: bigint } | null
  low_filled_1e8: bigint
  /** Queue ahead at arrival and after each move, newest last; bounded. */
  history_1e8: bigint[]
  /** Present under adversaries: what the reference run allows. */
  readonly ceiling: Ceiling | null
  /** Present on a reference order: where its fills are noted. */
  readonly notes: Ceiling | null
  /** The reference's shadow, where one run serves both worlds: what the order takes is taken there too. */
  readonly twin: ShadowDepth | null
}

export function makeOrder(
  child: ChildOrder,
  venue: SimVenue,
  bounds: { ceiling?: Ceiling | undefined; notes?: Ceiling; twin?: ShadowDepth | undefined } = {},
): SimOrder {
  return {
    child,
    venue,
    side: bookSide(child),
    limit_1e9: child.limit_price_1e9 === null ? null : bookPrice(child, child.limit_price_1e9),
    qty_1e8: child.qty_1e8,
    left_1e8: child.qty_1e8,
    filled_1e8: 0n,
    spent_1e8: 0n,
    carry_1e8: 0n,
    state: 'new',
    ended: null,
    refusal: null,
    clipped: false,
    place: null,
    level: null,
    low: null,
    low_filled_1e8: 0n,
    history_1e8: [],
    ceiling: bounds.ceiling ?? null,
    notes: bounds.notes ?? null,
    twin: bounds.twin ?? null,
  }
}

export const opposite = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy')

export const bookSide = (child: ChildOrder): Side =>
  child.outcome === 'NO' ? opposite(child.side) : child.side

/** A price of the child's leg in the book's terms, and the other way round. */
export const bookPrice = (child: ChildOrder, price_1e9: bigint): bigint =>
  child.outcome === 'NO' ? PRICE_SCALE - price_1e9 : price_1e9

/** Whether `price_1e9` is at least as good a place for this side's order to trade as `limit_1e9`. */
export const within = (side: Side, price_1e9: bigint, limit_1e9: bigint): boolean =>
  side === 'buy' ? price_1e9 <= limit_1e9 : price_1e9 >= limit_1e9

/** The worst price the order may take at: its limit or its protection, whichever comes first; null: any. */
export function takingBound(order: SimOrder): bigint | null {
  const { child, limit_1e9, side } = order
  if (child.protection_price_1e9 === null) return limit_1e9
  const protection = bookPrice(child, child.protection_price_1e9)
  if (limit_1e9 === null) return protection
  return within(side, protection, limit_1e9) ? protection : limit_1e9
}

export function wholeLots(order: SimOrder, qty_1e8: bigint): bigint {
  const lot = order.child.instrument.lot_size_1e8
  return qty_1e8 - (qty_1e8 % lot)
}
