import { describe, expect, test } from 'vitest'
import { fees, takerFee } from '../../../../venues/polymarket/fees.js'
import { instruments, subjectOf } from '../../../../venues/polymarket/instruments.js'

/** Taker fills read from the chain: shares and fee in millionths, price and rate in hundredths. */
const ON_CHAIN: readonly (readonly [bigint, bigint, bigint, bigint])[] = [
  [7_575_758n, 660n, 5n, 85_000n],
  [7_042_251n, 710n, 5n, 72_490n],
  [21_126_758n, 710n, 5n, 217_490n],
  [1_219_511n, 820n, 7n, 12_590n],
  [2_083_334n, 480n, 7n, 36_400n],
  [5_952_381n, 840n, 0n, 0n],
  [8_928_572n, 560n, 5n, 110_000n],
  [9_321_429n, 560n, 5n, 114_840n],
  [5_149_310n, 971n, 7n, 10_140n],
  [7_570_000n, 650n, 5n, 86_100n],
  [7_590_000n, 660n, 5n, 85_150n],
  [5_000_000n, 310n, 5n, 53_470n],
  [5_000_000n, 670n, 5n, 55_270n],
  [5_000_000n, 270n, 5n, 49_270n],
  [7_040_000n, 700n, 5n, 73_920n],
  [21_130_000n, 700n, 5n, 221_860n],
  [8_920_000n, 550n, 5n, 110_380n],
  [9_330_000n, 550n, 5n, 115_450n],
  [8_930_000n, 550n, 5n, 110_500n],
  [5_140_000n, 965n, 7n, 12_150n],
]

describe('the taker fee', () => {
  test.each(ON_CHAIN)('of %s shares at %s thousandths, rate %s percent, is %s', (...row) => {
    const [shares_1e6, price_1e3, percent, fee_1e6] = row
    const fee = takerFee(percent * 100n, price_1e3 * 1_000_000n, shares_1e6 * 100n)
    expect(fee).toBe(fee_1e6 * 100n)
  })

  test('is cut per match: 10 at 0.52 and 15 at 0.53', () => {
    expect(takerFee(500n, 520_000_000n, 1_000_000_000n)).toBe(12_480_000n)
    expect(takerFee(500n, 530_000_000n, 1_500_000_000n)).toBe(18_682_000n)
  })
})

test('makers pay nothing, takers by subject', () => {
  const rates = instruments.map((instrument) => {
    const fill = { instrument, side: 'buy', price_1e9: 500_000_000n, carry_1e8: 0n } as const
    const qty_1e8 = 10_000_000_000n
    expect(fees.fill({ ...fill, qty_1e8, liquidity: 'maker' }).fee_1e8).toBe(0n)
    return [subjectOf(instrument), fees.fill({ ...fill, qty_1e8, liquidity: 'taker' }).fee_1e8]
  })
  expect(rates).toEqual([
    ['weather', 125_000_000n],
    ['weather', 125_000_000n],
    ['crypto', 175_000_000n],
    ['crypto', 175_000_000n],
  ])
})

test('the two tokens of a market are different, and longer than a slug can be', () => {
  for (const { event } of instruments) {
    expect(event?.yes_token).toMatch(/^\d{77}$/)
    expect(event?.no_token).toMatch(/^\d{77}$/)
    expect(event?.yes_token).not.toBe(event?.no_token)
  }
  expect(
    new Set(instruments.flatMap(({ event }) => [event?.yes_token, event?.no_token])).size,
  ).toBe(2 * instruments.length)
})
