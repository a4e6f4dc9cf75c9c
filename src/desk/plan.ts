/**
 * Plan: from an intent to children that can be paid: what the guards look at, the router's candidates,
 * and what each child needs held. Reads accounts and books, changes neither.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { NewChild, NewOrder } from '../account/command.js'
import type { Child } from '../account/order.js'
import { sessionPnl } from '../account/session.js'
import type { Edge } from '../edge/edge.js'
import { complement, type Depth, type Level } from '../engine/depth.js'
import {
  type GuardContext,
  type GuardListing,
  type GuardRefusal,
  insufficientBalance,
} from '../engine/guards.js'
import type { Instrument, Outcome } from '../engine/instrument.js'
import type { Liquidity, TimeInForce } from '../engine/order.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { BookView } from '../market/hub.js'
import { type Candidate, type Leg, type Routing, route } from '../router/route.js'
import { qtyOfNotional } from '../router/size.js'
import type { Venue } from '../venue/contract.js'
import type { OrderIntent } from './contract.js'
import type { CoreOptions } from './core.js'
import { cashRequired, freeOf, heldOf, needOf, type Stance, stanceOf } from './need.js'
import { depthBeforeOwn, Resting } from './resting.js'
import type { Listing, Resolution } from './symbols.js'
import { sweep, type Terms, takesOf, termsOf, tifOf } from './terms.js'

/** A venue as an order finds it: what the guards look at, and the book they saw. */
export interface Look extends GuardListing {
  readonly of: Venue
  /** In the order's leg, less what the account took of it. */
  readonly depth: Depth
  /** Of the book; null: nobody published one. */
  readonly received_ts_ns: bigint | null
}

/** What an order may use at one venue, and the levels it would take from, best first. */
export interface Prospect {
  readonly stance: Stance
  readonly levels: readonly Level[]
}

/** An order as the router sees it. */
export interface Planned {
  readonly resolution: Resolution
  readonly qty_1e8: bigint
  readonly terms: Terms
  readonly tif: TimeInForce
  readonly routing: Routing
  readonly prospects: ReadonlyMap<string, Prospect>
}

const NS_PER_MS = 1_000_000n

export class Planner {
  readonly #options: CoreOptions
  readonly #venues: ReadonlyMap<string, Venue>
  readonly #resting = new Resting()
  readonly #resolved: ReadonlyMap<string, bigint>
  readonly #freshness_ns: bigint
  readonly #limits: GuardContext['limits']
  /** Made once each: an order path has no time to make them anew. */
  readonly #rules = new Map<Venue, GuardListing['rules']>()
  /** Instruments by the grid a feed told of their market. */
  readonly #grids = new WeakMap<Instrument['price_bands'], Instrument>()
  readonly #bps = new WeakMap<
    Instrument,
    Pick<Candidate, 'taker_bps' | 'maker_bps'> & { readonly venue: Venue }
  >()

  readonly #edge: Pick<Edge, 'seenBy'>

  /**
   * @param resolved - Markets that ended, by `venue|symbol`.
   * @param edge - Tells what an account took of a public book that still shows it.
   */
  constructor(
    options: CoreOptions,
    venues: ReadonlyMap<string, Venue>,
    resolved: ReadonlyMap<string, bigint>,
    edge: Pick<Edge, 'seenBy'>,
  ) {
    this.#options = options
    this.#edge = edge
    this.#venues = venues
    this.#resolved = resolved
    this.#freshness_ns = BigInt(Math.round(options.freshness_ms * 1e6))
    this.#limits = { ...options.limits, notional_1e9_max: null }
  }

  /** A child that may rest from now on: the account's next orders can meet it. */
  rests(account: Account, child: Child): void {
    this.#resting.add(account, child)
  }

  /** Whether a child's book may be traded on. */
  fresh(child: Child): boolean {
    const book = this.#options.books.book(child.venue, child.instrument.venue_symbol)
    const now_ns = this.#options.world.clock.now_ns()
    return book?.live === true && now_ns - book.received_ts_ns <= this.#freshness_ns
  }

