/**
 * Explore: looks for the shortest schedule of losses, delays, repeats and swaps that breaks a client.
 *
 * First the client runs undisturbed, and every request and private message is a point. Then every
 * point is disturbed in every way, alone, then in pairs, and what time is left goes to drawn schedules
 * of three and four. A schedule that breaks the invariant is shrunk: events that do not matter go.
 * Schedules are plan entries of `inject-fault`, so what is found can be kept as a scenario.
 *
 * @module
 */

import { moveTo } from '../control/advance-clock.js'
import { restoreSnapshot, type Snapshot, takeSnapshot } from '../control/timeline.js'
import { API } from '../fault/api-wire.js'
import type { FaultInput } from '../fault/kinds.js'
import { seededStream } from '../world/prng.js'
import { stopwatch } from '../world/stopwatch.js'
import { type ClientScript, clientHands, truthOf } from './client.js'
import type { HostClient, ScenarioHost, ScenarioStage } from './host.js'
import { runSteps } from './runner.js'
import type { Scenario } from './scenario.js'

/** One disturbance: what, and at which request or message of the client. */
export interface Disturbance {
  readonly type:
    | 'lost-request'
    | 'lost-ack'
    | 'duplicate-request'
    | 'late-answer'
    | 'drop-event'
    | 'duplicate-event'
    | 'reorder-event'
    | 'late-event'
  /** A venue's own wire, or `api`: the sandbox API. */
  readonly venue: string
  /** From 1, counted from when the client starts: REST requests, or private messages. */
  readonly nth: number
}

/** What passes between a client and one end: what disturbances are aimed at. */
export interface Traffic {
  readonly venue: string
  readonly requests: number
  readonly messages: number
}

export interface Broken {
  readonly schedule: readonly Disturbance[]
  /** What the invariant said. */
  readonly what: string
}

export interface Exploration {
  readonly client: string
  readonly broken: Broken | null
  readonly runs: number
  readonly seconds: number
  /** Points of the undisturbed run. */
  readonly requests: number
  readonly messages: number
  /** Every schedule up to this length was tried. */
  readonly exhausted: number
}

export interface ExploreOptions {
  readonly stage: ScenarioStage
  readonly scenario: Scenario
  readonly client: ClientScript
  /** Longest schedule. Default 4. */
  readonly events?: number
  /** Time it may take. Default 60. */
  readonly seconds?: number
  readonly seed?: number
  readonly folder?: string
  readonly progress?: (runs: number, length: number) => void
}

const ON_REQUESTS = ['lost-ack', 'lost-request', 'duplicate-request', 'late-answer'] as const
const ON_MESSAGES = ['duplicate-event', 'drop-event', 'reorder-event', 'late-event'] as const

/** The client of the scenario that the script stands for. */
export const CLIENT = 'alice'

/** A client that is not done by then waits for something that never comes. */
const PATIENCE_MS = 120_000
/** Longer than a client waits for an answer, shorter than it waits for everything. */
const LATE_MS = 15_000

/** One of several explorers that divide the work: it tries every schedule whose number is its own. */
export interface Share {
  readonly worker: number
  readonly workers: number
  /** Number of the first schedule anybody found to break the client, in its one cell. */
  readonly first: Int32Array
}

/** What an explorer with a share found, and under which number. */
export interface Found extends Exploration {
  readonly number: number
}

/** No schedule broke the client so far. */
export const NONE_YET = 2_147_483_647

export async function explore(options: ExploreOptions): Promise<Exploration> {
  const first = new Int32Array([NONE_YET])
  const { number: _number, ...found } = await exploreShare(options, {
    worker: 0,
    workers: 1,
    first,
  })
  return found
}

