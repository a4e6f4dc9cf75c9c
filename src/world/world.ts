/**
 * World: the types of time, chance and identity. `src/world` makes them; everything else is handed them.
 *
 * @module
 */

/** Time, chance and identity, handed in; `src/world` makes them. */
export interface World {
  readonly clock: Clock
  /** An independent stream per label; more draws on one move no other. */
  random(label: string): RandomStream
  /** Deterministic ids: the nth id of a label is the same for the same seed. */
  ids(label: string): IdStream
}

export interface Clock {
  now_ns(): bigint
  now_ms(): number
  /** Runs once after `delay_ms`; the answer cancels it. On a manual clock it runs inside `advance`. */
  after(delay_ms: number, run: () => void): () => void
}

export interface RandomStream {
  /** Uniform integer in `[low, high]`, both included. */
  int(low: number, high: number): number
  /** Uniform in [0, 1) with 32 bits; never used for money. */
  unit(): number
  bytes(length: number): Uint8Array
}

export interface IdStream {
  uuid(): string
  /** `prefix` plus a number counting up from 1. */
  next(prefix: string): string
  text(alphabet: string, length: number): string
}

/** A part whose state a snapshot takes and a revert puts back in place. */
export interface Restorable {
  /** A value that later changes do not touch. */
  save(): unknown
  restore(state: unknown): void
}
