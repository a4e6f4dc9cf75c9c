/**
 * Marks: what holdings are worth now, from books alone. A price nobody quotes is never made up: the
 * last known mark stays, and where there never was one, the entry price.
 *
 * @module
 */

import type { Row } from '../account/row.js'
import { isPegged } from '../account/symbol.js'
import type { Depth } from '../engine/depth.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Books } from '../market/hub.js'
import type { SymbolTable } from './symbols.js'

/** Brings a row's last known mark up to date and answers it. USD `_1e9`. */
export function markOf(books: Books, symbols: SymbolTable, row: Row): bigint {
  if (row.settled_mark_1e9 !== null) return row.settled_mark_1e9
  const seen = seenMark(books, symbols, row)
  if (seen !== undefined) row.mark_1e9 = seen
  return row.mark_1e9 ?? row.entry_1e9
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
    const mid = depth === undefined ? undefined : middle(depth, 'both')
    if (mid !== undefined) return mid
  }
  return undefined
}

function seenMark(books: Books, symbols: SymbolTable, row: Row): bigint | undefined {
  switch (row.kind) {
    case 'fiat':
    case 'crypto':
      if (isPegged(row.symbol)) return PRICE_SCALE
      return dollarValue(books, symbols, row.venue, row.symbol)
    case 'perp': {
      const found = symbols.resolve(row.symbol)
      const listing = found?.listings.find(({ venue }) => venue.id === row.venue)
      if (listing === undefined) return undefined
      const depth = books.book(row.venue, listing.instrument.venue_symbol)?.depth
      return depth === undefined ? undefined : middle(depth, 'both')
    }
    case 'event_contract': {
      const leg = symbols.leg(row.venue, row.symbol)
      if (leg === undefined) return undefined
      const depth = books.book(row.venue, leg.instrument.venue_symbol)?.depth
      const yes = depth === undefined ? undefined : middle(depth, 'either')
      if (yes === undefined) return undefined
      return leg.outcome === 'NO' ? PRICE_SCALE - yes : yes
    }
  }
}

/** Mid of the best prices, cut toward zero; with `either`, one side alone will do. */
function middle(depth: Depth, sides: 'both' | 'either'): bigint | undefined {
  const bid = depth.bids[0]?.price_1e9
  const ask = depth.asks[0]?.price_1e9
  if (bid !== undefined && ask !== undefined) return (bid + ask) / 2n
  return sides === 'either' ? (bid ?? ask) : undefined
}
