/**
 * Snapshot: a whole exchange to bytes and back, exactly.
 *
 * Orders are written by market, side, price and time, not by slot, so two exchanges that behave alike have
 * the same bytes whatever their memory looks like. Money rules are code and are not in it: hand the same ones
 * to the restored exchange.
 *
 * @module
 */

import { BUY } from './book.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { collateralKinds } from './collateral/kinds.js'
import type { MarketState } from './command.js'
import type { Core, Market, Seat } from './core.js'
import { tickBands } from './grid.js'
import type { Instrument } from './instrument.js'
import { marketOf } from './market.js'

const MAGIC = 'papervenue exchange 1'
const STATES: readonly MarketState[] = [
  'pending',
  'open',
  'paused',
  'halted',
  'cancel-only',
  'post-only',
  'limit-only',
  'closed',
  'determined',
  'settled',
]

/** State of an exchange as bytes. */
export function write(core: Core): Uint8Array {
  const out = new ByteWriter()
  out.text(MAGIC)
  for (const counter of [core.ts_us, core.seq, core.last_order, core.last_trade])
    out.number(counter)
  out.number(core.ledger.assets.length)
  for (const [asset, name] of core.ledger.assets.entries()) {
    out.text(name)
    out.bigint(core.ledger.external_1e8[asset] as bigint)
  }
  out.number(core.accounts.length)
  for (const account of core.accounts) out.number(account.stp_group)
  out.number(core.markets.length)
  for (const market of core.markets) writeMarket(out, market)
  const rows = [...core.ledger.rows()]
  out.number(rows.length)
  for (const { account, asset, balance } of rows) {
    out.number(account)
    out.number(asset)
    out.bigint(balance.total_1e8)
    out.bigint(balance.reserved_1e8)
  }
  out.number(core.seats.length)
  for (const seat of core.seats) writeSeat(out, seat)
  for (const market of core.markets) {
    writeSide(out, core, market.book.bids.best, market.book.bids.size)
    writeSide(out, core, market.book.asks.best, market.book.asks.size)
  }
  return out.done()
}

/**
 * Fills a fresh core with the state of a snapshot.
 *
 * @throws RangeError when the bytes are no snapshot of this version, or are cut short.
 */
export function read(core: Core, bytes: Uint8Array): void {
  const source = new ByteReader(bytes)
  if (bytes.length < MAGIC.length + 8 || source.text() !== MAGIC) {
    throw new RangeError(
      `the bytes do not begin with "${MAGIC}"; a snapshot of this version is expected.`,
    )
  }
  core.ts_us = source.number()
  core.seq = source.number()
  core.last_order = source.number()
  core.last_trade = source.number()
  for (let left = source.number(); left > 0; left--) {
    const asset = core.ledger.asset(source.text())
    core.ledger.external_1e8[asset] = source.bigint()
  }
  core.accounts = []
  for (let left = source.number(); left > 0; left--) core.openAccount(source.nullable())
  for (let left = source.number(); left > 0; left--) readMarket(source, core)
  for (let left = source.number(); left > 0; left--) {
    const balance = core.ledger.balance(source.number(), source.number())
    balance.total_1e8 = source.bigint()
    balance.reserved_1e8 = source.bigint()
  }
  for (let left = source.number(); left > 0; left--) readSeat(source, core)
  for (const market of core.markets) {
    readSide(source, core, market, BUY)
    readSide(source, core, market, 1)
  }
  if (source.left > 0) throw new RangeError(`${source.left} bytes follow the end of the snapshot.`)
}

