/**
 * Seeded world: one clock and one seed, forked into labelled streams that are made once and kept.
 *
 * @module
 */

import { type SeededIds, seededIds } from './ids.js'
import { type SeededStream, type StreamState, seededStream } from './prng.js'
import type { Clock, World } from './world.js'

export interface SeededWorld extends World {
  readonly seed: number
  readonly clock: Clock
  /** State of every stream and id counter drawn so far. */
  save(): WorldState
  restore(state: WorldState): void
}

export interface WorldState {
  readonly streams: readonly (readonly [string, StreamState])[]
  readonly ids: readonly (readonly [string, { count: number; state: StreamState }])[]
}

/**
 * @param seed - Any safe integer; the same seed and the same commands tell the same story.
 */
export function seededWorld(options: { seed: number; clock: Clock }): SeededWorld {
  const { seed, clock } = options
  const streams = new Map<string, SeededStream>()
  const ids = new Map<string, SeededIds>()
  const kept = <T>(map: Map<string, T>, label: string, make: () => T): T => {
    const known = map.get(label)
    if (known !== undefined) return known
    const made = make()
    map.set(label, made)
    return made
  }
  const random = (label: string) => kept(streams, label, () => seededStream(seed, label))
  const idsOf = (label: string) => kept(ids, label, () => seededIds(seed, label))
  return {
    seed,
    clock,
    random,
    ids: idsOf,
    save: () => ({
      streams: [...streams].map(([label, stream]) => [label, stream.save()] as const),
      ids: [...ids].map(([label, stream]) => [label, stream.save()] as const),
    }),
    // Streams already handed out are put back in place; ones drawn since go back to their beginning.
    restore: (state) => {
      const savedStreams = new Map(state.streams)
      for (const [label, stream] of streams) {
        stream.restore(savedStreams.get(label) ?? seededStream(seed, label).save())
      }
      for (const [label, saved] of state.streams)
        kept(streams, label, () => seededStream(seed, label)).restore(saved)
      const savedIds = new Map(state.ids)
      for (const [label, stream] of ids) {
        stream.restore(savedIds.get(label) ?? seededIds(seed, label).save())
      }
      for (const [label, saved] of state.ids)
        kept(ids, label, () => seededIds(seed, label)).restore(saved)
    },
  }
}
