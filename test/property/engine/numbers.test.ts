/**
 * Numbers: every conversion of the engine goes both ways, or refuses.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/engine/decimal.js'
import { complement, type Depth } from '../../../src/engine/depth.js'
import { allowed, atOrAbove, atOrBelow, tickBands } from '../../../src/engine/grid.js'
import {
  type Instrument,
  lotsOf,
  onGrid,
  priceOf,
  qtyOf,
  ticksOf,
} from '../../../src/engine/instrument.js'
import { Money } from '../../../src/engine/money.js'
import {
  divCeil,
  divFloor,
  notionalDown,
  notionalUp,
  priceTicks,
  qtyLots,
} from '../../../src/engine/units.js'
import { btcUsd, kxTest } from '../../support/engine.js'

const whole = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const positive = fc.bigInt({ min: 1n, max: 10n ** 20n })
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const steps = fc.record({
  tick_size_1e9: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  lot_size_1e8: fc.bigInt({ min: 1n, max: 10n ** 12n }),
})

describe('decimal', () => {
  test('text of a number reads back as that number', () => {
    fc.assert(
      fc.property(whole, fc.nat(12), (value, decimals) => {
        expect(parseDecimal(formatDecimal(value, decimals), decimals, 'refuse')).toBe(value)
      }),
    )
  })
  test('an exponent shifts the point', () => {
    fc.assert(
      fc.property(whole, fc.nat(12), fc.integer({ min: -6, max: 20 }), (value, decimals, e) => {
        const text = `${formatDecimal(value, decimals)}e${e}`
        expect(parseDecimal(text, decimals + 6, 'refuse')).toBe(value * 10n ** BigInt(e + 6))
      }),
    )
  })
  test('digits beyond the scale are cut toward zero, or refused', () => {
    fc.assert(
      fc.property(whole, (value) => {
        const text = formatDecimal(value, 12)
        const sign = value < 0n ? -1n : 1n
        const size = value < 0n ? -value : value
        expect(parseDecimal(text, 8)).toBe(sign * (size / 10_000n))
        const exact = size % 10_000n === 0n
        expect(parseDecimal(text, 8, 'refuse')).toBe(exact ? value / 10_000n : undefined)
      }),
    )
  })
})

describe('units', () => {
  test('floor and ceiling bracket the quotient', () => {
    fc.assert(
      fc.property(whole, positive, (a, b) => {
        const floor = divFloor(a, b)
        const ceil = divCeil(a, b)
        expect(floor * b <= a && (floor + 1n) * b > a).toBe(true)
        expect(ceil * b >= a && (ceil - 1n) * b < a).toBe(true)
        expect(ceil - floor).toBe(a % b === 0n ? 0n : 1n)
      }),
    )
  })
  test('a payer never pays less than a receiver receives, and at most one unit more', () => {
    fc.assert(
      fc.property(positive, positive, (price, qty) => {
        const dust = notionalUp(price, qty) - notionalDown(price, qty)
        expect(dust === 0n || dust === 1n).toBe(true)
      }),
    )
  })
  test('counts are whole, safe and not negative', () => {
    fc.assert(
      fc.property(fc.double(), (n) => {
        const fine = Number.isSafeInteger(n) && n >= 0
        for (const make of [priceTicks, qtyLots]) {
          if (fine) expect(make(n)).toBe(n)
          else expect(() => make(n)).toThrow(RangeError)
        }
      }),
    )
  })
})

describe('instrument', () => {
  test('ticks and lots go to fixed point and back', () => {
    fc.assert(
      fc.property(steps, count, (sizes, n) => {
        const instrument: Instrument = { ...btcUsd, ...sizes }
        expect(ticksOf(instrument, priceOf(instrument, n))).toBe(n)
        expect(lotsOf(instrument, qtyOf(instrument, n))).toBe(n)
        if (sizes.tick_size_1e9 > 1n) {
          expect(ticksOf(instrument, priceOf(instrument, n) + 1n)).toBeUndefined()
        }
        expect(ticksOf(instrument, -sizes.tick_size_1e9)).toBeUndefined()
      }),
    )
  })
  test('the grid in ticks is the grid in prices', () => {
    const instrument: Instrument = {
      ...kxTest,
      tick_size_1e9: 1_000_000n,
      price_bands: [
        { from_1e9: 0n, to_1e9: 100_000_000n, step_1e9: 1_000_000n },
        { from_1e9: 100_000_000n, to_1e9: 900_000_000n, step_1e9: 10_000_000n },
        { from_1e9: 900_000_000n, to_1e9: 1_000_000_000n, step_1e9: 1_000_000n },
      ],
    }
    const bands = tickBands(instrument.price_bands, instrument.tick_size_1e9)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (ticks) => {
        expect(allowed(bands, ticks)).toBe(onGrid(instrument, priceOf(instrument, ticks)))
        const below = atOrBelow(bands, ticks)
        const above = atOrAbove(bands, ticks)
        const slowBelow = range(ticks, 0).find((t) => allowed(bands, t)) ?? null
        const slowAbove = range(ticks, 1_001).find((t) => allowed(bands, t)) ?? null
        expect([below, above]).toEqual([slowBelow, slowAbove])
      }),
    )
  })
})

/** From `a` towards `b`, without `b`. */
function range(a: number, b: number): number[] {
  const step = a <= b ? 1 : -1
  return Array.from({ length: Math.abs(b - a) }, (_, n) => a + n * step)
}

describe('money', () => {
  test('fast figures equal the slow ones', () => {
    fc.assert(
      fc.property(steps, count, fc.oneof(count, fc.nat(1_000)), (sizes, ticks, lots) => {
        const money = new Money({ ...btcUsd, ...sizes })
        const price = BigInt(ticks) * sizes.tick_size_1e9
        const qty = BigInt(lots) * sizes.lot_size_1e8
        expect(money.price_1e9(ticks)).toBe(price)
        expect(money.qty_1e8(lots)).toBe(qty)
        expect(money.up(ticks, lots)).toBe(notionalUp(price, qty))
        expect(money.down(ticks, lots)).toBe(notionalDown(price, qty))
        expect(money.exact_1e17(ticks, lots)).toBe(price * qty)
      }),
      { numRuns: 1_000 },
    )
  })
  test('a budget buys as many lots as it can pay and no more', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.bigInt({ min: 0n, max: 10n ** 24n }),
        (sizes, ticks, budget) => {
          const money = new Money({ ...btcUsd, ...sizes })
          const lots = money.lotsFor(ticks, budget)
          expect(money.up(ticks, lots) <= budget).toBe(true)
          if (lots < Number.MAX_SAFE_INTEGER) {
            expect(money.up(ticks, lots + 1) > budget).toBe(true)
          }
        },
      ),
    )
  })
})

test('the complement of a complement is the depth itself', () => {
  const level = fc.record({
    price_1e9: fc.bigInt({ min: 1n, max: 999_999_999n }),
    qty_1e8: positive,
  })
  const depth: fc.Arbitrary<Depth> = fc.record({ bids: fc.array(level), asks: fc.array(level) })
  fc.assert(
    fc.property(depth, (one) => {
      expect(complement(complement(one))).toEqual(one)
      expect(complement(one).bids.map((l) => l.price_1e9)).toEqual(
        one.asks.map((l) => 1_000_000_000n - l.price_1e9),
      )
    }),
  )
})
