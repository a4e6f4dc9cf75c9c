/**
 * Serve: a sandbox behind real sockets. One port for everything, and a port of its own for any venue.
 *
 * @module
 */

import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { connectOwnHost, fetchOwnHost } from '../api/venue-gateway.js'
import { ConnectionLost } from '../fault/kind.js'
import { createSandbox, type Sandbox, type SandboxOptions } from '../sandbox.js'
import type { MockVenue } from '../venue/contract.js'
import { secretHex } from '../world/prng.js'
import { banner } from './banner.js'
import { setGate } from './gate.js'
import { controlRefusal } from './guard.js'
import { logger } from './log.js'
import { isLoopback, type ServeOptions } from './options.js'
import { serveSockets } from './sockets.js'
import { UsageError } from './usage-error.js'
import { VERSION } from './version.js'

type Globals = 'kept' | 'replaced'

export interface RunningServer {
  /** Base URL, without a trailing slash. */
  readonly url: string
  readonly sandbox: Sandbox
  /** Base URL of each venue that has a port of its own. */
  readonly venue_urls: Readonly<Record<string, string>>
  /** What to print: addresses, keys, venues. */
  readonly banner: string
  /** Ends sockets, waits for what is under way and closes the store. */
  close(): Promise<void>
}

/** A switch that a venue does not have is the caller's mistake. */
async function opened(options: SandboxOptions): Promise<Sandbox> {
  try {
    return await createSandbox(options)
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error
  }
}

/**
 * Starts a server.
 *
 * @param globals - `replaced`: the process is the server's own, and `Request` and `Response` may be the HTTP
 *   library's light ones everywhere in it. Default `kept`.
 * @throws UsageError when a port is taken or a venue with a port of its own does not exist.
 *
 * @example
 * const server = await serve({ ...serveOptions({ port: '0' }, {}), liquidity: 'live' })
 * await fetch(`${server.url}/healthz`)
 */
export async function serve(
  options: ServeOptions,
  globals: Globals = 'kept',
): Promise<RunningServer> {
  const { host } = options
  const local = isLoopback(host)
  const admin_token = options.admin_token ?? (local ? undefined : secretHex())
  const access = { admin_token, host, globals }
  const open: Listening[] = []
  // The port is taken first: a mistake there is told before a database is opened. Early callers wait.
  const starting = later<Sandbox>()
  open.push(await listen(mainServer(starting.promise, access), options.port, host))
  let sandbox: Sandbox | undefined
  try {
    sandbox = await opened({
      seed: options.seed,
      clock: 'wall',
      liquidity: options.liquidity,
      demo: local ? 'well-known' : 'random',
      key_form: options.key_form,
      switches: options.switches,
      log: await logger(options.log_level),
      ...(options.adversary !== undefined && { adversary: options.adversary }),
      ...(options.data !== undefined && { data: options.data }),
      ...(options.database_url !== undefined && { database_url: options.database_url }),
      limits: options.limits,
      ...(options.rate_limit !== undefined && { rate_limit_qps: options.rate_limit }),
    })
    const { venues } = sandbox
    const venue_urls: Record<string, string> = {}
    for (const [id, port] of Object.entries(options.venue_ports)) {
      const wire = venues.get(id)?.wire
      if (wire == null) throw new UsageError(`--venue-port ${id}: no such venue with a wire`)
      const own = await listen(venueServer(wire), port, host)
      open.push(own)
      venue_urls[id] = own.url
    }
    starting.resolve(sandbox)
    const running = sandbox
    const url = open[0]?.url ?? ''
    const shown_token = options.admin_token === undefined ? (admin_token ?? null) : null
    return {
      url,
      sandbox,
      venue_urls,
      banner: bannerOf(sandbox, options, { url, venue_urls, admin_token: shown_token }),
      close: async () => {
        await Promise.all(open.map(ended))
        await running.close()
      },
    }
  } catch (error) {
    await Promise.all(open.map(ended))
    await sandbox?.close()
    throw error
  }
}

/**
 * Gives a sandbox that runs already real sockets on a free loopback port, for clients that cannot do without.
 *
 * @returns Its base URL; closing ends the sockets and leaves the sandbox open.
 */
