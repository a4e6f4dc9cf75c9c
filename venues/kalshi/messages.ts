/**
 * Messages: what the feed says, built from what one applied command did.
 *
 * Pure reads of host and events; who gets which message is `feed.ts`'s business. In the legacy era books,
 * tickers, trades and fills carry cents beside dollars.
 *
 * @see https://docs.kalshi.com/websockets/websocket-connection
 *
 * @module
 */

import type { AccountId, ExchangeEvent } from '../../src/engine/command.js'
import type { AccountEvent, FillRecord, OrderRecord } from '../../src/venue/records.js'
import type { Applied } from '../../src/venue/reducer.js'
import { structureOf } from './price-levels.js'
import { cancelReason, clientOrderId, type Notice, orderData } from './state.js'
import {
  bookView,
  costsOf,
  type Host,
  legacyPair,
  lots,
  multiplier,
  otherTicks,
  rangesView,
  resultOf,
  sidesOf,
  statusOf,
  ticks,
  tradeText,
  userOf,
} from './views.js'
import { money, readMoney, time, timeOfSeconds } from './wire.js'

export type Msg = Record<string, unknown>

const stamps = (ts_us: number) => ({
  ts: Math.floor(ts_us / 1e6),
  ts_ms: Math.floor(ts_us / 1e3),
})

const centsOf = (text: string): number => Number(readMoney(text) / 1_000_000n)
const wholeOf = (text: string): number => Number(readMoney(text) / 100_000_000n)

export interface BookOptions {
  /** NO levels at YES prices. */
  readonly yesPrice: boolean
  readonly legacy: boolean
}

/** A whole book; the key of an empty side is left out, and an unknown market has neither. */
export function snapshotMsg(host: Host, ticker: string, { yesPrice, legacy }: BookOptions): Msg {
  const facts = host.state.markets.get(ticker)
  const { yes, no } = facts === undefined ? { yes: [], no: [] } : bookView(host, ticker, 0)
  const shownNo = yesPrice ? no.map(([price, count]) => [otherText(price), count] as const) : no
  const side = (name: string, levels: readonly (readonly [string, string])[]) => {
    if (levels.length === 0) return {}
    if (!legacy) return { [`${name}_dollars_fp`]: levels }
    return {
      [name]: levels.map(([price, count]) => [centsOf(price), wholeOf(count)]),
      [`${name}_dollars`]: levels.map(([price, count]) => [price, wholeOf(count)]),
    }
  }
  return {
    market_ticker: ticker,
    market_id: facts?.market_id ?? '',
    ...side('yes', yes),
    ...side('no', shownNo),
  }
}

const otherText = (price: string): string => otherTicks(Number(readMoney(price) / 10_000n))

/** One level's change. */
export interface Delta {
  readonly ticker: string
  readonly side: 'buy' | 'sell'
  readonly price_ticks: number
  /** Signed change in lots. */
  readonly change_lots: number
  readonly ts_us: number
}

/** @param own - The recipient's own order behind the change, if it was one. */
export function deltaMsg(
  host: Host,
  delta: Delta,
  options: BookOptions,
  own: OrderRecord | undefined,
): Msg {
  const { ticker, side, price_ticks, change_lots, ts_us } = delta
  const price = side === 'buy' || options.yesPrice ? ticks(price_ticks) : otherTicks(price_ticks)
  const change = lots(change_lots)
  return {
    market_ticker: ticker,
    market_id: host.state.markets.get(ticker)?.market_id ?? '',
    ...(options.legacy ? { price: centsOf(price), delta: wholeOf(change) } : {}),
    price_dollars: price,
    ...(options.legacy ? {} : { delta_fp: change }),
    side: side === 'buy' ? 'yes' : 'no',
    ts: time(ts_us),
    ts_ms: Math.floor(ts_us / 1e3),
    ...(own === undefined
      ? {}
      : {
          client_order_id: clientOrderId(own),
          subaccount: host.state.accounts.get(own.account_id)?.subaccount ?? 0,
        }),
  }
}

