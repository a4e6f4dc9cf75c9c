/**
 * Sim world: a venue as a market-data subscriber can imagine it, holding simulated orders.
 *
 * It sees the hub's L2 books and trades and nothing else. Takers walk the public book; the rest of a
 * limit order joins the queue it would have joined, and fills when trades pass that queue or the market
 * moves through its price. Orders of different clients never meet. The profile's adversaries act here;
 * with none the outcome is the venue's own, as far as the feed tells it.
 *
 * Order of an arrival, as at the venues: book fresh, market state, options, then post-only, then the walk.
 *
 * @module
 */

import { fadeLevel } from '../adversary/fade.js'
import { shareOf } from '../adversary/partial-fill.js'
import type { Profile } from '../adversary/profile.js'
import { joinQueue, passQueue, rememberLevel } from '../adversary/queue.js'
import { jumpedAhead } from '../adversary/queue-jump.js'
import type { MarketState } from '../engine/command.js'
import type { Depth, Level } from '../engine/depth.js'
import type { ChildOrder, Liquidity } from '../engine/order.js'
import type { Refusal, RejectCode } from '../engine/reject.js'
import { sizeAt } from '../market/depth-book.js'
import type { Books, BookView } from '../market/hub.js'
import type { Clock, RandomStream } from '../world/world.js'
import type { SimLadder } from './sim-ladder.js'
import { makeMarket, type SimMarket } from './sim-market.js'
import { bookPrice, type EndReason, opposite, type SimOrder, within } from './sim-order.js'
import { bookPublished, fillResting } from './sim-rest.js'
import { type Step, type Walk, walkBook } from './sim-walk.js'

/** What moved when an order filled. Price in the book's terms. */
export interface SimFill {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly fee_1e8: bigint
  readonly liquidity: Liquidity
  /** What stood ahead just before; null for a taker. */
  readonly ahead_1e8: bigint | null
  readonly rule: string
  /** Best price the reference paid for these units; null without a reference. */
  readonly reference_1e9: bigint | null
}

/** Where a world tells what happens. */
export interface WorldSink {
  acked(order: SimOrder): void
  rejected(order: SimOrder, refusal: Refusal): void
  filled(order: SimOrder, fill: SimFill): void
  ended(order: SimOrder, reason: EndReason): void
  amended(order: SimOrder, mode: 'native_atomic' | 'cancel_replace'): void
  amendRefused(order: SimOrder, refusal: Refusal): void
}

export interface WorldOptions {
  readonly books: Books
  readonly clock: Clock
  readonly random: (label: string) => RandomStream
  readonly profile: Profile
  readonly stale_ns: bigint
  readonly sink: WorldSink
  /** Signed holding in the child's own leg; absent: the preflight checks are trusted. */
  readonly positionOf?: (child: ChildOrder) => bigint
}

const NOTHING = 0n

export class SimWorld {
  readonly options: WorldOptions
  readonly #markets = new Map<string, Map<string, SimMarket>>()

  constructor(options: WorldOptions) {
    this.options = options
  }

  /** An order arrives at the venue. */
  enter(order: SimOrder): void {
    const { child } = order
    const book = this.options.books.book(child.venue, child.instrument.venue_symbol)
    const refusal = this.#entry(order, book)
    if (refusal !== undefined || book === undefined) {
      this.refuse(order, refusal ?? staleBook(child))
      return
    }
    const market = this.market(order)
    if (child.post_only && this.#crosses(order, market, book.depth)) {
      const code = 'would-cross'
      if (order.venue.capabilities.post_only === 'refuse') {
        this.refuse(order, { code, message: 'post-only order would cross the book' })
        return
      }
      this.options.sink.acked(order)
      this.end(order, code)
      return
    }
    this.options.sink.acked(order)
    this.#execute(order, market, book.depth)
  }

