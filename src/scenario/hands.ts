/**
 * Hands: what a function in a story works with.
 *
 * @module
 */

import { type Control, controlOf } from '../control/actions.js'
import type { RandomStream } from '../world/world.js'
import type { ScenarioHost } from './host.js'
import type { StepContext } from './step.js'

export interface Hands {
  readonly host: ScenarioHost
  readonly control: Control
  readonly context: StepContext
  readonly seed: number
  /** Time since the story began. */
  now_ms(): number
  /** A stream of this story alone. */
  random(label: string): RandomStream
  /** Reports a failure unless it holds. */
  expect(
    what: string,
    holds: boolean,
    facts?: { readonly expected?: unknown; readonly got?: unknown },
  ): void
}

export function handsOf(context: StepContext, seed: number, start_ns: bigint): Hands {
  const { host } = context
  const { world } = host.target
  return {
    host,
    control: controlOf(host.target),
    context,
    seed,
    now_ms: () => Number((world.clock.now_ns() - start_ns) / 1_000n) / 1_000,
    random: (label) => world.random(`story/${label}`),
    expect: (what, holds, facts = {}) =>
      context.expect(what, facts.expected ?? true, facts.got ?? holds, holds),
  }
}
