/**
 * Fees: 30 bps of a swap, the fee of a v2 pair and of the common v3 pool. There are no makers to charge.
 *
 * The contract takes the fee from what is paid in; here it is its worth in the quote asset. Gas is not a
 * trading fee and is not charged.
 *
 * @see https://github.com/Uniswap/v2-periphery contracts/libraries/UniswapV2Library.sol
 *
 * @module
 */

import { rateFees } from '../../src/venue/rate-fees.js'

export const fees = rateFees({
  maker_bps_1e4: 0n,
  taker_bps_1e4: 300_000n,
  step_1e8: 1n,
  rounding: 'up',
})
