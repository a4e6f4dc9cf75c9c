/**
 * Book: one market's resting orders, price then time, order by order (L3).
 *
 * Integers only: price ticks and lots, both up to 2^53 - 1. Orders and levels live in the flat arrays of a
 * `BookStore`, which any number of books share; freed slots are used again, so memory follows the number
 * of resting orders, not of orders ever seen. A slot is a plain index and means something only while its
 * order rests. The book moves nothing by itself: crossing is `match.ts`.
 *
 * @module
 */

import { Ladder } from './ladder.js'

export const BUY = 0
export const SELL = 1
export type SideIndex = typeof BUY | typeof SELL

/** Flat arrays of orders and levels. 34 bytes an order, 40 a level. */
export class BookStore {
  /** Order id. */
  id: Float64Array
  /** Lots still open. */
  remaining: Float64Array
  /** Whose it is: a number the owner of the store gives meaning to. */
  owner: Int32Array
  /** Level slot. */
  level: Int32Array
  /** Next in time at the same price; free slots are chained through it. */
  next: Int32Array
  prev: Int32Array
  flags: Uint16Array

  price: Float64Array
  /** Lots at this price. */
  total: Float64Array
  /** Orders at this price. */
  orders: Int32Array
  head: Int32Array
  tail: Int32Array
  /** Neighbour levels of the same side; free levels are chained through `worse`. */
  better: Int32Array
  worse: Int32Array
  /** Twice the book's number plus the side. */
  home: Int32Array

  /** Resting orders. */
  count = 0
  #orderTop = 0
  #orderFree = -1
  #levelTop = 0
  #levelFree = -1

  constructor(orders = 64, levels = 64) {
    this.id = new Float64Array(orders)
    this.remaining = new Float64Array(orders)
    this.owner = new Int32Array(orders)
    this.level = new Int32Array(orders)
    this.next = new Int32Array(orders)
    this.prev = new Int32Array(orders)
    this.flags = new Uint16Array(orders)
    this.price = new Float64Array(levels)
    this.total = new Float64Array(levels)
    this.orders = new Int32Array(levels)
    this.head = new Int32Array(levels)
    this.tail = new Int32Array(levels)
    this.better = new Int32Array(levels)
    this.worse = new Int32Array(levels)
    this.home = new Int32Array(levels)
  }

  /** Order slots there is room for without growing. */
  get capacity(): number {
    return this.id.length
  }

  /** Bytes of all arrays. */
  get bytes(): number {
    return this.id.length * 34 + this.price.length * 40
  }

  takeOrder(): number {
    this.count += 1
    const free = this.#orderFree
    if (free >= 0) {
      this.#orderFree = this.next[free] as number
      return free
    }
    if (this.#orderTop === this.id.length) this.#growOrders()
    return this.#orderTop++
  }

  freeOrder(slot: number): void {
    this.count -= 1
    this.next[slot] = this.#orderFree
    this.#orderFree = slot
  }

  takeLevel(): number {
    const free = this.#levelFree
    if (free >= 0) {
      this.#levelFree = this.worse[free] as number
      return free
    }
    if (this.#levelTop === this.price.length) this.#growLevels()
    return this.#levelTop++
  }

  freeLevel(level: number): void {
    this.worse[level] = this.#levelFree
    this.#levelFree = level
  }

  /** An independent copy: a block copy of each array. */
  copy(): BookStore {
    const copy = new BookStore(0, 0)
    copy.id = this.id.slice()
    copy.remaining = this.remaining.slice()
    copy.owner = this.owner.slice()
    copy.level = this.level.slice()
    copy.next = this.next.slice()
    copy.prev = this.prev.slice()
    copy.flags = this.flags.slice()
    copy.price = this.price.slice()
    copy.total = this.total.slice()
    copy.orders = this.orders.slice()
    copy.head = this.head.slice()
    copy.tail = this.tail.slice()
    copy.better = this.better.slice()
    copy.worse = this.worse.slice()
    copy.home = this.home.slice()
    copy.count = this.count
    copy.#orderTop = this.#orderTop
    copy.#orderFree = this.#orderFree
    copy.#levelTop = this.#levelTop
    copy.#levelFree = this.#levelFree
    return copy
  }

  #growOrders(): void {
    const length = Math.max(64, this.id.length * 2)
    this.id = grown(this.id, new Float64Array(length))
    this.remaining = grown(this.remaining, new Float64Array(length))
    this.owner = grown(this.owner, new Int32Array(length))
    this.level = grown(this.level, new Int32Array(length))
    this.next = grown(this.next, new Int32Array(length))
    this.prev = grown(this.prev, new Int32Array(length))
    this.flags = grown(this.flags, new Uint16Array(length))
  }

  #growLevels(): void {
    const length = Math.max(64, this.price.length * 2)
    this.price = grown(this.price, new Float64Array(length))
    this.total = grown(this.total, new Float64Array(length))
    this.orders = grown(this.orders, new Int32Array(length))
    this.head = grown(this.head, new Int32Array(length))
    this.tail = grown(this.tail, new Int32Array(length))
    this.better = grown(this.better, new Int32Array(length))
    this.worse = grown(this.worse, new Int32Array(length))
    this.home = grown(this.home, new Int32Array(length))
  }
}

