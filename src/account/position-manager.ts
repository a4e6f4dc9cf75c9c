/**
 * Unified position manager: one fill into rows, cash and ledger, for spot, event contracts and perps,
 * live and paper alike.
 *
 * Cash: the payer pays rounded up, the receiver receives rounded down, the dust goes to the rounding
 * side. Fees stay out of entry and realized profit. Where cash cannot cover what the venue already did
 * (a fee beyond the reserve, a perp's loss) the insurance side does: a balance is never negative.
 *
 * @module
 */

import type { Outcome } from '../engine/instrument.js'
import type { Liquidity } from '../engine/order.js'
import {
  divCeil,
  divFloor,
  notionalDown,
  notionalUp,
  PRICE_SCALE,
  QTY_SCALE,
  smaller,
} from '../engine/units.js'
import type { Account } from './account.js'
import { marginOf } from './configure.js'
import { cashNeed, holdCash, holdLock } from './holds.js'
import type { LedgerCause, LedgerSide } from './ledger.js'
import type { Child } from './order.js'
import { cashKey, legKey, perpKey, type Row } from './row.js'
import { cashKind } from './symbol.js'

interface Execution {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly fee_1e8: bigint
  readonly liquidity: Liquidity
  readonly ts_ns: bigint
}

interface Context {
  readonly fill_id: string
  readonly fee_usd_1e9: bigint
  readonly quote_usd_1e9: bigint
}

/** Books one fill of a child. */
export function applyFill(account: Account, child: Child, fill: Execution, context: Context): void {
  const { kind } = child.instrument
  if (kind === 'spot') spot(account, child, fill, context)
  else if (kind === 'event') event(account, child, fill, context)
  else perp(account, child, fill, context)
}

function spot(account: Account, child: Child, fill: Execution, context: Context): void {
  const { instrument, venue } = child
  const cash = cashOf(account, child)
  if (child.side === 'buy') {
    const base =
      account.cash(venue, instrument.base) ??
      account.row({
        key: cashKey(venue, cashKind(instrument.base), instrument.base),
        venue,
        kind: cashKind(instrument.base),
        symbol: instrument.base,
      })
    const before = child.open_1e8
    child.open_1e8 = atLeast0(child.open_1e8 - fill.qty_1e8)
    const cost = costOf(fill, fill.price_1e9, fill.qty_1e8, before, child.open_1e8)
    spend(account, child, cost + fill.fee_1e8)
    pay(
      account,
      cash,
      cost,
      smaller(cost, notionalDown(fill.price_1e9, fill.qty_1e8)),
      fill,
      context,
    )
    payFee(account, cash, fill, context)
    grow(base, fill.qty_1e8, fill.price_1e9, context.quote_usd_1e9)
    move(account, base, 'market', 'client', fill.qty_1e8, 'trade', fill, context)
    finishRow(account, base, context.fee_usd_1e9)
    return
  }
  const base = account.cashMade(venue, instrument.base)
  holdLock(account, child, atLeast0(child.lock_1e8 - fill.qty_1e8))
  shrink(base, fill.qty_1e8, fill.price_1e9, context.quote_usd_1e9)
  give(account, base, fill.qty_1e8, fill, context)
  receive(account, cash, fill.price_1e9, fill.qty_1e8, fill, context)
  payFee(account, cash, fill, context)
  finishRow(account, base, context.fee_usd_1e9)
}

/**
 * Event contracts: the part that meets holdings of the closing leg closes, the rest opens.
 *
 * A sale closes its own leg and opens the other at 1 - price; a purchase opens its own leg, and where
 * YES and NO cancel out it closes the other first.
 */
function event(account: Account, child: Child, fill: Execution, context: Context): void {
  const own: Outcome = child.outcome ?? 'YES'
  const other: Outcome = own === 'YES' ? 'NO' : 'YES'
  const buys = child.side === 'buy'
  const [openLeg, closeLeg] = buys ? [own, other] : [other, own]
  const open_price = buys ? fill.price_1e9 : PRICE_SCALE - fill.price_1e9
  const close_price = PRICE_SCALE - open_price
  const cash = cashOf(account, child)
  const closing = child.lock_key === null ? undefined : account.rows.get(legKeyOf(child, closeLeg))
  const closed = closing === undefined ? 0n : smaller(fill.qty_1e8, closing.qty_1e8)
  const opened = fill.qty_1e8 - closed
  const unlocked = smaller(child.lock_1e8, fill.qty_1e8)
  if (unlocked > 0n) holdLock(account, child, child.lock_1e8 - unlocked)
  const before = child.open_1e8
  child.open_1e8 = atLeast0(child.open_1e8 - (fill.qty_1e8 - unlocked))
  const cost = costOf(fill, open_price, opened, before, child.open_1e8)
  spend(account, child, cost + fill.fee_1e8)
  const fee_closing = (context.fee_usd_1e9 * closed) / fill.qty_1e8
  if (closing !== undefined && closed > 0n) {
    shrink(closing, closed, close_price, context.quote_usd_1e9)
    give(account, closing, closed, fill, context)
    receive(account, cash, close_price, closed, fill, context)
    finishRow(account, closing, fee_closing)
    if (closing.held_1e8 > closing.qty_1e8) uncover(account, closing, child)
  }
  if (opened > 0n) {
    const row = legRow(account, child, openLeg)
    if (row.lifecycle === 'closed' || row.qty_1e8 === 0n) row.lifecycle = 'active'
    pay(account, cash, cost, smaller(cost, notionalDown(open_price, opened)), fill, context)
    grow(row, opened, open_price, context.quote_usd_1e9)
    move(account, row, 'market', 'client', opened, 'trade', fill, context)
    finishRow(account, row, context.fee_usd_1e9 - fee_closing)
  }
  payFee(account, cash, fill, context)
}

