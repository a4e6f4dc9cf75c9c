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
 * An order that an earlier process left open is taken up in the same way: asked for, and told from where
 * the records end. What the venue does not know any more is over.
 *
 * @module
 */

import type { ChildOrder, EdgeEvent } from '../engine/order.js'
import type { Recorded, VenueClient } from '../venue/contract.js'
import type { Clock } from '../world/world.js'
import { type Edge, type EdgeSink, EdgeUnavailable } from './edge.js'

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
  /**
   * Time went back: every connection is let go, as what its client remembers has not happened, and its account
   * may be gone. The next order connects anew. No order is open until it is adopted again.
   */
  rewind(): void
  close(): Promise<void>
}

/** Ended orders kept to recognize what comes late or again; the oldest are forgotten. */
const ENDED_MAX = 20_000

interface Link {
  readonly venue: string
  readonly client: VenueClient
  readonly ready: Promise<void>
  readonly open: Map<string, Child>
  /** The venue is about to be asked for what was adopted. */
  asking: boolean
}

interface Child {
  readonly order: ChildOrder
  qty_1e8: bigint
  filled_1e8: bigint
  /** Ids of the fills told or recorded. */
  readonly fills: Set<string>
  /** An acknowledgement was told or recorded. */
  acked: boolean
  /** The venue said something about it. */
  answered: boolean
  /** Amendments not answered yet: until they are, nobody knows at which size the order is whole. */
  amending: number
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
  const ended = new Map<string, Child>()
  const trouble = (error: unknown): void => options.onTrouble?.(error)
  let watching: { stop: () => void } | undefined
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
      asking: false,
    }
    // A connection that fails to open is not kept: the next order tries again, and what was adopted does.
    link.ready.catch((error) => {
      if (links.get(key) === link) links.delete(key)
      if (link.open.size === 0 || closed) return
      trouble(error)
      clock.after(every_ms, () => {
        for (const { order, filled_1e8, acked, fills } of link.open.values()) {
          takeUp(order, filled_1e8, { acked, fill_ids: fills })
        }
      })
    })
    links.set(key, link)
    return link
  }

  function begin(link: Link, child: Child): void {
    const { child_id } = child.order
    link.open.set(child_id, child)
    homes.set(child_id, link)
    watch()
  }

  function takeUp(order: ChildOrder, filled_1e8: bigint, recorded: Recorded): void {
    const link = closed ? undefined : linkOf(order.venue, order.client_id)
    if (link === undefined) {
      trouble(new Error(`order ${order.child_id} is open at ${order.venue}: ${NOT_CONNECTED}`))
      return
    }
    ended.delete(order.child_id)
    link.client.adopt(order, filled_1e8, recorded)
    const { acked } = recorded
    const fills = new Set(recorded.fill_ids)
    const { qty_1e8 } = order
    begin(link, {
      order,
      qty_1e8,
      filled_1e8,
      fills,
      acked,
      answered: false,
      amending: 0,
      doubtful: true,
    })
    if (link.asking) return
    // Once for all that are adopted in this turn.
    link.asking = true
    const ask = async () => {
      try {
        await link.ready
      } catch {
        return
      } finally {
        link.asking = false
      }
      await reconcileLink(link).catch(trouble)
    }
    void ask()
  }

  /** One event of a venue: repeats stop here. */
  function hear(link: Link, event: EdgeEvent): void {
    const child = link.open.get(event.child_id)
    const over = ended.get(event.child_id)
    if (event.type === 'filled') {
      const fills = (child ?? over)?.fills
      if (fills?.has(event.venue_fill_id) === true) return
      fills?.add(event.venue_fill_id)
      sink(event)
      if (child === undefined) return
      child.answered = true
      child.acked = true
      child.filled_1e8 += event.qty_1e8
      endIfWhole(link, child)
      return
    }
    if (child === undefined) {
      if (over === undefined) sink(event)
      else if (event.type === 'acked') void link.client.cancel(event.child_id).catch(trouble)
      return
    }
    child.answered = true
    if (event.type === 'acked') {
      if (child.acked) return
      child.acked = true
    }
    if (event.type === 'amended') child.qty_1e8 = event.qty_1e8
    if (event.type === 'rejected' || event.type === 'cancelled' || event.type === 'expired') {
      end(link, child)
    }
    sink(event)
    if (event.type !== 'amended' && event.type !== 'amend-rejected') return
    child.amending = Math.max(0, child.amending - 1)
    endIfWhole(link, child)
  }

  function endIfWhole(link: Link, child: Child): void {
    const { child_id } = child.order
    if (child.amending > 0 || child.filled_1e8 < child.qty_1e8) return
    if (link.open.get(child_id) === child) end(link, child)
  }

  function end(link: Link, child: Child): void {
    const { child_id } = child.order
    link.open.delete(child_id)
    homes.delete(child_id)
    ended.set(child_id, child)
    if (ended.size <= ENDED_MAX) return
    for (const oldest of ended.keys()) {
      ended.delete(oldest)
      return
    }
  }

  /** An order the venue does not know: it was never placed, or is gone with the venue's memory. */
  function disown(link: Link, child: Child): void {
    end(link, child)
    const { child_id } = child.order
    if (child.acked) {
      sink({ type: 'cancelled', child_id, ts_ns: clock.now_ns(), reason: 'venue' })
    } else refuse(child_id, `${link.venue} does not know the order: it was not placed`)
  }

  async function reconcileLink(link: Link): Promise<void> {
    const doubtful = [...link.open.values()].filter((child) => child.doubtful)
    await link.client.reconcile()
    for (const child of doubtful) {
      child.doubtful = false
      if (child.answered || link.open.get(child.order.child_id) !== child) continue
      disown(link, child)
    }
  }

  async function reconcile(): Promise<void> {
    const busy = [...links.values()].filter(({ open }) => open.size > 0)
    const outcomes = await Promise.allSettled(busy.map(reconcileLink))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  function watch(): void {
    if (watching !== undefined || closed) return
    const stop = clock.after(every_ms, () => {
      // A clock put back to an earlier moment may bring back a timer that was given up since.
      if (watching !== mine) return
      watching = undefined
      if (homes.size === 0) return
      reconcile().catch(trouble).finally(watch)
    })
    const mine = { stop }
    watching = mine
  }

  async function send(link: Link, child: ChildOrder): Promise<void> {
    const kept: Child = {
      order: child,
      qty_1e8: child.qty_1e8,
      filled_1e8: 0n,
      fills: new Set(),
      acked: false,
      answered: false,
      amending: 0,
      doubtful: false,
    }
    try {
      await link.ready
    } catch (error) {
      refuse(child.child_id, `${link.venue} cannot be reached: ${wordsOf(error)}`)
      return
    }
    begin(link, kept)
    try {
      await link.client.submit(child)
    } catch (error) {
      trouble(error)
      kept.doubtful = true
      await reconcileLink(link).catch(trouble)
    }
  }

  /** A cancel without an answer may have been heard: the venue is asked before that is said. */
  async function cancel(link: Link, child_id: string): Promise<void> {
    try {
      await link.client.cancel(child_id)
    } catch (error) {
      trouble(error)
      await reconcileLink(link).catch(trouble)
      if (!link.open.has(child_id)) return
      throw new EdgeUnavailable(`${link.venue} did not confirm the cancel: ${wordsOf(error)}`)
    }
  }

  /** An amendment without an answer may have been made: the venue is asked before it is given up. */
  async function amend(
    link: Link,
    child: Child,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): Promise<void> {
    const { child_id } = child.order
    try {
      await link.client.amend(child_id, change)
    } catch (error) {
      trouble(error)
      await reconcileLink(link).catch(trouble)
      if (child.amending === 0 || link.open.get(child_id) !== child) return
      const message = `${link.venue} did not answer: ${wordsOf(error)}`
      const code = 'venue-unavailable' as const
      hear(link, { type: 'amend-rejected', child_id, ts_ns: clock.now_ns(), code, message })
    }
  }

  return {
    submit: (child) => {
      const link = closed ? undefined : linkOf(child.venue, child.client_id)
      if (link !== undefined) return send(link, child)
      refuse(child.child_id, NOT_CONNECTED)
      return undefined
    },
    adopt: takeUp,
    cancel: (child_id) => {
      const link = homes.get(child_id)
      return link === undefined ? undefined : cancel(link, child_id)
    },
    amend: (child_id, change) => {
      const link = homes.get(child_id)
      const child = link?.open.get(child_id)
      if (link === undefined || child === undefined) return undefined
      child.amending += 1
      return amend(link, child, change)
    },
    client: (venue, client_id) => {
      const link = closed ? undefined : linkOf(venue, client_id)
      return link?.ready.then(() => link.client)
    },
    reconcile,
    rewind: () => {
      watching?.stop()
      watching = undefined
      homes.clear()
      ended.clear()
      const past = [...links.values()]
      links.clear()
      for (const { client, open } of past) {
        open.clear()
        void client.close().catch(trouble)
      }
    },
    close: async () => {
      closed = true
      watching?.stop()
      await Promise.all([...links.values()].map(({ client }) => client.close()))
    },
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
