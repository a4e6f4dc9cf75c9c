/**
 * Wire: Kalshi's spellings of numbers and times, and the objects its answers are made of.
 *
 * Pure. Prices are dollar texts with four decimals, portfolio sums six, contract counts two; REST times
 * are RFC 3339 with the zeros of the fraction cut. Field names are Kalshi's own.
 *
 * @see https://docs.kalshi.com/getting_started/fixed_point_migration
 *
 * @module
 */

import { formatDecimal, parseDecimal } from '../../src/engine/decimal.js'
import type { ErrorObject } from './rejects.js'

/** A price in dollars: four decimals. */
export const dollars = (price_1e9: bigint): string => formatDecimal(price_1e9, 9, 4)

/** A sum of money in dollars. @param shown - Decimals; portfolio objects show six, balances four. */
export const money = (amount_1e8: bigint, shown = 6): string => formatDecimal(amount_1e8, 8, shown)

/** A contract count: two decimals. */
export const fp = (qty_1e8: bigint): string => formatDecimal(qty_1e8, 8, 2)

/** Whole cents, cut toward zero. */
export const cents = (amount_1e8: bigint): number => Number(amount_1e8 / 1_000_000n)

/** RFC 3339 in UTC of microseconds since the epoch, fraction without trailing zeros. */
export function time(ts_us: number): string {
  const seconds = Math.floor(ts_us / 1_000_000)
  const fraction = (ts_us - seconds * 1_000_000).toString().padStart(6, '0').replace(/0+$/, '')
  const text = new Date(seconds * 1_000).toISOString().slice(0, 19)
  return fraction === '' ? `${text}Z` : `${text}.${fraction}Z`
}

export const timeOfSeconds = (ts_s: number): string => time(ts_s * 1_000_000)

/** A price text of the wire in 1e9 dollars. @throws RangeError when it is no decimal. */
export function readDollars(text: string): bigint {
  const value = parseDecimal(text, 9)
  if (value === undefined) throw new RangeError(`${text} is no amount of dollars.`)
  return value
}

/** A money text of the wire in 1e8 dollars. @throws RangeError when it is no decimal. */
export function readMoney(text: string): bigint {
  const value = parseDecimal(text, 8)
  if (value === undefined) throw new RangeError(`${text} is no amount of dollars.`)
  return value
}

/** A contract count of the wire in 1e8. @throws RangeError when it is no decimal. */
export const readFp = readMoney

export type BookSide = 'bid' | 'ask'
export type Leg = 'yes' | 'no'

/** `[price, count]`. */
export type WireLevel = readonly [string, string]

export interface WirePriceRange {
  readonly start: string
  readonly end: string
  readonly step: string
}

export interface WireSeries {
  ticker: string
  frequency: string
  title: string
  category: string
  categories: readonly string[]
  tags: readonly string[] | null
  settlement_sources: readonly { name: string; url: string }[]
  contract_url: string
  contract_terms_url: string
  product_metadata?: Readonly<Record<string, unknown>> | null
  fee_type: string
  fee_multiplier: number
  additional_prohibitions: readonly string[] | null
  volume_fp?: string
  last_updated_ts: string
  exchange_index: number
}

export interface WireEvent {
  event_ticker: string
  series_ticker: string
  sub_title: string
  title: string
  collateral_return_type: string
  mutually_exclusive: boolean
  category: string
  strike_period: string
  settlement_sources: readonly { name: string; url: string }[]
  last_updated_ts: string
  fee_type_override?: string
  fee_multiplier_override?: number
  exchange_index: number
  markets?: readonly WireMarket[]
}

