/**
 * State: what Kalshi knows beyond its matching engine, as plain data.
 *
 * Markets with their dates and stage, members with their subaccounts, used client order ids, order groups,
 * what was traded per market, settlements and transfers. Changed only by `reducer.ts`; journaled and
 * snapshotted by the venue host, so nothing here may be a class, a `Set` or a function.
 *
 * @module
 */

import type { AccountId, DoneReason } from '../../src/engine/command.js'
import type { Plain } from '../../src/venue/host-command.js'
import { idUuid } from '../../src/venue/ids.js'
import type { OrderRecord } from '../../src/venue/records.js'
import {
  type EventInfo,
  eventInfo,
  type FeeTerms,
  type MarketInfo,
  type SeriesInfo,
  seriesInfo,
  seriesTickerOf,
} from './instruments.js'
import type { MarketStatus, WireSelfTrade, WireTimeInForce } from './rules.js'

export type VenuePause = 'open' | 'trading-paused' | 'exchange-paused'

export interface MarketFacts {
  info: MarketInfo
  status: MarketStatus
  readonly market_id: string
  readonly created_us: number
  updated_us: number
  /** Contracts traded, in lots. */
  volume_lots: number
  /** YES contracts held by anybody, in lots. */
  open_interest_lots: number
  yes_value_ticks: number | null
  determined_us: number | null
  settled_us: number | null
  /** Fees are waived until this second; null: there is no waiver. */
  fee_waiver_ts: number | null
  fee_waived: boolean
}

export interface EventFacts {
  info: EventInfo
  /** Wins over the terms of the series. */
  fee_override: FeeTerms | null
  updated_us: number
}

/** One person: subaccount 0 is the account the venue opened. */
export interface Member {
  readonly user_id: string
  /** Engine accounts by subaccount number. */
  readonly accounts: AccountId[]
  /** Client order ids ever used; never free again. */
  readonly used_ids: Map<string, true>
  /** Subaccounts with netting across a mutually exclusive event switched on. */
  netting: number[]
  /** By engine account: until this moment new resting orders are pulled, the tail of a cancel-all. */
  readonly kill_until_us: Map<AccountId, number>
}

export interface KeyFacts {
  readonly key_id: string
  readonly name: string
  readonly public_key_pem: string
  readonly scopes: readonly string[]
  readonly subaccount: number | null
  readonly member: AccountId
}

/** Fills of the last 15 seconds against a limit. */
export interface Group {
  readonly group_id: string
  readonly member: AccountId
  readonly account_id: AccountId
  limit_lots: number
  triggered: boolean
  fills: { ts_us: number; lots: number }[]
  /** Orders that named the group and are still open. */
  orders: number[]
}

/** What one account did at one market. */
export interface Traded {
  total_1e8: bigint
  fees_1e8: bigint
  volume_lots: number
  updated_us: number
}

export interface Held {
  qty_lots: number
  cost_1e8: bigint
  realized_1e8: bigint
}

export interface SettlementFacts {
  readonly settlement_no: number
  readonly ticker: string
  readonly qty_lots: number
  readonly cost_1e8: bigint
  readonly payout_1e8: bigint
  readonly fees_1e8: bigint
  readonly yes_value_ticks: number
  readonly ts_us: number
}

export interface TransferFacts {
  readonly transfer_id: string
  readonly from_subaccount: number
  readonly to_subaccount: number
  readonly amount_1e8: bigint
  readonly ts_us: number
}

/** A change of fees, done or to come. */
export interface FeeChange {
  readonly id: string
  readonly series_ticker: string
  /** null: the whole series. */
  readonly event_ticker: string | null
  /** null: the event goes back to its series. */
  readonly terms: FeeTerms | null
  readonly scheduled_ts: number
  done: boolean
}

/** Something a feed tells that no engine event says. The newest are kept, numbered from 1. */
export interface Notice {
  readonly n: number
  readonly ts_us: number
  readonly type: 'group' | 'market' | 'fee'
  readonly id: string
  readonly event: string
  /** Whose group it is about; absent: everybody's business. */
  readonly member?: AccountId
}

