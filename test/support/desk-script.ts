/**
 * Random stories for the order path: commands over clients, modes, venues and books, and a runner that
 * drives the synchronous core with them, without a database.
 */

import fc from 'fast-check'
import { Account } from '../../src/account/account.js'
import { type Profile, profiles } from '../../src/adversary/profile.js'
import type { OrderIntent } from '../../src/desk/contract.js'
import { Core } from '../../src/desk/core.js'
import { configuredRows } from '../../src/desk/portfolio.js'
import { createDualEdge } from '../../src/edge/dual.js'
import type { Edge, EdgeSink } from '../../src/edge/edge.js'
import { createSimEdge } from '../../src/edge/sim.js'
import type { Depth } from '../../src/engine/depth.js'
import { DEFAULT_LIMITS } from '../../src/engine/guards.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { canonicalJson } from '../../src/wire/json.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { depthOf, intent, testVenues, UNIT } from './desk.js'

export const MARKETS = testVenues.flatMap((venue) =>
  venue.instruments.map((instrument) => ({ venue, instrument })),
)

export type ScriptCommand =
  | {
      type: 'book'
      market: number
      /** Where the book's middle lies, in price steps from the usual. */
      mid: number
      bids: [number, number][]
      asks: [number, number][]
    }
  | { type: 'trade'; market: number; price: number; qty: number; side: 'buy' | 'sell' }
  | { type: 'advance'; ms: number }
  | {
      type: 'order'
      client: number
      live: boolean
      market: number
      pinned: boolean
      no: boolean
      side: 'buy' | 'sell'
      qty: number
      price: number | null
      tif: OrderIntent['tif']
      reduce_only: boolean
    }
  | { type: 'cancel'; client: number; live: boolean; nth: number }
  | { type: 'amend'; client: number; live: boolean; nth: number; qty: number; price: number }
  | { type: 'configure'; client: number; replace: boolean; asset: number; qty: number }
  | { type: 'reset'; client: number }

const market = fc.nat(MARKETS.length - 1)
const client = fc.nat(1)
const side = fc.constantFrom('buy' as const, 'sell' as const)
/** Sizes in tenths; prices in cents around one half (events) or one hundred, by the market. */
const qty = fc.integer({ min: 1, max: 60 }).map((n) => n / 10)
const cents = fc.integer({ min: -8, max: 8 })
const levels = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), qty), { maxLength: 4 })

