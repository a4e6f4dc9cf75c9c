/**
 * Kraken's wire: numbers, times, names and the shapes of orders and trades as REST and WebSocket v2 print them.
 *
 * Pure. REST says prices and sizes as strings, WebSocket v2 as JSON numbers that keep their trailing zeros.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/add-order and siblings
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { priceOf, qtyOf } from '../../src/engine/instrument.js'
import { idText } from '../../src/venue/ids.js'
import type { FillRecord, OrderRecord } from '../../src/venue/records.js'
import { type JsonNumber, numberText } from '../../src/wire/json.js'
import type { Pair } from './instruments.js'
import { doneReasons } from './rejects.js'

/** What Kraken remembers of an order beyond the engine's fields. */
export interface OrderFacts {
  /** Normalized `oflags`, comma separated. */
  readonly oflags: string
  /** 0: none given. */
  readonly userref: number
  /** When it was amended last (µs); absent: never. */
  readonly amended_us?: number
}

export const factsOf = (order: OrderRecord): OrderFacts => order.data as unknown as OrderFacts

/** Length of public `Depth` figures, whatever the pair's own digits; a finer pair keeps its own. */
const PUBLIC_PRICE_DECIMALS = 5
const DEPTH_VOLUME_DECIMALS = 3

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** `OUF4EM-FRGI2-MQMWZD`: orders begin with O, trades with T, ledger entries with L. */
export function txid(letter: 'O' | 'T' | 'L', label: string, n: number): string {
  const text = idText(`kraken/${label}`, n, LETTERS, 16)
  return `${letter}${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 16)}`
}

export const orderText = (order_id: number): string => txid('O', 'order', order_id)
export const fillText = (fill_no: number): string => txid('T', 'trade', fill_no)
/** One per change of an order. */
export const amendText = (order: OrderRecord): string =>
  txid('T', `amend/${order.id}`, order.amends)

export const priceText = (pair: Pair, price_ticks: number): string =>
  formatDecimal(priceOf(pair.instrument, price_ticks), 9, pair.pair_decimals)

export const qtyText = (pair: Pair, qty_lots: number): string =>
  formatDecimal(qtyOf(pair.instrument, qty_lots), 8, pair.lot_decimals)

/** A price as public REST data prints it. */
export const publicPrice = (pair: Pair, price_ticks: number): string =>
  formatDecimal(
    priceOf(pair.instrument, price_ticks),
    9,
    Math.max(PUBLIC_PRICE_DECIMALS, pair.pair_decimals),
  )

/** A level's size as `Depth` prints it: three digits, halves up. */
export const depthVolume = (pair: Pair, qty_lots: number): string =>
  rounded(qtyOf(pair.instrument, qty_lots), 8, DEPTH_VOLUME_DECIMALS)

/** Decimal text with a fixed number of digits, halves up. `value` is zero or more. */
export function rounded(value: bigint, decimals: number, shown: number): string {
  if (shown >= decimals) return formatDecimal(value, decimals, shown)
  const step = 10n ** BigInt(decimals - shown)
  return formatDecimal(((value * 2n + step) / (step * 2n)) * step, decimals, shown)
}

/** Money of a trade: cost and fee, with the pair's cost digits. */
export const costText = (pair: Pair, cost_1e17: bigint): string =>
  rounded(cost_1e17, 17, pair.cost_decimals)

export const feeText = (pair: Pair, fee_1e8: bigint): string =>
  rounded(fee_1e8, 8, pair.cost_decimals)

/** A balance with its asset's digits, cut: never more than there is. */
export const amountText = (amount_1e8: bigint, decimals: number): string =>
  formatDecimal(amount_1e8, 8, decimals)

/** Average fill price, cut to five digits or the pair's own if more. Zero before the first fill. */
export function averageText(pair: Pair, filled_lots: number, notional_1e17: bigint): string {
  const digits = Math.max(PUBLIC_PRICE_DECIMALS, pair.pair_decimals)
  if (filled_lots === 0) return formatDecimal(0n, 9, digits)
  return formatDecimal(notional_1e17 / qtyOf(pair.instrument, filled_lots), 9, digits)
}

/** Average of `ticks_lots` over `lots`, with five digits or the pair's own if more. */
export function vwapText(pair: Pair, lots: number, ticks_lots: bigint): string {
  const digits = Math.max(PUBLIC_PRICE_DECIMALS, pair.pair_decimals)
  if (lots === 0) return formatDecimal(0n, 9, digits)
  return formatDecimal((ticks_lots * pair.instrument.tick_size_1e9) / BigInt(lots), 9, digits)
}

/** Seconds with microseconds, as a JSON number: `1688667796.880200`. */
export const secondsNumber = (ts_us: number): JsonNumber =>
  numberText(formatDecimal(BigInt(ts_us), 6, 6))

