/**
 * Contract of the desk: what the order path offers to the API, to control and to fixtures.
 *
 * Types only. Every promise resolves after its commit: what is answered is durable. A refusal of an
 * order is an answer (`status: 'REJECTED'`); bad use of a method throws `DeskError`.
 *
 * @module
 */

import type { Instrument, InstrumentKind, Outcome, Side } from '../engine/instrument.js'
import type { FillExplanation, Liquidity } from '../engine/order.js'

export type PositionKind = 'fiat' | 'crypto' | 'event_contract' | 'perp'

/** Who asks: a client through one of its keys. */
export interface Principal {
  readonly client_id: string
  readonly key_id: string
  /** A test key sees and moves sandbox rows only; a live key live rows only. */
  readonly mode: 'live' | 'sandbox'
}

export interface PositionInput {
  readonly venue: string
  readonly kind: PositionKind
  readonly symbol: string
  readonly qty_1e8: bigint
  /** Absent: 1 for fiat and dollar-pegged coins, else 0. */
  readonly entry_price_1e9?: bigint
}

export type PositionInstrument =
  | { kind: 'fiat' | 'crypto' | 'perp'; symbol: string }
  | {
      kind: 'event_contract'
      symbol: string
      market_slug: string
      outcome: Outcome
      token_id: string | null
    }

export interface PositionRow {
  id: number
  venue: string
  instrument: PositionInstrument
  qty_1e8: bigint
  locked_qty_1e8: bigint
  available_qty_1e8: bigint
  entry_price_usd_1e9: bigint
  current_price_usd_1e9: bigint
  current_value_usd_1e9: bigint
  unrealized_pnl_usd_1e9: bigint
  realized_pnl_usd_1e9: bigint
  fees_usd_1e9: bigint
  lifecycle: { state: 'active' | 'resolved' | 'closed' | 'redeemed' }
  transferable: boolean
  settled: boolean
  settled_mark_usd_1e9: bigint | null
}

/** A parsed simple order; sizes exact. Exactly one of `qty_1e8` and `notional_1e9` is set. */
export interface OrderIntent {
  readonly graph_id: string | null
  /** Name of the graph's only node; absent: `n0`. */
  readonly node_id?: string
  readonly symbol: string
  readonly side: Side
  readonly qty_1e8: bigint | null
  readonly notional_1e9: bigint | null
  readonly limit_price_1e9: bigint | null
  readonly venue: string | null
  readonly tif: 'gtc' | 'ioc' | 'fok' | 'gtd' | 'post_only' | null
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly expire_ts_ns: bigint | null
  readonly max_slippage_bps: number | null
  readonly urgency: 'low' | 'medium' | 'high'
  readonly policy: 'sor' | 'aggressive_chase'
  readonly horizon_ms: number | null
  readonly instrument_type: 'spot' | 'perp' | 'prediction' | null
  /** From the body's flag; a test key forces true. */
  readonly is_sandbox: boolean
  /** Absent: sent whole. Else so many slices, one each interval; goes with `qty_1e8` and policy `sor`. */
  readonly pacing?: { readonly num_slices: number; readonly interval_ms: number }
  readonly max_notional_1e9: bigint | null
  /** SHA-256 of the canonical parsed request: what "the same order" means for a repeated graph_id. */
  readonly fingerprint: string
}

export type OrderStatus =
  | 'NEW'
  | 'WAITING'
  | 'WORKING'
  | 'PARTIAL'
  | 'FILLED'
  | 'CANCELLED'
  | 'REJECTED'
  | 'EXPIRED'

export interface GraphResponse {
  graph_id: string
  status: 'ACCEPTED' | 'REJECTED'
  is_sandbox: boolean
  nodes: {
    node_id: string
    node_order_id: string | null
    status: OrderStatus
    failure_reason: string | null
    failure_message: string | null
  }[]
  /** A paced order: each slice follows the one before, the first its container. Else empty. */
  edges: {
    edge_id: string
    from_node: string
    to_node: string
    trigger: { on_timeout: { ms: number } }
  }[]
  created_at_ns: bigint
}

export interface OrderRow {
  node_order_id: string
  graph_id: string
  node_id: string
  symbol: string
  instrument_type: 'spot' | 'perp' | 'prediction'
  side: Side
  order_type: 'market' | 'limit'
  tif: string
  venue: string | null
  qty_1e8: bigint
  filled_qty_1e8: bigint
  limit_price_1e9: bigint | null
  avg_fill_price_1e9: bigint | null
  fees_usd_1e9: bigint
  status: OrderStatus
  failure_reason: string | null
  failure_message: string | null
  is_sandbox: boolean
  routing_version: 1
  routing: RoutingLeg[]
  children: {
    child_id: string
    venue: string
    qty_1e8: bigint
    filled_qty_1e8: bigint
    status: OrderStatus
  }[]
  created_at_ns: bigint
  updated_at_ns: bigint
}

export interface RoutingLeg {
  venue: string
  qty_1e8: bigint
  avg_px_1e9: bigint | null
  fee_bps: number
  latency_ms: number
  landed_cost_bps: number
}

export interface FillRow {
  fill_id: string
  node_order_id: string
  graph_id: string
  venue: string
  symbol: string
  side: Side
  px_1e9: bigint
  qty_1e8: bigint
  fee_usd_1e9: bigint
  liquidity: Liquidity
  queue_ahead_1e8: bigint | null
  is_sandbox: boolean
  ts_ns: bigint
  explanation: FillExplanation | null
}

