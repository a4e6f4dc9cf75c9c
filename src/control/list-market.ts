/**
 * List market: a venue opens one more event market. Its book is empty until somebody quotes it.
 *
 * @module
 */

import { z } from 'zod'
import { DeskError } from '../desk/contract.js'
import type { Instrument } from '../engine/instrument.js'
import { defineAction } from './action.js'
import { ControlError, type ControlTarget, mockOf, venueOf } from './target.js'

/** What every wire takes as a ticker. */
const ticker = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{2,99}$/, {
  message: 'is 3 to 100 letters, digits, points and dashes',
})

export const listMarket = defineAction({
  name: 'list-market',
  about: 'opens one more event market at a venue with a wire; its book is empty',
  input: z.strictObject({
    venue: z.string(),
    symbol: ticker,
    /** Several markets of one event share it. Default: the symbol without its last part. */
    event: ticker.optional(),
  }),
  run: async (target, { venue, symbol, event }) => {
    const at = venueOf(target, venue)
    const { admin } = mockOf(at)
    const instrument = likeOthers(target, venue, symbol, event ?? symbol.replace(/-[^-]*$/, ''))
    try {
      target.desk.list(venue, instrument)
    } catch (error) {
      if (!(error instanceof DeskError)) throw error
      throw new ControlError('impossible', error.message)
    }
    admin.list(instrument)
    // Feeds follow what the venue declares; this copy of it is the sandbox's own.
    const listed = at.venue.instruments as Instrument[]
    listed.push(instrument)
    await target.resubscribe?.()
    await target.settle()
    return { venue, symbol, event: instrument.event?.event_symbol }
  },
})

/** Steps, minimums and quote asset are those of the venue's first event market. */
function likeOthers(
  target: ControlTarget,
  venue: string,
  symbol: string,
  event_symbol: string,
): Instrument {
  const other = venueOf(target, venue).venue.instruments.find(({ kind }) => kind === 'event')
  if (other === undefined) {
    throw new ControlError('impossible', `${venue} has no event markets`)
  }
  if (other.event?.yes_token != null) {
    throw new ControlError('impossible', `the markets of ${venue} are tokens; none can be minted`)
  }
  return {
    ...other,
    symbol,
    venue_symbol: symbol,
    base: symbol,
    event: { event_symbol, yes_token: null, no_token: null },
  }
}
