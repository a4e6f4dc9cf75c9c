import { expect, test } from 'vitest'
import { fees } from '../../../../venues/binance/fees.js'
import { instruments } from '../../../../venues/binance/instruments.js'

const [instrument] = instruments
if (instrument === undefined) throw new Error('binance lists no instrument')

test('charges the documented sample: 4 on 4000', () => {
  for (const liquidity of ['maker', 'taker'] as const) {
    const fill = { instrument, liquidity, side: 'sell', carry_1e8: 0n } as const
    const at = { price_1e9: 4_000n * 10n ** 9n, qty_1e8: 10n ** 8n }
    expect(fees.fill({ ...fill, ...at }).fee_1e8).toBe(4n * 10n ** 8n)
  }
})

test('lists the filters of the exchange information', () => {
  const grid = instruments.map((one) => [
    one.symbol,
    one.tick_size_1e9,
    one.lot_size_1e8,
    one.min_notional_1e9,
  ])
  expect(grid).toEqual([
    ['BTC-USDT', 10_000_000n, 1_000n, 5_000_000_000n],
    ['ETH-USDT', 10_000_000n, 10_000n, 5_000_000_000n],
    ['WLD-USDC', 100_000n, 10_000_000n, 5_000_000_000n],
  ])
})
