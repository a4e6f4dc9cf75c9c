/**
 * Fill router: what edges say about children, whatever edge it was, turned into order state and
 * handed to the position manager. The same for live and paper orders.
 *
 * Repeats (same venue fill id), events after the end and fills beyond the size change nothing and say so.
 *
 * @module
 */

import { failureReasons } from '../engine/guards.js'
import type { EdgeEvent } from '../engine/order.js'
import type { RejectCode } from '../engine/reject.js'
import { larger, PRICE_SCALE, smaller } from '../engine/units.js'
import { unreachable } from '../engine/unreachable.js'
import type { Account } from './account.js'
import type { AccountCommand, AccountEvent } from './command.js'
import { cashNeed, feeQtyOf, holdCash, holdLock, release } from './holds.js'
import type { Child, Order, OrderStatus } from './order.js'
import { applyFill } from './position-manager.js'
import { openSession } from './session.js'

type EventOf<Type extends EdgeEvent['type']> = Extract<EdgeEvent, { type: Type }>

/** How many ended live children are remembered for events that come late. */
const ENDED_MAX = 1024

export function onEdge(account: Account, event: EdgeEvent, quote_usd_1e9: bigint): AccountEvent[] {
  const child = account.children.get(event.child_id)
  if (child === undefined) return late(account, event, quote_usd_1e9)
  switch (event.type) {
    case 'acked':
      if (child.status === 'NEW') child.status = 'WORKING'
      if (child.order.status === 'NEW') child.order.status = 'WORKING'
      changed(account, child.order, event.ts_ns)
      return [{ type: 'acked', child_id: child.child_id }]
    case 'filled':
      return filled(account, child, event, quote_usd_1e9)
    case 'rejected':
      return [end(account, child, 'REJECTED', event.ts_ns, event.code, event.message)]
    case 'cancelled':
      return [cancelled(account, child, event)]
    case 'expired':
      return [end(account, child, 'EXPIRED', event.ts_ns, null, null)]
    case 'amended':
      return amended(account, child, event)
    case 'amend-rejected':
      child.amending = null
      child.amend_refusal = event.message
      // The lock first: an event contract's fee is held for it too.
      holdLock(account, child, lockNeed(child))
      holdCash(account, child, cashNeed(child))
      changed(account, child.order, event.ts_ns)
      return [
        {
          type: 'amend-refused',
          child_id: child.child_id,
          reason: event.code,
          message: event.message,
        },
      ]
    default:
      return unreachable(event)
  }
}

/** Ends orders here and now, without their edge's answer. */
export function endOpen(
  account: Account,
  command: Extract<AccountCommand, { type: 'end' }>,
): AccountEvent[] {
  const ids = command.ids ?? [...account.orders.keys()]
  return ids.flatMap((id) => {
    const order = account.orders.get(id)
    if (order === undefined) return []
    order.chasing = false
    order.failure_reason = command.reason
    order.failure_message = command.message
    const open = order.children.filter((child) => account.children.has(child.child_id))
    if (open.length === 0) finish(account, order, command.ts_ns)
    return open.map((child) => end(account, child, 'CANCELLED', command.ts_ns, null, null))
  })
}

/** Ends an order that waits for nothing any more. */
export function finish(account: Account, order: Order, ts_ns: bigint): void {
  order.chasing = false
  order.status = endStatus(order)
  account.orders.delete(order.node_order_id)
  changed(account, order, ts_ns)
}

