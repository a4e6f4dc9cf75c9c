/**
 * Legacy: answers as they looked in the cents era (until March 2026), made from today's.
 *
 * Pure. Integers of cents and of contracts beside read-only `*_dollars`; no `*_fp`. Counts and prices that
 * are not whole are cut: the era knew none.
 *
 * @see https://docs.kalshi.com/changelog
 *
 * @module
 */

import type {
  WireCandle,
  WireEventPosition,
  WireFill,
  WireLevel,
  WireMarket,
  WireMarketPosition,
  WireOhlc,
  WireOrder,
  WireSettlement,
  WireTrade,
} from './wire.js'
import { readMoney } from './wire.js'

/** Cents of a dollar text. */
const c = (text: string): number => Number(readMoney(text) / 1_000_000n)
/** Whole contracts of a count text. */
const n = (text: string): number => Number(readMoney(text) / 100_000_000n)
const dollarsOf = (text: string): string => {
  const at = text.indexOf('.')
  return at < 0 ? text : text.slice(0, at + 5)
}

const PRICES = [
  'yes_bid',
  'yes_ask',
  'no_bid',
  'no_ask',
  'last_price',
  'previous_yes_bid',
  'previous_yes_ask',
  'previous_price',
  'notional_value',
  'liquidity',
] as const

export function legacyMarket(market: WireMarket): Record<string, unknown> {
  const {
    volume_fp,
    volume_24h_fp,
    open_interest_fp,
    yes_bid_size_fp: _bid,
    yes_ask_size_fp: _ask,
    exchange_index: _shard,
    ...kept
  } = market
  return {
    ...kept,
    ...Object.fromEntries(PRICES.map((name) => [name, c(market[`${name}_dollars`])])),
    volume: n(volume_fp),
    volume_24h: n(volume_24h_fp),
    open_interest: n(open_interest_fp),
    response_price_units: 'usd_cent',
    tick_size: 1,
    ...(market.settlement_value_dollars === undefined
      ? {}
      : { settlement_value: c(market.settlement_value_dollars) }),
  }
}

/** Empty sides were null. */
export function legacyBook(yes: readonly WireLevel[], no: readonly WireLevel[]) {
  const whole = (levels: readonly WireLevel[]) =>
    levels.length === 0 ? null : levels.map(([price, count]) => [c(price), n(count)])
  const dollars = (levels: readonly WireLevel[]) =>
    levels.length === 0 ? null : levels.map(([price, count]) => [price, n(count)])
  return {
    yes: whole(yes),
    no: whole(no),
    yes_dollars: dollars(yes),
    no_dollars: dollars(no),
  }
}

export function legacyTrade(trade: WireTrade): Record<string, unknown> {
  return {
    trade_id: trade.trade_id,
    ticker: trade.ticker,
    count: n(trade.count_fp),
    created_time: trade.created_time,
    yes_price: c(trade.yes_price_dollars),
    no_price: c(trade.no_price_dollars),
    yes_price_dollars: trade.yes_price_dollars,
    no_price_dollars: trade.no_price_dollars,
    price: c(trade.yes_price_dollars) / 100,
    taker_side: trade.taker_side,
  }
}

export function legacyCandle(candle: WireCandle): Record<string, unknown> {
  const twin = (side: WireOhlc) => ({
    open: c(side.open_dollars),
    low: c(side.low_dollars),
    high: c(side.high_dollars),
    close: c(side.close_dollars),
    ...side,
  })
  const price = Object.fromEntries(
    (['open', 'low', 'high', 'close', 'mean', 'previous'] as const).map((name) => {
      const text = candle.price[`${name}_dollars`]
      return [name, text === undefined ? null : c(text)]
    }),
  )
  return {
    end_period_ts: candle.end_period_ts,
    yes_bid: twin(candle.yes_bid),
    yes_ask: twin(candle.yes_ask),
    price: { ...price, min: null, max: null, ...candle.price },
    volume: n(candle.volume_fp),
    open_interest: n(candle.open_interest_fp),
  }
}

