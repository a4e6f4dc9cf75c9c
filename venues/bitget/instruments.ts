/**
 * Instruments: the spot pairs listed by default, with the precisions of the symbols endpoint.
 *
 * @see https://www.bitget.com/api-doc/spot/market/Get-Symbols
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

const spot = (
  base: string,
  grid: { tick_size_1e9: bigint; lot_size_1e8: bigint; min_qty_1e8: bigint },
): Instrument => ({
  symbol: `${base}-USDT`,
  venue_symbol: `${base}USDT`,
  kind: 'spot',
  base,
  quote: 'USDT',
  ...grid,
  min_notional_1e9: 1_000_000_000n,
  price_bands: [],
  leverage_max: 1,
})

/** Figures as recorded on 2026-09-25. */
export const instruments: readonly Instrument[] = [
  spot('BTC', { tick_size_1e9: 10_000_000n, lot_size_1e8: 100n, min_qty_1e8: 0n }),
  spot('ETH', { tick_size_1e9: 10_000_000n, lot_size_1e8: 10_000n, min_qty_1e8: 50_000n }),
  spot('XRP', { tick_size_1e9: 100_000n, lot_size_1e8: 10_000n, min_qty_1e8: 0n }),
]
