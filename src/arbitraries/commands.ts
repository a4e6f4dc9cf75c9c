/**
 * Commands: model-based tests of a trading client or of the sandbox itself.
 *
 * The model is obviously right and knows little: the book that was set, and what each order asked for.
 * That is enough for the laws a trader relies on: nothing fills that nobody offered, nothing fills past
 * its limit or its size, and what is over stays over.
 *
 * @module
 */

import fc from 'fast-check'
import { parseDecimal } from '../engine/decimal.js'
import { type Book, books, type Market, type Order, orders } from './values.js'

/** What the model remembers. */
export interface TradingModel {
  book: Book
  /** Orders that were placed, in order. */
  readonly placed: { readonly order: Order; over: boolean }[]
}

/** What a command found out about one order. */
export interface OrderState {
  readonly status: string
  readonly filled_qty_1e8: bigint
  readonly avg_fill_price_1e9: bigint | null
}

/** The thing under test; the fixtures of `papervenue/vitest` fit with a few lines. */
export interface TradingReal<Handle = unknown> {
  setBook(book: Book): Promise<void>
  place(order: Order): Promise<{ readonly handle: Handle; readonly state: OrderState }>
  cancel(handle: Handle): Promise<OrderState>
  /** Handles of the orders placed, in order. */
  readonly handles: Handle[]
}

/** The model before the first command. */
export const tradingModel = (): TradingModel => ({ book: { bids: [], asks: [] }, placed: [] })

type Command = fc.AsyncCommand<TradingModel, TradingReal>

const OVER = new Set(['FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED'])
const at9 = (text: string): bigint => parseDecimal(text, 9) ?? 0n
const at8 = (text: string): bigint => parseDecimal(text, 8) ?? 0n

class SetBook implements Command {
  readonly book: Book
  constructor(book: Book) {
    this.book = book
  }
  check = (): boolean => true
  async run(model: TradingModel, real: TradingReal): Promise<void> {
    await real.setBook(this.book)
    model.book = this.book
  }
  toString = (): string => `setBook(${JSON.stringify(this.book)})`
}

class Place implements Command {
  readonly order: Order
  constructor(order: Order) {
    this.order = order
  }
  check = (): boolean => true
  async run(model: TradingModel, real: TradingReal): Promise<void> {
    const { handle, state } = await real.place(this.order)
    real.handles.push(handle)
    model.placed.push({ order: this.order, over: OVER.has(state.status) })
    holdToBook(model.book, this.order, state)
  }
  toString = (): string => `place(${JSON.stringify(this.order)})`
}

class Cancel implements Command {
  readonly nth: number
  constructor(nth: number) {
    this.nth = nth
  }
  check = (model: Readonly<TradingModel>): boolean => {
    const placed = model.placed[this.nth]
    return placed !== undefined && !placed.over
  }
  async run(model: TradingModel, real: TradingReal): Promise<void> {
    const placed = model.placed[this.nth]
    if (placed === undefined) return
    const state = await real.cancel(real.handles[this.nth])
    placed.over = true
    if (!OVER.has(state.status) && state.status !== 'PARTIAL') {
      throw new Error(`a cancelled order is ${state.status}`)
    }
  }
  toString = (): string => `cancel(${this.nth})`
}

/** @throws Error when a fill on arrival could not have come from the book. */
function holdToBook(book: Book, order: Order, state: OrderState): void {
  const wanted = at8(order.qty)
  const { filled_qty_1e8: filled, avg_fill_price_1e9: average } = state
  if (filled > wanted) throw new Error(`${filled} filled of ${wanted}`)
  const levels = order.side === 'buy' ? book.asks : book.bids
  const reach = levels.filter(([price]) => {
    if (order.price === undefined) return true
    const [level, limit] = [at9(price), at9(order.price)]
    return order.side === 'buy' ? level <= limit : level >= limit
  })
  const offered = reach.reduce((sum, [, qty]) => sum + at8(qty), 0n)
  if (filled > offered) throw new Error(`${filled} filled where ${offered} was offered`)
  if (filled === 0n || average === null) return
  const best = at9(reach[0]?.[0] ?? '0')
  const better = order.side === 'buy' ? average < best : average > best
  if (better) throw new Error(`filled at ${average}, better than the best level ${best}`)
  if (order.post_only === true) throw new Error('a post-only order took')
}

/**
 * Commands for `fc.commands`: set a book, place an order, cancel one.
 *
 * @example
 * fc.assert(fc.asyncProperty(commands(market), (script) => fc.asyncModelRun(setup, script)))
 */
export function commands(
  market: Market,
  options: { readonly mid?: string; readonly commands_max?: number } = {},
): fc.Arbitrary<Iterable<Command>> {
  const { mid, commands_max = 20 } = options
  return fc.commands(
    [
      books(market, mid === undefined ? {} : { mid }).map((book): Command => new SetBook(book)),
      orders(market, mid).map((order): Command => new Place(order)),
      fc.nat(commands_max).map((nth): Command => new Cancel(nth)),
    ],
    { maxCommands: commands_max },
  )
}
