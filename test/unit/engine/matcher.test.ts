/**
 * The book alone: what it tells, what it answers, and what it will not take.
 */
import { describe, expect, test } from 'vitest'
import { BUY, SELL } from '../../../src/engine/book.js'
import { IdMap } from '../../../src/engine/id-map.js'
import { type BookSink, Matcher, RESTING_LIMIT, type Terms } from '../../../src/engine/matcher.js'

/** Writes down each call in the order it comes. */
class Log implements BookSink {
  lines: string[] = []
  traded(...[taker, maker, price, qty, left]: Parameters<BookSink['traded']>): void {
    this.lines.push(`${taker} takes ${qty} of ${maker} at ${price}, ${left} left`)
  }
  rested(...[id, price, left, ahead]: Parameters<BookSink['rested']>): void {
    this.lines.push(`${id} rests ${left} at ${price} behind ${ahead}`)
  }
  amended(...[id, price, left]: Parameters<BookSink['amended']>): void {
    this.lines.push(`${id} is ${left} at ${price}`)
  }
  done(...[id, why, left]: Parameters<BookSink['done']>): void {
    this.lines.push(`${id} ${why}, ${left} given up`)
  }
  level(...[side, price, qty]: Parameters<BookSink['level']>): void {
    this.lines.push(`${side === BUY ? 'bid' : 'ask'} ${price}: ${qty}`)
  }
}

function scene() {
  const log = new Log()
  const matcher = new Matcher(log)
  /** What the sink hears of an act. */
  const told = (act: () => unknown): string[] => {
    log.lines = []
    act()
    return log.lines
  }
  return { matcher, told }
}
const terms = (some: Partial<Terms>): Terms => ({ ...RESTING_LIMIT, ...some })

describe('what the sink hears', () => {
  test('of a taker: each fill with what stays, and each level once, when it is done with it', () => {
    const { matcher, told } = scene()
    matcher.place(1, 1, SELL, 10, 5)
    matcher.place(2, 1, SELL, 10, 7)
    matcher.place(3, 1, SELL, 11, 4)
    expect(told(() => matcher.place(4, 2, BUY, 11, 13))).toEqual([
      '4 takes 5 of 1 at 10, 0 left',
      '1 filled, 0 given up',
      '4 takes 7 of 2 at 10, 0 left',
      '2 filled, 0 given up',
      'ask 10: 0',
      '4 takes 1 of 3 at 11, 3 left',
      'ask 11: 3',
      '4 filled, 0 given up',
    ])
  })
  test('of own orders that leave a taker something to rest', () => {
    const { matcher, told } = scene()
    matcher.place(1, 1, BUY, 10, 5)
    matcher.place(2, 1, BUY, 10, 5)
    const cancelMaker = terms({ self_trade: 'cancel-maker' })
    expect(told(() => matcher.place(3, 1, SELL, 10, 4, cancelMaker))).toEqual([
      '1 self-trade, 5 given up',
      '2 self-trade, 5 given up',
      'bid 10: 0',
      '3 rests 4 at 10 behind 0',
      'ask 10: 4',
    ])
  })
  test('of a taker that gives way to its own order: nothing but that, as no level changed', () => {
    const { matcher, told } = scene()
    matcher.place(1, 1, BUY, 10, 5)
    const cancelTaker = terms({ self_trade: 'cancel-taker' })
    expect(told(() => matcher.place(2, 1, SELL, 10, 4, cancelTaker))).toEqual([
      '2 self-trade, 4 given up',
    ])
  })
  test('of lots that a taker and its own order give up to each other', () => {
    const { matcher, told } = scene()
    const decrement = terms({ self_trade: 'decrement' })
    matcher.place(1, 1, BUY, 10, 5)
    expect(told(() => matcher.place(2, 1, SELL, 10, 3, decrement))).toEqual([
      '1 is 2 at 10',
      'bid 10: 2',
      '2 self-trade, 3 given up',
    ])
    expect(told(() => matcher.place(3, 1, SELL, 10, 2, decrement))).toEqual([
      '1 self-trade, 2 given up',
      'bid 10: 0',
      '3 self-trade, 2 given up',
    ])
  })
  test('of fill-or-kill: lots given up to an own order are no fill', () => {
    const { matcher, told } = scene()
    const fok = terms({ time_in_force: 'fok', self_trade: 'decrement' })
    matcher.place(1, 1, BUY, 10, 10)
    expect(told(() => matcher.place(2, 1, SELL, 10, 10, fok))).toEqual([
      '2 fok-unfilled, 10 given up',
    ])
    expect(matcher.ahead(1)).toBe(0)
  })
  test('of an amend: less size keeps the place, as much changes no level, else it queues again', () => {
    const { matcher, told } = scene()
    matcher.place(1, 1, BUY, 10, 5)
    matcher.place(2, 2, BUY, 10, 5)
    expect(told(() => expect(matcher.amend(1, 10, 3)).toBe(true))).toEqual([
      '1 is 3 at 10',
      'bid 10: 8',
    ])
    expect(told(() => expect(matcher.amend(1, 10, 3)).toBe(true))).toEqual(['1 is 3 at 10'])
    expect([matcher.ahead(1), matcher.ahead(2)]).toEqual([0, 3])
    expect(told(() => expect(matcher.amend(1, 10, 4)).toBe(true))).toEqual([
      '1 is 4 at 10',
      'bid 10: 5',
      '1 rests 4 at 10 behind 5',
      'bid 10: 9',
    ])
  })
})

