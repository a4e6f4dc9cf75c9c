/**
 * Core: the order path, synchronous and in memory. Symbol, guards, route, reserve, dispatch; and every
 * event of an edge back through the fill router into the account.
 *
 * It knows no database: whoever drives it decides when an account's changes become durable. Each
 * operation leaves one journal entry with the command and what came of it.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { AccountCommand, AccountEvent, NewChild, NewOrder } from '../account/command.js'
import { finish } from '../account/fill-router.js'
import type { Child, Order } from '../account/order.js'
import { place, refuse } from '../account/place.js'
import { isPegged } from '../account/symbol.js'
import type { Edge, EdgeSink } from '../edge/edge.js'
import {
  type DeskLimits,
  failures,
  type GuardListing,
  type GuardRefusal,
  guard,
  insufficientBalance,
  preflight,
} from '../engine/guards.js'
import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Books } from '../market/hub.js'
import type { Routing } from '../router/route.js'
import type { MarketEnd } from '../store/read.js'
import type { Venue } from '../venue/contract.js'
import type { SeededWorld } from '../world/seeded.js'
import { childId } from './child-id.js'
import { DeskError, type OrderIntent } from './contract.js'
import { dollarValue } from './marks.js'
import { amendedStance, cashRequired, closingCost, freeOf, heldOf, needOf } from './need.js'
import { Owners } from './owners.js'
import { newOrder, type Planned, Planner, shortOf, venueOf } from './plan.js'
import { type Resolution, SymbolTable } from './symbols.js'
import { termsOf } from './terms.js'

export interface CoreOptions {
  readonly world: SeededWorld
  readonly venues: readonly Venue[]
  readonly books: Books
  readonly edge: DeskEdge
  /** A book older than this may not be traded on. */
  readonly freshness_ms: number
  readonly limits: DeskLimits
  /** Live orders only: whether a client can trade at a venue. */
  readonly credentials: (venue: string, client_id: string) => GuardListing['credentials']
  /** An edge's event outside any operation of the core: its owner applies it in its own time. */
  readonly later: (account: Account, event: EdgeEvent) => void
}

/** Makes the edge; `positionOf` tells the signed holding in a child's own leg, for reduce-only orders. */
export type DeskEdge = (sink: EdgeSink, positionOf: (child: ChildOrder) => bigint) => Edge

/** What became of a submission. */
export interface Submitted {
  readonly order: Order
  /** Children not yet sent, when the caller asked to send them itself. */
  readonly unsent: readonly ChildOrder[]
  /** Resolves when every edge has answered; absent: all did. */
  readonly answered: Promise<unknown> | undefined
  /** Why nothing was sent; null: something was. `reject` null: a rule of the desk alone. */
  readonly refusal: Pick<GuardRefusal, 'code' | 'message' | 'reject'> | null
}

/** Children on their way out. */
interface Launch {
  readonly order: NewOrder
  readonly plan: Planned
  readonly children: readonly NewChild[]
  readonly chasing: boolean
  /** The order they join; null: it is new. */
  readonly onto: Order | null
}

export class Core {
  readonly symbols: SymbolTable
  readonly venues: ReadonlyMap<string, Venue>
  readonly #options: CoreOptions
  readonly #edge: Edge
  readonly #owners = new Owners()
  readonly #planner: Planner
  readonly #resolved = new Map<string, bigint>()
  /** The operation under way: its account's edge events join its journal entry. */
  #operation: { readonly account: Account; readonly events: AccountEvent[] } | null = null
  /** Told apart in child ids after an account was dropped and read again. */
  #epoch = 0

