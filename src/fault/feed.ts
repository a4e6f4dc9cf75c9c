/**
 * Feed: a hub feed with faults on its way, for venues whose market data comes from a driver and not
 * over a wire.
 *
 * The levels of one published message share its fate, so that a book is never half of two messages.
 *
 * @module
 */

import type { FeedSink } from '../venue/contract.js'
import type { FeedMessage } from './kind.js'
import type { FaultPlan, Firing } from './plan.js'

/** The sink behind a plan. */
export function faultySink(plan: FaultPlan, venue: string, sink: FeedSink): FeedSink {
  /** Firings of the message whose levels are still coming, by instrument. */
  const open = new Map<string, Firing[]>()

  function send(message: FeedMessage): void {
    if (!plan.touches(venue) && open.size === 0) deliver(sink, message)
    else run(firingsFor(message), 0, message)
  }

  function firingsFor(message: FeedMessage): Firing[] {
    const count = (channel: string) => plan.messageFirings(venue, { channel, caller: null }, 'feed')
    const { venue_symbol } = message
    const known = open.get(venue_symbol)
    switch (message.type) {
      case 'trade':
        return count('trades')
      case 'lost':
        return []
      case 'snapshot':
      case 'level': {
        const firings = known ?? count('book')
        open.set(venue_symbol, firings)
        return firings
      }
      case 'published':
        open.delete(venue_symbol)
        return known ?? []
    }
  }

  function run(firings: readonly Firing[], nth: number, message: FeedMessage): void {
    const firing = firings[nth]
    if (firing?.kind.feed === undefined) deliver(sink, message)
    else firing.kind.feed(firing.running, message, (next) => run(firings, nth + 1, next))
  }

  return {
    snapshot: (venue_symbol, depth, ts_ns) =>
      send({ type: 'snapshot', venue_symbol, depth, ts_ns }),
    level: (venue_symbol, side, price_1e9, qty_1e8, ts_ns) =>
      send({ type: 'level', venue_symbol, side, price_1e9, qty_1e8, ts_ns }),
    published: (venue_symbol, ts_ns) => send({ type: 'published', venue_symbol, ts_ns }),
    trade: (venue_symbol, trade) => send({ type: 'trade', venue_symbol, trade }),
    lost: (venue_symbol, reason) => send({ type: 'lost', venue_symbol, reason }),
    state: (venue_symbol, state, ts_ns) => sink.state?.(venue_symbol, state, ts_ns),
    bands: (venue_symbol, bands, ts_ns) => sink.bands?.(venue_symbol, bands, ts_ns),
  }
}

function deliver(sink: FeedSink, message: FeedMessage): void {
  switch (message.type) {
    case 'snapshot':
      sink.snapshot(message.venue_symbol, message.depth, message.ts_ns)
      return
    case 'level':
      sink.level(
        message.venue_symbol,
        message.side,
        message.price_1e9,
        message.qty_1e8,
        message.ts_ns,
      )
      return
    case 'published':
      sink.published(message.venue_symbol, message.ts_ns)
      return
    case 'trade':
      sink.trade(message.venue_symbol, message.trade)
      return
    case 'lost':
      sink.lost(message.venue_symbol, message.reason)
      return
  }
}
