/**
 * Ceiling: what the reference outcome of one order allows its adversarial outcome to be.
 *
 * An order that adversaries may touch is also run, unseen, without them. The n-th unit it
 * really gets may then fill no earlier, at no better a price and for no smaller a fee than the n-th unit
 * of that reference. So dominance (law P3) holds by construction, whatever an adversary does, luck from
 * a late arrival included.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'
import type { Liquidity } from '../engine/order.js'
import { divCeil, smaller } from '../engine/units.js'

/** One fill of the reference. Price in the book's terms. */
export interface ReferenceFill {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly fee_1e8: bigint
  readonly liquidity: Liquidity
}

/** What units of the reference cost. */
export interface LeastCost {
  readonly fee_1e8: bigint
  readonly liquidity: Liquidity
  /** Best price among these units. */
  readonly price_1e9: bigint | null
}

/** Where a ceiling has been used up to. */
export interface CeilingMark {
  readonly head: number
  readonly used_1e8: bigint
}

export class Ceiling {
  readonly #buying: boolean
  readonly #fills: ReferenceFill[] = []
  #head = 0
  /** Of the fill at the head. */
  #used_1e8 = 0n
  #total_1e8 = 0n

  /** @param side - Of the order, in the book's terms. */
  constructor(side: Side) {
    this.#buying = side === 'buy'
  }

  /** Quantity the reference has filled so far, used or not. */
  get total_1e8(): bigint {
    return this.#total_1e8
  }

  push(fill: ReferenceFill): void {
    this.#fills.push(fill)
    this.#total_1e8 += fill.qty_1e8
  }

  /** Most of `wanted_1e8` that may fill at this price now. */
  most(price_1e9: bigint, wanted_1e8: bigint): bigint {
    let allowed = -this.#used_1e8
    for (let index = this.#head; index < this.#fills.length; index += 1) {
      const fill = this.#fills[index] as ReferenceFill
      if (this.#buying ? price_1e9 < fill.price_1e9 : price_1e9 > fill.price_1e9) break
      allowed += fill.qty_1e8
      if (allowed >= wanted_1e8) return wanted_1e8
    }
    return allowed > 0n ? allowed : 0n
  }

  /** Uses up the next units; at most what {@link most} allowed. */
  take(qty_1e8: bigint): LeastCost {
    let left = qty_1e8
    let fee_1e8 = 0n
    let liquidity: Liquidity = 'maker'
    let price_1e9: bigint | null = null
    while (left > 0n) {
      const fill = this.#fills[this.#head]
      if (fill === undefined) {
        throw new Error(`a simulated fill of ${qty_1e8} exceeds its reference by ${left}`)
      }
      const open = fill.qty_1e8 - this.#used_1e8
      const taken = smaller(open, left)
      const until = this.#used_1e8 + taken
      fee_1e8 +=
        divCeil(fill.fee_1e8 * until, fill.qty_1e8) -
        divCeil(fill.fee_1e8 * this.#used_1e8, fill.qty_1e8)
      if (fill.liquidity === 'taker') liquidity = 'taker'
      price_1e9 ??= fill.price_1e9
      left -= taken
      this.#used_1e8 = until
      if (until === fill.qty_1e8) {
        this.#head += 1
        this.#used_1e8 = 0n
      }
    }
    return { fee_1e8, liquidity, price_1e9 }
  }

  mark(): CeilingMark {
    return { head: this.#head, used_1e8: this.#used_1e8 }
  }

  rewind(mark: CeilingMark): void {
    this.#head = mark.head
    this.#used_1e8 = mark.used_1e8
  }

  /** Takes over what another one allows; the other stays as it is. */
  become(other: Ceiling): void {
    this.#fills.splice(0, this.#fills.length, ...other.#fills)
    this.#total_1e8 = other.#total_1e8
    this.rewind(other.mark())
  }

  copy(): Ceiling {
    const copy = new Ceiling(this.#buying ? 'buy' : 'sell')
    for (const fill of this.#fills) copy.push(fill)
    copy.rewind(this.mark())
    return copy
  }
}
