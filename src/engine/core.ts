/**
 * Core: the state of one exchange and the few motions every part of it uses: emit an event, move money,
 * reserve and release it.
 *
 * Internal to the engine; `exchange.ts` is the door. A `Seat` is one account at one market: its position,
 * its live balances and its open orders; a resting order's owner is the number of its seat.
 *
 * @module
 */

import type { Book } from './book.js'
import type { DoneReason, ExchangeEvent, MarketState, MoneyRules } from './command.js'
import { Expiries } from './expiry.js'
import { REDUCE_ONLY } from './flags.js'
import type { TickBand } from './grid.js'
import { IdMap } from './id-map.js'
import type { Instrument, Side } from './instrument.js'
import { type Balance, Ledger } from './ledger.js'
import type { Money } from './money.js'
import type { Liquidity } from './order.js'
import { BookStore } from './store.js'
import { larger } from './units.js'

export const sideName = (side: number): Side => (side === 0 ? 'buy' : 'sell')

export interface AccountRecord {
  readonly id: number
  readonly stp_group: number | null
  /** What self-trade prevention compares: equal for accounts of one group. */
  readonly group: number
  /** By market number. */
  readonly seats: Map<number, Seat>
  /** Perps by cash asset. */
  readonly margins: Map<number, Margin>
}

/** Perps of one account in one cash asset. */
export interface Margin {
  /** Initial margin of resting orders. */
  held_1e8: bigint
  readonly seats: Seat[]
}

export interface Market {
  readonly number: number
  instrument: Instrument
  readonly money: Money
  readonly book: Book
  readonly quote: number
  readonly base: number
  /** Ticks of one unit of quote; event markets only, else 0. */
  readonly one_ticks: number
  readonly min_lots: number
  /** Smallest allowed ticks times lots. */
  readonly min_tick_lots: number
  bands: readonly TickBand[]
  state: MarketState
  book_seq: number
  low_ticks: number | null
  high_ticks: number | null
  /** Event markets: value of YES once determined. */
  yes_value_ticks: number | null
  /** Settled by claim: positions stay until redeemed. */
  claimable: boolean
  mark_ticks: number
  oracle_ticks: number
  /** Perps: most lots that may be open on one side; null: no cap. */
  open_interest_cap_lots: number | null
  /** Cash behind open event contracts, or what perp traders' realized profits came to (negative: paid out). */
  pool_1e8: bigint
  /** Sum of absolute positions of all seats. */
  position_lots: number
  readonly seats: Seat[]
}

export interface Seat {
  readonly number: number
  readonly account: AccountRecord
  readonly market: Market
  readonly quote: Balance
  readonly base: Balance
  /** Signed; with separate event tokens the YES tokens. */
  position_lots: number
  /** What the open position cost; perps: entry notional, always positive. */
  cost_1e8: bigint
  realized_1e8: bigint
  /** Lots of the position promised to resting orders that close it. */
  committed_lots: number
  /** Separate event tokens only: the NO side. */
  no_lots: number
  no_cost_1e8: bigint
  no_realized_1e8: bigint
  no_committed_lots: number
  /** Open orders, chained through the store's `seatNext` and `seatPrev`. */
  head: number
  orders: number
  reduce_only_orders: number
  leverage: number
  margin: 'cross' | 'isolated'
  /** Perps: margin set aside for this position. */
  isolated_1e8: bigint
}

/** The order being handled: a taker, or about to rest. */
export interface Draft {
  order_id: number
  market: Market
  seat: Seat
  side: 0 | 1
  /** Effective limit in ticks; null: market order. */
  price_ticks: number | null
  qty_lots: number
  remaining_lots: number
  filled_lots: number
  flags: number
  carry_1e8: bigint
  /** Whether what does not trade stays in the book. */
  rests: boolean
  expire_ts_us: number | null
  /** An amended order's own hold and cover, which may pay for it. */
  credit_1e8: bigint
  credit_lots: number
  /** What the rest of it must hold, where the funds check has found that out already. */
  hold_1e8: bigint | null
}

export interface Shortage {
  readonly needed_1e8: bigint
  readonly free_1e8: bigint
}

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
/** An event before it has its number and time. */
export type Fact = Without<ExchangeEvent, 'seq' | 'ts_us'>
export type BalanceCause = Extract<ExchangeEvent, { type: 'balance' }>['cause']

export class Core {
  readonly rules: MoneyRules
  store = new BookStore('exchange')
  ledger = new Ledger()
  accounts: AccountRecord[] = []
  markets: Market[] = []
  marketNumbers = new Map<string, number>()
  seats: Seat[] = []
  /** Slot of every resting order, by order id. */
  slots = new IdMap()

  /** Holds beyond 2^53 - 1, by order id. */
  bigHolds = new Map<number, bigint>()
  /** Fee accumulators that are not zero, by order id. */
  carries = new Map<number, bigint>()
  /** Expiry of resting GTD orders, by order id. */
  expiries = new Expiries()

