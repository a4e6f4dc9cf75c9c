/**
 * Feed texts: the messages of the public channels, written once for everybody who gets them.
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { candles, lastTrades, type TapeTrade } from '../../src/venue/tape.js'
import { numberText, stringifyJson } from '../../src/wire/json.js'
import type { Pair } from './instruments.js'
import { dayStats, knownAssets, pairStatus } from './public.js'
import type { RuleContext } from './rules.js'
import { priceText, qtyText, rfc3339, vwapText } from './wire.js'

export function tradeText(
  pair: Pair,
  trades: readonly TapeTrade[],
  type: 'snapshot' | 'update',
): string {
  const rows = trades.map((trade) => ({
    symbol: pair.symbol,
    side: trade.taker_side,
    price: numberText(priceText(pair, trade.price_ticks)),
    qty: numberText(qtyText(pair, trade.qty_lots)),
    ord_type: trade.market ? 'market' : 'limit',
    trade_id: trade.trade_id,
    timestamp: rfc3339(trade.ts_us),
  }))
  return stringifyJson({ channel: 'trade', type, data: rows })
}

export function tickerText(context: RuleContext, pair: Pair, type: 'snapshot' | 'update'): string {
  const { host } = context
  const { bids, asks } = host.exchange.depth(pair.id, 1)
  const { day } = dayStats(context, pair)
  const last = lastTrades(host.tape(pair.id), 1)[0]?.price_ticks ?? 0
  const open = day.range?.open ?? last
  const price = (ticks: number) => numberText(priceText(pair, ticks))
  const change = numberText(
    `${last < open ? '-' : ''}${priceText(pair, Math.abs(last - open))}`.replace(
      /^-(0(\.0*)?)$/,
      '$1',
    ),
  )
  const data = {
    symbol: pair.symbol,
    bid: price(bids[0]?.[0] ?? 0),
    bid_qty: numberText(qtyText(pair, bids[0]?.[1] ?? 0)),
    ask: price(asks[0]?.[0] ?? 0),
    ask_qty: numberText(qtyText(pair, asks[0]?.[1] ?? 0)),
    last: price(last),
    volume: numberText(qtyText(pair, day.lots)),
    vwap: numberText(trimmed(vwapText(pair, day.lots, day.ticks_lots), pair.pair_decimals)),
    low: price(day.range?.low ?? last),
    high: price(day.range?.high ?? last),
    change,
    change_pct: numberText(percent(last - open, open)),
    trades: day.trades,
    timestamp: rfc3339(host.clock_us()),
  }
  return stringifyJson({ channel: 'ticker', type, data: [data] })
}

/** Hundredths of a per cent, cut toward zero. */
function percent(change: number, open: number): string {
  if (open === 0) return '0.00'
  return formatDecimal((BigInt(change) * 10_000n) / BigInt(open), 2, 2)
}

function trimmed(text: string, decimals: number): string {
  const [whole = '0', fraction = ''] = text.split('.')
  return decimals === 0 ? whole : `${whole}.${fraction.slice(0, decimals)}`
}

export function candleText(
  context: RuleContext,
  pair: Pair,
  minutes: number,
  type: 'snapshot' | 'update',
): string {
  const { host } = context
  const now_us = host.now_us()
  const all = candles(host.tape(pair.id), { minutes, from_us: 0, to_us: now_us }).filter(
    ({ trade }) => trade !== null,
  )
  const price = (ticks: number | undefined) => numberText(priceText(pair, ticks ?? 0))
  const rows = (type === 'snapshot' ? all : all.slice(-1)).map((candle) => ({
    symbol: pair.symbol,
    open: price(candle.trade?.open),
    high: price(candle.trade?.high),
    low: price(candle.trade?.low),
    close: price(candle.trade?.close),
    trades: candle.trades,
    volume: numberText(qtyText(pair, candle.lots)),
    vwap: numberText(trimmed(vwapText(pair, candle.lots, candle.ticks_lots), pair.pair_decimals)),
    interval_begin: rfc3339(candle.start_us),
    interval: minutes,
    timestamp: rfc3339(candle.start_us + minutes * 60_000_000),
  }))
  return stringifyJson({ channel: 'ohlc', type, timestamp: rfc3339(now_us), data: rows })
}

export function instrumentText(
  { host, pairs }: RuleContext,
  type: 'snapshot' | 'update',
  wanted: readonly Pair[],
): string {
  const step = (decimals: number) => numberText(formatDecimal(1n, decimals))
  const rows = wanted.map((pair) => {
    const { instrument } = pair
    return {
      symbol: pair.symbol,
      base: instrument.base,
      quote: instrument.quote,
      status: pairStatus(host.marketState(pair.id)),
      qty_precision: pair.lot_decimals,
      qty_increment: step(pair.lot_decimals),
      price_precision: pair.pair_decimals,
      cost_precision: pair.cost_decimals,
      marginable: false,
      has_index: false,
      cost_min: numberText(formatDecimal(instrument.min_notional_1e9, 9)),
      tick_size: numberText(formatDecimal(instrument.tick_size_1e9, 9)),
      price_increment: numberText(formatDecimal(instrument.tick_size_1e9, 9)),
      qty_min: numberText(formatDecimal(instrument.min_qty_1e8, 8)),
    }
  })
  const assets = type === 'update' ? [] : knownAssets(pairs.all())
  return stringifyJson({
    channel: 'instrument',
    type,
    data: {
      assets: assets.map((names) => ({
        id: names.asset,
        status: 'enabled',
        precision: names.decimals,
        precision_display: names.display_decimals,
        borrowable: false,
        collateral_value: numberText('0.00'),
        margin_rate: numberText('0.00'),
      })),
      pairs: rows,
    },
  })
}