/** Copies an old array into the start of a longer one. */
export function grown<T extends Float64Array | Int32Array | Uint16Array>(old: T, wider: T): T {
  wider.set(old)
  return wider
}

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
    return level < 0 ? -1 : (this.store.price[level] as number)
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
    const slot = store.takeOrder()
    store.id[slot] = id
    store.remaining[slot] = qty_lots
    store.owner[slot] = owner
    store.level[slot] = level
    store.flags[slot] = flags
    store.next[slot] = -1
    const tail = store.tail[level] as number
    store.prev[slot] = tail
    if (tail < 0) store.head[level] = slot
    else store.next[tail] = slot
    store.tail[level] = slot
    store.total[level] = (store.total[level] as number) + qty_lots
    store.orders[level] = (store.orders[level] as number) + 1
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
    const level = store.level[slot] as number
    const qty = store.remaining[slot] as number
    const next = store.next[slot] as number
    const prev = store.prev[slot] as number
    if (prev < 0) store.head[level] = next
    else store.next[prev] = next
    if (next < 0) store.tail[level] = prev
    else store.prev[next] = prev
    const total = (store.total[level] as number) - qty
    const orders = (store.orders[level] as number) - 1
    store.total[level] = total
    store.orders[level] = orders
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
    const level = store.level[slot] as number
    store.remaining[slot] = (store.remaining[slot] as number) - by_lots
    const total = (store.total[level] as number) - by_lots
    store.total[level] = total
    this.lots -= by_lots
    return total
  }

  sideOf(slot: number): SideIndex {
    return ((this.store.home[this.store.level[slot] as number] as number) & 1) as SideIndex
  }

  priceOf(slot: number): number {
    return this.store.price[this.store.level[slot] as number] as number
  }

  /** Lots ahead of an order at its price: a walk over its queue. */
  ahead(slot: number): number {
    const { store } = this
    let lots = 0
    for (let at = store.prev[slot] as number; at >= 0; at = store.prev[at] as number) {
      lots += store.remaining[at] as number
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
    const level = store.takeLevel()
    store.price[level] = price_ticks
    store.total[level] = 0
    store.orders[level] = 0
    store.head[level] = -1
    store.tail[level] = -1
    store.home[level] = this.number * 2 + side
    ladder.insert(key, level)
    const { worse, better } = ladder
    store.worse[level] = worse
    store.better[level] = better
    if (worse >= 0) store.better[worse] = level
    if (better >= 0) store.worse[better] = level
    return level
  }

  #closeLevel(level: number): void {
    const { store } = this
    const better = store.better[level] as number
    const worse = store.worse[level] as number
    if (better >= 0) store.worse[better] = worse
    if (worse >= 0) store.better[worse] = better
    const price = store.price[level] as number
    if (((store.home[level] as number) & 1) === BUY) this.bids.remove(price)
    else this.asks.remove(-price)
    store.freeLevel(level)
  }
}
