/**
 * Resolution: event contracts from endowment to payout, and pairs of separate tokens.
 *
 * Internal to the engine. The pool behind a market holds one unit of quote for each pair of YES and NO,
 * so every payout is covered; what rounding down leaves in it goes to the venue.
 *
 * @module
 */

import type { Command } from './command.js'
import type { AccountRecord, Core, Market, Seat } from './core.js'
import { spendable } from './margin.js'
import type { Orders } from './orders.js'
import type { EntryReject } from './reject.js'

type Of<T extends Command['type']> = Extract<Command, { type: T }>

/** Slots of all resting orders, bids before asks, best first, then time. */
export function restingOf(core: Core, market: Market): number[] {
  const { store } = core
  const slots: number[] = []
  for (const best of [market.book.bids.best, market.book.asks.best]) {
    for (let level = best; level >= 0; level = store.worse(level)) {
      for (let slot = store.head(level); slot >= 0; slot = store.next(slot)) {
        slots.push(slot)
      }
    }
  }
  return slots
}

/** @throws RangeError for a spot market, or a price beyond one unit. */
export function checkEndow(market: Market, command: Of<'endow'>): void {
  const { venue_symbol, kind } = market.instrument
  if (kind === 'spot') {
    throw new RangeError(`${venue_symbol} is a spot market; give a balance by transfer instead.`)
  }
  if (kind === 'event' && command.entry_ticks > market.one_ticks) {
    throw new RangeError(
      `entry_ticks is ${command.entry_ticks}; ${venue_symbol} is worth at most ${market.one_ticks}.`,
    )
  }
  if (market.position_lots + 2 * Math.abs(command.qty_lots) > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(
      `${command.qty_lots} lots would take ${venue_symbol} beyond 2^53 - 1 lots.`,
    )
  }
}

/** @throws RangeError when the market is no event market or the value exceeds one unit. */
export function checkDetermine(market: Market, yes_value_ticks: number): void {
  const { venue_symbol, kind } = market.instrument
  if (kind !== 'event') throw new RangeError(`${venue_symbol} is no event market.`)
  if (yes_value_ticks > market.one_ticks) {
    throw new RangeError(
      `yes_value_ticks is ${yes_value_ticks}; ${venue_symbol} is worth at most ${market.one_ticks}.`,
    )
  }
}

/** Sets a position; the venue's own account takes the other side, and the pool is filled from outside. */
export function endow(core: Core, market: Market, command: Of<'endow'>): void {
  const { account_id, qty_lots, entry_ticks } = command
  const seat = core.seat(core.accounts[account_id] as AccountRecord, market)
  if (seat.orders > 0) {
    refuse(core, 'endow', account_id, 'position-limit')
    return
  }
  const separate = core.rules.eventNetting === 'separate' && market.instrument.kind === 'event'
  const venue = core.seat(core.accounts[0] as AccountRecord, market)
  const { money } = market
  if (separate) {
    place(venue, venue.position_lots + seat.position_lots, 0n)
    setNo(venue, venue.no_lots + seat.no_lots, 0n)
    place(seat, 0, 0n)
    setNo(seat, 0, 0n)
    const pairs = Math.abs(qty_lots)
    fund(core, market, money.qty_1e8(pairs))
    if (qty_lots >= 0) {
      place(seat, pairs, money.up(entry_ticks, pairs))
      setNo(venue, venue.no_lots + pairs, 0n)
    } else {
      setNo(seat, pairs, money.up(market.one_ticks - entry_ticks, pairs))
      place(venue, venue.position_lots + pairs, 0n)
    }
    core.position(seat, 'YES')
    core.position(seat, 'NO')
    return
  }
  const size = Math.abs(qty_lots)
  const ticks =
    market.instrument.kind === 'event' && qty_lots < 0
      ? market.one_ticks - entry_ticks
      : entry_ticks
  const before = openPairs(market)
  const cost = money.up(ticks, size)
  // Perps: the venue's own seat keeps its cost with its sign, so that all positions cost nothing together.
  const venueCost =
    market.instrument.kind === 'perp'
      ? venue.cost_1e8 + signedCost(seat) - (qty_lots < 0 ? -cost : cost)
      : 0n
  place(venue, venue.position_lots + seat.position_lots - qty_lots, venueCost)
  place(seat, qty_lots, cost)
  seat.quote.reserved_1e8 -= seat.isolated_1e8
  seat.isolated_1e8 = 0n
  seat.margin = 'cross'
  core.marginDirty = true
  if (market.instrument.kind === 'event') {
    fund(core, market, money.qty_1e8(openPairs(market) - before))
  }
  core.position(seat, null)
}

