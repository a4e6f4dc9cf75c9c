/**
 * Exchange: accounts, books and money of one venue behind one `apply`. Commands in, events out.
 *
 * Deterministic: the same commands give the same events and the same bytes. What a trader may do wrong is
 * answered (`rejected`, `done`); misuse by the host throws before anything changes. An instrument is
 * named by its `venue_symbol` everywhere. A listed market is `pending` until a `market-state` opens it.
 *
 * @module
 */

import { rehold } from './collateral/perp.js'
import type {
  AccountId,
  Command,
  ExchangeEvent,
  MarketState,
  MoneyRules,
  OrderId,
} from './command.js'
import { type AccountRecord, Core, type Market, type Seat, sideName } from './core.js'
import { LEG_NO, postOnlyOf, REDUCE_ONLY, timeInForceOf } from './flags.js'
import { tickBands } from './grid.js'
import type { Instrument } from './instrument.js'
import { check as checkInvariants } from './invariants.js'
import {
  available,
  enforce,
  fund,
  leverageShortage,
  type MarginView,
  marginView,
  openProfit,
} from './margin.js'
import { marketOf } from './market.js'
import { checkCommand, unknownInstrument } from './misuse.js'
import { type FokSelfTrade, Orders } from './orders.js'
import type { EntryReject } from './reject.js'
import * as resolution from './resolution.js'
import { copyInto, read, write } from './snapshot.js'
import { smaller } from './units.js'
import { unreachable } from './unreachable.js'
import type {
  BalanceView,
  Checksum,
  DepthView,
  LevelView,
  OrderView,
  PositionView,
  QueuedOrder,
  QueueView,
  TouchView,
} from './views.js'

export interface ExchangeOptions {
  /** Fees, holds and netting of the venue. Pure functions: a replay calls them again. */
  readonly rules: MoneyRules
  /** A fill-or-kill order whose own resting order stands in the way: nothing trades, or it ends as an IOC. */
  readonly fok_self_trade?: FokSelfTrade
}