/** Explores a share of the schedules. However many share the work, the lowest number found is the same. */
export async function exploreShare(options: ExploreOptions, share: Share): Promise<Found> {
  const { stage, scenario, client } = options
  const most = options.events ?? 4
  const budget = options.seconds ?? 60
  const seed = options.seed ?? scenario.seed
  const elapsed = stopwatch()
  const host = await stage.open({ seed, start_ns: scenario.start_ns })
  try {
    const bench = await Bench.prepare(host, scenario, client, seed, options.folder)
    const calm = await bench.run([])
    let exhausted = 0
    const report = (broken: Broken | null, number: number): Found => ({
      client: client.name,
      broken,
      number,
      runs: bench.runs,
      seconds: elapsed(),
      requests: calm.traffic.reduce((sum, { requests }) => sum + requests, 0),
      messages: calm.traffic.reduce((sum, { messages }) => sum + messages, 0),
      exhausted,
    })
    if (calm.broken !== null) return report({ schedule: [], what: calm.broken }, -1)
    let number = 0
    for (const { schedule, length, drawn } of schedules(calm.traffic, most, seed)) {
      if (!drawn && length > exhausted + 1) exhausted = length - 1
      if (drawn) exhausted = Math.min(2, most)
      if (elapsed() > budget || number > Atomics.load(share.first, 0)) return report(null, NONE_YET)
      const mine = number % share.workers === share.worker
      number += 1
      if (!mine) continue
      options.progress?.(bench.runs, schedule.length)
      const { broken } = await bench.run(schedule)
      if (broken === null) continue
      lower(share.first, number - 1)
      return report(await shrink(bench, { schedule, what: broken }), number - 1)
    }
    exhausted = Math.min(2, most)
    return report(null, NONE_YET)
  } finally {
    await host.close()
  }
}

/** Puts a number into a shared cell unless a lower one is there. */
function lower(cell: Int32Array, number: number): void {
  let known = Atomics.load(cell, 0)
  while (number < known) {
    const before = Atomics.compareExchange(cell, 0, known, number)
    if (before === known) return
    known = before
  }
}

interface Planned {
  readonly schedule: readonly Disturbance[]
  readonly length: number
  /** Drawn by chance, and not one of all there are. */
  readonly drawn: boolean
}

/** Every single event, every pair, and then what chance draws, for ever; the same for the same seed. */
function* schedules(traffic: readonly Traffic[], most: number, seed: number): Generator<Planned> {
  const points = pointsOf(traffic)
  for (let length = 1; length <= Math.min(2, most); length += 1) {
    for (const schedule of combinations(points, length)) yield { schedule, length, drawn: false }
  }
  const stream = seededStream(seed, 'explore')
  while (most > 2 && points.length > 0) {
    const length = stream.int(3, most)
    const schedule = Array.from({ length }, () => points[stream.int(0, points.length - 1)]).filter(
      (point) => point !== undefined,
    )
    yield { schedule, length, drawn: true }
  }
}

/** Every disturbance of every point. */
function pointsOf(traffic: readonly Traffic[]): Disturbance[] {
  const each = (venue: string, count: number, types: readonly Disturbance['type'][]) =>
    Array.from({ length: count }, (_, index) =>
      types.map((type): Disturbance => ({ type, venue, nth: index + 1 })),
    ).flat()
  return traffic.flatMap(({ venue, requests, messages }) => [
    ...each(venue, requests, ON_REQUESTS),
    ...each(venue, messages, ON_MESSAGES),
  ])
}

/** Schedules of a length: each point at most once, in order. */
function* combinations(
  points: readonly Disturbance[],
  length: number,
  from = 0,
): Generator<readonly Disturbance[]> {
  if (length === 0) {
    yield []
    return
  }
  for (let first = from; first < points.length; first += 1) {
    const point = points[first]
    if (point === undefined) continue
    for (const rest of combinations(points, length - 1, first + 1)) yield [point, ...rest]
  }
}

/** Drops events as long as the rest still breaks the client. */
async function shrink(bench: Bench, found: Broken): Promise<Broken> {
  for (const event of found.schedule) {
    const schedule = found.schedule.filter((other) => other !== event)
    const { broken } = await bench.run(schedule)
    if (broken !== null) return shrink(bench, { schedule, what: broken })
  }
  return found
}

/** The plan entry of a disturbance. At a venue it is aimed at one client: others speak to it too. */
export function faultOf({ type, venue, nth }: Disturbance, account?: string): FaultInput {
  const at = venue === API || account === undefined ? { venue } : { venue, account }
  // A path makes it a REST request: a socket command has none.
  const rest = { ...at, match: { path: '/', nth } }
  switch (type) {
    case 'late-answer':
      return { type: 'latency', ...rest, answer_ms: LATE_MS }
    case 'late-event':
      return { type: 'latency', ...at, answer_ms: LATE_MS, match: { channel: 'private', nth } }
    case 'lost-ack':
    case 'lost-request':
    case 'duplicate-request':
      return { type, ...rest }
    default:
      return { type, ...at, match: { nth } }
  }
}

/** Faults that never hit and count what passes. */
const BEYOND = 1_000_000_000