test('an order that does not rest is neither cancelled nor amended, and has nobody ahead', () => {
  const { matcher, told } = scene()
  matcher.place(1, 1, BUY, 10, 5)
  expect(matcher.cancel(1)).toBe(true)
  expect(
    told(() => expect([matcher.cancel(1), matcher.amend(1, 10, 5)]).toEqual([false, false])),
  ).toEqual([])
  expect([matcher.ahead(1), matcher.size]).toEqual([undefined, 0])
})

describe('what is no order', () => {
  const MOST = Number.MAX_SAFE_INTEGER
  test.each([
    ['an id of zero', [0, 1, BUY, 10, 1], /order id 0/],
    ['an id below zero', [-1, 1, BUY, 10, 1], /order id -1/],
    ['half an id', [1.5, 1, BUY, 10, 1], /order id 1\.5/],
    ['an id beyond counting', [MOST + 1, 1, BUY, 10, 1], /order id/],
    ['an id in use', [7, 1, BUY, 10, 1], /order id 7 is in use/],
    ['a price of nothing', [8, 1, BUY, 0, 1], /price_ticks is 0/],
    ['a price between ticks', [8, 1, BUY, 9.5, 1], /price_ticks is 9\.5/],
    ['no lots', [8, 1, BUY, 10, 0], /qty_lots is 0/],
    ['half a lot', [8, 1, BUY, 10, 0.5], /qty_lots is 0\.5/],
    ['lots without end', [8, 1, BUY, 10, Number.POSITIVE_INFINITY], /qty_lots is Infinity/],
    ['more lots than a book can count', [8, 1, BUY, 10, MOST - 4], /more lots/],
  ] as const)('%s', (_, [id, owner, side, price, qty], words) => {
    const { matcher, told } = scene()
    matcher.place(7, 1, BUY, 10, 5)
    let thrown: unknown
    const heard = told(() => {
      try {
        matcher.place(id, owner, side, price, qty)
      } catch (error) {
        thrown = error
      }
    })
    expect(thrown).toBeInstanceOf(RangeError)
    expect(String(thrown)).toMatch(words)
    expect([heard, matcher.size]).toEqual([[], 1])
  })
  test('nor is an amend to such a price or size one', () => {
    const { matcher } = scene()
    matcher.place(7, 1, BUY, 10, 5)
    expect(() => matcher.amend(7, 0, 5)).toThrow(/price_ticks is 0/)
    expect(() => matcher.amend(7, 10, 0)).toThrow(/left_lots is 0/)
  })
  test('but a book may be filled to the last lot it can count', () => {
    const { matcher } = scene()
    matcher.place(7, 1, BUY, 10, 5)
    matcher.place(8, 1, BUY, 10, MOST - 5)
    expect(matcher.book.lots).toBe(MOST)
  })
})

test('a market order takes what is there and gives the rest up', () => {
  const { matcher, told } = scene()
  expect(told(() => matcher.place(1, 1, SELL, null, 5))).toEqual(['1 no-liquidity, 5 given up'])
  matcher.place(2, 1, BUY, 1, 3)
  expect(told(() => matcher.place(3, 2, SELL, null, 5)).at(-1)).toBe('3 no-liquidity, 2 given up')
})

test('its memory is that of orders, of both ladders, and of ids', () => {
  const { matcher } = scene()
  const { orders, ids } = matcher.bytes
  expect(orders).toBe(matcher.book.store.bytes + 2 * 8 * 12)
  expect(ids).toBe(new IdMap().bytes)
  // A ninth price on one side: its ladder doubles.
  for (let price = 1; price <= 9; price++) matcher.place(price, 1, BUY, price, 1)
  expect(matcher.bytes.orders).toBe(orders + 8 * 12)
  for (let price = 11; price <= 19; price++) matcher.place(price, 1, SELL, price, 1)
  expect(matcher.bytes.orders).toBe(orders + 2 * 8 * 12)
})
