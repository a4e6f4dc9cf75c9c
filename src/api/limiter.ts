/**
 * Limiter: a token bucket per client, shared by all of its keys, filled at the rate of its profile.
 *
 * @see spec section 1.6
 * @module
 */

import type { Clock, Restorable } from '../world/world.js'

export interface Limiter extends Restorable {
  /** Takes one token; false when the bucket is empty. A promise only while a profile is being read. */
  take(client_id: string): boolean | Promise<boolean>
  /** The client's profile changed: it is read anew. */
  forget(client_id: string): void
}

export interface LimiterOptions {
  /** Tokens per second of a client whose profile names no rate. */
  readonly qps: number
  /** Tokens per second by the client's profile; null: it names none. */
  readonly profile: (client_id: string) => Promise<number | null>
  readonly clock: Clock
}

interface Bucket {
  tokens: number
  at_ms: number
}

/** How long a process may go on with a rate that another process has changed. */
const PROFILE_MS = 1_000
const PROFILES_MAX = 10_000

/**
 * A bucket holds twice its rate.
 *
 * @throws RangeError when the default rate is not above 0.
 *
 * @example
 * limiter({ qps: 5, profile, clock }) // the free tier: ten calls at once, then five a second
 */
export function limiter({ qps, profile, clock }: LimiterOptions): Limiter {
  if (!(qps > 0) || !Number.isFinite(qps)) {
    throw new RangeError(
      `a rate limit of ${qps} calls per second is given; more than 0 is expected.`,
    )
  }
  const buckets = new Map<string, Bucket>()
  const rates = new Map<string, { readonly qps: number; readonly until_ms: number }>()

  function takeAt(client_id: string, rate: number): boolean {
    const now = clock.now_ms()
    const capacity = 2 * rate
    const bucket = buckets.get(client_id) ?? { tokens: capacity, at_ms: now }
    const refill = (Math.max(0, now - bucket.at_ms) / 1_000) * rate
    const tokens = Math.min(capacity, bucket.tokens + refill)
    const granted = tokens >= 1
    buckets.set(client_id, { tokens: granted ? tokens - 1 : tokens, at_ms: now })
    return granted
  }

  async function read(client_id: string): Promise<boolean> {
    const rate = (await profile(client_id)) ?? qps
    if (rates.size >= PROFILES_MAX) rates.clear()
    rates.set(client_id, { qps: rate, until_ms: clock.now_ms() + PROFILE_MS })
    return takeAt(client_id, rate)
  }

  return {
    take: (client_id) => {
      const known = rates.get(client_id)
      if (known === undefined || clock.now_ms() >= known.until_ms) return read(client_id)
      return takeAt(client_id, known.qps)
    },
    forget: (client_id) => {
      rates.delete(client_id)
    },
    save: () => new Map([...buckets].map(([client_id, bucket]) => [client_id, { ...bucket }])),
    restore: (state) => {
      rates.clear()
      buckets.clear()
      for (const [client_id, bucket] of state as typeof buckets) {
        buckets.set(client_id, { ...bucket })
      }
    },
  }
}
