/**
 * Shadow depth: what our own takers ate stays eaten until the feed publishes that level anew.
 *
 * The public book never shows a simulated trade, so without this a second order would eat the same lots
 * again. When the feed gives the level another size, the eaten part decays to `keep_pct` of itself
 * (rounded up) and never exceeds what is shown: the new size may be new orders or old ones. One client's
 * eating is invisible to others.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'

export interface ShadowDepthOptions {
  /** Percent of the eaten size still missing after each new size of the level, 0 to 100. */
  readonly keep_pct: number
}

interface Eaten {
  shown_1e8: bigint
  readonly by: Map<string, bigint>
}

/** The shadow over one book. Sides name the book's: `buy` is the bids. */
export class ShadowDepth {
  readonly #keep_pct: bigint
  readonly #eaten = { buy: new Map<bigint, Eaten>(), sell: new Map<bigint, Eaten>() }

  /** @throws RangeError when `keep_pct` is no whole number from 0 to 100. */
  constructor(options: ShadowDepthOptions) {
    const { keep_pct } = options
    if (!Number.isInteger(keep_pct) || keep_pct < 0 || keep_pct > 100) {
      throw new RangeError(`keep_pct is ${keep_pct}; a whole number from 0 to 100 is expected.`)
    }
    this.#keep_pct = BigInt(keep_pct)
  }

  /** Size at a price that this client can no longer take. */
  eaten(client_id: string, side: Side, price_1e9: bigint): bigint {
    return this.#eaten[side].get(price_1e9)?.by.get(client_id) ?? 0n
  }

  /** Whether a client has eaten anything that is still missing. */
  eats(client_id: string): boolean {
    for (const side of ['buy', 'sell'] as const) {
      for (const { by } of this.#eaten[side].values()) if (by.has(client_id)) return true
    }
    return false
  }

  /** Whether anybody has eaten anything at a price. */
  touched(side: Side, price_1e9: bigint): boolean {
    return this.#eaten[side].has(price_1e9)
  }

  /** A client took `qty_1e8` of a level that shows `shown_1e8`. */
  eat(
    client_id: string,
    side: Side,
    level: { price_1e9: bigint; qty_1e8: bigint; shown_1e8: bigint },
  ): void {
    const { price_1e9, qty_1e8, shown_1e8 } = level
    let eaten = this.#eaten[side].get(price_1e9)
    if (eaten === undefined) {
      eaten = { shown_1e8, by: new Map() }
      this.#eaten[side].set(price_1e9, eaten)
    }
    eaten.by.set(client_id, (eaten.by.get(client_id) ?? 0n) + qty_1e8)
  }

  /** The feed told this size of a level; one that did not change is no new publication. */
  published(side: Side, price_1e9: bigint, shown_1e8: bigint): void {
    const eaten = this.#eaten[side].get(price_1e9)
    if (eaten === undefined || eaten.shown_1e8 === shown_1e8) return
    eaten.shown_1e8 = shown_1e8
    for (const [client_id, qty_1e8] of eaten.by) {
      const kept = (qty_1e8 * this.#keep_pct + 99n) / 100n
      const left = kept < shown_1e8 ? kept : shown_1e8
      if (left === 0n) eaten.by.delete(client_id)
      else eaten.by.set(client_id, left)
    }
    if (eaten.by.size === 0) this.#eaten[side].delete(price_1e9)
  }

  /** A whole new book came: every level we remember is looked up in it. */
  republished(sizeAt: (side: Side, price_1e9: bigint) => bigint): void {
    for (const side of ['buy', 'sell'] as const) {
      for (const price_1e9 of [...this.#eaten[side].keys()]) {
        this.published(side, price_1e9, sizeAt(side, price_1e9))
      }
    }
  }

  /** Takes over what another one remembers; the other stays as it is. */
  become(other: ShadowDepth): void {
    const copied = other.copy()
    for (const side of ['buy', 'sell'] as const) {
      this.#eaten[side].clear()
      for (const [price_1e9, eaten] of copied.#eaten[side]) this.#eaten[side].set(price_1e9, eaten)
    }
  }

  /** The same shadow, on its own from now on. */
  copy(): ShadowDepth {
    const copy = new ShadowDepth({ keep_pct: Number(this.#keep_pct) })
    for (const side of ['buy', 'sell'] as const) {
      for (const [price_1e9, { shown_1e8, by }] of this.#eaten[side]) {
        copy.#eaten[side].set(price_1e9, { shown_1e8, by: new Map(by) })
      }
    }
    return copy
  }
}
