/**
 * Sandbox: the composition root. One world, its books, venues, desk and API, put together in one place.
 *
 * Works without sockets: `fetch` answers requests and `connect` opens WebSocket sessions in-process, so
 * a test needs no port. The server adds sockets and nothing else.
 *
 * @module
 */

import { join } from 'node:path'
import type { MiddlewareHandler } from 'hono'
import { type Profile, type ProfileName, profiles } from './adversary/profile.js'
import { createApi, type Log } from './api/app.js'
import { forbidden } from './api/errors.js'
import { isApiSocket } from './api/routes/sockets.js'
import { connectVenue, fetchVenue } from './api/venue-gateway.js'
import { controlRoutes } from './control/routes.js'
import type { ControlTarget } from './control/target.js'
import type { Desk, Principal } from './desk/contract.js'
import { createDesk } from './desk/desk.js'
import { createDualEdge } from './edge/dual.js'
import type { EdgeSink } from './edge/edge.js'
import { createLiveEdge, type LiveEdge } from './edge/live.js'
import { createSimEdge, type SimEdge } from './edge/sim.js'
import type { DeskLimits } from './engine/guards.js'
import type { Instrument } from './engine/instrument.js'
import type { ChildOrder } from './engine/order.js'
import { API, apiWire } from './fault/api-wire.js'
import { faultySubmit } from './fault/edge.js'
import { ConnectionLost } from './fault/kind.js'
import { createFaultPlan, type FaultPlan } from './fault/plan.js'
import { faultyConnect, faultyFetch } from './fault/wire.js'
import { MarketHub } from './market/market-hub.js'
import { refusalOf } from './server/gate.js'
import { type Liquidity, startLiquidity, stock } from './server/liquidity.js'
import { memoryKeys } from './server/memory-keys.js'
import { type OpenVenue, openVenues, type VenueSwitches } from './server/open-venues.js'
import { VERSION } from './server/version.js'
import { memoryStore } from './store/memory.js'
import { openStore } from './store/store.js'
import type {
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  Venue,
} from './venue/contract.js'
import { type ManualClock, manualClock, wallClock } from './world/clock.js'
import { secretHex } from './world/prng.js'
import { type SeededWorld, seededWorld } from './world/seeded.js'
import { afterTurn } from './world/turn.js'
import type { Restorable } from './world/world.js'

export interface SandboxOptions {
  /** Seed of every stream of chance. Default 42. */
  readonly seed?: number
  /** `manual` (default) stands still until moved; `wall` follows the machine. */
  readonly clock?: 'manual' | 'wall' | ManualClock
  /** Folder of the database and of the venues' journals; absent: memory only. */
  readonly data?: string
  /** A PostgreSQL server instead of the embedded one. */
  readonly database_url?: string
  /** `memory` keeps rows without a database: opens at once, ends with the process. Default `database`. */
  readonly store?: 'database' | 'memory'
  /** Which venues exist. Default: all known ones. */
  readonly venues?: readonly Venue[]
  /** Switches of single venues, named in the venue's README: `{ acme: { era: 'legacy' } }`. */
  readonly switches?: VenueSwitches
  /** Who makes the books: nobody, seeded makers, or a recording. Default `quiet`. */
  readonly liquidity?: Liquidity
  /** How hard the simulator treats sandbox orders. Default `realistic`. */
  readonly adversary?: ProfileName | Profile
  /** A book older than this may not be traded on. Default 2000. */
  readonly freshness_ms?: number
  /**
   * Limits of every order: deviation of an aggressive limit (default 500 bps), absolute position in a
   * symbol over all venues, loss since midnight UTC. null: none.
   */
  readonly limits?: Partial<DeskLimits>
  /** The demo client's keys: well known (loopback only), random, or no demo client. Default `none`. */
  readonly demo?: 'well-known' | 'random' | 'none'
  /** `lax` also accepts short API keys such as `seq_test_demo`. Default `strict`. */
  readonly key_form?: 'strict' | 'lax'
  /** Calls per second of a client whose profile names no rate; absent: no client is limited. */
  readonly rate_limit_qps?: number
  /** Most bytes of a request body. Default 1 MiB. */
  readonly body_limit?: number
  readonly log?: Log
}

