/**
 * Sim: the simulated edge. It looks like a venue to the order path and sees only what a market-data
 * subscriber sees.
 *
 * Two worlds run side by side (`sim-world.ts`): the real one with the profile's adversaries, and, unless
 * the profile needs none, an unseen reference without them that holds the real one down (`ceiling.ts`).
 * An order that no adversary can touch is run once for both.
 * Without latency everything about a submission is emitted inside `submit`; with latency the order
 * meets the book of its arrival and `submit` resolves then. It shares no behaviour with the mock
 * venues' matching engine.
 *
 * @module
 */

import { delayOf } from '../adversary/latency.js'
import { type Profile, realistic, referenceOf } from '../adversary/profile.js'
import type { ShadowDepth } from '../adversary/shadow-depth.js'
import type { Depth } from '../engine/depth.js'
import type { ChildOrder, EdgeEvent, FillExplanation } from '../engine/order.js'
import { smaller } from '../engine/units.js'
import type { Books, MarketEvent } from '../market/hub.js'
import type { World } from '../world/world.js'
import { Ceiling } from './ceiling.js'
import type { Edge, EdgeSink } from './edge.js'
import { type Eaten, SeenDepth } from './seen-depth.js'
import { imageOf, marketsOf, putBack, putMarketsBack, type SimImage } from './sim-image.js'
import type { SimMarket } from './sim-market.js'
import {
  bookPrice,
  bookSide,
  type EndReason,
  makeOrder,
  opposite,
  type SimOrder,
  type SimVenue,
} from './sim-order.js'
import {
  bookPublished,
  bookReplaced,
  levelChanged,
  marketChanged,
  marketTraded,
} from './sim-rest.js'
import { type SimFill, SimWorld, type WorldSink } from './sim-world.js'

export interface SimOptions {
  readonly books: Books
  /** Every venue whose orders may come; capabilities and fees are read, nothing else. */
  readonly venues: Iterable<SimVenue>
  readonly world: World
  readonly sink: EdgeSink
  /** Default `realistic`. */
  readonly profile?: Profile
  /** Oldest book an order may meet. Default 2000. */
  readonly stale_ms?: number
  /**
   * Signed holding in a child's own leg, for reduce-only orders: what is left to close is asked when the
   * order arrives and at each fill. Absent: the preflight checks are trusted.
   */
  readonly positionOf?: (child: ChildOrder) => bigint
}

export interface SimEdge extends Edge {
  /**
   * Takes over an order that was open before a restart: it rests at the back of its queue, without an
   * answer. One that would cross or has expired by now ends at once with an event.
   */
  adopt(child: ChildOrder, filled_1e8: bigint): void
  /** Orders not yet over. */
  readonly open: number
  /** Orders, queues and what the adversaries remember, as a value that later changes do not touch. */
  save(): unknown
  /** Back to what was saved, in place: a message under way then finds its order as it was. */
  restore(state: unknown): void
  /** Stops listening to the books; open orders stay as they are. */
  close(): void
}

interface Entry {
  readonly real: SimOrder
  /** Null when no adversary acts. */
  readonly reference: SimOrder | null
  /** When the last message about it arrives, so that a cancel never overtakes its order. */
  arrives_ns: bigint
  disarm: (() => void) | null
}

const MS_NS = 1_000_000n
/** Longest timer a JavaScript host takes. */
const TIMER_MS_MAX = 2_147_483_647

/**
 * @throws RangeError when `stale_ms` is not positive.
 *
 * @example
 * const sim = createSimEdge({ books: hub, venues, world, sink: (event) => router.handle(event) })
 * sim.submit(child)
 */
export function createSimEdge(options: SimOptions): SimEdge {
  return new Simulator(options)
}

class Simulator implements SimEdge {
  readonly #options: SimOptions
  readonly #profile: Profile
  readonly #venues = new Map<string, SimVenue>()
  readonly #entries = new Map<string, Entry>()
  readonly #real: SimWorld
  readonly #reference: SimWorld | null
  /** Whether an order that does not rest may meet an adversary. */
  readonly #opposed: boolean
  readonly #stop: () => void

