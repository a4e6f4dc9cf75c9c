/**
 * Amend routes: new price and size of an order that rests, or less of it.
 *
 * @see https://docs.kalshi.com/api-reference/orders/amend-order-v2
 *
 * @module
 */

import type { OrderRecord } from '../../src/venue/records.js'
import type { Applied } from '../../src/venue/reducer.js'
import {
  type Answer,
  type Caller,
  charge,
  ok,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import { decode } from './decode.js'
import { DEFAULT_COST } from './limits.js'
import { averages, ENTRY_CODES, LOT_1E8, no, openOrder, statusOf } from './own-orders.js'
import { TICK_1E9 } from './price-levels.js'
import { DETAILS, type Reject, reject, tooManyRequests, type WireError } from './rejects.js'
import {
  AMEND_SHAPE,
  amendRefusal,
  cancelRefusal,
  countOf,
  DECREASE_SHAPE,
  isClientOrderId,
  priceOn,
  sizeOf,
} from './rules.js'
import { asPlain, clientOrderId, orderData } from './state.js'
import { lots } from './views.js'

export function amend(call: PrivateCall): Answer | WireError {
  const { venue, caller, params, query } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'AmendOrderV2Request', AMEND_SHAPE)
  if (!decoded.ok) return decoded.error
  const subaccount = query.int('subaccount', { min: 0, max: 63 })
  if (query.error !== undefined) return query.error
  const { ticker, side, price, count } = decoded.value
  if (!ticker) return refused(reject('missing_parameters'))
  if (!side || !price || !count) return refused(reject('invalid_order'))
  if (side !== 'bid' && side !== 'ask') return refused(reject('invalid_parameters'))
  const order = openOrder(venue, caller, {
    order_id: params.order_id ?? '',
    subaccount,
    exchange_index: decoded.value.exchange_index,
  })
  if (order === undefined) return refused(reject('not_found'))
  const change = {
    ...decoded.value,
    ticker,
    side: side === 'bid' ? 'buy' : 'sell',
    price,
    count,
  } as const
  const done = amendOrder(venue, caller, order, change)
  if (!done.ok) return refused(done.reject)
  const { filled, before, applied } = done
  const moved = filled.lots > 0 || before !== order.remaining_lots
  const paid = averages(filled.notional_1e17, filled.fee_1e8, filled.lots)
  return ok({
    order_id: order.id,
    client_order_id: clientOrderId(order),
    remaining_count: moved ? lots(order.remaining_lots) : null,
    fill_count: moved ? lots(filled.lots) : null,
    average_fill_price: paid?.average_fill_price ?? null,
    average_fee_paid: paid?.average_fee_paid ?? null,
    ts_ms: Math.floor(applied.ts_us / 1_000),
  })
}

interface Change {
  readonly ticker: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly count: string
  readonly client_order_id?: string
  readonly updated_client_order_id?: string
}

/** New price and total of an open order. `before`: what rested before; `filled`: what the amend traded. */
export function amendOrder(
  venue: Venue,
  caller: Caller,
  order: OrderRecord,
  change: Change,
):
  | {
      ok: true
      before: number
      filled: { lots: number; notional_1e17: bigint; fee_1e8: bigint }
      applied: Applied
    }
  | { ok: false; reject: Reject } {
  const { host } = venue
  const refusal = amendRefusal(statusOf(venue, order), host.state.venue)
  if (change.ticker !== order.venue_symbol) return no(reject('order_ticker_mismatch'))
  if (change.side !== order.side) return no(reject('order_side_mismatch'))
  if (change.client_order_id && change.client_order_id !== clientOrderId(order)) {
    return no(reject('order_id_and_client_order_id_mismatch'))
  }
  const renamed = change.updated_client_order_id || undefined
  if (!isClientOrderId(renamed)) return no(reject('invalid_parameters'))
  if (refusal !== undefined) return no(refusal)
  const price_1e9 = priceOn(host.instrument(order.venue_symbol), change.price)
  if (price_1e9 === undefined) return no(reject('invalid_price'))
  const total_1e8 = countOf(change.count)
  if (total_1e8 === undefined) return no(reject('invalid_order_size'))
  if (renamed !== undefined && renamed !== clientOrderId(order)) {
    if (caller.member.used_ids.has(renamed)) return no(reject('order_already_exists'))
  }
  const remaining_lots = Number(total_1e8 / LOT_1E8) - order.filled_lots
  if (remaining_lots < 0) return no(reject('invalid_amend_qty_for_order'))
  const price_ticks = Number(price_1e9 / TICK_1E9)
  if (meetsOwn(venue, order, price_ticks)) return no(reject('self_cross_attempt'))

  const before = order.remaining_lots
  const { filled_lots, notional_1e17, fee_1e8 } = order
  const { account_id, order_id } = order
  const applied =
    remaining_lots === 0
      ? host.cancel(order)
      : host.apply({
          type: 'amend',
          account_id,
          order_id,
          price_ticks,
          remaining_lots,
          ...(renamed === undefined ? {} : { client_order_id: renamed }),
          data: asPlain({ ...orderData(order), initial_lots: Number(total_1e8 / LOT_1E8) }),
        })
  if (applied.refusal !== null) {
    const { code } = applied.refusal
    return no(
      code === 'not-amendable'
        ? reject('invalid_order', DETAILS.post_only_cross)
        : reject(ENTRY_CODES[code] ?? 'invalid_order'),
    )
  }
  const filled = {
    lots: order.filled_lots - filled_lots,
    notional_1e17: order.notional_1e17 - notional_1e17,
    fee_1e8: order.fee_1e8 - fee_1e8,
  }
  return { ok: true, before, filled, applied }
}

