/**
 * Event: contracts that pay 1 or 0 (or a fraction), on one book quoted in YES.
 *
 * A bid opens YES at p or closes NO and gets 1 - p back; an ask closes YES at p or opens NO at 1 - p. Two
 * openers mint a pair into the venue's pool, two closers merge one out of it, so the pool always holds
 * exactly one unit of quote for each pair. With `net` netting YES and NO of one account never coexist and a
 * fill closes what is held first; with `separate` the order's leg says which token it trades.
 *
 * Lots that close a position need no cash. A resting order is promised such lots when it is placed (its
 * cover); if other fills use them up, the cover is taken back, newest order first, and paid for with the
 * money those fills set free.
 *
 * @module
 */

import { BUY } from '../book.js'
import type { BalanceCause, Core, Draft, Market, Seat, Shortage } from '../core.js'
import { LEG_NO } from '../flags.js'
import { spendable } from '../margin.js'
import { type Plan, TRADE } from '../match.js'
import type { Liquidity } from '../order.js'
import { larger, smaller } from '../units.js'
import type { Collateral } from './collateral.js'
import { netClosable, netUncommitted, takeBackCover } from './cover.js'
import { shareOf, tellTrade } from './tell.js'

export const event: Collateral = {
  shortage,
  reserve,
  release,
  trim,
  trade,
  // `trade` takes cover back itself, before the fees.
  settled: () => undefined,
  closable,
}

const isSeparate = (core: Core): boolean => core.rules.eventNetting === 'separate'

/** Ticks an opener pays per lot: p for YES, 1 - p for NO. */
const openTicks = (market: Market, side: number, price_ticks: number): number =>
  side === BUY ? price_ticks : market.one_ticks - price_ticks

/** Ticks a closer receives per lot: 1 - p for NO, p for YES. */
const closeTicks = (market: Market, side: number, price_ticks: number): number =>
  side === BUY ? market.one_ticks - price_ticks : price_ticks

function closable(seat: Seat, side: number, flags: number): number {
  if ((flags & LEG_NO) !== 0) return side === BUY ? seat.no_lots : 0
  return netClosable(seat, side)
}

/** Lots that a new order on this side may promise to close. */
function uncommitted(core: Core, seat: Seat, side: number, flags: number): number {
  if (!isSeparate(core)) return netUncommitted(seat, side)
  if (!closes(side, flags)) return 0
  return (flags & LEG_NO) !== 0
    ? seat.no_lots - seat.no_committed_lots
    : seat.position_lots - seat.committed_lots
}

/** Separate tokens: whether an order delivers a token rather than paying for one. */
const closes = (side: number, flags: number): boolean =>
  (flags & LEG_NO) !== 0 ? side === BUY : side !== BUY

function commit(core: Core, seat: Seat, flags: number, lots: number): void {
  if (isSeparate(core) && (flags & LEG_NO) !== 0) seat.no_committed_lots += lots
  else seat.committed_lots += lots
}

function shortage(core: Core, draft: Draft, plan: Plan): Shortage | null {
  const { market, seat, side, flags, price_ticks } = draft
  const { money } = market
  let closing = uncommitted(core, seat, side, flags) + draft.credit_lots
  if (isSeparate(core) && closes(side, flags)) {
    const lots = price_ticks === null ? plan.traded_lots : draft.qty_lots
    if (lots > closing) {
      return { needed_1e8: money.qty_1e8(lots), free_1e8: money.qty_1e8(closing) }
    }
  }
  let needed = 0n
  if (price_ticks !== null) {
    const opening = draft.qty_lots - Math.min(closing, draft.qty_lots)
    needed =
      money.up(openTicks(market, side, price_ticks), opening) +
      core.feeHold(market, seat, price_ticks, draft.qty_lots)
  }
  // Cash after each step of the plan: closing pays in, opening and fees pay out.
  let running = 0n
  let lowest = 0n
  let carry = draft.carry_1e8
  for (let at = 0; at < plan.steps; at++) {
    if (plan.kind[at] !== TRADE) continue
    const price = plan.price[at] as number
    const qty = plan.qty[at] as number
    const closed = Math.min(closing, qty)
    closing -= closed
    running += money.down(closeTicks(market, side, price), closed)
    running -= money.up(openTicks(market, side, price), qty - closed)
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
    lowest = smaller(lowest, running)
  }
  if (draft.rests) {
    const covered = Math.min(closing, plan.left_lots)
    running -= holdFor(core, market, seat, side, price_ticks as number, plan.left_lots, covered)
    lowest = smaller(lowest, running)
  }
  needed = larger(needed, -lowest)
  const free = spendable(seat) + draft.credit_1e8
  return needed > free ? { needed_1e8: needed, free_1e8: free } : null
}

