/**
 * Orders: submit, read, amend, cancel, preview; execution graphs of one node, whole or paced; fills; the
 * kill switch.
 *
 * A refused order is an answer (200, `REJECTED` with its reason): it exists and can be read. A malformed
 * body is a 4xx and leaves nothing behind.
 *
 * @see spec section 4
 * @module
 */

import type { Desk, OrderStatus } from '../../desk/contract.js'
import type { World } from '../../world/world.js'
import { type ApiHono, mount } from '../endpoint.js'
import { invalidBody, notFound } from '../errors.js'
import type { FlaggedOrders } from '../flagged.js'
import { orderBody, orderBodyShown, toIntent } from '../intent.js'
import {
  bigInteger,
  bigIntegerOrNull,
  countParam,
  decimal,
  flag,
  maybe,
  param,
  z,
} from '../schema.js'
import type { VenueNames } from '../venue-names.js'

const STATUSES = [
  'NEW',
  'WAITING',
  'WORKING',
  'PARTIAL',
  'FILLED',
  'CANCELLED',
  'REJECTED',
  'EXPIRED',
] as const satisfies readonly OrderStatus[]

const status = z.enum(STATUSES)

const graphResponse = z
  .object({
    graph_id: z.string(),
    status: z.enum(['ACCEPTED', 'REJECTED']),
    is_sandbox: z.boolean(),
    nodes: z.array(
      z.object({
        node_id: z.string(),
        node_order_id: z.string().nullable(),
        status,
        failure_reason: z.string().nullable(),
        failure_message: z.string().nullable(),
      }),
    ),
    edges: z.array(
      z.object({
        edge_id: z.string(),
        from_node: z.string(),
        to_node: z.string(),
        trigger: z.object({ on_timeout: z.object({ ms: z.number() }) }),
      }),
    ),
    created_at_ns: bigInteger('Nanoseconds since the Unix epoch'),
  })
  .openapi('Graph')

const leg = z
  .object({
    venue: z.string(),
    qty_1e8: bigInteger('Quantity routed there'),
    avg_px_1e9: bigIntegerOrNull('Average price expected'),
    fee_bps: z.number(),
    latency_ms: z.number(),
    landed_cost_bps: z.number(),
  })
  .openapi('RoutingLeg')

const order = z
  .object({
    node_order_id: z.string(),
    graph_id: z.string(),
    node_id: z.string(),
    symbol: z.string(),
    instrument_type: z.enum(['spot', 'perp', 'prediction']),
    side: z.enum(['buy', 'sell']),
    order_type: z.enum(['market', 'limit']),
    tif: z.string(),
    venue: z.string().nullable(),
    qty_1e8: bigInteger('Quantity'),
    filled_qty_1e8: bigInteger('Filled so far'),
    limit_price_1e9: bigIntegerOrNull('Limit price'),
    avg_fill_price_1e9: bigIntegerOrNull('Average fill price'),
    fees_usd_1e9: bigInteger('Fees so far'),
    status,
    failure_reason: z.string().nullable(),
    failure_message: z.string().nullable(),
    is_sandbox: z.boolean(),
    routing_version: z.literal(1),
    routing: z.array(leg),
    children: z.array(
      z.object({
        child_id: z.string(),
        venue: z.string(),
        qty_1e8: bigInteger('Quantity'),
        filled_qty_1e8: bigInteger('Filled so far'),
        status,
      }),
    ),
    created_at_ns: bigInteger('Nanoseconds since the Unix epoch'),
    updated_at_ns: bigInteger('Nanoseconds since the Unix epoch'),
  })
  .openapi('Order')

const fill = z
  .object({
    fill_id: z.string(),
    node_order_id: z.string(),
    graph_id: z.string(),
    venue: z.string(),
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    px_1e9: bigInteger('Price'),
    qty_1e8: bigInteger('Quantity'),
    fee_usd_1e9: bigInteger('Fee; negative is a rebate'),
    liquidity: z.enum(['maker', 'taker']),
    queue_ahead_1e8: bigIntegerOrNull('Quantity that was ahead in the queue'),
    is_sandbox: z.boolean(),
    ts_ns: bigInteger('Nanoseconds since the Unix epoch'),
    explanation: z.unknown(),
  })
  .openapi('Fill')

