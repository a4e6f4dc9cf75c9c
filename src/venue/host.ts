/**
 * Host: everything a mock venue needs that is not the venue's own fact.
 *
 * A venue reads a request, checks its own rules against what the host knows, and applies a command; the
 * host runs the matching engine, keeps order and fill records, accounts, the house's liquidity, the
 * public tape and the venue's own state, writes the journal, and tells feeds what happened. All of it
 * changes only in {@link VenueHost.apply}, so snapshot plus journal bring it all back.
 *
 * A reader must not miss: `apply` is synchronous and final in memory; what it did may be told to a
 * client only after {@link VenueHost.durable} resolves (`fetch` and socket sessions see to that).
 *
 * @module
 */

import type { AccountId, MarketState } from '../engine/command.js'
import { type Instrument, onGrid, ticksOf } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { World } from '../world/world.js'
import type { VenueImage, VenueJournal } from './contract.js'
import type { ExchangePort } from './exchange-port.js'
import {
  decodeCommand,
  encodeCommand,
  type HostCommand,
  type PlaceInput,
  type TickLevel,
  type TimedCommand,
} from './host-command.js'
import { type CoreOptions, type CoreState, encodeState, HostCore } from './host-core.js'
import { HouseOrders } from './house-orders.js'
import { type HostFailed, JournalWriter } from './journal-writer.js'
import type { OrderRecord, Records } from './records.js'
import type { AccountInfo, Applied } from './reducer.js'
import { failingTrade, type Settlement } from './settlement.js'
import type { TapeState } from './tape.js'

export interface HostOptions<S> extends CoreOptions<S> {
  readonly world: World
  /** Listed once the host opens (or recovers without them). */
  readonly instruments: readonly Instrument[]
  /** State in which an instrument is listed; absent: open. */
  readonly listedState?: (instrument: Instrument) => MarketState
  readonly journal?: VenueJournal
  /** Venues of deferred settlement; absent: trades settle at once. */
  readonly settlement?: Settlement
}

/** A venue at one moment, in memory. Bytes are made when somebody asks for them. */
class Image implements VenueImage {
  readonly venue: string
  readonly state: CoreState

  constructor(venue: string, state: CoreState) {
    this.venue = venue
    this.state = state
  }

  bytes(): Uint8Array {
    return encodeState(this.state)
  }
}

export class VenueHost<S = null> {
  readonly id: string
  readonly world: World
  readonly exchange: ExchangePort
  readonly records: Records
  readonly #options: HostOptions<S>
  readonly #core: HostCore<S>
  readonly #journal: JournalWriter
  #listeners = new Set<(applied: Applied) => void>()
  #resets = new Set<() => void>()
  #unpublished: Applied[] = []
  #publishing = false
  #timer: { due_us: number; cancel: () => void } | null = null
  #closed = false

  constructor(options: HostOptions<S>) {
    this.#options = options
    this.id = options.id
    this.world = options.world
    this.exchange = options.exchange
    this.#core = new HostCore(options)
    this.records = this.#core.records
    this.#journal = new JournalWriter(options.id, options.journal)
    // With a journal the venue's past comes first: `recover` lists what is missing after it.
    if (options.journal === undefined) this.#open()
  }

  /** The venue's own state. Read it; change it only through `apply`. */
  get state(): S {
    return this.#core.state
  }

