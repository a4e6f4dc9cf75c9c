/**
 * Own orders: what every order route needs: the order a request names, refusals of the engine in Kalshi's
 * words, averages of fills.
 *
 * @module
 */

import type { EntryReject } from '../../src/engine/reject.js'
import { divFloor } from '../../src/engine/units.js'
import type { OrderRecord } from '../../src/venue/records.js'
import { type Caller, findOrder, type Venue } from './call.js'
import type { KalshiCode, Reject } from './rejects.js'
import { dollars, money } from './wire.js'

export const LOT_1E8 = 1_000_000n

export const no = (why: Reject) => ({ ok: false, reject: why }) as const

/** The one shard there is; -1 asks for routing by ticker. */
export const onThisShard = (exchange_index: number | null | undefined): boolean =>
  exchange_index === null || exchange_index === undefined || exchange_index <= 0

/** Refusals of the matching engine in Kalshi's words. Most were checked before and cannot happen. */
export const ENTRY_CODES: Partial<Record<EntryReject, KalshiCode>> = {
  'insufficient-balance': 'insufficient_balance',
  'market-closed': 'market_inactive',
  'market-mode': 'market_inactive',
  'venue-paused': 'market_inactive',
  'unknown-instrument': 'market_not_found',
  'off-tick': 'invalid_price',
  'price-bounds': 'invalid_price',
  'off-lot': 'invalid_order_size',
  'below-min-qty': 'invalid_order_size',
  'above-max-qty': 'invalid_order_size',
  'position-limit': 'exceeded_per_market_risk_limit',
  'too-many-orders': 'too_many_open_orders',
}

/** Price and fee per contract of some fills; null when there were none. */
export function averages(notional_1e17: bigint, fee_1e8: bigint, filled_lots: number) {
  if (filled_lots === 0) return null
  const qty_1e8 = BigInt(filled_lots) * LOT_1E8
  const half = <T extends bigint>(numerator: T, unit: bigint) =>
    divFloor(2n * numerator + qty_1e8 * unit, 2n * qty_1e8 * unit) * unit
  return {
    // Four decimals, halves up: the examples' form.
    average_fill_price: dollars(half(notional_1e17, 100_000n)),
    average_fee_paid: money(half(fee_1e8 * 100_000_000n, 10_000n), 4),
  }
}

/** An own order that can still be touched, or was pulled by the close of its market. */
export function openOrder(
  venue: Venue,
  caller: Caller,
  wanted: {
    readonly order_id: string
    readonly subaccount?: number | undefined
    readonly exchange_index?: number | undefined
    readonly market_ticker?: string | undefined
  },
): OrderRecord | undefined {
  if (!onThisShard(wanted.exchange_index)) return undefined
  const order = findOrder(venue, caller, wanted.order_id)
  if (order === undefined) return undefined
  if (wanted.market_ticker && wanted.market_ticker !== order.venue_symbol) return undefined
  const owner = venue.host.state.accounts.get(order.account_id)
  if (wanted.subaccount !== undefined && owner?.subaccount !== wanted.subaccount) return undefined
  const touchable = order.status === 'open' || order.reason === 'market-closed'
  return touchable ? order : undefined
}

/** Status of an order's market. */
export const statusOf = (venue: Venue, order: OrderRecord) =>
  venue.host.state.markets.get(order.venue_symbol)?.status ?? 'closed'
