/**
 * Commands an account takes and the events it answers with. Plain data: both go into the journal.
 *
 * @module
 */

import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { EdgeEvent, Liquidity, TimeInForce } from '../engine/order.js'
import type { InstrumentType, Leg, Order } from './order.js'
import type { RowKind } from './row.js'

/** One configured holding with its identity worked out. */
export interface ConfiguredRow {
  readonly key: string
  readonly venue: string
  readonly kind: RowKind
  readonly symbol: string
  readonly market_slug: string | null
  readonly outcome: Outcome | null
  readonly token_id: string | null
  readonly qty_1e8: bigint
  readonly entry_1e9: bigint
  /** Perps: the cash asset margin is taken from, and how far it reaches. */
  readonly margin: { readonly asset: string; readonly leverage: bigint } | null
}

export interface NewOrder {
  readonly node_order_id: string
  readonly graph_id: string
  readonly node_id: string
  readonly symbol: string
  readonly instrument_type: InstrumentType
  readonly side: Side
  readonly order_type: 'market' | 'limit'
  readonly tif: string
  readonly venue: string | null
  readonly qty_1e8: bigint
  readonly limit_price_1e9: bigint | null
}

/** A child with what it needs held; see `Child` for the fields. */
export interface NewChild {
  readonly child_id: string
  readonly venue: string
  readonly instrument: Instrument
  readonly outcome: Outcome | null
  readonly side: Side
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly reduce_only: boolean
  readonly expire_ts_ns: bigint | null
  readonly qty_1e8: bigint
  readonly limit_price_1e9: bigint | null
  readonly need: Need
}

/** What one child needs held while it works. */
export interface Need {
  /** Row whose quantity is delivered or reduced; null: none. */
  readonly lock_key: string | null
  readonly lock_1e8: bigint
  readonly open_1e8: bigint
  /** Cash per opening unit; null: held by amount (`budget_1e8`). */
  readonly open_price_1e9: bigint | null
  readonly leverage: bigint
  readonly fee_hold_1e8: bigint
  readonly budget_1e8: bigint | null
}

export type AccountCommand =
  /** Wipes everything and starts over with flat balances. */
  | {
      readonly type: 'seed'
      readonly ts_ns: bigint
      readonly cause: 'first-use' | 'reset'
      readonly balances: readonly {
        readonly venue: string
        readonly asset: string
        readonly kind: 'fiat' | 'crypto'
        readonly qty_1e8: bigint
      }[]
    }
  | {
      readonly type: 'configure'
      readonly ts_ns: bigint
      readonly replace: boolean
      readonly rows: readonly ConfiguredRow[]
    }
  /** The venue's own word on what a live account holds there. */
  | {
      readonly type: 'adopt'
      readonly ts_ns: bigint
      readonly venue: string
      readonly rows: readonly ConfiguredRow[]
    }
  | {
      readonly type: 'settings'
      readonly ts_ns: bigint
      readonly initial_balance_usd_1e9: bigint
    }
  | { readonly type: 'kill-switch'; readonly ts_ns: bigint; readonly enabled: boolean }
  /** Holds and records an order; `onto`: further children of an order that has some. */
  | {
      readonly type: 'place'
      readonly ts_ns: bigint
      readonly order: NewOrder
      readonly routing: readonly Leg[]
      readonly children: readonly NewChild[]
      readonly chasing: boolean
      readonly onto: Order | null
    }
  | {
      readonly type: 'refuse'
      readonly ts_ns: bigint
      readonly order: NewOrder
      readonly reason: string
      readonly message: string
      /** The order refused when its turn came; null: a new one. */
      readonly onto: Order | null
    }
  /** Records an order that runs later; until then it holds nothing. */
  | { readonly type: 'wait'; readonly ts_ns: bigint; readonly order: NewOrder }
  | {
      readonly type: 'edge'
      readonly ts_ns: bigint
      readonly event: EdgeEvent
      /** What a unit of the quote asset is worth in USD. */
      readonly quote_usd_1e9: bigint
    }
  /** Ends orders without asking their edge; `ids` null: every open one. */
  | {
      readonly type: 'end'
      readonly ts_ns: bigint
      readonly ids: readonly string[] | null
      readonly reason: string
      readonly message: string
    }
  /** A child's new total quantity and limit, held before the edge is asked. */
  | {
      readonly type: 'resize'
      readonly ts_ns: bigint
      readonly child_id: string
      readonly qty_1e8: bigint
      readonly limit_price_1e9: bigint
      readonly need: Need
    }
  | {
      readonly type: 'resolve'
      readonly ts_ns: bigint
      readonly venue: string
      readonly yes_key: string
      readonly no_key: string
      readonly yes_value_1e9: bigint
      /** Pays at once, or leaves the rows to be redeemed. */
      readonly payout: 'auto' | 'claim'
      readonly quote: string
    }
  | {
      readonly type: 'redeem'
      readonly ts_ns: bigint
      readonly venue: string
      readonly keys: readonly string[]
      readonly quote: string
    }

export type AccountEvent =
  | {
      readonly type: 'seeded'
      readonly cause: 'first-use' | 'reset'
      readonly rows: number
      readonly deleted: number
    }
  | { readonly type: 'configured'; readonly written: number; readonly deleted: number }
  | { readonly type: 'adopted'; readonly venue: string; readonly rows: number }
  | { readonly type: 'settings'; readonly initial_balance_usd_1e9: bigint }
  | { readonly type: 'kill-switch'; readonly enabled: boolean }
  | {
      readonly type: 'placed'
      readonly node_order_id: string
      readonly children: readonly {
        readonly child_id: string
        readonly venue: string
        readonly qty_1e8: bigint
        readonly cash_1e8: bigint
        readonly lock_1e8: bigint
      }[]
    }
  | {
      readonly type: 'refused'
      readonly node_order_id: string
      readonly reason: string
      readonly message: string
    }
  | { readonly type: 'waiting'; readonly node_order_id: string; readonly qty_1e8: bigint }
  | { readonly type: 'acked'; readonly child_id: string }
  | {
      readonly type: 'filled'
      readonly child_id: string
      readonly fill_id: string
      readonly px_1e9: bigint
      readonly qty_1e8: bigint
      readonly fee_1e8: bigint
      readonly liquidity: Liquidity
    }
  | {
      readonly type: 'ended'
      readonly child_id: string
      readonly status: string
      readonly reason: string | null
    }
  | {
      readonly type: 'amended'
      readonly child_id: string
      readonly qty_1e8: bigint
      readonly limit_price_1e9: bigint
    }
  | {
      readonly type: 'amend-refused'
      readonly child_id: string
      readonly reason: string
      readonly message: string
    }
  /** An edge event that changed nothing, and why. */
  | {
      readonly type: 'ignored'
      readonly child_id: string
      readonly why: 'repeat' | 'ended' | 'excess'
    }
  | {
      readonly type: 'resolved'
      readonly key: string
      readonly mark_1e9: bigint
      readonly qty_1e8: bigint
    }
  | {
      readonly type: 'redeemed'
      readonly key: string
      readonly qty_1e8: bigint
      readonly payout_1e8: bigint
    }
