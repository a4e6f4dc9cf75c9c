/**
 * Order: the words an order is written in, shared by the API's order path, the edges and the venues.
 *
 * Pure types. A venue's matching engine has its own commands (`exchange.ts`).
 *
 * @module
 */

import type { Instrument, Outcome, Side } from './instrument.js'
import type { RejectCode } from './reject.js'

export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'gtd'
export type Liquidity = 'maker' | 'taker'

/** One order at one venue. `limit_price_1e9` null: market. For NO legs price and side are in NO terms. */
export interface ChildOrder {
  readonly child_id: string
  readonly client_id: string
  readonly is_sandbox: boolean
  readonly venue: string
  readonly instrument: Instrument
  readonly outcome: Outcome | null
  readonly side: Side
  readonly qty_1e8: bigint
  /**
   * Buys: the most quote this child may spend, fees included; an execution that would exceed it stops. null:
   * no bound. A wire whose market orders name a size and no amount cannot keep it: there the venue's own
   * account is the bound, and what it spent is what is booked.
   */
  readonly budget_1e8: bigint | null
  readonly limit_price_1e9: bigint | null
  /** Worst price a market order may reach (slippage bound); null: none. */
  readonly protection_price_1e9: bigint | null
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly expire_ts_ns: bigint | null
}

/** Answers of an edge about one child, in order: acked or rejected first; filled, cancelled, expired end it. */
export type EdgeEvent =
  | { type: 'acked'; child_id: string; ts_ns: bigint; venue_order_id: string | null }
  | {
      type: 'filled'
      child_id: string
      ts_ns: bigint
      /** Unique per venue; a second event with the same id is a repeat and is dropped. */
      venue_fill_id: string
      price_1e9: bigint
      qty_1e8: bigint
      /** In the quote asset; negative is a rebate. */
      fee_1e8: bigint
      liquidity: Liquidity
      queue_ahead_1e8: bigint | null
      explanation?: FillExplanation
    }
  | {
      type: 'rejected'
      child_id: string
      ts_ns: bigint
      code: RejectCode
      message: string
      venue_code: string | null
    }
  | {
      type: 'cancelled'
      child_id: string
      ts_ns: bigint
      reason: RejectCode | 'requested' | 'venue'
    }
  | { type: 'expired'; child_id: string; ts_ns: bigint }
  | {
      type: 'amended'
      child_id: string
      ts_ns: bigint
      qty_1e8: bigint
      limit_price_1e9: bigint
      mode: 'native_atomic' | 'cancel_replace'
    }
  | { type: 'amend-rejected'; child_id: string; ts_ns: bigint; code: RejectCode; message: string }

/** Why a simulated fill came out as it did. */
export interface FillExplanation {
  readonly rule: string
  /** Share of the true outcomes the public feed allows: quantity and price bounds. */
  readonly qty_lower_1e8: bigint
  readonly qty_upper_1e8: bigint
  readonly price_lower_1e9: bigint
  readonly price_upper_1e9: bigint
  readonly queue_ahead_1e8: readonly bigint[]
}