export interface KalshiState {
  venue: VenuePause
  readonly series: Map<string, SeriesInfo>
  readonly events: Map<string, EventFacts>
  readonly markets: Map<string, MarketFacts>
  readonly members: Map<AccountId, Member>
  /** Engine account -> its member and subaccount number. */
  readonly accounts: Map<AccountId, { readonly member: AccountId; readonly subaccount: number }>
  readonly keys: Map<string, KeyFacts>
  readonly groups: Map<string, Group>
  groups_made: number
  /** Account -> ticker. */
  readonly traded: Map<AccountId, Map<string, Traded>>
  /** Ticker -> account, everybody's, the house's too. */
  readonly held: Map<string, Map<AccountId, Held>>
  readonly settlements: Map<AccountId, SettlementFacts[]>
  settlements_made: number
  readonly transfers: Map<AccountId, TransferFacts[]>
  transfers_made: number
  fee_changes: FeeChange[]
  notices: Notice[]
  notices_made: number
  /** Next moment at which time alone changes something; null: none. */
  wake_us: number | null
}

export const initialState = (): KalshiState => ({
  venue: 'open',
  series: new Map(),
  events: new Map(),
  markets: new Map(),
  members: new Map(),
  accounts: new Map(),
  keys: new Map(),
  groups: new Map(),
  groups_made: 0,
  traded: new Map(),
  held: new Map(),
  settlements: new Map(),
  settlements_made: 0,
  transfers: new Map(),
  transfers_made: 0,
  fee_changes: [],
  notices: [],
  notices_made: 0,
  wake_us: null,
})

/** Kalshi's own facts about an order, kept in its record. */
export interface OrderData {
  readonly tif: WireTimeInForce
  readonly stp: WireSelfTrade
  readonly group_id: string | null
  readonly cancel_on_pause: boolean
  readonly expiration_s: number | null
  readonly initial_lots: number
  /** Legacy era: how the order was written. */
  readonly legacy: { readonly side: 'yes' | 'no'; readonly action: 'buy' | 'sell' } | null
}

export const orderData = (order: OrderRecord): OrderData => order.data as unknown as OrderData

export const asPlain = (data: OrderData): Plain => data as unknown as Plain

/** Client order id of a record; the venue makes one up when the client gave none (inferred). */
export const clientOrderId = (order: OrderRecord): string =>
  order.client_order_id ?? idUuid('kalshi/client', order.order_id)

const CANCEL_REASONS: Partial<Record<DoneReason, string>> = {
  filled: 'Trade',
  expired: 'ExpiryCancel',
  'market-closed': 'CloseCancel',
  'market-state': 'HaltCancel',
  'self-trade': 'SelfTradeCancel',
  'would-cross': 'PostOnlyCrossCancel',
  'not-reducing': 'ReduceOnlyCancel',
  'reduced-to-zero': 'ReduceOnlyCancel',
}

/** `last_update_reason` of an order that ended; absent for the owner's cancel and for an unfilled remainder. */
export const cancelReason = (reason: DoneReason): string | undefined => CANCEL_REASONS[reason]

/** A market by its ticker. @throws Error when nothing of that name is listed. */
export function marketFacts(state: KalshiState, ticker: string): MarketFacts {
  const facts = state.markets.get(ticker)
  if (facts !== undefined) return facts
  throw new Error(`kalshi lists no ${ticker}; list it first.`)
}

/** Fee terms of a market now: its event's override, else its series. */
export function termsOf(state: KalshiState, ticker: string): FeeTerms {
  const event_ticker = state.markets.get(ticker)?.info.event_ticker ?? ''
  const override = state.events.get(event_ticker)?.fee_override
  if (override) return override
  return seriesOf(state, seriesTickerOf(ticker)).fees
}

export const seriesOf = (state: KalshiState, series_ticker: string): SeriesInfo =>
  state.series.get(series_ticker) ?? seriesInfo(series_ticker)

export const eventOf = (state: KalshiState, event_ticker: string): EventFacts =>
  state.events.get(event_ticker) ?? {
    info: eventInfo(event_ticker),
    fee_override: null,
    updated_us: 0,
  }

export const NOTICES_MAX = 256

export function notice(state: KalshiState, about: Omit<Notice, 'n'>): void {
  state.notices_made += 1
  state.notices.push({ n: state.notices_made, ...about })
  if (state.notices.length > NOTICES_MAX) state.notices = state.notices.slice(-NOTICES_MAX)
}

/** The value of a nested map, made when missing. */
export function within<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
