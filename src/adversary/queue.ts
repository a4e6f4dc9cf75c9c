/**
 * Queue: where a simulated order stands at its price, estimated from what the public feed shows.
 *
 * Pure. An order arrives behind everything shown at its price. Trades at the price take from the front;
 * a level that shrinks beyond its trades lost cancelled orders, and the estimators differ only in how
 * many of those stood ahead. All of them keep `ahead <= shown`, because nobody joins in front.
 *
 * - `optimistic`: every cancelled lot stood ahead: the best the feed allows.
 * - `pessimistic`: every cancelled lot stood behind, as far as the shown size permits: the worst it allows.
 * - `proportional`: cancels are spread evenly over the queue.
 * - `power-law`: cancels lean to the longer part of the queue, by its third power.
 *
 * The first two bound the truth for the flow the feed shows. Orders that left no trace (a killed FOK, an
 * IOC's remainder) and orders an amend moved to the back of the same price are outside the bounds.
 *
 * @see https://rigtorp.se/2013/06/08/estimating-order-queue-position.html proportional and its kin
 * @see https://hftbacktest.readthedocs.io/en/latest/order_fill.html risk-averse (pessimistic) and power probability queue models
 *
 * @module
 */

import type { PublicTrade } from '../engine/depth.js'
import { smaller } from '../engine/units.js'

export type QueueEstimator = 'optimistic' | 'proportional' | 'power-law' | 'pessimistic'

/** Exponent of the power law, as in the source's own example. */
const POWER = 3n

/** A place in one price's queue. Sizes `_1e8`. */
export interface QueuePlace {
  /** Shown size ahead of us. Own orders are not shown: their owner keeps count of them. */
  ahead_1e8: bigint
  /** Unshown size that jumped the queue (see `queue-jump.ts`). */
  jumped_1e8: bigint
  /**
   * Public takers that, in the order's own world, found the quote they took in public already taken by
   * us, and so may rest in front of us, unseen. Unlike the rest it stands in the way at better prices too.
   */
  displaced_1e8: bigint
  /** How far falls of the level that no trade has explained yet moved it forward. */
  moved_1e8: bigint
  /** The newest such fall's part. */
  moved_last_1e8: bigint
}

/** A place behind everything shown, and behind what jumped the queue. */
export const joinQueue = (shown_1e8: bigint, jumped_1e8 = 0n): QueuePlace => ({
  ahead_1e8: shown_1e8,
  jumped_1e8,
  displaced_1e8: 0n,
  moved_1e8: 0n,
  moved_last_1e8: 0n,
})

/** What the feed last said about the order's price, and what it has yet to reconcile. */
export interface LevelMemory {
  shown_1e8: bigint
  /** Traded here but not yet seen as a smaller level. */
  pending_1e8: bigint
  pending_ts_ns: bigint
  /** Left the level without a trade so far: a trade told late may turn out to be the cause. */
  credit_1e8: bigint
  credit_ts_ns: bigint
  /** The newest fall's part of the credit. */
  credit_last_1e8: bigint
}

export const rememberLevel = (shown_1e8: bigint): LevelMemory => ({
  shown_1e8,
  pending_1e8: 0n,
  pending_ts_ns: 0n,
  credit_1e8: 0n,
  credit_ts_ns: 0n,
  credit_last_1e8: 0n,
})

/** Everything that must trade before the order does. */
export const queueAhead = (place: QueuePlace): bigint =>
  place.displaced_1e8 + place.jumped_1e8 + place.ahead_1e8

/**
 * The level has a new size.
 *
 * Net change rule: one level message is taken as one change.
 *
 * @returns What to hand to {@link applyCancels} for each place that uses this memory.
 */
export function levelChanges(memory: LevelMemory, shown_1e8: bigint, ts_ns: bigint): LevelChange {
  const gone = memory.shown_1e8 - shown_1e8
  memory.shown_1e8 = shown_1e8
  let traded = 0n
  if (ts_ns >= memory.pending_ts_ns) {
    traded = memory.pending_1e8
    memory.pending_1e8 = 0n
  }
  const cancelled_1e8 = gone > traded ? gone - traded : 0n
  const first = memory.credit_1e8 === 0n
  memory.credit_1e8 += cancelled_1e8
  memory.credit_last_1e8 = cancelled_1e8
  if (cancelled_1e8 > 0n) memory.credit_ts_ns = ts_ns
  return { shown_1e8, cancelled_1e8, first }
}

/** A new size of a level. */
export interface LevelChange {
  readonly shown_1e8: bigint
  /** The fall of the level beyond the trades told before it. */
  readonly cancelled_1e8: bigint
  /** Nothing unexplained went before. */
  readonly first: boolean
}

