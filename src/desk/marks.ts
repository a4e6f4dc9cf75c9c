/**
 * Marks: what holdings are worth now, from books alone. A price nobody quotes is never made up: the
 * last known mark stays, and where there never was one, the entry price.
 *
 * @module
 */

import type { Row } from '../account/row.js'
import { isPegged } from '../account/symbol.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Books } from '../market/hub.js'
import type { SymbolTable } from './symbols.js'

/** What one unit of a row is worth, USD `_1e9`. Looking changes nothing. */
export function markOf(books: Books, symbols: SymbolTable, row: Row): bigint {
  if (row.settled_mark_1e9 !== null) return row.settled_mark_1e9
  return lastMark(books, symbols, row) ?? row.mark_1e9 ?? row.entry_1e9
}

/** Dollars for one unit of an asset, from a dollar market; `undefined`: none quotes it. */
export function dollarValue(
  books: Books,
  symbols: SymbolTable,
  venue: string,
  asset: string,
): bigint | undefined {
  for (const { venue: at, instrument } of symbols.dollarMarkets(asset, venue)) {
    const depth = books.book(at.id, instrument.venue_symbol)?.depth
    const [bid, ask] = [depth?.bids[0], depth?.asks[0]]
    if (bid !== undefined && ask !== undefined) return (bid.price_1e9 + ask.price_1e9) / 2n
  }
  return undefined
}

function lastMark(books: Books, symbols: SymbolTable, row: Row): bigint | undefined {
  switch (row.kind) {
    case 'fiat':
    case 'crypto': {
      if (isPegged(row.symbol)) return PRICE_SCALE
      const now = dollarValue(books, symbols, row.venue, row.symbol)
      if (now !== undefined) return now
      for (const { venue, instrument } of symbols.dollarMarkets(row.symbol, row.venue)) {
        const last = books.book(venue.id, instrument.venue_symbol)?.mid_1e9
        if (last !== undefined) return last
      }
      return undefined
    }
    case 'perp': {
      const found = symbols.resolve(row.symbol)
      const listing = found?.listings.find(({ venue }) => venue.id === row.venue)
      if (listing === undefined) return undefined
      return books.book(row.venue, listing.instrument.venue_symbol)?.mid_1e9
    }
    case 'event_contract': {
      const leg = symbols.leg(row.venue, row.symbol)
      if (leg === undefined) return undefined
      const yes = books.book(row.venue, leg.instrument.venue_symbol)?.quoted_1e9
      if (yes === undefined) return undefined
      return leg.outcome === 'NO' ? PRICE_SCALE - yes : yes
    }
  }
}
