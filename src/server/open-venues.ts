/**
 * Open venues: the running side of every venue of a sandbox, and whose account is whose there.
 *
 * A venue with a wire gets its mock, recovered from its journal, behind the sandbox's faults; everyone
 * (gateway, feeds, live orders) speaks to it through them, and only control reaches behind.
 *
 * @module
 */

import { join } from 'node:path'
import type { FaultPlan } from '../fault/plan.js'
import { faultyVenue } from '../fault/wire.js'
import { DEMO_LABEL } from '../venue/admin.js'
import type { Credentials, MockVenue, Venue, VenueClient } from '../venue/contract.js'
import { fileJournal } from '../venue/file-journal.js'
import { loopback } from '../venue/loopback.js'
import { secretHex } from '../world/prng.js'
import type { SeededWorld } from '../world/seeded.js'
import type { Restorable } from '../world/world.js'

export interface OpenVenue {
  readonly venue: Venue
  /** null: no wire yet. */
  readonly mock: MockVenue | null
  /** The mock as its clients meet it: behind the faults. */
  readonly wire: MockVenue | null
  /** Of the funded demo account; null where there is none. */
  readonly credentials: Credentials | null
}

export interface OpenVenues {
  readonly venues: ReadonlyMap<string, OpenVenue>
  /** The account a client's live orders use; opened and funded at the first use. undefined: no wire. */
  accountOf(client_id: string, venue: string): number | undefined
  /** The keys of that account. */
  credentialsOf(client_id: string, venue: string): Credentials | undefined
  /** A private client of that account; undefined where the venue has no wire. */
  connect(venue: string, client_id: string): VenueClient | undefined
  /** Whose account is whose, for a snapshot: an account opened after it is opened anew, with the same keys. */
  readonly owners: Restorable
  /** A client for market data alone. */
  observe(venue: string): VenueClient | undefined
  close(): Promise<void>
}

export interface OpenVenuesOptions {
  readonly venues: readonly Venue[]
  readonly world: SeededWorld
  readonly faults: FaultPlan
  /** Folder of the journals; absent: memory only. */
  readonly data?: string
  /** The client whose account is the venue's well-known demo account; null: no such account. */
  readonly demo_client: string | null
  /**
   * `known`: credentials follow from venue and client, so that making them anew costs nothing and a story
   * repeats; `secret`: they are drawn from the operating system, for addresses that others reach.
   */
  readonly credentials: 'known' | 'secret'
  /** Venue -> its own switches, named in its README. */
  readonly switches: VenueSwitches
}

export type VenueSwitches = Readonly<
  Record<string, Readonly<Record<string, string | number | boolean>>>
>

interface Account {
  readonly account_id: number
  readonly credentials: Credentials
}

/** Cash of a new account: large, yet an order inside a venue's own size limits can exceed it. */
const CASH_1E8 = 1_000_000n * 100_000_000n
const EVENT_CASH_1E8 = 100_000n * 100_000_000n
const COINS_1E8 = 10n * 100_000_000n

export async function openVenues(options: OpenVenuesOptions): Promise<OpenVenues> {
  const { world, faults, data, demo_client } = options
  /** Kept, so that an account opened anew after a revert has its keys again. */
  const secrets = new Map<string, Uint8Array>()
  const open = (venue: Venue, mock: MockVenue, label: string) => {
    // The demo account's keys are shown to people, whose clients take what the venue hands out.
    const cheap = label !== DEMO_LABEL
    if (options.credentials === 'known') return mock.admin.openAccount({ label, cheap })
    const name = JSON.stringify([venue.id, label])
    const secret = secrets.get(name) ?? Buffer.from(secretHex(), 'hex')
    secrets.set(name, secret)
    return mock.admin.openAccount({ label, cheap, secret })
  }
  for (const id of Object.keys(options.switches)) {
    if (options.venues.some((venue) => venue.id === id && venue.mock !== undefined)) continue
    throw new RangeError(`switches name ${id}; a venue with a wire is expected.`)
  }
  const opened = await Promise.all(
    options.venues.map(async (venue): Promise<OpenVenue> => {
      if (venue.mock === undefined) return { venue, mock: null, wire: null, credentials: null }
      const mock = venue.mock({
        // A fault may set this venue's clock off.
        world: faults.worldOf(venue.id),
        ...(venue.capabilities.settlement === 'deferred' && {
          settles: () => faults.settles(venue.id),
        }),
        switches: options.switches[venue.id] ?? {},
        ...(data !== undefined && { journal: fileJournal(join(data, 'venues', venue.id)) }),
      })
      await mock.recover()
      const demo = demo_client === null ? null : funded(venue, mock, open(venue, mock, DEMO_LABEL))
      return {
        venue,
        mock,
        wire: faultyVenue(faults, mock),
        credentials: demo?.credentials ?? null,
      }
    }),
  )
  const venues = new Map(opened.map((one) => [one.venue.id, one]))
  const accounts = new Map<string, Account>()

  function own(client_id: string, id: string) {
    const found = venues.get(id)
    if (found?.mock == null) return undefined
    const name = JSON.stringify([id, client_id])
    const known = accounts.get(name)
    if (known !== undefined) return known
    const label = client_id === demo_client ? DEMO_LABEL : `client ${client_id}`
    const account = funded(found.venue, found.mock, open(found.venue, found.mock, label))
    accounts.set(name, account)
    const { key_id, api_key, address } = account.credentials
    const caller = key_id ?? api_key ?? address
    if (caller !== undefined) options.faults.knowsClient(id, caller, client_id)
    return account
  }

  /** Some venues let nobody on their socket without a key, so market data has an account of its own, without money. */
  function observer(id: string): Credentials | undefined {
    const found = venues.get(id)
    return found?.mock == null ? undefined : open(found.venue, found.mock, 'observer').credentials
  }

  function client(id: string, credentials?: Credentials): VenueClient | undefined {
    const found = venues.get(id)
    if (found?.wire == null) return undefined
    return found.venue.client?.({
      base_url: `http://${id}.papervenue.test`,
      ...loopback(found.wire),
      clock: world.clock,
      instruments: found.venue.instruments,
      ...(credentials !== undefined && { credentials }),
    })
  }

  return {
    venues,
    accountOf: (client_id, id) => own(client_id, id)?.account_id,
    credentialsOf: (client_id, id) => own(client_id, id)?.credentials,
    owners: {
      save: () => new Map(accounts),
      restore: (state) => {
        accounts.clear()
        for (const [name, account] of state as typeof accounts) accounts.set(name, account)
      },
    },
    connect: (id, client_id) => {
      const account = own(client_id, id)
      return account === undefined ? undefined : client(id, account.credentials)
    },
    observe: (id) => client(id, observer(id)),
    close: async () => {
      await Promise.all(opened.map(({ mock }) => mock?.close()))
    },
  }
}

/** Gives a new account money; one that a journal brought back keeps what it has. */
function funded(venue: Venue, mock: MockVenue, account: Account): Account {
  const held = mock.admin.account(account.account_id).balances
  // Whoever has money already traded with it: it is not topped up.
  if (held.some(({ total_1e8 }) => total_1e8 !== 0n)) return account
  const events = venue.capabilities.kinds.every((kind) => kind === 'event')
  for (const { asset } of venue.quote_assets) {
    mock.admin.setBalance(account.account_id, asset, events ? EVENT_CASH_1E8 : CASH_1E8)
  }
  const coins = venue.instruments.flatMap(({ kind, base }) => (kind === 'spot' ? [base] : []))
  for (const coin of new Set(coins)) mock.admin.setBalance(account.account_id, coin, COINS_1E8)
  return account
}