  constructor(options: SimOptions) {
    const { stale_ms = 2000, profile = realistic, books, world, positionOf } = options
    if (!(stale_ms > 0)) {
      throw new RangeError(
        `stale_ms is ${stale_ms}; a positive number of milliseconds is expected.`,
      )
    }
    this.#options = options
    this.#profile = profile
    for (const venue of options.venues) this.#venues.set(venue.id, venue)
    const shared = {
      books,
      clock: world.clock,
      random: (label: string) => world.random(label),
      stale_ns: BigInt(Math.round(stale_ms * 1e6)),
      ...(positionOf === undefined ? {} : { positionOf }),
    }
    this.#real = new SimWorld({ ...shared, profile, sink: this.#realSink() })
    const { latency, partial, fade } = profile
    this.#opposed = latency !== null || partial !== null || fade !== null
    const reference = referenceOf(profile)
    this.#reference =
      reference === null
        ? null
        : new SimWorld({ ...shared, profile: reference, sink: this.#referenceSink() })
    this.#stop = books.subscribe((event) => this.#heard(event))
  }

  get open(): number {
    return this.#entries.size
  }

  submit(child: ChildOrder): Promise<void> | undefined {
    const venue = this.#venues.get(child.venue)
    if (venue === undefined) {
      const message = `venue ${child.venue} is not known here`
      this.#emit({
        type: 'rejected',
        child_id: child.child_id,
        ts_ns: this.#now(),
        code: 'venue-unavailable',
        message,
        venue_code: null,
      })
      return undefined
    }
    const entry = this.#track(child, venue)
    if (entry.reference !== null) this.#reference?.enter(entry.reference)
    this.#arm(entry)
    return this.#travel(entry, () => {
      this.#arrive(entry)
      this.#tidy(entry)
    })
  }

  cancel(child_id: string): Promise<void> | undefined {
    const entry = this.#entries.get(child_id)
    if (entry === undefined) return undefined
    if (entry.reference !== null) this.#reference?.end(entry.reference, 'requested')
    return this.#travel(entry, () => {
      this.#real.end(entry.real, 'requested')
      this.#tidy(entry)
    })
  }

  amend(
    child_id: string,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): Promise<void> | undefined {
    const entry = this.#entries.get(child_id)
    if (entry === undefined) return undefined
    if (entry.reference !== null) this.#reference?.amend(entry.reference, change)
    return this.#travel(entry, () => {
      this.#real.amend(entry.real, change)
      this.#follow(entry)
      this.#tidy(entry)
    })
  }

  adopt(child: ChildOrder, filled_1e8: bigint): void {
    const venue = this.#venues.get(child.venue)
    if (venue === undefined)
      throw new Error(`venue ${child.venue} of ${child.child_id} is not known here`)
    // After a revert it may be here already, with the place in the queue that it had.
    if (this.#entries.has(child.child_id)) return
    const entry = this.#track(child, venue)
    for (const [world, order] of [
      [this.#reference, entry.reference],
      [this.#real, entry.real],
    ] as const) {
      if (order === null) continue
      order.filled_1e8 = filled_1e8
      order.left_1e8 = child.qty_1e8 - filled_1e8
      world?.rejoin(order)
    }
    this.#arm(entry)
    this.#tidy(entry)
  }

  seenBy(
    { client_id }: { readonly client_id: string },
    { venue, venue_symbol, depth }: { venue: string; venue_symbol: string; depth: Depth },
  ): Depth {
    const shadow = this.#real.marketAt(venue, venue_symbol)?.shadow ?? null
    const bids = shadow?.eatenBy(client_id, 'buy')
    const asks = shadow?.eatenBy(client_id, 'sell')
    if (bids === undefined && asks === undefined) return depth
    return new SeenDepth(depth, bids, asks)
  }

  close(): void {
    this.#stop()
    for (const entry of this.#entries.values()) entry.disarm?.()
  }

  save(): SimImage {
    const entries = [...this.#entries.values()]
    return {
      entries: entries.map((entry) => [entry, { ...entry }] as const),
      orders: entries.flatMap(({ real, reference }) => [
        imageOf(real),
        ...(reference === null ? [] : [imageOf(reference)]),
      ]),
      worlds: this.#worlds().map((world) => marketsOf(world)),
    }
  }

  restore(state: unknown): void {
    const { entries, orders, worlds } = state as SimImage
    this.#entries.clear()
    for (const [entry, facts] of entries) {
      Object.assign(entry as Entry, facts)
      this.#entries.set((entry as Entry).real.child.child_id, entry as Entry)
    }
    for (const order of orders) putBack(order)
    this.#worlds().forEach((world, index) => {
      putMarketsBack(world, worlds[index] ?? [])
    })
  }

  #worlds(): SimWorld[] {
    return this.#reference === null ? [this.#real] : [this.#real, this.#reference]
  }

  #track(child: ChildOrder, venue: SimVenue): Entry {
    if (this.#entries.has(child.child_id)) {
      throw new Error(`child ${child.child_id} was submitted twice; child ids are unique.`)
    }
    const twin = this.#twinFor(child)
    const ceiling =
      this.#reference === null || twin !== undefined ? undefined : new Ceiling(bookSide(child))
    const entry: Entry = {
      real: makeOrder(child, venue, { ceiling, twin }),
      reference: ceiling === undefined ? null : makeOrder(child, venue, { notes: ceiling }),
      arrives_ns: 0n,
      disarm: null,
    }
    this.#entries.set(child.child_id, entry)
    return entry
  }

  /**
   * The reference's shadow, when both worlds are alike for an order that no adversary can touch: it does
   * not rest, its client has nothing resting in its market, and has eaten the same of it in both.
   */
  #twinFor(child: ChildOrder): ShadowDepth | undefined {
    const { client_id, time_in_force, limit_price_1e9 } = child
    if (this.#reference === null || this.#opposed) return undefined
    if (limit_price_1e9 !== null && time_in_force !== 'ioc' && time_in_force !== 'fok') {
      return undefined
    }
    const real = this.#real.market({ child })
    const reference = this.#reference.market({ child })
    if (rests(real, client_id) || rests(reference, client_id)) return undefined
    if (real.shadow === null || reference.shadow === null) return undefined
    const side = opposite(bookSide(child))
    const eaten = real.shadow.eatenBy(client_id, side)
    return same(eaten, reference.shadow.eatenBy(client_id, side)) ? reference.shadow : undefined
  }

  #arrive(entry: Entry): void {
    const { real, reference } = entry
    if (real.state !== 'new') return
    const refusal = reference?.refusal ?? null
    if (refusal !== null) this.#real.refuse(real, refusal)
    else this.#real.enter(real)
    this.#follow(entry)
  }

  /** An order whose reference was given up has nothing left to hope for. */
  #follow({ real, reference }: Entry): void {
    const reason = reference?.ended ?? null
    if (reason === null || reason === 'filled' || reason === 'requested') return
    if (real.state === 'resting') this.#real.end(real, reason)
  }

  /** Runs now, or when a message sent now arrives. */
  #travel(entry: Entry, arrived: () => void): Promise<void> | undefined {
    const { latency } = this.#profile
    const { clock } = this.#options.world
    if (latency === null) {
      arrived()
      return undefined
    }
    const random = this.#options.world.random('adversary/latency')
    const delay_ms = delayOf(latency, entry.real.venue.capabilities.latency_ms, random)
    const now_ns = clock.now_ns()
    const due_ns = now_ns + BigInt(delay_ms) * MS_NS
    if (due_ns > entry.arrives_ns) entry.arrives_ns = due_ns
    const wait_ms = Number(entry.arrives_ns - now_ns) / 1e6
    return new Promise((resolve) => {
      clock.after(wait_ms, () => {
        // Reverted meanwhile: this message belongs to a story that is not told any more.
        if (this.#entries.get(entry.real.child.child_id) === entry) arrived()
        resolve()
      })
    })
  }

  #arm(entry: Entry): void {
    const { expire_ts_ns } = entry.real.child
    if (expire_ts_ns === null || entry.real.state === 'done') return
    const { clock } = this.#options.world
    const left_ms = Number(expire_ts_ns - clock.now_ns()) / 1e6
    if (left_ms > TIMER_MS_MAX) {
      entry.disarm = clock.after(TIMER_MS_MAX, () => this.#arm(entry))
      return
    }
    if (left_ms <= 0 && entry.real.state === 'new') return
    entry.disarm = clock.after(Math.max(0, left_ms), () => {
      if (entry.reference !== null) this.#reference?.end(entry.reference, 'expired')
      if (entry.real.state === 'resting') this.#real.end(entry.real, 'expired')
      this.#tidy(entry)
    })
  }

  #tidy(entry: Entry): void {
    if (entry.real.state !== 'done') return
    if (entry.reference !== null && entry.reference.state !== 'done') return
    entry.disarm?.()
    this.#entries.delete(entry.real.child.child_id)
  }

  #heard(event: MarketEvent): void {
    // The reference hears everything first, so that it can allow what the real world proposes.
    if (this.#reference !== null) hear(this.#reference, event)
    hear(this.#real, event)
  }

  #realSink(): WorldSink {
    return {
      acked: ({ child }) =>
        this.#emit({
          type: 'acked',
          child_id: child.child_id,
          ts_ns: this.#now(),
          venue_order_id: `sim-${child.child_id}`,
        }),
      rejected: ({ child }, { code, message }) =>
        this.#emit({
          type: 'rejected',
          child_id: child.child_id,
          ts_ns: this.#now(),
          code,
          message,
          venue_code: null,
        }),
      filled: (order, fill) => this.#filled(order, fill),
      ended: (order, reason) => this.#ended(order, reason),
      amended: (order, mode) =>
        this.#emit({
          type: 'amended',
          child_id: order.child.child_id,
          ts_ns: this.#now(),
          qty_1e8: order.qty_1e8,
          limit_price_1e9: bookPrice(order.child, order.limit_1e9 ?? 0n),
          mode,
        }),
      amendRefused: ({ child }, { code, message }) =>
        this.#emit({
          type: 'amend-rejected',
          child_id: child.child_id,
          ts_ns: this.#now(),
          code,
          message,
        }),
    }
  }

  #referenceSink(): WorldSink {
    const silent = () => undefined
    return {
      acked: silent,
      rejected: (order, refusal) => {
        order.refusal = refusal
      },
      filled: (order, { price_1e9, qty_1e8, fee_1e8, liquidity }) =>
        order.notes?.push({ price_1e9, qty_1e8, fee_1e8, liquidity }),
      ended: (order) => {
        const entry = this.#entries.get(order.child.child_id)
        if (entry === undefined) return
        this.#follow(entry)
        this.#tidy(entry)
      },
      amended: silent,
      amendRefused: silent,
    }
  }

  #filled(order: SimOrder, fill: SimFill): void {
    const { child } = order
    this.#emit({
      type: 'filled',
      child_id: child.child_id,
      ts_ns: this.#now(),
      venue_fill_id: `${child.child_id}/${order.filled_1e8}`,
      price_1e9: bookPrice(child, fill.price_1e9),
      qty_1e8: fill.qty_1e8,
      fee_1e8: fill.fee_1e8,
      liquidity: fill.liquidity,
      queue_ahead_1e8: fill.ahead_1e8,
      explanation: explain(order, fill),
    })
  }

  #ended(order: SimOrder, reason: EndReason): void {
    const { child } = order
    if (reason === 'expired')
      this.#emit({ type: 'expired', child_id: child.child_id, ts_ns: this.#now() })
    else if (reason !== 'filled')
      this.#emit({ type: 'cancelled', child_id: child.child_id, ts_ns: this.#now(), reason })
    const entry = this.#entries.get(child.child_id)
    if (entry !== undefined) this.#tidy(entry)
  }

  #now(): bigint {
    return this.#options.world.clock.now_ns()
  }

  #emit(event: EdgeEvent): void {
    this.#options.sink(event)
  }
}

