/**
 * Fees: base tier, 10 bps for makers and takers.
 *
 * The venue takes the fee from what is received (base on a buy); here it is its worth in the quote asset.
 *
 * @see https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints (the documented
 * sample charges 4.00 on 4000)
 *
 * @module
 */

import { rateFees } from '../../src/venue/rate-fees.js'

export const fees = rateFees({
  maker_bps_1e4: 100_000n,
  taker_bps_1e4: 100_000n,
  step_1e8: 1n,
  rounding: 'up',
})
