/**
 * Tape: what a venue's public history knows of one instrument: last trades, best quotes, minute candles.
 *
 * Pure and bounded: the newest {@link TAPE_TRADES} trades and {@link TAPE_QUOTES} quotes, and minute
 * candles for {@link TAPE_MINUTES} minutes. Coarser candles and day statistics are folded from those.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'

export const TAPE_TRADES = 1_000
export const TAPE_QUOTES = 200
/** Two days, so that a rolling day and every minute of it stay known. */
export const TAPE_MINUTES = 2_880

const MINUTE_US = 60_000_000

export interface TapeTrade {
  /** Exchange-wide, from 1. */
  readonly trade_id: number
  readonly price_ticks: number
  readonly qty_lots: number
  readonly taker_side: Side
  /** Whether the taker was a market order. */
  readonly market: boolean
  readonly ts_us: number
}

/** Best bid and ask after a change; null: that side was empty. */
export interface TapeQuote {
  readonly bid_ticks: number | null
  readonly ask_ticks: number | null
  readonly ts_us: number
}

export interface Range {
  open: number
  high: number
  low: number
  close: number
}

export interface Candle {
  /** Start of the period. */
  readonly start_us: number
  /** Trade prices in ticks; null: nothing traded. */
  trade: Range | null
  /** Best bid and ask in ticks; null: none known in the period. */
  bid: Range | null
  ask: Range | null
  lots: number
  /** Sum of ticks times lots. */
  ticks_lots: bigint
  trades: number
}

/** Statistics over a span of time. */
export interface Stats {
  /** Trade prices in ticks; null: nothing traded. */
  readonly range: Range | null
  readonly lots: number
  readonly ticks_lots: bigint
  readonly trades: number
}

/** State of one instrument's tape: plain data, safe to clone. */
export interface TapeState {
  trades: TapeTrade[]
  quotes: TapeQuote[]
  candles: Candle[]
}

export const emptyTape = (): TapeState => ({ trades: [], quotes: [], candles: [] })

/** Another tape of the same history, to be recorded on apart from it. Only the last candle still changes. */
export function copyTape({ trades, quotes, candles: kept }: TapeState): TapeState {
  const last = kept.at(-1)
  const before = kept.slice(0, -1)
  return {
    trades: [...trades],
    quotes: [...quotes],
    candles: last === undefined ? before : [...before, copied(last)],
  }
}

export function recordTrade(tape: TapeState, trade: TapeTrade): void {
  tape.trades.push(trade)
  if (tape.trades.length > TAPE_TRADES * 2) tape.trades = tape.trades.slice(-TAPE_TRADES)
  const candle = minuteOf(tape, trade.ts_us)
  candle.trade = stretched(candle.trade, trade.price_ticks)
  candle.lots += trade.qty_lots
  candle.ticks_lots += BigInt(trade.price_ticks) * BigInt(trade.qty_lots)
  candle.trades += 1
}

/** Takes the best quotes in; an unchanged quote is no news. */
export function recordQuote(tape: TapeState, quote: TapeQuote): void {
  const last = tape.quotes.at(-1)
  if (last?.bid_ticks === quote.bid_ticks && last?.ask_ticks === quote.ask_ticks) return
  tape.quotes.push(quote)
  if (tape.quotes.length > TAPE_QUOTES * 2) tape.quotes = tape.quotes.slice(-TAPE_QUOTES)
  const candle = minuteOf(tape, quote.ts_us)
  if (quote.bid_ticks !== null) candle.bid = stretched(candle.bid, quote.bid_ticks)
  if (quote.ask_ticks !== null) candle.ask = stretched(candle.ask, quote.ask_ticks)
}

/** The newest trades, oldest first. */
export const lastTrades = (tape: TapeState, count: number): readonly TapeTrade[] =>
  count <= 0 ? [] : tape.trades.slice(-Math.min(count, TAPE_TRADES))

/** The newest quotes, oldest first. */
export const lastQuotes = (tape: TapeState, count: number): readonly TapeQuote[] =>
  count <= 0 ? [] : tape.quotes.slice(-Math.min(count, TAPE_QUOTES))

/**
 * Candles of `minutes` each, oldest first, on whole multiples of their length since the epoch. Periods
 * in which nothing happened are left out.
 */
export function candles(
  tape: TapeState,
  span: { readonly minutes: number; readonly from_us: number; readonly to_us: number },
): Candle[] {
  const length_us = span.minutes * MINUTE_US
  const folded: Candle[] = []
  for (const minute of tape.candles) {
    const start_us = Math.floor(minute.start_us / length_us) * length_us
    if (start_us + length_us <= span.from_us || start_us > span.to_us) continue
    const last = folded.at(-1)
    if (last?.start_us === start_us) fold(last, minute)
    else folded.push({ ...copied(minute), start_us })
  }
  return folded
}

/** Statistics of the trades in minutes that began at or after `from_us`. */
export function statsSince(tape: TapeState, from_us: number): Stats {
  const total: Candle = emptyCandle(from_us)
  for (const minute of tape.candles) if (minute.start_us >= from_us) fold(total, minute)
  return {
    range: total.trade,
    lots: total.lots,
    ticks_lots: total.ticks_lots,
    trades: total.trades,
  }
}

function minuteOf(tape: TapeState, ts_us: number): Candle {
  const start_us = Math.floor(ts_us / MINUTE_US) * MINUTE_US
  const last = tape.candles.at(-1)
  if (last !== undefined && last.start_us >= start_us) return last
  const made = emptyCandle(start_us)
  tape.candles.push(made)
  if (tape.candles.length > TAPE_MINUTES * 2) tape.candles = tape.candles.slice(-TAPE_MINUTES)
  return made
}

const emptyCandle = (start_us: number): Candle => ({
  start_us,
  trade: null,
  bid: null,
  ask: null,
  lots: 0,
  ticks_lots: 0n,
  trades: 0,
})

const copied = (candle: Candle): Candle => ({
  ...candle,
  trade: candle.trade && { ...candle.trade },
  bid: candle.bid && { ...candle.bid },
  ask: candle.ask && { ...candle.ask },
})

function stretched(range: Range | null, price: number): Range {
  if (range === null) return { open: price, high: price, low: price, close: price }
  range.high = Math.max(range.high, price)
  range.low = Math.min(range.low, price)
  range.close = price
  return range
}

function fold(into: Candle, next: Candle): void {
  into.trade = joined(into.trade, next.trade)
  into.bid = joined(into.bid, next.bid)
  into.ask = joined(into.ask, next.ask)
  into.lots += next.lots
  into.ticks_lots += next.ticks_lots
  into.trades += next.trades
}

function joined(first: Range | null, next: Range | null): Range | null {
  if (first === null) return next && { ...next }
  if (next === null) return first
  return {
    open: first.open,
    high: Math.max(first.high, next.high),
    low: Math.min(first.low, next.low),
    close: next.close,
  }
}
