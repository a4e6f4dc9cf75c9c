/**
 * Graph: the record of a submission, and the id a client may give it.
 *
 * @module
 */

import type { GraphRecord } from '../account/changes.js'
import type { Order } from '../account/order.js'
import { DeskError } from './contract.js'

const GRAPH_ID_LENGTH_MAX = 200

/** The answer to a submission, as its order stands now. */
export function graphOf(order: Order, fingerprint: string): GraphRecord {
  return {
    graph_id: order.graph_id,
    fingerprint,
    created_ns: order.created_ns,
    status: order.status === 'REJECTED' ? 'REJECTED' : 'ACCEPTED',
    nodes: [
      {
        node_id: order.node_id,
        node_order_id: order.node_order_id,
        status: order.status,
        failure_reason: order.failure_reason,
        failure_message: order.failure_message,
      },
    ],
    edges: [],
  }
}

/** The first answer again, or a conflict when the same id comes with other parameters. */
export function sameGraph(known: GraphRecord, fingerprint: string): GraphRecord {
  if (known.fingerprint === fingerprint) return known
  throw new DeskError('conflict', `graph_id ${known.graph_id} was used with other parameters`)
}

/** @throws DeskError when a client's own graph id cannot be kept. */
export function checkGraphId(graph_id: string | null): void {
  if (graph_id === null) return
  const message =
    graph_id === '' || graph_id.length > GRAPH_ID_LENGTH_MAX
      ? `a graph_id has 1 to ${GRAPH_ID_LENGTH_MAX} characters`
      : graph_id.includes(String.fromCharCode(0))
        ? 'a graph_id holds no NUL'
        : undefined
  if (message !== undefined)
    throw new DeskError('invalid', message, [{ field: 'graph_id', message }])
}
