/**
 * Views: the venue's state as the objects Kalshi answers with.
 *
 * Pure reads. Everything comes from real activity: records of orders and fills, the public tape, positions
 * and settlements of the matching engine.
 *
 * @see https://docs.kalshi.com/api-reference/market/get-market
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import { priceOf, qtyOf } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'
import type { VenueHost } from '../../src/venue/host.js'
import type { TickLevel } from '../../src/venue/host-command.js'
import { idUuid } from '../../src/venue/ids.js'
import type { FillRecord, OrderRecord } from '../../src/venue/records.js'
import { type Range, statsSince, type TapeTrade } from '../../src/venue/tape.js'
import { type FeeTerms, type SeriesInfo, seriesTickerOf } from './instruments.js'
import { rangesOf, structureOf } from './price-levels.js'
import { costOf } from './reducer.js'
import {
  clientOrderId,
  eventOf,
  type KalshiState,
  type MarketFacts,
  orderData,
  type SettlementFacts,
} from './state.js'
import {
  type BookSide,
  cents,
  dollars,
  fp,
  type Leg,
  money,
  time,
  timeOfSeconds,
  type WireEvent,
  type WireFill,
  type WireLevel,
  type WireMarket,
  type WireMarketPosition,
  type WireOrder,
  type WirePriceRange,
  type WireSeries,
  type WireSettlement,
  type WireTrade,
} from './wire.js'

export type Host = VenueHost<KalshiState>

const DAY_US = 86_400_000_000
/** $0.0001. */
const TICK = 100_000n
const LOT = 1_000_000n

export const ticks = (price_ticks: number): string => dollars(BigInt(price_ticks) * TICK)
export const lots = (qty_lots: number): string => fp(BigInt(qty_lots) * LOT)
/** The other leg's price. */
export const otherTicks = (price_ticks: number): string =>
  dollars(PRICE_SCALE - BigInt(price_ticks) * TICK)

/** Series never change here: the beginning of 2026. */
export const SERIES_UPDATED_TS = 1_767_225_600

const SOURCES = [{ name: 'papervenue', url: 'https://example.com/' }]

export function seriesView(series: SeriesInfo, volume_lots: number | null): WireSeries {
  return {
    ticker: series.ticker,
    frequency: series.frequency,
    title: series.title,
    category: series.category,
    categories: [series.category],
    tags: series.tags.length === 0 ? null : series.tags,
    settlement_sources: SOURCES,
    contract_url: '',
    contract_terms_url: '',
    fee_type: series.fees.fee_type,
    fee_multiplier: multiplier(series.fees),
    additional_prohibitions: null,
    ...(volume_lots === null ? {} : { volume_fp: lots(volume_lots) }),
    last_updated_ts: timeOfSeconds(SERIES_UPDATED_TS),
    exchange_index: 0,
  }
}

export const multiplier = ({ multiplier_1e4 }: FeeTerms): number => multiplier_1e4 / 10_000

export function eventView(
  state: KalshiState,
  event_ticker: string,
  markets: readonly WireMarket[] | null,
): WireEvent {
  const { info, fee_override, updated_us } = eventOf(state, event_ticker)
  return {
    event_ticker,
    series_ticker: info.series_ticker,
    sub_title: info.sub_title,
    title: info.title,
    collateral_return_type: info.collateral_return_type,
    mutually_exclusive: info.mutually_exclusive,
    category: state.series.get(info.series_ticker)?.category ?? '',
    strike_period: '',
    settlement_sources: SOURCES,
    last_updated_ts: time(updated_us),
    ...(fee_override === null
      ? {}
      : {
          fee_type_override: fee_override.fee_type,
          fee_multiplier_override: multiplier(fee_override),
        }),
    exchange_index: 0,
    ...(markets === null ? {} : { markets }),
  }
}

