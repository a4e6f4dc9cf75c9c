/**
 * Book reader: a Kraken book rebuilt from its messages and held against their checksums.
 *
 * Pure. Levels keep their digits as sent, because the checksum is made of digits.
 *
 * @see https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
 *
 * @module
 */

import { parseDecimal } from '../../src/engine/decimal.js'
import type { Level } from '../../src/engine/depth.js'
import type { Side } from '../../src/engine/instrument.js'
import { bookChecksum, type TextLevel } from './book-feed.js'

interface Held {
  readonly price_1e9: bigint
  readonly text: TextLevel
}

/** A level as it changed; size 0: gone. */
export interface Change extends Level {
  readonly side: Side
}

export class BookReader {
  readonly #depth: number
  #bids: Held[] = []
  #asks: Held[] = []

  /** @param depth - Levels subscribed to; what lies beyond is cut. */
  constructor(depth: number) {
    this.#depth = depth
  }

  /** Starts over from a whole book. */
  reset(bids: readonly TextLevel[], asks: readonly TextLevel[]): void {
    this.#bids = bids.map(held)
    this.#asks = asks.map(held)
  }

  /** Takes changed levels in; the answer also names levels that were cut off the end. */
  apply(bids: readonly TextLevel[], asks: readonly TextLevel[]): Change[] {
    return [...this.#side('buy', bids), ...this.#side('sell', asks)]
  }

  /** Checksum of the ten best levels of each side. */
  checksum(): number {
    const texts = (side: readonly Held[]) => side.slice(0, 10).map(({ text }) => text)
    return bookChecksum({ asks: texts(this.#asks), bids: texts(this.#bids) })
  }

  levels(side: Side): Level[] {
    return (side === 'buy' ? this.#bids : this.#asks).map(({ price_1e9, text }) => ({
      price_1e9,
      qty_1e8: qtyOf(text),
    }))
  }

  #side(side: Side, texts: readonly TextLevel[]): Change[] {
    const book = side === 'buy' ? this.#bids : this.#asks
    const changes: Change[] = []
    for (const text of texts) {
      const level = held(text)
      const at = this.#place(side, level.price_1e9)
      const known = book[at]?.price_1e9 === level.price_1e9
      const qty_1e8 = qtyOf(text)
      if (qty_1e8 > 0n) book.splice(at, known ? 1 : 0, level)
      else if (known) book.splice(at, 1)
      changes.push({ side, price_1e9: level.price_1e9, qty_1e8 })
    }
    for (const { price_1e9 } of book.splice(this.#depth)) {
      changes.push({ side, price_1e9, qty_1e8: 0n })
    }
    return changes
  }

  /** Where a price is or belongs. */
  #place(side: Side, price_1e9: bigint): number {
    const book = side === 'buy' ? this.#bids : this.#asks
    let low = 0
    let high = book.length
    while (low < high) {
      const middle = (low + high) >> 1
      const there = book[middle]?.price_1e9 ?? 0n
      if (side === 'buy' ? there > price_1e9 : there < price_1e9) low = middle + 1
      else high = middle
    }
    return low
  }
}

const held = (text: TextLevel): Held => ({ price_1e9: parseDecimal(text[0], 9) ?? 0n, text })

const qtyOf = ([, qty]: TextLevel): bigint => parseDecimal(qty, 8) ?? 0n
