/**
 * Auth: the three signed headers, and what each way of getting them wrong is answered with.
 *
 * Pure but for `node:crypto` verification. The signed text is timestamp, method and path; clients sign the
 * path they called or the path the real host would see, so both are accepted. The server's window for
 * timestamps is not documented: 20 s into the past and 45 s into the future fits every observation.
 *
 * @see https://docs.kalshi.com/getting_started/api_keys
 *
 * @module
 */

import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { DETAILS, type Reject, reject } from './rejects.js'

export const HEADER_KEY = 'kalshi-access-key'
export const HEADER_SIGNATURE = 'kalshi-access-signature'
export const HEADER_TIMESTAMP = 'kalshi-access-timestamp'

export interface AuthWindow {
  readonly past_ms: number
  readonly future_ms: number
}

export const AUTH_WINDOW: AuthWindow = { past_ms: 20_000, future_ms: 45_000 }

export interface SignedRequest {
  readonly method: string
  /** Raw paths the signature may be about, without query: as received, and as called under a prefix. */
  readonly paths: readonly string[]
  readonly header: (name: string) => string | null | undefined
}

/**
 * Who signed the request.
 *
 * @param find - The key of an id, if there is one.
 */
export function authenticate<Key extends { readonly public_key_pem: string }>(
  request: SignedRequest,
  find: (key_id: string) => Key | undefined,
  now_ms: number,
  window: AuthWindow = AUTH_WINDOW,
): { ok: true; key: Key } | { ok: false; reject: Reject } {
  const refuse = (why: Reject) => ({ ok: false, reject: why }) as const
  const key_id = request.header(HEADER_KEY) ?? ''
  const signature = request.header(HEADER_SIGNATURE) ?? ''
  const timestamp = request.header(HEADER_TIMESTAMP) ?? ''
  if (key_id === '') return refuse(reject('token_authentication_failure'))
  if (signature === '') return refuse(reject('signature_is_missing_from_headers'))
  if (!/^\d{1,16}$/.test(timestamp)) return refuse(reject('header_timestamp_expired'))
  const age_ms = now_ms - Number(timestamp)
  if (age_ms > window.past_ms || -age_ms > window.future_ms) {
    return refuse(reject('header_timestamp_expired'))
  }
  const key = find(key_id)
  if (key === undefined) return refuse(reject('authentication_error', DETAILS.unknown_key))
  const signed = pathsSigned(request.paths).some((path) =>
    verifies(key.public_key_pem, `${timestamp}${request.method.toUpperCase()}${path}`, signature),
  )
  return signed ? { ok: true, key } : refuse(reject('authentication_error', DETAILS.bad_signature))
}

/** The paths given, and the same from `/trade-api` on where a prefix stands before it. */
export function pathsSigned(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => {
    const at = path.indexOf('/trade-api')
    return at > 0 ? [path, path.slice(at)] : [path]
  })
  return [...new Set(all)]
}

/** Whether a key may do what needs `scope`; a parent scope grants its children. */
export const hasScope = (scopes: readonly string[], scope: string): boolean =>
  scopes.some((own) => scope === own || scope.startsWith(`${own}::`))

const parsed = new Map<string, KeyObject>()
const PARSED_MAX = 1_000

function verifies(public_key_pem: string, text: string, signature: string): boolean {
  const key = publicKey(public_key_pem)
  const data = Buffer.from(text)
  const bytes = Buffer.from(signature, 'base64')
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, bytes)
  return verify(
    'sha256',
    data,
    {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
    bytes,
  )
}

/** Parsing a PEM costs more than a verification, so parsed keys are kept. */
function publicKey(pem: string): KeyObject {
  const known = parsed.get(pem)
  if (known !== undefined) return known
  const key = createPublicKey(pem)
  if (parsed.size >= PARSED_MAX) parsed.clear()
  parsed.set(pem, key)
  return key
}
