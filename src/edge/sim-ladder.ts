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
  /** Orders per client. */
  readonly clients: Map<string, number>
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

  /** Everything that rests here, best price first and in order of arrival. */
  resting(): [SimOrder, bigint][] {
    return this.#rungs.flatMap(({ price_1e9, orders }) =>
      [...orders].map((order): [SimOrder, bigint] => [order, price_1e9]),
    )
  }

  /** Takes everything off. */
  clear(): void {
    this.#rungs.length = 0
    this.#clients.clear()
  }

  /** Puts an order at the back of its price. */
  add(order: SimOrder, price_1e9: bigint): void {
    const index = this.#find(price_1e9)
    let rung = this.#rungs[index]
    if (rung?.price_1e9 !== price_1e9) {
      rung = { price_1e9, orders: new Set(), clients: new Map() }
      this.#rungs.splice(index, 0, rung)
    }
    rung.orders.add(order)
    count(rung.clients, order.child.client_id, 1)
    count(this.#clients, order.child.client_id, 1)
  }

  remove(order: SimOrder, price_1e9: bigint): void {
    const index = this.#find(price_1e9)
    const rung = this.#rungs[index]
    if (rung?.price_1e9 !== price_1e9 || !rung.orders.delete(order)) return
    count(rung.clients, order.child.client_id, -1)
    count(this.#clients, order.child.client_id, -1)
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

function count(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by
  if (now === 0) counts.delete(key)
  else counts.set(key, now)
}
