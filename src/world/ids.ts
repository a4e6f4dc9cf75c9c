/**
 * Ids: names that are the same for the same seed.
 *
 * @module
 */

import { type SeededStream, type StreamState, seededStream } from './prng.js'
import type { IdStream } from './world.js'

export interface SeededIds extends IdStream {
  save(): { count: number; state: StreamState }
  restore(saved: { count: number; state: StreamState }): void
}

/** The id stream of a label under a seed. */
export function seededIds(seed: number, label: string): SeededIds {
  const stream: SeededStream = seededStream(seed, `ids/${label}`)
  let count = 0
  return {
    uuid: () => {
      const bytes = stream.bytes(16)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      const hex = Buffer.from(bytes).toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    },
    next: (prefix) => {
      count += 1
      return `${prefix}${count}`
    },
    text: (alphabet, length) =>
      Array.from({ length }, () => alphabet[stream.int(0, alphabet.length - 1)]).join(''),
    save: () => ({ count, state: stream.save() }),
    restore: (saved) => {
      count = saved.count
      stream.restore(saved.state)
    },
  }
}
