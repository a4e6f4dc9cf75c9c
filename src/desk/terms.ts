/**
 * Terms: what an order's words mean for the money it needs, and the levels it would take at once.
 *
 * Pure.
 *
 * @module
 */

import type { Level } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import type { TimeInForce } from '../engine/order.js'
import { smaller } from '../engine/units.js'
import type { OrderIntent } from './contract.js'

/** The terms of one order that its need depends on. */
export interface Terms {
  /** null: market. In the order's leg. */
  readonly limit_price_1e9: bigint | null
  readonly rests: boolean
  readonly whole: boolean
  readonly post_only: boolean
}

export function tifOf({ tif, limit_price_1e9, policy }: OrderIntent): TimeInForce {
  // A chasing order takes what is there and comes back for the rest; it never rests.
  if (limit_price_1e9 === null || policy === 'aggressive_chase') {
    return tif === 'fok' ? 'fok' : 'ioc'
  }
  return tif === null || tif === 'post_only' ? 'gtc' : tif
}

export const termsOf = (
  limit_price_1e9: bigint | null,
  tif: TimeInForce,
  post_only: boolean,
): Terms => ({
  limit_price_1e9,
  rests: limit_price_1e9 !== null && (tif === 'gtc' || tif === 'gtd'),
  whole: tif === 'fok',
  post_only,
})

/** What an order would take at once: nothing where it may not, or where a fill-or-kill could not finish. */
export function takesOf(
  levels: readonly Level[],
  side: Side,
  terms: Terms,
  qty_1e8: bigint,
): readonly Level[] {
  if (terms.post_only) return []
  const takes = sweep(levels, { side, limit_price_1e9: terms.limit_price_1e9, qty_1e8 })
  if (!terms.whole) return takes
  let taken = 0n
  for (const take of takes) taken += take.qty_1e8
  return taken < qty_1e8 ? [] : takes
}

/** Levels an order of `qty_1e8` would take now, best first. */
export function sweep(
  levels: readonly Level[],
  order: { side: Side; limit_price_1e9: bigint | null; qty_1e8: bigint },
): Level[] {
  const { side, limit_price_1e9 } = order
  const takes: Level[] = []
  let left = order.qty_1e8
  for (const level of levels) {
    if (left <= 0n) break
    const { price_1e9 } = level
    if (limit_price_1e9 !== null) {
      if (side === 'buy' ? price_1e9 > limit_price_1e9 : price_1e9 < limit_price_1e9) break
    }
    const qty_1e8 = smaller(left, level.qty_1e8)
    takes.push({ price_1e9, qty_1e8 })
    left -= qty_1e8
  }
  return takes
}
