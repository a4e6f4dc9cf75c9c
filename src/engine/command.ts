/**
 * Command: what a mock exchange is told, and the events it answers with.
 *
 * Pure types. `Exchange.apply(command)` (exchange.ts) is the only door: commands in, events out,
 * neither changed once made. Time arrives as data (`ts_us`, microseconds since the Unix epoch, never
 * falling). Prices are ticks and sizes lots of the instrument; cash is `_1e8` of its asset.
 *
 * Two stages, as at real venues. Entry (funds, grid, market state): a refusal is one `rejected` event
 * and no order ever exists. Book (post-only, FOK, IOC remainder, no liquidity, self-trade): the order is
 * `accepted`, then `done` with the reason. A venue words either as it does live.
 *
 * @module
 */

import type { Instrument, Side } from './instrument.js'
import type { Liquidity, TimeInForce } from './order.js'
import type { BookReject, EntryReject } from './reject.js'

/** Exchange-wide order number, from 1, never reused. */
export type OrderId = number
/** Account number, from 1 in order of opening; 0 is the venue itself (fees, rounding, insurance). */
export type AccountId = number

/** What happens when an order would trade with its own account (or STP group). */
export type SelfTrade = 'cancel-taker' | 'cancel-maker' | 'cancel-both' | 'decrement' | 'allow'

export type MarketState =
  | 'pending' // listed, not yet open: no orders
  | 'open'
  | 'paused' // no placing or amending; cancels allowed
  | 'halted' // nothing allowed, cancels neither
  | 'cancel-only'
  | 'post-only'
  | 'limit-only'
  | 'closed' // for good; resting orders were cancelled
  | 'determined' // event markets: result known, not paid
  | 'settled'

export interface PlaceCommand {
  readonly type: 'place'
  readonly ts_us: number
  readonly account_id: AccountId
  readonly instrument: string
  readonly side: Side
  /** null: market order. */
  readonly price_ticks: number | null
  /** 0 when `quote_budget_1e8` is given. */
  readonly qty_lots: number
  /** Market buy by quote amount: spend up to this much before fees; whole lots only. */
  readonly quote_budget_1e8: bigint | null
  readonly time_in_force: TimeInForce
  readonly expire_ts_us: number | null
  /** `reprice`: rest one tick behind the opposite best instead of crossing. */
  readonly post_only: 'no' | 'reject' | 'reprice'
  readonly reduce_only: boolean
  readonly self_trade: SelfTrade
  /** Which side of a spot trade pays this order's fee. */
  readonly fee_in: 'quote' | 'base'
  /** Perps. */
  readonly margin: 'cross' | 'isolated'
  /**
   * Event markets with `separate` tokens: the token this order trades; absent: YES. Side and price stay in
   * YES terms: `sell` with `NO` buys NO at 1 - p, `buy` with `NO` sells NO. Others ignore it.
   */
  readonly leg?: 'YES' | 'NO'
}

