/**
 * Spot: cash for goods. A buy holds quote, a sell holds base; both sides of a trade settle at once.
 *
 * A resting buy pays its hold down, so its fills together cost its price times its size rounded up once;
 * a taker pays each fill rounded up. A seller receives each fill rounded down; the dust is the venue's.
 *
 * @module
 */

import { BUY } from '../book.js'
import type { Core, Draft, Market, Seat, Shortage } from '../core.js'
import { FEE_IN_BASE } from '../flags.js'
import type { Balance } from '../ledger.js'
import { spendable } from '../margin.js'
import { type Plan, TRADE } from '../match.js'
import type { Liquidity } from '../order.js'
import { larger, smaller } from '../units.js'
import type { Collateral } from './collateral.js'
import { type Share, tellTrade } from './tell.js'

export const spot: Collateral = {
  shortage,
  reserve,
  release,
  trim,
  trade,
  settled: () => undefined,
  closable: () => 0,
}

function shortage(core: Core, draft: Draft, plan: Plan): Shortage | null {
  const { seat, side } = draft
  const needed = side === BUY ? quoteNeeded(core, draft, plan) : baseNeeded(core, draft, plan)
  const unreserved = side === BUY ? spendable(seat) : freeOf(seat.base)
  const free = unreserved + draft.credit_1e8
  return needed > free ? { needed_1e8: needed, free_1e8: free } : null
}

function quoteNeeded(core: Core, draft: Draft, plan: Plan): bigint {
  const { market, seat, price_ticks, flags } = draft
  const { money } = market
  const inQuote = (flags & FEE_IN_BASE) === 0
  let executed = 0n
  if (draft.rests) {
    draft.hold_1e8 = holdFor(core, market, seat, BUY, price_ticks as number, plan.left_lots, flags)
    // Nothing trades: what it will hold covers the check at entry.
    if (plan.steps === 0) return draft.hold_1e8
    executed = draft.hold_1e8
  }
  let atEntry = 0n
  if (price_ticks !== null) {
    atEntry = money.up(price_ticks, draft.qty_lots)
    if (inQuote) atEntry += core.feeHold(market, seat, price_ticks, draft.qty_lots)
  }
  let carry = draft.carry_1e8
  for (let at = 0; at < plan.steps; at++) {
    if (plan.kind[at] !== TRADE) continue
    const price = plan.price[at] as number
    const qty = plan.qty[at] as number
    executed += money.up(price, qty)
    if (!inQuote) continue
    const fee = core.fee({
      market,
      seat,
      liquidity: 'taker',
      side: BUY,
      price_ticks: price,
      qty_lots: qty,
      fee_asset: market.quote,
      carry_1e8: carry,
    })
    carry = fee.carry_1e8
    executed += larger(fee.fee_1e8, 0n)
  }
  return larger(executed, atEntry)
}

function baseNeeded(core: Core, draft: Draft, plan: Plan): bigint {
  const { market, seat, price_ticks, flags } = draft
  const { money } = market
  const inBase = (flags & FEE_IN_BASE) !== 0
  const lots = price_ticks === null ? plan.traded_lots : draft.qty_lots
  let needed = money.qty_1e8(lots)
  if (!inBase) return needed
  if (price_ticks !== null && plan.left_lots > 0) {
    needed += baseFee(core, market, seat, price_ticks, plan.left_lots)
  }
  let carry = draft.carry_1e8
  for (let at = 0; at < plan.steps; at++) {
    if (plan.kind[at] !== TRADE) continue
    const fee = core.fee({
      market,
      seat,
      liquidity: 'taker',
      side: draft.side,
      price_ticks: plan.price[at] as number,
      qty_lots: plan.qty[at] as number,
      fee_asset: market.base,
      carry_1e8: carry,
    })
    carry = fee.carry_1e8
    needed += larger(fee.fee_1e8, 0n)
  }
  return needed
}

/** Base kept for a sell's fee in base: the taker's, the larger of the two in every schedule. */
function baseFee(
  core: Core,
  market: Market,
  seat: Seat,
  price_ticks: number,
  qty_lots: number,
): bigint {
  const { fee_1e8 } = core.fee({
    market,
    seat,
    liquidity: 'taker',
    side: 1,
    price_ticks,
    qty_lots,
    fee_asset: market.base,
    carry_1e8: 0n,
  })
  return larger(fee_1e8, 0n)
}

/** What an order of this size must hold while it rests: quote for buys, base for sells. */
function holdFor(
  core: Core,
  market: Market,
  seat: Seat,
  side: number,
  price_ticks: number,
  qty_lots: number,
  flags: number,
): bigint {
  const inBase = (flags & FEE_IN_BASE) !== 0
  if (side === BUY) {
    const notional = market.money.up(price_ticks, qty_lots)
    if (inBase) return notional
    return notional + core.restingFeeHold(market, seat, side, price_ticks, qty_lots, notional)
  }
  const size = market.money.qty_1e8(qty_lots)
  return inBase ? size + baseFee(core, market, seat, price_ticks, qty_lots) : size
}

function reserve(core: Core, seat: Seat, slot: number, known_1e8: bigint | null): void {
  const { market } = seat
  const { store } = core
  const side = market.book.sideOf(slot)
  const hold =
    known_1e8 ??
    holdFor(
      core,
      market,
      seat,
      side,
      market.book.priceOf(slot),
      store.remaining(slot),
      store.flags(slot),
    )
  core.setHold(slot, hold)
  const balance = side === BUY ? seat.quote : seat.base
  balance.reserved_1e8 += hold
}

function release(core: Core, seat: Seat, slot: number): void {
  const balance = seat.market.book.sideOf(slot) === BUY ? seat.quote : seat.base
  balance.reserved_1e8 -= core.holdOf(slot)
  core.setHold(slot, 0n)
}

