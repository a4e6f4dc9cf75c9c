/**
 * Sim money: the fee of a simulated fill, and how much a buy's budget still affords.
 *
 * Pure. Prices here are the child's own (NO legs in NO terms), as the fee schedules expect.
 *
 * @module
 */

import type { Liquidity } from '../engine/order.js'
import { notionalUp } from '../engine/units.js'
import { bookPrice, type SimOrder } from './sim-order.js'

export interface FillTerms {
  /** In the book's terms. */
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly liquidity: Liquidity
  readonly carry_1e8: bigint
}

/** The venue's fee on a fill, and the order's accumulator after it. */
export function feeOf(
  order: SimOrder,
  { price_1e9, qty_1e8, liquidity, carry_1e8 }: FillTerms,
): { readonly fee_1e8: bigint; readonly carry_1e8: bigint } {
  const { child, venue } = order
  return venue.fees.fill({
    instrument: child.instrument,
    liquidity,
    side: child.side,
    price_1e9: bookPrice(child, price_1e9),
    qty_1e8,
    carry_1e8,
  })
}

/** What a buyer pays for a fill: price times size rounded up, and the fee. */
export const paidFor = (
  order: SimOrder,
  fill: { price_1e9: bigint; qty_1e8: bigint; fee_1e8: bigint },
): bigint => notionalUp(bookPrice(order.child, fill.price_1e9), fill.qty_1e8) + fill.fee_1e8

/**
 * Most of `terms.qty_1e8`, in whole lots, that fits a buy's budget.
 *
 * @param spent_1e8 - Already paid, fees included.
 */
export function affordable(order: SimOrder, terms: FillTerms, spent_1e8: bigint): bigint {
  const { budget_1e8, side, instrument } = order.child
  if (budget_1e8 === null || side === 'sell') return terms.qty_1e8
  const fits = (qty_1e8: bigint): boolean => {
    const { fee_1e8 } = feeOf(order, { ...terms, qty_1e8 })
    const paid = paidFor(order, { price_1e9: terms.price_1e9, qty_1e8, fee_1e8 })
    return spent_1e8 + paid <= budget_1e8
  }
  if (fits(terms.qty_1e8)) return terms.qty_1e8
  const lot = instrument.lot_size_1e8
  let low = 0n
  let high = terms.qty_1e8 / lot
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (fits(middle * lot)) low = middle
    else high = middle - 1n
  }
  return low * lot
}
