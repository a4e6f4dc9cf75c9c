/**
 * Sim walk: what an arriving order would take from the book, as a plan.
 *
 * Walks the opposite side of the public book from the best level: one step per level at that level's
 * price, never better, until the order, its limit, its budget or the book ends. The client's own resting
 * orders stand in the walk where they would stand at the venue, and the venue's declared self-trade rule
 * says what happens there. Planning changes nothing but the ceiling, which the caller rewinds when it
 * drops the plan.
 *
 * @module
 */

import type { Level } from '../engine/depth.js'
import { smaller } from '../engine/units.js'
import type { Rung, SimLadder } from './sim-ladder.js'
import { affordable, type Priced } from './sim-money.js'
import { type SimOrder, takingBound, wholeLots, within } from './sim-order.js'

export type Step =
  /** Public size, or an own order where the venue allows that (`own`). */
  | {
      readonly kind: 'take'
      readonly price_1e9: bigint
      readonly qty_1e8: bigint
      readonly fee_1e8: bigint
      readonly carry_1e8: bigint
      /** Of the budget; zero without one. */
      readonly paid_1e8: bigint
      /** Best price the reference paid for these units; null without a ceiling. */
      readonly reference_1e9: bigint | null
      readonly shown_1e8: bigint
      readonly own: SimOrder | null
    }
  /** An own order leaves. */
  | { readonly kind: 'drop'; readonly own: SimOrder }
  /** Both the order and an own one lose this much without trading. */
  | { readonly kind: 'decrement'; readonly own: SimOrder; readonly qty_1e8: bigint }

export type WalkEnd = 'complete' | 'exhausted' | 'self-trade' | 'spent'

export interface Walk {
  readonly steps: readonly Step[]
  /** What would trade. */
  readonly taken_1e8: bigint
  /** What is still wanted. */
  readonly left_1e8: bigint
  readonly end: WalkEnd
}

export interface WalkTerms {
  /** Opposite public levels, best first. */
  readonly levels: readonly Level[]
  /** Own and others' simulated orders of the opposite side. */
  readonly resting: SimLadder
  /** How much of a level the order can get. */
  readonly offer: (level: Level) => bigint
}

export function walkBook(order: SimOrder, terms: WalkTerms): Walk {
  const walker = new Walker(order, terms)
  if (terms.resting.has(order.child.client_id)) walker.walkWithOwn()
  else walker.walkPublic()
  return walker.result()
}

class Walker {
  readonly #order: SimOrder
  readonly #terms: WalkTerms
  readonly #bound: bigint | null
  readonly #steps: Step[] = []
  #left: bigint
  #taken = 0n
  #carry: bigint
  #spent: bigint
  #end: WalkEnd = 'exhausted'

