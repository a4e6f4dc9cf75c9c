/**
 * Keys: API keys and the clients they belong to. Only the SHA-256 of a key is stored or kept in memory.
 *
 * @module
 */

import { hash } from 'node:crypto'
import { and, asc, eq } from 'drizzle-orm'
import { secretHex } from '../world/prng.js'
import type { Clock } from '../world/world.js'
import { apiKeys, clients } from './schema.js'
import type { Sql } from './sql.js'

export interface ApiKey {
  readonly key_id: string
  readonly client_id: string
  readonly label: string
  readonly is_sandbox: boolean
  /** First characters of the key, for people to tell keys apart. */
  readonly prefix: string
  readonly revoked: boolean
  readonly created_at_ns: bigint
}

/** Who a key stands for. */
export interface KeyHolder {
  readonly client_id: string
  readonly key_id: string
  readonly mode: 'live' | 'sandbox'
}

export interface Client {
  readonly client_id: string
  readonly name: string
  /** Requests a second; null: the safe default. */
  readonly rate_limit_qps: number | null
  readonly created_at_ns: bigint
}

export interface KeyRepository {
  /** Makes a key of this client and answers it once, in clear. The client is made when absent. */
  create(options: {
    client_id: string
    label: string
    is_sandbox: boolean
  }): Promise<ApiKey & { readonly key: string }>
  /** Records a key chosen elsewhere (the well-known demo keys). Recording it again changes nothing. */
  put(options: {
    client_id: string
    key_id: string
    label: string
    is_sandbox: boolean
    key: string
  }): Promise<ApiKey>
  /** All keys of a client, oldest first, revoked ones too. */
  list(client_id: string): Promise<ApiKey[]>
  /** A new key under the same `key_id`; the old one is dead at once. `undefined`: no such living key of this client. */
  rotate(
    client_id: string,
    key_id: string,
  ): Promise<(ApiKey & { readonly key: string }) | undefined>
  /** False: no such key of this client. Revoking twice is no error. */
  revoke(client_id: string, key_id: string): Promise<boolean>
  /** Who a key stands for; `undefined`: unknown or revoked. */
  authenticate(key: string): Promise<KeyHolder | undefined>
  /** Sets the name and rate limit of a client, making it when absent. */
  putClient(client: {
    client_id: string
    name: string
    rate_limit_qps: number | null
  }): Promise<Client>
  client(client_id: string): Promise<Client | undefined>
}

/** How long a process may trust a key that another process has revoked. */
const CACHE_MS = 1000
const CACHE_MAX = 10_000

/** SHA-256 of a key, hexadecimal. */
export const keyHash = (key: string): string => hash('sha256', key)

/**
 * @param clock - Stamps new keys and ages the cache.
 */
export function keyRepository({ db, kind }: Sql, clock: Clock): KeyRepository {
  const cache = new Map<string, { readonly holder: KeyHolder; readonly until_ms: number }>()
  // In one process every change passes here; another process is only seen after a while.
  const shared = kind === 'postgres'

  const forget = (key_id: string): void => {
    for (const [hash, { holder }] of cache) if (holder.key_id === key_id) cache.delete(hash)
  }

  async function ensureClient(client_id: string): Promise<void> {
    await db
      .insert(clients)
      .values({ client_id, name: client_id, rate_limit_qps: null, created_at_ns: clock.now_ns() })
      .onConflictDoNothing()
  }

  const made = (is_sandbox: boolean): string =>
    `${is_sandbox ? 'seq_test_' : 'seq_live_'}${secretHex()}`

  return {
    create: async ({ client_id, label, is_sandbox }) => {
      await ensureClient(client_id)
      const key = made(is_sandbox)
      const row = {
        client_id,
        key_id: `key_${secretHex().slice(0, 24)}`,
        key_sha256: keyHash(key),
        label,
        is_sandbox,
        prefix: prefixOf(key),
        revoked: false,
        created_at_ns: clock.now_ns(),
      }
      await db.insert(apiKeys).values(row)
      return { ...view(row), key }
    },
    put: async ({ client_id, key_id, label, is_sandbox, key }) => {
      await ensureClient(client_id)
      const row = {
        client_id,
        key_id,
        key_sha256: keyHash(key),
        label,
        is_sandbox,
        prefix: prefixOf(key),
        revoked: false,
        created_at_ns: clock.now_ns(),
      }
      await db.insert(apiKeys).values(row).onConflictDoNothing()
      const [stored] = await db
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.client_id, client_id), eq(apiKeys.key_id, key_id)))
      return view(stored ?? row)
    },
    list: async (client_id) => {
      const rows = await db
        .select()
        .from(apiKeys)
        .where(eq(apiKeys.client_id, client_id))
        .orderBy(asc(apiKeys.created_at_ns), asc(apiKeys.key_id))
      return rows.map(view)
    },
    rotate: async (client_id, key_id) => {
      const [known] = await db
        .select()
        .from(apiKeys)
        .where(
          and(
            eq(apiKeys.client_id, client_id),
            eq(apiKeys.key_id, key_id),
            eq(apiKeys.revoked, false),
          ),
        )
      if (known === undefined) return undefined
      const key = made(known.is_sandbox)
      const change = {
        key_sha256: keyHash(key),
        prefix: prefixOf(key),
        created_at_ns: clock.now_ns(),
      }
      await db
        .update(apiKeys)
        .set(change)
        .where(and(eq(apiKeys.client_id, client_id), eq(apiKeys.key_id, key_id)))
      forget(key_id)
      return { ...view({ ...known, ...change }), key }
    },
    revoke: async (client_id, key_id) => {
      const rows = await db
        .update(apiKeys)
        .set({ revoked: true })
        .where(and(eq(apiKeys.client_id, client_id), eq(apiKeys.key_id, key_id)))
        .returning({ key_id: apiKeys.key_id })
      forget(key_id)
      return rows.length > 0
    },
    authenticate: async (key) => {
      const hash = keyHash(key)
      const now = clock.now_ms()
      const cached = cache.get(hash)
      if (cached !== undefined && (!shared || now < cached.until_ms)) return cached.holder
      const [row] = await db
        .select()
        .from(apiKeys)
        .where(and(eq(apiKeys.key_sha256, hash), eq(apiKeys.revoked, false)))
      if (row === undefined) {
        cache.delete(hash)
        return undefined
      }
      const { client_id, key_id, is_sandbox } = row
      const holder: KeyHolder = { client_id, key_id, mode: is_sandbox ? 'sandbox' : 'live' }
      if (cache.size >= CACHE_MAX) cache.clear()
      cache.set(hash, { holder, until_ms: now + CACHE_MS })
      return holder
    },
    putClient: async ({ client_id, name, rate_limit_qps }) => {
      const [row] = await db
        .insert(clients)
        .values({ client_id, name, rate_limit_qps, created_at_ns: clock.now_ns() })
        .onConflictDoUpdate({ target: clients.client_id, set: { name, rate_limit_qps } })
        .returning()
      if (row === undefined) throw new Error(`client ${client_id} was not written.`)
      return row
    },
    client: async (client_id) => {
      const [row] = await db.select().from(clients).where(eq(clients.client_id, client_id))
      return row
    },
  }
}

const prefixOf = (key: string): string => key.slice(0, 15)

function view({ key_sha256: _, ...row }: typeof apiKeys.$inferSelect): ApiKey {
  return row
}
