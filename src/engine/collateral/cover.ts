/**
 * Cover: lots of a net position that are promised to resting orders which close it.
 *
 * Net positions lie on one side at a time, and so do promises. Used by event contracts with netting and by
 * perps.
 *
 * @module
 */

import { BUY } from '../book.js'
import type { Core, Seat } from '../core.js'

/** Lots that an order on this side could close. */
export const netClosable = (seat: Seat, side: number): number =>
  Math.max(0, side === BUY ? -seat.position_lots : seat.position_lots)

/** Of these, the lots no resting order is promised yet. */
export function netUncommitted(seat: Seat, side: number): number {
  const closable = netClosable(seat, side)
  return closable > 0 ? closable - seat.committed_lots : 0
}

/**
 * Takes cover back where more lots are promised than held, or on the side that no longer closes anything;
 * newest order first.
 *
 * @param rehold - Sets what an order holds, now that it covers less.
 */
export function takeBackCover(
  core: Core,
  seat: Seat,
  rehold: (slot: number, cover_lots: number) => void,
): void {
  if (seat.committed_lots === 0) return
  let excess = seat.committed_lots - Math.abs(seat.position_lots)
  for (const slot of core.slotsOf(seat).reverse()) {
    const covered = core.store.cover(slot)
    const closes = netClosable(seat, seat.market.book.sideOf(slot)) > 0
    const by = closes ? Math.min(covered, Math.max(0, excess)) : covered
    if (by === 0) continue
    excess -= by
    seat.committed_lots -= by
    rehold(slot, covered - by)
  }
}
