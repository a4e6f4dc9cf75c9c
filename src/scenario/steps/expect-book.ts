/**
 * Expect book: the best prices of a market as its subscribers know them, or as the venue has them.
 *
 * @module
 */

import { z } from 'zod'
import { amount, price } from '../../control/amount.js'
import { bookOf, listingOf } from '../../control/target.js'
import { complement } from '../../engine/depth.js'
import { amountText, type Bound, bound, boundText, within } from '../bound.js'
import { defineStep } from '../step.js'

export const expectBook = defineStep({
  name: 'expect-book',
  about: 'checks the best prices and sizes of a market; "empty" says a side has none',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    /** `feed`: what subscribers know. `venue`: the venue's own book. */
    seen_by: z.enum(['feed', 'venue']).default('feed'),
    bid: z.union([bound(price), z.literal('empty')]).optional(),
    ask: z.union([bound(price), z.literal('empty')]).optional(),
    bid_qty: bound(amount).optional(),
    ask_qty: bound(amount).optional(),
    /** Whether the feed holds this book to be sound. */
    live: z.boolean().optional(),
  }),
  run: (context, input) => {
    const { target } = context.host
    const listing = listingOf(target, input.venue, input.symbol)
    const { at, instrument, outcome } = listing
    const raw =
      input.seen_by === 'venue' && at.mock !== null
        ? at.mock.admin.depth(instrument.venue_symbol)
        : bookOf(target, listing)
    const depth = outcome === 'NO' ? complement(raw) : raw
    const [bid, ask] = [depth.bids[0], depth.asks[0]]
    const where = `${input.symbol} at ${input.venue}`
    const side = (name: string, got: bigint | undefined, wanted: Bound | 'empty' | undefined) => {
      if (wanted === undefined) return
      const holds = wanted === 'empty' ? got === undefined : within(got, wanted)
      const words = wanted === 'empty' ? 'none' : boundText(wanted, 9)
      context.expect(`best ${name} of ${where}`, words, amountText(got, 9), holds)
    }
    const size = (name: string, got: bigint | undefined, wanted: Bound | undefined) => {
      if (wanted === undefined) return
      context.expect(
        `size of the best ${name} of ${where}`,
        boundText(wanted, 8),
        amountText(got, 8),
        within(got, wanted),
      )
    }
    side('bid', bid?.price_1e9, input.bid)
    side('ask', ask?.price_1e9, input.ask)
    size('bid', bid?.qty_1e8, input.bid_qty)
    size('ask', ask?.qty_1e8, input.ask_qty)
    if (input.live !== undefined) {
      const live = target.hub.book(input.venue, instrument.venue_symbol)?.live ?? false
      context.expect(`feed of ${where} is sound`, input.live, live, live === input.live)
    }
    return { bid: bid ?? null, ask: ask ?? null }
  },
})
