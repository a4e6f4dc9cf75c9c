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
import type { FaultPlan } from './plan.js'

export type Fetch = (request: Request) => Promise<Response>

/** The venue behind a plan. */
export function faultyVenue(plan: FaultPlan, venue: MockVenue): MockVenue {
  plan.knowsWire(venue.id, venue.wire)
  return {
    id: venue.id,
    fetch: faultyFetch(plan, venue.id, venue.wire, (request) => venue.fetch(request)),
    connect: (request, peer) => {
      const line = new Line(plan, venue.id, venue.wire, request, peer)
      const refused = line.refusal()
      if (refused !== undefined) return refused
      const opened = venue.connect(request, line.peer)
      return 'status' in opened ? opened : line.attach(opened)
    },
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

/** Opens a session towards what is behind the plan. */
export type Connect = (
  request: SocketRequest,
  peer: SocketPeer,
) => Promise<SocketSession | SocketRefusal>

/** As {@link faultyFetch}, for sockets: the sandbox API's stream. */
export function faultyConnect(
  plan: FaultPlan,
  id: string,
  wire: WireTraits,
  connect: Connect,
): Connect {
  plan.knowsWire(id, wire)
  return async (request, peer) => {
    const line = new Line(plan, id, wire, request, peer)
    const refused = line.refusal()
    if (refused !== undefined) return refused
    const opened = await connect(request, line.peer)
    return 'status' in opened ? opened : line.attach(opened)
  }
}

/** One socket under faults: what the venue sends goes through `peer`, what the client sends through the session. */
class Line {
  readonly peer: SocketPeer
  readonly #plan: FaultPlan
  readonly #id: string
  readonly #wire: WireTraits
  readonly #client: SocketPeer
  readonly #socket: OpenSocket
  #caller: string | null
  #session: SocketSession | null = null
  #open = true
  #repliesToLose = 0

  constructor(
    plan: FaultPlan,
    id: string,
    wire: WireTraits,
    request: SocketRequest,
    client: SocketPeer,
  ) {
    this.#plan = plan
    this.#id = id
    this.#wire = wire
    this.#client = client
    this.#caller = wire.request({ method: 'GET', body: '', ...request }).caller
    const caller = (): string | null => this.#caller
    this.#socket = {
      get caller() {
        return caller()
      },
      close: (code, reason) => {
        if (!this.#open) return
        this.#end()
        this.#session?.closed()
        client.close(code, reason)
      },
    }
    this.peer = {
      send: (text) => this.#outbound(text),
      buffered: () => client.buffered?.() ?? 0,
      ping: (payload) => {
        if (this.#open) client.ping(payload)
      },
      close: (code, reason) => {
        if (!this.#open) return
        this.#end()
        client.close(code, reason)
      },
    }
  }

  refusal(): SocketRefusal | undefined {
    for (const { kind, running } of this.#plan.handshakeFirings(this.#id, this.#caller)) {
      const refusal = kind.handshake?.(running)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  attach(session: SocketSession): SocketSession {
    this.#session = session
    if (this.#open) this.#plan.socketOpened(this.#id, this.#socket)
    return {
      message: (text) => this.#inbound(text),
      closed: () => {
        if (!this.#open) return
        this.#end()
        session.closed()
      },
    }
  }

  #end(): void {
    this.#open = false
    this.#plan.socketClosed(this.#id, this.#socket)
  }

  #outbound(text: string): void {
    const channel = this.#wire.channel(text)
    if (channel === 'reply' && this.#repliesToLose > 0) {
      this.#repliesToLose -= 1
      return
    }
    const caller = this.#caller
    const socket = this.#socket
    const firings = this.#plan.messageFirings(this.#id, { channel, caller }, 'outbound')
    const run = (nth: number, passed: string): void => {
      const firing = firings[nth]
      if (firing?.kind.outbound === undefined) this.#deliver(passed)
      else
        firing.kind.outbound(firing.running, { channel, caller, text: passed, socket }, (next) =>
          run(nth + 1, next),
        )
    }
    run(0, text)
  }

  #inbound(text: string): void {
    const command = this.#wire.command(text)
    this.#caller = command.caller ?? this.#caller
    const call: Call = { via: 'socket', path: '', action: command.action, caller: this.#caller }
    const firings = this.#plan.callFirings(this.#id, call, 'inbound')
    const run = (nth: number, reply: 'kept' | 'lost'): void => {
      const firing = firings[nth]
      if (firing?.kind.inbound === undefined) {
        this.#pass(text, reply)
        return
      }
      const turn: Turn = {
        text,
        pass: () => run(nth + 1, reply),
        passWithoutReply: () => run(nth + 1, 'lost'),
        reply: (answer) => this.#deliver(answer),
      }
      firing.kind.inbound(firing.running, call, turn)
    }
    run(0, 'kept')
  }

  #pass(text: string, reply: 'kept' | 'lost'): void {
    if (!this.#open) return
    if (reply === 'lost') this.#repliesToLose += 1
    this.#session?.message(text)
  }

  #deliver(text: string): void {
    if (this.#open) this.#client.send(text)
  }
}
