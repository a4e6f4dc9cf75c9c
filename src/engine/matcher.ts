/**
 * Matcher: one book with order ids and nothing around it: no accounts, no money.
 *
 * For whoever needs price-time matching alone (a simulator's background market, a benchmark). Every event
 * goes to a sink as plain numbers, so nothing is allocated per event. The walk and its self-trade rules are those
 * of `match.ts`, which the exchange uses too.
 *
 * @module
 */

import { Book, BUY, type SideIndex } from './book.js'
import type { SelfTrade } from './command.js'
import { IdMap } from './id-map.js'
import { Plan, type PlanRules, plan, SELF_TRADE, TRADE } from './match.js'
import type { TimeInForce } from './order.js'

/** Why an order left, as the sink is told. */
export type Leave =
  | 'filled'
  | 'cancelled'
  | 'self-trade'
  | 'would-cross'
  | 'fok-unfilled'
  | 'ioc-unfilled'
  | 'no-liquidity'

/** Where events go. Calls come in the order things happen. */
export interface BookSink {
  /** One fill; `maker_left` lots stay on the maker. */
  traded(
    taker_id: number,
    maker_id: number,
    price_ticks: number,
    qty_lots: number,
    maker_left: number,
  ): void
  rested(id: number, price_ticks: number, left_lots: number, ahead_lots: number): void
  /** An order changed and rests on; it kept its place unless a `rested` follows. */
  amended(id: number, price_ticks: number, left_lots: number): void
  /** An order ended; `left_lots` were given up. */
  done(id: number, why: Leave, left_lots: number): void
  /** A level's new size. */
  level(side: SideIndex, price_ticks: number, qty_lots: number): void
}

/** How an order is to be handled. */
export interface Terms {
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly self_trade: SelfTrade
}

export const RESTING_LIMIT: Terms = { time_in_force: 'gtc', post_only: false, self_trade: 'allow' }

