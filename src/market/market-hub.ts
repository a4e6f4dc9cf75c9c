/**
 * Market hub: the newest book of every (venue, instrument), written by feeds and drivers, read by
 * everyone else.
 *
 * A book nobody published is absent. After `lost` a book stays visible but not `live` until the next
 * snapshot, and level changes in between are dropped, as they belong to a book we do not know. Ages are
 * measured on the clock handed in, never on the feed's own timestamps.
 *
 * @module
 */

import type { MarketState } from '../engine/command.js'
import type { Depth } from '../engine/depth.js'
import type { Instrument, Side } from '../engine/instrument.js'
import type { FeedSink } from '../venue/contract.js'
import type { Clock } from '../world/world.js'
import { DepthBook } from './depth-book.js'
import type { Books, BookView, MarketEvent } from './hub.js'

/** What of a clock the hub needs. */
export type HubClock = Pick<Clock, 'now_ns'>

/** Every book as data; equal before and after {@link MarketHub.restore}. */
export type HubState = readonly {
  readonly venue: string
  readonly venue_symbol: string
  readonly depth: Depth
  readonly received_ts_ns: bigint
  readonly live: boolean
  readonly mid_1e9?: bigint
  readonly quoted_1e9?: bigint
  readonly state?: MarketState
  readonly bands?: Instrument['price_bands']
}[]

/** What a feed says of a market beside its book. */
type Told = { state?: MarketState; bands?: Instrument['price_bands'] }

class HubBook implements BookView {
  readonly venue: string
  readonly venue_symbol: string
  readonly depth = new DepthBook()
  received_ts_ns = 0n
  live = false
  mid_1e9?: bigint
  quoted_1e9?: bigint
  state?: MarketState
  bands?: Instrument['price_bands']

  constructor(venue: string, venue_symbol: string) {
    this.venue = venue
    this.venue_symbol = venue_symbol
  }

  /** Remembers what is quoted now; a side without a quote changes nothing. */
  remember(): void {
    const bid = this.depth.bids[0]?.price_1e9
    const ask = this.depth.asks[0]?.price_1e9
    if (bid !== undefined && ask !== undefined) {
      this.mid_1e9 = (bid + ask) / 2n
      this.quoted_1e9 = this.mid_1e9
    } else {
      const one = bid ?? ask
      if (one !== undefined) this.quoted_1e9 = one
    }
  }
}

/**
 * The books of all venues.
 *
 * @example
 * const hub = new MarketHub(clock)
 * hub.publish('alpha', 'BTC-USD', { bids: [], asks: [{ price_1e9: 100n, qty_1e8: 1n }] })
 * hub.book('alpha', 'BTC-USD')?.depth.asks[0]
 */
export class MarketHub implements Books {
  readonly #clock: HubClock
  readonly #venues = new Map<string, Map<string, HubBook>>()
  /** Told before the first book of a market. */
  readonly #early = new Map<string, Told>()
  #listeners: readonly ((event: MarketEvent) => void)[] = []

  constructor(clock: HubClock) {
    this.#clock = clock
  }

  book(venue: string, venue_symbol: string): BookView | undefined {
    return this.#venues.get(venue)?.get(venue_symbol)
  }

