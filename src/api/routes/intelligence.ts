/**
 * Intelligence: the depth of a symbol over all venues, what sizes would cost, and where an order would go.
 *
 * Costs and legs are the router's own, by the desk's preview: the same sweep an order would make now.
 *
 * @see spec section 5.4
 * @module
 */

import type { Desk, OrderIntent, Preview, Principal } from '../../desk/contract.js'
import { parseDecimal } from '../../engine/decimal.js'
import type { Side } from '../../engine/instrument.js'
import { PRICE_SCALE } from '../../engine/units.js'
import { type ApiHono, mount } from '../endpoint.js'
import { invalidParams, notFound } from '../errors.js'
import type { Quotes, SymbolBook } from '../quotes.js'
import {
  bigInteger,
  bigIntegerOrNull,
  choice,
  countParam,
  human,
  humanNumber,
  param,
  z,
} from '../schema.js'

/** Sizes of the slippage curve, in USD. */
const NOTIONALS_USD = [1_000n, 10_000n, 100_000n, 1_000_000n] as const

const symbol = param('Symbol', 512)
const side = choice(['buy', 'sell'], 'Direction')

const depthQuery = z.object({
  symbol,
  levels: countParam({ min: 1, max: 20, byDefault: 10, description: 'Prices a side' }),
})

const price = z.object({
  price: human('Price'),
  size: human('Size of all venues'),
  venues: z.record(z.string(), z.unknown()).openapi({ description: 'Size by venue' }),
})

const depthAnswer = z
  .object({ symbol: z.string(), bids: z.array(price), asks: z.array(price) })
  .openapi('AggregatedDepth')

const slippageQuery = z.object({
  symbol,
  side: side.optional().openapi({ description: 'Direction. Default buy', default: 'buy' }),
})

const guard = z.object({ code: z.string(), message: z.string() })

const slippageAnswer = z
  .object({
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    curve: z.array(
      z.object({
        notional_usd: z.number().int(),
        qty_1e8: bigInteger('Quantity that much buys or sells at the best price'),
        avg_px_1e9: bigIntegerOrNull('Average price expected'),
        slippage_bps: z.number().openapi({
          description: 'Average price against the best, in basis points; worse is more',
        }),
        cost_bps: z.number().openapi({ description: 'Landed cost: book, fee, latency and age' }),
        unfilled_qty_1e8: bigInteger('Quantity no book can take'),
        guards: z.array(guard),
      }),
    ),
  })
  .openapi('SlippageCurve')

const routingQuery = z.object({
  symbol,
  side,
  qty: param('Quantity, human units', 64),
})

const routingAnswer = z
  .object({
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    qty_1e8: bigInteger('Quantity'),
    legs: z.array(
      z.object({
        venue: z.string(),
        qty_1e8: bigInteger('Quantity routed there'),
        avg_px_1e9: bigIntegerOrNull('Average price expected'),
        fee_bps: z.number(),
        latency_ms: z.number(),
        landed_cost_bps: z.number(),
      }),
    ),
    chosen: z.array(z.string()),
    est_cost_bps: z.number(),
    unfilled_qty_1e8: bigInteger('Quantity no book can take'),
    guards: z.array(guard),
  })
  .openapi('RoutingIntelligence')

