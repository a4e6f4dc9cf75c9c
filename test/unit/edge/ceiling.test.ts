import { expect, test } from 'vitest'
import { Ceiling } from '../../../src/edge/ceiling.js'

const fill = (price: bigint, qty: bigint, fee: bigint, liquidity: 'maker' | 'taker' = 'taker') => ({
  price_1e9: price,
  qty_1e8: qty,
  fee_1e8: fee,
  liquidity,
})

function buying() {
  const ceiling = new Ceiling('buy')
  ceiling.push(fill(100n, 4n, 10n))
  ceiling.push(fill(101n, 6n, 3n, 'maker'))
  return ceiling
}

test('nothing may fill before the reference has filled', () => {
  expect(new Ceiling('buy').most(100n, 5n)).toBe(0n)
})

test('a price better than the reference paid allows nothing', () => {
  expect(buying().most(99n, 5n)).toBe(0n)
  expect(buying().most(100n, 5n)).toBe(4n)
  expect(buying().most(101n, 50n)).toBe(10n)
  expect(buying().most(105n, 7n)).toBe(7n)
})

test('a seller’s better price is the higher one', () => {
  const ceiling = new Ceiling('sell')
  ceiling.push(fill(100n, 4n, 0n))
  expect(ceiling.most(101n, 4n)).toBe(0n)
  expect(ceiling.most(99n, 4n)).toBe(4n)
})

test('the least fee is the reference’s own, shared out so that the parts add up', () => {
  const ceiling = buying()
  const first = ceiling.take(3n)
  expect(first).toEqual({ fee_1e8: 8n, liquidity: 'taker', price_1e9: 100n }) // 7.5 rounded up
  const rest = ceiling.take(7n)
  expect(rest).toEqual({ fee_1e8: 5n, liquidity: 'taker', price_1e9: 100n })
  expect(ceiling.most(200n, 1n)).toBe(0n)
})

test('makers alone make a maker', () => {
  const ceiling = buying()
  ceiling.take(4n)
  expect(ceiling.take(6n).liquidity).toBe('maker')
})

test('a dropped plan gives its units back', () => {
  const ceiling = buying()
  ceiling.take(1n)
  const mark = ceiling.mark()
  ceiling.take(5n)
  ceiling.rewind(mark)
  expect(ceiling.most(101n, 50n)).toBe(9n)
})

test('taking more than was allowed is a broken invariant', () => {
  expect(() => buying().take(11n)).toThrow(/exceeds its reference by 1/)
})
