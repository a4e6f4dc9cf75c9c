/**
 * Collateral: what a kind of market asks of the money behind its orders and trades.
 *
 * Types only; one implementation a file: `spot`, `event`, `perp`.
 *
 * @module
 */

import type { Core, Draft, Seat, Shortage } from '../core.js'
import type { Plan } from '../match.js'

export interface Collateral {
  /**
   * Whether an order can be paid: at entry by its own price, and by what the plan would execute right now,
   * whichever is more. null: it can.
   */
  shortage(core: Core, draft: Draft, plan: Plan): Shortage | null
  /** Reserves what a resting order needs; its slot, price and remaining lots are set. `known_1e8`: the draft's hold. */
  reserve(core: Core, seat: Seat, slot: number, known_1e8: bigint | null): void
  /** Gives back all that a resting order had reserved. */
  release(core: Core, seat: Seat, slot: number): void
  /** A resting order keeps its place with fewer lots (`remaining` is already the new size). */
  trim(core: Core, seat: Seat, slot: number): void
  /** Moves money and positions of one fill and tells it. The book still holds the maker's old size. */
  trade(core: Core, draft: Draft, slot: number, price_ticks: number, qty_lots: number): void
  /** After a fill, once the book shows it: whatever the new position asks of the seat's other orders. */
  settled(core: Core, seat: Seat): void
  /** Lots that an order on this side could close now; 0 where positions do not exist. */
  closable(seat: Seat, side: number, flags: number): number
}
