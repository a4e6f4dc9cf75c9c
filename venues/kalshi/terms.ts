/**
 * Terms: changes of what a series or one of its events charges.
 *
 * @see https://docs.kalshi.com/api-reference/exchange/get-series-fee-changes
 *
 * @module
 */

import { eventOf, type FeeChange, type KalshiState, notice, seriesOf } from './state.js'

/** Puts a change into force. A change of an event overrides its series; one without terms gives it back. */
export function changeFees(state: KalshiState, change: FeeChange, ts_us: number): void {
  change.done = true
  if (change.event_ticker === null) {
    const series = seriesOf(state, change.series_ticker)
    if (change.terms !== null) {
      state.series.set(change.series_ticker, { ...series, fees: change.terms })
    }
    return
  }
  const event = eventOf(state, change.event_ticker)
  state.events.set(change.event_ticker, { ...event, fee_override: change.terms, updated_us: ts_us })
  notice(state, { type: 'fee', id: change.event_ticker, event: 'event_fee_update', ts_us })
}
