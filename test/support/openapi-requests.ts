/**
 * Requests made from an OpenAPI document: for every endpoint, values its schema allows mixed with hostile
 * ones. Bodies are raw text, so that what no serializer writes (NaN, duplicate keys) can be sent too.
 */
import fc from 'fast-check'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[]
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> }
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface FuzzRequest {
  readonly method: string
  /** The documented path, for messages. */
  readonly route: string
  readonly path: string
  /** undefined: none. */
  readonly body: string | Uint8Array | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** A JSON text, which need not be JSON. */
type Raw = string

export interface Hints {
  /** Texts that mean something to the server, by field or parameter name. */
  readonly texts: Readonly<Record<string, readonly string[]>>
  /** Ids of another client. */
  readonly foreign: readonly string[]
  /** Bodies that are right, by `METHOD route`, where chance alone seldom makes one. */
  readonly bodies: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>
}

const HOSTILE_TEXTS = [
  '',
  ' ',
  "'; DROP TABLE accounts; --",
  '1 OR 1=1',
  '"quoted"',
  '\\',
  '%',
  '%00',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '#{7*7}',
  '<script>alert(1)</script>',
  'null',
  'undefined',
  'NaN',
  'é😀',
  '\u202e',
  'x'.repeat(10_000),
  '9'.repeat(400),
]

const HOSTILE_NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e-9',
  '-1e-30',
  '1e308',
  '1e400',
  '-1e400',
  '1e99999',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '99999999999999999999999999999999',
  '0.1234567890123456789',
  '9'.repeat(500),
  `0.${'0'.repeat(400)}1`,
]

/** Not JSON at all, or JSON that is refused. */
const BROKEN: readonly Raw[] = [
  'NaN',
  'Infinity',
  '-Infinity',
  'undefined',
  '01',
  '.5',
  '{',
  '[1,]',
  '{"a":1,"a":2}',
  '{"a":}',
  "{'a':1}",
  '"\\ud800"',
  '"a\\u0000b"',
  '"\\x"',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  '{"a":'.repeat(3_000),
  '1e1e1',
  '9'.repeat(600),
]

const wrongType: fc.Arbitrary<Raw> = fc.constantFrom<Raw>(
  'null',
  'true',
  '""',
  '0',
  '[]',
  '{}',
  '[null]',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
)

const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

/** Requests to every operation of the document. */
export function requestsOf(document: OpenApiDocument, hints: Hints): fc.Arbitrary<FuzzRequest> {
  const operations = Object.entries(document.paths).flatMap(([route, item]) =>
    Object.entries(item).map(([method, operation]) => ({ route, method, operation })),
  )
  return fc.constantFrom(...operations).chain(({ route, method, operation }) => {
    const parameters = (operation.parameters ?? []).filter(({ in: place }) => place !== 'header')
    const values = fc.tuple(
      ...parameters.map(({ name, in: place, required, schema }) =>
        fc
          .oneof(
            { weight: 4, arbitrary: parameter(document, schema, name, hints) },
            { weight: 1, arbitrary: hostileText },
          )
          .chain((value) =>
            place === 'path' || required === true
              ? fc.constant<string | undefined>(value === '' ? '-' : value)
              : fc.constantFrom<string | undefined>(value, undefined, undefined),
          ),
      ),
    )
    const schema = operation.requestBody?.content['application/json']?.schema
    const right = hints.bodies[`${method.toUpperCase()} ${route}`] ?? []
    const body =
      schema === undefined
        ? fc.constant(undefined)
        : right.length === 0
          ? bodyOf(document, schema, hints)
          : fc.oneof(bodyOf(document, schema, hints), nearly(right, hints))
    return fc.tuple(values, body).map(([given, text]) => {
      let path = route
      const query = new URLSearchParams()
      for (const [i, { name, in: place }] of parameters.entries()) {
        const value = given[i]
        if (value === undefined) continue
        if (place === 'path') path = path.replace(`{${name}}`, segment(value))
        else query.append(name, wellFormed(value))
      }
      return {
        method: method.toUpperCase(),
        route,
        path: query.size === 0 ? path : `${path}?${query}`,
        body: text,
        headers: { 'content-type': 'application/json' },
      }
    })
  })
}

/** Dots would be resolved by the URL and name another path. */
const segment = (value: string): string =>
  encodeURIComponent(/^\.*$/.test(value) ? '-' : wellFormed(value))

const wellFormed = (value: string): string => value.replaceAll(/\p{Surrogate}/gu, '\ufffd')

function parameter(
  document: OpenApiDocument,
  schema: Schema,
  name: string,
  hints: Hints,
): fc.Arbitrary<string> {
  const known = hints.texts[name] ?? []
  const { enum: choices } = resolved(document, schema)
  return fc.oneof(
    ...(known.length > 0 ? [fc.constantFrom(...known)] : []),
    ...(choices !== undefined ? [fc.constantFrom(...choices.map(String))] : []),
    fc.constantFrom(...hints.foreign),
    fc.constantFrom('true', 'false', '1', '0', '-1', '1e9', 'all'),
  )
}