/** Order: zero costs went out as an empty text, and the taker fee in dollars only when there was one. */
export function legacyOrder(order: WireOrder, queue_position: number): Record<string, unknown> {
  const cost = (text: string): string => (readMoney(text) === 0n ? '' : dollarsOf(text))
  const fee = readMoney(order.taker_fees_dollars)
  return {
    order_id: order.order_id,
    user_id: order.user_id,
    client_order_id: order.client_order_id,
    ticker: order.ticker,
    side: order.side,
    action: order.action,
    type: order.type,
    status: order.status,
    yes_price: c(order.yes_price_dollars),
    no_price: c(order.no_price_dollars),
    yes_price_dollars: order.yes_price_dollars,
    no_price_dollars: order.no_price_dollars,
    fill_count: n(order.fill_count_fp),
    remaining_count: n(order.remaining_count_fp),
    initial_count: n(order.initial_count_fp),
    taker_fees: c(order.taker_fees_dollars),
    maker_fees: c(order.maker_fees_dollars),
    taker_fill_cost: c(order.taker_fill_cost_dollars),
    maker_fill_cost: c(order.maker_fill_cost_dollars),
    taker_fill_cost_dollars: cost(order.taker_fill_cost_dollars),
    maker_fill_cost_dollars: cost(order.maker_fill_cost_dollars),
    ...(fee === 0n ? {} : { taker_fees_dollars: dollarsOf(order.taker_fees_dollars) }),
    queue_position,
    expiration_time: order.expiration_time,
    created_time: order.created_time,
    last_update_time: order.last_update_time,
    order_group_id: order.order_group_id,
  }
}

export function legacyFill(fill: WireFill): Record<string, unknown> {
  return {
    fill_id: fill.fill_id,
    trade_id: fill.trade_id,
    order_id: fill.order_id,
    ticker: fill.ticker,
    market_ticker: fill.market_ticker,
    side: fill.side,
    action: fill.action,
    count: n(fill.count_fp),
    price: c(fill.yes_price_dollars) / 100,
    yes_price: c(fill.yes_price_dollars),
    no_price: c(fill.no_price_dollars),
    yes_price_fixed: fill.yes_price_dollars,
    no_price_fixed: fill.no_price_dollars,
    is_taker: fill.is_taker,
    created_time: fill.created_time,
    ts: fill.ts,
  }
}

const twins = (names: readonly string[], from: object): Record<string, unknown> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = (from as Record<string, unknown>)[`${name}_dollars`]
      return typeof text === 'string'
        ? [
            [name, c(text)],
            [`${name}_dollars`, dollarsOf(text)],
          ]
        : []
    }),
  )

export function legacyPosition(
  position: WireMarketPosition,
  resting_orders_count: number,
): Record<string, unknown> {
  return {
    ticker: position.ticker,
    position: n(position.position_fp),
    ...twins(['total_traded', 'market_exposure', 'realized_pnl', 'fees_paid'], position),
    resting_orders_count,
    last_updated_ts: position.last_updated_ts,
  }
}

export function legacyEventPosition(position: WireEventPosition): Record<string, unknown> {
  return {
    event_ticker: position.event_ticker,
    total_cost_shares: n(position.total_cost_shares_fp),
    ...twins(['total_cost', 'event_exposure', 'realized_pnl', 'fees_paid'], position),
  }
}

export function legacySettlement(settlement: WireSettlement): Record<string, unknown> {
  return {
    ticker: settlement.ticker,
    event_ticker: settlement.event_ticker,
    market_result: settlement.market_result,
    yes_count: n(settlement.yes_count_fp),
    yes_total_cost: c(settlement.yes_total_cost_dollars),
    yes_total_cost_dollars: dollarsOf(settlement.yes_total_cost_dollars),
    no_count: n(settlement.no_count_fp),
    no_total_cost: c(settlement.no_total_cost_dollars),
    no_total_cost_dollars: dollarsOf(settlement.no_total_cost_dollars),
    revenue: settlement.revenue,
    settled_time: settlement.settled_time,
    fee_cost: settlement.fee_cost,
    value: settlement.value,
  }
}