  /** Microseconds since the Unix epoch, never falling: what is recorded is stamped with it. */
  now_us(): number {
    return Math.max(this.#core.lastTs_us, this.clock_us())
  }

  /** What the venue's clock shows, in microseconds since the Unix epoch: set back, it shows an earlier time. */
  clock_us(): number {
    return Number(this.world.clock.now_ns() / 1_000n)
  }

  /** @throws Error when nothing of that name is listed; ask `find` when a client named it. */
  instrument(venue_symbol: string): Instrument {
    return this.#core.instrument(venue_symbol)
  }

  find(venue_symbol: string): Instrument | undefined {
    return this.#core.find(venue_symbol)
  }

  instruments(): Instrument[] {
    return this.#core.instruments()
  }

  /** @throws Error when there is no such account. */
  account(account_id: AccountId): AccountInfo {
    const found = this.#core.account(account_id)
    if (found !== undefined) return found
    throw new Error(`${this.id} has no account ${account_id}; open one first.`)
  }

  accounts(): AccountInfo[] {
    return this.#core.accounts()
  }

  /** The account a credential names, e.g. by API key. */
  byKey(key: string): AccountInfo | undefined {
    return this.#core.byKey(key)
  }

  tape(venue_symbol: string): TapeState {
    return this.#core.tape(venue_symbol)
  }

  marketState(venue_symbol: string): MarketState {
    return this.exchange.marketState(venue_symbol)
  }

  /** The balance of one asset; zero when the account never had it. */
  balance(account_id: AccountId, asset: string): { total_1e8: bigint; reserved_1e8: bigint } {
    return this.exchange.balance(account_id, asset)
  }

  /** Whether an account is the venue's own (fees, house). */
  isOwn(account_id: AccountId): boolean {
    return this.#core.isOwn(account_id)
  }

  /**
   * Changes the venue.
   *
   * @returns What happened, already final in memory. Answer a client only after `durable()`.
   * @throws HostFailed after a failed journal write.
   * @throws RangeError or Error on misuse, with nothing changed.
   */
  apply(command: HostCommand): Applied {
    if (this.#journal.failure !== null) throw this.#journal.failure
    const ts_us = this.now_us()
    if (command.type !== 'tick' && (this.#core.nextDue_us() ?? Number.POSITIVE_INFINITY) <= ts_us) {
      this.#commit({ ts_us, command: { type: 'tick' } })
    }
    const applied = this.#commit({ ts_us, command })
    this.#arm()
    this.#publish()
    return applied
  }

  place(order: PlaceInput): Applied {
    return this.apply({ type: 'place', order })
  }

  cancel(order: OrderRecord): Applied {
    const { account_id, order_id } = order
    return this.apply({ type: 'cancel', account_id, order_id })
  }

  /** Lists an instrument and opens it (or leaves it in `state`); one that is listed already stays as it is. */
  list(instrument: Instrument, state: MarketState = 'open'): void {
    if (this.#core.find(instrument.venue_symbol) !== undefined) return
    this.apply({ type: 'list', instrument, state })
  }

  /** Calls back after every applied command, in order. The answer ends it. */
  listen(listener: (applied: Applied) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back after the whole venue was put back to a snapshot: feeds must start over. */
  onReset(listener: () => void): () => void {
    this.#resets.add(listener)
    return () => this.#resets.delete(listener)
  }

  /**
   * Resolves when everything applied so far is in the journal.
   *
   * @throws HostFailed when it could not be written.
   */
  durable(): Promise<void> {
    return this.#journal.durable()
  }

  /** Whether everything applied so far is in the journal already. */
  get isDurable(): boolean {
    return this.#journal.isDurable
  }

  get failure(): HostFailed | null {
    return this.#journal.failure
  }

  /** State back from the journal; then lists what is missing. Without a journal: nothing to do. */
  async recover(): Promise<void> {
    const loaded = await this.#journal.load()
    if (loaded === null) return
    if (loaded.snapshot !== null) this.#core.loadBytes(loaded.snapshot)
    for (const line of loaded.lines) this.#core.reduce(decodeCommand(line))
    this.#open()
    this.#arm()
    await this.durable()
  }

  /** The whole venue in memory, sharing what does not change afterwards. */
  image(): VenueImage {
    return new Image(this.id, this.#core.fork())
  }

  /** The whole venue as bytes: the exchange, then everything else. */
  snapshot(): Uint8Array {
    return encodeState(this.#core.fork())
  }

  /**
   * Puts the whole venue back to an image of itself or to its bytes, any number of times. Sessions are told
   * to start over; the journal starts from here.
   *
   * @throws TypeError on the image of another venue.
   */
  restore(from: VenueImage | Uint8Array): void {
    if (from instanceof Uint8Array) this.#core.loadBytes(from)
    else if (from instanceof Image && from.venue === this.id) this.#core.load(from.state)
    else throw new TypeError(`${this.id} was given an image of another venue.`)
    this.#unpublished = []
    this.#disarm()
    this.#arm()
    this.#journal.snapshot(() => this.snapshot())
    for (const listener of this.#resets) listener()
  }

  /** Stops timers and waits for the journal. */
  async close(): Promise<void> {
    this.#closed = true
    this.#disarm()
    await this.durable()
  }

  #open(): void {
    while (this.#core.opened < HouseOrders.ACCOUNTS) {
      const label = `house ${this.#core.opened + 1}`
      this.apply({ type: 'open-account', label, credentials: {}, key: '', stp_group: null })
    }
    for (const instrument of this.#options.instruments) {
      this.list(instrument, this.#options.listedState?.(instrument))
    }
  }

  #commit(timed: TimedCommand): Applied {
    const applied = this.#core.reduce(timed)
    this.#unpublished.push(applied)
    this.#journal.append(() => encodeCommand(timed))
    if (this.#journal.snapshotIsDue) this.#journal.snapshot(() => this.snapshot())
    this.#settle(applied)
    return applied
  }

  /** Asks whether what was traded will settle. The answer is a command, so that a replay need not ask. */
  #settle({ ts_us, events }: Applied): void {
    const { settlement } = this.#options
    if (settlement === undefined) return
    for (const event of events) {
      if (event.type !== 'trade') continue
      const { trade_id, instrument: venue_symbol, maker, taker } = event
      if (this.isOwn(maker.account_id) && this.isOwn(taker.account_id)) continue
      if (settlement.settles({ venue_symbol, trade_id })) continue
      const due_us = ts_us + Math.round(settlement.fails_after_ms * 1_000)
      this.#commit({
        ts_us,
        command: { type: 'settlement-fails', trade: failingTrade(event, due_us) },
      })
    }
  }

  #publish(): void {
    if (this.#publishing) return
    this.#publishing = true
    try {
      for (let next = this.#unpublished.shift(); next !== undefined; ) {
        for (const listener of this.#listeners) listener(next)
        next = this.#unpublished.shift()
      }
    } finally {
      this.#publishing = false
    }
  }

  #arm(): void {
    const due_us = this.#core.nextDue_us()
    if (this.#timer?.due_us === due_us) return
    this.#disarm()
    if (due_us === undefined || this.#closed) return
    const { clock } = this.world
    const delay_ms = Math.max(0, Number(BigInt(due_us) * 1_000n - clock.now_ns()) / 1e6)
    const cancel = clock.after(Math.min(delay_ms, TIMER_MS_MAX), () => {
      // A clock put back to an earlier moment may bring back a timer that was cancelled since.
      if (this.#timer !== timer) return
      this.#timer = null
      if (this.failure === null && !this.#closed) this.apply({ type: 'tick' })
    })
    const timer = { due_us, cancel }
    this.#timer = timer
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = null
  }
}

/** The longest delay a timer takes; a later moment is waited for in pieces. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** Levels in ticks and lots from fixed point. @throws RangeError on a price or size off the instrument's grid. */
export function tickLevels(
  instrument: Instrument,
  levels: readonly { readonly price_1e9: bigint; readonly qty_1e8: bigint }[],
): TickLevel[] {
  return levels.map(({ price_1e9, qty_1e8 }) => {
    const price_ticks = ticksOf(instrument, price_1e9)
    const qty_lots = qty_1e8 / instrument.lot_size_1e8
    const inside = instrument.kind !== 'event' || price_1e9 < PRICE_SCALE
    if (
      price_ticks === undefined ||
      !inside ||
      !onGrid(instrument, price_1e9) ||
      qty_lots * instrument.lot_size_1e8 !== qty_1e8
    ) {
      throw new RangeError(
        `${instrument.venue_symbol}: ${qty_1e8} (1e8) at ${price_1e9} (1e9) is off the grid of lot ${instrument.lot_size_1e8} and tick ${instrument.tick_size_1e9}.`,
      )
    }
    return [price_ticks, Number(qty_lots)]
  })
}