export function marketView(host: Host, ticker: string, facts: MarketFacts): WireMarket {
  const { info } = facts
  const { price_bands } = host.instrument(ticker)
  const tape = host.tape(ticker)
  const [bid, ask] = [top(host, ticker, 'buy'), top(host, ticker, 'sell')]
  const last = tape.trades.at(-1)
  const now_us = host.now_us()
  const yesterday = { trade: null, bid: null, ask: null } as {
    trade: Range | null
    bid: Range | null
    ask: Range | null
  }
  for (const candle of tape.candles) {
    if (candle.start_us > now_us - DAY_US) break
    yesterday.trade = candle.trade ?? yesterday.trade
    yesterday.bid = candle.bid ?? yesterday.bid
    yesterday.ask = candle.ask ?? yesterday.ask
  }
  const before = (range: Range | null): string => ticks(range?.close ?? 0)
  const yes_bid = bid?.[0] ?? 0
  const yes_ask = ask?.[0] ?? 10_000
  const value = facts.yes_value_ticks
  return {
    ticker,
    event_ticker: info.event_ticker,
    market_type: info.market_type,
    title: info.title,
    subtitle: info.yes_sub_title,
    yes_sub_title: info.yes_sub_title,
    no_sub_title: info.no_sub_title,
    created_time: time(facts.created_us),
    updated_time: time(facts.updated_us),
    open_time: timeOfSeconds(info.open_ts),
    close_time: timeOfSeconds(info.close_ts),
    expected_expiration_time: timeOfSeconds(info.expected_expiration_ts),
    expiration_time: timeOfSeconds(info.latest_expiration_ts),
    latest_expiration_time: timeOfSeconds(info.latest_expiration_ts),
    settlement_timer_seconds: info.settlement_timer_seconds,
    status: facts.status,
    yes_bid_dollars: ticks(yes_bid),
    yes_bid_size_fp: lots(bid?.[1] ?? 0),
    yes_ask_dollars: ticks(yes_ask),
    yes_ask_size_fp: lots(ask?.[1] ?? 0),
    no_bid_dollars: otherTicks(yes_ask),
    no_ask_dollars: otherTicks(yes_bid),
    last_price_dollars: ticks(last?.price_ticks ?? 0),
    previous_yes_bid_dollars: before(yesterday.bid),
    previous_yes_ask_dollars: before(yesterday.ask),
    previous_price_dollars: before(yesterday.trade),
    volume_fp: lots(facts.volume_lots),
    volume_24h_fp: lots(statsSince(tape, now_us - DAY_US).lots),
    open_interest_fp: lots(facts.open_interest_lots),
    notional_value_dollars: '1.0000',
    liquidity_dollars: '0.0000',
    result: value === null ? '' : resultOf(value),
    can_close_early: info.can_close_early,
    expiration_value: '',
    ...(value === null ? {} : { settlement_value_dollars: ticks(value) }),
    ...(facts.settled_us === null ? {} : { settlement_ts: time(facts.settled_us) }),
    ...(facts.fee_waiver_ts === null
      ? {}
      : { fee_waiver_expiration_time: timeOfSeconds(facts.fee_waiver_ts) }),
    strike_type: info.strike_type,
    ...(info.floor_strike === null ? {} : { floor_strike: info.floor_strike }),
    rules_primary: info.rules_primary,
    rules_secondary: info.rules_secondary,
    price_level_structure: structureOf(price_bands) ?? '',
    price_ranges: rangesView(price_bands),
    exchange_index: 0,
  }
}

export const rangesView = (bands: Parameters<typeof rangesOf>[0]): WirePriceRange[] =>
  rangesOf(bands).map(({ start_1e9, end_1e9, step_1e9 }) => ({
    start: dollars(start_1e9),
    end: dollars(end_1e9),
    step: dollars(step_1e9),
  }))

export function resultOf(yes_value_ticks: number): 'yes' | 'no' | 'scalar' {
  if (yes_value_ticks === 10_000) return 'yes'
  return yes_value_ticks === 0 ? 'no' : 'scalar'
}

const top = (host: Host, ticker: string, side: 'buy' | 'sell'): TickLevel | undefined =>
  host.exchange.levels(ticker, side, 1)[0]

