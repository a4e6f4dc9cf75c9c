/**
 * Level2: a snapshot per product, then changes of single levels, then matches.
 *
 * The feed numbers no book messages, so the check is the book itself: it may not be crossed after a
 * message. A match names the maker's side.
 *
 * @see https://docs.cdp.coinbase.com/exchange/docs/websocket-channels the level2 and matches channels
 *
 * @module
 */

import { DepthBook } from '../depth-book.js'
import {
  type Decoder,
  fieldsOf,
  fromIso,
  levelsOf,
  listOf,
  priceOf,
  qtyOf,
  RecordingError,
  type RecordingFormat,
  textOf,
} from './format.js'

export const level2: RecordingFormat = {
  name: 'coinbase-level2',
  kind: 'spot',
  recognises: (message) => {
    const { type, product_id } = fieldsOf(message)
    return typeof product_id === 'string' && (type === 'snapshot' || type === 'l2update')
  },
  decoder: () => level2Decoder(),
  assets: (venue_symbol) => {
    const [base, quote] = venue_symbol.split('-')
    return base === undefined || quote === undefined ? undefined : { base, quote }
  },
}

function level2Decoder(): Decoder {
  const books = new Map<string, DepthBook>()

  const bookOf = (symbol: string): DepthBook => {
    const book = books.get(symbol)
    if (book === undefined) throw new RecordingError(`${symbol} changes before its snapshot`)
    return book
  }

  const uncrossed = (symbol: string, book: DepthBook): void => {
    if (book.crossed()) throw new RecordingError(`the book of ${symbol} is crossed`)
  }

  return {
    read: (message, received_ns, sink) => {
      const fields = fieldsOf(message)
      switch (fields.type) {
        case 'snapshot': {
          const symbol = textOf(fields.product_id, 'product_id')
          const depth = { bids: levelsOf(fields.bids), asks: levelsOf(fields.asks) }
          const book = new DepthBook()
          book.reset(depth)
          books.set(symbol, book)
          uncrossed(symbol, book)
          sink.snapshot(symbol, depth, received_ns)
          sink.published(symbol, received_ns)
          return
        }
        case 'l2update': {
          const symbol = textOf(fields.product_id, 'product_id')
          const book = bookOf(symbol)
          const ts_ns = fromIso(textOf(fields.time, 'time'))
          for (const change of listOf(fields.changes)) {
            const [side, price, size] = listOf(change)
            if (side !== 'buy' && side !== 'sell') {
              throw new RecordingError(`a change names the side ${JSON.stringify(side)}`)
            }
            const [price_1e9, qty_1e8] = [priceOf(price), qtyOf(size)]
            book.set(side, price_1e9, qty_1e8)
            sink.level(symbol, side, price_1e9, qty_1e8, ts_ns)
          }
          uncrossed(symbol, book)
          sink.published(symbol, ts_ns)
          return
        }
        case 'match':
          sink.trade(textOf(fields.product_id, 'product_id'), {
            price_1e9: priceOf(fields.price),
            qty_1e8: qtyOf(fields.size),
            taker_side: fields.side === 'sell' ? 'buy' : 'sell',
            ts_ns: fromIso(textOf(fields.time, 'time')),
          })
      }
    },
  }
}
