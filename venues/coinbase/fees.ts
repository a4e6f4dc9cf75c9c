/**
 * Fees: lowest tier of 2026, 60 bps for makers and 120 for takers, in the quote asset.
 *
 * The venue keeps more than 8 decimals; here the fee is rounded up to 8.
 *
 * @see https://github.com/JKorf/Coinbase.Net (transaction summary payloads, August 2026)
 *
 * @module
 */

import { rateFees } from '../../src/venue/rate-fees.js'

export const fees = rateFees({
  maker_bps_1e4: 600_000n,
  taker_bps_1e4: 1_200_000n,
  step_1e8: 1n,
  rounding: 'up',
})
