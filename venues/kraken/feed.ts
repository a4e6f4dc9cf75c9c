/**
 * Kraken's WebSocket v2, public and private on one socket: subscriptions and order commands.
 *
 * Numbers are JSON numbers with the pair's digits, trailing zeros included. A message that many sessions
 * get is written once.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v2/book and siblings
 *
 * @module
 */

import type { SocketPeer, SocketSession } from '../../src/venue/contract.js'
import { idNumber } from '../../src/venue/ids.js'
import type { AccountInfo, Applied } from '../../src/venue/reducer.js'
import type { Session, Sockets } from '../../src/venue/sockets.js'
import { lastTrades } from '../../src/venue/tape.js'
import { type Json, JsonError, JsonNumber, parseJson, stringifyJson } from '../../src/wire/json.js'
import { BOOK_DEPTH_DEFAULT, BOOK_DEPTHS, snapshotText, type Top, updateText } from './book-feed.js'
import { isParams, type Params, textOf, textsOf } from './commands.js'
import {
  balanceRow,
  balanceSnapshot,
  executionRows,
  type Row,
  snapshotRow,
  snapshotTradeRow,
} from './executions.js'
import { candleText, instrumentText, tickerText, tradeText } from './feed-text.js'
import type { Pair } from './instruments.js'
import { appliedLines } from './ledger.js'
import { orderCommand, type SocketCall } from './orders-feed.js'
import { INTERVALS } from './public.js'
import type { RuleContext } from './rules.js'
import type { Tokens } from './tokens.js'
import type { Trading } from './trading.js'
import { rfc3339 } from './wire.js'

/** What the feed keeps per subscription. */
export interface Interest {
  readonly channel: string
  readonly pair: Pair | null
  /** Counts the messages of a private channel, from 1. */
  sequence: number
}

interface Parts {
  readonly context: RuleContext
  readonly trading: Trading
  readonly tokens: Tokens
  readonly sockets: Sockets<Interest>
}

const HEARTBEAT_MS = 1_000
const SNAPSHOT_TRADES = 50
const VERSION = '2.0.10'

export class Feed {
  readonly #parts: Parts
  /** The top each book topic was last told. */
  readonly #tops = new Map<string, Top>()
  /** Accounts whose token a session has used. */
  readonly #accounts = new WeakMap<Session, Map<string, AccountInfo>>()
  #heartbeat: (() => void) | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    parts.context.host.listen((applied) => this.#tell(applied))
    parts.context.host.onReset(() => this.#tops.clear())
  }

