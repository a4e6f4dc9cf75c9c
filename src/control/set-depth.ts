/**
 * Set depth: replaces the quoted liquidity of one market.
 *
 * @module
 */

import { z } from 'zod'
import { complement, type Depth, type Level } from '../engine/depth.js'
import { defineAction } from './action.js'
import { price, qty } from './amount.js'
import { ControlError, listingOf, refuseOffGrid } from './target.js'

const levels = z.array(z.tuple([price, qty])).max(10_000)

export const setDepth = defineAction({
  name: 'set-depth',
  about: 'replaces the quoted liquidity of a market; levels are [price, quantity]',
  input: z.strictObject({
    venue: z.string(),
    /** With `:NO` the levels are in NO terms. */
    symbol: z.string(),
    bids: levels.default([]),
    asks: levels.default([]),
  }),
  run: async (target, { venue, symbol, bids, asks }) => {
    const listing = listingOf(target, venue, symbol)
    const given = { bids: sorted(bids, 'falling'), asks: sorted(asks, 'rising') }
    refuseCrossed(given)
    const depth = listing.outcome === 'NO' ? complement(given) : given
    const { mock } = listing.at
    const { venue_symbol } = listing.instrument
    if (mock === null) {
      for (const level of [...depth.bids, ...depth.asks]) refuseOffGrid(listing.instrument, level)
      target.hub.publish(venue, venue_symbol, depth)
    } else mock.admin.setDepth(venue_symbol, depth)
    await target.settle()
    return { venue, symbol, bids: bids.length, asks: asks.length }
  },
})

function sorted(given: readonly (readonly [bigint, bigint])[], order: 'falling' | 'rising') {
  const sign = order === 'rising' ? 1 : -1
  return given
    .map(([price_1e9, qty_1e8]): Level => ({ price_1e9, qty_1e8 }))
    .sort((a, b) => sign * (a.price_1e9 < b.price_1e9 ? -1 : a.price_1e9 > b.price_1e9 ? 1 : 0))
}

function refuseCrossed({ bids, asks }: Depth): void {
  const [bid, ask] = [bids[0], asks[0]]
  if (bid === undefined || ask === undefined || bid.price_1e9 < ask.price_1e9) return
  throw new ControlError(
    'invalid',
    'the best bid is not below the best ask; inject crossed-feed to publish a crossed book',
  )
}
