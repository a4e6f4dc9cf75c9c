/**
 * Invariants: the laws an exchange keeps between commands. A broken one is a bug and throws at once.
 *
 * Reads everything, so it costs a walk over the whole state: tests call it after every command, a server when
 * asked.
 *
 * @module
 */

import type { SideIndex } from './book.js'
import { BUY, SELL } from './book.js'
import { collateralOf } from './collateral/kinds.js'
import type { Core, Market, Seat } from './core.js'
import { LEG_NO, REDUCE_ONLY } from './flags.js'
import { crossIsShort, isolatedIsShort } from './margin.js'

export type Law =
  | 'book-never-crossed'
  | 'levels-equal-sums'
  | 'orders-indexed'
  | 'ledger-conserved'
  | 'reserved-within-total'
  | 'reserved-equals-holds'
  | 'positions-balance'
  | 'pool-covers-pairs'
  | 'cover-within-position'
  | 'reduce-only-within-position'
  | 'margin-holds'

/** A law that does not hold; `law` names it. */
export class BrokenInvariant extends Error {
  readonly law: Law

  constructor(law: Law, facts: string) {
    super(`broken invariant ${law}: ${facts}`)
    this.name = 'BrokenInvariant'
    this.law = law
  }
}

/** @throws BrokenInvariant naming the first law found broken. */
export function check(core: Core): void {
  let resting = 0
  for (const market of core.markets) {
    checkBook(market)
    for (const side of [BUY, SELL] as const) resting += checkSide(core, market, side)
    checkPositions(market)
  }
  if (resting !== core.slots.size || resting !== core.store.count) {
    broken(
      'orders-indexed',
      `${resting} orders rest, ${core.slots.size} are indexed, ${core.store.count} slots are taken`,
    )
  }
  checkAside(core)
  const held = checkSeats(core)
  checkMargins(core, held)
  checkLedger(core, held)
}

/** What few orders have lies beside the records: only of orders that rest, and only where it says something. */
function checkAside(core: Core): void {
  for (const [id, amount] of core.bigHolds) {
    if (core.slots.get(id) < 0 || amount <= BigInt(Number.MAX_SAFE_INTEGER)) {
      broken('orders-indexed', `a hold of ${amount} is kept aside for order ${id}`)
    }
  }
  for (const [id, carry] of core.carries) {
    if (core.slots.get(id) < 0 || carry === 0n) {
      broken('orders-indexed', `a carry of ${carry} is kept for order ${id}`)
    }
  }
}

/** Margin of perp orders is counted under the asset's number below zero. */
function checkMargins(core: Core, held: Map<string, bigint>): void {
  for (const account of core.accounts) {
    for (const [asset, margin] of account.margins) {
      const name = `account ${account.id} ${core.ledger.assets[asset]}`
      const holds = held.get(`${account.id}/${-1 - asset}`) ?? 0n
      if (margin.held_1e8 !== holds) {
        broken('reserved-equals-holds', `${name}: ${margin.held_1e8} margin held, orders ${holds}`)
      }
      if (account.id !== 0 && crossIsShort(core, account, asset)) {
        broken('margin-holds', `${name}: cross positions lack maintenance margin`)
      }
      for (const seat of margin.seats) {
        if (isolatedIsShort(seat) || seat.isolated_1e8 < 0n) {
          broken('margin-holds', `${name}: ${seat.market.instrument.venue_symbol} lacks margin`)
        }
      }
    }
  }
}

function checkBook({ book, instrument }: Market): void {
  const bid = book.best(BUY)
  const ask = book.best(SELL)
  if (ask >= 0 && bid >= ask) {
    broken('book-never-crossed', `${instrument.venue_symbol} bid ${bid}, ask ${ask}`)
  }
}

