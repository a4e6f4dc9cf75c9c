/**
 * Sim image: the simulator's state as a value, and the way back, in place.
 *
 * Orders, markets and ceilings keep their identity: timers and promises that were under way when the
 * image was taken hold on to them, and find them as they were.
 *
 * @module
 */

import type { ShadowDepth } from '../adversary/shadow-depth.js'
import type { FlowMemory } from '../adversary/toxic-flow.js'
import type { Ceiling } from './ceiling.js'
import type { SimMarket } from './sim-market.js'
import type { SimOrder } from './sim-order.js'
import type { SimWorld } from './sim-world.js'

/** An order and its fields at one moment. */
export interface OrderImage {
  readonly order: SimOrder
  readonly fields: SimOrder
  readonly ceiling: Ceiling | null
  readonly notes: Ceiling | null
}

/** A market, who rested on it, and what was remembered of it. */
export interface MarketImage {
  readonly venue: string
  readonly venue_symbol: string
  readonly market: SimMarket
  readonly buy: readonly (readonly [SimOrder, bigint])[]
  readonly sell: readonly (readonly [SimOrder, bigint])[]
  readonly met: ShadowDepth
  readonly shadow: ShadowDepth | null
  readonly flow: FlowMemory | null
}

export interface SimImage {
  /** Entries with their fields, in order of submission. */
  readonly entries: readonly (readonly [object, object])[]
  readonly orders: readonly OrderImage[]
  /** Of the real world, then of the reference if there is one. */
  readonly worlds: readonly (readonly MarketImage[])[]
}

export const imageOf = (order: SimOrder): OrderImage => ({
  order,
  fields: fieldsOf(order),
  ceiling: order.ceiling?.copy() ?? null,
  notes: order.notes?.copy() ?? null,
})

export function putBack({ order, fields, ceiling, notes }: OrderImage): void {
  Object.assign(order, fieldsOf(fields))
  if (ceiling !== null) order.ceiling?.become(ceiling)
  if (notes !== null) order.notes?.become(notes)
}

/** Everything an order's life changes, copied. */
const fieldsOf = (order: SimOrder): SimOrder => ({
  ...order,
  place: order.place === null ? null : { ...order.place },
  level: order.level === null ? null : { ...order.level },
  low: order.low === null ? null : { ...order.low, place: { ...order.low.place } },
  history_1e8: [...order.history_1e8],
})

export const marketsOf = (world: SimWorld): MarketImage[] =>
  [...world.markets()].flatMap(([venue, markets]) =>
    [...markets].map(([venue_symbol, market]) => ({
      venue,
      venue_symbol,
      market,
      buy: market.buy.resting(),
      sell: market.sell.resting(),
      met: market.met.copy(),
      shadow: market.shadow?.copy() ?? null,
      flow: market.flow?.copy() ?? null,
    })),
  )

export function putMarketsBack(world: SimWorld, images: readonly MarketImage[]): void {
  const markets = world.markets()
  markets.clear()
  for (const { venue, venue_symbol, market, ...image } of images) {
    const ofVenue = markets.get(venue) ?? new Map<string, SimMarket>()
    markets.set(venue, ofVenue.set(venue_symbol, market))
    for (const side of ['buy', 'sell'] as const) {
      market[side].clear()
      for (const [order, price_1e9] of image[side]) market[side].add(order, price_1e9)
    }
    market.met.become(image.met)
    if (image.shadow !== null) market.shadow?.become(image.shadow)
    if (image.flow !== null) market.flow?.become(image.flow)
  }
}
