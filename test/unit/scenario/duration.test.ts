import { expect, test } from 'vitest'
import { durationMs } from '../../../src/scenario/duration.js'
import { parseSeeds } from '../../../src/scenario/sweep.js'

test.each([
  [250, 250],
  ['250', 250],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['-1s', undefined],
  ['soon', undefined],
  [-1, undefined],
  [Number.NaN, undefined],
])('%s is %s ms', (written, ms) => {
  expect(durationMs(written)).toBe(ms)
})

test('seeds are a number or a range', () => {
  expect(parseSeeds('7')).toEqual({ from: 7, to: 7 })
  expect(parseSeeds('1..1000')).toEqual({ from: 1, to: 1000 })
})

test.each(['', 'x', '5..1', '1...3', '1..99999999', '-1..3'])('%j is no range of seeds', (text) => {
  expect(() => parseSeeds(text)).toThrow(/is no range of seeds/)
})
