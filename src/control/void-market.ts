/**
 * Void market: the event is called off. Both legs are worth the same share, one half unless told.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { share } from './amount.js'
import { determine } from './resolve-market.js'

export const voidMarket = defineAction({
  name: 'void-market',
  about: 'calls an event off: YES is worth the void share, one half unless told',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    yes_value: share.default(500_000_000n),
  }),
  run: async (target, { venue, symbol, yes_value }) => {
    await determine(target, venue, symbol, yes_value)
    return { venue, symbol, yes_value_1e9: yes_value }
  },
})
