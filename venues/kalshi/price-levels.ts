/**
 * Price levels: the grids a market may trade on, by the names Kalshi gives them.
 *
 * Pure. `price_ranges` of a market is authoritative; a structure is a name for one set of ranges. Every
 * instrument counts prices in $0.0001 (the finest grid), so a market can move to another structure while
 * orders rest.
 *
 * @see https://docs.kalshi.com/getting_started/fixed_point_migration
 *
 * @module
 */

import type { Instrument, PriceBand } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'

/** The finest step of any structure: one tick of every Kalshi instrument, $0.0001. */
export const TICK_1E9 = 100_000n
/** Ticks of one dollar. */
export const DOLLAR_TICKS = 10_000

/** One range of the wire's `price_ranges`, in 1e9 dollars; both ends belong to the grid but $0 and $1 are never valid. */
export interface PriceRange {
  readonly start_1e9: bigint
  readonly end_1e9: bigint
  readonly step_1e9: bigint
}

/** Ends of the ranges and their steps in ticks ($0.0001): `[end, step]`, the first range starting at 0. */
const STRUCTURES = {
  linear_cent: [[10_000, 100]],
  deci_cent: [[10_000, 10]],
  tapered_deci_cent: [
    [1_000, 10],
    [9_000, 100],
    [10_000, 10],
  ],
  center_whole_edge_half_cent: [
    [1_000, 50],
    [9_000, 100],
    [10_000, 50],
  ],
  center_whole_edge_quint_cent: [
    [1_000, 20],
    [9_000, 100],
    [10_000, 20],
  ],
  center_half_edge_half_cent: [[10_000, 50]],
  center_half_edge_quint_cent: [
    [1_000, 20],
    [9_000, 50],
    [10_000, 20],
  ],
  center_half_edge_deci_cent: [
    [1_000, 10],
    [9_000, 50],
    [10_000, 10],
  ],
  center_quint_edge_quint_cent: [[10_000, 20]],
  center_quint_edge_deci_cent: [
    [1_000, 10],
    [9_000, 20],
    [10_000, 10],
  ],
  center_centi_edge_centi_cent: [[10_000, 1]],
  center_deci_edge_centi_cent: [
    [100, 1],
    [9_900, 10],
    [10_000, 1],
  ],
} as const satisfies Record<string, readonly (readonly [number, number])[]>

export type PriceLevelStructure = keyof typeof STRUCTURES

export const PRICE_LEVEL_STRUCTURES = Object.keys(STRUCTURES) as readonly PriceLevelStructure[]

/** `price_ranges` of a structure, ascending. */
export function priceRanges(structure: PriceLevelStructure): readonly PriceRange[] {
  let start = 0
  return STRUCTURES[structure].map(([end, step]) => {
    const range = {
      start_1e9: BigInt(start) * TICK_1E9,
      end_1e9: BigInt(end) * TICK_1E9,
      step_1e9: BigInt(step) * TICK_1E9,
    }
    start = end
    return range
  })
}

/** The structure as bands of the instrument contract: $0 and $1, never valid, are cut off. */
export const priceBands = (structure: PriceLevelStructure): readonly PriceBand[] =>
  bandsOf(priceRanges(structure))

/** Ranges of the wire as bands of the instrument contract. */
export const bandsOf = (ranges: readonly PriceRange[]): readonly PriceBand[] =>
  ranges.map(({ start_1e9, end_1e9, step_1e9 }) => ({
    from_1e9: start_1e9 === 0n ? step_1e9 : start_1e9,
    to_1e9: end_1e9 === PRICE_SCALE ? PRICE_SCALE - step_1e9 : end_1e9,
    step_1e9,
  }))

/** Name of the structure these bands belong to; `undefined` when the table has none. */
export function structureOf(bands: Instrument['price_bands']): PriceLevelStructure | undefined {
  return PRICE_LEVEL_STRUCTURES.find((name) => {
    const own = priceBands(name)
    return (
      own.length === bands.length &&
      own.every((band, index) => {
        const other = bands[index]
        return (
          other !== undefined &&
          band.from_1e9 === other.from_1e9 &&
          band.to_1e9 === other.to_1e9 &&
          band.step_1e9 === other.step_1e9
        )
      })
    )
  })
}

/** `price_ranges` of any bands: those of the structure, or the bands as they are. */
export function rangesOf(bands: Instrument['price_bands']): readonly PriceRange[] {
  const structure = structureOf(bands)
  if (structure !== undefined) return priceRanges(structure)
  return bands.map(({ from_1e9, to_1e9, step_1e9 }) => ({
    start_1e9: from_1e9 === step_1e9 ? 0n : from_1e9,
    end_1e9: to_1e9 + step_1e9 === PRICE_SCALE ? PRICE_SCALE : to_1e9,
    step_1e9,
  }))
}

/**
 * The most aggressive valid price: what a market order is sent at, Kalshi having none.
 *
 * @returns $0.99 on `linear_cent` for a buy, $0.01 for a sell.
 */
export function aggressivePrice(instrument: Instrument, side: 'buy' | 'sell'): bigint {
  const bands = instrument.price_bands
  const edge = side === 'buy' ? bands.at(-1)?.to_1e9 : bands[0]?.from_1e9
  if (edge !== undefined) return edge
  return side === 'buy' ? PRICE_SCALE - instrument.tick_size_1e9 : instrument.tick_size_1e9
}
