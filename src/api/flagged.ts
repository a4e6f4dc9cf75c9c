/**
 * Flagged: which sandbox orders a live key sent, so that its own stream shows them.
 *
 * Kept for the life of the process and bounded; the oldest are forgotten first.
 *
 * @see spec section 7.3
 * @module
 */

import type { Principal } from '../desk/contract.js'

export interface FlaggedOrders {
  add(who: Principal, graph_id: string): void
  has(who: Principal, graph_id: string): boolean
}

export function flaggedOrders(capacity = 100_000): FlaggedOrders {
  const kept = new Set<string>()
  const name = (who: Principal, graph_id: string) => `${who.key_id} ${graph_id}`
  return {
    add: (who, graph_id) => {
      kept.add(name(who, graph_id))
      if (kept.size > capacity) {
        const [oldest] = kept
        if (oldest !== undefined) kept.delete(oldest)
      }
    },
    has: (who, graph_id) => kept.has(name(who, graph_id)),
  }
}
