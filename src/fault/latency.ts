/**
 * Latency: everything arrives later, by a fixed time plus a jitter drawn per message.
 *
 * Messages of one socket keep their order, as on a TCP connection: a message never overtakes the one
 * before it, however small its own jitter.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault, type Tools } from './kind.js'

const ms = z.number().min(0).max(86_400_000)

export const latency = defineFault({
  type: 'latency',
  about: 'requests, answers and messages arrive later',
  options: z.strictObject({
    /** From the client to the venue. */
    request_ms: ms.default(0),
    /** From the venue to the client, answers and socket messages alike. */
    answer_ms: ms.default(0),
    /** Up to this much more, each way, drawn per message. */
    jitter_ms: ms.default(0),
  }),
  state: () => ({ outbound_free_ms: 0, inbound_free_ms: 0, feed_free_ms: 0 }),
  rest: async ({ options, tools }, _call, next) => {
    await tools.wait(drawn(options.request_ms, options.jitter_ms, tools))
    const answer = await next()
    await tools.wait(drawn(options.answer_ms, options.jitter_ms, tools))
    return answer
  },
  inbound: ({ options, state, tools }, _call, turn) => {
    const due = dueAfter(state.inbound_free_ms, options.request_ms, options.jitter_ms, tools)
    state.inbound_free_ms = due
    tools.clock.after(due - tools.clock.now_ms(), () => turn.pass())
  },
  outbound: ({ options, state, tools }, message, pass) => {
    const due = dueAfter(state.outbound_free_ms, options.answer_ms, options.jitter_ms, tools)
    state.outbound_free_ms = due
    tools.clock.after(due - tools.clock.now_ms(), () => pass(message.text))
  },
  feed: ({ options, state, tools }, message, pass) => {
    const due = dueAfter(state.feed_free_ms, options.answer_ms, options.jitter_ms, tools)
    state.feed_free_ms = due
    tools.clock.after(due - tools.clock.now_ms(), () => pass(message))
  },
})

function drawn(fixed_ms: number, jitter_ms: number, tools: Tools): number {
  return jitter_ms === 0 ? fixed_ms : fixed_ms + tools.random.unit() * jitter_ms
}

const dueAfter = (free_ms: number, fixed_ms: number, jitter_ms: number, tools: Tools): number =>
  Math.max(free_ms, tools.clock.now_ms() + drawn(fixed_ms, jitter_ms, tools))
