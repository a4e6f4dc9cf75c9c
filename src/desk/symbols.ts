/**
 * Symbols: from what a person writes to the venues that list it.
 *
 * Accepted: pairs (`BTC-USD`, also `BTC/USD`), perps, event tickers and slugs with or without `:YES` or
 * `:NO`, token ids of 30 digits or more, and the address of an event's web page.
 *
 * @module
 */

import { isPegged } from '../account/symbol.js'
import type { Instrument, InstrumentKind, Outcome } from '../engine/instrument.js'
import type { Venue } from '../venue/contract.js'

export interface Listing {
  readonly venue: Venue
  readonly instrument: Instrument
}

export interface Resolution {
  readonly instrument_type: 'spot' | 'perp' | 'prediction'
  /** Leg of an event market; null otherwise. */
  readonly outcome: Outcome | null
  /** In the order the venues were given. */
  readonly listings: readonly Listing[]
}

const CACHE_MAX = 10_000
const PAGE = /^https?:\/\/[^/]+\/(?:event|market)\/([^/?#]+)(?:\/([^/?#]+))?/i
const LEG = /^(.+):(yes|no)$/is

export class SymbolTable {
  readonly #bySymbol = new Map<string, Listing[]>()
  readonly #byToken = new Map<string, { readonly listing: Listing; readonly outcome: Outcome }>()
  readonly #byVenueSymbol = new Map<string, Instrument>()
  readonly #cache = new Map<string, Resolution | undefined>()

  constructor(venues: readonly Venue[]) {
    for (const venue of venues) {
      for (const instrument of venue.instruments) this.#add({ venue, instrument })
    }
  }

  resolve(symbol: string): Resolution | undefined {
    const known = this.#cache.get(symbol)
    if (known !== undefined || this.#cache.has(symbol)) return known
    const found = this.#find(symbol.trim())
    if (this.#cache.size >= CACHE_MAX) this.#cache.clear()
    this.#cache.set(symbol, found)
    return found
  }

  /** The market and leg of a configured event contract, where the venue lists it. */
  leg(venue: string, symbol: string): { instrument: Instrument; outcome: Outcome } | undefined {
    const found = this.#find(symbol)
    if (found === undefined || found.outcome === null) return undefined
    const listing = found.listings.find((candidate) => candidate.venue.id === venue)
    return listing && { instrument: listing.instrument, outcome: found.outcome }
  }

  instrument(venue: string, venue_symbol: string): Instrument | undefined {
    return this.#byVenueSymbol.get(`${venue}|${venue_symbol}`)
  }

  all(): { symbol: string; kind: InstrumentKind; venues: string[]; instrument: Instrument }[] {
    return [...this.#bySymbol].flatMap(([symbol, listings]) => {
      const [first] = listings
      if (first === undefined) return []
      const venues = listings.map(({ venue }) => venue.id)
      return [{ symbol, kind: first.instrument.kind, venues, instrument: first.instrument }]
    })
  }

  /** Spot markets that say what an asset is worth in dollars, those of one venue first. */
  dollarMarkets(asset: string, venue: string): Listing[] {
    return [...this.#bySymbol.values()]
      .flat()
      .filter(
        ({ instrument }) =>
          instrument.kind === 'spot' && instrument.base === asset && isPegged(instrument.quote),
      )
      .sort((a, b) => Number(b.venue.id === venue) - Number(a.venue.id === venue))
  }

  /** One more market; the caller has checked that its names are free. */
  list(listing: Listing): void {
    this.#add(listing)
    this.#cache.clear()
  }

  /** What is listed, for a snapshot. */
  save(): readonly Listing[] {
    return [...this.#bySymbol.values()].flat()
  }

  restore(saved: readonly Listing[]): void {
    this.#bySymbol.clear()
    this.#byToken.clear()
    this.#byVenueSymbol.clear()
    this.#cache.clear()
    for (const listing of saved) this.#add(listing)
  }

  #add(listing: Listing): void {
    const { instrument, venue } = listing
    const known = this.#bySymbol.get(instrument.symbol)
    if (known === undefined) this.#bySymbol.set(instrument.symbol, [listing])
    else known.push(listing)
    this.#byVenueSymbol.set(`${venue.id}|${instrument.venue_symbol}`, instrument)
    const { event } = instrument
    if (event?.yes_token) this.#byToken.set(event.yes_token, { listing, outcome: 'YES' })
    if (event?.no_token) this.#byToken.set(event.no_token, { listing, outcome: 'NO' })
  }

  #find(text: string): Resolution | undefined {
    const page = PAGE.exec(text)
    if (page) {
      const [, event = '', market] = page
      return (market === undefined ? undefined : this.#find(market)) ?? this.#find(event)
    }
    const token = this.#byToken.get(text)
    if (token !== undefined) {
      return { instrument_type: 'prediction', outcome: token.outcome, listings: [token.listing] }
    }
    const leg = LEG.exec(text)
    if (leg) {
      const [, slug = '', outcome = ''] = leg
      const found = this.#named(slug)
      if (found === undefined || found.outcome === null) return undefined
      return { ...found, outcome: outcome.toUpperCase() as Outcome }
    }
    return this.#named(text) ?? this.#named(text.replace('/', '-')) ?? this.#eventOf(text)
  }

  #named(symbol: string): Resolution | undefined {
    const listings = this.#bySymbol.get(symbol) ?? this.#bySymbol.get(symbol.toUpperCase())
    const [first] = listings ?? []
    if (listings === undefined || first === undefined) return undefined
    const { kind } = first.instrument
    return {
      instrument_type: kind === 'event' ? 'prediction' : kind,
      outcome: kind === 'event' ? 'YES' : null,
      listings,
    }
  }

  /** An event with one market may be named by the event. */
  #eventOf(slug: string): Resolution | undefined {
    const markets = [...this.#bySymbol.values()].filter(
      ([first]) => first?.instrument.event?.event_symbol === slug,
    )
    const [only] = markets
    if (markets.length !== 1 || only === undefined) return undefined
    return { instrument_type: 'prediction', outcome: 'YES', listings: only }
  }
}
