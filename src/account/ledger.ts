/**
 * Ledger: double entry. Every movement names the side it leaves and the side it reaches.
 *
 * Pure types. A client's side is `client`; the rest are the counterparties of one account, so per asset
 * the sum over all sides is always zero and replaying `client` gives the rows.
 *
 * @module
 */

/**
 * `equity`: the outside (configure, reset, venue's own statement); `market`: who traded with the client;
 * `fees`: the venue's income; `rounding`: dust no side may keep; `settlement`: event payouts;
 * `insurance`: covers what cash cannot.
 */
export type LedgerSide =
  | 'client'
  | 'equity'
  | 'market'
  | 'fees'
  | 'rounding'
  | 'settlement'
  | 'insurance'

export type LedgerCause =
  | 'configure'
  | 'reset'
  | 'sync'
  | 'trade'
  | 'fee'
  | 'realized'
  | 'settle'
  | 'shortfall'

export interface LedgerEntry {
  /** Per account, from 1, without gaps. */
  readonly seq: number
  readonly ts_ns: bigint
  readonly venue: string
  /** Row key of the holding for the client's side: cash, base, leg or perp. */
  readonly holding: string
  readonly from: LedgerSide
  readonly to: LedgerSide
  /** Never negative. */
  readonly amount_1e8: bigint
  readonly cause: LedgerCause
  /** Fill, order or market it belongs to; empty: the whole account. */
  readonly ref: string
}
