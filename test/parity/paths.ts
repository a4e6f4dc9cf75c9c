/**
 * Paths: the worlds a story is told to. The raw wire (no guards), the live path and the paper path, each
 * with a mock venue of its own, a clock of its own and nothing shared.
 *
 * A path is made once per venue and told one story after the other; each story starts from a clean
 * account and a clean book.
 */

import { Account } from '../../src/account/account.js'
import type { ConfiguredRow } from '../../src/account/command.js'
import type { Order } from '../../src/account/order.js'
import { availableOf, cashKey, legKey, lockedOf, perpKey } from '../../src/account/row.js'
import { cashKind } from '../../src/account/symbol.js'
import { off, type Profile } from '../../src/adversary/profile.js'
import { amendOrder } from '../../src/desk/amend.js'
import { DeskError, type OrderIntent } from '../../src/desk/contract.js'
import { Core } from '../../src/desk/core.js'
import { createDualEdge } from '../../src/edge/dual.js'
import type { EdgeSink } from '../../src/edge/edge.js'
import { createLiveEdge } from '../../src/edge/live.js'
import { createSimEdge } from '../../src/edge/sim.js'
import type { Depth, Level } from '../../src/engine/depth.js'
import { DEFAULT_LIMITS } from '../../src/engine/guards.js'
import type { Instrument, Side } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import { PRICE_SCALE } from '../../src/engine/units.js'
import { MarketHub } from '../../src/market/market-hub.js'
import type { Credentials, MockVenue, Venue, VenueClient } from '../../src/venue/contract.js'
import { loopback } from '../../src/venue/loopback.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { type SeededWorld, seededWorld } from '../../src/world/seeded.js'
import {
  type Case,
  type MarketMode,
  type PlaceStep,
  printable,
  quotable,
  type Step,
} from './case.js'
import {
  type Amended,
  type Holdings,
  type OrderStory,
  type Scene,
  type Story,
  storyOf,
} from './verdict.js'

/** What a path has to say about a story. */
export interface Told {
  readonly story: Story
  /** Filled so far of each order after each step. */
  readonly filled: readonly (readonly bigint[])[]
  /** The book as each order found it; the wire alone knows. */
  readonly scenes: readonly Scene[]
  /** Broken laws the path saw by itself (P4, P5). */
  readonly broken: readonly string[]
  /** The paper account's journal, for P6. */
  readonly journal: readonly string[]
}

export interface Path {
  readonly name: string
  tell(story: Case): Promise<Told>
  close(): Promise<void>
}

/**
 * Limits of the desk that no venue has are off, and a book never ages: parity is about what the venue
 * itself would say.
 */
export const DESK_LIMITS = {
  limits: { ...DEFAULT_LIMITS, price_deviation_bps_max: null },
  freshness_ms: 1e12,
}

/** Time between steps: rate limits refill and orders under way arrive. */
const STEP_MS = 5_000

interface Stage {
  readonly venue: Venue
  readonly clock: ManualClock
  readonly world: SeededWorld
  readonly mock: MockVenue
  readonly account_id: number
  readonly credentials: Credentials
  /** Requests to the venue that carried a method other than GET. */
  readonly mutations: { count: number }
}

function stageOf(venue: Venue, seed: number): Stage {
  if (venue.mock === undefined || venue.client === undefined) {
    throw new Error(`${venue.id} has no wire: parity needs one.`)
  }
  const clock = manualClock()
  const world = seededWorld({ seed, clock })
  const mock = venue.mock({ world })
  const { account_id, credentials } = mock.admin.openAccount({ label: 'parity' })
  return { venue, clock, world, mock, account_id, credentials, mutations: { count: 0 } }
}

function clientOf(stage: Stage): VenueClient {
  const { venue, mock, clock, credentials, mutations } = stage
  const wire = loopback(mock)
  const client = venue.client?.({
    base_url: `http://${venue.id}.test`,
    connect: wire.connect,
    fetch: (request) => {
      if (request.method !== 'GET') mutations.count += 1
      return wire.fetch(request)
    },
    clock,
    instruments: venue.instruments,
    credentials,
  })
  if (client === undefined) throw new Error(`${venue.id} has no client.`)
  return client
}

function instrumentOf({ instruments, id }: Venue, venue_symbol: string): Instrument {
  const found = instruments.find((instrument) => instrument.venue_symbol === venue_symbol)
  if (found === undefined) throw new Error(`${id} lists no ${venue_symbol}.`)
  return found
}

