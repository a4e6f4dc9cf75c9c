/**
 * Fade: makers pull their quotes as our taker comes near.
 *
 * Each level loses a seeded share of its size, drawn per order and level; what is pulled is rounded up.
 *
 * @module
 */

import type { RandomStream } from '../world/world.js'

export interface FadeOptions {
  /** Least percent of a level that is pulled, 0 to 100. */
  readonly pull_pct_min: number
  /** Most percent of a level that is pulled, 0 to 100. */
  readonly pull_pct_max: number
}

/** Size of a level that is still there when the taker arrives. */
export function fadeLevel(options: FadeOptions, qty_1e8: bigint, random: RandomStream): bigint {
  const { pull_pct_min, pull_pct_max } = options
  const pct = pull_pct_min === pull_pct_max ? pull_pct_min : random.int(pull_pct_min, pull_pct_max)
  return qty_1e8 - (qty_1e8 * BigInt(pct) + 99n) / 100n
}
