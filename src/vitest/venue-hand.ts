/**
 * Venue hand: one venue as a test holds it: its wire on one side, its market on the other.
 *
 * @module
 */

import type { ActionInput, Control } from '../control/actions.js'
import type { FaultInput } from '../fault/kinds.js'
import type { Sandbox, SandboxVenue } from '../sandbox.js'
import type {
  Credentials,
  SocketPeer,
  SocketRefusal,
  SocketSession,
  VenueAdmin,
} from '../venue/contract.js'

/** Price and quantity, as people write them. */
export type WrittenLevel = readonly [string | number, string | number]

type Distributive<T> = T extends unknown ? Omit<T, 'venue'> : never

export interface VenueHand {
  readonly id: string
  /** Replaces the quoted liquidity of a market. */
  depth(
    symbol: string,
    levels: { readonly bids?: readonly WrittenLevel[]; readonly asks?: readonly WrittenLevel[] },
  ): Promise<void>
  /** Prints a trade at a price; what rests there is met in time order. */
  print(
    symbol: string,
    trade: {
      readonly price: string | number
      readonly qty: string | number
      readonly taker_side: 'buy' | 'sell'
    },
  ): Promise<void>
  state(symbol: string, state: ActionInput<'set-market-state'>['state']): Promise<void>
  /** Sets a fault on this venue; the answer clears it. */
  fault(fault: Distributive<FaultInput>): Promise<() => Promise<void>>
  /** The venue's own REST, under the real host's paths. @throws RangeError on a venue without a wire. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** The venue's own socket. @throws RangeError on a venue without a wire. */
  connect(path: string, peer: SocketPeer): SocketSession | SocketRefusal
  /** A fresh account at the venue, with its keys. @throws RangeError on a venue without a wire. */
  account(label: string): { readonly account_id: number; readonly credentials: Credentials }
  /** The harness's own hand. @throws RangeError on a venue without a wire. */
  readonly admin: VenueAdmin
}

export function venueHand(sandbox: Sandbox, control: Control, of: SandboxVenue): VenueHand {
  const { id } = of.venue
  const mock = () => {
    if (of.mock !== null && of.wire !== null) return { admin: of.mock.admin, wire: of.wire }
    throw new RangeError(`${id} has no wire; its market can be set, but nobody answers there.`)
  }
  const pairs = (levels: readonly WrittenLevel[] = []) =>
    levels.map(([price, qty]): [string | number, string | number] => [price, qty])
  return {
    id,
    depth: async (symbol, { bids, asks }) => {
      await control.do('set-depth', { venue: id, symbol, bids: pairs(bids), asks: pairs(asks) })
    },
    print: async (symbol, trade) => {
      await control.do('print-trade', { venue: id, symbol, ...trade })
    },
    state: async (symbol, state) => {
      await control.do('set-market-state', { venue: id, symbol, state })
    },
    fault: async (fault) => {
      const given = { ...fault, venue: id } as FaultInput
      const set = await control.do('inject-fault', { fault: given })
      return async () => {
        if (sandbox.faults.clear(set.id) > 0) await sandbox.settle()
      }
    },
    fetch: (path, init) => mock().wire.fetch(new Request(new URL(path, `http://${id}.test`), init)),
    connect: (path, peer) => {
      const { pathname, search } = new URL(path, `http://${id}.test`)
      return mock().wire.connect({ path: pathname, query: search.slice(1), headers: {} }, peer)
    },
    account: (label) => mock().admin.openAccount({ label }),
    get admin() {
      return mock().admin
    },
  }
}
