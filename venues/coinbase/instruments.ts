/**
 * Instruments: the spot products listed by default.
 *
 * Since 2022 the minimum is on notional; the base minimum is one increment. BTC-USDC is not listed: the
 * venue serves it from the BTC-USD book, as an alias.
 *
 * @see https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/products/list-products
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

const spot = (base: string): Instrument => ({
  symbol: `${base}-USD`,
  venue_symbol: `${base}-USD`,
  kind: 'spot',
  base,
  quote: 'USD',
  tick_size_1e9: 10_000_000n,
  lot_size_1e8: 1n,
  min_qty_1e8: 1n,
  min_notional_1e9: 1_000_000_000n,
  price_bands: [],
  leverage_max: 1,
})

/** BTC-USD as captured in April 2026; the increments of ETH-USD come from an older capture. */
export const instruments: readonly Instrument[] = [spot('BTC'), spot('ETH')]
