/**
 * Rate limit: a bucket that refills with time, the shape of every venue's limit.
 *
 * Pure; time arrives as data. A token bucket (capacity, refill) and a decaying counter (limit, decay)
 * are the same thing seen from two ends.
 *
 * @module
 */

export interface BucketOptions {
  /** Tokens when full. */
  readonly capacity: number
  readonly refill_per_s: number
}

export class Bucket {
  readonly #options: BucketOptions
  #tokens: number
  #at_us: number

  constructor(options: BucketOptions, now_us: number) {
    this.#options = options
    this.#tokens = options.capacity
    this.#at_us = now_us
  }

  /** Takes `cost` tokens, or none when there are too few. */
  take(cost: number, now_us: number): boolean {
    this.#refill(now_us)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  /** Takes `cost` tokens even below zero: a charge for something that cannot be refused. */
  charge(cost: number, now_us: number): void {
    this.#refill(now_us)
    this.#tokens -= cost
  }

  tokens(now_us: number): number {
    this.#refill(now_us)
    return this.#tokens
  }

  #refill(now_us: number): void {
    const { capacity, refill_per_s } = this.#options
    const passed_us = Math.max(0, now_us - this.#at_us)
    this.#at_us = Math.max(this.#at_us, now_us)
    this.#tokens = Math.min(capacity, this.#tokens + (passed_us * refill_per_s) / 1e6)
  }
}

/** One bucket per name (key, pair, account), made full at first use. */
export class Buckets {
  readonly #options: BucketOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: BucketOptions) {
    this.#options = options
  }

  of(name: string, now_us: number): Bucket {
    const known = this.#buckets.get(name)
    if (known !== undefined) return known
    const made = new Bucket(this.#options, now_us)
    this.#buckets.set(name, made)
    return made
  }
}
