/**
 * Perp: signed positions on margin. Cash moves only when a position closes, by its profit or loss; open
 * profits count as margin but are not cash.
 *
 * What an account may still use is `available` (margin.ts): cash, less what is reserved, plus open profits of
 * cross positions, less their initial margin at the mark, less the margin of resting orders. An order that
 * closes a position needs none of it; one that opens needs size times price over leverage, its loss against
 * the mark and the fee. An isolated position has its own margin, set aside when it opens and given back in
 * proportion when it closes.
 *
 * @module
 */

import { BUY } from '../book.js'
import type { Core, Draft, Seat, Shortage } from '../core.js'
import { ISOLATED, REDUCE_ONLY } from '../flags.js'
import { available, initialMargin, markOf, notional } from '../margin.js'
import { type Plan, TRADE } from '../match.js'
import { larger, smaller } from '../units.js'
import type { Collateral } from './collateral.js'
import { netClosable, netUncommitted, takeBackCover } from './cover.js'
import { shareOf, tellTrade } from './tell.js'

export const perp: Collateral = {
  shortage,
  reserve,
  release,
  trim,
  trade,
  settled,
  closable: (seat, side) => netClosable(seat, side),
}

function shortage(core: Core, draft: Draft, plan: Plan): Shortage | null {
  const { market, seat, side, flags, price_ticks } = draft
  const reduces = (flags & REDUCE_ONLY) !== 0
  let closing = reduces ? netClosable(seat, side) : netUncommitted(seat, side) + draft.credit_lots
  let needed = 0n
  if (price_ticks !== null) {
    const opening = draft.qty_lots - Math.min(closing, draft.qty_lots)
    if (opening > 0) {
      needed =
        initialMargin(seat, price_ticks, opening) +
        core.feeHold(market, seat, price_ticks, draft.qty_lots)
    }
  }
  let running = 0n
  let lowest = 0n
  let carry = draft.carry_1e8
  for (let at = 0; at < plan.steps; at++) {
    if (plan.kind[at] !== TRADE) continue
    const price = plan.price[at] as number
    const qty = plan.qty[at] as number
    const mark = markOf(market) || price
    const closed = Math.min(closing, qty)
    const opened = qty - closed
    closing -= closed
    // Against the mark this trade loses (or gains) at once, and closing frees what opening needs.
    const worth = notional(market, mark, qty) - notional(market, price, qty)
    running += side === BUY ? worth : -worth
    running += initialMargin(seat, mark, closed) - initialMargin(seat, mark, opened)
    const fee = core.fee({
      market,
      seat,
      liquidity: 'taker',
      side,
      price_ticks: price,
      qty_lots: qty,
      fee_asset: market.quote,
      carry_1e8: carry,
    })
    carry = fee.carry_1e8
    running -= fee.fee_1e8
    // What only closes is always allowed: it lowers what the account must carry.
    if (opened > 0) lowest = smaller(lowest, running)
  }
  if (draft.rests) {
    const covered = Math.min(closing, plan.left_lots)
    running -= holdFor(core, seat, price_ticks as number, plan.left_lots, covered, flags)
    if (covered < plan.left_lots) lowest = smaller(lowest, running)
  }
  needed = larger(needed, -lowest)
  if (needed === 0n) return null
  const free = available(core, seat.account, market.quote) + draft.credit_1e8
  return needed > free ? { needed_1e8: needed, free_1e8: free } : null
}

function holdFor(
  core: Core,
  seat: Seat,
  price_ticks: number,
  qty_lots: number,
  covered_lots: number,
  flags: number,
): bigint {
  if ((flags & REDUCE_ONLY) !== 0) return 0n
  const opening = qty_lots - covered_lots
  return (
    initialMargin(seat, price_ticks, opening) +
    core.feeHold(seat.market, seat, price_ticks, opening)
  )
}

function reserve(core: Core, seat: Seat, slot: number): void {
  const { store } = core
  const flags = store.flags(slot)
  const qty = store.remaining(slot)
  const side = seat.market.book.sideOf(slot)
  const reduces = (flags & REDUCE_ONLY) !== 0
  const covered = reduces ? 0 : Math.min(qty, netUncommitted(seat, side))
  seat.committed_lots += covered
  hold(core, seat, slot, qty, covered)
}

function hold(core: Core, seat: Seat, slot: number, qty_lots: number, covered: number): void {
  const amount = holdFor(
    core,
    seat,
    seat.market.book.priceOf(slot),
    qty_lots,
    covered,
    core.store.flags(slot),
  )
  core.store.setCover(slot, covered)
  core.setHold(slot, amount)
  core.marginOf(seat.account, seat.market.quote).held_1e8 += amount
}

function unhold(core: Core, seat: Seat, slot: number): void {
  core.marginOf(seat.account, seat.market.quote).held_1e8 -= core.holdOf(slot)
}

function release(core: Core, seat: Seat, slot: number): void {
  seat.committed_lots -= core.store.cover(slot)
  core.store.setCover(slot, 0)
  unhold(core, seat, slot)
  core.setHold(slot, 0n)
}

function trim(core: Core, seat: Seat, slot: number): void {
  const qty = core.store.remaining(slot)
  const before = core.store.cover(slot)
  const covered = Math.min(qty, before)
  seat.committed_lots += covered - before
  unhold(core, seat, slot)
  hold(core, seat, slot, qty, covered)
}