export type Command =
  | { readonly type: 'list'; readonly ts_us: number; readonly instrument: Instrument }
  | {
      readonly type: 'market-state'
      readonly ts_us: number
      readonly instrument: string
      readonly state: MarketState
      readonly cancel_resting: boolean
    }
  /** A finer grid for a market that trades: resting orders stay. */
  | {
      readonly type: 'price-grid'
      readonly ts_us: number
      readonly instrument: string
      readonly price_bands: Instrument['price_bands']
    }
  /** Optional collar: takers may not trade beyond `low..high` ticks; null lifts it. */
  | {
      readonly type: 'price-collar'
      readonly ts_us: number
      readonly instrument: string
      readonly low_ticks: number | null
      readonly high_ticks: number | null
    }
  | { readonly type: 'open-account'; readonly ts_us: number; readonly stp_group: number | null }
  /** Money in (positive) or out (negative) of the venue; refused when it would make `available` negative. */
  | {
      readonly type: 'transfer'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly asset: string
      readonly amount_1e8: bigint
    }
  /**
   * Sets an event or perp position of an account at a cost (tests, demo accounts); the venue takes the other
   * side. Event markets: negative is NO; what the pool needs behind the position comes from outside.
   */
  | {
      readonly type: 'endow'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      readonly qty_lots: number
      readonly entry_ticks: number
    }
  | PlaceCommand
  | {
      readonly type: 'cancel'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
    }
  | {
      readonly type: 'cancel-all'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string | null
    }
  /** New price and new remaining size. Price change or more size re-queues; less size keeps the place. */
  | {
      readonly type: 'amend'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly price_ticks: number
      readonly remaining_lots: number
    }
  /** Time passes: due GTD orders expire. */
  | { readonly type: 'tick'; readonly ts_us: number }
  /** Event market: fix the value of YES in ticks (0, one, or between for void and scalar). */
  | {
      readonly type: 'determine'
      readonly ts_us: number
      readonly instrument: string
      readonly yes_value_ticks: number
    }
  /** Pays every holder of a determined market (`auto`) or lets holders redeem (`claim`). */
  | {
      readonly type: 'settle'
      readonly ts_us: number
      readonly instrument: string
      readonly payout: 'auto' | 'claim'
    }
  | {
      readonly type: 'redeem'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
    }
  /** Event markets with separate tokens: cash into YES+NO pairs and back. */
  | {
      readonly type: 'split' | 'merge'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      readonly qty_lots: number
    }
  | {
      readonly type: 'mark'
      readonly ts_us: number
      readonly instrument: string
      readonly mark_ticks: number
      readonly oracle_ticks: number
    }
  /** Perps: orders may not open more than this many lots per side of the market; null lifts it. */
  | {
      readonly type: 'open-interest-cap'
      readonly ts_us: number
      readonly instrument: string
      readonly cap_lots: number | null
    }
  /** Funding: longs pay shorts `rate_1e9` of oracle notional (negative: shorts pay). */
  | {
      readonly type: 'funding'
      readonly ts_us: number
      readonly instrument: string
      readonly rate_1e9: bigint
    }
  | {
      readonly type: 'leverage'
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      readonly leverage: number
    }

/** Why an order ended. */
export type DoneReason =
  | 'filled'
  | 'cancelled' // by its owner
  | 'expired'
  | 'market-closed'
  | 'market-state'
  | 'reduced-to-zero'
  | 'liquidation'
  | BookReject

