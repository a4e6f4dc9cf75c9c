import { describe, expect, test } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/engine/decimal.js'
import { onGrid } from '../../../src/engine/instrument.js'
import {
  divCeil,
  divFloor,
  notionalDown,
  notionalUp,
  priceTicks,
  qtyLots,
} from '../../../src/engine/units.js'
import { CENT, kxTest } from '../../support/engine.js'

describe('parseDecimal', () => {
  test.each([
    ['0.29', 8, 29_000_000n],
    ['0.57', 8, 57_000_000n],
    ['1e21', 0, 10n ** 21n],
    ['1.5E-3', 8, 150_000n],
    ['-1.5', 9, -1_500_000_000n],
    ['+.5', 1, 5n],
    ['5.', 1, 50n],
    ['0.000000019', 8, 1n],
    ['-0.000000019', 8, -1n],
    ['900719925474099.312345678', 9, 900_719_925_474_099_312_345_678n],
  ])('reads %s at scale %i', (text, decimals, value) => {
    expect(parseDecimal(text, decimals)).toBe(value)
  })
  test.each([
    '',
    '.',
    '-',
    'e5',
    '1.2.3',
    '1,5',
    ' 1',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '1_000',
    '1e99999',
  ])('refuses %j', (text) => {
    expect(parseDecimal(text, 8)).toBeUndefined()
  })
  test('refuses digits beyond the scale when asked, but not zeros', () => {
    expect(parseDecimal('0.123', 2, 'refuse')).toBeUndefined()
    expect(parseDecimal('0.120', 2, 'refuse')).toBe(12n)
    expect(parseDecimal('0.123', 2, 'cut')).toBe(12n)
  })
})

describe('formatDecimal', () => {
  test.each([
    [29_000_000n, 8, undefined, '0.29'],
    [29_000_000n, 8, 4, '0.2900'],
    [29_999_999n, 8, 2, '0.29'],
    [-29_999_999n, 8, 2, '-0.29'],
    [-1n, 8, 2, '0.00'],
    [-1n, 8, undefined, '-0.00000001'],
    [10n ** 21n, 0, undefined, '1000000000000000000000'],
    [5n, 0, 2, '5.00'],
    [0n, 8, undefined, '0'],
    [123n, 2, 0, '1'],
  ])('writes %s at scale %i', (value, decimals, shown, text) => {
    expect(formatDecimal(value, decimals, shown)).toBe(text)
  })
})

describe('rounding', () => {
  test('goes toward minus and plus infinity, on both sides of zero', () => {
    expect([divFloor(7n, 2n), divFloor(-7n, 2n), divFloor(6n, 2n), divFloor(-6n, 2n)]).toEqual([
      3n,
      -4n,
      3n,
      -3n,
    ])
    expect([divCeil(7n, 2n), divCeil(-7n, 2n), divCeil(6n, 2n), divCeil(-6n, 2n)]).toEqual([
      4n,
      -3n,
      3n,
      -3n,
    ])
  })
  test('a payer pays the next unit up, a receiver gets the one below', () => {
    expect(notionalUp(30_000_000_000_000n, 50_000_000n)).toBe(1_500_000_000_000n)
    expect(notionalUp(1n, 1n)).toBe(1n)
    expect(notionalDown(1n, 1n)).toBe(0n)
  })
  test('a count that is none says what was given and what was expected', () => {
    expect(() => priceTicks(1.5)).toThrow(/price_ticks is 1\.5; a whole number/)
    expect(() => priceTicks(-1)).toThrow(RangeError)
    expect(() => priceTicks(2 ** 53)).toThrow(RangeError)
  })
})

describe('onGrid', () => {
  const bands = (...edges: [string, string, string][]) => ({
    ...kxTest,
    tick_size_1e9: 100_000n,
    price_bands: edges.map(([from, to, step]) => ({
      from_1e9: parseDecimal(from, 9) ?? 0n,
      to_1e9: parseDecimal(to, 9) ?? 0n,
      step_1e9: parseDecimal(step, 9) ?? 0n,
    })),
  })
  const price = (text: string) => parseDecimal(text, 9) ?? 0n
  const tapered = bands(['0', '.1', '.001'], ['.1', '.9', '.01'], ['.9', '1', '.001'])
  const centi = bands(['0', '.01', '.0001'], ['.01', '.99', '.001'], ['.99', '1', '.0001'])
  const half = bands(['0', '.1', '.005'], ['.1', '.9', '.01'], ['.9', '1', '.005'])
  test.each([
    ['tapered', tapered, ['0.055', '0.90', '0.901', '0.1'], ['0.155', '0', '1.001', '0.0555']],
    ['centi', centi, ['0.0099', '0.011', '0.9901'], ['0.0101']],
    ['half', half, ['0.095', '0.905'], ['0.105']],
  ])('follows the bands of %s', (_, instrument, fine, off) => {
    for (const text of fine) expect([text, onGrid(instrument, price(text))]).toEqual([text, true])
    for (const text of off) expect([text, onGrid(instrument, price(text))]).toEqual([text, false])
  })
  test('without bands every tick above zero is allowed', () => {
    expect([onGrid(kxTest, CENT), onGrid(kxTest, CENT + 1n), onGrid(kxTest, 0n)]).toEqual([
      true,
      false,
      false,
    ])
  })
})

test('steps are whole numbers from 0 to 2^53 - 1', () => {
  for (const make of [priceTicks, qtyLots]) {
    for (const n of [0, 1, 2 ** 53 - 1]) expect(make(n)).toBe(n)
    for (const n of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => make(n)).toThrow(RangeError)
    }
  }
})
