/**
 * Sim ladder: the simulated orders that rest on one side of one book, best price first.
 *
 * At one price orders stand in order of arrival. The public book does not contain them, and orders of
 * different clients do not see each other.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'
import type { SimOrder } from './sim-order.js'

/** Orders of all clients at one price. */
export interface Rung {
  readonly price_1e9: bigint
  readonly orders: Set<SimOrder>
  /** Open size per client. */
  readonly open_1e8: Map<string, bigint>
}

export class SimLadder {
  readonly #buying: boolean
  readonly #rungs: Rung[] = []
  readonly #clients = new Map<string, number>()

  constructor(side: Side) {
    this.#buying = side === 'buy'
  }

  /** Best price first. */
  get rungs(): readonly Rung[] {
    return this.#rungs
  }

  /** Whether a client has anything resting here. */
  has(client_id: string): boolean {
    return this.#clients.has(client_id)
  }

  rung(price_1e9: bigint): Rung | undefined {
    const rung = this.#rungs[this.#find(price_1e9)]
    return rung?.price_1e9 === price_1e9 ? rung : undefined
  }

  /** Puts an order at the back of its price. */
  add(order: SimOrder, price_1e9: bigint): void {
    const index = this.#find(price_1e9)
    let rung = this.#rungs[index]
    if (rung?.price_1e9 !== price_1e9) {
      rung = { price_1e9, orders: new Set(), open_1e8: new Map() }
      this.#rungs.splice(index, 0, rung)
    }
    const { client_id } = order.child
    rung.orders.add(order)
    rung.open_1e8.set(client_id, (rung.open_1e8.get(client_id) ?? 0n) + order.left_1e8)
    this.#clients.set(client_id, (this.#clients.get(client_id) ?? 0) + 1)
  }

  /** An order's open size fell by this much. */
  shrink(order: SimOrder, price_1e9: bigint, by_1e8: bigint): void {
    const rung = this.rung(price_1e9)
    if (rung === undefined) return
    const { client_id } = order.child
    rung.open_1e8.set(client_id, (rung.open_1e8.get(client_id) ?? 0n) - by_1e8)
  }

  remove(order: SimOrder, price_1e9: bigint): void {
    const index = this.#find(price_1e9)
    const rung = this.#rungs[index]
    if (rung?.price_1e9 !== price_1e9 || !rung.orders.delete(order)) return
    this.shrink(order, price_1e9, order.left_1e8)
    const { client_id } = order.child
    const left = (this.#clients.get(client_id) ?? 0) - 1
    if (left > 0) this.#clients.set(client_id, left)
    else this.#clients.delete(client_id)
    if (rung.open_1e8.get(client_id) === 0n) rung.open_1e8.delete(client_id)
    if (rung.orders.size === 0) this.#rungs.splice(index, 1)
  }

  /** Index of the first rung that is not better. */
  #find(price_1e9: bigint): number {
    let low = 0
    let high = this.#rungs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const rung = this.#rungs[middle] as Rung
      const better = this.#buying ? rung.price_1e9 > price_1e9 : rung.price_1e9 < price_1e9
      if (better) low = middle + 1
      else high = middle
    }
    return low
  }
}
