/**
 * Orders: an order's way through the exchange: entry checks, matching, resting, leaving.
 *
 * Internal to the engine. Entry refuses with one `rejected` event; after `accepted` the book decides. The
 * order of the entry checks is behaviour: state, order words, grid, size, funds.
 *
 * @module
 */

import { BUY } from './book.js'
import { collateralOf } from './collateral/kinds.js'
import type { DoneReason, PlaceCommand } from './command.js'
import {
  type AccountRecord,
  type Core,
  type Draft,
  type Market,
  type Seat,
  type Shortage,
  sideName,
} from './core.js'
import { entryRefusal, priceRefusal, stateRefusal } from './entry.js'
import { LEG_NO, packFlags, postOnlyOf, REDUCE_ONLY, selfTradeOf, timeInForceOf } from './flags.js'
import { atOrAbove, atOrBelow } from './grid.js'
import { DROP_MAKER, Plan, type PlanRules, plan, SELF_TRADE, TRADE } from './match.js'
import type { EntryReject } from './reject.js'

/** What a fill-or-kill order does when its own order stands in the way. */
export type FokSelfTrade = 'unfilled' | 'as-ioc'

export class Orders {
  readonly #core: Core
  readonly #fokSelfTrade: FokSelfTrade
  readonly #plan = new Plan()
  readonly #rules: PlanRules
  readonly #budgetRules: PlanRules
  #budget_1e8 = 0n
  #taker: Draft | undefined

