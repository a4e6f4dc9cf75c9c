/**
 * Instruments: the series, events and markets the mock lists, and what a market's words are when a test
 * lists one of its own.
 *
 * Data and pure functions. The default markets are ours, not Kalshi's: tickers of a year that does not
 * come soon, so that a server started later finds them open.
 *
 * @see https://docs.kalshi.com/api-reference/market/get-market
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'
import { type PriceLevelStructure, priceBands, structureOf, TICK_1E9 } from './price-levels.js'

/** How a series charges. `flat` exists too, but its table is published as a document only. */
export type FeeType = 'quadratic' | 'quadratic_with_maker_fees' | 'quadratic_with_combo_maker_fees'

/** Fee type and multiplier (1e4 = 1) of a series, or of an event that overrides its series. */
export interface FeeTerms {
  readonly fee_type: FeeType
  readonly multiplier_1e4: number
}

export interface SeriesInfo {
  readonly ticker: string
  readonly title: string
  readonly category: string
  readonly frequency: string
  readonly tags: readonly string[]
  readonly fees: FeeTerms
}

export interface EventInfo {
  readonly event_ticker: string
  readonly series_ticker: string
  readonly title: string
  readonly sub_title: string
  readonly mutually_exclusive: boolean
  readonly collateral_return_type: '' | 'MECNET' | 'DIRECNET'
}

/** Times in Unix seconds. */
export interface MarketInfo {
  readonly ticker: string
  readonly event_ticker: string
  readonly title: string
  readonly yes_sub_title: string
  readonly no_sub_title: string
  readonly open_ts: number
  readonly close_ts: number
  readonly expected_expiration_ts: number
  readonly latest_expiration_ts: number
  readonly settlement_timer_seconds: number
  readonly market_type: 'binary' | 'scalar'
  readonly strike_type: string
  readonly floor_strike: number | null
  readonly price_level_structure: PriceLevelStructure | ''
  readonly can_close_early: boolean
  readonly rules_primary: string
  readonly rules_secondary: string
}

/** 2026-01-01T00:00:00Z. */
const OPEN_TS = 1_767_225_600
/** 2099-12-31T23:59:00Z. */
const CLOSE_TS = 4_102_444_740
const DAY_S = 86_400

const QUADRATIC: FeeTerms = { fee_type: 'quadratic', multiplier_1e4: 10_000 }

/**
 * Series with words or fees of their own. Index series are charged half the rate (historical, not verified
 * for 2026); combos have their own maker rate.
 *
 * @see https://docs.kalshi.com/getting_started/fee_rounding
 */
const SERIES: readonly SeriesInfo[] = [
  {
    ticker: 'KXTEST',
    title: 'Test reading',
    category: 'Climate and Weather',
    frequency: 'custom',
    tags: ['Test'],
    fees: QUADRATIC,
  },
  {
    ticker: 'KXBTCD',
    title: 'Bitcoin price',
    category: 'Crypto',
    frequency: 'custom',
    tags: ['BTC'],
    fees: QUADRATIC,
  },
  {
    ticker: 'KXETHD',
    title: 'Ethereum price',
    category: 'Crypto',
    frequency: 'custom',
    tags: ['ETH'],
    fees: { fee_type: 'quadratic_with_maker_fees', multiplier_1e4: 10_000 },
  },
  {
    ticker: 'KXINX',
    title: 'S&P 500 close',
    category: 'Financials',
    frequency: 'custom',
    tags: ['S&P'],
    fees: { fee_type: 'quadratic', multiplier_1e4: 5_000 },
  },
  {
    ticker: 'KXNASDAQ100',
    title: 'Nasdaq-100 close',
    category: 'Financials',
    frequency: 'custom',
    tags: ['Nasdaq'],
    fees: { fee_type: 'quadratic', multiplier_1e4: 5_000 },
  },
]

/** Series of a ticker: the part before the first dash. */
export const seriesTickerOf = (ticker: string): string => ticker.split('-', 1)[0] ?? ticker