/** The two bid ladders, ascending, the best last: YES bids, and NO bids at one minus the YES asks. */
export function bookView(
  host: Host,
  ticker: string,
  depth: number,
): { readonly yes: readonly WireLevel[]; readonly no: readonly WireLevel[] } {
  const limit = depth === 0 ? Number.MAX_SAFE_INTEGER : depth
  const ladder = (side: 'buy' | 'sell', shown: (price_ticks: number) => string): WireLevel[] =>
    host.exchange
      .levels(ticker, side, limit)
      .map(([price, qty]): WireLevel => [shown(price), lots(qty)])
      .reverse()
  return { yes: ladder('buy', ticks), no: ladder('sell', otherTicks) }
}

export const tradeText = (trade_id: number): string => idUuid('kalshi/trade', trade_id)

export function tradeView(ticker: string, trade: TapeTrade): WireTrade {
  const [leg, side] = sidesOf(trade.taker_side)
  return {
    trade_id: tradeText(trade.trade_id),
    ticker,
    count_fp: lots(trade.qty_lots),
    yes_price_dollars: ticks(trade.price_ticks),
    no_price_dollars: otherTicks(trade.price_ticks),
    taker_side: leg,
    taker_outcome_side: leg,
    taker_book_side: side,
    created_time: time(trade.ts_us),
    is_block_trade: false,
  }
}

/** A bid is for YES, an ask for NO. */
export const sidesOf = (side: 'buy' | 'sell'): readonly [Leg, BookSide] =>
  side === 'buy' ? ['yes', 'bid'] : ['no', 'ask']

/**
 * Legacy pair of an order: as it was written in the legacy era; V2 asks show as bought NO. (Which pair the
 * venue emits for a V2 ask is not verified.)
 */
export function legacyPair(order: OrderRecord): { side: Leg; action: 'buy' | 'sell' } {
  return orderData(order).legacy ?? { side: order.side === 'buy' ? 'yes' : 'no', action: 'buy' }
}

export function statusOf(order: OrderRecord): WireOrder['status'] {
  if (order.status === 'open') return 'resting'
  return order.reason === 'filled' ? 'executed' : 'canceled'
}

/** What an order's fills cost and were charged, by liquidity. */
export function costsOf(host: Host, order: OrderRecord) {
  const costs = { taker_1e8: 0n, maker_1e8: 0n }
  for (const fill_no of order.fills) {
    const fill = host.records.fill(fill_no)
    if (fill === undefined) continue
    const cost = costOf(fill.price_ticks, fill.qty_lots, order.side)
    if (fill.liquidity === 'taker') costs.taker_1e8 += cost
    else costs.maker_1e8 += cost
  }
  return costs
}

export function orderView(host: Host, order: OrderRecord): WireOrder {
  const data = orderData(order)
  const owner = host.state.accounts.get(order.account_id)
  const [leg, book_side] = sidesOf(order.side)
  const costs = costsOf(host, order)
  const price = order.price_ticks ?? 0
  return {
    order_id: order.id,
    user_id: userOf(host.state, order.account_id),
    client_order_id: clientOrderId(order),
    ticker: order.venue_symbol,
    ...legacyPair(order),
    outcome_side: leg,
    book_side,
    type: 'limit',
    status: statusOf(order),
    yes_price_dollars: ticks(price),
    no_price_dollars: otherTicks(price),
    fill_count_fp: lots(order.filled_lots),
    remaining_count_fp: lots(order.remaining_lots),
    initial_count_fp: lots(data.initial_lots),
    taker_fill_cost_dollars: money(costs.taker_1e8),
    maker_fill_cost_dollars: money(costs.maker_1e8),
    taker_fees_dollars: money(order.taker.fee_1e8),
    maker_fees_dollars: money(order.maker.fee_1e8),
    expiration_time: data.expiration_s === null ? null : timeOfSeconds(data.expiration_s),
    created_time: time(order.created_us),
    last_update_time: time(order.updated_us),
    self_trade_prevention_type: data.stp,
    order_group_id: data.group_id,
    cancel_order_on_pause: data.cancel_on_pause,
    subaccount_number: owner?.subaccount ?? 0,
    exchange_index: 0,
  }
}

export function userOf(state: KalshiState, account_id: AccountId): string {
  const member = state.accounts.get(account_id)?.member
  return (member && state.members.get(member)?.user_id) || ''
}

