/**
 * App: the sandbox API as one Hono app, without sockets.
 *
 * Everything that fails answers the envelope, unknown paths and methods included. `/v1` needs a key
 * before anything else is looked at.
 *
 * @module
 */

import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import type { Desk, Principal } from '../desk/contract.js'
import type { Books } from '../market/hub.js'
import { priceHistory } from '../market/price-history.js'
import type {
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
  Venue,
} from '../venue/contract.js'
import { stopwatch } from '../world/stopwatch.js'
import type { Restorable, World } from '../world/world.js'
import { refuseOversize } from './body.js'
import { type Examples, mountDocs } from './docs.js'
import { type ApiEnv, type ApiHono, json } from './endpoint.js'
import { ApiError, apiErrorOf, errorBody, notFound, unauthorized } from './errors.js'
import { fairPrices } from './fair-price.js'
import { flaggedOrders } from './flagged.js'
import { isKeyText, type Keys } from './keys.js'
import { type Limiter, limiter } from './limiter.js'
import { marketNewsSockets, NEWS_PATHS } from './market-news.js'
import { metrics } from './metrics.js'
import { quotes } from './quotes.js'
import { mountAccount } from './routes/account.js'
import { mountIntelligence } from './routes/intelligence.js'
import { mountMarketData } from './routes/market-data.js'
import { mountMarkets } from './routes/markets.js'
import { mountOrders } from './routes/orders.js'
import { mountPositions } from './routes/positions.js'
import { mountPrices } from './routes/prices.js'
import { mountSandbox } from './routes/sandbox.js'
import { mountSockets, STREAM_PATH } from './routes/sockets.js'
import { streams } from './stream.js'
import { tickets } from './tickets.js'
import { venueNames } from './venue-names.js'

