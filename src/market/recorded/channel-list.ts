/**
 * Channel list: book messages as lists `[channel, payload, ..., "book-<depth>", pair]`, each update with a
 * CRC32 of the ten best levels of both sides.
 *
 * The checksum runs over the asks best first, then the bids, each as price then size with the point
 * and leading zeros taken out. Levels beyond the subscribed depth are forgotten without a message.
 * The feed has no trades.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v1/book the book channel of the first WebSocket API
 *
 * @module
 */

import { crc32 } from 'node:zlib'
import type { FeedSink } from '../../venue/contract.js'
import { CheckedBook, type WrittenLevel, writtenLevel } from './checked-book.js'
import {
  type Decoder,
  fieldsOf,
  listOf,
  type Message,
  RecordingError,
  type RecordingFormat,
  textOf,
} from './format.js'

const CHECKED_LEVELS = 10
const NAMES: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' }

export const channelList: RecordingFormat = {
  name: 'kraken-v1',
  kind: 'spot',
  recognises: (message) => bookPair(message) !== undefined,
  decoder: () => new ChannelListDecoder(),
  assets: (venue_symbol) => {
    const [base, quote] = venue_symbol.split('/')
    if (base === undefined || quote === undefined) return undefined
    return { base: NAMES[base] ?? base, quote: NAMES[quote] ?? quote }
  },
}

/** Pair and depth of a book message. */
function bookPair(message: Message): { pair: string; depth: number } | undefined {
  if (!Array.isArray(message) || message.length < 4) return undefined
  const [channel, pair] = message.slice(-2)
  const depth = typeof channel === 'string' ? /^book-(\d+)$/.exec(channel)?.[1] : undefined
  if (depth === undefined || typeof pair !== 'string') return undefined
  return { pair, depth: Number(depth) }
}

class ChannelListDecoder implements Decoder {
  readonly #books = new Map<string, CheckedBook>()

  read(message: Message, received_ns: bigint, sink: FeedSink): void {
    const about = bookPair(message)
    if (about === undefined) return
    const { pair, depth } = about
    let checksum: string | null = null
    let ts_ns = 0n
    for (const part of listOf(message).slice(1, -2)) {
      const payload = fieldsOf(part)
      if ('as' in payload) this.#snapshot(pair, payload, received_ns, sink)
      else ts_ns = later(ts_ns, this.#update(pair, payload, received_ns, sink))
      if (payload.c !== undefined) checksum = textOf(payload.c, 'c')
    }
    const book = this.#books.get(pair)
    if (book === undefined) throw new RecordingError(`${pair} changes before its snapshot`)
    for (const { side, price_1e9 } of book.truncate(depth)) {
      sink.level(pair, side, price_1e9, 0n, ts_ns)
    }
    if (checksum !== null && checksum !== checksumOf(book)) {
      throw new RecordingError(
        `the checksum of ${pair} is ${checksum}, but its book gives ${checksumOf(book)}`,
      )
    }
    sink.published(pair, ts_ns === 0n ? received_ns : ts_ns)
  }

  #snapshot(
    pair: string,
    payload: Readonly<Record<string, unknown>>,
    received_ns: bigint,
    sink: FeedSink,
  ): void {
    const sides = {
      buy: listOf(payload.bs).map(writtenLevel),
      sell: listOf(payload.as).map(writtenLevel),
    }
    const book = new CheckedBook()
    book.reset(sides)
    this.#books.set(pair, book)
    sink.snapshot(pair, { bids: sides.buy, asks: sides.sell }, received_ns)
  }

  /** @returns The time of the newest level. */
  #update(
    pair: string,
    payload: Readonly<Record<string, unknown>>,
    received_ns: bigint,
    sink: FeedSink,
  ): bigint {
    const book = this.#books.get(pair)
    if (book === undefined) throw new RecordingError(`${pair} changes before its snapshot`)
    let newest = 0n
    for (const [key, side] of [
      ['a', 'sell'],
      ['b', 'buy'],
    ] as const) {
      if (payload[key] === undefined) continue
      for (const row of listOf(payload[key])) {
        const level = writtenLevel(row)
        const ts_ns = levelTime(row) ?? received_ns
        book.set(side, level)
        sink.level(pair, side, level.price_1e9, level.qty_1e8, ts_ns)
        newest = later(newest, ts_ns)
      }
    }
    return newest
  }
}

/** Third field of a level: unix seconds as decimal text. */
function levelTime(row: unknown): bigint | undefined {
  const time = listOf(row)[2]
  const match = typeof time === 'string' ? /^(\d+)\.(\d{1,9})$/.exec(time) : null
  return match?.[1] === undefined
    ? undefined
    : BigInt(match[1]) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'))
}

function checksumOf(book: CheckedBook): string {
  const text = [...book.best('sell', CHECKED_LEVELS), ...book.best('buy', CHECKED_LEVELS)]
    .map(({ price, qty }: WrittenLevel) => bare(price) + bare(qty))
    .join('')
  return crc32(text).toString()
}

const bare = (text: string): string => text.replace('.', '').replace(/^0+/, '')

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)
