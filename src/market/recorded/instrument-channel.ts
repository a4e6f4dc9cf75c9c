/**
 * Instrument channel: `{ action, arg: { channel, instId }, data }` with books checked by a CRC32 of the
 * 25 best levels of both sides.
 *
 * The checksum runs over `bid:ask` pairs, best first, each level as `price:size`, a missing one left out;
 * it is sent as a signed 32-bit number.
 *
 * @see https://www.bitget.com/api-doc/spot/websocket/public/Depth-Channel
 *
 * @module
 */

import { crc32 } from 'node:zlib'
import type { FeedSink } from '../../venue/contract.js'
import { CheckedBook, writtenLevel } from './checked-book.js'
import {
  type Decoder,
  fieldsOf,
  fromMs,
  integerOf,
  listOf,
  type Message,
  priceOf,
  qtyOf,
  RecordingError,
  type RecordingFormat,
  splitPair,
  textOf,
} from './format.js'

const CHECKED_LEVELS = 25

export const instrumentChannel: RecordingFormat = {
  name: 'bitget-v1',
  kind: 'spot',
  recognises: (message) => {
    const { action, arg } = fieldsOf(message)
    const { channel, instId } = fieldsOf(arg)
    return typeof action === 'string' && channel === 'books' && typeof instId === 'string'
  },
  decoder: () => new InstrumentChannelDecoder(),
  assets: (venue_symbol) => splitPair(venue_symbol, ['USDT', 'USDC', 'BTC', 'ETH', 'EUR']),
}

class InstrumentChannelDecoder implements Decoder {
  readonly #books = new Map<string, CheckedBook>()

  read(message: Message, _received_ns: bigint, sink: FeedSink): void {
    const { action, arg, data } = fieldsOf(message)
    if (action !== 'snapshot' && action !== 'update') return
    const { channel, instId } = fieldsOf(arg)
    if (channel === 'books') {
      for (const part of listOf(data)) {
        this.#book(textOf(instId, 'instId'), action, fieldsOf(part), sink)
      }
    } else if (channel === 'trade' && action === 'update') {
      // Newest first on the wire.
      for (const row of [...listOf(data)].reverse()) trade(textOf(instId, 'instId'), row, sink)
    }
  }

  #book(
    symbol: string,
    action: 'snapshot' | 'update',
    part: Readonly<Record<string, unknown>>,
    sink: FeedSink,
  ): void {
    const ts_ns = fromMs(integerOf(Number(part.ts), 'ts'))
    const sides = {
      buy: listOf(part.bids).map(writtenLevel),
      sell: listOf(part.asks).map(writtenLevel),
    }
    let book = this.#books.get(symbol)
    if (action === 'snapshot') {
      book = new CheckedBook()
      book.reset(sides)
      this.#books.set(symbol, book)
      sink.snapshot(symbol, { bids: sides.buy, asks: sides.sell }, ts_ns)
    } else {
      if (book === undefined) throw new RecordingError(`${symbol} changes before its snapshot`)
      for (const side of ['buy', 'sell'] as const) {
        for (const level of sides[side]) {
          book.set(side, level)
          sink.level(symbol, side, level.price_1e9, level.qty_1e8, ts_ns)
        }
      }
    }
    const checksum = integerOf(part.checksum, 'checksum')
    if (checksum !== checksumOf(book)) {
      throw new RecordingError(
        `the checksum of ${symbol} is ${checksum}, but its book gives ${checksumOf(book)}`,
      )
    }
    sink.published(symbol, ts_ns)
  }
}

function trade(symbol: string, row: unknown, sink: FeedSink): void {
  const [ts, price, qty, side] = listOf(row)
  sink.trade(symbol, {
    price_1e9: priceOf(price),
    qty_1e8: qtyOf(qty),
    taker_side: side === 'sell' ? 'sell' : 'buy',
    ts_ns: fromMs(integerOf(Number(ts), 'ts')),
  })
}

function checksumOf(book: CheckedBook): number {
  const bids = book.best('buy', CHECKED_LEVELS)
  const asks = book.best('sell', CHECKED_LEVELS)
  const parts: string[] = []
  for (let index = 0; index < CHECKED_LEVELS; index += 1) {
    for (const level of [bids[index], asks[index]]) {
      if (level !== undefined) parts.push(`${level.price}:${level.qty}`)
    }
  }
  return crc32(parts.join(':')) | 0
}
