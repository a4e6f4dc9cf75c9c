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

// A record is 40 bytes in one buffer, seen as five doubles or ten integers: an order that nobody touched for
// long costs one or two trips to memory, where an array per field costs one for each.
const DOUBLES = 5
const INTEGERS = 10
/** Orders: id, remaining | owner, level, next, prev, flags. */
const OWNER = 4
const LEVEL = 5
const NEXT = 6
const PREV = 7
const FLAGS = 8
/** Levels: price, total | orders, head, tail, better, worse, home. */
const ORDERS = 4
const HEAD = 5
const TAIL = 6
const BETTER = 7
const WORSE = 8
const HOME = 9

interface Records {
  doubles: Float64Array
  integers: Int32Array
}

function records(length: number, old?: Records): Records {
  const doubles = new Float64Array(length * DOUBLES)
  if (old !== undefined) doubles.set(old.doubles)
  return { doubles, integers: new Int32Array(doubles.buffer) }
}

/** Flat records of orders and levels, 40 bytes each. Slots are indexes; a free one is handed out again first. */
export class BookStore {
  /** Resting orders. */
  count = 0
  #orders: Records
  #levels: Records
  #orderTop = 0
  #orderFree = -1
  #levelTop = 0
  #levelFree = -1

  constructor(orders = 64, levels = 64) {
    this.#orders = records(orders)
    this.#levels = records(levels)
  }

  /** Order slots there is room for without growing. */
  get capacity(): number {
    return this.#orders.doubles.length / DOUBLES
  }

  /** Bytes of all records. */
  get bytes(): number {
    return this.#orders.doubles.byteLength + this.#levels.doubles.byteLength
  }

  /** Order id. */
  id(slot: number): number {
    return this.#orders.doubles[slot * DOUBLES] as number
  }

  /** Lots still open. */
  remaining(slot: number): number {
    return this.#orders.doubles[slot * DOUBLES + 1] as number
  }

  setRemaining(slot: number, lots: number): void {
    this.#orders.doubles[slot * DOUBLES + 1] = lots
  }

  /** Whose it is: a number the owner of the store gives meaning to. */
  owner(slot: number): number {
    return this.#orders.integers[slot * INTEGERS + OWNER] as number
  }

  /** Level slot. */
  level(slot: number): number {
    return this.#orders.integers[slot * INTEGERS + LEVEL] as number
  }

  /** Next in time at the same price, or -1; free slots are chained through it. */
  next(slot: number): number {
    return this.#orders.integers[slot * INTEGERS + NEXT] as number
  }

  setNext(slot: number, next: number): void {
    this.#orders.integers[slot * INTEGERS + NEXT] = next
  }

  prev(slot: number): number {
    return this.#orders.integers[slot * INTEGERS + PREV] as number
  }

  setPrev(slot: number, prev: number): void {
    this.#orders.integers[slot * INTEGERS + PREV] = prev
  }

  flags(slot: number): number {
    return this.#orders.integers[slot * INTEGERS + FLAGS] as number
  }

  price(level: number): number {
    return this.#levels.doubles[level * DOUBLES] as number
  }

  /** Lots at this price. */
  total(level: number): number {
    return this.#levels.doubles[level * DOUBLES + 1] as number
  }

  setTotal(level: number, lots: number): void {
    this.#levels.doubles[level * DOUBLES + 1] = lots
  }

  /** Orders at this price. */
  orders(level: number): number {
    return this.#levels.integers[level * INTEGERS + ORDERS] as number
  }

  setOrders(level: number, orders: number): void {
    this.#levels.integers[level * INTEGERS + ORDERS] = orders
  }

  /** First in time. */
  head(level: number): number {
    return this.#levels.integers[level * INTEGERS + HEAD] as number
  }

  setHead(level: number, slot: number): void {
    this.#levels.integers[level * INTEGERS + HEAD] = slot
  }

  tail(level: number): number {
    return this.#levels.integers[level * INTEGERS + TAIL] as number
  }

  setTail(level: number, slot: number): void {
    this.#levels.integers[level * INTEGERS + TAIL] = slot
  }

  /** Neighbour level of the same side, or -1. */
  better(level: number): number {
    return this.#levels.integers[level * INTEGERS + BETTER] as number
  }

  setBetter(level: number, better: number): void {
    this.#levels.integers[level * INTEGERS + BETTER] = better
  }

  /** Neighbour level of the same side, or -1; free levels are chained through it. */
  worse(level: number): number {
    return this.#levels.integers[level * INTEGERS + WORSE] as number
  }

  setWorse(level: number, worse: number): void {
    this.#levels.integers[level * INTEGERS + WORSE] = worse
  }

  /** Twice the book's number plus the side. */
  home(level: number): number {
    return this.#levels.integers[level * INTEGERS + HOME] as number
  }

  setHome(level: number, home: number): void {
    this.#levels.integers[level * INTEGERS + HOME] = home
  }

  setPrice(level: number, price_ticks: number): void {
    this.#levels.doubles[level * DOUBLES] = price_ticks
  }

  /** A slot for an order at the end of a queue. */
  takeOrder(
    id: number,
    remaining: number,
    owner: number,
    level: number,
    prev: number,
    flags: number,
  ): number {
    this.count += 1
    let slot = this.#orderFree
    if (slot >= 0) this.#orderFree = this.next(slot)
    else {
      if (this.#orderTop === this.capacity) {
        this.#orders = records(Math.max(64, this.capacity * 2), this.#orders)
      }
      slot = this.#orderTop++
    }
    const { doubles, integers } = this.#orders
    doubles[slot * DOUBLES] = id
    doubles[slot * DOUBLES + 1] = remaining
    const at = slot * INTEGERS
    integers[at + OWNER] = owner
    integers[at + LEVEL] = level
    integers[at + NEXT] = -1
    integers[at + PREV] = prev
    integers[at + FLAGS] = flags
    return slot
  }

  freeOrder(slot: number): void {
    this.count -= 1
    this.setNext(slot, this.#orderFree)
    this.#orderFree = slot
  }

  /** A slot for an empty level without neighbours. */
  takeLevel(price_ticks: number, home: number): number {
    let level = this.#levelFree
    if (level >= 0) this.#levelFree = this.worse(level)
    else {
      const room = this.#levels.doubles.length / DOUBLES
      if (this.#levelTop === room) {
        this.#levels = records(Math.max(64, room * 2), this.#levels)
      }
      level = this.#levelTop++
    }
    this.setPrice(level, price_ticks)
    this.setTotal(level, 0)
    this.setOrders(level, 0)
    this.setHead(level, -1)
    this.setTail(level, -1)
    this.setHome(level, home)
    return level
  }

  freeLevel(level: number): void {
    this.setWorse(level, this.#levelFree)
    this.#levelFree = level
  }

  /** An independent copy: two block copies. */
  copy(): BookStore {
    const copy = new BookStore(0, 0)
    copy.#orders = records(this.capacity, this.#orders)
    copy.#levels = records(this.#levels.doubles.length / DOUBLES, this.#levels)
    copy.count = this.count
    copy.#orderTop = this.#orderTop
    copy.#orderFree = this.#orderFree
    copy.#levelTop = this.#levelTop
    copy.#levelFree = this.#levelFree
    return copy
  }
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