  ts_us = 0
  seq = 0
  last_order = 0
  last_trade = 0
  events: ExchangeEvent[] = []
  /** Seats whose reduce-only orders must be looked at when the command ends. */
  dirty: Seat[] = []
  /** Whether margins must be looked at when the command ends. */
  marginDirty = false

  constructor(rules: MoneyRules) {
    this.rules = rules
  }

  emit(fact: Fact): void {
    this.seq += 1
    this.events.push({ ...fact, seq: this.seq, ts_us: this.ts_us } as ExchangeEvent)
  }

  /** Number of the next event. */
  next(): number {
    this.seq += 1
    return this.seq
  }

  // The frequent events are built whole: copying a fact to add two fields costs more than the rest of an order.

  level(market: Market, side: number, price_ticks: number, qty_lots: number): void {
    market.book_seq += 1
    this.events.push({
      type: 'level',
      seq: this.next(),
      ts_us: this.ts_us,
      instrument: market.instrument.venue_symbol,
      book_seq: market.book_seq,
      side: sideName(side),
      price_ticks,
      qty_lots,
    })
  }

  done(
    seat: Seat,
    order_id: number,
    reason: DoneReason,
    filled_lots: number,
    cancelled_lots: number,
  ): void {
    this.events.push({
      type: 'done',
      seq: this.next(),
      ts_us: this.ts_us,
      account_id: seat.account.id,
      order_id,
      reason,
      filled_lots,
      cancelled_lots,
    })
  }

  /** Changes a trader's total, which the caller books on another account as well, and tells it. */
  post(
    account: number,
    asset: number,
    balance: Balance,
    change: bigint,
    cause: BalanceCause,
  ): void {
    if (change === 0n) return
    balance.total_1e8 += change
    if (account === 0) return
    this.events.push({
      type: 'balance',
      seq: this.next(),
      ts_us: this.ts_us,
      account_id: account,
      asset: this.ledger.assets[asset] as string,
      total_1e8: balance.total_1e8,
      reserved_1e8: balance.reserved_1e8,
      change_1e8: change,
      cause,
    })
  }

  /** Perp margin of an account in a cash asset; made on first use. */
  marginOf(account: AccountRecord, asset: number): Margin {
    const known = account.margins.get(asset)
    if (known !== undefined) return known
    const made = { held_1e8: 0n, seats: [] }
    account.margins.set(asset, made)
    return made
  }

  /** The venue's clearing of a perp: what closed positions lost comes in, what they made goes out. */
  clear(market: Market, change: bigint): void {
    market.pool_1e8 += change
    this.venue(market.quote, change)
  }

  /** Gives to (or takes from) the venue's own account. */
  venue(asset: number, change: bigint): void {
    if (change !== 0n) this.ledger.balance(0, asset).total_1e8 += change
  }

  position(seat: Seat, leg: 'YES' | 'NO' | null): void {
    const base = {
      type: 'position',
      account_id: seat.account.id,
      instrument: seat.market.instrument.venue_symbol,
    } as const
    if (leg === 'NO') {
      this.emit({
        ...base,
        qty_lots: seat.no_lots,
        cost_1e8: seat.no_cost_1e8,
        realized_1e8: seat.no_realized_1e8,
        leg,
      })
      return
    }
    const fact = {
      ...base,
      qty_lots: seat.position_lots,
      cost_1e8: seat.cost_1e8,
      realized_1e8: seat.realized_1e8,
    }
    this.emit(leg === null ? fact : { ...fact, leg })
  }

  /**
   * Fee of one fill by the venue's rule, no more than the payer has free: what a resting order cannot pay
   * when small fills round up is the venue's loss, never a debt.
   */
  fee(input: {
    market: Market
    seat: Seat
    liquidity: Liquidity
    side: number
    price_ticks: number
    qty_lots: number
    fee_asset: number
    carry_1e8: bigint
  }): { readonly fee_1e8: bigint; readonly carry_1e8: bigint } {
    const { market, price_ticks, qty_lots } = input
    const price_1e9 = market.money.price_1e9(price_ticks)
    const qty_1e8 = market.money.qty_1e8(qty_lots)
    return this.rules.fee({
      instrument: market.instrument,
      account_id: input.seat.account.id,
      liquidity: input.liquidity,
      side: sideName(input.side),
      price_1e9,
      qty_1e8,
      notional_1e17: price_1e9 * qty_1e8,
      fee_asset: this.ledger.assets[input.fee_asset] as string,
      carry_1e8: input.carry_1e8,
    })
  }

