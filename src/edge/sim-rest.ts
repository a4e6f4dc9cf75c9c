/**
 * Sim rest: how resting simulated orders fill.
 *
 * Three things fill an order: trades at its price once they have passed its queue, trades beyond its
 * price, and a public quote of the other side at or beyond its price (which at the venue would have
 * traded with it). It always fills at its own limit. Flow that one order took cannot fill another of the
 * same client, and a quote an order has met is gone for that client.
 *
 * @module
 */

import { shareOf } from '../adversary/partial-fill.js'
import { type Approach, canFill } from '../adversary/pick-off.js'
import {
  applyCancels,
  levelChanges,
  levelTrades,
  newFlow,
  passDisplaced,
  passQueue,
  queueAhead,
} from '../adversary/queue.js'
import type { Depth } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import { smaller } from '../engine/units.js'
import { sizeAt } from '../market/depth-book.js'
import type { MarketEvent } from '../market/hub.js'
import type { SimMarket } from './sim-market.js'
import { affordable, feeOf } from './sim-money.js'
import { opposite, type SimOrder, wholeLots, within } from './sim-order.js'
import type { SimWorld } from './sim-world.js'

/** Moves kept per order: the first and the newest. */
const HISTORY = 16

/**
 * Fills a resting order at its limit, as far as its budget, its reference and reduce-only allow.
 *
 * @returns What really filled.
 */
export function fillResting(
  world: SimWorld,
  order: SimOrder,
  fill: { qty_1e8: bigint; rule: string; ahead_1e8?: bigint },
): bigint {
  const price_1e9 = order.limit_1e9
  if (price_1e9 === null || order.state !== 'resting') return 0n
  let qty = wholeLots(order, smaller(fill.qty_1e8, order.left_1e8))
  const closable = world.closable(order)
  if (closable !== null) qty = smaller(qty, closable)
  if (closable === 0n) {
    world.end(order, 'not-reducing')
    return 0n
  }
  const { ceiling } = order
  if (ceiling !== null) qty = wholeLots(order, ceiling.most(price_1e9, qty))
  if (qty <= 0n) return 0n
  const worst = { price_1e9, qty_1e8: qty, liquidity: 'maker', carry_1e8: order.carry_1e8 } as const
  const priced = affordable(order, worst, order.spent_1e8)
  qty = priced.qty_1e8
  if (qty === 0n) {
    world.end(order, 'insufficient-balance')
    return 0n
  }
  const reference = ceiling?.take(qty)
  const liquidity = reference?.liquidity ?? 'maker'
  const owed = liquidity === 'maker' ? priced : feeOf(order, { ...worst, qty_1e8: qty, liquidity })
  const fee_1e8 =
    reference !== undefined && reference.fee_1e8 > owed.fee_1e8 ? reference.fee_1e8 : owed.fee_1e8
  order.carry_1e8 = owed.carry_1e8
  world.fill(
    order,
    {
      price_1e9,
      qty_1e8: qty,
      fee_1e8,
      liquidity,
      ahead_1e8: fill.ahead_1e8 ?? 0n,
      rule: fill.rule,
      reference_1e9: reference?.price_1e9 ?? null,
    },
    priced.notional_1e8 === 0n ? 0n : priced.notional_1e8 + fee_1e8,
  )
  return qty
}

/** A public trade: it takes from the queues it reaches and fills what stands at their front. */
export function marketTraded(
  world: SimWorld,
  market: SimMarket,
  trade: Extract<MarketEvent, { type: 'trade' }>,
): void {
  market.flow?.traded(trade.taker_side, trade.qty_1e8)
  const side = opposite(trade.taker_side)
  displace(world, market, trade)
  const flows = new Map<string, Flow>()
  for (const order of touched(market, side, trade.price_1e9)) {
    if (order.state !== 'resting' || order.limit_1e9 === null) continue
    const { client_id } = order.child
    let flow = flows.get(client_id)
    if (flow === undefined) {
      flow = { left_1e8: trade.qty_1e8, low_left_1e8: trade.qty_1e8 }
      flows.set(client_id, flow)
    }
    if (order.limit_1e9 === trade.price_1e9) tradedAt(world, market, order, flow, trade)
    else tradedThrough(world, order, flow)
  }
}

