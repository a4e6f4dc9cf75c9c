/**
 * Margin: what perp positions are worth, what they need, and what happens when they lack it.
 *
 * A cross position shares its account's cash, an isolated one has its own. Initial margin is notional at the
 * mark over leverage; maintenance is half of that at the instrument's most leverage. One tier per instrument.
 * Before the first `mark` a position is worth what it cost.
 *
 * Below maintenance the venue closes: resting perp orders first, then each position by a market order, then
 * whatever the book could not take goes to the venue at the mark. Cash that is short after that is paid by the
 * venue's insurance. Losing closes may leave less cash than is reserved: then spot and event orders are
 * cancelled, newest first, and open results are settled at the mark, so that reserved never exceeds total.
 *
 * @module
 */

import { netClosable } from './collateral/cover.js'
import type { AccountRecord, Core, Margin, Market, Seat } from './core.js'
import type { Orders } from './orders.js'
import { divCeil, larger, smaller } from './units.js'

/** Mark in ticks; 0 before the first. */
export const markOf = (market: Market): number => market.mark_ticks

/** Price times size, rounded down. */
export const notional = (market: Market, ticks: number, lots: number): bigint =>
  market.money.down(ticks, lots)

/** Initial margin of so many lots at a price and the seat's leverage, rounded up. */
export function initialMargin(seat: Seat, ticks: number, lots: number): bigint {
  return divCeil(seat.market.money.up(ticks, lots), BigInt(seat.leverage))
}

/** What a position makes at the mark, as if closed there. */
export function openProfit(seat: Seat): bigint {
  const { market, position_lots } = seat
  if (market.mark_ticks === 0) return 0n
  const worth =
    position_lots > 0
      ? market.money.down(market.mark_ticks, position_lots)
      : -market.money.up(market.mark_ticks, -position_lots)
  return worth - signedCost(seat)
}

/** What a position cost, below zero for a short. The venue's own seat keeps its cost with that sign already. */
const signedCost = ({ position_lots, cost_1e8, account }: Seat): bigint =>
  position_lots < 0 && account.id !== 0 ? -cost_1e8 : cost_1e8

/** Position value at the mark, or what it cost before the first mark. */
function value(seat: Seat): bigint {
  const { market, position_lots } = seat
  if (market.mark_ticks === 0) return seat.cost_1e8
  return market.money.up(market.mark_ticks, Math.abs(position_lots))
}

/** Initial margin of a position as it stands. */
function used(seat: Seat): bigint {
  return divCeil(value(seat), BigInt(seat.leverage))
}

/** Least a position must have behind it: half the initial margin at the most leverage, rounded up. */
function maintenance(seat: Seat): bigint {
  return divCeil(value(seat), 2n * BigInt(seat.market.instrument.leverage_max))
}

/** Perp figures of an account in one cash asset. */
export interface MarginView {
  /** Cash not set aside for isolated positions, plus open profits of cross positions. */
  readonly equity_1e8: bigint
  /** Initial margin of cross positions at the mark. */
  readonly used_1e8: bigint
  /** Of cross positions. */
  readonly maintenance_1e8: bigint
  /** Margin of resting perp orders. */
  readonly held_1e8: bigint
  /** What new orders may use; negative when below initial margin. */
  readonly available_1e8: bigint
}

export function marginView(core: Core, account: AccountRecord, asset: number): MarginView {
  const balance = core.ledger.balance(account.id, asset)
  const seats = seatsOf(account, asset)
  const sums = crossSums(seats)
  const held_1e8 = account.margins.get(asset)?.held_1e8 ?? 0n
  return {
    equity_1e8: balance.total_1e8 - isolatedOf(seats) + sums.profit,
    used_1e8: sums.used,
    maintenance_1e8: sums.maintenance,
    held_1e8,
    available_1e8: balance.total_1e8 - balance.reserved_1e8 - held_1e8 + sums.profit - sums.used,
  }
}

