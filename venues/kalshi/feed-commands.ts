/**
 * Feed commands: what a client says on the socket, and the replies and error codes it gets.
 *
 * Changes only the session's subscriptions. A wrong command is answered and never ends the connection.
 *
 * @see https://docs.kalshi.com/websockets/websocket-connection
 *
 * @module
 */

import type { Venue } from './call.js'
import type { Client, Sub } from './feed.js'
import type { Msg } from './messages.js'

const CHANNELS = [
  'orderbook_delta',
  'ticker',
  'trade',
  'fill',
  'market_positions',
  'user_orders',
  'order_group_updates',
  'market_lifecycle_v2',
  'multivariate_market_lifecycle',
] as const

export type Channel = (typeof CHANNELS)[number]

const isChannel = (name: unknown): name is Channel => CHANNELS.some((known) => known === name)

/** Channels that can be narrowed to markets. */
const NARROWED: readonly Channel[] = [
  'orderbook_delta',
  'ticker',
  'trade',
  'fill',
  'market_positions',
  'user_orders',
]

/** Most markets of all subscriptions of one session. */
const MARKETS_MAX = 500_000

/** @see https://docs.kalshi.com/websockets/websocket-connection */
export const FEED_ERRORS = {
  1: 'Unable to process message',
  2: 'Params required',
  3: 'Channels required',
  4: 'Subscription IDs required',
  5: 'Unknown command',
  7: 'Unknown subscription ID',
  8: 'Unknown channel name',
  11: 'Invalid parameter',
  12: 'Exactly one subscription ID is required',
  13: 'Unsupported action',
  14: 'Market Ticker required',
  15: 'Action required',
  26: 'Subscription market limit exceeded',
  27: 'Too many requests',
} as const

export type FeedError = keyof typeof FEED_ERRORS

export type Reply =
  | {
      readonly type: 'subscribed' | 'unsubscribed' | 'ok' | 'error'
      readonly id: number
      /** Given: the reply counts in its sequence. */
      readonly sub?: Sub
      readonly sid?: number
      readonly msg?: unknown
    }
  | { readonly type: 'snapshot'; readonly sub: Sub; readonly ticker: string; readonly id: number }
  | { readonly type: 'first-ticker'; readonly sub: Sub; readonly ticker: string }

const failed = (id: number, code: FeedError, more: Msg = {}): Reply => ({
  type: 'error',
  id,
  msg: { code, msg: FEED_ERRORS[code], ...more },
})

type Params = Readonly<Record<string, unknown>>

/** Replies to one message of a client, in order. */
export function runCommand(venue: Venue, client: Client, text: string): Reply[] {
  const command = parsed(text)
  if (command === undefined) return [failed(0, 1)]
  const { id, cmd, params } = command
  if (!client.bucket.take(1, venue.host.now_us())) return [failed(id, 27)]
  switch (cmd) {
    case 'subscribe':
      return params === undefined ? [failed(id, 2)] : subscribe(venue, client, id, params)
    case 'unsubscribe':
      return params === undefined ? [failed(id, 2)] : unsubscribe(client, id, params)
    case 'update_subscription':
      return params === undefined ? [failed(id, 2)] : update(venue, client, id, params)
    case 'list_subscriptions':
      return [
        {
          type: 'ok',
          id,
          msg: [...client.subs.values()].map(({ channel, sid }) => ({ channel, sid })),
        },
      ]
    default:
      return [failed(id, 5)]
  }
}

function parsed(
  text: string,
): { id: number; cmd: unknown; params: Params | undefined } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { id, cmd, params } = value as Record<string, unknown>
  const known = typeof params === 'object' && params !== null && !Array.isArray(params)
  return {
    id: Number.isSafeInteger(id) && (id as number) > 0 ? (id as number) : 0,
    cmd,
    params: known ? (params as Params) : undefined,
  }
}

type Tickers =
  | { readonly ok: true; readonly tickers: string[] | null }
  | { readonly ok: false; readonly code: FeedError }

/** Markets named by ticker or by id; null: none were named. */
function tickersOf({ host }: Venue, params: Params, byId: boolean): Tickers {
  const { market_ticker, market_tickers, market_id, market_ids } = params
  const given = [market_ticker, market_tickers, market_id, market_ids].filter(
    (value) => value !== undefined && value !== null,
  )
  if (given.length === 0) return { ok: true, tickers: null }
  if (given.length > 1) return { ok: false, code: 11 }
  const [value] = given
  const list = Array.isArray(value) ? (value as unknown[]) : [value]
  const texts = list.filter((one): one is string => typeof one === 'string' && one !== '')
  if (texts.length !== list.length || texts.length === 0) return { ok: false, code: 11 }
  const ids = market_id !== undefined || market_ids !== undefined
  if (!ids) return { ok: true, tickers: [...new Set(texts)] }
  if (!byId) return { ok: false, code: 11 }
  const found = [...host.state.markets]
    .filter(([, facts]) => texts.includes(facts.market_id))
    .map(([ticker]) => ticker)
  return { ok: true, tickers: found }
}

