/**
 * Outage: one part of a venue fails while the rest works, as when order entry is down and market data
 * runs on.
 *
 * @module
 */

import { z } from 'zod'
import { answerOf } from './answer.js'
import { type Call, ConnectionLost, defineFault } from './kind.js'

const PARTS = ['everything', 'rest', 'sockets', 'orders', 'market-data', 'private'] as const
type Part = (typeof PARTS)[number]

export const outage = defineFault({
  type: 'outage',
  about: 'one part of the venue is down',
  options: z.strictObject({ part: z.enum(PARTS).default('everything') }),
  state: () => ({ lost: [] as string[] }),
  begins: ({ options }, sockets) => {
    if (options.part !== 'everything' && options.part !== 'sockets') return
    for (const socket of sockets) socket.close(1006, '')
  },
  rest: async ({ options, tools }, call, next) => {
    if (options.part === 'everything' || options.part === 'rest') {
      throw new ConnectionLost('ECONNREFUSED')
    }
    return hits(options.part, call) ? answerOf(tools.wire.unavailable('overload')) : next()
  },
  handshake: ({ options }) =>
    options.part === 'everything' || options.part === 'sockets'
      ? { status: 503, body: '' }
      : undefined,
  inbound: ({ options, tools }, call, turn) => {
    if (!hits(options.part, call)) turn.pass()
    else if (tools.wire.refuse !== undefined) turn.reply(tools.wire.refuse(turn.text, 'overload'))
  },
  outbound: ({ options }, message, pass) => {
    const down: Record<Part, boolean> = {
      everything: true,
      sockets: true,
      rest: false,
      orders: false,
      'market-data': message.channel === 'book' || message.channel === 'trades',
      private: message.channel === 'private',
    }
    if (!down[options.part]) pass(message.text)
  },
  feed: ({ options, state }, message, pass) => {
    const down = options.part !== 'orders' && options.part !== 'private' && options.part !== 'rest'
    if (!down) {
      pass(message)
      return
    }
    if (state.lost.includes(message.venue_symbol)) return
    state.lost.push(message.venue_symbol)
    pass({ type: 'lost', venue_symbol: message.venue_symbol, reason: 'outage' })
  },
})

function hits(part: Part, { action }: Call): boolean {
  const isOrder = action === 'create-order' || action === 'amend-order' || action === 'cancel-order'
  switch (part) {
    case 'orders':
      return isOrder
    case 'market-data':
      return action === 'read-public'
    case 'private':
      return isOrder || action === 'read-private'
    case 'sockets':
    case 'everything':
      return true
    case 'rest':
      return false
  }
}
