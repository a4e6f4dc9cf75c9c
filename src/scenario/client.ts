/**
 * Client: somebody's trading code, as the explorer drives it, and the invariant it must keep.
 *
 * @module
 */

import { principalOf } from '../control/target.js'
import type { FillRow, OrderRow, PositionRow } from '../desk/contract.js'
import { ConnectionLost } from '../fault/kind.js'
import { type Json, parseJson, stringifyJson } from '../wire/json.js'
import type { HostClient, ScenarioHost } from './host.js'

/** What a client script works with: the sandbox API and the story's clock, nothing else. */
export interface ClientHands {
  /**
   * Calls the sandbox API with the client's own key.
   *
   * @throws TypeError `fetch failed` when no answer came, as the real `fetch` does.
   */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>
  /** Opens `/v1/stream` and subscribes to the client's own orders and fills. */
  stream(listener: (message: { channel: string; data: Json }) => void): Promise<() => void>
  /** Waits on the story's clock. */
  sleep(ms: number): Promise<void>
  /** Resolves as `wanted` does, or after `ms` with null. */
  within<T>(wanted: Promise<T>, ms: number): Promise<T | null>
}

/** The truth, as the sandbox knows it once everything has come to rest. */
export interface ClientTruth {
  readonly orders: readonly OrderRow[]
  readonly fills: readonly FillRow[]
  readonly positions: readonly PositionRow[]
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

/** What a client did to the wire: numbers that faults are aimed at. */
export interface Traffic {
  requests: number
  messages: number
}

/** Hands on a host that count what passes. */
export function clientHands(host: ScenarioHost, client: HostClient, traffic: Traffic): ClientHands {
  const { clock } = host.target.world
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => clock.after(ms, () => resolve()))
  return {
    sleep,
    within: (wanted, ms) => Promise.race([wanted, sleep(ms).then(() => null)]),
    call: async (method, path, body) => {
      traffic.requests += 1
      const response = await host.fetch(
        new Request(ORIGIN + path, {
          method,
          headers: {
            authorization: `Bearer ${client.test_key}`,
            'x-request-id': `client-${traffic.requests}`,
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
            traffic.messages += 1
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

/** Reads the truth of a client's paper account. */
export async function truthOf(host: ScenarioHost, client: HostClient): Promise<ClientTruth> {
  const { desk } = host.target
  const who = principalOf(host.target, client.client_id, 'sandbox')
  return {
    orders: await desk.orders(who, { limit: 1_000 }),
    fills: await desk.fills(who, { limit: 1_000 }),
    positions: await desk.positions(who, { venues: null, kinds: null, include_closed: true }),
  }
}
