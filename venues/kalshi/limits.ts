/**
 * Limits: what each request costs, and the two token buckets a member pays it from.
 *
 * A full bucket answers at once; an empty one answers 429 without saying when to come back. Buckets are
 * not state: after a restart they are full.
 *
 * @see https://docs.kalshi.com/getting_started/rate_limits
 *
 * @module
 */

import { Bucket } from '../../src/venue/rate-limit.js'

/** Tokens per second: reads, writes. */
const TIERS = {
  basic: [200, 100],
  advanced: [300, 300],
  expert: [600, 600],
  premier: [1_000, 1_000],
  paragon: [2_000, 2_000],
  prime: [4_000, 4_000],
  prestige: [10_000, 8_000],
} as const

export type Tier = keyof typeof TIERS
export const TIER_NAMES = Object.keys(TIERS) as readonly Tier[]
export const isTier = (name: string): name is Tier => Object.hasOwn(TIERS, name)

export type BucketKind = 'read' | 'write'

export const DEFAULT_COST = 10
export const CANCEL_COST = 2

export interface BucketSize {
  readonly refill_rate: number
  readonly bucket_capacity: number
}

/** Capacity is two seconds of refill for writes above Basic and for reads of Basic and Advanced, else one. */
export function bucketSize(tier: Tier, kind: BucketKind): BucketSize {
  const refill_rate = TIERS[tier][kind === 'read' ? 0 : 1]
  const long = kind === 'write' ? tier !== 'basic' : tier === 'basic' || tier === 'advanced'
  return { refill_rate, bucket_capacity: refill_rate * (long ? 2 : 1) }
}

/** The buckets of all members; `null` tier: nobody is limited. */
export class Limits {
  readonly tier: Tier | null
  readonly #buckets = new Map<string, Bucket>()

  constructor(tier: Tier | null) {
    this.tier = tier
  }

  /** Takes the cost of one request, whole or not at all. */
  take(member: number, kind: BucketKind, cost: number, now_us: number): boolean {
    if (this.tier === null) return true
    const name = `${kind}/${member}`
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      const { bucket_capacity, refill_rate } = bucketSize(this.tier, kind)
      bucket = new Bucket({ capacity: bucket_capacity, refill_per_s: refill_rate }, now_us)
      this.#buckets.set(name, bucket)
    }
    return bucket.take(cost, now_us)
  }
}

/** Costs other than the default one, as `GET /account/endpoint_costs` lists them. */
export const ENDPOINT_COSTS = [
  { method: 'DELETE', path: '/portfolio/events/orders/:order_id', cost: CANCEL_COST },
  { method: 'DELETE', path: '/portfolio/events/orders/batched', cost: CANCEL_COST },
] as const