/** `2023-09-25T07:49:37.708706Z`. */
export function rfc3339(ts_us: number): string {
  const whole_ms = Math.floor(ts_us / 1_000_000) * 1_000
  const micros = String(ts_us % 1_000_000).padStart(6, '0')
  return `${new Date(whole_ms).toISOString().slice(0, 19)}.${micros}Z`
}

/** `2023-07-06T18:52:00Z`. */
export const rfc3339Seconds = (ts_us: number): string => `${rfc3339(ts_us).slice(0, 19)}Z`

/** `Thu, 06 Jul 23 18:50:48 +0000`. */
export function rfc1123(ts_us: number): string {
  const text = new Date(Math.floor(ts_us / 1_000)).toUTCString()
  const [day, date, month, year = '', time] = text.split(' ')
  return `${day} ${date} ${month} ${year.slice(2)} ${time} +0000`
}

/** The words of an order: `buy 1.25000000 XBTUSD @ limit 27500.0`. */
export function describe(pair: Pair, order: Words): string {
  const volume =
    order.quote_budget_1e8 === null
      ? qtyText(pair, order.qty_lots)
      : formatDecimal(order.quote_budget_1e8, 8, 8)
  const price = order.price_ticks === null ? '' : ` ${priceText(pair, order.price_ticks)}`
  const type = order.price_ticks === null ? 'market' : 'limit'
  return `${order.side} ${volume} ${pair.altname} @ ${type}${price}`
}

export type Words = Pick<OrderRecord, 'side' | 'qty_lots' | 'quote_budget_1e8' | 'price_ticks'>

/** REST `status`. */
export function statusOf(order: OrderRecord): 'open' | 'closed' | 'canceled' | 'expired' {
  if (order.status === 'open') return 'open'
  if (order.reason === 'filled') return 'closed'
  return order.reason === 'expired' ? 'expired' : 'canceled'
}

/** Base volume wanted: of a market buy by cost, what it bought. */
export const wantedLots = (order: OrderRecord): number =>
  order.quote_budget_1e8 === null ? order.qty_lots : order.filled_lots

/** An order as the private REST methods print it. */
export function orderJson(
  pair: Pair,
  order: OrderRecord,
  trades: readonly string[] | null,
): object {
  const { oflags, userref } = factsOf(order)
  const market = order.price_ticks === null
  const done = order.done_us !== null
  return {
    refid: null,
    userref,
    ...(order.client_order_id === null ? {} : { cl_ord_id: order.client_order_id }),
    status: statusOf(order),
    ...(done ? { reason: order.reason === null ? null : doneReasons[order.reason] } : {}),
    opentm: secondsNumber(order.created_us),
    ...(order.done_us === null ? {} : { closetm: secondsNumber(order.done_us) }),
    starttm: 0,
    expiretm: order.expire_ts_us === null ? 0 : Math.floor(order.expire_ts_us / 1_000_000),
    descr: {
      pair: pair.altname,
      aclass: 'forex',
      type: order.side,
      ordertype: market ? 'market' : 'limit',
      price: order.price_ticks === null ? '0' : priceText(pair, order.price_ticks),
      price2: '0',
      leverage: 'none',
      order: describe(pair, order),
      close: '',
    },
    vol: qtyText(pair, wantedLots(order)),
    vol_exec: qtyText(pair, order.filled_lots),
    cost: costText(pair, order.notional_1e17),
    fee: feeText(pair, order.fee_1e8),
    price: averageText(pair, order.filled_lots, order.notional_1e17),
    stopprice: '0.00000',
    limitprice: '0.00000',
    misc: order.amends > 0 ? 'amended' : '',
    oflags,
    ...(trades === null || trades.length === 0 ? {} : { trades }),
  }
}

/** A trade of one's own as `TradesHistory` and `QueryTrades` print it. */
export function tradeJson(pair: Pair, fill: FillRecord, order: OrderRecord | undefined): object {
  const cost_1e17 =
    priceOf(pair.instrument, fill.price_ticks) * qtyOf(pair.instrument, fill.qty_lots)
  return {
    ordertxid: orderText(fill.order_id),
    postxid: txid('T', 'position', fill.fill_no),
    pair: pair.id,
    aclass: 'forex',
    time: secondsNumber(fill.ts_us),
    type: fill.side,
    ordertype: order?.price_ticks === null ? 'market' : 'limit',
    price: publicPrice(pair, fill.price_ticks),
    cost: costText(pair, cost_1e17),
    fee: feeText(pair, fill.fee_1e8),
    vol: qtyText(pair, fill.qty_lots),
    margin: '0.00000',
    leverage: '0',
    misc: '',
    trade_id: fill.trade_id,
    maker: fill.liquidity === 'maker',
  }
}
