/**
 * Positions: one row shape for cash, coins, perps and event contracts.
 *
 * @see spec section 3
 * @module
 */

import type { Desk, PositionKind } from '../../desk/contract.js'
import { type ApiHono, mount } from '../endpoint.js'
import { invalidParams } from '../errors.js'
import { bigInteger, bigIntegerOrNull, flagParam, listParam, z } from '../schema.js'
import type { VenueNames } from '../venue-names.js'

const KINDS: readonly string[] = ['fiat', 'crypto', 'perp', 'event_contract']

const query = z.object({
  venues: listParam('Comma-separated venues; default all').optional(),
  kinds: listParam('Comma-separated: fiat, crypto, perp, event_contract; default all').optional(),
  include_closed: flagParam(false, 'Also return closed and redeemed rows'),
})

const instrument = z
  .object({
    kind: z.enum(['fiat', 'crypto', 'perp', 'event_contract']),
    symbol: z.string(),
    market_slug: z.string().optional(),
    outcome: z.enum(['YES', 'NO']).optional(),
    token_id: z.string().nullable().optional(),
  })
  .openapi('PositionInstrument')

const positionRow = z
  .object({
    id: z.number().int(),
    venue: z.string(),
    instrument,
    qty_1e8: bigInteger('Signed for perps'),
    locked_qty_1e8: bigInteger('Reserved by open orders, or margin'),
    available_qty_1e8: bigInteger('Quantity that is not locked'),
    entry_price_usd_1e9: bigInteger('Average entry price'),
    current_price_usd_1e9: bigInteger('Mark price'),
    current_value_usd_1e9: bigInteger('Quantity times mark'),
    unrealized_pnl_usd_1e9: bigInteger('Quantity times mark minus entry'),
    realized_pnl_usd_1e9: bigInteger('Gross of fees'),
    fees_usd_1e9: bigInteger('Fees paid so far'),
    lifecycle: z.object({ state: z.enum(['active', 'resolved', 'closed', 'redeemed']) }),
    transferable: z.boolean(),
    settled: z.boolean(),
    settled_mark_usd_1e9: bigIntegerOrNull('Value per contract once settled'),
  })
  .openapi('Position')

const positionList = z.object({ positions: z.array(positionRow) }).openapi('Positions')

const synced = z.object({ synced: z.boolean(), venues: z.array(z.string()) }).openapi('Sync')

export function mountPositions(
  app: ApiHono,
  {
    desk,
    canonicalVenue,
    body_limit,
  }: { desk: Desk; canonicalVenue: VenueNames; body_limit: number },
): void {
  mount(
    app,
    {
      method: 'get',
      path: '/v1/positions',
      tag: 'Portfolio',
      summary: 'Positions of the mode of the key',
      description: 'A test key sees sandbox rows only, a live key live rows only.',
      needs: 'key',
      query,
      answer: positionList,
      handle: async ({ who, query: { venues, kinds, include_closed } }) => {
        const strange = kinds?.find((kind) => !KINDS.includes(kind))
        if (strange !== undefined) {
          throw invalidParams(`kinds: unknown kind ${strange}`, [
            { field: 'kinds', message: `must be of ${KINDS.join(', ')}` },
          ])
        }
        const positions = await desk.positions(who, {
          venues: venues === undefined || venues.length === 0 ? null : venues.map(canonicalVenue),
          kinds: kinds === undefined || kinds.length === 0 ? null : (kinds as PositionKind[]),
          include_closed,
        })
        return { positions }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'post',
      path: '/v1/positions/sync',
      tag: 'Portfolio',
      summary: 'Reconcile live positions with the venues; nothing to pull in the sandbox',
      description:
        'A live key pulls balances and positions from every connected venue; the venues that answered are named.',
      needs: 'key',
      answer: synced,
      handle: ({ who }) => desk.sync(who),
    },
    { body_limit },
  )
}
