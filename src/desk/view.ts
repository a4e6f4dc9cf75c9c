/**
 * View: what readers see of rows, orders and fills, in the contract's shapes.
 *
 * @module
 */

import type { GraphRecord } from '../account/changes.js'
import {
  averagePrice,
  type Fill,
  type Leg,
  type Order,
  type OrderStatus,
} from '../account/order.js'
import { lockedOf, type Row } from '../account/row.js'
import { QTY_SCALE } from '../engine/units.js'
import type { StoredOrder } from '../store/read.js'
import type {
  FillRow,
  GraphResponse,
  OrderRow,
  PositionInstrument,
  PositionRow,
  RoutingLeg,
} from './contract.js'

/**
 * @param mark_1e9 - What one unit is worth now, in USD.
 * @param transferable - Whether the venue lets go of it: cash and tokens, not positions in its books.
 */
export function positionRow(row: Row, mark_1e9: bigint, transferable: boolean): PositionRow {
  const locked = lockedOf(row)
  const free = row.qty_1e8 - locked
  return {
    id: row.id,
    venue: row.venue,
    instrument: instrumentOf(row),
    qty_1e8: row.qty_1e8,
    locked_qty_1e8: locked,
    available_qty_1e8: free > 0n ? free : 0n,
    entry_price_usd_1e9: row.entry_1e9,
    current_price_usd_1e9: mark_1e9,
    current_value_usd_1e9: (row.qty_1e8 * mark_1e9) / QTY_SCALE,
    unrealized_pnl_usd_1e9: (row.qty_1e8 * (mark_1e9 - row.entry_1e9)) / QTY_SCALE,
    realized_pnl_usd_1e9: row.realized_1e9,
    fees_usd_1e9: row.fees_1e9,
    lifecycle: { state: row.lifecycle },
    transferable,
    settled: row.settled_mark_1e9 !== null,
    settled_mark_usd_1e9: row.settled_mark_1e9,
  }
}

function instrumentOf(row: Row): PositionInstrument {
  if (row.kind !== 'event_contract') return { kind: row.kind, symbol: row.symbol }
  return {
    kind: row.kind,
    symbol: row.symbol,
    market_slug: row.market_slug ?? row.symbol,
    outcome: row.outcome ?? 'YES',
    token_id: row.token_id,
  }
}

/** An order as it stands in memory. */
export function orderRow(order: Order, is_sandbox: boolean): OrderRow {
  const { children, ...rest } = order
  return stored(
    {
      ...rest,
      children: children.map((child) => ({
        child_id: child.child_id,
        venue: child.venue,
        qty_1e8: child.qty_1e8,
        filled_qty_1e8: child.filled_1e8,
        status: child.status,
      })),
    },
    averagePrice(order),
    is_sandbox,
  )
}

/** An order as the database has it. */
export function storedOrderRow(order: StoredOrder, is_sandbox: boolean): OrderRow {
  const average = order.filled_1e8 === 0n ? null : order.notional_1e17 / order.filled_1e8
  return stored(order, average, is_sandbox)
}

function stored(order: StoredOrder, average: bigint | null, is_sandbox: boolean): OrderRow {
  return {
    node_order_id: order.node_order_id,
    graph_id: order.graph_id,
    node_id: order.node_id,
    symbol: order.symbol,
    instrument_type: order.instrument_type,
    side: order.side,
    order_type: order.order_type,
    tif: order.tif,
    venue: order.venue,
    qty_1e8: order.qty_1e8,
    filled_qty_1e8: order.filled_1e8,
    limit_price_1e9: order.limit_price_1e9,
    avg_fill_price_1e9: average,
    fees_usd_1e9: order.fees_usd_1e9,
    status: order.status,
    failure_reason: order.failure_reason,
    failure_message: order.failure_message,
    is_sandbox,
    routing_version: 1,
    routing: order.routing.map(routingLeg),
    children: order.children.map((child) => ({ ...child })),
    created_at_ns: order.created_ns,
    updated_at_ns: order.updated_ns,
  }
}

export const routingLeg = (leg: Leg): RoutingLeg => ({
  venue: leg.venue,
  qty_1e8: leg.qty_1e8,
  avg_px_1e9: leg.avg_px_1e9,
  fee_bps: leg.fee_bps,
  latency_ms: leg.latency_ms,
  landed_cost_bps: leg.landed_cost_bps,
})

export const fillRow = (fill: Fill, is_sandbox: boolean): FillRow => ({
  fill_id: fill.fill_id,
  node_order_id: fill.node_order_id,
  graph_id: fill.graph_id,
  venue: fill.venue,
  symbol: fill.symbol,
  side: fill.side,
  px_1e9: fill.px_1e9,
  qty_1e8: fill.qty_1e8,
  fee_usd_1e9: fill.fee_usd_1e9,
  liquidity: fill.liquidity,
  queue_ahead_1e8: fill.queue_ahead_1e8,
  is_sandbox,
  ts_ns: fill.ts_ns,
  explanation: fill.explanation,
})

export const graphResponse = (graph: GraphRecord, is_sandbox: boolean): GraphResponse => ({
  graph_id: graph.graph_id,
  status: graph.status,
  is_sandbox,
  nodes: graph.nodes.map((node) => ({ ...node, status: node.status as OrderStatus })),
  edges: graph.edges.map((edge) => ({ ...edge })),
  created_at_ns: graph.created_ns,
})
