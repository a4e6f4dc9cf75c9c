/**
 * Keys: what the API needs to know about API keys. The store keeps them (hashed); this is its slice.
 *
 * @see spec section 1.2
 * @module
 */

import type { Principal } from '../desk/contract.js'

/** A key as listed: never the key itself. */
export interface KeyRow {
  readonly key_id: string
  readonly label: string
  readonly sandbox: boolean
  /** First characters, to recognise it by. */
  readonly prefix: string
  readonly created_at_ns: bigint
  readonly revoked: boolean
}

/** A key at its creation, the only time it is shown. */
export interface NewKey {
  readonly key_id: string
  readonly key: string
  readonly label: string
  readonly sandbox: boolean
  readonly created_at_ns: bigint
}

export interface Keys {
  /** Who a raw key belongs to; undefined when unknown or revoked. */
  find(key: string): Promise<Principal | undefined> | Principal | undefined
  create(client_id: string, options: { label: string; sandbox: boolean }): Promise<NewKey>
  list(client_id: string): Promise<KeyRow[]>
  /** undefined: the client has no such key, or it is revoked. */
  rotate(client_id: string, key_id: string): Promise<NewKey | undefined>
  /** false: the client has no such key. */
  revoke(client_id: string, key_id: string): Promise<boolean>
}

const KEY = /^seq_(?:live|test)_[0-9a-f]{64}$/
const LAX_KEY = /^seq_(?:live|test)_[0-9A-Za-z_-]{1,128}$/

/** Whether a text has the form of a key; `lax` also accepts short fixtures such as `seq_test_demo`. */
export const isKeyText = (text: string, form: 'strict' | 'lax'): boolean =>
  (form === 'strict' ? KEY : LAX_KEY).test(text)
