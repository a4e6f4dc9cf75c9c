/**
 * Target: what control works on: a running sandbox, as far as control needs to know it.
 *
 * @module
 */

import type { Desk, Principal } from '../desk/contract.js'
import { formatDecimal } from '../engine/decimal.js'
import type { Depth } from '../engine/depth.js'
import { type Instrument, lotsOf, type Outcome, onGrid } from '../engine/instrument.js'
import type { FaultPlan } from '../fault/plan.js'
import type { MarketHub } from '../market/market-hub.js'
import type { Credentials, MockVenue, Venue } from '../venue/contract.js'
import type { ManualClock } from '../world/clock.js'
import type { SeededWorld } from '../world/seeded.js'
import type { Restorable } from '../world/world.js'

/** One venue of a running sandbox. */
export interface ControlVenue {
  readonly venue: Venue
  /** Absent: no wire; its books come from drivers alone. */
  readonly mock: MockVenue | null
  /** The same venue as clients reach it, faults in between. */
  readonly wire: MockVenue | null
  /** Of the funded demo account; absent where there is none. */
  readonly credentials: Credentials | null
}

export interface ControlTarget {
  readonly world: SeededWorld
  /** null: the wall clock, which nobody moves. */
  readonly manual: ManualClock | null
  readonly desk: Desk
  readonly hub: MarketHub
  readonly faults: FaultPlan
  readonly venues: ReadonlyMap<string, ControlVenue>
  /**
   * Further state that a snapshot takes, by name: simulators, drivers. One that was added since a snapshot is
   * put back to `undefined`: its beginning.
   */
  readonly parts: Map<string, Restorable>
  /** Accounts at the venues and who is connected to them: put back before the desk takes its orders up again. */
  readonly connections: Restorable
  /** The client control speaks for when none is named. */
  readonly client_id: string
  /** The account at a mock venue that a client's live orders use. */
  venueAccount(client_id: string, venue: string): number | undefined
  /** The keys of that account: what a client that speaks to the venue itself signs with. */
  venueCredentials(client_id: string, venue: string): Credentials | undefined
  /** Calls per second of a client by its profile; null: the server's default. */
  setRateLimit(client_id: string, qps: number | null): Promise<void>
  /** Resolves when nothing is under way that needs no further time. */
  settle(): Promise<void>
  /** Makes an expected loss of subscriptions good after a revert: feeds are read anew. */
  resubscribe?(): Promise<void>
}

/** Misuse of control: what was given and what is known. */
export class ControlError extends Error {
  readonly code: 'unknown' | 'impossible' | 'invalid'
  readonly details: readonly { readonly field: string; readonly message: string }[]
  constructor(
    code: ControlError['code'],
    message: string,
    details: readonly { readonly field: string; readonly message: string }[] = [],
  ) {
    super(message)
    this.name = 'ControlError'
    this.code = code
    this.details = details
  }
}

/** @throws ControlError naming the venues there are. */
export function venueOf(target: ControlTarget, id: string): ControlVenue {
  const venue = target.venues.get(id)
  if (venue !== undefined) return venue
  throw new ControlError(
    'unknown',
    `no venue is called ${JSON.stringify(id)}; known: ${[...target.venues.keys()].join(', ')}`,
  )
}

/** A market at a venue, and which leg of it a symbol names. */
export interface Listing {
  readonly at: ControlVenue
  readonly instrument: Instrument
  readonly outcome: Outcome
}

/**
 * The market a symbol names at a venue: the API's symbol, the venue's own, or either with `:YES` or `:NO`.
 *
 * @throws ControlError when the venue lists no such market.
 */
export function listingOf(target: ControlTarget, venue: string, symbol: string): Listing {
  const at = venueOf(target, venue)
  const [, bare = symbol, leg] = /^(.*):(YES|NO)$/.exec(symbol) ?? []
  const listed = target.desk
    .symbols()
    .filter(({ venues }) => venues.includes(venue))
    .map(({ instrument }) => instrument)
  const instrument = [...at.venue.instruments, ...listed].find(
    (one) => one.symbol === bare || one.venue_symbol === bare,
  )
  if (instrument === undefined) {
    throw new ControlError(
      'unknown',
      `${venue} lists no ${JSON.stringify(bare)}; it lists ${at.venue.instruments
        .map((one) => one.symbol)
        .join(', ')}`,
    )
  }
  return { at, instrument, outcome: leg === 'NO' ? 'NO' : 'YES' }
}

/** @throws ControlError on a venue without a wire. */
export function mockOf({ venue, mock }: ControlVenue): MockVenue {
  if (mock !== null) return mock
  throw new ControlError('impossible', `${venue.id} has no mock venue behind it`)
}

/** A client in one mode, as control acts for it. */
export const principalOf = (
  target: ControlTarget,
  client_id: string | undefined,
  mode: Principal['mode'],
): Principal => ({ client_id: client_id ?? target.client_id, key_id: 'control', mode })

/** The book of a market as its subscribers know it; empty when nobody published one. */
export function bookOf(target: ControlTarget, { at, instrument }: Listing): Depth {
  return target.hub.book(at.venue.id, instrument.venue_symbol)?.depth ?? { bids: [], asks: [] }
}

/**
 * A venue without a wire has nobody who looks at its book: what is set there is held to its grid here.
 *
 * @throws ControlError naming the level and the grid.
 */
export function refuseOffGrid(
  instrument: Instrument,
  level: { readonly price_1e9: bigint; readonly qty_1e8: bigint },
): void {
  const { price_1e9, qty_1e8 } = level
  if (onGrid(instrument, price_1e9) && lotsOf(instrument, qty_1e8) !== undefined) return
  throw new ControlError(
    'invalid',
    `${instrument.symbol}: ${formatDecimal(qty_1e8, 8)} at ${formatDecimal(price_1e9, 9)} is off the grid: ` +
      `lots of ${formatDecimal(instrument.lot_size_1e8, 8)} at ticks of ${formatDecimal(instrument.tick_size_1e9, 9)} are expected`,
  )
}