export function tickerMsg(host: Host, ticker: string, legacy: boolean): Msg {
  const facts = host.state.markets.get(ticker)
  const last = host.tape(ticker).trades.at(-1)
  const bid = host.exchange.levels(ticker, 'buy', 1)[0]
  const ask = host.exchange.levels(ticker, 'sell', 1)[0]
  const now_us = host.clock_us()
  const price = ticks(last?.price_ticks ?? 0)
  const yes_bid = ticks(bid?.[0] ?? 0)
  const yes_ask = ticks(ask?.[0] ?? 10_000)
  const volume = lots(facts?.volume_lots ?? 0)
  const open_interest = lots(facts?.open_interest_lots ?? 0)
  const dollars = (count: string): number => Math.floor(wholeOf(count) / 2)
  return {
    market_ticker: ticker,
    market_id: facts?.market_id ?? '',
    ...(legacy
      ? {
          price: centsOf(price),
          yes_bid: centsOf(yes_bid),
          yes_ask: centsOf(yes_ask),
          volume: wholeOf(volume),
          open_interest: wholeOf(open_interest),
        }
      : {
          volume_fp: volume,
          open_interest_fp: open_interest,
          yes_bid_size_fp: lots(bid?.[1] ?? 0),
          yes_ask_size_fp: lots(ask?.[1] ?? 0),
          last_trade_size_fp: lots(last?.qty_lots ?? 0),
        }),
    price_dollars: price,
    yes_bid_dollars: yes_bid,
    yes_ask_dollars: yes_ask,
    // Half a dollar a contract: the examples' ratio of dollar_volume to volume.
    dollar_volume: dollars(volume),
    dollar_open_interest: dollars(open_interest),
    ...stamps(now_us),
    time: time(now_us),
  }
}

export function tradeMsg(event: Extract<ExchangeEvent, { type: 'trade' }>, legacy: boolean): Msg {
  const [leg, side] = sidesOf(event.taker_side)
  const yes = ticks(event.price_ticks)
  const no = otherTicks(event.price_ticks)
  const count = lots(event.qty_lots)
  return {
    trade_id: tradeText(event.trade_id),
    market_ticker: event.instrument,
    ...(legacy
      ? { yes_price: centsOf(yes), no_price: centsOf(no), count: wholeOf(count) }
      : { count_fp: count }),
    yes_price_dollars: yes,
    no_price_dollars: no,
    taker_side: leg,
    taker_outcome_side: leg,
    taker_book_side: side,
    is_block_trade: false,
    ...stamps(event.ts_us),
  }
}

/** @param position_lots - Position after this fill. */
export function fillMsg(
  host: Host,
  fill: FillRecord,
  order: OrderRecord,
  position_lots: number,
  legacy: boolean,
): Msg {
  const [leg, book_side] = sidesOf(fill.side)
  const pair = legacyPair(order)
  const yes = ticks(fill.price_ticks)
  const count = lots(fill.qty_lots)
  const position = lots(position_lots)
  return {
    trade_id: tradeText(fill.trade_id),
    order_id: order.id,
    client_order_id: clientOrderId(order),
    market_ticker: fill.venue_symbol,
    exchange_index: 0,
    is_taker: fill.liquidity === 'taker',
    ...pair,
    purchased_side: leg,
    outcome_side: leg,
    book_side,
    ...(legacy
      ? {
          yes_price: centsOf(yes),
          no_price: 100 - centsOf(yes),
          count: wholeOf(count),
          post_position: wholeOf(position),
        }
      : { count_fp: count, post_position_fp: position }),
    yes_price_dollars: yes,
    fee_cost: money(fill.fee_1e8),
    subaccount: host.state.accounts.get(fill.account_id)?.subaccount ?? 0,
    ...stamps(fill.ts_us),
  }
}

