/**
 * Exchange port: the part of the matching engine a venue host uses.
 *
 * @module
 */

import type { AccountId, Command, ExchangeEvent, MarketState } from '../engine/command.js'
import type { Side } from '../engine/instrument.js'
import type { TickLevel } from './host-command.js'

export interface ExchangePort {
  /** Events of one command, oldest first. */
  apply(command: Command): readonly ExchangeEvent[]
  /** Best prices in ticks; null: that side is empty. */
  best(venue_symbol: string): {
    readonly bid_ticks: number | null
    readonly ask_ticks: number | null
  }
  /** Levels of one side, best first, at most `limit`. */
  levels(venue_symbol: string, side: Side, limit: number): TickLevel[]
  marketState(venue_symbol: string): MarketState
  balances(account_id: AccountId): {
    readonly asset: string
    readonly total_1e8: bigint
    readonly reserved_1e8: bigint
  }[]
  positions(account_id: AccountId): {
    readonly instrument: string
    readonly qty_lots: number
    readonly cost_1e8: bigint
    readonly realized_1e8: bigint
  }[]
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
  /** @throws Error naming the broken invariant. */
  check(): void
}
