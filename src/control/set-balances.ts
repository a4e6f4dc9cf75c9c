/**
 * Set balances: what a client owns, on paper or at a venue.
 *
 * On paper it is the sandbox's own configure call. Live, the client's account at the mock venue is set
 * and the desk asks the venue anew, as after a deposit there.
 *
 * @module
 */

import { z } from 'zod'
import type { PositionInput } from '../desk/contract.js'
import { defineAction } from './action.js'
import { price, signedQty } from './amount.js'
import {
  ControlError,
  type ControlTarget,
  listingOf,
  mockOf,
  principalOf,
  venueOf,
} from './target.js'

const position = z
  .strictObject({
    venue: z.string(),
    kind: z.enum(['fiat', 'crypto', 'event_contract', 'perp']),
    symbol: z.string(),
    qty: signedQty,
    /** Cost per unit. */
    entry_price: price.optional(),
  })
  .refine(({ kind, qty }) => kind === 'perp' || qty >= 0n, {
    path: ['qty'],
    message: 'only perp positions may be below 0',
  })

export const setBalances = defineAction({
  name: 'set-balances',
  about: "sets a client's balances and positions, on paper or at the mock venues",
  input: z.strictObject({
    client_id: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    positions: z.array(position).max(1_000),
    /** Paper only: forget every other row first. */
    replace: z.boolean().default(false),
  }),
  run: async (target, { client_id, mode, positions, replace }) => {
    const who = principalOf(target, client_id, mode)
    const inputs = positions.map(
      ({ qty, entry_price, ...rest }): PositionInput => ({
        ...rest,
        qty_1e8: qty,
        ...(entry_price === undefined ? {} : { entry_price_1e9: entry_price }),
      }),
    )
    for (const { venue } of inputs) venueOf(target, venue)
    if (mode === 'sandbox') {
      const { written, deleted } = await target.desk.configure(who, inputs, replace)
      await target.settle()
      return { written, deleted }
    }
    if (replace) {
      throw new ControlError(
        'impossible',
        'replace clears paper rows; a venue account is set row by row',
      )
    }
    for (const input of inputs) setAtVenue(target, who.client_id, input)
    await target.desk.sync(who)
    await target.settle()
    return { written: inputs.length, deleted: 0 }
  },
})

function setAtVenue(target: ControlTarget, client_id: string, input: PositionInput): void {
  const { admin } = mockOf(venueOf(target, input.venue))
  const account_id = target.venueAccount(client_id, input.venue)
  if (account_id === undefined) {
    throw new ControlError('unknown', `${client_id} has no account at ${input.venue}`)
  }
  if (input.kind === 'fiat' || input.kind === 'crypto') {
    admin.setBalance(account_id, input.symbol, input.qty_1e8)
    return
  }
  const { instrument, outcome } = listingOf(target, input.venue, input.symbol)
  admin.setPosition(account_id, instrument.venue_symbol, {
    qty_1e8: outcome === 'NO' ? -input.qty_1e8 : input.qty_1e8,
    entry_price_1e9: input.entry_price_1e9 ?? 0n,
  })
}
