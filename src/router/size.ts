/**
 * Size: quantity of an order given as money, and the worst price a slippage bound allows.
 *
 * Pure. Quantities round down to the lot, bounds toward the better price.
 *
 * @module
 */

import type { Instrument, Outcome, Side } from '../engine/instrument.js'
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

/**
 * Nearest valid price at or below (`down`), or at or above (`up`); where there is none on that side, the
 * last valid one on the other.
 */
export function alignPrice(
  instrument: Instrument,
  price_1e9: bigint,
  toward: 'down' | 'up',
): bigint {
  const { tick_size_1e9: tick, price_bands } = instrument
  const last = instrument.kind === 'event' ? PRICE_SCALE - tick : undefined
  const whole = { from_1e9: tick, to_1e9: last ?? null, step_1e9: tick }
  const bands = price_bands.length > 0 ? price_bands : [whole]
  let below: bigint | undefined
  let above: bigint | undefined
  for (const { from_1e9, to_1e9, step_1e9 } of bands) {
    const end = to_1e9 === null || (last !== undefined && last < to_1e9) ? (last ?? null) : to_1e9
    // Zero is no price: a band that starts there has its first price a step later.
    const first = from_1e9 > 0n ? from_1e9 : step_1e9
    const highest = end === null ? null : first + divFloor(end - first, step_1e9) * step_1e9
    const at = (round: typeof divFloor) => first + round(price_1e9 - first, step_1e9) * step_1e9
    const down = within(at(divFloor), first, highest)
    const up = within(at(divCeil), first, highest)
    if (down <= price_1e9 && (below === undefined || down > below)) below = down
    if (up >= price_1e9 && (above === undefined || up < above)) above = up
    if (below === undefined && above === undefined) above = down
  }
  const [wanted, other] = toward === 'down' ? [below, above] : [above, below]
  return wanted ?? other ?? tick
}

function within(price_1e9: bigint, low_1e9: bigint, high_1e9: bigint | null): bigint {
  if (price_1e9 < low_1e9) return low_1e9
  return high_1e9 !== null && price_1e9 > high_1e9 ? high_1e9 : price_1e9
}
