/**
 * Orders and children as an account keeps them while they work.
 *
 * Mutable on purpose: the account is the only writer. Finished orders leave memory once they are
 * handed to the store.
 *
 * @module
 */

import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { FillExplanation, Liquidity, TimeInForce } from '../engine/order.js'
import type { Need } from './command.js'

export type OrderStatus =
  | 'NEW'
  | 'WAITING'
  | 'WORKING'
  | 'PARTIAL'
  | 'FILLED'
  | 'CANCELLED'
  | 'REJECTED'
  | 'EXPIRED'

export type InstrumentType = 'spot' | 'perp' | 'prediction'

/** Why one venue was chosen, in the router's terms. */
export interface Leg {
  readonly venue: string
  readonly qty_1e8: bigint
  readonly avg_px_1e9: bigint | null
  readonly fee_bps: number
  readonly latency_ms: number
  readonly landed_cost_bps: number
}

export interface Order {
  readonly node_order_id: string
  readonly graph_id: string
  readonly node_id: string
  /** Counts the account's orders from 1: the order of listing. */
  readonly nth: number
  readonly symbol: string
  readonly instrument_type: InstrumentType
  readonly side: Side
  readonly order_type: 'market' | 'limit'
  readonly tif: string
  venue: string | null
  qty_1e8: bigint
  filled_1e8: bigint
  /** Sum of price times quantity over fills, scale 1e17. */
  notional_1e17: bigint
  limit_price_1e9: bigint | null
  fees_usd_1e9: bigint
  status: OrderStatus
  failure_reason: string | null
  failure_message: string | null
  routing: readonly Leg[]
  readonly children: Child[]
  /** Children not yet finished. */
  open: number
  fills: number
  /** More children may follow; the order does not end when its children do. */
  chasing: boolean
  readonly created_ns: bigint
  updated_ns: bigint
}

/** One order at one venue, with what it holds. */
export interface Child {
  readonly child_id: string
  readonly order: Order
  readonly venue: string
  readonly instrument: Instrument
  readonly outcome: Outcome | null
  readonly side: Side
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly expire_ts_ns: bigint | null
  qty_1e8: bigint
  filled_1e8: bigint
  limit_price_1e9: bigint | null
  status: OrderStatus
  /** Row of cash that pays. */
  readonly cash_key: string
  /** Row whose quantity this order delivers or reduces; null: none. */
  lock_key: string | null
  /** Quantity committed on the lock row. */
  lock_1e8: bigint
  /** Remaining quantity that costs cash. */
  open_1e8: bigint
  /** Cash per unit of the opening part; a market order is held by amount instead. */
  open_price_1e9: bigint | null
  readonly leverage: bigint
  /** Fee held beside the cost, for `fee_hold_qty_1e8` of opening quantity. */
  fee_hold_1e8: bigint
  fee_hold_qty_1e8: bigint
  /** Cash committed now. */
  cash_1e8: bigint
  /** Market orders: what may still be spent. */
  budget_1e8: bigint | null
  /** The venue's fill ids seen, against repeats; made when the first fill comes. */
  seen: Set<string> | null
  /** An amendment the edge has not answered yet; both sizes are held until it does. */
  amending: {
    readonly qty_1e8: bigint
    readonly limit_price_1e9: bigint
    readonly need: Need
    /** What had filled when the need was worked out. */
    readonly filled_1e8: bigint
  } | null
  /** Why the last amendment was not taken. */
  amend_refusal: string | null
}

export interface Fill {
  readonly fill_id: string
  /** Counts the account's fills from 1: the order of listing. */
  readonly nth: number
  readonly node_order_id: string
  readonly graph_id: string
  readonly child_id: string
  readonly venue: string
  readonly venue_fill_id: string
  readonly symbol: string
  readonly side: Side
  readonly px_1e9: bigint
  readonly qty_1e8: bigint
  /** In the quote asset; negative is a rebate. */
  readonly fee_1e8: bigint
  readonly fee_usd_1e9: bigint
  readonly liquidity: Liquidity
  readonly queue_ahead_1e8: bigint | null
  readonly explanation: FillExplanation | null
  readonly ts_ns: bigint
}

/** Average price of what was filled, cut toward zero; null: nothing was. */
export const averagePrice = (order: Order): bigint | null =>
  order.filled_1e8 === 0n ? null : order.notional_1e17 / order.filled_1e8

/** Whether nothing more can happen to an order. */
export function isTerminal(order: Order): boolean {
  switch (order.status) {
    case 'FILLED':
    case 'CANCELLED':
    case 'REJECTED':
    case 'EXPIRED':
      return true
    case 'PARTIAL':
      return order.open === 0 && !order.chasing
    case 'NEW':
    case 'WAITING':
    case 'WORKING':
      return false
  }
}
