import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDecimal } from '../../../src/engine/decimal.js'
import {
  bigintOf,
  canonicalJson,
  decodeUtf8,
  fixedOf,
  JsonError,
  parseJson,
  stringifyJson,
} from '../../../src/wire/json.js'

const numRuns = Number(process.env.PAPERVENUE_RUNS ?? 2_000)

const data = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toJSON', 'valueOf')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value

test('text made from data reads back to the same text', () => {
  fc.assert(
    fc.property(data, (value) => {
      const text = stringifyJson(value)
      expect(stringifyJson(parseJson(text))).toBe(text)
    }),
    { numRuns },
  )
})

test('integers of any size survive both ways', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), (n) => {
      expect(bigintOf(parseJson(stringifyJson(n)))).toBe(n)
    }),
    { numRuns },
  )
})

test('fixed point printed as a decimal is read back exactly at the same scale', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.constantFrom(8, 9),
      (n, scale) => {
        expect(fixedOf(parseJson(formatDecimal(n, scale)), scale)).toBe(n)
      },
    ),
    { numRuns },
  )
})

test('canonical text does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.bigInt(), { maxKeys: 8 }), fc.integer(), (of, by) => {
      const keys = Object.keys(of)
      const turned = keys.map((_, i) => keys[(i + Math.abs(by)) % keys.length] ?? '')
      // fromEntries defines own properties, so that '__proto__' stays a key.
      const other = Object.fromEntries(turned.map((key) => [key, of[key]]))
      expect(canonicalJson(other)).toBe(canonicalJson(of))
    }),
    { numRuns },
  )
})

test('agrees with JSON.parse on what is JSON and on every value but digits', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json({ maxDepth: 6 }),
        fc.string({ unit: fc.constantFrom(...'{}[]":,0123456789.-+eEtrufalsn\\ \n') }),
      ),
      (text) => {
        const theirs = attempt(() => JSON.parse(text) as unknown)
        const ours = attempt(() => JSON.parse(stringifyJson(parseJson(text))) as unknown)
        if (ours.ok) expect(ours).toEqual(theirs)
        else expect(theirs.ok && !/([^\\])"\s*:/.test(text)).toBe(false)
      },
    ),
    { numRuns },
  )
})

test('any bytes give text or nothing, and any text data or a JsonError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = decodeUtf8(bytes)
      if (text === undefined) return
      try {
        parseJson(text)
      } catch (error) {
        expect(error).toBeInstanceOf(JsonError)
      }
    }),
    { numRuns },
  )
})

function attempt(run: () => unknown): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: run() }
  } catch {
    return { ok: false }
  }
}
