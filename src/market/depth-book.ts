/**
 * Depth book: one L2 book kept sorted, best level first on both sides.
 *
 * Pure. A level is found by a galloping search from the best price, so a change near the touch costs a
 * few comparisons however deep the book is. Sizes are what the feed said, never a sum of our own.
 *
 * @module
 */

import type { Depth, Level } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'

/** A mutable L2 book. `bids` and `asks` are live: read them, do not keep them. */
export class DepthBook implements Depth {
  #bids: Level[] = []
  #asks: Level[] = []

  get bids(): readonly Level[] {
    return this.#bids
  }

  get asks(): readonly Level[] {
    return this.#asks
  }

  /**
   * Replaces both sides. Levels may come in any order; empty ones are dropped.
   *
   * @throws RangeError when a price is named twice on one side, a price is not positive or a size is negative.
   */
  reset(depth: Depth): void {
    const bids = sorted(depth.bids, 'buy')
    const asks = sorted(depth.asks, 'sell')
    this.#bids = bids
    this.#asks = asks
  }

  /**
   * Sets the size of one level; zero removes it.
   *
   * @param side - `buy` for the bids, `sell` for the asks.
   * @returns The size it had before, zero when it was absent.
   * @throws RangeError when the price is not positive or the size is negative.
   */
  set(side: Side, price_1e9: bigint, qty_1e8: bigint): bigint {
    if (price_1e9 <= 0n || qty_1e8 < 0n) refuse(price_1e9, qty_1e8)
    const levels = side === 'buy' ? this.#bids : this.#asks
    const index = levelIndex(levels, side, price_1e9)
    const found = levels[index]
    if (found !== undefined && found.price_1e9 === price_1e9) {
      if (qty_1e8 === 0n) levels.splice(index, 1)
      else levels[index] = { price_1e9, qty_1e8 }
      return found.qty_1e8
    }
    if (qty_1e8 > 0n) levels.splice(index, 0, { price_1e9, qty_1e8 })
    return 0n
  }

  /** Size shown at a price, zero when the level is absent. */
  qtyAt(side: Side, price_1e9: bigint): bigint {
    const levels = side === 'buy' ? this.#bids : this.#asks
    const found = levels[levelIndex(levels, side, price_1e9)]
    return found !== undefined && found.price_1e9 === price_1e9 ? found.qty_1e8 : 0n
  }

  /** Whether the best bid has reached the best ask: a sign of a broken or half-applied feed. */
  crossed(): boolean {
    const bid = this.#bids[0]
    const ask = this.#asks[0]
    return bid !== undefined && ask !== undefined && bid.price_1e9 >= ask.price_1e9
  }

  /** Drops the levels beyond the best `count` of each side, as feeds of a fixed depth do. */
  truncate(count: number): void {
    if (this.#bids.length > count) this.#bids.length = count
    if (this.#asks.length > count) this.#asks.length = count
  }

  /** A copy that stays as it is. */
  copy(): Depth {
    return { bids: [...this.#bids], asks: [...this.#asks] }
  }
}

/**
 * Size at a price of any sorted side.
 *
 * @param levels - Best first.
 */
export function sizeAt(levels: readonly Level[], side: Side, price_1e9: bigint): bigint {
  const found = levels[levelIndex(levels, side, price_1e9)]
  return found !== undefined && found.price_1e9 === price_1e9 ? found.qty_1e8 : 0n
}

/**
 * Index of the first level of a sorted side that is not better than `price_1e9`.
 *
 * @param levels - Best first.
 */
export function levelIndex(levels: readonly Level[], side: Side, price_1e9: bigint): number {
  const buying = side === 'buy'
  let low = 0
  let high = 1
  while (high <= levels.length) {
    const probe = levels[high - 1]
    if (probe === undefined) break
    if (buying ? probe.price_1e9 <= price_1e9 : probe.price_1e9 >= price_1e9) break
    low = high
    high *= 2
  }
  high = Math.min(high, levels.length)
  while (low < high) {
    const middle = (low + high) >>> 1
    const probe = levels[middle]
    if (probe === undefined) break
    if (buying ? probe.price_1e9 > price_1e9 : probe.price_1e9 < price_1e9) low = middle + 1
    else high = middle
  }
  return low
}

function sorted(levels: readonly Level[], side: Side): Level[] {
  const kept: Level[] = []
  for (const { price_1e9, qty_1e8 } of levels) {
    if (price_1e9 <= 0n || qty_1e8 < 0n) refuse(price_1e9, qty_1e8)
    if (qty_1e8 > 0n) kept.push({ price_1e9, qty_1e8 })
  }
  const sign = side === 'buy' ? -1 : 1
  kept.sort((a, b) => (a.price_1e9 < b.price_1e9 ? -sign : a.price_1e9 > b.price_1e9 ? sign : 0))
  kept.forEach(({ price_1e9 }, index) => {
    if (index > 0 && kept[index - 1]?.price_1e9 === price_1e9) {
      throw new RangeError(
        `the ${side === 'buy' ? 'bids' : 'asks'} name price_1e9 ${price_1e9} twice; give each price once.`,
      )
    }
  })
  return kept
}

function refuse(price_1e9: bigint, qty_1e8: bigint): never {
  throw new RangeError(
    `level price_1e9 ${price_1e9} with qty_1e8 ${qty_1e8}; a price above zero and a size of zero or more are expected.`,
  )
}
