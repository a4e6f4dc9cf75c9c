/**
 * Store: flat records of resting orders and price levels, for any number of books.
 *
 * A record is a few neighbouring bytes of one buffer, seen as doubles or as integers: an order that nobody
 * touched for long costs one trip to memory, where an array per field costs one for each. Freed slots are used
 * again, newest first, so memory follows the number of resting orders, not of orders ever seen, and what comes
 * and goes at the touch stays in the cache. Growing adds an eighth.
 *
 * A `book` record is 32 bytes, an `exchange` record 56: it also has room for what an exchange knows of an order.
 *
 * @module
 */

/** Whether records carry what an exchange keeps of an order: its hold, fills, cover and place in its seat's list. */
export type RecordKind = 'book' | 'exchange'

/** Orders, in doubles: id and flags | remaining | owner, level | next, prev || hold | seat next, prev | filled, cover. */
const BOOK_DOUBLES = 4
const EXCHANGE_DOUBLES = 7
const REMAINING = 1
const HOLD = 4
/** The same record in integers; 0 is the id's low half, 1 its high half and the flags. */
const ID_HIGH = 1
const OWNER = 4
const LEVEL = 5
const NEXT = 6
const PREV = 7
const SEAT_NEXT = 10
const SEAT_PREV = 11
const FILLED = 12
const COVER = 13

/** An id has 53 bits, so its high half leaves eleven for flags. */
const FLAG_SHIFT = 21
const HIGH_MASK = (1 << FLAG_SHIFT) - 1
const HALF = 4_294_967_296
/** Lots from here on do not fit their integer and lie aside. */
const LARGE = 2 ** 31 - 1

/** Levels, in doubles: price | total | orders, head | tail, better | worse, home. */
const LEVEL_DOUBLES = 5
const LEVEL_INTEGERS = 10
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

function records(doubles: number, old?: Records): Records {
  const made = new Float64Array(doubles)
  if (old !== undefined) made.set(old.doubles)
  return { doubles: made, integers: new Int32Array(made.buffer) }
}

/** Slots are indexes; a free one is handed out again first. */
export class BookStore {
  /** Resting orders. */
  count = 0
  readonly #kind: RecordKind
  /** Doubles and integers of an order's record. */
  readonly #doubles: number
  readonly #integers: number
  #orders: Records
  #levels: Records
  #orderTop = 0
  #orderFree = -1
  #levelTop = 0
  #levelFree = -1
  /** Filled and covered lots too large for their integer, by the integer's place; read only while that says so. */
  #large = new Map<number, number>()

  constructor(kind: RecordKind = 'book') {
    this.#kind = kind
    this.#doubles = kind === 'book' ? BOOK_DOUBLES : EXCHANGE_DOUBLES
    this.#integers = this.#doubles * 2
    this.#orders = records(64 * this.#doubles)
    this.#levels = records(64 * LEVEL_DOUBLES)
  }

  /** Bytes of all records. */
  get bytes(): number {
    return this.#orders.doubles.byteLength + this.#levels.doubles.byteLength
  }

  /** Order id. */
  id(slot: number): number {
    const { integers } = this.#orders
    const at = slot * this.#integers
    const low = integers[at] as number
    return ((integers[at + ID_HIGH] as number) & HIGH_MASK) * HALF + (low >>> 0)
  }

  /** An order's words, eleven bits that the owner of the store gives meaning to. */
  flags(slot: number): number {
    return (this.#orders.integers[slot * this.#integers + ID_HIGH] as number) >>> FLAG_SHIFT
  }

  /** Lots still open. */
  remaining(slot: number): number {
    return this.#orders.doubles[slot * this.#doubles + REMAINING] as number
  }

  setRemaining(slot: number, lots: number): void {
    this.#orders.doubles[slot * this.#doubles + REMAINING] = lots
  }

  /** Whose it is: a number the owner of the store gives meaning to. */
  owner(slot: number): number {
    return this.#orders.integers[slot * this.#integers + OWNER] as number
  }

  /** Level slot. */
  level(slot: number): number {
    return this.#orders.integers[slot * this.#integers + LEVEL] as number
  }

  /** Next in time at the same price, or -1; free slots are chained through it. */
  next(slot: number): number {
    return this.#orders.integers[slot * this.#integers + NEXT] as number
  }

  setNext(slot: number, next: number): void {
    this.#orders.integers[slot * this.#integers + NEXT] = next
  }

  prev(slot: number): number {
    return this.#orders.integers[slot * this.#integers + PREV] as number
  }

  setPrev(slot: number, prev: number): void {
    this.#orders.integers[slot * this.#integers + PREV] = prev
  }

  /** Exchange records: what the order holds, `_1e8` as a safe integer; negative: more than that. */
  hold(slot: number): number {
    return this.#orders.doubles[slot * this.#doubles + HOLD] as number
  }

  setHold(slot: number, hold_1e8: number): void {
    this.#orders.doubles[slot * this.#doubles + HOLD] = hold_1e8
  }

  /** Exchange records: next in the list of its seat's orders, or -1. */
  seatNext(slot: number): number {
    return this.#orders.integers[slot * this.#integers + SEAT_NEXT] as number
  }

  setSeatNext(slot: number, next: number): void {
    this.#orders.integers[slot * this.#integers + SEAT_NEXT] = next
  }

  seatPrev(slot: number): number {
    return this.#orders.integers[slot * this.#integers + SEAT_PREV] as number
  }

  setSeatPrev(slot: number, prev: number): void {
    this.#orders.integers[slot * this.#integers + SEAT_PREV] = prev
  }

  /** Exchange records: lots filled so far. */
  filled(slot: number): number {
    return this.#lots(slot * this.#integers + FILLED)
  }

  setFilled(slot: number, lots: number): void {
    this.#setLots(slot * this.#integers + FILLED, lots)
  }

  /** Exchange records: lots that close a held position when they trade. */
  cover(slot: number): number {
    return this.#lots(slot * this.#integers + COVER)
  }

  setCover(slot: number, lots: number): void {
    this.#setLots(slot * this.#integers + COVER, lots)
  }

  #lots(at: number): number {
    const lots = this.#orders.integers[at] as number
    return lots >= 0 ? lots : (this.#large.get(at) as number)
  }

  #setLots(at: number, lots: number): void {
    const { integers } = this.#orders
    if (lots < LARGE) integers[at] = lots
    else {
      integers[at] = -1
      this.#large.set(at, lots)
    }
  }

