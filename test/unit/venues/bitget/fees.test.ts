import { expect, test } from 'vitest'
import { fees } from '../../../../venues/bitget/fees.js'
import { instruments } from '../../../../venues/bitget/instruments.js'

const [instrument] = instruments
if (instrument === undefined) throw new Error('bitget lists no instrument')

test('charges a recorded fill what its base fee was worth', () => {
  // 0.000246 BTC at 60775.01 paid 0.000000246 BTC, worth 0.01495065246 USDT.
  const fill = { instrument, liquidity: 'taker', side: 'buy', carry_1e8: 0n } as const
  const at = { price_1e9: 60_775_010_000_000n, qty_1e8: 24_600n }
  expect(fees.fill({ ...fill, ...at }).fee_1e8).toBe(1_495_066n)
})

test('lists the precisions of the symbols endpoint', () => {
  const grid = instruments.map((one) => [
    one.symbol,
    one.tick_size_1e9,
    one.lot_size_1e8,
    one.min_qty_1e8,
  ])
  expect(grid).toEqual([
    ['BTC-USDT', 10_000_000n, 100n, 0n],
    ['ETH-USDT', 10_000_000n, 10_000n, 50_000n],
    ['XRP-USDT', 100_000n, 10_000n, 0n],
  ])
})
