/**
 * Symbols: how the symbols of configured positions are read, and what a unit costs when nobody says.
 *
 * Pure. This parser is the sandbox's own and separate from the order path's symbol resolution: it knows
 * no market table and never fails on an unknown name.
 *
 * @module
 */

import type { Outcome } from '../engine/instrument.js'
import { PRICE_SCALE } from '../engine/units.js'

export interface EventSymbol {
  readonly market_slug: string
  readonly outcome: Outcome
  /** Token of a venue that has one per outcome; a NO token is stored as YES of that token. */
  readonly token_id: string | null
}

const SUFFIX = /^(.*):(yes|no)$/is
const TOKEN = /^\d{30,}$/

/**
 * Reads the symbol of an event contract: suffix first, then token digits, then anything else.
 *
 * @returns `undefined` when the slug before the suffix is empty.
 *
 * @example
 * parseEventSymbol('KXFOO-BAR:NO') // { market_slug: 'KXFOO-BAR', outcome: 'NO', token_id: null }
 */
export function parseEventSymbol(symbol: string): EventSymbol | undefined {
  const suffixed = SUFFIX.exec(symbol)
  if (suffixed) {
    const [, slug = '', outcome = ''] = suffixed
    if (slug === '') return undefined
    return { market_slug: slug, outcome: outcome.toUpperCase() as Outcome, token_id: null }
  }
  if (symbol === '') return undefined
  if (TOKEN.test(symbol)) return { market_slug: symbol, outcome: 'YES', token_id: symbol }
  return { market_slug: symbol, outcome: 'YES', token_id: null }
}

/** Assets taken at one dollar. */
const PEGGED: ReadonlySet<string> = new Set([
  'USD',
  'USDC',
  'USDT',
  'DAI',
  'PYUSD',
  'FDUSD',
  'TUSD',
  'USDP',
  'GUSD',
  'USDS',
  'PUSD',
])

/** Whether an asset is worth one dollar by definition. */
export const isPegged = (asset: string): boolean =>
  PEGGED.has(asset) || PEGGED.has(asset.toUpperCase())

const FIAT: ReadonlySet<string> = new Set([
  'USD',
  'EUR',
  'GBP',
  'JPY',
  'CHF',
  'CAD',
  'AUD',
  'SGD',
  'BRL',
  'TRY',
  'KRW',
])

/** Kind of a cash row that trading makes. */
export const cashKind = (asset: string): 'fiat' | 'crypto' => (FIAT.has(asset) ? 'fiat' : 'crypto')

/** Cost basis per unit where none is given: 1 for fiat and dollar-pegged coins, else 0. `_1e9`. */
export function defaultEntry_1e9(
  kind: 'fiat' | 'crypto' | 'event_contract' | 'perp',
  symbol: string,
): bigint {
  if (kind === 'fiat') return PRICE_SCALE
  return kind === 'crypto' && isPegged(symbol) ? PRICE_SCALE : 0n
}
