/**
 * API wire: the sandbox API as faults see it, so that it can be late, lost or throttled as a venue can.
 *
 * @module
 */

import type { WireAction, WireTraits } from '../venue/contract.js'

/** The venue name under which a plan knows the sandbox API. */
export const API = 'api'

const envelope = (status: number, code: string, message: string) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: { code, message, request_id: 'fault' } }),
})

export const apiWire: WireTraits = {
  request: ({ method, path, headers }) => ({
    action: actionOf(method, path),
    caller: /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
  }),
  command: () => ({ action: 'subscribe', caller: null }),
  channel: (text) => {
    const topic = /"channel":"(\w+)/.exec(text)?.[1]
    if (topic === 'orders' || topic === 'fills' || topic === 'routing') return 'private'
    if (topic === 'book' || topic === 'prices') return 'book'
    return topic === undefined ? 'reply' : 'other'
  },
  throttled: () => envelope(429, 'RATE_LIMITED', 'rate limit exceeded'),
  unavailable: () => envelope(503, 'SERVICE_UNAVAILABLE', 'the service is unavailable'),
  // Its books carry no checksum, and a crossed one is made where it is fed.
  spoil: () => undefined,
}

function actionOf(method: string, path: string): WireAction {
  if (path === '/v1/orders' && method === 'POST') return 'create-order'
  if (path.startsWith('/v1/orders/') && method === 'PATCH') return 'amend-order'
  if (method === 'DELETE' && /^\/v1\/(orders|execution_graphs)\//.test(path)) return 'cancel-order'
  if (method !== 'GET') return 'other'
  return /^\/v1\/(orders|fills|positions|execution_graphs|sandbox)\b/.test(path)
    ? 'read-private'
    : 'read-public'
}
