import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DepthBook, sizeAt } from '../../../src/market/depth-book.js'

const change = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price_1e9: fc.bigInt(1n, 60n),
  qty_1e8: fc.oneof(fc.constant(0n), fc.bigInt(1n, 9n)),
})

test('a book holds the same levels as a map sorted anew after every change', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const book = new DepthBook()
      const maps = { buy: new Map<bigint, bigint>(), sell: new Map<bigint, bigint>() }
      for (const { side, price_1e9, qty_1e8 } of changes) {
        const before = maps[side].get(price_1e9) ?? 0n
        expect(book.set(side, price_1e9, qty_1e8)).toBe(before)
        if (qty_1e8 === 0n) maps[side].delete(price_1e9)
        else maps[side].set(price_1e9, qty_1e8)
      }
      const naive = (side: 'buy' | 'sell') =>
        [...maps[side]]
          .map(([price_1e9, qty_1e8]) => ({ price_1e9, qty_1e8 }))
          .sort((a, b) => Number(a.price_1e9 - b.price_1e9) * (side === 'buy' ? -1 : 1))
      expect(book.bids).toEqual(naive('buy'))
      expect(book.asks).toEqual(naive('sell'))
      for (let price = 1n; price <= 60n; price += 1n) {
        expect(book.qtyAt('buy', price)).toBe(maps.buy.get(price) ?? 0n)
        expect(sizeAt(book.asks, 'sell', price)).toBe(maps.sell.get(price) ?? 0n)
      }
      const again = new DepthBook()
      again.reset({ bids: [...book.bids].reverse(), asks: [...book.asks].reverse() })
      expect(again.copy()).toEqual(book.copy())
    }),
    { numRuns: 200 },
  )
})
