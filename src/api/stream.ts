/**
 * Stream: one multiplexed WebSocket of prices, books, orders, fills and routing decisions.
 *
 * Free of any socket library: a session is told messages and writes to its peer. Silent until a
 * subscribe message comes; query parameters other than the ticket mean nothing.
 *
 * @see spec section 7
 * @module
 */

import type { Desk, DeskEvent, Principal } from '../desk/contract.js'
import type { Level } from '../engine/depth.js'
import type { Books, MarketEvent } from '../market/hub.js'
import type { SocketPeer, SocketSession } from '../venue/contract.js'
import { type Json, JsonError, parseJson, stringifyJson } from '../wire/json.js'
import type { Clock } from '../world/world.js'
import type { FairPrices } from './fair-price.js'
import { type FlaggedOrders, graphOfId } from './flagged.js'
import { heartbeat } from './heartbeat.js'
import { nbboOf, type Quotes } from './quotes.js'
import { fairPriceRow } from './routes/prices.js'
import { humanNumber } from './schema.js'

export interface Streams {
  open(who: Principal, peer: SocketPeer): SocketSession
  /** Sessions now open. */
  count(): number
  close(): void
}

export interface StreamOptions {
  readonly desk: Desk
  readonly books: Books
  readonly quotes: Quotes
  readonly fair: FairPrices
  readonly clock: Clock
  readonly flagged: FlaggedOrders
}

/** Levels a side and venue on the book topic. */
const BOOK_LEVELS = 10
const TOPICS_MAX = 1_000
const MESSAGE_MAX = 64 * 1024

interface Session {
  readonly who: Principal
  readonly peer: SocketPeer
  readonly topics: Set<string>
}

/** A topic on books, watched by sessions. */
interface Watch {
  readonly kind: 'prices' | 'book' | 'fair_price'
  readonly topic: string
  /** Of the topic; of a fair price its underlying, and nothing for all of them. */
  readonly symbol: string
  readonly books: readonly string[]
  readonly sessions: Set<Session>
  /** By symbol or underlying: what was told last. */
  readonly last: Map<string, string>
}

