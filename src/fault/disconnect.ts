/**
 * Disconnect: open sockets are closed when the fault begins, and new ones are refused while it lasts.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const disconnect = defineFault({
  type: 'disconnect',
  about: 'sockets are closed, and refused while it lasts',
  options: z.strictObject({
    /** Close code; 1006 stands for a connection that broke without a closing frame. */
    code: z.int().min(1000).max(4999).default(1006),
    reason: z.string().max(123).default(''),
    /** Whether a client may connect again at once. */
    reconnect: z.enum(['allowed', 'refused']).default('allowed'),
  }),
  state: () => ({ lost: [] as string[] }),
  begins: ({ options }, sockets) => {
    for (const socket of sockets) socket.close(options.code, options.reason)
  },
  handshake: ({ options }) =>
    options.reconnect === 'refused' ? { status: 503, body: '' } : undefined,
  // A feed without sockets: its books are lost until their next snapshot.
  feed: ({ options, state }, message, pass) => {
    const known = state.lost.includes(message.venue_symbol)
    if (!known) {
      state.lost.push(message.venue_symbol)
      pass({ type: 'lost', venue_symbol: message.venue_symbol, reason: 'disconnected' })
    }
    if (known && options.reconnect === 'allowed') pass(message)
  },
})
