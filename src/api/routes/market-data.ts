/**
 * Market data: quotes, symbols, venues of a pair and fees.
 *
 * @see spec section 5
 * @module
 */

import type { Desk } from '../../desk/contract.js'
import { PRICE_SCALE } from '../../engine/units.js'
import type { Venue } from '../../venue/contract.js'
import type { Clock } from '../../world/world.js'
import { type ApiHono, mount } from '../endpoint.js'
import { notFound } from '../errors.js'
import type { Quote, Quotes } from '../quotes.js'
import {
  bigInteger,
  countParam,
  flag,
  flagParam,
  human,
  listParam,
  maybe,
  param,
  text,
  whole,
  z,
} from '../schema.js'

const nbbo = z.object({
  bid: human('0 when no venue shows a bid'),
  ask: human('0 when no venue shows an ask'),
  mid: human('0 when a side is missing or the best prices cross'),
  spread_bps: human('0 when a side is missing or the best prices cross'),
})

const quote = z
  .object({
    symbol: z.string(),
    nbbo,
    venues: z.record(
      z.string(),
      z.object({
        bid: human('Best bid'),
        ask: human('Best ask'),
        bid_size: human('Size at the best bid'),
        ask_size: human('Size at the best ask'),
        age_ms: z.number().int(),
      }),
    ),
    source: z.enum(['edge_nbbo', 'unavailable']),
    book: z
      .object({ bids: z.array(z.array(z.unknown())), asks: z.array(z.array(z.unknown())) })
      .optional()
      .openapi({ description: 'Merged book, rows of [price, size, venue], best first' }),
  })
  .openapi('Quote')

const symbolParam = z.object({ symbol: param('Symbol', 512) })
const depthParam = countParam({
  min: 0,
  max: 20,
  byDefault: 10,
  description: 'Rows a side of the merged book',
})

const quotesQuery = z.object({
  symbols: listParam('Comma-separated symbols; default all with a book').optional(),
  symbol: listParam('Alias of symbols').optional(),
  max_age_s: param('Drop symbols whose books changed longer ago; 0 drops all. Default 300')
    .regex(/^\d{1,12}(\.\d{1,9})?$/, 'must be a number of 0 or more')
    .optional()
    .openapi({ type: 'number', minimum: 0, default: 300 }),
})

const quoteList = z.object({ quotes: z.array(quote) }).openapi('Quotes')

const quoteQuery = z.object({
  depth: depthParam,
  nowait: flagParam(false, 'Accepted; feeds here are never cold'),
})

const quotesBatchBody = z
  .object({
    symbols: z
      .array(text({ max: 512, description: 'Symbol' }), {
        error: 'must be an array of symbols',
      })
      .min(1, 'must not be empty')
      .max(1_000, 'must not hold more than 1000 symbols'),
    depth: maybe(
      whole({ min: 0, max: 20, description: 'Rows a side of the merged book. Default 10' }),
    ),
    nowait: maybe(flag('Accepted; feeds here are never cold')),
    concurrency: maybe(whole({ min: 1, max: 256, description: 'Accepted; nothing is fetched' })),
  })
  .openapi('QuotesBatchRequest')

const quotesBatch = z
  .object({
    quotes: z.array(quote),
    errors: z.array(z.object({ symbol: z.string(), code: z.string(), message: z.string() })),
  })
  .openapi('QuotesBatch')

const symbolList = z
  .object({
    symbols: z.array(
      z.object({
        symbol: z.string(),
        type: z.enum(['spot', 'perp', 'prediction']),
        venues: z.array(z.string()),
        tick_size_1e9: bigInteger('Price step; 0 is unknown'),
        lot_size_1e8: bigInteger('Size step; 0 is unknown'),
        min_qty_1e8: bigInteger('Least quantity; 0 is none'),
        min_notional_1e9: bigInteger('Least price times quantity; 0 is none'),
      }),
    ),
  })
  .openapi('Symbols')

const pairVenues = z
  .object({
    symbol: z.string(),
    venues: z.array(z.object({ venue: z.string(), venue_symbol: z.string() })),
  })
  .openapi('PairVenues')

const feeTable = z
  .object({
    symbol: z.string(),
    venues: z.record(z.string(), z.object({ maker_bps: z.number(), taker_bps: z.number() })),
  })
  .openapi('Fees')

export interface MarketDataRoutes {
  readonly desk: Desk
  readonly quotes: Quotes
  readonly venues: readonly Venue[]
  readonly clock: Clock
  readonly body_limit: number
}

