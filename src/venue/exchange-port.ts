/**
 * Exchange port: the part of the matching engine a venue host uses, and the engine behind it.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, MarketState } from '../engine/command.js'
import { Exchange, type ExchangeOptions } from '../engine/exchange.js'
import type { Side } from '../engine/instrument.js'
import type { LevelView } from '../engine/views.js'
import type { TickLevel } from './host-command.js'

export interface ExchangePort {
  /** Events of one command, oldest first. */
  apply(command: Command): readonly ExchangeEvent[]
  /** Best prices in ticks; null: that side is empty. */
  best(venue_symbol: string): {
    readonly bid_ticks: number | null
    readonly ask_ticks: number | null
  }
  /** Both sides, best first, at most `limit` levels each. */
  depth(
    venue_symbol: string,
    limit: number,
  ): { readonly bids: readonly TickLevel[]; readonly asks: readonly TickLevel[] }
  /** Levels of one side, best first, at most `limit`. */
  levels(venue_symbol: string, side: Side, limit: number): TickLevel[]
  marketState(venue_symbol: string): MarketState
  /** Value of YES once determined, else null. */
  yesValue(venue_symbol: string): number | null
  /** Lots ahead of a resting order at its price; undefined: it does not rest. */
  queueAhead(order_id: number): number | undefined
  balances(account_id: AccountId): {
    readonly asset: string
    readonly total_1e8: bigint
    readonly reserved_1e8: bigint
  }[]
  balance(
    account_id: AccountId,
    asset: string,
  ): { readonly total_1e8: bigint; readonly reserved_1e8: bigint }
  /**
   * Positions that are open or were once. Lots are signed: YES or long above zero, NO or short below. Where YES
   * and NO are two tokens, an account that holds both has two rows of one instrument.
   */
  positions(account_id: AccountId): {
    readonly instrument: string
    readonly qty_lots: number
    readonly cost_1e8: bigint
    readonly realized_1e8: bigint
  }[]
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
  /** The exchange as it is, by block copies; later commands do not touch the answer. */
  fork(): Exchange
  /** Back to what {@link fork} answered, any number of times. */
  load(fork: Exchange): void
  /** @throws Error naming the broken invariant. */
  check(): void
}

/** The matching engine as a host uses it. `rules` are the venue's money rules. */
export function venueExchange(options: ExchangeOptions): ExchangePort {
  let exchange = new Exchange(options)
  return {
    apply: (command) => exchange.apply(command),
    best: (venue_symbol) => {
      const { bid, ask } = exchange.l1(venue_symbol)
      return { bid_ticks: bid?.price_ticks ?? null, ask_ticks: ask?.price_ticks ?? null }
    },
    depth: (venue_symbol, limit) => {
      const { bids, asks } = exchange.depth(venue_symbol, limit)
      return { bids: bids.map(tickLevel), asks: asks.map(tickLevel) }
    },
    levels: (venue_symbol, side, limit) => {
      const { bids, asks } = exchange.depth(venue_symbol, limit)
      return (side === 'buy' ? bids : asks).map(tickLevel)
    },
    marketState: (venue_symbol) => exchange.marketState(venue_symbol),
    yesValue: (venue_symbol) => exchange.yesValue(venue_symbol),
    queueAhead: (order_id) => exchange.queueAhead(order_id),
    balances: (account_id) => exchange.balances(account_id),
    balance: (account_id, asset) => exchange.balance(account_id, asset),
    positions: (account_id) =>
      exchange.instruments().flatMap(({ venue_symbol: instrument }) => {
        const held = exchange.position(account_id, instrument)
        const { qty_lots, cost_1e8, realized_1e8, no_lots, no_cost_1e8, no_realized_1e8 } = held
        return [
          { instrument, qty_lots, cost_1e8, realized_1e8 },
          // Not minus zero.
          {
            instrument,
            qty_lots: 0 - no_lots,
            cost_1e8: no_cost_1e8,
            realized_1e8: no_realized_1e8,
          },
        ].filter((row) => row.qty_lots !== 0 || row.realized_1e8 !== 0n)
      }),
    snapshot: () => exchange.snapshot(),
    restore: (bytes) => {
      exchange = Exchange.restore(bytes, options)
    },
    fork: () => exchange.fork(),
    load: (fork) => {
      exchange = fork.fork()
    },
    check: () => exchange.check(),
  }
}

const tickLevel = ({ price_ticks, qty_lots }: LevelView): TickLevel => [price_ticks, qty_lots]