/** A public level has a new size: what was not traded was cancelled, somewhere in the queue. */
export function levelChanged(
  world: SimWorld,
  market: SimMarket,
  level: { side: Side; price_1e9: bigint; qty_1e8: bigint; ts_ns: bigint },
): void {
  const { side, price_1e9, qty_1e8, ts_ns } = level
  market.met.published(side, price_1e9, qty_1e8)
  market.shadow?.published(side, price_1e9, qty_1e8)
  const rung = market[side].rung(price_1e9)
  if (rung === undefined) return
  const estimator = world.options.profile.queue
  for (const order of rung.orders) {
    if (order.place === null || order.low === null || order.level === null) continue
    const change = levelChanges(order.level, qty_1e8, ts_ns)
    const { lot_size_1e8 } = order.child.instrument
    applyCancels(order.place, estimator, change, lot_size_1e8)
    applyCancels(order.low.place, 'pessimistic', change, lot_size_1e8)
    remember(order)
  }
}

/** The market takes something else now: at some venues that ends what rests in it. */
export function marketChanged(
  world: SimWorld,
  market: SimMarket,
  { state, before }: Extract<MarketEvent, { type: 'state' }>,
): void {
  const over = state === 'closed' || state === 'determined' || state === 'settled'
  const reopened = state === 'open' && (before === 'paused' || before === 'halted')
  const change = over ? 'closed' : reopened ? 'reopened' : null
  if (change === null) return
  for (const side of ['buy', 'sell'] as const) {
    for (const order of market[side].rungs.flatMap(({ orders }) => [...orders])) {
      const { cancels_resting = [] } = order.venue.capabilities
      if (cancels_resting.includes(change)) world.end(order, 'venue')
    }
  }
}

/** A whole new book: each remembered level is looked up in it. */
export function bookReplaced(
  world: SimWorld,
  market: SimMarket,
  depth: Depth,
  ts_ns: bigint,
): void {
  const at = (side: Side, price_1e9: bigint) =>
    sizeAt(side === 'buy' ? depth.bids : depth.asks, side, price_1e9)
  market.met.republished(at)
  market.shadow?.republished(at)
  for (const side of ['buy', 'sell'] as const) {
    for (const { price_1e9, orders } of market[side].rungs) {
      const qty_1e8 = at(side, price_1e9)
      // Every order at a price has been told the same sizes, so one speaks for all.
      const [first] = orders
      if (first?.level?.shown_1e8 !== qty_1e8)
        levelChanged(world, market, { side, price_1e9, qty_1e8, ts_ns })
    }
  }
}

/** The book is whole again: a quote at or beyond a resting order would have traded with it. */
export function bookPublished(world: SimWorld, market: SimMarket, depth: Depth): void {
  const bid = depth.bids[0]
  const ask = depth.asks[0]
  if (bid !== undefined && ask !== undefined && bid.price_1e9 >= ask.price_1e9) return
  for (const side of ['buy', 'sell'] as const) {
    const levels = side === 'buy' ? depth.asks : depth.bids
    const best = levels[0]
    const first = market[side].rungs[0]
    if (best === undefined || first === undefined) continue
    if (!within(side, best.price_1e9, first.price_1e9)) continue
    for (const order of touched(market, side, best.price_1e9))
      meetQuotes(world, market, order, depth)
  }
}

/** Trade size still to be given out to one client's orders, in the estimate and in the lower bound. */
interface Flow {
  left_1e8: bigint
  low_left_1e8: bigint
}

/**
 * A public taker took a quote that a client's order had met before: in that order's own world the quote
 * was gone, and the taker went further or rests now, possibly ahead. The cautious assume it rests.
 */
function displace(
  world: SimWorld,
  market: SimMarket,
  trade: Extract<MarketEvent, { type: 'trade' }>,
): void {
  const { taker_side, price_1e9, qty_1e8 } = trade
  if (!market.met.touched(opposite(taker_side), price_1e9)) return
  const cautious = world.options.profile.queue !== 'optimistic'
  for (const { orders } of market[taker_side].rungs) {
    for (const { child, place, low } of orders) {
      const met = market.met.eaten(child.client_id, opposite(taker_side), price_1e9)
      if (met === 0n || place === null || low === null) continue
      const displaced = smaller(met, qty_1e8)
      low.place.displaced_1e8 += displaced
      if (cautious) place.displaced_1e8 += displaced
    }
  }
}