  open(peer: SocketPeer): SocketSession {
    return this.#parts.sockets.open(peer, (session) => {
      this.#accounts.set(session, new Map())
      session.send(
        stringifyJson({
          channel: 'status',
          type: 'update',
          data: [
            {
              version: VERSION,
              system: 'online',
              api_version: 'v2',
              connection_id: idNumber('kraken/connection', session.session_id, 15),
            },
          ],
        }),
      )
      return { message: (text) => this.#message(session, text) }
    })
  }

  close(): void {
    this.#heartbeat?.()
    this.#heartbeat = null
  }

  #message(session: Session, text: string): void {
    const time_in = this.#now()
    const malformed = () => this.#answer(session, { time_in }, { error: 'Malformed request' })
    let json: Json
    try {
      json = parseJson(text)
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      malformed()
      return
    }
    if (!isParams(json) || typeof json.method !== 'string') {
      malformed()
      return
    }
    const { method, params = {}, req_id } = json
    const head = { method, time_in, ...(req_id instanceof JsonNumber ? { req_id } : {}) }
    if (method === 'ping') {
      const { time_in: at, ...rest } = head
      session.send(stringifyJson({ ...rest, method: 'pong', time_in: at, time_out: this.#now() }))
      return
    }
    if (!isParams(params)) {
      this.#answer(session, head, { error: 'Malformed request' })
      return
    }
    if (method === 'subscribe' || method === 'unsubscribe') {
      this.#subscription(session, method, params, head)
      return
    }
    const { context, trading } = this.#parts
    const call: SocketCall = {
      context,
      trading,
      params,
      account: () => this.#accountOf(session, params),
    }
    const answers = orderCommand(method, call)
    for (const answer of answers) this.#answer(session, head, answer)
  }

  #answer(
    session: Session,
    head: { readonly method?: string; readonly req_id?: Json; readonly time_in: string },
    answer: object,
  ): void {
    const { time_in, ...rest } = head
    const success = !('error' in answer)
    const times = { time_in, time_out: this.#now() }
    session.send(stringifyJson({ ...rest, success, ...answer, ...times }))
  }

  /** The account of the token in the params; a token counts as used by this session from then on. */
  #accountOf(session: Session, { token }: Params): AccountInfo | undefined {
    const text = textOf(token)
    const used = this.#accounts.get(session)
    if (text === undefined || used === undefined) return undefined
    const account = used.get(text) ?? this.#parts.tokens.use(text)
    if (account !== undefined) used.set(text, account)
    return account
  }

  #subscription(
    session: Session,
    method: 'subscribe' | 'unsubscribe',
    params: Params,
    head: { readonly method: string; readonly req_id?: Json; readonly time_in: string },
  ): void {
    const channel = textOf(params.channel) ?? ''
    const refuse = (error: string, extra: object = {}) =>
      this.#answer(session, head, { error, ...extra })
    if (PRIVATE.has(channel)) {
      const account = this.#accountOf(session, params)
      if (account === undefined) {
        refuse('ESession:Invalid session')
        return
      }
      this.#private(session, { channel, account, method, params, head })
      return
    }
    if (channel === 'instrument') {
      this.#plain(session, { channel, topic: channel, method, params, head, pair: null })
      return
    }
    if (!PUBLIC.has(channel)) {
      refuse('Subscription name invalid')
      return
    }
    const symbols = textsOf(params.symbol)
    if (symbols === undefined || symbols.length === 0) {
      refuse('Pair field must be an array')
      return
    }
    const variant = variantOf(channel, params)
    if (typeof variant === 'object') {
      refuse(variant.error)
      return
    }
    for (const symbol of symbols) {
      const pair = this.#parts.context.pairs.named(symbol)
      if (pair === undefined || pair.symbol !== symbol) {
        refuse(`Currency pair not supported ${symbol}`, { symbol })
        continue
      }
      const topic = `${channel}/${variant}/${pair.id}`
      this.#plain(session, { channel, topic, method, params, head, pair })
    }
  }

  /** A public subscription to one topic. */
  #plain(
    session: Session,
    ask: {
      readonly channel: string
      readonly topic: string
      readonly method: 'subscribe' | 'unsubscribe'
      readonly params: Params
      readonly head: { readonly method: string; readonly req_id?: Json; readonly time_in: string }
      readonly pair: Pair | null
    },
  ): void {
    const { channel, topic, method, params, head, pair } = ask
    const { sockets } = this.#parts
    const symbol = pair === null ? {} : { symbol: pair.symbol }
    const wantsSnapshot = params.snapshot !== false
    const result = {
      channel,
      ...symbol,
      ...detailsOf(channel, topic),
      ...(method === 'subscribe' ? { snapshot: wantsSnapshot } : {}),
    }
    if (method === 'unsubscribe') {
      const known = sockets.unsubscribe(session, topic)
      const answer = known ? { result } : { error: 'Subscription Not Found', ...symbol }
      this.#answer(session, head, answer)
      return
    }
    if (sockets.find(session, topic) !== undefined) {
      this.#answer(session, head, { error: 'Already subscribed', ...symbol })
      return
    }
    sockets.subscribe(session, topic, { channel, pair, sequence: 0 })
    this.#beat()
    this.#answer(session, head, { result })
    const first = this.#first(channel, topic, pair, wantsSnapshot)
    if (first !== undefined) session.send(first)
  }

  #private(
    session: Session,
    ask: {
      readonly channel: string
      readonly account: AccountInfo
      readonly method: 'subscribe' | 'unsubscribe'
      readonly params: Params
      readonly head: { readonly method: string; readonly req_id?: Json; readonly time_in: string }
    },
  ): void {
    const { channel, account, method, params, head } = ask
    const { sockets, context } = this.#parts
    const topic = `${channel}/${account.account_id}`
    if (method === 'unsubscribe') {
      const known = sockets.unsubscribe(session, topic)
      const result = { channel }
      this.#answer(session, head, known ? { result } : { error: 'Subscription Not Found' })
      return
    }
    if (sockets.find(session, topic) !== undefined) {
      this.#answer(session, head, { error: 'Already subscribed' })
      return
    }
    const mine = sockets.subscribe(session, topic, { channel, pair: null, sequence: 0 })
    this.#beat()
    const counter = channel === 'executions' ? { maxratecount: 180 } : {}
    this.#answer(session, head, { result: { channel, ...counter, snapshot: true } })
    const balances = () =>
      context.host.exchange
        .balances(account.account_id)
        .map(({ asset, total_1e8 }) => balanceSnapshot(asset, total_1e8))
    // Orders and trades are told apart by the first row of a message, so each kind has its own.
    const snapshots =
      channel === 'executions' ? executionSnapshots(context, account, params) : [balances()]
    for (const rows of snapshots) {
      mine.data.sequence += 1
      const { sequence } = mine.data
      session.send(stringifyJson({ channel, type: 'snapshot', data: rows, sequence }))
    }
  }

  /** The first message of a public topic. */
  #first(channel: string, topic: string, pair: Pair | null, wanted: boolean): string | undefined {
    const { context } = this.#parts
    if (channel === 'book' && pair !== null) {
      const top = context.host.exchange.depth(pair.id, depthOf(topic))
      this.#tops.set(topic, top)
      return wanted ? snapshotText(pair, top, this.#now()) : undefined
    }
    if (!wanted) return undefined
    if (pair === null) return instrumentText(context, 'snapshot', context.pairs.all())
    if (channel === 'ticker') return tickerText(context, pair, 'snapshot')
    if (channel === 'ohlc') {
      const traded = context.host.tape(pair.id).trades.length > 0
      return traded ? candleText(context, pair, intervalOf(topic), 'snapshot') : undefined
    }
    // Clients read the symbol off the first trade, so a snapshot of none is not sent.
    const trades = lastTrades(context.host.tape(pair.id), SNAPSHOT_TRADES)
    return trades.length === 0 ? undefined : tradeText(pair, trades, 'snapshot')
  }

  #tell(applied: Applied): void {
    const { context, sockets } = this.#parts
    const books = new Set<string>()
    const traded = new Map<string, number>()
    const changed = new Set<string>()
    for (const event of applied.events) {
      if (event.type === 'level') books.add(event.instrument)
      if (event.type === 'trade') {
        traded.set(event.instrument, (traded.get(event.instrument) ?? 0) + 1)
      }
      if (event.type === 'market-state' || event.type === 'listed') changed.add(event.instrument)
    }
    for (const id of changed) context.pairs.add(context.host.instrument(id))
    for (const id of traded.keys()) this.#trades(context.pairs.of(id), traded.get(id) ?? 0)
    for (const id of books) this.#book(context.pairs.of(id))
    if (changed.size > 0 && sockets.has('instrument')) {
      const pairs = [...changed].map((id) => context.pairs.of(id))
      this.#send('instrument', instrumentText(context, 'update', pairs))
    }
    const rows = executionRows(applied.account_events, (id) => context.pairs.of(id))
    for (const row of rows) this.#row('executions', row)
    for (const line of appliedLines(context, applied)) this.#row('balances', balanceRow(line))
  }

  #book(pair: Pair): void {
    const { context, sockets } = this.#parts
    for (const depth of BOOK_DEPTHS) {
      const topic = `book/${depth}/${pair.id}`
      if (!sockets.has(topic)) continue
      const after = context.host.exchange.depth(pair.id, depth)
      const before = this.#tops.get(topic) ?? { bids: [], asks: [] }
      const text = updateText(pair, before, after, depth, this.#now())
      if (text === undefined) continue
      this.#tops.set(topic, after)
      this.#send(topic, text)
    }
    const topic = `ticker/bbo/${pair.id}`
    if (sockets.has(topic)) this.#send(topic, tickerText(context, pair, 'update'))
  }

  #trades(pair: Pair, count: number): void {
    const { context, sockets } = this.#parts
    const topic = `trade/-/${pair.id}`
    if (sockets.has(topic)) {
      const trades = lastTrades(context.host.tape(pair.id), count)
      this.#send(topic, tradeText(pair, trades, 'update'))
    }
    const ticker = `ticker/trades/${pair.id}`
    if (sockets.has(ticker)) this.#send(ticker, tickerText(context, pair, 'update'))
    for (const minutes of INTERVALS) {
      const candle = `ohlc/${minutes}/${pair.id}`
      if (sockets.has(candle)) this.#send(candle, candleText(context, pair, minutes, 'update'))
    }
  }

  #row(channel: string, row: Row): void {
    for (const { session, data } of this.#parts.sockets.of(`${channel}/${row.account_id}`)) {
      data.sequence += 1
      session.send(
        `{"channel":"${channel}","type":"update","data":[${row.text}],"sequence":${data.sequence}}`,
      )
    }
  }

  #send(topic: string, text: string): void {
    for (const { session } of this.#parts.sockets.of(topic)) session.send(text)
  }

  /** About once a second to everybody who is subscribed to anything. */
  #beat(): void {
    if (this.#heartbeat !== null) return
    const { context, sockets } = this.#parts
    const beat = () => {
      this.#heartbeat = null
      const listening = sockets.sessions().filter((session) => sockets.mine(session).length > 0)
      for (const session of listening) session.send('{"channel":"heartbeat"}')
      if (listening.length > 0) this.#beat()
    }
    this.#heartbeat = context.host.world.clock.after(HEARTBEAT_MS, beat)
  }

  #now(): string {
    return rfc3339(this.#parts.context.host.clock_us())
  }
}

