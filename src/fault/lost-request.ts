/**
 * Lost request: what the client sent never reaches the venue. Nothing happened there.
 *
 * @module
 */

import { z } from 'zod'
import { ConnectionLost, defineFault } from './kind.js'

export const lostRequest = defineFault({
  type: 'lost-request',
  about: 'a request is lost before the venue sees it',
  options: z.strictObject({
    /** Silence before the connection breaks; 0: it breaks at once. */
    hang_ms: z.number().min(0).max(86_400_000).default(0),
  }),
  rest: async ({ options, tools }) => {
    await tools.wait(options.hang_ms)
    throw new ConnectionLost(options.hang_ms > 0 ? 'ETIMEDOUT' : 'ECONNRESET')
  },
  // A socket command that is not passed on is lost.
  inbound: () => undefined,
})