/** Brings the venue to the beginning of a story. */
function setVenue({ mock, account_id }: Stage, story: Case, instrument: Instrument): void {
  const { admin } = mock
  const { venue_symbol, depth, cash_1e8, held_1e8, entry_price_1e9, market } = story
  admin.setMarketState(venue_symbol, 'open')
  admin.setDepth(venue_symbol, { bids: [], asks: [] })
  admin.setPosition(account_id, venue_symbol, { qty_1e8: 0n, entry_price_1e9 })
  admin.setBalance(account_id, instrument.quote, cash_1e8)
  admin.setPosition(account_id, venue_symbol, { qty_1e8: held_1e8, entry_price_1e9 })
  admin.setBalance(account_id, instrument.quote, cash_1e8)
  admin.setDepth(venue_symbol, depth)
  if (market !== 'open') admin.setMarketState(venue_symbol, market)
}

/** Everything that was sent has arrived and been answered. */
async function settle(turns = 2): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** To ask for no more than has filled is to cancel: the API says so instead of amending. */
const amendable = (story: OrderStory | undefined, qty_1e8: bigint): boolean =>
  story?.end === 'open' && filledOf(story) < qty_1e8

const filledOf = (story: OrderStory): bigint =>
  story.fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)

const placesOf = (steps: readonly Step[]): PlaceStep[] =>
  steps.filter((step) => step.type === 'place')

const expiryOf = (clock: ManualClock, { expires_in_ms }: PlaceStep): bigint | null =>
  expires_in_ms === null ? null : clock.now_ns() + BigInt(expires_in_ms) * 1_000_000n

/** What the venue says the account holds of the story's market. */
function venueHoldings({ mock, account_id }: Stage, instrument: Instrument): Holdings {
  const { balances, positions } = mock.admin.account(account_id)
  const balance = (asset: string) => balances.find((row) => row.asset === asset)
  const cash = balance(instrument.quote)
  const position = positions.find(({ venue_symbol }) => venue_symbol === instrument.venue_symbol)
  return {
    cash_1e8: cash?.total_1e8 ?? 0n,
    cash_reserved_1e8: cash?.reserved_1e8 ?? 0n,
    held_1e8:
      instrument.kind === 'spot'
        ? (balance(instrument.base)?.total_1e8 ?? 0n)
        : (position?.qty_1e8 ?? 0n),
  }
}

/** The raw wire: every order goes out as it is, whatever a guard would say. */
export async function wirePath(venue: Venue, seed: number): Promise<Path> {
  const stage = stageOf(venue, seed)
  const client = clientOf(stage)
  const told = new Map<string, EdgeEvent[]>()
  await client.open((event) => told.get(event.child_id)?.push(event))
  let tales = 0

  async function tell(story: Case): Promise<Told> {
    const instrument = instrumentOf(venue, story.venue_symbol)
    tales += 1
    setVenue(stage, story, instrument)
    const children: ChildOrder[] = []
    const stories = (): OrderStory[] =>
      children.map((child) => storyOf(told.get(child.child_id) ?? [], child.qty_1e8))
    const filled: bigint[][] = []
    const market = marketOf(stage, story)
    const scenes: Scene[] = []
    for (const [at, step] of story.steps.entries()) {
      stage.clock.advance(STEP_MS)
      switch (step.type) {
        case 'place': {
          scenes.push({ nobodyThere: nobodyThere(stage, story, step) })
          const child = childOf(stage, instrument, step, `${tales}-${children.length}`)
          children.push(child)
          told.set(child.child_id, [])
          await client.submit(child)
          break
        }
        case 'cancel': {
          const child = children[step.nth]
          if (child !== undefined && stories()[step.nth]?.end === 'open') {
            await client.cancel(child.child_id)
          }
          break
        }
        case 'amend': {
          const child = children[step.nth]
          if (child !== undefined && amendable(stories()[step.nth], step.qty_1e8)) {
            await client.amend(child.child_id, step)
          }
          break
        }
        default:
          market.step(step, at)
      }
      await settle()
      filled.push(stories().map(filledOf))
    }
    const answer: Story = { orders: stories(), holdings: venueHoldings(stage, instrument) }
    const broken = checked(() => stage.mock.admin.check())
    stage.mock.admin.setMarketState(story.venue_symbol, 'open')
    for (const [nth, child] of children.entries()) {
      if (answer.orders[nth]?.end === 'open') await client.cancel(child.child_id)
    }
    await settle()
    leftOpen(stage)
    told.clear()
    return { story: answer, filled, scenes, broken, journal: [] }
  }

  return {
    name: 'wire',
    tell,
    close: async () => {
      await client.close()
      await stage.mock.close()
    },
  }
}

