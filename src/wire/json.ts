/**
 * JSON: exact both ways. Integers of any size go out as plain literals and come in with every digit.
 *
 * Pure. Parsing keeps the text of every number: a `JsonNumber` knows its digits, so money is read from
 * what was written and never from a float. Duplicate keys with different values and text nested deeper
 * than 64 levels are refused; keys such as `__proto__` are plain data.
 *
 * @module
 */

import { LosslessNumber, parse } from 'lossless-json'
import { parseDecimal } from '../engine/decimal.js'

/** A number as written, e.g. `0.29`, `1.50` or `100000000000000000`. */
export class JsonNumber extends LosslessNumber {}

/** What {@link parseJson} makes: plain data in which every number is a {@link JsonNumber}. */
export type Json = string | boolean | null | JsonNumber | Json[] | { [key: string]: Json }

/** Deepest nesting of arrays and objects that is read. */
export const JSON_DEPTH_MAX = 64

/** Longest text of one number that is read; more digits than any amount here can have. */
export const JSON_NUMBER_LENGTH_MAX = 512

/** Text that is no JSON, or JSON this reader refuses (duplicate keys, too deep, overlong numbers). */
export class JsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonError'
  }
}

/**
 * Plain data of a JSON text.
 *
 * @returns Objects with own properties only: a key `__proto__` is an ordinary property.
 * @throws JsonError when the text is no JSON, nests deeper than {@link JSON_DEPTH_MAX}, repeats a key with
 * another value, or holds a number longer than {@link JSON_NUMBER_LENGTH_MAX}.
 *
 * @example
 * parseJson('{"qty_1e8": 100000000000000000}') // { qty_1e8: JsonNumber('100000000000000000') }
 */
export function parseJson(text: string): Json {
  refuseDepth(text)
  try {
    return parse(text, null, jsonNumber) as Json
  } catch (error) {
    if (error instanceof SyntaxError) throw new JsonError(error.message)
    throw error
  }
}

/**
 * JSON text of a value: `bigint` as a plain integer literal, {@link JsonNumber} as it was written.
 *
 * Properties that are `undefined` are left out, as `JSON.stringify` does.
 *
 * @throws RangeError on NaN and infinities, which JSON cannot say.
 * @throws TypeError on values that are no data (functions, symbols).
 *
 * @example
 * stringifyJson({ qty_1e8: 100_000_000_000_000_000n }) // '{"qty_1e8":100000000000000000}'
 */
export function stringifyJson(value: unknown): string {
  return write(value, 'as-made')
}

/**
 * As {@link stringifyJson} with the keys of every object in code-unit order: equal data, equal bytes.
 * Numbers are compared as written, so read them to integers first where `1.0` and `1` mean the same.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 'sorted')
}

/** Text of UTF-8 bytes, or `undefined` when they are no UTF-8. A byte order mark is not swallowed. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Fixed-point integer of a number as written; digits beyond the scale are cut (toward zero).
 *
 * @param decimals - The scale: 8 for quantities, 9 for prices and USD.
 * @returns `undefined` when the value is no number or its exponent is absurd.
 *
 * @example
 * fixedOf(new JsonNumber('0.29'), 8) // 29_000_000n
 */
export function fixedOf(value: unknown, decimals: number): bigint | undefined {
  return value instanceof LosslessNumber ? parseDecimal(value.value, decimals) : undefined
}

/** Whole number exactly as written (`1e3` and `5.0` are whole), or `undefined`. */
export function bigintOf(value: unknown): bigint | undefined {
  return value instanceof LosslessNumber ? parseDecimal(value.value, 0, 'refuse') : undefined
}

/** As {@link bigintOf}, within the safe integers of a JavaScript number. */
export function safeIntOf(value: unknown): number | undefined {
  const whole = bigintOf(value)
  if (whole === undefined) return undefined
  const n = Number(whole)
  return Number.isSafeInteger(n) ? n : undefined
}

/**
 * The number JSON prints as `text`, for wires that show trailing zeros.
 *
 * @throws Error when the text is no JSON number.
 *
 * @example
 * stringifyJson({ px: numberText('26470.30') }) // '{"px":26470.30}'
 */
export function numberText(text: string): JsonNumber {
  return new JsonNumber(text)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonNumber(text: string): JsonNumber {
  if (text.length > JSON_NUMBER_LENGTH_MAX) {
    throw new JsonError(`a number of ${text.length} characters is longer than any amount`)
  }
  return new JsonNumber(text)
}

/** The parser recurses, so depth is counted before it starts. */
function refuseDepth(text: string): void {
  if (text.length <= JSON_DEPTH_MAX) return
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) i = endOfString(text, i)
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth += 1
      if (depth > JSON_DEPTH_MAX) {
        throw new JsonError(`nested deeper than ${JSON_DEPTH_MAX} levels at position ${i}`)
      }
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1
  }
}

/** Position of the closing quote, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) i += 1
    else if (code === QUOTE) return i
  }
  return text.length
}

function write(value: unknown, order: 'as-made' | 'sorted'): string {
  switch (typeof value) {
    case 'string':
      return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)
    case 'bigint':
      return value.toString()
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value)
      throw new RangeError(`${value} has no JSON text; a finite number is expected.`)
    case 'object':
      break
    default:
      throw new TypeError(`a ${typeof value} has no JSON text; plain data is expected.`)
  }
  if (value === null) return 'null'
  if (value instanceof LosslessNumber) return value.value
  if (Array.isArray(value)) {
    let text = '['
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text += ','
      text += value[i] === undefined ? 'null' : write(value[i], order)
    }
    return `${text}]`
  }
  const entries = value as Record<string, unknown>
  const keys = Object.keys(entries)
  if (order === 'sorted') keys.sort()
  let text = ''
  for (const key of keys) {
    const entry = entries[key]
    if (entry === undefined) continue
    text += (text === '' ? '' : ',') + label(key) + write(entry, order)
  }
  return `{${text}}`
}

/** Text that JSON writes as it is. */
const PLAIN = /^[\w .,:;/|~+-]*$/

/** The same few keys are written all the time; what clients make up is not kept. */
const labels = new Map<string, string>()
const LABELS_MAX = 1000

function label(key: string): string {
  const known = labels.get(key)
  if (known !== undefined) return known
  const made = `${JSON.stringify(key)}:`
  if (labels.size < LABELS_MAX) labels.set(key, made)
  return made
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
