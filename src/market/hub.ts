/**
 * Hub: the newest book of every (venue, instrument), fed by drivers and feeds, read by everyone else.
 *
 * The hub is what a market-data subscriber knows: L2 levels, trades and the time they came. It never
 * invents a price: a book nobody published is absent.
 *
 * @module
 */

import type { MarketState } from '../engine/command.js'
import type { Depth, PublicTrade } from '../engine/depth.js'
import type { Instrument, Side } from '../engine/instrument.js'

export interface BookView {
  readonly venue: string
  readonly venue_symbol: string
  /** Best first; live objects of the hub, not to be kept across events. */
  readonly depth: Depth
  /** When the last message about this book came. */
  readonly received_ts_ns: bigint
  /** False after the feed was lost, until the next snapshot. */
  readonly live: boolean
  /** Middle of the best prices, cut toward zero, when both sides last had one; absent: never. */
  readonly mid_1e9?: bigint
  /** The same when either side last had one: the middle, or the one price. */
  readonly quoted_1e9?: bigint
  /** What the venue's market takes, as its feed says; absent: nothing was said, so `open`. */
  readonly state?: MarketState
  /** The price grid its market has now, as the feed says; absent: nothing was said. */
  readonly bands?: Instrument['price_bands']
}

export type MarketEvent =
  | { type: 'snapshot'; venue: string; venue_symbol: string; ts_ns: bigint }
  | {
      type: 'level'
      venue: string
      venue_symbol: string
      side: Side
      price_1e9: bigint
      qty_1e8: bigint
      /** Size of the level before this message. */
      before_1e8: bigint
      ts_ns: bigint
    }
  /** One published message ended: the book is whole. */
  | { type: 'published'; venue: string; venue_symbol: string; ts_ns: bigint }
  | ({ type: 'trade'; venue: string; venue_symbol: string } & PublicTrade)
  /** The venue says what its market takes now. */
  | {
      type: 'state'
      venue: string
      venue_symbol: string
      state: MarketState
      before: MarketState
      ts_ns: bigint
    }
  | { type: 'lost'; venue: string; venue_symbol: string; reason: string; ts_ns: bigint }

/** What readers see of the hub. */
export interface Books {
  book(venue: string, venue_symbol: string): BookView | undefined
  subscribe(listener: (event: MarketEvent) => void): () => void
}
