/**
 * Diff depth: a REST snapshot followed by differences that name the update ids they span.
 *
 * Differences that came before the snapshot are kept and applied after it. Spot: the first one used must
 * span `lastUpdateId + 1`, and each next begins right after the one before. Futures: the first must span
 * `lastUpdateId`, and each next names the one before in `pu`. Best-price messages are ignored: they are
 * told by the differences too.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#how-to-manage-a-local-order-book-correctly
 * @see https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams/How-to-manage-a-local-order-book-correctly
 *
 * @module
 */

import type { FeedSink } from '../../venue/contract.js'
import {
  type Decoder,
  fieldsOf,
  fromMs,
  integerOf,
  levelsOf,
  type Message,
  priceOf,
  qtyOf,
  RecordingError,
  type RecordingFormat,
  splitPair,
  textOf,
} from './format.js'

const QUOTES = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'TUSD', 'USD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY']

type Style = 'spot' | 'futures'

interface Diff {
  readonly first: number
  readonly last: number
  /** Last id of the difference before; futures only. */
  readonly previous: number | null
  readonly fields: Readonly<Record<string, unknown>>
}

const streamOf = (message: Message): string => {
  const { stream } = fieldsOf(message)
  return typeof stream === 'string' ? stream : ''
}

const isDiff = (message: Message, style: Style): boolean => {
  const data = fieldsOf(fieldsOf(message).data)
  return data.e === 'depthUpdate' && (style === 'futures') === 'pu' in data
}

const format = (name: string, style: Style): RecordingFormat => ({
  name,
  kind: style === 'spot' ? 'spot' : 'perp',
  recognises: (message) => isDiff(message, style),
  decoder: () => new DiffDecoder(style),
  assets: (venue_symbol) => splitPair(venue_symbol, QUOTES),
})

export const spotDiffs = format('binance-spot', 'spot')
export const futuresDiffs = format('binance-futures', 'futures')

class DiffDecoder implements Decoder {
  readonly #style: Style
  /** Before the snapshot: what waits for it. */
  #waiting: Diff[] = []
  #symbol: string | null = null
  #snapshot: number | null = null
  #last: number | null = null

  constructor(style: Style) {
    this.#style = style
  }

  read(message: Message, received_ns: bigint, sink: FeedSink): void {
    const fields = fieldsOf(message)
    if ('lastUpdateId' in fields) {
      this.#start(fields, received_ns, sink)
      return
    }
    const data = fieldsOf(fields.data)
    const stream = streamOf(message)
    if (stream.includes('@depth')) this.#diff(data, sink)
    else if (stream.endsWith('@trade')) this.#trade(data, sink)
  }

  #start(fields: Readonly<Record<string, unknown>>, received_ns: bigint, sink: FeedSink): void {
    if (this.#symbol === null) {
      throw new RecordingError('the snapshot comes before any message that names its market')
    }
    const id = integerOf(fields.lastUpdateId, 'lastUpdateId')
    const depth = { bids: levelsOf(fields.bids), asks: levelsOf(fields.asks) }
    this.#snapshot = id
    this.#last = null
    sink.snapshot(this.#symbol, depth, received_ns)
    sink.published(this.#symbol, received_ns)
    const waiting = this.#waiting
    this.#waiting = []
    for (const diff of waiting) this.#apply(diff, this.#symbol, sink)
  }

  #diff(fields: Readonly<Record<string, unknown>>, sink: FeedSink): void {
    const symbol = textOf(fields.s, 's')
    if (this.#symbol !== null && this.#symbol !== symbol) {
      throw new RecordingError(
        `the recording holds ${this.#symbol} and ${symbol}, but its snapshots do not say which is which`,
      )
    }
    this.#symbol = symbol
    const diff: Diff = {
      first: integerOf(fields.U, 'U'),
      last: integerOf(fields.u, 'u'),
      previous: this.#style === 'futures' ? integerOf(fields.pu, 'pu') : null,
      fields,
    }
    if (this.#snapshot === null) this.#waiting.push(diff)
    else this.#apply(diff, symbol, sink)
  }

  #apply(diff: Diff, symbol: string, sink: FeedSink): void {
    const snapshot = this.#snapshot ?? 0
    if (this.#last === null) {
      const old = this.#style === 'spot' ? diff.last <= snapshot : diff.last < snapshot
      if (old) return
      const needed = this.#style === 'spot' ? snapshot + 1 : snapshot
      if (diff.first > needed || diff.last < needed) {
        throw new RecordingError(
          `the first difference spans ${diff.first} to ${diff.last}, not the snapshot's ${needed}`,
        )
      }
    } else {
      const follows =
        this.#style === 'spot' ? diff.first === this.#last + 1 : diff.previous === this.#last
      if (!follows) {
        throw new RecordingError(
          `a gap: the difference ${diff.first} to ${diff.last} does not follow ${this.#last}`,
        )
      }
    }
    this.#last = diff.last
    const ts_ns = fromMs(integerOf(diff.fields.E, 'E'))
    for (const { price_1e9, qty_1e8 } of levelsOf(diff.fields.b)) {
      sink.level(symbol, 'buy', price_1e9, qty_1e8, ts_ns)
    }
    for (const { price_1e9, qty_1e8 } of levelsOf(diff.fields.a)) {
      sink.level(symbol, 'sell', price_1e9, qty_1e8, ts_ns)
    }
    sink.published(symbol, ts_ns)
  }

  #trade(fields: Readonly<Record<string, unknown>>, sink: FeedSink): void {
    const qty_1e8 = qtyOf(fields.q)
    // Futures also print insurance-fund and auto-deleveraging trades, which meet no book.
    if (qty_1e8 === 0n || (fields.X !== undefined && fields.X !== 'MARKET')) return
    sink.trade(textOf(fields.s, 's'), {
      price_1e9: priceOf(fields.p),
      qty_1e8,
      // `m`: the buyer was the maker.
      taker_side: fields.m === true ? 'sell' : 'buy',
      ts_ns: fromMs(integerOf(fields.T, 'T')),
    })
  }
}
