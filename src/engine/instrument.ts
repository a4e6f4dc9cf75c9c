/**
 * Instrument: what a venue lists, as data. Read by the venue's own matching and by the sandbox alike.
 *
 * Pure. Zero in a minimum means "none". Conversion between fixed point and ticks or lots is exact
 * or refused.
 *
 * @module
 */

import type { PriceTicks, QtyLots } from './units.js'

export type InstrumentKind = 'spot' | 'perp' | 'event'
export type Side = 'buy' | 'sell'
/** A leg of an event contract. The book of a market is quoted in YES. */
export type Outcome = 'YES' | 'NO'

/** Prices from `from_1e9` to `to_1e9` (both included) move in `step_1e9`, counted from `from_1e9`. */
export interface PriceBand {
  readonly from_1e9: bigint
  readonly to_1e9: bigint
  readonly step_1e9: bigint
}

export interface Instrument {
  /** Name at our API: `BTC-USD`, `BTC-USD-PERP`, `KXTEST-26DEC31-T60`. */
  readonly symbol: string
  /** The venue's own name, unique on the venue: `XXBTZUSD`. */
  readonly venue_symbol: string
  readonly kind: InstrumentKind
  /** Asset bought and sold, in the sandbox's names (`BTC`). Of an event market: its ticker. */
  readonly base: string
  /** Cash asset that pays (`USD`, `USDC`). */
  readonly quote: string
  /** Finest price step. A book's price in ticks is `price_1e9 / tick_size_1e9`. */
  readonly tick_size_1e9: bigint
  /** Size step. */
  readonly lot_size_1e8: bigint
  readonly min_qty_1e8: bigint
  /** Of price times quantity, in quote units. */
  readonly min_notional_1e9: bigint
  /** Coarser steps by price range, ascending; empty: every tick is valid. */
  readonly price_bands: readonly PriceBand[]
  /** Perps: most leverage; others 1. */
  readonly leverage_max: number
  /** Event markets of one event, and the token ids where the venue has them. */
  readonly event?: {
    readonly event_symbol: string
    readonly yes_token: string | null
    readonly no_token: string | null
  }
}

/** Ticks of a price, or `undefined` when it is not a whole, safe, non-negative number of ticks. */
export function ticksOf(instrument: Instrument, price_1e9: bigint): PriceTicks | undefined {
  return exact(price_1e9, instrument.tick_size_1e9) as PriceTicks | undefined
}

/** Lots of a quantity, or `undefined` when it is not a whole, safe, non-negative number of lots. */
export function lotsOf(instrument: Instrument, qty_1e8: bigint): QtyLots | undefined {
  return exact(qty_1e8, instrument.lot_size_1e8) as QtyLots | undefined
}

export const priceOf = (instrument: Instrument, price_ticks: number): bigint =>
  BigInt(price_ticks) * instrument.tick_size_1e9

export const qtyOf = (instrument: Instrument, qty_lots: number): bigint =>
  BigInt(qty_lots) * instrument.lot_size_1e8

/** Whether a price lies on the grid: whole ticks, and whole steps of its band where bands exist. */
export function onGrid(instrument: Instrument, price_1e9: bigint): boolean {
  if (price_1e9 <= 0n || price_1e9 % instrument.tick_size_1e9 !== 0n) return false
  if (instrument.price_bands.length === 0) return true
  return instrument.price_bands.some(
    (band) =>
      price_1e9 >= band.from_1e9 &&
      price_1e9 <= band.to_1e9 &&
      (price_1e9 - band.from_1e9) % band.step_1e9 === 0n,
  )
}

function exact(value: bigint, step: bigint): number | undefined {
  if (value < 0n || value % step !== 0n) return undefined
  const n = Number(value / step)
  return Number.isSafeInteger(n) ? n : undefined
}
