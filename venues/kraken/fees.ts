/**
 * Kraken's fees: a share of the cost, rounded half up to five digits of the quote asset.
 *
 * The default tier is what a new account pays; discounts by 30-day volume are data for `AssetPairs` and
 * `TradeVolume` and are not applied (see the README). The fee is quote money unless the order asks for
 * base (`fcib`).
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs (captured schedule, 2026)
 *
 * @module
 */

import type { FeeInput, MoneyRules } from '../../src/engine/command.js'
import type { Liquidity } from '../../src/engine/order.js'
import { divCeil, notionalUp } from '../../src/engine/units.js'
import type { Fees } from '../../src/venue/contract.js'

/** Basis points of a new account. */
export const TAKER_BPS = 40
export const MAKER_BPS = 25

/** `[30-day volume in USD, per cent]`, as `AssetPairs` prints them. */
export const TAKER_TIERS = [
  [0, 0.4],
  [10_000, 0.35],
  [50_000, 0.24],
  [100_000, 0.22],
  [250_000, 0.2],
  [500_000, 0.18],
  [1_000_000, 0.16],
  [2_500_000, 0.14],
  [5_000_000, 0.12],
  [10_000_000, 0.1],
] as const

export const MAKER_TIERS = [
  [0, 0.25],
  [10_000, 0.2],
  [50_000, 0.14],
  [100_000, 0.12],
  [250_000, 0.1],
  [500_000, 0.08],
  [1_000_000, 0.06],
  [2_500_000, 0.04],
  [5_000_000, 0.02],
  [10_000_000, 0],
] as const

const BPS = 10_000n
/** One step of the fifth decimal, `_1e8`. */
const STEP_1e8 = 1_000n
/** The same step at the scale of an unrounded product. */
const STEP_1e17 = STEP_1e8 * 1_000_000_000n

const bpsOf = (liquidity: Liquidity): number => (liquidity === 'taker' ? TAKER_BPS : MAKER_BPS)

/** Read by the router, the sandbox and the venue alike. */
export const fees: Fees = {
  bps: ({ liquidity }) => bpsOf(liquidity),
  fill: ({ liquidity, price_1e9, qty_1e8 }) => ({
    fee_1e8: quoteFee_1e8(price_1e9 * qty_1e8, liquidity),
    carry_1e8: 0n,
  }),
  hold: ({ price_1e9, qty_1e8 }) => held_1e8(notionalUp(price_1e9, qty_1e8)),
}

/** The engine's side of the same schedule. */
export const money: MoneyRules = {
  fee: (fill: FeeInput) => ({
    fee_1e8:
      fill.fee_asset === fill.instrument.quote
        ? quoteFee_1e8(fill.notional_1e17, fill.liquidity)
        : baseFee_1e8(fill.qty_1e8, fill.liquidity),
    carry_1e8: 0n,
  }),
  // Kraken holds the taker fee with the order, whichever it will be.
  feeHold: ({ notional_1e8 }) => held_1e8(notional_1e8),
  eventNetting: 'net',
}

/** Held for the fee of a limit buy, to the 1e-8. */
const held_1e8 = (notional_1e8: bigint): bigint => divCeil(notional_1e8 * BigInt(TAKER_BPS), BPS)

/**
 * Fee in the quote asset.
 *
 * @param notional_1e17 - Price times quantity, unrounded.
 * @returns `_1e8`, a multiple of 0.00001, rounded half up.
 */
function quoteFee_1e8(notional_1e17: bigint, liquidity: Liquidity): bigint {
  return halfUp(notional_1e17 * BigInt(bpsOf(liquidity)), BPS * STEP_1e17) * STEP_1e8
}

/** Fee in the base asset, rounded half up to 1e-8. */
const baseFee_1e8 = (qty_1e8: bigint, liquidity: Liquidity): bigint =>
  halfUp(qty_1e8 * BigInt(bpsOf(liquidity)), BPS)

/** `numerator / denominator` to the nearest, halves up; both are zero or more. */
const halfUp = (numerator: bigint, denominator: bigint): bigint =>
  (numerator * 2n + denominator) / (denominator * 2n)