  /** Cash kept for the fee of an order while it rests or arrives. `notional_1e8`: its price times size. */
  feeHold(
    market: Market,
    seat: Seat,
    price_ticks: number,
    qty_lots: number,
    notional_1e8: bigint = market.money.up(price_ticks, qty_lots),
  ): bigint {
    if (qty_lots === 0) return 0n
    return this.rules.feeHold({
      instrument: market.instrument,
      account_id: seat.account.id,
      notional_1e8,
      price_1e9: market.money.price_1e9(price_ticks),
      qty_1e8: market.money.qty_1e8(qty_lots),
    })
  }

  /**
   * What a resting order keeps for its fee: the venue's hold, or where the venue holds none but charges
   * makers, that fee, so that it can be paid.
   */
  restingFeeHold(
    market: Market,
    seat: Seat,
    side: number,
    price_ticks: number,
    qty_lots: number,
    notional_1e8: bigint = market.money.up(price_ticks, qty_lots),
  ): bigint {
    if (qty_lots === 0) return 0n
    const held = this.feeHold(market, seat, price_ticks, qty_lots, notional_1e8)
    if (held !== 0n) return held
    const { fee_1e8 } = this.fee({
      market,
      seat,
      liquidity: 'maker',
      side,
      price_ticks,
      qty_lots,
      fee_asset: market.quote,
      carry_1e8: 0n,
    })
    return larger(fee_1e8, 0n)
  }

  holdOf(slot: number): bigint {
    const small = this.store.hold(slot)
    if (small >= 0) return BigInt(small)
    return this.bigHolds.get(this.store.id(slot)) as bigint
  }

  setHold(slot: number, amount: bigint): void {
    const { store } = this
    if (store.hold(slot) < 0) this.bigHolds.delete(store.id(slot))
    if (amount <= MAX_SMALL) store.setHold(slot, Number(amount))
    else {
      store.setHold(slot, -1)
      this.bigHolds.set(store.id(slot), amount)
    }
  }

  /** Opens the next account. Single accounts and groups count on different sides of zero and never meet. */
  openAccount(stp_group: number | null): AccountRecord {
    const id = this.accounts.length
    const account = {
      id,
      stp_group,
      group: stp_group ?? -1 - id,
      seats: new Map(),
      margins: new Map(),
    }
    this.accounts.push(account)
    return account
  }

  /** The seat of an account at a market; made on first use. */
  seat(account: AccountRecord, market: Market): Seat {
    const known = account.seats.get(market.number)
    if (known !== undefined) return known
    const seat: Seat = {
      number: this.seats.length,
      account,
      market,
      quote: this.ledger.balance(account.id, market.quote),
      base: this.ledger.balance(account.id, market.base),
      position_lots: 0,
      cost_1e8: 0n,
      realized_1e8: 0n,
      committed_lots: 0,
      no_lots: 0,
      no_cost_1e8: 0n,
      no_realized_1e8: 0n,
      no_committed_lots: 0,
      head: -1,
      orders: 0,
      reduce_only_orders: 0,
      leverage: 1,
      margin: 'cross',
      isolated_1e8: 0n,
    }
    this.seats.push(seat)
    market.seats.push(seat)
    account.seats.set(market.number, seat)
    if (market.instrument.kind === 'perp') this.marginOf(account, market.quote).seats.push(seat)
    return seat
  }

  /** Enters a slot into its seat's list of open orders. */
  link(seat: Seat, slot: number): void {
    const { store } = this
    store.setSeatNext(slot, seat.head)
    store.setSeatPrev(slot, -1)
    if (seat.head >= 0) store.setSeatPrev(seat.head, slot)
    seat.head = slot
    seat.orders += 1
    if ((store.flags(slot) & REDUCE_ONLY) !== 0) seat.reduce_only_orders += 1
  }

  unlink(seat: Seat, slot: number): void {
    const { store } = this
    const next = store.seatNext(slot)
    const prev = store.seatPrev(slot)
    if (prev < 0) seat.head = next
    else store.setSeatNext(prev, next)
    if (next >= 0) store.setSeatPrev(next, prev)
    seat.orders -= 1
    if ((store.flags(slot) & REDUCE_ONLY) !== 0) seat.reduce_only_orders -= 1
  }

  /** Slots of a seat's open orders, oldest id first. */
  slotsOf(seat: Seat): number[] {
    const slots: number[] = []
    for (let slot = seat.head; slot >= 0; slot = this.store.seatNext(slot)) slots.push(slot)
    return slots.sort((a, b) => this.store.id(a) - this.store.id(b))
  }

  carryOf(order_id: number): bigint {
    return this.carries.size === 0 ? 0n : (this.carries.get(order_id) ?? 0n)
  }

  setCarry(order_id: number, carry_1e8: bigint): void {
    if (carry_1e8 !== 0n) this.carries.set(order_id, carry_1e8)
    else if (this.carries.size > 0) this.carries.delete(order_id)
  }
}

const MAX_SMALL = BigInt(Number.MAX_SAFE_INTEGER)
