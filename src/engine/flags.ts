/**
 * Flags: an order's words in the eleven bits its record has for them.
 *
 * Pure, and internal to the engine.
 *
 * @module
 */

import type { SelfTrade } from './command.js'
import type { TimeInForce } from './order.js'

export const REDUCE_ONLY = 1
export const FEE_IN_BASE = 2
export const ISOLATED = 4
export const LEG_NO = 8
export const SELF_TRADES: readonly SelfTrade[] = [
  'cancel-taker',
  'cancel-maker',
  'cancel-both',
  'decrement',
  'allow',
]
export const POST_ONLYS = ['no', 'reject', 'reprice'] as const
export const TIMES_IN_FORCE: readonly TimeInForce[] = ['gtc', 'ioc', 'fok', 'gtd']
const SELF_TRADE_SHIFT = 4
const POST_ONLY_SHIFT = 7
const TIME_IN_FORCE_SHIFT = 9

/** An order's words as flags. */
export function packFlags(
  order: {
    readonly reduce_only: boolean
    readonly fee_in: 'quote' | 'base'
    readonly margin: 'cross' | 'isolated'
    readonly self_trade: SelfTrade
    readonly post_only: (typeof POST_ONLYS)[number]
    readonly time_in_force: TimeInForce
  },
  legNo: boolean,
): number {
  return (
    (order.reduce_only ? REDUCE_ONLY : 0) |
    (order.fee_in === 'base' ? FEE_IN_BASE : 0) |
    (order.margin === 'isolated' ? ISOLATED : 0) |
    (legNo ? LEG_NO : 0) |
    (SELF_TRADES.indexOf(order.self_trade) << SELF_TRADE_SHIFT) |
    (POST_ONLYS.indexOf(order.post_only) << POST_ONLY_SHIFT) |
    (TIMES_IN_FORCE.indexOf(order.time_in_force) << TIME_IN_FORCE_SHIFT)
  )
}

export const selfTradeOf = (flags: number): SelfTrade =>
  SELF_TRADES[(flags >> SELF_TRADE_SHIFT) & 7] as SelfTrade
export const postOnlyOf = (flags: number): (typeof POST_ONLYS)[number] =>
  POST_ONLYS[(flags >> POST_ONLY_SHIFT) & 3] as (typeof POST_ONLYS)[number]
export const timeInForceOf = (flags: number): TimeInForce =>
  TIMES_IN_FORCE[(flags >> TIME_IN_FORCE_SHIFT) & 3] as TimeInForce
