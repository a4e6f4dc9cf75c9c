/**
 * Api: the sandbox API as a story's client calls it.
 *
 * @module
 */

import { ConnectionLost } from '../fault/kind.js'
import { type Json, parseJson, stringifyJson } from '../wire/json.js'
import type { StepContext } from './step.js'

/** An answer, or the fact that none came. */
export type ApiAnswer =
  | { readonly came: true; readonly status: number; readonly body: Json }
  | { readonly came: false; readonly why: string }

const ORIGIN = 'http://papervenue.test'

/** Calls the API once; time passes until it answers. A broken connection is an answer, not an error. */
export async function callApi(
  { host, answered }: Pick<StepContext, 'host' | 'answered'>,
  call: {
    readonly key: string
    readonly method: string
    readonly path: string
    readonly body?: unknown
    readonly request_id: string
  },
): Promise<ApiAnswer> {
  const request = new Request(ORIGIN + call.path, {
    method: call.method,
    headers: {
      authorization: `Bearer ${call.key}`,
      'x-request-id': call.request_id,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.body === undefined ? {} : { body: stringifyJson(call.body) }),
  })
  try {
    const response = await answered(host.fetch(request))
    const text = await response.text()
    return { came: true, status: response.status, body: text === '' ? null : parseJson(text) }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    return { came: false, why: (error.cause as { code: string }).code }
  }
}

/** A property of a parsed body, or `undefined`. */
export function field(
  body: Json | undefined,
  ...path: readonly (string | number)[]
): Json | undefined {
  let at: Json | undefined = body
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string | number, Json | undefined>)[key]
  }
  return at
}
