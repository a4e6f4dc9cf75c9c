/**
 * A venue small enough to see every fault on: orders are counted, each one is answered, told to the
 * private stream and published on the book feed with a running sequence number.
 */

import { createFaultPlan, type FaultPlan } from '../../../src/fault/plan.js'
import { faultyVenue } from '../../../src/fault/wire.js'
import type { FeedSink, MockVenue, SocketPeer, WireTraits } from '../../../src/venue/contract.js'
import { type ManualClock, manualClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'

const wire: WireTraits = {
  request: ({ method, path, headers }) => ({
    action:
      path === '/orders' && method === 'POST'
        ? 'create-order'
        : path === '/book'
          ? 'read-public'
          : 'other',
    caller: headers['x-key'] ?? null,
  }),
  command: (text) => {
    const { do: action, key } = JSON.parse(text) as { do: string; key?: string }
    return {
      action: action === 'order' ? 'create-order' : action === 'hello' ? 'subscribe' : 'other',
      caller: key ?? null,
    }
  },
  channel: (text) => (JSON.parse(text) as { on: 'book' | 'trades' | 'private' | 'reply' }).on,
  throttled: () => ({ status: 429, headers: { 'retry-after': '1' }, body: 'slow down' }),
  unavailable: (why) => ({ status: 503, headers: {}, body: why }),
  refuse: (_command, why) => JSON.stringify({ on: 'reply', refused: why }),
  spoil: (text, how) => {
    const message = JSON.parse(text) as Record<string, unknown>
    if (message.on !== 'book') return undefined
    return JSON.stringify(
      how === 'checksum'
        ? { ...message, sum: -1 }
        : { ...message, bid: message.ask, ask: message.bid },
    )
  },
}

export interface Bench {
  readonly clock: ManualClock
  readonly plan: FaultPlan
  readonly venue: MockVenue
  /** Orders the venue acted on. */
  orders(): number
  post(key?: string): Promise<Response>
  /** A client's socket: what it received, and whether it was closed. */
  socket(key?: string): {
    readonly received: Record<string, unknown>[]
    readonly closed: { code: number; reason: string }[]
    readonly refused: { status: number } | null
    send(message: Record<string, unknown>): void
  }
  publish(): void
  tellPrivate(n: number): void
}

export function bench(settlement: 'instant' | 'deferred' = 'instant'): Bench {
  const clock = manualClock()
  const world = seededWorld({ seed: 7, clock })
  const plan = createFaultPlan({ world, venues: [{ id: 'counter', settlement }, { id: 'other' }] })
  const peers = new Set<SocketPeer>()
  let orders = 0
  let seq = 0
  const tell = (message: Record<string, unknown>): void => {
    for (const peer of peers) peer.send(JSON.stringify(message))
  }
  const act = (): number => {
    orders += 1
    return orders
  }
  const mock = {
    id: 'counter',
    wire,
    socketPaths: ['/ws'],
    fetch: async (request: Request) =>
      new URL(request.url).pathname === '/orders'
        ? new Response(String(act()))
        : new Response('a book'),
    connect: (_request: unknown, peer: SocketPeer) => {
      peers.add(peer)
      return {
        message: (text: string) => {
          if ((JSON.parse(text) as { do: string }).do !== 'order') return
          const order = act()
          peer.send(JSON.stringify({ on: 'reply', order }))
          peer.send(JSON.stringify({ on: 'private', order }))
        },
        closed: () => peers.delete(peer),
      }
    },
    recover: async () => undefined,
    close: async () => undefined,
  } as unknown as MockVenue
  const venue = faultyVenue(plan, mock)
  return {
    clock,
    plan,
    venue,
    orders: () => orders,
    post: (key = 'k1') =>
      venue.fetch(
        new Request('http://counter/orders', {
          method: 'POST',
          body: '{}',
          headers: { 'x-key': key },
        }),
      ),
    socket: (key = 'k1') => {
      const received: Record<string, unknown>[] = []
      const closed: { code: number; reason: string }[] = []
      const session = venue.connect(
        { path: '/ws', query: '', headers: { 'x-key': key } },
        {
          send: (text) => received.push(JSON.parse(text)),
          ping: () => undefined,
          close: (code, reason) => closed.push({ code, reason }),
        },
      )
      const refused = 'status' in session ? { status: session.status } : null
      return {
        received,
        closed,
        refused,
        send: (message) => {
          if ('status' in session) throw new Error('the handshake was refused')
          session.message(JSON.stringify(message))
        },
      }
    },
    publish: () => {
      seq += 1
      tell({ on: 'book', seq, sum: seq * 10, bid: 1, ask: 2 })
    },
    tellPrivate: (n) => tell({ on: 'private', n }),
  }
}

/** Lets promises settle and moves the clock in small steps, as a scenario does. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let step = 0; step < 10; step += 1) {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    clock.advance(ms / 10)
  }
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** A feed sink that writes down what it gets. */
export function notingSink(): { sink: FeedSink; lines: string[] } {
  const lines: string[] = []
  const sink: FeedSink = {
    snapshot: (symbol, depth) =>
      lines.push(`snapshot ${symbol} ${depth.bids[0]?.price_1e9}/${depth.asks[0]?.price_1e9}`),
    level: (symbol, side, price, qty) => lines.push(`level ${symbol} ${side} ${price} ${qty}`),
    published: (symbol) => lines.push(`published ${symbol}`),
    trade: (symbol, trade) => lines.push(`trade ${symbol} ${trade.price_1e9} ${trade.qty_1e8}`),
    lost: (symbol, reason) => lines.push(`lost ${symbol} ${reason}`),
  }
  return { sink, lines }
}
