/**
 * Fees: base tier of perpetuals, 1.5 bps for makers and 4.5 for takers, in USDC cut to six decimals.
 *
 * Cutting is the venue's own rounding, recorded fill by fill.
 *
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/fees
 *
 * @module
 */

import { rateFees } from '../../src/venue/rate-fees.js'

export const fees = rateFees({
  maker_bps_1e4: 15_000n,
  taker_bps_1e4: 45_000n,
  step_1e8: 100n,
  rounding: 'cut',
})
