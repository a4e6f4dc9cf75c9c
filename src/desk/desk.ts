/**
 * Desk: the order path with a database behind it. Every promise resolves after its commit.
 *
 * What happens is in `core.ts`; how it becomes durable is in `accounts.ts`; here is what callers ask for.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Changes, GraphRecord } from '../account/changes.js'
import { isTerminal, type Order } from '../account/order.js'
import {
  DEFAULT_FRESHNESS_MS,
  DEFAULT_LIMITS,
  type DeskLimits,
  type GuardListing,
} from '../engine/guards.js'
import type { Instrument } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Books } from '../market/hub.js'
import { CommitError } from '../store/commit-queue.js'
import type { AccountName } from '../store/read.js'
import type { Store } from '../store/store.js'
import type { Venue } from '../venue/contract.js'
import type { SeededWorld } from '../world/seeded.js'
import { Accounts, isLost, type Seat } from './accounts.js'
import { amendOrder } from './amend.js'
import { startChase } from './chase.js'
import {
  type Desk,
  DeskError,
  type DeskEvent,
  type GraphResponse,
  type MarketNews,
  type OrderIntent,
  type OrderRow,
  type Principal,
} from './contract.js'
import { Core, type DeskEdge } from './core.js'
import { estimate } from './estimate.js'
import { checkGraphId, graphOf, sameGraph } from './graph.js'
import { adoptAll, type Pull, pullAll } from './live-state.js'
import { redeem, resolveMarket } from './markets.js'
import { markOf } from './marks.js'
import { expand, nodesNow, pacedGraph, startPacing } from './pacing.js'
import { configuredRows } from './portfolio.js'
import {
  fillRow,
  graphResponse,
  orderRow,
  positionRow,
  routingLeg,
  storedOrderRow,
} from './view.js'

/** One billion dollars. */
const DEFAULT_BALANCE_USD_1E9 = 1_000_000_000n * PRICE_SCALE
const BALANCE_MAX_USD_1E9 = 9_000_000_000n * PRICE_SCALE
/** Client-chosen graph ids kept in memory an account; older ones are looked up. */
const GRAPHS_KEPT = 1000

export interface DeskOptions {
  readonly world: SeededWorld
  /** In the order they are shown and seeded. */
  readonly venues: readonly Venue[]
  /** What market data says; the only source of prices. */
  readonly books: Books
  /** Makes the edge that children go to, usually the dual edge. */
  readonly edge: DeskEdge
  readonly store: Store
  /** A book older than this may not be traded on. Default 2000. */
  readonly freshness_ms?: number
  /** Beside what an order brings itself. Default: a deviation of 500 bps, nothing else. */
  readonly limits?: Partial<DeskLimits>
  /** Seeded per quote asset by a reset, where a client set nothing else. Default one billion. */
  readonly initial_balance_usd_1e9?: bigint
  /** Live orders only: whether a client can trade at a venue. Default: the edge decides. */
  readonly credentials?: (venue: string, client_id: string) => GuardListing['credentials']
  /** What a venue says a live client holds; absent: live accounts start empty. */
  readonly pull?: Pull
  /** Told of failures that nobody waits for, such as a commit of a late fill. */
  readonly onTrouble?: (error: unknown) => void
}

/**
 * Opens the order path and takes over the open orders found in the store.
 *
 * @example
 * const desk = await createDesk({ world, venues, books: hub, edge: (sink) => dual(sink), store })
 */
export async function createDesk(options: DeskOptions): Promise<Desk> {
  const desk = new StoredDesk(options)
  await desk.open()
  return desk
}

class StoredDesk implements Desk {
  readonly #options: DeskOptions
  readonly #core: Core
  readonly #accounts: Accounts
  readonly #listeners = new Set<(event: DeskEvent) => void>()
  readonly #marketListeners = new Set<(news: MarketNews) => void>()
  readonly #stopBooks: () => void
  readonly #trouble: (error: unknown) => void

