/**
 * Set price bands: a new price grid for a market that trades; resting orders stay.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { price } from './amount.js'
import { listingOf, mockOf } from './target.js'

export const setPriceBands = defineAction({
  name: 'set-price-bands',
  about: 'gives a market a new price grid; resting orders stay',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    bands: z.array(z.strictObject({ from: price, to: price, step: price })).max(100),
  }),
  run: async (target, { venue, symbol, bands }) => {
    const { at, instrument } = listingOf(target, venue, symbol)
    mockOf(at).admin.setPriceBands(
      instrument.venue_symbol,
      bands.map(({ from, to, step }) => ({ from_1e9: from, to_1e9: to, step_1e9: step })),
    )
    await target.settle()
    return { venue, symbol, bands: bands.length }
  },
})
