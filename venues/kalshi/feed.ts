/**
 * Feed: the WebSocket. Every connection is signed; channels are subscribed by command and numbered by sid.
 *
 * Messages of books, trades, groups and life cycles carry a `seq` per sid, shared with the replies about
 * that sid; nothing is replayed. One applied command is one burst: deltas first, then trades, tickers, and
 * the members' own fills, orders and positions.
 *
 * @see https://docs.kalshi.com/websockets/websocket-connection
 *
 * @module
 */

import { signedPaths } from '../../src/venue/called-path.js'
import type {
  SocketPeer,
  SocketRefusal,
  SocketRequest,
  SocketSession,
} from '../../src/venue/contract.js'
import { Bucket } from '../../src/venue/rate-limit.js'
import type { AccountEvent, FillRecord, OrderRecord } from '../../src/venue/records.js'
import type { Applied } from '../../src/venue/reducer.js'
import { type Session, Sockets } from '../../src/venue/sockets.js'
import { type Caller, identify, type Venue } from './call.js'
import { type Channel, type Reply, runCommand } from './feed-commands.js'
import {
  type Delta,
  deltaMsg,
  fillMsg,
  groupMsg,
  lifecycleTold,
  type Msg,
  noticeTold,
  orderMsg,
  positionMsg,
  snapshotMsg,
  type Told,
  tickerMsg,
  tradeMsg,
  updateReason,
} from './messages.js'
import { nested } from './rejects.js'
import { within } from './state.js'

export const SOCKET_PATH = '/trade-api/ws/v2'

const HEARTBEAT_MS = 10_000
/** Commands per second of one session. */
const COMMANDS_PER_S = 10_000

/** One channel of one session. */
export interface Sub {
  readonly sid: number
  readonly channel: Channel
  /** null: every market. */
  tickers: string[] | null
  yesPrice: boolean
  skipAck: boolean
  seq: number
}

/** What a session keeps. */
export interface Client {
  readonly session: Session
  readonly caller: Caller
  readonly subs: Map<number, Sub>
  nextSid: number
  readonly bucket: Bucket
}

const SEQUENCED: readonly Channel[] = [
  'orderbook_delta',
  'trade',
  'order_group_updates',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
]

export class Feed {
  readonly sockets: Sockets<null>
  readonly #venue: Venue
  readonly #clients = new Map<Session, Client>()
  /** Level sizes as last told, of markets somebody follows: `side/price` -> lots. */
  #mirrors = new Map<string, Map<string, number>>()
  #tops = new Map<string, string>()
  #noticed: number
  #index: Map<Channel, (readonly [Client, Sub])[]> | null = null
  #heartbeat: (() => void) | null = null

