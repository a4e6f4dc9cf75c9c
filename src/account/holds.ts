/**
 * Holds: what open orders keep back. Per child, exact, and gone when the child ends.
 *
 * `row.held` is the sum over children plus margin; what a row shows as locked never exceeds what it has.
 *
 * @module
 */

import type { Instrument } from '../engine/instrument.js'
import { divCeil, PRICE_SCALE } from '../engine/units.js'
import type { Account } from './account.js'
import type { Need } from './command.js'
import type { Child } from './order.js'

/** Cash a child must keep for what is still open, rounded up. */
export function cashNeed(child: Child): bigint {
  if (child.budget_1e8 !== null) return child.budget_1e8
  if (child.open_price_1e9 === null) return 0n
  const cost = divCeil(child.open_price_1e9 * child.open_1e8, PRICE_SCALE * child.leverage)
  if (child.fee_hold_1e8 === 0n) return cost
  return (
    cost + divCeil(child.fee_hold_1e8 * feeQtyOf(child.instrument, child), child.fee_hold_qty_1e8)
  )
}

/** Quantity an order's fee is held for: an event contract that is given up costs a fee too. */
export const feeQtyOf = (
  { kind }: Instrument,
  { open_1e8, lock_1e8 }: Pick<Need, 'open_1e8' | 'lock_1e8'>,
): bigint => (kind === 'event' ? open_1e8 + lock_1e8 : open_1e8)

/** Brings the held cash of a child to what it needs now. */
export function holdCash(account: Account, child: Child, need_1e8: bigint): void {
  const change = need_1e8 - child.cash_1e8
  if (change === 0n) return
  const row = account.rows.get(child.cash_key)
  if (row === undefined)
    throw new Error(`${child.child_id} holds cash of ${child.cash_key}, which is gone.`)
  row.held_1e8 += change
  child.cash_1e8 = need_1e8
  account.changes.touch(row)
}

/** Brings the committed quantity of a child to `qty_1e8`. */
export function holdLock(account: Account, child: Child, qty_1e8: bigint): void {
  const change = qty_1e8 - child.lock_1e8
  if (change === 0n) return
  const row = child.lock_key === null ? undefined : account.rows.get(child.lock_key)
  if (row === undefined)
    throw new Error(`${child.child_id} locks ${child.lock_key}, which is gone.`)
  row.held_1e8 += change
  child.lock_1e8 = qty_1e8
  account.changes.touch(row)
}

/** Gives back everything a child holds. */
export function release(account: Account, child: Child): void {
  child.budget_1e8 = null
  child.open_1e8 = 0n
  holdCash(account, child, 0n)
  if (child.lock_1e8 > 0n) holdLock(account, child, 0n)
}

/** Works out anew what every row holds: its orders, and the margin of the perps a cash row stands for. */
export function reckonHolds(account: Account): void {
  const held = new Map<string, bigint>()
  const add = (key: string | undefined, amount: bigint) => {
    if (key !== undefined && amount !== 0n) held.set(key, (held.get(key) ?? 0n) + amount)
  }
  for (const row of account.rows.values()) {
    if (row.margin_asset === null) continue
    add(account.cash(row.venue, row.margin_asset)?.key, row.margin_1e8)
  }
  for (const child of account.children.values()) {
    add(child.cash_key, child.cash_1e8)
    if (child.lock_key !== null) add(child.lock_key, child.lock_1e8)
  }
  for (const row of account.rows.values()) {
    const held_1e8 = held.get(row.key) ?? 0n
    if (row.held_1e8 === held_1e8) continue
    row.held_1e8 = held_1e8
    account.changes.touch(row)
  }
}
