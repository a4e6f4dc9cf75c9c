/**
 * Schema: the scalars of the API, each parsing, typing and documenting itself.
 *
 * Numbers in bodies arrive as `JsonNumber` and leave as exact `bigint`s; `null` stands for "not given"
 * wherever a field is optional, because several SDKs send it.
 *
 * @module
 */

import { z } from '@hono/zod-openapi'
import { formatDecimal } from '../engine/decimal.js'
import { bigintOf, fixedOf, JsonNumber, numberText, safeIntOf } from '../wire/json.js'
import { isStorable } from './body.js'
import type { ErrorDetail } from './errors.js'

/** Largest quantity (`_1e8`) and price (`_1e9`) taken in: a signed 64-bit integer, as stored. */
export const FIXED_MAX = 2n ** 63n - 1n

interface DecimalOptions {
  readonly decimals: 8 | 9
  readonly description: string
  readonly sign: 'any' | 'not-negative' | 'positive'
  readonly max?: bigint
}

/** A number in human units, read exactly; digits beyond the scale are cut toward zero. */
export function decimal({ decimals, description, sign, max = FIXED_MAX }: DecimalOptions) {
  return z
    .custom<JsonNumber>((value) => value instanceof JsonNumber, { message: 'must be a number' })
    .transform((value, context): bigint => {
      const fixed = fixedOf(value, decimals)
      const wrong =
        fixed === undefined
          ? 'must be a finite number'
          : (signFault(value, fixed, sign) ?? rangeFault(fixed, max, decimals))
      if (fixed === undefined || wrong !== undefined) {
        context.addIssue({ code: 'custom', message: wrong ?? 'must be a finite number' })
        return z.NEVER
      }
      return fixed
    })
    .openapi({
      type: 'number',
      description,
      ...(sign === 'not-negative' && { minimum: 0 }),
      ...(sign === 'positive' && { exclusiveMinimum: true, minimum: 0 }),
    })
}

/** Sign as written: `-0.000000001` is negative although its fixed point is 0. */
function signFault(
  written: JsonNumber,
  fixed: bigint,
  sign: DecimalOptions['sign'],
): string | undefined {
  if (sign === 'any') return undefined
  if (written.value.startsWith('-') && /[1-9]/.test(written.value)) return 'must not be negative'
  return sign === 'positive' && fixed <= 0n ? 'must be more than 0' : undefined
}

function rangeFault(fixed: bigint, max: bigint, decimals: number): string | undefined {
  if (fixed <= max && fixed >= -max) return undefined
  return `must lie within ${formatDecimal(max, decimals)} either way`
}

/** A whole number of a bounded range, as a JavaScript number. */
export function whole({
  min,
  max,
  description,
}: {
  min: number
  max: number
  description: string
}) {
  return z
    .custom<JsonNumber>((value) => value instanceof JsonNumber, { message: 'must be a number' })
    .transform((value, context): number => {
      const n = safeIntOf(value)
      if (n === undefined || n < min || n > max) {
        context.addIssue({
          code: 'custom',
          message: `must be a whole number from ${min} to ${max}`,
        })
        return z.NEVER
      }
      return n
    })
    .openapi({ type: 'integer', minimum: min, maximum: max, description })
}

/** A plain integer literal of up to 63 bits, more than a JavaScript number holds. */
export function integer({ min, description }: { min: bigint; description: string }) {
  return z
    .custom<JsonNumber>((value) => value instanceof JsonNumber, { message: 'must be an integer' })
    .transform((value, context): bigint => {
      const n = bigintOf(value)
      if (n === undefined || n < min || n > FIXED_MAX) {
        context.addIssue({
          code: 'custom',
          message: `must be an integer from ${min} to ${FIXED_MAX}`,
        })
        return z.NEVER
      }
      return n
    })
    .openapi({ type: 'integer', format: 'int64', description })
}

/** Text of 1 to `max` characters, without control characters. */
export function text({ max = 256, description }: { max?: number; description: string }) {
  return z
    .string({ error: 'must be a string' })
    .min(1, 'must not be empty')
    .max(max, `must not be longer than ${max} characters`)
    .refine((value) => !CONTROL.test(value), 'must not contain control characters')
    .openapi({ description, minLength: 1, maxLength: max })
}

export const flag = (description: string) =>
  z.boolean({ error: 'must be true or false' }).openapi({ description })

export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  description: string,
) => z.enum(values, { error: `must be one of ${values.join(', ')}` }).openapi({ description })

/** An optional field: absent and `null` are the same. */
export const maybe = <T extends z.ZodType>(schema: T) => schema.nullish()

const CONTROL = /\p{Cc}/u

// Query and path parameters arrive as text.

/** A text parameter. */
export const param = (description: string, max = 256) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must not be longer than ${max} characters`)
    .refine((value) => isStorable(value), 'must not contain NUL or broken text')
    .openapi({ description })

/** Comma-separated names; empty parts are dropped. */
export const listParam = (description: string) =>
  param(description, 4_096)
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .openapi({ type: 'string', description })

export const countParam = ({
  min,
  max,
  byDefault,
  description,
}: {
  min: number
  max: number
  byDefault: number
  description: string
}) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`)
    .optional()
    .transform((n) => n ?? byDefault)
    .openapi({ type: 'integer', minimum: min, maximum: max, default: byDefault, description })

export const flagParam = (byDefault: boolean, description: string) =>
  z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .optional()
    .transform((value) => (value === undefined ? byDefault : value === 'true' || value === '1'))
    .openapi({ type: 'boolean', default: byDefault, description })

// Answers: documentation and types; nothing is parsed on the way out.

/** `_1e8` or `_1e9` fixed point, or nanoseconds: a plain integer literal that may exceed 2^53. */
export const bigInteger = (description: string) =>
  z.bigint().openapi({ type: 'integer', format: 'int64', description })

/** The same, or null. */
export const bigIntegerOrNull = (description: string) =>
  z
    .bigint()
    .nullable()
    .openapi({ type: ['integer', 'null'], format: 'int64', description })

export const human = (description: string) =>
  z.custom<JsonNumber>().openapi({ type: 'number', description })

/** A fixed-point value printed as the number people read. */
export const humanNumber = (value: bigint, decimals: number): JsonNumber =>
  numberText(formatDecimal(value, decimals))

/** Details of a failed parse, each with the path of its field (`positions[2].qty`). */
export function detailsOf(error: z.ZodError): ErrorDetail[] {
  return error.issues.slice(0, DETAILS_MAX).map(({ path, message }) => ({
    field: path.reduce<string>(
      (text, part) =>
        typeof part === 'number'
          ? `${text}[${part}]`
          : text === ''
            ? String(part)
            : `${text}.${String(part)}`,
      '',
    ),
    message,
  }))
}

/** A body of a thousand faults is told the first hundred. */
const DETAILS_MAX = 100

export { z }
