/**
 * Duplicate event: a private message (own order, fill, balance) arrives more than once, as after a
 * resubscription or from an at-least-once bus.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const duplicateEvent = defineFault({
  type: 'duplicate-event',
  about: 'private events arrive more than once',
  channels: ['private'],
  options: z.strictObject({
    /** How often each event arrives in all. */
    times: z.int().min(2).max(100).default(2),
    /** Time between the copies. */
    apart_ms: z.number().min(0).max(86_400_000).default(0),
  }),
  outbound: ({ options, tools }, message, pass) => {
    pass(message.text)
    for (let copy = 1; copy < options.times; copy += 1) {
      if (options.apart_ms === 0) pass(message.text)
      else tools.clock.after(copy * options.apart_ms, () => pass(message.text))
    }
  },
})
