/**
 * Scenario: a story, checked before anything runs: steps, times, venues, names and fields.
 *
 * @module
 */

import { z } from 'zod'
import { plain } from '../control/amount.js'
import { API } from '../fault/api-wire.js'
import type { Venue } from '../venue/contract.js'
import { JsonNumber } from '../wire/json.js'
import { type Agent, type AgentInput, agentOf, agentSchema } from './agent.js'
import { type CatalogueStep, catalogue, type StepInput } from './catalogue.js'
import { durationMs } from './duration.js'
import type { Hands } from './hands.js'

/** A step of a checked story. */
export interface ScenarioStep {
  readonly name: string
  /** Time since the story began; null: right after the step before. */
  readonly at_ms: number | null
  readonly note: string | null
  /** As it was written, for journal and report. */
  readonly written: unknown
  readonly run: (hands: Hands) => Promise<unknown> | unknown
}

export interface Scenario {
  readonly name: string
  readonly story: string
  readonly seed: number
  readonly start_ns: bigint
  /** File that `replay` steps play; `$name` is handed in with `--set name=FILE`. */
  readonly recording: string | null
  /** Time the story goes on after its last step, agents acting. */
  readonly tail_ms: number
  readonly steps: readonly ScenarioStep[]
  /** Made anew for every run: an agent remembers. */
  readonly agents: () => readonly Agent[]
}

/** A step written as a function. */
export interface FunctionStep {
  readonly at?: string | number
  readonly note?: string
  readonly run: (hands: Hands) => Promise<unknown> | unknown
}

export interface ScenarioInput {
  readonly scenario: string
  readonly story?: string
  /** Default 1. */
  readonly seed?: number
  /** First moment: RFC 3339, or nanoseconds since the epoch. */
  readonly start?: string | bigint
  readonly tail?: string | number
  readonly recording?: string
  readonly steps: readonly (StepInput | FunctionStep)[]
  readonly agents?: readonly (AgentInput | AgentFactory)[]
  /** Checked when all steps are done; the same steps, usually expectations. */
  readonly expect?: readonly (StepInput | FunctionStep)[]
}

/** An agent written in TypeScript, made anew for every run. */
export type AgentFactory = () => {
  readonly name: string
  readonly every: string | number
  readonly act: Agent['act']
}

/** One mistake in a story, by its path in the document. */
export interface ScenarioIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A story that is refused before it runs. */
export class ScenarioError extends Error {
  readonly issues: readonly ScenarioIssue[]
  constructor(name: string, issues: readonly ScenarioIssue[]) {
    super(
      [
        `${name} cannot run:`,
        ...issues.map(({ path, message }) => `  ${path.join('.') || '(top)'}: ${message}`),
      ].join('\n'),
    )
    this.name = 'ScenarioError'
    this.issues = issues
  }
}

const START_NS = 1_790_000_000_000_000_000n

const frame = z.strictObject({
  $schema: z.string().optional(),
  scenario: z.string().min(1),
  story: z.string().default(''),
  seed: plain.refine(Number.isSafeInteger, 'a whole number is expected').default(1),
  start: z
    .union([z.string(), z.bigint()])
    .optional()
    .transform((written, context) => {
      if (written === undefined) return START_NS
      const ns = typeof written === 'bigint' ? written : momentNs(written)
      if (ns !== undefined) return ns
      context.addIssue({ code: 'custom', message: `${written} is no RFC 3339 moment` })
      return z.NEVER
    }),
  tail: z.unknown().optional(),
  recording: z.string().min(1).optional(),
  steps: z.array(z.unknown()).min(1, 'a story has at least one step'),
  agents: z.array(z.unknown()).default([]),
  expect: z.array(z.unknown()).default([]),
})

/**
 * Checks a story.
 *
 * @param venues - What the stage knows; absent: venues and symbols are checked when it runs.
 * @throws ScenarioError listing every mistake by its path.
 *
 * @example
 * export default defineScenario({
 *   scenario: 'no ask',
 *   steps: [{ do: 'set-depth', venue: 'acme', symbol: 'BTC-USD', bids: [['99', '1']] }],
 * })
 */
