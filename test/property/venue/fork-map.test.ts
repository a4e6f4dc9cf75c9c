import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ForkMap } from '../../../src/venue/fork-map.js'

interface Value {
  n: number
}

type Key = number | string

const key = fc.oneof(fc.integer({ min: -3, max: 200 }), fc.integer({ max: 90 }).map(String))

const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), key, n: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), key, n: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), left: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fill' as const), from: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fork' as const) }) },
)

const copyOf = ({ n }: Value): Value => ({ n })

test('a fork map and its forks hold what maps copied whole hold, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), move), { maxLength: 300 }), (moves) => {
      const all: { map: ForkMap<Key, Value>; model: Map<Key, Value> }[] = [
        { map: new ForkMap(), model: new Map() },
      ]
      for (const [nth, one] of moves) {
        const { map, model } = all[nth % all.length] as (typeof all)[number]
        if (one.do === 'set') {
          map.set(one.key, { n: one.n })
          model.set(one.key, { n: one.n })
        } else if (one.do === 'delete') {
          expect(map.delete(one.key)).toBe(model.delete(one.key))
        } else if (one.do === 'change') {
          const mine = map.own(one.key, copyOf)
          const known = model.get(one.key)
          expect(mine).toEqual(known)
          if (mine !== undefined) mine.n = one.n
          if (known !== undefined) known.n = one.n
        } else if (one.do === 'drain') {
          for (const oldest of [...model.keys()].slice(one.left)) {
            map.delete(oldest)
            model.delete(oldest)
          }
        } else if (one.do === 'fill') {
          for (let n = one.from; n < one.from + 300; n++) {
            map.set(`fill-${n}`, { n })
            model.set(`fill-${n}`, { n })
          }
        } else if (all.length < 6) {
          const copied = [...model].map(([each, value]) => [each, copyOf(value)] as const)
          all.push({ map: map.fork(), model: new Map(copied) })
        }
      }
      for (const { map, model } of all) {
        expect([...map]).toEqual([...model])
        expect([...map.keys()]).toEqual([...model.keys()])
        expect([...map.values()]).toEqual([...model.values()])
        expect(map.size).toBe(model.size)
        for (const each of model.keys()) expect(map.get(each)).toEqual(model.get(each))
        expect(map.has('never')).toBe(false)
        expect(map.get(-99)).toBeUndefined()
      }
    }),
    { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 100) },
  )
})

test('a value is copied once per fork, and only when it is changed', () => {
  const map = new ForkMap<number, Value>()
  map.set(1, { n: 1 })
  let copies = 0
  const copy = (value: Value) => {
    copies += 1
    return copyOf(value)
  }
  map.own(1, copy)
  expect(copies).toBe(0)
  const fork = map.fork()
  expect(fork.get(1)).toBe(map.get(1))
  map.own(1, copy)
  map.own(1, copy)
  expect(copies).toBe(1)
  fork.own(1, copy)
  expect(copies).toBe(2)
  expect(fork.get(1)).not.toBe(map.get(1))
})