const signedCost = (seat: Seat): bigint => (seat.position_lots < 0 ? -seat.cost_1e8 : seat.cost_1e8)

/** Pairs of YES and NO outstanding with netting: the YES side of all positions. */
function openPairs(market: Market): number {
  let pairs = 0
  for (const seat of market.seats) pairs += Math.max(0, seat.position_lots)
  return pairs
}

function fund(core: Core, market: Market, amount_1e8: bigint): void {
  market.pool_1e8 += amount_1e8
  core.venue(market.quote, amount_1e8)
  core.ledger.external_1e8[market.quote] =
    (core.ledger.external_1e8[market.quote] as bigint) + amount_1e8
}

function place(seat: Seat, qty_lots: number, cost_1e8: bigint): void {
  seat.market.position_lots += Math.abs(qty_lots) - Math.abs(seat.position_lots)
  seat.position_lots = qty_lots
  seat.cost_1e8 = cost_1e8
}

function setNo(seat: Seat, qty_lots: number, cost_1e8: bigint): void {
  seat.market.position_lots += qty_lots - seat.no_lots
  seat.no_lots = qty_lots
  seat.no_cost_1e8 = cost_1e8
}

/** Fixes the value of YES; what still rests is cancelled. */
export function determine(
  core: Core,
  orders: Orders,
  market: Market,
  command: Of<'determine'>,
): void {
  const instrument = market.instrument.venue_symbol
  if (market.state === 'settled') {
    refuse(core, 'determine', 0, 'market-closed')
    return
  }
  market.state = 'determined'
  market.yes_value_ticks = command.yes_value_ticks
  core.emit({ type: 'determined', instrument, yes_value_ticks: command.yes_value_ticks })
  for (const slot of restingOf(core, market)) orders.cancel(slot, 'market-closed')
}

/** Pays every holder, or lets holders redeem. */
export function settle(core: Core, market: Market, payout: 'auto' | 'claim'): void {
  const value = market.yes_value_ticks
  if (market.state !== 'determined' || value === null) {
    refuse(core, 'settle', 0, 'market-mode')
    return
  }
  market.state = 'settled'
  core.emit({
    type: 'settled',
    instrument: market.instrument.venue_symbol,
    yes_value_ticks: value,
  })
  if (payout === 'claim') {
    market.claimable = true
    return
  }
  for (const seat of market.seats) pay(core, seat, value)
  sweepDust(market)
}

/** One holder's claim after a settlement by claim. */
export function redeem(core: Core, market: Market, account_id: number): void {
  const seat = (core.accounts[account_id] as AccountRecord).seats.get(market.number)
  if (!market.claimable) {
    refuse(core, 'redeem', account_id, 'market-mode')
    return
  }
  if (seat === undefined || (seat.position_lots === 0 && seat.no_lots === 0)) {
    refuse(core, 'redeem', account_id, 'insufficient-balance')
    return
  }
  pay(core, seat, market.yes_value_ticks as number)
  sweepDust(market)
}