/** A client with a key of each mode. */
export interface SandboxAccount {
  readonly client_id: string
  readonly test_key: string
  readonly live_key: string
  /** Who the desk takes the keys for. */
  readonly test: Principal
  readonly live: Principal
}

/** A venue of a running sandbox. */
export type SandboxVenue = OpenVenue

export interface Sandbox {
  readonly world: SeededWorld
  /** null: the wall clock. */
  readonly manual: ManualClock | null
  readonly hub: MarketHub
  readonly desk: Desk
  readonly faults: FaultPlan
  readonly venues: ReadonlyMap<string, SandboxVenue>
  /** What control works on. */
  readonly control: ControlTarget
  /** The demo client; null when there is none. */
  readonly demo: SandboxAccount | null
  /** Answers a request: `/v1`, `/venues/<id>`, `/control`, `/docs`. A path alone is enough of a URL. */
  fetch(request: Request | string, init?: RequestInit): Promise<Response>
  /** Opens a socket: one of the API's, or of a venue's under its prefix. */
  connect(request: SocketRequest, peer: SocketPeer): Promise<SocketSession | SocketRefusal>
  /**
   * A fresh client with its own rows and keys. Its keys live in memory, so making one costs no commit.
   */
  account(label?: string): SandboxAccount
  /** Resolves when nothing is under way that needs no further time. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Host of URLs given as a path alone. */
const ORIGIN = 'http://papervenue.test'
const DEMO_CLIENT = 'demo'
const DEMO_DIGITS = '1'.padStart(64, '0')
/** Turns of the event loop without work before everything counts as settled. */
const QUIET_TURNS = 3

/**
 * Opens a sandbox.
 *
 * @throws UsageError when a recording cannot be read; errors of the database as they come.
 *
 * @example
 * const sandbox = await createSandbox({ seed: 7 })
 * const { test_key } = sandbox.account()
 * await sandbox.fetch('/v1/sandbox/reset', { method: 'POST', headers: { authorization: `Bearer ${test_key}` } })
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { data, database_url, log } = options
  const manual = manualOf(options.clock)
  const clock = manual ?? wallClock()
  const world = seededWorld({ seed: options.seed ?? 42, clock })
  const source = options.liquidity ?? 'quiet'
  const stocked = await stock(options.venues ?? (await import('../venues/index.js')).venues, source)
  const { recording } = stocked
  // Markets may be listed later, in this sandbox alone.
  const known = stocked.venues.map((venue) => ({ ...venue, instruments: [...venue.instruments] }))
  const hub = new MarketHub(clock)
  const faulty = known.map(({ id, capabilities: { settlement = 'instant' } }) => ({
    id,
    settlement,
  }))
  const faults = createFaultPlan({ world, venues: [...faulty, { id: API }] })
  const demo_mode = options.demo ?? 'none'
  const trouble = (error: unknown) => log?.error({ err: error }, 'work in the background failed')

  const [store, opened] = await Promise.all([
    options.store === 'memory'
      ? memoryStore({ clock })
      : openStore({
          clock,
          ...(database_url !== undefined && { url: database_url }),
          ...(data !== undefined && { folder: join(data, 'db') }),
        }),
    openVenues({
      venues: known,
      world,
      faults,
      demo_client: demo_mode === 'well-known' ? DEMO_CLIENT : null,
      credentials: demo_mode === 'random' ? 'secret' : 'known',
      switches: options.switches ?? {},
      ...(data !== undefined && { data }),
    }),
  ])

  // A journal may bring back markets that were listed by an earlier process.
  for (const { venue, mock } of opened.venues.values()) {
    const listed = new Set(venue.instruments.map(({ venue_symbol }) => venue_symbol))
    const more = mock?.admin.instruments().filter((one) => !listed.has(one.venue_symbol)) ?? []
    known.find(({ id }) => id === venue.id)?.instruments.push(...more)
  }

  const edges: { sim?: SimEdge; live?: LiveEdge } = {}
  const stale_ms = options.freshness_ms ?? 2_000
  const desk = await createDesk({
    world,
    venues: known,
    books: hub,
    store,
    freshness_ms: stale_ms,
    ...(options.limits !== undefined && { limits: options.limits }),
    edge: (sink, positionOf) =>
      createDualEdge({
        sink,
        sim: (simSink) => {
          const sim = createSimEdge({
            books: hub,
            venues: known,
            world,
            sink: simSink,
            profile: profileOf(options.adversary),
            stale_ms,
            positionOf,
          })
          edges.sim = sim
          return behindFaults(faults, sim, simSink, () => clock.now_ns())
        },
        live: (liveSink) => {
          edges.live = createLiveEdge({
            sink: liveSink,
            clock,
            connect: opened.connect,
            onTrouble: trouble,
          })
          return edges.live
        },
      }),
    pull: async (venue, client_id) => edges.live?.client(venue, client_id)?.then((c) => c.pull()),
    onTrouble: trouble,
  })

  const keys = memoryKeys(store.keys, clock)
  const account = (label: string, digits: () => string): SandboxAccount => {
    const client_id = label
    const [test_key, live_key] = [`seq_test_${digits()}`, `seq_live_${digits()}`]
    for (const key of [test_key, live_key]) faults.knowsClient(API, key, client_id)
    const key = (mode: 'test' | 'live', text: string) =>
      keys.add({ client_id, key_id: `key_${client_id}_${mode}`, label: client_id, key: text })
    return {
      client_id,
      test_key,
      live_key,
      test: key('test', test_key),
      live: key('live', live_key),
    }
  }
  const demo =
    demo_mode === 'none'
      ? null
      : account(DEMO_CLIENT, demo_mode === 'well-known' ? () => DEMO_DIGITS : secretHex)

  const liquidity = await startLiquidity({
    source,
    recording,
    world,
    hub,
    faults,
    opened,
    heartbeat: manual === null,
    onTrouble: trouble,
  })

  const settle = async () => {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await new Promise<void>((resolve) => afterTurn(resolve))
      await liquidity.atRest()
      await desk.flush()
    }
  }
  const control: ControlTarget = {
    world,
    manual,
    desk,
    hub,
    faults,
    venues: opened.venues,
    parts: new Map([
      ...liquidity.parts,
      ['simulator', simulatorPart(edges)],
      ['rate limits', rateLimitsPart(() => api.limiter)],
      ['price history', laterPart(() => api.history)],
      ['listings', listingsPart(known)],
    ]),
    connections: connectionsPart(opened.owners, edges),
    client_id: demo?.client_id ?? DEMO_CLIENT,
    venueAccount: opened.accountOf,
    venueCredentials: opened.credentialsOf,
    setRateLimit: async (client_id, rate_limit_qps) => {
      const known = await store.keys.client(client_id)
      await store.keys.putClient({ client_id, name: known?.name ?? client_id, rate_limit_qps })
      api.limiter?.forget(client_id)
    },
    settle,
    resubscribe: liquidity.resubscribe,
  }

  const api = createApi({
    desk,
    keys,
    books: hub,
    venues: known,
    world,
    version: VERSION,
    examples: async () => (await import('../venues/examples.js')).EXAMPLES,
    ...(options.key_form !== undefined && { key_form: options.key_form }),
    ...(options.body_limit !== undefined && { body_limit: options.body_limit }),
    ...(options.rate_limit_qps !== undefined && { rate_limit_qps: options.rate_limit_qps }),
    ...(log !== undefined && { log }),
  })
  const wires = new Map([...opened.venues].map(([id, { wire }]) => [id, wire]))
  /** Requests whose connection a fault broke: an error handler may not turn that into an answer. */
  const broken = new WeakMap<Request, ConnectionLost>()
  const venueHandler = async (c: { req: { raw: Request } }): Promise<Response> => {
    try {
      return await fetchVenue(wires, c.req.raw)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      broken.set(c.req.raw, error)
      return new Response(null, { status: 500 })
    }
  }
  api.app.all('/venues/:venue', venueHandler)
  api.app.all('/venues/:venue/*', venueHandler)
  // Asked where the path is matched, so that no spelling of it gets around the gate.
  const gate: MiddlewareHandler = async (c, next) => {
    const refusal = refusalOf(c.req.raw)
    if (refusal !== undefined) throw forbidden(refusal)
    await next()
  }
  api.app.use('/control', gate)
  api.app.use('/control/*', gate)
  api.app.route('/control', controlRoutes(control))

