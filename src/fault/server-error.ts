/**
 * Server error: a 5xx in the place of an answer. `acts` says whether the venue did the work first; a
 * client cannot tell, which is the point.
 *
 * @module
 */

import { z } from 'zod'
import { answerOf } from './answer.js'
import { defineFault } from './kind.js'

export const serverError = defineFault({
  type: 'server-error',
  about: 'requests get a 5xx',
  options: z.strictObject({
    /** Absent: the venue's own answer when overloaded, words and all. */
    status: z.int().min(500).max(599).optional(),
    acts: z.enum(['no', 'yes']).default('no'),
  }),
  rest: async ({ options, tools }, _call, next) => {
    if (options.acts === 'yes') await next()
    return options.status === undefined
      ? answerOf(tools.wire.unavailable('overload'))
      : new Response('', { status: options.status })
  },
  inbound: ({ options, tools }, _call, turn) => {
    const { wire } = tools
    if (wire.refuse === undefined) {
      turn.pass()
      return
    }
    if (options.acts === 'yes') turn.passWithoutReply()
    turn.reply(wire.refuse(turn.text, 'overload'))
  },
})