  /** Answers an order that never came to be. */
  refuse(order: SimOrder, refusal: Refusal): void {
    order.state = 'done'
    order.ended = refusal.code
    order.refusal = refusal
    this.options.sink.rejected(order, refusal)
  }

  /**
   * An order that was open before a restart goes to the back of its queue, without an answer.
   *
   * It takes nothing: a market that came to its price meanwhile fills it at its limit, as it would have then.
   */
  rejoin(order: SimOrder): void {
    const { child } = order
    const book = this.options.books.book(child.venue, child.instrument.venue_symbol)
    const depth = book?.depth ?? { bids: [], asks: [] }
    const market = this.market(order)
    this.#rest(order, market, depth, [])
    bookPublished(this, market, depth)
  }

  /** Ends an order for whatever reason; does nothing when it is over already. */
  end(order: SimOrder, reason: EndReason): void {
    if (order.state === 'done') return
    this.#leave(order)
    order.state = 'done'
    order.ended = reason
    this.options.sink.ended(order, reason)
  }

  /**
   * Changes total size and limit of a resting order.
   *
   * Less size at the same price keeps the queue place; anything else goes to the back, and takes what it
   * then crosses.
   *
   * @param change - Total size, filled part included; limit in the child's own terms.
   */
  amend(order: SimOrder, change: { qty_1e8: bigint; limit_price_1e9: bigint }): void {
    const { child } = order
    const refuse = (code: RejectCode, message: string) =>
      this.options.sink.amendRefused(order, { code, message })
    if (order.state !== 'resting' || order.limit_1e9 === null) {
      refuse('unknown-order', 'order is not open')
      return
    }
    const { amend } = order.venue.capabilities
    if (amend === 'none') {
      refuse('not-amendable', `venue ${child.venue} does not amend orders`)
      return
    }
    const left_1e8 = change.qty_1e8 - order.filled_1e8
    if (left_1e8 <= NOTHING) {
      refuse('bad-request', 'new quantity is already filled')
      return
    }
    const limit_1e9 = bookPrice(child, change.limit_price_1e9)
    if (order.venue.capabilities.amend_into_own === 'refuse' && this.#meetsOwn(order, limit_1e9)) {
      refuse('self-trade', 'the new price would meet an own order')
      return
    }
    const keeps = amend === 'native' && limit_1e9 === order.limit_1e9 && left_1e8 <= order.left_1e8
    if (keeps) {
      this.#shrink(order, order.left_1e8 - left_1e8)
      order.qty_1e8 = change.qty_1e8
      this.options.sink.amended(order, 'native_atomic')
      return
    }
    this.#requeue(order, { ...change, left_1e8, limit_1e9 })
  }

  market({ child }: Pick<SimOrder, 'child'>): SimMarket {
    const { venue, instrument } = child
    let markets = this.#markets.get(venue)
    if (markets === undefined) {
      markets = new Map()
      this.#markets.set(venue, markets)
    }
    let market = markets.get(instrument.venue_symbol)
    if (market === undefined) {
      market = makeMarket(this.options.profile)
      markets.set(instrument.venue_symbol, market)
    }
    return market
  }

  /** Every market kept, and what is kept of it; see `sim-image.ts`. */
  markets(): Map<string, Map<string, SimMarket>> {
    return this.#markets
  }

  /** The market kept for a book, if any simulated order ever reached it. */
  marketAt(venue: string, venue_symbol: string): SimMarket | undefined {
    return this.#markets.get(venue)?.get(venue_symbol)
  }

  /** Books a fill and ends the order when it is whole. */
  fill(order: SimOrder, fill: SimFill, paid_1e8: bigint): void {
    order.left_1e8 -= fill.qty_1e8
    order.filled_1e8 += fill.qty_1e8
    order.spent_1e8 += paid_1e8
    const whole = order.left_1e8 === NOTHING
    if (whole) {
      this.#leave(order)
      order.state = 'done'
      order.ended = order.clipped ? 'not-reducing' : 'filled'
    }
    this.options.sink.filled(order, fill)
    if (order.ended !== null) this.options.sink.ended(order, order.ended)
  }

