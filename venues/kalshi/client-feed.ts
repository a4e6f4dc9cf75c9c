/**
 * Client feed: books and trades of the venue, for a market-data subscriber.
 *
 * With a key it follows the socket: a snapshot, then deltas in sequence; a missed number or a crossed book
 * makes every book of the subscription lost until `get_snapshot` brought it back. Kalshi lets nobody on its
 * socket without a key, so without one the public REST books are read once a second instead.
 *
 * @see https://docs.kalshi.com/websockets/orderbook-updates
 *
 * @module
 */

import type { MarketState } from '../../src/engine/command.js'
import type { Depth, Level } from '../../src/engine/depth.js'
import type { Instrument, Side } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'
import type { FeedSink, SocketSession } from '../../src/venue/contract.js'
import type { Clock } from '../../src/world/world.js'
import { type ClientWire, SERVICE_RESTART, textOf } from './client-wire.js'
import { bandsOf } from './price-levels.js'
import { readDollars, readFp, type WirePriceRange } from './wire.js'

const MS_NS = 1_000_000n
const POLL_MS = 1_000
const RETRY_MS = 1_000
/** The longest a timer waits at once. */
const WAIT_MS_MAX = 2_000_000_000

interface Book {
  readonly bids: Map<bigint, bigint>
  readonly asks: Map<bigint, bigint>
  /** Whether deltas may be applied. */
  whole: boolean
}

type Row = Record<string, unknown>

/** Follows these markets until the answer is called. */
export async function followMarkets(
  wire: ClientWire,
  clock: Clock,
  instruments: readonly Instrument[],
  sink: FeedSink,
): Promise<() => void> {
  const follower = new Follower(wire, clock, instruments, sink)
  await follower.start()
  return () => follower.stop()
}

class Follower {
  readonly #wire: ClientWire
  readonly #clock: Clock
  readonly #sink: FeedSink
  readonly #tickers: readonly string[]
  readonly #books = new Map<string, Book>()
  readonly #closing = new Map<string, () => void>()
  #session: SocketSession | null = null
  /** Sid and last number of the book subscription. */
  #sid: number | null = null
  #seq = 0
  #lastCommand = 0
  #stopped = false
  #timer: (() => void) | null = null
  /** Newest trade seen while polling. */
  #lastTrade: string | null = null
  #waiting: (() => void) | null = null

  constructor(wire: ClientWire, clock: Clock, instruments: readonly Instrument[], sink: FeedSink) {
    this.#wire = wire
    this.#clock = clock
    this.#sink = sink
    this.#tickers = instruments.map(({ venue_symbol }) => venue_symbol)
    for (const ticker of this.#tickers) {
      this.#books.set(ticker, { bids: new Map(), asks: new Map(), whole: false })
    }
  }

  async start(): Promise<void> {
    if (this.#tickers.length === 0) return
    await this.#readStates()
    if (this.#wire.keyed) await this.#open()
    else await this.#poll()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.()
    for (const cancel of this.#closing.values()) cancel()
    this.#session?.closed()
    this.#session = null
  }

  /** Statuses and close times: closing by time is told by nobody. */
  async #readStates(): Promise<void> {
    const tell = this.#sink.state?.bind(this.#sink)
    const path = `/markets?limit=1000&tickers=${this.#tickers.map(encodeURIComponent).join(',')}`
    for (const row of await this.#wire.list(path, 'markets')) {
      const ticker = textOf(row, 'ticker')
      const state = STATES[textOf(row, 'status')] ?? 'paused'
      tell?.(ticker, state, this.#clock.now_ns())
      this.#tellBands(ticker, row)
      if (state === 'open' || state === 'paused' || state === 'pending') {
        this.#expectClose(ticker, Date.parse(textOf(row, 'close_time')))
      }
    }
  }

  /** A market may move to another grid while it trades. */
  #tellBands(ticker: string, { price_ranges }: Row): void {
    if (!Array.isArray(price_ranges)) return
    const ranges = (price_ranges as WirePriceRange[]).map(({ start, end, step }) => ({
      start_1e9: readDollars(start),
      end_1e9: readDollars(end),
      step_1e9: readDollars(step),
    }))
    this.#sink.bands?.(ticker, bandsOf(ranges), this.#clock.now_ns())
  }

  #expectClose(ticker: string, close_ms: number): void {
    this.#closing.get(ticker)?.()
    const wait_ms = close_ms - this.#clock.now_ms()
    const cancel = this.#clock.after(Math.max(0, Math.min(wait_ms, WAIT_MS_MAX)), () => {
      if (this.#stopped) return
      if (this.#clock.now_ms() < close_ms) {
        this.#expectClose(ticker, close_ms)
        return
      }
      this.#sink.state?.(ticker, 'closed', this.#clock.now_ns())
    })
    this.#closing.set(ticker, cancel)
  }