function holdFor(
  core: Core,
  market: Market,
  seat: Seat,
  side: number,
  price_ticks: number,
  qty_lots: number,
  covered_lots: number,
): bigint {
  return (
    market.money.up(openTicks(market, side, price_ticks), qty_lots - covered_lots) +
    core.restingFeeHold(market, seat, side, price_ticks, qty_lots)
  )
}

function reserve(core: Core, seat: Seat, slot: number): void {
  const { store } = core
  const flags = store.flags(slot)
  const side = seat.market.book.sideOf(slot)
  const qty = store.remaining(slot)
  const covered = Math.min(qty, uncommitted(core, seat, side, flags))
  commit(core, seat, flags, covered)
  core.store.setCover(slot, covered)
  hold(core, seat, slot, qty, covered)
}

/** Sets what a resting order holds for so many open lots, of which some are covered. */
function hold(core: Core, seat: Seat, slot: number, qty_lots: number, covered: number): void {
  const { market } = seat
  const { book } = market
  const amount = holdFor(
    core,
    market,
    seat,
    book.sideOf(slot),
    book.priceOf(slot),
    qty_lots,
    covered,
  )
  seat.quote.reserved_1e8 += amount
  core.setHold(slot, amount)
}

function release(core: Core, seat: Seat, slot: number): void {
  commit(core, seat, core.store.flags(slot), -core.store.cover(slot))
  core.store.setCover(slot, 0)
  seat.quote.reserved_1e8 -= core.holdOf(slot)
  core.setHold(slot, 0n)
}

function trim(core: Core, seat: Seat, slot: number): void {
  const qty = core.store.remaining(slot)
  const covered = Math.min(qty, core.store.cover(slot))
  commit(core, seat, core.store.flags(slot), covered - core.store.cover(slot))
  core.store.setCover(slot, covered)
  seat.quote.reserved_1e8 -= core.holdOf(slot)
  hold(core, seat, slot, qty, covered)
}

/** Cash of one party of a fill, before fees. */
interface Flow {
  readonly closed_lots: number
  readonly opened_lots: number
  /** For the closed lots. */
  readonly received_1e8: bigint
  /** Signed change of cash: received less paid for the opened lots. */
  readonly change_1e8: bigint
}

function trade(core: Core, draft: Draft, slot: number, price_ticks: number, qty: number): void {
  const { market } = draft
  const { store } = core
  const maker = core.seats[store.owner(slot)] as Seat
  const makerFlags = store.flags(slot)
  const makerId = store.id(slot)
  const makerSide = draft.side === BUY ? 1 : BUY
  const before = store.remaining(slot)
  const after = before - qty
  const coverBefore = core.store.cover(slot)
  const coverAfter = coverBefore - Math.min(coverBefore, qty)
  // An account that trades with itself pays its maker's fee out of this fill: what else it has free is for the taker.
  const kept = maker === draft.seat ? maker.quote.total_1e8 - maker.quote.reserved_1e8 : 0n

  commit(core, maker, makerFlags, coverAfter - coverBefore)
  core.store.setCover(slot, coverAfter)
  maker.quote.reserved_1e8 -= core.holdOf(slot)
  hold(core, maker, slot, after, coverAfter)

  const makerClosed = Math.min(qty, closedBy(core, maker, makerSide, makerFlags))
  const makerFlow = flow(market, makerSide, price_ticks, makerClosed, qty, {
    before: before - coverBefore,
    after: after - coverAfter,
  })
  // The maker's position moves first: an order that trades with its own account sees it.
  move(core, maker, makerSide, makerFlags, makerFlow)
  const takerClosed = Math.min(qty, closedBy(core, draft.seat, draft.side, draft.flags))
  const takerFlow = flow(market, draft.side, price_ticks, takerClosed, qty, null)
  move(core, draft.seat, draft.side, draft.flags, takerFlow)
  // Before the fees: what orders that lost their cover now hold is not there to be charged.
  uncover(core, maker)
  uncover(core, draft.seat)
  const makerFee = partyFee(core, maker, 'maker', makerSide, price_ticks, qty, {
    carry_1e8: core.carryOf(makerId),
    change_1e8: makerFlow.change_1e8 - kept,
  })
  const takerFee = partyFee(core, draft.seat, 'taker', draft.side, price_ticks, qty, {
    carry_1e8: draft.carry_1e8,
    change_1e8: takerFlow.change_1e8,
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
      taker: shareOf(takerFlow.change_1e8, takerClosed, takerFee.fee_1e8, quote),
      maker: shareOf(makerFlow.change_1e8, makerClosed, makerFee.fee_1e8, quote),
    },
  )
  settle(core, maker, makerSide, makerFlags, makerFlow, makerFee.fee_1e8)
  settle(core, draft.seat, draft.side, draft.flags, takerFlow, takerFee.fee_1e8)

  // Pairs: what openers minted less what closers merged stays in the pool.
  market.pool_1e8 += market.money.qty_1e8(qty - takerClosed - makerClosed)
  core.venue(market.quote, -(makerFlow.change_1e8 + takerFlow.change_1e8))
}

