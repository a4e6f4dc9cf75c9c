/**
 * Wire traits: Kalshi's wire as faults and scenarios read it. Pure look-ups.
 *
 * @module
 */

import type { WireAction, WireAnswer, WireChannel, WireTraits } from '../../src/venue/contract.js'
import { HEADER_KEY } from './auth.js'
import { findKey } from './call.js'
import { nested, reject, tooManyRequests, type WireError } from './rejects.js'
import { apiPath, routeOf } from './routes.js'
import type { Host } from './views.js'

const JSON_HEADERS = { 'content-type': 'application/json' }

export function wireTraits(host: Host): WireTraits {
  return {
    request: ({ method, path, headers }) => {
      const rest = apiPath(path)
      const found = rest === undefined ? undefined : routeOf(method.toUpperCase(), rest)
      if (found?.route.scope === null) return { action: 'read-public', caller: null }
      const named = Object.entries(headers).find(([name]) => name.toLowerCase() === HEADER_KEY)
      const key = findKey(host, named?.[1] ?? '')
      // A socket's handshake is no route, but it is signed like one.
      if (found === undefined) return { action: 'other', caller: key?.key_id ?? null }
      const { route } = found
      return { action: actionOf(route.verb, route.path), caller: key?.key_id ?? null }
    },
    command: (text) => ({
      action: field(text, 'cmd') === undefined ? 'other' : 'subscribe',
      caller: null,
    }),
    channel: (text) => channelOf(field(text, 'type')),
    throttled: () => shaped(tooManyRequests()),
    unavailable: (why) =>
      shaped(nested(reject(why === 'maintenance' ? 'exchange_is_paused' : 'exchange_unavailable'))),
    spoil: (text, how) => (how === 'crossed' ? crossed(text) : undefined),
  }
}

function actionOf(verb: string, path: string): WireAction {
  if (verb === 'GET') return 'read-private'
  if (!path.includes('/orders')) return 'other'
  if (verb === 'DELETE') return 'cancel-order'
  return path.endsWith('/amend') || path.endsWith('/decrease') ? 'amend-order' : 'create-order'
}

const PRIVATE = ['fill', 'user_order', 'market_position', 'order_group_updates']
const REPLIES = ['subscribed', 'unsubscribed', 'ok', 'error']

function channelOf(type: unknown): WireChannel {
  if (typeof type !== 'string') return 'other'
  if (type.startsWith('orderbook_')) return 'book'
  if (type === 'trade') return 'trades'
  if (PRIVATE.includes(type)) return 'private'
  return REPLIES.includes(type) ? 'reply' : 'other'
}

const shaped = ({ status, body }: WireError): WireAnswer => ({
  status,
  headers: JSON_HEADERS,
  body: JSON.stringify(body),
})

function field(text: string, name: string): unknown {
  const message = read(text)
  return message?.[name]
}

function read(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** A book message whose YES and NO bids together pay more than a dollar: a NO bid at 99 cents is added. */
function crossed(text: string): string | undefined {
  const message = read(text)
  const msg = message?.msg
  if (typeof msg !== 'object' || msg === null) return undefined
  if (message?.type === 'orderbook_snapshot') {
    const { yes_dollars_fp: yes, no_dollars_fp: no } = msg as Record<string, unknown>
    if (!Array.isArray(yes) || yes.length === 0) return undefined
    const levels = Array.isArray(no) ? (no as unknown[]) : []
    const spoiled = { ...msg, no_dollars_fp: [...levels, ['0.9999', '1.00']] }
    return JSON.stringify({ ...message, msg: spoiled })
  }
  if (message?.type !== 'orderbook_delta') return undefined
  return JSON.stringify({
    ...message,
    msg: { ...msg, side: 'no', price_dollars: '0.9999', delta_fp: '1.00' },
  })
}
