/**
 * Kraken's REST door: path to method, body to fields, answer into the envelope.
 *
 * The status is 200 for success and API errors alike; the error is in `error[]` and then `result` is absent.
 *
 * @module
 */

import { signedPaths } from '../../src/venue/called-path.js'
import { Buckets } from '../../src/venue/rate-limit.js'
import {
  decodeUtf8,
  type Json,
  JsonError,
  JsonNumber,
  parseJson,
  stringifyJson,
} from '../../src/wire/json.js'
import { authenticate, may } from './auth.js'
import { privateMethods } from './private.js'
import { publicMethods } from './public.js'
import { texts } from './rejects.js'
import { type Fields, isError, type Read } from './request.js'
import type { RuleContext } from './rules.js'
import type { Tokens } from './tokens.js'
import type { Trading } from './trading.js'

/** @see https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits */
const REST_COUNTERS = {
  starter: { capacity: 15, refill_per_s: 0.33 },
  intermediate: { capacity: 20, refill_per_s: 0.5 },
  pro: { capacity: 20, refill_per_s: 1 },
} as const

const PATH = /^\/0\/(public|private)\/(\w+)$/
/** Larger bodies are no request anyone needs. */
const BODY_BYTES_MAX = 1_000_000

/** Fields of a body; `orders` are the lists of batch methods. */
export interface Body {
  readonly fields: Fields
  readonly orders: readonly (Fields | string)[]
}

/** The REST side of the venue. */
export function krakenRoutes(parts: {
  readonly context: RuleContext
  readonly trading: Trading
  readonly tokens: Tokens
}): (request: Request) => Promise<Response> {
  const { context, trading, tokens } = parts
  const { host, switches } = context
  const counters =
    switches.rate_limits === 'off' ? null : new Buckets(REST_COUNTERS[switches.rate_limits])

  const answerPrivate = (
    name: string,
    request: Request,
    path: string,
    text: string,
  ): Read<object> => {
    const body = readBody(text)
    const account = authenticate(host, {
      key: request.headers.get('API-Key'),
      signature: request.headers.get('API-Sign'),
      paths: signedPaths(path, request.headers),
      body: text,
      nonce: isError(body) ? undefined : body.fields.nonce,
    })
    if (isError(account)) return account
    const called = Object.hasOwn(privateMethods, name) ? privateMethods[name] : undefined
    if (called === undefined) return { error: texts.method }
    if (!may(account, called.needs)) return { error: texts.permission }
    const now_us = host.now_us()
    if (counters !== null && !counters.of(account.key, now_us).take(called.cost, now_us)) {
      return { error: texts['KR-21'] }
    }
    if (isError(body)) return body
    return called.run({ context, trading, tokens, account, ...body })
  }

  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const [, kind, name = ''] = PATH.exec(pathname) ?? []
    if (kind === undefined) return envelope({ error: texts.method }, 404)
    const bytes = new Uint8Array(await request.arrayBuffer())
    const text = bytes.length > BODY_BYTES_MAX ? undefined : decodeUtf8(bytes)
    if (text === undefined) return envelope({ error: texts['KR-04'] })
    if (kind === 'private') {
      if (request.method !== 'POST') return envelope({ error: texts.method })
      return envelope(answerPrivate(name, request, pathname, text))
    }
    const called = Object.hasOwn(publicMethods, name) ? publicMethods[name] : undefined
    if (called === undefined || !['GET', 'POST'].includes(request.method)) {
      return envelope({ error: texts.method })
    }
    const body = request.method === 'POST' ? readBody(text) : readForm('')
    if (isError(body)) return envelope(body)
    const query = readForm(search.slice(1))
    return envelope(called(context, { ...query.fields, ...body.fields }))
  }
}

function envelope(answer: Read<object>, status = 200): Response {
  const body = isError(answer) ? { error: [answer.error] } : { error: [], result: answer }
  return new Response(stringifyJson(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}

/** Fields of a form or JSON body, whichever it is: clients do not always say. */
export function readBody(text: string): Read<Body> {
  if (!text.trimStart().startsWith('{')) return readForm(text)
  try {
    const json = parseJson(text)
    if (
      typeof json !== 'object' ||
      json === null ||
      Array.isArray(json) ||
      json instanceof JsonNumber
    ) {
      return { error: texts['KR-04'] }
    }
    const { orders } = json
    const list = Array.isArray(orders) ? orders.map(listItem) : []
    return { fields: flat(json), orders: list }
  } catch (error) {
    if (error instanceof JsonError) return { error: texts['KR-04'] }
    throw error
  }
}

/** `orders[0][price]=…` and `orders[0]=…` are how a form says a list. */
function readForm(text: string): Body {
  const fields: Record<string, string> = Object.create(null)
  const items = new Map<string, Record<string, string> | string>()
  for (const [name, value] of new URLSearchParams(text)) {
    const [, at, key] = /^orders\[(\d{0,3})\](?:\[(\w+)\])?$/.exec(name) ?? []
    if (at === undefined) {
      fields[name] ??= value
      continue
    }
    const place = at === '' ? String(items.size) : at
    const item = items.get(place)
    if (key === undefined) items.set(place, value)
    else if (typeof item === 'object') item[key] ??= value
    else items.set(place, Object.assign(Object.create(null), { [key]: value }))
  }
  return { fields, orders: [...items.values()] }
}

/** The text of every plain field; lists become comma lists, objects are left out. */
export function flat(json: { readonly [key: string]: Json }): Fields {
  const fields: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(json)) {
    const text = Array.isArray(value) ? joined(value) : scalar(value)
    if (text !== undefined) fields[name] = text
  }
  return fields
}

function joined(values: readonly Json[]): string | undefined {
  const texts = values.map(scalar)
  return texts.includes(undefined) ? undefined : texts.join(',')
}

function scalar(value: Json): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  return value instanceof JsonNumber ? value.value : undefined
}

function listItem(value: Json): Fields | string {
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonNumber)
  ) {
    return flat(value)
  }
  return scalar(value) ?? ''
}
