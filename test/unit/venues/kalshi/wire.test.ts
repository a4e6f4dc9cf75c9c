/** Wire and decode: spellings, Go's words for a wrong type, query strings, pages. */
import { expect, test } from 'vitest'
import { decode, page, parseBody, readQuery } from '../../../../venues/kalshi/decode.js'
import {
  cents,
  dollars,
  fp,
  money,
  readDollars,
  readMoney,
  time,
  timeOfSeconds,
} from '../../../../venues/kalshi/wire.js'

test('spells prices with four decimals, sums with six and counts with two', () => {
  expect(dollars(440_000_000n)).toBe('0.4400')
  expect(money(748_000_000n)).toBe('7.480000')
  expect(money(9_801_860_000n, 4)).toBe('98.0186')
  expect(fp(1_700_000_000n)).toBe('17.00')
  expect(fp(-400_000_000n)).toBe('-4.00')
})

test('cuts the zeros of a fraction of a second', () => {
  expect(time(1_768_932_697_382_080)).toBe('2026-01-20T18:11:37.38208Z')
  expect(time(1_768_932_697_000_000)).toBe('2026-01-20T18:11:37Z')
  expect(time(1_768_932_697_000_500)).toBe('2026-01-20T18:11:37.0005Z')
  expect(timeOfSeconds(1_768_932_697)).toBe('2026-01-20T18:11:37Z')
})

test('reads its own texts back', () => {
  expect(readDollars('0.4400')).toBe(440_000_000n)
  expect(readMoney('7.480000')).toBe(748_000_000n)
  expect(() => readMoney('seven')).toThrow(RangeError)
})

test('words a value of the wrong type as Go does', () => {
  expect(decode({ count: 10 }, 'CreateOrderV2Request', { count: 'string' })).toEqual({
    ok: false,
    error: {
      status: 400,
      body: {
        code: 'bad_request',
        message: 'bad request',
        details:
          'json: cannot unmarshal number into Go struct field CreateOrderV2Request.count of type string',
      },
    },
  })
})

test('ignores unknown keys and counts null as absent', () => {
  const shape = { count: 'string', post_only: 'bool' } as const
  expect(decode({ count: null, type: 'market', post_only: true }, 'X', shape)).toEqual({
    ok: true,
    value: { post_only: true },
  })
})

test.each([[[]], ['text'], [1], [true]])('refuses %j where an object is due', (value) => {
  expect(decode(value, 'X', {})).toMatchObject({ ok: false, error: { status: 400 } })
})

test.each(['', '  ', '{', '{"a":}', 'null x'])('refuses the body "%s" as no JSON', (text) => {
  expect(parseBody(text)).toMatchObject({ ok: false, error: { body: { code: 'bad_request' } } })
})

test('keeps the first bad query parameter', () => {
  const query = readQuery(new URLSearchParams('limit=abc&depth=101&tickers=A,B&tickers=C'))
  expect(query.int('limit', { min: 0, max: 10 })).toBeUndefined()
  expect(query.int('depth', { min: 0, max: 100 })).toBeUndefined()
  expect(query.list('tickers')).toEqual(['A', 'B', 'C'])
  expect(query.error?.body).toMatchObject({
    msg: expect.stringContaining('Invalid format for parameter limit') as string,
  })
})

test('pages run through a list once, and a foreign cursor starts over', () => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const keyOf = (item: string) => item
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const next = page(items, { limit: 2, cursor, keyOf })
    seen.push(...next.items)
    cursor = next.cursor
  } while (cursor !== '')
  expect(seen).toEqual(items)
  expect(page(items, { limit: 2, cursor: 'garbage', keyOf }).items).toEqual(['a', 'b'])
})

test('cuts whole cents toward zero', () => {
  expect(cents(9_801_860_000n)).toBe(9_801)
  expect(cents(999_999n)).toBe(0)
  expect(cents(-1_500_000n)).toBe(-1)
})

test('says what it could not read', () => {
  expect(() => readDollars('much')).toThrow('much is no amount of dollars.')
  expect(() => readMoney('')).toThrow(' is no amount of dollars.')
})
