/**
 * Desk: the order path with a database behind it. Every promise resolves after its commit.
 *
 * An account lives in memory from its first use. Operations on it run whole, one after the other; the
 * commit queue makes them durable together, and only then is anyone answered or told. A failed commit
 * throws the memory away: what was not acknowledged did not happen. A lost race (another process wrote
 * the account first) reads it again and runs the operation once more.
 *
 * @module
 */

import { Account } from '../account/account.js'
import type { Changes, GraphRecord } from '../account/changes.js'
import type { Order } from '../account/order.js'
import { legKey } from '../account/row.js'
import type { GuardListing } from '../engine/guards.js'
import { onGrid } from '../engine/instrument.js'
import type { EdgeEvent } from '../engine/order.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Books } from '../market/hub.js'
import { CommitError, createCommitQueue } from '../store/commit-queue.js'
import type { AccountName } from '../store/read.js'
import type { Store } from '../store/store.js'
import type { Venue, VenueClient } from '../venue/contract.js'
import type { SeededWorld } from '../world/seeded.js'
import {
  type Desk,
  DeskError,
  type DeskEvent,
  type GraphResponse,
  type OrderIntent,
  type OrderRow,
  type Principal,
} from './contract.js'
import { Core, type DeskEdge, graphOf, isWorking } from './core.js'
import { markOf } from './marks.js'
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
const GRAPH_ID_LENGTH_MAX = 200
/** Client-chosen graph ids kept in memory an account; older ones are looked up. */
const GRAPHS_KEPT = 1000
const RELOAD_AFTER_MS = 500

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
  /** Aggressive limits further than this from the opposite best are refused; null: never. Default 500. */
  readonly deviation_bps?: number | null
  /** Seeded per quote asset by a reset, where a client set nothing else. Default one billion. */
  readonly initial_balance_usd_1e9?: bigint
  /** Live orders only: whether a client can trade at a venue. Default: the edge decides. */
  readonly credentials?: (venue: string, client_id: string) => GuardListing['credentials']
  /** What a venue says a live client holds; absent: live accounts start empty. */
  readonly pull?: (
    venue: string,
    client_id: string,
  ) => Promise<Awaited<ReturnType<VenueClient['pull']>> | undefined>
  /** Told of failures that nobody waits for, such as a commit of a late fill. */
  readonly onTrouble?: (error: unknown) => void
}

/** An account in memory with the answers given to chosen graph ids. */
interface Seat {
  readonly account: Account
  readonly graphs: Map<
    string,
    { readonly fingerprint: string; readonly answer: Promise<GraphRecord> }
  >
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
  readonly #queue
  #seats = new Map<string, Seat>()
  readonly #loading = new Map<string, Promise<Seat>>()
  readonly #listeners = new Set<(event: DeskEvent) => void>()
  readonly #stopBooks: () => void
  #closed = false

