/**
 * Subject: what the shared suite needs to know of a venue that its own declaration does not say.
 */
import type { RejectCode } from '../../src/engine/reject.js'
import type { Venue } from '../../src/venue/contract.js'
import type { Vector, VectorBook } from './vector.js'

/** One row of a reject atlas: a refusal, and the unmodified client request that meets it. */
export interface AtlasCase {
  /** The sheet's number, with a letter where a rule has several texts: `KR-06b`. */
  readonly id: string
  readonly condition: string
  /** How a client asks for it, in words: `AddOrder price=29990.05`. */
  readonly request: string
  readonly source: string
  /** Meets the refusal on a fresh venue. `text` is the venue's words or the reason of the cancelled order. */
  readonly meet: () => Promise<{ readonly status: number; readonly text: string }>
  readonly expect: {
    readonly status: number
    readonly text: string
    readonly code: RejectCode
  }
  /** The venue client's reading of that text. */
  readonly codeOf: (text: string) => string | undefined
}

export interface Subject {
  readonly venue: Venue
  readonly venue_symbol: string
  /** Enough for every case below, and not more than it can spend on `too_much`. */
  readonly balances: Readonly<Record<string, string>>
  /** Two levels of asks and one of bids. */
  readonly book: VectorBook
  readonly figures: {
    /** A good size, no larger than the best ask's. */
    readonly qty: string
    /** More than both asks together. */
    readonly qty_beyond_book: string
    /** On the grid, below the best bid: rests. */
    readonly price_resting: string
    /** On the grid, still below the best bid, above `price_resting`. */
    readonly price_better: string
    /** Off the grid. */
    readonly price_off_grid: string
    /** A size no account here can pay for at `price_resting`. */
    readonly qty_too_much: string
  }
  readonly vectors: readonly Vector[]
  readonly atlas: readonly AtlasCase[]
}
