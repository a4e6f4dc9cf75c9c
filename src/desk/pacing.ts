/**
 * Pacing: one node worked as slices of equal size, one each interval (TWAP).
 *
 * The node becomes a container with a node for every slice. The first slice is sent with the submission;
 * the others are on record as `WAITING`, hold nothing, and take the whole order path when the timeout of
 * the slice before them fires, whatever became of that one. A first slice that is refused refuses them
 * all. Timers are not stored: slices that still wait when their account is read again (after a restart, a
 * failed commit, a revert to a snapshot) are cancelled then, with the reason `INTERRUPTED`.
 *
 * @see spec section 4.3
 * @module
 */

import type { Account } from '../account/account.js'
import type { GraphEdge, GraphRecord } from '../account/changes.js'
import type { NewOrder } from '../account/command.js'
import type { Order, OrderStatus } from '../account/order.js'
import type { AccountName } from '../store/read.js'
import type { Clock } from '../world/world.js'
import type { Accounts } from './accounts.js'
import { DeskError, type OrderIntent } from './contract.js'
import type { Core, Submitted } from './core.js'

type Pacing = NonNullable<OrderIntent['pacing']>
type GraphNode = GraphRecord['nodes'][number]

/** A node that was expanded. */
export interface Paced {
  readonly node_id: string
  readonly interval_ms: number
  /** What became of the first slice. */
  readonly first: Submitted
  /** Every slice in its turn, the first included. */
  readonly slices: readonly { readonly order: Order; readonly intent: OrderIntent }[]
}

/**
 * Puts every slice of a node on record and submits the first.
 *
 * @throws DeskError `invalid` when the quantity is off the lot or a slice would be less than one;
 * `kill-switch` when that is on. Nothing is on record then.
 */
export function expand(
  core: Core,
  account: Account,
  whole: OrderIntent,
  { num_slices, interval_ms }: Pacing,
  dispatch: 'now' | 'hold',
): Paced {
  const node_id = whole.node_id ?? 'n0'
  const total_1e8 = whole.qty_1e8 ?? 0n
  const cap_1e9 = whole.max_notional_1e9
  const [head, ...rest] = sliceSizes(total_1e8, num_slices, lotOf(core, whole)).map(
    (qty_1e8, nth): OrderIntent => ({
      ...whole,
      node_id: `${node_id}-${nth + 1}`,
      qty_1e8,
      // The cap is on the graph: each slice has its share of it.
      max_notional_1e9: cap_1e9 === null ? null : (cap_1e9 * qty_1e8) / total_1e8,
    }),
  )
  if (head === undefined) throw new Error(`${num_slices} slices are none.`)
  const first = core.submit(account, head, dispatch)
  const later = rest.map((intent) => {
    const order = wait(core, account, first.order, intent)
    return { order, intent: { ...intent, graph_id: order.graph_id } }
  })
  const paced = {
    node_id,
    interval_ms,
    first,
    slices: [{ order: first.order, intent: head }, ...later],
  }
  if (first.refusal === null) return paced
  const { code: reason, message } = first.refusal
  for (const { order } of later) {
    const ts_ns = core.now_ns
    core.apply(account, {
      type: 'refuse',
      ts_ns,
      order: planned(order),
      reason,
      message,
      onto: order,
    })
  }
  return paced
}

/** Sends each waiting slice when its turn comes, an interval after the one before. */
export function startPacing(
  parts: {
    core: Core
    accounts: Accounts
    clock: Clock
    onTrouble: (error: unknown) => void
  },
  name: AccountName,
  { slices, interval_ms }: Paced,
): void {
  const { core, accounts, clock, onTrouble } = parts
  let broken = false
  const arm = (nth: number): void => {
    const slice = slices[nth]
    if (slice === undefined) return
    clock.after(interval_ms, () => {
      if (broken || !slices.some(({ order }) => order.status === 'WAITING')) return
      // Before the slice itself, which may wait for a database: the chain keeps its own time.
      arm(nth + 1)
      accounts
        .run(name, ({ account }) => activate(core, accounts, account, slice))
        .catch((error: unknown) => {
          // What was not durable is thrown away, and what waited is cancelled when it is read again.
          broken = true
          onTrouble(error)
        })
    })
  }
  arm(1)
}

/** The answer to a paced submission, as its slices stand now. */
export function pacedGraph(
  { node_id, interval_ms, slices }: Paced,
  fingerprint: string,
): GraphRecord {
  const [first] = slices
  if (first === undefined) throw new Error(`${node_id} was paced into nothing.`)
  const nodes = slices.map(({ order }) => nodeOf(order))
  const container = containerOf(node_id, nodes)
  return {
    graph_id: first.order.graph_id,
    fingerprint,
    created_ns: first.order.created_ns,
    status: container.status === 'REJECTED' ? 'REJECTED' : 'ACCEPTED',
    nodes: [container, ...nodes],
    edges: nodes.map((node, nth): GraphEdge => {
      const before = nth === 0 ? container : nodes[nth - 1]
      return {
        edge_id: `e${nth + 1}`,
        from_node: before?.node_id ?? node_id,
        to_node: node.node_id,
        trigger: { on_timeout: { ms: nth === 0 ? 0 : interval_ms } },
      }
    }),
  }
}

