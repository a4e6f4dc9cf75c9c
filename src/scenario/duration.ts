/**
 * Duration: times of a story as people write them: `250`, `"250ms"`, `"1.5s"`, `"2m"`, `"1h"`.
 *
 * @module
 */

import { z } from 'zod'
import { JsonNumber } from '../wire/json.js'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a written time, or `undefined` when it is none. */
export function durationMs(written: string | number): number | undefined {
  if (typeof written === 'number')
    return Number.isFinite(written) && written >= 0 ? written : undefined
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(written.trim())
  if (match === null) return undefined
  return Number(match[1]) * UNIT_MS[(match[2] ?? 'ms') as keyof typeof UNIT_MS]
}

/** A time of zero or more, in milliseconds once parsed. */
export const duration = z
  .union([z.string(), z.number(), z.instanceof(JsonNumber)])
  .transform((value, context) => {
    const ms = durationMs(value instanceof JsonNumber ? Number(value.value) : value)
    if (ms !== undefined) return ms
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(value)} is no time; write 250, "250ms", "1.5s", "2m" or "1h"`,
    })
    return z.NEVER
  })
