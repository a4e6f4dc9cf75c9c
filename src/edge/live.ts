/**
 * Live edge: carries children to real wires, through each venue's own client.
 *
 * It reaches only what `connect` hands it; by default that is nothing, and every child is refused as
 * `venue-unavailable`, so a routing mistake can never look like a live fill. Each (venue, client) has one
 * connection, opened before its first order.
 *
 * A wire may tell a thing twice, late or not at all. Fills are known by `venue_fill_id` and told once; a
 * fill that comes after its order ended is still told, because the money moved. When a submission gets
 * no answer the venue is asked for the truth ({@link VenueClient.reconcile}): what it knows is told,
 * what it does not know is refused, and an order that turns up after that is cancelled there.
 *
 * @module
 */

import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import type { VenueClient } from '../venue/contract.js'
import type { Clock } from '../world/world.js'
import type { Edge, EdgeSink } from './edge.js'

/** The words of a refusal where no wire is connected. */
export const NOT_CONNECTED = 'live trading is not connected'

export interface LiveEdgeOptions {
  readonly sink: EdgeSink
  readonly clock: Clock
  /** The client of a venue account; absent or `undefined`: not connected. Called once per venue and client. */
  readonly connect?: (venue: string, client_id: string) => VenueClient | undefined
  /** Asks again this often while an order is open. Default 2000. */
  readonly reconcile_every_ms?: number
  /** Told of failures that no order answers for, e.g. a periodic reconcile while the venue is away. */
  readonly onTrouble?: (error: unknown) => void
}

export interface LiveEdge extends Edge {
  /** The connection of a client at a venue, open; `undefined` when there is none. */
  client(venue: string, client_id: string): Promise<VenueClient> | undefined
  /** Asks every venue with open orders for the truth. */
  reconcile(): Promise<void>
  close(): Promise<void>
}

/** Ids of fills and of ended orders kept to recognize repeats; the oldest are forgotten. */
const REMEMBERED = 100_000

interface Link {
  readonly venue: string
  readonly client: VenueClient
  readonly ready: Promise<void>
  readonly open: Map<string, Child>
  readonly fills: Memory
}

interface Child {
  readonly child_id: string
  qty_1e8: bigint
  filled_1e8: bigint
  answered: boolean
  /** Sent without an answer: the next reconcile decides. */
  doubtful: boolean
}

/**
 * @example
 * const edge = createLiveEdge({ sink, clock, connect: (venue) => clients.get(venue) })
 */
