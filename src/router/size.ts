/**
 * Size: quantity of an order given as money, and the worst price a slippage bound allows.
 *
 * Pure. Quantities round down to the lot, bounds toward the better price.
 *
 * @module
 */

import { type Instrument, type Outcome, onGrid, type Side } from '../engine/instrument.js'
import { divCeil, divFloor, PRICE_SCALE, QTY_SCALE } from '../engine/units.js'

/**
 * Quantity that an amount of money buys or sells at a price, down to the lot.
 *
 * @returns Zero when the amount does not reach one lot.
 *
 * @example
 * qtyOfNotional({ notional_1e9: 100n * 10n ** 9n, price_1e9: 30n * 10n ** 9n, lot_size_1e8: 10n ** 8n })
 * // 3 whole units
 */
export function qtyOfNotional(input: {
  readonly notional_1e9: bigint
  /** Best ask for a buy, best bid for a sell. Positive. */
  readonly price_1e9: bigint
  readonly lot_size_1e8: bigint
}): bigint {
  const qty_1e8 = divFloor(input.notional_1e9 * QTY_SCALE, input.price_1e9)
  return qty_1e8 - (qty_1e8 % input.lot_size_1e8)
}

/**
 * Worst price a market order may reach: the best price moved by a bound, onto the venue's grid.
 *
 * @param best_1e9 - Best price of all candidates at routing time, in the order's leg.
 * @returns In the order's leg; never beyond the bound, never below one tick.
 */
export function protectionPrice(input: {
  readonly side: Side
  readonly outcome: Outcome | null
  readonly best_1e9: bigint
  readonly max_slippage_bps: number
  readonly instrument: Instrument
}): bigint {
  const { side, outcome, best_1e9, instrument } = input
  const part = BigInt(Math.round(input.max_slippage_bps * 10_000))
  const whole = 100_000_000n
  const worst =
    side === 'buy'
      ? divFloor(best_1e9 * (whole + part), whole)
      : divCeil(best_1e9 * (whole - part), whole)
  const flip = (price_1e9: bigint) => (outcome === 'NO' ? PRICE_SCALE - price_1e9 : price_1e9)
  const down = (side === 'buy') !== (outcome === 'NO')
  return flip(alignPrice(instrument, flip(worst), down ? 'down' : 'up'))
}

/** Nearest valid price at or below (`down`), or at or above (`up`), within the instrument's range. */
export function alignPrice(
  instrument: Instrument,
  price_1e9: bigint,
  toward: 'down' | 'up',
): bigint {
  const tick = instrument.tick_size_1e9
  const last = instrument.kind === 'event' ? PRICE_SCALE - tick : undefined
  let aligned = (toward === 'down' ? divFloor(price_1e9, tick) : divCeil(price_1e9, tick)) * tick
  if (aligned < tick) aligned = tick
  if (last !== undefined && aligned > last) aligned = last
  const band = instrument.price_bands.find(
    ({ from_1e9, to_1e9 }) => aligned >= from_1e9 && aligned <= to_1e9,
  )
  if (band === undefined) return aligned
  const offset = aligned - band.from_1e9
  const steps = toward === 'down' ? divFloor(offset, band.step_1e9) : divCeil(offset, band.step_1e9)
  const banded = band.from_1e9 + steps * band.step_1e9
  // A band that starts at zero has no valid price there; nor has one that ends at one.
  if (!onGrid(instrument, banded) || (last !== undefined && banded > last)) {
    return toward === 'down' ? banded + band.step_1e9 : banded - band.step_1e9
  }
  return banded
}
