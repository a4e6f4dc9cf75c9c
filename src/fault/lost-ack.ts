/**
 * Lost acknowledgement: the venue did what was asked, and its answer never arrived. The fault that
 * makes a careless retry place a second order.
 *
 * @module
 */

import { z } from 'zod'
import { ConnectionLost, defineFault } from './kind.js'

export const lostAck = defineFault({
  type: 'lost-ack',
  about: 'the venue acts on a request and its answer is lost',
  options: z.strictObject({
    /** Silence before the connection breaks; 0: it breaks at once. */
    hang_ms: z.number().min(0).max(86_400_000).default(0),
  }),
  rest: async ({ options, tools }, _call, next) => {
    await next()
    await tools.wait(options.hang_ms)
    throw new ConnectionLost(options.hang_ms > 0 ? 'ETIMEDOUT' : 'ECONNRESET')
  },
  inbound: (_fault, _call, turn) => turn.passWithoutReply(),
})