  constructor(venue: Venue) {
    this.#venue = venue
    this.sockets = new Sockets({ durability: venue.host })
    this.#noticed = venue.host.state.notices_made
    venue.host.listen((applied) => this.#tell(applied))
    venue.host.onReset(() => this.restart())
  }

  /** Forgets what was told: the venue was put back or recovered. */
  restart(): void {
    this.#mirrors = new Map()
    this.#tops = new Map()
    this.#noticed = this.#venue.host.state.notices_made
  }

  connect(request: SocketRequest, peer: SocketPeer): SocketSession | SocketRefusal {
    const headers = new Map(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const signed = identify(this.#venue, {
      method: 'GET',
      paths: signedPaths(request.path, { get: (name) => headers.get(name) ?? null }),
      header: (name) => headers.get(name),
    })
    if (!signed.ok) {
      const { status, body } = nested(signed.reject)
      return { status, body: JSON.stringify(body) }
    }
    const { host } = this.#venue
    return this.sockets.open(peer, (session) => {
      const client: Client = {
        session,
        caller: signed.caller,
        subs: new Map(),
        nextSid: 1,
        bucket: new Bucket(
          { capacity: COMMANDS_PER_S, refill_per_s: COMMANDS_PER_S },
          host.now_us(),
        ),
      }
      this.#clients.set(session, client)
      this.#beat()
      return {
        message: (text) => this.#command(client, text),
        closed: () => {
          this.#clients.delete(session)
          this.#index = null
        },
      }
    })
  }

  close(): void {
    this.#heartbeat?.()
    this.#heartbeat = null
    this.#clients.clear()
  }

  /** Subscriptions held, for tests that look for leaks. */
  get held(): { readonly sessions: number; readonly subscriptions: number } {
    let subscriptions = 0
    for (const { subs } of this.#clients.values()) subscriptions += subs.size
    return { sessions: this.#clients.size, subscriptions }
  }

  #beat(): void {
    if (this.#heartbeat !== null) return
    this.#heartbeat = this.#venue.host.world.clock.after(HEARTBEAT_MS, () => {
      this.#heartbeat = null
      for (const { session } of this.#clients.values()) session.ping('heartbeat')
      if (this.#clients.size > 0) this.#beat()
    })
  }

  #command(client: Client, text: string): void {
    this.#index = null
    for (const reply of runCommand(this.#venue, client, text)) this.#reply(client, reply)
  }

  #reply(client: Client, reply: Reply): void {
    if (reply.type === 'snapshot') {
      this.#snapshot(client, reply.sub, reply.ticker, reply.id)
      return
    }
    if (reply.type === 'first-ticker') {
      const msg = tickerMsg(this.#venue.host, reply.ticker, this.#legacy)
      this.#send(client, reply.sub, 'ticker', msg)
      return
    }
    const { type, id, sub, sid, msg } = reply
    const seq = sub === undefined || type === 'subscribed' ? undefined : this.#seq(sub)
    client.session.send(
      JSON.stringify({
        ...(id === 0 ? {} : { id }),
        ...(sid === undefined ? {} : { sid }),
        ...(seq === undefined ? {} : { seq }),
        type,
        ...(msg === undefined ? {} : { msg }),
      }),
    )
  }

  #seq(sub: Sub): number | undefined {
    if (!SEQUENCED.includes(sub.channel)) return undefined
    sub.seq += 1
    return sub.seq
  }

  get #legacy(): boolean {
    return this.#venue.options.era === 'legacy'
  }

  #snapshot(client: Client, sub: Sub, ticker: string, id: number): void {
    const { host } = this.#venue
    if (!this.#mirrors.has(ticker) && host.state.markets.has(ticker)) {
      const mirror = new Map<string, number>()
      for (const side of ['buy', 'sell'] as const) {
        for (const [price, qty] of host.exchange.levels(ticker, side, Number.MAX_SAFE_INTEGER)) {
          mirror.set(`${side}/${price}`, qty)
        }
      }
      this.#mirrors.set(ticker, mirror)
    }
    const msg = snapshotMsg(host, ticker, { yesPrice: sub.yesPrice, legacy: this.#legacy })
    this.#send(client, sub, 'orderbook_snapshot', msg, id)
  }

  #send(client: Client, sub: Sub, type: string, msg: Msg, id = 0): void {
    this.#sendText(client, sub, type, JSON.stringify(msg), id)
  }

  /** A message whose content is written already: it is written once for all who follow. */
  #sendText(client: Client, sub: Sub, type: string, msg: string, id = 0): void {
    const seq = this.#seq(sub)
    const head = id === 0 ? '' : `"id":${id},`
    const counted = seq === undefined ? '' : `"seq":${seq},`
    client.session.send(`{${head}"type":"${type}","sid":${sub.sid},${counted}"msg":${msg}}`)
  }

  /** Everybody who follows a market on a channel. */
  *#followers(channel: Channel, ticker: string | null): Iterable<readonly [Client, Sub]> {
    for (const follower of this.#byChannel(channel)) {
      const [{ session }, { tickers }] = follower
      if (!session.open) continue
      if (tickers !== null && ticker !== null && !tickers.includes(ticker)) continue
      yield follower
    }
  }