function bodyOf(
  document: OpenApiDocument,
  schema: Schema,
  hints: Hints,
): fc.Arbitrary<string | Uint8Array> {
  const good = rawOf(document, schema, '', hints, 0, 0)
  const bad = rawOf(document, schema, '', hints, 0, 25)
  return fc.oneof(
    { weight: 3, arbitrary: good },
    { weight: 6, arbitrary: bad },
    { weight: 2, arbitrary: fc.constantFrom(...BROKEN) },
    { weight: 1, arbitrary: wrongType },
    { weight: 1, arbitrary: brokenUtf8(good) },
    { weight: 1, arbitrary: duplicated(good) },
  )
}

/** A right body, or one with a single field made wrong. */
function nearly(
  right: readonly Readonly<Record<string, unknown>>[],
  hints: Hints,
): fc.Arbitrary<Raw> {
  return fc.constantFrom(...right).chain((body) => {
    const raw = Object.entries(body).map(([key, value]) => [key, JSON.stringify(value)] as const)
    const text = (entries: readonly (readonly [string, string])[]) =>
      `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
    return fc.oneof(
      { weight: 1, arbitrary: fc.constant(text(raw)) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.nat({ max: raw.length - 1 }), hostileValue(hints))
          .map(([at, wrong]) =>
            text(raw.map(([key, value], i) => [key, i === at ? wrong : value] as const)),
          ),
      },
    )
  })
}

const brokenUtf8 = (text: fc.Arbitrary<Raw>): fc.Arbitrary<Uint8Array> =>
  text.map((raw) => {
    const bytes = new TextEncoder().encode(raw)
    const at = Math.max(0, bytes.length - 2)
    bytes[at] = 0xc3
    if (bytes.length > at + 1) bytes[at + 1] = 0x28
    return bytes
  })

/** The first key again with another value. */
const duplicated = (text: fc.Arbitrary<Raw>): fc.Arbitrary<Raw> =>
  text.map((raw) => raw.replace(/^\{("(?:[^"\\]|\\.)*"):/, '{$1:"another value",$1:'))

/** @param spoil_pct - How often a value is replaced by a hostile one. */
function rawOf(
  document: OpenApiDocument,
  given: Schema,
  name: string,
  hints: Hints,
  depth: number,
  spoil_pct: number,
): fc.Arbitrary<Raw> {
  const proper = properOf(document, resolved(document, given), name, hints, depth, spoil_pct)
  if (spoil_pct === 0) return proper
  return fc.oneof(
    { weight: 100 - spoil_pct, arbitrary: proper },
    {
      weight: spoil_pct,
      arbitrary: hostileValue(hints),
    },
  )
}

const hostileValue = (hints: Hints): fc.Arbitrary<Raw> =>
  fc.oneof(
    hostileText.map((text) => JSON.stringify(text)),
    fc.constantFrom(...HOSTILE_NUMBERS),
    wrongType,
    fc.constantFrom(...BROKEN),
    fc.constantFrom(...hints.foreign).map((text) => JSON.stringify(text)),
  )

function properOf(
  document: OpenApiDocument,
  schema: Schema,
  name: string,
  hints: Hints,
  depth: number,
  spoil_pct: number,
): fc.Arbitrary<Raw> {
  if (schema.const !== undefined) return fc.constant(JSON.stringify(schema.const))
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum.map((value) => JSON.stringify(value)))
  }
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) {
    return fc.oneof(
      ...options.map((option) => rawOf(document, option, name, hints, depth + 1, spoil_pct)),
    )
  }
  const [type] = [schema.type].flat().filter((one) => one !== 'null')
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {})
      const required = new Set(schema.required ?? [])
      const record = Object.fromEntries(
        properties.map(([key, of]) => [key, rawOf(document, of, key, hints, depth + 1, spoil_pct)]),
      )
      const requiredKeys = properties.map(([key]) => key).filter((key) => required.has(key))
      return fc.record(record, { requiredKeys }).map(
        (made) =>
          `{${Object.entries(made)
            .map(([key, raw]) => `${JSON.stringify(key)}:${raw}`)
            .join(',')}}`,
      )
    }
    case 'array':
      return fc
        .array(rawOf(document, schema.items ?? {}, name, hints, depth + 1, spoil_pct), {
          maxLength: 3,
        })
        .map((items) => `[${items.join(',')}]`)
    case 'integer':
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.nat({ max: 200_000_000 })).map(String)
    case 'number':
      return fc.constantFrom('1', '0.5', '0.29', '100', '10000', '64000.5', '1e2')
    case 'boolean':
      return fc.constantFrom('true', 'false')
    case 'string': {
      const known = hints.texts[name] ?? ['text']
      return fc.constantFrom(...known).map((text) => JSON.stringify(text))
    }
    default:
      return fc.constantFrom('null', '{}', '"anything"', '7')
  }
}

function resolved(document: OpenApiDocument, schema: Schema): Schema {
  const { $ref, allOf } = schema
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? ''
    const found = document.components.schemas[name]
    if (found === undefined) throw new Error(`${$ref} is in no component`)
    return resolved(document, found)
  }
  if (allOf?.[0] !== undefined) return resolved(document, allOf[0])
  return schema
}
