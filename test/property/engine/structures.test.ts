/**
 * The engine's flat structures against the library's plain ones: id map, ladder, expiries, bytes.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src/engine/bytes.js'
import { Expiries } from '../../../src/engine/expiry.js'
import { IdMap } from '../../../src/engine/id-map.js'
import { Ladder } from '../../../src/engine/ladder.js'

test('the id map is a map, through growth and removals', () => {
  const id = fc.oneof(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 5_000 }),
    fc.integer({ min: 2 ** 40, max: 2 ** 40 + 50 }),
  )
  const step = fc.tuple(fc.boolean(), id, fc.nat(1_000_000))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const map = new IdMap()
      const plain = new Map<number, number>()
      let wrong = 0
      for (const [adds, key, value] of steps) {
        if (adds && !plain.has(key)) {
          map.add(key, value)
          plain.set(key, value)
        } else if (!adds) {
          if (map.remove(key) !== (plain.get(key) ?? -1)) wrong += 1
          plain.delete(key)
        }
        if (map.size !== plain.size) wrong += 1
      }
      const copy = map.copy()
      for (const [, key] of steps) {
        if (map.get(key) !== (plain.get(key) ?? -1)) wrong += 1
        if (copy.get(key) !== (plain.get(key) ?? -1)) wrong += 1
      }
      expect(wrong).toBe(0)
    }),
  )
})

test('what is no id is not found, whatever else is in the map', () => {
  const map = new IdMap()
  for (const id of [1, 2 ** 32 - 1, 2 ** 32 + 1, 2 ** 53 - 1]) map.add(id, 7)
  for (const none of [0, 1.5, -1, 2 ** 32, -(2 ** 53) + 1, Number.NaN]) {
    expect([none, map.get(none), map.remove(none)]).toEqual([none, -1, -1])
  }
  expect(map.size).toBe(4)
  expect(map.remove(2 ** 53 - 1)).toBe(7)
  expect([map.get(2 ** 32 + 1), map.get(1), map.get(2 ** 32 - 1)]).toEqual([7, 7, 7])
})

test('the map has room for what it was made for', () => {
  const map = new IdMap(1_000)
  const { bytes } = map
  for (let id = 1; id <= 1_000; id++) map.add(id, id)
  expect([bytes, map.bytes]).toEqual([2_048 * 12, 2_048 * 12])
  expect(new IdMap(16).bytes).toBe(32 * 12)
  expect(new IdMap(8).bytes).toBe(16 * 12)
})

test('a thousand neighbouring ids come and go without long searches', () => {
  const map = new IdMap()
  let lost = 0
  for (let id = 1; id <= 100_000; id++) {
    map.add(id, id)
    if (id > 1_000 && map.remove(id - 1_000) !== id - 1_000) lost += 1
  }
  expect([map.size, lost]).toEqual([1_000, 0])
  // At most half full, so 1,001 ids need 2,048 places.
  expect(map.bytes).toBe(2_048 * 12)
})

test('the ladder is a sorted list, across its chunks', () => {
  const key = fc.integer({ min: -400, max: 400 })
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 1_200, size: 'max' }), (keys) => {
      const ladder = new Ladder()
      const plain = new Map<number, number>()
      const sorted: number[] = []
      const slot = (key: number | undefined) => (key === undefined ? -1 : (plain.get(key) ?? -1))
      const wrong: string[] = []
      for (const [next, one] of keys.entries()) {
        if (ladder.find(one) !== slot(one)) wrong.push(`${one} is not where it was put`)
        let at = sorted.findIndex((key) => key >= one)
        if (at < 0) at = sorted.length
        if (!plain.has(one)) {
          ladder.insert(one, next)
          plain.set(one, next)
          sorted.splice(at, 0, one)
          if (ladder.worse !== slot(sorted[at - 1])) wrong.push(`worse of ${one}`)
          if (ladder.better !== slot(sorted[at + 1])) wrong.push(`better of ${one}`)
        } else {
          ladder.remove(one)
          plain.delete(one)
          sorted.splice(at, 1)
        }
        if (ladder.size !== plain.size) wrong.push('size')
        if (ladder.best !== slot(sorted.at(-1))) wrong.push('best')
      }
      const copy = ladder.copy()
      for (const one of sorted) if (copy.find(one) !== slot(one)) wrong.push(`copy of ${one}`)
      expect([copy.best, copy.size]).toEqual([ladder.best, ladder.size])
      expect(wrong).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('expiries come due in order of time, then id, and only if they still stand', () => {
  const entry = fc.record({ ts_us: fc.nat(50), drop: fc.boolean() })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300, size: 'max' }), (entries) => {
      const expiries = new Expiries()
      for (const [at, { ts_us }] of entries.entries()) expiries.set(at + 1, ts_us)
      const standing = entries.flatMap(({ ts_us, drop }, at) => {
        if (drop) expiries.delete(at + 1)
        return drop ? [] : [{ ts_us, id: at + 1 }]
      })
      standing.sort((a, b) => a.ts_us - b.ts_us || a.id - b.id)
      expect(expiries.size).toBe(standing.length)
      const copy = expiries.copy()
      const came: unknown[] = []
      for (const now of [10, 30, 50]) {
        for (;;) {
          const due = expiries.due(now)
          const copied = copy.due(now)
          if (copied !== due) came.push(`${copied} of the copy`)
          if (due === undefined) break
          came.push(due)
        }
        const first = standing.findIndex(({ ts_us }) => ts_us > now)
        const due = first < 0 ? standing : standing.slice(0, first)
        expect(came).toEqual(due.map(({ id }) => id))
      }
    }),
  )
})

test('bytes read back as they were written', () => {
  const text = fc
    .array(fc.integer({ min: 0, max: 0x10_ffff }).filter((n) => n < 0xd800 || n > 0xdfff))
    .map((points) => String.fromCodePoint(...points))
  const field = fc.oneof(
    fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('u16' as const), value: fc.nat(65_535) }),
    fc.record({ kind: fc.constant('number' as const), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant('null' as const), value: fc.constant(null) }),
    fc.record({ kind: fc.constant('bigint' as const), value: fc.bigInt() }),
    fc.record({ kind: fc.constant('text' as const), value: text }),
  )
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      const out = new ByteWriter()
      for (const { kind, value } of fields) {
        if (kind === 'u8') out.u8(value)
        else if (kind === 'u16') out.u16(value)
        else if (kind === 'bigint') out.bigint(value)
        else if (kind === 'text') out.text(value)
        else out.number(value)
      }
      const bytes = out.done()
      const source = new ByteReader(bytes)
      for (const { kind, value } of fields) {
        const read =
          kind === 'u8'
            ? source.u8()
            : kind === 'u16'
              ? source.u16()
              : kind === 'bigint'
                ? source.bigint()
                : kind === 'text'
                  ? source.text()
                  : source.nullable()
        expect(read).toEqual(value)
      }
      expect(source.left).toBe(0)
      expect(() => source.u8()).toThrow(RangeError)
    }),
  )
})
