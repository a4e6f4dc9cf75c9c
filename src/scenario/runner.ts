/**
 * Runner: tells one story with one seed, on a manual clock, the same way every time.
 *
 * The journal holds every step with its answer, every fault that fired, and at the end the clients'
 * own journals and the venues' state: equal seed, equal bytes.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { moveTo } from '../control/advance-clock.js'
import { hashOf } from '../control/read-journal.js'
import type { FaultFiring } from '../fault/plan.js'
import { canonicalJson } from '../wire/json.js'
import type { Agent } from './agent.js'
import { handsOf } from './hands.js'
import type { HostClient, ScenarioHost, ScenarioStage } from './host.js'
import type { Scenario, ScenarioStep } from './scenario.js'
import { type Mode, type StepContext, StoryError, type UsedAccount } from './step.js'
import { Trace } from './trace.js'

/** An expectation that did not hold, or a step that broke. */
export interface Failure {
  /** Index into the story's steps; `expect` comes after `steps`. */
  readonly step: number
  readonly what: string
  readonly expected: unknown
  readonly got: unknown
}

export interface RunResult {
  readonly scenario: string
  readonly story: string
  readonly seed: number
  readonly ok: boolean
  readonly failures: readonly Failure[]
  /** Expectations that were checked. */
  readonly checks: number
  /** Canonical JSON lines. */
  readonly journal: readonly string[]
  /** Over the journal, each line ended by a newline. */
  readonly sha256: string
  readonly steps: readonly {
    readonly name: string
    readonly at_ms: number
    readonly note: string | null
    /** As it was written, without its name, time and note; empty for a function. */
    readonly input: string
  }[]
  readonly trace: Trace | null
}

export interface RunOptions {
  readonly stage: ScenarioStage
  /** Default: the story's own. */
  readonly seed?: number
  /** Keep prices, orders, fills and balances for a report. */
  readonly trace?: boolean
  /** Where relative file names of the story start. */
  readonly folder?: string
  /** Values handed in from outside. */
  readonly given?: ReadonlyMap<string, string>
}

/** Longer than any fault lets an answer wait. */
const PATIENCE_MS = 90_000_000

/** The client of steps that name none. */
const SOMEBODY = 'alice'

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const seed = options.seed ?? scenario.seed
  const recording = recordingOf(scenario, options)
  const host = await options.stage.open({
    seed,
    start_ns: scenario.start_ns,
    ...(recording === null ? {} : { recording }),
  })
  const run = new Run(scenario, host, seed, options)
  try {
    await run.tell()
    return await run.result()
  } finally {
    await run.end()
    await host.close()
  }
}

/**
 * Tells a story on a host that stays open: what an exploration starts from.
 *
 * @returns What did not hold; empty when all is well.
 */
export async function runSteps(
  scenario: Scenario,
  host: ScenarioHost,
  options: { readonly seed: number; readonly folder?: string },
): Promise<readonly Failure[]> {
  const run = new Run(scenario, host, options.seed, options)
  try {
    await run.tell()
    return run.failures
  } finally {
    await run.end()
  }
}

class Run {
  readonly #scenario: Scenario
  readonly #host: ScenarioHost
  readonly #seed: number
  readonly failures: Failure[] = []
  readonly #journal: string[] = []
  readonly #clients = new Map<string, HostClient>()
  readonly #accounts: UsedAccount[] = []
  readonly #ends: (() => void | Promise<void>)[] = []
  readonly #told: { name: string; at_ms: number; note: string | null; input: string }[] = []
  readonly #agents: { agent: Agent; due_ms: number; nth: number }[]
  readonly #trace: Trace | null
  readonly #context: StepContext
  #checks = 0
  #requests = 0
  #step = 0

