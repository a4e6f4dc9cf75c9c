/**
 * Fair price: one reference price per underlying, from every market of it that quotes dollars.
 *
 * The median of the middle prices of all live books of spot and perp markets whose quote asset is the
 * dollar or pegged to it; of an even number, the middle of the two inner ones, cut down. A book with one
 * side, or crossed, does not count, and an underlying no book tells of has no price.
 *
 * @module
 */

import { isPegged } from '../account/symbol.js'
import type { Desk } from '../desk/contract.js'
import type { Books } from '../market/hub.js'

export interface FairPrice {
  readonly underlying: string
  readonly price_1e9: bigint
  readonly sources: readonly {
    readonly venue: string
    readonly symbol: string
    readonly mid_1e9: bigint
  }[]
  /** When the newest of the books changed. */
  readonly ts_ns: bigint
}

/** A book that counts for an underlying. */
interface Source {
  readonly venue: string
  readonly venue_symbol: string
  readonly symbol: string
}

export interface FairPrices {
  /** Every underlying with a market that could tell its price, in order. */
  underlyings(): string[]
  /** undefined: no book tells. */
  of(underlying: string): FairPrice | undefined
  booksOf(underlying: string): readonly Source[]
}

export function fairPrices({ desk, books }: { desk: Desk; books: Books }): FairPrices {
  const sources = new Map<string, Source[]>()
  for (const { symbol } of desk.symbols()) {
    for (const { venue, instrument } of desk.resolveSymbol(symbol)?.listings ?? []) {
      if (instrument.kind === 'event' || !isPegged(instrument.quote)) continue
      const known = sources.get(instrument.base) ?? []
      sources.set(instrument.base, known)
      known.push({ venue, venue_symbol: instrument.venue_symbol, symbol })
    }
  }
  const byName = (a: Source, b: Source) => (nameOf(a) < nameOf(b) ? -1 : 1)
  for (const known of sources.values()) known.sort(byName)
  return {
    underlyings: () => [...sources.keys()].sort(),
    booksOf: (underlying) => sources.get(underlying) ?? [],
    of: (underlying) => {
      let ts_ns = 0n
      const told = (sources.get(underlying) ?? []).flatMap(({ venue, venue_symbol, symbol }) => {
        const book = books.book(venue, venue_symbol)
        const bid = book?.depth.bids[0]?.price_1e9
        const ask = book?.depth.asks[0]?.price_1e9
        if (book?.live !== true || bid === undefined || ask === undefined || bid > ask) return []
        if (book.received_ts_ns > ts_ns) ts_ns = book.received_ts_ns
        return [{ venue, symbol, mid_1e9: (bid + ask) / 2n }]
      })
      const price_1e9 = median(told.map(({ mid_1e9 }) => mid_1e9))
      return price_1e9 === undefined ? undefined : { underlying, price_1e9, sources: told, ts_ns }
    },
  }
}

const nameOf = ({ venue, symbol }: Source): string => `${venue} ${symbol}`

function median(values: readonly bigint[]): bigint | undefined {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const upper = sorted[sorted.length >> 1]
  const lower = sorted[(sorted.length - 1) >> 1]
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2n
}