/** Text id of a fill: both sides of a trade share the trade's. */
export function fillView(host: Host, fill: FillRecord): WireFill {
  const [leg, book_side] = sidesOf(fill.side)
  const order = host.records.order(fill.order_id)
  const trade_id = tradeText(fill.trade_id)
  return {
    fill_id: trade_id,
    trade_id,
    order_id: order?.id ?? orderText(fill.order_id),
    ticker: fill.venue_symbol,
    market_ticker: fill.venue_symbol,
    exchange_index: 0,
    ...(order === undefined ? { side: leg, action: 'buy' as const } : legacyPair(order)),
    outcome_side: leg,
    book_side,
    count_fp: lots(fill.qty_lots),
    yes_price_dollars: ticks(fill.price_ticks),
    no_price_dollars: otherTicks(fill.price_ticks),
    is_taker: fill.liquidity === 'taker',
    fee_cost: money(fill.fee_1e8),
    created_time: time(fill.ts_us),
    subaccount_number: host.state.accounts.get(fill.account_id)?.subaccount ?? 0,
    ts: Math.floor(fill.ts_us / 1e6),
  }
}

export const orderText = (order_id: number): string => idUuid('kalshi/order', order_id)

export function positionView(
  state: KalshiState,
  account_id: AccountId,
  ticker: string,
): WireMarketPosition {
  const held = state.held.get(ticker)?.get(account_id)
  const traded = state.traded.get(account_id)?.get(ticker)
  return {
    ticker,
    exchange_index: 0,
    total_traded_dollars: money(traded?.total_1e8 ?? 0n),
    position_fp: lots(held?.qty_lots ?? 0),
    market_exposure_dollars: money(held?.cost_1e8 ?? 0n),
    realized_pnl_dollars: money(held?.realized_1e8 ?? 0n),
    fees_paid_dollars: money(traded?.fees_1e8 ?? 0n),
    last_updated_ts: time(traded?.updated_us ?? state.markets.get(ticker)?.updated_us ?? 0),
  }
}

/** Tickers of markets that are not paid out and in which an account holds or traded something. */
export function openTickers(state: KalshiState, account_id: AccountId): string[] {
  return [...state.markets]
    .filter(([ticker, { status }]) => {
      if (status === 'finalized') return false
      const qty_lots = state.held.get(ticker)?.get(account_id)?.qty_lots ?? 0
      return qty_lots !== 0 || state.traded.get(account_id)?.has(ticker) === true
    })
    .map(([ticker]) => ticker)
}

export function settlementView(state: KalshiState, record: SettlementFacts): WireSettlement {
  const yes = record.qty_lots > 0
  const count = lots(Math.abs(record.qty_lots))
  const cost = money(record.cost_1e8)
  const none = { count: '0.00', cost: '0.000000' }
  const info = state.markets.get(record.ticker)?.info
  return {
    ticker: record.ticker,
    exchange_index: 0,
    event_ticker: info?.event_ticker ?? seriesTickerOf(record.ticker),
    market_result: resultOf(record.yes_value_ticks),
    yes_count_fp: yes ? count : none.count,
    yes_total_cost_dollars: yes ? cost : none.cost,
    no_count_fp: yes ? none.count : count,
    no_total_cost_dollars: yes ? none.cost : cost,
    revenue: cents(record.payout_1e8),
    settled_time: time(record.ts_us),
    fee_cost: money(record.fees_1e8),
    value: Math.floor(record.yes_value_ticks / 100),
  }
}

/** Worth of an account's open positions now, by the last price, else the middle of the book, else its cost. */
export function portfolioValue(host: Host, account_id: AccountId): bigint {
  let sum = 0n
  for (const [ticker, held] of host.state.held) {
    const own = held.get(account_id)
    if (own === undefined || own.qty_lots === 0) continue
    const instrument = host.instrument(ticker)
    const value = host.state.markets.get(ticker)?.yes_value_ticks
    const price = value ?? host.tape(ticker).trades.at(-1)?.price_ticks
    if (price === undefined) {
      sum += own.cost_1e8
      continue
    }
    const yes = priceOf(instrument, price)
    const each = own.qty_lots > 0 ? yes : PRICE_SCALE - yes
    sum += (each * qtyOf(instrument, Math.abs(own.qty_lots))) / PRICE_SCALE
  }
  return sum
}