/** Walks a side and answers its number of orders. */
function checkSide(core: Core, market: Market, side: SideIndex): number {
  const { book } = market
  const { store } = core
  const name = `${market.instrument.venue_symbol} ${side === BUY ? 'bids' : 'asks'}`
  const ladder = book.ladder(side)
  let orders = 0
  let levels = 0
  let last = side === BUY ? Number.POSITIVE_INFINITY : -1
  let better = -1
  for (let level = ladder.best; level >= 0; level = store.worse(level)) {
    const price = store.price(level)
    if (side === BUY ? price >= last : price <= last) {
      broken('levels-equal-sums', `${name}: level ${price} follows ${last}`)
    }
    if (store.better(level) !== better || store.home(level) !== book.number * 2 + side) {
      broken('levels-equal-sums', `${name}: level ${price} is linked wrongly`)
    }
    if (book.levelAt(side, price) !== level) {
      broken('levels-equal-sums', `${name}: level ${price} is not found by its price`)
    }
    const found = checkQueue(core, market, side, level)
    orders += found
    levels += 1
    last = price
    better = level
  }
  if (levels !== ladder.size) {
    broken('levels-equal-sums', `${name}: ${levels} levels linked, ${ladder.size} counted`)
  }
  return orders
}

function checkQueue(core: Core, market: Market, side: SideIndex, level: number): number {
  const { store } = core
  const price = store.price(level)
  const where = `${market.instrument.venue_symbol} ${side === BUY ? 'bid' : 'ask'} ${price}`
  let lots = 0
  let count = 0
  let prev = -1
  for (let slot = store.head(level); slot >= 0; slot = store.next(slot)) {
    const remaining = store.remaining(slot)
    const id = store.id(slot)
    if (!(remaining > 0)) broken('levels-equal-sums', `${where}: order ${id} has ${remaining} lots`)
    if (store.level(slot) !== level || store.prev(slot) !== prev) {
      broken('levels-equal-sums', `${where}: order ${id} is linked wrongly`)
    }
    if (core.slots.get(id) !== slot) broken('orders-indexed', `${where}: order ${id} is lost`)
    if (core.seats[store.owner(slot)]?.market !== market) {
      broken('orders-indexed', `${where}: order ${id} belongs to no seat here`)
    }
    lots += remaining
    count += 1
    prev = slot
  }
  if (lots !== store.total(level) || count !== store.orders(level) || count === 0) {
    broken(
      'levels-equal-sums',
      `${where}: ${lots} lots in ${count} orders, ${store.total(level)} in ${store.orders(level)} told`,
    )
  }
  if (store.tail(level) !== prev) broken('levels-equal-sums', `${where}: its tail is wrong`)
  return count
}

function checkPositions(market: Market): void {
  const { instrument, seats, money } = market
  const name = instrument.venue_symbol
  let size = 0
  let yes = 0
  let no = 0
  for (const seat of seats) {
    size += Math.abs(seat.position_lots) + seat.no_lots
    yes += Math.max(0, seat.position_lots)
    no += Math.max(0, -seat.position_lots) + seat.no_lots
  }
  if (size !== market.position_lots) {
    broken('positions-balance', `${name}: ${size} lots held, ${market.position_lots} told`)
  }
  if (instrument.kind === 'spot' ? size !== 0 : yes !== no && !market.claimable) {
    broken('positions-balance', `${name}: ${yes} lots long, ${no} short`)
  }
  if (instrument.kind === 'perp') {
    // Longs cost buyers' money, shorts brought sellers'; what closing paid out came from the difference.
    let signed = market.pool_1e8
    for (const seat of seats) {
      signed += seat.position_lots < 0 && seat.account.id !== 0 ? -seat.cost_1e8 : seat.cost_1e8
    }
    if (signed < 0n) broken('pool-covers-pairs', `${name}: clearing is short of ${-signed}`)
    return
  }
  if (market.claimable) checkClaims(market)
  else if (market.pool_1e8 !== money.qty_1e8(yes)) {
    broken('pool-covers-pairs', `${name}: ${market.pool_1e8} behind ${yes} pairs`)
  }
}

