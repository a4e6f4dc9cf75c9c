/**
 * Call: one REST request on its way to its route, and who makes it.
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import type { OrderRecord } from '../../src/venue/records.js'
import { authenticate, type SignedRequest } from './auth.js'
import type { Query, Result } from './decode.js'
import type { BucketKind, Limits } from './limits.js'
import type { KalshiOptions } from './options.js'
import { DETAILS, nested, type Reject, reject, type WireError } from './rejects.js'
import type { KeyFacts, Member } from './state.js'
import type { Host } from './views.js'

/** Everything a route may use of the venue. */
export interface Venue {
  readonly host: Host
  readonly options: KalshiOptions
  readonly limits: Limits
}

/** The member behind a key. */
export interface Caller {
  readonly key: KeyFacts
  readonly member_id: AccountId
  readonly member: Member
}

/** What a route answers; `body` undefined: none. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Call {
  readonly venue: Venue
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  /** JSON of the body, read once. */
  readonly body: () => Result<unknown>
  /** null on public endpoints. */
  readonly caller: Caller | null
}

/** A call of an endpoint that needs a key. */
export type PrivateCall = Omit<Call, 'caller'> & { readonly caller: Caller }

export const ok = (body: unknown, status = 200): Answer => ({ status, body })
export const refused = (why: Reject): WireError => nested(why)

export const ALL_SCOPES = ['read', 'write'] as const

/** A key by its id: one made later, or the one the account was opened with. */
export function findKey(host: Host, key_id: string): KeyFacts | undefined {
  const made = host.state.keys.get(key_id)
  if (made !== undefined) return made
  const account = host.byKey(key_id)
  const public_key_pem = account?.credentials.public_key_pem
  if (account === undefined || public_key_pem === undefined) return undefined
  return {
    key_id,
    name: account.label,
    public_key_pem,
    scopes: ALL_SCOPES,
    subaccount: null,
    member: account.account_id,
  }
}

/** Who signed a request. */
export function identify(
  { host, options }: Pick<Venue, 'host' | 'options'>,
  request: SignedRequest,
): { ok: true; caller: Caller } | { ok: false; reject: Reject } {
  const now_ms = host.world.clock.now_ms()
  const signed = authenticate(request, (id) => findKey(host, id), now_ms, options.auth_window)
  if (!signed.ok) return signed
  const member = host.state.members.get(signed.key.member)
  if (member === undefined) {
    return { ok: false, reject: reject('authentication_error', DETAILS.unknown_key) }
  }
  return { ok: true, caller: { key: signed.key, member_id: signed.key.member, member } }
}

/**
 * Engine account of a subaccount number.
 *
 * @returns A refusal when the key is bound to another one, or the subaccount does not exist.
 */
export function accountOf(
  { key, member }: Caller,
  subaccount: number,
): { ok: true; account_id: AccountId } | { ok: false; reject: Reject } {
  if (key.subaccount !== null && key.subaccount !== subaccount) {
    return { ok: false, reject: reject('permission_denied', DETAILS.subaccount_key) }
  }
  const account_id = member.accounts[subaccount]
  return account_id === undefined
    ? { ok: false, reject: reject('not_found') }
    : { ok: true, account_id }
}

/** Engine accounts a key may look at. */
export function accountsOf({ key, member }: Caller, subaccount: number | undefined): AccountId[] {
  const only = key.subaccount ?? subaccount
  if (only === undefined) return [...member.accounts]
  if (subaccount !== undefined && subaccount !== only) return []
  const account_id = member.accounts[only]
  return account_id === undefined ? [] : [account_id]
}

/** An order of the caller by its id, in whichever subaccount. */
export function findOrder(venue: Venue, caller: Caller, order_id: string): OrderRecord | undefined {
  for (const account_id of accountsOf(caller, undefined)) {
    const order = venue.host.records.byText(account_id, order_id)
    if (order !== undefined) return order
  }
  return undefined
}

/** Charges a request; the refusal when the bucket is short. */
export function charge(venue: Venue, caller: Caller, kind: BucketKind, cost: number): boolean {
  return venue.limits.take(caller.member_id, kind, cost, venue.host.now_us())
}
