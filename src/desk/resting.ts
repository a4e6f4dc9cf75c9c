/**
 * Resting: an account's own orders that stand in the way of its next one, and the book before them.
 *
 * A venue never values an order by levels it cannot reach: where it stops at an own order, or takes the
 * own order out of the way, so does what is asked of the account.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Child } from '../account/order.js'
import type { Depth, Level } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Stance } from './need.js'

interface Sides {
  readonly buy: Set<Child>
  readonly sell: Set<Child>
}

/** Children that may rest, by account, market and side of the book; ended ones leave when next looked at. */
export class Resting {
  readonly #accounts = new WeakMap<Account, Map<string, Sides>>()

  add(account: Account, child: Child): void {
    const { limit_price_1e9, time_in_force, venue, instrument } = child
    if (limit_price_1e9 === null || time_in_force === 'ioc' || time_in_force === 'fok') return
    let markets = this.#accounts.get(account)
    if (markets === undefined) {
      markets = new Map()
      this.#accounts.set(account, markets)
    }
    const key = `${venue}|${instrument.venue_symbol}`
    let sides = markets.get(key)
    if (sides === undefined) {
      sides = { buy: new Set(), sell: new Set() }
      markets.set(key, sides)
    }
    sides[bookSide(child)].add(child)
  }

  /** Own open orders an order of this stance could meet. */
  opposite(account: Account, stance: Stance): readonly Child[] {
    const key = `${stance.venue.id}|${stance.instrument.venue_symbol}`
    const sides = this.#accounts.get(account)?.get(key)
    if (sides === undefined) return []
    const met = sides[bookSide(stance) === 'buy' ? 'sell' : 'buy']
    const open: Child[] = []
    for (const child of met) {
      if (account.children.has(child.child_id)) open.push(child)
      else met.delete(child)
    }
    return open
  }
}

/** Event books are quoted in YES: buying NO sells there. */
const bookSide = ({ side, outcome }: Pick<Child, 'side' | 'outcome'>): Side =>
  outcome === 'NO' ? (side === 'buy' ? 'sell' : 'buy') : side

/**
 * Depth as an order of this stance can take from it.
 *
 * @param depth - In the stance's leg.
 * @param paper - The public book holds live orders of the account, but no paper ones.
 */
export function depthBeforeOwn(
  depth: Depth,
  stance: Stance,
  own: readonly Child[],
  paper: boolean,
): Depth {
  const buys = stance.side === 'buy'
  const mine = new Map<bigint, bigint>()
  for (const child of own) {
    const price_1e9 = priceIn(stance, child)
    mine.set(price_1e9, (mine.get(price_1e9) ?? 0n) + child.qty_1e8 - child.filled_1e8)
  }
  const worse = (a: bigint, b: bigint) => (buys ? a > b : a < b)
  let first: bigint | undefined
  for (const price_1e9 of mine.keys()) {
    if (first === undefined || worse(first, price_1e9)) first = price_1e9
  }
  const shown = buys ? depth.asks : depth.bids
  const others = paper ? shown : shown.flatMap((level) => without(level, mine))
  const reached = (): readonly Level[] => {
    switch (stance.venue.capabilities.self_trade) {
      case 'allow':
        return paper ? withOwn(shown, mine, worse) : shown
      case 'cancel-maker':
        return others
      case 'cancel-taker':
      case 'cancel-both':
      case 'decrement':
        return others.filter(({ price_1e9 }) => first === undefined || !worse(price_1e9, first))
    }
  }
  return buys ? { bids: depth.bids, asks: reached() } : { bids: reached(), asks: depth.asks }
}

function priceIn({ outcome }: Stance, child: Child): bigint {
  const limit_1e9 = child.limit_price_1e9 ?? 0n
  const flipped = (outcome === 'NO') !== (child.outcome === 'NO')
  return flipped ? PRICE_SCALE - limit_1e9 : limit_1e9
}

function without(level: Level, mine: ReadonlyMap<bigint, bigint>): Level[] {
  const qty_1e8 = level.qty_1e8 - (mine.get(level.price_1e9) ?? 0n)
  if (qty_1e8 === level.qty_1e8) return [level]
  return qty_1e8 > 0n ? [{ price_1e9: level.price_1e9, qty_1e8 }] : []
}

function withOwn(
  levels: readonly Level[],
  mine: ReadonlyMap<bigint, bigint>,
  worse: (a: bigint, b: bigint) => boolean,
): Level[] {
  const sums = new Map(mine)
  for (const { price_1e9, qty_1e8 } of levels) {
    sums.set(price_1e9, (sums.get(price_1e9) ?? 0n) + qty_1e8)
  }
  return [...sums]
    .map(([price_1e9, qty_1e8]) => ({ price_1e9, qty_1e8 }))
    .sort((a, b) => (a.price_1e9 === b.price_1e9 ? 0 : worse(a.price_1e9, b.price_1e9) ? 1 : -1))
}