/** The series a ticker belongs to; one nobody described is quadratic with multiplier 1. */
export function seriesInfo(series_ticker: string): SeriesInfo {
  const known = SERIES.find(({ ticker }) => ticker === series_ticker)
  if (known !== undefined) return known
  const combo = series_ticker.startsWith('KXMVE')
  return {
    ticker: series_ticker,
    title: series_ticker,
    category: combo ? 'Sports' : 'World',
    frequency: 'custom',
    tags: [],
    fees: combo
      ? { fee_type: 'quadratic_with_combo_maker_fees', multiplier_1e4: 10_000 }
      : QUADRATIC,
  }
}

/** Event of an instrument: as declared, else the ticker without its last part. */
export function eventTickerOf(instrument: Instrument): string {
  if (instrument.event !== undefined) return instrument.event.event_symbol
  const cut = instrument.venue_symbol.lastIndexOf('-')
  return cut < 0 ? instrument.venue_symbol : instrument.venue_symbol.slice(0, cut)
}

/** Words of an event. The markets of one default event are thresholds, so several may pay. */
export function eventInfo(event_ticker: string): EventInfo {
  const series_ticker = seriesTickerOf(event_ticker)
  const { title } = seriesInfo(series_ticker)
  return {
    event_ticker,
    series_ticker,
    title: `${title}: which thresholds are passed?`,
    sub_title: event_ticker.slice(series_ticker.length + 1),
    mutually_exclusive: false,
    collateral_return_type: '',
  }
}

/** Words and dates of a market that was listed with nothing but its instrument. */
export function marketInfo(instrument: Instrument): MarketInfo {
  const event_ticker = eventTickerOf(instrument)
  const { title } = seriesInfo(seriesTickerOf(instrument.venue_symbol))
  const strike = /-T(\d+(?:\.\d+)?)$/.exec(instrument.venue_symbol)?.[1]
  const words = strike === undefined ? 'Yes' : `Above ${strike}`
  return {
    ticker: instrument.venue_symbol,
    event_ticker,
    title: strike === undefined ? `${title}?` : `${title} above ${strike}?`,
    yes_sub_title: words,
    no_sub_title: words,
    open_ts: OPEN_TS,
    close_ts: CLOSE_TS,
    expected_expiration_ts: CLOSE_TS + 60,
    latest_expiration_ts: CLOSE_TS + 7 * DAY_S,
    settlement_timer_seconds: 300,
    market_type: 'binary',
    strike_type: strike === undefined ? 'custom' : 'greater',
    floor_strike: strike === undefined ? null : Number(strike),
    price_level_structure: structureOf(instrument.price_bands) ?? '',
    can_close_early: true,
    rules_primary: `If the reading of ${event_ticker} is ${words.toLowerCase()}, the market resolves to Yes.`,
    rules_secondary: 'A market of papervenue; it settles when a test says so.',
  }
}

/**
 * A Kalshi market as an instrument: tick $0.0001, lot 0.01 contracts, grid by structure.
 *
 * @example
 * market('KXRAIN-99-T1', 'tapered_deci_cent').price_bands.length // 3
 */
export function market(
  ticker: string,
  structure: PriceLevelStructure = 'linear_cent',
  event_ticker?: string,
): Instrument {
  const cut = ticker.lastIndexOf('-')
  return {
    symbol: ticker,
    venue_symbol: ticker,
    kind: 'event',
    base: ticker,
    quote: 'USD',
    tick_size_1e9: TICK_1E9,
    lot_size_1e8: 1_000_000n,
    min_qty_1e8: 1_000_000n,
    min_notional_1e9: 0n,
    price_bands: priceBands(structure),
    leverage_max: 1,
    event: {
      event_symbol: event_ticker ?? (cut < 0 ? ticker : ticker.slice(0, cut)),
      yes_token: null,
      no_token: null,
    },
  }
}

/** Listed by default: one event with two markets, and a Bitcoin and an Ether market on finer grids. */
export const instruments: readonly Instrument[] = [
  market('KXTEST-99DEC31-T60'),
  market('KXTEST-99DEC31-T70'),
  market('KXBTCD-99DEC31-T100000', 'tapered_deci_cent'),
  market('KXETHD-99DEC31-T5000', 'deci_cent'),
]