  const fetchApi = faultyFetch(faults, API, apiWire, async (request) => api.app.fetch(request))
  const connectApi = faultyConnect(faults, API, apiWire, api.connect)
  const accounts = world.ids('sandbox/account')

  return {
    world,
    manual,
    hub,
    desk,
    faults,
    venues: opened.venues,
    control,
    demo,
    fetch: async (request, init) => {
      const asked =
        typeof request === 'string' ? new Request(new URL(request, ORIGIN), init) : request
      const answer = await (isApi(asked.url) ? fetchApi(asked) : api.app.fetch(asked))
      const error = broken.get(asked)
      if (error !== undefined) throw error
      return answer
    },
    connect: async (request, peer) => {
      if (isApiSocket(request.path)) return connectApi(request, peer)
      return connectVenue(wires, request, peer) ?? NO_SOCKET
    },
    account: (label) => account(label ?? accounts.next('client-'), secretHex),
    settle,
    close: async () => {
      api.close()
      await liquidity.close()
      await edges.live?.close()
      edges.sim?.close()
      await desk.close()
      await opened.close()
      await store.close()
    },
  }
}

/** Whose account is whose at the venues, as a snapshot takes it. Going back, everybody connects anew. */
const connectionsPart = (owners: Restorable, edges: { readonly live?: LiveEdge }): Restorable => ({
  save: () => owners.save(),
  restore: (state) => {
    owners.restore(state)
    edges.live?.rewind()
  },
})

