/**
 * Print trade: a trade of the house at a price, which meets what rests there first.
 *
 * At a venue without a wire it is a message of the feed alone.
 *
 * @module
 */

import { z } from 'zod'
import { PRICE_SCALE } from '../engine/units.js'
import { defineAction } from './action.js'
import { price, qty } from './amount.js'
import { listingOf, refuseOffGrid } from './target.js'

export const printTrade = defineAction({
  name: 'print-trade',
  about: 'prints a trade at a price; resting orders there are met in time order',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    price,
    qty,
    taker_side: z.enum(['buy', 'sell']),
  }),
  run: async (target, input) => {
    const { at, instrument, outcome } = listingOf(target, input.venue, input.symbol)
    const flipped = outcome === 'NO'
    const trade = {
      price_1e9: flipped ? PRICE_SCALE - input.price : input.price,
      qty_1e8: input.qty,
      taker_side: flipped ? opposite(input.taker_side) : input.taker_side,
    }
    if (at.mock !== null) at.mock.admin.print(instrument.venue_symbol, trade)
    else {
      refuseOffGrid(instrument, trade)
      const ts_ns = target.world.clock.now_ns()
      target.hub.feed(input.venue).trade(instrument.venue_symbol, { ...trade, ts_ns })
    }
    await target.settle()
    return { venue: input.venue, symbol: input.symbol }
  },
})

const opposite = (side: 'buy' | 'sell'): 'buy' | 'sell' => (side === 'buy' ? 'sell' : 'buy')