const PRIVATE = new Set(['executions', 'balances'])
const PUBLIC = new Set(['book', 'trade', 'ticker', 'ohlc'])

const depthOf = (topic: string): number => Number(topic.split('/')[1])
const intervalOf = depthOf

/** What tells two subscriptions of one channel and symbol apart. */
function variantOf(channel: string, params: Params): string | { readonly error: string } {
  const number = (value: Json | undefined, otherwise: number) =>
    value === undefined ? otherwise : value instanceof JsonNumber ? Number(value.value) : Number.NaN
  if (channel === 'book') {
    const depth = number(params.depth, BOOK_DEPTH_DEFAULT)
    return BOOK_DEPTHS.includes(depth)
      ? String(depth)
      : { error: 'Subscription depth not supported' }
  }
  if (channel === 'ohlc') {
    const minutes = number(params.interval, 1)
    return INTERVALS.includes(minutes)
      ? String(minutes)
      : { error: 'Subscription ohlc interval not supported' }
  }
  if (channel !== 'ticker') return '-'
  const trigger = params.event_trigger ?? 'trades'
  return trigger === 'trades' || trigger === 'bbo'
    ? trigger
    : { error: 'Subscription event_trigger not supported' }
}

function detailsOf(channel: string, topic: string): object {
  if (channel === 'book') return { depth: depthOf(topic) }
  if (channel === 'ohlc') return { interval: intervalOf(topic) }
  return channel === 'ticker' ? { event_trigger: topic.split('/')[1] } : {}
}

/** What the `executions` channel begins with: open orders, and on request the last trades. */
function executionSnapshots(
  { host, pairs }: RuleContext,
  { account_id }: AccountInfo,
  params: Params,
): object[][] {
  const orders = host.records
    .openOrders(account_id)
    .map((order) => snapshotRow(pairs.of(order.venue_symbol), order))
  const trades = host.records
    .fills(account_id)
    .filter(({ failed = false }) => !failed)
    .slice(-SNAPSHOT_TRADES)
    .flatMap((fill) => {
      const order = host.records.order(fill.order_id)
      return order === undefined ? [] : [snapshotTradeRow(pairs.of(fill.venue_symbol), order, fill)]
    })
  return [
    ...(params.snap_orders === false ? [] : [orders]),
    ...(params.snap_trades === true && trades.length > 0 ? [trades] : []),
  ]
}
