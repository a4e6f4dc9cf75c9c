/**
 * Match: what an incoming order would do to a book, as a plan, and nothing else.
 *
 * Pure reading: `plan` walks the opposite side in price-time order and writes down each step; the caller
 * checks funds against exactly those steps and then carries them out. So a funds check, a fill-or-kill
 * test and the execution cannot disagree. Steps lie in flat arrays that are used again for every order.
 *
 * @module
 */

import { type Book, BUY, type SideIndex } from './book.js'
import type { SelfTrade } from './command.js'

/** What a step does with the resting order at its slot. */
export const TRADE = 0
/** Own order met: it leaves the book. */
export const DROP_MAKER = 1
/** Own order met: it loses lots, and so does the taker. */
export const DECREMENT = 2

/** Why the walk ended. */
export const COMPLETE = 0
/** Nothing left within the limit. */
export const EXHAUSTED = 1
/** Own order met and the taker gives way. */
export const SELF_TRADE = 2
/** The quote budget buys no further lot. */
export const SPENT = 3
export type PlanEnd = typeof COMPLETE | typeof EXHAUSTED | typeof SELF_TRADE | typeof SPENT

/** Who the taker is and how far it goes. */
export interface Taker {
  readonly side: SideIndex
  /** Worst price in ticks; market buys `Infinity`, market sells 0. */
  readonly limit_ticks: number
  readonly qty_lots: number
  /** Self-trade group. */
  readonly group: number
  readonly self_trade: SelfTrade
}

/** Where the caller bends the walk; absent parts cost nothing. */
export interface PlanRules {
  /** Self-trade group of a resting order's owner. */
  readonly groupOf: (owner: number) => number
  /** Most lots this resting order may trade now (reduce-only); asked only for flagged orders. */
  readonly cap: (plan: Plan, slot: number) => number
  /** Flags that make an order ask `cap`. */
  readonly capped_flags: number
  /** Most lots a quote budget still buys at a price; asked when `budgeted`. */
  readonly affordable: (price_ticks: number, wanted_lots: number) => number
  readonly budgeted: boolean
}

export class Plan {
  /** Steps in use. */
  steps = 0
  kind = new Uint8Array(64)
  slot = new Int32Array(64)
  qty = new Float64Array(64)
  price = new Float64Array(64)
  /** Lots that trade. */
  traded_lots = 0
  /** Lots the taker gives up to `decrement`. */
  decremented_lots = 0
  /** Lots the taker still wants after the last step. */
  left_lots = 0
  end: PlanEnd = COMPLETE

  add(kind: number, slot: number, price_ticks: number, qty_lots: number): void {
    const at = this.steps
    if (at === this.kind.length) this.#grow()
    this.kind[at] = kind
    this.slot[at] = slot
    this.price[at] = price_ticks
    this.qty[at] = qty_lots
    this.steps = at + 1
  }

  clear(qty_lots: number): void {
    this.steps = 0
    this.traded_lots = 0
    this.decremented_lots = 0
    this.left_lots = qty_lots
    this.end = COMPLETE
  }

  #grow(): void {
    const length = this.kind.length * 2
    const { kind, slot, qty, price } = this
    this.kind = new Uint8Array(length)
    this.slot = new Int32Array(length)
    this.qty = new Float64Array(length)
    this.price = new Float64Array(length)
    this.kind.set(kind)
    this.slot.set(slot)
    this.qty.set(qty)
    this.price.set(price)
  }
}

/** Writes down what the taker would meet. The book is not touched. */
export function plan(book: Book, taker: Taker, rules: PlanRules, into: Plan): void {
  into.clear(taker.qty_lots)
  if (taker.qty_lots === 0) return
  const { store } = book
  const buying = taker.side === BUY
  const limit = taker.limit_ticks
  let level = buying ? book.asks.best : book.bids.best
  while (level >= 0) {
    const price = store.price(level)
    if (buying ? price > limit : price < limit) break
    for (let slot = store.head(level); slot >= 0; slot = store.next(slot)) {
      if (!step(book, taker, rules, into, slot, price)) return
    }
    level = store.worse(level)
  }
  into.end = EXHAUSTED
}

/** One resting order met; false ends the walk. */
function step(
  book: Book,
  taker: Taker,
  rules: PlanRules,
  into: Plan,
  slot: number,
  price: number,
): boolean {
  const { store } = book
  const resting = store.remaining(slot)
  const own = taker.self_trade !== 'allow' && rules.groupOf(store.owner(slot)) === taker.group
  if (own) {
    if (taker.self_trade !== 'decrement') {
      if (taker.self_trade !== 'cancel-taker') into.add(DROP_MAKER, slot, price, resting)
      if (taker.self_trade === 'cancel-maker') return true
      into.end = SELF_TRADE
      return false
    }
    const both = Math.min(resting, into.left_lots)
    into.add(DECREMENT, slot, price, both)
    into.decremented_lots += both
    into.left_lots -= both
    return into.left_lots > 0
  }
  let open = resting
  if ((store.flags(slot) & rules.capped_flags) !== 0) {
    open = Math.min(open, rules.cap(into, slot))
  }
  let qty = Math.min(open, into.left_lots)
  if (rules.budgeted) {
    const affordable = rules.affordable(price, qty)
    if (affordable < qty) {
      into.end = SPENT
      qty = affordable
    }
  }
  if (qty > 0) {
    into.add(TRADE, slot, price, qty)
    into.traded_lots += qty
    into.left_lots -= qty
  }
  return into.end === COMPLETE && into.left_lots > 0
}