export function mountIntelligence(
  app: ApiHono,
  { desk, quotes, body_limit }: { desk: Desk; quotes: Quotes; body_limit: number },
): void {
  mount(
    app,
    {
      method: 'get',
      path: '/v1/intelligence/depth',
      tag: 'Market data',
      summary: 'Books of all venues as one',
      description: 'Prices of live books, best first, with the size of each venue at each price.',
      needs: 'key',
      query: depthQuery,
      answer: depthAnswer,
      fails: [404],
      handle: ({ query }) => {
        const live = booksOf(query.symbol).filter((book) => book.live)
        return {
          symbol: query.symbol,
          bids: added(live, 'bids', query.levels),
          asks: added(live, 'asks', query.levels),
        }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/intelligence/slippage',
      tag: 'Market data',
      summary: 'What market orders of four sizes would cost now',
      description:
        'Of 1,000, 10,000, 100,000 and 1,000,000 USD, by the router itself. guards name what would refuse the order; balances do not matter here.',
      needs: 'key',
      query: slippageQuery,
      answer: slippageAnswer,
      fails: [404],
      handle: async ({ who, query }) => {
        const way = query.side ?? 'buy'
        const best_1e9 = bestOf(booksOf(query.symbol), way)
        const curve = []
        for (const usd of NOTIONALS_USD) {
          const wish = { ...marketOrder(query.symbol, way, who), notional_1e9: usd * PRICE_SCALE }
          const seen = await desk.preview(who, wish)
          curve.push({
            notional_usd: Number(usd),
            qty_1e8: seen.qty_1e8,
            avg_px_1e9: seen.est_avg_px_1e9,
            slippage_bps: slippageOf(seen, best_1e9),
            cost_bps: seen.est_cost_bps,
            unfilled_qty_1e8: seen.unfilled_qty_1e8,
            guards: seen.guards,
          })
        }
        return { symbol: query.symbol, side: way, curve }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/intelligence/routing',
      tag: 'Market data',
      summary: 'How the router would split a market order now',
      description:
        'The legs it would send and what they would cost. guards name what would refuse the order.',
      needs: 'key',
      query: routingQuery,
      answer: routingAnswer,
      fails: [404],
      handle: async ({ who, query }) => {
        booksOf(query.symbol)
        const qty_1e8 = quantityOf(query.qty)
        const wish = { ...marketOrder(query.symbol, query.side, who), qty_1e8 }
        const seen = await desk.preview(who, wish)
        return {
          symbol: query.symbol,
          side: query.side,
          qty_1e8: seen.qty_1e8,
          legs: seen.legs,
          chosen: seen.legs.map(({ venue }) => venue),
          est_cost_bps: seen.est_cost_bps,
          unfilled_qty_1e8: seen.unfilled_qty_1e8,
          guards: seen.guards,
        }
      },
    },
    { body_limit },
  )

  function booksOf(name: string): SymbolBook[] {
    const found = quotes.books(name)
    if (found === undefined) throw notFound(`unknown symbol ${name}`)
    return found
  }
}

/** A market order of no size yet. */
const marketOrder = (symbol: string, side: Side, { mode }: Principal): OrderIntent => ({
  graph_id: null,
  symbol,
  side,
  qty_1e8: null,
  notional_1e9: null,
  limit_price_1e9: null,
  venue: null,
  tif: null,
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
  max_slippage_bps: null,
  urgency: 'medium',
  policy: 'sor',
  horizon_ms: null,
  instrument_type: null,
  is_sandbox: mode === 'sandbox',
  max_notional_1e9: null,
  fingerprint: '',
})

const QTY_MAX_1E8 = 2n ** 63n - 1n

function quantityOf(text: string): bigint {
  const qty_1e8 = /^\d{1,20}(\.\d{1,20})?$/.test(text) ? parseDecimal(text, 8) : undefined
  if (qty_1e8 !== undefined && qty_1e8 > 0n && qty_1e8 <= QTY_MAX_1E8) return qty_1e8
  const message = 'must be a number more than 0'
  throw invalidParams(`qty: ${message}`, [{ field: 'qty', message }])
}

/** Sizes of several books at each price, best first. */
function added(books: readonly SymbolBook[], at: 'bids' | 'asks', levels: number) {
  const prices = new Map<bigint, { size_1e8: bigint; venues: Record<string, unknown> }>()
  for (const { venue, depth } of books) {
    for (const { price_1e9, qty_1e8 } of depth[at]) {
      const known = prices.get(price_1e9) ?? { size_1e8: 0n, venues: {} }
      prices.set(price_1e9, {
        size_1e8: known.size_1e8 + qty_1e8,
        venues: { ...known.venues, [venue]: humanNumber(qty_1e8, 8) },
      })
    }
  }
  const falls = at === 'bids'
  return [...prices]
    .sort(([a], [b]) => ((falls ? a > b : a < b) ? -1 : 1))
    .slice(0, levels)
    .map(([price_1e9, { size_1e8, venues }]) => ({
      price: humanNumber(price_1e9, 9),
      size: humanNumber(size_1e8, 8),
      venues,
    }))
}

/** Best price an order of this side could take; 0: there is none. */
function bestOf(books: readonly SymbolBook[], side: Side): bigint {
  let best = 0n
  for (const { depth, live } of books) {
    const price_1e9 = (side === 'buy' ? depth.asks : depth.bids)[0]?.price_1e9
    if (!live || price_1e9 === undefined) continue
    if (best === 0n || (side === 'buy' ? price_1e9 < best : price_1e9 > best)) best = price_1e9
  }
  return best
}

/** Basis points to four decimals; 0 where nothing can be taken. */
function slippageOf({ est_avg_px_1e9, side }: Preview, best_1e9: bigint): number {
  if (est_avg_px_1e9 === null || best_1e9 === 0n) return 0
  const worse = side === 'buy' ? est_avg_px_1e9 - best_1e9 : best_1e9 - est_avg_px_1e9
  return Number((worse * 100_000_000n) / best_1e9) / 1e4
}