export function streams({ desk, books, quotes, fair, clock, flagged }: StreamOptions): Streams {
  const sessions = new Set<Session>()
  const watches = new Map<string, Watch>()
  const byBook = new Map<string, Set<string>>()

  const stopBooks = books.subscribe((event) => {
    if (event.type !== 'published' && event.type !== 'snapshot' && event.type !== 'lost') return
    const topics = byBook.get(bookName(event.venue, event.venue_symbol))
    if (topics === undefined) return
    for (const topic of topics) publish(topic, event)
  })
  const stopDesk = desk.subscribe((event) => {
    for (const session of sessions) {
      const topic = TOPIC_OF[event.type]
      if (session.topics.has(topic) && concerns(event, session.who)) {
        session.peer.send(stringifyJson({ channel: topic, data: dataOf(event) }))
      }
    }
  })

  const beat = heartbeat(clock, () => [...sessions].map(({ peer }) => peer))

  function concerns(event: DeskEvent, who: Principal): boolean {
    if (event.client_id !== who.client_id) return false
    if (event.is_sandbox === (who.mode === 'sandbox')) return true
    return event.is_sandbox && flagged.has(who, graphOf(event))
  }

  function publish(topic: string, event: MarketEvent): void {
    const watch = watches.get(topic)
    if (watch === undefined) return
    const told =
      watch.kind === 'fair_price'
        ? fairOf(watch, underlyingsAt(bookName(event.venue, event.venue_symbol)))
        : dataOfWatch(watch, event.ts_ns)
    for (const text of told) for (const session of watch.sessions) session.peer.send(text)
  }

  function underlyingsAt(book: string): string[] {
    return fair
      .underlyings()
      .filter((underlying) => fair.booksOf(underlying).some((one) => nameOf(one) === book))
  }

  /** A message for each of these underlyings whose price is another than was told last. */
  function fairOf(watch: Watch, underlyings: readonly string[]): string[] {
    return underlyings.flatMap((underlying) => {
      if (watch.symbol !== '' && watch.symbol !== underlying) return []
      const found = fair.of(underlying)
      if (found === undefined || watch.last.get(underlying) === `${found.price_1e9}`) return []
      watch.last.set(underlying, `${found.price_1e9}`)
      return [stringifyJson({ channel: watch.topic, data: fairPriceRow(found) })]
    })
  }

  /** The message of a watch; none when prices did not change since the last one. */
  function dataOfWatch(watch: Watch, ts_ns: bigint): string[] {
    const found = quotes.books(watch.symbol) ?? []
    const channel = watch.topic
    if (watch.kind === 'book') {
      const text = stringifyJson({
        channel,
        data: {
          symbol: watch.symbol,
          venues: Object.fromEntries(
            found.map(({ venue, depth, live }) => [
              venue,
              { bids: rows(depth.bids), asks: rows(depth.asks), live },
            ]),
          ),
          ts_ns,
        },
      })
      return [text]
    }
    const nbbo = nbboOf(found.filter(({ live }) => live))
    const prices = stringifyJson(nbbo)
    if (prices === watch.last.get(watch.symbol)) return []
    watch.last.set(watch.symbol, prices)
    return [stringifyJson({ channel, data: { ...nbbo, ts_ns } })]
  }

  function subscribe(session: Session, topic: string): boolean {
    if (session.topics.has(topic)) return true
    if (session.topics.size >= TOPICS_MAX) return false
    if (!PLAIN_TOPICS.has(topic) && !watchTopic(session, topic)) return false
    session.topics.add(topic)
    return true
  }

  function watchTopic(session: Session, topic: string): boolean {
    const [, kind, symbol = ''] = TOPIC.exec(topic) ?? []
    const names = kind === undefined ? undefined : booksOf(kind, symbol)
    if (names === undefined) return false
    const watch = watches.get(topic) ?? {
      kind: kind as Watch['kind'],
      topic,
      symbol,
      books: names,
      sessions: new Set<Session>(),
      last: new Map<string, string>(),
    }
    watches.set(topic, watch)
    watch.sessions.add(session)
    for (const name of names) {
      const topics = byBook.get(name) ?? new Set<string>()
      byBook.set(name, topics)
      topics.add(topic)
    }
    return true
  }

  /** Names of the books a topic is about; undefined: there is no such topic. */
  function booksOf(kind: string, symbol: string): string[] | undefined {
    if (kind === 'fair_price') {
      const known = fair.underlyings()
      if (symbol !== '' && !known.includes(symbol)) return undefined
      return (symbol === '' ? known : [symbol]).flatMap((one) => fair.booksOf(one).map(nameOf))
    }
    return desk
      .resolveSymbol(symbol)
      ?.listings.map(({ venue, instrument }) => bookName(venue, instrument.venue_symbol))
  }

  function unsubscribe(session: Session, topic: string): void {
    session.topics.delete(topic)
    const watch = watches.get(topic)
    if (watch === undefined) return
    watch.sessions.delete(session)
    if (watch.sessions.size > 0) return
    watches.delete(topic)
    for (const name of watch.books) {
      const topics = byBook.get(name)
      topics?.delete(topic)
      if (topics?.size === 0) byBook.delete(name)
    }
  }

  /** What is known now about a freshly subscribed topic. */
  function greet(session: Session, topic: string): void {
    const watch = watches.get(topic)
    if (watch === undefined) return
    const fresh: Watch = { ...watch, last: new Map() }
    const newest = quotes.changed_ns(watch.symbol)
    const told =
      watch.kind === 'fair_price'
        ? fairOf(fresh, fair.underlyings())
        : newest === undefined
          ? []
          : dataOfWatch(fresh, newest)
    for (const text of told) session.peer.send(text)
    for (const [symbol, last] of fresh.last) watch.last.set(symbol, last)
  }

  function receive(session: Session, text: string): void {
    const message = readMessage(text)
    if (typeof message === 'string') {
      session.peer.send(stringifyJson({ error: { code: 'BAD_REQUEST', message } }))
      return
    }
    if (message.subscribe !== undefined) {
      const fresh = message.subscribe.filter((topic) => !session.topics.has(topic))
      const rejected = message.subscribe.filter((topic) => !subscribe(session, topic))
      const subscribed = message.subscribe.filter((topic) => !rejected.includes(topic))
      session.peer.send(stringifyJson({ subscribed, rejected }))
      for (const topic of new Set(fresh)) if (session.topics.has(topic)) greet(session, topic)
    }
    if (message.unsubscribe !== undefined) {
      const unsubscribed = message.unsubscribe.filter((topic) => session.topics.has(topic))
      for (const topic of unsubscribed) unsubscribe(session, topic)
      session.peer.send(stringifyJson({ unsubscribed }))
    }
  }

  return {
    open: (who, peer) => {
      const session: Session = { who, peer, topics: new Set() }
      sessions.add(session)
      beat.start()
      return {
        message: (text) => receive(session, text),
        closed: () => {
          for (const topic of [...session.topics]) unsubscribe(session, topic)
          sessions.delete(session)
        },
      }
    },
    count: () => sessions.size,
    close: () => {
      stopBooks()
      stopDesk()
      beat.stop()
      for (const { peer } of sessions) peer.close(1001, 'server is closing')
      sessions.clear()
    },
  }
}

