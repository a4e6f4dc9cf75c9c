/**
 * Maintenance: for a while the venue answers everything with its own notice, closes its sockets and
 * takes no new ones. Its books stay as they are: resting orders are there when it comes back.
 *
 * @module
 */

import { z } from 'zod'
import { answerOf } from './answer.js'
import { defineFault } from './kind.js'

export const maintenance = defineFault({
  type: 'maintenance',
  about: 'the venue is closed for maintenance; resting orders stay',
  options: z.strictObject({}),
  state: () => ({ lost: [] as string[] }),
  begins: (_fault, sockets) => {
    for (const socket of sockets) socket.close(1001, 'maintenance')
  },
  rest: async ({ tools }) => answerOf(tools.wire.unavailable('maintenance')),
  handshake: ({ tools }) => {
    const { status, body } = tools.wire.unavailable('maintenance')
    return { status: status >= 400 ? status : 503, body }
  },
  inbound: () => undefined,
  outbound: () => undefined,
  feed: ({ state }, message, pass) => {
    if (state.lost.includes(message.venue_symbol)) return
    state.lost.push(message.venue_symbol)
    pass({ type: 'lost', venue_symbol: message.venue_symbol, reason: 'maintenance' })
  },
})