/** The simulator as a snapshot takes it. */
const simulatorPart = (edges: { readonly sim?: SimEdge }): Restorable => ({
  save: () => edges.sim?.save(),
  restore: (state) => edges.sim?.restore(state),
})

/** What each venue lists. */
const listingsPart = (
  venues: readonly { id: string; instruments: Instrument[] }[],
): Restorable => ({
  save: () => new Map(venues.map(({ id, instruments }) => [id, [...instruments]])),
  restore: (state) => {
    const saved = state as ReadonlyMap<string, readonly Instrument[]>
    for (const { id, instruments } of venues) {
      instruments.splice(0, instruments.length, ...(saved.get(id) ?? []))
    }
  },
})

/** A part made after the map of parts. */
const laterPart = (part: () => Restorable): Restorable => ({
  save: () => part().save(),
  restore: (state) => part().restore(state),
})

/** The buckets as a snapshot takes them; nothing where no client is limited. */
const rateLimitsPart = (limiter: () => Restorable | null): Restorable => ({
  save: () => limiter()?.save(),
  restore: (state) => {
    if (state !== undefined) limiter()?.restore(state)
  },
})

const NO_SOCKET: SocketRefusal = {
  status: 404,
  body: JSON.stringify({
    error: { code: 'NOT_FOUND', message: 'no socket at this path', request_id: 'socket' },
  }),
}

function manualOf(clock: SandboxOptions['clock']): ManualClock | null {
  if (clock === 'wall') return null
  return clock === undefined || clock === 'manual' ? manualClock() : clock
}

const profileOf = (given: SandboxOptions['adversary']): Profile =>
  typeof given === 'object' ? given : profiles[given ?? 'realistic']

/** The simulator as the order path meets it: faults on a venue hit sandbox orders there too. */
function behindFaults(faults: FaultPlan, sim: SimEdge, sink: EdgeSink, now_ns: () => bigint) {
  return {
    submit: faultySubmit(faults, sim, sink, now_ns),
    cancel: (child_id: string) => sim.cancel(child_id),
    amend: (child_id: string, change: { qty_1e8: bigint; limit_price_1e9: bigint }) =>
      sim.amend(child_id, change),
    adopt: (child: ChildOrder, filled_1e8: bigint) => sim.adopt(child, filled_1e8),
  }
}

/** Faults on the API concern its own paths, not documentation, control or venues. */
const isApi = (url: string): boolean => {
  const at = url.indexOf('/', url.indexOf('://') + 3)
  return at >= 0 && url.startsWith('/v1/', at)
}
