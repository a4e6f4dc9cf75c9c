import { expect, test } from 'vitest'
import { fees } from '../../../../venues/dex/fees.js'
import { instruments } from '../../../../venues/dex/instruments.js'

const [instrument] = instruments
if (instrument === undefined) throw new Error('dex lists no instrument')

test('charges the worked example: 0.003 of one WETH, worth 9 USDC at 3000', () => {
  const fill = { instrument, liquidity: 'taker', side: 'sell', carry_1e8: 0n } as const
  const at = { price_1e9: 3_000n * 10n ** 9n, qty_1e8: 10n ** 8n }
  expect(fees.fill({ ...fill, ...at }).fee_1e8).toBe(900_000_000n)
})
