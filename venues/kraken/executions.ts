/**
 * Executions: the rows of the private `executions` and `balances` channels.
 *
 * One row a message: a client routes a message by the `exec_type` of its first row. Rows that end or
 * acknowledge an order carry no symbol, as on the real feed.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v2/executions
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { priceOf, qtyOf } from '../../src/engine/instrument.js'
import type { AccountEvent, FillRecord, OrderRecord } from '../../src/venue/records.js'
import { numberText, stringifyJson } from '../../src/wire/json.js'
import { assetNames, type Pair } from './instruments.js'
import type { LedgerLine } from './ledger.js'
import { doneReasons } from './rejects.js'
import {
  averageText,
  costText,
  factsOf,
  feeText,
  priceText,
  qtyText,
  rfc3339,
  wantedLots,
} from './wire.js'

/** A row and the account it is for. */
export interface Row {
  readonly account_id: number
  readonly text: string
}

const number = numberText

/** Rows that tell these events, oldest first. `pairOf` names the pair of an order. */
export function executionRows(
  events: readonly AccountEvent[],
  pairOf: (venue_symbol: string) => Pair,
): Row[] {
  /** Orders whose `new` row went out in this very moment. */
  const announced = new Set<number>()
  return events.flatMap((event): Row[] => {
    const { order } = event
    const pair = pairOf(order.venue_symbol)
    const row = (json: object): Row => ({
      account_id: order.account_id,
      text: stringifyJson(json),
    })
    const announce = (): Row[] => {
      if (announced.has(order.order_id) || order.amends > 0) return []
      announced.add(order.order_id)
      return [row(newRow(order, event.ts_us))]
    }
    switch (event.type) {
      case 'accepted':
        return [row(pendingRow(pair, order, event.ts_us))]
      case 'rested':
        return event.order.amends > 0 ? [] : announce()
      case 'fill': {
        const first = event.fill.cum_lots === event.fill.qty_lots
        const taking = first && event.fill.liquidity === 'taker'
        return [...(taking ? announce() : []), row(tradeRow(pair, order, event.fill))]
      }
      case 'amended':
        return [row(amendedRow(pair, order, event.ts_us))]
      case 'done':
        return [row(doneRow(pair, order, event.reason, event.ts_us))]
      default:
        return []
    }
  })
}

/** An order as the `snapshot` of the channel shows it. */
export function snapshotRow(pair: Pair, order: OrderRecord): object {
  return {
    ...words(pair, order),
    exec_type: 'new',
    order_status: order.filled_lots > 0 ? 'partially_filled' : 'new',
    ...totals(pair, order),
    timestamp: rfc3339(order.updated_us),
  }
}

/** A past trade as `snap_trades` shows it. */
export const snapshotTradeRow = (pair: Pair, order: OrderRecord, fill: FillRecord): object =>
  tradeRow(pair, order, fill)

function pendingRow(pair: Pair, order: OrderRecord, ts_us: number): object {
  return {
    ...words(pair, order),
    cum_cost: number(costText(pair, 0n)),
    exec_type: 'pending_new',
    order_status: 'pending_new',
    fee_usd_equiv: number(feeText(pair, 0n)),
    timestamp: rfc3339(ts_us),
  }
}

function newRow(order: OrderRecord, ts_us: number): object {
  return {
    timestamp: rfc3339(ts_us),
    order_status: 'new',
    exec_type: 'new',
    order_userref: factsOf(order).userref,
    order_id: order.id,
  }
}

function tradeRow(pair: Pair, order: OrderRecord, fill: FillRecord): object {
  const { instrument } = pair
  const cost_1e17 = priceOf(instrument, fill.price_ticks) * qtyOf(instrument, fill.qty_lots)
  const inQuote = fill.fee_asset === instrument.quote
  const feeDigits = inQuote ? feeText(pair, fill.fee_1e8) : formatDecimal(fill.fee_1e8, 8, 8)
  const whole = fill.cum_lots === wantedLots(order)
  return {
    order_id: order.id,
    order_userref: factsOf(order).userref,
    ...(order.client_order_id === null ? {} : { cl_ord_id: order.client_order_id }),
    exec_id: fill.id,
    exec_type: 'trade',
    trade_id: fill.trade_id,
    symbol: pair.symbol,
    side: fill.side,
    last_qty: number(qtyText(pair, fill.qty_lots)),
    last_price: number(priceText(pair, fill.price_ticks)),
    liquidity_ind: fill.liquidity === 'taker' ? 't' : 'm',
    cost: number(costText(pair, cost_1e17)),
    order_qty: number(qtyText(pair, wantedLots(order))),
    cum_qty: number(qtyText(pair, fill.cum_lots)),
    cum_cost: number(costText(pair, fill.cum_notional_1e17)),
    avg_price: number(averageText(pair, fill.cum_lots, fill.cum_notional_1e17)),
    order_status: whole ? 'filled' : 'partially_filled',
    order_type: order.price_ticks === null ? 'market' : 'limit',
    timestamp: rfc3339(fill.ts_us),
    fee_usd_equiv: number(feeText(pair, inQuote ? fill.fee_1e8 : 0n)),
    fees: [{ asset: inQuote ? instrument.quote : instrument.base, qty: number(feeDigits) }],
  }
}

