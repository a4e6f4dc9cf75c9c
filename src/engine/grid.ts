/**
 * Grid: which prices an instrument allows, in ticks.
 *
 * Pure. Bands lie one after the other and may share their ends; no bands means every tick above zero.
 *
 * @module
 */

import type { Instrument } from './instrument.js'

/** A price band in ticks, ends included. */
export interface TickBand {
  readonly from: number
  readonly to: number
  readonly step: number
}

/**
 * Bands of an instrument in ticks.
 *
 * @throws RangeError when a band does not lie on the instrument's own ticks.
 */
export function tickBands(
  bands: Instrument['price_bands'],
  tick_size_1e9: bigint,
): readonly TickBand[] {
  const ticks = (price_1e9: bigint): number => {
    const n = Number(price_1e9 / tick_size_1e9)
    if (price_1e9 < 0n || price_1e9 % tick_size_1e9 !== 0n || !Number.isSafeInteger(n)) {
      throw new RangeError(
        `a price band has ${price_1e9}, which is no whole number of ticks of ${tick_size_1e9} (both 1e-9); use the finest step of all bands as tick size.`,
      )
    }
    return n
  }
  return bands.map((band) => {
    const step = ticks(band.step_1e9)
    if (step === 0)
      throw new RangeError('a price band has a step of 0; a positive step is expected.')
    return { from: ticks(band.from_1e9), to: ticks(band.to_1e9), step }
  })
}

/** Whether a price is allowed. */
export function allowed(bands: readonly TickBand[], ticks: number): boolean {
  if (ticks <= 0) return false
  if (bands.length === 0) return true
  for (const { from, to, step } of bands) {
    if (ticks >= from && ticks <= to && (ticks - from) % step === 0) return true
  }
  return false
}

/** Highest allowed price at or below `ticks`, or null. */
export function atOrBelow(bands: readonly TickBand[], ticks: number): number | null {
  if (bands.length === 0) return ticks > 0 ? ticks : null
  let best: number | null = null
  for (const { from, to, step } of bands) {
    if (ticks < from) break
    const end = Math.min(ticks, to)
    const on = end - ((end - from) % step)
    if (on > 0) best = on
  }
  return best
}

/** Lowest allowed price at or above `ticks`, or null. */
export function atOrAbove(bands: readonly TickBand[], ticks: number): number | null {
  if (bands.length === 0) return Math.max(1, ticks)
  for (const { from, to, step } of bands) {
    const start = Math.max(ticks, from, 1)
    const on = start + ((step - ((start - from) % step)) % step)
    if (on <= to) return on
  }
  return null
}
