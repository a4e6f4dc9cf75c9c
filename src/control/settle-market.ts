/**
 * Settle market: every holder of a resolved market is paid.
 *
 * @module
 */

import { z } from 'zod'
import { DeskError } from '../desk/contract.js'
import { defineAction } from './action.js'
import { listingOf, principalOf } from './target.js'

export const settleMarket = defineAction({
  name: 'settle-market',
  about: 'pays the holders of a resolved market, and redeems a paper position of it',
  input: z.strictObject({
    venue: z.string(),
    symbol: z.string(),
    client_id: z.string().optional(),
  }),
  run: async (target, { venue, symbol, client_id }) => {
    const { at, instrument } = listingOf(target, venue, symbol)
    at.mock?.admin.settle(instrument.venue_symbol)
    await target.settle()
    const who = principalOf(target, client_id, 'sandbox')
    const paid = await target.desk
      .redeem(who, venue, instrument.symbol)
      .catch(noneHeld(instrument.symbol, venue))
    await target.settle()
    return paid
  },
})

/** The market is settled for those who hold of it; that this client holds nothing is no failure. */
const noneHeld = (slug: string, venue: string) => (error: unknown) => {
  if (!(error instanceof DeskError) || error.code !== 'not-found') throw error
  return { slug, venue, mode: 'none' as const, redeemed_qty_1e8: 0n, payout_usd_1e9: 0n }
}
