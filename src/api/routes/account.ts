/**
 * Account: API keys, venues, health, stream tickets. Venue secrets are refused: none are ever kept.
 *
 * @see spec sections 1.2, 7.1, 9
 * @module
 */

import { DEFAULT_FRESHNESS_MS } from '../../engine/guards.js'
import type { Books } from '../../market/hub.js'
import type { Venue } from '../../venue/contract.js'
import type { Clock } from '../../world/world.js'
import { type ApiHono, mount } from '../endpoint.js'
import { forbidden, notFound } from '../errors.js'
import type { Keys } from '../keys.js'

import { bigInteger, bigIntegerOrNull, flag, maybe, param, z } from '../schema.js'
import type { Tickets } from '../tickets.js'

const newKey = z
  .object({
    key_id: z.string(),
    key: z.string().openapi({ description: 'Shown this once' }),
    label: z.string(),
    sandbox: z.boolean(),
    created_at_ns: bigInteger('Nanoseconds since the Unix epoch'),
  })
  .openapi('NewApiKey')

const keyRow = z
  .object({
    key_id: z.string(),
    label: z.string(),
    sandbox: z.boolean(),
    prefix: z.string(),
    created_at_ns: bigInteger('Nanoseconds since the Unix epoch'),
    revoked: z.boolean(),
  })
  .openapi('ApiKey')

type MadeKey = Awaited<ReturnType<Keys['create']>>

const newKeyBody = z
  .object({
    label: maybe(
      z
        .string({ error: 'must be a string' })
        .max(128, 'must not be longer than 128 characters')
        .openapi({ description: 'For people' }),
    ),
    sandbox: maybe(flag('Make a seq_test_ key. Default false')),
  })
  .openapi('NewApiKeyRequest')

const keyList = z.object({ api_keys: z.array(keyRow) }).openapi('ApiKeys')

const revokedKey = z.object({ revoked: z.boolean() }).openapi('Revoked')

const venueList = z
  .object({
    venues: z.array(
      z.object({
        venue: z.string(),
        title: z.string(),
        kinds: z.array(z.string()),
        quote_assets: z.array(z.string()),
        wire: z.boolean().openapi({ description: 'Whether a mock of its own protocol is served' }),
        heartbeat: z.object({
          state: z.enum(['live', 'stale', 'none']).openapi({
            description: 'live: heard of within two seconds; none: never heard of',
          }),
          last_ts_ns: bigIntegerOrNull('Newest message of its market data'),
        }),
      }),
    ),
  })
  .openapi('Venues')

const health = z.object({ status: z.literal('ok') }).openapi('Health')

const streamTicket = z.object({ ticket: z.string() }).openapi('Ticket')

const keyId = z.object({ key_id: param('Key id') })

const venueParam = z.object({ venue: param('Venue', 64) })

const credentialList = z.object({ credentials: z.array(z.unknown()) }).openapi('Credentials')

export interface AccountRoutes {
  readonly keys: Keys
  readonly tickets: Tickets
  readonly venues: readonly Venue[]
  readonly books: Books
  readonly clock: Clock
  readonly body_limit: number
}

