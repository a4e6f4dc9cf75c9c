/**
 * Venue names: spellings that mean the same venue. Per-chain names share the balances of their family.
 *
 * @see spec section 9
 * @module
 */

import type { Venue } from '../venue/contract.js'

/** The name under which a venue's balances and books are kept; an unknown name stays as it is. */
export type VenueNames = (name: string) => string

export function venueNames(venues: readonly Venue[]): VenueNames {
  const canonical = new Map(
    venues.flatMap(({ id, aliases = [] }) => aliases.map((alias) => [alias, id])),
  )
  return (name) => canonical.get(name) ?? name
}
