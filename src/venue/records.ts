/**
 * Records: orders and fills as a client asks for them, built from the exchange's events.
 *
 * Pure: same events, same records. The engine forgets an order when it is done; venues answer about it
 * for much longer. Retention is bounded per account: the oldest done orders and fills go first, open
 * orders never. Orders of the house leave no records.
 *
 * @module
 */

import type {
  AccountId,
  DoneReason,
  ExchangeEvent,
  OrderId,
  TradeParty,
} from '../engine/command.js'
import { type Instrument, priceOf, qtyOf, type Side } from '../engine/instrument.js'
import type { Liquidity } from '../engine/order.js'
import { ForkMap } from './fork-map.js'
import type { PlaceInput, Plain } from './host-command.js'

/** What an order traded on one side of liquidity. */
export interface Traded {
  lots: number
  /** Cash that moved before fees. */
  quote_1e8: bigint
  fee_1e8: bigint
}

/** One order, open or done. Live object: read it, do not keep it across commands. */
export interface OrderRecord {
  readonly order_id: OrderId
  /** The venue's own text for it. */
  readonly id: string
  readonly account_id: AccountId
  readonly venue_symbol: string
  readonly side: Side
  readonly time_in_force: PlaceInput['time_in_force']
  readonly expire_ts_us: number | null
  readonly post_only: PlaceInput['post_only']
  readonly reduce_only: boolean
  readonly self_trade: PlaceInput['self_trade']
  readonly fee_in: PlaceInput['fee_in']
  readonly quote_budget_1e8: bigint | null
  readonly created_us: number
  /** null: market order. Changes when amended. */
  price_ticks: number | null
  /** Filled plus remaining; after an end, what was wanted last. 0 for market buys by quote amount. */
  qty_lots: number
  remaining_lots: number
  filled_lots: number
  /** Sum of price times quantity of the fills, unrounded, scale 1e17. */
  notional_1e17: bigint
  /** Cash that moved before fees, as booked. */
  quote_1e8: bigint
  fee_1e8: bigint
  /** Asset of `fee_1e8`; null before the first fill. */
  fee_asset: string | null
  readonly taker: Traded
  readonly maker: Traded
  client_order_id: string | null
  updated_us: number
  done_us: number | null
  status: 'open' | 'done'
  reason: DoneReason | null
  /** Whether it ever rested in the book. */
  rested: boolean
  amends: number
  /** Numbers of its fills, oldest first; look them up with `fill`. */
  readonly fills: number[]
  data: Plain
}

/** One side of one trade of a client. */
export interface FillRecord {
  /** Venue-wide, from 1. */
  readonly fill_no: number
  /** The venue's own text for it. */
  readonly id: string
  /** The same on both sides of the trade. */
  readonly trade_id: number
  readonly order_id: OrderId
  readonly account_id: AccountId
  readonly venue_symbol: string
  readonly side: Side
  readonly liquidity: Liquidity
  readonly price_ticks: number
  readonly qty_lots: number
  readonly quote_1e8: bigint
  readonly fee_1e8: bigint
  readonly fee_asset: string
  readonly ts_us: number
  /** Of the order, this fill included. */
  readonly cum_lots: number
  readonly cum_notional_1e17: bigint
  readonly cum_fee_1e8: bigint
  /** Its settlement failed: what it moved was moved back. The order still counts it as filled. */
  readonly failed?: true
}

/** What a private feed tells, in order. Records are live: read them while the event is delivered. */
export type AccountEvent =
  | { readonly type: 'accepted'; readonly order: OrderRecord; readonly ts_us: number }
  | {
      readonly type: 'rested'
      readonly order: OrderRecord
      readonly ts_us: number
      readonly queue_ahead_lots: number
    }
  | {
      readonly type: 'fill'
      readonly order: OrderRecord
      readonly fill: FillRecord
      readonly ts_us: number
    }
  | {
      readonly type: 'amended'
      readonly order: OrderRecord
      readonly ts_us: number
      readonly kept_place: boolean
    }
  | {
      readonly type: 'done'
      readonly order: OrderRecord
      readonly ts_us: number
      readonly reason: DoneReason
      readonly cancelled_lots: number
    }
  /** A fill told before was undone: its settlement failed. */
  | {
      readonly type: 'unsettled'
      readonly order: OrderRecord
      readonly fill: FillRecord
      readonly ts_us: number
    }

