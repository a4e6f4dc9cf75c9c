/**
 * Fees: 10 bps for makers and takers, as real fills charge.
 *
 * The symbol rows of the big pairs say 20 bps; recorded fills do not. The venue takes the received asset;
 * here it is its worth in the quote asset.
 *
 * @see https://github.com/knowm/XChange (captured fills of 2024, xchange-bitget tests)
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