  price(level: number): number {
    return this.#levels.doubles[level * LEVEL_DOUBLES] as number
  }

  /** Lots at this price. */
  total(level: number): number {
    return this.#levels.doubles[level * LEVEL_DOUBLES + 1] as number
  }

  setTotal(level: number, lots: number): void {
    this.#levels.doubles[level * LEVEL_DOUBLES + 1] = lots
  }

  /** Orders at this price. */
  orders(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + ORDERS] as number
  }

  setOrders(level: number, orders: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + ORDERS] = orders
  }

  /** First in time. */
  head(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + HEAD] as number
  }

  setHead(level: number, slot: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + HEAD] = slot
  }

  tail(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + TAIL] as number
  }

  setTail(level: number, slot: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + TAIL] = slot
  }

  /** Neighbour level of the same side, or -1. */
  better(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + BETTER] as number
  }

  setBetter(level: number, better: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + BETTER] = better
  }

  /** Neighbour level of the same side, or -1; free levels are chained through it. */
  worse(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + WORSE] as number
  }

  setWorse(level: number, worse: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + WORSE] = worse
  }

  /** Twice the book's number plus the side. */
  home(level: number): number {
    return this.#levels.integers[level * LEVEL_INTEGERS + HOME] as number
  }

  setHome(level: number, home: number): void {
    this.#levels.integers[level * LEVEL_INTEGERS + HOME] = home
  }

  setPrice(level: number, price_ticks: number): void {
    this.#levels.doubles[level * LEVEL_DOUBLES] = price_ticks
  }

  /** A slot for an order at the end of a queue; what an exchange keeps of it is zero. */
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
      slot = this.#orderTop++
      const length = this.#orders.doubles.length
      if (this.#orderTop * this.#doubles > length) {
        this.#orders = records(wider(length, this.#doubles), this.#orders)
      }
    }
    const { doubles, integers } = this.#orders
    const at = slot * this.#integers
    integers[at] = id
    integers[at + ID_HIGH] = (id / HALF) | (flags << FLAG_SHIFT)
    doubles[slot * this.#doubles + REMAINING] = remaining
    integers[at + OWNER] = owner
    integers[at + LEVEL] = level
    integers[at + NEXT] = -1
    integers[at + PREV] = prev
    if (this.#kind === 'exchange') {
      this.setHold(slot, 0)
      this.setFilled(slot, 0)
      this.setCover(slot, 0)
    }
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
      level = this.#levelTop++
      const length = this.#levels.doubles.length
      if (this.#levelTop * LEVEL_DOUBLES > length) {
        this.#levels = records(wider(length, LEVEL_DOUBLES), this.#levels)
      }
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
    const copy = new BookStore(this.#kind)
    copy.#orders = records(this.#orders.doubles.length, this.#orders)
    copy.#levels = records(this.#levels.doubles.length, this.#levels)
    copy.#large = new Map(this.#large)
    copy.count = this.count
    copy.#orderTop = this.#orderTop
    copy.#orderFree = this.#orderFree
    copy.#levelTop = this.#levelTop
    copy.#levelFree = this.#levelFree
    return copy
  }
}

/** An eighth more doubles, in whole records, and at least 64 of them. */
const wider = (doubles: number, record: number): number =>
  doubles + Math.max(64, Math.ceil(doubles / record / 8)) * record