export class Matcher {
  readonly book: Book
  readonly #slots = new IdMap()
  readonly #plan = new Plan()
  readonly #sink: BookSink
  readonly #rules: PlanRules = {
    groupOf: (owner) => owner,
    cap: () => 0,
    capped_flags: 0,
    affordable: () => 0,
    budgeted: false,
  }
  readonly #taker: {
    side: SideIndex
    limit_ticks: number
    qty_lots: number
    group: number
    self_trade: SelfTrade
  } = { side: BUY, limit_ticks: 0, qty_lots: 0, group: 0, self_trade: 'allow' }

  constructor(sink: BookSink) {
    this.#sink = sink
    this.book = new Book()
  }

  /** Orders resting. */
  get size(): number {
    return this.#slots.size
  }

  /** Bytes of the arrays behind orders, levels and ids. */
  get bytes(): { readonly orders: number; readonly ids: number } {
    const { store, bids, asks } = this.book
    return { orders: store.bytes + bids.bytes + asks.bytes, ids: this.#slots.bytes }
  }

  /**
   * A limit order, or a market order when `price_ticks` is null.
   *
   * @param id - Unused so far, a safe integer above 0.
   * @param owner - Orders of one owner are own orders to each other (`self_trade`).
   * @throws RangeError for an id in use, or numbers that are no ticks and lots, or lots beyond 2^53 - 1 in the book.
   */
  place(
    id: number,
    owner: number,
    side: SideIndex,
    price_ticks: number | null,
    qty_lots: number,
    terms: Terms = RESTING_LIMIT,
  ): void {
    if (!Number.isSafeInteger(id) || id <= 0 || this.#slots.get(id) >= 0) {
      throw new RangeError(`order id ${id} is in use or no whole number above 0.`)
    }
    if (price_ticks !== null) positive(price_ticks, 'price_ticks')
    positive(qty_lots, 'qty_lots')
    if (this.book.lots + qty_lots > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`${qty_lots} more lots would take the book beyond 2^53 - 1.`)
    }
    this.#enter(id, owner, side, price_ticks, qty_lots, terms)
  }

  /** Takes an order out; false when it does not rest. */
  cancel(id: number): boolean {
    const slot = this.#slots.remove(id)
    if (slot < 0) return false
    const { book } = this
    const side = book.sideOf(slot)
    const price = book.priceOf(slot)
    const left = book.store.remaining(slot)
    const total = book.remove(slot)
    this.#sink.done(id, 'cancelled', left)
    this.#sink.level(side, price, total)
    return true
  }

  /**
   * New price and size of a resting order. Less size at the same price keeps its place; anything else
   * queues again and may trade.
   *
   * @returns False when the order does not rest.
   * @throws RangeError for numbers that are no ticks and lots.
   */
  amend(id: number, price_ticks: number, left_lots: number): boolean {
    positive(price_ticks, 'price_ticks')
    positive(left_lots, 'left_lots')
    const slot = this.#slots.get(id)
    if (slot < 0) return false
    const { book } = this
    const side = book.sideOf(slot)
    const price = book.priceOf(slot)
    const before = book.store.remaining(slot)
    const owner = book.store.owner(slot)
    this.#sink.amended(id, price_ticks, left_lots)
    if (price === price_ticks && left_lots <= before) {
      if (left_lots < before) {
        this.#sink.level(side, price, book.shrink(slot, before - left_lots))
      }
      return true
    }
    this.#slots.remove(id)
    this.#sink.level(side, price, book.remove(slot))
    this.#enter(id, owner, side, price_ticks, left_lots, RESTING_LIMIT)
    return true
  }

  /** Lots ahead of an order at its price, or `undefined`. */
  ahead(id: number): number | undefined {
    const slot = this.#slots.get(id)
    return slot < 0 ? undefined : this.book.ahead(slot)
  }

  #enter(
    id: number,
    owner: number,
    side: SideIndex,
    price_ticks: number | null,
    qty_lots: number,
    terms: Terms,
  ): void {
    const { book } = this
    const touch = book.best(side === BUY ? 1 : BUY)
    const crosses =
      touch >= 0 &&
      (price_ticks === null || (side === BUY ? price_ticks >= touch : price_ticks <= touch))
    let left = qty_lots
    let given = qty_lots
    if (crosses) {
      if (terms.post_only) {
        this.#sink.done(id, 'would-cross', qty_lots)
        return
      }
      const taker = this.#taker
      taker.side = side
      taker.limit_ticks = price_ticks ?? (side === BUY ? Number.POSITIVE_INFINITY : 0)
      taker.qty_lots = qty_lots
      taker.group = owner
      taker.self_trade = terms.self_trade
      const steps = this.#plan
      plan(book, taker, this.#rules, steps)
      if (terms.time_in_force === 'fok' && steps.left_lots + steps.decremented_lots > 0) {
        this.#sink.done(id, 'fok-unfilled', qty_lots)
        return
      }
      this.#execute(id, side === BUY ? 1 : BUY)
      left = steps.left_lots
      given = left + steps.decremented_lots
      if (left === 0 || steps.end === SELF_TRADE) {
        this.#sink.done(id, given > 0 ? 'self-trade' : 'filled', given)
        return
      }
    }
    if (terms.time_in_force === 'fok') this.#sink.done(id, 'fok-unfilled', given)
    else if (price_ticks === null) this.#sink.done(id, 'no-liquidity', given)
    else if (terms.time_in_force === 'ioc') this.#sink.done(id, 'ioc-unfilled', given)
    else this.#rest(id, owner, side, price_ticks, left)
  }

  #rest(id: number, owner: number, side: SideIndex, price_ticks: number, left: number): void {
    const { book } = this
    const slot = book.rest(side, price_ticks, id, owner, left, 0)
    this.#slots.add(id, slot)
    const total = book.store.total(book.store.level(slot) as number)
    this.#sink.rested(id, price_ticks, left, total - left)
    this.#sink.level(side, price_ticks, total)
  }

  #execute(id: number, opposite: SideIndex): void {
    const { book } = this
    const { store } = book
    const sink = this.#sink
    const steps = this.#plan
    let price = 0
    let total = 0
    for (let at = 0; at < steps.steps; at++) {
      const slot = steps.slot[at] as number
      const qty = steps.qty[at] as number
      const next = steps.price[at] as number
      if (next !== price) {
        if (price > 0) sink.level(opposite, price, total)
        price = next
      }
      const kind = steps.kind[at]
      const maker = store.id(slot)
      const open = store.remaining(slot)
      if (kind === TRADE) sink.traded(id, maker, price, qty, open - qty)
      if (qty === open) {
        this.#slots.remove(maker)
        total = book.remove(slot)
        sink.done(maker, kind === TRADE ? 'filled' : 'self-trade', kind === TRADE ? 0 : open)
      } else {
        total = book.shrink(slot, qty)
        if (kind !== TRADE) sink.amended(maker, price, open - qty)
      }
    }
    if (price > 0) sink.level(opposite, price, total)
  }
}

function positive(n: number, name: string): void {
  if (Number.isSafeInteger(n) && n > 0) return
  throw new RangeError(`${name} is ${n}; a whole number from 1 to 2^53 - 1 is expected.`)
}
