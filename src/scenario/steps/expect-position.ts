/**
 * Expect position: what a client owns of one thing at one venue.
 *
 * @module
 */

import { z } from 'zod'
import { signedQty } from '../../control/amount.js'
import { principalOf } from '../../control/target.js'
import type { PositionRow } from '../../desk/contract.js'
import { amountText, type Bound, bound, boundText, within } from '../bound.js'
import { defineStep } from '../step.js'

export const expectPosition = defineStep({
  name: 'expect-position',
  about: "checks a client's balance or position",
  input: z.strictObject({
    as: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    venue: z.string(),
    /** An asset, a perp, or `MARKET:YES`. */
    symbol: z.string(),
    qty: bound(signedQty).optional(),
    available: bound(signedQty).optional(),
    locked: bound(signedQty).optional(),
    lifecycle: z.enum(['active', 'resolved', 'closed', 'redeemed']).optional(),
  }),
  run: async (context, { as, mode, venue, symbol, ...wanted }) => {
    const client = await context.client(as, mode)
    const rows = await context.host.target.desk.positions(
      principalOf(context.host.target, client.client_id, mode),
      { venues: [venue], kinds: null, include_closed: true },
    )
    const row = rows.find((one) => one.venue === venue && nameOf(one) === symbol)
    const check = (name: string, got: bigint, bounds: Bound | undefined): void => {
      if (bounds === undefined) return
      context.expect(
        `${name} of ${symbol} at ${venue}`,
        boundText(bounds, 8),
        amountText(got, 8),
        within(got, bounds),
      )
    }
    check('qty', row?.qty_1e8 ?? 0n, wanted.qty)
    check('available', row?.available_qty_1e8 ?? 0n, wanted.available)
    check('locked', row?.locked_qty_1e8 ?? 0n, wanted.locked)
    if (wanted.lifecycle !== undefined) {
      const got = row?.lifecycle.state ?? null
      context.expect(
        `lifecycle of ${symbol} at ${venue}`,
        wanted.lifecycle,
        got,
        got === wanted.lifecycle,
      )
    }
    return row ?? null
  },
})

/** How a story names a row. */
export function nameOf({ instrument }: PositionRow): string {
  return instrument.kind === 'event_contract' && !/:(YES|NO)$/.test(instrument.symbol)
    ? `${instrument.symbol}:${instrument.outcome}`
    : instrument.symbol
}