/**
 * Holdings that another order had committed were closed by this one (YES and NO cannot coexist):
 * the newest of the others now have to open instead, with cash.
 */
function uncover(account: Account, row: Row, by: Child): void {
  const others = [...account.children.values()]
    .filter((child) => child !== by && child.lock_key === row.key && child.lock_1e8 > 0n)
    .reverse()
  for (const child of others) {
    const excess = row.held_1e8 - row.qty_1e8
    if (excess <= 0n) return
    const part = smaller(excess, child.lock_1e8)
    holdLock(account, child, child.lock_1e8 - part)
    child.open_1e8 += part
    if (child.budget_1e8 === null) holdCash(account, child, cashNeed(child))
  }
}

function perp(account: Account, child: Child, fill: Execution, context: Context): void {
  const { instrument, venue } = child
  const cash = cashOf(account, child)
  const row = account.row({
    key: perpKey(venue, instrument.symbol),
    venue,
    kind: 'perp',
    symbol: instrument.symbol,
  })
  const signed = child.side === 'buy' ? fill.qty_1e8 : -fill.qty_1e8
  const size = row.qty_1e8 < 0n ? -row.qty_1e8 : row.qty_1e8
  const against = row.qty_1e8 !== 0n && row.qty_1e8 < 0n !== signed < 0n
  const closed = against ? smaller(size, fill.qty_1e8) : 0n
  const opened = fill.qty_1e8 - closed
  const unlocked = smaller(child.lock_1e8, fill.qty_1e8)
  if (unlocked > 0n) holdLock(account, child, child.lock_1e8 - unlocked)
  child.open_1e8 = atLeast0(child.open_1e8 - (fill.qty_1e8 - unlocked))
  let profit_1e8 = 0n
  if (closed > 0n) {
    const gain = row.qty_1e8 > 0n ? fill.price_1e9 - row.entry_1e9 : row.entry_1e9 - fill.price_1e9
    profit_1e8 = divFloor(closed * gain, PRICE_SCALE)
    row.realized_1e9 += usd((closed * gain) / QTY_SCALE, context.quote_usd_1e9)
  }
  if (opened > 0n) {
    const kept = size - closed
    // Against the trader either way: a long's average up, a short's down.
    const average = signed > 0n ? divCeil : divFloor
    row.entry_1e9 =
      kept === 0n
        ? fill.price_1e9
        : average(kept * row.entry_1e9 + opened * fill.price_1e9, kept + opened)
  }
  move(
    account,
    row,
    signed > 0n ? 'market' : 'client',
    signed > 0n ? 'client' : 'market',
    fill.qty_1e8,
    'trade',
    fill,
    context,
  )
  row.qty_1e8 += signed
  row.margin_asset = instrument.quote
  const margin = marginOf(row, child.leverage)
  const taken_up = margin > row.margin_1e8 ? margin - row.margin_1e8 : 0n
  cash.held_1e8 += margin - row.margin_1e8
  row.margin_1e8 = margin
  account.changes.touch(cash)
  spend(account, child, taken_up + fill.fee_1e8)
  if (profit_1e8 > 0n) {
    cash.qty_1e8 += profit_1e8
    move(account, cash, 'market', 'client', profit_1e8, 'realized', fill, context)
  } else if (profit_1e8 < 0n) {
    cash.qty_1e8 += profit_1e8
    move(account, cash, 'client', 'market', -profit_1e8, 'realized', fill, context)
    cover(account, cash, fill, context)
  }
  payFee(account, cash, fill, context)
  if (row.qty_1e8 !== 0n && row.lifecycle === 'closed') row.lifecycle = 'active'
  finishRow(account, row, context.fee_usd_1e9)
}

function legRow(account: Account, child: Child, outcome: Outcome): Row {
  const { instrument, venue } = child
  const token = outcome === 'YES' ? instrument.event?.yes_token : instrument.event?.no_token
  return account.row({
    key: legKeyOf(child, outcome),
    venue,
    kind: 'event_contract',
    symbol: `${instrument.symbol}:${outcome}`,
    market_slug: instrument.symbol,
    outcome,
    token_id: token ?? null,
  })
}

const legKeyOf = (child: Child, outcome: Outcome): string =>
  legKey(child.venue, child.instrument.symbol, outcome)

function cashOf(account: Account, child: Child): Row {
  const row = account.rows.get(child.cash_key)
  return row ?? account.cashMade(child.venue, child.instrument.quote)
}

