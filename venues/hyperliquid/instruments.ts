/**
 * Instruments: the perpetuals listed by default, with the venue's rule of five significant figures as bands.
 *
 * A price has at most `6 - szDecimals` decimals and at most five significant figures, whole numbers
 * excepted. So the step grows tenfold with every power of ten until it is one.
 *
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size
 *
 * @module
 */

import type { Instrument, PriceBand } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'

const PERP_DECIMALS = 6
const FIGURES = 5
/** Far above any price: the last band has no end of its own. */
const HIGHEST_1E9 = 1_000_000_000n * PRICE_SCALE

/** Steps by price for an asset whose sizes have `szDecimals` decimals. */
export function priceBands(szDecimals: number): PriceBand[] {
  const bands: PriceBand[] = []
  let from_1e9 = 0n
  for (let decimals = PERP_DECIMALS - szDecimals; decimals > 0; decimals -= 1) {
    const to_1e9 = 10n ** BigInt(FIGURES - decimals) * PRICE_SCALE
    bands.push({ from_1e9, to_1e9, step_1e9: PRICE_SCALE / 10n ** BigInt(decimals) })
    from_1e9 = to_1e9
  }
  bands.push({ from_1e9, to_1e9: HIGHEST_1E9, step_1e9: PRICE_SCALE })
  return bands
}

function perp(base: string, szDecimals: number, leverage_max: number): Instrument {
  const lot_size_1e8 = 10n ** BigInt(8 - szDecimals)
  return {
    symbol: `${base}-USD-PERP`,
    venue_symbol: base,
    kind: 'perp',
    base,
    quote: 'USDC',
    tick_size_1e9: PRICE_SCALE / 10n ** BigInt(PERP_DECIMALS - szDecimals),
    lot_size_1e8,
    min_qty_1e8: lot_size_1e8,
    min_notional_1e9: 10n * PRICE_SCALE,
    price_bands: priceBands(szDecimals),
    leverage_max,
  }
}

/** Mainnet metadata of 2026-09-25. */
export const instruments: readonly Instrument[] = [
  perp('BTC', 5, 40),
  perp('ETH', 4, 25),
  perp('SOL', 2, 20),
]
