/**
 * Cost: what taking one book level costs all in, in ten-thousandths of a basis point.
 *
 * Pure and exact: whole numbers well inside 2^53. The terms are distance from the best price of all
 * candidates, taker fee, latency and age of the book; each is rounded up to 0.0001 bps, so no venue looks
 * cheaper than it is.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'
import { divCeil } from '../engine/units.js'

export type Urgency = 'low' | 'medium' | 'high'

/** Ten-thousandths of a basis point in one. */
export const BPS_1E4 = 10_000

/** 0.01 bps per millisecond of round trip at medium urgency, half at low, double at high. */
const LATENCY_BPS_1E4_PER_MS = { low: 50, medium: 100, high: 200 } as const satisfies Record<
  Urgency,
  number
>
/** Age that costs nothing; beyond it 1 bps per second. */
const FRESH_MS = 250
const AGE_BPS_1E4_PER_MS = 10

/** Parts of the cost that are the same for every level of a venue's book. */
export function venueCost(input: {
  readonly latency_ms: number
  readonly age_ms: number
  readonly urgency: Urgency
}): number {
  const late = Math.ceil(input.latency_ms) * LATENCY_BPS_1E4_PER_MS[input.urgency]
  const old = Math.ceil(Math.max(0, input.age_ms - FRESH_MS)) * AGE_BPS_1E4_PER_MS
  return late + old
}

/** A declared fee in ten-thousandths of a basis point: 1.5 bps is 15,000. */
export const feeCost = (bps: number): number => Math.round(bps * BPS_1E4)

/**
 * Distance of a price from the best of all candidates, zero or more on the worse side.
 *
 * @param best_1e9 - Best ask of all candidates for a buy, best bid for a sell. Positive.
 */
export function slippageCost(side: Side, price_1e9: bigint, best_1e9: bigint): number {
  if (price_1e9 === best_1e9) return 0
  const worse_1e9 = side === 'buy' ? price_1e9 - best_1e9 : best_1e9 - price_1e9
  return Number(divCeil(worse_1e9 * 100_000_000n, best_1e9))
}