export interface Preview {
  symbol: string
  side: Side
  qty_1e8: bigint
  legs: RoutingLeg[]
  est_avg_px_1e9: bigint | null
  est_fee_usd_1e9: bigint
  est_cost_bps: number
  unfilled_qty_1e8: bigint
  guards: { code: string; message: string }[]
}

/** What the desk pushes to streams after it is durable. */
export type DeskEvent =
  | { type: 'order'; client_id: string; is_sandbox: boolean; order: OrderRow }
  | { type: 'fill'; client_id: string; is_sandbox: boolean; fill: FillRow }
  | {
      type: 'routing'
      client_id: string
      is_sandbox: boolean
      node_order_id: string
      legs: RoutingLeg[]
    }

/** What becomes of a market as a whole, whoever holds it. */
export interface MarketNews {
  /** `listed`: tradable from now on. `resolved`: YES is worth what {@link Desk.resolution} says. */
  readonly type: 'listed' | 'resolved'
  readonly venue: string
  /** Of the market, without an outcome. */
  readonly symbol: string
  readonly ts_ns: bigint
}

export interface Desk {
  // sandbox calls (spec section 2); the caller has checked the key's mode
  configure(
    who: Principal,
    positions: readonly PositionInput[],
    replace: boolean,
  ): Promise<{ written: number; deleted: number }>
  reset(who: Principal): Promise<{ initial_balance_usd_1e9: bigint; venues_seeded: number }>
  settings(who: Principal): Promise<{ initial_balance_usd_1e9: bigint }>
  putSettings(
    who: Principal,
    initial_balance_usd_1e9: bigint,
  ): Promise<{ initial_balance_usd_1e9: bigint }>
  // reads
  positions(
    who: Principal,
    filter: {
      venues: readonly string[] | null
      kinds: readonly PositionKind[] | null
      include_closed: boolean
    },
  ): Promise<PositionRow[]>
  orders(
    who: Principal,
    filter: {
      symbol?: string
      status?: OrderStatus
      venue?: string
      graph_id?: string
      limit: number
    },
  ): Promise<OrderRow[]>
  /** undefined: no such order of this client and mode. */
  order(who: Principal, node_order_id: string): Promise<OrderRow | undefined>
  graph(who: Principal, graph_id: string): Promise<GraphResponse | undefined>
  fills(who: Principal, filter: { symbol?: string; limit: number }): Promise<FillRow[]>
  // order path
  submit(who: Principal, intent: OrderIntent): Promise<GraphResponse>
  /** Accepts an order id or a graph id; a graph ends with every order of it, waiting ones too. */
  cancel(who: Principal, id: string): Promise<OrderRow>
  amend(
    who: Principal,
    node_order_id: string,
    change: { new_price_1e9?: bigint; new_qty_1e8?: bigint; decrease_by_1e8?: bigint },
  ): Promise<{ order: OrderRow; mode: 'native_atomic' | 'cancel_replace' }>
  preview(who: Principal, intent: OrderIntent): Promise<Preview>
  killSwitch(who: Principal, enabled: boolean): Promise<{ enabled: boolean }>
  sync(who: Principal): Promise<{ synced: boolean; venues: string[] }>
  // prediction markets (control): YES value in 1e9
  resolveMarket(venue: string, symbol: string, yes_value_1e9: bigint): Promise<void>
  /** Value of YES of a resolved market, in 1e9; undefined while it trades. */
  resolution(venue: string, symbol: string): bigint | undefined
  redeem(
    who: Principal,
    venue: string,
    symbol: string,
  ): Promise<{
    slug: string
    venue: string
    mode: 'auto_settled' | 'relayer_submitted'
    redeemed_qty_1e8: bigint
    payout_usd_1e9: bigint
  }>
  // the rest
  resolveSymbol(symbol: string):
    | {
        instrument_type: 'spot' | 'perp' | 'prediction'
        outcome: Outcome | null
        listings: { venue: string; instrument: Instrument }[]
      }
    | undefined
  symbols(): { symbol: string; kind: InstrumentKind; venues: string[]; instrument: Instrument }[]
  subscribe(listener: (event: DeskEvent) => void): () => void
  /**
   * Lists one more market of a known venue.
   *
   * @throws DeskError `conflict` when the venue lists that symbol already, `not-found` for an unknown venue.
   */
  list(venue: string, instrument: Instrument): void
  /** Told of a resolution once it is durable for everyone who holds the market. */
  subscribeMarkets(listener: (news: MarketNews) => void): () => void
  /** The journal of one account, oldest first, as canonical JSON lines. */
  journal(client_id: string, is_sandbox: boolean): Promise<string[]>
  /**
   * Every account, order and row as a value that later changes do not touch, and back in place: memory
   * and database as they were, journal included, subscriptions kept. For snapshots and revert.
   */
  save(): Promise<unknown>
  restore(state: unknown): Promise<void>
  /** Resolves when everything applied so far is durable. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** A misuse or an impossible request, with the HTTP meaning the API gives it. */
export type DeskErrorCode = 'not-found' | 'conflict' | 'kill-switch' | 'invalid' | 'unavailable'

export class DeskError extends Error {
  readonly code: DeskErrorCode
  readonly details: readonly { field: string; message: string }[]
  constructor(
    code: DeskErrorCode,
    message: string,
    details: readonly { field: string; message: string }[] = [],
  ) {
    super(message)
    this.name = 'DeskError'
    this.code = code
    this.details = details
  }
}
