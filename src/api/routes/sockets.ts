/**
 * Sockets: what answers at the paths of WebSockets when no upgrade is asked for, and their documentation.
 *
 * @see spec section 7
 * @module
 */

import type { ApiHono } from '../endpoint.js'
import { ApiError } from '../errors.js'
import { NEWS_PATHS } from '../market-news.js'

export const STREAM_PATH = '/v1/stream'

const SOCKETS = [
  {
    path: STREAM_PATH,
    summary: 'WebSocket: prices, books, orders, fills, routing, fair prices',
    description:
      'Send {"subscribe": ["prices:BTC-USD", "book:BTC-USD", "orders", "fills", "routing", "fair_price", "fair_price:BTC"]} or {"unsubscribe": [...]}. Answers {"subscribed": [...], "rejected": [...]}, then events {"channel": topic, "data": {...}}. Silent until subscribed. orders, fills and routing tell of the mode of the key. A browser opens it with ?ticket= from GET /v1/ws/ticket.',
  },
  {
    path: NEWS_PATHS.listed,
    summary: 'WebSocket: prediction markets as they are listed',
    description:
      'Needs no subscribe message. Events {"channel": "new_markets", "data": Market with ts_ns}.',
  },
  {
    path: NEWS_PATHS.resolved,
    summary: 'WebSocket: prediction markets as they are resolved',
    description:
      'Needs no subscribe message. Events {"channel": "market_resolved", "data": Settlement with ts_ns}, once every holder is settled.',
  },
] as const

/** Whether the API has a WebSocket at a path. */
export const isApiSocket = (path: string): boolean =>
  SOCKETS.some((socket) => socket.path === path.replace(/\/$/, ''))

export function mountSockets(app: ApiHono): void {
  const failure = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  })
  for (const { path, summary, description } of SOCKETS) {
    app.openAPIRegistry.registerPath({
      method: 'get',
      path,
      tags: ['Streaming'],
      summary,
      description,
      security: [{ bearer: [] }],
      responses: {
        101: { description: 'The socket is open' },
        401: failure('API key or ticket missing, unknown, used or expired'),
        426: failure('No upgrade to a WebSocket was asked for'),
        429: failure('Rate limit exceeded'),
      },
    })
    app.get(path, () => {
      throw new ApiError(426, 'BAD_REQUEST', 'this is a WebSocket: connect with an upgrade', {
        headers: { upgrade: 'websocket', connection: 'upgrade' },
      })
    })
  }
}