  constructor(options: DeskOptions) {
    this.#options = options
    this.#core = new Core({
      world: options.world,
      venues: options.venues,
      books: options.books,
      edge: options.edge,
      freshness_ms: options.freshness_ms ?? 2000,
      deviation_bps: options.deviation_bps === undefined ? 500 : options.deviation_bps,
      credentials: options.credentials ?? (() => 'ready'),
      later: (account, event) => this.#later(account, event),
    })
    this.#queue = createCommitQueue({
      target: options.store,
      committed: (account, changes) => this.#tell(account, changes),
      dropped: (account) => this.#drop(account),
    })
    this.#stopBooks = options.books.subscribe((event) => {
      if (event.type === 'published' || event.type === 'snapshot') {
        this.#core.wake(event.venue, event.venue_symbol)
      }
    })
  }

  async open(): Promise<void> {
    for (const name of await this.#options.store.accountsWithOpenOrders()) await this.#seat(name)
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
    return this.#run(sandboxOf(who), ({ account }) => {
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
    return this.#run(sandboxOf(who), (seat) => {
      this.#seed(seat.account, 'reset')
      const { initial_balance_usd_1e9 } = seat.account
      return { initial_balance_usd_1e9, venues_seeded: this.#options.venues.length }
    })
  }

  async settings(who: Principal): Promise<{ initial_balance_usd_1e9: bigint }> {
    return this.#run(sandboxOf(who), ({ account }) => ({
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
    return this.#run(sandboxOf(who), ({ account }) => {
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
    return this.#run(nameOf(who), ({ account }) => {
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
    const found = await this.#read(() => this.#options.store.orders(name, filter))
    return found.map((order) => storedOrderRow(order, name.is_sandbox))
  }

  async order(who: Principal, node_order_id: string): Promise<OrderRow | undefined> {
    for (const name of namesOf(who)) {
      await this.#durable(name)
      const found = await this.#read(() => this.#options.store.order(name, node_order_id))
      if (found !== undefined) return storedOrderRow(found, name.is_sandbox)
    }
    return undefined
  }

  async graph(who: Principal, graph_id: string): Promise<GraphResponse | undefined> {
    for (const name of namesOf(who)) {
      await this.#durable(name)
      const found = await this.#read(() => this.#options.store.graph(name, graph_id))
      if (found === undefined) continue
      // The answer once given stays as it was; the graph itself moves on.
      const orders = await this.#read(() =>
        this.#options.store.orders(name, { graph_id, limit: 1000 }),
      )
      const nodes = orders.reverse().map((order) => ({
        node_id: order.node_id,
        node_order_id: order.node_order_id,
        status: order.status,
        failure_reason: order.failure_reason,
        failure_message: order.failure_message,
      }))
      return graphResponse({ ...found, nodes }, name.is_sandbox)
    }
    return undefined
  }

  async fills(who: Principal, filter: Parameters<Desk['fills']>[1]): ReturnType<Desk['fills']> {
    const name = nameOf(who)
    await this.#durable(name)
    const found = await this.#read(() => this.#options.store.fills(name, filter))
    return found.map((fill) => fillRow(fill, name.is_sandbox))
  }

  // Order path

  async submit(who: Principal, intent: OrderIntent): Promise<GraphResponse> {
    checkGraphId(intent.graph_id)
    const is_sandbox = who.mode === 'sandbox' || intent.is_sandbox
    const name = { client_id: who.client_id, is_sandbox }
    const graph = await this.#run(name, (seat) => this.#submit(name, seat, intent))
    return graphResponse(graph, is_sandbox)
  }

  async cancel(who: Principal, id: string): Promise<OrderRow> {
    for (const name of namesOf(who)) {
      const row = await this.#run(name, async ({ account }) => {
        const order = findOpen(account, id)
        if (order === undefined) return undefined
        await this.#core.cancel(account, order)
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
      const answer = await this.#run(name, async ({ account }) => {
        const order = account.orders.get(node_order_id)
        if (order === undefined) return undefined
        const mode = await this.#amend(account, order, change)
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
    return this.#run(name, ({ account }) => {
      const { routing, qty_1e8, guards } = this.#core.preview(account, intent)
      const legs = routing?.legs ?? []
      let taken = 0n
      let value = 0n
      let fee = 0n
      let cost = 0
      for (const leg of legs) {
        let of_leg = 0n
        for (const { price_1e9, qty_1e8: qty } of leg.takes) {
          taken += qty
          of_leg += qty
          value += price_1e9 * qty
          const venue = this.#core.venues.get(leg.venue)
          const terms = { instrument: leg.instrument, liquidity: 'taker', price_1e9 } as const
          const paid = venue?.fees.fill({
            ...terms,
            side: intent.side,
            qty_1e8: qty,
            carry_1e8: 0n,
          })
          fee += paid?.fee_1e8 ?? 0n
        }
        cost += leg.landed_cost_bps * Number(of_leg)
      }
      return {
        symbol: intent.symbol,
        side: intent.side,
        qty_1e8,
        legs: legs.map(routingLeg),
        est_avg_px_1e9: taken === 0n ? null : value / taken,
        est_fee_usd_1e9: fee * 10n,
        est_cost_bps: taken === 0n ? 0 : Math.round((cost / Number(taken)) * 1e4) / 1e4,
        unfilled_qty_1e8: qty_1e8 - taken,
        guards: guards.map(({ code, message }) => ({ code, message })),
      }
    })
  }

  async killSwitch(who: Principal, enabled: boolean): Promise<{ enabled: boolean }> {
    return this.#run(nameOf(who), async ({ account }) => {
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
    return this.#run(name, ({ account }) => {
      this.#adopt(account, told)
      return { synced: true, venues: told.map(({ venue }) => venue) }
    })
  }

  // Prediction markets

  async resolveMarket(venue: string, symbol: string, yes_value_1e9: bigint): Promise<void> {
    const { instrument, listing } = this.#market(venue, symbol)
    if (yes_value_1e9 < 0n || yes_value_1e9 > PRICE_SCALE) {
      throw new DeskError('invalid', 'the value of YES lies between 0 and 1')
    }
    this.#core.settle(venue, instrument.symbol, yes_value_1e9)
    const yes_key = legKey(venue, instrument.symbol, 'YES')
    const no_key = legKey(venue, instrument.symbol, 'NO')
    const payout = listing.venue.capabilities.event_netting === 'net' ? 'auto' : 'claim'
    const holders = await this.#read(() => this.#options.store.holders([yes_key, no_key]))
    const names = new Map(holders.map((name) => [keyOf(name), name]))
    // Accounts in memory may hold what is not durable yet, or only have orders there.
    for (const { account } of this.#seats.values()) names.set(keyOf(account), account)
    for (const { client_id, is_sandbox } of names.values()) {
      await this.#run({ client_id, is_sandbox }, ({ account }) => {
        const ts_ns = this.#core.now_ns
        const ids = [...account.orders.values()]
          .filter((order) =>
            order.children.some(
              (child) =>
                child.venue === venue && child.instrument.venue_symbol === instrument.venue_symbol,
            ),
          )
          .map(({ node_order_id }) => node_order_id)
        if (ids.length > 0) {
          const why = { reason: 'EXCHANGE_REJECT', message: 'the market was settled' }
          this.#core.endAll(account, { type: 'end', ts_ns, ids, ...why })
        }
        if (!account.rows.has(yes_key) && !account.rows.has(no_key)) return
        const { quote } = instrument
        const command = { type: 'resolve', ts_ns, venue, yes_key, no_key, yes_value_1e9 } as const
        this.#core.apply(account, { ...command, payout, quote })
      })
    }
  }

  resolution(venue: string, symbol: string): bigint | undefined {
    const found = this.#core.symbols.leg(venue, symbol)
    return this.#core.resolution(venue, found?.instrument.symbol ?? symbol)
  }

  async redeem(who: Principal, venue: string, symbol: string): ReturnType<Desk['redeem']> {
    const { instrument, listing } = this.#market(venue, symbol)
    const keys = (['YES', 'NO'] as const).map((leg) => legKey(venue, instrument.symbol, leg))
    const auto = listing.venue.capabilities.event_netting === 'net'
    return this.#run(nameOf(who), ({ account }) => {
      const rows = keys.flatMap((key) => account.rows.get(key) ?? [])
      const slug = instrument.symbol
      if (rows.some(({ lifecycle }) => lifecycle === 'resolved')) {
        const ts_ns = this.#core.now_ns
        const command = { type: 'redeem', ts_ns, venue, keys, quote: instrument.quote } as const
        let redeemed_qty_1e8 = 0n
        let payout_1e8 = 0n
        for (const event of this.#core.apply(account, command)) {
          if (event.type !== 'redeemed') continue
          redeemed_qty_1e8 += event.qty_1e8
          payout_1e8 += event.payout_1e8
        }
        const payout_usd_1e9 = payout_1e8 * 10n
        return { slug, venue, mode: 'relayer_submitted', redeemed_qty_1e8, payout_usd_1e9 }
      }
      const paid = rows.filter(({ lifecycle }) => lifecycle === 'redeemed')
      if (auto && paid.length > 0) {
        let redeemed_qty_1e8 = 0n
        let payout_usd_1e9 = 0n
        for (const row of paid) {
          redeemed_qty_1e8 += row.redeemed_1e8
          payout_usd_1e9 += (row.redeemed_1e8 * (row.settled_mark_1e9 ?? 0n)) / 100_000_000n
        }
        return { slug, venue, mode: 'auto_settled', redeemed_qty_1e8, payout_usd_1e9 }
      }
      const open = this.#core.resolution(venue, slug) === undefined && paid.length === 0
      if (open && rows.some(({ lifecycle }) => lifecycle === 'active')) {
        throw new DeskError('conflict', `${slug} is not resolved yet`)
      }
      throw new DeskError('not-found', `there is nothing to redeem of ${slug}`)
    })
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

  async journal(client_id: string, is_sandbox: boolean): Promise<string[]> {
    await this.#durable({ client_id, is_sandbox })
    return this.#read(() => this.#options.store.journal({ client_id, is_sandbox }))
  }

  async save(): Promise<unknown> {
    await this.flush()
    const dumped = await this.#read(() => this.#options.store.dump())
    return { dumped, resolutions: this.#core.resolutions() } satisfies Saved
  }

  async restore(state: unknown): Promise<void> {
    const { dumped, resolutions } = state as Saved
    await this.#queue.idle()
    for (const { account } of this.#seats.values()) this.#core.drop(account)
    this.#seats = new Map()
    await this.#read(() => this.#options.store.restore(dumped))
    this.#core.restoreResolutions(resolutions)
    await this.open()
  }

  async flush(): Promise<void> {
    for (const { account } of this.#seats.values()) {
      if (!account.changes.empty) this.#queue.durable(account).catch(() => undefined)
    }
    await this.#queue.idle()
  }

  async close(): Promise<void> {
    await this.flush()
    this.#closed = true
    this.#stopBooks()
  }

  async #submit(name: AccountName, seat: Seat, intent: OrderIntent): Promise<GraphRecord> {
    const { graph_id, fingerprint } = intent
    if (graph_id !== null && !seat.graphs.has(graph_id)) {
      const known = await this.#read(() => this.#options.store.graph(name, graph_id))
      if (known !== undefined) return same(known, fingerprint)
    }
    const before = graph_id === null ? undefined : seat.graphs.get(graph_id)
    if (before !== undefined) {
      return same({ ...(await before.answer), fingerprint: before.fingerprint }, fingerprint)
    }
    if (!this.#current(seat)) throw new CommitError({ why: 'lost' })
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
    const { order, unsent, answered } = this.#core.submit(account, intent, dispatch)
    this.#record(account, order, intent)
    if (unsent.length > 0) {
      // A real order is written down before it leaves: after a crash its fate can be asked for.
      await this.#queue.durable(account)
      await this.#core.send(unsent)
    } else if (answered === undefined) return graphOf(order, intent.fingerprint)
    else await answered
    return this.#record(account, order, intent)
  }

  #record(account: Account, order: Order, intent: OrderIntent): GraphRecord {
    const graph = graphOf(order, intent.fingerprint)
    const { changes } = account
    changes.graphs = changes.graphs.filter(({ graph_id }) => graph_id !== graph.graph_id)
    changes.graphs.push(graph)
    return graph
  }

  async #amend(
    account: Account,
    order: Order,
    change: Parameters<Desk['amend']>[2],
  ): Promise<'native_atomic' | 'cancel_replace'> {
    const { new_price_1e9, new_qty_1e8, decrease_by_1e8 } = change
    if (order.limit_price_1e9 === null) {
      throw new DeskError('conflict', 'a market order cannot be amended')
    }
    const qty_1e8 =
      new_qty_1e8 ??
      (decrease_by_1e8 === undefined ? order.qty_1e8 : order.qty_1e8 - decrease_by_1e8)
    const limit_price_1e9 = new_price_1e9 ?? order.limit_price_1e9
    if (qty_1e8 <= order.filled_1e8) {
      const field = decrease_by_1e8 === undefined ? 'new_qty' : 'decrease_by'
      const message = 'nothing would be left of the order; cancel it instead'
      throw new DeskError('invalid', message, [{ field, message }])
    }
    const working = order.children.filter((child) => account.children.has(child.child_id))
    for (const child of working) {
      const { instrument, outcome } = child
      const price = outcome === 'NO' ? PRICE_SCALE - limit_price_1e9 : limit_price_1e9
      if (!onGrid(instrument, price)) {
        const message = 'price off the venue tick'
        throw new DeskError('invalid', message, [{ field: 'new_price', message }])
      }
      if (qty_1e8 % instrument.lot_size_1e8 !== 0n) {
        const message = 'quantity off the venue lot'
        throw new DeskError('invalid', message, [{ field: 'new_qty', message }])
      }
    }
    const sizes = spread(working, qty_1e8 - order.qty_1e8)
    const keeps = new_price_1e9 === undefined && qty_1e8 < order.qty_1e8
    const natively = working.every(
      (child) => this.#core.venues.get(child.venue)?.capabilities.amend === 'native',
    )
    for (const [child, size] of sizes) {
      if (size === child.qty_1e8 && limit_price_1e9 === child.limit_price_1e9) continue
      await this.#core.amend(account, child, { qty_1e8: size, limit_price_1e9 })
      if (child.qty_1e8 !== size && account.children.has(child.child_id)) {
        throw new DeskError('conflict', `${child.venue} did not take the change`)
      }
    }
    return keeps && natively ? 'native_atomic' : 'cancel_replace'
  }

  #market(venue: string, symbol: string) {
    const found = this.#core.symbols.resolve(symbol)
    const listing = found?.listings.find((candidate) => candidate.venue.id === venue)
    if (listing === undefined || listing.instrument.kind !== 'event') {
      throw new DeskError('not-found', `there is no event market ${symbol} on ${venue}`)
    }
    return { listing, instrument: listing.instrument }
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

  /** What every venue says a live client holds. */
  async #pulled(client_id: string): Promise<Told[]> {
    const { pull, venues } = this.#options
    if (pull === undefined) return []
    const answers = await Promise.all(
      venues.map(async (venue) => {
        try {
          const told = await pull(venue.id, client_id)
          return told === undefined ? [] : [{ venue: venue.id, told }]
        } catch (error) {
          this.#options.onTrouble?.(error)
          return []
        }
      }),
    )
    return answers.flat()
  }

  #adopt(account: Account, answers: readonly Told[]): void {
    for (const { venue, told } of answers) {
      const at = this.#core.venues.get(venue)
      const cash = told.balances.map(({ asset, total_1e8 }) => ({
        venue,
        kind: at?.quote_assets.find((known) => known.asset === asset)?.kind ?? ('crypto' as const),
        symbol: asset,
        qty_1e8: total_1e8,
      }))
      const positions = told.positions.flatMap(({ venue_symbol, qty_1e8, entry_price_1e9 }) => {
        const instrument = this.#core.symbols.instrument(venue, venue_symbol)
        if (instrument === undefined) return []
        const kind = instrument.kind === 'perp' ? ('perp' as const) : ('event_contract' as const)
        const no = kind === 'event_contract' && qty_1e8 < 0n
        const symbol =
          kind === 'perp' ? instrument.symbol : `${instrument.symbol}:${no ? 'NO' : 'YES'}`
        return [{ venue, kind, symbol, qty_1e8: no ? -qty_1e8 : qty_1e8, entry_price_1e9 }]
      })
      const rows = configuredRows([...cash, ...positions], this.#core.venues, this.#core.symbols)
      this.#core.apply(account, { type: 'adopt', ts_ns: this.#core.now_ns, venue, rows })
    }
  }

  /**
   * Runs an operation on an account and answers once it is durable.
   *
   * @throws DeskError `unavailable` when the database does not take it.
   */
  async #run<T>(name: AccountName, operation: (seat: Seat) => T | Promise<T>): Promise<T> {
    if (this.#closed) throw new DeskError('unavailable', 'the desk is closed')
    for (let attempt = 1; ; attempt++) {
      const seat = await this.#seat(name)
      try {
        const answer = await operation(seat)
        await this.#queue.durable(seat.account)
        return answer
      } catch (error) {
        // A refused operation may still have left changes, which are nobody's to wait for.
        if (!(error instanceof CommitError)) throw error
        if (error.failure.why === 'lost' && attempt === 1) continue
        throw unavailable(error)
      }
    }
  }

  /** The account in memory; read from the database, or made and seeded, when it is not there. */
  async #seat(name: AccountName): Promise<Seat> {
    const key = keyOf(name)
    const known = this.#seats.get(key)
    if (known !== undefined) return known
    const pending = this.#loading.get(key)
    if (pending !== undefined) return pending
    const loading = this.#load(name).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  async #load(name: AccountName): Promise<Seat> {
    const { client_id, is_sandbox } = name
    const initial_balance_usd_1e9 = this.#options.initial_balance_usd_1e9 ?? DEFAULT_BALANCE_USD_1E9
    const stored = await this.#read(() =>
      this.#options.store.account({
        client_id,
        is_sandbox,
        initial_balance_usd_1e9,
        instrumentOf: (venue, venue_symbol) => {
          const instrument = this.#core.symbols.instrument(venue, venue_symbol)
          if (instrument !== undefined) return instrument
          throw new Error(
            `an open order is on ${venue_symbol} of ${venue}, which is not listed any more; list it and start again.`,
          )
        },
      }),
    )
    const told = stored === undefined && !is_sandbox ? await this.#pulled(client_id) : []
    const account =
      stored ??
      new Account({
        client_id,
        is_sandbox,
        created_ns: this.#core.now_ns,
        initial_balance_usd_1e9,
      })
    const seat: Seat = { account, graphs: new Map() }
    this.#seats.set(keyOf(name), seat)
    if (stored !== undefined) this.#core.adopt(account)
    else {
      this.#core.open(account)
      if (is_sandbox) this.#seed(account, 'first-use')
      else this.#adopt(account, told)
    }
    return seat
  }

  #current(seat: Seat): boolean {
    return this.#seats.get(keyOf(seat.account)) === seat
  }

  /** A fill, an expiry or a cancel that came by itself. */
  #later(account: Account, event: EdgeEvent): void {
    this.#core.edgeEvent(account, event)
    this.#queue.durable(account).catch((error: unknown) => {
      const lost = error instanceof CommitError && error.failure.why === 'lost'
      if (lost && !account.is_sandbox) this.#again(account, event)
      else this.#options.onTrouble?.(error)
    })
  }

  /** A venue's word outlives a lost race: it is told to the account as another process left it. */
  #again(name: AccountName, event: EdgeEvent): void {
    this.#run(name, ({ account }) => this.#core.edgeEvent(account, event)).catch((error: unknown) =>
      this.#options.onTrouble?.(error),
    )
  }

  /** Memory that is not durable is worthless; open orders come back as the database has them. */
  #drop(account: Account): void {
    const key = keyOf(account)
    if (this.#seats.get(key)?.account !== account) return
    this.#seats.delete(key)
    this.#core.drop(account)
    this.#reload(account)
  }

  #reload({ client_id, is_sandbox }: AccountName): void {
    this.#options.world.clock.after(RELOAD_AFTER_MS, () => {
      if (this.#closed) return
      this.#seat({ client_id, is_sandbox }).catch(() => this.#reload({ client_id, is_sandbox }))
    })
  }

  #tell({ client_id, is_sandbox }: Account, changes: Changes): void {
    if (this.#listeners.size === 0) return
    const mine = { client_id, is_sandbox }
    const events: DeskEvent[] = []
    for (const order of changes.orders) {
      if (order.routing.length > 0 && order.created_ns === order.updated_ns) {
        const legs = order.routing.map(routingLeg)
        events.push({ type: 'routing', ...mine, node_order_id: order.node_order_id, legs })
      }
      events.push({ type: 'order', ...mine, order: orderRow(order, is_sandbox) })
    }
    for (const fill of changes.fills) {
      events.push({ type: 'fill', ...mine, fill: fillRow(fill, is_sandbox) })
    }
    for (const listener of this.#listeners) {
      for (const event of events) {
        try {
          listener(event)
        } catch (error) {
          this.#options.onTrouble?.(error)
        }
      }
    }
  }

  /** Waits until what the account did so far is durable, for reads from the database. */
  async #durable(name: AccountName): Promise<void> {
    await this.#run(name, () => undefined)
  }

  async #ended(who: Principal, id: string): Promise<OrderRow | undefined> {
    const found = await this.order(who, id)
    if (found !== undefined) return found
    for (const name of namesOf(who)) {
      const filter = { graph_id: id, limit: 1 }
      const [order] = await this.#read(() => this.#options.store.orders(name, filter))
      if (order !== undefined) return storedOrderRow(order, name.is_sandbox)
    }
    return undefined
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw unavailable(error)
    }
  }
}

