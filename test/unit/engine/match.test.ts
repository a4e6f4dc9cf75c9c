/**
 * The plan of a taker, step by step, and the ladder it walks.
 */
import { describe, expect, test } from 'vitest'
import { Book, BUY, SELL } from '../../../src/engine/book.js'
import { Ladder } from '../../../src/engine/ladder.js'
import {
  COMPLETE,
  DECREMENT,
  DROP_MAKER,
  EXHAUSTED,
  Plan,
  type PlanRules,
  plan,
  SELF_TRADE,
  SPENT,
  type Taker,
  TRADE,
} from '../../../src/engine/match.js'

const plain: PlanRules = {
  groupOf: (owner) => owner,
  cap: () => 0,
  capped_flags: 0,
  affordable: () => 0,
  budgeted: false,
}
const FLAGGED = 1

/** Asks of ten lots each, one owner a price; `flags` of the first. */
function asks(prices: number[], flags = 0): Book {
  const book = new Book()
  for (const [at, price] of prices.entries()) {
    book.rest(SELL, price, at + 1, at + 1, 10, at === 0 ? flags : 0)
  }
  return book
}

function planned(book: Book, taker: Partial<Taker>, rules: Partial<PlanRules> = {}) {
  const into = new Plan()
  const whole = { side: BUY, limit_ticks: 100, qty_lots: 15, group: 99, self_trade: 'allow' }
  plan(book, { ...whole, ...taker } as Taker, { ...plain, ...rules }, into)
  const steps = Array.from({ length: into.steps }, (_, at) => [
    into.kind[at],
    into.slot[at],
    into.price[at],
    into.qty[at],
  ])
  const { end, left_lots, traded_lots, decremented_lots } = into
  return { steps, end, left_lots, traded_lots, decremented_lots }
}

describe('a plan', () => {
  test('fills from the best price until the taker has enough', () => {
    expect(planned(asks([11, 10, 12]), {})).toEqual({
      steps: [
        [TRADE, 1, 10, 10],
        [TRADE, 0, 11, 5],
      ],
      end: COMPLETE,
      left_lots: 0,
      traded_lots: 15,
      decremented_lots: 0,
    })
  })
  test('ends at the limit or with the book', () => {
    const within = { steps: [[TRADE, 0, 10, 10]], end: EXHAUSTED, left_lots: 5, traded_lots: 10 }
    expect(planned(asks([10, 11]), { limit_ticks: 10 })).toMatchObject(within)
    expect(planned(asks([10]), {})).toMatchObject(within)
  })
  test('of nothing has no steps and is complete', () => {
    for (const book of [asks([10]), asks([])]) {
      expect(planned(book, { qty_lots: 0 })).toMatchObject({ steps: [], end: COMPLETE })
    }
  })
  test('meets its own orders as it was told', () => {
    const own = (self_trade: Taker['self_trade']) =>
      planned(asks([10, 11]), { group: 1, self_trade })
    expect(own('cancel-taker')).toMatchObject({ steps: [], end: SELF_TRADE, left_lots: 15 })
    expect(own('cancel-both')).toMatchObject({ steps: [[DROP_MAKER, 0, 10, 10]], end: SELF_TRADE })
    expect(own('cancel-maker')).toMatchObject({
      steps: [
        [DROP_MAKER, 0, 10, 10],
        [TRADE, 1, 11, 10],
      ],
      end: EXHAUSTED,
    })
    expect(own('decrement')).toMatchObject({
      steps: [
        [DECREMENT, 0, 10, 10],
        [TRADE, 1, 11, 5],
      ],
      left_lots: 0,
      decremented_lots: 10,
    })
  })
  test('stops when decrementing leaves it nothing', () => {
    const taker = { group: 1, self_trade: 'decrement', qty_lots: 10 } as const
    const book = asks([10])
    book.rest(SELL, 11, 2, 1, 10, 0)
    expect(planned(book, taker)).toMatchObject({
      steps: [[DECREMENT, 0, 10, 10]],
      end: COMPLETE,
      left_lots: 0,
    })
  })
  test.each([
    [
      4,
      [
        [TRADE, 0, 10, 4],
        [TRADE, 1, 11, 10],
      ],
    ],
    [0, [[TRADE, 1, 11, 10]]],
    [
      50,
      [
        [TRADE, 0, 10, 10],
        [TRADE, 1, 11, 5],
      ],
    ],
  ])('a flagged order gives no more than its cap, %s', (cap, steps) => {
    const rules = { capped_flags: FLAGGED, cap: () => cap }
    expect(planned(asks([10, 11], FLAGGED), {}, rules).steps).toEqual(steps)
  })
  test('asks no cap of orders without the flag', () => {
    const rules = { capped_flags: FLAGGED, cap: () => 1 }
    expect(planned(asks([10]), {}, rules).steps).toEqual([[TRADE, 0, 10, 10]])
  })
  test('a budget ends it where no further lot is paid for', () => {
    const budget = (lots: number) => {
      let left = lots
      return planned(
        asks([10, 11]),
        {},
        {
          budgeted: true,
          affordable: (_, wanted) => {
            const bought = Math.min(left, wanted)
            left -= bought
            return bought
          },
        },
      )
    }
    expect(budget(12)).toMatchObject({
      steps: [
        [TRADE, 0, 10, 10],
        [TRADE, 1, 11, 2],
      ],
      end: SPENT,
      left_lots: 3,
    })
    expect(budget(10)).toMatchObject({ steps: [[TRADE, 0, 10, 10]], end: SPENT, left_lots: 5 })
    expect(budget(15)).toMatchObject({ end: COMPLETE, left_lots: 0, traded_lots: 15 })
  })
  test('of many steps keeps them all', () => {
    const prices = Array.from({ length: 200 }, (_, at) => at + 10)
    const { steps, traded_lots } = planned(asks(prices), { limit_ticks: 500, qty_lots: 2_000 })
    expect(traded_lots).toBe(2_000)
    expect(steps).toEqual(prices.map((price, at) => [TRADE, at, price, 10]))
  })
})

