/**
 * Latency: an order meets the book as it is when it arrives, not the one it was sent on.
 *
 * The delay is a share of the venue's declared round trip plus a seeded jitter; cancels and amends
 * travel the same way.
 *
 * @module
 */

import type { RandomStream } from '../world/world.js'

export interface LatencyOptions {
  /** Percent of the venue's declared latency. */
  readonly scale_pct: number
  /** Uniform extra delay from 0 to this, whole milliseconds. */
  readonly jitter_ms_max: number
}

/**
 * Delay of one message in milliseconds, rounded up.
 *
 * @param latency_ms - What the venue declares.
 */
export function delayOf(options: LatencyOptions, latency_ms: number, random: RandomStream): number {
  const jitter = options.jitter_ms_max > 0 ? random.int(0, options.jitter_ms_max) : 0
  return Math.ceil((latency_ms * options.scale_pct) / 100) + jitter
}
