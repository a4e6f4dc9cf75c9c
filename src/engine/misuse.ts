/**
 * Misuse: commands that no trader's mistake explains. They throw before anything changes.
 *
 * @module
 */

import type { Command, OrderId, PlaceCommand } from './command.js'
import type { Core, Market, Seat } from './core.js'
import { tickBands } from './grid.js'
import type { Instrument } from './instrument.js'
import { checkInstrument } from './market.js'
import { checkDetermine, checkEndow } from './resolution.js'

/**
 * @throws RangeError or TypeError for what only a mistaken host sends; nothing has changed then.
 */
export function checkCommand(core: Core, command: Command): void {
  whole(command.ts_us, 'ts_us')
  if (command.ts_us < core.ts_us) {
    throw new RangeError(
      `ts_us is ${command.ts_us}, before ${core.ts_us} of an earlier command; time never falls.`,
    )
  }
  if ('account_id' in command && core.accounts[command.account_id] === undefined) {
    throw new RangeError(`account_id is ${command.account_id}; open the account first.`)
  }
  if (command.type === 'place' && command.account_id === 0) {
    throw new RangeError('account 0 is the venue and places no orders; open an account for it.')
  }
  if (command.type === 'endow' && command.account_id === 0) {
    throw new RangeError(
      'account 0 is the venue, which takes the other side; endow one that was opened.',
    )
  }
  switch (command.type) {
    case 'place':
      checkPlace(command)
      checkRoomFor(core, command.instrument, command.qty_lots)
      return
    case 'amend':
      whole(command.price_ticks, 'price_ticks')
      whole(command.remaining_lots, 'remaining_lots')
      checkAmend(core, command.order_id, command.remaining_lots)
      return
    case 'list':
      checkList(core, command.instrument)
      return
    case 'price-grid':
      tickBands(command.price_bands, known(core, command.instrument).money.tick_size_1e9)
      return
    case 'price-collar':
      known(core, command.instrument)
      if (command.low_ticks !== null) whole(command.low_ticks, 'low_ticks')
      if (command.high_ticks !== null) whole(command.high_ticks, 'high_ticks')
      return
    case 'market-state':
      known(core, command.instrument)
      return
    case 'endow':
      known(core, command.instrument)
      whole(Math.abs(command.qty_lots), 'qty_lots')
      whole(command.entry_ticks, 'entry_ticks')
      checkEndow(known(core, command.instrument), command)
      return
    case 'determine':
      whole(command.yes_value_ticks, 'yes_value_ticks')
      checkDetermine(known(core, command.instrument), command.yes_value_ticks)
      return
    case 'split':
    case 'merge':
      known(core, command.instrument)
      whole(command.qty_lots, 'qty_lots')
      return
    case 'settle':
    case 'redeem':
      known(core, command.instrument)
      return
    case 'mark':
      known(core, command.instrument)
      whole(command.mark_ticks, 'mark_ticks')
      whole(command.oracle_ticks, 'oracle_ticks')
      checkPerp(core, command.instrument)
      return
    case 'funding':
      checkPerp(core, command.instrument)
      return
    case 'open-interest-cap':
      checkPerp(core, command.instrument)
      if (command.cap_lots !== null) whole(command.cap_lots, 'cap_lots')
      return
    case 'leverage':
      known(core, command.instrument)
      whole(command.leverage, 'leverage')
      return
  }
}

function checkRoomFor(core: Core, name: string, qty_lots: number): void {
  const number = core.marketNumbers.get(name)
  if (number !== undefined) checkRoom(core.markets[number] as Market, qty_lots)
}

function checkAmend(core: Core, order_id: OrderId, remaining_lots: number): void {
  const slot = core.slots.get(order_id)
  if (slot < 0) return
  const { market } = core.seats[core.store.owner(slot)] as Seat
  checkRoom(market, Math.max(0, remaining_lots - core.store.remaining(slot)))
}

function checkPlace(command: PlaceCommand): void {
  if (command.price_ticks !== null) whole(command.price_ticks, 'price_ticks')
  whole(command.qty_lots, 'qty_lots')
  if (command.expire_ts_us !== null) whole(command.expire_ts_us, 'expire_ts_us')
  if (command.quote_budget_1e8 === null) return
  if (command.quote_budget_1e8 < 0n) {
    throw new RangeError(
      `quote_budget_1e8 is ${command.quote_budget_1e8}; zero or more is expected.`,
    )
  }
  if (command.qty_lots !== 0) {
    throw new TypeError(
      `an order has ${command.qty_lots} lots and a quote budget; give one and leave the other 0 or null.`,
    )
  }
}

function checkList(core: Core, instrument: Instrument): void {
  const name = instrument.venue_symbol
  if (core.marketNumbers.has(name)) {
    throw new RangeError(`${name} is listed already; a venue_symbol is listed once.`)
  }
  checkInstrument(instrument)
}

function known(core: Core, name: string): Market {
  const number = core.marketNumbers.get(name)
  if (number === undefined) throw unknownInstrument(name)
  return core.markets[number] as Market
}

function checkPerp(core: Core, name: string): void {
  if (known(core, name).instrument.kind !== 'perp') throw new RangeError(`${name} is no perp.`)
}

export function unknownInstrument(name: string): RangeError {
  return new RangeError(`no instrument is listed as ${name}; list it first, by its venue_symbol.`)
}

function whole(n: number, name: string): void {
  if (Number.isSafeInteger(n) && n >= 0) return
  throw new RangeError(`${name} is ${n}; a whole number from 0 to 2^53 - 1 is expected.`)
}

/**
 * Resting lots and positions of a market together stay countable: a trade moves lots from orders into
 * positions and adds none.
 *
 * @throws RangeError beyond 2^53 - 1 lots.
 */
function checkRoom(market: Market, qty_lots: number): void {
  if (market.book.lots + market.position_lots + qty_lots <= Number.MAX_SAFE_INTEGER) return
  throw new RangeError(
    `${qty_lots} more lots would take ${market.instrument.venue_symbol} beyond 2^53 - 1 lots in orders and positions; use a larger lot size.`,
  )
}
