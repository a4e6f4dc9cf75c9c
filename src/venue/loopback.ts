/**
 * Loopback: a mock venue's wire without sockets, for a client in the same process.
 *
 * Messages cross in order and never inside the call that caused them, as on a real wire: each direction
 * is a queue emptied in microtasks.
 *
 * @module
 */

import type {
  ClientOptions,
  MockVenue,
  SocketPeer,
  SocketRequest,
  SocketSession,
} from './contract.js'

/** The handshake was refused. */
export class HandshakeRefused extends Error {
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    super(`the venue refused the WebSocket handshake with ${status}: ${body}`)
    this.name = 'HandshakeRefused'
    this.status = status
    this.body = body
  }
}

/**
 * `fetch` and `connect` of a mock venue, as a client wants them.
 *
 * `connect` rejects with {@link HandshakeRefused} when the venue refuses, and when the path is none of its sockets.
 *
 * @example
 * const client = venue.client({ base_url: 'http://venue.test', ...loopback(mock), clock, instruments })
 */
export function loopback(mock: MockVenue): Pick<ClientOptions, 'fetch' | 'connect'> {
  return {
    fetch: (request) => mock.fetch(request),
    connect: async (request, peer) => connect(mock, request, peer),
  }
}

function connect(mock: MockVenue, request: SocketRequest, peer: SocketPeer): SocketSession {
  if (!mock.socketPaths.includes(request.path)) {
    throw new HandshakeRefused(404, `no socket at ${request.path}`)
  }
  let open = true
  const toClient = lane()
  const toVenue = lane()
  const end: { session: SocketSession | null } = { session: null }
  const opened = mock.connect(request, {
    send: (text) => toClient(() => open && peer.send(text)),
    // A client's WebSocket answers pings by itself; there is nothing to tell it.
    ping: () => undefined,
    close: (code, reason) =>
      toClient(() => {
        if (!open) return
        open = false
        end.session?.closed()
        peer.close(code, reason)
      }),
  })
  if ('status' in opened) throw new HandshakeRefused(opened.status, opened.body)
  end.session = opened
  return {
    message: (text) => toVenue(() => open && opened.message(text)),
    closed: () =>
      toVenue(() => {
        if (!open) return
        open = false
        opened.closed()
      }),
  }
}

/** Runs what it is given later, in order. */
function lane(): (run: () => unknown) => void {
  let tail = Promise.resolve()
  return (run) => {
    tail = tail.then(() => {
      run()
    })
  }
}