const preview = z
  .object({
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    qty_1e8: bigInteger('Quantity'),
    legs: z.array(leg),
    est_avg_px_1e9: bigIntegerOrNull('Average price expected'),
    est_fee_usd_1e9: bigInteger('Fees expected'),
    est_cost_bps: z.number(),
    unfilled_qty_1e8: bigInteger('Quantity no book can take'),
    guards: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .openapi('Preview')

const amendBody = z
  .object({
    new_price: maybe(decimal({ decimals: 9, sign: 'positive', description: 'New limit price' })),
    new_qty: maybe(decimal({ decimals: 8, sign: 'positive', description: 'New total quantity' })),
    decrease_by: maybe(
      decimal({
        decimals: 8,
        sign: 'positive',
        description: 'Take this much off; keeps the queue place',
      }),
    ),
  })
  .openapi('Amend')

const ordersQuery = z.object({
  symbol: param('Only this symbol').optional(),
  status: status.optional(),
  venue: param('Only orders routed there', 64).optional(),
  graph_id: param('Only this graph').optional(),
  limit: countParam({ min: 1, max: 1_000, byDefault: 100, description: 'Most rows' }),
})

const orderList = z.object({ orders: z.array(order) }).openapi('Orders')

const amendedOrder = order
  .extend({ mode: z.enum(['native_atomic', 'cancel_replace']) })
  .openapi('AmendedOrder')

const fillsQuery = z.object({
  symbol: param('Only this symbol').optional(),
  limit: countParam({ min: 1, max: 1_000, byDefault: 100, description: 'Most rows' }),
})

const fillList = z.object({ fills: z.array(fill) }).openapi('Fills')

const killSwitchBody = z.object({ enabled: flag('On stops trading') }).openapi('KillSwitchRequest')

const killSwitch = z.object({ enabled: z.boolean() }).openapi('KillSwitch')

const orderId = z.object({
  node_order_id: param('Order id: graph:<graph_id>:<node_id>:<seq>', 512),
})

const graphId = z.object({ graph_id: param('Graph id') })

export interface OrderRoutes {
  readonly desk: Desk
  readonly world: World
  readonly flagged: FlaggedOrders
  readonly canonicalVenue: VenueNames
  readonly body_limit: number
}

export function mountOrders(
  app: ApiHono,
  { desk, world, flagged, canonicalVenue, body_limit }: OrderRoutes,
): void {
  const ids = world.ids('api/graph')

  mount(
    app,
    {
      method: 'post',
      path: '/v1/orders',
      tag: 'Orders',
      summary: 'Submit an order, simple or as a one-node execution graph',
      description:
        'graph_id is the idempotency key: the same id with the same parameters answers the first order again; with others, 409. Paced orders become a container node and one node a slice; slices still waiting when the server stops are cancelled.',
      needs: 'key',
      body: orderBody,
      body_shown: orderBodyShown,
      answer: graphResponse,
      fails: [409, 503],
      handle: ({ who, body }) => {
        const intent = toIntent(body, who, canonicalVenue)
        if (who.mode === 'sandbox' || !intent.is_sandbox) return desk.submit(who, intent)
        // A live key's sandbox order shows on that key's stream, so its graph is named before it starts.
        const graph_id = intent.graph_id ?? `graph_${ids.uuid()}`
        flagged.add(who, graph_id)
        return desk.submit(who, { ...intent, graph_id })
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/orders/preview',
      tag: 'Orders',
      summary: 'How an order would be routed and what it would cost, without submitting it',
      description: 'A paced order is shown as if it were sent whole.',
      needs: 'key',
      body: orderBody,
      body_shown: orderBodyShown,
      answer: preview,
      handle: ({ who, body }) => desk.preview(who, toIntent(body, who, canonicalVenue)),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/orders',
      tag: 'Orders',
      summary: 'Own orders of the mode of the key, newest first',
      description: 'A live key also sees the sandbox orders it sent itself.',
      needs: 'key',
      query: ordersQuery,
      answer: orderList,
      handle: async ({ who, query }) => {
        const filter = {
          limit: query.limit,
          ...(query.symbol !== undefined && { symbol: query.symbol }),
          ...(query.status !== undefined && { status: query.status }),
          ...(query.venue !== undefined && { venue: canonicalVenue(query.venue) }),
          ...(query.graph_id !== undefined && { graph_id: query.graph_id }),
        }
        const own = await desk.orders(who, filter)
        if (!flagged.any(who)) return { orders: own }
        const paper = await desk.orders({ ...who, mode: 'sandbox' }, filter)
        const sent = paper.filter(({ graph_id }) => flagged.has(who, graph_id))
        const newestFirst = [...own, ...sent].sort((a, b) =>
          a.created_at_ns < b.created_at_ns ? 1 : a.created_at_ns > b.created_at_ns ? -1 : 0,
        )
        return { orders: newestFirst.slice(0, query.limit) }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/orders/{node_order_id}',
      tag: 'Orders',
      summary: 'One order',
      description: 'With its routing and the state of each child at its venue.',
      needs: 'key',
      params: orderId,
      answer: order,
      fails: [404],
      handle: async ({ who, params }) => {
        const found = await desk.order(who, params.node_order_id)
        if (found === undefined) throw notFound(`no order ${params.node_order_id}`)
        return found
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'delete',
      path: '/v1/orders/{node_order_id}',
      tag: 'Orders',
      summary: 'Cancel an order, by its id or its graph id',
      description:
        'Answers the order as it stands; a venue may still tell of a fill that came first. 409 when it ended before, 503 while the venue does not confirm.',
      needs: 'key',
      params: orderId,
      answer: order,
      fails: [404, 409, 503],
      handle: ({ who, params }) => desk.cancel(who, params.node_order_id),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'patch',
      path: '/v1/orders/{node_order_id}',
      tag: 'Orders',
      summary: 'Amend price or quantity, or decrease the quantity',
      description:
        'Give new_price, new_qty or both, or decrease_by alone. A pure decrease keeps the place in the queue.',
      needs: 'key',
      params: orderId,
      body: amendBody,
      answer: amendedOrder,
      fails: [404, 409, 503],
      handle: async ({ who, params, body: { new_price, new_qty, decrease_by } }) => {
        if (new_price == null && new_qty == null && decrease_by == null) {
          throw invalidBody([
            { field: 'new_price', message: 'give new_price, new_qty or decrease_by' },
          ])
        }
        if (decrease_by != null && (new_price != null || new_qty != null)) {
          throw invalidBody([
            { field: 'decrease_by', message: 'cannot be combined with new_price or new_qty' },
          ])
        }
        const amended = await desk.amend(who, params.node_order_id, {
          ...(new_price != null && { new_price_1e9: new_price }),
          ...(new_qty != null && { new_qty_1e8: new_qty }),
          ...(decrease_by != null && { decrease_by_1e8: decrease_by }),
        })
        return { ...amended.order, mode: amended.mode }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/execution_graphs/{graph_id}',
      tag: 'Orders',
      summary: 'An execution graph with its edges and the states of its nodes',
      description:
        'A simple order is a graph of one node; a paced one has a container and a node a slice.',
      needs: 'key',
      params: graphId,
      answer: graphResponse,
      fails: [404],
      handle: async ({ who, params }) => {
        const found = await desk.graph(who, params.graph_id)
        if (found === undefined) throw notFound(`no execution graph ${params.graph_id}`)
        return found
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'delete',
      path: '/v1/execution_graphs/{graph_id}',
      tag: 'Orders',
      summary: 'Cancel an execution graph, slices that wait included',
      description: 'Answers the graph as it stands afterwards.',
      needs: 'key',
      params: graphId,
      answer: graphResponse,
      fails: [404, 409, 503],
      handle: async ({ who, params }) => {
        const known = await desk.graph(who, params.graph_id)
        if (known === undefined) throw notFound(`no execution graph ${params.graph_id}`)
        await desk.cancel(who, params.graph_id)
        return (await desk.graph(who, params.graph_id)) ?? known
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/fills',
      tag: 'Orders',
      summary: 'Fills of the mode of the key, newest first',
      description:
        'Fees are in USD; a negative fee is a rebate. Simulated fills carry their bounds and their rule in explanation.',
      needs: 'key',
      query: fillsQuery,
      answer: fillList,
      handle: async ({ who, query: { symbol, limit } }) => ({
        fills: await desk.fills(who, { limit, ...(symbol !== undefined && { symbol }) }),
      }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'put',
      path: '/v1/kill_switch',
      tag: 'Orders',
      summary:
        'Stop trading of this client and mode: cancels working orders, refuses new ones with 409',
      description: 'Off again with enabled false. The other mode of the client goes on.',
      needs: 'key',
      body: killSwitchBody,
      answer: killSwitch,
      fails: [503],
      handle: ({ who, body }) => desk.killSwitch(who, body.enabled),
    },
    { body_limit },
  )
}
