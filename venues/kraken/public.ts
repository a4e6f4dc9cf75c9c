/**
 * Kraken's public REST methods: `GET` (or `POST`) `/0/public/<Method>`.
 *
 * Prices and sizes are strings, times seconds; the key of a pair in an answer is its id, whatever name
 * was asked for.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-server-time and siblings
 *
 * @module
 */

import type { MarketState } from '../../src/engine/command.js'
import { formatDecimal } from '../../src/engine/decimal.js'
import {
  type Candle,
  candles,
  lastQuotes,
  lastTrades,
  type Stats,
  statsSince,
} from '../../src/venue/tape.js'
import { MAKER_TIERS, TAKER_TIERS } from './fees.js'
import { type AssetNames, assetNames, type Pair } from './instruments.js'
import { badField, texts } from './rejects.js'
import { type Fields, isError, type Read } from './request.js'
import type { RuleContext } from './rules.js'
import {
  depthVolume,
  priceText,
  publicPrice,
  qtyText,
  rfc1123,
  rfc3339Seconds,
  secondsNumber,
  vwapText,
} from './wire.js'

export type PublicMethod = (context: RuleContext, fields: Fields) => Read<object>

const DAY_US = 86_400_000_000
const DEPTH_DEFAULT = 100
const DEPTH_MAX = 500
const TRADES_MAX = 1_000
const CANDLES_MAX = 720
/** Minutes of a candle. */
export const INTERVALS: readonly number[] = [1, 5, 15, 30, 60, 240, 1440, 10_080, 21_600]

