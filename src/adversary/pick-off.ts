/**
 * Pick-off: a resting order is filled when the market moves through it, so when it hurts.
 *
 * One half of this is always on: once the opposite side quotes or trades beyond a resting order, the
 * order fills at its own limit. This adversary takes away the pleasant rest: with `through`, flow that
 * only touches our price moves the queue but fills nothing, and a quote that merely locks our price is
 * not enough.
 *
 * @module
 */

export interface PickOffOptions {
  readonly fills_on: 'touch' | 'through'
}

/** What the market did at a resting order. */
export type Approach = 'trade-at' | 'trade-through' | 'quote-at' | 'quote-through'

/** Whether an approach can fill the order under these rules; null: the adversary does not act. */
export function canFill(options: PickOffOptions | null, approach: Approach): boolean {
  if (options === null || options.fills_on === 'touch') return true
  return approach === 'trade-through' || approach === 'quote-through'
}
