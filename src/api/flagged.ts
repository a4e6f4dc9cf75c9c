/**
 * Flagged: which sandbox orders a live key sent, so that it can see and cancel what it placed.
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
  /** Whether this key ever sent one. */
  any(who: Principal): boolean
}

export function flaggedOrders(capacity = 100_000): FlaggedOrders {
  const kept = new Set<string>()
  const senders = new Set<string>()
  const name = (who: Principal, graph_id: string) => `${who.key_id} ${graph_id}`
  return {
    add: (who, graph_id) => {
      kept.add(name(who, graph_id))
      senders.add(who.key_id)
      if (kept.size > capacity) {
        const [oldest] = kept
        if (oldest !== undefined) kept.delete(oldest)
      }
    },
    has: (who, graph_id) => kept.has(name(who, graph_id)),
    any: (who) => senders.has(who.key_id),
  }
}

/** The graph an order id (`graph:<graph_id>:<node_id>:<seq>`) or a graph id names; a graph id may hold colons. */
export const graphOfId = (id: string): string =>
  id.startsWith('graph:') ? id.split(':').slice(1, -2).join(':') : id
