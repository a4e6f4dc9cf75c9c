/**
 * Duplicate request: the venue receives one request twice, as from a proxy that retries. The client
 * sees the first answer only.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const duplicateRequest = defineFault({
  type: 'duplicate-request',
  about: 'the venue receives a request twice',
  options: z.strictObject({}),
  rest: async (_fault, _call, next) => {
    const answer = await next()
    await next()
    return answer
  },
  inbound: (_fault, _call, turn) => {
    turn.pass()
    turn.passWithoutReply()
  },
})
