/**
 * Fees: base tier, 25 bps for makers and 50 for takers.
 *
 * The venue takes the received asset and keeps many decimals; here it is its worth in the quote asset.
 *
 * @see https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html
 *
 * @module
 */

import { rateFees } from '../../src/venue/rate-fees.js'

export const fees = rateFees({
  maker_bps_1e4: 250_000n,
  taker_bps_1e4: 500_000n,
  step_1e8: 1n,
  rounding: 'up',
})