export function defineScenario(input: ScenarioInput, venues?: readonly Venue[]): Scenario {
  return checkScenario(input, venues)
}

/** As {@link defineScenario}, for a document of unknown shape. */
export function checkScenario(input: unknown, venues?: readonly Venue[]): Scenario {
  const parsed = frame.safeParse(input)
  if (!parsed.success) {
    throw new ScenarioError('the scenario', parsed.error.issues.map(issueOf))
  }
  const { scenario: name, story, seed, start, tail, recording, steps, agents, expect } = parsed.data
  const issues: ScenarioIssue[] = []
  const checker = new Checker(issues, venues)
  const checked = [
    ...steps.map((step, index) => checker.step(step, ['steps', index])),
    ...expect.map((step, index) => checker.step(step, ['expect', index])),
  ]
  const makers = agents.map((agent, index) => checker.agent(agent, index))
  const tail_ms = tail === undefined ? 0 : writtenMs(tail)
  if (tail_ms === undefined) issues.push({ path: ['tail'], message: 'is no time' })
  if (issues.length > 0) throw new ScenarioError(name, issues)
  return {
    name,
    story,
    seed,
    start_ns: start,
    recording: recording ?? null,
    tail_ms: tail_ms ?? 0,
    steps: checked.filter((step) => step !== undefined),
    agents: () => makers.flatMap((make) => (make === undefined ? [] : [make()])),
  }
}

/** Nanoseconds of an RFC 3339 moment, or `undefined`. */
function momentNs(written: string): bigint | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(written)) return undefined
  const ms = Date.parse(written)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n
}

function writtenMs(written: unknown): number | undefined {
  if (written instanceof JsonNumber) return durationMs(Number(written.value))
  return typeof written === 'string' || typeof written === 'number'
    ? durationMs(written)
    : undefined
}

const issueOf = ({ path, message }: z.core.$ZodIssue): ScenarioIssue => ({
  path: path.map((part) => (typeof part === 'number' ? part : String(part))),
  message,
})

/** Walks the steps once, knowing the time and the names so far. */
class Checker {
  readonly #issues: ScenarioIssue[]
  readonly #venues: ReadonlyMap<string, Venue> | null
  readonly #orders = new Set<string>()
  readonly #snapshots = new Set<string>()
  #time_ms = 0

  constructor(issues: ScenarioIssue[], venues: readonly Venue[] | undefined) {
    this.#issues = issues
    this.#venues = venues === undefined ? null : new Map(venues.map((venue) => [venue.id, venue]))
  }