  /** Every book ever published, whether live or lost. */
  *books(): Iterable<BookView> {
    for (const books of this.#venues.values()) yield* books.values()
  }

  /**
   * Nanoseconds since the last message about a book.
   *
   * @returns `undefined` when nobody has published it.
   */
  age_ns(venue: string, venue_symbol: string): bigint | undefined {
    const book = this.book(venue, venue_symbol)
    return book === undefined ? undefined : this.#clock.now_ns() - book.received_ts_ns
  }

  /** Listeners run inside the write, in order of subscription; the answer unsubscribes. */
  subscribe(listener: (event: MarketEvent) => void): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  /** The sink a venue's feed or a driver writes into. */
  feed(venue: string): FeedSink {
    return {
      snapshot: (venue_symbol, depth, ts_ns) => this.#snapshot(venue, venue_symbol, depth, ts_ns),
      level: (venue_symbol, side, price_1e9, qty_1e8, ts_ns) =>
        this.#level(venue, venue_symbol, side, price_1e9, qty_1e8, ts_ns),
      published: (venue_symbol, ts_ns) => this.#published(venue, venue_symbol, ts_ns),
      trade: (venue_symbol, trade) => {
        if (this.#listeners.length > 0) this.#emit({ type: 'trade', venue, venue_symbol, ...trade })
      },
      lost: (venue_symbol, reason) => this.#lost(venue, venue_symbol, reason),
      state: (venue_symbol, state) => this.#tell(venue, venue_symbol, { state }),
      bands: (venue_symbol, bands) => this.#tell(venue, venue_symbol, { bands }),
    }
  }

  /** A whole book as one message, stamped with the hub's clock. */
  publish(venue: string, venue_symbol: string, depth: Depth): void {
    const now_ns = this.#clock.now_ns()
    this.#snapshot(venue, venue_symbol, depth, now_ns)
    this.#published(venue, venue_symbol, now_ns)
  }

  /** Forgets a book, as if nobody had published it. */
  forget(venue: string, venue_symbol: string): void {
    const known = this.#venues.get(venue)
    if (known?.has(venue_symbol) !== true) return
    this.#lost(venue, venue_symbol, 'forgotten')
    known.delete(venue_symbol)
  }

  save(): HubState {
    return [...this.books()].map(
      ({
        venue,
        venue_symbol,
        depth,
        received_ts_ns,
        live,
        mid_1e9,
        quoted_1e9,
        state,
        bands,
      }) => ({
        venue,
        venue_symbol,
        depth: { bids: [...depth.bids], asks: [...depth.asks] },
        received_ts_ns,
        live,
        ...(mid_1e9 === undefined ? {} : { mid_1e9 }),
        ...(quoted_1e9 === undefined ? {} : { quoted_1e9 }),
        ...(state === undefined ? {} : { state }),
        ...(bands === undefined ? {} : { bands }),
      }),
    )
  }

  /** Puts saved books back without telling listeners: for reverting a snapshot of the whole sandbox. */
  restore(state: HubState): void {
    this.#venues.clear()
    for (const saved of state) {
      const book = this.#own(saved.venue, saved.venue_symbol)
      book.depth.reset(saved.depth)
      book.received_ts_ns = saved.received_ts_ns
      book.live = saved.live
      if (saved.mid_1e9 !== undefined) book.mid_1e9 = saved.mid_1e9
      if (saved.quoted_1e9 !== undefined) book.quoted_1e9 = saved.quoted_1e9
      if (saved.state !== undefined) book.state = saved.state
      if (saved.bands !== undefined) book.bands = saved.bands
    }
  }

  #snapshot(venue: string, venue_symbol: string, depth: Depth, ts_ns: bigint): void {
    const book = this.#own(venue, venue_symbol)
    book.depth.reset(depth)
    book.remember()
    book.live = true
    book.received_ts_ns = this.#clock.now_ns()
    if (this.#listeners.length > 0) this.#emit({ type: 'snapshot', venue, venue_symbol, ts_ns })
  }

  #level(
    venue: string,
    venue_symbol: string,
    side: Side,
    price_1e9: bigint,
    qty_1e8: bigint,
    ts_ns: bigint,
  ): void {
    const book = this.#venues.get(venue)?.get(venue_symbol)
    if (book === undefined || !book.live) return
    const before_1e8 = book.depth.set(side, price_1e9, qty_1e8)
    book.received_ts_ns = this.#clock.now_ns()
    if (this.#listeners.length === 0) return
    this.#emit({
      type: 'level',
      venue,
      venue_symbol,
      side,
      price_1e9,
      qty_1e8,
      before_1e8,
      ts_ns,
    })
  }

  #published(venue: string, venue_symbol: string, ts_ns: bigint): void {
    const book = this.#venues.get(venue)?.get(venue_symbol)
    if (book === undefined || !book.live) return
    book.remember()
    book.received_ts_ns = this.#clock.now_ns()
    if (this.#listeners.length > 0) this.#emit({ type: 'published', venue, venue_symbol, ts_ns })
  }

  #lost(venue: string, venue_symbol: string, reason: string): void {
    const book = this.#venues.get(venue)?.get(venue_symbol)
    if (book !== undefined) book.live = false
    if (this.#listeners.length === 0) return
    this.#emit({ type: 'lost', venue, venue_symbol, reason, ts_ns: this.#clock.now_ns() })
  }

  #tell(venue: string, venue_symbol: string, told: Told): void {
    const book = this.#venues.get(venue)?.get(venue_symbol)
    if (book === undefined) {
      const key = `${venue}/${venue_symbol}`
      this.#early.set(key, { ...this.#early.get(key), ...told })
      return
    }
    const before = book.state ?? 'open'
    Object.assign(book, told)
    const { state = 'open' } = book
    if (before === state || this.#listeners.length === 0) return
    const ts_ns = this.#clock.now_ns()
    this.#emit({ type: 'state', venue, venue_symbol, state, before, ts_ns })
  }

  #emit(event: MarketEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #own(venue: string, venue_symbol: string): HubBook {
    let books = this.#venues.get(venue)
    if (books === undefined) {
      books = new Map()
      this.#venues.set(venue, books)
    }
    let book = books.get(venue_symbol)
    if (book === undefined) {
      book = new HubBook(venue, venue_symbol)
      Object.assign(book, this.#early.get(`${venue}/${venue_symbol}`))
      books.set(venue_symbol, book)
    }
    return book
  }
}
