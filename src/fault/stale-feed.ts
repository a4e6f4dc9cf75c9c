/**
 * Stale feed: the connection lives, heartbeats and replies pass, but books and trades stand still.
 * When the fault ends everything held back arrives at once, in order.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const staleFeed = defineFault({
  type: 'stale-feed',
  about: 'books and trades stand still while the connection lives',
  channels: ['book', 'trades'],
  options: z.strictObject({}),
  state: () => ({ held: [] as (() => void)[] }),
  outbound: ({ state }, message, pass) => {
    state.held.push(() => pass(message.text))
  },
  feed: ({ state }, message, pass) => {
    state.held.push(() => pass(message))
  },
  ends: ({ state }) => {
    const held = state.held.splice(0)
    for (const deliver of held) deliver()
  },
})