export const publicMethods: Readonly<Record<string, PublicMethod>> = {
  Time: ({ host }) => {
    const now_us = host.clock_us()
    return { unixtime: Math.floor(now_us / 1_000_000), rfc1123: rfc1123(now_us) }
  },

  SystemStatus: ({ host }) => ({ status: 'online', timestamp: rfc3339Seconds(host.clock_us()) }),

  Assets: ({ pairs }, { asset }) => {
    const known = knownAssets(pairs.all())
    if (asset === undefined || asset === '') return Object.fromEntries(known.map(assetEntry))
    const wanted = asset
      .split(',')
      .map((name) => known.find((names) => isNamed(names, name.trim())))
    if (wanted.includes(undefined)) return { error: texts.asset }
    return Object.fromEntries(wanted.flatMap((names) => (names ? [assetEntry(names)] : [])))
  },

  AssetPairs: (context, { pair }) => {
    const wanted = pair === undefined || pair === '' ? context.pairs.all() : listed(context, pair)
    if (isError(wanted)) return wanted
    return Object.fromEntries(wanted.map((one) => [one.id, pairJson(context, one)]))
  },

  Ticker: (context, { pair }) => {
    const wanted = pair === undefined || pair === '' ? context.pairs.all() : listed(context, pair)
    if (isError(wanted)) return wanted
    return Object.fromEntries(wanted.map((one) => [one.id, tickerJson(context, one)]))
  },

  Depth: (context, fields) => {
    const pair = named(context, fields)
    if (isError(pair)) return pair
    const count = wholeNumber(fields.count, DEPTH_DEFAULT)
    if (count === undefined || count < 1 || count > DEPTH_MAX) return { error: badField('count') }
    const seconds = Math.floor(context.host.now_us() / 1_000_000)
    const side = (name: 'buy' | 'sell') =>
      context.host.exchange
        .levels(pair.id, name, count)
        .map(([ticks, lots]) => [publicPrice(pair, ticks), depthVolume(pair, lots), seconds])
    return { [pair.id]: { asks: side('sell'), bids: side('buy') } }
  },

  Trades: (context, fields) => {
    const pair = named(context, fields)
    if (isError(pair)) return pair
    const count = wholeNumber(fields.count, TRADES_MAX)
    if (count === undefined || count < 1 || count > TRADES_MAX) return { error: badField('count') }
    const since_us = sinceMicros(fields.since)
    if (since_us === undefined) return { error: badField('since') }
    const trades = lastTrades(context.host.tape(pair.id), TRADES_MAX)
      .filter(({ ts_us }) => ts_us > since_us)
      .slice(since_us < 0 ? -count : 0)
      .slice(0, count)
    const last_us = trades.at(-1)?.ts_us ?? Math.max(0, since_us)
    return {
      [pair.id]: trades.map((trade) => [
        publicPrice(pair, trade.price_ticks),
        qtyText(pair, trade.qty_lots),
        secondsNumber(trade.ts_us),
        trade.taker_side === 'buy' ? 'b' : 's',
        trade.market ? 'm' : 'l',
        '',
        trade.trade_id,
      ]),
      last: `${last_us}000`,
    }
  },

  OHLC: (context, fields) => {
    const pair = named(context, fields)
    if (isError(pair)) return pair
    const minutes = wholeNumber(fields.interval, 1)
    if (minutes === undefined || !INTERVALS.includes(minutes))
      return { error: badField('interval') }
    const since_us = sinceMicros(fields.since)
    if (since_us === undefined) return { error: badField('since') }
    const to_us = context.host.now_us()
    const span = { minutes, from_us: Math.max(0, since_us), to_us }
    const rows = candles(context.host.tape(pair.id), span)
      .filter((candle) => candle.trade !== null && candle.start_us > since_us)
      .slice(-CANDLES_MAX)
    const committed = rows.filter((candle) => candle.start_us + minutes * 60_000_000 <= to_us)
    return {
      [pair.id]: rows.map((candle) => candleRow(pair, candle)),
      last: Math.floor((committed.at(-1)?.start_us ?? Math.max(0, since_us)) / 1_000_000),
    }
  },

  Spread: (context, fields) => {
    const pair = named(context, fields)
    if (isError(pair)) return pair
    const since_us = sinceMicros(fields.since)
    if (since_us === undefined) return { error: badField('since') }
    const quotes = lastQuotes(context.host.tape(pair.id), Number.MAX_SAFE_INTEGER)
      .filter(({ ts_us }) => ts_us > since_us)
      .flatMap(({ bid_ticks, ask_ticks, ts_us }) =>
        bid_ticks === null || ask_ticks === null ? [] : [{ bid_ticks, ask_ticks, ts_us }],
      )
    return {
      [pair.id]: quotes.map(({ bid_ticks, ask_ticks, ts_us }) => [
        Math.floor(ts_us / 1_000_000),
        publicPrice(pair, bid_ticks),
        publicPrice(pair, ask_ticks),
      ]),
      last: Math.floor((quotes.at(-1)?.ts_us ?? Math.max(0, since_us)) / 1_000_000),
    }
  },
}

/** Status of a pair in Kraken's words. */
export function pairStatus(state: MarketState): string {
  switch (state) {
    case 'open':
      return 'online'
    case 'post-only':
      return 'post_only'
    case 'limit-only':
      return 'limit_only'
    case 'halted':
      return 'maintenance'
    default:
      return 'cancel_only'
  }
}

/** Whole day so far and the last 24 hours. */
export function dayStats(
  { host }: RuleContext,
  pair: Pair,
): { readonly today: Stats; readonly day: Stats } {
  const tape = host.tape(pair.id)
  const now_us = host.now_us()
  return {
    today: statsSince(tape, Math.floor(now_us / DAY_US) * DAY_US),
    day: statsSince(tape, now_us - DAY_US),
  }
}

/** The assets that appear in some pair. */
export function knownAssets(pairs: readonly Pair[]): AssetNames[] {
  const names = pairs.flatMap(({ base, quote }) => [base.asset, quote.asset])
  return [...new Set(names)].map(assetNames)
}

function named({ pairs }: RuleContext, { pair }: Fields): Read<Pair> {
  if (pair === undefined || pair === '') return { error: badField('pair') }
  return pairs.named(pair) ?? { error: texts['KR-05'] }
}

