/**
 * The book's flat memory: records keep what they are given, slots are used again, room grows by little.
 */
import { describe, expect, test } from 'vitest'
import { BookStore, type RecordKind } from '../../../src/engine/store.js'

const KINDS: RecordKind[] = ['book', 'exchange']
/** Bytes: 64 orders and 64 levels to begin with. */
const LEVELS = 64 * 40

describe.each(KINDS)('a %s store', (kind) => {
  const record = kind === 'book' ? 32 : 56

  test('keeps every field of an order, ids and flags to their last bit', () => {
    const store = new BookStore(kind)
    const ids = [1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52 + 5, 2 ** 53 - 1]
    const slots = ids.map((id, at) => store.takeOrder(id, 2 ** 53 - 1 - at, at, at + 1, at - 1, at))
    expect(slots).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(store.count).toBe(7)
    for (const [at, id] of ids.entries()) {
      expect([
        store.id(at),
        store.remaining(at),
        store.owner(at),
        store.level(at),
        store.next(at),
        store.prev(at),
        store.flags(at),
      ]).toEqual([id, 2 ** 53 - 1 - at, at, at + 1, -1, at - 1, at])
    }
    const full = store.takeOrder(2 ** 53 - 1, 1, 0, 0, -1, 2 ** 11 - 1)
    expect([store.id(full), store.flags(full)]).toEqual([2 ** 53 - 1, 2 ** 11 - 1])
    store.setRemaining(0, 8)
    store.setNext(0, 3)
    store.setPrev(0, 4)
    expect([store.remaining(0), store.next(0), store.prev(0)]).toEqual([8, 3, 4])
  })

  test('keeps every field of a level', () => {
    const store = new BookStore(kind)
    const level = store.takeLevel(2 ** 53 - 1, 7)
    expect([
      store.price(level),
      store.total(level),
      store.orders(level),
      store.head(level),
      store.tail(level),
      store.home(level),
    ]).toEqual([2 ** 53 - 1, 0, 0, -1, -1, 7])
    store.setTotal(level, 1)
    store.setOrders(level, 2)
    store.setHead(level, 3)
    store.setTail(level, 4)
    store.setBetter(level, 5)
    store.setWorse(level, 6)
    expect([
      store.total(level),
      store.orders(level),
      store.head(level),
      store.tail(level),
      store.better(level),
      store.worse(level),
    ]).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('hands freed slots out again, newest first, before new ones', () => {
    const store = new BookStore(kind)
    for (let id = 1; id <= 4; id++) store.takeOrder(id, 1, 0, 0, -1, 0)
    store.freeOrder(0)
    store.freeOrder(2)
    expect(store.count).toBe(2)
    expect([1, 2, 3].map((id) => store.takeOrder(id, 1, 0, 0, -1, 0))).toEqual([2, 0, 4])
    const levels = [1, 2, 3].map((price) => store.takeLevel(price, 0))
    store.freeLevel(0)
    store.freeLevel(1)
    expect(levels).toEqual([0, 1, 2])
    expect([4, 5, 6].map((price) => store.takeLevel(price, 0))).toEqual([1, 0, 3])
  })

  test('grows by 64 records, later by an eighth, and loses nothing', () => {
    const store = new BookStore(kind)
    const sizes = new Set<number>()
    for (let id = 1; id <= 1_000; id++) {
      store.takeOrder(id, id, 0, 0, -1, 0)
      sizes.add(store.bytes)
      if (id === 64) expect(store.bytes).toBe(64 * record + LEVELS)
    }
    const rooms = [64, 128, 192, 256, 320, 384, 448, 512, 576, 648, 729, 821, 924, 1_040]
    expect([...sizes]).toEqual(rooms.map((room) => room * record + LEVELS))
    for (let id = 1; id <= 1_000; id++) expect(store.id(id - 1)).toBe(id)
    const before = store.bytes
    for (let price = 1; price <= 64; price++) store.takeLevel(price, 0)
    expect(store.bytes).toBe(before)
    store.takeLevel(65, 0)
    expect(store.bytes).toBe(before + 64 * 40)
    for (let price = 1; price <= 65; price++) expect(store.price(price - 1)).toBe(price)
  })

  test('is copied whole and apart', () => {
    const store = new BookStore(kind)
    for (let id = 1; id <= 3; id++) store.takeOrder(id, id, 0, 0, -1, 0)
    store.takeLevel(9, 0)
    store.takeLevel(10, 0)
    store.freeOrder(1)
    store.freeLevel(0)
    const copy = store.copy()
    store.setRemaining(0, 99)
    store.setTotal(1, 99)
    expect([copy.count, copy.id(0), copy.remaining(0), copy.total(1)]).toEqual([2, 1, 1, 0])
    expect(copy.bytes).toBe(store.bytes)
    for (const one of [store, copy]) {
      expect([7, 8].map((id) => one.takeOrder(id, 1, 0, 0, -1, 0))).toEqual([1, 3])
      expect([7, 8].map((price) => one.takeLevel(price, 0))).toEqual([0, 2])
    }
  })
})

describe('what an exchange keeps of an order', () => {
  const taken = () => {
    const store = new BookStore('exchange')
    return { store, slot: store.takeOrder(1, 1, 0, 0, -1, 0) }
  }

  test('is zero at first, also in a slot used again', () => {
    const { store, slot } = taken()
    store.setHold(slot, 5)
    store.setFilled(slot, 2 ** 40)
    store.setCover(slot, 7)
    store.freeOrder(slot)
    expect(store.takeOrder(2, 1, 0, 0, -1, 0)).toBe(slot)
    expect([store.hold(slot), store.filled(slot), store.cover(slot)]).toEqual([0, 0, 0])
  })
  test.each([0, 1, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 53 - 1])(
    'counts %s lots',
    (lots) => {
      const { store, slot } = taken()
      store.setFilled(slot, lots)
      store.setCover(slot, 3)
      expect([store.filled(slot), store.cover(slot)]).toEqual([lots, 3])
      store.setCover(slot, lots)
      store.setFilled(slot, 4)
      expect([store.filled(slot), store.cover(slot)]).toEqual([4, lots])
      expect([store.copy().filled(slot), store.copy().cover(slot)]).toEqual([4, lots])
    },
  )
  test('chains orders of a seat', () => {
    const { store, slot } = taken()
    store.setSeatNext(slot, 12)
    store.setSeatPrev(slot, 13)
    store.setHold(slot, 2 ** 53 - 1)
    expect([store.seatNext(slot), store.seatPrev(slot)]).toEqual([12, 13])
    expect([store.hold(slot), store.next(slot), store.prev(slot)]).toEqual([2 ** 53 - 1, -1, -1])
  })
})
