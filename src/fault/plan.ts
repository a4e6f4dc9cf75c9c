/**
 * Plan: the faults that are set, when they hold, and which of many requests and messages they hit.
 *
 * Deterministic: faults fire in the order they were injected, counters count from the moment a fault
 * begins, and every draw comes from the fault's own stream. The plan knows no venue; `wire.ts`,
 * `feed.ts` and `edge.ts` put it between a venue and its clients.
 *
 * @module
 */

import type { WireTraits } from '../venue/contract.js'
import type { Clock, RandomStream, World } from '../world/world.js'
import type { Call, OpenSocket, Running, Tools } from './kind.js'
import { type AnyKind, FaultError, type FaultInput, type FaultSpec, parseFault } from './kinds.js'
import { plainWire } from './plain-wire.js'

/** A fault as `list` shows it. */
export interface FaultView {
  readonly id: string
  readonly type: string
  readonly venue: string
  readonly account: string | null
  readonly state: 'waiting' | 'active'
  /** How many requests or messages fitted its match so far, hit or not. */
  readonly seen: number
  readonly fired: number
}

/** One time a fault did something. */
export interface FaultFiring {
  readonly ts_ns: bigint
  readonly id: string
  readonly type: string
  readonly venue: string
  /** What it hit: `create-order`, `private`, `begin`, `end`. */
  readonly on: string
}

/** A fault at work on one request or message. */
export interface Firing {
  readonly kind: AnyKind
  readonly running: Running<unknown, unknown>
}

export type FaultPlan = ReturnType<typeof createFaultPlan>

interface Instance {
  readonly id: string
  readonly spec: FaultSpec
  readonly from_ns: bigint
  readonly until_ns: bigint | null
  begun: boolean
  seen: number
  fired: number
  state: unknown
}

/** What a venue declares so that faults on it can be checked. */
export interface FaultyVenue {
  readonly id: string
  readonly settlement?: 'instant' | 'deferred'
}

const MS_NS = 1_000_000

/**
 * An empty plan over these venues.
 *
 * @example
 * const plan = createFaultPlan({ world, venues: [{ id: 'acme' }] })
 * plan.inject({ type: 'lost-ack', venue: 'acme', match: { action: 'create-order', nth: 2 } })
 */
