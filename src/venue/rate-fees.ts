/**
 * Rate fees: the schedule most venues have, a share of the notional for makers and for takers.
 *
 * Pure. Data-only venues and spot venues declare their rates here; a venue with a formula of its own
 * writes its own `Fees`.
 *
 * @module
 */

import { divCeil, divFloor } from '../engine/units.js'
import type { Fees } from './contract.js'

export interface Rates {
  /** Ten-thousandths of a basis point: 10 bps is 100,000. Negative pays a rebate. */
  readonly maker_bps_1e4: bigint
  readonly taker_bps_1e4: bigint
  /** Finest amount the venue charges, in `_1e8` of the quote asset. */
  readonly step_1e8: bigint
  /** `cut` only where the venue says so; `up` never favours the trader. */
  readonly rounding: 'up' | 'cut'
}

/** price `_1e9` × quantity `_1e8` × rate (bps, `_1e4`, so 1e8 in one) over the quote's 1e8. */
const SCALE = 10n ** 9n * 10n ** 8n

/**
 * A schedule of flat rates; no order carries anything from fill to fill.
 *
 * @example
 * rateFees({ maker_bps_1e4: 0n, taker_bps_1e4: 100_000n, step_1e8: 1n, rounding: 'up' })
 *   .fill({ ...trade, liquidity: 'taker' }).fee_1e8 // 10 bps of price times quantity
 */
export function rateFees(rates: Rates): Fees {
  const { step_1e8 } = rates
  const scale = SCALE * step_1e8
  const divide = rates.rounding === 'up' ? divCeil : divFloor
  const rateOf = (liquidity: 'maker' | 'taker') =>
    liquidity === 'maker' ? rates.maker_bps_1e4 : rates.taker_bps_1e4
  return {
    bps: ({ liquidity }) => Number(rateOf(liquidity)) / 10_000,
    fill: ({ liquidity, price_1e9, qty_1e8, carry_1e8 }) => ({
      fee_1e8: divide(price_1e9 * qty_1e8 * rateOf(liquidity), scale) * step_1e8,
      carry_1e8,
    }),
  }
}
