/**
 * Money: cash and size of ticks and lots of one instrument, exact.
 *
 * Pure. Small products stay numbers until the end, which is several times faster than bigint and, below
 * 2^53, as exact; larger ones go the long way. A payer pays rounded up, a receiver receives rounded down.
 *
 * @module
 */

import type { Instrument } from './instrument.js'
import { PRICE_SCALE, smaller } from './units.js'

export class Money {
  readonly tick_size_1e9: bigint
  readonly lot_size_1e8: bigint
  /** Cash of one tick times one lot is `numerator / denominator`, lowest terms. */
  readonly #numerator: bigint
  readonly #denominator: bigint
  readonly #small_numerator: number
  readonly #small_denominator: number
  readonly #small_lot: number

  constructor(instrument: Instrument) {
    this.tick_size_1e9 = instrument.tick_size_1e9
    this.lot_size_1e8 = instrument.lot_size_1e8
    const product = instrument.tick_size_1e9 * instrument.lot_size_1e8
    const common = divisor(product, PRICE_SCALE)
    this.#numerator = product / common
    this.#denominator = PRICE_SCALE / common
    this.#small_numerator = Number(this.#numerator)
    this.#small_denominator = Number(this.#denominator)
    this.#small_lot = Number(instrument.lot_size_1e8)
  }

  price_1e9(ticks: number): bigint {
    return BigInt(ticks) * this.tick_size_1e9
  }

  qty_1e8(lots: number): bigint {
    const small = lots * this.#small_lot
    return Number.isSafeInteger(small) ? BigInt(small) : BigInt(lots) * this.lot_size_1e8
  }

  /** Price times size in `_1e8` of the quote asset, rounded up. */
  up(ticks: number, lots: number): bigint {
    const small = ticks * lots * this.#small_numerator
    if (small <= Number.MAX_SAFE_INTEGER) {
      const rest = small % this.#small_denominator
      const floor = (small - rest) / this.#small_denominator
      return BigInt(rest === 0 ? floor : floor + 1)
    }
    const exact = BigInt(ticks) * BigInt(lots) * this.#numerator
    return (exact + this.#denominator - 1n) / this.#denominator
  }

  /** Price times size in `_1e8` of the quote asset, rounded down. */
  down(ticks: number, lots: number): bigint {
    const small = ticks * lots * this.#small_numerator
    if (small <= Number.MAX_SAFE_INTEGER) {
      const rest = small % this.#small_denominator
      return BigInt((small - rest) / this.#small_denominator)
    }
    return (BigInt(ticks) * BigInt(lots) * this.#numerator) / this.#denominator
  }

  /** Most lots a budget pays for at a price; at most 2^53 - 1. */
  lotsFor(ticks: number, budget_1e8: bigint): number {
    const lots = (budget_1e8 * this.#denominator) / (BigInt(ticks) * this.#numerator)
    return Number(smaller(lots, MAX_LOTS))
  }

  /** Unrounded product, scale 1e17. */
  exact_1e17(ticks: number, lots: number): bigint {
    return this.price_1e9(ticks) * this.qty_1e8(lots)
  }
}

const MAX_LOTS = BigInt(Number.MAX_SAFE_INTEGER)

function divisor(a: bigint, b: bigint): bigint {
  let [high, low] = [a, b]
  while (low > 0n) [high, low] = [low, high % low]
  return high
}
