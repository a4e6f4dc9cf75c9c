/**
 * Book reader: a Kraken book rebuilt from its messages and held against their checksums.
 *
 * Pure. The checksum is made of digits, so levels keep theirs as sent; where something on the way cut
 * trailing zeros (a JSON library, a proxy), they are put back.
 *
 * @see https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
 *
 * @module
 */

import { formatDecimal, parseDecimal } from '../../src/engine/decimal.js'
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

export interface BookReaderOptions {
  /** Levels subscribed to; what lies beyond is cut. */
  readonly depth: number
  /** Digits of the pair's prices and sizes on the wire; absent: as sent. */
  readonly digits?: { readonly price: number; readonly qty: number }
}

export class BookReader {
  readonly #options: BookReaderOptions
  #bids: Held[] = []
  #asks: Held[] = []

  constructor(options: BookReaderOptions) {
    this.#options = options
  }

  /** Starts over from a whole book. */
  reset(bids: readonly TextLevel[], asks: readonly TextLevel[]): void {
    this.#bids = bids.map((text) => this.#held(text))
    this.#asks = asks.map((text) => this.#held(text))
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
      const level = this.#held(text)
      const at = this.#place(side, level.price_1e9)
      const known = book[at]?.price_1e9 === level.price_1e9
      const qty_1e8 = qtyOf(text)
      if (qty_1e8 > 0n) book.splice(at, known ? 1 : 0, level)
      else if (known) book.splice(at, 1)
      changes.push({ side, price_1e9: level.price_1e9, qty_1e8 })
    }
    for (const { price_1e9 } of book.splice(this.#options.depth)) {
      changes.push({ side, price_1e9, qty_1e8: 0n })
    }
    return changes
  }

  #held([price, qty]: TextLevel): Held {
    const { digits } = this.#options
    const text: TextLevel =
      digits === undefined ? [price, qty] : [padded(price, digits.price), padded(qty, digits.qty)]
    return { price_1e9: parseDecimal(price, 9) ?? 0n, text }
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

/** The same number with at least so many digits; a text that has more keeps them. */
function padded(text: string, digits: number): string {
  const value = parseDecimal(text, digits, 'refuse')
  return value === undefined ? text : formatDecimal(value, digits, digits)
}

const qtyOf = ([, qty]: TextLevel): bigint => parseDecimal(qty, 8) ?? 0n