  context(
    account: Account,
    intent: OrderIntent,
    resolution: Resolution | undefined,
  ): GuardContext<Look> {
    const now_ts_ns = this.#options.world.clock.now_ns()
    const outcome = resolution?.outcome ?? null
    const listings = this.#listingsFor(intent, resolution).map((listing) =>
      this.#look(account, listing, outcome, now_ts_ns),
    )
    return {
      kill_switch: account.kill_switch,
      symbol: intent.symbol,
      venue: intent.venue,
      listings,
      order: {
        side: intent.side,
        outcome,
        qty_1e8: intent.qty_1e8 ?? sizeOf(intent, listings),
        limit_price_1e9: intent.limit_price_1e9,
        time_in_force: tifOf(intent),
        post_only: intent.post_only || intent.tif === 'post_only',
        reduce_only: intent.reduce_only,
        expire_ts_ns: intent.expire_ts_ns,
      },
      limits:
        intent.max_notional_1e9 === null
          ? this.#limits
          : { ...this.#limits, notional_1e9_max: intent.max_notional_1e9 },
      ...this.#standing(account, listings, outcome, now_ts_ns),
      now_ts_ns,
    }
  }

  /** What the limits of position and loss are held against; nothing is counted for one that is off. */
  #standing(
    account: Account,
    listings: readonly GuardListing[],
    outcome: Outcome | null,
    now_ns: bigint,
  ): Pick<GuardContext, 'position_qty_1e8' | 'daily_pnl_usd_1e9'> {
    const { position_qty_1e8_max, daily_loss_usd_1e9_max } = this.#limits
    let position_qty_1e8 = 0n
    if (position_qty_1e8_max !== null) {
      for (const { venue, instrument } of listings) {
        position_qty_1e8 += heldOf(account, venue, instrument, outcome)
      }
    }
    const daily_pnl_usd_1e9 = daily_loss_usd_1e9_max === null ? 0n : sessionPnl(account, now_ns)
    return { position_qty_1e8, daily_pnl_usd_1e9 }
  }

  /** What the guards look at when a child is to be changed: the order it would then be. */
  amendContext(
    account: Account,
    child: Child,
    change: { readonly qty_1e8: bigint; readonly limit_price_1e9: bigint },
  ): GuardContext {
    const { side, outcome, time_in_force, post_only, reduce_only, expire_ts_ns } = child
    const now_ts_ns = this.#options.world.clock.now_ns()
    const venue = venueOf(this.#venues, child.venue)
    const listing = { venue, instrument: this.instrumentNow(child) }
    const listings = [this.#look(account, listing, outcome, now_ts_ns)]
    const { position_qty_1e8, daily_pnl_usd_1e9 } = this.#standing(
      account,
      listings,
      outcome,
      now_ts_ns,
    )
    return {
      kill_switch: account.kill_switch,
      symbol: child.instrument.symbol,
      venue: venue.id,
      listings,
      order: { side, outcome, time_in_force, post_only, reduce_only, expire_ts_ns, ...change },
      limits: this.#limits,
      daily_pnl_usd_1e9,
      // What has filled is in the position already, and in the size too.
      position_qty_1e8: position_qty_1e8 - (side === 'buy' ? child.filled_1e8 : -child.filled_1e8),
      now_ts_ns,
    }
  }

  /** A pinned venue is looked at alone; one that does not serve the symbol leaves the others as they are. */
  #listingsFor({ venue }: OrderIntent, resolution: Resolution | undefined): readonly Listing[] {
    const all = resolution?.listings ?? []
    if (venue === null) return all
    const pinned = all.find((listing) => listing.venue.id === venue)
    return pinned === undefined ? all : [pinned]
  }

  #look(
    account: Account,
    { venue, instrument }: Listing,
    outcome: 'YES' | 'NO' | null,
    now_ns: bigint,
  ): Look {
    const book = this.#options.books.book(venue.id, instrument.venue_symbol)
    const settled =
      this.#resolved.size > 0 && this.#resolved.has(`${venue.id}|${instrument.symbol}`)
    const depth = legDepth(this.#depthFor(account, book), outcome)
    return {
      of: venue,
      depth,
      received_ts_ns: book?.received_ts_ns ?? null,
      venue: venue.id,
      instrument: book?.bands === undefined ? instrument : this.#regridded(instrument, book.bands),
      rules: this.#rulesOf(venue),
      market: settled ? 'settled' : (book?.state ?? 'open'),
      book:
        book === undefined
          ? null
          : new Touch(depth, book.live && now_ns - book.received_ts_ns <= this.#freshness_ns),
      credentials: account.is_sandbox
        ? 'not-needed'
        : this.#options.credentials(venue.id, account.client_id),
    }
  }

  /** A child's instrument with the price grid its market has now. */
  instrumentNow({ venue, instrument }: Child): Instrument {
    const bands = this.#options.books.book(venue, instrument.venue_symbol)?.bands
    return bands === undefined ? instrument : this.#regridded(instrument, bands)
  }

  #regridded(instrument: Instrument, price_bands: Instrument['price_bands']): Instrument {
    const known = this.#grids.get(price_bands)
    if (known !== undefined) return known
    const made = { ...instrument, price_bands }
    this.#grids.set(price_bands, made)
    return made
  }

  #rulesOf(venue: Venue): GuardListing['rules'] {
    const known = this.#rules.get(venue)
    if (known !== undefined) return known
    const { capabilities } = venue
    const rules: GuardListing['rules'] = {
      time_in_force: capabilities.time_in_force,
      post_only: capabilities.post_only,
      reduce_only: capabilities.reduce_only,
      shape_check: capabilities.shape_check ?? 'first',
      paused_as: capabilities.paused_as ?? 'venue-paused',
    }
    this.#rules.set(venue, rules)
    return rules
  }

  #bpsOf(venue: Venue, instrument: Instrument): Pick<Candidate, 'taker_bps' | 'maker_bps'> {
    const known = this.#bps.get(instrument)
    if (known?.venue === venue) return known
    const of = (liquidity: Liquidity) => (price_1e9: bigint) =>
      venue.fees.bps({ instrument, liquidity, price_1e9 })
    const made = { venue, taker_bps: of('taker'), maker_bps: of('maker') }
    this.#bps.set(instrument, made)
    return made
  }

  plan(
    account: Account,
    intent: OrderIntent,
    resolution: Resolution,
    qty_1e8: bigint,
    eligible: readonly Look[],
    money: 'bound' | 'ignore',
  ): Planned {
    const { outcome } = resolution
    const { side } = intent
    const tif = tifOf(intent)
    const post_only = intent.post_only || intent.tif === 'post_only'
    const terms = termsOf(intent.limit_price_1e9, tif, post_only)
    const prospects = new Map<string, Prospect>()
    const now_ns = this.#options.world.clock.now_ns()
    const candidates: Candidate[] = []
    for (const { of: venue, instrument, depth: shown, received_ts_ns } of eligible) {
      const stance = stanceOf(account, venue, instrument, {
        side,
        outcome,
        reduce_only: intent.reduce_only,
      })
      const depth = this.#beforeOwn(account, stance, shown)
      const levels = side === 'buy' ? depth.asks : depth.bids
      prospects.set(venue.id, { stance, levels })
      const { taker_bps, maker_bps } = this.#bpsOf(venue, instrument)
      const bound = money === 'bound' && !intent.reduce_only
      candidates.push({
        venue: venue.id,
        instrument,
        depth,
        latency_ms: venue.capabilities.latency_ms,
        age_ms: received_ts_ns === null ? 0 : Number((now_ns - received_ts_ns) / NS_PER_MS),
        taker_bps,
        maker_bps,
        free_1e8: bound && !ample(stance, terms, qty_1e8, levels) ? freeOf(stance) : null,
        hold_1e8: (pieces) => {
          let size = 0n
          for (const piece of pieces) size += piece.qty_1e8
          if (!stance.opens) return size
          const { limit_price_1e9 } = terms
          if (limit_price_1e9 === null) return cashRequired(stance, terms, size, pieces)
          return cashRequired(stance, terms, size, takesOf(levels, side, terms, size))
        },
      })
    }
    const routing = route({
      side,
      outcome,
      qty_1e8,
      limit_price_1e9: intent.limit_price_1e9,
      time_in_force: tif,
      post_only,
      max_slippage_bps: intent.limit_price_1e9 === null ? intent.max_slippage_bps : null,
      urgency: intent.urgency,
      candidates,
    })
    return { resolution, qty_1e8, terms, tif, routing, prospects }
  }

  /** @returns `undefined` when money or holdings do not suffice; empty when there is nothing to reduce. */
  children(
    intent: OrderIntent,
    plan: Planned,
    childId: (leg: number) => string,
  ): NewChild[] | undefined {
    const { routing, terms, prospects, resolution } = plan
    if (routing.short_1e8 > 0n) return undefined
    const children: NewChild[] = []
    for (const leg of routing.legs) {
      const prospect = prospects.get(leg.venue)
      if (prospect === undefined) throw new Error(`${leg.venue} was routed to without being asked.`)
      const { stance, levels } = prospect
      const qty_1e8 = childSize(intent, stance, leg)
      if (qty_1e8 === 0n) {
        if (intent.reduce_only) continue
        return undefined
      }
      const takes =
        terms.limit_price_1e9 === null
          ? sweep(leg.takes, { side: intent.side, limit_price_1e9: null, qty_1e8 })
          : takesOf(levels, intent.side, terms, qty_1e8)
      const required = stance.opens ? cashRequired(stance, terms, qty_1e8, takes) : qty_1e8
      if (required > freeOf(stance)) return undefined
      children.push({
        child_id: childId(children.length),
        venue: leg.venue,
        instrument: leg.instrument,
        outcome: resolution.outcome,
        side: intent.side,
        time_in_force: plan.tif,
        post_only: terms.post_only,
        reduce_only: intent.reduce_only,
        expire_ts_ns: intent.expire_ts_ns,
        qty_1e8,
        limit_price_1e9: terms.limit_price_1e9,
        need: needOf(stance, terms, qty_1e8, takes, required),
      })
    }
    return children
  }

  #levels(account: Account, stance: Stance): Depth['asks'] {
    const { venue, instrument, outcome, side } = stance
    const book = this.#options.books.book(venue.id, instrument.venue_symbol)
    const shown = legDepth(this.#depthFor(account, book), outcome)
    const depth = this.#beforeOwn(account, stance, shown)
    return side === 'buy' ? depth.asks : depth.bids
  }

  /** A book as it is for this account: what its paper orders took the public one still shows. */
  #depthFor(account: Account, book: BookView | undefined): Depth {
    if (book === undefined) return NOTHING
    return this.#edge.seenBy?.(account, book) ?? book.depth
  }

  /** The book as far as an order would take from it: the account's own resting orders stand in the way. */
  #beforeOwn(account: Account, stance: Stance, depth: Depth): Depth {
    const own = this.#resting.opposite(account, stance)
    return own.length === 0 ? depth : depthBeforeOwn(depth, stance, own, account.is_sandbox)
  }

  sweepNow(account: Account, stance: Stance, terms: Terms, qty_1e8: bigint): Depth['asks'] {
    return takesOf(this.#levels(account, stance), stance.side, terms, qty_1e8)
  }
}