/** How many done orders and fills are kept per account. */
export interface Retention {
  readonly done_orders: number
  readonly fills: number
}

export interface RecordsOptions {
  readonly orderText: (order_id: OrderId) => string
  readonly fillText: (fill_no: number) => string
  readonly instrument: (venue_symbol: string) => Instrument
  readonly retention: Retention
}

interface AccountRecords {
  /** In order of making. */
  readonly open: ForkMap<OrderId, true>
  /** In order of ending. */
  readonly done: ForkMap<OrderId, true>
  readonly fills: ForkMap<number, FillRecord>
  /** Client id -> newest order that used it, while that order is kept. */
  readonly clientIds: ForkMap<string, OrderId>
}

/** All records at one moment. */
export interface RecordsState {
  readonly accounts: ForkMap<AccountId, AccountRecords>
  readonly orders: ForkMap<OrderId, OrderRecord>
  readonly texts: ForkMap<string, OrderId>
  readonly fills: ForkMap<number, FillRecord>
  readonly fillTexts: ForkMap<string, number>
  /** Open orders that expire. */
  readonly expiring: ForkMap<OrderId, number>
  fills_made: number
}

/** The same as plain data. */
export interface PlainRecords {
  readonly accounts: ReadonlyMap<
    AccountId,
    {
      readonly open: ReadonlyMap<OrderId, OrderRecord>
      readonly done: ReadonlyMap<OrderId, OrderRecord>
      readonly fills: ReadonlyMap<number, FillRecord>
      readonly clientIds: ReadonlyMap<string, OrderId>
    }
  >
  readonly fills_made: number
}

export class Records {
  readonly #options: RecordsOptions
  #state = emptyRecords()
  /** Earliest expiry of an open order; null: to be looked for. */
  #soonest_us: number | null = Number.POSITIVE_INFINITY

  constructor(options: RecordsOptions) {
    this.#options = options
  }

  /** Starts keeping records of an account. */
  open(account_id: AccountId): void {
    this.#state.accounts.set(account_id, emptyAccount())
  }

  order(order_id: OrderId): OrderRecord | undefined {
    return this.#state.orders.own(order_id, copyOrder)
  }

  /** The order of this account with the venue's text id. Orders of others are unknown. */
  byText(account_id: AccountId, id: string): OrderRecord | undefined {
    const order_id = this.#state.texts.get(id)
    const order = order_id === undefined ? undefined : this.order(order_id)
    return order?.account_id === account_id ? order : undefined
  }

  /** The newest kept order of this account with that client id, open or done. */
  byClientId(account_id: AccountId, client_order_id: string): OrderRecord | undefined {
    const order_id = this.#state.accounts.get(account_id)?.clientIds.get(client_order_id)
    return order_id === undefined ? undefined : this.order(order_id)
  }

  /** Open orders, oldest first. */
  openOrders(account_id: AccountId): OrderRecord[] {
    return this.#listed(this.#state.accounts.get(account_id)?.open)
  }