export function createFaultPlan(setup: { world: World; venues: readonly FaultyVenue[] }) {
  const { world } = setup
  const { clock } = world
  const venues = new Map(setup.venues.map((venue) => [venue.id, venue]))
  const wires = new Map<string, WireTraits>()
  const sockets = new Map<string, Set<OpenSocket>>()
  /** Client by venue and what the venue's wire calls it. */
  const clients = new Map<string, string>()
  const listeners = new Set<(firing: FaultFiring) => void>()
  let instances: Instance[] = []
  let log: FaultFiring[] = []
  let made = 0

  function inject(input: FaultInput): string {
    const spec = parseFault(input)
    const venue = venues.get(spec.venue)
    if (venue === undefined) {
      throw new FaultError([
        {
          path: 'venue',
          message: `no venue is called ${JSON.stringify(spec.venue)}; known: ${[...venues.keys()].join(', ')}`,
        },
      ])
    }
    if (spec.kind.settlementFails && venue.settlement !== 'deferred') {
      throw new FaultError([
        {
          path: 'type',
          message: `${venue.id} settles at once: a trade is final when it is matched, and none can fail later; to have it settle later, hand createSandbox({ venues }) the venue with capabilities.settlement 'deferred'`,
        },
      ])
    }
    made += 1
    const now_ns = clock.now_ns()
    const from_ns = now_ns + BigInt(Math.round(spec.after_ms * MS_NS))
    const instance: Instance = {
      id: `f${made}`,
      spec,
      from_ns,
      until_ns: spec.for_ms === null ? null : from_ns + BigInt(Math.round(spec.for_ms * MS_NS)),
      begun: false,
      seen: 0,
      fired: 0,
      state: spec.kind.state(),
    }
    instances.push(instance)
    const { id } = instance
    if (spec.after_ms === 0) begin(id)
    else clock.after(spec.after_ms, () => begin(id))
    if (spec.for_ms !== null) clock.after(spec.after_ms + spec.for_ms, () => clear(id))
    return id
  }

  function begin(id: string): void {
    const instance = instances.find((other) => other.id === id)
    if (instance === undefined || instance.begun) return
    instance.begun = true
    note(instance, 'begin')
    if (instance.spec.kind.begins === undefined) return
    const { venue } = instance.spec
    const open = [...(sockets.get(venue) ?? [])].filter((socket) =>
      isAbout(instance.spec, socket.caller),
    )
    instance.spec.kind.begins(runningOf(instance), open)
  }

  /** Ends one fault, or all; answers how many ended. What a fault held back is delivered. */
  function clear(id?: string): number {
    const ended = instances.filter((instance) => id === undefined || instance.id === id)
    instances = instances.filter((instance) => !ended.includes(instance))
    for (const instance of ended) {
      if (instance.begun) note(instance, 'end')
      instance.spec.kind.ends?.(runningOf(instance))
    }
    return ended.length
  }

  function note(instance: Instance, on: string): void {
    const { id, spec } = instance
    const firing = { ts_ns: clock.now_ns(), id, type: spec.kind.type, venue: spec.venue, on }
    log.push(firing)
    for (const listener of listeners) listener(firing)
  }

  function runningOf(instance: Instance): Running<unknown, unknown> {
    const { id, spec } = instance
    return {
      options: spec.options,
      get state() {
        return (instances.find((other) => other.id === id) ?? instance).state
      },
      tools: toolsOf(id, spec.venue),
    }
  }

  function toolsOf(id: string, venue: string): Tools {
    return {
      clock,
      random: world.random(`fault/${id}`),
      get wire() {
        return wires.get(venue) ?? plainWire
      },
      wait: (ms) =>
        ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.after(ms, resolve)),
    }
  }

  /** An account is named by what its wire calls it, or by the client it belongs to. */
  const isAbout = ({ venue, account }: FaultSpec, caller: string | null): boolean =>
    account === null ||
    (caller !== null && (account === caller || account === clients.get(nameOf(venue, caller))))

  const holdsAt = (instance: Instance, now_ns: bigint): boolean =>
    now_ns >= instance.from_ns && (instance.until_ns === null || now_ns < instance.until_ns)

  /** Faults of one hook that hold now for this venue and caller, in order. */
  function holding(venue: string, caller: string | null, hook: keyof AnyKind): Instance[] {
    const now_ns = clock.now_ns()
    return instances.filter(
      (instance) =>
        instance.spec.venue === venue &&
        instance.spec.kind[hook] !== undefined &&
        holdsAt(instance, now_ns) &&
        isAbout(instance.spec, caller),
    )
  }

  /** Counts one thing that fits and says whether the fault hits it. */
  function hits(instance: Instance, on: string): boolean {
    const { nth, count, chance } = instance.spec.match
    instance.seen += 1
    const first = nth ?? 1
    const last = first + (count ?? (nth === undefined ? Number.POSITIVE_INFINITY : 1)) - 1
    if (instance.seen < first || instance.seen > last) return false
    if (chance !== undefined && randomOf(instance).unit() >= chance) return false
    instance.fired += 1
    note(instance, on)
    return true
  }

  const randomOf = (instance: Instance): RandomStream => world.random(`fault/${instance.id}/chance`)

  const firing = (instance: Instance): Firing => ({
    kind: instance.spec.kind,
    running: runningOf(instance),
  })

  return {
    inject,
    clear,
    list: (): FaultView[] =>
      instances.map(({ id, spec, begun, seen, fired }) => ({
        id,
        type: spec.kind.type,
        venue: spec.venue,
        account: spec.account,
        state: begun ? 'active' : 'waiting',
        seen,
        fired,
      })),
    /** Everything faults did so far, oldest first. */
    log: (): readonly FaultFiring[] => log,
    subscribe: (listener: (firing: FaultFiring) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Whether any fault is set on a venue, waiting or not. */
    touches: (venue: string): boolean =>
      instances.some((instance) => instance.spec.venue === venue),
    /** Faults that hit this request or socket command; counts it. */
    callFirings: (venue: string, call: Call, hook: 'rest' | 'inbound'): Firing[] =>
      holding(venue, call.caller, hook)
        .filter(({ spec }) => {
          const { action, channel, path } = spec.match
          if (channel !== undefined) return false
          if (path !== undefined && !call.path.includes(path)) return false
          return action === undefined || action === call.action
        })
        .filter((instance) => hits(instance, call.action))
        .map(firing),
    /** Faults that hit this message; counts it. */
    messageFirings: (
      venue: string,
      message: { channel: string; caller: string | null },
      hook: 'outbound' | 'feed',
    ): Firing[] =>
      holding(venue, message.caller, hook)
        .filter(({ spec }) => {
          const { action, channel, path } = spec.match
          if (action !== undefined || path !== undefined) return false
          if (channel !== undefined) return channel === message.channel
          const touched = spec.kind.channels
          return touched === undefined || touched.some((one) => one === message.channel)
        })
        .filter((instance) => hits(instance, message.channel))
        .map(firing),
    /** Faults that hold at a handshake; not counted. */
    handshakeFirings: (venue: string, caller: string | null): Firing[] =>
      holding(venue, caller, 'handshake').map(firing),
    /** The venue's wire, known from when it was wrapped. */
    knowsWire: (venue: string, wire: WireTraits): void => {
      wires.set(venue, wire)
    },
    /** Faults on an account may name this client as well as its key. */
    knowsClient: (venue: string, caller: string, client_id: string): void => {
      clients.set(nameOf(venue, caller), client_id)
    },
    socketOpened: (venue: string, socket: OpenSocket): void => {
      const open = sockets.get(venue) ?? new Set()
      sockets.set(venue, open.add(socket))
    },
    socketClosed: (venue: string, socket: OpenSocket): void => {
      sockets.get(venue)?.delete(socket)
    },
    /** The clock as a venue reads it, skew included. Timers run on true time. */
    clockOf: (venue: string): Clock => {
      const skew_ms = (): number =>
        holding(venue, null, 'skew_ms').reduce(
          (sum, { spec }) => sum + (spec.kind.skew_ms?.(spec.options) ?? 0),
          0,
        )
      return {
        now_ns: () => clock.now_ns() + BigInt(Math.round(skew_ms() * MS_NS)),
        now_ms: () => Math.floor(clock.now_ms() + skew_ms()),
        after: clock.after,
      }
    },
    /** The world as a venue is handed it: its clock may be off. */
    worldOf(venue: string): World {
      return { ...world, random: world.random, ids: world.ids, clock: this.clockOf(venue) }
    },
    /** For venues of deferred settlement: whether a trade's settlement goes through. */
    settles: (venue: string): boolean =>
      !holding(venue, null, 'settlementFails').some((instance) => hits(instance, 'settlement')),
    save: (): unknown => ({
      made,
      log: [...log],
      instances: instances.map((instance) => ({ ...instance, state: copied(instance.state) })),
    }),
    restore: (state: unknown): void => {
      const saved = state as { made: number; log: FaultFiring[]; instances: Instance[] }
      made = saved.made
      log = [...saved.log]
      instances = saved.instances.map((instance) => ({
        ...instance,
        state: copied(instance.state),
      }))
    },
  }
}

const nameOf = (venue: string, caller: string): string => JSON.stringify([venue, caller])

/** A fault's state is flat: numbers, and lists of what it holds. */
function copied(state: unknown): unknown {
  return Object.fromEntries(
    Object.entries(state as Record<string, unknown>).map(([key, value]) => [
      key,
      Array.isArray(value) ? [...value] : value,
    ]),
  )
}