const NOTHING: Depth = { bids: [], asks: [] }

/** The best levels of a book, looked up when a guard asks: an order seldom needs both sides. */
class Touch {
  readonly fresh: boolean
  readonly #depth: Depth

  constructor(depth: Depth, fresh: boolean) {
    this.#depth = depth
    this.fresh = fresh
  }

  get best_bid(): Level | null {
    return this.#depth.bids[0] ?? null
  }

  get best_ask(): Level | null {
    return this.#depth.asks[0] ?? null
  }
}

const legDepth = (depth: Depth, outcome: 'YES' | 'NO' | null): Depth =>
  outcome === 'NO' ? complement(depth) : depth

/** Whether money is so plenty that the router need not count it; the final check of each child still does. */
function ample(stance: Stance, terms: Terms, qty_1e8: bigint, levels: Depth['asks']): boolean {
  if (!stance.opens) return stance.closable_1e8 >= qty_1e8
  const worst =
    stance.instrument.kind === 'event'
      ? PRICE_SCALE
      : (terms.limit_price_1e9 ?? levels.at(stance.side === 'buy' ? -1 : 0)?.price_1e9)
  return worst !== undefined && stance.cash_free_1e8 * PRICE_SCALE > 2n * worst * qty_1e8
}

/** Quantity of an order given as money: at the best opposite price of the venues it may go to. */
function sizeOf(intent: OrderIntent, listings: readonly GuardListing[]): bigint | null {
  if (intent.notional_1e9 === null) return null
  let best: { price_1e9: bigint; lot_size_1e8: bigint } | undefined
  for (const { venue, book, instrument } of listings) {
    if (intent.venue !== null && venue !== intent.venue) continue
    const level = intent.side === 'buy' ? book?.best_ask : book?.best_bid
    if (!book?.fresh || !level || level.price_1e9 <= 0n || level.qty_1e8 <= 0n) continue
    const { price_1e9 } = level
    const better =
      best === undefined ||
      (intent.side === 'buy' ? price_1e9 < best.price_1e9 : price_1e9 > best.price_1e9)
    if (better) best = { price_1e9, lot_size_1e8: instrument.lot_size_1e8 }
  }
  if (best === undefined) return null
  return qtyOfNotional({ notional_1e9: intent.notional_1e9, ...best })
}