function subscribe(venue: Venue, client: Client, id: number, params: Params): Reply[] {
  const { channels } = params
  if (!Array.isArray(channels) || channels.length === 0) return [failed(id, 3)]
  const names = [...new Set(channels as unknown[])]
  if (!names.every(isChannel)) return [failed(id, 8)]
  const byId = names.every((name) => name === 'ticker')
  const wanted = tickersOf(venue, params, byId)
  if (!wanted.ok) return [failed(id, wanted.code)]
  const { tickers } = wanted
  if (tickers === null && names.includes('orderbook_delta')) return [failed(id, 14)]
  const held = [...client.subs.values()].reduce((sum, sub) => sum + (sub.tickers?.length ?? 0), 0)
  if (held + (tickers?.length ?? 0) * names.length > MARKETS_MAX) return [failed(id, 26)]
  return names.flatMap((channel) => {
    const own = NARROWED.includes(channel) ? tickers : null
    const known = [...client.subs.values()].find((sub) => sub.channel === channel)
    return known === undefined
      ? subscribed(venue, client, id, channel, own, params)
      : widened(venue, known, id, own, params)
  })
}

function subscribed(
  venue: Venue,
  client: Client,
  id: number,
  channel: Channel,
  tickers: string[] | null,
  params: Params,
): Reply[] {
  const sub: Sub = {
    sid: client.nextSid,
    channel,
    tickers: tickers === null ? null : [...tickers],
    yesPrice: params.use_yes_price === true,
    skipAck: params.skip_ticker_ack === true,
    seq: 0,
  }
  client.nextSid += 1
  client.subs.set(sub.sid, sub)
  return [
    { type: 'subscribed', id, msg: { channel, sid: sub.sid } },
    ...first(venue, sub, sub.tickers, params, 0),
  ]
}

/** A repeated subscription adds the markets it did not have (the form of its answer is inferred). */
function widened(
  venue: Venue,
  sub: Sub,
  id: number,
  tickers: readonly string[] | null,
  params: Params,
): Reply[] {
  const known = sub.tickers
  if (tickers === null) sub.tickers = null
  const added = known === null ? [] : (tickers ?? []).filter((ticker) => !known.includes(ticker))
  if (sub.tickers !== null) sub.tickers.push(...added)
  return [ack(sub, id), ...first(venue, sub, added, params, 0)]
}

/** What a new market of a subscription begins with. */
function first(
  { host }: Venue,
  sub: Sub,
  tickers: readonly string[] | null,
  params: Params,
  id: number,
): Reply[] {
  if (sub.channel === 'orderbook_delta') {
    return (tickers ?? []).map((ticker) => ({ type: 'snapshot', sub, ticker, id }))
  }
  if (sub.channel === 'ticker' && params.send_initial_snapshot === true) {
    const known = tickers ?? [...host.state.markets.keys()]
    return known
      .filter((ticker) => host.state.markets.has(ticker))
      .map((ticker) => ({ type: 'first-ticker', sub, ticker }))
  }
  return []
}

const ack = (sub: Sub, id: number): Reply => ({
  type: 'ok',
  id,
  sid: sub.sid,
  sub,
  msg: sub.skipAck || sub.tickers === null ? {} : { market_tickers: [...sub.tickers] },
})

function unsubscribe(client: Client, id: number, { sids }: Params): Reply[] {
  if (!Array.isArray(sids) || sids.length === 0) return [failed(id, 4)]
  return (sids as unknown[]).map((sid) => {
    const sub = client.subs.get(sid as number)
    if (sub === undefined) return failed(id, 7)
    client.subs.delete(sub.sid)
    return { type: 'unsubscribed', id, sid: sub.sid, sub }
  })
}

function update(venue: Venue, client: Client, id: number, params: Params): Reply[] {
  const { sid, sids, action } = params
  const named: unknown[] = Array.isArray(sids) ? (sids as unknown[]) : []
  const all = sid === undefined ? named : [...named, sid]
  if (all.length !== 1) return [failed(id, 12)]
  const sub = client.subs.get(all[0] as number)
  if (sub === undefined) return [failed(id, 7)]
  if (action === undefined || action === null || action === '') return [failed(id, 15)]
  const wanted = tickersOf(venue, params, sub.channel === 'ticker')
  if (!wanted.ok) return [failed(id, wanted.code)]
  const { tickers } = wanted
  switch (action) {
    case 'get_snapshot':
      if (sub.channel !== 'orderbook_delta') return [failed(id, 13)]
      if (tickers === null || params.market_tickers === undefined) return [failed(id, 14)]
      return tickers.map((ticker) => ({ type: 'snapshot', sub, ticker, id }))
    case 'add_markets': {
      if (!NARROWED.includes(sub.channel)) return [failed(id, 13)]
      if (tickers === null) return [failed(id, 14)]
      const added = tickers.filter((ticker) => sub.tickers?.includes(ticker) === false)
      sub.tickers?.push(...added)
      return [ack(sub, id), ...first(venue, sub, added, params, 0)]
    }
    case 'delete_markets':
      if (!NARROWED.includes(sub.channel)) return [failed(id, 13)]
      if (tickers === null) return [failed(id, 14)]
      if (sub.tickers === null) return [failed(id, 11)]
      sub.tickers = sub.tickers.filter((ticker) => !tickers.includes(ticker))
      return [ack(sub, id)]
    default:
      return [failed(id, 13)]
  }
}