function trim(core: Core, seat: Seat, slot: number): void {
  release(core, seat, slot)
  reserve(core, seat, slot, null)
}

function trade(core: Core, draft: Draft, slot: number, price_ticks: number, qty: number): void {
  const { market } = draft
  const { money } = market
  const { store } = core
  const maker = core.seats[store.owner(slot)] as Seat
  const makerFlags = store.flags(slot)
  const makerId = store.id(slot)
  const makerSide = draft.side === BUY ? 1 : BUY
  const before = store.remaining(slot)
  const after = before - qty
  // An account that trades with itself pays its maker's fee out of this fill: what else it has free is for the taker.
  const own = maker === draft.seat
  const kept = own ? freeOf(feeBalance(maker, makerFlags)) : 0n

  // The maker's hold shrinks first: what it pays comes out of what this releases.
  const hold =
    after === 0 ? 0n : holdFor(core, market, maker, makerSide, price_ticks, after, makerFlags)
  const released = core.holdOf(slot) - hold
  core.setHold(slot, hold)
  if (makerSide === BUY) maker.quote.reserved_1e8 -= released
  else maker.base.reserved_1e8 -= released

  const makerQuote =
    makerSide === BUY
      ? money.up(price_ticks, before) - money.up(price_ticks, after)
      : money.down(price_ticks, qty)
  const takerQuote = draft.side === BUY ? money.up(price_ticks, qty) : money.down(price_ticks, qty)
  const size = money.qty_1e8(qty)

  const makerFee = partyFee(core, market, maker, 'maker', makerSide, price_ticks, qty, {
    flags: makerFlags,
    carry_1e8: core.carryOf(makerId),
    quote_1e8: makerQuote,
    size_1e8: size,
    beside_1e8: -kept,
  })
  const takerInBase = (draft.flags & FEE_IN_BASE) !== 0
  const sameAsset = takerInBase === ((makerFlags & FEE_IN_BASE) !== 0)
  const takerFee = partyFee(core, market, draft.seat, 'taker', draft.side, price_ticks, qty, {
    flags: draft.flags,
    carry_1e8: draft.carry_1e8,
    quote_1e8: takerQuote,
    size_1e8: size,
    beside_1e8: own
      ? flow(makerSide, takerInBase, makerQuote, size) - (sameAsset ? makerFee.fee_1e8 : 0n)
      : 0n,
  })
  core.setCarry(makerId, makerFee.carry_1e8)
  draft.carry_1e8 = takerFee.carry_1e8

  const share = (side: number, quote_1e8: bigint, fee: PartyFee): Share => ({
    quote_1e8,
    change_1e8: side === BUY ? -quote_1e8 : quote_1e8,
    closed_lots: 0,
    fee_1e8: fee.fee_1e8,
    fee_asset: core.ledger.assets[fee.asset] as string,
  })
  tellTrade(
    core,
    draft,
    slot,
    { price_ticks, qty_lots: qty },
    {
      taker: share(draft.side, takerQuote, takerFee),
      maker: share(makerSide, makerQuote, makerFee),
    },
  )
  settle(core, maker, makerSide, makerQuote, size, makerFee)
  settle(core, draft.seat, draft.side, takerQuote, size, takerFee)
  const dust = draft.side === BUY ? takerQuote - makerQuote : makerQuote - takerQuote
  core.venue(market.quote, dust)
}

interface PartyFee {
  readonly fee_1e8: bigint
  readonly carry_1e8: bigint
  readonly asset: number
}

function partyFee(
  core: Core,
  market: Market,
  seat: Seat,
  liquidity: Liquidity,
  side: number,
  price_ticks: number,
  qty_lots: number,
  fill: {
    flags: number
    carry_1e8: bigint
    quote_1e8: bigint
    size_1e8: bigint
    /** What else may be spent on the fee, or may not. */
    beside_1e8: bigint
  },
): PartyFee {
  const inBase = (fill.flags & FEE_IN_BASE) !== 0
  const asset = inBase ? market.base : market.quote
  const { fee_1e8, carry_1e8 } = core.fee({
    market,
    seat,
    liquidity,
    side,
    price_ticks,
    qty_lots,
    fee_asset: asset,
    carry_1e8: fill.carry_1e8,
  })
  const change = flow(side, inBase, fill.quote_1e8, fill.size_1e8)
  const free = freeOf(feeBalance(seat, fill.flags)) + change + fill.beside_1e8
  return { fee_1e8: smaller(fee_1e8, larger(free, 0n)), carry_1e8, asset }
}

/** What a fill brings in base or quote, below zero where it takes. */
function flow(side: number, inBase: boolean, quote_1e8: bigint, size_1e8: bigint): bigint {
  const amount = inBase ? size_1e8 : quote_1e8
  return (side === BUY) === inBase ? amount : -amount
}

const feeBalance = (seat: Seat, flags: number): Balance =>
  (flags & FEE_IN_BASE) !== 0 ? seat.base : seat.quote

const freeOf = ({ total_1e8, reserved_1e8 }: Balance): bigint => total_1e8 - reserved_1e8

function settle(
  core: Core,
  seat: Seat,
  side: number,
  quote_1e8: bigint,
  size_1e8: bigint,
  fee: PartyFee,
): void {
  const { market } = seat
  const account = seat.account.id
  const buying = side === BUY
  core.post(account, market.quote, seat.quote, buying ? -quote_1e8 : quote_1e8, 'trade')
  core.post(account, market.base, seat.base, buying ? size_1e8 : -size_1e8, 'trade')
  const balance = fee.asset === market.base ? seat.base : seat.quote
  core.post(account, fee.asset, balance, -fee.fee_1e8, 'fee')
  core.venue(fee.asset, fee.fee_1e8)
}
