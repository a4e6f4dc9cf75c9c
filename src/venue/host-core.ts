/**
 * Host core: the state of a mock venue, and the one place where a command changes it.
 *
 * Deterministic: no clock, no chance, no journal. It runs the matching engine, keeps order and fill
 * records, accounts, the house's liquidity, the public tape and the venue's own state. The whole of it is
 * copied in memory by sharing what has not changed ({@link HostCore.fork}); bytes are made only when
 * asked for.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, OrderId, PlaceCommand } from '../engine/command.js'
import type { Exchange } from '../engine/exchange.js'
import type { Instrument } from '../engine/instrument.js'
import { unreachable } from '../engine/unreachable.js'
import type { ExchangePort } from './exchange-port.js'
import { ForkMap } from './fork-map.js'
import type { HostCommand, PlaceInput, TimedCommand, Untimed } from './host-command.js'
import {
  HouseOrders,
  type HouseState,
  houseOf,
  type PlainHouse,
  plainHouse,
} from './house-orders.js'
import { copyPlain, decodePlain, encodePlain } from './plain.js'
import {
  type AccountEvent,
  type OrderRecord,
  type PlainRecords,
  plainRecords,
  Records,
  type RecordsState,
  type Retention,
  recordsOf,
} from './records.js'
import type { AccountInfo, Applied, ReducerTools, VenueReducer } from './reducer.js'
import { type FailingTrade, type Run, undo } from './settlement.js'
import { copyTape, emptyTape, recordQuote, recordTrade, type TapeState } from './tape.js'

export interface CoreOptions<S> {
  readonly id: string
  readonly exchange: ExchangePort
  /** Text ids of orders and fills, one to one with their numbers; see `ids.ts`. */
  readonly orderText: (order_id: OrderId) => string
  readonly fillText: (fill_no: number) => string
  readonly reducer: VenueReducer<S>
  readonly retention?: Retention
}

const RETENTION: Retention = { done_orders: 2_000, fills: 5_000 }

/** A venue at one moment. Never changed; shares with others what is the same. */
export interface CoreState {
  readonly exchange: Exchange
  readonly last_ts_us: number
  readonly instruments: ForkMap<string, Instrument>
  readonly accounts: ForkMap<AccountId, AccountInfo>
  readonly keys: ForkMap<string, AccountId>
  readonly house: HouseState
  readonly opened: number
  readonly tapes: ForkMap<string, TapeState>
  readonly records: RecordsState
  readonly failing: ForkMap<number, FailingTrade>
  readonly venue: unknown
}

/** The same without the exchange, as plain data. */
interface PlainState {
  readonly last_ts_us: number
  readonly instruments: ReadonlyMap<string, Instrument>
  readonly accounts: ReadonlyMap<AccountId, AccountInfo>
  readonly house: PlainHouse
  readonly tapes: ReadonlyMap<string, TapeState>
  readonly records: PlainRecords
  readonly opened: number
  /** Absent where none is about to fail. */
  readonly failing?: readonly FailingTrade[]
  readonly venue: unknown
}

export class HostCore<S> {
  readonly records: Records
  readonly #options: CoreOptions<S>
  readonly #exchange: ExchangePort
  readonly #house: HouseOrders
  #state: S
  #opened = 0
  #instruments = new ForkMap<string, Instrument>()
  #accounts = new ForkMap<AccountId, AccountInfo>()
  #keys = new ForkMap<string, AccountId>()
  #tapes = new ForkMap<string, TapeState>()
  /** Trades whose settlement will fail, by number. */
  #failing = new ForkMap<number, FailingTrade>()
  #lastTs_us = 0

  constructor(options: CoreOptions<S>) {
    this.#options = options
    this.#exchange = options.exchange
    this.records = new Records({
      orderText: options.orderText,
      fillText: options.fillText,
      instrument: (symbol) => this.instrument(symbol),
      retention: options.retention ?? RETENTION,
    })
    this.#house = new HouseOrders(options.exchange)
    this.#state = options.reducer.initial()
  }

