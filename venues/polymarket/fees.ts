/**
 * Fees: takers pay `shares × rate × p × (1 − p)`, cut to five decimals; makers pay nothing.
 *
 * Cutting is the venue's own rounding: every on-chain fill of the sheet fits it. The rate follows the
 * market's subject. A rebate for makers is paid daily, not at the match.
 *
 * @see https://docs.polymarket.com/trading/fees
 *
 * @module
 */

import { divFloor, PRICE_SCALE } from '../../src/engine/units.js'
import type { Fees } from '../../src/venue/contract.js'
import { type Subject, subjectOf } from './instruments.js'

/** Rate by subject, 1e4 = 1. */
export const RATES_1E4 = {
  crypto: 700n,
  sports: 500n,
  economics: 500n,
  culture: 500n,
  weather: 500n,
  other: 500n,
  finance: 400n,
  politics: 400n,
  mentions: 400n,
  tech: 400n,
  geopolitics: 0n,
} as const satisfies Record<Subject, bigint>

/** 0.00001 of the collateral. */
const STEP_1E8 = 1_000n
/** Scale of shares (8) × rate (4) × p (9) × 1 − p (9), down to 0.00001 (5). */
const PRODUCT_TO_STEP = 10n ** 25n

/**
 * Taker fee of one match.
 *
 * @param price_1e9 - Price of the taker's own token.
 * @returns Collateral `_1e8`, a multiple of 0.00001.
 *
 * @example
 * takerFee(500n, 520_000_000n, 1_000_000_000n) // 12_480_000n: 0.12480 for 10 shares at 0.52
 */
export function takerFee(rate_1e4: bigint, price_1e9: bigint, qty_1e8: bigint): bigint {
  const product = qty_1e8 * rate_1e4 * price_1e9 * (PRICE_SCALE - price_1e9)
  return divFloor(product, PRODUCT_TO_STEP) * STEP_1E8
}

export const fees: Fees = {
  bps: ({ instrument, liquidity, price_1e9 }) => {
    if (liquidity === 'maker' || price_1e9 >= PRICE_SCALE) return 0
    // Of the notional, so one factor p falls out of the formula.
    const rate = RATES_1E4[subjectOf(instrument)]
    return Number(rate * (PRICE_SCALE - price_1e9)) / Number(PRICE_SCALE)
  },
  fill: ({ instrument, liquidity, price_1e9, qty_1e8, carry_1e8 }) => ({
    fee_1e8:
      liquidity === 'maker' ? 0n : takerFee(RATES_1E4[subjectOf(instrument)], price_1e9, qty_1e8),
    carry_1e8,
  }),
}
