/**
 * Stale feed: the connection lives, replies and private events pass, but books and trades stand still.
 * When the fault ends everything held back arrives at once, in order.
 *
 * Heartbeats are held too unless told otherwise: a reader that takes them for a sign of life cannot
 * see the fault while they pass.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const staleFeed = defineFault({
  type: 'stale-feed',
  about: 'books and trades stand still while the connection lives',
  channels: ['book', 'trades', 'other'],
  options: z.strictObject({
    heartbeats: z.enum(['held', 'pass']).default('held'),
  }),
  state: () => ({ held: [] as (() => void)[] }),
  outbound: ({ options, state }, message, pass) => {
    if (message.channel === 'other' && options.heartbeats === 'pass') pass(message.text)
    else state.held.push(() => pass(message.text))
  },
  feed: ({ state }, message, pass) => {
    state.held.push(() => pass(message))
  },
  ends: ({ state }) => {
    const held = state.held.splice(0)
    for (const deliver of held) deliver()
  },
})
