/**
 * Rules: Kalshi's checks of an order, in its order. The first that fails words the answer.
 *
 * Pure. Facts about the venue are handed in; funds, post-only crosses, FOK and self-trades are decided by
 * the matching engine afterwards. The order of checking follows section 7.5 of the venue sheet (inferred:
 * Kalshi does not publish it).
 *
 * @see https://docs.kalshi.com/getting_started/order_errors
 *
 * @module
 */

import { parseDecimal } from '../../src/engine/decimal.js'
import { type Instrument, onGrid } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'
import type { Decoded } from './decode.js'
import { DETAILS, type KalshiCode, type Reject, reject } from './rejects.js'

export const CREATE_SHAPE = {
  ticker: 'string',
  client_order_id: 'string',
  side: 'string',
  count: 'string',
  price: 'string',
  expiration_time: 'int',
  time_in_force: 'string',
  post_only: 'bool',
  self_trade_prevention_type: 'string',
  cancel_order_on_pause: 'bool',
  reduce_only: 'bool',
  subaccount: 'int',
  order_group_id: 'string',
  exchange_index: 'int',
} as const

export const AMEND_SHAPE = {
  ticker: 'string',
  side: 'string',
  price: 'string',
  count: 'string',
  client_order_id: 'string',
  updated_client_order_id: 'string',
  exchange_index: 'int',
} as const

export const DECREASE_SHAPE = {
  reduce_by: 'string',
  reduce_to: 'string',
  exchange_index: 'int',
  market_ticker: 'string',
} as const

export const TIME_IN_FORCE = ['good_till_canceled', 'immediate_or_cancel', 'fill_or_kill'] as const
export type WireTimeInForce = (typeof TIME_IN_FORCE)[number]

export const SELF_TRADE = ['taker_at_cross', 'maker'] as const
export type WireSelfTrade = (typeof SELF_TRADE)[number]

export const SUBACCOUNT_MAX = 63
/** Open orders of one user. @see https://docs.kalshi.com/api-reference/orders/create-order */
export const OPEN_ORDERS_MAX = 200_000

/** An order whose shape is right. Price and count may still be refused: they stay texts until a market is known. */
export interface Draft {
  readonly ticker: string
  readonly client_order_id: string | null
  /** About the YES leg: bid is buy. */
  readonly side: 'buy' | 'sell'
  readonly count: string
  readonly price: string
  readonly time_in_force: WireTimeInForce
  readonly self_trade: WireSelfTrade
  /** Unix seconds. */
  readonly expiration_s: number | null
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly cancel_on_pause: boolean
  readonly subaccount: number
  readonly order_group_id: string | null
  readonly exchange_index: number | null
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reject: Reject }

const no = (code: KalshiCode, details = '') =>
  ({ ok: false, reject: reject(code, details) }) as const

/** Required fields, then enums and formats. */
export function draftOf(body: Decoded<typeof CREATE_SHAPE>): Checked<Draft> {
  if (!body.ticker) return no('missing_parameters')
  if (!body.side || !body.count || !body.price) return no('invalid_order')
  const time_in_force = TIME_IN_FORCE.find((known) => known === body.time_in_force)
  const self_trade = SELF_TRADE.find((known) => known === body.self_trade_prevention_type)
  if (body.side !== 'bid' && body.side !== 'ask') return no('invalid_parameters')
  if (time_in_force === undefined || self_trade === undefined) return no('invalid_parameters')
  if (!isClientOrderId(body.client_order_id)) return no('invalid_parameters')
  const subaccount = body.subaccount ?? 0
  if (subaccount < 0 || subaccount > SUBACCOUNT_MAX) return no('invalid_parameters')
  if ((body.exchange_index ?? 0) < -1) return no('invalid_parameters')
  return {
    ok: true,
    value: {
      ticker: body.ticker,
      client_order_id: body.client_order_id || null,
      side: body.side === 'bid' ? 'buy' : 'sell',
      count: body.count,
      price: body.price,
      time_in_force,
      self_trade,
      expiration_s: body.expiration_time ?? null,
      post_only: body.post_only ?? false,
      reduce_only: body.reduce_only ?? false,
      cancel_on_pause: body.cancel_order_on_pause ?? false,
      subaccount,
      order_group_id: body.order_group_id || null,
      exchange_index: body.exchange_index ?? null,
    },
  }
}

/** A client order id of at most 64 characters without dots and spaces; absent is fine. */
export const isClientOrderId = (text: string | undefined): boolean =>
  text === undefined || text === '' || /^[A-Za-z0-9_\-:+=/]{1,64}$/.test(text)

/** Statuses of a market, as the wire names them. */
export type MarketStatus =
  | 'initialized'
  | 'inactive'
  | 'active'
  | 'closed'
  | 'determined'
  | 'disputed'
  | 'amended'
  | 'finalized'

/** What the venue knows when an order arrives. */
export interface Facts {
  readonly market: { readonly instrument: Instrument; readonly status: MarketStatus } | undefined
  readonly venue: 'open' | 'trading-paused' | 'exchange-paused'
  /** Unix milliseconds. */
  readonly now_ms: number
  readonly client_order_id_used: boolean
  readonly group: 'none' | 'ready' | 'unknown' | 'triggered'
  readonly open_orders: number
}

/** A check answers its refusal, or `undefined` to let the next one look. */
interface Check {
  readonly rule: string
  readonly check: (draft: Draft, facts: Facts) => Reject | undefined
}

