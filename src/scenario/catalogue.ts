/**
 * Catalogue: every step a story may take: the actions of control, what clients do, and expectations.
 *
 * @module
 */

import { z } from 'zod'
import { type ActionInput, type ActionName, actions, type Fields } from '../control/actions.js'
import { STEP_NS_MAX } from '../control/advance-clock.js'
import type { Mode, StepContext } from './step.js'
import { amend } from './steps/amend.js'
import { cancel } from './steps/cancel.js'
import { expectBook } from './steps/expect-book.js'
import { expectConserved } from './steps/expect-conserved.js'
import { expectFault, expectFills, expectOrders } from './steps/expect-count.js'
import { expectOrder } from './steps/expect-order.js'
import { expectPosition } from './steps/expect-position.js'
import { order } from './steps/order.js'
import { replay } from './steps/replay.js'
import { request } from './steps/request.js'

const STEPS = [
  order,
  cancel,
  amend,
  request,
  replay,
  expectOrder,
  expectOrders,
  expectFills,
  expectPosition,
  expectBook,
  expectFault,
  expectConserved,
] as const

type Own = (typeof STEPS)[number]

/** A step as people write it: what to do, when, and what it is given. */
export type StepInput =
  | { [Name in ActionName]: Timed<Name> & ActionInput<Name> }[ActionName]
  | { [S in Own as S['name']]: Timed<S['name']> & Fields<S['input']> }[Own['name']]

interface Timed<Name extends string> {
  readonly do: Name
  /** A step is named, or a function; not both. */
  readonly run?: never
  /** Time since the story began; absent: right after the step before. */
  readonly at?: string | number
  /** A sentence for the report. */
  readonly note?: string
}

/** One step of the catalogue. */
export interface CatalogueStep {
  readonly name: string
  readonly about: string
  /** Whether `symbol` beside `venue` names a market of that venue, or something of the client's. */
  readonly names: 'market' | 'venue'
  /** Its input and the words every step has. */
  readonly schema: z.ZodObject
  run(context: StepContext, input: unknown): Promise<unknown> | unknown
}

const timed = { at: z.unknown().optional(), note: z.string().optional() }

const fromControl: CatalogueStep[] = [...actions.values()].map((action) => ({
  name: action.name,
  about: action.about,
  names: 'market',
  schema: z.strictObject({ do: z.literal(action.name), ...timed, ...action.input.shape }),
  run: async (context, input) => {
    const { host, client } = context
    const given = input as { client_id?: string; mode?: Mode } & Record<string, unknown>
    if (action.name === 'advance-clock' || action.name === 'set-clock') {
      const { clock } = host.target.world
      const to_ns =
        action.name === 'set-clock'
          ? (given.ts_ns as bigint)
          : clock.now_ns() + BigInt(Math.round((given.ms as number) * 1e6))
      // Agents first: their moments lie on the way. The action itself then refuses what it refuses.
      if (to_ns > clock.now_ns() && to_ns - clock.now_ns() <= STEP_NS_MAX) {
        await context.passUntil(to_ns)
      }
      return action.run(host.target, {
        ...given,
        ...(action.name === 'advance-clock' ? { ms: 0 } : {}),
      })
    }
    if (given.client_id === undefined) return action.run(host.target, given)
    const { client_id } = await client(given.client_id, given.mode ?? 'sandbox')
    return action.run(host.target, { ...given, client_id })
  },
}))

const own: CatalogueStep[] = STEPS.map((step) => ({
  name: step.name,
  about: step.about,
  names: step.name === 'expect-book' ? 'market' : 'venue',
  schema: z.strictObject({ do: z.literal(step.name), ...timed, ...step.input.shape }),
  run: (context, input) => step.run(context, input as never),
}))

/** Every step by its name. */
export const catalogue: ReadonlyMap<string, CatalogueStep> = new Map(
  [...fromControl, ...own].map((step) => [step.name, step]),
)
