/**
 * Rejects: every code Kalshi answers with, its status and words, the four body shapes they travel in, and
 * the normalized reason each one means.
 *
 * Pure. `message` is the code with spaces, `details` is left out when empty except inside batch answers.
 * Statuses of codes known only from FIX or the changelog are ours; the README lists them.
 *
 * @see https://docs.kalshi.com/getting_started/order_errors
 *
 * @module
 */

import type { RejectCode } from '../../src/engine/reject.js'

interface Meaning {
  readonly status: number
  /** Absent: the code with spaces for underscores. */
  readonly message?: string
  readonly normalized: RejectCode
}

/** Business and authentication errors, body shape a. */
export const CODES = {
  token_authentication_failure: { status: 401, normalized: 'auth' },
  signature_is_missing_from_headers: { status: 401, normalized: 'auth' },
  authentication_error: { status: 401, message: 'authentication_error', normalized: 'auth' },
  header_timestamp_expired: { status: 401, normalized: 'clock-skew' },
  permission_denied: { status: 403, normalized: 'permission' },
  missing_parameters: { status: 400, normalized: 'bad-request' },
  invalid_parameters: { status: 400, normalized: 'bad-request' },
  invalid_order: { status: 400, normalized: 'bad-request' },
  invalid_price: { status: 400, normalized: 'off-tick' },
  invalid_order_size: { status: 400, normalized: 'off-lot' },
  insufficient_balance: { status: 400, normalized: 'insufficient-balance' },
  available_balance_too_low: { status: 400, normalized: 'insufficient-balance' },
  order_id_and_client_order_id_mismatch: { status: 400, normalized: 'not-amendable' },
  order_side_mismatch: { status: 400, normalized: 'not-amendable' },
  order_ticker_mismatch: { status: 400, normalized: 'not-amendable' },
  invalid_amend_qty_for_order: { status: 400, normalized: 'not-amendable' },
  cannot_update_filled_order: { status: 400, normalized: 'not-amendable' },
  self_cross_attempt: { status: 400, normalized: 'self-trade' },
  not_found: { status: 404, normalized: 'unknown-order' },
  market_not_found: { status: 404, normalized: 'unknown-instrument' },
  order_already_exists: { status: 409, normalized: 'duplicate-client-id' },
  fill_or_kill_insufficient_resting_volume: { status: 409, normalized: 'fok-unfilled' },
  trading_is_paused: { status: 409, normalized: 'venue-paused' },
  exchange_is_paused: { status: 409, normalized: 'venue-paused' },
  market_inactive: { status: 409, normalized: 'market-closed' },
  market_already_closed: { status: 409, normalized: 'market-closed' },
  order_group_not_found: { status: 404, normalized: 'group-blocked' },
  exceeded_order_group_risk_limit: { status: 400, normalized: 'group-blocked' },
  exceeded_per_market_risk_limit: { status: 400, normalized: 'position-limit' },
  exceeded_sell_position_floor: { status: 400, normalized: 'not-reducing' },
  too_many_open_orders: { status: 400, normalized: 'too-many-orders' },
  deprecated_v1_order_endpoint: {
    status: 410,
    message: 'Please switch to the V2 endpoints',
    normalized: 'unsupported-order',
  },
  exchange_unavailable: { status: 503, normalized: 'venue-unavailable' },
  internal_error: { status: 500, normalized: 'venue-unavailable' },
} as const satisfies Record<string, Meaning>

export type KalshiCode = keyof typeof CODES

/** Details Kalshi words a refusal with; a client tells cases of `invalid_order` apart by these. */
export const DETAILS = {
  unknown_key: 'NOT_FOUND',
  bad_signature: 'INCORRECT_API_KEY_SIGNATURE',
  post_only_cross: 'post only cross',
  reduce_only_not_ioc: 'reduce_only can only be used with IoC orders',
  expiration_past: 'Expiration timestamp must be in the future',
  ioc_with_expiration: 'Cannot specify both immediate_or_cancel and expiration_ts',
  /** Not recorded: our words. */
  post_only_tif: 'post_only can only be used with good_till_canceled orders',
  one_price:
    'exactly one of yes_price, no_price, yes_price_dollars, or no_price_dollars should be provided',
  subaccount_key:
    'this API key is restricted to a single sub-account and cannot access this endpoint',
} as const

/** What travels back: a status and a JSON body. */
export interface WireError {
  readonly status: number
  readonly body: unknown
}

/** An error object of shape a and of batch items. */
export interface ErrorObject {
  readonly code: KalshiCode
  readonly message: string
  readonly details?: string
}

