/**
 * Markets: discovery, settlement and redemption of prediction markets.
 *
 * @see spec section 6
 * @module
 */

import type { Desk } from '../../desk/contract.js'
import type { Venue } from '../../venue/contract.js'
import { type ApiHono, mount } from '../endpoint.js'
import { invalidParams, notFound } from '../errors.js'
import { marketRow, settlementRow } from '../market-row.js'
import { bigInteger, bigIntegerOrNull, countParam, flagParam, param, z } from '../schema.js'
import type { VenueNames } from '../venue-names.js'

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
    close_ts_ns: bigIntegerOrNull('When trading ends'),
    resolved_outcome: z.enum(['YES', 'NO']).nullable(),
  })
  .openapi('Market')

const marketsQuery = z.object({
  venue: param('Prediction venue; default the first that is listed', 64).optional(),
  slug: param('One market: slug or ticker').optional(),
  q: param('Free text over ticker and event').optional(),
  tag: param('Event or series').optional(),
  active: flagParam(true, 'Markets that trade now'),
  closed: flagParam(false, 'Include resolved markets'),
  limit: countParam({ min: 1, max: 1_000, byDefault: 20, description: 'Most rows' }),
  offset: countParam({ min: 0, max: 1_000_000, byDefault: 0, description: 'Rows to skip' }),
  cursor: param('From the page before').optional(),
})

const marketList = z
  .object({ markets: z.array(market), next_cursor: z.string().nullable() })
  .openapi('Markets')

const settlement = z
  .object({
    slug: z.string(),
    venue: z.string(),
    status: z.enum(['active', 'closed', 'resolved']),
    resolved_outcome: z.enum(['YES', 'NO']).nullable(),
    settled_mark_usd_1e9: bigIntegerOrNull('Value of YES'),
    mode: z.enum(['auto_settled', 'relayer_submitted']),
  })
  .openapi('Settlement')

const marketSlug = z.object({ slug: param('Market slug or ticker') })

const marketVenue = z.object({ venue: param('Venue of the market', 64).optional() })

const redeemed = z
  .object({
    slug: z.string(),
    venue: z.string(),
    mode: z.enum(['auto_settled', 'relayer_submitted']),
    redeemed_qty_1e8: bigInteger('Contracts redeemed'),
    payout_usd_1e9: bigInteger('Paid out'),
  })
  .openapi('Redeemed')

export interface MarketRoutes {
  readonly desk: Desk
  readonly venues: readonly Venue[]
  readonly canonicalVenue: VenueNames
  readonly body_limit: number
}

export function mountMarkets(
  app: ApiHono,
  { desk, venues, canonicalVenue, body_limit }: MarketRoutes,
): void {
  const predictive = venues.filter(({ capabilities }) => capabilities.kinds.includes('event'))

  mount(
    app,
    {
      method: 'get',
      path: '/v1/markets',
      tag: 'Prediction markets',
      summary: 'Discovery of prediction markets',
      description:
        'Filter by slug, event or text. active and closed together select trading markets, resolved ones or all; walk on with next_cursor.',
      needs: 'key',
      query: marketsQuery,
      answer: marketList,
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
      description:
        'resolved_outcome is null while it trades, and for a void or scalar value, which settled_mark_usd_1e9 tells.',
      needs: 'key',
      params: marketSlug,
      query: marketVenue,
      answer: settlement,
      fails: [404],
      handle: ({ params, query }) => {
        const listing = desk
          .resolveSymbol(params.slug)
          ?.listings.find(
            ({ venue, instrument }) =>
              instrument.kind === 'event' && (query.venue === undefined || venue === query.venue),
          )
        if (listing === undefined) throw notFound(`no market ${params.slug}`)
        return settlementRow(desk, listing.venue, listing.instrument)
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/markets/{slug}/redeem',
      tag: 'Prediction markets',
      summary: 'Redeem a resolved market',
      description:
        'Pays the holder of outcome tokens. Where the venue pays by itself the answer tells what was paid. 409 before the market is resolved, 404 with nothing to redeem.',
      needs: 'key',
      params: marketSlug,
      query: marketVenue,
      answer: redeemed,
      fails: [404, 409, 503],
      handle: ({ who, params, query }) => {
        const venue = query.venue ?? desk.resolveSymbol(params.slug)?.listings[0]?.venue
        if (venue === undefined) {
          throw invalidParams('venue: say at which venue the market is', [
            { field: 'venue', message: `${params.slug} is listed nowhere` },
          ])
        }
        return desk.redeem(who, canonicalVenue(venue), params.slug)
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
      return [{ ...marketRow(desk, at, instrument), event: event?.event_symbol ?? symbol }]
    })
  }
}

function cursorOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [, digits] = /^c(\d{1,9})$/.exec(cursor) ?? []
  if (digits === undefined) throw invalidParams('cursor: not from a page of this list')
  return Number(digits)
}
