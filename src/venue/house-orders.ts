/**
 * House orders: the accounts, money and resting orders of a venue's own liquidity.
 *
 * Changes only while the host carries a command out. `house.ts` works out the steps; this takes them.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, OrderId, PlaceCommand } from '../engine/command.js'
import type { Instrument, Side } from '../engine/instrument.js'
import type { ExchangePort } from './exchange-port.js'
import { ForkMap } from './fork-map.js'
import type { HostCommand, Untimed } from './host-command.js'
import { emptyHouseBook, type HouseBook, type HouseOrder, houseSteps } from './house.js'

/** Runs an engine command inside the running host command. */
type Run = (engine: Untimed<Command>) => readonly ExchangeEvent[]

/** What the house is given of each asset it needs, `_1e8`: more than any book here holds. */
const FUNDS_1e8 = 10n ** 20n

/** Where a resting order lies. */
interface Place {
  readonly symbol: string
  readonly side: Side
  readonly price_ticks: number
}

/** The house's orders at one moment. */
export interface HouseState {
  readonly books: ForkMap<string, HouseBook>
  readonly orders: ForkMap<OrderId, Place>
}

/** The same as plain data. */
export type PlainHouse = ReadonlyMap<
  string,
  {
    readonly buy: ReadonlyMap<number, readonly HouseOrder[]>
    readonly sell: ReadonlyMap<number, readonly HouseOrder[]>
  }
>

export class HouseOrders {
  readonly #exchange: ExchangePort
  /** The first two accounts of a venue: one rests, the other takes, so the house never meets itself. */
  readonly #accounts = { maker: 1, taker: 2 } as const
  #state: HouseState = { books: new ForkMap(), orders: new ForkMap() }

  constructor(exchange: ExchangePort) {
    this.#exchange = exchange
  }

  /** How many accounts must be opened before the first client's. */
  static readonly ACCOUNTS = 2

  owns(account_id: AccountId): boolean {
    return account_id === this.#accounts.maker || account_id === this.#accounts.taker
  }

