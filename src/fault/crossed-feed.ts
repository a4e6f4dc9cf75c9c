/**
 * Crossed feed: a book whose best bid lies above its best ask, as a fault in a venue's distribution
 * shows it. The venue's own book is sound.
 *
 * @module
 */

import { z } from 'zod'
import type { Level } from '../engine/depth.js'
import { defineFault } from './kind.js'

export const crossedFeed = defineFault({
  type: 'crossed-feed',
  about: 'published books have their best bid above their best ask',
  channels: ['book'],
  options: z.strictObject({}),
  outbound: ({ tools }, message, pass) =>
    pass(tools.wire.spoil(message.text, 'crossed') ?? message.text),
  feed: (_fault, message, pass) => {
    if (message.type !== 'snapshot') {
      pass(message)
      return
    }
    const { bids, asks } = message.depth
    pass({ ...message, depth: { bids: exchanged(bids, asks), asks: exchanged(asks, bids) } })
  },
})

/** The levels of one side at the prices of the other. */
function exchanged(sizes: readonly Level[], prices: readonly Level[]): readonly Level[] {
  return prices.map(({ price_1e9 }, index) => ({
    price_1e9,
    qty_1e8: sizes[index]?.qty_1e8 ?? sizes[0]?.qty_1e8 ?? 0n,
  }))
}
