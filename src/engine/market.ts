/**
 * Market: an instrument as the engine trades it.
 *
 * @module
 */

import { Book } from './book.js'
import type { Core, Market } from './core.js'
import { tickBands } from './grid.js'
import type { Instrument } from './instrument.js'
import { Money } from './money.js'
import { PRICE_SCALE, QTY_SCALE } from './units.js'

/** Enters an instrument, not yet open. The caller has checked it with {@link checkInstrument}. */
export function marketOf(core: Core, instrument: Instrument): Market {
  const number = core.markets.length
  const { kind } = instrument
  const quote = core.ledger.asset(instrument.quote)
  const unit_1e17 = instrument.tick_size_1e9 * instrument.lot_size_1e8
  const market: Market = {
    number,
    instrument,
    money: new Money(instrument),
    book: new Book(core.store, number),
    quote,
    base: kind === 'spot' ? core.ledger.asset(instrument.base) : quote,
    one_ticks: kind === 'event' ? Number(PRICE_SCALE / instrument.tick_size_1e9) : 0,
    min_lots: steps(instrument.min_qty_1e8, instrument.lot_size_1e8),
    min_tick_lots: steps(instrument.min_notional_1e9 * QTY_SCALE, unit_1e17),
    bands: tickBands(instrument.price_bands, instrument.tick_size_1e9),
    state: 'pending',
    book_seq: 0,
    low_ticks: null,
    high_ticks: null,
    yes_value_ticks: null,
    claimable: false,
    mark_ticks: 0,
    oracle_ticks: 0,
    open_interest_cap_lots: null,
    pool_1e8: 0n,
    position_lots: 0,
    seats: [],
  }
  core.markets.push(market)
  core.marketNumbers.set(instrument.venue_symbol, number)
  return market
}

/**
 * @throws RangeError when an instrument cannot be traded exactly: no positive steps, an event tick that does not
 *   divide 1, spot against itself, bands off the ticks.
 */
export function checkInstrument(instrument: Instrument): void {
  const { venue_symbol, kind, tick_size_1e9, lot_size_1e8 } = instrument
  if (tick_size_1e9 <= 0n || lot_size_1e8 <= 0n) {
    throw new RangeError(`${venue_symbol} has no positive tick and lot size.`)
  }
  if (kind === 'event' && PRICE_SCALE % tick_size_1e9 !== 0n) {
    throw new RangeError(
      `${venue_symbol} has a tick of ${tick_size_1e9} (1e-9), which does not divide 1; prices of NO would lie off the grid.`,
    )
  }
  if (kind === 'spot' && instrument.base === instrument.quote) {
    throw new RangeError(`${venue_symbol} trades ${instrument.base} against itself.`)
  }
  tickBands(instrument.price_bands, tick_size_1e9)
}

/** Whole steps that cover an amount. */
function steps(amount: bigint, step: bigint): number {
  return Number((amount + step - 1n) / step)
}