function pay(core: Core, seat: Seat, yes_value_ticks: number): void {
  const { market } = seat
  const { money, one_ticks } = market
  const yes = Math.max(0, seat.position_lots)
  const no = Math.max(0, -seat.position_lots) + seat.no_lots
  if (yes === 0 && no === 0) return
  const yesPaid = money.down(yes_value_ticks, yes)
  const noPaid = money.down(one_ticks - yes_value_ticks, no)
  const payout = yesPaid + noPaid
  const separate = core.rules.eventNetting === 'separate'
  if (separate) {
    seat.realized_1e8 += yesPaid - seat.cost_1e8
    seat.no_realized_1e8 += noPaid - seat.no_cost_1e8
  } else seat.realized_1e8 += payout - seat.cost_1e8
  const qty_lots = yes > 0 ? yes : -no
  place(seat, 0, 0n)
  setNo(seat, 0, 0n)
  market.pool_1e8 -= payout
  core.venue(market.quote, -payout)
  core.post(seat.account.id, market.quote, seat.quote, payout, 'settlement')
  if (seat.account.id === 0) return
  core.emit({
    type: 'paid',
    account_id: seat.account.id,
    instrument: market.instrument.venue_symbol,
    qty_lots,
    payout_1e8: payout,
  })
  core.position(seat, separate ? 'YES' : null)
  if (separate) core.position(seat, 'NO')
}

/** Once nobody holds a position any more, what rounding left in the pool is the venue's. */
function sweepDust(market: Market): void {
  if (market.position_lots === 0) market.pool_1e8 = 0n
}

/** Separate tokens: cash into pairs (`split`) and back (`merge`). */
export function pair(core: Core, market: Market, command: Of<'split' | 'merge'>): void {
  const { type, account_id, qty_lots } = command
  if (market.instrument.kind !== 'event' || core.rules.eventNetting !== 'separate') {
    refuse(core, type, account_id, 'unsupported-order')
    return
  }
  if (market.state === 'settled' || market.state === 'determined') {
    refuse(core, type, account_id, 'market-closed')
    return
  }
  if (qty_lots === 0) {
    refuse(core, type, account_id, 'off-lot')
    return
  }
  const seat = core.seat(core.accounts[account_id] as AccountRecord, market)
  const cash = market.money.qty_1e8(qty_lots)
  if (type === 'split') {
    const free = spendable(seat)
    if (cash > free) {
      refuse(core, type, account_id, 'insufficient-balance', cash, free)
      return
    }
    if (market.position_lots + market.book.lots + 2 * qty_lots > Number.MAX_SAFE_INTEGER) {
      refuse(core, type, account_id, 'position-limit')
      return
    }
    // The cost of a pair is split half and half; its parts are worth one unit together.
    const yesCost = cash / 2n
    place(seat, seat.position_lots + qty_lots, seat.cost_1e8 + yesCost)
    setNo(seat, seat.no_lots + qty_lots, seat.no_cost_1e8 + cash - yesCost)
    market.pool_1e8 += cash
    core.venue(market.quote, cash)
    core.post(account_id, market.quote, seat.quote, -cash, 'mint')
  } else {
    const yesFree = seat.position_lots - seat.committed_lots
    const noFree = seat.no_lots - seat.no_committed_lots
    const free = Math.min(yesFree, noFree)
    if (qty_lots > free) {
      refuse(core, type, account_id, 'insufficient-balance', cash, market.money.qty_1e8(free))
      return
    }
    const yesCost = (seat.cost_1e8 * BigInt(qty_lots)) / BigInt(seat.position_lots)
    const noCost = (seat.no_cost_1e8 * BigInt(qty_lots)) / BigInt(seat.no_lots)
    const yesPaid = cash / 2n
    seat.realized_1e8 += yesPaid - yesCost
    seat.no_realized_1e8 += cash - yesPaid - noCost
    place(seat, seat.position_lots - qty_lots, seat.cost_1e8 - yesCost)
    setNo(seat, seat.no_lots - qty_lots, seat.no_cost_1e8 - noCost)
    market.pool_1e8 -= cash
    core.venue(market.quote, -cash)
    core.post(account_id, market.quote, seat.quote, cash, 'merge')
  }
  core.position(seat, 'YES')
  core.position(seat, 'NO')
}

function refuse(
  core: Core,
  command: Command['type'],
  account_id: number,
  code: EntryReject,
  needed_1e8: bigint | null = null,
  free_1e8: bigint | null = null,
): void {
  core.emit({ type: 'rejected', account_id, command, order_id: null, code, needed_1e8, free_1e8 })
}
