/**
 * Vectors: a venue's worked examples as data, for any path an order may take.
 *
 * A vector says what stands in the book, what the account holds, what is wanted, and what comes of it in
 * normalized words. Nothing in it knows a wire: `wire-path.ts` runs it through the venue's own client and
 * mock, and the sandbox's order path can run the same data. All figures are decimal texts.
 */
import { parseDecimal } from '../../src/engine/decimal.js'
import type { Depth } from '../../src/engine/depth.js'
import type { Outcome, Side } from '../../src/engine/instrument.js'
import type { Liquidity, TimeInForce } from '../../src/engine/order.js'
import type { RejectCode } from '../../src/engine/reject.js'

export type VectorLevel = readonly [price: string, qty: string]

export interface VectorBook {
  /** Best first. Event markets: in YES. */
  readonly bids: readonly VectorLevel[]
  readonly asks: readonly VectorLevel[]
}

export interface VectorOrder {
  readonly side: Side
  /** Event markets; else null. For NO, price and book are still those of YES in `VectorBook`. */
  readonly outcome?: Outcome
  /** Exactly one of `qty` and `cash` (market buy by quote amount) is given. */
  readonly qty?: string
  readonly cash?: string
  /** null: market order. */
  readonly price: string | null
  readonly time_in_force: TimeInForce
  readonly post_only?: boolean
  readonly reduce_only?: boolean
}

export interface VectorFill {
  readonly price: string
  readonly qty: string
  readonly fee: string
  readonly liquidity: Liquidity
}

export interface VectorExpectation {
  /**
   * `refused`: no order came to be. `cancelled`: it was taken and ended without filling whole. For a venue
   * that accepts and then cancels, both mean the same to who asks only what was executed and what rests.
   */
  readonly status: 'refused' | 'resting' | 'filled' | 'cancelled'
  /** Why, unless it rests or was filled. */
  readonly code: RejectCode | null
  readonly fills: readonly VectorFill[]
  /** Totals afterwards; assets left out are unchanged. */
  readonly balances?: Readonly<Record<string, string>>
  /** Reserved afterwards; assets left out: nothing. */
  readonly reserved?: Readonly<Record<string, string>>
}

export interface Vector {
  /** As the sheet numbers it: `E7`. */
  readonly id: string
  readonly title: string
  readonly venue: string
  readonly venue_symbol: string
  /** Before the order. */
  readonly balances: Readonly<Record<string, string>>
  readonly book: VectorBook
  readonly order: VectorOrder
  readonly expect: VectorExpectation
}

/** Quantity of a vector, `_1e8`. @throws Error when the text is no such number. */
export const vectorQty = (text: string): bigint => exact(text, 8)
/** Price of a vector, `_1e9`. */
export const vectorPrice = (text: string): bigint => exact(text, 9)

export const vectorDepth = ({ bids, asks }: VectorBook): Depth => {
  const level = ([price, qty]: VectorLevel) => ({
    price_1e9: vectorPrice(price),
    qty_1e8: vectorQty(qty),
  })
  return { bids: bids.map(level), asks: asks.map(level) }
}

function exact(text: string, decimals: number): bigint {
  const value = parseDecimal(text, decimals, 'refuse')
  if (value === undefined) throw new Error(`${text} is no number with ${decimals} digits`)
  return value
}