export async function expose(
  sandbox: Sandbox,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const host = '127.0.0.1'
  const open = await listen(
    mainServer(Promise.resolve(sandbox), { admin_token: undefined, host, globals: 'kept' }),
    0,
    host,
  )
  return { url: open.url, close: () => ended(open) }
}

interface Listening {
  readonly server: Server
  readonly url: string
  readonly end: () => void
}

interface Served {
  readonly server: Server
  readonly closeSockets: () => void
}

function mainServer(
  starting: Promise<Sandbox>,
  {
    admin_token,
    host,
    globals,
  }: { admin_token: string | undefined; host: string; globals: Globals },
): Served {
  const server = createServer(
    getRequestListener(
      (request, env) => {
        const { incoming } = env as { incoming: IncomingMessage }
        setGate(request, () =>
          controlRefusal(
            {
              address: incoming.socket.remoteAddress,
              host: incoming.headers.host,
              origin: incoming.headers.origin,
              authorization: incoming.headers.authorization,
            },
            { admin_token, bound_to: host },
          ),
        )
        return orBroken(
          incoming,
          starting.then((sandbox) => sandbox.fetch(request)),
        )
      },
      { overrideGlobalObjects: globals === 'replaced' },
    ),
  )
  refusePlainly(server)
  return {
    server,
    closeSockets: serveSockets(server, async (request, peer) =>
      (await starting).connect(request, peer),
    ),
  }
}

/** A venue on its own port, at the root paths of the real host. */
function venueServer(mock: MockVenue): Served {
  const server = createServer(
    getRequestListener(
      (request, env) =>
        orBroken((env as { incoming: IncomingMessage }).incoming, fetchOwnHost(mock, request)),
      { overrideGlobalObjects: false },
    ),
  )
  const closeSockets = serveSockets(
    server,
    async (request, peer) =>
      connectOwnHost(mock, request, peer) ?? { status: 404, body: 'no socket here' },
  )
  return { server, closeSockets }
}

/** An answer, or none: a fault that breaks the connection breaks the socket. */
async function orBroken(incoming: IncomingMessage, answer: Promise<Response>): Promise<Response> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    incoming.socket.destroy()
    return new Response(null, { status: 500 })
  }
}

/** What Node's parser refuses answers the envelope too. */
function refusePlainly(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : '400 Bad Request'
    const request_id = secretHex().slice(0, 32)
    const body = JSON.stringify({
      error: { code: 'BAD_REQUEST', message: 'the request is no valid HTTP', request_id },
    })
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
}

/** @throws UsageError when the address cannot be bound. */
async function listen(
  { server, closeSockets }: Served,
  port: number,
  host: string,
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, port, host)))
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return { server, url: `http://${name}:${bound}`, end: closeSockets }
}

function bindError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new UsageError(`port ${port} on ${host} is already in use; choose another with --port`)
  }
  if (error.code === 'EACCES') return new UsageError(`port ${port} on ${host} needs more rights`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new UsageError(`${host} is no address of this machine`)
  }
  return error
}

function ended({ server, end }: Listening): Promise<void> {
  end()
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}

function bannerOf(
  { demo, venues, hub }: Sandbox,
  options: ServeOptions,
  at: {
    readonly url: string
    readonly venue_urls: Readonly<Record<string, string>>
    readonly admin_token: string | null
  },
): string {
  const { url, venue_urls, admin_token } = at
  return banner({
    version: VERSION,
    url,
    store:
      options.database_url !== undefined
        ? 'PostgreSQL'
        : options.data !== undefined
          ? options.data
          : 'memory',
    liquidity: options.liquidity,
    seed: options.seed,
    keys:
      demo === null
        ? null
        : {
            test: demo.test_key,
            live: demo.live_key,
            kind: isLoopback(options.host) ? 'well known' : 'shown this once',
          },
    admin_token,
    venues: [...venues.values()].map(({ venue, mock }) => ({
      id: venue.id,
      url: mock === null ? null : (venue_urls[venue.id] ?? `${url}/venues/${venue.id}`),
      instruments: venue.instruments.length,
      books: venue.instruments.filter(({ venue_symbol }) => hub.book(venue.id, venue_symbol))
        .length,
    })),
  })
}

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
