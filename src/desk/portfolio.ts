/**
 * Portfolio: what a client may set its holdings to, checked whole before anything is written.
 *
 * @module
 */

import type { ConfiguredRow } from '../account/command.js'
import { cashKey, legKey, perpKey } from '../account/row.js'
import { defaultEntry_1e9, parseEventSymbol } from '../account/symbol.js'
import { PRICE_SCALE } from '../engine/units.js'
import type { Venue } from '../venue/contract.js'
import { DeskError, type PositionInput } from './contract.js'
import { leverageOf } from './need.js'
import type { SymbolTable } from './symbols.js'

/** Past these, `_1e8` quantities and `_1e9` prices of one row leave a signed 64-bit integer. */
const QTY_MAX_1E8 = 2n ** 63n - 1n
const PRICE_MAX_1E9 = 2n ** 63n - 1n
/** Symbols are part of database keys, which have room for so many characters. */
const SYMBOL_LENGTH_MAX = 256

type Problem = { readonly field: string; readonly message: string }

/**
 * Rows to write, with their identities worked out.
 *
 * @throws DeskError `invalid` naming every bad field as `positions[2].qty`.
 */
export function configuredRows(
  inputs: readonly PositionInput[],
  venues: ReadonlyMap<string, Venue>,
  symbols: SymbolTable,
): ConfiguredRow[] {
  const problems: Problem[] = []
  const rows = inputs.flatMap((input, nth) => {
    const found = problemsOf(input, venues).map(({ field, message }) => ({
      field: `positions[${nth}].${field}`,
      message,
    }))
    problems.push(...found)
    return found.length > 0 ? [] : [rowOf(input, venues, symbols)]
  })
  if (problems.length > 0) {
    throw new DeskError('invalid', 'some positions are not valid; nothing was written', problems)
  }
  return rows
}

function problemsOf(input: PositionInput, venues: ReadonlyMap<string, Venue>): Problem[] {
  const { kind, symbol, qty_1e8, entry_price_1e9 } = input
  const problems: Problem[] = []
  const wrong = (field: string, message: string) => problems.push({ field, message })
  const venue = venues.get(input.venue)
  if (venue === undefined) wrong('venue', `unknown venue ${input.venue}`)
  else if (!fits(kind, venue)) wrong('kind', `${venue.id} has no ${kind} positions`)
  if (symbol.trim() === '' || symbol.includes(String.fromCharCode(0))) {
    wrong('symbol', 'a symbol is expected')
  } else if (symbol.length > SYMBOL_LENGTH_MAX) {
    wrong('symbol', `a symbol has at most ${SYMBOL_LENGTH_MAX} characters`)
  } else if (kind === 'perp' && !symbol.endsWith('-PERP')) {
    wrong('symbol', 'a perp symbol ends in -PERP')
  } else if (kind === 'event_contract' && parseEventSymbol(symbol) === undefined) {
    wrong('symbol', 'a market is expected before the outcome')
  }
  if (qty_1e8 < 0n && kind !== 'perp') wrong('qty', 'must be 0 or more')
  if (qty_1e8 > QTY_MAX_1E8 || -qty_1e8 > QTY_MAX_1E8) wrong('qty', 'is out of range')
  if (entry_price_1e9 !== undefined) {
    if (entry_price_1e9 < 0n) wrong('entry_price_usd', 'must be 0 or more')
    if (entry_price_1e9 > PRICE_MAX_1E9) wrong('entry_price_usd', 'is out of range')
    if (kind === 'event_contract' && entry_price_1e9 > PRICE_SCALE) {
      wrong('entry_price_usd', 'must be at most 1 for an event contract')
    }
  }
  return problems
}

function fits(kind: PositionInput['kind'], { capabilities }: Venue): boolean {
  if (kind === 'perp') return capabilities.kinds.includes('perp')
  if (kind === 'event_contract') return capabilities.kinds.includes('event')
  return true
}

function rowOf(
  input: PositionInput,
  venues: ReadonlyMap<string, Venue>,
  symbols: SymbolTable,
): ConfiguredRow {
  const { venue, kind, symbol, qty_1e8 } = input
  const entry_1e9 = input.entry_price_1e9 ?? defaultEntry_1e9(kind, symbol)
  const plain = { venue, kind, symbol, qty_1e8, entry_1e9 } as const
  const none = { market_slug: null, outcome: null, token_id: null, margin: null } as const
  switch (kind) {
    case 'fiat':
    case 'crypto':
      return { ...plain, ...none, key: cashKey(venue, kind, symbol) }
    case 'perp': {
      const listed = symbols.resolve(symbol)?.listings.find((each) => each.venue.id === venue)
      const asset = listed?.instrument.quote ?? venues.get(venue)?.quote_assets[0]?.asset
      const leverage = listed === undefined ? 10n : leverageOf(listed.instrument)
      const margin = asset === undefined ? null : { asset, leverage }
      return { ...plain, ...none, margin, key: perpKey(venue, symbol) }
    }
    case 'event_contract': {
      const parsed = parseEventSymbol(symbol)
      if (parsed === undefined) throw new Error(`${symbol} was checked and has no market.`)
      const { market_slug, outcome, token_id } = parsed
      // Where the market is known, a token and its slug are the same holding.
      const leg = symbols.leg(venue, symbol)
      const key =
        leg === undefined
          ? legKey(venue, market_slug, outcome)
          : legKey(venue, leg.instrument.symbol, leg.outcome)
      return { ...plain, market_slug, outcome, token_id, margin: null, key }
    }
  }
}