/** Whether an order at a new price would meet a resting order of the same account. */
function meetsOwn(venue: Venue, order: OrderRecord, price_ticks: number): boolean {
  return venue.host.records.openOrders(order.account_id).some((own) => {
    if (own.venue_symbol !== order.venue_symbol || own.side === order.side) return false
    if (own.price_ticks === null) return false
    return order.side === 'buy' ? own.price_ticks <= price_ticks : own.price_ticks >= price_ticks
  })
}

export function decrease(call: PrivateCall): Answer | WireError {
  const { venue, caller, params, query } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'DecreaseOrderV2Request', DECREASE_SHAPE)
  if (!decoded.ok) return decoded.error
  const subaccount = query.int('subaccount', { min: 0, max: 63 })
  if (query.error !== undefined) return query.error
  const { reduce_by, reduce_to, exchange_index, market_ticker } = decoded.value
  if ((reduce_by === undefined) === (reduce_to === undefined)) {
    return refused(reject('invalid_parameters'))
  }
  const by_1e8 = reduce_by === undefined ? undefined : sizeOf(reduce_by)
  const to_1e8 = reduce_to === undefined ? undefined : sizeOf(reduce_to)
  if (by_1e8 === undefined && to_1e8 === undefined) return refused(reject('invalid_order_size'))
  const order_id = params.order_id ?? ''
  const order = openOrder(venue, caller, { order_id, subaccount, exchange_index, market_ticker })
  if (order === undefined) return refused(reject('not_found'))
  const wanted =
    to_1e8 === undefined
      ? order.remaining_lots - Number((by_1e8 ?? 0n) / LOT_1E8)
      : Number(to_1e8 / LOT_1E8)
  const done = decreaseOrder(venue, order, wanted)
  if (!done.ok) return refused(done.reject)
  return ok({
    order_id: order.id,
    client_order_id: clientOrderId(order),
    remaining_count: lots(order.remaining_lots),
    ts_ms: Math.floor(done.ts_us / 1_000),
  })
}

/** Leaves so many lots resting, never more than now; nothing or less ends the order. */
export function decreaseOrder(
  venue: Venue,
  order: OrderRecord,
  remaining_lots: number,
): { ok: true; ts_us: number } | { ok: false; reject: Reject } {
  const { host } = venue
  const refusal = cancelRefusal(statusOf(venue, order), host.state.venue)
  if (refusal !== undefined) return no(refusal)
  const { account_id, order_id, price_ticks } = order
  if (remaining_lots >= order.remaining_lots || price_ticks === null) {
    return remaining_lots === order.remaining_lots
      ? { ok: true, ts_us: host.now_us() }
      : no(reject('invalid_parameters'))
  }
  if (remaining_lots <= 0) return { ok: true, ts_us: host.cancel(order).ts_us }
  const amended = host.apply({ type: 'amend', account_id, order_id, price_ticks, remaining_lots })
  if (amended.refusal !== null) {
    return no(reject(ENTRY_CODES[amended.refusal.code] ?? 'invalid_order'))
  }
  return { ok: true, ts_us: amended.ts_us }
}
