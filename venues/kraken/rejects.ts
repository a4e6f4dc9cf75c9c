/**
 * Kraken's refusals: every reason in Kraken's words, and Kraken's words back to normalized codes.
 *
 * HTTP status is 200 for all of them. A text is `<severity><category>:<text>[:<detail>]`.
 *
 * @see https://docs.kraken.com/exchange/guides/general/errors
 *
 * @module
 */

import type { DoneReason } from '../../src/engine/command.js'
import {
  BOOK_REJECTS,
  type BookReject,
  type EntryReject,
  type RejectCode,
} from '../../src/engine/reject.js'

/** A refusal as this venue's code passes it on: the text is the whole answer. */
export interface KrakenError {
  readonly error: string
}

/** Rules of the sheet and their texts; `detail` fills the blank where there is one. */
export const texts = {
  'KR-01': 'EAPI:Invalid key',
  'KR-02': 'EAPI:Invalid signature',
  'KR-03': 'EAPI:Invalid nonce',
  'KR-04': 'EGeneral:Invalid arguments',
  'KR-05': 'EQuery:Unknown asset pair',
  'KR-06-cancel': 'EService:Market in cancel_only mode',
  'KR-06-post': 'EService:Market in post_only mode',
  'KR-06-limit': 'EService:Market in limit_only mode',
  'KR-07': 'EOrder:Tick size check failed',
  'KR-09': 'EGeneral:Invalid arguments:volume',
  'KR-10': 'EOrder:Order minimum not met',
  'KR-11': 'EOrder:Cost minimum not met',
  'KR-12': 'EOrder:Insufficient funds',
  'KR-13': 'EOrder:Post only order',
  'KR-19': 'EOrder:Unknown order',
  'KR-20': 'EService:Deadline elapsed',
  'KR-21': 'EAPI:Rate limit exceeded',
  'KR-22': 'EOrder:Rate limit exceeded',
  'KR-23': 'EOrder:Orders limit exceeded',
  'KR-24': 'EGeneral:Invalid arguments:viqc',
  'KR-25': 'EGeneral:Invalid arguments:oflags',
  /** Text unverified: no source shows it. */
  duplicate: 'EOrder:Invalid cl_ord_id',
  permission: 'EGeneral:Permission denied',
  method: 'EGeneral:Unknown method',
  asset: 'EQuery:Unknown asset',
  unavailable: 'EService:Unavailable',
  busy: 'EService:Busy',
} as const

/** KR-08: more decimals than the pair prints. */
export const tooManyDecimals = (pair_id: string, decimals: number): string =>
  `EOrder:Invalid price:${pair_id} price can only be specified up to ${decimals} decimals.`

/** KR-04 with the field at fault. */
export const badField = (field: string): string => `${texts['KR-04']}:${field}`

/** What the engine may refuse at entry after this venue's own checks, in Kraken's words. */
export const entryTexts = {
  auth: texts['KR-01'],
  permission: texts.permission,
  'clock-skew': texts['KR-03'],
  'rate-limited': texts['KR-21'],
  'bad-request': texts['KR-04'],
  'unsupported-order': badField('ordertype'),
  'unknown-instrument': texts['KR-05'],
  'venue-paused': texts.unavailable,
  'market-mode': texts['KR-06-cancel'],
  'market-closed': texts['KR-06-cancel'],
  'off-tick': texts['KR-07'],
  'price-bounds': badField('price'),
  'off-lot': texts['KR-09'],
  'below-min-qty': texts['KR-10'],
  'below-min-notional': texts['KR-11'],
  'above-max-qty': texts['KR-09'],
  'price-deviation': badField('price'),
  'position-limit': 'EOrder:Positions limit exceeded',
  'too-many-orders': texts['KR-23'],
  'duplicate-client-id': texts.duplicate,
  'group-blocked': badField('ordertype'),
  expired: badField('expiretm'),
  'insufficient-balance': texts['KR-12'],
  'stale-book': texts.unavailable,
  'venue-unavailable': texts.unavailable,
  'unknown-order': texts['KR-19'],
  'not-amendable': texts['KR-19'],
} as const satisfies Record<EntryReject, string>

/**
 * Why an order ended, as `reason` of a closed order; null: Kraken gives none.
 *
 * `Post only order`, `Cannot trade with self` and `User requested` are attested; the other texts are
 * ours (unverified), one constant each.
 */
