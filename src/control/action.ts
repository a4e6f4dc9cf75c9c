/**
 * Action: one thing control can do, with the shape of its input.
 *
 * The same action is a function (fixtures), a route (`POST /control/<name>`) and a step of a scenario.
 *
 * @module
 */

import type { z } from 'zod'
import type { ControlTarget } from './target.js'

export interface Action<Name extends string, Schema extends z.ZodObject, Answer> {
  readonly name: Name
  /** One sentence for people. */
  readonly about: string
  readonly input: Schema
  /** Reads change nothing: they are answered to GET as well. */
  readonly reads?: true
  run(target: ControlTarget, input: z.output<Schema>): Promise<Answer> | Answer
}

/** Declares an action; keeps its types. */
export const defineAction = <Name extends string, Schema extends z.ZodObject, Answer>(
  action: Action<Name, Schema, Answer>,
): Action<Name, Schema, Answer> => action