function writeInstrument(out: ByteWriter, instrument: Instrument): void {
  for (const text of [
    instrument.symbol,
    instrument.venue_symbol,
    instrument.kind,
    instrument.base,
    instrument.quote,
  ]) {
    out.text(text)
  }
  out.bigint(instrument.tick_size_1e9)
  out.bigint(instrument.lot_size_1e8)
  out.bigint(instrument.min_qty_1e8)
  out.bigint(instrument.min_notional_1e9)
  out.number(instrument.price_bands.length)
  for (const band of instrument.price_bands) {
    out.bigint(band.from_1e9)
    out.bigint(band.to_1e9)
    out.bigint(band.step_1e9)
  }
  out.number(instrument.leverage_max)
  const { event } = instrument
  out.u8(event === undefined ? 0 : 1)
  if (event === undefined) return
  out.text(event.event_symbol)
  for (const token of [event.yes_token, event.no_token]) {
    out.u8(token === null ? 0 : 1)
    if (token !== null) out.text(token)
  }
}

function readInstrument(source: ByteReader): Instrument {
  const symbol = source.text()
  const venue_symbol = source.text()
  const kind = source.text() as Instrument['kind']
  if (!(kind in collateralKinds)) throw new RangeError(`a snapshot names the market kind ${kind}.`)
  const base = source.text()
  const quote = source.text()
  const tick_size_1e9 = source.bigint()
  const lot_size_1e8 = source.bigint()
  const min_qty_1e8 = source.bigint()
  const min_notional_1e9 = source.bigint()
  const price_bands: Instrument['price_bands'][number][] = []
  for (let left = source.number(); left > 0; left--) {
    price_bands.push({
      from_1e9: source.bigint(),
      to_1e9: source.bigint(),
      step_1e9: source.bigint(),
    })
  }
  const plain = {
    symbol,
    venue_symbol,
    kind,
    base,
    quote,
    tick_size_1e9,
    lot_size_1e8,
    min_qty_1e8,
    min_notional_1e9,
    price_bands,
    leverage_max: source.number(),
  }
  if (source.u8() === 0) return plain
  const token = () => (source.u8() === 0 ? null : source.text())
  return {
    ...plain,
    event: { event_symbol: source.text(), yes_token: token(), no_token: token() },
  }
}

function writeMarket(out: ByteWriter, market: Market): void {
  writeInstrument(out, market.instrument)
  out.u8(STATES.indexOf(market.state))
  out.u8(market.claimable ? 1 : 0)
  for (const number of [
    market.book_seq,
    market.low_ticks,
    market.high_ticks,
    market.yes_value_ticks,
    market.mark_ticks,
    market.oracle_ticks,
    market.open_interest_cap_lots,
  ]) {
    out.number(number)
  }
  out.bigint(market.pool_1e8)
}

function readMarket(source: ByteReader, core: Core): void {
  const instrument = readInstrument(source)
  const market = marketOf(core, instrument)
  market.bands = tickBands(instrument.price_bands, instrument.tick_size_1e9)
  market.state = STATES[source.u8()] as MarketState
  market.claimable = source.u8() === 1
  market.book_seq = source.number()
  market.low_ticks = source.nullable()
  market.high_ticks = source.nullable()
  market.yes_value_ticks = source.nullable()
  market.mark_ticks = source.number()
  market.oracle_ticks = source.number()
  market.open_interest_cap_lots = source.nullable()
  market.pool_1e8 = source.bigint()
}

function writeSeat(out: ByteWriter, seat: Seat): void {
  for (const number of [
    seat.account.id,
    seat.market.number,
    seat.position_lots,
    seat.committed_lots,
    seat.no_lots,
    seat.no_committed_lots,
    seat.leverage,
  ]) {
    out.number(number)
  }
  out.u8(seat.margin === 'isolated' ? 1 : 0)
  for (const amount of [
    seat.cost_1e8,
    seat.realized_1e8,
    seat.no_cost_1e8,
    seat.no_realized_1e8,
    seat.isolated_1e8,
  ]) {
    out.bigint(amount)
  }
}