function filled(
  account: Account,
  child: Child,
  event: EventOf<'filled'>,
  quote_usd_1e9: bigint,
): AccountEvent[] {
  if (child.seen?.has(event.venue_fill_id)) {
    return [{ type: 'ignored', child_id: child.child_id, why: 'repeat' }]
  }
  const ceiling =
    child.amending === null ? child.qty_1e8 : larger(child.qty_1e8, child.amending.qty_1e8)
  if (child.filled_1e8 + event.qty_1e8 > ceiling || event.qty_1e8 <= 0n) {
    return [{ type: 'ignored', child_id: child.child_id, why: 'excess' }]
  }
  openSession(account, event.ts_ns)
  child.seen ??= new Set()
  child.seen.add(event.venue_fill_id)
  const { order } = child
  const fee_usd_1e9 =
    quote_usd_1e9 === PRICE_SCALE
      ? event.fee_1e8 * 10n
      : (event.fee_1e8 * quote_usd_1e9) / 100_000_000n
  child.filled_1e8 += event.qty_1e8
  order.filled_1e8 += event.qty_1e8
  order.notional_1e17 += event.price_1e9 * event.qty_1e8
  order.fees_usd_1e9 += fee_usd_1e9
  order.fills += 1
  account.counters.fill += 1
  const fill_id = `fill:${order.graph_id}:${order.node_id}:${order.fills}`
  account.changes.fills.push({
    fill_id,
    nth: account.counters.fill,
    node_order_id: order.node_order_id,
    graph_id: order.graph_id,
    child_id: child.child_id,
    venue: child.venue,
    venue_fill_id: event.venue_fill_id,
    symbol: order.symbol,
    side: order.side,
    px_1e9: event.price_1e9,
    qty_1e8: event.qty_1e8,
    fee_1e8: event.fee_1e8,
    fee_usd_1e9,
    liquidity: event.liquidity,
    queue_ahead_1e8: event.queue_ahead_1e8,
    explanation: event.explanation ?? null,
    ts_ns: event.ts_ns,
  })
  applyFill(account, child, event, { fill_id, fee_usd_1e9, quote_usd_1e9 })
  const done: AccountEvent = {
    type: 'filled',
    child_id: child.child_id,
    fill_id,
    px_1e9: event.price_1e9,
    qty_1e8: event.qty_1e8,
    fee_1e8: event.fee_1e8,
    liquidity: event.liquidity,
  }
  if (child.filled_1e8 >= child.qty_1e8 && child.amending === null) {
    return [done, end(account, child, 'FILLED', event.ts_ns, null, null)]
  }
  child.status = 'PARTIAL'
  order.status = 'PARTIAL'
  changed(account, order, event.ts_ns)
  return [done]
}

function cancelled(account: Account, child: Child, event: EventOf<'cancelled'>): AccountEvent {
  switch (event.reason) {
    case 'requested':
      return end(account, child, 'CANCELLED', event.ts_ns, null, null)
    case 'venue':
      return end(account, child, 'CANCELLED', event.ts_ns, null, 'cancelled by the venue')
    default:
      return end(
        account,
        child,
        'CANCELLED',
        event.ts_ns,
        event.reason,
        words[event.reason] ?? null,
      )
  }
}

/** What a person reads when the book itself ended an order. */
const words: Partial<Record<RejectCode, string>> = {
  'no-liquidity': 'no liquidity was left on the opposite side',
  'would-cross': 'post-only order would cross',
  'fok-unfilled': 'fill-or-kill could not fill whole',
  'ioc-unfilled': 'nothing was left to fill at once',
  'self-trade': 'order would trade with an own order',
  'not-reducing': 'there is no position to reduce',
  'stale-book': 'the book went stale',
  'insufficient-balance': 'funds ran out',
}