  async #open(): Promise<void> {
    const first = new Promise<void>((resolve) => {
      this.#waiting = resolve
    })
    this.#session = await this.#wire.connect({
      message: (text) => this.#message(text),
      closed: (code) => this.#lostSocket(code),
    })
    this.#sid = null
    this.#seq = 0
    this.#say('subscribe', {
      channels: ['orderbook_delta', 'trade'],
      market_tickers: this.#tickers,
    })
    this.#say('subscribe', { channels: ['market_lifecycle_v2'] })
    await first
  }

  #say(cmd: string, params: object): void {
    this.#lastCommand += 1
    this.#session?.message(JSON.stringify({ id: this.#lastCommand, cmd, params }))
  }

  #lostSocket(code: number): void {
    this.#session = null
    if (this.#stopped) return
    for (const ticker of this.#tickers) this.#lose(ticker, 'the socket closed')
    if (code !== SERVICE_RESTART) this.#reopen()
    else
      Promise.resolve()
        .then(() => (this.#stopped ? undefined : this.#open()))
        .catch(() => this.#reopen())
  }

  /** Tried again until the venue is back. */
  #reopen(): void {
    this.#timer = this.#clock.after(RETRY_MS, () => {
      if (!this.#stopped) this.#open().catch(() => this.#reopen())
    })
  }

  #message(text: string): void {
    if (this.#stopped) return
    const message = JSON.parse(text) as Row
    const msg = message.msg as Row
    switch (message.type) {
      case 'subscribed':
        if (msg.channel === 'orderbook_delta') this.#sid = msg.sid as number
        return
      case 'orderbook_snapshot':
        if (this.#inSequence(message)) this.#snapshot(msg)
        return
      case 'orderbook_delta':
        if (this.#inSequence(message)) this.#delta(msg)
        return
      case 'trade':
        this.#trade(msg)
        return
      case 'market_lifecycle_v2':
        this.#lifecycle(msg)
        return
      default:
        return
    }
  }

  /** A repeat is dropped; after a gap nothing is whole until new snapshots came. */
  #inSequence({ sid, seq, type }: Row): boolean {
    if (sid !== this.#sid || typeof seq !== 'number') return false
    if (seq <= this.#seq) return false
    const gap = seq !== this.#seq + 1
    this.#seq = seq
    if (!gap) return true
    for (const ticker of this.#tickers) this.#lose(ticker, 'a message was missed')
    this.#refresh(this.#tickers)
    return type === 'orderbook_snapshot'
  }

  #refresh(market_tickers: readonly string[]): void {
    this.#say('update_subscription', { sids: [this.#sid], action: 'get_snapshot', market_tickers })
  }

  #lose(ticker: string, reason: string): void {
    const book = this.#books.get(ticker)
    if (book?.whole !== true) return
    book.whole = false
    this.#sink.lost(ticker, reason)
  }

  #snapshot(msg: Row): void {
    const ticker = textOf(msg, 'market_ticker')
    const book = this.#books.get(ticker)
    if (book === undefined) return
    fill(book.bids, msg.yes_dollars_fp, (price) => price)
    fill(book.asks, msg.no_dollars_fp, (price) => PRICE_SCALE - price)
    if (isCrossed(book)) {
      this.#lose(ticker, 'the book is crossed')
      this.#refresh([ticker])
      return
    }
    book.whole = true
    const now_ns = this.#clock.now_ns()
    this.#sink.snapshot(ticker, depthOf(book), now_ns)
    this.#sink.published(ticker, now_ns)
    if ([...this.#books.values()].every(({ whole }) => whole)) this.#ready()
  }

  #ready(): void {
    this.#waiting?.()
    this.#waiting = null
  }

  #delta(msg: Row): void {
    const ticker = textOf(msg, 'market_ticker')
    const book = this.#books.get(ticker)
    if (book?.whole !== true) return
    const side: Side = msg.side === 'yes' ? 'buy' : 'sell'
    const shown = readDollars(textOf(msg, 'price_dollars'))
    const price_1e9 = side === 'buy' ? shown : PRICE_SCALE - shown
    const levels = side === 'buy' ? book.bids : book.asks
    const qty_1e8 = (levels.get(price_1e9) ?? 0n) + readFp(textOf(msg, 'delta_fp'))
    if (qty_1e8 > 0n) levels.set(price_1e9, qty_1e8)
    else levels.delete(price_1e9)
    if (qty_1e8 < 0n || isCrossed(book)) {
      this.#lose(ticker, qty_1e8 < 0n ? 'a level fell below zero' : 'the book is crossed')
      this.#refresh([ticker])
      return
    }
    const ts_ns = BigInt(msg.ts_ms as number) * MS_NS
    this.#sink.level(ticker, side, price_1e9, qty_1e8, ts_ns)
    this.#sink.published(ticker, ts_ns)
  }

  #trade(msg: Row): void {
    this.#sink.trade(textOf(msg, 'market_ticker'), {
      price_1e9: readDollars(textOf(msg, 'yes_price_dollars')),
      qty_1e8: readFp(textOf(msg, 'count_fp')),
      taker_side: msg.taker_book_side === 'bid' ? 'buy' : 'sell',
      ts_ns: BigInt(msg.ts_ms as number) * MS_NS,
      level_told: true,
    })
  }

  #lifecycle(msg: Row): void {
    const ticker = textOf(msg, 'market_ticker')
    if (!this.#books.has(ticker)) return
    const event = textOf(msg, 'event_type')
    if (event === 'close_date_updated' && typeof msg.close_ts === 'number') {
      this.#expectClose(ticker, msg.close_ts * 1_000)
      return
    }
    if (event === 'price_level_structure_updated') {
      this.#tellBands(ticker, msg)
      return
    }
    const state = EVENTS[event]
    if (state !== undefined) this.#sink.state?.(ticker, state, this.#clock.now_ns())
  }

  async #poll(): Promise<void> {
    const now_ns = this.#clock.now_ns()
    for (let at = 0; at < this.#tickers.length; at += 100) {
      const part = this.#tickers
        .slice(at, at + 100)
        .map((one) => `tickers=${encodeURIComponent(one)}`)
      const { orderbooks } = await this.#wire.read(`/markets/orderbooks?${part.join('&')}`)
      for (const row of orderbooks as Row[]) {
        const ticker = textOf(row, 'ticker')
        const book = this.#books.get(ticker)
        const levels = row.orderbook_fp as Row
        if (book === undefined || this.#stopped) continue
        fill(book.bids, levels.yes_dollars, (price) => price)
        fill(book.asks, levels.no_dollars, (price) => PRICE_SCALE - price)
        book.whole = true
        this.#sink.snapshot(ticker, depthOf(book), now_ns)
        this.#sink.published(ticker, now_ns)
      }
    }
    await this.#pollTrades()
    if (this.#stopped) return
    this.#timer = this.#clock.after(POLL_MS, () => {
      this.#poll().catch(() => {
        for (const ticker of this.#tickers) this.#lose(ticker, 'the venue does not answer')
        if (!this.#stopped) this.#timer = this.#clock.after(POLL_MS, () => void this.#repoll())
      })
    })
  }

  async #repoll(): Promise<void> {
    try {
      await this.#poll()
    } catch {
      // Still away; the books were told lost already.
      if (!this.#stopped) this.#timer = this.#clock.after(POLL_MS, () => void this.#repoll())
    }
  }

  async #pollTrades(): Promise<void> {
    const { trades } = await this.#wire.read('/markets/trades?limit=1000')
    const rows = trades as Row[]
    const before = this.#lastTrade
    this.#lastTrade = rows[0] === undefined ? before : textOf(rows[0], 'trade_id')
    const at = rows.findIndex((row) => row.trade_id === before)
    const fresh = before === null ? [] : rows.slice(0, at < 0 ? rows.length : at)
    for (const row of fresh.reverse()) {
      if (!this.#books.has(textOf(row, 'ticker'))) continue
      this.#trade({
        ...row,
        market_ticker: row.ticker,
        ts_ms: Date.parse(textOf(row, 'created_time')),
      })
    }
  }
}

