/**
 * Intent: an order body, simple or as a graph of one node, read into the desk's `OrderIntent`.
 *
 * Graphs of several nodes and edges are refused in words: this build runs one node, whole or paced.
 *
 * @see spec sections 4.2, 4.3
 * @module
 */

import { hash } from 'node:crypto'
import type { OrderIntent, Principal } from '../desk/contract.js'
import { canonicalJson } from '../wire/json.js'
import { type ErrorDetail, invalidBody } from './errors.js'
import { choice, decimal, flag, integer, maybe, text, whole, z } from './schema.js'
import type { VenueNames } from './venue-names.js'

const side = choice(['buy', 'sell'], 'Direction')
const urgency = choice(['low', 'medium', 'high'], 'Scales the weight of latency. Default medium')
const policy = choice(['sor', 'aggressive_chase'], 'How it is worked. Default sor')
const tif = choice(
  ['gtc', 'ioc', 'fok', 'gtd', 'post_only'],
  'Time in force. Default gtc for limit, ioc for market orders',
)
const slippage = whole({ min: 0, max: 10_000, description: 'Bound on a market order, in bps' })
const horizon = whole({ min: 1, max: 86_400_000, description: 'Time to work it, in milliseconds' })
const graphId = text({ max: 128, description: 'Idempotency key; made by the server when absent' })
const symbolText = text({
  max: 512,
  description:
    'BTC-USD, BTC-USD-PERP, a Kalshi ticker (:YES, :NO), a Polymarket slug, token id or event URL',
})
const pacing = z
  .object({
    uniform: z.object({
      num_slices: whole({ min: 1, max: 1000, description: 'Slices of equal size' }),
      interval_ms: whole({
        min: 1,
        max: 86_400_000,
        description: 'From one slice to the next, in milliseconds',
      }),
    }),
  })
  .openapi('Pacing')
const risk = z
  .object({
    admission: maybe(
      z.object({
        max_notional_usd: maybe(
          decimal({ decimals: 9, sign: 'positive', description: 'Refuse a larger order' }),
        ),
      }),
    ),
  })
  .openapi('GraphRisk')

const simpleOrder = z
  .object({
    symbol: symbolText,
    side,
    qty: maybe(decimal({ decimals: 8, sign: 'positive', description: 'Quantity, human units' })),
    notional: maybe(
      decimal({ decimals: 9, sign: 'positive', description: 'Size in USD; excludes qty' }),
    ),
    price: maybe(
      decimal({ decimals: 9, sign: 'positive', description: 'Limit price; absent: market order' }),
    ),
    venue: maybe(text({ max: 64, description: 'Pin to one venue; absent: smart routing' })),
    sandbox: maybe(flag('Run in the sandbox; a test key always does')),
    is_sandbox: maybe(flag('Same as sandbox; true in either wins')),
    graph_id: maybe(graphId),
    tif: maybe(tif),
    post_only: maybe(flag('Refuse to take liquidity')),
    reduce_only: maybe(flag('Refuse to grow a position')),
    expire_ts_ns: maybe(
      integer({ min: 1n, description: 'Expiry of a gtd order, ns since the epoch' }),
    ),
    max_slippage_bps: maybe(slippage),
    urgency: maybe(urgency),
    policy: maybe(policy),
    horizon_ms: maybe(horizon),
    instrument_type: maybe(choice(['spot', 'perp', 'prediction'], 'Default by symbol')),
    risk: maybe(risk),
  })
  .openapi('SimpleOrder')

const graphNode = z
  .object({
    node_id: text({ max: 64, description: 'Unique in the graph' }),
    instrument: z.object({
      symbol: symbolText,
      type: maybe(choice(['spot', 'perp', 'prediction'], 'Default by symbol')),
      venue: maybe(text({ max: 64, description: 'Pin to one venue' })),
    }),
    side,
    order_type: choice(['market', 'limit'], 'A limit order needs limit_price_1e9'),
    quantity: z.object({
      fixed: z.object({ qty_1e8: integer({ min: 1n, description: 'Quantity, times 1e8' }) }),
    }),
    limit_price_1e9: maybe(integer({ min: 1n, description: 'Limit price, times 1e9' })),
    execution: maybe(
      z.object({
        policy: maybe(policy),
        urgency: maybe(urgency),
        max_slippage_bps: maybe(slippage),
        horizon_ms: maybe(horizon),
        tif: maybe(tif),
        pacing: maybe(pacing),
      }),
    ),
    activation: maybe(choice(['root', 'wait'], 'Default root')),
  })
  .openapi('GraphNode')

const graphOrder = z
  .object({
    graph_id: maybe(graphId),
    nodes: z.array(graphNode, { error: 'must be an array of nodes' }).min(1, 'must not be empty'),
    edges: maybe(z.array(z.unknown())),
    risk: maybe(risk),
    sandbox: maybe(flag('Run in the sandbox; a test key always does')),
    is_sandbox: maybe(flag('Run in the sandbox; a test key always does')),
    metadata: z.unknown().optional(),
  })
  .openapi('GraphOrder')

type SimpleOrder = z.infer<typeof simpleOrder>
type GraphOrder = z.infer<typeof graphOrder>

/** Either form; a body with `nodes` is a graph, so that faults are told about the form meant. */
export const orderBody = z
  .custom<unknown>()
  .transform((value, context): SimpleOrder | GraphOrder => {
    const schema =
      typeof value === 'object' && value !== null && Object.hasOwn(value, 'nodes')
        ? graphOrder
        : simpleOrder
    const result = schema.safeParse(value)
    if (result.success) return result.data
    for (const { path, message } of result.error.issues) {
      context.addIssue({ code: 'custom', path, message })
    }
    return z.NEVER
  })

