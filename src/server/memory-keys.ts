/**
 * Memory keys: API keys that live as long as the process, in front of the stored ones.
 *
 * Demo keys are of this kind, so that well-known ones can never be left behind in a database that is
 * later served on another address; so are the keys of a test's throw-away clients, which cost no commit.
 *
 * @module
 */

import type { Keys } from '../api/keys.js'
import { type ApiKey, type KeyHolder, keyHash } from '../store/keys.js'
import { secretHex } from '../world/prng.js'
import type { Clock } from '../world/world.js'

export interface MemoryKeys extends Keys {
  /** Takes a key in; the same `key_id` again replaces it. */
  add(key: { client_id: string; key_id: string; label: string; key: string }): KeyHolder
}

interface Kept {
  readonly row: ApiKey
  hash: string
}

export function memoryKeys(stored: Keys, clock: Clock): MemoryKeys {
  const byId = new Map<string, Kept>()
  const byHash = new Map<string, KeyHolder>()

  const keep = (row: ApiKey, key: string): KeyHolder => {
    const before = byId.get(row.key_id)
    if (before !== undefined) byHash.delete(before.hash)
    const hash = keyHash(key)
    const { client_id, key_id, is_sandbox } = row
    const holder: KeyHolder = { client_id, key_id, mode: is_sandbox ? 'sandbox' : 'live' }
    byId.set(key_id, { row, hash })
    byHash.set(hash, holder)
    return holder
  }
  const own = (client_id: string, key_id: string): Kept | undefined => {
    const kept = byId.get(key_id)
    return kept?.row.client_id === client_id ? kept : undefined
  }

  return {
    add: ({ client_id, key_id, label, key }) =>
      keep(
        {
          client_id,
          key_id,
          label,
          is_sandbox: key.startsWith('seq_test_'),
          prefix: key.slice(0, 15),
          revoked: false,
          created_at_ns: clock.now_ns(),
        },
        key,
      ),
    authenticate: async (key) => byHash.get(keyHash(key)) ?? stored.authenticate(key),
    client: (client_id) => stored.client(client_id),
    create: (options) => stored.create(options),
    list: async (client_id) => [
      ...[...byId.values()].flatMap(({ row }) => (row.client_id === client_id ? [row] : [])),
      ...(await stored.list(client_id)),
    ],
    rotate: async (client_id, key_id) => {
      const kept = own(client_id, key_id)
      if (kept === undefined) return stored.rotate(client_id, key_id)
      if (kept.row.revoked) return undefined
      const key = `${kept.row.is_sandbox ? 'seq_test_' : 'seq_live_'}${secretHex()}`
      const row = { ...kept.row, prefix: key.slice(0, 15), created_at_ns: clock.now_ns() }
      keep(row, key)
      return { ...row, key }
    },
    revoke: async (client_id, key_id) => {
      const kept = own(client_id, key_id)
      if (kept === undefined) return stored.revoke(client_id, key_id)
      byHash.delete(kept.hash)
      byId.set(key_id, { ...kept, row: { ...kept.row, revoked: true } })
      return true
    },
  }
}