const STATES: Readonly<Record<string, MarketState>> = {
  initialized: 'pending',
  active: 'open',
  inactive: 'paused',
  closed: 'closed',
  determined: 'determined',
  disputed: 'determined',
  amended: 'determined',
  finalized: 'settled',
}

const EVENTS: Readonly<Record<string, MarketState>> = {
  activated: 'open',
  deactivated: 'paused',
  determined: 'determined',
  settled: 'settled',
}

function fill(side: Map<bigint, bigint>, levels: unknown, turned: (price: bigint) => bigint): void {
  side.clear()
  for (const [price, count] of (levels ?? []) as [string, string][]) {
    side.set(turned(readDollars(price)), readFp(count))
  }
}

function isCrossed({ bids, asks }: Book): boolean {
  let bid: bigint | null = null
  let ask: bigint | null = null
  for (const price of bids.keys()) if (bid === null || price > bid) bid = price
  for (const price of asks.keys()) if (ask === null || price < ask) ask = price
  return bid !== null && ask !== null && bid >= ask
}

function depthOf({ bids, asks }: Book): Depth {
  const levels = (side: Map<bigint, bigint>, sign: bigint): Level[] =>
    [...side]
      .map(([price_1e9, qty_1e8]) => ({ price_1e9, qty_1e8 }))
      .sort((a, b) => Number((a.price_1e9 - b.price_1e9) * sign))
  return { bids: levels(bids, -1n), asks: levels(asks, 1n) }
}
