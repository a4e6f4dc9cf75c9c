/**
 * Units: the branded numbers of money and size, the only two ways to round them, and the larger and smaller of two.
 *
 * Pure. Outside a matching engine quantities are `_1e8` and prices and USD amounts `_1e9`, as
 * `bigint`; inside it prices are ticks and sizes lots, as safe integers. Cash is a quantity of its
 * asset, so balances, holds and fees are `_1e8` too.
 *
 * @module
 */

declare const unit: unique symbol
type Unit<T, Name extends string> = T & { readonly [unit]: Name }

/** Whole price steps of one instrument. Safe integer, never negative. */
export type PriceTicks = Unit<number, 'ticks'>
/** Whole size steps of one instrument. Safe integer; signed only for positions. */
export type QtyLots = Unit<number, 'lots'>

/** Fixed-point scale of quantities. */
export const QTY_SCALE = 100_000_000n
/** Fixed-point scale of prices and of USD amounts. */
export const PRICE_SCALE = 1_000_000_000n

/**
 * A checked count of price steps.
 *
 * @throws RangeError when `n` is not a safe integer of zero or more.
 */
export const priceTicks = (n: number): PriceTicks => count(n, 'price_ticks') as PriceTicks

/**
 * A checked count of size steps.
 *
 * @throws RangeError when `n` is not a safe integer of zero or more.
 */
export const qtyLots = (n: number): QtyLots => count(n, 'qty_lots') as QtyLots

/** `numerator / denominator`, toward minus infinity. The denominator is positive. */
export function divFloor(numerator: bigint, denominator: bigint): bigint {
  // One division: a remainder would be a second.
  return (numerator < 0n ? numerator - denominator + 1n : numerator) / denominator
}

/** `numerator / denominator`, toward plus infinity. The denominator is positive. */
export function divCeil(numerator: bigint, denominator: bigint): bigint {
  return (numerator > 0n ? numerator + denominator - 1n : numerator) / denominator
}

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/**
 * Quote money owed for a quantity at a price, rounded up: what a payer pays.
 *
 * @param price_1e9 - Quote units per base unit.
 * @param qty_1e8 - Base quantity, zero or more.
 * @returns Quote quantity `_1e8`.
 *
 * @example
 * notionalUp(30_000_000_000_000n, 50_000_000n) // 1_500_000_000_000n: 0.5 at 30,000 is 15,000
 */
export const notionalUp = (price_1e9: bigint, qty_1e8: bigint): bigint =>
  divCeil(price_1e9 * qty_1e8, PRICE_SCALE)

/** As {@link notionalUp}, rounded down: what a receiver receives. */
export const notionalDown = (price_1e9: bigint, qty_1e8: bigint): bigint =>
  divFloor(price_1e9 * qty_1e8, PRICE_SCALE)

function count(n: number, name: string): number {
  if (Number.isSafeInteger(n) && n >= 0) return n
  throw new RangeError(
    `${name} is ${n}; a whole number from 0 to 2^53 - 1 is expected. Convert prices and sizes with the instrument's ticks and lots first.`,
  )
}