/** Several pairs, comma separated. */
function listed({ pairs }: RuleContext, names: string): Read<Pair[]> {
  const found = names.split(',').map((name) => pairs.named(name.trim()))
  if (found.includes(undefined)) return { error: texts['KR-05'] }
  return found.flatMap((pair) => pair ?? [])
}

const isNamed = ({ asset, id, altname }: AssetNames, name: string): boolean =>
  [asset, id, altname].includes(name)

const assetEntry = ({ id, altname, decimals, display_decimals }: AssetNames) =>
  [id, { aclass: 'currency', altname, decimals, display_decimals, status: 'enabled' }] as const

function pairJson({ host }: RuleContext, pair: Pair): object {
  const { instrument } = pair
  return {
    altname: pair.altname,
    wsname: pair.wsname,
    aclass_base: 'currency',
    base: pair.base.id,
    aclass_quote: 'currency',
    quote: pair.quote.id,
    lot: 'unit',
    cost_decimals: pair.cost_decimals,
    pair_decimals: pair.pair_decimals,
    lot_decimals: pair.lot_decimals,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: TAKER_TIERS,
    fees_maker: MAKER_TIERS,
    fee_volume_currency: 'ZUSD',
    margin_call: 80,
    margin_stop: 40,
    ordermin: formatDecimal(instrument.min_qty_1e8, 8),
    costmin: formatDecimal(instrument.min_notional_1e9, 9),
    tick_size: formatDecimal(instrument.tick_size_1e9, 9),
    status: pairStatus(host.marketState(pair.id)),
  }
}

function tickerJson(context: RuleContext, pair: Pair): object {
  const { host } = context
  const { bid_ticks, ask_ticks } = host.exchange.best(pair.id)
  const { today, day } = dayStats(context, pair)
  const last = lastTrades(host.tape(pair.id), 1)[0]
  const best = (side: 'buy' | 'sell', ticks: number | null) => {
    const lots = host.exchange.levels(pair.id, side, 1)[0]?.[1] ?? 0
    const volume = depthVolume(pair, lots)
    return [publicPrice(pair, ticks ?? 0), volume.split('.')[0], volume]
  }
  const prices = (pick: (stats: Stats) => number | undefined) => [
    publicPrice(pair, pick(today) ?? 0),
    publicPrice(pair, pick(day) ?? 0),
  ]
  return {
    a: best('sell', ask_ticks),
    b: best('buy', bid_ticks),
    c: [publicPrice(pair, last?.price_ticks ?? 0), qtyText(pair, last?.qty_lots ?? 0)],
    v: [qtyText(pair, today.lots), qtyText(pair, day.lots)],
    p: [vwapText(pair, today.lots, today.ticks_lots), vwapText(pair, day.lots, day.ticks_lots)],
    t: [today.trades, day.trades],
    l: prices(({ range }) => range?.low),
    h: prices(({ range }) => range?.high),
    o: publicPrice(pair, today.range?.open ?? 0),
  }
}

function candleRow(pair: Pair, { start_us, trade, lots, ticks_lots, trades }: Candle): unknown[] {
  const price = (ticks: number | undefined) => priceText(pair, ticks ?? 0)
  return [
    Math.floor(start_us / 1_000_000),
    price(trade?.open),
    price(trade?.high),
    price(trade?.low),
    price(trade?.close),
    formatDecimal(
      lots === 0 ? 0n : (ticks_lots * pair.instrument.tick_size_1e9) / BigInt(lots),
      9,
      pair.pair_decimals,
    ),
    qtyText(pair, lots),
    trades,
  ]
}

/** A whole number, the default when absent; undefined: not one. */
export function wholeNumber(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined || text === '') return otherwise
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Seconds (with fraction) or nanoseconds since the epoch, as microseconds; -1 when absent. */
function sinceMicros(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return -1
  if (/^\d{16,19}$/.test(text)) return Number(BigInt(text) / 1_000n)
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text)) return undefined
  const [whole = '0', fraction = ''] = text.split('.')
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
