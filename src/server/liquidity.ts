/**
 * Liquidity: who makes the books of a sandbox, and how the hub learns of them.
 *
 * Where a venue has a wire, makers quote at its mock and the hub follows the venue's own feed; where it has
 * none, they write into the hub, behind the same faults. `quiet` lists every default instrument with an
 * empty book.
 *
 * @module
 */

import { faultySink } from '../fault/feed.js'
import type { FaultPlan } from '../fault/plan.js'
import type { MarketHub } from '../market/market-hub.js'
import type { FeedSink, VenueClient } from '../venue/contract.js'
import type { SeededWorld } from '../world/seeded.js'
import type { Restorable } from '../world/world.js'
import type { OpenVenues } from './open-venues.js'

export type Liquidity = 'quiet' | 'live' | `replay:${string}`

export interface LiquidityOptions {
  readonly source: Liquidity
  readonly world: SeededWorld
  readonly hub: MarketHub
  readonly faults: FaultPlan
  readonly opened: OpenVenues
  /** Whether connected feeds keep their quiet books fresh, as a venue's heartbeats do. */
  readonly heartbeat: boolean
  readonly onTrouble: (error: unknown) => void
}

export interface RunningLiquidity {
  /** What a snapshot takes of the makers. */
  readonly parts: ReadonlyMap<string, Restorable>
  /** Follows every venue's feed anew. */
  resubscribe(): Promise<void>
  close(): Promise<void>
}

const HEARTBEAT_MS = 500
const EMPTY = { bids: [], asks: [] }

export async function startLiquidity(options: LiquidityOptions): Promise<RunningLiquidity> {
  const { hub, faults, opened, world } = options
  const { clock } = world
  const sinks = new Map<string, FeedSink>()
  for (const id of opened.venues.keys()) sinks.set(id, faultySink(faults, id, hub.feed(id)))

  /** Venues the hub hears of through their own feed; the others are written to directly. */
  const followed = new Map<string, { client: VenueClient; stop: () => void }>()
  const follow = async (): Promise<void> => {
    await Promise.all(
      [...opened.venues.values()].map(async ({ venue }) => {
        const before = followed.get(venue.id)
        before?.stop()
        const client = before?.client ?? opened.observe(venue.id)
        if (client === undefined) return
        const stop = await client.subscribe(venue.instruments, hub.feed(venue.id))
        followed.set(venue.id, { client, stop })
      }),
    )
  }
  await follow()

  for (const { venue } of opened.venues.values()) {
    if (followed.has(venue.id)) continue
    for (const { venue_symbol } of venue.instruments) hub.publish(venue.id, venue_symbol, EMPTY)
  }

  let stopHeart: (() => void) | undefined
  const beat = (): void => {
    const now = clock.now_ns()
    for (const [id, { venue }] of opened.venues) {
      for (const { venue_symbol } of venue.instruments) {
        if (hub.book(id, venue_symbol)?.live) sinks.get(id)?.published(venue_symbol, now)
      }
    }
    stopHeart = clock.after(HEARTBEAT_MS, beat)
  }
  if (options.heartbeat) stopHeart = clock.after(HEARTBEAT_MS, beat)

  return {
    parts: new Map(),
    resubscribe: follow,
    close: async () => {
      stopHeart?.()
      for (const { client, stop } of followed.values()) {
        stop()
        await client.close()
      }
    },
  }
}
