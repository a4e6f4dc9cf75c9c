/**
 * Resolve market: an event happened, and YES is worth this much from now on. Nobody is paid yet.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { share } from './amount.js'
import { ControlError, type ControlTarget, listingOf } from './target.js'

export const resolveMarket = defineAction({
  name: 'resolve-market',
  about: 'fixes what YES of an event market is worth, from 0 to 1',
  input: z.strictObject({ venue: z.string(), symbol: z.string(), yes_value: share }),
  run: async (target, { venue, symbol, yes_value }) => {
    await determine(target, venue, symbol, yes_value)
    return { venue, symbol, yes_value_1e9: yes_value }
  },
})

/** @throws ControlError when the market is no event market. */
export async function determine(
  target: ControlTarget,
  venue: string,
  symbol: string,
  yes_value_1e9: bigint,
): Promise<void> {
  const { at, instrument } = listingOf(target, venue, symbol)
  if (instrument.kind !== 'event') {
    throw new ControlError(
      'impossible',
      `${symbol} is a ${instrument.kind} market; only events resolve`,
    )
  }
  at.mock?.admin.determine(instrument.venue_symbol, yes_value_1e9)
  await target.settle()
  await target.desk.resolveMarket(venue, instrument.symbol, yes_value_1e9)
  await target.settle()
}
