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
import { invalidParams, notFound } from '../errors.js'
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
      needs: 'key',
      query: z.object({
        symbols: listParam('Comma-separated symbols; default all with a book').optional(),
        symbol: listParam('Alias of symbols').optional(),
        max_age_s: param('Drop symbols whose books changed longer ago; 0 drops all. Default 300')
          .regex(/^\d{1,12}(\.\d{1,9})?$/, 'must be a number of 0 or more')
          .optional()
          .openapi({ type: 'number', minimum: 0, default: 300 }),
      }),
      answer: z.object({ quotes: z.array(quote) }).openapi('Quotes'),
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
      needs: 'key',
      params: symbolParam,
      query: z.object({
        depth: depthParam,
        nowait: flagParam(false, 'Accepted; feeds here are never cold'),
      }),
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
      needs: 'key',
      body: z
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
          concurrency: maybe(
            whole({ min: 1, max: 256, description: 'Accepted; nothing is fetched' }),
          ),
        })
        .openapi('QuotesBatchRequest'),
      answer: z
        .object({
          quotes: z.array(quote),
          errors: z.array(z.object({ symbol: z.string(), code: z.string(), message: z.string() })),
        })
        .openapi('QuotesBatch'),
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
      needs: 'key',
      answer: z
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
        .openapi('Symbols'),
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
      needs: 'key',
      params: symbolParam,
      answer: z
        .object({
          symbol: z.string(),
          venues: z.array(z.object({ venue: z.string(), venue_symbol: z.string() })),
        })
        .openapi('PairVenues'),
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
      answer: z
        .object({
          symbol: z.string(),
          venues: z.record(z.string(), z.object({ maker_bps: z.number(), taker_bps: z.number() })),
        })
        .openapi('Fees'),
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

  mountMarkets(app, { desk, venues, body_limit })
}

const market = z
  .object({
    venue: z.string(),
    slug: z.string(),
    ticker: z.string(),
    question: z.string(),
    outcomes: z.array(
      z.object({
        outcome: z.enum(['YES', 'NO']),
        token_id: z.string().nullable(),
        symbol: z.string(),
      }),
    ),
    status: z.enum(['active', 'closed', 'resolved']),
    close_ts_ns: bigInteger('When trading ends').nullable(),
    resolved_outcome: z.enum(['YES', 'NO']).nullable(),
  })
  .openapi('Market')

