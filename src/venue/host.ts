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

import type {
  AccountId,
  Command,
  ExchangeEvent,
  MarketState,
  OrderId,
  PlaceCommand,
} from '../engine/command.js'
import { type Instrument, onGrid, ticksOf } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import { unreachable } from '../engine/unreachable.js'
import type { World } from '../world/world.js'
import type { Credentials, VenueJournal } from './contract.js'
import type { ExchangePort } from './exchange-port.js'
import {
  decodeCommand,
  encodeCommand,
  type HostCommand,
  type PlaceInput,
  type TickLevel,
  type TimedCommand,
  type Untimed,
} from './host-command.js'
import type { HouseBook } from './house.js'
import { HouseOrders } from './house-orders.js'
import { type HostFailed, JournalWriter } from './journal-writer.js'
import { decodePlain, encodePlain } from './plain.js'
import {
  type AccountEvent,
  type OrderRecord,
  Records,
  type RecordsState,
  type Retention,
} from './records.js'
import { emptyTape, recordQuote, recordTrade, type TapeState } from './tape.js'

/** An account as the venue knows it. */
export interface AccountInfo {
  readonly account_id: AccountId
  readonly label: string
  readonly credentials: Credentials
  /** The credential that names the account in a request, e.g. an API key. */
  readonly key: string
}

/** What one applied command did. */
export interface Applied {
  readonly ts_us: number
  readonly command: HostCommand
  readonly events: readonly ExchangeEvent[]
  /** What private feeds tell. */
  readonly account_events: readonly AccountEvent[]
  /** The order placed, amended or cancelled; null: none, or the command was refused at entry. */
  readonly order: OrderRecord | null
  /** The first refusal at entry; null: taken. */
  readonly refusal: Extract<ExchangeEvent, { type: 'rejected' }> | null
  /** The account opened; null: none. */
  readonly account_id: AccountId | null
  /** What the venue's reducer answered. */
  readonly value: unknown
}

/** The hands of a venue's reducer: whatever it does through them joins the running command. */
export interface ReducerTools {
  readonly ts_us: number
  /** Runs an engine command; the host stamps the time. */
  run(command: Untimed<Command>): readonly ExchangeEvent[]
  place(order: PlaceInput): OrderRecord | null
  cancel(order: OrderRecord): void
  /** Reads of the venue as it is at this point of the command. */
  instrument(venue_symbol: string): Instrument
  order(order_id: OrderId): OrderRecord | undefined
  openOrders(account_id: AccountId): readonly OrderRecord[]
  position(account_id: AccountId, venue_symbol: string): { qty_lots: number; cost_1e8: bigint }
}

/**
 * A venue's own state and how it changes. The state must be plain data (objects, arrays, Maps, strings,
 * numbers, `bigint`); functions here must be deterministic and may not look at clocks or chance.
 */
export interface VenueReducer<S> {
  readonly initial: () => S
  /** A command `{ type: 'venue', name, data }`. Change `state` in place; the answer reaches the caller of `apply`. */
  readonly reduce: (
    state: S,
    command: Extract<HostCommand, { type: 'venue' }>,
    tools: ReducerTools,
  ) => unknown
  /** After the engine's events of any command, e.g. to count a group's fills and pull its orders. */
  readonly react?: (
    state: S,
    happened: {
      readonly events: readonly ExchangeEvent[]
      readonly account_events: readonly AccountEvent[]
    },
    tools: ReducerTools,
  ) => void
  /** Next moment (µs) at which `wake` has something to do; undefined: none. */
  readonly nextWake?: (state: S) => number | undefined
  /** Time-driven changes that are due, e.g. a market's opening. Must move `nextWake` past `tools.ts_us`. */
  readonly wake?: (state: S, tools: ReducerTools) => void
}

export interface HostOptions<S> {
  readonly id: string
  readonly world: World
  readonly exchange: ExchangePort
  /** Listed once the host opens (or recovers without them). */
  readonly instruments: readonly Instrument[]
  /** State in which an instrument is listed; absent: open. */
  readonly listedState?: (instrument: Instrument) => MarketState
  /** Text ids of orders and fills, one to one with their numbers; see `ids.ts`. */
  readonly orderText: (order_id: OrderId) => string
  readonly fillText: (fill_no: number) => string
  readonly reducer: VenueReducer<S>
  readonly journal?: VenueJournal
  readonly retention?: Retention
}

