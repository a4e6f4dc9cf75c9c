/**
 * Instruments: the spot pairs listed by default.
 *
 * The smallest quantity is one step or one dollar's worth, whichever is more.
 *
 * @see https://help.crypto.com/en/articles/10511090-crypto-com-exchange-minimum-order-size-faq
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

const spot = (base: string, quote: string, lot_size_1e8: bigint): Instrument => ({
  symbol: `${base}-${quote}`,
  venue_symbol: `${base}_${quote}`,
  kind: 'spot',
  base,
  quote,
  tick_size_1e9: 10_000_000n,
  lot_size_1e8,
  min_qty_1e8: lot_size_1e8,
  min_notional_1e9: 1_000_000_000n,
  price_bands: [],
  leverage_max: 1,
})

/** BTC steps are recorded; those of ETH are not verified (a list of 2021 has them finer). */
export const instruments: readonly Instrument[] = [
  spot('BTC', 'USD', 1_000n),
  spot('BTC', 'USDT', 1_000n),
  spot('ETH', 'USD', 10_000n),
]
