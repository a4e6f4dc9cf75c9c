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

/** What the feed last showed at a price, and who has eaten of it. */
interface Shadowed {
  shown_1e8: bigint
  readonly clients: Set<string>
}

/** The shadow over one book. Sides name the book's: `buy` is the bids. */
export class ShadowDepth {
  readonly #keep_pct: bigint
  readonly #levels = { buy: new Map<bigint, Shadowed>(), sell: new Map<bigint, Shadowed>() }
  readonly #eaten = {
    buy: new Map<string, Map<bigint, bigint>>(),
    sell: new Map<string, Map<bigint, bigint>>(),
  }

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
    return this.#eaten[side].get(client_id)?.get(price_1e9) ?? 0n
  }

  /** All that a client can no longer take of a side, size by price; absent: it can take everything. */
  eatenBy(client_id: string, side: Side): ReadonlyMap<bigint, bigint> | undefined {
    return this.#eaten[side].get(client_id)
  }

  /** Whether anybody has eaten anything at a price. */
  touched(side: Side, price_1e9: bigint): boolean {
    return this.#levels[side].has(price_1e9)
  }

  /** A client took `qty_1e8` of a level that shows `shown_1e8`. */
  eat(
    client_id: string,
    side: Side,
    level: { price_1e9: bigint; qty_1e8: bigint; shown_1e8: bigint },
  ): void {
    const { price_1e9, qty_1e8, shown_1e8 } = level
    let eaten = this.#eaten[side].get(client_id)
    if (eaten === undefined) {
      eaten = new Map()
      this.#eaten[side].set(client_id, eaten)
    }
    const before_1e8 = eaten.get(price_1e9)
    eaten.set(price_1e9, before_1e8 === undefined ? qty_1e8 : before_1e8 + qty_1e8)
    if (before_1e8 !== undefined) return
    const known = this.#levels[side].get(price_1e9)
    if (known !== undefined) known.clients.add(client_id)
    else this.#levels[side].set(price_1e9, { shown_1e8, clients: new Set([client_id]) })
  }

  /** The feed told this size of a level; one that did not change is no new publication. */
  published(side: Side, price_1e9: bigint, shown_1e8: bigint): void {
    const level = this.#levels[side].get(price_1e9)
    if (level === undefined || level.shown_1e8 === shown_1e8) return
    level.shown_1e8 = shown_1e8
    for (const client_id of level.clients) {
      const eaten = this.#eaten[side].get(client_id)
      const qty_1e8 = eaten?.get(price_1e9)
      if (eaten === undefined || qty_1e8 === undefined) continue
      const kept = (qty_1e8 * this.#keep_pct + 99n) / 100n
      const left = kept < shown_1e8 ? kept : shown_1e8
      if (left > 0n) {
        eaten.set(price_1e9, left)
        continue
      }
      eaten.delete(price_1e9)
      if (eaten.size === 0) this.#eaten[side].delete(client_id)
      level.clients.delete(client_id)
    }
    if (level.clients.size === 0) this.#levels[side].delete(price_1e9)
  }

  /** A whole new book came: every level we remember is looked up in it. */
  republished(sizeAt: (side: Side, price_1e9: bigint) => bigint): void {
    for (const side of ['buy', 'sell'] as const) {
      for (const price_1e9 of [...this.#levels[side].keys()]) {
        this.published(side, price_1e9, sizeAt(side, price_1e9))
      }
    }
  }

  /** Takes over what another one remembers; the other stays as it is. */
  become(other: ShadowDepth): void {
    for (const side of ['buy', 'sell'] as const) {
      this.#levels[side].clear()
      this.#eaten[side].clear()
      for (const [price_1e9, { shown_1e8, clients }] of other.#levels[side]) {
        this.#levels[side].set(price_1e9, { shown_1e8, clients: new Set(clients) })
      }
      for (const [client_id, eaten] of other.#eaten[side]) {
        this.#eaten[side].set(client_id, new Map(eaten))
      }
    }
  }

  /** The same shadow, on its own from now on. */
  copy(): ShadowDepth {
    const copy = new ShadowDepth({ keep_pct: Number(this.#keep_pct) })
    copy.become(this)
    return copy
  }
}
