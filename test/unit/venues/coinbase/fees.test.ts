import { expect, test } from 'vitest'
import { fees } from '../../../../venues/coinbase/fees.js'
import { instruments } from '../../../../venues/coinbase/instruments.js'

const [instrument] = instruments
if (instrument === undefined) throw new Error('coinbase lists no instrument')

test('charges the worked example: 0.5 sold at 29990 pays 179.94', () => {
  const fill = { instrument, liquidity: 'taker', side: 'sell', carry_1e8: 0n } as const
  const at = { price_1e9: 29_990n * 10n ** 9n, qty_1e8: 50_000_000n }
  expect(fees.fill({ ...fill, ...at }).fee_1e8).toBe(17_994_000_000n)
})

test('charges half as much to makers', () => {
  const fill = { instrument, liquidity: 'maker', side: 'sell', carry_1e8: 0n } as const
  const at = { price_1e9: 29_990n * 10n ** 9n, qty_1e8: 50_000_000n }
  expect(fees.fill({ ...fill, ...at }).fee_1e8).toBe(8_997_000_000n)
})
