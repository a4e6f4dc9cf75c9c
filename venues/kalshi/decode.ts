/**
 * Decode: request bodies the way a Go server reads them, and query strings the way its router binds them.
 *
 * Pure. A value of the wrong JSON type fails the whole body (shape b), an unknown key is ignored, null
 * counts as absent. A bad query parameter answers in shape c.
 *
 * @see https://docs.kalshi.com/getting_started/order_errors
 *
 * @module
 */

import { badParameter, badRequest, type WireError } from './rejects.js'

interface GoTypes {
  string: string
  int: number
  bool: boolean
  list: readonly unknown[]
}

/** Fields of a request, by name: the Go type each is read into. */
export type Shape = Readonly<Record<string, keyof GoTypes>>

/** The fields that were there. */
export type Decoded<S extends Shape> = { readonly [K in keyof S]?: GoTypes[S[K]] }

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: WireError }

/** JSON of a body; an empty one, or one that is no JSON, is refused in shape b. */
export function parseBody(text: string): Result<unknown> {
  if (text.trim() === '') return { ok: false, error: badRequest('EOF') }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { ok: false, error: badRequest('invalid character in request body') }
  }
}

/**
 * The fields of one JSON object.
 *
 * @param struct - Name of the request, as Go would print it.
 */
export function decode<S extends Shape>(
  value: unknown,
  struct: string,
  shape: S,
): Result<Decoded<S>> {
  const kind = kindOf(value)
  if (kind === 'null') return { ok: true, value: {} }
  if (kind !== 'object') {
    return refuse(`json: cannot unmarshal ${kind} into Go value of type ${struct}`)
  }
  const fields = value as Record<string, unknown>
  const decoded: Record<string, unknown> = {}
  for (const [name, type] of Object.entries(shape)) {
    const given = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (given === undefined || given === null) continue
    if (!fits(given, type)) {
      const shown = type === 'int' && typeof given === 'number' ? `number ${given}` : kindOf(given)
      return refuse(
        `json: cannot unmarshal ${shown} into Go struct field ${struct}.${name} of type ${GO_NAMES[type]}`,
      )
    }
    decoded[name] = given
  }
  return { ok: true, value: decoded as Decoded<S> }
}

const GO_NAMES = { string: 'string', int: 'int64', bool: 'bool', list: 'slice' } as const

function fits(value: unknown, type: keyof GoTypes): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'int':
      return Number.isSafeInteger(value)
    case 'bool':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value)
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const refuse = (details: string) => ({ ok: false, error: badRequest(details) }) as const

/** Reads a query string; the first bad parameter is kept in `error` and wins. */
export interface Query {
  readonly error: WireError | undefined
  text(name: string): string | undefined
  /** Comma lists and repeated keys alike. */
  list(name: string): readonly string[]
  int(name: string, bounds: { readonly min: number; readonly max: number }): number | undefined
  bool(name: string): boolean
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined
  /** Keeps a refusal worded by the caller. */
  refuse(msg: string): void
}

export function readQuery(params: URLSearchParams): Query {
  let error: WireError | undefined
  const fail = (msg: string): undefined => {
    error ??= badParameter(msg)
    return undefined
  }
  const text = (name: string): string | undefined => {
    const value = params.get(name)
    return value === null || value === '' ? undefined : value
  }
  return {
    get error() {
      return error
    },
    text,
    list: (name) =>
      params
        .getAll(name)
        .flatMap((value) => value.split(','))
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    int: (name, { min, max }) => {
      const value = text(name)
      if (value === undefined) return undefined
      if (!/^[+-]?\d{1,15}$/.test(value)) {
        return fail(
          `Invalid format for parameter ${name}: error binding string parameter: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`,
        )
      }
      const n = Number(value)
      if (n < min || n > max) {
        return fail(`Parameter validation failed: ${name} must be between ${min} and ${max}`)
      }
      return n
    },
    bool: (name) => {
      const value = text(name)
      if (value === undefined) return false
      if (value === 'true' || value === '1') return true
      if (value !== 'false' && value !== '0') {
        fail(
          `Invalid format for parameter ${name}: error binding string parameter: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
        )
      }
      return false
    },
    oneOf: (name, values) => {
      const value = text(name)
      if (value === undefined) return undefined
      const known = values.find((candidate) => candidate === value)
      return (
        known ?? fail(`Parameter validation failed: ${name} must be one of ${values.join(', ')}`)
      )
    },
    refuse: (msg) => {
      fail(msg)
    },
  }
}

/** One page of a list: `cursor` is opaque, empty on the last page; a cursor nobody made starts over. */
export function page<T>(
  items: readonly T[],
  options: {
    readonly limit: number
    readonly cursor: string | undefined
    keyOf: (item: T) => string
  },
): { readonly items: readonly T[]; readonly cursor: string } {
  const after = cursorKey(options.cursor)
  const from =
    after === undefined ? 0 : items.findIndex((item) => options.keyOf(item) === after) + 1
  const taken = items.slice(from, from + options.limit)
  const last = taken.at(-1)
  const more = from + taken.length < items.length && last !== undefined
  return { items: taken, cursor: more ? makeCursor(options.keyOf(last)) : '' }
}

const MARK = 'pv1:'

const makeCursor = (key: string): string => Buffer.from(MARK + key).toString('base64url')

function cursorKey(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString()
  return text.startsWith(MARK) ? text.slice(MARK.length) : undefined
}
