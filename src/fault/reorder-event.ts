/**
 * Reordered event: a private message is held back until the next ones of its socket have passed: the
 * fill before the acknowledgement, the cancel before the fill.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export interface Held {
  readonly text: string
  readonly pass: (text: string) => void
  passed: number
}

export const reorderEvent = defineFault({
  type: 'reorder-event',
  about: 'private events arrive after the ones that followed them',
  channels: ['private'],
  options: z.strictObject({
    /** How many later messages overtake it. */
    by: z.int().min(1).max(100).default(1),
    /** It arrives after this long even if fewer came. */
    at_most_ms: z.number().min(0).max(86_400_000).default(1_000),
  }),
  state: (): { held: Held | null } => ({ held: null }),
  outbound: ({ options, state, tools }, message, pass) => {
    const { held } = state
    if (held === null) {
      const now: Held = { text: message.text, pass, passed: 0 }
      state.held = now
      tools.clock.after(options.at_most_ms, () => {
        if (state.held !== now) return
        state.held = null
        pass(now.text)
      })
      return
    }
    pass(message.text)
    held.passed += 1
    if (held.passed < options.by) return
    state.held = null
    held.pass(held.text)
  },
  ends: ({ state }) => {
    const { held } = state
    state.held = null
    held?.pass(held.text)
  },
})