  constructor(order: SimOrder, terms: WalkTerms) {
    this.#order = order
    this.#terms = terms
    this.#bound = takingBound(order)
    this.#left = order.left_1e8
    this.#carry = order.carry_1e8
    this.#spent = order.spent_1e8
    if (this.#left === 0n) this.#end = 'complete'
  }

  result(): Walk {
    return {
      steps: this.#steps,
      taken_1e8: this.#taken,
      left_1e8: this.#left,
      end: this.#end,
    }
  }

  walkPublic(): void {
    for (const level of this.#terms.levels) {
      if (this.#left === 0n || this.#beyond(level.price_1e9)) return
      if (!this.#take(level.price_1e9, this.#terms.offer(level), level.qty_1e8, null)) return
    }
  }

  /** As {@link walkPublic}, with the client's own resting orders at their place in each queue. */
  walkWithOwn(): void {
    const { levels, resting, offer } = this.#terms
    const rungs = resting.rungs.filter((rung) => rung.clients.has(this.#order.child.client_id))
    let atLevel = 0
    let atRung = 0
    while (this.#left > 0n) {
      const level = levels[atLevel]
      const rung = rungs[atRung]
      const price = this.#nearer(level?.price_1e9, rung?.price_1e9)
      if (price === undefined || this.#beyond(price)) return
      const here = level?.price_1e9 === price ? level : undefined
      const shown = here?.qty_1e8 ?? 0n
      const offered = here === undefined ? 0n : offer(here)
      if (here !== undefined) atLevel += 1
      if (rung?.price_1e9 === price) {
        atRung += 1
        if (!this.#takeAround(rung, offered, shown)) return
      } else if (!this.#take(price, offered, shown, null)) return
    }
  }

  /** One price where own orders rest: public size ahead of each, then the own order, then the rest. */
  #takeAround(rung: Rung, offered: bigint, shown: bigint): boolean {
    let passed = 0n
    for (const own of rung.orders) {
      if (own.child.client_id !== this.#order.child.client_id) continue
      const ahead = own.place?.ahead_1e8 ?? 0n
      const until = smaller(ahead > passed ? ahead : passed, offered)
      if (!this.#take(rung.price_1e9, until - passed, shown, null)) return false
      passed = until
      if (this.#left === 0n) return false
      if (!this.#meet(own, rung.price_1e9)) return false
    }
    return this.#take(rung.price_1e9, offered - passed, shown, null)
  }

  #meet(own: SimOrder, price_1e9: bigint): boolean {
    switch (this.#order.venue.capabilities.self_trade) {
      case 'allow':
        return this.#take(
          price_1e9,
          own.ceiling?.most(price_1e9, own.left_1e8) ?? own.left_1e8,
          own.left_1e8,
          own,
        )
      case 'cancel-maker':
        this.#steps.push({ kind: 'drop', own })
        return true
      case 'cancel-both':
        this.#steps.push({ kind: 'drop', own })
        this.#end = 'self-trade'
        return false
      case 'cancel-taker':
        this.#end = 'self-trade'
        return false
      case 'decrement': {
        const qty_1e8 = smaller(own.left_1e8, this.#left)
        this.#steps.push({ kind: 'decrement', own, qty_1e8 })
        this.#left -= qty_1e8
        if (this.#left === 0n) this.#end = this.#taken === 0n ? 'self-trade' : 'complete'
        return this.#left > 0n
      }
    }
  }

  /** Takes what is wanted of an offer; false ends the walk. */
  #take(price_1e9: bigint, offered: bigint, shown_1e8: bigint, own: SimOrder | null): boolean {
    const { ceiling } = this.#order
    let wanted = wholeLots(this.#order, smaller(offered, this.#left))
    if (ceiling !== null) wanted = wholeLots(this.#order, ceiling.most(price_1e9, wanted))
    if (wanted <= 0n) return true
    const priced = affordable(
      this.#order,
      { price_1e9, qty_1e8: wanted, liquidity: 'taker', carry_1e8: this.#carry },
      this.#spent,
    )
    if (priced.qty_1e8 > 0n) this.#write(price_1e9, priced, shown_1e8, own)
    if (priced.qty_1e8 === wanted && this.#left > 0n) return true
    this.#end = priced.qty_1e8 < wanted ? 'spent' : 'complete'
    return false
  }

  #write(price_1e9: bigint, priced: Priced, shown_1e8: bigint, own: SimOrder | null): void {
    const { qty_1e8, carry_1e8, notional_1e8 } = priced
    const reference = this.#order.ceiling?.take(qty_1e8)
    const fee_1e8 =
      reference !== undefined && reference.fee_1e8 > priced.fee_1e8
        ? reference.fee_1e8
        : priced.fee_1e8
    const paid_1e8 = notional_1e8 === 0n ? 0n : notional_1e8 + fee_1e8
    this.#steps.push({
      kind: 'take',
      price_1e9,
      qty_1e8,
      fee_1e8,
      carry_1e8,
      paid_1e8,
      reference_1e9: reference?.price_1e9 ?? null,
      shown_1e8,
      own,
    })
    this.#carry = carry_1e8
    this.#left -= qty_1e8
    this.#taken += qty_1e8
    this.#spent += paid_1e8
  }

  #beyond(price_1e9: bigint): boolean {
    return this.#bound !== null && !within(this.#order.side, price_1e9, this.#bound)
  }

  #nearer(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
    if (a === undefined || b === undefined) return a ?? b
    return within(this.#order.side, a, b) ? a : b
  }
}
