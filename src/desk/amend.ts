/**
 * Amend: new price, new size or a decrease of a working order, over all of its children.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Child, Order } from '../account/order.js'
import type { RejectCode } from '../engine/reject.js'
import { type Desk, DeskError } from './contract.js'
import type { Core } from './core.js'

type Change = Parameters<Desk['amend']>[2]

/**
 * @returns Whether the place in the queue was kept.
 * @throws DeskError `invalid` for what cannot be asked, `conflict` when a venue does not take it.
 */
export async function amendOrder(
  core: Core,
  account: Account,
  order: Order,
  change: Change,
): Promise<'native_atomic' | 'cancel_replace'> {
  if (order.status === 'WAITING') {
    throw new DeskError('conflict', 'an order that waits for its turn cannot be amended')
  }
  if (order.limit_price_1e9 === null) {
    throw new DeskError('conflict', 'a market order cannot be amended')
  }
  const qty_1e8 = sizeAfter(order, change)
  const limit_price_1e9 = change.new_price_1e9 ?? order.limit_price_1e9
  const working = order.children.filter((child) => account.children.has(child.child_id))
  const keeps = change.new_price_1e9 === undefined && qty_1e8 < order.qty_1e8
  const natively = working.every(
    (child) => core.venues.get(child.venue)?.capabilities.amend === 'native',
  )
  const sizes = spread(working, qty_1e8 - order.qty_1e8)
  for (const [child, size] of sizes) {
    // A child without a rest is cancelled, which no guard minds.
    if (size > child.filled_1e8) check(core, account, child, { qty_1e8: size, limit_price_1e9 })
  }
  for (const [child, size] of sizes) {
    if (size === child.qty_1e8 && limit_price_1e9 === child.limit_price_1e9) continue
    if (size === child.filled_1e8) await core.cancelChild(account, child)
    else await core.amend(account, child, { qty_1e8: size, limit_price_1e9 })
    const told = child.amend_refusal
    if (told !== null) throw new DeskError('conflict', told)
  }
  return keeps && natively ? 'native_atomic' : 'cancel_replace'
}

function sizeAfter(order: Order, { new_qty_1e8, decrease_by_1e8 }: Change): bigint {
  const decreases = decrease_by_1e8 !== undefined
  const field = decreases ? 'decrease_by' : 'new_qty'
  const wrong = (message: string) => new DeskError('invalid', message, [{ field, message }])
  if (decreases && decrease_by_1e8 <= 0n) throw wrong('must be more than 0')
  const qty_1e8 = new_qty_1e8 ?? order.qty_1e8 - (decrease_by_1e8 ?? 0n)
  if (qty_1e8 <= order.filled_1e8) {
    throw wrong('nothing would be left of the order; cancel it instead')
  }
  return qty_1e8
}

function check(
  core: Core,
  account: Account,
  child: Child,
  change: { qty_1e8: bigint; limit_price_1e9: bigint },
): void {
  const refusal = core.amendRefusal(account, child, change)
  if (refusal === undefined) return
  const field = FIELDS[refusal.reject ?? 'bad-request']
  if (field === undefined) throw new DeskError('conflict', refusal.message)
  throw new DeskError('invalid', refusal.message, [{ field, message: refusal.message }])
}

/** Which field of an amendment a refusal speaks of; of any other: the state of the world. */
const FIELDS: Partial<Record<RejectCode, string>> = {
  'off-tick': 'new_price',
  'price-bounds': 'new_price',
  'price-deviation': 'new_price',
  'off-lot': 'new_qty',
  'below-min-qty': 'new_qty',
  'below-min-notional': 'new_qty',
}

/** New sizes of working children: more goes to the first, less comes from the last with room. */
function spread(working: readonly Child[], change_1e8: bigint): [Child, bigint][] {
  let left = change_1e8
  const sizes = new Map(working.map((child) => [child, child.qty_1e8]))
  for (const child of left < 0n ? [...working].reverse() : working) {
    if (left === 0n) break
    const least = child.filled_1e8 - child.qty_1e8
    const part = left > least ? left : least
    sizes.set(child, child.qty_1e8 + part)
    left -= part
  }
  return [...sizes]
}