  openCount(account_id: AccountId, venue_symbol?: string): number {
    const open = this.#state.accounts.get(account_id)?.open
    if (open === undefined) return 0
    if (venue_symbol === undefined) return open.size
    let count = 0
    for (const order_id of open.keys()) {
      if (this.#state.orders.get(order_id)?.venue_symbol === venue_symbol) count += 1
    }
    return count
  }

  /** Done orders still kept, in order of ending. */
  doneOrders(account_id: AccountId): OrderRecord[] {
    return this.#listed(this.#state.accounts.get(account_id)?.done)
  }

  /** Fills still kept, oldest first. */
  fills(account_id: AccountId): FillRecord[] {
    return [...(this.#state.accounts.get(account_id)?.fills.values() ?? [])]
  }

  fill(fill_no: number): FillRecord | undefined {
    return this.#state.fills.get(fill_no)
  }

  fillByText(account_id: AccountId, id: string): FillRecord | undefined {
    const fill_no = this.#state.fillTexts.get(id)
    const fill = fill_no === undefined ? undefined : this.#state.fills.get(fill_no)
    return fill?.account_id === account_id ? fill : undefined
  }

  /** Earliest moment at which an open order expires; undefined: none does. */
  nextExpiry_us(): number | undefined {
    if (this.#soonest_us === null) {
      this.#soonest_us = Number.POSITIVE_INFINITY
      for (const expire_ts_us of this.#state.expiring.values()) {
        if (expire_ts_us < this.#soonest_us) this.#soonest_us = expire_ts_us
      }
    }
    return this.#soonest_us === Number.POSITIVE_INFINITY ? undefined : this.#soonest_us
  }

  /**
   * Takes one exchange event in.
   *
   * @param input - The order being placed, when the event is its `accepted`.
   * @returns What a private feed tells about it, oldest first.
   */
  take(event: ExchangeEvent, input: PlaceInput | null): AccountEvent[] {
    switch (event.type) {
      case 'accepted': {
        if (input === null) return []
        const records = this.#recordsOf(event.account_id)
        if (records === undefined) return []
        const order = this.#made(event, input)
        records.open.set(order.order_id, true)
        if (order.client_order_id !== null) {
          records.clientIds.set(order.client_order_id, order.order_id)
        }
        this.#state.orders.set(order.order_id, order)
        this.#state.texts.set(order.id, order.order_id)
        this.#expires(order)
        return [{ type: 'accepted', order, ts_us: event.ts_us }]
      }
      case 'trade':
        return [event.maker, event.taker].flatMap((party) => this.#traded(event, party))
      case 'rested': {
        const order = this.order(event.order_id)
        if (order === undefined) return []
        order.rested = true
        order.remaining_lots = event.remaining_lots
        order.price_ticks = event.price_ticks
        const { ts_us, queue_ahead_lots } = event
        return [{ type: 'rested', order, ts_us, queue_ahead_lots }]
      }
      case 'amended': {
        const order = this.order(event.order_id)
        if (order === undefined) return []
        order.price_ticks = event.price_ticks
        order.remaining_lots = event.remaining_lots
        order.qty_lots = order.filled_lots + event.remaining_lots
        order.updated_us = event.ts_us
        order.amends += 1
        return [{ type: 'amended', order, ts_us: event.ts_us, kept_place: event.kept_place }]
      }
      case 'done': {
        const order = this.order(event.order_id)
        const records = order === undefined ? undefined : this.#recordsOf(event.account_id)
        if (order === undefined || records === undefined) return []
        order.status = 'done'
        order.reason = event.reason
        order.done_us = event.ts_us
        order.updated_us = event.ts_us
        order.remaining_lots = 0
        if (
          this.#state.expiring.delete(order.order_id) &&
          order.expire_ts_us === this.#soonest_us
        ) {
          this.#soonest_us = null
        }
        records.open.delete(order.order_id)
        records.done.set(order.order_id, true)
        this.#forgetOldest(records)
        const { ts_us, reason, cancelled_lots } = event
        return [{ type: 'done', order, ts_us, reason, cancelled_lots }]
      }
      default:
        return []
    }
  }

  /**
   * Marks the fill of an order in a trade as failed.
   *
   * @returns What a private feed tells; nothing when the fill is not kept any more.
   */
  fail(order_id: OrderId, trade_id: number, ts_us: number): AccountEvent[] {
    const order = this.order(order_id)
    const known = order?.fills
      .map((fill_no) => this.#state.fills.get(fill_no))
      .find((fill) => fill?.trade_id === trade_id)
    if (order === undefined || known === undefined) return []
    const fill: FillRecord = { ...known, failed: true }
    this.#recordsOf(order.account_id)?.fills.set(fill.fill_no, fill)
    this.#state.fills.set(fill.fill_no, fill)
    order.updated_us = ts_us
    return [{ type: 'unsettled', order, fill, ts_us }]
  }

  /** Gives an order another client id; the old one is free again. */
  rename(order: OrderRecord, client_order_id: string | null): void {
    const ids = this.#recordsOf(order.account_id)?.clientIds
    if (ids === undefined) return
    if (order.client_order_id !== null && ids.get(order.client_order_id) === order.order_id) {
      ids.delete(order.client_order_id)
    }
    order.client_order_id = client_order_id
    if (client_order_id !== null) ids.set(client_order_id, order.order_id)
  }

  /** The records as they are; later changes do not touch the answer. */
  fork(): RecordsState {
    return forkRecords(this.#state)
  }

  /** Back to what {@link fork} answered, any number of times. */
  load(state: RecordsState): void {
    this.#state = forkRecords(state)
    this.#soonest_us = null
  }

  /** Of the account, to be changed. */
  #recordsOf(account_id: AccountId): AccountRecords | undefined {
    return this.#state.accounts.own(account_id, forkAccount)
  }

  #listed(ids: ForkMap<OrderId, true> | undefined): OrderRecord[] {
    const listed: OrderRecord[] = []
    for (const order_id of ids?.keys() ?? []) {
      const order = this.order(order_id)
      if (order !== undefined) listed.push(order)
    }
    return listed
  }

  #expires({ order_id, expire_ts_us }: OrderRecord): void {
    if (expire_ts_us === null) return
    this.#state.expiring.set(order_id, expire_ts_us)
    if (this.#soonest_us !== null) this.#soonest_us = Math.min(this.#soonest_us, expire_ts_us)
  }

  #made(event: Extract<ExchangeEvent, { type: 'accepted' }>, input: PlaceInput): OrderRecord {
    return {
      order_id: event.order_id,
      id: this.#options.orderText(event.order_id),
      account_id: event.account_id,
      venue_symbol: event.instrument,
      side: event.side,
      time_in_force: input.time_in_force,
      expire_ts_us: input.expire_ts_us,
      post_only: input.post_only,
      reduce_only: input.reduce_only,
      self_trade: input.self_trade,
      fee_in: input.fee_in,
      quote_budget_1e8: input.quote_budget_1e8,
      created_us: event.ts_us,
      price_ticks: event.price_ticks,
      qty_lots: input.qty_lots,
      remaining_lots: event.qty_lots,
      filled_lots: 0,
      notional_1e17: 0n,
      quote_1e8: 0n,
      fee_1e8: 0n,
      fee_asset: null,
      taker: { lots: 0, quote_1e8: 0n, fee_1e8: 0n },
      maker: { lots: 0, quote_1e8: 0n, fee_1e8: 0n },
      client_order_id: input.client_order_id,
      updated_us: event.ts_us,
      done_us: null,
      status: 'open',
      reason: null,
      rested: false,
      amends: 0,
      fills: [],
      data: input.data,
    }
  }

  #traded(event: Extract<ExchangeEvent, { type: 'trade' }>, party: TradeParty): AccountEvent[] {
    const order = this.order(party.order_id)
    const records = order === undefined ? undefined : this.#recordsOf(party.account_id)
    if (order === undefined || records === undefined) return []
    const instrument = this.#options.instrument(event.instrument)
    order.filled_lots += event.qty_lots
    order.remaining_lots = party.remaining_lots
    order.notional_1e17 +=
      priceOf(instrument, event.price_ticks) * qtyOf(instrument, event.qty_lots)
    order.quote_1e8 += party.quote_1e8
    order.fee_1e8 += party.fee_1e8
    order.fee_asset = party.fee_asset
    order.updated_us = event.ts_us
    const traded = party.liquidity === 'taker' ? order.taker : order.maker
    traded.lots += event.qty_lots
    traded.quote_1e8 += party.quote_1e8
    traded.fee_1e8 += party.fee_1e8
    const state = this.#state
    state.fills_made += 1
    const fill: FillRecord = {
      fill_no: state.fills_made,
      id: this.#options.fillText(state.fills_made),
      trade_id: event.trade_id,
      order_id: party.order_id,
      account_id: party.account_id,
      venue_symbol: event.instrument,
      side: party.side,
      liquidity: party.liquidity,
      price_ticks: event.price_ticks,
      qty_lots: event.qty_lots,
      quote_1e8: party.quote_1e8,
      fee_1e8: party.fee_1e8,
      fee_asset: party.fee_asset,
      ts_us: event.ts_us,
      cum_lots: order.filled_lots,
      cum_notional_1e17: order.notional_1e17,
      cum_fee_1e8: order.fee_1e8,
    }
    order.fills.push(fill.fill_no)
    records.fills.set(fill.fill_no, fill)
    state.fills.set(fill.fill_no, fill)
    state.fillTexts.set(fill.id, fill.fill_no)
    if (records.fills.size > this.#options.retention.fills) {
      const [oldest] = records.fills.values()
      if (oldest !== undefined) {
        records.fills.delete(oldest.fill_no)
        state.fills.delete(oldest.fill_no)
        state.fillTexts.delete(oldest.id)
      }
    }
    return [{ type: 'fill', order, fill, ts_us: event.ts_us }]
  }

  #forgetOldest(records: AccountRecords): void {
    if (records.done.size <= this.#options.retention.done_orders) return
    const [order_id = -1] = records.done.keys()
    const oldest = this.#state.orders.get(order_id)
    if (oldest === undefined) return
    records.done.delete(order_id)
    this.#state.orders.delete(order_id)
    this.#state.texts.delete(oldest.id)
    const { client_order_id } = oldest
    if (client_order_id !== null && records.clientIds.get(client_order_id) === order_id) {
      records.clientIds.delete(client_order_id)
    }
  }
}

/** Records as plain data, e.g. to be written down. */
export function plainRecords({ accounts, orders, fills_made }: RecordsState): PlainRecords {
  const ordersOf = (ids: ForkMap<OrderId, true>) =>
    new Map([...ids.keys()].map((id) => [id, orders.get(id) as OrderRecord]))
  const plain = ({ open, done, fills, clientIds }: AccountRecords) => ({
    open: ordersOf(open),
    done: ordersOf(done),
    fills: new Map(fills),
    clientIds: new Map(clientIds),
  })
  return {
    accounts: new Map([...accounts].map(([id, records]) => [id, plain(records)])),
    fills_made,
  }
}

/** Records of plain data. Takes ownership of the data: hand in a copy. */
export function recordsOf({ accounts, fills_made }: PlainRecords): RecordsState {
  const state = { ...emptyRecords(), fills_made }
  for (const [account_id, { open, done, fills, clientIds }] of accounts) {
    const records = emptyAccount()
    state.accounts.set(account_id, records)
    for (const order of [...done.values(), ...open.values()]) {
      const { order_id, id, status, expire_ts_us } = order
      state.orders.set(order_id, order)
      state.texts.set(id, order_id)
      if (status === 'open') records.open.set(order_id, true)
      else records.done.set(order_id, true)
      if (status === 'open' && expire_ts_us !== null) state.expiring.set(order_id, expire_ts_us)
    }
    for (const [fill_no, fill] of fills) {
      records.fills.set(fill_no, fill)
      state.fills.set(fill_no, fill)
      state.fillTexts.set(fill.id, fill_no)
    }
    for (const [name, order_id] of clientIds) records.clientIds.set(name, order_id)
  }
  return state
}

const emptyAccount = (): AccountRecords => ({
  open: new ForkMap(),
  done: new ForkMap(),
  fills: new ForkMap(),
  clientIds: new ForkMap(),
})

const forkAccount = ({ open, done, fills, clientIds }: AccountRecords): AccountRecords => ({
  open: open.fork(),
  done: done.fork(),
  fills: fills.fork(),
  clientIds: clientIds.fork(),
})

const emptyRecords = (): RecordsState => ({
  accounts: new ForkMap(),
  orders: new ForkMap(),
  texts: new ForkMap(),
  fills: new ForkMap(),
  fillTexts: new ForkMap(),
  expiring: new ForkMap(),
  fills_made: 0,
})

const forkRecords = (state: RecordsState): RecordsState => ({
  accounts: state.accounts.fork(),
  orders: state.orders.fork(),
  texts: state.texts.fork(),
  fills: state.fills.fork(),
  fillTexts: state.fillTexts.fork(),
  expiring: state.expiring.fork(),
  fills_made: state.fills_made,
})

/** Another record of the same order, to be changed apart from it. */
const copyOrder = (order: OrderRecord): OrderRecord => ({
  ...order,
  taker: { ...order.taker },
  maker: { ...order.maker },
  fills: [...order.fills],
})
