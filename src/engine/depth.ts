/**
 * Depth: an L2 view of one book, as data. What a market-data subscriber can know.
 *
 * Pure types; best level first on both sides. A NO leg sees the complement of the YES book.
 *
 * @module
 */

import type { Side } from './instrument.js'
import { PRICE_SCALE } from './units.js'

export interface Level {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
}

export interface Depth {
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** A trade as a public feed tells it. */
export interface PublicTrade {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly taker_side: Side
  readonly ts_ns: bigint
  /**
   * This feed tells a level before the trades that took from it: a level change of the same instant already
   * shows this one. Absent: the feed promises no order.
   */
  readonly level_told?: boolean
}

/** The same market seen from NO: a YES bid at p is a NO ask at 1 - p. */
export function complement(depth: Depth): Depth {
  const flip = ({ price_1e9, qty_1e8 }: Level): Level => ({
    price_1e9: PRICE_SCALE - price_1e9,
    qty_1e8,
  })
  return { bids: depth.asks.map(flip), asks: depth.bids.map(flip) }
}