  /** Most a reduce-only order may still trade; null: not bound. */
  closable(order: SimOrder): bigint | null {
    const { child } = order
    if (!child.reduce_only || this.options.positionOf === undefined) return null
    const position = this.options.positionOf(child)
    const open = child.side === 'sell' ? position : -position
    return open > NOTHING ? open : NOTHING
  }

  #entry(order: SimOrder, book: BookView | undefined): Refusal | undefined {
    const { child } = order
    const now_ns = this.options.clock.now_ns()
    if (book?.live !== true || now_ns - book.received_ts_ns > this.options.stale_ns) {
      return staleBook(child)
    }
    const closed = marketTakes(book.state, order)
    if (closed !== undefined) return closed
    if (child.expire_ts_ns !== null && child.expire_ts_ns <= now_ns) {
      return { code: 'expired', message: 'order expired before it arrived' }
    }
    const { post_only, reduce_only } = order.venue.capabilities
    const lacks = (what: string): Refusal => ({
      code: 'unsupported-order',
      message: `venue ${child.venue} does not take ${what} orders`,
    })
    if (child.post_only && post_only === 'none') return lacks('post-only')
    if (!child.reduce_only) return undefined
    const immediate = child.time_in_force === 'ioc' || child.time_in_force === 'fok'
    if (reduce_only === 'none') return lacks('reduce-only')
    return reduce_only === 'ioc-only' && !immediate ? lacks('resting reduce-only') : undefined
  }

  #crosses(order: SimOrder, market: SimMarket, depth: Depth): boolean {
    const { limit_1e9, side, child } = order
    if (limit_1e9 === null) return true
    // What the account itself ate of the public book is not there to be crossed.
    const eaten = ({ price_1e9 }: Level) =>
      market.shadow?.eaten(child.client_id, opposite(side), price_1e9) ?? NOTHING
    const best = (side === 'buy' ? depth.asks : depth.bids).find(
      (level) => level.qty_1e8 > eaten(level),
    )
    if (best !== undefined && within(side, best.price_1e9, limit_1e9)) return true
    return this.#meetsOwn(order, limit_1e9)
  }

  /** Whether an own order rests on the other side at this price or better. */
  #meetsOwn(order: SimOrder, limit_1e9: bigint): boolean {
    const { side, child } = order
    const own = this.market(order)[opposite(side)]
    if (!own.has(child.client_id)) return false
    return own.rungs.some(
      (rung) => rung.clients.has(child.client_id) && within(side, rung.price_1e9, limit_1e9),
    )
  }

  /** Takes what the order crosses, then ends it or lets the rest lie. */
  #execute(order: SimOrder, market: SimMarket, depth: Depth): void {
    const closable = this.closable(order)
    if (closable === NOTHING) {
      this.end(order, 'not-reducing')
      return
    }
    if (closable !== null && closable < order.left_1e8) {
      order.clipped = true
      order.qty_1e8 -= order.left_1e8 - closable
      order.left_1e8 = closable
    }
    const levels = order.side === 'buy' ? depth.asks : depth.bids
    const mark = order.ceiling?.mark()
    const walk = walkBook(order, {
      levels,
      resting: market[opposite(order.side)],
      offer: (level) => this.#offer(order, market, level),
    })
    const { time_in_force } = order.child
    const metOwn = walk.end === 'self-trade' && order.venue.capabilities.fok_self_trade === 'as-ioc'
    if (time_in_force === 'fok' && walk.taken_1e8 < order.left_1e8 && !metOwn) {
      if (mark !== undefined) order.ceiling?.rewind(mark)
      this.end(order, 'fok-unfilled')
      return
    }
    this.#carryOut(order, market, walk)
    if (order.state === 'done') return
    if (walk.end === 'self-trade') this.end(order, 'self-trade')
    else if (order.limit_1e9 === null) {
      this.end(order, walk.end === 'spent' ? 'ioc-unfilled' : 'no-liquidity')
    } else if (time_in_force === 'ioc') this.end(order, 'ioc-unfilled')
    else this.#rest(order, market, depth, walk.steps)
  }

  #carryOut(order: SimOrder, market: SimMarket, walk: Walk): void {
    const maker = opposite(order.side)
    for (const step of walk.steps) {
      if (step.kind === 'drop') this.end(step.own, 'self-trade')
      else if (step.kind === 'decrement') this.#decrement(order, step.own, step.qty_1e8)
      else this.#takeStep(order, market, maker, step)
    }
  }

  #takeStep(
    order: SimOrder,
    market: SimMarket,
    maker: 'buy' | 'sell',
    step: Extract<Step, { kind: 'take' }>,
  ): void {
    const { price_1e9, qty_1e8, fee_1e8, own } = step
    if (own === null) {
      market.shadow?.eat(order.child.client_id, maker, step)
      order.twin?.eat(order.child.client_id, maker, step)
      if (market.shadow !== null) this.#stepForward(order, market[maker], step)
    } else fillResting(this, own, { qty_1e8, rule: 'met an own order' })
    order.carry_1e8 = step.carry_1e8
    order.low_filled_1e8 += qty_1e8
    this.fill(
      order,
      {
        price_1e9,
        qty_1e8,
        fee_1e8,
        liquidity: 'taker',
        ahead_1e8: null,
        rule: own === null ? 'took a level of the book' : 'took an own order',
        reference_1e9: step.reference_1e9,
      },
      step.paid_1e8,
    )
  }

  /** What an account took at a price stood ahead of its own orders there. */
  #stepForward(
    { child }: SimOrder,
    ladder: SimLadder,
    { price_1e9, qty_1e8 }: { price_1e9: bigint; qty_1e8: bigint },
  ): void {
    if (!ladder.has(child.client_id)) return
    for (const own of ladder.rung(price_1e9)?.orders ?? []) {
      if (own.child.client_id !== child.client_id) continue
      for (const place of [own.place, own.low?.place]) if (place) passQueue(place, qty_1e8)
    }
  }

  #decrement(order: SimOrder, own: SimOrder, qty_1e8: bigint): void {
    order.left_1e8 -= qty_1e8
    order.qty_1e8 -= qty_1e8
    if (own.left_1e8 === qty_1e8) {
      this.end(own, 'self-trade')
    } else {
      this.#shrink(own, qty_1e8)
      own.qty_1e8 -= qty_1e8
      this.options.sink.amended(own, 'native_atomic')
    }
    if (order.left_1e8 === NOTHING) this.end(order, 'self-trade')
  }

  /** Quotes the client ate before are gone for its resting orders too, though the feed still shows them. */
  #meetEaten({ child, side, limit_1e9 }: SimOrder, market: SimMarket, depth: Depth): void {
    const { shadow, met } = market
    if (shadow === null || limit_1e9 === null) return
    const other = opposite(side)
    for (const { price_1e9, qty_1e8: shown_1e8 } of side === 'buy' ? depth.asks : depth.bids) {
      if (!within(side, price_1e9, limit_1e9)) return
      const qty_1e8 =
        shadow.eaten(child.client_id, other, price_1e9) -
        met.eaten(child.client_id, other, price_1e9)
      if (qty_1e8 > NOTHING) met.eat(child.client_id, other, { price_1e9, qty_1e8, shown_1e8 })
    }
  }

  #rest(order: SimOrder, market: SimMarket, depth: Depth, steps: readonly Step[]): void {
    const { limit_1e9, side, child } = order
    if (limit_1e9 === null) return
    for (const step of steps) {
      if (step.kind === 'take' && step.own === null) {
        market.met.eat(child.client_id, opposite(side), step)
      }
    }
    this.#meetEaten(order, market, depth)
    const shown = sizeAt(side === 'buy' ? depth.bids : depth.asks, side, limit_1e9)
    const { queueJump } = this.options.profile
    const jumped =
      queueJump === null ? NOTHING : jumpedAhead(queueJump, shown, child.instrument.lot_size_1e8)
    order.state = 'resting'
    order.place = joinQueue(shown, jumped)
    order.low = { place: joinQueue(shown), left_1e8: order.left_1e8 }
    order.level = rememberLevel(shown)
    order.history_1e8 = [shown + jumped]
    market[side].add(order, limit_1e9)
  }

  #requeue(
    order: SimOrder,
    change: { qty_1e8: bigint; left_1e8: bigint; limit_1e9: bigint },
  ): void {
    const { child } = order
    const book = this.options.books.book(child.venue, child.instrument.venue_symbol)
    if (book?.live !== true) {
      this.options.sink.amendRefused(order, staleBook(child))
      return
    }
    const market = this.market(order)
    const before = order.limit_1e9
    order.limit_1e9 = change.limit_1e9
    if (child.post_only && this.#crosses(order, market, book.depth)) {
      order.limit_1e9 = before
      this.options.sink.amendRefused(order, {
        code: 'would-cross',
        message: 'amended post-only order would cross the book',
      })
      return
    }
    order.limit_1e9 = before
    this.#leave(order)
    order.limit_1e9 = change.limit_1e9
    order.left_1e8 = change.left_1e8
    order.qty_1e8 = change.qty_1e8
    order.state = 'new'
    this.options.sink.amended(order, 'cancel_replace')
    this.#execute(order, market, book.depth)
  }

  /** Size given up without trading, the place kept. */
  #shrink(order: SimOrder, by_1e8: bigint): void {
    const { low } = order
    order.left_1e8 -= by_1e8
    if (low !== null) low.left_1e8 = low.left_1e8 > by_1e8 ? low.left_1e8 - by_1e8 : NOTHING
  }

  #leave(order: SimOrder): void {
    if (order.state !== 'resting' || order.limit_1e9 === null) return
    this.market(order)[order.side].remove(order, order.limit_1e9)
  }

  /** What a taker can get of a level, after the adversaries. */
  #offer(order: SimOrder, market: SimMarket, level: Level): bigint {
    const { fade, partial } = this.options.profile
    let qty = level.qty_1e8
    if (market.shadow !== null) {
      qty -= market.shadow.eaten(order.child.client_id, opposite(order.side), level.price_1e9)
    }
    if (fade !== null && qty > NOTHING) {
      qty = fadeLevel(fade, qty, this.options.random('adversary/fade'))
    }
    if (partial !== null && qty > NOTHING) qty = shareOf(partial, qty)
    return qty > NOTHING ? qty : NOTHING
  }
}

const staleBook = (child: ChildOrder): Refusal => ({
  code: 'stale-book',
  message: `no fresh book for ${child.instrument.symbol} on ${child.venue}`,
})

function marketTakes(
  state: MarketState | undefined,
  { child, venue }: SimOrder,
): Refusal | undefined {
  const refusal = (code: RejectCode): Refusal => ({
    code,
    message: `market ${child.instrument.symbol} is ${state} on ${child.venue}`,
  })
  switch (state) {
    case undefined:
    case 'open':
      return undefined
    case 'paused':
    case 'halted':
      return refusal(venue.capabilities.paused_as ?? 'venue-paused')
    case 'cancel-only':
      return refusal('market-mode')
    case 'post-only':
      return child.post_only ? undefined : refusal('market-mode')
    case 'limit-only':
      return child.limit_price_1e9 === null ? refusal('market-mode') : undefined
    default:
      return refusal('market-closed')
  }
}