export interface WireMarket {
  ticker: string
  event_ticker: string
  market_type: string
  title: string
  subtitle: string
  yes_sub_title: string
  no_sub_title: string
  created_time: string
  updated_time: string
  open_time: string
  close_time: string
  expected_expiration_time: string
  expiration_time: string
  latest_expiration_time: string
  settlement_timer_seconds: number
  status: string
  yes_bid_dollars: string
  yes_bid_size_fp: string
  yes_ask_dollars: string
  yes_ask_size_fp: string
  no_bid_dollars: string
  no_ask_dollars: string
  last_price_dollars: string
  previous_yes_bid_dollars: string
  previous_yes_ask_dollars: string
  previous_price_dollars: string
  volume_fp: string
  volume_24h_fp: string
  open_interest_fp: string
  notional_value_dollars: string
  liquidity_dollars: string
  result: string
  can_close_early: boolean
  expiration_value: string
  settlement_value_dollars?: string
  settlement_ts?: string
  fee_waiver_expiration_time?: string
  strike_type: string
  floor_strike?: number
  rules_primary: string
  rules_secondary: string
  price_level_structure: string
  price_ranges: readonly WirePriceRange[]
  exchange_index: number
}

export interface WireTrade {
  trade_id: string
  ticker: string
  count_fp: string
  yes_price_dollars: string
  no_price_dollars: string
  taker_side: Leg
  taker_outcome_side: Leg
  taker_book_side: BookSide
  created_time: string
  is_block_trade: boolean
}

export interface WireOhlc {
  open_dollars: string
  low_dollars: string
  high_dollars: string
  close_dollars: string
}

export interface WireCandle {
  end_period_ts: number
  yes_bid: WireOhlc
  yes_ask: WireOhlc
  price: Partial<WireOhlc> & {
    mean_dollars?: string
    previous_dollars?: string
  }
  volume_fp: string
  open_interest_fp: string
}

export interface WireOrder {
  order_id: string
  user_id: string
  client_order_id: string
  ticker: string
  side: Leg
  action: 'buy' | 'sell'
  outcome_side: Leg
  book_side: BookSide
  type: 'limit'
  status: 'resting' | 'canceled' | 'executed'
  yes_price_dollars: string
  no_price_dollars: string
  fill_count_fp: string
  remaining_count_fp: string
  initial_count_fp: string
  taker_fill_cost_dollars: string
  maker_fill_cost_dollars: string
  taker_fees_dollars: string
  maker_fees_dollars: string
  expiration_time: string | null
  created_time: string
  last_update_time: string
  self_trade_prevention_type: string
  order_group_id: string | null
  cancel_order_on_pause: boolean
  subaccount_number: number
  exchange_index: number
}

export interface WireFill {
  fill_id: string
  trade_id: string
  order_id: string
  ticker: string
  market_ticker: string
  exchange_index: number
  side: Leg
  action: 'buy' | 'sell'
  outcome_side: Leg
  book_side: BookSide
  count_fp: string
  yes_price_dollars: string
  no_price_dollars: string
  is_taker: boolean
  fee_cost: string
  created_time: string
  subaccount_number: number
  ts: number
}

export interface WireMarketPosition {
  ticker: string
  exchange_index: number
  total_traded_dollars: string
  position_fp: string
  market_exposure_dollars: string
  realized_pnl_dollars: string
  fees_paid_dollars: string
  last_updated_ts: string
}

export interface WireEventPosition {
  event_ticker: string
  total_cost_dollars: string
  total_cost_shares_fp: string
  event_exposure_dollars: string
  realized_pnl_dollars: string
  fees_paid_dollars: string
}

export interface WireSettlement {
  ticker: string
  exchange_index: number
  event_ticker: string
  market_result: 'yes' | 'no' | 'scalar'
  yes_count_fp: string
  yes_total_cost_dollars: string
  no_count_fp: string
  no_total_cost_dollars: string
  revenue: number
  settled_time: string
  fee_cost: string
  value: number
}

/** Answer to a create or an amend; in batches nullable keys are null, alone they are left out. */
export interface WireOrderAnswer {
  order_id?: string
  client_order_id?: string
  fill_count: string | null
  remaining_count: string | null
  average_fill_price?: string | null
  average_fee_paid?: string | null
  ts_ms: number | null
  error?: ErrorObject
}