/**
 * Moves a place forward by its share of the cancels.
 *
 * @param lot_1e8 - Shares are cut down to whole lots, so rounding never favours the order.
 */
export function applyCancels(
  place: QueuePlace,
  estimator: QueueEstimator,
  change: LevelChange,
  lot_1e8: bigint,
): void {
  const { cancelled_1e8, shown_1e8, first } = change
  let front = place.ahead_1e8
  if (cancelled_1e8 > 0n && front > 0n) {
    const before = shown_1e8 + cancelled_1e8
    const share = shareAhead(estimator, front, before > front ? before - front : 0n, cancelled_1e8)
    const cut = share - (share % lot_1e8)
    front = cut < front ? front - cut : 0n
  }
  const ahead_1e8 = smaller(front, shown_1e8)
  const moved = place.ahead_1e8 - ahead_1e8
  place.ahead_1e8 = ahead_1e8
  place.moved_last_1e8 = moved
  place.moved_1e8 = first ? moved : place.moved_1e8 + moved
}

/**
 * How much of a trade at the order's price is news to a place: call {@link passQueue} with the answer.
 *
 * A fall of the level that a trade explains afterwards was no cancel: all of the trade came from the front,
 * less what the fall moved the place already. Timestamps of the venue say which falls a trade may explain.
 * A feed that tells levels first (`level_told`) promises that it explains the newest. Where none is
 * promised and times tie, the optimistic estimator lets both count in full.
 */
export function newFlow(
  memory: LevelMemory,
  place: QueuePlace,
  estimator: QueueEstimator,
  trade: Pick<PublicTrade, 'qty_1e8' | 'ts_ns' | 'level_told'>,
): bigint {
  const { qty_1e8, ts_ns, level_told = false } = trade
  const { credit_1e8, credit_last_1e8, credit_ts_ns } = memory
  if (credit_1e8 === 0n || ts_ns > credit_ts_ns) return qty_1e8
  if (level_told) {
    const seen = smaller(smaller(qty_1e8, credit_last_1e8), place.moved_last_1e8)
    place.moved_last_1e8 -= seen
    place.moved_1e8 -= seen
    return qty_1e8 - seen
  }
  if (estimator === 'optimistic' && ts_ns === credit_ts_ns) return qty_1e8
  const seen = smaller(smaller(qty_1e8, credit_1e8), place.moved_1e8)
  place.moved_1e8 -= seen
  return qty_1e8 - seen
}

/** Books a trade at the level; call after every place has asked {@link newFlow}. */
export function levelTrades(memory: LevelMemory, trade: { qty_1e8: bigint; ts_ns: bigint }): void {
  let fresh = trade.qty_1e8
  if (memory.credit_1e8 > 0n && trade.ts_ns <= memory.credit_ts_ns) {
    const late = smaller(fresh, memory.credit_1e8)
    memory.credit_1e8 -= late
    memory.credit_last_1e8 = memory.credit_last_1e8 > late ? memory.credit_last_1e8 - late : 0n
    fresh -= late
    if (fresh === 0n) return
  } else {
    memory.credit_1e8 = 0n
    memory.credit_last_1e8 = 0n
  }
  memory.pending_1e8 += fresh
  if (trade.ts_ns > memory.pending_ts_ns) memory.pending_ts_ns = trade.ts_ns
}

/**
 * Flow at the order's price: takes from the front of the queue.
 *
 * @returns What is left of the flow when it reaches the order.
 */
export function passQueue(place: QueuePlace, flow_1e8: bigint): bigint {
  const seen = passDisplaced(place, flow_1e8)
  const jumped = smaller(place.jumped_1e8, seen)
  place.jumped_1e8 -= jumped
  const flow = seen - jumped
  const ahead = smaller(place.ahead_1e8, flow)
  place.ahead_1e8 -= ahead
  return flow - ahead
}

/** Flow or a quote beyond the order's price: only what was displaced can still stand in the way. */
export function passDisplaced(place: QueuePlace, flow_1e8: bigint): bigint {
  const displaced = smaller(place.displaced_1e8, flow_1e8)
  place.displaced_1e8 -= displaced
  return flow_1e8 - displaced
}

function shareAhead(
  estimator: QueueEstimator,
  front: bigint,
  back: bigint,
  cancelled: bigint,
): bigint {
  switch (estimator) {
    case 'optimistic':
      return cancelled
    case 'pessimistic':
      return 0n
    case 'proportional':
      return (cancelled * front) / (front + back)
    case 'power-law': {
      const ahead = front ** POWER
      return (cancelled * ahead) / (ahead + back ** POWER)
    }
  }
}
