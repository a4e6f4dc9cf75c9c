/**
 * Dominance (law P3) of two outcomes of one order, unit by unit: the n-th unit of the worse one fills no
 * earlier, at no better a price and for no smaller a share of fees than the n-th unit of the reference.
 */
import type { EdgeEvent } from '../../src/engine/order.js'

type Filled = Extract<EdgeEvent, { type: 'filled' }>

/** Why `worse` is not dominated by `reference`; empty when it is. */
export function dominanceFaults(
  side: 'buy' | 'sell',
  reference: readonly Filled[],
  worse: readonly Filled[],
): string[] {
  const faults: string[] = []
  let index = 0
  let used = 0n
  let paid = 0n
  let owed = 0n
  for (const fill of worse) {
    let left = fill.qty_1e8
    paid += fill.fee_1e8
    while (left > 0n) {
      const bound = reference[index]
      if (bound === undefined) {
        faults.push(`filled ${left} more than the reference`)
        return faults
      }
      const better =
        side === 'buy' ? fill.price_1e9 < bound.price_1e9 : fill.price_1e9 > bound.price_1e9
      if (better) faults.push(`price ${fill.price_1e9} is better than ${bound.price_1e9}`)
      if (fill.ts_ns < bound.ts_ns) faults.push(`filled at ${fill.ts_ns}, before ${bound.ts_ns}`)
      const open = bound.qty_1e8 - used
      const taken = least(open, left)
      // Scaled by the bound's size, so that a share of a fee stays a whole number.
      owed += (bound.fee_1e8 * taken * 1_000_000n) / bound.qty_1e8
      used += taken
      left -= taken
      if (used === bound.qty_1e8) {
        index += 1
        used = 0n
      }
    }
    if (paid * 1_000_000n < owed - 1_000_000n)
      faults.push(`fees ${paid} are below ${owed / 1_000_000n}`)
  }
  return faults
}

export const fillsById = (events: readonly EdgeEvent[]): Map<string, Filled[]> => {
  const byId = new Map<string, Filled[]>()
  for (const event of events) {
    if (event.type !== 'filled') continue
    byId.set(event.child_id, [...(byId.get(event.child_id) ?? []), event])
  }
  return byId
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
