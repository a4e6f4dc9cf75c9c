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

/** What a step works with. */
export interface StepContext {
  readonly host: ScenarioHost
  readonly orders: Map<string, StoryOrder>
  /** A client's key: `alice`, or `alice!live` for the live key. */
  client(name: string | undefined): Promise<HostClient>
  /** Clients met so far, in order. */
  clients(): readonly HostClient[]
  /** Ids of requests: the same for the same story. */
  requestId(): string
  /** Reports what an expectation found. */
  expect(what: string, expected: unknown, got: unknown, holds: boolean): void
  /** Where relative file names of the story start. */
  readonly folder: string
  /** Values handed in from outside: `--set name=value`. */
  readonly given: ReadonlyMap<string, string>
  /** Called when the run ends. */
  atEnd(run: () => void | Promise<void>): void
}

export interface Step<Name extends string, Input, Given> {
  readonly name: Name
  /** One sentence for people. */
  readonly about: string
  readonly input: z.ZodType<Input, Given> & { readonly shape: Readonly<Record<string, z.ZodType>> }
  /** What goes into the story's journal. */
  run(context: StepContext, input: Input): Promise<unknown> | unknown
}

export const defineStep = <Name extends string, Input, Given>(
  step: Step<Name, Input, Given>,
): Step<Name, Input, Given> => step

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