  /** A book for the instrument, and money to quote it with. The house's money is told to nobody. */
  list({ venue_symbol, kind, base, quote }: Instrument, ts_us: number): void {
    this.#state.books.set(venue_symbol, emptyHouseBook())
    for (const account_id of Object.values(this.#accounts)) {
      for (const asset of kind === 'spot' ? [base, quote] : [quote]) {
        this.#exchange.apply({ type: 'transfer', ts_us, account_id, asset, amount_1e8: FUNDS_1e8 })
      }
    }
  }

  /** Keeps the orders of the house in step with the exchange. */
  take(event: ExchangeEvent): void {
    switch (event.type) {
      case 'accepted':
        if (!this.owns(event.account_id) || event.price_ticks === null) return
        this.#state.orders.set(event.order_id, {
          symbol: event.instrument,
          side: event.side,
          price_ticks: event.price_ticks,
        })
        return
      case 'rested':
        this.#lots(event.order_id, event.remaining_lots)
        return
      case 'amended':
        this.#lots(event.order_id, event.remaining_lots)
        return
      case 'trade':
        this.#lots(event.maker.order_id, event.maker.remaining_lots)
        return
      case 'done':
        this.#lots(event.order_id, 0)
        this.#state.orders.delete(event.order_id)
        return
      default:
        return
    }
  }

  #lots(order_id: OrderId, lots: number): void {
    const place = this.#state.orders.get(order_id)
    if (place === undefined) return
    const levels = this.#state.books.own(place.symbol, forkBook)?.[place.side]
    if (levels === undefined) return
    const orders = levels.get(place.price_ticks) ?? []
    const known = orders.some((order) => order.order_id === order_id)
    const now = known
      ? orders.map((order) => (order.order_id === order_id ? { order_id, lots } : order))
      : [...orders, { order_id, lots }]
    const left = now.filter((order) => order.lots > 0)
    if (left.length > 0) levels.set(place.price_ticks, left)
    else levels.delete(place.price_ticks)
  }

  /** Makes the house's levels these. */
  setDepth(command: Extract<HostCommand, { type: 'depth' }>, run: Run): void {
    const { venue_symbol } = command
    const { maker: account_id } = this.#accounts
    const book = this.#state.books.get(venue_symbol)
    if (book === undefined) throw new Error(`${venue_symbol} is not listed; list it first.`)
    for (const step of houseSteps(book, command)) {
      if (step.type === 'cancel') run({ type: 'cancel', account_id, order_id: step.order_id })
      else if (step.type === 'shrink') {
        const { order_id, price_ticks, lots: remaining_lots } = step
        run({ type: 'amend', account_id, order_id, price_ticks, remaining_lots })
      } else this.#place({ venue_symbol, account_id, ...step }, 'gtc', run)
    }
  }

  #place(
    order: {
      venue_symbol: string
      account_id: AccountId
      side: Side
      price_ticks: number
      lots: number
    },
    time_in_force: 'gtc' | 'ioc',
    run: Run,
  ): void {
    const postOnly = this.#exchange.marketState(order.venue_symbol) === 'post-only'
    const place: Untimed<PlaceCommand> = {
      type: 'place',
      account_id: order.account_id,
      instrument: order.venue_symbol,
      side: order.side,
      price_ticks: order.price_ticks,
      qty_lots: order.lots,
      quote_budget_1e8: null,
      time_in_force,
      expire_ts_us: null,
      post_only: postOnly ? 'reject' : 'no',
      reduce_only: false,
      self_trade: 'cancel-maker',
      fee_in: 'quote',
      margin: 'cross',
    }
    run(place)
  }

  /** See `VenueAdmin.print`. What the house quotes through the printed price is pulled first. */
  print(command: Extract<HostCommand, { type: 'print' }>, run: Run): void {
    const { venue_symbol, price_ticks, qty_lots, taker_side } = command
    const book = this.#state.books.get(venue_symbol)
    if (book === undefined) throw new Error(`${venue_symbol} is not listed; list it first.`)
    const { maker, taker } = this.#accounts
    const makerSide: Side = taker_side === 'buy' ? 'sell' : 'buy'
    const better = (price: number) =>
      taker_side === 'buy' ? price < price_ticks : price > price_ticks
    const worse = (price: number) => price !== price_ticks && !better(price)
    const met = (price: number) =>
      taker_side === 'buy' ? price >= price_ticks : price <= price_ticks
    // Only where the best price says so is there something to pull; a deep book is not read for it.
    const { bid_ticks, ask_ticks } = this.#exchange.best(venue_symbol)
    const [best, other] = makerSide === 'sell' ? [ask_ticks, bid_ticks] : [bid_ticks, ask_ticks]
    const pulled = [
      ...(best !== null && better(best) ? ordersAt(book[makerSide], better) : []),
      ...(other !== null && met(other) ? ordersAt(book[taker_side], met) : []),
    ]
    for (const order_id of pulled) run({ type: 'cancel', account_id: maker, order_id })
    const resting = this.#restingTo(venue_symbol, makerSide, (price) => !worse(price))
    if (resting < qty_lots) {
      const missing = { venue_symbol, account_id: maker, side: makerSide, price_ticks }
      this.#place({ ...missing, lots: qty_lots - resting }, 'gtc', run)
    }
    const all = { venue_symbol, account_id: taker, side: taker_side, price_ticks }
    this.#place({ ...all, lots: qty_lots }, 'ioc', run)
  }

  /** Lots that rest from the best price on, as long as prices are `within`; a deep book is not read whole. */
  #restingTo(symbol: string, side: Side, within: (price: number) => boolean): number {
    for (let limit = 16; ; limit *= 4) {
      const levels = this.#exchange.levels(symbol, side, limit)
      const last = levels.at(-1)
      if (levels.length === limit && last !== undefined && within(last[0])) continue
      return levels.reduce((sum, [price, lots]) => (within(price) ? sum + lots : sum), 0)
    }
  }

  /** The orders as they are; later changes do not touch the answer. */
  fork(): HouseState {
    return forkHouse(this.#state)
  }

  /** Back to what {@link fork} answered, any number of times. */
  load(state: HouseState): void {
    this.#state = forkHouse(state)
  }
}

/** Orders of one side at the prices that are `within`. */
const ordersAt = (side: HouseBook['buy'], within: (price: number) => boolean): OrderId[] =>
  [...side].flatMap(([price, orders]) =>
    within(price) ? orders.map(({ order_id }) => order_id) : [],
  )

const forkBook = ({ buy, sell }: HouseBook): HouseBook => ({ buy: buy.fork(), sell: sell.fork() })

const forkHouse = ({ books, orders }: HouseState): HouseState => ({
  books: books.fork(),
  orders: orders.fork(),
})

/** The house as plain data, e.g. to be written down. */
export const plainHouse = ({ books }: HouseState): PlainHouse =>
  new Map(
    [...books].map(([symbol, { buy, sell }]) => [
      symbol,
      { buy: new Map(buy), sell: new Map(sell) },
    ]),
  )

/** The house of plain data. */
export function houseOf(plain: PlainHouse): HouseState {
  const state: HouseState = { books: new ForkMap(), orders: new ForkMap() }
  for (const [symbol, sides] of plain) {
    const book = emptyHouseBook()
    state.books.set(symbol, book)
    for (const side of ['buy', 'sell'] as const) {
      for (const [price_ticks, orders] of sides[side]) {
        book[side].set(price_ticks, orders)
        for (const { order_id } of orders) state.orders.set(order_id, { symbol, side, price_ticks })
      }
    }
  }
  return state
}