describe('a ladder', () => {
  const filled = (count: number) => {
    const ladder = new Ladder()
    for (let key = 1; key <= count; key++) ladder.insert(key, key * 10)
    return ladder
  }

  test('is empty at first', () => {
    const { best, size, worse, better } = new Ladder()
    expect([best, size, worse, better]).toEqual([-1, 0, -1, -1])
  })
  test('takes room as it grows: doubling to 128 places, then chunk by chunk', () => {
    const bytes = [0, 8, 9, 16, 17, 128, 129].map((count) => filled(count).bytes / 12)
    expect(bytes).toEqual([8, 8, 16, 16, 32, 128, 256])
  })
  test('gives an emptied chunk back, and finds what is left', () => {
    const ladder = filled(300)
    for (let key = 300; key > 0; key--) {
      expect([ladder.best, ladder.find(key), ladder.find(key - 1)]).toEqual([
        key * 10,
        key * 10,
        key === 1 ? -1 : (key - 1) * 10,
      ])
      ladder.remove(key)
      expect(ladder.find(key)).toBe(-1)
    }
    expect([ladder.size, ladder.best, ladder.bytes]).toEqual([0, -1, 128 * 12])
    ladder.insert(7, 1)
    expect([ladder.best, ladder.worse, ladder.better]).toEqual([1, -1, -1])
  })
  test('empties from the far end as well', () => {
    const ladder = filled(300)
    for (let key = 1; key <= 300; key++) {
      ladder.remove(key)
      expect([ladder.find(key), ladder.find(key + 1)]).toEqual([
        -1,
        key === 300 ? -1 : key * 10 + 10,
      ])
    }
    expect(ladder.best).toBe(-1)
  })
  test('knows the neighbours of what goes in between chunks', () => {
    for (let gone = 60; gone < 70; gone++) {
      const ladder = filled(200)
      ladder.remove(gone)
      ladder.insert(gone, 5)
      expect([ladder.worse, ladder.better]).toEqual([gone * 10 - 10, gone * 10 + 10])
    }
  })
})
