/**
 * Fees: the quadratic trade fee, its rounding into the balance, and the accumulator that pays it back.
 *
 * Pure, exact integers. `fee_1e8` is the net fee of one fill: trade fee (rounded up to $0.0001) plus the
 * rounding fee that brings the balance change down to the member's precision, less a rebate of $0.01
 * whenever the order's accumulated rounding fees exceed $0.01.
 *
 * @see https://docs.kalshi.com/getting_started/fee_rounding
 *
 * @module
 */

import { divCeil, PRICE_SCALE, QTY_SCALE } from '../../src/engine/units.js'
import type { Fees } from '../../src/venue/contract.js'
import { type FeeTerms, type FeeType, seriesInfo, seriesTickerOf } from './instruments.js'

type Liquidity = 'maker' | 'taker'

/** Rate of C·P·(1−P), 1e4 = 1. The combo maker rate comes from the fee schedule text only (not verified). */
const RATE_1E4: Record<FeeType, Record<Liquidity, bigint>> = {
  quadratic: { taker: 700n, maker: 0n },
  quadratic_with_maker_fees: { taker: 700n, maker: 175n },
  quadratic_with_combo_maker_fees: { taker: 700n, maker: 350n },
}

/** $0.0001, the precision of trade fees and of a direct member's balance. */
export const CENTICENT_1E8 = 10_000n
/** $0.01, the precision of a customer of an intermediary, and the rebate. */
export const CENT_1E8 = 1_000_000n

/** Scale of rate (4) × multiplier (4) × quantity (8) × price (9) × (1 − price) (9), down to $0.0001 (4). */
const PRODUCT_TO_CENTICENT = 10n ** 30n

export interface FeeFill {
  readonly terms: FeeTerms
  readonly liquidity: Liquidity
  readonly side: 'buy' | 'sell'
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  /** Rounding fees of this order not yet paid back, from its earlier fills. */
  readonly carry_1e8: bigint
  /** What a balance is kept to: $0.0001 for direct members, $0.01 for customers of intermediaries. */
  readonly precision_1e8: bigint
}

/**
 * The trade fee of a fill: `rate × multiplier × C × P × (1 − P)`, rounded up to $0.0001.
 *
 * @example
 * tradeFee({ fee_type: 'quadratic', multiplier_1e4: 10_000 }, 'taker', 520_000_000n, 100_000_000n)
 * // 1_750_000n: $0.0175 for one contract at 52 cents
 */
export function tradeFee(
  terms: FeeTerms,
  liquidity: Liquidity,
  price_1e9: bigint,
  qty_1e8: bigint,
): bigint {
  const product =
    RATE_1E4[terms.fee_type][liquidity] *
    BigInt(terms.multiplier_1e4) *
    qty_1e8 *
    price_1e9 *
    (PRICE_SCALE - price_1e9)
  return divCeil(product, PRODUCT_TO_CENTICENT) * CENTICENT_1E8
}

/**
 * Net fee of a fill and the order's accumulator after it.
 *
 * A rebate that would make the net fee negative waits for a later fill: the page says the net fee is never
 * below zero and not how.
 *
 * @returns `fee_1e8` exact to 1e-8 dollars; zero or more.
 */
export function netFee(fill: FeeFill): { fee_1e8: bigint; carry_1e8: bigint } {
  const trade = tradeFee(fill.terms, fill.liquidity, fill.price_1e9, fill.qty_1e8)
  // Revenue is ±c·p up to whole cents: an ask that opens pays c·(1 − p) = c − c·p, and c is whole cents.
  const notional = (fill.price_1e9 * fill.qty_1e8) / PRICE_SCALE
  const change = (fill.side === 'buy' ? -notional : notional) - trade
  const rounding = ((change % fill.precision_1e8) + fill.precision_1e8) % fill.precision_1e8
  const carry_1e8 = fill.carry_1e8 + rounding
  const gross = trade + rounding
  return carry_1e8 > CENT_1E8 && gross >= CENT_1E8
    ? { fee_1e8: gross - CENT_1E8, carry_1e8: carry_1e8 - CENT_1E8 }
    : { fee_1e8: gross, carry_1e8 }
}

/**
 * Fee of a fill in the cents era (until spring 2026): the fee of the whole order, rounded up to a cent,
 * less what its earlier fills paid.
 *
 * `carry_1e8` is what the order has paid beyond its exact fee so far, less than a cent.
 */
export function centsEraFee(fill: Omit<FeeFill, 'precision_1e8' | 'side'>): {
  fee_1e8: bigint
  carry_1e8: bigint
} {
  const product =
    RATE_1E4[fill.terms.fee_type][fill.liquidity] *
    BigInt(fill.terms.multiplier_1e4) *
    fill.qty_1e8 *
    fill.price_1e9 *
    (PRICE_SCALE - fill.price_1e9)
  const exact_1e8 = divCeil(product, PRODUCT_TO_CENTICENT / CENTICENT_1E8)
  const owed = exact_1e8 - fill.carry_1e8
  const fee_1e8 = owed > 0n ? divCeil(owed, CENT_1E8) * CENT_1E8 : 0n
  return { fee_1e8, carry_1e8: fee_1e8 - owed }
}

/** Fee terms of a market by its series, as listed by default. */
export const defaultTerms = (ticker: string): FeeTerms => seriesInfo(seriesTickerOf(ticker)).fees

/** The schedule as data for the router and the sandbox: direct members, default terms. */
export const fees: Fees = {
  bps: ({ instrument, liquidity, price_1e9 }) => {
    if (price_1e9 <= 0n || price_1e9 >= PRICE_SCALE) return 0
    const fee = tradeFee(defaultTerms(instrument.venue_symbol), liquidity, price_1e9, QTY_SCALE)
    // One contract costs its price: fee over price, in basis points, rounded up.
    return Number(divCeil(fee * 10n * 10_000n, price_1e9))
  },
  fill: ({ instrument, liquidity, side, price_1e9, qty_1e8, carry_1e8 }) =>
    netFee({
      terms: defaultTerms(instrument.venue_symbol),
      liquidity,
      side,
      price_1e9,
      qty_1e8,
      carry_1e8,
      precision_1e8: CENTICENT_1E8,
    }),
}
