/**
 * Amount: numbers as people write them in a control body or a scenario, read exactly.
 *
 * Text, a JSON number or a JavaScript number; the last is read from its shortest decimal text, so 0.29
 * is 0.29. More digits than the scale holds are refused, never cut.
 *
 * @module
 */

import { z } from 'zod'
import { parseDecimal } from '../engine/decimal.js'
import { JsonNumber } from '../wire/json.js'

const written = z.union([z.string(), z.number(), z.instanceof(JsonNumber)], {
  error: 'a number, or its decimal text, is expected',
})

function fixed(decimals: number) {
  return written.transform((value, context): bigint => {
    const text = value instanceof JsonNumber ? value.value : String(value)
    const amount = parseDecimal(text, decimals, 'refuse')
    if (amount !== undefined) return amount
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is no decimal number of at most ${decimals} digits after the point`,
    })
    return z.NEVER
  })
}

const positive = (amount: bigint): boolean => amount > 0n
const notNegative = (amount: bigint): boolean => amount >= 0n

/** A quantity `_1e8` of either sign. */
export const signedQty = fixed(8)
/** A quantity `_1e8` above zero. */
export const qty = fixed(8).refine(positive, 'a quantity above 0 is expected')
/** A quantity `_1e8` of zero or more. */
export const amount = fixed(8).refine(notNegative, 'an amount of 0 or more is expected')
/** A price `_1e9` above zero. */
export const price = fixed(9).refine(positive, 'a price above 0 is expected')
/** A price `_1e9` from 0 to 1: what YES of an event market is worth. */
export const share = fixed(9).refine(
  (value) => value >= 0n && value <= 1_000_000_000n,
  'a value from 0 to 1 is expected',
)

/** Whole number that may come as an exact JSON number. */
export const whole = written.transform((value, context): bigint => {
  const text = value instanceof JsonNumber ? value.value : String(value)
  const parsed = parseDecimal(text, 0, 'refuse')
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no whole number` })
  return z.NEVER
})

/** A small number that may come as an exact JSON number: times in ms, seeds, counts. */
export const plain = z
  .union([z.number(), z.instanceof(JsonNumber)])
  .transform((value) => (value instanceof JsonNumber ? Number(value.value) : value))
  .refine(Number.isFinite, 'a finite number is expected')

/** A whole number of zero or more: counts, statuses. */
export const count = plain.refine(
  (n) => Number.isSafeInteger(n) && n >= 0,
  'a whole number of 0 or more is expected',
)

/** Plain data with every exact JSON number as a JavaScript number: for bodies that hold no money. */
export function plainNumbers(value: unknown): unknown {
  if (value instanceof JsonNumber) return Number(value.value)
  if (Array.isArray(value)) return value.map(plainNumbers)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainNumbers(one)]))
  }
  return value
}
