/**
 * Memory keys: API keys and clients of a store without a database.
 *
 * @module
 */

import { secretHex } from '../world/prng.js'
import type { Clock } from '../world/world.js'
import { type ApiKey, type Client, type KeyRepository, keyHash } from './keys.js'

interface Kept {
  readonly row: ApiKey
  readonly sha256: string
}

export function memoryKeys(clock: Clock): KeyRepository {
  const clients = new Map<string, Client>()
  /** By client and key id. */
  const keys = new Map<string, Kept>()
  /** Living keys by their hash. */
  const living = new Map<string, ApiKey>()
  const nameOf = (client_id: string, key_id: string): string => `${client_id} ${key_id}`

  function keep(row: ApiKey, key: string): ApiKey {
    const { client_id } = row
    const name = nameOf(client_id, row.key_id)
    const known = keys.get(name)
    if (known !== undefined) return known.row
    if (!clients.has(client_id)) {
      clients.set(client_id, {
        client_id,
        name: client_id,
        rate_limit_qps: null,
        created_at_ns: clock.now_ns(),
      })
    }
    const sha256 = keyHash(key)
    keys.set(name, { row, sha256 })
    living.set(sha256, row)
    return row
  }

  const made = (is_sandbox: boolean): string =>
    `${is_sandbox ? 'seq_test_' : 'seq_live_'}${secretHex()}`
  const facts = (key: string) => ({
    prefix: key.slice(0, 15),
    revoked: false,
    created_at_ns: clock.now_ns(),
  })

  return {
    create: async ({ client_id, label, is_sandbox }) => {
      const key = made(is_sandbox)
      const key_id = `key_${secretHex().slice(0, 24)}`
      return { ...keep({ client_id, key_id, label, is_sandbox, ...facts(key) }, key), key }
    },
    put: async ({ key, ...rest }) => keep({ ...rest, ...facts(key) }, key),
    list: async (client_id) =>
      [...keys.values()]
        .map(({ row }) => row)
        .filter((row) => row.client_id === client_id)
        .sort(byAge),
    rotate: async (client_id, key_id) => {
      const name = nameOf(client_id, key_id)
      const known = keys.get(name)
      if (known === undefined || known.row.revoked) return undefined
      const key = made(known.row.is_sandbox)
      living.delete(known.sha256)
      const row = { ...known.row, ...facts(key) }
      const sha256 = keyHash(key)
      keys.set(name, { row, sha256 })
      living.set(sha256, row)
      return { ...row, key }
    },
    revoke: async (client_id, key_id) => {
      const name = nameOf(client_id, key_id)
      const known = keys.get(name)
      if (known === undefined) return false
      living.delete(known.sha256)
      keys.set(name, { ...known, row: { ...known.row, revoked: true } })
      return true
    },
    authenticate: async (key) => {
      const row = living.get(keyHash(key))
      if (row === undefined) return undefined
      const { client_id, key_id, is_sandbox } = row
      return { client_id, key_id, mode: is_sandbox ? 'sandbox' : 'live' }
    },
    putClient: async ({ client_id, name, rate_limit_qps }) => {
      const created_at_ns = clients.get(client_id)?.created_at_ns ?? clock.now_ns()
      const client = { client_id, name, rate_limit_qps, created_at_ns }
      clients.set(client_id, client)
      return client
    },
    client: async (client_id) => clients.get(client_id),
  }
}

function byAge(a: ApiKey, b: ApiKey): number {
  if (a.created_at_ns !== b.created_at_ns) return a.created_at_ns < b.created_at_ns ? -1 : 1
  return a.key_id < b.key_id ? -1 : 1
}
