/**
 * Instruments: the pools listed by default, as pairs.
 *
 * A pool has no grid: a price may be anything, a quantity any whole base unit of the token. What the
 * sandbox can write is finer than nothing but its own scales, so tick and lot are one unit of those.
 * Names end in the chain, as at the API.
 *
 * @see https://github.com/Uniswap/v2-core contracts/UniswapV2Pair.sol
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

const pool = (base: string, wrapped: string): Instrument => ({
  symbol: `${base}-USDC-ARB`,
  venue_symbol: `${wrapped}/USDC`,
  kind: 'spot',
  base,
  quote: 'USDC',
  tick_size_1e9: 1n,
  lot_size_1e8: 1n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
})

/** Wrapped coins go by their plain names in the sandbox. */
export const instruments: readonly Instrument[] = [pool('ETH', 'WETH'), pool('BTC', 'WBTC')]
