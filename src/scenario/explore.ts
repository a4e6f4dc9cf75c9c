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
import { type ClientScript, clientHands, type Traffic, truthOf } from './client.js'
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
  /** From 1, counted from when the client starts. */
  readonly nth: number
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

/** A client that is not done by then waits for something that never comes. */
const PATIENCE_MS = 120_000
/** Longer than a client waits for an answer, shorter than it waits for everything. */
const LATE_MS = 15_000

export async function explore(options: ExploreOptions): Promise<Exploration> {
  const { stage, scenario, client } = options
  const most = options.events ?? 4
  const budget = options.seconds ?? 60
  const seed = options.seed ?? scenario.seed
  const elapsed = stopwatch()
  const host = await stage.open({ seed, start_ns: scenario.start_ns })
  try {
    const bench = await Bench.prepare(host, scenario, client, seed, options.folder)
    const calm = await bench.run([])
    if (calm.broken !== null) {
      return report({ schedule: [], what: calm.broken }, 0)
    }
    const points = pointsOf(calm.traffic)
    let exhausted = 0
    for (let length = 1; length <= Math.min(2, most); length += 1) {
      for (const schedule of combinations(points, length)) {
        if (elapsed() > budget) return report(null, exhausted)
        const found = await tried(schedule)
        if (found !== null) return report(found, exhausted)
      }
      exhausted = length
    }
    const drawn = seededStream(seed, 'explore')
    while (most > 2 && points.length > 0 && elapsed() < budget) {
      const length = drawn.int(3, most)
      const schedule = Array.from({ length }, () => points[drawn.int(0, points.length - 1)]).filter(
        (point) => point !== undefined,
      )
      const found = await tried(schedule)
      if (found !== null) return report(found, exhausted)
    }
    return report(null, exhausted)

    async function tried(schedule: readonly Disturbance[]): Promise<Broken | null> {
      options.progress?.(bench.runs, schedule.length)
      const { broken } = await bench.run(schedule)
      return broken === null ? null : shrink(bench, { schedule, what: broken })
    }

    function report(broken: Broken | null, tried: number): Exploration {
      return {
        client: client.name,
        broken,
        runs: bench.runs,
        seconds: elapsed(),
        requests: calm.traffic.requests,
        messages: calm.traffic.messages,
        exhausted: tried,
      }
    }
  } finally {
    await host.close()
  }
}

/** Every disturbance of every point. */
function pointsOf({ requests, messages }: Traffic): Disturbance[] {
  const each = (count: number, types: readonly Disturbance['type'][]): Disturbance[] =>
    Array.from({ length: count }, (_, index) =>
      types.map((type): Disturbance => ({ type, nth: index + 1 })),
    ).flat()
  return [...each(requests, ON_REQUESTS), ...each(messages, ON_MESSAGES)]
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

/** The plan entry of a disturbance. */
export function faultOf({ type, nth }: Disturbance): FaultInput {
  const match = { nth }
  switch (type) {
    case 'late-answer':
      return { type: 'latency', venue: API, answer_ms: LATE_MS, match: { path: '/', nth } }
    case 'late-event':
      return { type: 'latency', venue: API, answer_ms: LATE_MS, match: { channel: 'private', nth } }
    default:
      return { type, venue: API, match } as FaultInput
  }
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
    const client = await host.client('alice')
    return new Bench(host, client, script, await takeSnapshot(host.target))
  }

  /** Runs the client under a schedule; `broken` is null when its invariant holds. */
  async run(
    schedule: readonly Disturbance[],
  ): Promise<{ broken: string | null; traffic: Traffic }> {
    const { target } = this.#host
    this.runs += 1
    await restoreSnapshot(target, this.#start)
    for (const disturbance of schedule) target.faults.inject(faultOf(disturbance))
    const traffic: Traffic = { requests: 0, messages: 0 }
    const hands = clientHands(this.#host, this.#client, traffic)
    const ending = await this.#until(this.#script.run(hands))
    target.faults.clear()
    await this.#rest()
    if (ending.how === 'broke') return { broken: `the client broke: ${ending.words}`, traffic }
    if (ending.how === 'stuck') return { broken: 'the client never finished', traffic }
    const truth = await truthOf(this.#host, this.#client)
    return { broken: this.#script.invariant(ending.believed, truth), traffic }
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
