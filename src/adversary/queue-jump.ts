/**
 * Queue jump: size we cannot see stands in front of us.
 *
 * Hidden and pegged orders, and makers that were faster by a hair, go first. On joining a queue this
 * much of the shown size is added ahead, at least one lot, rounded up to lots.
 *
 * @module
 */

export interface QueueJumpOptions {
  /** Percent of the size shown at the price. */
  readonly jump_pct: number
}

export function jumpedAhead(options: QueueJumpOptions, shown_1e8: bigint, lot_1e8: bigint): bigint {
  const lots = (shown_1e8 * BigInt(options.jump_pct) + 100n * lot_1e8 - 1n) / (100n * lot_1e8)
  return (lots > 0n ? lots : 1n) * lot_1e8
}
