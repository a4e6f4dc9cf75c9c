/** The small parts of a venue: ids, checksum, buckets, plain text, tape. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32, crc32Bytes } from '../../../src/venue/crc32.js'
import { idNumber, idText, idUuid } from '../../../src/venue/ids.js'
import { decodePlain, encodePlain } from '../../../src/venue/plain.js'
import { Bucket } from '../../../src/venue/rate-limit.js'
import {
  candles,
  emptyTape,
  lastTrades,
  recordQuote,
  recordTrade,
  statsSince,
  TAPE_TRADES,
} from '../../../src/venue/tape.js'

test('CRC32 is that of zlib', () => {
  expect(crc32('123456789')).toBe(0xcbf43926)
  expect(crc32('')).toBe(0)
  expect(crc32('ć')).toBe(crc32Bytes(new TextEncoder().encode('ć')))
})

test('ids follow from label and number alone, and differ', () => {
  const all = Array.from({ length: 1_000 }, (_, n) => idUuid('a', n))
  expect(new Set(all).size).toBe(1_000)
  expect(
    all.every((id) =>
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
    ),
  ).toBe(true)
  expect(idUuid('a', 7)).toBe(all[7])
  expect(idText('a', 1, 'xyz', 50)).toMatch(/^[xyz]{50}$/)
  expect(String(idNumber('a', 1, 15))).toMatch(/^[1-9]\d{14}$/)
})

test('a bucket refuses what it cannot pay, refills with time and never overflows', () => {
  const bucket = new Bucket({ capacity: 2, refill_per_s: 1 }, 0)
  expect([bucket.take(1, 0), bucket.take(1, 0), bucket.take(1, 0)]).toEqual([true, true, false])
  expect(bucket.take(1, 999_999)).toBe(false)
  expect(bucket.take(1, 1_000_000)).toBe(true)
  expect(bucket.tokens(60_000_000)).toBe(2)
})

test('plain data comes back equal', () => {
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
      fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
    ),
  })).value
  fc.assert(
    fc.property(plain, (value) => {
      const text = encodePlain(value)
      expect(text).not.toContain('\n')
      expect(encodePlain(decodePlain(text))).toBe(text)
    }),
  )
})

test('plain data refuses what is no data', () => {
  expect(() => encodePlain({ at: Number.NaN })).toThrow(TypeError)
  expect(() => encodePlain({ run: () => undefined })).toThrow(TypeError)
})

test('the tape is bounded and folds minutes into longer candles', () => {
  const tape = emptyTape()
  const minute = 60_000_000
  for (let n = 0; n < 5_000; n++) {
    recordTrade(tape, {
      trade_id: n,
      price_ticks: 100 + (n % 7),
      qty_lots: 1,
      taker_side: 'buy',
      market: false,
      ts_us: Math.floor(n / 1_000) * minute,
    })
  }
  expect(lastTrades(tape, Number.MAX_SAFE_INTEGER)).toHaveLength(TAPE_TRADES)
  const folded = candles(tape, { minutes: 5, from_us: 0, to_us: 10 * minute })
  expect(folded).toHaveLength(1)
  expect(folded[0]).toMatchObject({
    start_us: 0,
    lots: 5_000,
    trades: 5_000,
    trade: { open: 100, high: 106, low: 100, close: 100 + (4_999 % 7) },
  })
  expect(statsSince(tape, 3 * minute).trades).toBe(2_000)
})

test('an unchanged quote is no news', () => {
  const tape = emptyTape()
  for (const ts_us of [1, 2, 3]) recordQuote(tape, { bid_ticks: 1, ask_ticks: null, ts_us })
  expect(tape.quotes).toHaveLength(1)
})
