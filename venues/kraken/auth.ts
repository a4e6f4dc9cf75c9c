/**
 * Kraken's signatures: `API-Sign` is HMAC-SHA512 over the path and a SHA-256 of nonce and body.
 *
 * Checked in this order: key, signature, nonce, permission. A nonce that passed is used up, whatever
 * comes of the request; it must be larger than the last one of its key.
 *
 * @see https://docs.kraken.com/api/docs/guides/spot-rest-auth
 *
 * @module
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { CredentialMaker } from '../../src/venue/admin.js'
import type { Credentials } from '../../src/venue/contract.js'
import type { AccountInfo } from '../../src/venue/reducer.js'
import { type KrakenError, texts } from './rejects.js'
import type { KrakenHost } from './rules.js'

/** Rights of a key; a key without a list has all of them. */
export type Permission =
  | 'query-funds'
  | 'query-open-orders'
  | 'query-closed-orders'
  | 'query-ledger'
  | 'modify-orders'
  | 'cancel-orders'
  | 'create-ws'

/** A nonce is an unsigned 64-bit integer. */
const NONCE_MAX = 2n ** 64n - 1n

/**
 * The signature of a private request.
 *
 * @param path - `/0/private/…`, without host and query.
 * @param body - The exact body: form text or JSON text, which also contains the nonce.
 * @param secret - As Kraken hands it out, in base64.
 *
 * @example
 * sign('/0/private/Balance', '1616492376594', 'nonce=1616492376594', secret)
 */
export function sign(path: string, nonce: string, body: string, secret: string): string {
  const hash = createHash('sha256').update(`${nonce}${body}`).digest()
  return createHmac('sha512', Buffer.from(secret, 'base64'))
    .update(path)
    .update(hash)
    .digest('base64')
}

/** A private request as far as its signature goes. */
export interface SignedRequest {
  readonly key: string | null
  readonly signature: string | null
  /** Paths it may have been signed with. */
  readonly paths: readonly string[]
  readonly body: string
  readonly nonce: string | undefined
}

/** The account that signed, its nonce used up, or the first check that failed. */
export function authenticate(host: KrakenHost, request: SignedRequest): AccountInfo | KrakenError {
  const account = request.key === null ? undefined : host.byKey(request.key)
  if (account === undefined || request.key === null) return { error: texts['KR-01'] }
  const { key, nonce = '', body, signature } = request
  const secret = account.credentials.api_secret ?? ''
  const signed = request.paths.some((path) => same(signature, sign(path, nonce, body, secret)))
  if (!signed) return { error: texts['KR-02'] }
  const value = /^\d{1,20}$/.test(nonce) ? BigInt(nonce) : undefined
  const last = host.state.nonces.get(key) ?? -1n
  if (value === undefined || value > NONCE_MAX || value <= last) return { error: texts['KR-03'] }
  host.apply({ type: 'venue', name: 'nonce', data: { key, nonce: value } })
  return account
}

export function may(account: AccountInfo, permission: Permission): boolean {
  const granted = account.credentials.permissions
  return granted === undefined || granted.split(',').includes(permission)
}

/** API key and secret of Kraken's form: 56 and 88 characters of base64. */
export const credentials: CredentialMaker = {
  make: (secret, given) => ({
    api_key: given.api_key ?? spread(secret, 'key', 42).toString('base64'),
    api_secret: given.api_secret ?? spread(secret, 'secret', 64).toString('base64'),
    ...(given.permissions === undefined ? {} : { permissions: given.permissions }),
  }),
  key: ({ api_key }: Credentials) => api_key ?? '',
}

/** `length` bytes that follow from a secret and a label. */
function spread(secret: Uint8Array, label: string, length: number): Buffer {
  return createHmac('sha512', secret).update(label).digest().subarray(0, length)
}

function same(given: string | null, expected: string): boolean {
  if (given === null) return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
