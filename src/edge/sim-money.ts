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

/** A fill and what it costs. */
export interface Priced {
  readonly qty_1e8: bigint
  readonly fee_1e8: bigint
  /** The order's accumulator after it. */
  readonly carry_1e8: bigint
  /** Price times size, rounded up; counted for buys with a budget, else zero. */
  readonly notional_1e8: bigint
}

/**
 * A fill of `terms.qty_1e8`, or of the most of it, in whole lots, that fits a buy's budget.
 *
 * @param spent_1e8 - Already paid, fees included.
 */
export function affordable(order: SimOrder, terms: FillTerms, spent_1e8: bigint): Priced {
  const { budget_1e8, instrument, side } = order.child
  const whole = price(order, terms)
  if (budget_1e8 === null || side === 'sell') return whole
  const left_1e8 = budget_1e8 - spent_1e8
  if (whole.notional_1e8 + whole.fee_1e8 <= left_1e8) return whole
  const lot = instrument.lot_size_1e8
  let low = 0n
  let high = terms.qty_1e8 / lot
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    const { notional_1e8, fee_1e8 } = price(order, { ...terms, qty_1e8: middle * lot })
    if (notional_1e8 + fee_1e8 <= left_1e8) low = middle
    else high = middle - 1n
  }
  return price(order, { ...terms, qty_1e8: low * lot })
}

function price(order: SimOrder, terms: FillTerms): Priced {
  const { child } = order
  const { qty_1e8, price_1e9 } = terms
  const { fee_1e8, carry_1e8 } = feeOf(order, terms)
  const notional_1e8 =
    child.budget_1e8 === null || child.side === 'sell'
      ? 0n
      : notionalUp(bookPrice(child, price_1e9), qty_1e8)
  return { qty_1e8, fee_1e8, carry_1e8, notional_1e8 }
}
