/**
 * Candle routes: what traded and was quoted, by minute, hour or day.
 *
 * @see https://docs.kalshi.com/api-reference/market/get-market-candlesticks
 *
 * @module
 */

import { type Candle, candles } from '../../src/venue/tape.js'
import { type Answer, type Call, ok, refused } from './call.js'
import { legacyCandle } from './legacy.js'
import { reject, type WireError } from './rejects.js'
import { type Host, lots, ticks } from './views.js'
import type { WireCandle, WireOhlc } from './wire.js'

const notFound = () => refused(reject('not_found'))
const SECONDS_MAX = 99_999_999_999

const CANDLES_MAX = 10_000

interface Span {
  readonly start_ts: number
  readonly end_ts: number
  readonly minutes: number
  readonly before: boolean
}

function readSpan({ query }: Call): Span | undefined {
  const start_ts = query.int('start_ts', { min: 0, max: SECONDS_MAX })
  const end_ts = query.int('end_ts', { min: 0, max: SECONDS_MAX })
  const minutes = query.oneOf('period_interval', ['1', '60', '1440'])
  const before = query.bool('include_latest_before_start')
  for (const [name, value] of Object.entries({ start_ts, end_ts, period_interval: minutes })) {
    if (value === undefined) query.refuse(`Query argument ${name} is required, but not found`)
  }
  if (start_ts === undefined || end_ts === undefined || minutes === undefined) return undefined
  if (end_ts < start_ts) {
    query.refuse('Parameter validation failed: end_ts must not be before start_ts')
  }
  return { start_ts, end_ts, minutes: Number(minutes), before }
}

/** Candles whose period ends within the span, oldest first. */
function candlesOf(host: Host, ticker: string, span: Span): WireCandle[] {
  const length_s = span.minutes * 60
  const all = candles(host.tape(ticker), {
    minutes: span.minutes,
    from_us: 0,
    to_us: Number.MAX_SAFE_INTEGER,
  })
  const open_interest = host.state.markets.get(ticker)?.open_interest_lots ?? 0
  const shown: WireCandle[] = []
  let previous: number | null = null
  let quotes = { bid: 0, ask: 10_000 }
  for (const candle of all) {
    const end_ts = candle.start_us / 1e6 + length_s
    const within = end_ts >= span.start_ts && end_ts <= span.end_ts
    if (within && shown.length === 0 && span.before && previous !== null) {
      shown.push(latestBefore(span.start_ts, previous, quotes, open_interest))
    }
    if (within) shown.push(candleView(candle, end_ts, previous, quotes, open_interest))
    previous = candle.trade?.close ?? previous
    quotes = { bid: candle.bid?.close ?? quotes.bid, ask: candle.ask?.close ?? quotes.ask }
  }
  return shown
}

function candleView(
  candle: Candle,
  end_period_ts: number,
  previous: number | null,
  quotes: { readonly bid: number; readonly ask: number },
  open_interest: number,
): WireCandle {
  const flat = (price: number) => ({ open: price, low: price, high: price, close: price })
  const { trade } = candle
  const mean = candle.lots === 0 ? 0n : candle.ticks_lots / BigInt(candle.lots)
  return {
    end_period_ts,
    yes_bid: ohlc(candle.bid ?? flat(quotes.bid)),
    yes_ask: ohlc(candle.ask ?? flat(quotes.ask)),
    price: {
      ...(trade === null
        ? {}
        : {
            ...ohlc(trade),
            mean_dollars: ticks(Number(mean)),
          }),
      ...(previous === null ? {} : { previous_dollars: ticks(previous) }),
    },
    volume_fp: lots(candle.lots),
    open_interest_fp: lots(open_interest),
  }
}

const latestBefore = (
  end_period_ts: number,
  previous: number,
  quotes: { readonly bid: number; readonly ask: number },
  open_interest: number,
): WireCandle => {
  const flat = (price: number) => ohlc({ open: price, low: price, high: price, close: price })
  return {
    end_period_ts,
    yes_bid: flat(quotes.bid),
    yes_ask: flat(quotes.ask),
    price: { previous_dollars: ticks(previous) },
    volume_fp: '0.00',
    open_interest_fp: lots(open_interest),
  }
}

const ohlc = (range: { open: number; low: number; high: number; close: number }): WireOhlc => ({
  open_dollars: ticks(range.open),
  low_dollars: ticks(range.low),
  high_dollars: ticks(range.high),
  close_dollars: ticks(range.close),
})

export function marketCandles(call: Call): Answer {
  const { venue, params, query } = call
  const span = readSpan(call)
  if (span === undefined || query.error !== undefined) return query.error ?? notFound()
  const ticker = params.ticker ?? ''
  if (!venue.host.state.markets.has(ticker)) return notFound()
  const shown = candlesOf(venue.host, ticker, span).slice(0, CANDLES_MAX)
  const legacy = venue.options.era === 'legacy'
  return ok({ ticker, candlesticks: legacy ? shown.map(legacyCandle) : shown })
}

/** Candles of every market of an event; `adjusted_end_ts` is where they end, earlier when there are too many. */
export function eventCandles(call: Call): Answer | WireError {
  const { venue, params, query } = call
  const span = readSpan(call)
  if (span === undefined || query.error !== undefined) return query.error ?? notFound()
  const { state } = venue.host
  const event_ticker = params.event_ticker ?? ''
  if (!state.events.has(event_ticker)) return notFound()
  const tickers = [...state.markets]
    .filter(([, { info }]) => info.event_ticker === event_ticker)
    .map(([ticker]) => ticker)
  const legacy = venue.options.era === 'legacy'
  const each = Math.floor(CANDLES_MAX / Math.max(1, tickers.length))
  const all = tickers.map((ticker) => candlesOf(venue.host, ticker, span).slice(0, each))
  const full = all.filter(({ length }) => length === each)
  const ends = full.map((candles) => candles.at(-1)?.end_period_ts ?? span.end_ts)
  return ok({
    market_tickers: tickers,
    market_candlesticks: legacy ? all.map((candles) => candles.map(legacyCandle)) : all,
    adjusted_end_ts: Math.min(span.end_ts, ...ends),
  })
}

export function manyCandles(call: Call): Answer {
  const { venue, query } = call
  const span = readSpan(call)
  const tickers = query.list('market_tickers')
  if (tickers.length < 1 || tickers.length > 100) {
    query.refuse('Parameter validation failed: market_tickers must name between 1 and 100 markets')
  }
  if (span === undefined || query.error !== undefined) return query.error ?? notFound()
  const known = tickers.filter((ticker) => venue.host.state.markets.has(ticker))
  const all = known.map((ticker) => candlesOf(venue.host, ticker, span))
  if (all.reduce((sum, { length }) => sum + length, 0) > CANDLES_MAX) {
    query.refuse(
      `Parameter validation failed: at most ${CANDLES_MAX} candlesticks may be asked for`,
    )
    return query.error ?? notFound()
  }
  return ok({
    markets: known.map((market_ticker, at) => ({ market_ticker, candlesticks: all[at] ?? [] })),
  })
}