function amendedRow(pair: Pair, order: OrderRecord, ts_us: number): object {
  return {
    timestamp: rfc3339(ts_us),
    order_status: 'new',
    exec_type: 'amended',
    order_userref: factsOf(order).userref,
    order_id: order.id,
    amended: true,
    reason: 'User requested',
    order_qty: number(qtyText(pair, order.qty_lots)),
    limit_price: number(priceText(pair, order.price_ticks ?? 0)),
    limit_price_type: 'static',
    cum_qty: number(qtyText(pair, order.filled_lots)),
  }
}

function doneRow(
  pair: Pair,
  order: OrderRecord,
  reason: NonNullable<OrderRecord['reason']>,
  ts_us: number,
): object {
  const type = reason === 'filled' ? 'filled' : reason === 'expired' ? 'expired' : 'canceled'
  const text = doneReasons[reason]
  return {
    timestamp: rfc3339(ts_us),
    order_status: type,
    exec_type: type,
    order_userref: factsOf(order).userref,
    ...(order.client_order_id === null ? {} : { cl_ord_id: order.client_order_id }),
    order_id: order.id,
    ...totals(pair, order),
    ...(text === null ? {} : { cancel_reason: text, reason: text }),
  }
}

function words(pair: Pair, order: OrderRecord): object {
  const { userref, oflags } = factsOf(order)
  const budget = order.quote_budget_1e8
  return {
    order_id: order.id,
    symbol: pair.symbol,
    ...(budget === null
      ? { order_qty: number(qtyText(pair, order.qty_lots)) }
      : { cash_order_qty: number(formatDecimal(budget, 8, pair.cost_decimals)) }),
    time_in_force: (order.price_ticks === null ? 'gtc' : order.time_in_force).toUpperCase(),
    side: order.side,
    order_type: order.price_ticks === null ? 'market' : 'limit',
    order_userref: userref,
    ...(order.client_order_id === null ? {} : { cl_ord_id: order.client_order_id }),
    limit_price_type: 'static',
    ...(order.price_ticks === null
      ? {}
      : { limit_price: number(priceText(pair, order.price_ticks)) }),
    ...(order.expire_ts_us === null ? {} : { expire_time: rfc3339(order.expire_ts_us) }),
    ...(order.post_only === 'no' ? {} : { post_only: true }),
    stop_price: number(costText(pair, 0n)),
    fee_ccy_pref: oflags.split(',').includes('fcib') ? 'fcib' : 'fciq',
  }
}

function totals(pair: Pair, order: OrderRecord): object {
  return {
    cum_qty: number(qtyText(pair, order.filled_lots)),
    cum_cost: number(costText(pair, order.notional_1e17)),
    avg_price: number(averageText(pair, order.filled_lots, order.notional_1e17)),
    fee_usd_equiv: number(
      feeText(pair, order.fee_asset === pair.instrument.base ? 0n : order.fee_1e8),
    ),
  }
}

export function balanceRow(line: LedgerLine): Row {
  const { decimals } = assetNames(line.asset)
  const amount = (value: bigint) => number(formatDecimal(value, 8, decimals))
  const json = {
    ledger_id: line.line,
    ref_id: line.ref_id,
    timestamp: rfc3339(line.ts_us),
    type: line.type,
    asset: line.asset,
    asset_class: 'currency',
    category: line.type,
    wallet_type: 'spot',
    wallet_id: 'main',
    amount: amount(line.amount_1e8),
    fee: amount(line.fee_1e8),
    balance: amount(line.balance_1e8),
  }
  return { account_id: line.account_id, text: stringifyJson(json) }
}

/** A balance as the channel's snapshot shows it. */
export function balanceSnapshot(asset: string, total_1e8: bigint): object {
  const balance = number(formatDecimal(total_1e8, 8, assetNames(asset).decimals))
  return {
    asset,
    asset_class: 'currency',
    balance,
    wallets: [{ type: 'spot', id: 'main', balance }],
  }
}
