/**
 * Routes: every REST path of the venue, who may call it and what it costs.
 *
 * A request is matched, then judged in the venue's order: signature, scope, rate limit; the route does the
 * rest. A path with a trailing slash is answered 301 to the one without. A prefix before `/trade-api` is
 * ignored, so a server may mount the venue anywhere.
 *
 * @see https://docs.kalshi.com/api-reference
 *
 * @module
 */

import { CALLED_PATH_HEADER, signedPaths } from '../../src/venue/called-path.js'
import * as account from './account-routes.js'
import * as amends from './amend-routes.js'
import { hasScope } from './auth.js'
import {
  type Answer,
  type Call,
  charge,
  identify,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import * as candle from './candle-routes.js'
import { parseBody, type Result, readQuery } from './decode.js'
import * as legacy from './legacy-routes.js'
import { type BucketKind, DEFAULT_COST } from './limits.js'
import * as market from './market-routes.js'
import * as orders from './order-routes.js'
import * as portfolio from './portfolio-routes.js'
import { badContentType, noSuchPath, reject, tooManyRequests, type WireError } from './rejects.js'

/** Under this path the API lives. */
export const BASE_PATH = '/trade-api/v2'

type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'

type Route =
  | {
      readonly verb: Verb
      readonly path: string
      readonly scope: null
      readonly run: (call: Call) => Answer | WireError
    }
  | {
      readonly verb: Verb
      readonly path: string
      readonly scope:
        | 'read'
        | 'read::portfolio_balance'
        | 'write'
        | 'write::trade'
        | 'write::transfer'
      /** null: the route charges by what it finds in the body. */
      readonly bucket: BucketKind | null
      readonly run: (call: PrivateCall) => Answer | WireError
    }

const open = (path: string, run: (call: Call) => Answer | WireError): Route => ({
  verb: 'GET',
  path,
  scope: null,
  run,
})

const read = (path: string, run: (call: PrivateCall) => Answer | WireError): Route => ({
  verb: 'GET',
  path,
  scope: 'read',
  bucket: 'read',
  run,
})

/** An order mutation: it charges itself. */
const trade = (
  verb: Verb,
  path: string,
  run: (call: PrivateCall) => Answer | WireError,
): Route => ({ verb, path, scope: 'write::trade', bucket: null, run })

const group = (
  verb: Verb,
  path: string,
  run: (call: PrivateCall) => Answer | WireError,
): Route => ({ verb, path, scope: 'write::trade', bucket: 'write', run })

const V2 = '/portfolio/events/orders'
const V1 = '/portfolio/orders'
const GROUPS = '/portfolio/order_groups'

/** Fixed paths stand before patterns they would match. */
export const ROUTES: readonly Route[] = [
  open('/exchange/status', market.status),
  open('/exchange/schedule', market.schedule),
  open('/exchange/user_data_timestamp', market.userDataTimestamp),
  open('/series', market.series),
  open('/series/fee_changes', market.seriesFeeChanges),
  open('/series/:series_ticker', market.oneSeries),
  open('/series/:series_ticker/markets/:ticker/candlesticks', candle.marketCandles),
  open('/series/:series_ticker/events/:event_ticker/candlesticks', candle.eventCandles),
  open('/events', market.events),
  open('/events/multivariate', () => ({ status: 200, body: { events: [], cursor: '' } })),
  open('/events/fee_changes', market.eventFeeChanges),
  open('/events/:event_ticker', market.oneEvent),
  open('/events/:event_ticker/metadata', market.eventMetadata),
  open('/markets', market.markets),
  open('/markets/trades', market.trades),
  open('/markets/orderbooks', market.orderbooks),
  open('/markets/candlesticks', candle.manyCandles),
  open('/markets/:ticker', market.oneMarket),
  open('/markets/:ticker/orderbook', market.orderbook),
  open('/historical/cutoff', market.historicalCutoff),
  open('/historical/markets', market.nothingArchived('markets')),
  open('/historical/markets/:ticker', market.notArchived),
  open('/historical/markets/:ticker/candlesticks', market.notArchived),
  open('/historical/trades', market.nothingArchived('trades')),
  open('/account/endpoint_costs', account.endpointCosts),
  {
    verb: 'GET',
    path: '/portfolio/balance',
    scope: 'read::portfolio_balance',
    bucket: 'read',
    run: portfolio.balance,
  },
  read('/portfolio/positions', portfolio.positions),
  read('/portfolio/fills', portfolio.fills),
  read('/portfolio/settlements', portfolio.settlements),
  read('/portfolio/orders', portfolio.orders),
  read('/portfolio/orders/queue_positions', portfolio.queuePositions),
  read('/portfolio/orders/:order_id', portfolio.oneOrder),
  read('/portfolio/orders/:order_id/queue_position', portfolio.queuePosition),
  read('/portfolio/summary/total_resting_order_value', portfolio.totalRestingValue),
  read('/portfolio/deposits', portfolio.moneyMoves('deposits')),
  read('/portfolio/withdrawals', portfolio.moneyMoves('withdrawals')),
  read('/portfolio/subaccounts/balances', portfolio.subaccountBalances),
  read('/portfolio/subaccounts/transfers', portfolio.transfers),
  read('/portfolio/subaccounts/netting', portfolio.netting),
  {
    verb: 'POST',
    path: '/portfolio/subaccounts',
    scope: 'write',
    bucket: 'write',
    run: portfolio.createSubaccount,
  },
  {
    verb: 'POST',
    path: '/portfolio/subaccounts/transfer',
    scope: 'write::transfer',
    bucket: 'write',
    run: portfolio.transfer,
  },
  {
    verb: 'PUT',
    path: '/portfolio/subaccounts/netting',
    scope: 'write',
    bucket: 'write',
    run: portfolio.setNetting,
  },
  read('/historical/fills', market.nothingArchived('fills')),
  read('/historical/orders', market.nothingArchived('orders')),
  read('/historical/positions', market.noArchivedPositions),
  read('/account/limits', account.accountLimits),
  read('/api_keys', account.apiKeys),
  {
    verb: 'POST',
    path: '/api_keys',
    scope: 'write',
    bucket: 'write',
    run: account.createApiKey,
  },
  trade('POST', V2, orders.create),
  trade('DELETE', V2, orders.cancelAll),
  trade('POST', `${V2}/batched`, orders.batchCreate),
  trade('DELETE', `${V2}/batched`, orders.batchCancel),
  trade('DELETE', `${V2}/:order_id`, orders.cancel),
  trade('POST', `${V2}/:order_id/amend`, amends.amend),
  trade('POST', `${V2}/:order_id/decrease`, amends.decrease),
  trade('POST', V1, legacy.create),
  trade('POST', `${V1}/batched`, legacy.batchCreate),
  trade('DELETE', `${V1}/batched`, legacy.batchCancel),
  trade('DELETE', `${V1}/:order_id`, legacy.cancel),
  trade('POST', `${V1}/:order_id/amend`, legacy.amend),
  trade('POST', `${V1}/:order_id/decrease`, legacy.decrease),
  read(GROUPS, account.orderGroups),
  group('POST', `${GROUPS}/create`, account.createGroup),
  read(`${GROUPS}/:order_group_id`, account.orderGroup),
  group('DELETE', `${GROUPS}/:order_group_id`, account.changeGroup('group-delete')),
  group('PUT', `${GROUPS}/:order_group_id/reset`, account.changeGroup('group-reset')),
  group('PUT', `${GROUPS}/:order_group_id/trigger`, account.changeGroup('group-trigger')),
  group('PUT', `${GROUPS}/:order_group_id/limit`, account.limitGroup),
]

/** The route of a verb and a path below {@link BASE_PATH}, and what its pattern caught. */
export function routeOf(
  verb: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  const parts = path.split('/')
  for (const route of ROUTES) {
    if (route.verb !== verb) continue
    const params = matched(route.path.split('/'), parts)
    if (params !== undefined) return { route, params }
  }
  return undefined
}

function matched(
  pattern: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [at, wanted] of pattern.entries()) {
    const part = parts[at] ?? ''
    if (!wanted.startsWith(':')) {
      if (wanted !== part) return undefined
      continue
    }
    const value = decoded(part)
    if (value === undefined || value === '') return undefined
    params[wanted.slice(1)] = value
  }
  return params
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    // A stray percent sign: such a path names nothing.
    return undefined
  }
}