  constructor(core: Core, fokSelfTrade: FokSelfTrade) {
    this.#core = core
    this.#fokSelfTrade = fokSelfTrade
    this.#rules = {
      groupOf: (owner) => (core.seats[owner] as Seat).account.group,
      cap: (steps, slot) => this.#cap(steps, slot),
      capped_flags: REDUCE_ONLY,
      affordable: (price_ticks, wanted_lots) => this.#affordable(price_ticks, wanted_lots),
      budgeted: false,
    }
    this.#budgetRules = { ...this.#rules, budgeted: true }
  }

  place(command: PlaceCommand, account: AccountRecord): void {
    const core = this.#core
    const number = core.marketNumbers.get(command.instrument)
    if (number === undefined) {
      this.reject('place', account.id, null, 'unknown-instrument')
      return
    }
    const market = core.markets[number] as Market
    const code = entryRefusal(core, market, account, command)
    if (code !== undefined) {
      this.reject('place', account.id, null, code)
      return
    }
    const seat = core.seat(account, market)
    const draft = draftOf(core, command, market, seat)
    const fate = this.#intend(draft, command.quote_budget_1e8)
    const short = collateralOf(market).shortage(core, draft, this.#plan)
    if (short !== null) {
      this.reject('place', account.id, null, 'insufficient-balance', short)
      return
    }

    const asked = command.quote_budget_1e8 === null ? command.qty_lots : draft.qty_lots
    core.last_order += 1
    draft.order_id = core.last_order
    core.events.push({
      type: 'accepted',
      seq: core.next(),
      ts_us: core.ts_us,
      account_id: account.id,
      order_id: draft.order_id,
      instrument: market.instrument.venue_symbol,
      side: command.side,
      price_ticks: command.price_ticks,
      qty_lots: asked,
    })
    if (fate !== null) {
      core.done(seat, draft.order_id, fate, 0, asked)
      return
    }
    this.#execute(draft)
    this.#finish(draft, asked)
  }

  /** New price and new remaining size for a resting order. */
  amend(account: AccountRecord, order_id: number, price_ticks: number, remaining: number): void {
    const core = this.#core
    const { store } = core
    const refuse = (code: EntryReject, shortage: Shortage | null = null) =>
      this.reject('amend', account.id, order_id, code, shortage)
    const slot = this.find(account, order_id)
    if (slot < 0) {
      refuse('unknown-order')
      return
    }
    const seat = core.seats[store.owner(slot)] as Seat
    const { market } = seat
    const flags = store.flags(slot)
    const postOnly = postOnlyOf(flags)
    const code =
      stateRefusal(market, false, postOnly !== 'no') ??
      priceRefusal(market, price_ticks) ??
      (remaining === 0 ? 'not-amendable' : undefined)
    if (code !== undefined) {
      refuse(code)
      return
    }

    const { book } = market
    const side = book.sideOf(slot)
    const oldPrice = book.priceOf(slot)
    const oldRemaining = store.remaining(slot)
    if (price_ticks === oldPrice && remaining <= oldRemaining) {
      this.#amended(seat, order_id, price_ticks, remaining, true)
      if (remaining < oldRemaining) this.#shrink(seat, slot, oldRemaining - remaining)
      return
    }
    const draft: Draft = {
      order_id,
      market,
      seat,
      side,
      price_ticks,
      qty_lots: remaining,
      remaining_lots: remaining,
      filled_lots: core.store.filled(slot),
      flags,
      carry_1e8: core.carryOf(order_id),
      rests: true,
      expire_ts_us: core.expiries.get(order_id) ?? null,
      credit_1e8: core.holdOf(slot),
      credit_lots: core.store.cover(slot),
      hold_1e8: null,
    }
    if (this.#intend(draft, null) !== null) {
      refuse('not-amendable')
      return
    }
    const short = collateralOf(market).shortage(core, draft, this.#plan)
    if (short !== null) {
      refuse('insufficient-balance', short)
      return
    }
    const asked = draft.filled_lots + remaining
    this.#amended(seat, order_id, draft.price_ticks as number, remaining, false)
    const total = this.#leave(seat, slot)
    core.level(market, side, oldPrice, total)
    this.#execute(draft)
    this.#finish(draft, asked)
  }

  /** Slot of an account's own resting order, or -1. */
  find(account: AccountRecord, order_id: number): number {
    const core = this.#core
    const slot = core.slots.get(order_id)
    if (slot < 0) return -1
    const seat = core.seats[core.store.owner(slot)] as Seat
    return seat.account === account ? slot : -1
  }

  /** Takes a resting order off the book and tells why. */
  cancel(slot: number, reason: DoneReason): void {
    const core = this.#core
    const { store } = core
    const seat = core.seats[store.owner(slot)] as Seat
    const { market } = seat
    const side = market.book.sideOf(slot)
    const price_ticks = market.book.priceOf(slot)
    const order_id = store.id(slot)
    const filled = core.store.filled(slot)
    const left = store.remaining(slot)
    const total = this.#leave(seat, slot)
    core.done(seat, order_id, reason, filled, left)
    core.level(market, side, price_ticks, total)
  }

  /** Cancels all orders of a seat, oldest first. */
  cancelSeat(seat: Seat, reason: DoneReason): void {
    for (const slot of this.#core.slotsOf(seat)) this.cancel(slot, reason)
  }

  /** Cancels the newest spot or event order that reserves an asset; false when there is none. */
  cancelNewest(account: AccountRecord, asset: number): boolean {
    const core = this.#core
    let newest = -1
    for (const seat of account.seats.values()) {
      const { market } = seat
      if (market.instrument.kind === 'perp') continue
      for (let slot = seat.head; slot >= 0; slot = core.store.seatNext(slot)) {
        const selling = market.book.sideOf(slot) !== BUY
        if ((selling ? market.base : market.quote) !== asset) continue
        const id = core.store.id(slot)
        if (newest < 0 || id > core.store.id(newest)) newest = slot
      }
    }
    if (newest >= 0) this.cancel(newest, 'liquidation')
    return newest >= 0
  }

  /** Sends the venue's market order that closes a position. */
  close(seat: Seat, side: 0 | 1, qty_lots: number): void {
    const core = this.#core
    const { market, account } = seat
    core.last_order += 1
    const draft: Draft = {
      order_id: core.last_order,
      market,
      seat,
      side,
      price_ticks: null,
      qty_lots,
      remaining_lots: qty_lots,
      filled_lots: 0,
      flags: packFlags(
        {
          reduce_only: true,
          fee_in: 'quote',
          margin: seat.margin,
          self_trade: 'cancel-maker',
          post_only: 'no',
          time_in_force: 'ioc',
        },
        false,
      ),
      carry_1e8: 0n,
      rests: false,
      expire_ts_us: null,
      credit_1e8: 0n,
      credit_lots: 0,
      hold_1e8: null,
    }
    core.events.push({
      type: 'accepted',
      seq: core.next(),
      ts_us: core.ts_us,
      account_id: account.id,
      order_id: draft.order_id,
      instrument: market.instrument.venue_symbol,
      side: sideName(side),
      price_ticks: null,
      qty_lots,
    })
    this.#walk(draft, null)
    this.#execute(draft)
    this.#finish(draft, qty_lots)
  }

  /** Reduce-only orders may not outgrow the position they close: oldest first, the rest shrink or go. */
  trimReduceOnly(seat: Seat): void {
    const core = this.#core
    const collateral = collateralOf(seat.market)
    const { store } = core
    const left = new Map<number, number>()
    for (const slot of core.slotsOf(seat)) {
      const flags = store.flags(slot)
      if ((flags & REDUCE_ONLY) === 0) continue
      const side = seat.market.book.sideOf(slot)
      // Of separate tokens one side may hold both: an order that closes, and one that would open the other token.
      const leg = side * 2 + ((flags & LEG_NO) !== 0 ? 1 : 0)
      const room = left.get(leg) ?? collateral.closable(seat, side, flags)
      const open = store.remaining(slot)
      if (room <= 0) this.cancel(slot, 'reduced-to-zero')
      else if (open > room) {
        this.#amended(seat, store.id(slot), seat.market.book.priceOf(slot), room, true)
        this.#shrink(seat, slot, open - room)
      }
      left.set(leg, Math.max(0, room - open))
    }
  }

  reject(
    command: PlaceCommand['type'] | 'amend' | 'cancel' | 'cancel-all',
    account_id: number,
    order_id: number | null,
    code: EntryReject,
    shortage: Shortage | null = null,
  ): void {
    this.#core.emit({
      type: 'rejected',
      account_id,
      command,
      order_id,
      code,
      needed_1e8: shortage?.needed_1e8 ?? null,
      free_1e8: shortage?.free_1e8 ?? null,
    })
  }

  /**
   * Makes the plan the order will follow, and settles price and size where the book bends them.
   *
   * @returns Why the book will not have it, or null.
   */
  #intend(draft: Draft, quote_budget_1e8: bigint | null): DoneReason | null {
    const { market, side, flags } = draft
    const postOnly = postOnlyOf(flags)
    const steps = this.#plan
    if (postOnly !== 'no') {
      steps.clear(draft.qty_lots)
      const limit = draft.price_ticks as number
      const opposite = market.book.best(side === BUY ? 1 : BUY)
      if (opposite < 0 || (side === BUY ? limit < opposite : limit > opposite)) return null
      if (postOnly === 'reject') return 'would-cross'
      const behind =
        side === BUY ? atOrBelow(market.bands, opposite - 1) : atOrAbove(market.bands, opposite + 1)
      if (behind === null || (market.one_ticks > 0 && behind >= market.one_ticks)) {
        return 'would-cross'
      }
      draft.price_ticks = behind
      return null
    }
    if ((flags & REDUCE_ONLY) !== 0) {
      const room = collateralOf(market).closable(draft.seat, side, flags)
      draft.qty_lots = Math.min(draft.qty_lots, room)
      draft.remaining_lots = draft.qty_lots
    }
    this.#walk(draft, quote_budget_1e8)
    if (timeInForceOf(flags) !== 'fok' || steps.left_lots + steps.decremented_lots === 0)
      return null
    if (steps.end === SELF_TRADE && this.#fokSelfTrade === 'as-ioc') return null
    steps.clear(0)
    return 'fok-unfilled'
  }

  #walk(draft: Draft, quote_budget_1e8: bigint | null): void {
    const { market, side, price_ticks, flags } = draft
    const buying = side === BUY
    let limit = price_ticks ?? (buying ? Number.POSITIVE_INFINITY : 0)
    if (buying && market.high_ticks !== null) limit = Math.min(limit, market.high_ticks)
    if (!buying && market.low_ticks !== null) limit = Math.max(limit, market.low_ticks)
    const budgeted = quote_budget_1e8 !== null
    if (budgeted) {
      this.#budget_1e8 = quote_budget_1e8
      draft.qty_lots = Number.MAX_SAFE_INTEGER
    }
    this.#taker = draft
    plan(
      market.book,
      {
        side,
        limit_ticks: limit,
        qty_lots: draft.qty_lots,
        group: draft.seat.account.group,
        self_trade: selfTradeOf(flags),
      },
      budgeted ? this.#budgetRules : this.#rules,
      this.#plan,
    )
    if (budgeted) {
      draft.qty_lots = this.#plan.traded_lots
      draft.remaining_lots = draft.qty_lots
      this.#plan.left_lots = 0
    }
  }

  /** Carries the plan out. */
  #execute(draft: Draft): void {
    const core = this.#core
    const { store } = core
    const { market, seat } = draft
    const { book } = market
    const steps = this.#plan
    const collateral = collateralOf(market)
    const opposite = draft.side === BUY ? 1 : BUY
    let price = -1
    let total = 0
    for (let at = 0; at < steps.steps; at++) {
      const slot = steps.slot[at] as number
      const qty = steps.qty[at] as number
      const stepPrice = steps.price[at] as number
      if (stepPrice !== price) {
        if (price >= 0) core.level(market, opposite, price, total)
        price = stepPrice
      }
      const maker = core.seats[store.owner(slot)] as Seat
      const kind = steps.kind[at]
      if (kind === TRADE) {
        collateral.trade(core, draft, slot, price, qty)
        if (qty === store.remaining(slot)) {
          core.done(maker, store.id(slot), 'filled', core.store.filled(slot), 0)
          total = this.#leave(maker, slot)
        } else total = book.shrink(slot, qty)
        collateral.settled(core, maker)
        collateral.settled(core, seat)
        if (maker.reduce_only_orders > 0) core.dirty.push(maker)
        if (maker.account.margins.size > 0) core.marginDirty = true
        continue
      }
      const open = store.remaining(slot)
      if (qty === open) {
        core.done(maker, store.id(slot), 'self-trade', core.store.filled(slot), open)
        total = this.#leave(maker, slot)
      } else {
        this.#amended(maker, store.id(slot), price, open - qty, true)
        total = book.shrink(slot, qty)
        collateral.trim(core, maker, slot)
      }
      if (kind !== DROP_MAKER) draft.remaining_lots -= qty
    }
    if (price >= 0) core.level(market, opposite, price, total)
    if (seat.reduce_only_orders > 0) core.dirty.push(seat)
    if (seat.account.margins.size > 0) core.marginDirty = true
  }

  /** What is left of the order rests, or is given up. */
  #finish(draft: Draft, asked_lots: number): void {
    const core = this.#core
    const { seat, order_id, filled_lots, remaining_lots, price_ticks, side, market } = draft
    const steps = this.#plan
    const given = asked_lots - filled_lots
    if (remaining_lots === 0 || steps.end === SELF_TRADE) {
      const reason =
        steps.end === SELF_TRADE || steps.decremented_lots > 0
          ? 'self-trade'
          : given > 0
            ? 'not-reducing'
            : steps.steps === 0
              ? 'no-liquidity'
              : 'filled'
      core.setCarry(order_id, 0n)
      core.done(seat, order_id, reason, filled_lots, given)
      return
    }
    const opposite = market.book.best(side === BUY ? 1 : BUY)
    const crossing =
      price_ticks !== null &&
      opposite >= 0 &&
      (side === BUY ? price_ticks >= opposite : price_ticks <= opposite)
    if (!draft.rests || crossing || price_ticks === null) {
      const reason = price_ticks === null || crossing ? 'no-liquidity' : 'ioc-unfilled'
      core.setCarry(order_id, 0n)
      core.done(seat, order_id, reason, filled_lots, given)
      return
    }
    this.#rest(draft, price_ticks)
    if ((draft.flags & REDUCE_ONLY) !== 0) core.dirty.push(seat)
  }

  #rest(draft: Draft, price_ticks: number): void {
    const core = this.#core
    const { market, seat, side, order_id, remaining_lots } = draft
    const { book } = market
    const slot = book.rest(side, price_ticks, order_id, seat.number, remaining_lots, draft.flags)
    core.slots.add(order_id, slot)
    core.store.setFilled(slot, draft.filled_lots)
    core.setCarry(order_id, draft.carry_1e8)
    if (draft.expire_ts_us !== null) core.expiries.set(order_id, draft.expire_ts_us)
    core.link(seat, slot)
    collateralOf(market).reserve(core, seat, slot, draft.hold_1e8)
    const total = core.store.total(core.store.level(slot) as number)
    core.events.push({
      type: 'rested',
      seq: core.next(),
      ts_us: core.ts_us,
      account_id: seat.account.id,
      order_id,
      price_ticks,
      remaining_lots,
      queue_ahead_lots: total - remaining_lots,
    })
    core.level(market, side, price_ticks, total)
  }

  /** Gives back what the order held and frees its slot; answers the lots left at its price. */
  #leave(seat: Seat, slot: number): number {
    const core = this.#core
    const order_id = core.store.id(slot)
    collateralOf(seat.market).release(core, seat, slot)
    core.unlink(seat, slot)
    core.slots.remove(order_id)
    if (core.carries.size > 0) core.carries.delete(order_id)
    if (core.expiries.size > 0) core.expiries.delete(order_id)
    return seat.market.book.remove(slot)
  }

  #shrink(seat: Seat, slot: number, by_lots: number): void {
    const { book } = seat.market
    const side = book.sideOf(slot)
    const price_ticks = book.priceOf(slot)
    const total = book.shrink(slot, by_lots)
    collateralOf(seat.market).trim(this.#core, seat, slot)
    this.#core.level(seat.market, side, price_ticks, total)
  }

  #amended(
    seat: Seat,
    order_id: number,
    price_ticks: number,
    remaining_lots: number,
    kept_place: boolean,
  ): void {
    const core = this.#core
    core.events.push({
      type: 'amended',
      seq: core.next(),
      ts_us: core.ts_us,
      account_id: seat.account.id,
      order_id,
      price_ticks,
      remaining_lots,
      kept_place,
    })
  }

  /** What a resting reduce-only order may still close, after the plan's earlier steps. */
  #cap(steps: Plan, slot: number): number {
    const core = this.#core
    const { store } = core
    const owner = store.owner(slot)
    const seat = core.seats[owner] as Seat
    const side = seat.market.book.sideOf(slot)
    let room = collateralOf(seat.market).closable(seat, side, store.flags(slot))
    for (let at = 0; at < steps.steps; at++) {
      if (store.owner(steps.slot[at] as number) === owner) room -= steps.qty[at] as number
    }
    // Its owner on the other side of the plan closes and opens the same lots.
    if ((this.#taker as Draft).seat === seat) room += steps.traded_lots
    return Math.max(0, room)
  }

  #affordable(price_ticks: number, wanted_lots: number): number {
    const { money } = (this.#taker as Draft).market
    const most = money.lotsFor(price_ticks, this.#budget_1e8)
    const lots = Math.min(wanted_lots, most)
    this.#budget_1e8 -= money.up(price_ticks, lots)
    return lots
  }
}

function draftOf(core: Core, command: PlaceCommand, market: Market, seat: Seat): Draft {
  const { time_in_force } = command
  const separate = core.rules.eventNetting === 'separate' && market.one_ticks > 0
  return {
    order_id: 0,
    market,
    seat,
    side: command.side === 'buy' ? BUY : 1,
    price_ticks: command.price_ticks,
    qty_lots: command.qty_lots,
    remaining_lots: command.qty_lots,
    filled_lots: 0,
    flags: packFlags(command, separate && command.leg === 'NO'),
    carry_1e8: 0n,
    rests: command.price_ticks !== null && (time_in_force === 'gtc' || time_in_force === 'gtd'),
    expire_ts_us: time_in_force === 'gtd' ? command.expire_ts_us : null,
    credit_1e8: 0n,
    credit_lots: 0,
    hold_1e8: null,
  }
}
