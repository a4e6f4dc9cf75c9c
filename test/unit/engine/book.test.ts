/**
 * A book alone: what rests is counted, queues stay whole, whatever leaves them.
 */
import { expect, test } from 'vitest'
import { Book, BUY, SELL } from '../../../src/engine/book.js'

test('counts the lots that rest on both sides, as they come, shrink and leave', () => {
  const book = new Book()
  const bid = book.rest(BUY, 10, 1, 0, 70, 0)
  const ask = book.rest(SELL, 12, 2, 0, 30, 0)
  expect(book.lots).toBe(100)
  expect(book.shrink(bid, 20)).toBe(50)
  expect(book.lots).toBe(80)
  expect(book.remove(ask)).toBe(0)
  expect(book.lots).toBe(50)
})

test('an order that leaves the end of a queue leaves the one before it in its place', () => {
  const book = new Book()
  const first = book.rest(BUY, 10, 1, 0, 5, 0)
  const second = book.rest(BUY, 10, 2, 0, 7, 0)
  expect([first, second]).toEqual([0, 1])
  expect(book.remove(second)).toBe(5)
  expect(book.store.head(book.levelAt(BUY, 10))).toBe(first)
  const third = book.rest(BUY, 10, 3, 0, 9, 0)
  expect([book.ahead(third), book.store.next(first)]).toEqual([5, third])
  expect([book.remove(first), book.ahead(third)]).toEqual([9, 0])
})
