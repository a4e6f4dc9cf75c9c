/**
 * Coin snapshots: whole books of a fixed depth, one after the other, and trades.
 *
 * Each message is a book of its own, so there is nothing to lose between two; the check is that times
 * do not run backwards and no book is crossed. Side `B` is a buying taker.
 *
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions
 *
 * @module
 */

import { DepthBook } from '../depth-book.js'
import {
  type Decoder,
  fieldsOf,
  fromMs,
  integerOf,
  listOf,
  priceOf,
  qtyOf,
  RecordingError,
  type RecordingFormat,
  textOf,
} from './format.js'

export const coinSnapshots: RecordingFormat = {
  name: 'hyperliquid-l2book',
  kind: 'perp',
  recognises: (message) => fieldsOf(message).channel === 'l2Book',
  decoder: () => coinDecoder(),
  // Priced in dollars, settled in USDC.
  assets: (venue_symbol) => ({
    base: venue_symbol,
    quote: 'USDC',
    symbol: `${venue_symbol}-USD-PERP`,
  }),
}

function coinDecoder(): Decoder {
  const times = new Map<string, number>()
  let subscribed_ns: bigint | null = null
  return {
    read: (message, received_ns, sink) => {
      const { channel, data } = fieldsOf(message)
      subscribed_ns ??= received_ns
      if (channel === 'l2Book') {
        const { coin, levels, time } = fieldsOf(data)
        const symbol = textOf(coin, 'coin')
        const ms = integerOf(time, 'time')
        if (ms < (times.get(symbol) ?? 0)) {
          throw new RecordingError(`the book of ${symbol} at ${ms} is older than the one before`)
        }
        times.set(symbol, ms)
        const [bids, asks] = listOf(levels)
        const book = new DepthBook()
        book.reset({ bids: levelsOf(bids), asks: levelsOf(asks) })
        if (book.crossed()) throw new RecordingError(`the book of ${symbol} is crossed`)
        sink.snapshot(symbol, book.copy(), fromMs(ms))
        sink.published(symbol, fromMs(ms))
      } else if (channel === 'trades') {
        for (const row of listOf(data)) {
          const { coin, px, sz, side, time } = fieldsOf(row)
          const ts_ns = fromMs(integerOf(time, 'time'))
          // The subscription answers with trades of the past first.
          if (ts_ns < subscribed_ns - fromMs(2_000)) continue
          sink.trade(textOf(coin, 'coin'), {
            price_1e9: priceOf(px),
            qty_1e8: qtyOf(sz),
            taker_side: side === 'B' ? 'buy' : 'sell',
            ts_ns,
          })
        }
      }
    },
  }
}

function levelsOf(side: unknown): { price_1e9: bigint; qty_1e8: bigint }[] {
  return listOf(side).map((level) => {
    const { px, sz } = fieldsOf(level)
    return { price_1e9: priceOf(px), qty_1e8: qtyOf(sz) }
  })
}
