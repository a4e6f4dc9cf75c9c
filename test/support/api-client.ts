/**
 * A client of the sandbox API for tests: over sockets or in-process, the answer parsed twice, loosely for
 * matching and exactly for big integers.
 */
import { type Json, parseJson } from '../../src/wire/json.js'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly raw: string
  /** Through `JSON.parse`: integers beyond 2^53 are rounded here. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into by the tests
  readonly json: any
  /** Every digit kept. */
  readonly exact: Json | undefined
}

export interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>

/**
 * @param fetcher - The server: `fetch` of a URL, or a sandbox's own.
 * @param key - Used where a call names none.
 */
export function caller(
  fetcher: (path: string, init: RequestInit) => Promise<Response>,
  key: string,
): Call {
  return async (method, path, options = {}) => {
    const { body, headers = {} } = options
    const used = options.key ?? key
    const text =
      typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
    const response = await fetcher(path, {
      method,
      headers: {
        ...(used !== '' && { authorization: `Bearer ${used}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: text as string }),
    })
    const raw = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      raw,
      json: isJson ? JSON.parse(raw) : undefined,
      exact: isJson ? parseJson(raw) : undefined,
    }
  }
}