const PLAIN_TOPICS: ReadonlySet<string> = new Set(['orders', 'fills', 'routing'])

const TOPIC_OF = {
  order: 'orders',
  fill: 'fills',
  routing: 'routing',
} as const satisfies Record<DeskEvent['type'], string>

/** Kind and symbol of a topic on books. */
const TOPIC = /^(prices(?=:)|book(?=:)|fair_price)(?::(.{1,512}))?$/

const bookName = (venue: string, venue_symbol: string) => `${venue} ${venue_symbol}`

const nameOf = ({ venue, venue_symbol }: { venue: string; venue_symbol: string }) =>
  bookName(venue, venue_symbol)

const rows = (levels: readonly Level[]) =>
  levels
    .slice(0, BOOK_LEVELS)
    .map(({ price_1e9, qty_1e8 }) => [humanNumber(price_1e9, 9), humanNumber(qty_1e8, 8)])

function dataOf(event: DeskEvent): unknown {
  if (event.type === 'order') return event.order
  if (event.type === 'fill') return event.fill
  const cost = event.legs.reduce((sum, { landed_cost_bps }) => sum + landed_cost_bps, 0)
  return {
    node_order_id: event.node_order_id,
    legs: event.legs,
    est_cost_bps: event.legs.length === 0 ? 0 : cost / event.legs.length,
    chosen: event.legs.map(({ venue }) => venue),
  }
}

function graphOf(event: DeskEvent): string {
  if (event.type === 'order') return event.order.graph_id
  if (event.type === 'fill') return event.fill.graph_id
  return graphOfId(event.node_order_id)
}

/** The topics of a message, or what is wrong with it. */
function readMessage(text: string): { subscribe?: string[]; unsubscribe?: string[] } | string {
  if (text.length > MESSAGE_MAX) return `a message has at most ${MESSAGE_MAX} characters`
  let value: Json
  try {
    value = parseJson(text)
  } catch (error) {
    if (error instanceof JsonError) return `not JSON: ${error.message}`
    throw error
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return FORM
  const { subscribe, unsubscribe } = value as Record<string, Json | undefined>
  if (subscribe === undefined && unsubscribe === undefined) return FORM
  if (!isTopics(subscribe) || !isTopics(unsubscribe)) return FORM
  return { ...(subscribe && { subscribe }), ...(unsubscribe && { unsubscribe }) }
}

const isTopics = (value: Json | undefined): value is string[] | undefined =>
  value === undefined ||
  (Array.isArray(value) &&
    value.length <= TOPICS_MAX &&
    value.every((topic) => typeof topic === 'string'))

const FORM = 'send {"subscribe": [topic, ...]} or {"unsubscribe": [topic, ...]}'