function tradedAt(
  world: SimWorld,
  market: SimMarket,
  order: SimOrder,
  flow: Flow,
  trade: Extract<MarketEvent, { type: 'trade' }>,
): void {
  const { place, low, level } = order
  if (place === null || low === null || level === null) return
  const { profile } = world.options
  const ahead_1e8 = queueAhead(place)
  const news = newFlow(level, place, profile.queue, { ...trade, qty_1e8: flow.left_1e8 })
  const lowLeft = { ...trade, qty_1e8: flow.low_left_1e8 }
  const lowNews = newFlow(level, low.place, 'pessimistic', lowLeft)
  levelTrades(level, trade)
  const reached = passQueue(place, news)
  // What reaches an order does not reach the client's next one, whether it fills or passes by.
  flow.left_1e8 -= smaller(reached, order.left_1e8)
  flow.low_left_1e8 -= fillLow(order, passQueue(low.place, lowNews))
  remember(order)
  if (reached === 0n || !canFill(profile.pickOff, 'trade-at')) return
  if (market.flow?.skips(trade.taker_side, world.options.random('adversary/toxic')) === true) return
  const qty_1e8 = profile.partial === null ? reached : shareOf(profile.partial, reached)
  fillResting(world, order, { qty_1e8, rule: 'trades at its price passed its queue', ahead_1e8 })
}

/** The flow went beyond the order's price, so nothing was left ahead of it there. */
function tradedThrough(world: SimWorld, order: SimOrder, flow: Flow): void {
  const { place, low } = order
  if (place === null || low === null) return
  const { profile } = world.options
  const ahead_1e8 = queueAhead(place)
  emptyQueue(order)
  flow.low_left_1e8 = passDisplaced(low.place, flow.low_left_1e8)
  flow.low_left_1e8 -= fillLow(order, flow.low_left_1e8)
  flow.left_1e8 = passDisplaced(place, flow.left_1e8)
  remember(order)
  if (!canFill(profile.pickOff, 'trade-through')) return
  const reached = smaller(flow.left_1e8, order.left_1e8)
  const qty_1e8 = profile.partial === null ? reached : shareOf(profile.partial, reached)
  flow.left_1e8 -= reached
  fillResting(world, order, { qty_1e8, rule: 'the market traded through its price', ahead_1e8 })
}

function meetQuotes(world: SimWorld, market: SimMarket, order: SimOrder, depth: Depth): void {
  const { limit_1e9, side, child, place, low } = order
  if (limit_1e9 === null || place === null || low === null) return
  const { profile } = world.options
  const other = opposite(side)
  const ahead_1e8 = queueAhead(place)
  emptyQueue(order)
  for (const level of side === 'buy' ? depth.asks : depth.bids) {
    if (order.state !== 'resting' || !within(side, level.price_1e9, limit_1e9)) return
    const approach: Approach = level.price_1e9 === limit_1e9 ? 'quote-at' : 'quote-through'
    const open = level.qty_1e8 - market.met.eaten(child.client_id, other, level.price_1e9)
    if (open <= 0n) continue
    const lowOpen = passDisplaced(low.place, open)
    const reached = passDisplaced(place, open)
    const lowQty = approach === 'quote-through' ? fillLow(order, lowOpen) : 0n
    let qty = 0n
    if (canFill(profile.pickOff, approach)) {
      const offered = profile.partial === null ? reached : shareOf(profile.partial, reached)
      const rule =
        approach === 'quote-at' ? 'a quote met its price' : 'the market moved through its price'
      qty = fillResting(world, order, { qty_1e8: offered, rule, ahead_1e8 })
    }
    const gone = qty + open - reached
    const lowGone = lowQty + open - lowOpen
    const met = lowGone > gone ? lowGone : gone
    if (met > 0n) {
      const { price_1e9, qty_1e8: shown_1e8 } = level
      market.met.eat(child.client_id, other, { price_1e9, qty_1e8: met, shown_1e8 })
    }
  }
}

function fillLow(order: SimOrder, reached_1e8: bigint): bigint {
  const { low } = order
  if (low === null) return 0n
  const qty = wholeLots(order, smaller(reached_1e8, low.left_1e8))
  low.left_1e8 -= qty
  order.low_filled_1e8 += qty
  return qty
}

function emptyQueue({ place, low }: SimOrder): void {
  for (const each of [place, low?.place]) {
    if (each === undefined || each === null) continue
    each.ahead_1e8 = 0n
    each.jumped_1e8 = 0n
  }
}

/** Orders at `price_1e9` or better, in the order the venue would fill them. */
function touched(market: SimMarket, side: Side, price_1e9: bigint): SimOrder[] {
  const found: SimOrder[] = []
  for (const rung of market[side].rungs) {
    if (!within(side, price_1e9, rung.price_1e9)) break
    found.push(...rung.orders)
  }
  return found
}

function remember(order: SimOrder): void {
  if (order.place === null) return
  const now = queueAhead(order.place)
  const { history_1e8 } = order
  if (history_1e8[history_1e8.length - 1] === now) return
  if (history_1e8.length === HISTORY) history_1e8.splice(1, 1)
  history_1e8.push(now)
}
