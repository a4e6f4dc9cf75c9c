/**
 * Dual edge: sends a child to the live or the simulated edge by `is_sandbox`, and by nothing else.
 *
 * Cancels and amends go to whichever edge took the child. An event about a child from the other edge
 * is a broken invariant and throws: a sandbox order that reached a venue must never look normal.
 *
 * @module
 */

import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import type { Edge, EdgeSink } from './edge.js'

/** Makes an edge that answers into this sink. */
export type EdgeMaker = (sink: EdgeSink) => Edge

interface Owned {
  readonly edge: 'live' | 'sim'
  qty_1e8: bigint
  filled_1e8: bigint
  /** Amendments not answered yet: until they are, nobody knows at which size it is whole. */
  amending: number
  /** Fill ids seen on the live edge, where a fill may be told twice. */
  readonly seen: Set<string> | null
}

/**
 * @param options.sink - Where the events of both edges go, in the order they come.
 * @throws Error from the edges' sinks when an edge tells of a child the other one owns.
 *
 * @example
 * const edge = createDualEdge({ sink, live: () => liveEdge, sim: (sink) => createSimEdge({ ...options, sink }) })
 */
export function createDualEdge(options: { sink: EdgeSink; live: EdgeMaker; sim: EdgeMaker }): Edge {
  const owned = new Map<string, Owned>()

  const sinkOf =
    (edge: Owned['edge']): EdgeSink =>
    (event) => {
      const child = owned.get(event.child_id)
      if (child !== undefined) {
        if (child.edge !== edge) {
          throw new Error(
            `the ${edge} edge told of ${event.type} on child ${event.child_id}, which the ${child.edge} edge owns`,
          )
        }
        if (ends(child, event)) owned.delete(event.child_id)
      }
      options.sink(event)
    }

  const edges = { live: options.live(sinkOf('live')), sim: options.sim(sinkOf('sim')) }

  return {
    submit: (child: ChildOrder) => {
      const edge = child.is_sandbox ? 'sim' : 'live'
      owned.set(child.child_id, {
        edge,
        qty_1e8: child.qty_1e8,
        filled_1e8: 0n,
        amending: 0,
        seen: child.is_sandbox ? null : new Set(),
      })
      return edges[edge].submit(child)
    },
    adopt: (child, filled_1e8, recorded) => {
      const edge = child.is_sandbox ? 'sim' : 'live'
      if (edges[edge].adopt === undefined) return
      const seen = child.is_sandbox ? null : new Set(recorded.fill_ids)
      owned.set(child.child_id, { edge, qty_1e8: child.qty_1e8, filled_1e8, amending: 0, seen })
      edges[edge].adopt?.(child, filled_1e8, recorded)
    },
    seenBy: (account, book) =>
      edges[account.is_sandbox ? 'sim' : 'live'].seenBy?.(account, book) ?? book.depth,
    // A child that ended, or never was, has nothing to cancel or amend: its terminal event was told.
    cancel: (child_id) => {
      const child = owned.get(child_id)
      return child === undefined ? undefined : edges[child.edge].cancel(child_id)
    },
    amend: (child_id, change) => {
      const child = owned.get(child_id)
      if (child === undefined) return undefined
      child.amending += 1
      return edges[child.edge].amend(child_id, change)
    },
  }
}

function ends(child: Owned, event: EdgeEvent): boolean {
  switch (event.type) {
    case 'rejected':
    case 'cancelled':
    case 'expired':
      return true
    case 'filled':
      if (child.seen?.has(event.venue_fill_id) === true) return false
      child.seen?.add(event.venue_fill_id)
      child.filled_1e8 += event.qty_1e8
      return whole(child)
    case 'amended':
      child.qty_1e8 = event.qty_1e8
      child.amending = Math.max(0, child.amending - 1)
      return whole(child)
    case 'amend-rejected':
      child.amending = Math.max(0, child.amending - 1)
      return whole(child)
    default:
      return false
  }
}

const whole = ({ amending, filled_1e8, qty_1e8 }: Owned): boolean =>
  amending === 0 && filled_1e8 >= qty_1e8
