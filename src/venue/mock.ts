/**
 * Mock: puts a host, a venue's routes and its feed together into the `MockVenue` a server mounts.
 *
 * @module
 */

import { type CredentialMaker, venueAdmin } from './admin.js'
import type {
  MockVenue,
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  WireTraits,
} from './contract.js'
import type { VenueHost } from './host.js'
import { HostFailed } from './journal-writer.js'
import type { Sockets } from './sockets.js'

export interface MockParts<S, D> {
  readonly host: VenueHost<S>
  readonly credentials: CredentialMaker
  /** Answers a REST request; may be synchronous. Its answer leaves once everything it did is durable. */
  readonly routes: (request: Request) => Promise<Response> | Response
  readonly sockets: Sockets<D>
  readonly socketPaths: readonly string[]
  readonly connect: (request: SocketRequest, peer: SocketPeer) => SocketSession | SocketRefusal
  readonly wire: WireTraits
  /** Stops what the venue started by itself (heartbeats). */
  readonly close?: () => void
}

/** A running mock venue of these parts. */
export function mockVenue<S, D>(parts: MockParts<S, D>): MockVenue {
  const { host, routes, sockets, wire } = parts
  const unavailable = (): Response => {
    const { status, headers, body } = wire.unavailable('overload')
    return new Response(body, { status, headers })
  }
  host.onReset(() => sockets.closeAll(1012, 'service restart'))
  return {
    id: host.id,
    socketPaths: parts.socketPaths,
    wire,
    admin: venueAdmin(host, parts.credentials),
    fetch: async (request) => {
      try {
        const response = await routes(request)
        await host.durable()
        return response
      } catch (error) {
        if (error instanceof HostFailed) return unavailable()
        throw error
      }
    },
    connect: (request, peer) => parts.connect(request, peer),
    recover: () => host.recover(),
    close: async () => {
      parts.close?.()
      sockets.closeAll(1001, 'going away')
      await host.close()
    },
  }
}