export function mountMarketData(
  app: ApiHono,
  { desk, quotes, venues, clock, body_limit }: MarketDataRoutes,
): void {
  const known = new Map(venues.map((venue) => [venue.id, venue]))

  mount(
    app,
    {
      method: 'get',
      path: '/v1/quotes',
      tag: 'Market data',
      summary: 'Quotes of many symbols',
      description:
        'Best prices over all live venues and per venue. max_age_s drops symbols whose books changed longer ago; 0 drops all.',
      needs: 'key',
      query: quotesQuery,
      answer: quoteList,
      handle: ({ query }) => {
        const wanted = query.symbols ?? query.symbol
        const max_age_ns = BigInt(Math.round(Number(query.max_age_s ?? '300') * 1e9))
        const oldest = clock.now_ns() - max_age_ns
        const names = wanted ?? desk.symbols().map(({ symbol }) => symbol)
        const rows = [...new Set(names)].flatMap((symbol) => {
          const changed = quotes.changed_ns(symbol)
          if (changed === undefined || changed <= oldest) return []
          const found = quotes.quote(symbol, 0)
          return found === undefined ? [] : [found]
        })
        return { quotes: rows }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/quotes/{symbol}',
      tag: 'Market data',
      summary: 'Quote of one symbol',
      description:
        'Best prices over all live venues, each venue by itself, and the merged book to the depth asked for. source is unavailable while no book is live.',
      needs: 'key',
      params: symbolParam,
      query: quoteQuery,
      answer: quote,
      fails: [404],
      handle: ({ params, query }) => {
        const found = quotes.quote(params.symbol, query.depth)
        if (found === undefined) throw notFound(`unknown symbol ${params.symbol}`)
        return found
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/quotes_batch',
      tag: 'Market data',
      summary: 'Quotes of many symbols; a bad symbol is a partial error',
      description:
        'At most 1000 symbols. Unknown ones are listed under errors; the others are answered.',
      needs: 'key',
      body: quotesBatchBody,
      answer: quotesBatch,
      handle: ({ body }) => {
        const found: Quote[] = []
        const errors: { symbol: string; code: string; message: string }[] = []
        for (const symbol of body.symbols) {
          const one = quotes.quote(symbol, body.depth ?? 10)
          if (one !== undefined) found.push(one)
          else errors.push({ symbol, code: 'NOT_FOUND', message: `unknown symbol ${symbol}` })
        }
        return { quotes: found, errors }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/symbols',
      tag: 'Market data',
      summary: 'All tradable instruments',
      description:
        'Steps and minimums are exact integers; where several venues list a symbol they are those of the first.',
      needs: 'key',
      answer: symbolList,
      handle: () => ({
        symbols: desk.symbols().map(({ symbol, kind, venues: at, instrument }) => ({
          symbol,
          type: kind === 'event' ? 'prediction' : kind,
          venues: at,
          tick_size_1e9: instrument.tick_size_1e9,
          lot_size_1e8: instrument.lot_size_1e8,
          min_qty_1e8: instrument.min_qty_1e8,
          min_notional_1e9: instrument.min_notional_1e9,
        })),
      }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/pairs/{symbol}/venues',
      tag: 'Market data',
      summary: 'Venues that serve a symbol',
      description: 'With the name that each venue itself uses.',
      needs: 'key',
      params: symbolParam,
      answer: pairVenues,
      fails: [404],
      handle: ({ params: { symbol } }) => ({
        symbol,
        venues: listingsOf(symbol).map(({ venue, instrument }) => ({
          venue,
          venue_symbol: instrument.venue_symbol,
        })),
      }),
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/fees/{symbol}',
      tag: 'Market data',
      summary: 'Maker and taker fees per venue',
      description:
        'In basis points of the notional; on event markets at the worst price of one half.',
      needs: 'key',
      params: symbolParam,
      answer: feeTable,
      fails: [404],
      handle: ({ params: { symbol } }) => ({
        symbol,
        venues: Object.fromEntries(
          listingsOf(symbol).flatMap(({ venue, instrument }) => {
            const fees = known.get(venue)?.fees
            if (fees === undefined) return []
            const price_1e9 = instrument.kind === 'event' ? PRICE_SCALE / 2n : PRICE_SCALE
            const bps = (liquidity: 'maker' | 'taker') =>
              fees.bps({ instrument, liquidity, price_1e9 })
            return [[venue, { maker_bps: bps('maker'), taker_bps: bps('taker') }]]
          }),
        ),
      }),
    },
    { body_limit },
  )

  function listingsOf(symbol: string) {
    const resolved = desk.resolveSymbol(symbol)
    if (resolved === undefined) throw notFound(`unknown symbol ${symbol}`)
    return resolved.listings
  }
}
