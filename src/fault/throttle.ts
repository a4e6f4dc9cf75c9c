/**
 * Throttle: the venue's own "too many requests", beyond a budget or for everything.
 *
 * @module
 */

import { z } from 'zod'
import { answerOf } from './answer.js'
import { defineFault } from './kind.js'

export const throttle = defineFault({
  type: 'throttle',
  about: "requests over a budget get the venue's own rate-limit answer",
  options: z.strictObject({
    /** Requests let through per window; 0: none. */
    budget: z.int().min(0).default(0),
    window_ms: z.number().positive().max(86_400_000).default(1_000),
  }),
  state: () => ({ window_start_ms: Number.NEGATIVE_INFINITY, used: 0 }),
  rest: async (fault, _call, next) =>
    spends(fault) ? next() : answerOf(fault.tools.wire.throttled()),
  inbound: (fault, _call, turn) => {
    const { wire } = fault.tools
    if (wire.refuse === undefined || spends(fault)) turn.pass()
    else turn.reply(wire.refuse(turn.text, 'throttled'))
  },
})

function spends(fault: {
  options: { budget: number; window_ms: number }
  state: { window_start_ms: number; used: number }
  tools: { clock: { now_ms(): number } }
}): boolean {
  const { options, state, tools } = fault
  const now_ms = tools.clock.now_ms()
  if (now_ms - state.window_start_ms >= options.window_ms) {
    state.window_start_ms = now_ms
    state.used = 0
  }
  if (state.used >= options.budget) return false
  state.used += 1
  return true
}
