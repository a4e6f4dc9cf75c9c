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
      for (const [adds, key, value] of steps) {
        if (adds && !plain.has(key)) {
          map.add(key, value)
          plain.set(key, value)
        } else if (!adds) {
          expect(map.remove(key)).toBe(plain.get(key) ?? -1)
          plain.delete(key)
        }
        expect(map.size).toBe(plain.size)
      }
      const copy = map.copy()
      for (const [, key] of steps) {
        expect(map.get(key)).toBe(plain.get(key) ?? -1)
        expect(copy.get(key)).toBe(plain.get(key) ?? -1)
      }
      expect([map.get(0), map.remove(0), map.get(1.5)]).toEqual([-1, -1, -1])
    }),
    { numRuns: 60 },
  )
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
      let next = 0
      for (const one of keys) {
        const there = plain.get(one)
        expect(ladder.find(one)).toBe(there ?? -1)
        if (there === undefined) {
          ladder.insert(one, next)
          plain.set(one, next)
          next += 1
          const sorted = [...plain.keys()].sort((a, b) => a - b)
          const at = sorted.indexOf(one)
          const slot = (neighbour: number | undefined) =>
            neighbour === undefined ? -1 : plain.get(neighbour)
          expect([ladder.worse, ladder.better]).toEqual([
            slot(sorted[at - 1]),
            slot(sorted[at + 1]),
          ])
        } else {
          ladder.remove(one)
          plain.delete(one)
        }
        expect(ladder.size).toBe(plain.size)
        const best = plain.size === 0 ? undefined : Math.max(...plain.keys())
        expect(ladder.best).toBe(best === undefined ? -1 : plain.get(best))
      }
      const copy = ladder.copy()
      for (const [one, slot] of plain) expect(copy.find(one)).toBe(slot)
      expect([copy.best, copy.size]).toEqual([ladder.best, ladder.size])
    }),
    { numRuns: 20 },
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
      for (const now of [10, 30, 50]) {
        for (;;) {
          const due = expiries.due(now)
          expect(copy.due(now)).toBe(due)
          if (due === undefined) break
          const first = standing.shift()
          expect([due, (first?.ts_us ?? 99) <= now]).toEqual([first?.id, true])
        }
        expect(standing.every(({ ts_us }) => ts_us > now)).toBe(true)
      }
    }),
  )
})

test('bytes read back as they were written', () => {
  const field = fc.oneof(
    fc.record({ kind: fc.constant('u8' as const), value: fc.nat(255) }),
    fc.record({ kind: fc.constant('u16' as const), value: fc.nat(65_535) }),
    fc.record({ kind: fc.constant('number' as const), value: fc.maxSafeInteger() }),
    fc.record({ kind: fc.constant('null' as const), value: fc.constant(null) }),
    fc.record({ kind: fc.constant('bigint' as const), value: fc.bigInt() }),
    fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'binary' }) }),
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
