/**
 * Live state: what real venues say a client holds, brought into the live account.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { Venue, VenueClient } from '../venue/contract.js'
import type { PositionInput } from './contract.js'
import type { Core } from './core.js'
import { configuredRows } from './portfolio.js'

export type Pull = (
  venue: string,
  client_id: string,
) => Promise<Awaited<ReturnType<VenueClient['pull']>> | undefined>

/** What one venue says a client holds. */
export interface Told {
  readonly venue: string
  readonly told: Awaited<ReturnType<VenueClient['pull']>>
}

/** Asks every venue; one that does not answer is left out and reported. */
export async function pullAll(
  venues: readonly Venue[],
  client_id: string,
  pull: Pull | undefined,
  onTrouble: (error: unknown) => void,
): Promise<Told[]> {
  if (pull === undefined) return []
  const answers = await Promise.all(
    venues.map(async ({ id }): Promise<Told[]> => {
      try {
        const told = await pull(id, client_id)
        return told === undefined ? [] : [{ venue: id, told }]
      } catch (error) {
        onTrouble(error)
        return []
      }
    }),
  )
  return answers.flat()
}

/** Makes the venues' word the account's own. */
export function adoptAll(core: Core, account: Account, answers: readonly Told[]): void {
  for (const { venue, told } of answers) {
    const cash = told.balances.map(
      ({ asset, total_1e8 }): PositionInput => ({
        venue,
        kind:
          core.venues.get(venue)?.quote_assets.find((known) => known.asset === asset)?.kind ??
          'crypto',
        symbol: asset,
        qty_1e8: total_1e8,
      }),
    )
    const positions = told.positions.flatMap(
      ({ venue_symbol, qty_1e8, entry_price_1e9 }): PositionInput[] => {
        const instrument = core.symbols.instrument(venue, venue_symbol)
        if (instrument === undefined || instrument.kind === 'spot') return []
        const { symbol } = instrument
        if (instrument.kind === 'perp') {
          return [{ venue, kind: 'perp', symbol, qty_1e8, entry_price_1e9 }]
        }
        const [leg, size] = qty_1e8 < 0n ? ['NO', -qty_1e8] : ['YES', qty_1e8]
        const kind = 'event_contract'
        return [
          { venue, kind, symbol: `${symbol}:${leg}`, qty_1e8: size as bigint, entry_price_1e9 },
        ]
      },
    )
    const rows = configuredRows([...cash, ...positions], core.venues, core.symbols)
    core.apply(account, { type: 'adopt', ts_ns: core.now_ns, venue, rows })
  }
}
