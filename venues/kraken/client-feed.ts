/**
 * The near end of Kraken's public feed: books held against their checksums, trades, market modes.
 *
 * A book whose checksum does not agree is lost at once and subscribed anew; nothing is told about it
 * until the next snapshot. A heartbeat proves that quiet books are still the newest.
 *
 * @module
 */

import type { MarketState } from '../../src/engine/command.js'
import { parseDecimal } from '../../src/engine/decimal.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { ClientOptions, FeedSink } from '../../src/venue/contract.js'
import { type Json, parseJson } from '../../src/wire/json.js'
import type { TextLevel } from './book-feed.js'
import { BookReader } from './book-reader.js'
import { isParams, numberOf, type Params } from './commands.js'
import { pairOf } from './instruments.js'
import { Stream } from './stream.js'

/** The deepest book Kraken offers. */
const DEPTH = 1_000

interface Market {
  readonly venue_symbol: string
  readonly symbol: string
  readonly book: BookReader
  /** False until a snapshot came, and again after a mismatch. */
  live: boolean
}

export class KrakenFeed {
  readonly #clock: ClientOptions['clock']
  readonly #sink: FeedSink
  readonly #markets: Map<string, Market>
  readonly #stream: Stream
  #requests = 0
  /** Who waits for the first book of everything. */
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null

  constructor(client: ClientOptions, instruments: readonly Instrument[], sink: FeedSink) {
    this.#clock = client.clock
    this.#sink = sink
    this.#markets = new Map(
      instruments.map((instrument) => {
        const { symbol, pair_decimals: price, lot_decimals: qty } = pairOf(instrument)
        const { venue_symbol } = instrument
        const book = new BookReader({ depth: DEPTH, digits: { price, qty } })
        return [symbol, { venue_symbol, symbol, book, live: false }]
      }),
    )
    this.#stream = new Stream({
      client,
      path: '/v2',
      opened: () => this.#subscribe([...this.#markets.keys()]),
      message: (text) => this.#message(text),
      lost: (reason) => {
        for (const market of this.#markets.values()) this.#lose(market, reason)
      },
    })
  }

  /** Resolves when every book is there. @throws Error when the venue does not know one of them. */
  async open(): Promise<void> {
    if (this.#markets.size === 0) return
    const whole = new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    await Promise.all([this.#stream.open(), whole])
  }

  close(): void {
    this.#stream.close()
  }

  #subscribe(symbol: readonly string[]): void {
    this.#ask('subscribe', { channel: 'book', symbol, depth: DEPTH })
    this.#ask('subscribe', { channel: 'trade', symbol, snapshot: false })
    this.#ask('subscribe', { channel: 'instrument' })
  }

  #ask(method: 'subscribe' | 'unsubscribe', params: object): void {
    this.#requests += 1
    this.#stream.send(JSON.stringify({ method, params, req_id: this.#requests }))
  }

  #message(text: string): void {
    const json = parseJson(text)
    if (!isParams(json)) return
    switch (json.channel) {
      case 'book':
        this.#book(json)
        return
      case 'trade':
        for (const row of rows(json.data)) this.#trade(row)
        return
      case 'instrument':
        if (isParams(json.data)) for (const row of rows(json.data.pairs)) this.#state(row)
        return
      case 'heartbeat':
        for (const market of this.#markets.values()) {
          if (market.live) this.#sink.published(market.venue_symbol, this.#clock.now_ns())
        }
        return
      default:
        if (json.success === false) this.#refused(json)
    }
  }

  #book({ type, data }: Params): void {
    for (const row of rows(data)) {
      const market = this.#markets.get(String(row.symbol))
      if (market === undefined) continue
      const bids = levels(row.bids)
      const asks = levels(row.asks)
      const now_ns = this.#clock.now_ns()
      const { venue_symbol, book } = market
      if (type === 'snapshot') {
        book.reset(bids, asks)
        if (!this.#agrees(market, row)) continue
        market.live = true
        const depth = { bids: book.levels('buy'), asks: book.levels('sell') }
        this.#sink.snapshot(venue_symbol, depth, now_ns)
        this.#sink.published(venue_symbol, now_ns)
        this.#first()
        continue
      }
      if (!market.live) continue
      const changes = book.apply(bids, asks)
      if (!this.#agrees(market, row)) continue
      for (const { side, price_1e9, qty_1e8 } of changes) {
        this.#sink.level(venue_symbol, side, price_1e9, qty_1e8, now_ns)
      }
      this.#sink.published(venue_symbol, now_ns)
    }
  }

  /** Whether the book has the checksum of its message; if not, it starts over. */
  #agrees(market: Market, { checksum }: Params): boolean {
    if (numberOf(checksum) === String(market.book.checksum())) return true
    this.#lose(market, 'the checksum does not agree')
    const symbol = [market.symbol]
    this.#ask('unsubscribe', { channel: 'book', symbol, depth: DEPTH })
    this.#ask('subscribe', { channel: 'book', symbol, depth: DEPTH })
    return false
  }

  #lose(market: Market, reason: string): void {
    market.live = false
    this.#sink.lost(market.venue_symbol, reason)
  }

  #first(): void {
    if (this.#waiting === null) return
    if ([...this.#markets.values()].some(({ live }) => !live)) return
    this.#waiting.resolve()
    this.#waiting = null
  }

  #refused({ symbol, error }: Params): void {
    const market = this.#markets.get(String(symbol))
    if (market === undefined || market.live) return
    this.#lose(market, String(error))
    this.#waiting?.reject(new Error(`kraken does not serve ${market.symbol}: ${String(error)}`))
    this.#waiting = null
  }

  #trade(row: Params): void {
    const market = this.#markets.get(String(row.symbol))
    const price_1e9 = parseDecimal(numberOf(row.price) ?? '', 9)
    const qty_1e8 = parseDecimal(numberOf(row.qty) ?? '', 8)
    if (market === undefined || price_1e9 === undefined || qty_1e8 === undefined) return
    this.#sink.trade(market.venue_symbol, {
      price_1e9,
      qty_1e8,
      taker_side: row.side === 'sell' ? 'sell' : 'buy',
      ts_ns: this.#clock.now_ns(),
    })
  }

  #state(row: Params): void {
    const market = this.#markets.get(String(row.symbol))
    if (market === undefined) return
    this.#sink.state?.(market.venue_symbol, stateOf(row.status), this.#clock.now_ns())
  }
}

/** What a market of this status takes. */
export function stateOf(status: Json | undefined): MarketState {
  switch (status) {
    case 'online':
      return 'open'
    case 'post_only':
      return 'post-only'
    case 'limit_only':
      return 'limit-only'
    case 'maintenance':
      return 'halted'
    case 'delisted':
      return 'closed'
    default:
      return 'cancel-only'
  }
}

const rows = (data: Json | undefined): Params[] =>
  Array.isArray(data) ? data.filter(isParams) : []

function levels(value: Json | undefined): TextLevel[] {
  return rows(value).flatMap((level) => {
    const price = numberOf(level.price)
    const qty = numberOf(level.qty)
    return price === undefined || qty === undefined ? [] : [[price, qty] as const]
  })
}
