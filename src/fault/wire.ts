/**
 * Wire: a mock venue with faults between it and its clients, on REST and on sockets alike.
 *
 * Answers `MockVenue` again, so a server, an SDK and the live adapter meet the same faults. With no
 * fault set on the venue a request costs one look-up.
 *
 * @module
 */

import type {
  MockVenue,
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  WireTraits,
} from '../venue/contract.js'
import type { Call, OpenSocket, Turn } from './kind.js'
import type { FaultPlan, Firing } from './plan.js'

export type Fetch = (request: Request) => Promise<Response>

/** The venue behind a plan. */
export function faultyVenue(plan: FaultPlan, venue: MockVenue): MockVenue {
  plan.knowsWire(venue.id, venue.wire)
  return {
    id: venue.id,
    fetch: faultyFetch(plan, venue.id, venue.wire, (request) => venue.fetch(request)),
    connect: (request, peer) => connect(plan, venue, request, peer),
    socketPaths: venue.socketPaths,
    admin: venue.admin,
    wire: venue.wire,
    recover: () => venue.recover(),
    close: () => venue.close(),
  }
}

/**
 * One `fetch` behind a plan: of a venue, or of the sandbox API.
 *
 * @throws ConnectionLost (as a rejection) when a fault lets no answer through.
 */
export function faultyFetch(plan: FaultPlan, id: string, wire: WireTraits, fetch: Fetch): Fetch {
  plan.knowsWire(id, wire)
  return async (request) => {
    if (!plan.touches(id)) return fetch(request)
    const url = new URL(request.url)
    const call: Call = {
      via: 'rest',
      path: url.pathname,
      ...wire.request({
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        headers: Object.fromEntries(request.headers),
        body: await request.clone().text(),
      }),
    }
    const firings = plan.callFirings(id, call, 'rest')
    const run = (nth: number): Promise<Response> => {
      const firing = firings[nth]
      if (firing?.kind.rest === undefined) return fetch(request.clone())
      return firing.kind.rest(firing.running, call, () => run(nth + 1))
    }
    return run(0)
  }
}

function connect(
  plan: FaultPlan,
  venue: MockVenue,
  request: SocketRequest,
  peer: SocketPeer,
): SocketSession | SocketRefusal {
  const { id, wire } = venue
  let { caller } = wire.request({ method: 'GET', body: '', ...request })
  for (const { kind, running } of plan.handshakeFirings(id, caller)) {
    const refusal = kind.handshake?.(running)
    if (refusal !== undefined) return refusal
  }

  let open = true
  let repliesToLose = 0
  let session: SocketSession | null = null
  const socket: OpenSocket = {
    get caller() {
      return caller
    },
    close: (code, reason) => {
      if (!open) return
      end()
      session?.closed()
      peer.close(code, reason)
    },
  }
  const end = (): void => {
    open = false
    plan.socketClosed(id, socket)
  }
  const deliver = (text: string): void => {
    if (open) peer.send(text)
  }
  const opened = venue.connect(request, {
    send: (text) => {
      const channel = wire.channel(text)
      if (channel === 'reply' && repliesToLose > 0) {
        repliesToLose -= 1
        return
      }
      passOutbound(plan.messageFirings(id, { channel, caller }, 'outbound'), {
        channel,
        caller,
        text,
        deliver,
      })
    },
    ping: (payload) => {
      if (open) peer.ping(payload)
    },
    close: (code, reason) => {
      if (!open) return
      end()
      peer.close(code, reason)
    },
  })
  if ('status' in opened) return opened
  session = opened
  if (open) plan.socketOpened(id, socket)

  const pass = (text: string, reply: 'kept' | 'lost'): void => {
    if (!open) return
    if (reply === 'lost') repliesToLose += 1
    opened.message(text)
  }
  return {
    message: (text) => {
      const command = wire.command(text)
      caller = command.caller ?? caller
      if (!plan.touches(id)) {
        pass(text, 'kept')
        return
      }
      const call: Call = { via: 'socket', path: '', action: command.action, caller }
      const firings = plan.callFirings(id, call, 'inbound')
      const run = (nth: number, reply: 'kept' | 'lost'): void => {
        const firing = firings[nth]
        if (firing?.kind.inbound === undefined) {
          pass(text, reply)
          return
        }
        const turn: Turn = {
          text,
          pass: () => run(nth + 1, reply),
          passWithoutReply: () => run(nth + 1, 'lost'),
          reply: deliver,
        }
        firing.kind.inbound(firing.running, call, turn)
      }
      run(0, 'kept')
    },
    closed: () => {
      if (!open) return
      end()
      opened.closed()
    },
  }
}

function passOutbound(
  firings: readonly Firing[],
  message: {
    channel: ReturnType<WireTraits['channel']>
    caller: string | null
    text: string
    deliver: (text: string) => void
  },
): void {
  const run = (nth: number, text: string): void => {
    const firing = firings[nth]
    const { channel, caller } = message
    if (firing?.kind.outbound === undefined) message.deliver(text)
    else
      firing.kind.outbound(firing.running, { channel, caller, text }, (next) => run(nth + 1, next))
  }
  run(0, message.text)
}