/** Nodes of a stored graph as its orders stand now, the container of a paced one summed up from them. */
export function nodesNow(graph: GraphRecord, orders: readonly OrderFacts[]): GraphNode[] {
  const nodes = orders.map(nodeOf)
  const container = graph.nodes.find(({ node_order_id }) => node_order_id === null)
  return container === undefined ? nodes : [containerOf(container.node_id, nodes), ...nodes]
}

type OrderFacts = Pick<
  Order,
  'node_id' | 'node_order_id' | 'status' | 'failure_reason' | 'failure_message'
>

const nodeOf = (order: OrderFacts): OrderFacts => ({
  node_id: order.node_id,
  node_order_id: order.node_order_id,
  status: order.status,
  failure_reason: order.failure_reason,
  failure_message: order.failure_message,
})

/** The node that was expanded: no order of its own, and the state its slices make together. */
function containerOf(node_id: string, slices: readonly OrderFacts[]): GraphNode {
  const status = togetherOf(slices.map((slice) => slice.status))
  const failed =
    status === 'REJECTED' || status === 'CANCELLED'
      ? slices.find(({ failure_reason }) => failure_reason !== null)
      : undefined
  return {
    node_id,
    node_order_id: null,
    status,
    failure_reason: failed?.failure_reason ?? null,
    failure_message: failed?.failure_message ?? null,
  }
}

function togetherOf(states: readonly OrderStatus[]): OrderStatus {
  const some = (...wanted: OrderStatus[]) => states.some((state) => wanted.includes(state))
  if (states.every((state) => state === 'FILLED')) return 'FILLED'
  if (some('FILLED', 'PARTIAL')) return 'PARTIAL'
  if (some('NEW', 'WAITING', 'WORKING')) return 'WORKING'
  return states.every((state) => state === 'REJECTED') ? 'REJECTED' : 'CANCELLED'
}

/** Nothing happens when the slice was cancelled, or its account was read anew, in the meantime. */
async function activate(
  core: Core,
  accounts: Accounts,
  account: Account,
  { order, intent }: Paced['slices'][number],
): Promise<void> {
  if (account.orders.get(order.node_order_id) !== order || order.status !== 'WAITING') return
  const dispatch = account.is_sandbox ? 'now' : 'hold'
  const { unsent, answered } = core.submit(account, intent, dispatch, order)
  if (unsent.length > 0) {
    await accounts.durable(account)
    await core.send(unsent)
  } else await answered
}

/** Puts a slice on record that is like the first, in its own size and not routed yet. */
function wait(core: Core, account: Account, first: Order, intent: OrderIntent): Order {
  const { node_id = first.node_id, qty_1e8, venue } = intent
  const node_order_id = `graph:${first.graph_id}:${node_id}:1`
  const order = { ...planned(first), node_order_id, node_id, qty_1e8: qty_1e8 ?? 0n, venue }
  core.apply(account, { type: 'wait', ts_ns: core.now_ns, order })
  const made = account.orders.get(node_order_id)
  if (made === undefined) throw new Error(`${node_order_id} is not on record.`)
  return made
}

const planned = (order: Order): NewOrder => ({
  node_order_id: order.node_order_id,
  graph_id: order.graph_id,
  node_id: order.node_id,
  symbol: order.symbol,
  instrument_type: order.instrument_type,
  side: order.side,
  order_type: order.order_type,
  tif: order.tif,
  venue: order.venue,
  qty_1e8: order.qty_1e8,
  limit_price_1e9: order.limit_price_1e9,
})

/** Equal slices of whole lots, rounded down; the last takes what is left over. */
function sliceSizes(total_1e8: bigint, num_slices: number, lot_1e8: bigint): bigint[] {
  const wrong = (field: string, message: string) =>
    new DeskError('invalid', message, [{ field, message }])
  if (total_1e8 % lot_1e8 !== 0n) {
    throw wrong('nodes[0].quantity.fixed.qty_1e8', 'quantity off the venue lot')
  }
  const each_1e8 = total_1e8 / BigInt(num_slices)
  const size_1e8 = each_1e8 - (each_1e8 % lot_1e8)
  if (size_1e8 === 0n) {
    const field = 'nodes[0].execution.pacing.uniform.num_slices'
    throw wrong(field, 'a slice would be smaller than the venue lot')
  }
  const last_1e8 = total_1e8 - size_1e8 * BigInt(num_slices - 1)
  return Array.from({ length: num_slices }, (_, nth) =>
    nth === num_slices - 1 ? last_1e8 : size_1e8,
  )
}

/** The finest lot among the venues the order may go to; without any, the guards refuse the first slice. */
function lotOf({ symbols }: Core, { symbol, venue }: OrderIntent): bigint {
  const listings = symbols.resolve(symbol)?.listings ?? []
  const pinned = listings.filter((listing) => listing.venue.id === venue)
  const lots = (pinned.length > 0 ? pinned : listings).map(
    ({ instrument }) => instrument.lot_size_1e8,
  )
  return lots.reduce((least, lot) => (lot < least ? lot : least), lots[0] ?? 1n)
}