export function positionMsg(host: Host, account_id: AccountId, ticker: string): Msg {
  const { state } = host
  const held = state.held.get(ticker)?.get(account_id)
  const traded = state.traded.get(account_id)?.get(ticker)
  const fees = money(traded?.fees_1e8 ?? 0n, 4)
  return {
    user_id: userOf(state, account_id),
    market_ticker: ticker,
    position_fp: lots(held?.qty_lots ?? 0),
    position_cost_dollars: money(held?.cost_1e8 ?? 0n, 4),
    realized_pnl_dollars: money(held?.realized_1e8 ?? 0n, 4),
    fees_paid_dollars: fees,
    position_fee_cost_dollars: fees,
    volume_fp: lots(traded?.volume_lots ?? 0),
    subaccount: state.accounts.get(account_id)?.subaccount ?? 0,
  }
}

/** Why an order changed last, in the words of `last_update_reason`; absent for what the owner did by hand. */
export function updateReason(event: AccountEvent): string | undefined {
  switch (event.type) {
    case 'fill':
      return 'Trade'
    case 'amended':
      return event.kept_place ? 'Decrease' : 'Amend'
    case 'done':
      return cancelReason(event.reason)
    default:
      return undefined
  }
}

export function orderMsg(host: Host, order: OrderRecord, reason: string | undefined): Msg {
  const data = orderData(order)
  const [outcome_side, book_side] = sidesOf(order.side)
  const costs = costsOf(host, order)
  return {
    order_id: order.id,
    user_id: userOf(host.state, order.account_id),
    ticker: order.venue_symbol,
    exchange_index: 0,
    status: statusOf(order),
    side: legacyPair(order).side,
    is_yes: order.side === 'buy',
    outcome_side,
    book_side,
    yes_price_dollars: ticks(order.price_ticks ?? 0),
    fill_count_fp: lots(order.filled_lots),
    remaining_count_fp: lots(order.remaining_lots),
    initial_count_fp: lots(data.initial_lots),
    taker_fill_cost_dollars: money(costs.taker_1e8),
    maker_fill_cost_dollars: money(costs.maker_1e8),
    taker_fees_dollars: money(order.taker.fee_1e8),
    maker_fees_dollars: money(order.maker.fee_1e8),
    client_order_id: clientOrderId(order),
    ...(data.group_id === null ? {} : { order_group_id: data.group_id }),
    ...(data.expiration_s === null
      ? {}
      : {
          expiration_time: timeOfSeconds(data.expiration_s),
          expiration_ts_ms: data.expiration_s * 1_000,
        }),
    self_trade_prevention_type: data.stp,
    created_time: time(order.created_us),
    created_ts_ms: Math.floor(order.created_us / 1e3),
    last_update_time: time(order.updated_us),
    last_updated_ts_ms: Math.floor(order.updated_us / 1e3),
    ...(reason === undefined ? {} : { last_update_reason: reason }),
    subaccount_number: host.state.accounts.get(order.account_id)?.subaccount ?? 0,
  }
}

/** A message about a market, an event or a fee: its type and content. */
export interface Told {
  readonly type: 'market_lifecycle_v2' | 'event_lifecycle' | 'event_fee_update'
  readonly ticker: string
  readonly msg: Msg
}

const market = (ticker: string, event_type: string, rest: Msg = {}): Told => ({
  type: 'market_lifecycle_v2',
  ticker,
  msg: { market_ticker: ticker, event_type, ...rest },
})

