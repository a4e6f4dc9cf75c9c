import { describe, expect, test } from 'vitest'
import {
  bigintOf,
  canonicalJson,
  decodeUtf8,
  fixedOf,
  JsonError,
  JsonNumber,
  numberText,
  parseJson,
  safeIntOf,
  stringifyJson,
} from '../../../src/wire/json.js'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('parseJson', () => {
  test('keeps every digit of a number', () => {
    const text = '{"a":100000000000000000,"b":0.1234567890123456789,"c":1.50,"d":-0,"e":1E+3}'
    expect(stringifyJson(parseJson(text))).toBe(text)
  })

  test('refuses a key given twice with different values', () => {
    expect(() => parseJson('{"qty":1,"qty":2}')).toThrow(JsonError)
  })

  test('accepts a key given twice with the same value', () => {
    expect(parseJson('{"qty":"1","qty":"1"}')).toEqual({ qty: '1' })
  })

  test('reads 64 levels and refuses 65', () => {
    expect(parseJson(nested(64))).toBeInstanceOf(Array)
    expect(() => parseJson(nested(65))).toThrow(/nested deeper than 64/)
  })

  test('refuses a million open brackets without exhausting the stack', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonError)
    expect(() => parseJson('{"a":'.repeat(200_000))).toThrow(JsonError)
  })

  test('does not count brackets inside strings', () => {
    const text = `["${'['.repeat(200)}\\"${'{'.repeat(200)}"]`
    expect(parseJson(text)).toHaveLength(1)
  })

  test('keeps __proto__ and constructor as plain data', () => {
    const value = parseJson('{"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test.each([
    '',
    'NaN',
    'Infinity',
    '01',
    '1.',
    '.5',
    '+1',
    '{"a":1,}',
    "{'a':1}",
    '[1] x',
    '"\u0007"',
    '\ufeff{}',
    'undefined',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(JsonError)
  })

  test('refuses a number longer than any amount', () => {
    expect(() => parseJson('9'.repeat(513))).toThrow(/longer than any amount/)
  })
})

describe('reading numbers', () => {
  test('0.29 at scale 8 is 29000000', () => {
    expect(fixedOf(parseJson('0.29'), 8)).toBe(29_000_000n)
    expect(fixedOf(parseJson('1.005'), 8)).toBe(100_500_000n)
  })

  test('digits beyond the scale are cut toward zero', () => {
    expect(fixedOf(parseJson('-1.999999999'), 8)).toBe(-199_999_999n)
  })

  test('whole numbers are read in any spelling', () => {
    expect(bigintOf(parseJson('1e3'))).toBe(1_000n)
    expect(bigintOf(parseJson('5.0'))).toBe(5n)
    expect(bigintOf(parseJson('5.5'))).toBeUndefined()
    expect(safeIntOf(parseJson('9007199254740993'))).toBeUndefined()
    expect(safeIntOf(parseJson('-7'))).toBe(-7)
  })

  test('text and other values are no numbers', () => {
    for (const value of ['1', true, null, [], {}, 1, undefined]) {
      expect(fixedOf(value, 8)).toBeUndefined()
      expect(safeIntOf(value)).toBeUndefined()
    }
  })
})

describe('stringifyJson', () => {
  test('prints integers of any size plainly and leaves out undefined', () => {
    expect(stringifyJson({ a: 10n ** 30n, b: undefined, c: [undefined, -1n], d: 'é"' })).toBe(
      `{"a":1${'0'.repeat(30)},"c":[null,-1],"d":"é\\""}`,
    )
  })

  test('prints a number as it was written', () => {
    expect(stringifyJson({ px: numberText('26470.30') })).toBe('{"px":26470.30}')
  })

  test('refuses what JSON cannot say', () => {
    expect(() => stringifyJson({ a: Number.NaN })).toThrow(RangeError)
    expect(() => stringifyJson([Number.POSITIVE_INFINITY])).toThrow(RangeError)
    expect(() => stringifyJson({ a: () => 1 })).toThrow(TypeError)
    expect(() => new JsonNumber('1,5')).toThrow()
  })
})

test('canonicalJson orders keys at every level', () => {
  expect(canonicalJson({ b: 1n, a: { d: [{ z: 1, y: 2 }], c: null } })).toBe(
    '{"a":{"c":null,"d":[{"y":2,"z":1}]},"b":1}',
  )
})

test('decodeUtf8 tells broken bytes from text', () => {
  expect(decodeUtf8(new TextEncoder().encode('é€😀'))).toBe('é€😀')
  expect(decodeUtf8(Uint8Array.of(0xc3, 0x28))).toBeUndefined()
  expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
})
