import { describe, expect, test } from 'vitest'
import { onGrid } from '../../../../src/engine/instrument.js'
import { fees } from '../../../../venues/hyperliquid/fees.js'
import { instruments, priceBands } from '../../../../venues/hyperliquid/instruments.js'

const find = (base: string) => {
  const found = instruments.find((one) => one.base === base)
  if (found === undefined) throw new Error(`hyperliquid does not list ${base}`)
  return found
}
const BTC = find('BTC')
const fee = (liquidity: 'maker' | 'taker', price_1e6: bigint, qty_1e8: bigint) =>
  fees.fill({
    instrument: BTC,
    liquidity,
    side: 'buy',
    price_1e9: price_1e6 * 1_000n,
    qty_1e8,
    carry_1e8: 0n,
  }).fee_1e8

test('charges the recorded and the worked fills to the digit', () => {
  expect(fee('taker', 60_000_000_000n, 1_000_000n)).toBe(27_000_000n)
  expect(fee('taker', 60_010_000_000n, 500_000n)).toBe(13_502_200n)
  expect(fee('maker', 3_000_000_000n, 50_000_000n)).toBe(22_500_000n)
  expect(fee('taker', 3_030_000_000n, 50_000_000n)).toBe(68_175_000n)
  expect(fee('maker', 66_653_000n, 100_000_000n)).toBe(999_700n)
  expect(fee('maker', 79_146_000n, 100_000_000n)).toBe(1_187_100n)
})

describe('prices', () => {
  const at = (base: string, price_1e6: bigint) => onGrid(find(base), price_1e6 * 1_000n)

  test('have at most five significant figures, whole numbers excepted', () => {
    expect(at('BTC', 12_345_600_000n)).toBe(false)
    expect(at('BTC', 12_345_000_000n)).toBe(true)
    expect(at('BTC', 1_234_500_000n)).toBe(true)
    expect(at('BTC', 123_456_000_000n)).toBe(true)
    expect(at('BTC', 123_456_500_000n)).toBe(false)
    expect(at('ETH', 2_850_100_000n)).toBe(true)
    expect(at('ETH', 2_850_110_000n)).toBe(false)
    expect(at('ETH', 999_990_000n)).toBe(true)
  })

  test('of a size with one decimal reach five decimals', () => {
    const instrument = { ...BTC, tick_size_1e9: 10_000n, price_bands: priceBands(1) }
    expect(onGrid(instrument, 12_340_000n)).toBe(true)
    expect(onGrid(instrument, 12_345_000n)).toBe(false)
    expect(onGrid(instrument, 99_340_000n)).toBe(true)
  })
})

test('lists the figures of the recorded metadata', () => {
  const rows = instruments.map((one) => [one.symbol, one.lot_size_1e8, one.leverage_max])
  expect(rows).toEqual([
    ['BTC-USD-PERP', 1_000n, 40],
    ['ETH-USD-PERP', 10_000n, 25],
    ['SOL-USD-PERP', 1_000_000n, 20],
  ])
})