/** The part of a logger the API writes to. */
export interface Log {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface ApiOptions {
  readonly desk: Desk
  readonly keys: Keys
  readonly books: Books
  readonly venues: readonly Venue[]
  readonly world: World
  readonly version: string
  /** `lax` also accepts short keys such as `seq_test_demo`. Default strict. */
  readonly key_form?: 'strict' | 'lax'
  /** Most bytes of a request body. Default 1 MiB. */
  readonly body_limit?: number
  /** Calls per second of a client whose profile names no rate; absent: no client is limited. */
  readonly rate_limit_qps?: number
  /** Shown in the documentation; read when somebody asks for it. */
  readonly examples?: () => Promise<Examples>
  readonly log?: Log
}

export interface Api {
  readonly app: ApiHono
  /** Opens a socket at one of {@link isApiSocket}'s paths. */
  connect(request: SocketRequest, peer: SocketPeer): Promise<SocketSession | SocketRefusal>
  /** null: no client is limited. */
  readonly limiter: Limiter | null
  /** Candles, as a snapshot takes them. */
  readonly history: Restorable
  close(): void
}

const BODY_LIMIT = 1024 * 1024

export function createApi(options: ApiOptions): Api {
  const { desk, keys, books, venues, world, version, log } = options
  const body_limit = options.body_limit ?? BODY_LIMIT
  const key_form = options.key_form ?? 'strict'
  const { clock } = world
  const rate =
    options.rate_limit_qps === undefined
      ? undefined
      : limiter({
          qps: options.rate_limit_qps,
          profile: async (client_id) => (await keys.client(client_id))?.rate_limit_qps ?? null,
          clock,
        })
  const requestIds = world.ids('api/request')
  const flagged = flaggedOrders()
  const ticketBox = tickets(clock)
  const quoteBook = quotes({ desk, books, clock })
  const fair = fairPrices({ desk, books })
  const stream = streams({ desk, books, quotes: quoteBook, fair, clock, flagged })
  const news = marketNewsSockets({ desk, clock })
  const history = priceHistory({ books, clock, marketOf: marketOfBook(desk) })
  const canonicalVenue = venueNames(venues)
  const seen = metrics({
    stream_sessions: {
      help: 'Open WebSocket sessions of /v1/stream and the sockets of market news',
      read: () => stream.count() + news.count(),
    },
  })

  const app: ApiHono = new OpenAPIHono<ApiEnv>()

  app.use(async (c, next) => {
    const request_id = requestIdOf(c.req.header('x-request-id')) ?? requestIds.uuid()
    c.set('request_id', request_id)
    c.header('x-request-id', request_id)
    const watch = stopwatch()
    await next()
    seen.request({
      method: c.req.method,
      route: c.res.status === 404 ? 'unmatched' : routePath(c, -1),
      status: c.res.status,
      seconds: watch(),
    })
  })

  app.use('/v1/*', async (c, next) => {
    refuseOversize(c.req.raw, body_limit)
    const who = await authenticate(c.req.header('authorization'))
    if (who === undefined) throw unauthorized()
    if (rate !== undefined && !(await rate.take(who.client_id))) {
      throw new ApiError(429, 'RATE_LIMITED', 'rate limit exceeded')
    }
    c.set('who', who)
    await next()
  })

  mountSandbox(app, { desk, venues, body_limit })
  mountPositions(app, { desk, canonicalVenue, body_limit })
  mountOrders(app, { desk, world, flagged, canonicalVenue, body_limit })
  mountMarketData(app, { desk, quotes: quoteBook, venues, clock, body_limit })
  mountIntelligence(app, { desk, quotes: quoteBook, body_limit })
  mountPrices(app, { desk, history, fair, body_limit })
  mountMarkets(app, { desk, venues, canonicalVenue, body_limit })
  mountAccount(app, { keys, tickets: ticketBox, venues, books, clock, body_limit })
  mountDocs(app, { version, examples: options.examples })

  mountSockets(app)
  app.get('/healthz', (c) => json(c, 200, { status: 'ok' }))
  app.get('/metrics', async (c) => {
    const { text, type } = await seen.scrape()
    return c.body(text, 200, { 'content-type': type })
  })

  app.notFound((c) => fail(c, unmatched(app, c)))
  app.onError((error, c) => {
    const known = apiErrorOf(error)
    if (known.status >= 500) {
      const path = c.req.path
      log?.error({ err: error, request_id: c.get('request_id'), path }, 'a request failed')
    }
    return fail(c, known)
  })

  async function authenticate(header: string | undefined): Promise<Principal | undefined> {
    const [, key] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? []
    return key !== undefined && isKeyText(key, key_form) ? keys.authenticate(key) : undefined
  }

  return {
    app,
    connect: async ({ path, query, headers }, peer) => {
      const open = socketAt(path)
      if (open === undefined) return refusal(notFound(`no socket at ${path.slice(0, 200)}`))
      const ticket = new URLSearchParams(query).get('ticket')
      const who = headers.authorization
        ? await authenticate(headers.authorization)
        : ticket !== null
          ? ticketBox.redeem(ticket)
          : undefined
      if (who === undefined) return refusal(unauthorized())
      if (rate !== undefined && !(await rate.take(who.client_id))) {
        return refusal(new ApiError(429, 'RATE_LIMITED', 'rate limit exceeded'))
      }
      return open(who, peer)
    },
    limiter: rate ?? null,
    history,
    close: () => {
      stream.close()
      news.close()
      history.close()
    },
  }

  function socketAt(
    path: string,
  ): ((who: Principal, peer: SocketPeer) => SocketSession) | undefined {
    switch (path.replace(/\/$/, '')) {
      case STREAM_PATH:
        return stream.open
      case NEWS_PATHS.listed:
        return (_who, peer) => news.open('listed', peer)
      case NEWS_PATHS.resolved:
        return (_who, peer) => news.open('resolved', peer)
      default:
        return undefined
    }
  }

  function refusal(error: ApiError): SocketRefusal {
    return { status: error.status, body: JSON.stringify(errorBody(error, requestIds.uuid())) }
  }
}

/** The market of a book, with every book of it. */
const marketOfBook = (desk: Desk) => (venue: string, venue_symbol: string) => {
  for (const { symbol, venues: at } of desk.symbols()) {
    if (!at.includes(venue)) continue
    const books = (desk.resolveSymbol(symbol)?.listings ?? []).map((listing) => ({
      venue: listing.venue,
      venue_symbol: listing.instrument.venue_symbol,
    }))
    const own = books.some((book) => book.venue === venue && book.venue_symbol === venue_symbol)
    if (own) return { symbol, books }
  }
  return undefined
}

/** The envelope of an error as an answer. */
export function fail(c: Context<ApiEnv>, error: ApiError): Response {
  for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
  return json(c, error.status, errorBody(error, c.get('request_id')))
}

/** A path that exists under other methods is 405 and names them; any other is 404. */
function unmatched(app: ApiHono, c: Context<ApiEnv>): ApiError {
  const path = c.req.path
  const methods = new Set(
    app.routes
      .filter((route) => route.method !== 'ALL' && patternOf(route.path).test(path))
      .map(({ method }) => method),
  )
  if (methods.size === 0) return notFound(`no such path: ${path.slice(0, 200)}`)
  return new ApiError(405, 'BAD_REQUEST', `${c.req.method} is not served here`, {
    headers: { allow: [...methods].sort().join(', ') },
  })
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)

/** A caller's own id: at most 128 visible characters, else one is made. */
const requestIdOf = (given: string | undefined): string | undefined =>
  given !== undefined && /^[\x21-\x7e]{1,128}$/.test(given) ? given : undefined
