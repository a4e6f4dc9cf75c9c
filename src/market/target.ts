/**
 * Target: where a driver puts made-up liquidity.
 *
 * A mock venue's admin is one, so that the quotes really rest in its engine and come back over its own
 * feed; for a venue without a wire {@link hubTarget} writes the hub's book instead. A driver does not
 * know which it talks to.
 *
 * @module
 */

import type { FeedSink, VenueAdmin } from '../venue/contract.js'
import type { Clock } from '../world/world.js'
import { sizeAt } from './depth-book.js'
import type { MarketHub } from './market-hub.js'

export type MarketTarget = Pick<VenueAdmin, 'setDepth' | 'print'>

/**
 * The hub's own book of a venue, as a target: a print shrinks the level it hits.
 *
 * @param feed - Where it is written; default the hub's own sink, e.g. one behind faults.
 */
export function hubTarget(
  hub: MarketHub,
  venue: string,
  clock: Pick<Clock, 'now_ns'>,
  feed: FeedSink = hub.feed(venue),
): MarketTarget {
  return {
    setDepth: (venue_symbol, depth) => {
      const now_ns = clock.now_ns()
      feed.snapshot(venue_symbol, depth, now_ns)
      feed.published(venue_symbol, now_ns)
    },
    print: (venue_symbol, { price_1e9, qty_1e8, taker_side }) => {
      const ts_ns = clock.now_ns()
      feed.trade(venue_symbol, { price_1e9, qty_1e8, taker_side, ts_ns })
      const depth = hub.book(venue, venue_symbol)?.depth
      if (depth === undefined) return
      const maker = taker_side === 'buy' ? 'sell' : 'buy'
      const shown = sizeAt(maker === 'buy' ? depth.bids : depth.asks, maker, price_1e9)
      if (shown === 0n) return
      const left = shown > qty_1e8 ? shown - qty_1e8 : 0n
      feed.level(venue_symbol, maker, price_1e9, left, ts_ns)
      feed.published(venue_symbol, ts_ns)
    },
  }
}
