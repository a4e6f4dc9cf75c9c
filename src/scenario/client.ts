/**
 * Client: somebody's trading code, as the explorer drives it, and the invariant it must keep.
 *
 * @module
 */

import { principalOf } from '../control/target.js'
import type { FillRow, OrderRow, PositionRow } from '../desk/contract.js'
import { ConnectionLost } from '../fault/kind.js'
import type { Credentials, SocketSession, VenueAdmin } from '../venue/contract.js'
import { type Json, parseJson, stringifyJson } from '../wire/json.js'
import type { HostClient, ScenarioHost } from './host.js'

/** What a client script works with: the sandbox API, the venues' own wires and the story's clock, nothing else. */
export interface ClientHands {
  /**
   * Calls the sandbox API with the client's own key.
   *
   * @throws TypeError `fetch failed` when no answer came, as the real `fetch` does.
   */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>
  /** Opens `/v1/stream` and subscribes to the client's own orders and fills. */
  stream(listener: (message: { channel: string; data: Json }) => void): Promise<() => void>
  /** A venue's own wire, with an account and keys of this client's own. @throws RangeError without a wire. */
  venue(id: string): VenueWire
  /** The story's time, milliseconds since the Unix epoch. */
  now_ms(): number
  /** Waits on the story's clock. */
  sleep(ms: number): Promise<void>
  /** Resolves as `wanted` does, or after `ms` with null. */
  within<T>(wanted: Promise<T>, ms: number): Promise<T | null>
}

/** A mock venue as this client's SDK would meet it, under the real host's paths. */
export interface VenueWire {
  readonly credentials: Credentials
  /** @throws TypeError `fetch failed` when no answer came, as the real `fetch` does. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Opens one of the venue's sockets. @throws TypeError when the handshake is refused. */
  connect(
    path: string,
    options: {
      readonly headers?: Readonly<Record<string, string>>
      readonly message: (text: string) => void
      readonly closed?: (code: number) => void
    },
  ): SocketSession
}

/** The truth, as the sandbox knows it once everything has come to rest. */
export interface ClientTruth {
  readonly orders: readonly OrderRow[]
  readonly fills: readonly FillRow[]
  readonly positions: readonly PositionRow[]
  /** What the client's own account at a venue holds and has open there. */
  venue(id: string): ReturnType<VenueAdmin['account']>
}

export interface ClientScript<State = unknown> {
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  /** The client at work. What it believes in the end goes to the invariant. */
  run(hands: ClientHands): Promise<State>
  /** null when all is well, else what is wrong in words. */
  invariant(believed: State, truth: ClientTruth): string | null
}

/**
 * Declares a client script for `papervenue explore`.
 *
 * @example
 * export default defineClient({
 *   name: 'buys once',
 *   about: 'buys one contract',
 *   run: async ({ call }) => call('POST', '/v1/orders', { symbol: 'BTC-USD', side: 'buy', qty: 1 }),
 *   invariant: (_, { fills }) => (fills.length > 1 ? 'it bought twice' : null),
 * })
 */
export const defineClient = <State>(script: ClientScript<State>): ClientScript<State> => script

/** Whether an error means that no answer came. */
export const noAnswer = (error: unknown): boolean =>
  error instanceof TypeError && error.message === 'fetch failed'

const ORIGIN = 'http://papervenue.test'

/** Hands on a host. */
export function clientHands(host: ScenarioHost, client: HostClient): ClientHands {
  let requests = 0
  const { clock } = host.target.world
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => clock.after(ms, () => resolve()))
  return {
    sleep,
    now_ms: () => clock.now_ms(),
    venue: (id) => venueWire(host, client, id),
    within: (wanted, ms) => Promise.race([wanted, sleep(ms).then(() => null)]),
    call: async (method, path, body) => {
      requests += 1
      const response = await host.fetch(
        new Request(ORIGIN + path, {
          method,
          headers: {
            authorization: `Bearer ${client.test_key}`,
            'x-request-id': `client-${requests}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: stringifyJson(body) }),
        }),
      )
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : parseJson(text) }
    },
    stream: async (listener) => {
      const session = await host.connect(
        {
          path: '/v1/stream',
          query: '',
          headers: { authorization: `Bearer ${client.test_key}` },
        },
        {
          send: (text) => {
            const message = parseJson(text) as { channel?: Json; data?: Json }
            if (typeof message.channel !== 'string') return
            listener({ channel: message.channel, data: message.data ?? null })
          },
          ping: () => undefined,
          close: () => undefined,
        },
      )
      if ('status' in session) throw new ConnectionLost('ECONNREFUSED')
      session.message(JSON.stringify({ subscribe: ['orders', 'fills'] }))
      return () => session.closed()
    },
  }
}

function venueWire({ target }: ScenarioHost, client: HostClient, id: string): VenueWire {
  const wire = target.venues.get(id)?.wire
  const credentials = target.venueCredentials(client.client_id, id)
  if (wire == null || credentials === undefined) {
    throw new RangeError(
      `${id} has no wire; a client can speak to it through the sandbox API only.`,
    )
  }
  const origin = `http://${id}.papervenue.test`
  return {
    credentials,
    fetch: (path, init) => wire.fetch(new Request(new URL(path, origin), init)),
    connect: (path, { headers = {}, message, closed }) => {
      const { pathname, search } = new URL(path, origin)
      const session = wire.connect(
        { path: pathname, query: search.slice(1), headers },
        { send: message, ping: () => undefined, close: (code) => closed?.(code) },
      )
      if ('status' in session) throw new ConnectionLost('ECONNREFUSED')
      return session
    },
  }
}

/** Reads the truth of a client's paper account. */
export async function truthOf(host: ScenarioHost, client: HostClient): Promise<ClientTruth> {
  const { desk } = host.target
  const who = principalOf(host.target, client.client_id, 'sandbox')
  return {
    orders: await desk.orders(who, { limit: 1_000 }),
    fills: await desk.fills(who, { limit: 1_000 }),
    positions: await desk.positions(who, { venues: null, kinds: null, include_closed: true }),
    venue: (id) => {
      const { target } = host
      const account_id = target.venueAccount(client.client_id, id)
      const admin = target.venues.get(id)?.mock?.admin
      if (admin === undefined || account_id === undefined) {
        throw new RangeError(`${id} has no wire, so nobody has an account there.`)
      }
      return admin.account(account_id)
    },
  }
}
