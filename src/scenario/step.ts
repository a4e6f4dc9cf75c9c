/**
 * Step: one thing that happens in a story, with the shape of its input.
 *
 * @module
 */

import type { z } from 'zod'
import type { Json } from '../wire/json.js'
import type { HostClient, ScenarioHost } from './host.js'

/** An order a story placed, under the name it gave it. */
export interface StoryOrder {
  readonly client: HostClient
  readonly key: string
  /** null: the answer was lost, or the request refused. */
  node_order_id: string | null
  graph_id: string | null
  /** What came back to the submission. */
  readonly answer: 'came' | 'lost'
  readonly status: number | null
  readonly body: Json | null
}

export type Mode = 'sandbox' | 'live'

/** A client in a mode that the story uses. */
export interface UsedAccount {
  readonly name: string
  readonly client: HostClient
  readonly mode: Mode
}

/** What a step works with. */
export interface StepContext {
  readonly host: ScenarioHost
  readonly orders: Map<string, StoryOrder>
  /** A client by its name, and that this mode of it is used from now on. */
  client(name: string | undefined, mode: Mode): Promise<HostClient>
  /** Accounts used so far, in order. Only these are looked at: looking at another would open it. */
  accounts(): readonly UsedAccount[]
  /** Ids of requests: the same for the same story. */
  requestId(): string
  /** Reports what an expectation found. */
  expect(what: string, expected: unknown, got: unknown, holds: boolean): void
  /** Lets the story's time pass until this is done: a client waits for its answer, and others act meanwhile. */
  answered<T>(work: Promise<T>): Promise<T>
  /** Lets time pass to a moment of the world, agents acting on the way. */
  passUntil(ts_ns: bigint): Promise<void>
  /** Where relative file names of the story start. */
  readonly folder: string
  /** Values handed in from outside: `--set name=value`. */
  readonly given: ReadonlyMap<string, string>
  /** Called when the run ends. */
  atEnd(run: () => void | Promise<void>): void
}

export interface Step<Name extends string, Schema extends z.ZodObject> {
  readonly name: Name
  /** One sentence for people. */
  readonly about: string
  readonly input: Schema
  /** What goes into the story's journal. */
  run(context: StepContext, input: z.output<Schema>): Promise<unknown> | unknown
}

export const defineStep = <Name extends string, Schema extends z.ZodObject>(
  step: Step<Name, Schema>,
): Step<Name, Schema> => step

/** A story that cannot go on: it names what it does not have. */
export class StoryError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'StoryError'
  }
}

/** @throws StoryError when the story placed no such order. */
export function orderOf(context: StepContext, id: string): StoryOrder {
  const order = context.orders.get(id)
  if (order !== undefined) return order
  throw new StoryError(
    `no order is called ${JSON.stringify(id)}; placed so far: ${[...context.orders.keys()].join(', ') || 'none'}`,
  )
}