/** Ids of the two faults that count at one end. */
interface Probe {
  readonly venue: string
  readonly requests: string
  readonly messages: string
}

/** One host that is put back before every run. */
class Bench {
  readonly #host: ScenarioHost
  readonly #client: HostClient
  readonly #script: ClientScript
  readonly #start: Snapshot
  runs = 0

  private constructor(
    host: ScenarioHost,
    client: HostClient,
    script: ClientScript,
    start: Snapshot,
  ) {
    this.#host = host
    this.#client = client
    this.#script = script
    this.#start = start
  }

  static async prepare(
    host: ScenarioHost,
    scenario: Scenario,
    script: ClientScript,
    seed: number,
    folder: string | undefined,
  ): Promise<Bench> {
    const failures = await runSteps(scenario, host, {
      seed,
      ...(folder === undefined ? {} : { folder }),
    })
    if (failures.length > 0) {
      const [first] = failures
      throw new Error(`the scenario fails before the client starts: ${first?.what}: ${first?.got}`)
    }
    const client = await host.client(CLIENT)
    return new Bench(host, client, script, await takeSnapshot(host.target))
  }

  /** Runs the client under a schedule; `broken` is null when its invariant holds. */
  async run(
    schedule: readonly Disturbance[],
  ): Promise<{ broken: string | null; traffic: readonly Traffic[] }> {
    const { target } = this.#host
    this.runs += 1
    await restoreSnapshot(target, this.#start)
    for (const disturbance of schedule) target.faults.inject(this.#fault(disturbance))
    const probes = this.#probes()
    const hands = clientHands(this.#host, this.#client)
    const ending = await this.#until(this.#script.run(hands))
    const traffic = this.#traffic(probes)
    target.faults.clear()
    await this.#rest()
    if (ending.how === 'broke') return { broken: `the client broke: ${ending.words}`, traffic }
    if (ending.how === 'stuck') return { broken: 'the client never finished', traffic }
    const truth = await truthOf(this.#host, this.#client)
    return { broken: this.#script.invariant(ending.believed, truth), traffic }
  }

  #fault(disturbance: Disturbance): FaultInput {
    return faultOf(disturbance, this.#client.client_id)
  }

  /** Counters at every end the client may speak to, by venue. */
  #probes(): Probe[] {
    const { faults, venues } = this.#host.target
    const wired = [...venues].flatMap(([id, { wire }]) => (wire === null ? [] : [id]))
    const count = (venue: string, type: Disturbance['type']): string =>
      faults.inject(this.#fault({ type, venue, nth: BEYOND }))
    return [API, ...wired].map((venue) => ({
      venue,
      requests: count(venue, 'lost-request'),
      messages: count(venue, 'drop-event'),
    }))
  }

  #traffic(probes: readonly Probe[]): Traffic[] {
    const seen = new Map(this.#host.target.faults.list().map((fault) => [fault.id, fault.seen]))
    return probes.map(({ venue, requests, messages }) => ({
      venue,
      requests: seen.get(requests) ?? 0,
      messages: seen.get(messages) ?? 0,
    }))
  }

  /** Lets time pass until the client is done. */
  async #until(
    work: Promise<unknown>,
  ): Promise<
    { how: 'done'; believed: unknown } | { how: 'broke'; words: string } | { how: 'stuck' }
  > {
    const { target } = this.#host
    const { manual } = target
    if (manual === null) throw new Error('a client is explored on a manual clock')
    const end: { is: { how: 'done'; believed: unknown } | { how: 'broke'; words: string } | null } =
      { is: null }
    work.then(
      (believed) => {
        end.is = { how: 'done', believed }
      },
      (error: unknown) => {
        end.is = { how: 'broke', words: error instanceof Error ? error.message : String(error) }
      },
    )
    const deadline = manual.now_ns() + BigInt(PATIENCE_MS) * 1_000_000n
    for (;;) {
      await target.settle()
      if (end.is !== null) return end.is
      const next = manual.next_ns()
      if (next === undefined || next > deadline) return { how: 'stuck' }
      await moveTo(target, manual, later(next, manual.now_ns()))
    }
  }

  /** Time for what is late to arrive. */
  async #rest(): Promise<void> {
    const { target } = this.#host
    const { manual } = target
    if (manual === null) return
    await moveTo(target, manual, manual.now_ns() + BigInt(LATE_MS * 2) * 1_000_000n)
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)