/** Where `/trade-api/v2` begins, or `undefined`. */
export function apiPath(pathname: string): string | undefined {
  const at = pathname.indexOf(BASE_PATH)
  if (at < 0) return undefined
  const rest = pathname.slice(at + BASE_PATH.length)
  return rest === '' || rest.startsWith('/') ? rest : undefined
}

const HEADERS = { 'content-type': 'application/json' }

/** Answers one REST request. */
export async function answer(venue: Venue, request: Request): Promise<Response> {
  const url = new URL(request.url)
  if (url.pathname.length > 1 && url.pathname.endsWith('/')) {
    const called = request.headers.get(CALLED_PATH_HEADER) ?? url.pathname
    const location = called.replace(/\/+$/, '') + url.search
    return new Response(null, { status: 301, headers: { location } })
  }
  const path = apiPath(url.pathname)
  const found = path === undefined ? undefined : routeOf(request.method, path)
  if (found === undefined) return response(noSuchPath())
  const { route, params } = found
  const text = request.method === 'GET' ? '' : await request.text()
  const call: Call = {
    venue,
    params,
    query: readQuery(url.searchParams),
    body: bodyReader(text, request.headers.get('content-type')),
    caller: null,
  }
  if (route.scope === null) return response(route.run(call))
  const signed = {
    method: request.method,
    paths: signedPaths(url.pathname, request.headers),
    header: (name: string) => request.headers.get(name),
  }
  const known = identify(venue, signed)
  if (!known.ok) return response(refused(known.reject))
  const { caller } = known
  if (!hasScope(caller.key.scopes, route.scope)) {
    return response(refused(reject('permission_denied')))
  }
  if (route.bucket !== null && !charge(venue, caller, route.bucket, DEFAULT_COST)) {
    return response(tooManyRequests())
  }
  return response(route.run({ ...call, caller }))
}

function bodyReader(text: string, type: string | null): () => Result<unknown> {
  let read: Result<unknown> | undefined
  return () => {
    if (read !== undefined) return read
    const json = type === null || type.toLowerCase().includes('json')
    read = json || text === '' ? parseBody(text) : { ok: false, error: badContentType() }
    return read
  }
}

function response({ status, body }: Answer | WireError): Response {
  return new Response(JSON.stringify(body), { status, headers: HEADERS })
}