/** What an account may still use as margin. */
export function available(core: Core, account: AccountRecord, asset: number): bigint {
  const balance = core.ledger.balance(account.id, asset)
  const free = balance.total_1e8 - balance.reserved_1e8
  const margin = account.margins.get(asset)
  return margin === undefined ? free : usable(margin, free)
}

/** What an account may spend or take out: cash not reserved, nor needed by perp orders and positions. */
export function spendable({ quote, account, market }: Seat): bigint {
  const free = quote.total_1e8 - quote.reserved_1e8
  const margin = account.margins.get(market.quote)
  return margin === undefined ? free : smaller(usable(margin, free), free)
}

/** What perp orders and cross positions leave of free cash; open profits add to it. */
function usable(margin: Margin, free_1e8: bigint): bigint {
  const { profit, used } = crossSums(margin.seats)
  return free_1e8 - margin.held_1e8 + profit - used
}

/** Perps of an account in a cash asset. */
const seatsOf = (account: AccountRecord, asset: number): readonly Seat[] =>
  account.margins.get(asset)?.seats ?? []

function crossSums(seats: readonly Seat[]): { profit: bigint; used: bigint; maintenance: bigint } {
  let profit = 0n
  let usedSum = 0n
  let maintenanceSum = 0n
  for (const seat of seats) {
    if (seat.position_lots === 0 || seat.margin === 'isolated') continue
    profit += openProfit(seat)
    usedSum += used(seat)
    maintenanceSum += maintenance(seat)
  }
  return { profit, used: usedSum, maintenance: maintenanceSum }
}

const isolatedOf = (seats: readonly Seat[]): bigint =>
  seats.reduce((sum, { isolated_1e8 }) => sum + isolated_1e8, 0n)

/** Whether cross positions of an account lack maintenance margin. */
export function crossIsShort(core: Core, account: AccountRecord, asset: number): boolean {
  const seats = seatsOf(account, asset)
  const { profit, maintenance: needed } = crossSums(seats)
  if (needed === 0n) return false
  const { total_1e8 } = core.ledger.balance(account.id, asset)
  return total_1e8 - isolatedOf(seats) + profit < needed
}

/** Whether an isolated position lacks maintenance margin. */
export function isolatedIsShort(seat: Seat): boolean {
  if (seat.margin !== 'isolated') return false
  return seat.isolated_1e8 + openProfit(seat) < maintenance(seat)
}

/** Puts every account back within its margin, closing what must be closed, until nothing is short. */
export function enforce(core: Core, orders: Orders): void {
  for (let again = true; again; ) {
    again = false
    for (const account of core.accounts) {
      if (account.id === 0) continue
      for (const [asset, { seats }] of account.margins) {
        for (const seat of seats) {
          if (!isolatedIsShort(seat)) continue
          liquidate(core, orders, seat)
          again = true
        }
        if (crossIsShort(core, account, asset)) {
          liquidateCross(core, orders, account, asset, seats)
          again = true
        }
        coverCash(core, orders, account, asset)
      }
    }
  }
}

function liquidateCross(
  core: Core,
  orders: Orders,
  account: AccountRecord,
  asset: number,
  seats: readonly Seat[],
): void {
  for (const seat of seats) orders.cancelSeat(seat, 'liquidation')
  // Largest first, of equals the one opened first, and only until the account can carry the rest. Seats without a
  // position come last: by then there is nothing left to carry.
  const cross = seats
    .filter((seat) => seat.margin === 'cross')
    .sort((a, b) => Number(value(b) - value(a)))
  for (const seat of cross) {
    if (!crossIsShort(core, account, asset)) return
    liquidate(core, orders, seat)
  }
}

/** Closes one position: market order first, the venue takes the rest at the mark. */
function liquidate(core: Core, orders: Orders, seat: Seat): void {
  const { market, account } = seat
  orders.cancelSeat(seat, 'liquidation')
  const qty_lots = Math.abs(seat.position_lots)
  const side = seat.position_lots > 0 ? 1 : 0
  orders.close(seat, side, qty_lots)
  const left = netClosable(seat, side)
  if (left > 0) takeOver(core, seat)
  core.emit({
    type: 'liquidated',
    account_id: account.id,
    instrument: market.instrument.venue_symbol,
    qty_lots,
    price_ticks: market.mark_ticks,
  })
}

