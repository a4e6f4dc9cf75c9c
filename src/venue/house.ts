/**
 * House: the resting liquidity a test or a maker puts into a mock venue's book.
 *
 * Pure: works out which orders of the house make one set of levels into another with as few changes as
 * possible. A level that grows gets a new order behind everybody; one that shrinks loses its youngest
 * orders first, so a client never moves forward because the house re-stated a level.
 *
 * @module
 */

import type { OrderId } from '../engine/command.js'
import type { Side } from '../engine/instrument.js'
import { ForkMap } from './fork-map.js'
import type { TickLevel } from './host-command.js'

export interface HouseOrder {
  readonly order_id: OrderId
  readonly lots: number
}

/** The house's orders of one book: price in ticks -> orders in time order. */
export interface HouseBook {
  readonly buy: ForkMap<number, readonly HouseOrder[]>
  readonly sell: ForkMap<number, readonly HouseOrder[]>
}

export type HouseStep =
  | { readonly type: 'cancel'; readonly order_id: OrderId }
  | {
      readonly type: 'shrink'
      readonly order_id: OrderId
      readonly price_ticks: number
      readonly lots: number
    }
  | {
      readonly type: 'add'
      readonly side: Side
      readonly price_ticks: number
      readonly lots: number
    }

/** More orders than this at one price are joined by re-stating the youngest, which goes last anyway. */
const ORDERS_PER_LEVEL_MAX = 16

export const emptyHouseBook = (): HouseBook => ({ buy: new ForkMap(), sell: new ForkMap() })

/**
 * Steps from the house's orders to these levels: everything that leaves first, then what is new, so the
 * house never meets itself.
 *
 * @throws RangeError when the levels cross, repeat a price or hold a size that is not a whole number of lots above 0.
 */
export function houseSteps(
  book: HouseBook,
  target: { readonly bids: readonly TickLevel[]; readonly asks: readonly TickLevel[] },
): HouseStep[] {
  const bids = levelMap(target.bids, 'bids')
  const asks = levelMap(target.asks, 'asks')
  const bid = Math.max(...bids.keys(), Number.NEGATIVE_INFINITY)
  const ask = Math.min(...asks.keys(), Number.POSITIVE_INFINITY)
  if (bid >= ask) {
    throw new RangeError(
      `the bid at ${bid} ticks meets the ask at ${ask} ticks; resting levels may not cross.`,
    )
  }
  const steps: HouseStep[] = []
  const adds: HouseStep[] = []
  for (const [side, levels, orders] of [
    ['buy', bids, book.buy],
    ['sell', asks, book.sell],
  ] as const) {
    for (const [price_ticks, resting] of orders) {
      shrink(resting, price_ticks, levels.get(price_ticks) ?? 0, steps)
    }
    for (const [price_ticks, lots] of levels) {
      const resting = orders.get(price_ticks) ?? []
      const missing = lots - total(resting)
      if (missing <= 0) continue
      const youngest = resting.at(-1)
      if (youngest !== undefined && resting.length >= ORDERS_PER_LEVEL_MAX) {
        steps.push({ type: 'cancel', order_id: youngest.order_id })
        adds.push({ type: 'add', side, price_ticks, lots: missing + youngest.lots })
      } else {
        adds.push({ type: 'add', side, price_ticks, lots: missing })
      }
    }
  }
  return [...steps, ...adds]
}

export const total = (orders: readonly HouseOrder[]): number =>
  orders.reduce((sum, { lots }) => sum + lots, 0)

function shrink(
  resting: readonly HouseOrder[],
  price_ticks: number,
  wanted: number,
  steps: HouseStep[],
): void {
  let excess = total(resting) - wanted
  for (let i = resting.length - 1; i >= 0 && excess > 0; i--) {
    const order = resting[i]
    if (order === undefined) break
    if (order.lots <= excess) steps.push({ type: 'cancel', order_id: order.order_id })
    else {
      const lots = order.lots - excess
      steps.push({ type: 'shrink', order_id: order.order_id, price_ticks, lots })
    }
    excess -= Math.min(order.lots, excess)
  }
}

function levelMap(levels: readonly TickLevel[], name: string): Map<number, number> {
  const map = new Map<number, number>()
  for (const [price_ticks, lots] of levels) {
    if (!Number.isSafeInteger(price_ticks) || !Number.isSafeInteger(lots) || lots <= 0) {
      throw new RangeError(
        `${name} hold a level of ${lots} lots at ${price_ticks} ticks; whole numbers above 0 are expected.`,
      )
    }
    if (map.has(price_ticks)) {
      throw new RangeError(
        `${name} name the price of ${price_ticks} ticks twice; once is expected.`,
      )
    }
    map.set(price_ticks, lots)
  }
  return map
}
