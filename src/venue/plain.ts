/**
 * Plain data as text and back: JSON plus `bigint` and `Map`, with equal data giving equal text.
 *
 * Pure. Journals and snapshots of venues are written with it. (A structured clone would do, but its
 * bytes depend on how the engine happens to hold a number.)
 *
 * @module
 */

const BIGINT = '$bigint'
const MAP = '$map'

/**
 * Text of plain data: objects, arrays, strings, finite numbers, booleans, null, `bigint`, `Map`.
 *
 * @throws TypeError on values that are no data.
 *
 * @example
 * encodePlain({ cash_1e8: 5n }) // '{"cash_1e8":{"$bigint":"5"}}'
 */
export function encodePlain(value: unknown): string {
  return JSON.stringify(marked(value))
}

/** Value of a text made by {@link encodePlain}; a fresh copy that shares nothing. */
export function decodePlain(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null) return inner
    const { [BIGINT]: digits, [MAP]: entries } = inner as Record<string, unknown>
    if (typeof digits === 'string') return BigInt(digits)
    if (Array.isArray(entries)) return new Map(entries as [unknown, unknown][])
    return inner
  })
}

/**
 * A copy of plain data that shares nothing which could change.
 *
 * @throws TypeError on functions and symbols.
 */
export function copyPlain<T>(value: T): T {
  return copied(value) as T
}

function copied(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`a ${typeof value} cannot be copied; plain data is expected.`)
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copied)
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>()
    for (const [key, inner] of value) copy.set(copied(key), copied(inner))
    return copy
  }
  const copy: Record<string, unknown> = { ...value }
  for (const key of Object.keys(copy)) {
    const inner = copy[key]
    if (typeof inner === 'object' && inner !== null) copy[key] = copied(inner)
  }
  return copy
}

function marked(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return { [BIGINT]: value.toString() }
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw new TypeError(`${value} cannot be written; a finite number is expected.`)
    case 'object':
      break
    default:
      throw new TypeError(`a ${typeof value} cannot be written; plain data is expected.`)
  }
  if (value === null) return null
  if (Array.isArray(value)) return value.map(marked)
  if (value instanceof Map) {
    return { [MAP]: [...value].map(([key, inner]) => [marked(key), marked(inner)]) }
  }
  const copy: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    // A plain assignment to this key would set the prototype.
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: marked(inner), enumerable: true })
    else copy[key] = marked(inner)
  }
  return copy
}