/** Whether the side an order would take from holds the account's own orders at most. */
function nobodyThere(stage: Stage, { venue_symbol }: Case, step: PlaceStep): boolean {
  const buys = (step.side === 'buy') !== (step.outcome === 'NO')
  const { bids, asks } = strangersDepth(stage, venue_symbol)
  return (buys ? asks : bids).length === 0
}

function childOf(stage: Stage, instrument: Instrument, step: PlaceStep, id: string): ChildOrder {
  return {
    child_id: uuidLike(id),
    client_id: 'parity',
    is_sandbox: false,
    venue: stage.venue.id,
    instrument,
    outcome: step.outcome,
    side: step.side,
    qty_1e8: step.qty_1e8,
    budget_1e8: null,
    limit_price_1e9: step.limit_price_1e9,
    protection_price_1e9: null,
    time_in_force: step.time_in_force,
    post_only: step.post_only,
    reduce_only: step.reduce_only,
    expire_ts_ns: expiryOf(stage.clock, step),
  }
}

/** Live child ids are UUIDs: every venue takes them as client order ids. */
function uuidLike(id: string): string {
  const hex = [...id].map((char) => (char.codePointAt(0) ?? 0).toString(16)).join('')
  const digits = hex.padStart(32, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

/** @throws Error when a story leaves an order to the next one: it would not begin clean. */
function leftOpen({ mock, account_id }: Stage): void {
  const { open_orders } = mock.admin.account(account_id)
  if (open_orders.length > 0) throw new Error(`left open at the venue: ${plainText(open_orders)}`)
}

/** What strangers do and what the venue does to its market. */
function marketOf(stage: Stage, story: Case) {
  const { admin } = stage.mock
  const { venue_symbol } = story
  let mode: MarketMode = story.market
  return {
    step: (step: Exclude<Step, { type: 'place' | 'cancel' | 'amend' }>, at: number): void => {
      switch (step.type) {
        case 'print': {
          const { price_1e9, qty_1e8, taker_side } = step
          if (mode !== 'open' || !printable(story.steps, at)) return
          admin.print(venue_symbol, { price_1e9, qty_1e8, taker_side })
          return
        }
        case 'quote':
          if (mode === 'open' && quotable(story, at))
            admin.setDepth(venue_symbol, quoted(stage, story, step))
          return
        case 'state':
          mode = step.state
          admin.setMarketState(venue_symbol, mode)
          return
        case 'wait':
          stage.clock.advance(step.ms)
      }
    },
  }
}

/** The strangers' book with one level changed. */
function quoted(
  stage: Stage,
  { venue_symbol }: Case,
  { side, price_1e9, more_1e8 }: Extract<Step, { type: 'quote' }>,
): Depth {
  const now = strangersDepth(stage, venue_symbol)
  const levels = side === 'buy' ? now.bids : now.asks
  const there = levels.find((level) => level.price_1e9 === price_1e9)?.qty_1e8 ?? 0n
  const others = levels.filter((level) => level.price_1e9 !== price_1e9)
  const changed = more_1e8 === null ? others : [...others, { price_1e9, qty_1e8: there + more_1e8 }]
  return side === 'buy' ? { ...now, bids: changed } : { ...now, asks: changed }
}

/** The venue's book without the account's own orders. */
function strangersDepth({ mock, account_id }: Stage, venue_symbol: string): Depth {
  const { bids, asks } = mock.admin.depth(venue_symbol)
  const own = mock.admin
    .account(account_id)
    .open_orders.filter((order) => order.venue_symbol === venue_symbol)
  const without = (levels: readonly Level[], side: Side): Level[] =>
    levels
      .map(({ price_1e9, qty_1e8 }) => {
        const mine = own.filter((order) => order.side === side && order.price_1e9 === price_1e9)
        return {
          price_1e9,
          qty_1e8: mine.reduce((left, { remaining_1e8 }) => left - remaining_1e8, qty_1e8),
        }
      })
      .filter(({ qty_1e8 }) => qty_1e8 > 0n)
  return { bids: without(bids, 'buy'), asks: without(asks, 'sell') }
}

/** The desk's own order path, live or on paper. */
export async function deskPath(
  venue: Venue,
  seed: number,
  mode: 'live' | { readonly paper: Profile },
): Promise<Path> {
  const stage = stageOf(venue, seed)
  const { clock, world, mock } = stage
  const client = clientOf(stage)
  const hub = new MarketHub(clock)
  const stopFeed = await client.subscribe(venue.instruments, hub.feed(venue.id))
  const is_sandbox = mode !== 'live'
  const told = new Map<string, EdgeEvent[]>()
  const accounts = new Map<string, Account>()
  const tap =
    (sink: EdgeSink): EdgeSink =>
    (event) => {
      const known = told.get(event.child_id)
      if (known === undefined) told.set(event.child_id, [event])
      else known.push(event)
      sink(event)
    }
  const core: Core = new Core({
    world,
    venues: [venue],
    books: hub,
    ...DESK_LIMITS,
    credentials: () => 'ready',
    later: (account, event) => core.edgeEvent(account, event),
    edge: (sink) =>
      createDualEdge({
        sink: tap(sink),
        live: (inner) => createLiveEdge({ sink: inner, clock, connect: () => client }),
        sim: (inner) =>
          createSimEdge({
            books: hub,
            venues: [venue],
            world,
            sink: inner,
            profile: mode === 'live' ? off : mode.paper,
            stale_ms: DESK_LIMITS.freshness_ms,
            positionOf: (child) => {
              const account = accounts.get(child.client_id)
              return account === undefined ? 0n : legOf(account, venue, child)
            },
          }),
      }),
  })
  let tales = 0

  async function tell(story: Case): Promise<Told> {
    const instrument = instrumentOf(venue, story.venue_symbol)
    tales += 1
    setVenue(stage, story, instrument)
    await settle()
    // Live: one account at the venue, so one client; on paper a fresh client each time.
    const account = new Account({
      client_id: is_sandbox ? `parity-${tales}` : 'parity',
      is_sandbox,
      created_ns: clock.now_ns(),
      initial_balance_usd_1e9: 0n,
    })
    accounts.clear()
    accounts.set(account.client_id, account)
    const ts_ns = clock.now_ns()
    if (is_sandbox) {
      const rows = rowsOf(venue, instrument, story)
      core.apply(account, { type: 'configure', ts_ns, replace: true, rows })
    } else {
      const rows = await pulledRows(venue, client)
      core.apply(account, { type: 'adopt', ts_ns, venue: venue.id, rows })
    }
    const before = mock.admin.depth(story.venue_symbol)
    const mutations = stage.mutations.count
    const orders: Placed[] = []
    const stories = (): OrderStory[] =>
      orders.map(({ order, refused, sent_1e8, amends, step: { qty_1e8, reduce_only } }) => {
        if (refused !== null) return refused
        const events = order.children.flatMap(({ child_id }) => told.get(child_id) ?? [])
        const now_1e8 = order.children.reduce((sum, child) => sum + child.qty_1e8, 0n)
        const story = { ...storyOf(events, now_1e8), amends }
        return cutShort(story, sent_1e8 < qty_1e8, reduce_only)
      })
    const filled: bigint[][] = []
    const market = marketOf(stage, story)
    for (const [at, step] of story.steps.entries()) {
      clock.advance(STEP_MS)
      switch (step.type) {
        case 'place': {
          const intent = intentOf(stage, instrument, step, orders.length)
          const { order, answered, refusal } = core.submit(account, intent, 'now')
          const refused: OrderStory | null =
            refusal === null
              ? null
              : { fills: [], end: refusal.reject ?? 'bad-request', refused: true, amends: [] }
          const sent_1e8 = order.children.reduce((sum, child) => sum + child.qty_1e8, 0n)
          orders.push({ order, refused, step, sent_1e8, amends: [] })
          await settle()
          clock.advance(STEP_MS)
          await answered
          break
        }
        case 'cancel': {
          const known = orders[step.nth]
          if (known !== undefined && stories()[step.nth]?.end === 'open') {
            const asked = core.cancel(account, known.order)
            await settle()
            clock.advance(STEP_MS)
            await asked
          }
          break
        }
        case 'amend': {
          const known = orders[step.nth]
          if (known !== undefined && amendable(stories()[step.nth], step.qty_1e8)) {
            const asked = amendOrder(core, account, known.order, {
              new_qty_1e8: step.qty_1e8,
              new_price_1e9: step.limit_price_1e9,
            }).then(
              () => known.amends.push('amended'),
              (error) => {
                if (!(error instanceof DeskError)) throw error
                known.amends.push('refused')
              },
            )
            await settle()
            clock.advance(STEP_MS)
            await asked
          }
          break
        }
        default:
          market.step(step, at)
      }
      await settle()
      filled.push(stories().map(filledOf))
    }
    const answer: Story = {
      orders: stories(),
      holdings: deskHoldings(account, venue, instrument),
    }
    const broken = [
      ...checked(() => mock.admin.check()),
      ...checked(() => conserved(account)),
      ...(is_sandbox ? isolated(stage, story, before, mutations) : []),
    ]
    mock.admin.setMarketState(story.venue_symbol, 'open')
    for (const [nth, { order }] of orders.entries()) {
      if (answer.orders[nth]?.end !== 'open') continue
      const asked = core.cancel(account, order)
      await settle()
      clock.advance(STEP_MS)
      await asked
    }
    await settle()
    leftOpen(stage)
    told.clear()
    const journal = account.changes.journal.map((entry) => plainText(entry))
    return { story: answer, filled, scenes: [], broken, journal }
  }

  return {
    name: mode === 'live' ? 'live' : `paper ${mode.paper.name}`,
    tell,
    close: async () => {
      stopFeed()
      await client.close()
      await mock.close()
    },
  }
}

/** An order the desk was given. */
interface Placed {
  readonly order: Order
  readonly refused: OrderStory | null
  readonly step: PlaceStep
  /** What its children came to when it was dispatched. */
  readonly sent_1e8: bigint
  readonly amends: Amended[]
}

/**
 * The desk sends no more of a market sale or a reduce-only order than there is to deliver or to reduce;
 * a venue takes it all and gives up the rest when it comes to it.
 */
function cutShort(story: OrderStory, cut: boolean, reduce_only: boolean): OrderStory {
  if (!cut || story.end !== 'filled') return story
  return { ...story, end: reduce_only ? 'not-reducing' : 'no-liquidity' }
}

function intentOf(stage: Stage, instrument: Instrument, step: PlaceStep, nth: number): OrderIntent {
  return {
    graph_id: `g${nth}`,
    symbol: step.outcome === 'NO' ? `${instrument.symbol}:NO` : instrument.symbol,
    side: step.side,
    qty_1e8: step.qty_1e8,
    notional_1e9: null,
    limit_price_1e9: step.limit_price_1e9,
    venue: stage.venue.id,
    tif: step.limit_price_1e9 === null ? null : step.time_in_force,
    post_only: step.post_only,
    reduce_only: step.reduce_only,
    expire_ts_ns: expiryOf(stage.clock, step),
    max_slippage_bps: null,
    urgency: 'medium',
    policy: 'sor',
    horizon_ms: null,
    instrument_type: null,
    is_sandbox: true,
    max_notional_1e9: null,
    fingerprint: '',
  }
}

/** The story's holdings as a client configures them. */
function rowsOf(venue: Venue, instrument: Instrument, story: Case): ConfiguredRow[] {
  const cash = cashRow(venue.id, instrument.quote, story.cash_1e8)
  const { held_1e8 } = story
  if (instrument.kind === 'spot') return [cash, cashRow(venue.id, instrument.base, held_1e8)]
  if (held_1e8 === 0n) return [cash]
  return [cash, positionRow(venue.id, instrument, held_1e8, story.entry_price_1e9)]
}

async function pulledRows(venue: Venue, client: VenueClient): Promise<ConfiguredRow[]> {
  const { balances, positions } = await client.pull()
  return [
    ...balances.map(({ asset, total_1e8 }) => cashRow(venue.id, asset, total_1e8)),
    ...positions
      .filter(({ qty_1e8 }) => qty_1e8 !== 0n)
      .map(({ venue_symbol, qty_1e8, entry_price_1e9 }) =>
        positionRow(venue.id, instrumentOf(venue, venue_symbol), qty_1e8, entry_price_1e9),
      ),
  ]
}

const cashRow = (venue: string, asset: string, qty_1e8: bigint): ConfiguredRow => ({
  key: cashKey(venue, cashKind(asset), asset),
  venue,
  kind: cashKind(asset),
  symbol: asset,
  market_slug: null,
  outcome: null,
  token_id: null,
  qty_1e8,
  entry_1e9: PRICE_SCALE,
  margin: null,
})

function positionRow(
  venue: string,
  instrument: Instrument,
  qty_1e8: bigint,
  entry_1e9: bigint,
): ConfiguredRow {
  const { symbol, quote, leverage_max } = instrument
  const base = { venue, symbol, token_id: null } as const
  if (instrument.kind === 'perp') {
    const margin = { asset: quote, leverage: BigInt(Math.min(10, leverage_max)) }
    const perp = { key: perpKey(venue, symbol), kind: 'perp', market_slug: null } as const
    return { ...base, ...perp, outcome: null, qty_1e8, entry_1e9, margin }
  }
  const outcome = qty_1e8 > 0n ? 'YES' : 'NO'
  return {
    ...base,
    key: legKey(venue, symbol, outcome),
    kind: 'event_contract',
    market_slug: symbol,
    outcome,
    qty_1e8: qty_1e8 > 0n ? qty_1e8 : -qty_1e8,
    entry_1e9: outcome === 'YES' ? entry_1e9 : PRICE_SCALE - entry_1e9,
    margin: null,
  }
}

/** Signed holding in a child's own leg. */
function legOf(account: Account, venue: Venue, child: ChildOrder): bigint {
  const { instrument } = child
  const net = netOf(account, venue, instrument)
  return child.outcome === 'NO' ? -net : net
}

function netOf(account: Account, venue: Venue, instrument: Instrument): bigint {
  const qty = (key: string): bigint => account.rows.get(key)?.qty_1e8 ?? 0n
  switch (instrument.kind) {
    case 'spot':
      return account.cash(venue.id, instrument.base)?.qty_1e8 ?? 0n
    case 'perp':
      return qty(perpKey(venue.id, instrument.symbol))
    case 'event':
      return (
        qty(legKey(venue.id, instrument.symbol, 'YES')) -
        qty(legKey(venue.id, instrument.symbol, 'NO'))
      )
  }
}

function deskHoldings(account: Account, venue: Venue, instrument: Instrument): Holdings {
  const cash = account.cash(venue.id, instrument.quote)
  return {
    cash_1e8: cash?.qty_1e8 ?? 0n,
    cash_reserved_1e8: cash === undefined ? 0n : lockedOf(cash),
    held_1e8: netOf(account, venue, instrument),
  }
}

/** P5: every row is what its ledger entries say, and nothing is locked that is not there. */
function conserved(account: Account): void {
  const sums = new Map<string, bigint>()
  for (const { holding, from, to, amount_1e8 } of account.changes.ledger) {
    const moved = (to === 'client' ? amount_1e8 : 0n) - (from === 'client' ? amount_1e8 : 0n)
    sums.set(holding, (sums.get(holding) ?? 0n) + moved)
  }
  for (const row of account.rows.values()) {
    const booked = sums.get(row.key) ?? 0n
    if (booked !== row.qty_1e8) {
      throw new Error(`P5: ${row.key} holds ${row.qty_1e8} and its ledger says ${booked}`)
    }
    if (row.kind !== 'perp' && row.qty_1e8 < 0n) {
      throw new Error(`P5: ${row.key} fell below zero: ${row.qty_1e8}`)
    }
    if (row.held_1e8 < 0n || availableOf(row) < 0n) {
      throw new Error(`P5: ${row.key} holds back ${row.held_1e8}`)
    }
  }
}

/** P4: paper orders sent the venue nothing, and left its book as strangers left it. */
function isolated(
  { mock, mutations, account_id }: Stage,
  { venue_symbol, steps }: Case,
  before: ReturnType<MockVenue['admin']['depth']>,
  sent: number,
): string[] {
  const broken: string[] = []
  if (mutations.count !== sent) broken.push('P4: a paper order reached the venue')
  if (mock.admin.account(account_id).open_orders.length > 0) {
    broken.push('P4: the venue has an open order of a paper account')
  }
  const quiet = steps.every(({ type }) => type !== 'print' && type !== 'quote' && type !== 'state')
  if (quiet && plainText(mock.admin.depth(venue_symbol)) !== plainText(before)) {
    broken.push('P4: paper orders changed the venue book')
  }
  return broken
}

function checked(check: () => void): string[] {
  try {
    check()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

const plainText = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner))

export { placesOf }
