/**
 * Set market state: pause, reopen, restrict or close a market.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { listingOf } from './target.js'

export const setMarketState = defineAction({
  name: 'set-market-state',
  about: 'pauses, reopens, restricts or closes a market; closing cancels what rests',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    state: z.enum(['open', 'paused', 'halted', 'cancel-only', 'post-only', 'limit-only', 'closed']),
  }),
  run: async (target, { venue, symbol, state }) => {
    const { at, instrument } = listingOf(target, venue, symbol)
    if (at.mock !== null) at.mock.admin.setMarketState(instrument.venue_symbol, state)
    else {
      const ts_ns = target.world.clock.now_ns()
      target.hub.feed(venue).state?.(instrument.venue_symbol, state, ts_ns)
    }
    await target.settle()
    return { venue, symbol, state }
  },
})
