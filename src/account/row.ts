/**
 * Row: one holding of an account, as `positions_v2` keeps it. Cash rows are the balance cache.
 *
 * Mutable on purpose: the account aggregate is the only writer. Quantities `_1e8` (signed for perps),
 * prices and USD amounts `_1e9`.
 *
 * @module
 */

import type { Outcome } from '../engine/instrument.js'

export type RowKind = 'fiat' | 'crypto' | 'event_contract' | 'perp'
export type Lifecycle = 'active' | 'resolved' | 'closed' | 'redeemed'

export interface Row {
  /** Unique in the account, never reused for another holding. */
  readonly id: number
  /** What makes two rows the same holding; see the `rowKey` functions. */
  readonly key: string
  readonly venue: string
  kind: RowKind
  symbol: string
  market_slug: string | null
  outcome: Outcome | null
  token_id: string | null
  qty_1e8: bigint
  /** Committed to open orders, and margin; what is shown as locked never exceeds the quantity. */
  held_1e8: bigint
  entry_1e9: bigint
  realized_1e9: bigint
  fees_1e9: bigint
  /** Last known mark; null: there never was one. */
  mark_1e9: bigint | null
  /** Perps: cash of the venue's quote asset kept as margin. */
  margin_1e8: bigint
  margin_asset: string | null
  lifecycle: Lifecycle
  settled_mark_1e9: bigint | null
  /** What was paid out when the market settled. */
  redeemed_1e8: bigint
}

export const cashKey = (venue: string, kind: 'fiat' | 'crypto', asset: string): string =>
  `${venue}|${kind}|${asset}`
export const perpKey = (venue: string, symbol: string): string => `${venue}|perp|${symbol}`
/** Key of one leg of an event market; a token stands for its leg where the market is known. */
export const legKey = (venue: string, slug: string, outcome: Outcome): string =>
  `${venue}|event|${slug}|${outcome}`

/** Locked part as shown: `0 <= locked <= quantity`. */
export function lockedOf(row: Row): bigint {
  const size = row.qty_1e8 < 0n ? -row.qty_1e8 : row.qty_1e8
  return row.held_1e8 < size ? row.held_1e8 : size
}

/** What a new order may use. */
export function availableOf(row: Row | undefined): bigint {
  if (row === undefined) return 0n
  const free = row.qty_1e8 - row.held_1e8
  return free > 0n ? free : 0n
}
