/**
 * Partial fill: others share what would have been ours.
 *
 * Of a level's size, and of flow that reaches a resting order, only a fixed percentage is ours to take,
 * rounded down.
 *
 * @module
 */

export interface PartialFillOptions {
  /** Percent that is ours, 0 to 100. */
  readonly share_pct: number
}

export const shareOf = (options: PartialFillOptions, qty_1e8: bigint): bigint =>
  (qty_1e8 * BigInt(options.share_pct)) / 100n