/** Size of one child. Reduce-only stops at flat. */
function childSize(intent: OrderIntent, { reducible_1e8, instrument }: Stance, leg: Leg): bigint {
  if (!intent.reduce_only || leg.qty_1e8 <= reducible_1e8) return leg.qty_1e8
  return reducible_1e8 - (reducible_1e8 % instrument.lot_size_1e8)
}

export function shortOf(plan: Planned, eligible: readonly GuardListing[]): GuardRefusal {
  const venue = plan.routing.legs[0]?.venue ?? eligible[0]?.venue ?? ''
  const stance = plan.prospects.get(venue)?.stance
  const { instrument } = stance ?? {}
  const asset = stance?.opens ? instrument?.quote : instrument?.base
  return insufficientBalance(asset ?? '', venue)
}

export function newOrder(
  account: Account,
  intent: OrderIntent,
  { order }: GuardContext,
  resolution: Resolution | undefined,
): NewOrder {
  const nth = account.counters.order + 1
  const graph_id = intent.graph_id ?? `graph_${account.is_sandbox ? 's' : 'l'}${nth}`
  const node_id = intent.node_id ?? 'n0'
  const first = resolution?.listings[0]?.instrument
  return {
    node_order_id: `graph:${graph_id}:${node_id}:1`,
    graph_id,
    node_id,
    symbol: first !== undefined && intent.symbol.includes('/') ? first.symbol : intent.symbol,
    instrument_type: resolution?.instrument_type ?? intent.instrument_type ?? 'spot',
    side: intent.side,
    order_type: intent.limit_price_1e9 === null ? 'market' : 'limit',
    tif: intent.tif ?? order.time_in_force,
    venue: intent.venue,
    qty_1e8: order.qty_1e8 ?? 0n,
    limit_price_1e9: intent.limit_price_1e9,
  }
}

export function venueOf(venues: ReadonlyMap<string, Venue>, id: string): Venue {
  const venue = venues.get(id)
  if (venue !== undefined) return venue
  throw new Error(`${id} is no venue of this desk.`)
}