/** A refusal before it takes a shape. */
export interface Reject {
  readonly code: KalshiCode
  readonly details: string
}

export const reject = (code: KalshiCode, details = ''): Reject => ({ code, details })

export function messageOf(code: KalshiCode): string {
  const meaning: Meaning = CODES[code]
  return meaning.message ?? code.replaceAll('_', ' ')
}

/** Shape a: `{"error":{"code","message","details"?}}`. */
export function nested({ code, details }: Reject): WireError {
  const error: ErrorObject =
    details === ''
      ? { code, message: messageOf(code) }
      : { code, message: messageOf(code), details }
  return { status: CODES[code].status, body: { error } }
}

/** The error of a batch item: `details` is always there. */
export const itemError = ({ code, details }: Reject): ErrorObject => ({
  code,
  message: messageOf(code),
  details,
})

/** Shape b: `{"code":"bad_request",...}`, flat; a body that does not parse or has a value of the wrong type. */
export const badRequest = (details: string): WireError => ({
  status: 400,
  body: { code: 'bad_request', message: 'bad request', details },
})

/** Shape b for a body that is not announced as JSON. */
export const badContentType = (): WireError => ({
  status: 400,
  body: { code: 'invalid_content_type', message: 'invalid content type' },
})

/** Shape c: query parameters. */
export const badParameter = (msg: string): WireError => ({ status: 400, body: { msg } })

/** Shape d: an empty bucket. No `Retry-After` comes with it. */
export const tooManyRequests = (): WireError => ({
  status: 429,
  body: { error: 'too many requests' },
})

/** A path or verb nobody serves; live it is the router's plain page, which no client reads. */
export const noSuchPath = (): WireError => nested(reject('not_found'))

const GONE = {
  create: 'create-order-v2',
  cancel: 'cancel-order-v2',
  amend: 'amend-order-v2',
  decrease: 'decrease-order-v2',
  'batch-create': 'batch-create-orders-v2',
  'batch-cancel': 'batch-cancel-orders-v2',
} as const

/** The 410 of a legacy order mutation: `details` names the page of its successor. */
export const gone = (mutation: keyof typeof GONE): WireError =>
  nested(
    reject(
      'deprecated_v1_order_endpoint',
      `https://docs.kalshi.com/api-reference/orders/${GONE[mutation]}`,
    ),
  )

/** What a failed answer means, for the live adapter. */
export interface Meant {
  readonly code: RejectCode
  readonly venue_code: string
  readonly message: string
}

/**
 * Normalized reason of any failed answer, whatever its shape. Codes decide, never words; two codes that
 * stand for several reasons are told apart by their fixed `details`.
 *
 * @param body - Parsed JSON, or the text when it was none.
 */
export function meaningOf(status: number, body: unknown): Meant {
  const error = errorIn(body)
  if (error === undefined) {
    if (status === 429) return meant('rate-limited', '429', 'too many requests')
    if (status === 401 || status === 403) return meant('auth', `${status}`, `status ${status}`)
    if (status >= 500) return meant('venue-unavailable', `${status}`, `status ${status}`)
    return meant('bad-request', `${status}`, typeof body === 'string' ? body : JSON.stringify(body))
  }
  const { code, message, details } = error
  const words = details === '' ? message : `${message}: ${details}`
  if (code === 'invalid_order' && Object.hasOwn(ORDER_DETAILS, details)) {
    return meant(ORDER_DETAILS[details] ?? 'bad-request', code, words)
  }
  const known: Meaning | undefined = Object.hasOwn(CODES, code)
    ? CODES[code as KalshiCode]
    : undefined
  return meant(known?.normalized ?? 'bad-request', code, words)
}

const ORDER_DETAILS: Record<string, RejectCode> = {
  [DETAILS.post_only_cross]: 'would-cross',
  [DETAILS.reduce_only_not_ioc]: 'unsupported-order',
  [DETAILS.post_only_tif]: 'unsupported-order',
  [DETAILS.expiration_past]: 'expired',
  [DETAILS.ioc_with_expiration]: 'unsupported-order',
}

const meant = (code: RejectCode, venue_code: string, message: string): Meant => ({
  code,
  venue_code,
  message,
})

function errorIn(body: unknown): { code: string; message: string; details: string } | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const inner = 'error' in body ? body.error : body
  if (typeof inner !== 'object' || inner === null || !('code' in inner)) {
    return undefined
  }
  const text = (key: string): string => {
    const value = (inner as Record<string, unknown>)[key]
    return typeof value === 'string' ? value : ''
  }
  return { code: text('code'), message: text('message'), details: text('details') }
}
