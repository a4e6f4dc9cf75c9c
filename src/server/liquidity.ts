/**
 * Liquidity: who makes the books of a sandbox, and how the hub learns of them.
 *
 * Where a venue has a wire, makers quote at its mock and the hub follows the venue's own feed; where it has
 * none, they write into the hub, behind the same faults. `quiet` lists every default instrument with an
 * empty book; `live` quotes those whose price a maker knows (BTC and ETH everywhere) and leaves the rest empty. A replayed venue's books are the recording's alone, so it has no wire meanwhile.
 *
 * @module
 */

import { faultySink } from '../fault/feed.js'
import type { FaultPlan } from '../fault/plan.js'
import type { MarketHub } from '../market/market-hub.js'
import type { RunningPlay } from '../market/recorded/player.js'
import type { Recording } from '../market/recorded/recording.js'
import { hubTarget } from '../market/target.js'
import type { FeedSink, Venue, VenueClient } from '../venue/contract.js'
import { type StreamState, seededStream } from '../world/prng.js'
import type { SeededWorld } from '../world/seeded.js'
import type { Restorable } from '../world/world.js'
import type { OpenVenues } from './open-venues.js'
import { UsageError } from './usage-error.js'

export type Liquidity = 'quiet' | 'live' | `replay:${string}`

/** Venues as the sandbox lists them under a source of liquidity. */
export interface Stocked {
  readonly venues: readonly Venue[]
  readonly recording: Recording | null
}

export interface LiquidityOptions {
  readonly source: Liquidity
  readonly recording: Recording | null
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
  /** Resolves when no recording is being read: all that is due has been played. */
  atRest(): Promise<void>
  close(): Promise<void>
}

interface MakerState {
  readonly stream: StreamState
  readonly maker: unknown
}

const HEARTBEAT_MS = 500
const EMPTY = { bids: [], asks: [] }

/**
 * The venues, with what a recording trades listed at its own venue.
 *
 * @throws UsageError when the recording cannot be read or is of no venue here.
 */
export async function stock(venues: readonly Venue[], source: Liquidity): Promise<Stocked> {
  if (source === 'quiet' || source === 'live') return { venues, recording: null }
  const file = source.slice('replay:'.length)
  const { openRecording } = await import('../market/recorded/recording.js')
  const recording = await openRecording(file).catch((error: Error) => {
    throw new UsageError(`--liquidity replay: ${error.message}`)
  })
  if (!venues.some(({ id }) => id === recording.venue)) {
    throw new UsageError(`--liquidity replay: ${file} is of ${recording.venue}, which is not known`)
  }
  const replayed = (venue: Venue): Venue =>
    venue.id === recording.venue ? withRecorded(venue, recording) : venue
  return { venues: venues.map(replayed), recording }
}

function withRecorded(venue: Venue, { instruments }: Recording): Venue {
  const { mock: _, client: __, ...data } = venue
  const recorded = new Set(
    instruments.flatMap(({ symbol, venue_symbol }) => [symbol, venue_symbol]),
  )
  const others = venue.instruments.filter(
    ({ symbol, venue_symbol }) => !recorded.has(symbol) && !recorded.has(venue_symbol),
  )
  const kinds = new Set([...venue.capabilities.kinds, ...instruments.map(({ kind }) => kind)])
  return {
    ...data,
    capabilities: { ...venue.capabilities, kinds: [...kinds] },
    instruments: [...instruments, ...others],
  }
}

export async function startLiquidity(options: LiquidityOptions): Promise<RunningLiquidity> {
  const { source, recording, hub, faults, opened, world, onTrouble } = options
  const { clock } = world
  const sinks = new Map<string, FeedSink>()
  for (const id of opened.venues.keys()) sinks.set(id, faultySink(faults, id, hub.feed(id)))
  const stops: (() => void)[] = []
  const parts = new Map<string, Restorable>()

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

  if (source === 'live') {
    const { hasStartPrice, quoteSynthetic } = await import('../market/synthetic.js')
    for (const { venue, mock } of opened.venues.values()) {
      const target = mock?.admin ?? hubTarget(hub, venue.id, clock, sinks.get(venue.id))
      for (const instrument of venue.instruments.filter(hasStartPrice)) {
        // One asset moves as one everywhere: makers of it draw the same numbers, each from a copy of its own.
        const path = instrument.kind === 'event' ? instrument.venue_symbol : instrument.base
        const random = seededStream(world.seed, `maker/${path}`)
        const maker = quoteSynthetic({ instrument, clock, random, target })
        parts.set(`maker/${venue.id}/${instrument.venue_symbol}`, {
          save: (): MakerState => ({ stream: random.save(), maker: maker.save() }),
          restore: (state) => {
            const saved = state as MakerState
            random.restore(saved.stream)
            maker.restore(saved.maker)
          },
        })
        stops.push(maker)
      }
    }
  }

  let playing: RunningPlay | null = null
  if (recording !== null) {
    const { venue, instruments } = recording
    const sink = sinks.get(venue) ?? hub.feed(venue)
    const lose = (reason: string) => {
      for (const { venue_symbol } of instruments) sink.lost(venue_symbol, reason)
    }
    const ended = (error?: Error) => {
      if (error !== undefined) onTrouble(error)
      lose(error?.message ?? 'the recording ended')
    }
    playing = recording.play(sink).pace({ clock, ended })
    stops.push(playing)
    parts.set('recording', playing)
  }

  // A replayed book is as old as its recording says.
  const kept = [...opened.venues.values()].filter(({ venue }) => venue.id !== recording?.venue)
  const beat = (): void => {
    const now = clock.now_ns()
    for (const { venue } of kept) {
      for (const { venue_symbol } of venue.instruments) {
        if (hub.book(venue.id, venue_symbol)?.live)
          sinks.get(venue.id)?.published(venue_symbol, now)
      }
    }
    stopHeart = clock.after(HEARTBEAT_MS, beat)
  }
  let stopHeart = options.heartbeat ? clock.after(HEARTBEAT_MS, beat) : undefined

  return {
    parts,
    resubscribe: follow,
    atRest: async () => playing?.atRest(),
    close: async () => {
      stopHeart?.()
      for (const stop of stops) stop()
      for (const { client, stop } of followed.values()) {
        stop()
        await client.close()
      }
    },
  }
}