  constructor(options: CoreOptions) {
    this.#options = options
    this.symbols = new SymbolTable(options.venues)
    this.venues = new Map(options.venues.map((venue) => [venue.id, venue]))
    this.#edge = options.edge(
      (event) => this.#hear(event),
      (child) => this.#positionOf(child),
    )
    this.#planner = new Planner(options, this.venues, this.#resolved, this.#edge)
  }

  get now_ns(): bigint {
    return this.#options.world.clock.now_ns()
  }

  /** Applies one command as an operation of its own. */
  apply(account: Account, command: AccountCommand): readonly AccountEvent[] {
    return this.#journaled(account, journalView(command), () => account.run(command))
  }

  /**
   * Takes an order through the whole path.
   *
   * @param dispatch - `hold`: the children are reserved but not sent (see {@link Core.send}).
   * @param onto - The waiting order whose turn has come; null: a new one.
   * @throws DeskError when the kill switch is on.
   */
  submit(
    account: Account,
    intent: OrderIntent,
    dispatch: 'now' | 'hold',
    onto: Order | null = null,
  ): Submitted {
    if (account.kill_switch) throw new DeskError('kill-switch', 'kill switch is active')
    let submitted: Submitted | undefined
    const view =
      onto === null
        ? { type: 'submit', intent }
        : { type: 'activate', node_order_id: onto.node_order_id, intent }
    this.#journaled(account, view, () => {
      submitted = this.#submit(account, intent, dispatch, onto)
      return []
    })
    if (submitted === undefined) throw new Error('the submission left no order.')
    return submitted
  }

  /** Sends children that were held back. Resolves when the edge has answered each. */
  async send(children: readonly ChildOrder[]): Promise<void> {
    await Promise.all(children.map((child) => this.#edge.submit(child)))
  }

  /** What {@link Core.submit} would do: guards that fail, and the routing where one is possible. */
  preview(
    account: Account,
    intent: OrderIntent,
  ): {
    routing: Routing | undefined
    qty_1e8: bigint
    resolution: Resolution | undefined
    guards: GuardRefusal[]
  } {
    const resolution = this.symbols.resolve(intent.symbol)
    const context = this.#planner.context(account, intent, resolution)
    const qty_1e8 = context.order.qty_1e8 ?? 0n
    const verdict = preflight(context)
    const guards = failures(context)
    if (!verdict.ok || resolution === undefined || qty_1e8 <= 0n) {
      return { routing: undefined, qty_1e8, resolution, guards }
    }
    const { routing } = this.#planner.plan(
      account,
      intent,
      resolution,
      qty_1e8,
      verdict.eligible,
      'ignore',
    )
    return { routing, qty_1e8, resolution, guards }
  }

  /** Asks the edge to cancel every working child; answers may come later. */
  cancel(account: Account, order: Order): Promise<unknown> | undefined {
    const waits: Promise<void>[] = []
    this.#journaled(account, { type: 'cancel', node_order_id: order.node_order_id }, () => {
      order.chasing = false
      for (const child of [...order.children]) {
        if (!account.children.has(child.child_id)) continue
        const wait = this.#cancelChild(account, child)
        if (wait !== undefined) waits.push(wait)
      }
      if (order.open === 0 && account.orders.has(order.node_order_id)) {
        finish(account, order, this.now_ns)
      }
      return []
    })
    return waits.length > 0 ? Promise.all(waits) : undefined
  }

  /**
   * Sends what a chasing order still wants to the books as they are now.
   *
   * @returns What was sent; `undefined`: nothing could be, for now.
   */
  chase(account: Account, order: Order, intent: OrderIntent): Submitted | undefined {
    const qty_1e8 = order.qty_1e8 - order.filled_1e8
    const rest: OrderIntent = { ...intent, qty_1e8, notional_1e9: null }
    let sent: Submitted | undefined
    this.#journaled(account, { type: 'chase', node_order_id: order.node_order_id }, () => {
      const resolution = this.symbols.resolve(intent.symbol)
      const context = this.#planner.context(account, rest, resolution)
      const verdict = preflight(context)
      if (resolution === undefined || !verdict.ok) return []
      const plan = this.#planner.plan(account, rest, resolution, qty_1e8, verdict.eligible, 'bound')
      const children = this.#planner.children(rest, plan, this.#childIds(account, order))
      if (children === undefined || children.length === 0) return []
      const dispatch = account.is_sandbox ? 'now' : 'hold'
      sent = this.#launch(account, { order, plan, children, chasing: true, onto: order }, dispatch)
      return []
    })
    return sent
  }

  /** A chasing order gives up what is left. */
  stopChasing(account: Account, order: Order): void {
    if (!order.chasing) return
    this.#journaled(account, { type: 'chase-end', node_order_id: order.node_order_id }, () => {
      order.chasing = false
      if (order.open === 0) finish(account, order, this.now_ns)
      return []
    })
  }

  /** Asks the edge to cancel one child of an order. */
  cancelChild(account: Account, child: Child): Promise<void> | undefined {
    let wait: Promise<void> | undefined
    this.#journaled(account, { type: 'cancel', child_id: child.child_id }, () => {
      wait = this.#cancelChild(account, child)
      return []
    })
    return wait
  }

  /** Ends every open order here and now and lets the edge forget the children. */
  endAll(account: Account, command: AccountCommand): readonly AccountEvent[] {
    const open = [...account.children.keys()]
    const events = this.apply(account, command)
    for (const child_id of open) {
      if (!account.children.has(child_id)) this.#forget(child_id)
    }
    return events
  }

  /** Why a venue would not take a child changed so, as far as that is known beforehand. */
  amendRefusal(
    account: Account,
    child: Child,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): GuardRefusal | undefined {
    return guard(this.#planner.amendContext(account, child, change))
  }

  /**
   * Holds for a child's new size and asks its edge.
   *
   * @throws DeskError when cash or holdings do not suffice for it.
   */
  amend(
    account: Account,
    child: Child,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): Promise<void> | undefined {
    const venue = this.#venue(child.venue)
    const stance = amendedStance(account, venue, child, change)
    const terms = termsOf(change.limit_price_1e9, child.time_in_force, child.post_only)
    const remaining = change.qty_1e8 - child.filled_1e8
    const takes = this.#planner.sweepNow(account, stance, terms, remaining)
    const required = stance.opens ? cashRequired(stance, terms, remaining, takes) : remaining
    if (required > freeOf(stance)) {
      const asset = stance.opens ? child.instrument.quote : child.instrument.base
      throw new DeskError('invalid', insufficientBalance(asset, venue.id).message)
    }
    let wait: Promise<void> | undefined
    const view = { type: 'amend', child_id: child.child_id, ...change }
    this.#journaled(account, view, () => {
      const need = needOf(stance, terms, remaining, takes)
      const ts_ns = this.now_ns
      const resized = account.run({
        type: 'resize',
        ts_ns,
        child_id: child.child_id,
        ...change,
        need,
      })
      this.#operation?.events.push(...resized)
      wait = this.#edge.amend(child.child_id, {
        qty_1e8: change.qty_1e8,
        limit_price_1e9: change.limit_price_1e9,
      })
      return []
    })
    return wait
  }

  /** An edge's event on its own, with its journal entry. */
  edgeEvent(account: Account, event: EdgeEvent): readonly AccountEvent[] {
    return this.#journaled(account, event, () => this.#route(account, event))
  }

  /** A new account's first journal entry: the seed everything after follows from. */
  open(account: Account): void {
    account.changes.account = true
    const { seed } = this.#options.world
    this.#journaled(account, { type: 'open', seed, is_sandbox: account.is_sandbox }, () => [])
  }

  /** Takes over the open children of an account read from the database. */
  adopt(account: Account): void {
    for (const child of [...account.children.values()]) {
      this.#owners.take(child.child_id, account)
      this.#planner.rests(account, child)
      if (account.is_sandbox) this.#resume(account, child)
      else this.#handOver(account, child)
    }
  }

  /**
   * Ends orders of an earlier process that have nothing at work any more: an unfinished chase, and slices
   * whose timer is gone.
   */
  finishIdle(account: Account): void {
    for (const order of [...account.orders.values()]) {
      if (order.open > 0) continue
      if (order.status === 'WAITING') {
        this.apply(account, {
          type: 'end',
          ts_ns: this.now_ns,
          ids: [order.node_order_id],
          reason: 'INTERRUPTED',
          message: 'its timer was lost when the account was read again',
        })
        continue
      }
      this.#journaled(account, { type: 'chase-end', node_order_id: order.node_order_id }, () => {
        finish(account, order, this.now_ns)
        return []
      })
    }
  }

  /** Forgets an account whose memory is worthless: its paper orders leave the simulator. */
  drop(account: Account): void {
    this.#epoch += 1
    for (const child_id of account.children.keys()) {
      // A live order rests at its venue, whatever we remember of it.
      if (account.is_sandbox) this.#forget(child_id)
      else this.#owners.drop(child_id)
    }
  }

  /** How often memory was thrown away: part of a child's name, so that no late event meets a new child. */
  get epoch(): number {
    return this.#epoch
  }

  /** Back to a saved state: no event of what came after it is under way any more. */
  restoreEpoch(epoch: number): void {
    this.#epoch = epoch
  }

  /** A market's book came back: paper orders that waited for it go on. */
  wake(venue: string, venue_symbol: string): void {
    if (this.#dormant.size === 0) return
    for (const [child_id, child] of this.#dormant) {
      if (child.venue !== venue || child.instrument.venue_symbol !== venue_symbol) continue
      const account = this.#owners.of(child_id)
      if (account === undefined) this.#dormant.delete(child_id)
      else if (this.#planner.fresh(child)) {
        this.#dormant.delete(child_id)
        this.#rejoin(account, child)
      }
    }
  }

  /** From here on the market takes no orders. */
  settle(venue: string, symbol: string, yes_value_1e9: bigint): void {
    this.#resolved.set(`${venue}|${symbol}`, yes_value_1e9)
  }

  resolution(venue: string, symbol: string): bigint | undefined {
    return this.#resolved.get(`${venue}|${symbol}`)
  }

  /** The markets that ended are these and no others. */
  restoreResolutions(saved: readonly MarketEnd[]): void {
    this.#resolved.clear()
    for (const { venue, symbol, yes_value_1e9 } of saved) this.settle(venue, symbol, yes_value_1e9)
  }

  /** What a unit of an asset is worth in USD at a venue; pegged assets are worth one. */
  usd(venue: string, asset: string): bigint {
    if (isPegged(asset)) return PRICE_SCALE
    return dollarValue(this.#options.books, this.symbols, venue, asset) ?? PRICE_SCALE
  }

  /** Paper children that wait for their book after a restart. */
  readonly #dormant = new Map<string, Child>()

  #submit(
    account: Account,
    intent: OrderIntent,
    dispatch: 'now' | 'hold',
    onto: Order | null,
  ): Submitted {
    const resolution = this.symbols.resolve(intent.symbol)
    const context = this.#planner.context(account, intent, resolution)
    const order = onto ?? newOrder(account, intent, context, resolution)
    const refused = (why: NonNullable<Submitted['refusal']>) =>
      this.#refuse(account, order, why, onto)
    if (
      resolution !== undefined &&
      intent.instrument_type !== null &&
      intent.instrument_type !== resolution.instrument_type
    ) {
      const message = `${intent.symbol} is no ${intent.instrument_type} instrument`
      return refused({
        code: 'INVALID_PARAMS',
        message,
        reject: 'bad-request',
      })
    }
    const verdict = preflight(context)
    if (!verdict.ok) return refused(verdict.refusal)
    if (resolution === undefined || context.order.qty_1e8 === null) {
      throw new Error(`the guards let ${intent.symbol} pass without a market or a size.`)
    }
    const { qty_1e8 } = context.order
    const plan = this.#planner.plan(account, intent, resolution, qty_1e8, verdict.eligible, 'bound')
    const children = this.#planner.children(intent, plan, this.#childIds(account, onto))
    if (children === undefined) return refused(shortOf(plan, verdict.eligible))
    if (children.length === 0) {
      const message = 'there is no position to reduce'
      return refused({
        code: 'EXCHANGE_REJECT',
        message,
        reject: 'not-reducing',
      })
    }
    const chasing = intent.policy === 'aggressive_chase'
    return this.#launch(account, { order, plan, children, chasing, onto }, dispatch)
  }

  /** Records and reserves children and sends them. */
  #launch(account: Account, what: Launch, dispatch: 'now' | 'hold'): Submitted {
    const { order, plan, children, chasing, onto } = what
    const before = onto?.children.length ?? 0
    const { order: made, events } = place(account, {
      type: 'place',
      ts_ns: this.now_ns,
      order,
      routing: plan.routing.legs,
      children,
      chasing,
      onto,
    })
    this.#operation?.events.push(...events)
    const sent: ChildOrder[] = []
    for (let nth = before; nth < made.children.length; nth += 1) {
      const child = made.children[nth] as Child
      const leg = plan.routing.legs.find(({ venue }) => venue === child.venue)
      const stance = leg === undefined ? undefined : plan.prospects.get(leg.venue)?.stance
      const closing_1e8 =
        leg === undefined || stance === undefined
          ? 0n
          : closingCost(stance, plan.terms, child, leg.takes)
      sent.push(this.#childOrder(account, child, leg?.protection_price_1e9 ?? null, closing_1e8))
      this.#owners.take(child.child_id, account)
      this.#planner.rests(account, child)
    }
    if (dispatch === 'hold') {
      return { order: made, unsent: sent, answered: undefined, refusal: null }
    }
    const waits: Promise<void>[] = []
    for (const child of sent) {
      const wait = this.#edge.submit(child)
      if (wait !== undefined) waits.push(wait)
    }
    const answered = waits.length > 0 ? Promise.all(waits) : undefined
    return { order: made, unsent: [], answered, refusal: null }
  }

  #refuse(
    account: Account,
    order: NewOrder,
    refusal: NonNullable<Submitted['refusal']>,
    onto: Order | null,
  ): Submitted {
    const { code, message } = refusal
    const ts_ns = this.now_ns
    const refused = refuse(account, { type: 'refuse', ts_ns, order, reason: code, message, onto })
    this.#operation?.events.push(...refused.events)
    return { order: refused.order, unsent: [], answered: undefined, refusal }
  }

  #childIds(account: Account, onto: Order | null): (leg: number) => string {
    const nth = onto?.nth ?? account.counters.order + 1
    const before = onto?.children.length ?? 0
    return (leg) => childId(account, nth, before + leg, this.#epoch)
  }

  /** @param closing_1e8 - What a buy pays for contracts that cancel held ones: it comes back at once. */
  #childOrder(
    account: Account,
    child: Child,
    protection_price_1e9: bigint | null,
    closing_1e8: bigint,
  ): ChildOrder {
    return {
      child_id: child.child_id,
      client_id: account.client_id,
      is_sandbox: account.is_sandbox,
      venue: child.venue,
      instrument: child.instrument,
      outcome: child.outcome,
      side: child.side,
      qty_1e8: child.qty_1e8,
      // A bound on what is spent; margin is not spent.
      budget_1e8:
        child.side === 'buy' && child.leverage === 1n && child.budget_1e8 !== null
          ? child.budget_1e8 + closing_1e8
          : null,
      limit_price_1e9: child.limit_price_1e9,
      protection_price_1e9,
      time_in_force: child.time_in_force,
      post_only: child.post_only,
      reduce_only: child.reduce_only,
      expire_ts_ns: child.expire_ts_ns,
    }
  }

  /** A resting paper order of an earlier process joins the back of its queue; anything else is over. */
  #resume(account: Account, child: Child): void {
    const rests = child.time_in_force === 'gtc' || child.time_in_force === 'gtd'
    if (child.limit_price_1e9 === null || !rests) {
      this.#over(account, child)
      return
    }
    if (this.#planner.fresh(child)) this.#rejoin(account, child)
    else this.#dormant.set(child.child_id, child)
  }

  #positionOf({ child_id, venue, instrument, outcome }: ChildOrder): bigint {
    const account = this.#owners.of(child_id)
    return account === undefined ? 0n : heldOf(account, venue, instrument, outcome)
  }

  #over(account: Account, { child_id }: Child): void {
    this.edgeEvent(account, { type: 'cancelled', child_id, ts_ns: this.now_ns, reason: 'venue' })
  }

  #rejoin(account: Account, child: Child): void {
    if (this.#edge.adopt === undefined) this.#over(account, child)
    else this.#handOver(account, child)
  }

  #handOver(account: Account, child: Child): void {
    this.#edge.adopt?.(this.#childOrder(account, child, null, 0n), child.filled_1e8, {
      acked: child.status !== 'NEW',
      fill_ids: child.seen ?? new Set(),
    })
  }

  #cancelChild(account: Account, { child_id }: Child): Promise<void> | undefined {
    if (!this.#dormant.delete(child_id)) return this.#edge.cancel(child_id)
    const event = { type: 'cancelled', child_id, ts_ns: this.now_ns, reason: 'requested' } as const
    this.#operation?.events.push(...this.#route(account, event))
    return undefined
  }

  #forget(child_id: string): void {
    this.#owners.drop(child_id)
    if (this.#dormant.delete(child_id)) return
    // Nobody waits for it, and the edge has reported what went wrong.
    this.#edge.cancel(child_id)?.catch(() => undefined)
  }

  #hear(event: EdgeEvent): void {
    const account = this.#owners.of(event.child_id)
    if (account === undefined) return
    if (this.#operation?.account === account) {
      this.#operation.events.push(...this.#route(account, event))
    } else this.#options.later(account, event)
  }

  #route(account: Account, event: EdgeEvent): readonly AccountEvent[] {
    const child = account.children.get(event.child_id) ?? account.ended.get(event.child_id)
    const quote_usd_1e9 =
      child === undefined || event.type !== 'filled'
        ? PRICE_SCALE
        : this.usd(child.venue, child.instrument.quote)
    const events = account.edge(event, quote_usd_1e9)
    if (!account.children.has(event.child_id)) this.#owners.part(account, event.child_id)
    return events
  }

  #journaled(
    account: Account,
    command: unknown,
    run: () => readonly AccountEvent[],
  ): readonly AccountEvent[] {
    const outer = this.#operation
    const events: AccountEvent[] = []
    const ts_ns = this.now_ns
    this.#operation = { account, events }
    try {
      const own = run()
      if (own.length > 0) events.push(...own)
    } finally {
      this.#operation = outer
    }
    account.counters.journal += 1
    account.changes.journal.push({ seq: account.counters.journal, ts_ns, command, events })
    return events
  }

  #venue(id: string): Venue {
    return venueOf(this.venues, id)
  }
}

/** Commands as the journal keeps them: without the objects an account hands around. */
function journalView(command: AccountCommand): unknown {
  if (command.type !== 'place' && command.type !== 'refuse') return command
  const { onto, ...plain } = command
  return { ...plain, onto: onto?.node_order_id ?? null }
}