/** Initial margin of every resting order at the seat's present leverage, beyond what is held now. */
export function rehold(core: Core, seat: Seat): void {
  for (const slot of core.slotsOf(seat)) {
    unhold(core, seat, slot)
    hold(core, seat, slot, core.store.remaining(slot), core.store.cover(slot))
  }
}

function settled(core: Core, seat: Seat): void {
  takeBackCover(core, seat, (slot, covered) => {
    unhold(core, seat, slot)
    hold(core, seat, slot, core.store.remaining(slot), covered)
  })
}

function trade(core: Core, draft: Draft, slot: number, price_ticks: number, qty: number): void {
  const { market } = draft
  const { store } = core
  const maker = core.seats[store.owner(slot)] as Seat
  const makerFlags = store.flags(slot)
  const makerId = store.id(slot)
  const makerSide = draft.side === BUY ? 1 : BUY
  const after = store.remaining(slot) - qty
  const coverBefore = core.store.cover(slot)
  const coverAfter = coverBefore - Math.min(coverBefore, qty)
  maker.committed_lots += coverAfter - coverBefore
  unhold(core, maker, slot)
  hold(core, maker, slot, after, coverAfter)

  const makerMove = move(maker, makerSide, makerFlags, price_ticks, qty)
  const takerMove = move(draft.seat, draft.side, draft.flags, price_ticks, qty)
  const fee = { market, price_ticks, qty_lots: qty, fee_asset: market.quote }
  const makerFee = core.fee({
    ...fee,
    seat: maker,
    liquidity: 'maker',
    side: makerSide,
    carry_1e8: core.carryOf(makerId),
  })
  const takerFee = core.fee({
    ...fee,
    seat: draft.seat,
    liquidity: 'taker',
    side: draft.side,
    carry_1e8: draft.carry_1e8,
  })
  core.setCarry(makerId, makerFee.carry_1e8)
  draft.carry_1e8 = takerFee.carry_1e8

  const { quote } = market.instrument
  tellTrade(
    core,
    draft,
    slot,
    { price_ticks, qty_lots: qty },
    {
      taker: shareOf(takerMove.profit_1e8, takerMove.closed_lots, takerFee.fee_1e8, quote),
      maker: shareOf(makerMove.profit_1e8, makerMove.closed_lots, makerFee.fee_1e8, quote),
    },
  )
  pay(core, maker, makerMove.profit_1e8, makerFee.fee_1e8)
  pay(core, draft.seat, takerMove.profit_1e8, takerFee.fee_1e8)
}

/** Profit and fee become cash; what closing earned is owed by (or to) the venue's clearing. */
function pay(core: Core, seat: Seat, profit_1e8: bigint, fee_1e8: bigint): void {
  const { market, account } = seat
  core.clear(market, -profit_1e8)
  core.post(account.id, market.quote, seat.quote, profit_1e8, 'trade')
  core.venue(market.quote, fee_1e8)
  core.post(account.id, market.quote, seat.quote, -fee_1e8, 'fee')
  if (seat.margin === 'isolated' && seat.position_lots !== 0) {
    // The position pays its own fee; at most what it has.
    const part = smaller(fee_1e8, seat.isolated_1e8)
    seat.isolated_1e8 -= part
    seat.quote.reserved_1e8 -= part
  }
  core.position(seat, null)
}

/**
 * Closes what is open on the other side, then opens.
 *
 * Closing a long receives and opening a long pays; the buyer's figure is rounded up, the seller's down.
 *
 * @returns Lots closed and the profit they made in cash.
 */
function move(
  seat: Seat,
  side: number,
  flags: number,
  price_ticks: number,
  qty_lots: number,
): { closed_lots: number; profit_1e8: bigint } {
  const { market } = seat
  const { money } = market
  const held = Math.abs(seat.position_lots)
  const closed = Math.min(qty_lots, netClosable(seat, side))
  const opened = qty_lots - closed
  // One rounding for the whole fill, so that closing and opening parts add up to it.
  const whole = side === BUY ? money.up(price_ticks, qty_lots) : money.down(price_ticks, qty_lots)
  const closedWorth = opened === 0 ? whole : money.down(price_ticks, closed)
  const openedWorth = whole - closedWorth
  let profit = 0n
  if (closed > 0) {
    const part = (seat.cost_1e8 * BigInt(closed)) / BigInt(held)
    profit = side === BUY ? part - closedWorth : closedWorth - part
    seat.cost_1e8 -= part
    seat.realized_1e8 += profit
    releaseIsolated(seat, closed, held, profit)
  }
  seat.position_lots += side === BUY ? qty_lots : -qty_lots
  market.position_lots += Math.abs(seat.position_lots) - held
  if (opened > 0) {
    if (closed === held) seat.margin = (flags & ISOLATED) !== 0 ? 'isolated' : 'cross'
    seat.cost_1e8 += openedWorth
    if (seat.margin === 'isolated') {
      const margin = initialMargin(seat, price_ticks, opened)
      seat.isolated_1e8 += margin
      seat.quote.reserved_1e8 += margin
    }
  }
  return { closed_lots: closed, profit_1e8: profit }
}

/** Isolated margin comes back in proportion; a loss beyond that part eats into what stays. */
function releaseIsolated(seat: Seat, closed: number, held: number, profit_1e8: bigint): void {
  const share = (seat.isolated_1e8 * BigInt(closed)) / BigInt(held)
  const part = smaller(larger(share, -profit_1e8), seat.isolated_1e8)
  seat.isolated_1e8 -= part
  seat.quote.reserved_1e8 -= part
}
