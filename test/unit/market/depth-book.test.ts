import { expect, test } from 'vitest'
import { DepthBook } from '../../../src/market/depth-book.js'

test('a snapshot that names a price twice is refused and changes nothing', () => {
  const book = new DepthBook()
  book.reset({ bids: [{ price_1e9: 1n, qty_1e8: 1n }], asks: [] })
  const twice = { price_1e9: 5n, qty_1e8: 1n }
  expect(() => book.reset({ bids: [], asks: [twice, twice] })).toThrow(
    /asks name price_1e9 5 twice/,
  )
  expect(book.bids).toEqual([{ price_1e9: 1n, qty_1e8: 1n }])
})

test('a price of zero and a negative size are refused', () => {
  const book = new DepthBook()
  expect(() => book.set('buy', 0n, 1n)).toThrow(RangeError)
  expect(() => book.set('buy', 1n, -1n)).toThrow(RangeError)
})

test('a crossed book says so', () => {
  const book = new DepthBook()
  book.set('buy', 10n, 1n)
  book.set('sell', 11n, 1n)
  expect(book.crossed()).toBe(false)
  book.set('buy', 11n, 1n)
  expect(book.crossed()).toBe(true)
})

test('truncating keeps the best levels', () => {
  const book = new DepthBook()
  for (const price of [3n, 1n, 2n]) book.set('buy', price, 1n)
  book.truncate(2)
  expect(book.bids.map(({ price_1e9 }) => price_1e9)).toEqual([3n, 2n])
})
