/**
 * Reordered event: a private message is held back until the next ones of its socket have passed: the
 * fill before the acknowledgement, the cancel before the fill.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export interface Held {
  readonly socket: object
  readonly text: string
  /** Its own, so it also tells one held message from another. */
  readonly pass: (text: string) => void
  readonly passed: number
}

export interface State {
  held: readonly Held[]
}

export const reorderEvent = defineFault({
  type: 'reorder-event',
  about: 'private events arrive after the ones that followed them',
  channels: ['private'],
  options: z.strictObject({
    /** How many later messages of its socket overtake it. */
    by: z.int().min(1).max(100).default(1),
    /** It arrives after this long even if fewer came. */
    at_most_ms: z.number().min(0).max(86_400_000).default(1_000),
  }),
  state: (): State => ({ held: [] }),
  outbound: (fault, message, pass) => {
    const { options, state, tools } = fault
    const held = state.held.find(({ socket }) => socket === message.socket)
    if (held === undefined) {
      const { socket, text } = message
      state.held = [...state.held, { socket, text, pass, passed: 0 }]
      tools.clock.after(options.at_most_ms, () => release(fault.state, pass))
      return
    }
    pass(message.text)
    const passed = held.passed + 1
    if (passed >= options.by) release(state, held.pass)
    else state.held = state.held.map((one) => (one === held ? { ...one, passed } : one))
  },
  ends: ({ state }) => {
    for (const { pass } of state.held) release(state, pass)
  },
})

/** Delivers a held message, unless it has been by now. */
function release(state: State, pass: Held['pass']): void {
  const due = state.held.find((one) => one.pass === pass)
  if (due === undefined) return
  state.held = state.held.filter((one) => one !== due)
  due.pass(due.text)
}