function readSeat(source: ByteReader, core: Core): void {
  const account = core.accounts[source.number()]
  const market = core.markets[source.number()]
  if (account === undefined || market === undefined) {
    throw new RangeError('a snapshot holds a position of an account or market it does not hold.')
  }
  const seat = core.seat(account, market)
  seat.position_lots = source.number()
  seat.committed_lots = source.number()
  seat.no_lots = source.number()
  seat.no_committed_lots = source.number()
  seat.leverage = source.number()
  seat.margin = source.u8() === 1 ? 'isolated' : 'cross'
  seat.cost_1e8 = source.bigint()
  seat.realized_1e8 = source.bigint()
  seat.no_cost_1e8 = source.bigint()
  seat.no_realized_1e8 = source.bigint()
  seat.isolated_1e8 = source.bigint()
  market.position_lots += Math.abs(seat.position_lots) + seat.no_lots
}

function writeSide(out: ByteWriter, core: Core, best: number, levels: number): void {
  const { store } = core
  out.number(levels)
  for (let level = best; level >= 0; level = store.worse(level)) {
    out.number(store.price(level))
    out.number(store.orders(level))
    for (let slot = store.head(level); slot >= 0; slot = store.next(slot)) {
      const id = store.id(slot)
      out.number(id)
      out.number(store.owner(slot))
      out.number(store.remaining(slot))
      out.number(store.filled(slot))
      out.number(store.cover(slot))
      out.u16(store.flags(slot))
      out.bigint(core.holdOf(slot))
      out.bigint(core.carryOf(id))
      out.number(core.expiries.get(id) ?? null)
    }
  }
}

function readSide(source: ByteReader, core: Core, market: Market, side: 0 | 1): void {
  for (let levels = source.number(); levels > 0; levels--) {
    const price_ticks = source.number()
    for (let orders = source.number(); orders > 0; orders--) {
      const id = source.number()
      const owner = source.number()
      const remaining = source.number()
      const filled = source.number()
      const cover = source.number()
      const seat = core.seats[owner]
      if (seat === undefined) throw new RangeError(`order ${id} of a snapshot has no owner.`)
      const slot = market.book.rest(side, price_ticks, id, owner, remaining, source.u16())
      core.slots.add(id, slot)
      core.store.setFilled(slot, filled)
      core.store.setCover(slot, cover)
      const hold = source.bigint()
      core.setHold(slot, hold)
      if (market.instrument.kind === 'perp') {
        core.marginOf(seat.account, market.quote).held_1e8 += hold
      }
      core.setCarry(id, source.bigint())
      const expire_ts_us = source.nullable()
      if (expire_ts_us !== null) core.expiries.set(id, expire_ts_us)
      core.link(seat, slot)
    }
  }
}

/** An independent copy of a core: block copies of the arrays, new objects for the rest. */
export function copyInto(copy: Core, core: Core): void {
  copy.ts_us = core.ts_us
  copy.seq = core.seq
  copy.last_order = core.last_order
  copy.last_trade = core.last_trade
  copy.store = core.store.copy()
  copy.ledger = core.ledger.copy()
  copy.slots = core.slots.copy()
  copy.bigHolds = new Map(core.bigHolds)
  copy.carries = new Map(core.carries)
  copy.expiries = core.expiries.copy()
  copy.marketNumbers = new Map(core.marketNumbers)
  copy.accounts = core.accounts.map((account) => ({
    ...account,
    seats: new Map(),
    margins: new Map(),
  }))
  copy.markets = core.markets.map((market) => ({
    ...market,
    book: market.book.copyOnto(copy.store),
    seats: [],
  }))
  for (const seat of core.seats) {
    const account = copy.accounts[seat.account.id] as Seat['account']
    const market = copy.markets[seat.market.number] as Market
    const made: Seat = {
      ...seat,
      account,
      market,
      quote: copy.ledger.balance(account.id, market.quote),
      base: copy.ledger.balance(account.id, market.base),
    }
    copy.seats.push(made)
    market.seats.push(made)
    account.seats.set(market.number, made)
    if (market.instrument.kind === 'perp') copy.marginOf(account, market.quote).seats.push(made)
  }
  for (const account of core.accounts) {
    for (const [asset, { held_1e8 }] of account.margins) {
      copy.marginOf(copy.accounts[account.id] as Seat['account'], asset).held_1e8 = held_1e8
    }
  }
}
