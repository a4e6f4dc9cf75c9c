/**
 * Set clock: moves to a moment not before now. To go back, revert a snapshot.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { manualOf, moveTo } from './advance-clock.js'
import { whole } from './amount.js'
import { ControlError } from './target.js'

export const setClock = defineAction({
  name: 'set-clock',
  about: 'moves the manual clock to a moment, nanoseconds since the Unix epoch',
  input: z.strictObject({ ts_ns: whole }),
  run: async (target, { ts_ns }) => {
    const clock = manualOf(target)
    if (ts_ns < clock.now_ns()) {
      throw new ControlError(
        'impossible',
        `${ts_ns} ns lies before now (${clock.now_ns()} ns); revert a snapshot to go back`,
      )
    }
    await moveTo(target, clock, ts_ns)
    return { now_ns: clock.now_ns() }
  },
})