/** What one venue says a client holds. */
interface Told {
  readonly venue: string
  readonly told: Awaited<ReturnType<VenueClient['pull']>>
}

interface Saved {
  readonly dumped: unknown
  readonly resolutions: [string, bigint][]
}

function unavailable(cause: unknown): DeskError {
  const error = new DeskError('unavailable', 'the database did not answer; nothing was changed')
  error.cause = cause
  return error
}

/** The first answer again, or a conflict when the same id comes with other parameters. */
function same(known: GraphRecord, fingerprint: string): GraphRecord {
  if (known.fingerprint === fingerprint) return known
  throw new DeskError('conflict', `graph_id ${known.graph_id} was used with other parameters`)
}

function checkGraphId(graph_id: string | null): void {
  if (graph_id === null) return
  const message =
    graph_id === '' || graph_id.length > GRAPH_ID_LENGTH_MAX
      ? `a graph_id has 1 to ${GRAPH_ID_LENGTH_MAX} characters`
      : graph_id.includes(String.fromCharCode(0))
        ? 'a graph_id holds no NUL'
        : undefined
  if (message !== undefined)
    throw new DeskError('invalid', message, [{ field: 'graph_id', message }])
}

/** An open order by its own id or its graph's. */
function findOpen(account: Account, id: string): Order | undefined {
  const own = account.orders.get(id)
  if (own !== undefined) return isWorking(own) ? own : undefined
  for (const order of account.orders.values()) {
    if (order.graph_id === id && isWorking(order)) return order
  }
  return undefined
}

type Size = readonly [Order['children'][number], bigint]

/** New sizes of working children: more goes to the first, less comes from the last with room. */
function spread(working: readonly Order['children'][number][], change_1e8: bigint): Size[] {
  let left = change_1e8
  const sizes = new Map(working.map((child) => [child, child.qty_1e8]))
  for (const child of left < 0n ? [...working].reverse() : working) {
    if (left === 0n) break
    const room = child.filled_1e8 - child.qty_1e8
    const part = left > room ? left : room
    sizes.set(child, child.qty_1e8 + part)
    left -= part
  }
  return [...sizes]
}

const keyOf = ({ client_id, is_sandbox }: AccountName): string =>
  `${is_sandbox ? 's' : 'l'}${client_id}`

const nameOf = ({ client_id, mode }: Principal): AccountName => ({
  client_id,
  is_sandbox: mode === 'sandbox',
})

const sandboxOf = ({ client_id }: Principal): AccountName => ({ client_id, is_sandbox: true })

/** A live key also reaches its own flagged sandbox orders by id. */
const namesOf = (who: Principal): AccountName[] =>
  who.mode === 'sandbox' ? [nameOf(who)] : [nameOf(who), sandboxOf(who)]