export const scriptCommand: fc.Arbitrary<ScriptCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('book' as const),
      market,
      mid: cents,
      bids: levels,
      asks: levels,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('trade' as const), market, price: cents, qty, side }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 250, 1999, 2001),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('order' as const),
      client,
      live: fc.boolean(),
      market,
      pinned: fc.boolean(),
      no: fc.boolean(),
      side,
      qty,
      price: fc.option(cents),
      tif: fc.constantFrom(
        null,
        'gtc' as const,
        'ioc' as const,
        'fok' as const,
        'post_only' as const,
      ),
      reduce_only: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('cancel' as const),
      client,
      live: fc.boolean(),
      nth: fc.nat(8),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('amend' as const),
      client,
      live: fc.boolean(),
      nth: fc.nat(8),
      qty,
      price: cents,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('configure' as const),
      client,
      replace: fc.boolean(),
      asset: fc.nat(4),
      qty: fc.integer({ min: 0, max: 500 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reset' as const), client }) },
)

/** Begins with a book in every market: an order then mostly meets one. */
export const script = fc
  .tuple(
    fc.tuple(
      ...MARKETS.map((_, nth) =>
        fc.record({
          type: fc.constant('book' as const),
          market: fc.constant(nth),
          mid: fc.constant(0),
          bids: levels,
          asks: levels,
        }),
      ),
    ),
    fc.array(scriptCommand, { minLength: 1, maxLength: 60, size: 'max' }),
  )
  .map(([books, commands]): ScriptCommand[] => [...books, ...commands])

/** Price in the market's range: events trade around 0.50, the rest around 100. */
const priceAt = (instrument: Instrument, offset: number): number =>
  instrument.kind === 'event' ? 0.5 + offset / 100 : 100 + offset / 4

export interface Fill {
  readonly child: ChildOrder
  readonly event: Extract<EdgeEvent, { type: 'filled' }>
  /** The book the fill met. */
  readonly book: Depth
}

/** One running story. */
export class Story {
  readonly clock: ManualClock = manualClock()
  readonly hub = new MarketHub(this.clock)
  readonly core: Core
  readonly accounts = new Map<string, Account>()
  /** Taker fills as the simulator told them, with the book of that moment. */
  readonly fills: Fill[] = []
  /** Which edge saw which child. */
  readonly seen = { live: new Set<string>(), sim: new Set<string>() }
  readonly #children = new Map<string, ChildOrder>()
  readonly #seed: number

  constructor(options: { seed?: number; profile?: Profile } = {}) {
    this.#seed = options.seed ?? 1
    const world = seededWorld({ seed: this.#seed, clock: this.clock })
    this.core = new Core({
      world,
      venues: testVenues,
      books: this.hub,
      edge: (sink, positionOf) => {
        const dual = createDualEdge({
          sink: (event) => {
            this.#note(event)
            sink(event)
          },
          live: (live) => watch(fillingEdge(live, this.clock, this.hub), this.seen.live),
          sim: (sim) =>
            watch(
              createSimEdge({
                books: this.hub,
                venues: testVenues,
                world,
                sink: sim,
                profile: options.profile ?? profiles.off,
                positionOf,
              }),
              this.seen.sim,
            ),
        })
        return {
          ...dual,
          submit: (child) => {
            this.#children.set(child.child_id, child)
            return dual.submit(child)
          },
        }
      },
      freshness_ms: 2000,
      limits: DEFAULT_LIMITS,
      credentials: () => 'ready',
      later: (account, event) => {
        this.core.edgeEvent(account, event)
      },
    })
  }

  account(client: number, live: boolean): Account {
    const key = `${client}/${live}`
    const known = this.accounts.get(key)
    if (known !== undefined) return known
    const account = new Account({
      client_id: `client-${client}`,
      is_sandbox: !live,
      created_ns: this.clock.now_ns(),
      initial_balance_usd_1e9: 0n,
    })
    this.accounts.set(key, account)
    this.core.open(account)
    this.seedAccount(account)
    return account
  }

  /** Little enough that orders run out of it. */
  seedAccount(account: Account): void {
    const balances = testVenues.flatMap(({ id, quote_assets }) =>
      quote_assets.map(({ asset, kind }) => ({ venue: id, asset, kind, qty_1e8: 900n * UNIT })),
    )
    const ts_ns = this.clock.now_ns()
    this.core.endAll(account, { type: 'seed', ts_ns, cause: 'first-use', balances })
  }

  run(command: ScriptCommand): void {
    switch (command.type) {
      case 'book':
        this.#publish(command)
        return
      case 'trade': {
        const { venue, instrument } = at(command.market)
        const depth = depthOf([[priceAt(instrument, command.price), command.qty]], [])
        const level = depth.bids[0]
        if (level === undefined || this.hub.book(venue.id, instrument.venue_symbol) === undefined)
          return
        const ts_ns = this.clock.now_ns()
        const feed = this.hub.feed(venue.id)
        feed.trade(instrument.venue_symbol, { ...level, taker_side: command.side, ts_ns })
        feed.published(instrument.venue_symbol, ts_ns)
        return
      }
      case 'advance':
        this.clock.advance(command.ms)
        return
      case 'order':
        this.#order(command)
        return
      case 'cancel': {
        const account = this.account(command.client, command.live)
        const order = [...account.orders.values()].at(command.nth)
        if (order !== undefined) void this.core.cancel(account, order)
        return
      }
      case 'amend': {
        const account = this.account(command.client, command.live)
        const child = [...account.children.values()].at(command.nth)
        if (child === undefined || child.limit_price_1e9 === null) return
        const [level] = depthOf([[priceAt(child.instrument, command.price), command.qty]], []).bids
        if (level === undefined || level.qty_1e8 <= child.filled_1e8) return
        try {
          void this.core.amend(account, child, {
            qty_1e8: level.qty_1e8,
            limit_price_1e9: level.price_1e9,
          })
        } catch (error) {
          if (!(error instanceof Error) || !error.message.startsWith('insufficient')) throw error
        }
        return
      }
      case 'configure': {
        const account = this.account(command.client, false)
        const choices = [
          { venue: 'alpha', kind: 'fiat', symbol: 'USD' },
          { venue: 'alpha', kind: 'crypto', symbol: 'BTC' },
          { venue: 'netted', kind: 'event_contract', symbol: 'KXTEST-26DEC31-T60:NO' },
          { venue: 'tokens', kind: 'event_contract', symbol: 'will-it-rain' },
          { venue: 'perps', kind: 'perp', symbol: 'BTC-USD-PERP' },
        ] as const
        const chosen = choices[command.asset] ?? choices[0]
        const rows = configuredRows(
          [{ ...chosen, qty_1e8: BigInt(command.qty) * UNIT }],
          this.core.venues,
          this.core.symbols,
        )
        const ts_ns = this.clock.now_ns()
        const given = { type: 'configure', ts_ns, replace: command.replace, rows } as const
        if (command.replace) this.core.endAll(account, given)
        else this.core.apply(account, given)
        return
      }
      case 'reset':
        this.seedAccount(this.account(command.client, false))
        return
    }
  }

  /** Every journal, as one text. */
  journals(): string {
    return [...this.accounts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { changes }]) => `${key}\n${changes.journal.map(canonicalJson).join('\n')}`)
      .join('\n')
  }

  cancelEverything(): void {
    for (const account of this.accounts.values()) {
      for (const order of [...account.orders.values()]) void this.core.cancel(account, order)
    }
  }

  #order(command: Extract<ScriptCommand, { type: 'order' }>): void {
    const { venue, instrument } = at(command.market)
    const no = command.no && instrument.kind === 'event'
    const offset = no ? -(command.price ?? 0) : (command.price ?? 0)
    const account = this.account(command.client, command.live)
    const given = intent({
      symbol: no ? `${instrument.symbol}:NO` : instrument.symbol,
      side: command.side,
      qty: command.qty,
      ...(command.price === null ? {} : { price: priceAt(instrument, offset) }),
      ...(command.pinned ? { venue: venue.id } : {}),
      tif: command.price === null && command.tif === 'post_only' ? null : command.tif,
      reduce_only: command.reduce_only,
      is_sandbox: !command.live,
    })
    const { unsent } = this.core.submit(account, given, command.live ? 'hold' : 'now')
    if (unsent.length > 0) void this.core.send(unsent)
  }

  #publish(command: Extract<ScriptCommand, { type: 'book' }>): void {
    const { venue, instrument } = at(command.market)
    const { mid } = command
    let [bid, ask] = [0, 0]
    const bids = command.bids.map(([step, size]) => {
      bid -= step
      return [priceAt(instrument, mid + Math.ceil(bid / 2) - 1), size] as const
    })
    const asks = command.asks.map(([step, size]) => {
      ask += step
      return [priceAt(instrument, mid + Math.floor(ask / 2) + 1), size] as const
    })
    const once = (side: readonly (readonly [number, number])[]) =>
      side.filter(
        ([price], nth) =>
          side.findIndex(([other]) => Math.round(other * 100) === Math.round(price * 100)) === nth,
      )
    this.hub.publish(venue.id, instrument.venue_symbol, depthOf(once(bids), once(asks)))
  }

  #note(event: EdgeEvent): void {
    const child = this.#children.get(event.child_id)
    if (event.type === 'amended' && child !== undefined) {
      const { qty_1e8, limit_price_1e9 } = event
      this.#children.set(child.child_id, { ...child, qty_1e8, limit_price_1e9 })
    }
    if (event.type !== 'filled' || child === undefined || !child.is_sandbox) return
    // A resting order may pay as a taker; it fills at its own price.
    if (event.liquidity !== 'taker' || event.queue_ahead_1e8 !== null) return
    const book = this.hub.book(child.venue, child.instrument.venue_symbol)
    if (book === undefined) throw new Error(`${child.child_id} filled without a book.`)
    const copy = { bids: [...book.depth.bids], asks: [...book.depth.asks] }
    this.fills.push({ child, event, book: copy })
  }
}

