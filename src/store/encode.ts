/**
 * Encode: the parts of an order that travel as JSON text, and back. Amounts are decimal text.
 *
 * @module
 */

import type { GraphRecord } from '../account/changes.js'
import type { Child, Leg, Order, OrderStatus } from '../account/order.js'
import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { TimeInForce } from '../engine/order.js'

interface LegText {
  venue: string
  qty: string
  avg: string | null
  fee: number
  ms: number
  cost: number
}

interface ChildText {
  id: string
  venue: string
  sym: string
  out: Outcome | null
  side: Side
  tif: TimeInForce
  post: boolean
  reduce: boolean
  expire: string | null
  qty: string
  filled: string
  limit: string | null
  status: OrderStatus
  hold: {
    cash_key: string
    lock_key: string | null
    lock: string
    open: string
    price: string | null
    lev: string
    fee: string
    fee_qty: string
    cash: string
    budget: string | null
  } | null
  seen: string[]
}

/** A child as an order's row shows it. */
export interface ChildView {
  readonly child_id: string
  readonly venue: string
  readonly qty_1e8: bigint
  readonly filled_qty_1e8: bigint
  readonly status: OrderStatus
}

export function encodeRouting(legs: readonly Leg[]): string {
  return JSON.stringify(
    legs.map(
      (leg): LegText => ({
        venue: leg.venue,
        qty: leg.qty_1e8.toString(),
        avg: leg.avg_px_1e9?.toString() ?? null,
        fee: leg.fee_bps,
        ms: leg.latency_ms,
        cost: leg.landed_cost_bps,
      }),
    ),
  )
}

export function decodeRouting(text: string): Leg[] {
  return (JSON.parse(text) as LegText[]).map((leg) => ({
    venue: leg.venue,
    qty_1e8: BigInt(leg.qty),
    avg_px_1e9: big(leg.avg),
    fee_bps: leg.fee,
    latency_ms: leg.ms,
    landed_cost_bps: leg.cost,
  }))
}

export function encodeChildren(order: Order): string {
  return JSON.stringify(order.children.map(childText))
}

function childText(child: Child): ChildText {
  const working = child.status === 'NEW' || child.status === 'WORKING' || holds(child)
  return {
    id: child.child_id,
    venue: child.venue,
    sym: child.instrument.venue_symbol,
    out: child.outcome,
    side: child.side,
    tif: child.time_in_force,
    post: child.post_only,
    reduce: child.reduce_only,
    expire: child.expire_ts_ns?.toString() ?? null,
    qty: child.qty_1e8.toString(),
    filled: child.filled_1e8.toString(),
    limit: child.limit_price_1e9?.toString() ?? null,
    status: child.status,
    hold: working
      ? {
          cash_key: child.cash_key,
          lock_key: child.lock_key,
          lock: child.lock_1e8.toString(),
          open: child.open_1e8.toString(),
          price: child.open_price_1e9?.toString() ?? null,
          lev: child.leverage.toString(),
          fee: child.fee_hold_1e8.toString(),
          fee_qty: child.fee_hold_qty_1e8.toString(),
          cash: child.cash_1e8.toString(),
          budget: child.budget_1e8?.toString() ?? null,
        }
      : null,
    seen: working && child.seen !== null ? [...child.seen] : [],
  }
}

const holds = (child: Child): boolean =>
  child.cash_1e8 > 0n || child.lock_1e8 > 0n || child.open_1e8 > 0n

export function viewChildren(text: string): ChildView[] {
  return (JSON.parse(text) as ChildText[]).map((child) => ({
    child_id: child.id,
    venue: child.venue,
    qty_1e8: BigInt(child.qty),
    filled_qty_1e8: BigInt(child.filled),
    status: child.status,
  }))
}

/** Puts the children of a stored order back onto it. @returns Those that still work. */
export function decodeChildren(
  text: string,
  order: Order,
  instrumentOf: (venue: string, venue_symbol: string) => Instrument,
): Child[] {
  const working: Child[] = []
  for (const child of JSON.parse(text) as ChildText[]) {
    const { hold } = child
    const made: Child = {
      child_id: child.id,
      order,
      venue: child.venue,
      instrument: instrumentOf(child.venue, child.sym),
      outcome: child.out,
      side: child.side,
      time_in_force: child.tif,
      post_only: child.post,
      reduce_only: child.reduce,
      expire_ts_ns: big(child.expire),
      qty_1e8: BigInt(child.qty),
      filled_1e8: BigInt(child.filled),
      limit_price_1e9: big(child.limit),
      status: child.status,
      cash_key: hold?.cash_key ?? '',
      lock_key: hold?.lock_key ?? null,
      lock_1e8: BigInt(hold?.lock ?? 0),
      open_1e8: BigInt(hold?.open ?? 0),
      open_price_1e9: big(hold?.price ?? null),
      leverage: BigInt(hold?.lev ?? 1),
      fee_hold_1e8: BigInt(hold?.fee ?? 0),
      fee_hold_qty_1e8: BigInt(hold?.fee_qty ?? 0),
      cash_1e8: BigInt(hold?.cash ?? 0),
      budget_1e8: big(hold?.budget ?? null),
      seen: child.seen.length > 0 ? new Set(child.seen) : null,
      amending: null,
      amend_refusal: null,
    }
    order.children.push(made)
    if (hold !== null) working.push(made)
  }
  order.open = working.length
  return working
}

export function encodeGraph(graph: GraphRecord): string {
  return JSON.stringify({ status: graph.status, nodes: graph.nodes, edges: graph.edges })
}

export function decodeGraph(row: {
  graph_id: string
  fingerprint: string
  response: string
  created_at_ns: bigint
}): GraphRecord {
  const { status, nodes, edges } = JSON.parse(row.response) as Pick<
    GraphRecord,
    'status' | 'nodes'
  > &
    // Rows of earlier versions have none.
    Partial<Pick<GraphRecord, 'edges'>>
  const { graph_id, fingerprint, created_at_ns } = row
  return { graph_id, fingerprint, created_ns: created_at_ns, status, nodes, edges: edges ?? [] }
}

const big = (text: string | null): bigint | null => (text === null ? null : BigInt(text))