/** Lots this fill may close: held contracts in net mode, the leg's tokens in separate mode. */
function closedBy(core: Core, seat: Seat, side: number, flags: number): number {
  if (!isSeparate(core)) return netClosable(seat, side)
  return closes(side, flags) ? Number.POSITIVE_INFINITY : 0
}

function flow(
  market: Market,
  side: number,
  price_ticks: number,
  closed_lots: number,
  qty_lots: number,
  uncovered: { before: number; after: number } | null,
): Flow {
  const { money } = market
  const opened = qty_lots - closed_lots
  const ticks = openTicks(market, side, price_ticks)
  const received = money.down(closeTicks(market, side, price_ticks), closed_lots)
  // A resting order pays its hold down: its fills together are rounded up once.
  const paid =
    uncovered !== null && opened === uncovered.before - uncovered.after
      ? money.up(ticks, uncovered.before) - money.up(ticks, uncovered.after)
      : money.up(ticks, opened)
  return {
    closed_lots,
    opened_lots: opened,
    received_1e8: received,
    change_1e8: received - paid,
  }
}

function partyFee(
  core: Core,
  seat: Seat,
  liquidity: Liquidity,
  side: number,
  price_ticks: number,
  qty_lots: number,
  /** `change_1e8`: cash that the fill brings or takes, or sets apart. */
  fill: { carry_1e8: bigint; change_1e8: bigint },
): { fee_1e8: bigint; carry_1e8: bigint } {
  const { fee_1e8, carry_1e8 } = core.fee({
    market: seat.market,
    seat,
    liquidity,
    side,
    price_ticks,
    qty_lots,
    fee_asset: seat.market.quote,
    carry_1e8: fill.carry_1e8,
  })
  const free = seat.quote.total_1e8 + fill.change_1e8 - seat.quote.reserved_1e8
  return { fee_1e8: smaller(fee_1e8, larger(free, 0n)), carry_1e8 }
}

function settle(
  core: Core,
  seat: Seat,
  side: number,
  flags: number,
  { closed_lots, opened_lots, change_1e8 }: Flow,
  fee_1e8: bigint,
): void {
  const { market } = seat
  const account = seat.account.id
  core.post(account, market.quote, seat.quote, change_1e8, causeOf(side, closed_lots, opened_lots))
  core.post(account, market.quote, seat.quote, -fee_1e8, 'fee')
  core.venue(market.quote, fee_1e8)
  core.position(seat, isSeparate(core) ? ((flags & LEG_NO) !== 0 ? 'NO' : 'YES') : null)
}

/** An ask that only opens NO mints, a bid that only closes NO merges; YES bought and sold is a trade. */
function causeOf(side: number, closed_lots: number, opened_lots: number): BalanceCause {
  if (side === BUY) return opened_lots === 0 ? 'merge' : 'trade'
  return closed_lots === 0 ? 'mint' : 'trade'
}

/** Position, cost and realized profit after closing and opening lots. */
function move(core: Core, seat: Seat, side: number, flags: number, lots: Flow): void {
  const paid = lots.received_1e8 - lots.change_1e8
  if (isSeparate(core) && (flags & LEG_NO) !== 0) {
    const part = costPart(seat.no_cost_1e8, lots.closed_lots, seat.no_lots)
    seat.no_cost_1e8 += paid - part
    seat.no_realized_1e8 += lots.received_1e8 - part
    seat.no_lots += lots.opened_lots - lots.closed_lots
    seat.market.position_lots += lots.opened_lots - lots.closed_lots
    return
  }
  const held = Math.abs(seat.position_lots)
  const part = costPart(seat.cost_1e8, lots.closed_lots, held)
  seat.cost_1e8 += paid - part
  seat.realized_1e8 += lots.received_1e8 - part
  const signed = side === BUY ? 1 : -1
  seat.position_lots += signed * (lots.closed_lots + lots.opened_lots)
  seat.market.position_lots += Math.abs(seat.position_lots) - held
}

/** Share of a cost that leaves with part of a position; the last lot takes what is left. */
function costPart(cost_1e8: bigint, closed_lots: number, held_lots: number): bigint {
  if (closed_lots === 0) return 0n
  return (cost_1e8 * BigInt(closed_lots)) / BigInt(held_lots)
}

/**
 * Takes cover back where it is used up. Each lot that loses cover was closed by another fill, which paid its
 * holder a full unit less what the new hold needs. So the order that just traded is never among them: its own
 * fill took as much cover as it closed.
 */
function uncover(core: Core, seat: Seat): void {
  if (isSeparate(core)) return
  takeBackCover(core, seat, (slot, covered) => {
    core.store.setCover(slot, covered)
    seat.quote.reserved_1e8 -= core.holdOf(slot)
    hold(core, seat, slot, core.store.remaining(slot), covered)
  })
}