/** The venue takes a whole position over at the mark. */
function takeOver(core: Core, seat: Seat): void {
  const { market, account } = seat
  const house = core.seat(core.accounts[0] as AccountRecord, market)
  const profit = openProfit(seat)
  const lots = seat.position_lots
  house.cost_1e8 += signedCost(seat) + profit
  shift(house, lots)
  shift(seat, -lots)
  seat.cost_1e8 = 0n
  seat.realized_1e8 += profit
  seat.quote.reserved_1e8 -= seat.isolated_1e8
  seat.isolated_1e8 = 0n
  core.clear(market, -profit)
  core.post(account.id, market.quote, seat.quote, profit, 'liquidation')
  core.position(seat, null)
}

function shift(seat: Seat, lots: number): void {
  const before = Math.abs(seat.position_lots)
  seat.position_lots += lots
  seat.market.position_lots += Math.abs(seat.position_lots) - before
}

/** Keeps `reserved <= total` when losses became cash. */
function coverCash(core: Core, orders: Orders, account: AccountRecord, asset: number): void {
  const balance = core.ledger.balance(account.id, asset)
  if (balance.total_1e8 >= balance.reserved_1e8) return
  for (const seat of seatsOf(account, asset)) {
    if (seat.margin === 'cross' && seat.position_lots !== 0) settleOpen(core, seat)
  }
  while (balance.total_1e8 < balance.reserved_1e8 && orders.cancelNewest(account, asset));
  const missing = larger(balance.reserved_1e8 - balance.total_1e8, 0n)
  core.venue(asset, -missing)
  core.post(account.id, asset, balance, missing, 'liquidation')
}

/** Turns what a position has made so far into cash; it goes on from the mark. */
function settleOpen(core: Core, seat: Seat): void {
  const profit = openProfit(seat)
  seat.cost_1e8 += seat.position_lots > 0 ? profit : -profit
  seat.realized_1e8 += profit
  core.clear(seat.market, -profit)
  core.post(seat.account.id, seat.market.quote, seat.quote, profit, 'trade')
  core.position(seat, null)
}

/** Longs pay shorts a share of their notional at the oracle price (the mark before the first oracle). */
export function fund(core: Core, market: Market, rate_1e9: bigint): void {
  const ticks = market.oracle_ticks || market.mark_ticks
  for (const seat of market.seats) {
    // Below zero for shorts. Scale 1e26 down to 1e8, up for who pays and down for who receives.
    const exact = market.money.exact_1e17(ticks, seat.position_lots) * rate_1e9
    const paid = divCeil(exact, 10n ** 18n)
    core.venue(market.quote, paid)
    if (seat.margin === 'isolated') {
      const part = smaller(paid, seat.isolated_1e8)
      seat.isolated_1e8 -= part
      seat.quote.reserved_1e8 -= part
    }
    core.post(seat.account.id, market.quote, seat.quote, -paid, 'funding')
  }
}

/** What a change of leverage would need beyond what is there, or null when it can be carried. */
export function leverageShortage(
  core: Core,
  seat: Seat,
  leverage: number,
): { needed_1e8: bigint; free_1e8: bigint } | null {
  const free = available(core, seat.account, seat.market.quote)
  const before = carried(core, seat)
  const old = seat.leverage
  seat.leverage = leverage
  const after = carried(core, seat)
  seat.leverage = old
  const needed = after - before
  return needed > 0n && needed > free ? { needed_1e8: needed, free_1e8: free } : null
}

/** Initial margin of a position and of the opening parts of resting orders. */
function carried(core: Core, seat: Seat): bigint {
  let sum = used(seat)
  for (const slot of core.slotsOf(seat)) {
    const opening = core.store.remaining(slot) - core.store.cover(slot)
    if (core.holdOf(slot) > 0n) sum += initialMargin(seat, seat.market.book.priceOf(slot), opening)
  }
  return sum
}
