/**
 * Wire path: an order from a venue's own client over its wire into its mock, and what came of it.
 */
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import type {
  MockOptions,
  MockVenue,
  SocketPeer,
  SocketSession,
  Venue,
  VenueClient,
} from '../../src/venue/contract.js'
import { loopback } from '../../src/venue/loopback.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import {
  type Vector,
  type VectorExpectation,
  type VectorOrder,
  vectorDepth,
  vectorPrice,
  vectorQty,
} from './vector.js'

export interface Wire {
  readonly mock: MockVenue
  readonly clock: ManualClock
  readonly client: VenueClient
  readonly account_id: number
  readonly instrument: Instrument
  /** Everything the client told, oldest first. */
  readonly events: EdgeEvent[]
  submit(child_id: string, order: VectorOrder): Promise<void>
  /** Events of one child. */
  of(child_id: string): EdgeEvent[]
  settle(): Promise<void>
  /** Breaks the client's sockets, without a closing frame; none opens again until {@link mend}. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** A venue and one funded account of it, connected through the venue's own client. */
export async function openWire(
  venue: Venue,
  venue_symbol: string,
  balances: Readonly<Record<string, string>>,
  options: Pick<MockOptions, 'switches' | 'journal'> = {},
): Promise<Wire> {
  if (venue.mock === undefined || venue.client === undefined) {
    throw new Error(`${venue.id} has no wire yet`)
  }
  const clock = manualClock()
  const mock = venue.mock({ world: seededWorld({ seed: 1, clock }), ...options })
  await mock.recover()
  const { account_id, credentials } = mock.admin.openAccount({ label: 'conformance' })
  for (const [asset, total] of Object.entries(balances)) {
    mock.admin.setBalance(account_id, asset, vectorQty(total))
  }
  const { instruments } = venue
  const instrument = instruments.find((one) => one.venue_symbol === venue_symbol)
  if (instrument === undefined) throw new Error(`${venue.id} lists no ${venue_symbol}`)
  const wire = loopback(mock)
  const sockets = new Map<SocketPeer, SocketSession | null>()
  let whole = true
  const client = venue.client({
    base_url: `http://${venue.id}.test`,
    fetch: wire.fetch,
    connect: async (request, peer) => {
      if (!whole) throw new Error('no network')
      sockets.set(peer, null)
      const session = await wire.connect(request, {
        send: (text) => {
          if (sockets.has(peer)) peer.send(text)
        },
        ping: (payload) => peer.ping(payload),
        close: (code, reason) => {
          if (sockets.delete(peer)) peer.close(code, reason)
        },
      })
      if (sockets.has(peer)) sockets.set(peer, session)
      return session
    },
    clock,
    instruments,
    credentials,
  })
  const events: EdgeEvent[] = []
  await client.open((event) => events.push(event))
  const settle = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  }
  return {
    mock,
    clock,
    client,
    account_id,
    instrument,
    events,
    submit: async (child_id, order) => {
      await client.submit(childOf(child_id, venue.id, instrument, order))
      await settle()
    },
    of: (child_id) => events.filter((event) => event.child_id === child_id),
    settle,
    cut: () => {
      whole = false
      for (const [peer, session] of [...sockets]) {
        sockets.delete(peer)
        session?.closed()
        peer.close(1006, '')
      }
    },
    mend: () => {
      whole = true
    },
    close: async () => {
      await client.close()
      await mock.close()
    },
  }
}

export function childOf(
  child_id: string,
  venue: string,
  instrument: Instrument,
  order: VectorOrder,
): ChildOrder {
  if (order.qty === undefined) throw new Error('a child order is sized in base units')
  return {
    child_id,
    client_id: 'conformance',
    is_sandbox: false,
    venue,
    instrument,
    outcome: order.outcome ?? null,
    side: order.side,
    qty_1e8: vectorQty(order.qty),
    budget_1e8: null,
    limit_price_1e9: order.price === null ? null : vectorPrice(order.price),
    protection_price_1e9: null,
    time_in_force: order.time_in_force,
    post_only: order.post_only ?? false,
    reduce_only: order.reduce_only ?? false,
    expire_ts_ns: null,
  }
}

/** What a child came to, in a vector's words (figures in fixed point). */
export interface Outcome {
  readonly status: VectorExpectation['status']
  readonly code: string | null
  readonly fills: readonly {
    readonly price_1e9: bigint
    readonly qty_1e8: bigint
    readonly fee_1e8: bigint
    readonly liquidity: string
  }[]
}

export function outcomeOf(events: readonly EdgeEvent[], wanted_1e8: bigint): Outcome {
  const fills = events.flatMap((event) =>
    event.type === 'filled'
      ? [
          {
            price_1e9: event.price_1e9,
            qty_1e8: event.qty_1e8,
            fee_1e8: event.fee_1e8,
            liquidity: event.liquidity,
          },
        ]
      : [],
  )
  for (const event of events) {
    if (event.type === 'rejected') return { status: 'refused', code: event.code, fills }
    if (event.type === 'cancelled') return { status: 'cancelled', code: event.reason, fills }
    if (event.type === 'expired') return { status: 'cancelled', code: 'expired', fills }
  }
  const filled = fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
  return { status: filled >= wanted_1e8 ? 'filled' : 'resting', code: null, fills }
}

/** A vector's expectation with its figures in fixed point. */
export const expectedOf = ({ status, code, fills }: VectorExpectation): Outcome => ({
  status,
  code,
  fills: fills.map((fill) => ({
    price_1e9: vectorPrice(fill.price),
    qty_1e8: vectorQty(fill.qty),
    fee_1e8: vectorQty(fill.fee),
    liquidity: fill.liquidity,
  })),
})

/** Runs a vector over the wire. Only vectors sized in base units can be. */
export async function runOnWire(
  venue: Venue,
  vector: Vector,
): Promise<{
  readonly outcome: Outcome
  readonly balances: Readonly<Record<string, { total_1e8: bigint; reserved_1e8: bigint }>>
}> {
  const wire = await openWire(venue, vector.venue_symbol, vector.balances)
  try {
    wire.mock.admin.setDepth(vector.venue_symbol, vectorDepth(vector.book))
    await wire.submit('vector', vector.order)
    wire.mock.admin.check()
    const { balances } = wire.mock.admin.account(wire.account_id)
    return {
      outcome: outcomeOf(wire.of('vector'), vectorQty(vector.order.qty ?? '0')),
      balances: Object.fromEntries(
        balances.map(({ asset, total_1e8, reserved_1e8 }) => [asset, { total_1e8, reserved_1e8 }]),
      ),
    }
  } finally {
    await wire.close()
  }
}