  constructor(options: DeskOptions) {
    const { world, venues, books, store } = options
    this.#options = options
    this.#trouble = options.onTrouble ?? (() => undefined)
    this.#core = new Core({
      world,
      venues,
      books,
      edge: options.edge,
      freshness_ms: options.freshness_ms ?? DEFAULT_FRESHNESS_MS,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      credentials: options.credentials ?? (() => 'ready'),
      later: (account, event) => this.#accounts.later(account, event),
    })
    this.#accounts = new Accounts({
      store,
      core: this.#core,
      clock: world.clock,
      initial_balance_usd_1e9: options.initial_balance_usd_1e9 ?? DEFAULT_BALANCE_USD_1E9,
      first: (name) => this.#first(name),
      news: (account, changes) => (this.#listeners.size === 0 ? [] : newsOf(account, changes)),
      tell: (events) => this.#tell(events),
      onTrouble: this.#trouble,
    })
    this.#stopBooks = books.subscribe((event) => {
      if (event.type === 'published' || event.type === 'snapshot') {
        this.#core.wake(event.venue, event.venue_symbol)
      }
    })
  }

  async open(): Promise<void> {
    this.#core.restoreResolutions(await this.#options.store.resolutions())
    for (const name of await this.#options.store.accountsWithOpenOrders())
      await this.#accounts.seat(name)
    await this.flush()
  }

  // Sandbox

  async configure(
    who: Principal,
    positions: Parameters<Desk['configure']>[1],
    replace: boolean,
  ): Promise<{ written: number; deleted: number }> {
    if (positions.length === 0 && !replace) {
      const field = { field: 'positions', message: 'at least one position is expected' }
      throw new DeskError('invalid', 'there is nothing to write', [field])
    }
    const rows = configuredRows(positions, this.#core.venues, this.#core.symbols)
    return this.#accounts.run(sandboxOf(who), ({ account }) => {
      const ts_ns = this.#core.now_ns
      const command = { type: 'configure', ts_ns, replace, rows } as const
      const events = replace
        ? this.#core.endAll(account, command)
        : this.#core.apply(account, command)
      const done = events.find((event) => event.type === 'configured')
      if (done === undefined) throw new Error('the configuration left no event.')
      return { written: done.written, deleted: done.deleted }
    })
  }

  async reset(who: Principal): Promise<{ initial_balance_usd_1e9: bigint; venues_seeded: number }> {
    return this.#accounts.run(sandboxOf(who), (seat) => {
      this.#seed(seat.account, 'reset')
      const { initial_balance_usd_1e9 } = seat.account
      return { initial_balance_usd_1e9, venues_seeded: this.#options.venues.length }
    })
  }

  async settings(who: Principal): Promise<{ initial_balance_usd_1e9: bigint }> {
    await this.#accounts.catchUp(sandboxOf(who))
    return this.#accounts.run(sandboxOf(who), ({ account }) => ({
      initial_balance_usd_1e9: account.initial_balance_usd_1e9,
    }))
  }

  async putSettings(
    who: Principal,
    initial_balance_usd_1e9: bigint,
  ): Promise<{ initial_balance_usd_1e9: bigint }> {
    if (initial_balance_usd_1e9 <= 0n || initial_balance_usd_1e9 > BALANCE_MAX_USD_1E9) {
      const message = 'must be more than 0 and at most 9000000000'
      throw new DeskError('invalid', 'the balance is not valid', [
        { field: 'initial_balance_usd', message },
      ])
    }
    return this.#accounts.run(sandboxOf(who), ({ account }) => {
      const ts_ns = this.#core.now_ns
      this.#core.apply(account, { type: 'settings', ts_ns, initial_balance_usd_1e9 })
      return { initial_balance_usd_1e9 }
    })
  }

  // Reads

  async positions(
    who: Principal,
    filter: Parameters<Desk['positions']>[1],
  ): ReturnType<Desk['positions']> {
    const { venues, kinds, include_closed } = filter
    await this.#accounts.catchUp(nameOf(who))
    return this.#accounts.run(nameOf(who), ({ account }) => {
      const rows = [...account.rows.values()]
        .filter((row) => venues === null || venues.includes(row.venue))
        .filter((row) => kinds === null || kinds.includes(row.kind))
        .filter(
          ({ lifecycle }) => include_closed || lifecycle === 'active' || lifecycle === 'resolved',
        )
        .sort((a, b) => a.id - b.id)
      return rows.map((row) =>
        positionRow(
          row,
          markOf(this.#options.books, this.#core.symbols, row),
          this.#transferable(row),
        ),
      )
    })
  }

  async orders(who: Principal, filter: Parameters<Desk['orders']>[1]): Promise<OrderRow[]> {
    const name = nameOf(who)
    await this.#durable(name)
    const found = await this.#accounts.read(() => this.#options.store.orders(name, filter))
    return found.map((order) => storedOrderRow(order, name.is_sandbox))
  }

  async order(who: Principal, node_order_id: string): Promise<OrderRow | undefined> {
    for (const name of namesOf(who)) {
      await this.#durable(name)
      const found = await this.#accounts.read(() => this.#options.store.order(name, node_order_id))
      if (found !== undefined) return storedOrderRow(found, name.is_sandbox)
    }
    return undefined
  }

  async graph(who: Principal, graph_id: string): Promise<GraphResponse | undefined> {
    for (const name of namesOf(who)) {
      await this.#durable(name)
      const found = await this.#accounts.read(() => this.#options.store.graph(name, graph_id))
      if (found === undefined) continue
      // The answer once given stays as it was; the graph itself moves on.
      const orders = await this.#accounts.read(() =>
        this.#options.store.orders(name, { graph_id, limit: 1000 }),
      )
      const nodes = nodesNow(found, orders.reverse())
      return graphResponse({ ...found, nodes }, name.is_sandbox)
    }
    return undefined
  }

  async fills(who: Principal, filter: Parameters<Desk['fills']>[1]): ReturnType<Desk['fills']> {
    const name = nameOf(who)
    await this.#durable(name)
    const found = await this.#accounts.read(() => this.#options.store.fills(name, filter))
    return found.map((fill) => fillRow(fill, name.is_sandbox))
  }

  // Order path

  async submit(who: Principal, intent: OrderIntent): Promise<GraphResponse> {
    checkGraphId(intent.graph_id)
    const is_sandbox = who.mode === 'sandbox' || intent.is_sandbox
    const name = { client_id: who.client_id, is_sandbox }
    const graph = await this.#accounts.run(name, (seat) => this.#submit(name, seat, intent))
    return graphResponse(graph, is_sandbox)
  }

  async cancel(who: Principal, id: string): Promise<OrderRow> {
    for (const name of namesOf(who)) {
      await this.#accounts.catchUp(name)
      const row = await this.#accounts.run(name, async ({ account }) => {
        const open = findOpen(account, id)
        const [order] = open
        if (order === undefined) return undefined
        await Promise.all(open.map((each) => this.#core.cancel(account, each)))
        return orderRow(order, name.is_sandbox)
      })
      if (row !== undefined) return row
    }
    const ended = await this.#ended(who, id)
    if (ended === undefined) throw new DeskError('not-found', `there is no order ${id}`)
    throw new DeskError('conflict', `order ${ended.node_order_id} is ${ended.status} already`)
  }

  async amend(
    who: Principal,
    node_order_id: string,
    change: Parameters<Desk['amend']>[2],
  ): ReturnType<Desk['amend']> {
    for (const name of namesOf(who)) {
      await this.#accounts.catchUp(name)
      const answer = await this.#accounts.run(name, async ({ account }) => {
        const order = account.orders.get(node_order_id)
        if (order === undefined) return undefined
        const mode = await amendOrder(this.#core, account, order, change)
        return { order: orderRow(order, name.is_sandbox), mode }
      })
      if (answer !== undefined) return answer
    }
    const ended = await this.#ended(who, node_order_id)
    if (ended === undefined) throw new DeskError('not-found', `there is no order ${node_order_id}`)
    throw new DeskError('conflict', `order ${node_order_id} is ${ended.status} already`)
  }

  async preview(who: Principal, intent: OrderIntent): ReturnType<Desk['preview']> {
    const is_sandbox = who.mode === 'sandbox' || intent.is_sandbox
    const name = { client_id: who.client_id, is_sandbox }
    await this.#accounts.catchUp(name)
    return this.#accounts.run(name, ({ account }) => {
      return estimate(this.#core, intent, this.#core.preview(account, intent))
    })
  }

  async killSwitch(who: Principal, enabled: boolean): Promise<{ enabled: boolean }> {
    return this.#accounts.run(nameOf(who), async ({ account }) => {
      const ts_ns = this.#core.now_ns
      this.#core.apply(account, { type: 'kill-switch', ts_ns, enabled })
      if (enabled) {
        const open = [...account.orders.values()]
        await Promise.all(open.map((order) => this.#core.cancel(account, order)))
      }
      return { enabled }
    })
  }

  async sync(who: Principal): Promise<{ synced: boolean; venues: string[] }> {
    if (who.mode === 'sandbox') return { synced: true, venues: [] }
    const name = nameOf(who)
    const told = await this.#pulled(name.client_id)
    return this.#accounts.run(name, ({ account }) => {
      adoptAll(this.#core, account, told)
      return { synced: true, venues: told.map(({ venue }) => venue) }
    })
  }

  // Prediction markets

  async resolveMarket(venue: string, symbol: string, yes_value_1e9: bigint): Promise<void> {
    const resolved = await resolveMarket(this.#parts, venue, symbol, yes_value_1e9)
    this.#tellOfMarket('resolved', venue, resolved)
  }

  list(venue: string, instrument: Instrument): void {
    const known = this.#core.venues.get(venue)
    if (known === undefined) throw new DeskError('not-found', `there is no venue ${venue}`)
    const { symbol, venue_symbol } = instrument
    const listings = this.#core.symbols.resolve(symbol)?.listings ?? []
    if (
      listings.some(({ venue: { id } }) => id === venue) ||
      this.#core.symbols.instrument(venue, venue_symbol) !== undefined
    ) {
      throw new DeskError('conflict', `${venue} lists ${symbol} already`)
    }
    this.#core.symbols.list({ venue: known, instrument })
    this.#tellOfMarket('listed', venue, symbol)
  }

  resolution(venue: string, symbol: string): bigint | undefined {
    const found = this.#core.symbols.leg(venue, symbol)
    return this.#core.resolution(venue, found?.instrument.symbol ?? symbol)
  }

  async redeem(who: Principal, venue: string, symbol: string): ReturnType<Desk['redeem']> {
    return redeem(this.#parts, nameOf(who), venue, symbol)
  }

  // The rest

  resolveSymbol(symbol: string): ReturnType<Desk['resolveSymbol']> {
    const found = this.#core.symbols.resolve(symbol)
    return (
      found && {
        instrument_type: found.instrument_type,
        outcome: found.outcome,
        listings: found.listings.map(({ venue, instrument }) => ({ venue: venue.id, instrument })),
      }
    )
  }

  symbols(): ReturnType<Desk['symbols']> {
    return this.#core.symbols.all()
  }

  subscribe(listener: (event: DeskEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  subscribeMarkets(listener: (news: MarketNews) => void): () => void {
    this.#marketListeners.add(listener)
    return () => this.#marketListeners.delete(listener)
  }

  async journal(client_id: string, is_sandbox: boolean): Promise<string[]> {
    await this.#durable({ client_id, is_sandbox })
    return this.#accounts.read(() => this.#options.store.journal({ client_id, is_sandbox }))
  }

  async save(): Promise<unknown> {
    await this.flush()
    const dumped = await this.#accounts.read(() => this.#options.store.dump())
    const { epoch } = this.#core
    const listings = this.#core.symbols.save()
    return { dumped, listings, epoch } satisfies Saved
  }

  async restore(state: unknown): Promise<void> {
    const { dumped, listings, epoch } = state as Saved
    await this.#accounts.clear()
    await this.#accounts.read(() => this.#options.store.restore(dumped))
    this.#core.symbols.restore(listings)
    this.#core.restoreEpoch(epoch)
    await this.open()
  }

  async flush(): Promise<void> {
    await this.#accounts.flush()
  }

  async close(): Promise<void> {
    this.#stopBooks()
    await this.#accounts.close()
  }

  get #parts() {
    return { core: this.#core, accounts: this.#accounts, store: this.#options.store }
  }

  #tellOfMarket(type: MarketNews['type'], venue: string, symbol: string): void {
    const news = { type, venue, symbol, ts_ns: this.#core.now_ns }
    for (const listener of this.#marketListeners) listener(news)
  }

  async #submit(name: AccountName, seat: Seat, intent: OrderIntent): Promise<GraphRecord> {
    const { graph_id, fingerprint } = intent
    if (graph_id !== null && !seat.graphs.has(graph_id)) {
      const known = await this.#accounts.read(() => this.#options.store.graph(name, graph_id))
      if (known !== undefined) return sameGraph(known, fingerprint)
    }
    const before = graph_id === null ? undefined : seat.graphs.get(graph_id)
    if (before !== undefined) {
      return sameGraph({ ...(await before.answer), fingerprint: before.fingerprint }, fingerprint)
    }
    if (!this.#accounts.current(seat)) throw new CommitError({ why: 'lost' })
    const answer = this.#place(seat, intent)
    if (graph_id !== null) {
      seat.graphs.set(graph_id, { fingerprint, answer })
      // Who repeats it waits for the same answer; a failure belongs to the first who asked.
      answer.catch(() => seat.graphs.delete(graph_id))
      for (const oldest of seat.graphs.keys()) {
        if (seat.graphs.size <= GRAPHS_KEPT) break
        seat.graphs.delete(oldest)
      }
    }
    return answer
  }

  async #place({ account }: Seat, intent: OrderIntent): Promise<GraphRecord> {
    const dispatch = account.is_sandbox ? 'now' : 'hold'
    const { pacing, ...whole } = intent
    const paced = pacing && expand(this.#core, account, whole, pacing, dispatch)
    const { order, unsent, answered } = paced?.first ?? this.#core.submit(account, whole, dispatch)
    const graph = () =>
      paced ? pacedGraph(paced, intent.fingerprint) : graphOf(order, intent.fingerprint)
    this.#record(account, graph())
    const { clock } = this.#options.world
    const parts = { core: this.#core, accounts: this.#accounts, clock, onTrouble: this.#trouble }
    if (order.chasing) startChase(parts, account, order, intent)
    if (paced) startPacing(parts, account, paced)
    if (unsent.length === 0 && answered === undefined) return graph()
    // An order that travels is written down before: after a crash its fate can be asked for.
    await this.#accounts.durable(account)
    await (answered ?? this.#core.send(unsent))
    const told = this.#record(account, graph())
    // It is on its way: whoever lost a race now may not send it again. Each later event was told to the
    // account as the other process left it.
    await this.#accounts.durable(account).catch((error: unknown) => {
      if (!isLost(error)) throw error
    })
    return told
  }

  #record(account: Account, graph: GraphRecord): GraphRecord {
    const { changes } = account
    changes.graphs = changes.graphs.filter(({ graph_id }) => graph_id !== graph.graph_id)
    changes.graphs.push(graph)
    return graph
  }

  #transferable({ kind, venue }: { kind: string; venue: string }): boolean {
    if (kind === 'perp') return false
    if (kind !== 'event_contract') return true
    // Tokens can leave; contracts in a venue's own books cannot.
    return this.#core.venues.get(venue)?.capabilities.event_netting === 'separate'
  }

  #seed(account: Account, cause: 'first-use' | 'reset'): void {
    const qty_1e8 = account.initial_balance_usd_1e9 / 10n
    const balances = this.#options.venues.flatMap((venue) =>
      venue.quote_assets.map(({ asset, kind }) => ({ venue: venue.id, asset, kind, qty_1e8 })),
    )
    this.#core.endAll(account, { type: 'seed', ts_ns: this.#core.now_ns, cause, balances })
  }

  /** What a new account begins with: flat balances, or what the venues say. */
  async #first({ client_id, is_sandbox }: AccountName): Promise<(account: Account) => void> {
    if (is_sandbox) return (account) => this.#seed(account, 'first-use')
    const told = await this.#pulled(client_id)
    return (account) => adoptAll(this.#core, account, told)
  }

  #pulled(client_id: string) {
    const { venues, pull } = this.#options
    return pullAll(venues, client_id, pull, this.#trouble)
  }

  #tell(events: readonly DeskEvent[]): void {
    for (const listener of this.#listeners) {
      for (const event of events) {
        try {
          listener(event)
        } catch (error) {
          this.#trouble(error)
        }
      }
    }
  }

  /** Waits until what the account did so far is durable, for reads from the database. */
  async #durable(name: AccountName): Promise<void> {
    await this.#accounts.run(name, () => undefined)
  }

  async #ended(who: Principal, id: string): Promise<OrderRow | undefined> {
    const found = await this.order(who, id)
    if (found !== undefined) return found
    for (const name of namesOf(who)) {
      const filter = { graph_id: id, limit: 1 }
      const [order] = await this.#accounts.read(() => this.#options.store.orders(name, filter))
      if (order !== undefined) return storedOrderRow(order, name.is_sandbox)
    }
    return undefined
  }
}