export function mountAccount(
  app: ApiHono,
  { keys, tickets, venues, books, clock, body_limit }: AccountRoutes,
): void {
  mount(
    app,
    {
      method: 'post',
      path: '/v1/api_keys',
      tag: 'Account',
      summary: 'Create an API key; the key is shown once',
      description:
        'A test key makes test keys only. Keep the answer: the server keeps a hash of the key, never the key.',
      needs: 'key',
      body: newKeyBody,
      answer: newKey,
      status: 201,
      handle: async ({ who, body }) => {
        // A test key must not make itself a live one.
        if (who.mode === 'sandbox' && body.sandbox !== true) {
          throw forbidden('a test key creates test keys only: send sandbox true')
        }
        const made = await keys.create({
          client_id: who.client_id,
          label: body.label ?? '',
          is_sandbox: body.sandbox ?? false,
        })
        return shownOnce(made)
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/api_keys',
      tag: 'Account',
      summary: 'Own API keys, never the keys themselves',
      description: 'Revoked keys stay in the list; prefix tells keys apart.',
      needs: 'key',
      answer: keyList,
      handle: async ({ who }) => ({
        api_keys: (await keys.list(who.client_id)).map((key) => ({
          key_id: key.key_id,
          label: key.label,
          sandbox: key.is_sandbox,
          prefix: key.prefix,
          created_at_ns: key.created_at_ns,
          revoked: key.revoked,
        })),
      }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/api_keys/{key_id}/rotate',
      tag: 'Account',
      summary: 'A new key under the same id; the old one is dead at once',
      description: 'For a lost or leaked key. A test key rotates test keys only.',
      needs: 'key',
      params: keyId,
      answer: newKey,
      fails: [404],
      handle: async ({ who, params }) => {
        await mayTouch(who.mode, who.client_id, params.key_id)
        const made = await keys.rotate(who.client_id, params.key_id)
        if (made === undefined) throw notFound(`no API key ${params.key_id}`)
        return shownOnce(made)
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'delete',
      path: '/v1/api_keys/{key_id}',
      tag: 'Account',
      summary: 'Revoke an API key',
      description: 'Dead at once. Revoking twice is no error; a test key revokes test keys only.',
      needs: 'key',
      params: keyId,
      answer: revokedKey,
      fails: [404],
      handle: async ({ who, params }) => {
        await mayTouch(who.mode, who.client_id, params.key_id)
        const revoked = await keys.revoke(who.client_id, params.key_id)
        if (!revoked) throw notFound(`no API key ${params.key_id}`)
        return { revoked }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/venues',
      tag: 'Account',
      summary: 'Known venues',
      description:
        'Their kinds of instruments, quote assets, whether a mock of their protocol is served, and when their market data was heard of last.',
      needs: 'key',
      answer: venueList,
      handle: () => ({
        venues: venues.map((venue) => ({
          venue: venue.id,
          title: venue.title,
          kinds: venue.capabilities.kinds,
          quote_assets: venue.quote_assets.map(({ asset }) => asset),
          wire: venue.mock !== undefined,
          heartbeat: heartbeatOf(venue),
        })),
      }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/health',
      tag: 'Account',
      summary: 'Whether the server answers this key',
      description: '200 when the key is valid. GET /healthz answers without a key.',
      needs: 'key',
      answer: health,
      handle: () => ({ status: 'ok' }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/ws/ticket',
      tag: 'Streaming',
      summary: 'A ticket that opens one stream within 30 seconds',
      description:
        'For browsers, which cannot send a header: connect to a WebSocket of the API with ?ticket=. Good once.',
      needs: 'key',
      answer: streamTicket,
      handle: ({ who }) => ({ ticket: tickets.issue(who) }),
    },
    { body_limit },
  )

  const refuseSecrets = () => {
    throw forbidden('papervenue keeps no venue credentials; the sandbox needs none')
  }
  mount(
    app,
    {
      method: 'post',
      path: '/v1/credentials/{venue}',
      tag: 'Account',
      summary: 'Refused: no venue secret is accepted or kept',
      description:
        'Always 403: the sandbox needs no exchange keys, and papervenue never keeps any.',
      needs: 'key',
      params: venueParam,
      answer: z.unknown(),
      fails: [403],
      handle: refuseSecrets,
    },
    { body_limit },
  )
  mount(
    app,
    {
      method: 'delete',
      path: '/v1/credentials/{venue}',
      tag: 'Account',
      summary: 'Refused: there are none',
      description: 'Always 403: nothing is stored that could be deleted.',
      needs: 'key',
      params: venueParam,
      answer: z.unknown(),
      fails: [403],
      handle: refuseSecrets,
    },
    { body_limit },
  )
  mount(
    app,
    {
      method: 'get',
      path: '/v1/credentials',
      tag: 'Account',
      summary: 'Stored venue credentials: always none',
      description: 'Always an empty list: papervenue keeps no venue secrets.',
      needs: 'key',
      answer: credentialList,
      handle: () => ({ credentials: [] }),
    },
    { body_limit },
  )

  function heartbeatOf({ id, instruments }: Venue) {
    let last_ts_ns: bigint | null = null
    for (const { venue_symbol } of instruments) {
      const book = books.book(id, venue_symbol)
      if (book === undefined || (last_ts_ns !== null && book.received_ts_ns <= last_ts_ns)) continue
      last_ts_ns = book.received_ts_ns
    }
    if (last_ts_ns === null) return { state: 'none', last_ts_ns }
    const age_ms = (clock.now_ns() - last_ts_ns) / 1_000_000n
    return { state: age_ms <= DEFAULT_FRESHNESS_MS ? 'live' : 'stale', last_ts_ns }
  }

  /** A test key may not lock out live keys. */
  async function mayTouch(mode: 'live' | 'sandbox', client_id: string, key_id: string) {
    if (mode === 'live') return
    const row = (await keys.list(client_id)).find((key) => key.key_id === key_id)
    if (row !== undefined && !row.is_sandbox) throw forbidden('a test key manages test keys only')
  }
}

/** A key as it is shown at its creation, and never again. */
const shownOnce = ({ key_id, key, label, is_sandbox, created_at_ns }: MadeKey) => ({
  key_id,
  key,
  label,
  sandbox: is_sandbox,
  created_at_ns,
})
