/**
 * Book: one market's resting orders, price then time, order by order (L3).
 *
 * Integers only: price ticks and lots, both up to 2^53 - 1. Orders and levels live in a `BookStore`, which any
 * number of books share. A slot is a plain index and means something only while its order rests. The book
 * moves nothing by itself: crossing is `match.ts`.
 *
 * @module
 */

import { Ladder } from './ladder.js'
import { BookStore } from './store.js'

export const BUY = 0
export const SELL = 1
export type SideIndex = typeof BUY | typeof SELL

export class Book {
  readonly store: BookStore
  /** Number of this book in its store. */
  readonly number: number
  bids = new Ladder()
  asks = new Ladder()
  /** Lots resting on both sides together. */
  lots = 0

  constructor(store: BookStore = new BookStore(), number = 0) {
    this.store = store
    this.number = number
  }

  ladder(side: SideIndex): Ladder {
    return side === BUY ? this.bids : this.asks
  }

  /** Level slot of a price, or -1. */
  levelAt(side: SideIndex, price_ticks: number): number {
    return side === BUY ? this.bids.find(price_ticks) : this.asks.find(-price_ticks)
  }

  /** Best price of a side in ticks, or -1. */
  best(side: SideIndex): number {
    const level = side === BUY ? this.bids.best : this.asks.best
    return level < 0 ? -1 : this.store.price(level)
  }

  /**
   * Puts an order at the end of its price's queue.
   *
   * @returns Its slot.
   */
  rest(
    side: SideIndex,
    price_ticks: number,
    id: number,
    owner: number,
    qty_lots: number,
    flags: number,
  ): number {
    const { store } = this
    const ladder = side === BUY ? this.bids : this.asks
    const key = side === BUY ? price_ticks : -price_ticks
    let level = ladder.find(key)
    if (level < 0) level = this.#openLevel(ladder, key, side, price_ticks)
    const tail = store.tail(level)
    const slot = store.takeOrder(id, qty_lots, owner, level, tail, flags)
    if (tail < 0) store.setHead(level, slot)
    else store.setNext(tail, slot)
    store.setTail(level, slot)
    store.setTotal(level, store.total(level) + qty_lots)
    store.setOrders(level, store.orders(level) + 1)
    this.lots += qty_lots
    return slot
  }

  /**
   * Takes an order off the book; its slot is free afterwards.
   *
   * @returns Lots left at its price.
   */
  remove(slot: number): number {
    const { store } = this
    const level = store.level(slot)
    const qty = store.remaining(slot)
    const next = store.next(slot)
    const prev = store.prev(slot)
    if (prev < 0) store.setHead(level, next)
    else store.setNext(prev, next)
    if (next < 0) store.setTail(level, prev)
    else store.setPrev(next, prev)
    const total = store.total(level) - qty
    const orders = store.orders(level) - 1
    store.setTotal(level, total)
    store.setOrders(level, orders)
    this.lots -= qty
    store.freeOrder(slot)
    if (orders === 0) this.#closeLevel(level)
    return total
  }

  /**
   * Takes lots from an order that keeps its place; at least one lot stays.
   *
   * @returns Lots left at its price.
   */
  shrink(slot: number, by_lots: number): number {
    const { store } = this
    const level = store.level(slot)
    store.setRemaining(slot, store.remaining(slot) - by_lots)
    const total = store.total(level) - by_lots
    store.setTotal(level, total)
    this.lots -= by_lots
    return total
  }

  sideOf(slot: number): SideIndex {
    return (this.store.home(this.store.level(slot)) & 1) as SideIndex
  }

  priceOf(slot: number): number {
    return this.store.price(this.store.level(slot))
  }

  /** Lots ahead of an order at its price: a walk over its queue. */
  ahead(slot: number): number {
    const { store } = this
    let lots = 0
    for (let at = store.prev(slot); at >= 0; at = store.prev(at)) {
      lots += store.remaining(at)
    }
    return lots
  }

  /** The same book over a copy of its store. */
  copyOnto(store: BookStore): Book {
    const copy = new Book(store, this.number)
    copy.bids = this.bids.copy()
    copy.asks = this.asks.copy()
    copy.lots = this.lots
    return copy
  }

  #openLevel(ladder: Ladder, key: number, side: SideIndex, price_ticks: number): number {
    const { store } = this
    const level = store.takeLevel(price_ticks, this.number * 2 + side)
    ladder.insert(key, level)
    const { worse, better } = ladder
    store.setWorse(level, worse)
    store.setBetter(level, better)
    if (worse >= 0) store.setBetter(worse, level)
    if (better >= 0) store.setWorse(better, level)
    return level
  }

  #closeLevel(level: number): void {
    const { store } = this
    const better = store.better(level)
    const worse = store.worse(level)
    if (better >= 0) store.setWorse(better, worse)
    if (worse >= 0) store.setBetter(worse, better)
    const price = store.price(level)
    if ((store.home(level) & 1) === BUY) this.bids.remove(price)
    else this.asks.remove(-price)
    store.freeLevel(level)
  }
}
