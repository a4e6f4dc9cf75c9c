/**
 * Prng: seeded streams of chance, one per label.
 *
 * xoshiro128** seeded by splitmix over a hash of (seed, label), so one more draw on one stream moves
 * no other. State is four 32-bit words: a stream can be saved and put back.
 *
 * @see https://prng.di.unimi.it/xoshiro128starstar.c
 *
 * @module
 */

import type { RandomStream } from './world.js'

export type StreamState = readonly [number, number, number, number]

/** A stream whose state can be saved and restored. */
export interface SeededStream extends RandomStream {
  save(): StreamState
  restore(state: StreamState): void
}

/**
 * The stream of a label under a seed.
 *
 * @example
 * seededStream(42, 'maker').int(1, 6) // the same on every machine
 */
export function seededStream(seed: number, label: string): SeededStream {
  let [a, b, c, d] = firstState(seed, label)

  function next32(): number {
    const times5 = Math.imul(b, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result
  }

  /** 53 random bits. */
  const next53 = (): number => (next32() >>> 5) * 67_108_864 + (next32() >>> 6)

  return {
    int: (low, high) => {
      const span = high - low + 1
      if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || span < 1) {
        throw new RangeError(
          `no integer lies in [${low}, ${high}]; safe bounds with low <= high are expected.`,
        )
      }
      // Draws beyond the last whole multiple of the span are dropped, so no value is likelier.
      const limit = Math.floor(2 ** 53 / span) * span
      for (;;) {
        const drawn = next53()
        if (drawn < limit) return low + (drawn % span)
      }
    },
    unit: () => next32() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => next32() >>> 24),
    save: () => [a, b, c, d],
    restore: (state) => {
      ;[a, b, c, d] = state
    },
  }
}

function firstState(seed: number, label: string): [number, number, number, number] {
  let hash = 2_166_136_261
  for (const char of `${seed}/${label}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619)
  }
  const word = (): number => {
    hash = (hash + 0x9e37_79b9) | 0
    let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
    return (mixed ^ (mixed >>> 16)) | 0
  }
  return [word(), word(), word(), word() | 1]
}

/** 256 bits from the operating system, in hexadecimal: for keys only, never for anything replayed. */
export function secretHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
