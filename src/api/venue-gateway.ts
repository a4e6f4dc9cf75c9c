/**
 * Venue gateway: each mock venue under `/venues/<id>`, at the real host's own paths behind that prefix.
 *
 * A venue speaks for itself: its answers get no envelope and no header of ours. What was called is told in
 * a header, since some clients sign the full path.
 *
 * @module
 */

import { CALLED_PATH_HEADER } from '../venue/called-path.js'
import type {
  MockVenue,
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
} from '../venue/contract.js'
import { ApiError, notFound } from './errors.js'

/** Where the venues live: a mock, or null for one without a wire. */
export type Mocks = ReadonlyMap<string, MockVenue | null>

const PATH = /^\/venues\/([^/]+)(\/.*)?$/

/** Most bytes of a request to a venue. */
const BODY_LIMIT = 4 * 1024 * 1024

/**
 * Passes a request on to its venue.
 *
 * @param prefixed - The whole URL, `/venues/<id>` included.
 * @throws ApiError 404 for an unknown venue or one without a wire, 413 for an oversized body.
 */
export async function fetchVenue(mocks: Mocks, request: Request): Promise<Response> {
  const url = new URL(request.url)
  const [, id = '', path = '/'] = PATH.exec(url.pathname) ?? []
  const called = url.pathname
  url.pathname = path
  return atVenue(wireOf(mocks, decoded(id)), request, url, called)
}

/** Passes a request on to the venue that owns the whole host. */
export async function fetchOwnHost(mock: MockVenue, request: Request): Promise<Response> {
  return atVenue(mock, request, new URL(request.url), null)
}

/** Opens a venue's socket by its prefixed path; `undefined`: no such venue or path. */
export function connectVenue(
  mocks: Mocks,
  { path, query, headers }: SocketRequest,
  peer: SocketPeer,
): SocketSession | SocketRefusal | undefined {
  const [, id = '', rest = '/'] = PATH.exec(path) ?? []
  const mock = mocks.get(decoded(id))
  if (mock == null) return undefined
  return connectOwnHost(
    mock,
    { path: rest, query, headers: { ...headers, ...calledAs(path) } },
    peer,
  )
}

/** Opens a venue's socket by the path at the real host; `undefined`: none there. */
export function connectOwnHost(
  mock: MockVenue,
  request: SocketRequest,
  peer: SocketPeer,
): SocketSession | SocketRefusal | undefined {
  const path = mock.socketPaths.find((served) => trimmed(served) === trimmed(request.path))
  return path === undefined ? undefined : mock.connect({ ...request, path }, peer)
}

function wireOf(mocks: Mocks, id: string): MockVenue {
  const mock = mocks.get(id)
  if (mock === undefined) throw notFound(`no such venue: ${id.slice(0, 64)}`)
  if (mock === null)
    throw notFound(`${id} has no wire yet: its balances and books exist at the API only`)
  return mock
}

async function atVenue(
  mock: MockVenue,
  request: Request,
  url: URL,
  called: string | null,
): Promise<Response> {
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > BODY_LIMIT) {
    throw new ApiError(413, 'BAD_REQUEST', `the body is larger than ${BODY_LIMIT} bytes`)
  }
  const headers = new Headers(request.headers)
  headers.delete(CALLED_PATH_HEADER)
  if (called !== null) headers.set(CALLED_PATH_HEADER, called)
  const { method, body } = request
  const init =
    body === null || method === 'GET' || method === 'HEAD'
      ? { method, headers }
      : { method, headers, body: await bounded(request) }
  return mock.fetch(new Request(url, init))
}

async function bounded(request: Request): Promise<ArrayBuffer> {
  const bytes = await request.arrayBuffer()
  if (bytes.byteLength <= BODY_LIMIT) return bytes
  throw new ApiError(413, 'BAD_REQUEST', `the body is larger than ${BODY_LIMIT} bytes`)
}

const calledAs = (path: string) => ({ [CALLED_PATH_HEADER]: path })

const trimmed = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
