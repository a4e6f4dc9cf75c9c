/**
 * Market row: a prediction market as the API shows it, in listings and on sockets alike.
 *
 * @see spec section 6.2
 * @module
 */

import type { Desk } from '../desk/contract.js'
import type { Instrument } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'

/** @param venue - One that lists the instrument, which is an event market. */
export function marketRow(desk: Desk, venue: string, instrument: Instrument) {
  const { symbol, venue_symbol, event } = instrument
  return {
    venue,
    slug: symbol,
    ticker: venue_symbol,
    question: event?.event_symbol ?? symbol,
    outcomes: [
      { outcome: 'YES', token_id: event?.yes_token ?? null, symbol: `${symbol}:YES` },
      { outcome: 'NO', token_id: event?.no_token ?? null, symbol: `${symbol}:NO` },
    ],
    ...outcomeOf(desk.resolution(venue, symbol)),
    close_ts_ns: null,
  }
}

/** How holders are paid: by the venue itself, or by redeeming tokens. */
export const payoutMode = ({ event }: Instrument): 'auto_settled' | 'relayer_submitted' =>
  event?.yes_token == null ? 'auto_settled' : 'relayer_submitted'

/** A value between is a void or a scalar: resolved to neither. */
export function outcomeOf(yes_value_1e9: bigint | undefined) {
  if (yes_value_1e9 === undefined) return { status: 'active' as const, resolved_outcome: null }
  const resolved_outcome =
    yes_value_1e9 === PRICE_SCALE ? ('YES' as const) : yes_value_1e9 === 0n ? ('NO' as const) : null
  return { status: 'resolved' as const, resolved_outcome }
}

/** What `GET /v1/settlement` answers for one market. */
export function settlementRow(desk: Desk, venue: string, instrument: Instrument) {
  const value = desk.resolution(venue, instrument.symbol)
  return {
    slug: instrument.symbol,
    venue,
    ...outcomeOf(value),
    settled_mark_usd_1e9: value ?? null,
    mode: payoutMode(instrument),
  }
}
