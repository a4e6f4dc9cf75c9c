/**
 * Bound: what an expectation says of an amount: exactly this, or between these.
 *
 * @module
 */

import { z } from 'zod'
import { formatDecimal } from '../engine/decimal.js'

/** An exact amount, or `{ min, max }` of which one may be absent. */
export const bound = <T extends z.ZodType<bigint, unknown>>(amount: T) =>
  z.union([amount, z.strictObject({ min: amount.optional(), max: amount.optional() })])

export type Bound =
  | bigint
  | { readonly min?: bigint | undefined; readonly max?: bigint | undefined }

export function within(got: bigint | null | undefined, wanted: Bound): boolean {
  if (got === null || got === undefined) return false
  if (typeof wanted === 'bigint') return got === wanted
  return (
    (wanted.min === undefined || got >= wanted.min) &&
    (wanted.max === undefined || got <= wanted.max)
  )
}

/** A bound in words, at a scale. */
export function boundText(wanted: Bound, decimals: number): string {
  if (typeof wanted === 'bigint') return formatDecimal(wanted, decimals)
  const { min, max } = wanted
  return [
    ...(min === undefined ? [] : [`at least ${formatDecimal(min, decimals)}`]),
    ...(max === undefined ? [] : [`at most ${formatDecimal(max, decimals)}`]),
  ].join(' and ')
}

/** An amount in words, or that there is none. */
export const amountText = (got: bigint | null | undefined, decimals: number): string =>
  got === null || got === undefined ? 'none' : formatDecimal(got, decimals)