export class Exchange {
  readonly #options: ExchangeOptions
  readonly #core: Core
  readonly #orders: Orders

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#core = new Core(options.rules)
    this.#orders = new Orders(this.#core, options.fok_self_trade ?? 'unfilled')
    this.#core.openAccount(null)
  }

  /**
   * An exchange with the state of a snapshot.
   *
   * @param options - The rules the snapshot was taken under.
   * @throws RangeError when the bytes are no snapshot.
   */
  static restore(bytes: Uint8Array, options: ExchangeOptions): Exchange {
    const exchange = new Exchange(options)
    read(exchange.#core, bytes)
    return exchange
  }

  /** The whole state as bytes: equal bytes, equal behaviour under equal rules. */
  snapshot(): Uint8Array {
    return write(this.#core)
  }

  /** An independent copy, by block copies: for trying commands out. */
  fork(): Exchange {
    const copy = new Exchange(this.#options)
    copyInto(copy.#core, this.#core)
    return copy
  }

  /** @throws BrokenInvariant naming the law that does not hold: a bug. */
  check(): void {
    checkInvariants(this.#core)
  }

  /**
   * Carries one command out.
   *
   * Good-till-date orders that are due by the command's time expire first.
   *
   * @returns Everything that happened, in order; a fresh array.
   * @throws RangeError for numbers that are no ticks, lots or times, an account that does not exist, an
   *   instrument listed twice, more than 2^53 - 1 lots; TypeError for a market order with a size and a budget.
   *   Nothing has changed then.
   */
  apply(command: Command): readonly ExchangeEvent[] {
    const core = this.#core
    checkCommand(core, command)
    core.events = []
    core.ts_us = command.ts_us
    this.#expire()
    this.#run(command)
    this.#trim()
    if (core.marginDirty) {
      enforce(core, this.#orders)
      core.marginDirty = false
      this.#trim()
    }
    return core.events
  }

  #run(command: Command): void {
    const core = this.#core
    const orders = this.#orders
    switch (command.type) {
      case 'place':
        orders.place(command, this.#account(command.account_id))
        return
      case 'cancel':
        this.#cancel(command.account_id, command.order_id)
        return
      case 'amend':
        orders.amend(
          this.#account(command.account_id),
          command.order_id,
          command.price_ticks,
          command.remaining_lots,
        )
        return
      case 'cancel-all':
        this.#cancelAll(command.account_id, command.instrument)
        return
      case 'tick':
        return
      case 'list':
        marketOf(core, command.instrument)
        core.emit({ type: 'listed', instrument: command.instrument.venue_symbol })
        return
      case 'market-state':
        this.#marketState(command.instrument, command.state, command.cancel_resting)
        return
      case 'price-grid': {
        const market = this.#market(command.instrument)
        market.instrument = { ...market.instrument, price_bands: command.price_bands }
        market.bands = tickBands(command.price_bands, market.money.tick_size_1e9)
        return
      }
      case 'price-collar': {
        const market = this.#market(command.instrument)
        market.low_ticks = command.low_ticks
        market.high_ticks = command.high_ticks
        return
      }
      case 'open-account':
        core.emit({
          type: 'account-opened',
          account_id: core.openAccount(command.stp_group).id,
        })
        return
      case 'transfer':
        this.#transfer(command.account_id, command.asset, command.amount_1e8)
        return
      case 'endow':
        resolution.endow(core, this.#market(command.instrument), command)
        return
      case 'determine':
        resolution.determine(core, orders, this.#market(command.instrument), command)
        return
      case 'settle':
        resolution.settle(core, this.#market(command.instrument), command.payout)
        return
      case 'redeem':
        resolution.redeem(core, this.#market(command.instrument), command.account_id)
        return
      case 'split':
      case 'merge':
        resolution.pair(core, this.#market(command.instrument), command)
        return
      case 'mark': {
        const market = this.#market(command.instrument)
        market.mark_ticks = command.mark_ticks
        market.oracle_ticks = command.oracle_ticks
        core.marginDirty = true
        return
      }
      case 'open-interest-cap':
        this.#market(command.instrument).open_interest_cap_lots = command.cap_lots
        return
      case 'funding':
        fund(core, this.#market(command.instrument), command.rate_1e9)
        core.marginDirty = true
        return
      case 'leverage':
        this.#leverage(command.account_id, command.instrument, command.leverage)
        return
      default:
        unreachable(command)
        return
    }
  }

  #trim(): void {
    const core = this.#core
    if (core.dirty.length === 0) return
    for (const seat of core.dirty) this.#orders.trimReduceOnly(seat)
    core.dirty = []
  }

  #leverage(account_id: AccountId, name: string, leverage: number): void {
    const core = this.#core
    const market = this.#market(name)
    const refuse = (code: EntryReject, needed: bigint | null, free: bigint | null) =>
      core.emit({
        type: 'rejected',
        account_id,
        command: 'leverage',
        order_id: null,
        code,
        needed_1e8: needed,
        free_1e8: free,
      })
    const { leverage_max, kind } = market.instrument
    if (kind !== 'perp' || leverage < 1 || leverage > leverage_max) {
      refuse('bad-request', null, null)
      return
    }
    const seat = core.seat(this.#account(account_id), market)
    if (seat.margin === 'isolated' && seat.position_lots !== 0) {
      refuse('unsupported-order', null, null)
      return
    }
    const short = leverageShortage(core, seat, leverage)
    if (short !== null) {
      refuse('insufficient-balance', short.needed_1e8, short.free_1e8)
      return
    }
    seat.leverage = leverage
    rehold(core, seat)
  }

  #expire(): void {
    const core = this.#core
    for (;;) {
      const order_id = core.expiries.due(core.ts_us)
      if (order_id === undefined) return
      this.#orders.cancel(core.slots.get(order_id), 'expired')
    }
  }

  #marketState(name: string, state: MarketState, cancel_resting: boolean): void {
    const market = this.#market(name)
    market.state = state
    this.#core.emit({ type: 'market-state', instrument: name, state })
    if (!cancel_resting) return
    const reason = state === 'closed' ? 'market-closed' : 'market-state'
    for (const slot of resolution.restingOf(this.#core, market)) this.#orders.cancel(slot, reason)
  }

  #transfer(account_id: AccountId, asset: string, amount_1e8: bigint): void {
    const core = this.#core
    const number = core.ledger.asset(asset)
    const balance = core.ledger.balance(account_id, number)
    const unreserved = balance.total_1e8 - balance.reserved_1e8
    const free = smaller(unreserved, available(core, this.#account(account_id), number))
    if (amount_1e8 < 0n && -amount_1e8 > free && account_id !== 0) {
      core.emit({
        type: 'rejected',
        account_id,
        command: 'transfer',
        order_id: null,
        code: 'insufficient-balance',
        needed_1e8: -amount_1e8,
        free_1e8: free,
      })
      return
    }
    core.ledger.external_1e8[number] = (core.ledger.external_1e8[number] as bigint) + amount_1e8
    core.post(account_id, number, balance, amount_1e8, 'transfer')
  }

  #cancel(account_id: AccountId, order_id: OrderId): void {
    const core = this.#core
    const slot = this.#orders.find(this.#account(account_id), order_id)
    const seat = slot < 0 ? undefined : core.seats[core.store.owner(slot)]
    const code = seat === undefined ? 'unknown-order' : cancelRefusal(seat.market)
    if (code === undefined) this.#orders.cancel(slot, 'cancelled')
    else this.#orders.reject('cancel', account_id, order_id, code)
  }

  #cancelAll(account_id: AccountId, instrument: string | null): void {
    const core = this.#core
    const account = this.#account(account_id)
    const number = instrument === null ? -1 : core.marketNumbers.get(instrument)
    if (number === undefined) {
      this.#orders.reject('cancel-all', account_id, null, 'unknown-instrument')
      return
    }
    const only = core.markets[number]
    const code = only === undefined ? undefined : cancelRefusal(only)
    if (code !== undefined) {
      this.#orders.reject('cancel-all', account_id, null, code)
      return
    }
    for (const order_id of this.#openIds(account, only)) {
      const slot = core.slots.get(order_id)
      const seat = core.seats[core.store.owner(slot)] as Seat
      if (cancelRefusal(seat.market) === undefined) this.#orders.cancel(slot, 'cancelled')
    }
  }

  /** Ids of an account's open orders, oldest first. */
  #openIds(account: AccountRecord, market: Market | undefined): number[] {
    const ids: number[] = []
    for (const seat of account.seats.values()) {
      if (market !== undefined && seat.market !== market) continue
      for (let slot = seat.head; slot >= 0; slot = this.#core.store.seatNext(slot)) {
        ids.push(this.#core.store.id(slot))
      }
    }
    return ids.sort((a, b) => a - b)
  }

  #account(account_id: AccountId): AccountRecord {
    return this.#core.accounts[account_id] as AccountRecord
  }

  #market(name: string): Market {
    const number = this.#core.marketNumbers.get(name)
    if (number === undefined) throw unknownInstrument(name)
    return this.#core.markets[number] as Market
  }

  /** A resting order, or `undefined` when it never existed or is done. */
  order(order_id: OrderId): OrderView | undefined {
    const slot = this.#core.slots.get(order_id)
    return slot < 0 ? undefined : this.#view(slot)
  }

  /** An account's resting orders, oldest first. */
  openOrders(account_id: AccountId, instrument?: string): OrderView[] {
    const account = this.#account(account_id)
    if (account === undefined) return []
    const market = instrument === undefined ? undefined : this.#market(instrument)
    return this.#openIds(account, market).map((id) => this.#view(this.#core.slots.get(id)))
  }

  #view(slot: number): OrderView {
    const core = this.#core
    const { store } = core
    const seat = core.seats[store.owner(slot)] as Seat
    const flags = store.flags(slot)
    const order_id = store.id(slot)
    const filled_lots = core.store.filled(slot)
    const remaining_lots = store.remaining(slot)
    return {
      order_id,
      account_id: seat.account.id,
      instrument: seat.market.instrument.venue_symbol,
      side: sideName(seat.market.book.sideOf(slot)),
      price_ticks: seat.market.book.priceOf(slot),
      qty_lots: filled_lots + remaining_lots,
      filled_lots,
      remaining_lots,
      time_in_force: timeInForceOf(flags),
      expire_ts_us: core.expiries.get(order_id) ?? null,
      post_only: postOnlyOf(flags),
      reduce_only: (flags & REDUCE_ONLY) !== 0,
      leg: (flags & LEG_NO) !== 0 ? 'NO' : 'YES',
      hold_1e8: core.holdOf(slot),
    }
  }

  /** What an account has of an asset; zeros when it never had any. */
  balance(account_id: AccountId, asset: string): BalanceView {
    const { ledger } = this.#core
    const balance = ledger.peek(account_id, ledger.knownAsset(asset) ?? -1)
    if (balance === undefined) return { total_1e8: 0n, reserved_1e8: 0n, free_1e8: 0n }
    const { total_1e8, reserved_1e8 } = balance
    return { total_1e8, reserved_1e8, free_1e8: total_1e8 - reserved_1e8 }
  }

  /** Every asset an account has used, in order of the exchange's first use. */
  balances(account_id: AccountId): (BalanceView & { readonly asset: string })[] {
    return this.#core.ledger.assets
      .filter((_, number) => this.#core.ledger.peek(account_id, number) !== undefined)
      .map((asset) => ({ asset, ...this.balance(account_id, asset) }))
  }

  /** Position of an account at a market; zeros when it never traded there. */
  position(account_id: AccountId, instrument: string): PositionView {
    const seat = this.#account(account_id)?.seats.get(this.#market(instrument).number)
    return {
      qty_lots: seat?.position_lots ?? 0,
      cost_1e8: seat?.cost_1e8 ?? 0n,
      realized_1e8: seat?.realized_1e8 ?? 0n,
      committed_lots: seat?.committed_lots ?? 0,
      no_lots: seat?.no_lots ?? 0,
      no_cost_1e8: seat?.no_cost_1e8 ?? 0n,
      no_realized_1e8: seat?.no_realized_1e8 ?? 0n,
      no_committed_lots: seat?.no_committed_lots ?? 0,
      leverage: seat?.leverage ?? 1,
      margin: seat?.margin ?? 'cross',
      isolated_1e8: seat?.isolated_1e8 ?? 0n,
      profit_1e8: seat === undefined ? 0n : openProfit(seat),
    }
  }

  /** Best price levels, best first; all when `levels` is absent. */
  depth(instrument: string, levels = Number.POSITIVE_INFINITY): DepthView {
    const market = this.#market(instrument)
    return {
      book_seq: market.book_seq,
      bids: this.#levels(market.book.bids.best, levels),
      asks: this.#levels(market.book.asks.best, levels),
    }
  }

  #levels(best: number, most: number): LevelView[] {
    const { store } = this.#core
    const views: LevelView[] = []
    for (let at = best; at >= 0 && views.length < most; at = store.worse(at)) {
      views.push({
        price_ticks: store.price(at),
        qty_lots: store.total(at),
        orders: store.orders(at),
      })
    }
    return views
  }

  /** Best level of each side. */
  l1(instrument: string): TouchView {
    const { bids, asks } = this.depth(instrument, 1)
    return { bid: bids[0] ?? null, ask: asks[0] ?? null }
  }

  /** Every resting order, best price first, then time. */
  l3(instrument: string): QueueView {
    const { book } = this.#market(instrument)
    return { bids: this.#queue(book.bids.best), asks: this.#queue(book.asks.best) }
  }

  #queue(best: number): QueuedOrder[] {
    const core = this.#core
    const { store } = core
    const orders: QueuedOrder[] = []
    for (let level = best; level >= 0; level = store.worse(level)) {
      for (let slot = store.head(level); slot >= 0; slot = store.next(slot)) {
        orders.push({
          order_id: store.id(slot),
          account_id: (core.seats[store.owner(slot)] as Seat).account.id,
          price_ticks: store.price(level),
          remaining_lots: store.remaining(slot),
        })
      }
    }
    return orders
  }

  /** Lots ahead of a resting order at its price, or `undefined` when it does not rest. */
  queueAhead(order_id: OrderId): number | undefined {
    const core = this.#core
    const slot = core.slots.get(order_id)
    if (slot < 0) return undefined
    return (core.seats[core.store.owner(slot)] as Seat).market.book.ahead(slot)
  }

  /** A venue's checksum over the top of a book. */
  checksum<T>(instrument: string, levels: number, sum: Checksum<T>): T {
    return sum(this.depth(instrument, levels), this.#market(instrument).instrument)
  }

  marketState(instrument: string): MarketState {
    return this.#market(instrument).state
  }

  /** A listed instrument by its `venue_symbol`, or `undefined`. */
  instrument(name: string): Instrument | undefined {
    return this.#core.markets[this.#core.marketNumbers.get(name) ?? -1]?.instrument
  }

  /** Every listed instrument, in order of listing. */
  instruments(): Instrument[] {
    return this.#core.markets.map(({ instrument }) => instrument)
  }

  /** Value of YES once determined, else null. */
  yesValue(instrument: string): number | null {
    return this.#market(instrument).yes_value_ticks
  }

  /** Mark and oracle price of a perp, in ticks; 0 before the first `mark`. */
  mark(instrument: string): { readonly mark_ticks: number; readonly oracle_ticks: number } {
    const { mark_ticks, oracle_ticks } = this.#market(instrument)
    return { mark_ticks, oracle_ticks }
  }

  /** Perp margin of an account in a cash asset. */
  margin(account_id: AccountId, asset: string): MarginView {
    return marginView(this.#core, this.#account(account_id), this.#core.ledger.asset(asset))
  }

  /** Bytes of the flat memory behind orders and levels, and behind their ids. */
  get bytes(): { readonly orders: number; readonly ids: number } {
    const { store, markets, slots } = this.#core
    const ladders = markets.map(({ book }) => book.bids.bytes + book.asks.bytes)
    return { orders: ladders.reduce((sum, bytes) => sum + bytes, store.bytes), ids: slots.bytes }
  }

  /** Accounts opened so far; their ids are 1 to this. */
  get accounts(): number {
    return this.#core.accounts.length - 1
  }

  /** Time of the last command. */
  get ts_us(): number {
    return this.#core.ts_us
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#core.seq
  }
}

function cancelRefusal(market: Market): 'venue-paused' | 'market-closed' | undefined {
  if (market.state === 'halted') return 'venue-paused'
  return market.state === 'closed' || market.state === 'determined' || market.state === 'settled'
    ? 'market-closed'
    : undefined
}