/** A taker pays each fill rounded up; a resting order pays its hold down, rounded up once over all fills. */
function costOf(
  fill: Execution,
  price_1e9: bigint,
  qty_1e8: bigint,
  before_1e8: bigint,
  after_1e8: bigint,
): bigint {
  return fill.liquidity === 'maker' && before_1e8 - after_1e8 === qty_1e8
    ? notionalUp(price_1e9, before_1e8) - notionalUp(price_1e9, after_1e8)
    : notionalUp(price_1e9, qty_1e8)
}

/** Brings the child's hold to what is still open, before the money itself moves. */
function spend(account: Account, child: Child, amount_1e8: bigint): void {
  if (child.budget_1e8 !== null)
    child.budget_1e8 = atLeast0(child.budget_1e8 - atLeast0(amount_1e8))
  // A pending amendment keeps the larger of both holds; its answer settles it.
  if (child.amending === null) holdCash(account, child, cashNeed(child))
}

function pay(
  account: Account,
  cash: Row,
  cost_1e8: bigint,
  received_1e8: bigint,
  fill: Execution,
  context: Context,
): void {
  cash.qty_1e8 -= cost_1e8
  move(account, cash, 'client', 'market', received_1e8, 'trade', fill, context)
  move(account, cash, 'client', 'rounding', cost_1e8 - received_1e8, 'trade', fill, context)
  cover(account, cash, fill, context)
  account.changes.touch(cash)
}

function receive(
  account: Account,
  cash: Row,
  price_1e9: bigint,
  qty_1e8: bigint,
  fill: Execution,
  context: Context,
): void {
  const received = notionalDown(price_1e9, qty_1e8)
  cash.qty_1e8 += received
  move(account, cash, 'market', 'client', received, 'trade', fill, context)
  const dust = notionalUp(price_1e9, qty_1e8) - received
  move(account, cash, 'market', 'rounding', dust, 'trade', fill, context)
  account.changes.touch(cash)
}

function payFee(account: Account, cash: Row, fill: Execution, context: Context): void {
  const { fee_1e8 } = fill
  cash.qty_1e8 -= fee_1e8
  if (fee_1e8 >= 0n) move(account, cash, 'client', 'fees', fee_1e8, 'fee', fill, context)
  else move(account, cash, 'fees', 'client', -fee_1e8, 'fee', fill, context)
  cover(account, cash, fill, context)
  account.changes.touch(cash)
}

/** Quantity handed over; what is not there (a venue did it all the same) is made good by insurance. */
function give(
  account: Account,
  row: Row,
  qty_1e8: bigint,
  fill: Execution,
  context: Context,
): void {
  move(account, row, 'client', 'market', qty_1e8, 'trade', fill, context)
  cover(account, row, fill, context)
}

function cover(account: Account, row: Row, fill: Execution, context: Context): void {
  if (row.qty_1e8 >= 0n) return
  move(account, row, 'insurance', 'client', -row.qty_1e8, 'shortfall', fill, context)
  row.qty_1e8 = 0n
}

function move(
  account: Account,
  row: Row,
  from: LedgerSide,
  to: LedgerSide,
  amount_1e8: bigint,
  cause: LedgerCause,
  fill: Execution,
  { fill_id }: Context,
): void {
  if (amount_1e8 === 0n) return
  account.book({ ts_ns: fill.ts_ns, row, from, to, amount_1e8, cause, ref: fill_id })
}

/** Adds to a long holding at a price: the average rounds up. */
function grow(row: Row, qty_1e8: bigint, price_1e9: bigint, quote_usd_1e9: bigint): void {
  const cost = usd(price_1e9, quote_usd_1e9)
  const after = row.qty_1e8 + qty_1e8
  row.entry_1e9 =
    row.qty_1e8 === 0n ? cost : divCeil(row.qty_1e8 * row.entry_1e9 + qty_1e8 * cost, after)
  row.qty_1e8 = after
}

/** Takes from a long holding at a price: the entry stays, the difference is realized, toward zero. */
function shrink(row: Row, qty_1e8: bigint, price_1e9: bigint, quote_usd_1e9: bigint): void {
  row.realized_1e9 += (qty_1e8 * (usd(price_1e9, quote_usd_1e9) - row.entry_1e9)) / QTY_SCALE
  row.qty_1e8 -= qty_1e8
}

function finishRow(account: Account, row: Row, fee_usd_1e9: bigint): void {
  row.fees_1e9 += fee_usd_1e9
  if (row.qty_1e8 === 0n && (row.kind === 'event_contract' || row.kind === 'perp')) {
    row.lifecycle = 'closed'
  } else if (row.lifecycle === 'closed') row.lifecycle = 'active'
  account.changes.touch(row)
}

const usd = (amount_1e9: bigint, quote_usd_1e9: bigint): bigint =>
  quote_usd_1e9 === PRICE_SCALE ? amount_1e9 : (amount_1e9 * quote_usd_1e9) / PRICE_SCALE

const atLeast0 = (n: bigint): bigint => (n > 0n ? n : 0n)
