/**
 * Limiter: a token bucket per client, shared by all of its keys.
 *
 * @see spec section 1.6
 * @module
 */

import type { Clock } from '../world/world.js'

export interface Limiter {
  /** Takes one token; false when the bucket is empty. */
  take(client_id: string): boolean
}

/**
 * @param qps - Tokens per second; the bucket holds twice as many.
 *
 * @example
 * limiter({ qps: 5, clock }) // the free tier: ten calls at once, then five a second
 */
export function limiter({ qps, clock }: { qps: number; clock: Clock }): Limiter {
  if (!(qps > 0) || !Number.isFinite(qps)) {
    throw new RangeError(
      `a rate limit of ${qps} calls per second is given; more than 0 is expected.`,
    )
  }
  const capacity = 2 * qps
  const buckets = new Map<string, { tokens: number; at_ms: number }>()
  return {
    take: (client_id) => {
      const now = clock.now_ms()
      const bucket = buckets.get(client_id) ?? { tokens: capacity, at_ms: now }
      const refill = (Math.max(0, now - bucket.at_ms) / 1_000) * qps
      const tokens = Math.min(capacity, bucket.tokens + refill)
      const granted = tokens >= 1
      buckets.set(client_id, { tokens: granted ? tokens - 1 : tokens, at_ms: now })
      return granted
    },
  }
}