  get state(): S {
    return this.#state
  }

  /** Accounts opened, the house's included. */
  get opened(): number {
    return this.#opened
  }

  /** When the last command was, in microseconds; 0 before the first. */
  get lastTs_us(): number {
    return this.#lastTs_us
  }

  /** @throws Error when nothing of that name is listed. */
  instrument(venue_symbol: string): Instrument {
    const found = this.#instruments.get(venue_symbol)
    if (found !== undefined) return found
    throw new Error(`${this.#options.id} lists no ${venue_symbol}; list it first.`)
  }

  find(venue_symbol: string): Instrument | undefined {
    return this.#instruments.get(venue_symbol)
  }

  instruments(): Instrument[] {
    return [...this.#instruments.values()]
  }

  account(account_id: AccountId): AccountInfo | undefined {
    return this.#accounts.get(account_id)
  }

  accounts(): AccountInfo[] {
    return [...this.#accounts.values()]
  }

  byKey(key: string): AccountInfo | undefined {
    const account_id = this.#keys.get(key)
    return account_id === undefined ? undefined : this.#accounts.get(account_id)
  }

  tape(venue_symbol: string): TapeState {
    return this.#tapes.get(venue_symbol) ?? emptyTape()
  }

  /** Whether an account is the venue's own (fees, house). */
  isOwn(account_id: AccountId): boolean {
    return account_id === 0 || this.#house.owns(account_id)
  }

  /** Next moment at which time alone changes something; undefined: none. */
  nextDue_us(): number | undefined {
    let next = Math.min(
      this.records.nextExpiry_us() ?? Number.POSITIVE_INFINITY,
      this.#options.reducer.nextWake?.(this.#state) ?? Number.POSITIVE_INFINITY,
    )
    for (const { due_us } of this.#failing.values()) next = Math.min(next, due_us)
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** Carries one command out: same state and command, same outcome. */
  reduce({ ts_us, command }: TimedCommand): Applied {
    this.#lastTs_us = Math.max(this.#lastTs_us, ts_us)
    const events: ExchangeEvent[] = []
    const account_events: AccountEvent[] = []
    let order: OrderRecord | null = null
    let account_id: AccountId | null = null
    let value: unknown
    let reacted = { events: 0, account_events: 0 }

    const run = (engine: Untimed<Command>, input: PlaceInput | null = null) => {
      const happened = this.#exchange.apply({ ...engine, ts_us } as Command)
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
        this.#exchange
          .positions(account_id)
          .filter(({ instrument }) => instrument === venue_symbol)
          .reduce(
            (sum, { qty_lots, cost_1e8 }) => ({
              qty_lots: sum.qty_lots + qty_lots,
              cost_1e8: sum.cost_1e8 + cost_1e8,
            }),
            { qty_lots: 0, cost_1e8: 0n },
          ),
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
        if (opened === undefined) throw new Error(`${this.#options.id} opened no account`)
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
        const amount_1e8 = total_1e8 - this.#exchange.balance(owner, asset).total_1e8
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
      case 'settlement-fails':
        this.#failing.set(command.trade.trade_id, command.trade)
        account_events.push(...this.#unsettle(ts_us, run))
        break
      case 'tick':
        run({ type: 'tick' })
        account_events.push(...this.#unsettle(ts_us, run))
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
    return { ts_us, command, events, account_events, order, refusal, account_id, value }
  }

  /** Undoes the trades whose settlement fails now. */
  #unsettle(ts_us: number, run: Run): AccountEvent[] {
    const due = [...this.#failing.values()].filter(({ due_us }) => due_us <= ts_us)
    return due.flatMap((trade) => {
      this.#failing.delete(trade.trade_id)
      const instrument = this.instrument(trade.venue_symbol)
      return trade.parties.flatMap((party) => {
        if (this.isOwn(party.account_id)) return []
        undo({ exchange: this.#exchange, instrument, run }, trade, party)
        return this.records.fail(party.order_id, trade.trade_id, ts_us)
      })
    })
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
      recordTrade(this.#tapeOf(event.instrument), {
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
      recordQuote(this.#tapeOf(symbol), { ...this.#exchange.best(symbol), ts_us: this.#lastTs_us })
    }
  }

  /** To be recorded on. */
  #tapeOf(venue_symbol: string): TapeState {
    return this.#tapes.own(venue_symbol, copyTape) ?? emptyTape()
  }

  /** The venue as it is; later commands do not touch the answer. */
  fork(): CoreState {
    return {
      exchange: this.#exchange.fork(),
      last_ts_us: this.#lastTs_us,
      instruments: this.#instruments.fork(),
      accounts: this.#accounts.fork(),
      keys: this.#keys.fork(),
      house: this.#house.fork(),
      opened: this.#opened,
      tapes: this.#tapes.fork(),
      records: this.records.fork(),
      failing: this.#failing.fork(),
      venue: copyPlain(this.#state),
    }
  }

  /** Back to what {@link fork} answered, any number of times. */
  load(state: CoreState): void {
    this.#exchange.load(state.exchange)
    this.#lastTs_us = state.last_ts_us
    this.#instruments = state.instruments.fork()
    this.#accounts = state.accounts.fork()
    this.#keys = state.keys.fork()
    this.#house.load(state.house)
    this.#opened = state.opened
    this.#tapes = state.tapes.fork()
    this.records.load(state.records)
    this.#failing = state.failing.fork()
    this.#state = copyPlain(state.venue) as S
  }

  /** Back to what {@link encodeState} wrote. @throws RangeError or SyntaxError when it did not. */
  loadBytes(bytes: Uint8Array): void {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    const plain = decodePlain(new TextDecoder().decode(bytes.subarray(4 + length))) as PlainState
    this.#exchange.restore(bytes.subarray(4, 4 + length))
    this.#lastTs_us = plain.last_ts_us
    this.#instruments = forkMapOf(plain.instruments)
    this.#accounts = forkMapOf(plain.accounts)
    this.#keys = new ForkMap()
    for (const { key, account_id } of plain.accounts.values()) this.#keys.set(key, account_id)
    this.#house.load(houseOf(plain.house))
    this.#opened = plain.opened
    this.#tapes = forkMapOf(plain.tapes)
    this.records.load(recordsOf(plain.records))
    this.#failing = forkMapOf((plain.failing ?? []).map((trade) => [trade.trade_id, trade]))
    this.#state = plain.venue as S
  }
}

/** A venue as bytes: the exchange, then everything else. Equal states, equal bytes. */
export function encodeState(state: CoreState): Uint8Array {
  const exchange = state.exchange.snapshot()
  const plain: PlainState = {
    last_ts_us: state.last_ts_us,
    instruments: new Map(state.instruments),
    accounts: new Map(state.accounts),
    house: plainHouse(state.house),
    tapes: new Map(state.tapes),
    records: plainRecords(state.records),
    opened: state.opened,
    ...(state.failing.size > 0 && { failing: [...state.failing.values()] }),
    venue: state.venue,
  }
  const rest = new TextEncoder().encode(encodePlain(plain))
  const bytes = new Uint8Array(4 + exchange.length + rest.length)
  new DataView(bytes.buffer).setUint32(0, exchange.length)
  bytes.set(exchange, 4)
  bytes.set(rest, 4 + exchange.length)
  return bytes
}

function forkMapOf<K extends string | number, V>(
  entries: Iterable<readonly [K, V]>,
): ForkMap<K, V> {
  const map = new ForkMap<K, V>()
  for (const [key, value] of entries) map.set(key, value)
  return map
}