export function createLiveEdge(options: LiveEdgeOptions): LiveEdge {
  const { sink, clock } = options
  const every_ms = options.reconcile_every_ms ?? 2000
  const links = new Map<string, Link>()
  const homes = new Map<string, Link>()
  const ended = new Memory()
  const trouble = (error: unknown): void => options.onTrouble?.(error)
  let stopTimer: (() => void) | undefined
  let closed = false

  const refuse = (child_id: string, message: string): void =>
    sink({
      type: 'rejected',
      child_id,
      ts_ns: clock.now_ns(),
      code: 'venue-unavailable',
      message,
      venue_code: null,
    })

  function linkOf(venue: string, client_id: string): Link | undefined {
    const key = JSON.stringify([venue, client_id])
    const known = links.get(key)
    if (known !== undefined) return known
    const client = options.connect?.(venue, client_id)
    if (client === undefined) return undefined
    const link: Link = {
      venue,
      client,
      ready: client.open((event) => hear(link, event)),
      open: new Map(),
      fills: new Memory(),
    }
    // A connection that fails to open is tried again by the next order, not kept.
    link.ready.catch(() => links.delete(key))
    links.set(key, link)
    return link
  }

  /** One event of a venue: repeats stop here. */
  function hear(link: Link, event: EdgeEvent): void {
    const child = link.open.get(event.child_id)
    if (event.type === 'filled') {
      if (!link.fills.add(event.venue_fill_id)) return
      sink(event)
      if (child === undefined) return
      child.answered = true
      child.filled_1e8 += event.qty_1e8
      if (child.filled_1e8 >= child.qty_1e8) end(link, child)
      return
    }
    if (child === undefined) {
      if (!ended.has(event.child_id)) sink(event)
      else if (event.type === 'acked') void link.client.cancel(event.child_id).catch(trouble)
      return
    }
    if (event.type === 'acked' && child.answered) return
    child.answered = true
    if (event.type === 'amended') child.qty_1e8 = event.qty_1e8
    if (event.type === 'rejected' || event.type === 'cancelled' || event.type === 'expired') {
      end(link, child)
    }
    sink(event)
  }

  function end(link: Link, child: Child): void {
    link.open.delete(child.child_id)
    homes.delete(child.child_id)
    ended.add(child.child_id)
  }

  async function reconcileLink(link: Link): Promise<void> {
    const doubtful = [...link.open.values()].filter((child) => child.doubtful)
    await link.client.reconcile()
    for (const child of doubtful) {
      child.doubtful = false
      if (child.answered || !link.open.has(child.child_id)) continue
      end(link, child)
      refuse(child.child_id, `${link.venue} does not know the order: it was not placed`)
    }
  }

  async function reconcile(): Promise<void> {
    const busy = [...links.values()].filter(({ open }) => open.size > 0)
    const outcomes = await Promise.allSettled(busy.map(reconcileLink))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  function watch(): void {
    if (stopTimer !== undefined || closed) return
    stopTimer = clock.after(every_ms, () => {
      stopTimer = undefined
      if (homes.size === 0) return
      reconcile().catch(trouble).finally(watch)
    })
  }

  async function send(link: Link, child: ChildOrder): Promise<void> {
    const kept: Child = {
      child_id: child.child_id,
      qty_1e8: child.qty_1e8,
      filled_1e8: 0n,
      answered: false,
      doubtful: false,
    }
    try {
      await link.ready
    } catch (error) {
      refuse(child.child_id, `${link.venue} cannot be reached: ${wordsOf(error)}`)
      return
    }
    link.open.set(child.child_id, kept)
    homes.set(child.child_id, link)
    watch()
    try {
      await link.client.submit(child)
    } catch (error) {
      trouble(error)
      kept.doubtful = true
      await reconcileLink(link).catch(trouble)
    }
  }

  return {
    submit: (child) => {
      const link = closed ? undefined : linkOf(child.venue, child.client_id)
      if (link !== undefined) return send(link, child)
      refuse(child.child_id, NOT_CONNECTED)
      return undefined
    },
    cancel: (child_id) => homes.get(child_id)?.client.cancel(child_id),
    amend: (child_id, change) => {
      const link = homes.get(child_id)
      if (link === undefined) return undefined
      return link.client.amend(child_id, change).catch((error) => {
        const message = `${link.venue} did not answer: ${wordsOf(error)}`
        const code = 'venue-unavailable' as const
        sink({ type: 'amend-rejected', child_id, ts_ns: clock.now_ns(), code, message })
      })
    },
    client: (venue, client_id) => {
      const link = closed ? undefined : linkOf(venue, client_id)
      return link?.ready.then(() => link.client)
    },
    reconcile,
    close: async () => {
      closed = true
      stopTimer?.()
      await Promise.all([...links.values()].map(({ client }) => client.close()))
    },
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A set that forgets its oldest members. */
class Memory {
  readonly #known = new Set<string>()

  has(id: string): boolean {
    return this.#known.has(id)
  }

  /** @returns Whether it was new. */
  add(id: string): boolean {
    if (this.#known.has(id)) return false
    this.#known.add(id)
    if (this.#known.size > REMEMBERED) {
      for (const oldest of this.#known) {
        this.#known.delete(oldest)
        break
      }
    }
    return true
  }
}