  /** Subscriptions of a channel; worked out again after any command or end of a session. */
  #byChannel(channel: Channel): readonly (readonly [Client, Sub])[] {
    this.#index ??= indexed(this.#clients.values())
    return this.#index.get(channel) ?? []
  }

  #tell(applied: Applied): void {
    const { host } = this.#venue
    const notices = host.state.notices.filter(({ n }) => n > this.#noticed)
    this.#noticed = host.state.notices_made
    if (this.#clients.size === 0) {
      this.#mirrors.clear()
      this.#tops.clear()
      return
    }
    this.#tellBooks(applied)
    this.#tellTrades(applied)
    this.#tellTickers(applied)
    this.#tellMembers(applied)
    const told: Told[] = lifecycleTold(host, applied)
    for (const notice of notices) {
      if (notice.type !== 'group') {
        told.push(...noticeTold(host, notice))
        continue
      }
      const msg = groupMsg(host, notice)
      for (const [client, sub] of this.#followers('order_group_updates', null)) {
        if (client.caller.member_id === notice.member) {
          this.#send(client, sub, 'order_group_updates', msg)
        }
      }
    }
    for (const { type, ticker, msg } of told) {
      const combo = ticker.startsWith('KXMVE')
      const channel = combo ? 'multivariate_market_lifecycle' : 'market_lifecycle_v2'
      for (const [client, sub] of this.#followers(channel, null)) {
        this.#send(client, sub, combo && type === 'market_lifecycle_v2' ? channel : type, msg)
      }
    }
  }

  #tellBooks({ events, account_events }: Applied): void {
    const { host } = this.#venue
    const owners = ownersOf(account_events)
    for (const event of events) {
      if (event.type !== 'level') continue
      const mirror = this.#mirrors.get(event.instrument)
      if (mirror === undefined) continue
      const key = `${event.side}/${event.price_ticks}`
      const change_lots = event.qty_lots - (mirror.get(key) ?? 0)
      if (event.qty_lots === 0) mirror.delete(key)
      else mirror.set(key, event.qty_lots)
      if (change_lots === 0) continue
      const delta: Delta = {
        ticker: event.instrument,
        side: event.side,
        price_ticks: event.price_ticks,
        change_lots,
        ts_us: event.ts_us,
      }
      const own = owners.get(`${event.instrument}/${key}`) ?? []
      const written = new Map<boolean, string>()
      for (const [client, sub] of this.#followers('orderbook_delta', event.instrument)) {
        const order = own.find(({ account_id }) => isOf(client, account_id))
        const { yesPrice } = sub
        const made = () =>
          JSON.stringify(deltaMsg(host, delta, { yesPrice, legacy: this.#legacy }, order))
        const text = order === undefined ? within(written, yesPrice, made) : made()
        this.#sendText(client, sub, 'orderbook_delta', text)
      }
    }
  }

  #tellTrades({ events }: Applied): void {
    for (const event of events) {
      if (event.type !== 'trade') continue
      const text = JSON.stringify(tradeMsg(event, this.#legacy))
      for (const [client, sub] of this.#followers('trade', event.instrument)) {
        this.#sendText(client, sub, 'trade', text)
      }
    }
  }

  #tellTickers({ events }: Applied): void {
    const { host } = this.#venue
    if (this.#byChannel('ticker').length === 0) {
      this.#tops.clear()
      return
    }
    const touched = new Set<string>()
    for (const event of events) {
      if (event.type === 'trade' || event.type === 'level') touched.add(event.instrument)
    }
    for (const ticker of touched) {
      const top = JSON.stringify([
        host.exchange.levels(ticker, 'buy', 1),
        host.exchange.levels(ticker, 'sell', 1),
        host.state.markets.get(ticker)?.volume_lots,
      ])
      if (this.#tops.get(ticker) === top) continue
      this.#tops.set(ticker, top)
      const text = JSON.stringify(tickerMsg(host, ticker, this.#legacy))
      for (const [client, sub] of this.#followers('ticker', ticker)) {
        this.#sendText(client, sub, 'ticker', text)
      }
    }
  }

  #tellMembers(applied: Applied): void {
    const { host } = this.#venue
    for (const { fill, order, position_lots } of fillsOf(applied)) {
      const msg = fillMsg(host, fill, order, position_lots, this.#legacy)
      for (const [client, sub] of this.#followers('fill', fill.venue_symbol)) {
        if (isOf(client, fill.account_id)) this.#send(client, sub, 'fill', msg)
      }
    }
    for (const [order, reason] of lastReasons(applied.account_events)) {
      const msg = orderMsg(host, order, reason)
      for (const [client, sub] of this.#followers('user_orders', order.venue_symbol)) {
        if (isOf(client, order.account_id)) this.#send(client, sub, 'user_order', msg)
      }
    }
    const moved = new Map<string, { account_id: number; ticker: string }>()
    for (const event of applied.events) {
      if (event.type !== 'position') continue
      const { account_id, instrument: ticker } = event
      moved.set(`${account_id}/${ticker}`, { account_id, ticker })
    }
    for (const { account_id, ticker } of moved.values()) {
      for (const [client, sub] of this.#followers('market_positions', ticker)) {
        if (isOf(client, account_id)) {
          this.#send(client, sub, 'market_position', positionMsg(host, account_id, ticker))
        }
      }
    }
  }
}

function indexed(clients: Iterable<Client>): Map<Channel, (readonly [Client, Sub])[]> {
  const index = new Map<Channel, (readonly [Client, Sub])[]>()
  for (const client of clients) {
    for (const sub of client.subs.values()) within(index, sub.channel, () => []).push([client, sub])
  }
  return index
}

/** Whether an engine account belongs to the member, and the key may see it. */
function isOf({ caller }: Client, account_id: number): boolean {
  const number = caller.member.accounts.indexOf(account_id)
  return number >= 0 && (caller.key.subaccount === null || caller.key.subaccount === number)
}

/** Orders behind the changes of levels: `ticker/side/price` -> orders. */
function ownersOf(events: readonly AccountEvent[]): Map<string, OrderRecord[]> {
  const owners = new Map<string, OrderRecord[]>()
  for (const { order } of events) {
    const key = `${order.venue_symbol}/${order.side}/${order.price_ticks}`
    owners.set(key, [...(owners.get(key) ?? []), order])
  }
  return owners
}

/** Each order that changed, once, with why it changed last. */
function lastReasons(events: readonly AccountEvent[]): Map<OrderRecord, string | undefined> {
  const last = new Map<OrderRecord, string | undefined>()
  for (const event of events) {
    if (event.type === 'accepted') continue
    const reason = updateReason(event)
    // A remainder that rests or was given up after trades keeps the trade as its reason.
    const kept = reason ?? last.get(event.order)
    last.delete(event.order)
    last.set(event.order, kept)
  }
  return last
}

/** Fills with the position each left behind, which the engine tells right after the trade. */
function fillsOf({ events, account_events }: Applied) {
  const waiting = new Map<string, { fill: FillRecord; order: OrderRecord }>()
  for (const event of account_events) {
    if (event.type === 'fill') {
      const { fill, order } = event
      waiting.set(`${fill.trade_id}/${fill.order_id}`, { fill, order })
    }
  }
  const told: { fill: FillRecord; order: OrderRecord; position_lots: number }[] = []
  let open: { fill: FillRecord; order: OrderRecord }[] = []
  for (const event of events) {
    if (event.type === 'trade') {
      open = [event.maker, event.taker].flatMap(
        ({ order_id }) => waiting.get(`${event.trade_id}/${order_id}`) ?? [],
      )
    }
    if (event.type !== 'position') continue
    const at = open.findIndex(
      ({ fill }) => fill.account_id === event.account_id && fill.venue_symbol === event.instrument,
    )
    const [found] = at < 0 ? [] : open.splice(at, 1)
    if (found !== undefined) told.push({ ...found, position_lots: event.qty_lots })
  }
  return told
}