/** The union as OpenAPI shows it. */
export const orderBodyShown = z.union([simpleOrder, graphOrder])

/**
 * @throws ApiError 422 for what no single field shows: both sizes or none, a graph of several nodes.
 */
export function toIntent(
  body: SimpleOrder | GraphOrder,
  who: Principal,
  canonicalVenue: VenueNames,
): OrderIntent {
  const form = 'nodes' in body ? fromGraph(body) : fromSimple(body)
  const wish = { ...form, venue: form.venue === null ? null : canonicalVenue(form.venue) }
  const flagged = (body.is_sandbox ?? false) || (body.sandbox ?? false)
  const intent = { ...wish, is_sandbox: who.mode === 'sandbox' || flagged }
  const { graph_id: _, ...parameters } = intent
  const fingerprint = hash('sha256', canonicalJson(parameters))
  return { ...intent, fingerprint }
}

type Wish = Omit<OrderIntent, 'is_sandbox' | 'fingerprint'>

function fromSimple(order: SimpleOrder): Wish {
  const faults: ErrorDetail[] = []
  if ((order.qty == null) === (order.notional == null)) {
    faults.push({ field: 'qty', message: 'give either qty or notional' })
  }
  const post_only = (order.post_only ?? false) || order.tif === 'post_only'
  faults.push(...tifFaults({ ...order, post_only, price: order.price ?? null }, 'tif'))
  if (faults.length > 0) throw invalidBody(faults)
  return {
    graph_id: order.graph_id ?? null,
    symbol: order.symbol,
    side: order.side,
    qty_1e8: order.qty ?? null,
    notional_1e9: order.notional ?? null,
    limit_price_1e9: order.price ?? null,
    venue: order.venue ?? null,
    tif: order.tif ?? null,
    post_only,
    reduce_only: order.reduce_only ?? false,
    expire_ts_ns: order.expire_ts_ns ?? null,
    max_slippage_bps: order.max_slippage_bps ?? null,
    urgency: order.urgency ?? 'medium',
    policy: order.policy ?? 'sor',
    horizon_ms: order.horizon_ms ?? null,
    instrument_type: order.instrument_type ?? null,
    max_notional_1e9: order.risk?.admission?.max_notional_usd ?? null,
  }
}

function fromGraph(graph: GraphOrder): Wish {
  const [node, ...more] = graph.nodes
  if (node === undefined || more.length > 0 || (graph.edges?.length ?? 0) > 0) {
    throw invalidBody([
      {
        field: more.length > 0 ? 'nodes' : 'edges',
        message: 'graphs of one node are served; send each order of a larger graph by itself',
      },
    ])
  }
  const { execution } = node
  const faults: ErrorDetail[] = []
  const uniform = execution?.pacing?.uniform
  if (uniform !== undefined && execution?.policy === 'aggressive_chase') {
    faults.push({
      field: 'nodes[0].execution.policy',
      message: 'pacing goes with policy sor',
    })
  }
  if (node.activation === 'wait') {
    faults.push({
      field: 'nodes[0].activation',
      message: 'a node without an incoming edge is a root',
    })
  }
  if (node.order_type === 'limit' && node.limit_price_1e9 == null) {
    faults.push({ field: 'nodes[0].limit_price_1e9', message: 'a limit order needs a price' })
  }
  const price = node.order_type === 'limit' ? (node.limit_price_1e9 ?? null) : null
  const tif = execution?.tif ?? null
  const post_only = tif === 'post_only'
  faults.push(...tifFaults({ tif, post_only, price, expire_ts_ns: null }, 'nodes[0].execution.tif'))
  if (faults.length > 0) throw invalidBody(faults)
  return {
    graph_id: graph.graph_id ?? null,
    node_id: node.node_id,
    symbol: node.instrument.symbol,
    side: node.side,
    qty_1e8: node.quantity.fixed.qty_1e8,
    notional_1e9: null,
    limit_price_1e9: price,
    venue: node.instrument.venue ?? null,
    tif,
    post_only,
    reduce_only: false,
    expire_ts_ns: null,
    max_slippage_bps: execution?.max_slippage_bps ?? null,
    urgency: execution?.urgency ?? 'medium',
    policy: execution?.policy ?? 'sor',
    horizon_ms: execution?.horizon_ms ?? null,
    instrument_type: node.instrument.type ?? null,
    ...(uniform !== undefined && { pacing: uniform }),
    max_notional_1e9: graph.risk?.admission?.max_notional_usd ?? null,
  }
}

function tifFaults(
  order: {
    tif?: string | null | undefined
    post_only: boolean
    price: bigint | null
    expire_ts_ns?: bigint | null | undefined
  },
  field: string,
): ErrorDetail[] {
  const faults: ErrorDetail[] = []
  if (order.post_only && order.price === null) {
    faults.push({ field, message: 'a post-only order needs a limit price' })
  }
  if (order.post_only && (order.tif === 'ioc' || order.tif === 'fok')) {
    faults.push({ field, message: `${order.tif} takes liquidity, post_only refuses to` })
  }
  if (order.tif === 'gtd') {
    if (order.price === null) faults.push({ field, message: 'a gtd order needs a limit price' })
    if (order.expire_ts_ns == null)
      faults.push({ field, message: 'a gtd order needs expire_ts_ns' })
  }
  return faults
}
