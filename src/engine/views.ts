/**
 * Views: what a venue may read of an exchange, as plain data.
 *
 * Types and small pure conversions; nothing here is live.
 *
 * @module
 */

import type { AccountId, OrderId } from './command.js'
import type { Depth, Level } from './depth.js'
import { type Instrument, priceOf, qtyOf, type Side } from './instrument.js'
import type { TimeInForce } from './order.js'

/** A resting order. */
export interface OrderView {
  readonly order_id: OrderId
  readonly account_id: AccountId
  readonly instrument: string
  readonly side: Side
  readonly price_ticks: number
  /** Filled plus remaining. */
  readonly qty_lots: number
  readonly filled_lots: number
  readonly remaining_lots: number
  readonly time_in_force: TimeInForce
  readonly expire_ts_us: number | null
  readonly post_only: 'no' | 'reject' | 'reprice'
  readonly reduce_only: boolean
  /** Event markets with separate tokens; else YES. */
  readonly leg: 'YES' | 'NO'
  /** Reserved for it now: quote for buys and event orders, base for spot sells. */
  readonly hold_1e8: bigint
}

export interface BalanceView {
  readonly total_1e8: bigint
  readonly reserved_1e8: bigint
  readonly free_1e8: bigint
}

export interface PositionView {
  /** Signed: YES or long is positive. With separate tokens the YES tokens. */
  readonly qty_lots: number
  readonly cost_1e8: bigint
  readonly realized_1e8: bigint
  /** Lots promised to resting orders that close the position. */
  readonly committed_lots: number
  /** Separate tokens only. */
  readonly no_lots: number
  readonly no_cost_1e8: bigint
  readonly no_realized_1e8: bigint
  readonly no_committed_lots: number
  /** Perps. */
  readonly leverage: number
  readonly margin: 'cross' | 'isolated'
  /** Perps: margin set aside for this position. */
  readonly isolated_1e8: bigint
  /** Perps: profit at the mark, not yet cash. */
  readonly profit_1e8: bigint
}

/** One price of a book. */
export interface LevelView {
  readonly price_ticks: number
  readonly qty_lots: number
  readonly orders: number
}

/** L2, best first. */
export interface DepthView {
  /** Of the last `level` event; 0 before the first. */
  readonly book_seq: number
  readonly bids: readonly LevelView[]
  readonly asks: readonly LevelView[]
}

/** L1: best level of each side, null when empty. */
export interface TouchView {
  readonly bid: LevelView | null
  readonly ask: LevelView | null
}

/** L3: every order of a side, best price first, then time. */
export interface QueueView {
  readonly bids: readonly QueuedOrder[]
  readonly asks: readonly QueuedOrder[]
}

export interface QueuedOrder {
  readonly order_id: OrderId
  readonly account_id: AccountId
  readonly price_ticks: number
  readonly remaining_lots: number
}

/** The same depth in sandbox units. */
export function depthOf(instrument: Instrument, view: DepthView): Depth {
  const level = ({ price_ticks, qty_lots }: LevelView): Level => ({
    price_1e9: priceOf(instrument, price_ticks),
    qty_1e8: qtyOf(instrument, qty_lots),
  })
  return { bids: view.bids.map(level), asks: view.asks.map(level) }
}

/** A venue's checksum over the top of a book: the venue says what to feed it, the engine hands it the levels. */
export type Checksum<T> = (top: DepthView, instrument: Instrument) => T