  step(written: unknown, path: readonly (string | number)[]): ScenarioStep | undefined {
    if (!isPlainObject(written)) {
      this.#report(path, 'a step is an object')
      return undefined
    }
    const { at, note } = written as { at?: unknown; note?: unknown }
    const at_ms = this.#at(at, path)
    const facts = { at_ms, note: typeof note === 'string' ? note : null, written }
    const { run } = written as Partial<FunctionStep>
    if (typeof run === 'function') return { name: 'function', ...facts, written: { note }, run }
    const name = (written as { do?: unknown }).do
    const known = typeof name === 'string' ? catalogue.get(name) : undefined
    if (known === undefined) {
      this.#report(
        [...path, 'do'],
        `no step is called ${JSON.stringify(name)}; known: ${[...catalogue.keys()].join(', ')}`,
      )
      return undefined
    }
    return this.#known(known, written, path, facts)
  }

  agent(written: unknown, index: number): (() => Agent) | undefined {
    const path = ['agents', index]
    if (typeof written === 'function') {
      return () => {
        const { name, every, act } = (written as AgentFactory)()
        const every_ms = durationMs(every)
        if (every_ms === undefined || every_ms <= 0) {
          throw new ScenarioError(name, [
            { path: [...path, 'every'], message: 'is no time above 0' },
          ])
        }
        return { name, every_ms, act }
      }
    }
    const parsed = agentSchema.safeParse(written)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        const { path: inner, message } = issueOf(issue)
        this.#report([...path, ...inner], message)
      }
      return undefined
    }
    const { venue, symbol, every } = parsed.data
    if (every <= 0) this.#report([...path, 'every'], 'is no time above 0')
    this.#market({ venue, symbol }, path, 'market')
    return () => agentOf(parsed.data, index)
  }

  #known(
    known: CatalogueStep,
    written: object,
    path: readonly (string | number)[],
    facts: Pick<ScenarioStep, 'at_ms' | 'note' | 'written'>,
  ): ScenarioStep | undefined {
    const parsed = known.schema.safeParse(written)
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        const { path: inner, message } = issueOf(issue)
        this.#report([...path, ...inner], message)
      }
      return undefined
    }
    const { do: _do, at: _at, note: _note, ...input } = parsed.data
    this.#names(known.name, input, path)
    this.#market(input, path, known.names)
    if (known.name === 'advance-clock') this.#time_ms += Number(input.ms)
    return { name: known.name, ...facts, run: ({ context }) => known.run(context, input) }
  }

  #at(written: unknown, path: readonly (string | number)[]): number | null {
    if (written === undefined) return null
    const at_ms = writtenMs(written)
    if (at_ms === undefined) {
      this.#report(
        [...path, 'at'],
        `${JSON.stringify(written)} is no time; write 250, "250ms", "1.5s", "2m" or "1h"`,
      )
      return null
    }
    if (at_ms < this.#time_ms) {
      this.#report(
        [...path, 'at'],
        `${at_ms} ms comes after ${this.#time_ms} ms; steps stand in the order of their times`,
      )
    } else this.#time_ms = at_ms
    return at_ms
  }

  /** Orders and snapshots are named before they are used, and once. */
  #names(step: string, input: Record<string, unknown>, path: readonly (string | number)[]): void {
    if (step === 'order') {
      const id = String(input.id)
      if (this.#orders.has(id)) this.#report([...path, 'id'], `a second order is called ${id}`)
      this.#orders.add(id)
    } else if (typeof input.order === 'string' && !this.#orders.has(input.order)) {
      this.#report([...path, 'order'], `no order before this step is called ${input.order}`)
    }
    if (step === 'snapshot') this.#snapshots.add(String(input.name))
    if (step === 'revert' && !this.#snapshots.has(String(input.name))) {
      this.#report([...path, 'name'], `no snapshot before this step is called ${input.name}`)
    }
  }

  #market(
    input: Record<string, unknown>,
    path: readonly (string | number)[],
    needs: 'venue' | 'market',
  ): void {
    const { venue, symbol, fault, positions, venues } = input as {
      venue?: unknown
      symbol?: unknown
      fault?: { venue: string }
      positions?: readonly { venue: string }[]
      venues?: readonly string[]
    }
    if (typeof venue === 'string') {
      const known = this.#venue(venue, [...path, 'venue'])
      if (needs === 'market' && known !== undefined && typeof symbol === 'string') {
        this.#symbol(known, symbol, [...path, 'symbol'])
      }
    }
    if (fault !== undefined && fault.venue !== API) {
      this.#venue(fault.venue, [...path, 'fault', 'venue'])
    }
    for (const [index, row] of (positions ?? []).entries()) {
      this.#venue(row.venue, [...path, 'positions', index, 'venue'])
    }
    for (const [index, id] of (venues ?? []).entries()) this.#venue(id, [...path, 'venues', index])
  }

  #venue(id: string, path: readonly (string | number)[]): Venue | undefined {
    if (this.#venues === null) return undefined
    const venue = this.#venues.get(id)
    if (venue === undefined) {
      this.#report(
        path,
        `no venue is called ${JSON.stringify(id)}; known: ${[...this.#venues.keys()].join(', ')}`,
      )
    }
    return venue
  }

  #symbol(venue: Venue, symbol: string, path: readonly (string | number)[]): void {
    const bare = symbol.replace(/:(YES|NO)$/, '')
    const listed = venue.instruments.some((one) => one.symbol === bare || one.venue_symbol === bare)
    if (listed) return
    this.#report(
      path,
      `${venue.id} lists no ${JSON.stringify(bare)}; it lists ${venue.instruments
        .map((one) => one.symbol)
        .join(', ')}`,
    )
  }

  #report(path: readonly (string | number)[], message: string): void {
    this.#issues.push({ path, message })
  }
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof JsonNumber)