interface Saved {
  readonly dumped: unknown
  readonly listings: ReturnType<Core['symbols']['save']>
  readonly epoch: number
}

/** What streams are told of one account's changes. */
function newsOf({ is_sandbox, client_id }: Account, changes: Changes): DeskEvent[] {
  const mine = { client_id, is_sandbox }
  const events: DeskEvent[] = []
  for (const order of changes.orders) {
    if (changes.routed.has(order)) {
      const legs = order.routing.map(routingLeg)
      events.push({ type: 'routing', ...mine, node_order_id: order.node_order_id, legs })
    }
    events.push({ type: 'order', ...mine, order: orderRow(order, is_sandbox) })
  }
  for (const fill of changes.fills) {
    events.push({ type: 'fill', ...mine, fill: fillRow(fill, is_sandbox) })
  }
  return events
}

/** An open order by its own id, or all of a graph by the graph's. */
function findOpen(account: Account, id: string): Order[] {
  const own = account.orders.get(id)
  const named =
    own === undefined
      ? [...account.orders.values()].filter(({ graph_id }) => graph_id === id)
      : [own]
  return named.filter((order) => !isTerminal(order))
}

const nameOf = ({ client_id, mode }: Principal): AccountName => ({
  client_id,
  is_sandbox: mode === 'sandbox',
})

const sandboxOf = ({ client_id }: Principal): AccountName => ({ client_id, is_sandbox: true })

/** A live key also reaches its own flagged sandbox orders by id. */
const namesOf = (who: Principal): AccountName[] =>
  who.mode === 'sandbox' ? [nameOf(who)] : [nameOf(who), sandboxOf(who)]