const RETENTION: Retention = { done_orders: 2_000, fills: 5_000 }

interface HostState {
  readonly last_ts_us: number
  readonly instruments: Map<string, Instrument>
  readonly accounts: Map<AccountId, AccountInfo>
  readonly house: Map<string, HouseBook>
  readonly opened: number
  readonly tapes: Map<string, TapeState>
  readonly records: RecordsState
  readonly venue: unknown
}

export class VenueHost<S = null> {
  readonly id: string
  readonly world: World
  readonly exchange: ExchangePort
  readonly records: Records
  readonly #options: HostOptions<S>
  readonly #house: HouseOrders
  readonly #journal: JournalWriter
  #state: S
  /** Accounts opened, the house's included. */
  #opened = 0
  #instruments = new Map<string, Instrument>()
  #accounts = new Map<AccountId, AccountInfo>()
  #keys = new Map<string, AccountId>()
  #tapes = new Map<string, TapeState>()
  #lastTs_us = 0
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
    this.records = new Records({
      orderText: options.orderText,
      fillText: options.fillText,
      instrument: (symbol) => this.instrument(symbol),
      retention: options.retention ?? RETENTION,
    })
    this.#house = new HouseOrders(options.exchange)
    this.#journal = new JournalWriter(options.id, options.journal)
    this.#state = options.reducer.initial()
    // With a journal the venue's past comes first: `recover` lists what is missing after it.
    if (options.journal === undefined) this.#open()
  }

  /** The venue's own state. Read it; change it only through `apply`. */
  get state(): S {
    return this.#state
  }

  /** Microseconds since the Unix epoch, never falling. */
  now_us(): number {
    return Math.max(this.#lastTs_us, Number(this.world.clock.now_ns() / 1_000n))
  }

  /** @throws Error when nothing of that name is listed; ask `find` when a client named it. */
  instrument(venue_symbol: string): Instrument {
    const found = this.#instruments.get(venue_symbol)
    if (found !== undefined) return found
    throw new Error(`${this.id} lists no ${venue_symbol}; list it first.`)
  }

  find(venue_symbol: string): Instrument | undefined {
    return this.#instruments.get(venue_symbol)
  }

  instruments(): Instrument[] {
    return [...this.#instruments.values()]
  }

  account(account_id: AccountId): AccountInfo {
    const found = this.#accounts.get(account_id)
    if (found !== undefined) return found
    throw new Error(`${this.id} has no account ${account_id}; open one first.`)
  }

  accounts(): AccountInfo[] {
    return [...this.#accounts.values()]
  }

  /** The account a credential names, e.g. by API key. */
  byKey(key: string): AccountInfo | undefined {
    const account_id = this.#keys.get(key)
    return account_id === undefined ? undefined : this.#accounts.get(account_id)
  }

  tape(venue_symbol: string): TapeState {
    return this.#tapes.get(venue_symbol) ?? emptyTape()
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
    return account_id === 0 || this.#house.owns(account_id)
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
    if (command.type !== 'tick' && (this.#nextDue_us() ?? Number.POSITIVE_INFINITY) <= ts_us) {
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
    if (this.#instruments.has(instrument.venue_symbol)) return
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
    if (loaded.snapshot !== null) this.#load(loaded.snapshot)
    for (const line of loaded.lines) this.#reduce(decodeCommand(line))
    this.#unpublished = []
    this.#open()
    this.#arm()
    await this.durable()
  }

  /** The whole venue as bytes: the exchange, then everything else. */
  snapshot(): Uint8Array {
    const exchange = this.exchange.snapshot()
    const state: HostState = {
      last_ts_us: this.#lastTs_us,
      instruments: this.#instruments,
      accounts: this.#accounts,
      house: this.#house.save(),
      tapes: this.#tapes,
      records: this.records.save(),
      opened: this.#opened,
      venue: this.#state,
    }
    const rest = new TextEncoder().encode(encodePlain(state))
    const bytes = new Uint8Array(4 + exchange.length + rest.length)
    new DataView(bytes.buffer).setUint32(0, exchange.length)
    bytes.set(exchange, 4)
    bytes.set(rest, 4 + exchange.length)
    return bytes
  }

  /** Puts the whole venue back. Sessions are told to start over; the journal starts from here. */
  restore(bytes: Uint8Array): void {
    this.#load(bytes)
    this.#arm()
    this.#journal.snapshot(() => this.snapshot())
    for (const listener of this.#resets) listener()
  }

  /** Stops timers and waits for the journal. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#timer = null
    await this.durable()
  }

  #open(): void {
    while (this.#opened < HouseOrders.ACCOUNTS) {
      const label = `house ${this.#opened + 1}`
      this.apply({ type: 'open-account', label, credentials: {}, key: '', stp_group: null })
    }
    for (const instrument of this.#options.instruments) {
      this.list(instrument, this.#options.listedState?.(instrument))
    }
  }

  #commit(timed: TimedCommand): Applied {
    const applied = this.#reduce(timed)
    this.#journal.append(() => encodeCommand(timed))
    if (this.#journal.snapshotIsDue) this.#journal.snapshot(() => this.snapshot())
    return applied
  }

  #reduce({ ts_us, command }: TimedCommand): Applied {
    this.#lastTs_us = Math.max(this.#lastTs_us, ts_us)
    const events: ExchangeEvent[] = []
    const account_events: AccountEvent[] = []
    let order: OrderRecord | null = null
    let account_id: AccountId | null = null
    let value: unknown
    let reacted = { events: 0, account_events: 0 }

    const run = (engine: Untimed<Command>, input: PlaceInput | null = null) => {
      const happened = this.exchange.apply({ ...engine, ts_us } as Command)
      if (engine.type === 'price-grid') this.#regrid(engine.instrument, engine.price_bands)
      for (const event of happened) {
        events.push(event)
        account_events.push(...this.#take(event, input))
      }
      return happened
    }
    const placed = (input: PlaceInput): OrderRecord | null => {
      const { client_order_id: _, data: __, ...rest } = input
      const happened = run({ type: 'place', ...rest } satisfies Untimed<PlaceCommand>, input)
      const accepted = happened.find((event) => event.type === 'accepted')
      return accepted === undefined ? null : (this.records.order(accepted.order_id) ?? null)
    }
    const tools: ReducerTools = {
      ts_us,
      run: (engine) => run(engine),
      place: placed,
      cancel: ({ account_id: owner, order_id }) => {
        run({ type: 'cancel', account_id: owner, order_id })
      },
      instrument: (venue_symbol) => this.instrument(venue_symbol),
      order: (order_id) => this.records.order(order_id),
      openOrders: (account_id) => this.records.openOrders(account_id),
      position: (account_id, venue_symbol) =>
        this.exchange
          .positions(account_id)
          .find((position) => position.instrument === venue_symbol) ?? {
          qty_lots: 0,
          cost_1e8: 0n,
        },
    }

    switch (command.type) {
      case 'engine':
        run(command.command)
        break
      case 'list': {
        // Minimums are the venue's own rule, with its own words; the house may rest any size.
        const { instrument, state } = command
        run({ type: 'list', instrument: { ...instrument, min_qty_1e8: 0n, min_notional_1e9: 0n } })
        this.#listed(instrument)
        const name = instrument.venue_symbol
        if (state !== 'pending') {
          run({ type: 'market-state', instrument: name, state, cancel_resting: false })
        }
        break
      }
      case 'open-account': {
        const opened = run({ type: 'open-account', stp_group: command.stp_group }).find(
          (event) => event.type === 'account-opened',
        )
        if (opened === undefined) throw new Error(`${this.id} opened no account`)
        account_id = opened.account_id
        this.#accountOpened(account_id, command)
        break
      }
      case 'place':
        order = placed(command.order)
        break
      case 'cancel':
        order = this.records.order(command.order_id) ?? null
        run(command)
        break
      case 'cancel-all': {
        const { venue_symbol: instrument, account_id: owner } = command
        run({ type: 'cancel-all', account_id: owner, instrument })
        break
      }
      case 'amend': {
        const { client_order_id, data, ...engine } = command
        order = this.records.order(command.order_id) ?? null
        const happened = run(engine)
        const taken = !happened.some((event) => event.type === 'rejected')
        if (order !== null && taken) {
          if (client_order_id !== undefined) this.records.rename(order, client_order_id)
          if (data !== undefined) order.data = data
        }
        break
      }
      case 'set-balance': {
        const { account_id: owner, asset, total_1e8 } = command
        const amount_1e8 = total_1e8 - this.balance(owner, asset).total_1e8
        if (amount_1e8 !== 0n) run({ type: 'transfer', account_id: owner, asset, amount_1e8 })
        break
      }
      case 'set-position': {
        const { account_id: owner, venue_symbol: instrument, qty_lots, entry_ticks } = command
        run({ type: 'endow', account_id: owner, instrument, qty_lots, entry_ticks })
        break
      }
      case 'depth':
        this.#house.setDepth(command, run)
        break
      case 'print':
        this.#house.print(command, run)
        break
      case 'tick':
        run({ type: 'tick' })
        this.#options.reducer.wake?.(this.#state, tools)
        break
      case 'venue':
        value = this.#options.reducer.reduce(this.#state, command, tools)
        break
      default:
        return unreachable(command)
    }

    const { react } = this.#options.reducer
    while (react !== undefined && reacted.events < events.length) {
      const happened = {
        events: events.slice(reacted.events),
        account_events: account_events.slice(reacted.account_events),
      }
      reacted = { events: events.length, account_events: account_events.length }
      react(this.#state, happened, tools)
    }
    this.#quote(events)
    const refusal = events.find((event) => event.type === 'rejected') ?? null
    const applied: Applied = {
      ts_us,
      command,
      events,
      account_events,
      order,
      refusal,
      account_id,
      value,
    }
    this.#unpublished.push(applied)
    return applied
  }

  #listed(instrument: Instrument): void {
    this.#instruments.set(instrument.venue_symbol, instrument)
    this.#tapes.set(instrument.venue_symbol, emptyTape())
    this.#house.list(instrument, this.#lastTs_us)
  }

  #regrid(venue_symbol: string, price_bands: Instrument['price_bands']): void {
    const instrument = this.instrument(venue_symbol)
    this.#instruments.set(venue_symbol, { ...instrument, price_bands })
  }

  #accountOpened(
    account_id: AccountId,
    { label, credentials, key }: Extract<HostCommand, { type: 'open-account' }>,
  ): void {
    this.#opened += 1
    if (this.#house.owns(account_id)) return
    this.#accounts.set(account_id, { account_id, label, credentials, key })
    this.#keys.set(key, account_id)
    this.records.open(account_id)
  }

  #take(event: ExchangeEvent, input: PlaceInput | null): AccountEvent[] {
    this.#house.take(event)
    if (event.type === 'trade') {
      const { trade_id, price_ticks, qty_lots, taker_side, ts_us } = event
      const taker = this.records.order(event.taker.order_id)
      const market = taker !== undefined && taker.price_ticks === null
      recordTrade(this.tape(event.instrument), {
        trade_id,
        price_ticks,
        qty_lots,
        taker_side,
        market,
        ts_us,
      })
    }
    return this.records.take(event, input)
  }

  #quote(events: readonly ExchangeEvent[]): void {
    const touched = new Set<string>()
    for (const event of events) if (event.type === 'level') touched.add(event.instrument)
    for (const symbol of touched) {
      recordQuote(this.tape(symbol), { ...this.exchange.best(symbol), ts_us: this.#lastTs_us })
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

  #nextDue_us(): number | undefined {
    const expiry = this.records.nextExpiry_us()
    const wake = this.#options.reducer.nextWake?.(this.#state)
    if (expiry === undefined) return wake
    return wake === undefined ? expiry : Math.min(expiry, wake)
  }

  #arm(): void {
    const due_us = this.#nextDue_us()
    if (this.#timer?.due_us === due_us) return
    this.#timer?.cancel()
    this.#timer = null
    if (due_us === undefined || this.#closed) return
    const { clock } = this.world
    const delay_ms = Math.max(0, Number(BigInt(due_us) * 1_000n - clock.now_ns()) / 1e6)
    const cancel = clock.after(Math.min(delay_ms, TIMER_MS_MAX), () => {
      this.#timer = null
      if (this.failure === null && !this.#closed) this.apply({ type: 'tick' })
    })
    this.#timer = { due_us, cancel }
  }

  #load(bytes: Uint8Array): void {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    this.exchange.restore(bytes.subarray(4, 4 + length))
    const state = decodePlain(new TextDecoder().decode(bytes.subarray(4 + length))) as HostState
    this.#lastTs_us = state.last_ts_us
    this.#instruments = state.instruments
    this.#accounts = state.accounts
    this.#keys = new Map(
      [...state.accounts.values()].map(({ key, account_id }) => [key, account_id]),
    )
    this.#house.load(state.house)
    this.#opened = state.opened
    this.#tapes = state.tapes
    this.records.load(state.records)
    this.#state = state.venue as S
    this.#unpublished = []
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
