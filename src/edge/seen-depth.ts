/**
 * Seen depth: a public book as it is for one client that took from it, though the feed still shows it whole.
 *
 * @module
 */

import type { Depth, Level } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import { levelIndex } from '../market/depth-book.js'

/** A public book less what one client has eaten; a side is made when it is asked for, and then kept. */
export class SeenDepth implements Depth {
  readonly #depth: Depth
  readonly #eaten: { readonly bids: Eaten; readonly asks: Eaten }
  #bids: readonly Level[] | null = null
  #asks: readonly Level[] | null = null

  constructor(depth: Depth, bids: Eaten, asks: Eaten) {
    this.#depth = depth
    this.#eaten = { bids, asks }
  }

  get bids(): readonly Level[] {
    this.#bids ??= lessEaten(this.#depth.bids, 'buy', this.#eaten.bids)
    return this.#bids
  }

  get asks(): readonly Level[] {
    this.#asks ??= lessEaten(this.#depth.asks, 'sell', this.#eaten.asks)
    return this.#asks
  }
}

/** Sizes by price; absent: nothing. */
export type Eaten = ReadonlyMap<bigint, bigint> | undefined

/** A side without what was eaten of it. */
function lessEaten(levels: readonly Level[], side: Side, eaten: Eaten): readonly Level[] {
  if (eaten === undefined) return levels
  const left = levels.slice()
  for (const [price_1e9, eaten_1e8] of eaten) {
    const at = levelIndex(left, side, price_1e9)
    const level = left[at]
    if (level?.price_1e9 !== price_1e9) continue
    if (level.qty_1e8 > eaten_1e8) left[at] = { price_1e9, qty_1e8: level.qty_1e8 - eaten_1e8 }
    else left.splice(at, 1)
  }
  return left
}