function same(one: Eaten, other: Eaten): boolean {
  if (one === undefined || other === undefined) return one === other
  if (one.size !== other.size) return false
  for (const [price_1e9, qty_1e8] of one) if (other.get(price_1e9) !== qty_1e8) return false
  return true
}

const rests = ({ buy, sell }: SimMarket, client_id: string): boolean =>
  buy.has(client_id) || sell.has(client_id)

function hear(world: SimWorld, event: MarketEvent): void {
  const market = world.marketAt(event.venue, event.venue_symbol)
  if (market === undefined) return
  switch (event.type) {
    case 'trade':
      marketTraded(world, market, event)
      return
    case 'level':
      levelChanged(world, market, event)
      return
    case 'lost':
      return
    case 'state':
      marketChanged(world, market, event)
      return
    case 'snapshot':
    case 'published': {
      const book = world.options.books.book(event.venue, event.venue_symbol)
      if (book === undefined) return
      if (event.type === 'snapshot') bookReplaced(world, market, book.depth, event.ts_ns)
      else bookPublished(world, market, book.depth)
    }
  }
}

const NO_QUEUE: readonly bigint[] = []

/** Bounds are of the order so far, this fill included; prices in the child's own terms. */
function explain(order: SimOrder, fill: SimFill): FillExplanation {
  const here = bookPrice(order.child, fill.price_1e9)
  const best = fill.reference_1e9 === null ? here : bookPrice(order.child, fill.reference_1e9)
  return {
    rule: fill.rule,
    qty_lower_1e8: order.low_filled_1e8,
    qty_upper_1e8: order.ceiling?.total_1e8 ?? order.filled_1e8,
    price_lower_1e9: smaller(here, best),
    price_upper_1e9: here === smaller(here, best) ? best : here,
    queue_ahead_1e8: fill.ahead_1e8 === null ? NO_QUEUE : [...order.history_1e8],
  }
}