  constructor(
    scenario: Scenario,
    host: ScenarioHost,
    seed: number,
    options: Omit<RunOptions, 'stage' | 'seed'>,
  ) {
    this.#scenario = scenario
    this.#host = host
    this.#seed = seed
    this.#agents = scenario.agents().map((agent) => ({ agent, due_ms: 0, nth: 0 }))
    this.#trace = options.trace === true ? new Trace(host, scenario.start_ns) : null
    this.#context = {
      host,
      orders: new Map(),
      client: (name, mode) => this.#client(name ?? SOMEBODY, mode),
      accounts: () => this.#accounts,
      requestId: () => {
        this.#requests += 1
        return `story-${this.#requests}`
      },
      expect: (what, expected, got, holds) => {
        this.#checks += 1
        if (!holds) this.failures.push({ step: this.#step, what, expected, got })
      },
      answered: (work) => this.#answered(work),
      passUntil: (ts_ns) => this.#until(Number(ts_ns - scenario.start_ns) / 1e6),
      folder: options.folder ?? '.',
      given: options.given ?? new Map(),
      atEnd: (run) => this.#ends.push(run),
    }
    const stop = host.target.faults.subscribe((firing) => this.#fault(firing))
    this.#ends.push(stop)
  }

  async tell(): Promise<void> {
    const { scenario, story, seed } = {
      scenario: this.#scenario.name,
      story: this.#scenario.story,
      seed: this.#seed,
    }
    this.#line({ scenario, story, seed, start_ns: this.#scenario.start_ns })
    for (const [index, step] of this.#scenario.steps.entries()) {
      this.#step = index
      if (!(await this.#take(step))) return
    }
    await this.#until(this.#now_ms() + this.#scenario.tail_ms)
  }

  async result(): Promise<RunResult> {
    await this.#host.target.settle()
    const { desk, venues } = this.#host.target
    await desk.flush()
    for (const { name, client, mode } of this.#accounts) {
      for (const line of await desk.journal(client.client_id, mode === 'sandbox')) {
        this.#journal.push(`{"client":${JSON.stringify(name)},"mode":"${mode}","journal":${line}}`)
      }
    }
    for (const [venue, { mock }] of venues) {
      if (mock === null) continue
      const sha256 = createHash('sha256').update(mock.admin.snapshot()).digest('hex')
      this.#line({ venue, sha256 })
    }
    await this.#trace?.finish(this.#accounts)
    return {
      scenario: this.#scenario.name,
      story: this.#scenario.story,
      seed: this.#seed,
      ok: this.failures.length === 0,
      failures: this.failures,
      checks: this.#checks,
      journal: this.#journal,
      sha256: hashOf(this.#journal),
      steps: this.#told,
      trace: this.#trace,
    }
  }

  async end(): Promise<void> {
    this.#trace?.stop()
    for (const end of this.#ends.splice(0).reverse()) await end()
  }

  /** Takes one step; false: the story cannot go on. */
  async #take(step: ScenarioStep): Promise<boolean> {
    const now_ms = this.#now_ms()
    try {
      if (step.at_ms !== null && step.at_ms < now_ms) {
        throw new StoryError(
          `this step stands at ${step.at_ms} ms, and the story is already at ${now_ms} ms`,
        )
      }
      await this.#until(step.at_ms ?? now_ms)
      const input = inputText(step.written)
      this.#told.push({ name: step.name, at_ms: this.#now_ms(), note: step.note, input })
      const hands = handsOf(this.#context, this.#seed, this.#scenario.start_ns)
      const answer = await step.run(hands)
      await this.#host.target.settle()
      this.#line({
        step: this.#step,
        at_ns: this.#host.target.world.clock.now_ns(),
        did: step.written,
        answer: answer ?? null,
      })
      await this.#trace?.sample(this.#accounts)
      return true
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      this.failures.push({
        step: this.#step,
        what: `step ${this.#step} (${step.name}) broke`,
        expected: 'to be possible',
        got: words,
      })
      this.#line({ step: this.#step, did: step.written, broke: words })
      return false
    }
  }

  /** Moves to a moment of the story; agents act on the way, each at its time. */
  async #until(target_ms: number): Promise<void> {
    const { target } = this.#host
    const { manual } = target
    if (manual === null) throw new StoryError('a story needs a manual clock')
    const moment = (ms: number): bigint =>
      this.#scenario.start_ns + BigInt(Math.round(ms * 1_000_000))
    for (;;) {
      const next = this.#agents
        .filter(({ due_ms }) => due_ms <= target_ms)
        .sort((a, b) => a.due_ms - b.due_ms)[0]
      if (next === undefined) break
      await moveTo(target, manual, later(moment(next.due_ms), manual.now_ns()))
      const random = target.world.random(`agent/${next.agent.name}`)
      await next.agent.act({ host: this.#host, random, nth: next.nth })
      await target.settle()
      next.nth += 1
      next.due_ms += next.agent.every_ms
    }
    await moveTo(target, manual, later(moment(target_ms), manual.now_ns()))
  }

  /** @throws StoryError when nothing that is due within a day brings the answer. */
  async #answered<T>(work: Promise<T>): Promise<T> {
    const { target } = this.#host
    const over = { is: false }
    const end = (): void => {
      over.is = true
    }
    work.then(end, end)
    const latest_ms = this.#now_ms() + PATIENCE_MS
    for (;;) {
      await target.settle()
      if (over.is) return work
      const timer_ns = target.manual?.next_ns()
      const due = this.#agents.map(({ due_ms }) => due_ms)
      if (timer_ns !== undefined) due.push(Number(timer_ns - this.#scenario.start_ns) / 1e6)
      const next_ms = Math.min(...due)
      if (!(next_ms <= latest_ms)) throw new StoryError('no answer came within a day of the story')
      await this.#until(next_ms)
    }
  }

  #now_ms(): number {
    const { clock } = this.#host.target.world
    return Number((clock.now_ns() - this.#scenario.start_ns) / 1_000n) / 1_000
  }

  async #client(name: string, mode: Mode): Promise<HostClient> {
    const client = this.#clients.get(name) ?? (await this.#host.client(name))
    this.#clients.set(name, client)
    if (!this.#accounts.some((used) => used.name === name && used.mode === mode)) {
      this.#accounts.push({ name, client, mode })
      // Opened here and now: whether somebody looks at it later changes nothing.
      await this.#host.target.desk.settings({ client_id: client.client_id, key_id: 'story', mode })
    }
    return client
  }

  #fault({ ts_ns, id, type, venue, on }: FaultFiring): void {
    this.#line({ fault: id, at_ns: ts_ns, type, venue, on })
  }

  #line(facts: Record<string, unknown>): void {
    this.#journal.push(canonicalJson(facts))
  }
}

/** The file a story replays. @throws StoryError when it is to be handed in and was not. */
function recordingOf(
  { name, recording }: Scenario,
  { folder = '.', given }: Pick<RunOptions, 'folder' | 'given'>,
): string | null {
  if (recording === null) return null
  if (!recording.startsWith('$')) return resolve(folder, recording)
  const variable = recording.slice(1)
  const file = given?.get(variable)
  if (file !== undefined) return resolve(file)
  throw new StoryError(`${name} replays a recording of yours: give it with --set ${variable}=FILE`)
}

/** What a step was given, as a reader of a report wants it. */
function inputText(written: unknown): string {
  const { do: _do, at: _at, note: _note, ...input } = written as Record<string, unknown>
  return Object.keys(input).length === 0 ? '' : canonicalJson(input)
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** The one command that tells this story again. */
export const replayCommand = (file: string, seed: number): string =>
  `papervenue run ${/[^\w./-]/.test(file) ? JSON.stringify(file) : file} --seed ${seed}`

/** A failed run in words, ending with the replay command. */
export function failureText(result: RunResult, file: string): string {
  return [
    `${result.scenario} failed with seed ${result.seed}:`,
    ...result.failures.map(
      ({ step, what, expected, got }) =>
        `  step ${step}: ${what}: expected ${worded(expected)}, got ${worded(got)}`,
    ),
    `replay: ${replayCommand(file, result.seed)}`,
  ].join('\n')
}

const worded = (value: unknown): string =>
  typeof value === 'string' ? value : canonicalJson(value ?? null)