/** Every event carries the exchange-wide `seq`, from 1, without gaps. */
export type ExchangeEvent =
  | {
      readonly type: 'listed'
      readonly seq: number
      readonly ts_us: number
      readonly instrument: string
    }
  | {
      readonly type: 'market-state'
      readonly seq: number
      readonly ts_us: number
      readonly instrument: string
      readonly state: MarketState
    }
  | {
      readonly type: 'account-opened'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
    }
  | {
      readonly type: 'rejected'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly command: Command['type']
      readonly order_id: OrderId | null
      readonly code: EntryReject
      /** Facts to word it with, e.g. needed and free `_1e8` for `insufficient-balance`. */
      readonly needed_1e8: bigint | null
      readonly free_1e8: bigint | null
    }
  | {
      readonly type: 'accepted'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly instrument: string
      readonly side: Side
      readonly price_ticks: number | null
      readonly qty_lots: number
    }
  | {
      readonly type: 'trade'
      readonly seq: number
      readonly ts_us: number
      /** Per exchange, from 1. */
      readonly trade_id: number
      readonly instrument: string
      readonly price_ticks: number
      readonly qty_lots: number
      readonly taker_side: Side
      readonly taker: TradeParty
      readonly maker: TradeParty
    }
  | {
      readonly type: 'rested'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly price_ticks: number
      readonly remaining_lots: number
      /** Lots ahead at this price. */
      readonly queue_ahead_lots: number
    }
  | {
      readonly type: 'amended'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly price_ticks: number
      readonly remaining_lots: number
      readonly kept_place: boolean
    }
  | {
      readonly type: 'done'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly order_id: OrderId
      readonly reason: DoneReason
      readonly filled_lots: number
      /** Lots that were given up (0 when filled). */
      readonly cancelled_lots: number
    }
  /** L2 difference: the level's new size. `book_seq` counts per instrument, from 1, without gaps. */
  | {
      readonly type: 'level'
      readonly seq: number
      readonly ts_us: number
      readonly instrument: string
      readonly book_seq: number
      readonly side: Side
      readonly price_ticks: number
      readonly qty_lots: number
    }
  | {
      readonly type: 'balance'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly asset: string
      readonly total_1e8: bigint
      readonly reserved_1e8: bigint
      readonly change_1e8: bigint
      readonly cause:
        | 'trade'
        | 'fee'
        | 'transfer'
        | 'settlement'
        | 'funding'
        | 'liquidation'
        | 'mint'
        | 'merge'
    }
  | {
      readonly type: 'position'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      /** Signed: YES or long is positive. */
      readonly qty_lots: number
      readonly cost_1e8: bigint
      readonly realized_1e8: bigint
      /** Event markets with `separate` tokens: which one; then `qty_lots` is never negative. */
      readonly leg?: 'YES' | 'NO'
    }
  | {
      readonly type: 'determined' | 'settled'
      readonly seq: number
      readonly ts_us: number
      readonly instrument: string
      readonly yes_value_ticks: number
    }
  | {
      readonly type: 'paid'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      readonly qty_lots: number
      readonly payout_1e8: bigint
    }
  | {
      readonly type: 'liquidated'
      readonly seq: number
      readonly ts_us: number
      readonly account_id: AccountId
      readonly instrument: string
      readonly qty_lots: number
      readonly price_ticks: number
    }

export interface TradeParty {
  readonly account_id: AccountId
  readonly order_id: OrderId
  readonly side: Side
  readonly liquidity: Liquidity
  /** Lots left open on the order after this trade (before any later cancel). */
  readonly remaining_lots: number
  /** Lots filled on the order so far, this trade included. */
  readonly filled_lots: number
  /** Cash that moved before fees: paid (rounded up) or received (rounded down). Event asks: collateral paid. */
  readonly quote_1e8: bigint
  /** The same with its sign: negative was paid, positive received. Event markets net closing and opening parts. */
  readonly change_1e8: bigint
  /** Lots of this trade that closed a position (event markets and perps); the rest opened one. */
  readonly closed_lots: number
  /** Positive is paid, negative a rebate. */
  readonly fee_1e8: bigint
  readonly fee_asset: string
}

/** What a venue hands in: its money rules, as small pure functions. */
export interface MoneyRules {
  /**
   * Fee of one fill. `carry_1e8` is the order's own accumulator (0 at first): rounding kept from fill to fill.
   */
  readonly fee: (fill: FeeInput) => { readonly fee_1e8: bigint; readonly carry_1e8: bigint }
  /** Cash held beyond price times size while an order rests or arrives, e.g. the taker fee at its limit; 0n: none. */
  readonly feeHold: (input: {
    readonly instrument: Instrument
    readonly account_id: AccountId
    readonly notional_1e8: bigint
    readonly price_1e9: bigint
    readonly qty_1e8: bigint
  }) => bigint
  /** Event markets: whether YES and NO of one account cancel out (`net`) or stay two tokens (`separate`). */
  readonly eventNetting: 'net' | 'separate'
}

export interface FeeInput {
  readonly instrument: Instrument
  readonly account_id: AccountId
  readonly liquidity: Liquidity
  readonly side: Side
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  /** Unrounded product: price_1e9 * qty_1e8, scale 1e17. */
  readonly notional_1e17: bigint
  readonly fee_asset: string
  readonly carry_1e8: bigint
}