export const doneReasons = {
  filled: null,
  cancelled: 'User requested',
  expired: 'Order expired',
  'market-closed': 'Market closed',
  'market-state': 'Market state changed',
  'reduced-to-zero': 'User requested',
  liquidation: 'Liquidated',
  'no-liquidity': 'Insufficient liquidity',
  'would-cross': 'Post only order',
  'fok-unfilled': 'Fill or kill order not filled',
  'ioc-unfilled': 'Immediate or cancel order not filled',
  'self-trade': 'Cannot trade with self',
  'not-reducing': 'Reduce only order would not reduce',
} as const satisfies Record<DoneReason, string | null>

const isBookReject = (code: string): code is BookReject =>
  BOOK_REJECTS.some((known) => known === code)

const reasonCodes = new Map<string, BookReject>(
  Object.entries(doneReasons).flatMap(([code, text]) =>
    text !== null && isBookReject(code) ? [[text, code]] : [],
  ),
)

/** Normalized code of a `reason` text; undefined: none of the book's refusals. */
export const codeOfReason = (reason: string): BookReject | undefined => reasonCodes.get(reason)

/** Longest matching beginning wins; the whole table of the sheet's section 8. */
const CODES: readonly (readonly [prefix: string, code: RejectCode])[] = [
  [texts['KR-01'], 'auth'],
  [texts['KR-02'], 'auth'],
  [texts['KR-03'], 'auth'],
  ['EGeneral:Temporary lockout', 'auth'],
  ['EAuth:', 'auth'],
  [texts.permission, 'permission'],
  ['EAccount:Invalid permissions', 'permission'],
  ['ETrade:User Locked', 'permission'],
  ['EBM:limit exceeded', 'position-limit'],
  [texts['KR-09'], 'off-lot'],
  [texts['KR-24'], 'unsupported-order'],
  [texts['KR-25'], 'unsupported-order'],
  [badField('ordertype'), 'unsupported-order'],
  [badField('timeinforce'), 'unsupported-order'],
  [badField('reduce_only'), 'unsupported-order'],
  [badField('expiretm'), 'expired'],
  [texts['KR-04'], 'bad-request'],
  [texts.method, 'bad-request'],
  [texts['KR-05'], 'unknown-instrument'],
  [texts.asset, 'unknown-instrument'],
  ['EQuery:Invalid asset pair', 'unknown-instrument'],
  ['Currency pair not supported', 'unknown-instrument'],
  ['EService:Market in', 'market-mode'],
  [texts['KR-20'], 'expired'],
  ['EService:Unavailable', 'venue-paused'],
  ['EService:Busy', 'venue-unavailable'],
  ['EService:Throttled', 'rate-limited'],
  ['EService: Throttled', 'rate-limited'],
  ['EGeneral:Internal error', 'venue-unavailable'],
  ['EGeneral:Too many requests', 'rate-limited'],
  ['Exceeded msg rate', 'rate-limited'],
  [texts['KR-07'], 'off-tick'],
  ['EOrder:Invalid price', 'off-tick'],
  [texts['KR-10'], 'below-min-qty'],
  [texts['KR-11'], 'below-min-notional'],
  [texts['KR-12'], 'insufficient-balance'],
  [texts['KR-13'], 'would-cross'],
  [texts['KR-19'], 'unknown-order'],
  [texts['KR-21'], 'rate-limited'],
  [texts['KR-22'], 'rate-limited'],
  ['EOrder:Domain rate limit exceeded', 'rate-limited'],
  [texts['KR-23'], 'too-many-orders'],
  ['EOrder:Scheduled orders limit exceeded', 'too-many-orders'],
  ['EOrder:Positions limit exceeded', 'position-limit'],
  [texts.duplicate, 'duplicate-client-id'],
  ['EOrder:Reduce only', 'not-reducing'],
  ['EOrder:Margin', 'unsupported-order'],
  ['EOrder:Cannot open position', 'unsupported-order'],
]

/** Normalized code of an error text; a text nobody documented is `bad-request` with its words kept. */
export function codeOfText(text: string): RejectCode {
  let best: readonly [string, RejectCode] | undefined
  for (const entry of CODES) {
    if (text.startsWith(entry[0]) && entry[0].length > (best?.[0].length ?? 0)) best = entry
  }
  return best?.[1] ?? 'bad-request'
}
