/**
 * Place: records orders and takes their reservations. What is needed was worked out before.
 *
 * @module
 */

import type { Account } from './account.js'
import type { AccountCommand, AccountEvent, NewChild, NewOrder } from './command.js'
import { cashNeed, feeQtyOf, holdCash, holdLock } from './holds.js'
import type { Child, Order, OrderStatus } from './order.js'

type Of<Type extends AccountCommand['type']> = Extract<AccountCommand, { type: Type }>

/** An order as it went on record. */
export interface Recorded {
  readonly order: Order
  readonly events: readonly AccountEvent[]
}

/** Accepts an order with its children, each with what it needs held. */
export function place(account: Account, command: Of<'place'>): Recorded {
  const order = command.onto ?? made(account, command.order, command.ts_ns, 'NEW')
  if (order.status === 'WAITING') order.status = 'NEW'
  order.chasing = command.chasing
  order.routing = command.onto === null ? command.routing : [...order.routing, ...command.routing]
  const children = command.children.map((wanted) => {
    const child = childOf(account, order, wanted)
    order.children.push(child)
    order.open += 1
    account.children.set(child.child_id, child)
    return {
      child_id: child.child_id,
      venue: child.venue,
      qty_1e8: child.qty_1e8,
      cash_1e8: child.cash_1e8,
      lock_1e8: child.lock_1e8,
    }
  })
  if (order.venue === null && order.children.length === 1)
    order.venue = order.children[0]?.venue ?? null
  account.orders.set(order.node_order_id, order)
  account.changes.orders.add(order)
  account.changes.routed.add(order)
  const { node_order_id } = order
  return { order, events: [{ type: 'placed', node_order_id, children }] }
}

/** Records an order that a guard refused: it can be read later, and holds nothing. */
export function refuse(account: Account, command: Of<'refuse'>): Recorded {
  const { reason, message, ts_ns } = command
  const order = command.onto ?? made(account, command.order, ts_ns, 'REJECTED')
  order.status = 'REJECTED'
  order.failure_reason = reason
  order.failure_message = message
  order.updated_ns = ts_ns
  account.orders.delete(order.node_order_id)
  account.changes.orders.add(order)
  const { node_order_id } = order
  return { order, events: [{ type: 'refused', node_order_id, reason, message }] }
}

/** Records an order whose turn comes later. */
export function wait(account: Account, command: Of<'wait'>): AccountEvent[] {
  const order = made(account, command.order, command.ts_ns, 'WAITING')
  account.orders.set(order.node_order_id, order)
  account.changes.orders.add(order)
  return [{ type: 'waiting', node_order_id: order.node_order_id, qty_1e8: order.qty_1e8 }]
}

/** Holds the larger of the old and the new size of a child while the edge is asked to amend it. */
export function resize(account: Account, command: Of<'resize'>): AccountEvent[] {
  const child = account.children.get(command.child_id)
  if (child === undefined) return [{ type: 'ignored', child_id: command.child_id, why: 'ended' }]
  const { qty_1e8, limit_price_1e9, need } = command
  child.amending = { qty_1e8, limit_price_1e9, need, filled_1e8: child.filled_1e8 }
  child.amend_refusal = null
  const wanted = cashNeed({
    ...child,
    budget_1e8: null,
    open_1e8: need.open_1e8,
    lock_1e8: need.lock_1e8,
    open_price_1e9: need.open_price_1e9,
    fee_hold_1e8: need.fee_hold_1e8,
    fee_hold_qty_1e8: feeQtyOf(child.instrument, need),
  })
  if (wanted > child.cash_1e8) holdCash(account, child, wanted)
  if (need.lock_1e8 > child.lock_1e8 && need.lock_key !== null) {
    if (child.lock_1e8 === 0n) child.lock_key = need.lock_key
    holdLock(account, child, need.lock_1e8)
  }
  return []
}

function made(account: Account, wanted: NewOrder, ts_ns: bigint, status: OrderStatus): Order {
  account.counters.order += 1
  account.changes.account = true
  return {
    node_order_id: wanted.node_order_id,
    graph_id: wanted.graph_id,
    node_id: wanted.node_id,
    nth: account.counters.order,
    symbol: wanted.symbol,
    instrument_type: wanted.instrument_type,
    side: wanted.side,
    order_type: wanted.order_type,
    tif: wanted.tif,
    venue: wanted.venue,
    qty_1e8: wanted.qty_1e8,
    filled_1e8: 0n,
    notional_1e17: 0n,
    limit_price_1e9: wanted.limit_price_1e9,
    fees_usd_1e9: 0n,
    status,
    failure_reason: null,
    failure_message: null,
    routing: [],
    children: [],
    open: 0,
    fills: 0,
    chasing: false,
    created_ns: ts_ns,
    updated_ns: ts_ns,
  }
}

function childOf(account: Account, order: Order, wanted: NewChild): Child {
  const { need, instrument } = wanted
  const child: Child = {
    child_id: wanted.child_id,
    order,
    venue: wanted.venue,
    instrument,
    outcome: wanted.outcome,
    side: wanted.side,
    time_in_force: wanted.time_in_force,
    post_only: wanted.post_only,
    reduce_only: wanted.reduce_only,
    expire_ts_ns: wanted.expire_ts_ns,
    qty_1e8: wanted.qty_1e8,
    filled_1e8: 0n,
    limit_price_1e9: wanted.limit_price_1e9,
    status: 'NEW',
    cash_key: account.cashMade(wanted.venue, instrument.quote).key,
    lock_key: need.lock_key,
    lock_1e8: 0n,
    open_1e8: need.open_1e8,
    open_price_1e9: need.open_price_1e9,
    leverage: need.leverage,
    fee_hold_1e8: need.fee_hold_1e8,
    fee_hold_qty_1e8: feeQtyOf(instrument, need),
    cash_1e8: 0n,
    budget_1e8: need.budget_1e8,
    seen: null,
    amending: null,
    amend_refusal: null,
  }
  if (need.lock_1e8 > 0n) holdLock(account, child, need.lock_1e8)
  holdCash(account, child, cashNeed(child))
  return child
}
