/**
 * Instruments: the spot pairs listed by default, with the filters of their exchange information.
 *
 * binance.com has no USD pairs. A minimum quantity is the LOT_SIZE filter's, a minimum notional the
 * NOTIONAL filter's; upper bounds and price bands are not carried.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/filters
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

const spot = (
  pair: { base: string; quote: string },
  grid: { tick_size_1e9: bigint; lot_size_1e8: bigint },
): Instrument => ({
  symbol: `${pair.base}-${pair.quote}`,
  venue_symbol: `${pair.base}${pair.quote}`,
  kind: 'spot',
  ...pair,
  ...grid,
  min_qty_1e8: grid.lot_size_1e8,
  min_notional_1e9: 5_000_000_000n,
  price_bands: [],
  leverage_max: 1,
})

/** Figures as captured in 2026. */
export const instruments: readonly Instrument[] = [
  spot({ base: 'BTC', quote: 'USDT' }, { tick_size_1e9: 10_000_000n, lot_size_1e8: 1_000n }),
  spot({ base: 'ETH', quote: 'USDT' }, { tick_size_1e9: 10_000_000n, lot_size_1e8: 10_000n }),
  spot({ base: 'WLD', quote: 'USDC' }, { tick_size_1e9: 100_000n, lot_size_1e8: 10_000_000n }),
]
