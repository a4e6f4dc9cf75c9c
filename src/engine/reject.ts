/**
 * Rejects: the normalized reasons an order fails, whatever the venue and whichever path it took.
 *
 * Pure. A venue maps its own texts to these; the sandbox produces them; parity compares them.
 *
 * @module
 */

/** Refused before the matching engine: no order exists. Listed in the usual order of checking. */
export const ENTRY_REJECTS = [
  'auth',
  'permission',
  'clock-skew',
  'rate-limited',
  'bad-request',
  'unsupported-order',
  'unknown-instrument',
  'venue-paused',
  'market-mode',
  'market-closed',
  'off-tick',
  'price-bounds',
  'off-lot',
  'below-min-qty',
  'below-min-notional',
  'above-max-qty',
  'price-deviation',
  'position-limit',
  'too-many-orders',
  'duplicate-client-id',
  'group-blocked',
  'expired',
  'insufficient-balance',
  'stale-book',
  'venue-unavailable',
  'unknown-order',
  'not-amendable',
] as const

/** Decided by the book: nothing executed beyond what was filled before, nothing rests. */
export const BOOK_REJECTS = [
  'no-liquidity',
  'would-cross',
  'fok-unfilled',
  'ioc-unfilled',
  'self-trade',
  'not-reducing',
] as const

export type EntryReject = (typeof ENTRY_REJECTS)[number]
export type BookReject = (typeof BOOK_REJECTS)[number]
export type RejectCode = EntryReject | BookReject

/** A refusal with the words a person reads. `venue_code` is the venue's own code or text, if any. */
export interface Refusal {
  readonly code: RejectCode
  readonly message: string
  readonly venue_code?: string
}
