/**
 * Action: one thing control can do, with the shape of its input.
 *
 * The same action is a function (fixtures), a route (`POST /control/<name>`) and a step of a scenario.
 *
 * @module
 */

import type { z } from 'zod'
import type { ControlTarget } from './target.js'

export interface Action<Name extends string, Input, Given, Answer> {
  readonly name: Name
  /** One sentence for people. */
  readonly about: string
  readonly input: z.ZodType<Input, Given> & { readonly shape: Readonly<Record<string, z.ZodType>> }
  /** Reads change nothing: they are answered to GET as well. */
  readonly reads?: true
  run(target: ControlTarget, input: Input): Promise<Answer> | Answer
}

/** Declares an action; keeps its types. */
export const defineAction = <Name extends string, Input, Given, Answer>(
  action: Action<Name, Input, Given, Answer>,
): Action<Name, Input, Given, Answer> => action
