/**
 * Quotes: the consolidated book of a symbol as people read it, from the books of the hub.
 *
 * Best prices count only where the book is live; a side nobody shows is 0, never an invented price.
 * Human numbers are printed from fixed point, so nothing passes through a float.
 *
 * @see spec section 5
 * @module
 */

import type { Desk } from '../desk/contract.js'
import { complement, type Depth, type Level } from '../engine/depth.js'
import type { Books } from '../market/hub.js'
import type { JsonNumber } from '../wire/json.js'
import type { Clock } from '../world/world.js'
import { humanNumber } from './schema.js'

export interface Nbbo {
  bid: JsonNumber
  ask: JsonNumber
  mid: JsonNumber
  spread_bps: JsonNumber
}

export interface Quote {
  symbol: string
  nbbo: Nbbo
  venues: Record<string, VenueQuote>
  source: 'edge_nbbo' | 'unavailable'
  book?: { bids: BookRow[]; asks: BookRow[] }
}

interface VenueQuote {
  bid: JsonNumber
  ask: JsonNumber
  bid_size: JsonNumber
  ask_size: JsonNumber
  age_ms: number
}

type BookRow = [price: JsonNumber, size: JsonNumber, venue: string]

/** One venue's book of a symbol, in the terms of its outcome. */
export interface SymbolBook {
  readonly venue: string
  readonly depth: Depth
  readonly received_ts_ns: bigint
  readonly live: boolean
}

export interface Quotes {
  /** undefined: no such symbol. */
  books(symbol: string): SymbolBook[] | undefined
  /** @param levels - Rows a side of the merged book; 0: no book in the answer. */
  quote(symbol: string, levels: number): Quote | undefined
  /** Newest message about the symbol's books; undefined when there never was one. */
  changed_ns(symbol: string): bigint | undefined
}

export function quotes({
  desk,
  books,
  clock,
}: {
  desk: Pick<Desk, 'resolveSymbol'>
  books: Books
  clock: Clock
}): Quotes {
  const booksOf = (symbol: string): SymbolBook[] | undefined => {
    const resolved = desk.resolveSymbol(symbol)
    if (resolved === undefined) return undefined
    return resolved.listings.flatMap(({ venue, instrument }) => {
      const view = books.book(venue, instrument.venue_symbol)
      if (view === undefined) return []
      const depth = resolved.outcome === 'NO' ? complement(view.depth) : view.depth
      return [{ venue, depth, received_ts_ns: view.received_ts_ns, live: view.live }]
    })
  }
  return {
    books: booksOf,
    quote: (symbol, levels) => {
      const found = booksOf(symbol)
      if (found === undefined) return undefined
      const live = found.filter((book) => book.live)
      const now = clock.now_ns()
      return {
        symbol,
        nbbo: nbboOf(live),
        venues: Object.fromEntries(found.map((book) => [book.venue, venueQuote(book, now)])),
        source: live.length > 0 ? 'edge_nbbo' : 'unavailable',
        ...(levels > 0 && { book: merged(live, levels) }),
      }
    },
    changed_ns: (symbol) =>
      booksOf(symbol)?.reduce<bigint | undefined>(
        (latest, { received_ts_ns }) =>
          latest === undefined || received_ts_ns > latest ? received_ts_ns : latest,
        undefined,
      ),
  }
}

/** Best prices over books; mid and spread are 0 when a side is missing or the best prices cross. */
export function nbboOf(books: readonly SymbolBook[]): Nbbo {
  let bid = 0n
  let ask = 0n
  for (const { depth } of books) {
    const best_bid = depth.bids[0]?.price_1e9 ?? 0n
    const best_ask = depth.asks[0]?.price_1e9 ?? 0n
    if (best_bid > bid) bid = best_bid
    if (best_ask > 0n && (ask === 0n || best_ask < ask)) ask = best_ask
  }
  const whole = bid > 0n && ask > 0n && bid <= ask
  const mid = whole ? (bid + ask) / 2n : 0n
  // bps to four decimals: spread / mid x 10^4 x 10^4.
  const spread = whole && mid > 0n ? ((ask - bid) * 100_000_000n) / mid : 0n
  return {
    bid: humanNumber(bid, 9),
    ask: humanNumber(ask, 9),
    mid: humanNumber(mid, 9),
    spread_bps: humanNumber(spread, 4),
  }
}

function venueQuote({ depth, received_ts_ns }: SymbolBook, now: bigint): VenueQuote {
  const [bid, ask] = [depth.bids[0], depth.asks[0]]
  return {
    bid: humanNumber(bid?.price_1e9 ?? 0n, 9),
    ask: humanNumber(ask?.price_1e9 ?? 0n, 9),
    bid_size: humanNumber(bid?.qty_1e8 ?? 0n, 8),
    ask_size: humanNumber(ask?.qty_1e8 ?? 0n, 8),
    age_ms: Number((now - received_ts_ns) / 1_000_000n),
  }
}

function merged(
  books: readonly SymbolBook[],
  levels: number,
): { bids: BookRow[]; asks: BookRow[] } {
  const side = (
    pick: (depth: Depth) => readonly Level[],
    better: (a: bigint, b: bigint) => boolean,
  ) =>
    books
      .flatMap(({ venue, depth }) =>
        pick(depth)
          .slice(0, levels)
          .map((level) => ({ ...level, venue })),
      )
      .sort((a, b) =>
        a.price_1e9 === b.price_1e9
          ? a.venue < b.venue
            ? -1
            : 1
          : better(a.price_1e9, b.price_1e9)
            ? -1
            : 1,
      )
      .slice(0, levels)
      .map(
        ({ price_1e9, qty_1e8, venue }): BookRow => [
          humanNumber(price_1e9, 9),
          humanNumber(qty_1e8, 8),
          venue,
        ],
      )
  return {
    bids: side(
      ({ bids }) => bids,
      (a, b) => a > b,
    ),
    asks: side(
      ({ asks }) => asks,
      (a, b) => a < b,
    ),
  }
}