function mountMarkets(
  app: ApiHono,
  { desk, venues, body_limit }: { desk: Desk; venues: readonly Venue[]; body_limit: number },
): void {
  const predictive = venues.filter(({ capabilities }) => capabilities.kinds.includes('event'))

  mount(
    app,
    {
      method: 'get',
      path: '/v1/markets',
      tag: 'Prediction markets',
      summary: 'Discovery of prediction markets',
      needs: 'key',
      query: z.object({
        venue: param('Prediction venue; default the first that is listed', 64).optional(),
        slug: param('One market: slug or ticker').optional(),
        q: param('Free text over ticker and event').optional(),
        tag: param('Event or series').optional(),
        active: flagParam(true, 'Markets that trade now'),
        closed: flagParam(false, 'Include resolved markets'),
        limit: countParam({ min: 1, max: 1_000, byDefault: 20, description: 'Most rows' }),
        offset: countParam({ min: 0, max: 1_000_000, byDefault: 0, description: 'Rows to skip' }),
        cursor: param('From the page before').optional(),
      }),
      answer: z
        .object({ markets: z.array(market), next_cursor: z.string().nullable() })
        .openapi('Markets'),
      handle: ({ query }) => {
        const at = query.venue ?? defaultVenue()
        if (!predictive.some(({ id }) => id === at)) {
          throw invalidParams(`venue: ${at} has no prediction markets`, [
            {
              field: 'venue',
              message: `must be one of ${predictive.map(({ id }) => id).join(', ')}`,
            },
          ])
        }
        const start = query.offset + cursorOf(query.cursor)
        const needle = query.q?.toLowerCase()
        const rows = marketsOf(at).filter(
          (row) =>
            (query.slug === undefined || row.slug === query.slug || row.event === query.slug) &&
            (query.tag === undefined || row.event.startsWith(query.tag)) &&
            (needle === undefined || `${row.slug} ${row.event}`.toLowerCase().includes(needle)) &&
            ((row.status === 'active' && query.active) ||
              (row.status !== 'active' && query.closed)),
        )
        const page = rows.slice(start, start + query.limit)
        const more = start + page.length < rows.length
        return {
          markets: page.map(({ event: _, ...row }) => row),
          next_cursor: more ? `c${start + page.length - query.offset}` : null,
        }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/settlement/{slug}',
      tag: 'Prediction markets',
      summary: 'Whether a market is resolved, and to what',
      needs: 'key',
      params: z.object({ slug: param('Market slug or ticker') }),
      query: z.object({ venue: param('Venue of the market', 64).optional() }),
      answer: z
        .object({
          slug: z.string(),
          venue: z.string(),
          status: z.enum(['active', 'closed', 'resolved']),
          resolved_outcome: z.enum(['YES', 'NO']).nullable(),
          settled_mark_usd_1e9: bigInteger('Value of YES').nullable(),
          mode: z.enum(['auto_settled', 'relayer_submitted']),
        })
        .openapi('Settlement'),
      fails: [404],
      handle: ({ params, query }) => {
        const listing = desk
          .resolveSymbol(params.slug)
          ?.listings.find(
            ({ venue, instrument }) =>
              instrument.kind === 'event' && (query.venue === undefined || venue === query.venue),
          )
        if (listing === undefined) throw notFound(`no market ${params.slug}`)
        const { venue, instrument } = listing
        const value = desk.resolution(venue, instrument.symbol)
        return {
          slug: instrument.symbol,
          venue,
          ...outcomeOf(value),
          settled_mark_usd_1e9: value ?? null,
          mode: instrument.event?.yes_token == null ? 'auto_settled' : 'relayer_submitted',
        }
      },
    },
    { body_limit },
  )

  /** The original's default is the venue whose outcomes are tokens. */
  function defaultVenue(): string | undefined {
    const tokens = predictive.find(({ instruments }) =>
      instruments.some(({ event }) => event?.yes_token != null),
    )
    return (tokens ?? predictive[0])?.id
  }

  function marketsOf(at: string | undefined) {
    return desk.symbols().flatMap(({ venues: where, instrument }) => {
      if (instrument.kind !== 'event' || at === undefined || !where.includes(at)) return []
      const { symbol, event } = instrument
      return [
        {
          venue: at,
          slug: symbol,
          ticker: instrument.venue_symbol,
          question: event?.event_symbol ?? symbol,
          outcomes: [
            { outcome: 'YES', token_id: event?.yes_token ?? null, symbol: `${symbol}:YES` },
            { outcome: 'NO', token_id: event?.no_token ?? null, symbol: `${symbol}:NO` },
          ],
          ...outcomeOf(desk.resolution(at, symbol)),
          close_ts_ns: null,
          event: event?.event_symbol ?? symbol,
        },
      ]
    })
  }
}

/** A value between is a void or a scalar: resolved to neither. */
function outcomeOf(yes_value_1e9: bigint | undefined) {
  if (yes_value_1e9 === undefined) return { status: 'active' as const, resolved_outcome: null }
  const resolved_outcome =
    yes_value_1e9 === PRICE_SCALE ? ('YES' as const) : yes_value_1e9 === 0n ? ('NO' as const) : null
  return { status: 'resolved' as const, resolved_outcome }
}

function cursorOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [, digits] = /^c(\d{1,9})$/.exec(cursor) ?? []
  if (digits === undefined) throw invalidParams('cursor: not from a page of this list')
  return Number(digits)
}
