import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
}
interface Content {
  readonly content?: Readonly<
    Record<string, { readonly schema: Schema; readonly example?: unknown }>
  >
}
interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

let sandbox: Sandbox
let document: Document
let operations: { name: string; method: string; path: string; operation: Operation }[]

beforeAll(async () => {
  sandbox = await createSandbox({ store: 'memory' })
  document = (await (await sandbox.fetch('/openapi.json')).json()) as Document
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
})
afterAll(() => sandbox.close())

const json = (content: Content | undefined) => content?.content?.['application/json']

test('every call is described, and shows each error it may answer', () => {
  expect(operations.length).toBeGreaterThan(35)
  const bare = operations.flatMap(({ name, operation: { summary, description, responses } }) => {
    const errors = Object.entries(responses).filter(([status]) => Number(status) >= 400)
    const shown = errors.every(([, answer]) => json(answer) !== undefined)
    return summary && description && errors.length >= 2 && shown ? [] : [name]
  })
  expect(bare).toEqual([])
})

test('every call that can succeed shows an example of its body and of its answer', () => {
  const bare = operations.flatMap(({ name, operation: { requestBody, responses } }) => {
    const answer = json(responses['200'] ?? responses['201'])
    // Sockets answer no JSON, and venue secrets are always refused.
    if (answer === undefined || /^(?:POST|DELETE) .*credentials/.test(name)) return []
    const body = json(requestBody)
    return answer.example === undefined || (body !== undefined && body.example === undefined)
      ? [name]
      : []
  })
  expect(bare).toEqual([])
})

test('an example of an answer has the shape that its schema says', () => {
  const faults = operations.flatMap(({ name, operation: { responses } }) =>
    Object.values(responses).flatMap((answer) => {
      const shown = json(answer)
      return shown?.example === undefined ? [] : faultsOf(shown.schema, shown.example, name)
    }),
  )
  expect(faults).toEqual([])
})

test('an example of a body is taken by the call it is an example of', async () => {
  const { test_key } = sandbox.account()
  const refused: string[] = []
  for (const { name, method, path, operation } of operations) {
    const example = json(operation.requestBody)?.example
    if (example === undefined) continue
    const answer = await sandbox.fetch(path.replace('{node_order_id}', 'graph:nope:n0:1'), {
      method,
      headers: { authorization: `Bearer ${test_key}`, 'content-type': 'application/json' },
      body: JSON.stringify(example),
    })
    const wanted = path.includes('{') ? 404 : 200
    if (answer.status !== wanted && answer.status !== 201) {
      refused.push(`${name}: ${answer.status} ${await answer.text()}`)
    }
  }
  expect(refused).toEqual([])
})

/** What an example lacks, has too much of, or has of another type. */
function faultsOf(given: Schema, value: unknown, at: string): string[] {
  const schema = resolved(given)
  const types = [schema.type ?? []].flat()
  if (types.length === 0) return []
  const type = typeOf(value)
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'))
  if (!fits) return [`${at} is ${type}, not ${types.join(' or ')}`]
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: ${value}`]
  if (Array.isArray(value)) {
    return value.flatMap((one, i) => faultsOf(schema.items ?? {}, one, `${at}[${i}]`))
  }
  if (type !== 'object' || schema.properties === undefined) return []
  const fields = value as Record<string, unknown>
  const missing = (schema.required ?? []).filter((key) => !(key in fields))
  const strange = Object.keys(fields).filter((key) => !(key in (schema.properties ?? {})))
  return [
    ...missing.map((key) => `${at}.${key} is missing`),
    ...strange.map((key) => `${at}.${key} is not documented`),
    ...Object.entries(schema.properties).flatMap(([key, of]) =>
      key in fields ? faultsOf(of, fields[key], `${at}.${key}`) : [],
    ),
  ]
}

const typeOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : Number.isInteger(value)
        ? 'integer'
        : typeof value

function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const found = document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
  if (found === undefined) throw new Error(`${schema.$ref} is in no component`)
  return resolved(found)
}
