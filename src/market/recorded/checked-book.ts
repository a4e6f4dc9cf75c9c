/**
 * Checked book: a replica that keeps prices and sizes as they were written, because checksums are taken
 * over the text.
 *
 * @module
 */

import type { Side } from '../../engine/instrument.js'
import { DepthBook } from '../depth-book.js'
import { listOf, priceOf, qtyOf, textOf } from './format.js'

export interface WrittenLevel {
  readonly price: string
  readonly qty: string
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
}

/** `[price, size, ...]` as text and as numbers. @throws RecordingError when it is none. */
export function writtenLevel(row: unknown): WrittenLevel {
  const [price, qty] = listOf(row)
  return {
    price: textOf(price, 'price'),
    qty: textOf(qty, 'size'),
    price_1e9: priceOf(price),
    qty_1e8: qtyOf(qty),
  }
}

export class CheckedBook {
  readonly #book = new DepthBook()
  readonly #written = {
    buy: new Map<bigint, WrittenLevel>(),
    sell: new Map<bigint, WrittenLevel>(),
  }

  reset(sides: Readonly<Record<Side, readonly WrittenLevel[]>>): void {
    this.#book.reset({ bids: sides.buy, asks: sides.sell })
    for (const side of ['buy', 'sell'] as const) {
      this.#written[side].clear()
      for (const level of sides[side]) this.#written[side].set(level.price_1e9, level)
    }
  }

  set(side: Side, level: WrittenLevel): void {
    this.#book.set(side, level.price_1e9, level.qty_1e8)
    if (level.qty_1e8 === 0n) this.#written[side].delete(level.price_1e9)
    else this.#written[side].set(level.price_1e9, level)
  }

  /** Drops levels beyond a depth and names their prices: feeds of a fixed depth forget them silently. */
  truncate(count: number): { readonly side: Side; readonly price_1e9: bigint }[] {
    const dropped: { side: Side; price_1e9: bigint }[] = []
    for (const side of ['buy', 'sell'] as const) {
      const levels = side === 'buy' ? this.#book.bids : this.#book.asks
      for (const { price_1e9 } of levels.slice(count)) {
        dropped.push({ side, price_1e9 })
        this.#written[side].delete(price_1e9)
      }
    }
    this.#book.truncate(count)
    return dropped
  }

  /** The best levels of a side, as written. */
  best(side: Side, count: number): WrittenLevel[] {
    const levels = side === 'buy' ? this.#book.bids : this.#book.asks
    return levels
      .slice(0, count)
      .flatMap(({ price_1e9 }) => this.#written[side].get(price_1e9) ?? [])
  }
}
