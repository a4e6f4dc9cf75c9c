/**
 * Grid: bands that begin off a round price count their steps from where they begin.
 */
import { describe, expect, test } from 'vitest'
import { allowed, atOrAbove, atOrBelow, tickBands } from '../../../src/engine/grid.js'
import { lotsOf, onGrid, ticksOf } from '../../../src/engine/instrument.js'
import { btcUsd, kxTest } from '../../support/engine.js'

/** 3, 13, 23, then nothing up to 103, 143, 183. */
const bands = [
  { from: 3, to: 23, step: 10 },
  { from: 103, to: 183, step: 40 },
]
const fine = [3, 13, 23, 103, 143, 183]
const from1to = (n: number) => Array.from({ length: n }, (_, at) => at + 1)

describe('of bands with a gap', () => {
  test('the steps of each band from its first price to its last are allowed, and no other', () => {
    expect(from1to(250).filter((ticks) => allowed(bands, ticks))).toEqual(fine)
  })
  test('the price below and the price above are the nearest allowed ones', () => {
    for (const ticks of from1to(250)) {
      expect([ticks, atOrBelow(bands, ticks), atOrAbove(bands, ticks)]).toEqual([
        ticks,
        fine.filter((price) => price <= ticks).at(-1) ?? null,
        fine.find((price) => price >= ticks) ?? null,
      ])
    }
  })
  test('the same prices are on the grid in money', () => {
    const price_bands = bands.map(({ from, to, step }) => ({
      from_1e9: BigInt(from),
      to_1e9: BigInt(to),
      step_1e9: BigInt(step),
    }))
    const instrument = { ...kxTest, tick_size_1e9: 1n, price_bands }
    expect(from1to(250).filter((ticks) => onGrid(instrument, BigInt(ticks)))).toEqual(fine)
    expect(tickBands(price_bands, 1n)).toEqual(bands)
  })
})

test('without bands the lowest price is one tick, and nothing lies below it', () => {
  expect([atOrBelow([], 2), atOrBelow([], 1), atOrBelow([], 0)]).toEqual([2, 1, null])
  expect([atOrAbove([], 2), atOrAbove([], 0)]).toEqual([2, 1])
})

test('zero is a whole number of ticks and lots', () => {
  expect([ticksOf(btcUsd, 0n), lotsOf(btcUsd, 0n)]).toEqual([0, 0])
})

test.each([
  ['begins', { from_1e9: 5n, to_1e9: 100n, step_1e9: 10n }],
  ['begins below zero', { from_1e9: -10n, to_1e9: 100n, step_1e9: 10n }],
  ['ends', { from_1e9: 0n, to_1e9: 105n, step_1e9: 10n }],
  ['ends beyond counting', { from_1e9: 0n, to_1e9: 10n * 2n ** 53n, step_1e9: 10n }],
  ['steps', { from_1e9: 0n, to_1e9: 100n, step_1e9: 15n }],
])('a band that %s off the ticks is refused', (_, band) => {
  expect(() => tickBands([band], 10n)).toThrow(/no whole number of ticks of 10 /)
  expect(() => tickBands([{ from_1e9: 0n, to_1e9: 100n, step_1e9: 10n }], 10n)).not.toThrow()
})