/** The checks of a create between its shape and its funds, in order. */
export const CREATE_CHECKS: readonly Check[] = [
  {
    rule: 'K-MKT-1',
    check: (_, { market }) => (market === undefined ? reject('market_not_found') : undefined),
  },
  { rule: 'K-MKT-5', check: (_, { venue }) => exchangePaused(venue) },
  { rule: 'K-MKT-4', check: (_, { venue }) => tradingPaused(venue) },
  {
    rule: 'K-MKT-2',
    check: (_, { market }) =>
      market !== undefined && market.status !== 'active' ? reject('market_inactive') : undefined,
  },
  {
    rule: 'K-PRC-1',
    check: ({ price }, { market }) =>
      market !== undefined && priceOn(market.instrument, price) === undefined
        ? reject('invalid_price')
        : undefined,
  },
  {
    rule: 'K-QTY-1',
    check: ({ count }) => (countOf(count) === undefined ? reject('invalid_order_size') : undefined),
  },
  {
    rule: 'K-TIF-1',
    check: ({ expiration_s }, { now_ms }) =>
      expiration_s !== null && expiration_s * 1_000 <= now_ms
        ? reject('invalid_order', DETAILS.expiration_past)
        : undefined,
  },
  {
    rule: 'K-TIF-2',
    check: ({ expiration_s, time_in_force }) =>
      expiration_s !== null && time_in_force !== 'good_till_canceled'
        ? reject('invalid_order', DETAILS.ioc_with_expiration)
        : undefined,
  },
  {
    rule: 'K-PST-2',
    check: ({ post_only, time_in_force }) =>
      post_only && time_in_force !== 'good_till_canceled'
        ? reject('invalid_order', DETAILS.post_only_tif)
        : undefined,
  },
  {
    rule: 'K-RED-1',
    check: ({ reduce_only, time_in_force }) =>
      reduce_only && time_in_force !== 'immediate_or_cancel'
        ? reject('invalid_order', DETAILS.reduce_only_not_ioc)
        : undefined,
  },
  {
    rule: 'K-DUP-1',
    check: (_, facts) => (facts.client_order_id_used ? reject('order_already_exists') : undefined),
  },
  {
    rule: 'K-GRP-1',
    check: (_, { group }) => (group === 'unknown' ? reject('order_group_not_found') : undefined),
  },
  {
    rule: 'K-GRP-2',
    check: (_, { group }) =>
      group === 'triggered' ? reject('exceeded_order_group_risk_limit') : undefined,
  },
  {
    rule: 'K-LIM-2',
    check: (_, { open_orders }) =>
      open_orders >= OPEN_ORDERS_MAX ? reject('too_many_open_orders') : undefined,
  },
]

/** The first refusal of a create, or `undefined`. */
export function refusalOf(draft: Draft, facts: Facts): Reject | undefined {
  for (const { check } of CREATE_CHECKS) {
    const refused = check(draft, facts)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Whether an existing order may be cancelled or decreased now. */
export function cancelRefusal(status: MarketStatus, venue: Facts['venue']): Reject | undefined {
  const paused = exchangePaused(venue)
  if (paused !== undefined) return paused
  return status === 'active' || status === 'inactive' ? undefined : reject('market_inactive')
}

/** Whether an existing order may be amended now. */
export function amendRefusal(status: MarketStatus, venue: Facts['venue']): Reject | undefined {
  const paused = exchangePaused(venue) ?? tradingPaused(venue)
  if (paused !== undefined) return paused
  return status === 'active' ? undefined : reject('market_inactive')
}

const exchangePaused = (venue: Facts['venue']): Reject | undefined =>
  venue === 'exchange-paused' ? reject('exchange_is_paused') : undefined

const tradingPaused = (venue: Facts['venue']): Reject | undefined =>
  venue === 'trading-paused' ? reject('trading_is_paused') : undefined

/**
 * Price of a text in 1e9 dollars when it lies on the market's grid, strictly between 0 and 1. At most four
 * decimals are taken; fewer than the documented two are read all the same (not verified).
 *
 * @example
 * priceOn(market('KXRAIN-99-T1'), '0.4400') // 440_000_000n
 */
export function priceOn(instrument: Instrument, text: string): bigint | undefined {
  if (!/^\d{0,2}(\.\d{1,4})?$/.test(text)) return undefined
  const price_1e9 = parseDecimal(text, 9, 'refuse')
  if (price_1e9 === undefined || price_1e9 >= PRICE_SCALE) return undefined
  return onGrid(instrument, price_1e9) ? price_1e9 : undefined
}

/** Largest count read, so that lots stay safe integers; Kalshi publishes no maximum. */
const COUNT_MAX_1E8 = 10n ** 20n

/** Contracts of a text in 1e8: above zero, at most two decimals. */
export function countOf(text: string): bigint | undefined {
  const qty_1e8 = sizeOf(text)
  return qty_1e8 === undefined || qty_1e8 === 0n ? undefined : qty_1e8
}

/** As {@link countOf}, zero allowed: an amend to what is filled, a decrease to nothing. */
export function sizeOf(text: string): bigint | undefined {
  if (!/^\d{1,18}(\.\d{1,2})?$/.test(text)) return undefined
  const qty_1e8 = parseDecimal(text, 8, 'refuse')
  return qty_1e8 === undefined || qty_1e8 > COUNT_MAX_1E8 ? undefined : qty_1e8
}