function amended(account: Account, child: Child, event: EventOf<'amended'>): AccountEvent[] {
  const { amending, order } = child
  const { qty_1e8 } = event
  order.qty_1e8 += qty_1e8 - child.qty_1e8
  if (order.children.length === 1) order.limit_price_1e9 = event.limit_price_1e9
  child.qty_1e8 = qty_1e8
  child.limit_price_1e9 = event.limit_price_1e9
  const remaining = larger(child.qty_1e8 - child.filled_1e8, 0n)
  if (amending !== null) {
    const { need } = amending
    child.open_price_1e9 = need.open_price_1e9
    child.fee_hold_1e8 = need.fee_hold_1e8
    const fee_qty = feeQtyOf(child.instrument, need)
    child.fee_hold_qty_1e8 = fee_qty > 0n ? fee_qty : 1n
    child.amending = null
  }
  // Fills may have come since the need was worked out, and what is held goes first; and a venue may
  // shrink an order by itself.
  const kept =
    amending === null
      ? child.lock_1e8
      : larger(amending.need.lock_1e8 - (child.filled_1e8 - amending.filled_1e8), 0n)
  const lock = smaller(kept, remaining)
  if (child.lock_key !== null) holdLock(account, child, lock)
  child.open_1e8 = remaining - lock
  holdCash(account, child, cashNeed(child))
  const done: AccountEvent = {
    type: 'amended',
    child_id: child.child_id,
    qty_1e8,
    limit_price_1e9: event.limit_price_1e9,
  }
  if (remaining === 0n) return [done, end(account, child, 'FILLED', event.ts_ns, null, null)]
  changed(account, order, event.ts_ns)
  return [done]
}

/** What a child without a pending amendment keeps committed. */
function lockNeed(child: Child): bigint {
  const remaining = child.qty_1e8 - child.filled_1e8 - child.open_1e8
  if (child.lock_key === null || remaining < 0n) return 0n
  return smaller(child.lock_1e8, remaining)
}

function end(
  account: Account,
  child: Child,
  status: OrderStatus,
  ts_ns: bigint,
  code: RejectCode | null,
  message: string | null,
): AccountEvent {
  const { order } = child
  release(account, child)
  child.amending = null
  child.status = status === 'CANCELLED' && child.filled_1e8 > 0n ? 'PARTIAL' : status
  account.children.delete(child.child_id)
  if (!account.is_sandbox) remember(account, child)
  order.open -= 1
  if (code !== null) order.failure_reason = failureReasons[code]
  if (message !== null) order.failure_message = message
  const whole = order.filled_1e8 >= order.qty_1e8
  if (order.open === 0 && (whole || !order.chasing)) finish(account, order, ts_ns)
  else changed(account, order, ts_ns)
  return { type: 'ended', child_id: child.child_id, status: child.status, reason: code }
}

/** A fill that a venue reports after the end of its order still happened. */
function late(account: Account, event: EdgeEvent, quote_usd_1e9: bigint): AccountEvent[] {
  const child = account.ended.get(event.child_id)
  if (child === undefined || event.type !== 'filled') {
    return [{ type: 'ignored', child_id: event.child_id, why: 'ended' }]
  }
  if (child.seen?.has(event.venue_fill_id)) {
    return [{ type: 'ignored', child_id: child.child_id, why: 'repeat' }]
  }
  if (child.filled_1e8 + event.qty_1e8 > child.qty_1e8) {
    return [{ type: 'ignored', child_id: child.child_id, why: 'excess' }]
  }
  account.children.set(child.child_id, child)
  account.orders.set(child.order.node_order_id, child.order)
  child.order.open += 1
  const events = filled(account, child, event, quote_usd_1e9)
  if (!account.children.has(child.child_id)) return events
  return [...events, end(account, child, 'CANCELLED', event.ts_ns, null, null)]
}

function remember(account: Account, child: Child): void {
  account.ended.set(child.child_id, child)
  if (account.ended.size <= ENDED_MAX) return
  const oldest = account.ended.keys().next().value
  if (oldest !== undefined) account.ended.delete(oldest)
}

/** How an order ended, from its fills and its children. */
function endStatus(order: Order): OrderStatus {
  if (order.filled_1e8 >= order.qty_1e8) {
    order.failure_reason = null
    order.failure_message = null
    return 'FILLED'
  }
  if (order.filled_1e8 > 0n) return 'PARTIAL'
  const ends = order.children.map(({ status }) => status)
  if (ends.length > 0 && ends.every((status) => status === 'REJECTED')) return 'REJECTED'
  return ends.includes('EXPIRED') ? 'EXPIRED' : 'CANCELLED'
}

function changed(account: Account, order: Order, ts_ns: bigint): void {
  order.updated_ns = ts_ns
  account.changes.orders.add(order)
}