/** Whoever has not redeemed yet can, and all that is left beyond that is what rounding down kept, twice a holder. */
function checkClaims({ instrument, seats, money, pool_1e8, one_ticks, ...market }: Market): void {
  const value = market.yes_value_ticks as number
  let owed = 0n
  for (const seat of seats) {
    const no = Math.max(0, -seat.position_lots) + seat.no_lots
    owed += money.down(value, Math.max(0, seat.position_lots)) + money.down(one_ticks - value, no)
  }
  if (pool_1e8 < owed || pool_1e8 > owed + 2n * BigInt(seats.length)) {
    broken('pool-covers-pairs', `${instrument.venue_symbol}: ${pool_1e8} behind claims of ${owed}`)
  }
}

/** Checks each seat; answers what its orders and margins hold, by account and asset. */
function checkSeats(core: Core): Map<string, bigint> {
  const held = new Map<string, bigint>()
  const hold = (account: number, asset: number, amount: bigint) => {
    const key = `${account}/${asset}`
    held.set(key, (held.get(key) ?? 0n) + amount)
  }
  for (const seat of core.seats) {
    const { market, account } = seat
    const name = `${market.instrument.venue_symbol} account ${account.id}`
    let covered = 0
    let coveredNo = 0
    let orders = 0
    let reduceOnly = 0
    for (const slot of core.slotsOf(seat)) {
      const flags = core.store.flags(slot)
      const selling = market.book.sideOf(slot) !== BUY
      if (market.instrument.kind === 'perp') hold(account.id, -1 - market.quote, core.holdOf(slot))
      else hold(account.id, selling ? market.base : market.quote, core.holdOf(slot))
      const cover = core.store.cover(slot)
      if (!(cover <= core.store.remaining(slot))) {
        broken('cover-within-position', `${name}: order ${core.store.id(slot)} covers ${cover}`)
      }
      if ((flags & LEG_NO) !== 0) coveredNo += cover
      else covered += cover
      orders += 1
      if ((flags & REDUCE_ONLY) !== 0) {
        reduceOnly += 1
        const room = collateralOf(market).closable(seat, market.book.sideOf(slot), flags)
        if (core.store.remaining(slot) > room) {
          broken('reduce-only-within-position', `${name}: order ${core.store.id(slot)}`)
        }
      }
    }
    if (orders !== seat.orders || reduceOnly !== seat.reduce_only_orders) {
      broken('orders-indexed', `${name}: ${orders} orders, ${seat.orders} told`)
    }
    checkCover(seat, name, covered, coveredNo)
    hold(account.id, market.quote, seat.isolated_1e8)
  }
  return held
}

function checkCover(seat: Seat, name: string, covered: number, coveredNo: number): void {
  if (covered !== seat.committed_lots || covered > Math.abs(seat.position_lots)) {
    broken(
      'cover-within-position',
      `${name}: orders cover ${covered}, ${seat.committed_lots} told, ${seat.position_lots} held`,
    )
  }
  if (coveredNo !== seat.no_committed_lots || coveredNo > seat.no_lots) {
    broken(
      'cover-within-position',
      `${name}: orders cover ${coveredNo} NO, ${seat.no_committed_lots} told, ${seat.no_lots} held`,
    )
  }
}

function checkLedger(core: Core, held: Map<string, bigint>): void {
  const sums = core.ledger.assets.map(() => 0n)
  for (const { account, asset, balance } of core.ledger.rows()) {
    const { total_1e8, reserved_1e8 } = balance
    const name = `account ${account} ${core.ledger.assets[asset]}`
    sums[asset] = (sums[asset] as bigint) + total_1e8
    const holds = held.get(`${account}/${asset}`) ?? 0n
    if (reserved_1e8 !== holds) {
      broken('reserved-equals-holds', `${name}: ${reserved_1e8} reserved, orders hold ${holds}`)
    }
    if (account !== 0 && reserved_1e8 > total_1e8) {
      broken('reserved-within-total', `${name}: ${reserved_1e8} reserved of ${total_1e8}`)
    }
  }
  for (const [asset, sum] of sums.entries()) {
    const external = core.ledger.external_1e8[asset]
    if (sum !== external) {
      broken(
        'ledger-conserved',
        `${core.ledger.assets[asset]}: accounts hold ${sum}, ${external} came in`,
      )
    }
  }
}

function broken(law: Law, facts: string): never {
  throw new BrokenInvariant(law, facts)
}