/** What a notice of the venue's own state says on the life-cycle channel. */
export function noticeTold(host: Host, notice: Notice): Told[] {
  const { state } = host
  if (notice.type === 'fee') {
    const override = state.events.get(notice.id)?.fee_override ?? null
    return [
      {
        type: 'event_fee_update',
        ticker: notice.id,
        msg: {
          event_ticker: notice.id,
          fee_type_override: override?.fee_type ?? null,
          fee_multiplier_override: override === null ? null : multiplier(override),
        },
      },
    ]
  }
  const facts = state.markets.get(notice.id)
  if (notice.type !== 'market' || facts === undefined) return []
  const { info } = facts
  if (notice.event === 'close_date_updated') {
    return [market(notice.id, notice.event, { close_ts: info.close_ts })]
  }
  if (notice.event !== 'created') return [market(notice.id, notice.event)]
  const bands = host.instrument(notice.id).price_bands
  const event = state.events.get(info.event_ticker)?.info
  return [
    market(notice.id, 'created', {
      open_ts: info.open_ts,
      close_ts: info.close_ts,
      price_level_structure: info.price_level_structure,
      price_ranges: rangesView(bands),
      additional_metadata: {
        name: info.yes_sub_title,
        title: info.title,
        yes_sub_title: info.yes_sub_title,
        no_sub_title: info.no_sub_title,
        rules_primary: info.rules_primary,
        rules_secondary: info.rules_secondary,
        can_close_early: info.can_close_early,
        event_ticker: info.event_ticker,
        expected_expiration_ts: info.expected_expiration_ts,
        strike_type: info.strike_type,
        ...(info.floor_strike === null ? {} : { floor_strike: info.floor_strike }),
      },
      exchange_index: 0,
    }),
    {
      type: 'event_lifecycle',
      ticker: notice.id,
      msg: {
        event_ticker: info.event_ticker,
        exchange_index: 0,
        title: event?.title ?? '',
        subtitle: event?.sub_title ?? '',
        collateral_return_type: event?.collateral_return_type ?? '',
        series_ticker: event?.series_ticker ?? '',
      },
    },
  ]
}

/** What an applied command says on the life-cycle channel; openings and closings by time say nothing. */
export function lifecycleTold(host: Host, applied: Applied): Told[] {
  const told: Told[] = []
  const { command, events, ts_us } = applied
  const now_s = Math.floor(ts_us / 1e6)
  const asked = command.type === 'engine' ? command.command : undefined
  if (asked?.type === 'price-grid') {
    const bands = host.instrument(asked.instrument).price_bands
    const ticker = asked.instrument
    told.push(
      market(ticker, 'price_level_structure_updated', {
        price_level_structure: host.state.markets.has(ticker) ? structureName(host, ticker) : '',
        price_ranges: rangesView(bands),
      }),
    )
  }
  if (asked?.type === 'market-state') {
    const ticker = asked.instrument
    const status = host.state.markets.get(ticker)?.status
    if (status === 'active') told.push(market(ticker, 'activated'))
    if (status === 'inactive') told.push(market(ticker, 'deactivated', { is_deactivated: true }))
    if (status === 'closed') {
      const close_ts = host.state.markets.get(ticker)?.info.close_ts ?? now_s
      told.push(market(ticker, 'close_date_updated', { close_ts }))
    }
  }
  for (const event of events) {
    if (event.type === 'determined') {
      told.push(
        market(event.instrument, 'determined', {
          result: resultOf(event.yes_value_ticks),
          determination_ts: now_s,
          settlement_value: ticks(event.yes_value_ticks),
        }),
      )
    }
    if (event.type === 'settled') {
      told.push(market(event.instrument, 'settled', { settled_ts: now_s }))
    }
  }
  return told
}

const structureName = (host: Host, ticker: string): string =>
  structureOf(host.instrument(ticker).price_bands) ?? ''

export function groupMsg(host: Host, notice: Notice): Msg {
  const group = host.state.groups.get(notice.id)
  const limited = notice.event === 'created' || notice.event === 'limit_updated'
  return {
    event_type: notice.event,
    order_group_id: notice.id,
    ...(limited && group !== undefined ? { contracts_limit_fp: lots(group.limit_lots) } : {}),
    ts_ms: Math.floor(notice.ts_us / 1e3),
  }
}
