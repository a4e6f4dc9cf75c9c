/** Price levels: the grid vectors of the sheet and the table of structures. */
import { expect, test } from 'vitest'
import { onGrid } from '../../../../src/engine/instrument.js'
import { market } from '../../../../venues/kalshi/instruments.js'
import {
  aggressivePrice,
  PRICE_LEVEL_STRUCTURES,
  priceBands,
  priceRanges,
  rangesOf,
  structureOf,
} from '../../../../venues/kalshi/price-levels.js'
import { priceOn } from '../../../../venues/kalshi/rules.js'

test.each([
  ['linear_cent', ['0.01', '0.44', '0.99'], ['0.4450', '1.00', '0', '0.995']],
  ['tapered_deci_cent', ['0.055', '0.90', '0.901', '0.001', '0.999'], ['0.155', '0.0005']],
  ['center_deci_edge_centi_cent', ['0.0099', '0.011', '0.9901', '0.9999'], ['0.0101']],
  ['center_whole_edge_half_cent', ['0.095', '0.905', '0.005'], ['0.105']],
] as const)('%s takes and refuses what the sheet lists', (structure, valid, invalid) => {
  const instrument = market('KXGRID-1-T1', structure)
  expect(valid.filter((price) => priceOn(instrument, price) === undefined)).toEqual([])
  expect(invalid.filter((price) => priceOn(instrument, price) !== undefined)).toEqual([])
})

test.each(PRICE_LEVEL_STRUCTURES)(
  'whole cents are valid in %s, a dollar and nothing are not',
  (name) => {
    const instrument = market('KXGRID-1-T1', name)
    for (let cent = 1n; cent < 100n; cent++)
      expect(onGrid(instrument, cent * 10_000_000n)).toBe(true)
    expect(onGrid(instrument, 0n)).toBe(false)
    expect(onGrid(instrument, 1_000_000_000n)).toBe(false)
  },
)

test.each(PRICE_LEVEL_STRUCTURES)('%s is known again by its bands', (name) => {
  expect(structureOf(priceBands(name))).toBe(name)
  expect(rangesOf(priceBands(name))).toEqual(priceRanges(name))
})

test('a market order goes to the last valid price', () => {
  const cents = market('KXGRID-1-T1')
  expect(aggressivePrice(cents, 'buy')).toBe(990_000_000n)
  expect(aggressivePrice(cents, 'sell')).toBe(10_000_000n)
  expect(aggressivePrice(market('KXGRID-1-T2', 'deci_cent'), 'buy')).toBe(999_000_000n)
})

test('bands of nobody keep their own ranges', () => {
  const bands = [{ from_1e9: 40_000_000n, to_1e9: 960_000_000n, step_1e9: 40_000_000n }]
  expect(structureOf(bands)).toBeUndefined()
  expect(rangesOf(bands)).toEqual([
    { start_1e9: 0n, end_1e9: 1_000_000_000n, step_1e9: 40_000_000n },
  ])
})

test.each(['from_1e9', 'to_1e9', 'step_1e9'] as const)(
  'bands that differ by their %s alone are of nobody',
  (name) => {
    const bands = priceBands('tapered_deci_cent')
    expect(structureOf(bands)).toBe('tapered_deci_cent')
    const changed = bands.map((band, nth) => (nth === 1 ? { ...band, [name]: 7n } : band))
    expect(structureOf(changed)).toBeUndefined()
    expect(structureOf(bands.slice(1))).toBeUndefined()
    expect(structureOf([...bands, ...bands])).toBeUndefined()
  },
)

test('bands of nobody reach the dollar where one step is missing, and else end where they end', () => {
  const step_1e9 = 30_000_000n
  const ranges = (from_1e9: bigint, to_1e9: bigint) => rangesOf([{ from_1e9, to_1e9, step_1e9 }])
  expect(ranges(30_000_000n, 970_000_000n)).toEqual([
    { start_1e9: 0n, end_1e9: 1_000_000_000n, step_1e9 },
  ])
  expect(ranges(60_000_000n, 960_000_000n)).toEqual([
    { start_1e9: 60_000_000n, end_1e9: 960_000_000n, step_1e9 },
  ])
})

test('without bands a market order goes one tick short of nothing or of a dollar', () => {
  const bare = { ...market('KXTEST-99DEC31-T60'), price_bands: [] }
  expect(aggressivePrice(bare, 'buy')).toBe(999_900_000n)
  expect(aggressivePrice(bare, 'sell')).toBe(100_000n)
})
