/**
 * Advance clock: time passes, and what falls due on the way happens at its moment.
 *
 * @module
 */

import { z } from 'zod'
import type { ManualClock } from '../world/clock.js'
import { defineAction } from './action.js'
import { plain } from './amount.js'
import { ControlError, type ControlTarget } from './target.js'

/** Heartbeats fall due every second on the way: a step without a bound would never come back. */
const STEP_MS_MAX = 366 * 86_400_000
/** Longest way the clock goes at once. */
export const STEP_NS_MAX: bigint = BigInt(STEP_MS_MAX) * 1_000_000n
const TOO_FAR = `at most 366 days at once are expected (${STEP_MS_MAX} ms)`

export const advanceClock = defineAction({
  name: 'advance-clock',
  about: 'moves the manual clock forward by this many milliseconds',
  input: z.strictObject({
    ms: plain
      .refine((ms) => ms >= 0, 'time moves forward: 0 ms or more is expected')
      .refine((ms) => ms <= STEP_MS_MAX, TOO_FAR),
  }),
  run: async (target, { ms }) => {
    const clock = manualOf(target)
    await moveTo(target, clock, clock.now_ns() + BigInt(Math.round(ms * 1e6)))
    return { now_ns: clock.now_ns() }
  },
})

/** @throws ControlError on the wall clock. */
export function manualOf(target: ControlTarget): ManualClock {
  if (target.manual !== null) return target.manual
  throw new ControlError(
    'impossible',
    'this sandbox runs on the wall clock, which nobody moves; start it with a manual clock',
  )
}

/** Goes from timer to timer, and lets what each set off come to rest before the next. */
export async function moveTo(
  target: ControlTarget,
  clock: ManualClock,
  until_ns: bigint,
): Promise<void> {
  if (until_ns - clock.now_ns() > STEP_NS_MAX) {
    throw new ControlError('impossible', `${until_ns} ns lies too far from now: ${TOO_FAR}`)
  }
  await target.settle()
  for (;;) {
    const next_ns = clock.next_ns()
    if (next_ns === undefined || next_ns > until_ns) break
    // A timer may be due already: time does not go back for it.
    if (next_ns > clock.now_ns()) clock.set(next_ns)
    else clock.advance(0)
    await target.settle()
  }
  clock.set(until_ns)
  await target.settle()
}
