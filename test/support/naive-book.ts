/**
 * A slow, obviously right order book: one list of orders, sorted and filtered for every question.
 *
 * The twin that the real matching is held against. It shares nothing with it but the words.
 *
 * @module
 */

import type { SelfTrade } from '../../src/engine/command.js'
import type { Leave } from '../../src/engine/matcher.js'
import type { TimeInForce } from '../../src/engine/order.js'

export interface NaiveOrder {
  id: number
  owner: number
  side: 0 | 1
  price: number
  left: number
  /** Position in time: later is larger. */
  time: number
}

/** What happened, in order. */
export type NaiveEvent =
  | { type: 'trade'; taker: number; maker: number; price: number; qty: number }
  | { type: 'rested'; id: number; price: number; left: number; ahead: number }
  | { type: 'amended'; id: number; price: number; left: number }
  | { type: 'done'; id: number; why: Leave; left: number }

export interface NaivePlace {
  id: number
  owner: number
  side: 0 | 1
  price: number | null
  qty: number
  time_in_force: TimeInForce
  post_only: boolean
  self_trade: SelfTrade
}

export class NaiveBook {
  orders: NaiveOrder[] = []
  #time = 0

  /** Orders of the other side that a taker at this price meets, in order. */
  #facing(side: 0 | 1, price: number | null): NaiveOrder[] {
    return this.orders
      .filter((o) => o.side !== side)
      .filter((o) => price === null || (side === 0 ? o.price <= price : o.price >= price))
      .sort((a, b) => (side === 0 ? a.price - b.price : b.price - a.price) || a.time - b.time)
  }

  place(order: NaivePlace): NaiveEvent[] {
    const { id, owner, side, price, qty, self_trade } = order
    const facing = this.#facing(side, price)
    if (order.post_only && facing.length > 0) {
      return [{ type: 'done', id, why: 'would-cross', left: qty }]
    }
    if (order.time_in_force === 'fok' && !this.#fillable(facing, order)) {
      return [{ type: 'done', id, why: 'fok-unfilled', left: qty }]
    }
    const events: NaiveEvent[] = []
    let left = qty
    let lostToSelf = 0
    for (const maker of facing) {
      if (left === 0) break
      if (self_trade !== 'allow' && maker.owner === owner) {
        if (self_trade === 'decrement') {
          const both = Math.min(left, maker.left)
          left -= both
          lostToSelf += both
          if (both === maker.left) this.#remove(maker, 'self-trade', events)
          else {
            maker.left -= both
            events.push({ type: 'amended', id: maker.id, price: maker.price, left: maker.left })
          }
          continue
        }
        if (self_trade !== 'cancel-taker') this.#remove(maker, 'self-trade', events)
        if (self_trade === 'cancel-maker') continue
        events.push({ type: 'done', id, why: 'self-trade', left: left + lostToSelf })
        return events
      }
      const traded = Math.min(left, maker.left)
      left -= traded
      maker.left -= traded
      events.push({ type: 'trade', taker: id, maker: maker.id, price: maker.price, qty: traded })
      if (maker.left === 0) this.#remove(maker, 'filled', events)
    }
    const given = left + lostToSelf
    if (left === 0) {
      events.push({ type: 'done', id, why: lostToSelf > 0 ? 'self-trade' : 'filled', left: given })
    } else if (price === null) events.push({ type: 'done', id, why: 'no-liquidity', left: given })
    else if (order.time_in_force === 'ioc') {
      events.push({ type: 'done', id, why: 'ioc-unfilled', left: given })
    } else events.push(this.#rest({ id, owner, side, price, left, time: 0 }))
    return events
  }

  cancel(id: number): NaiveEvent[] {
    const order = this.orders.find((o) => o.id === id)
    const events: NaiveEvent[] = []
    if (order !== undefined) this.#remove(order, 'cancelled', events)
    return events
  }

  /** `place_terms`: what the exchange keeps of the order's own words when it crosses again. */
  amend(id: number, price: number, left: number, self_trade: SelfTrade): NaiveEvent[] {
    const order = this.orders.find((o) => o.id === id)
    if (order === undefined) return []
    const events: NaiveEvent[] = [{ type: 'amended', id, price, left }]
    if (price === order.price && left <= order.left) {
      order.left = left
      return events
    }
    this.orders = this.orders.filter((o) => o !== order)
    const { owner, side } = order
    return events.concat(
      this.place({
        id,
        owner,
        side,
        price,
        qty: left,
        time_in_force: 'gtc',
        post_only: false,
        self_trade,
      }),
    )
  }

  /** Size per price, best first. */
  levels(side: 0 | 1): { price: number; qty: number; orders: number }[] {
    const prices = [...new Set(this.orders.filter((o) => o.side === side).map((o) => o.price))]
    return prices
      .sort((a, b) => (side === 0 ? b - a : a - b))
      .map((price) => {
        const there = this.orders.filter((o) => o.side === side && o.price === price)
        return { price, qty: there.reduce((sum, o) => sum + o.left, 0), orders: there.length }
      })
  }

  ahead(id: number): number | undefined {
    const order = this.orders.find((o) => o.id === id)
    if (order === undefined) return undefined
    return this.orders
      .filter((o) => o.side === order.side && o.price === order.price && o.time < order.time)
      .reduce((sum, o) => sum + o.left, 0)
  }

  #fillable(facing: readonly NaiveOrder[], order: NaivePlace): boolean {
    let wanted = order.qty
    for (const maker of facing) {
      if (order.self_trade !== 'allow' && maker.owner === order.owner) {
        if (order.self_trade === 'cancel-maker') continue
        break
      }
      wanted -= maker.left
      if (wanted <= 0) return true
    }
    return false
  }

  #rest(order: NaiveOrder): NaiveEvent {
    this.#time += 1
    order.time = this.#time
    this.orders.push(order)
    const ahead = this.ahead(order.id) ?? 0
    return { type: 'rested', id: order.id, price: order.price, left: order.left, ahead }
  }

  #remove(order: NaiveOrder, why: Leave, events: NaiveEvent[]): void {
    this.orders = this.orders.filter((o) => o !== order)
    events.push({ type: 'done', id: order.id, why, left: order.left })
  }
}