function at(nth: number) {
  const found = MARKETS[nth]
  if (found === undefined) throw new RangeError(`there is no market ${nth}`)
  return found
}

function watch(edge: Edge, seen: Set<string>): Edge {
  return {
    submit: (child) => {
      seen.add(child.child_id)
      return edge.submit(child)
    },
    cancel: (child_id) => edge.cancel(child_id),
    amend: (child_id, change) => edge.amend(child_id, change),
  }
}

/** Whole lots that the child's budget pays at a price, the fee of one unit included. */
function payable({ budget_1e8, instrument, qty_1e8 }: ChildOrder, price_1e9: bigint): bigint {
  if (budget_1e8 === null) return qty_1e8
  const most = ((budget_1e8 - 1n) * 1_000_000_000n) / price_1e9
  const lots = most - (most % instrument.lot_size_1e8)
  return lots < qty_1e8 ? lots : qty_1e8
}

/**
 * A stand-in for real venues: market orders fill at the best price as far as their budget pays, as a
 * venue lets nobody spend what they do not have; limits rest, fees are one unit.
 */
function fillingEdge(sink: EdgeSink, clock: ManualClock, hub: MarketHub): Edge {
  const open = new Map<string, ChildOrder>()
  let fills = 0
  return {
    submit: (child) => {
      const ts_ns = clock.now_ns()
      const { child_id } = child
      sink({ type: 'acked', child_id, ts_ns, venue_order_id: null })
      if (child.limit_price_1e9 !== null) {
        open.set(child_id, child)
        return undefined
      }
      const depth = hub.book(child.venue, child.instrument.venue_symbol)?.depth
      const yes = (child.side === 'buy') === (child.outcome !== 'NO')
      const best = yes ? depth?.asks[0] : depth?.bids[0]
      if (best === undefined) {
        sink({ type: 'cancelled', child_id, ts_ns, reason: 'no-liquidity' })
        return undefined
      }
      const price_1e9 = child.outcome === 'NO' ? 1_000_000_000n - best.price_1e9 : best.price_1e9
      const qty_1e8 = payable(child, price_1e9)
      if (qty_1e8 === 0n) {
        sink({ type: 'cancelled', child_id, ts_ns, reason: 'ioc-unfilled' })
        return undefined
      }
      fills += 1
      const filled = {
        type: 'filled',
        child_id,
        ts_ns,
        venue_fill_id: `live-${fills}`,
        price_1e9,
        qty_1e8,
        fee_1e8: 1n,
        liquidity: 'taker',
        queue_ahead_1e8: null,
      } as const
      sink(filled)
      // A private stream may say a thing twice.
      sink(filled)
      if (qty_1e8 < child.qty_1e8)
        sink({ type: 'cancelled', child_id, ts_ns, reason: 'ioc-unfilled' })
      return undefined
    },
    cancel: (child_id) => {
      if (open.delete(child_id)) {
        sink({ type: 'cancelled', child_id, ts_ns: clock.now_ns(), reason: 'requested' })
      }
      return undefined
    },
    amend: (child_id, change) => {
      const ts_ns = clock.now_ns()
      if (open.has(child_id)) {
        sink({ type: 'amended', child_id, ts_ns, ...change, mode: 'cancel_replace' })
      }
      return undefined
    },
  }
}
