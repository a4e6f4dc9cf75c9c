/**
 * Instruments: the markets listed by default, and the fee rate of their subject.
 *
 * The markets are ours, not Polymarket's: one event with two markets, and a Bitcoin and an Ether market.
 * A market has one book, quoted in YES; YES and NO are two tokens whose ids are decimal numbers of up to
 * 78 digits, text always. Where a market trades beyond 0.04 and 0.96 the venue refines its tick; the
 * bands below are those of a market that has not.
 *
 * @see https://docs.polymarket.com/developers/CLOB/orders/orders
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'
import { PRICE_SCALE } from '../../src/engine/units.js'

/** One cent: a price lies on its grid, at least one step away from 0 and from 1. */
const STEP_1E9 = 10_000_000n

/** What a market is about decides its taker rate. */
export type Subject =
  | 'crypto'
  | 'sports'
  | 'economics'
  | 'culture'
  | 'weather'
  | 'other'
  | 'finance'
  | 'politics'
  | 'mentions'
  | 'tech'
  | 'geopolitics'

interface Listing {
  readonly instrument: Instrument
  readonly subject: Subject
}

function market(slug: string, subject: Subject, tokens: { yes: string; no: string }): Listing {
  return {
    subject,
    instrument: {
      symbol: slug,
      venue_symbol: slug,
      kind: 'event',
      base: slug,
      quote: 'USDC',
      tick_size_1e9: 100_000n,
      lot_size_1e8: 1_000_000n,
      min_qty_1e8: 500_000_000n,
      min_notional_1e9: 0n,
      price_bands: [{ from_1e9: STEP_1E9, to_1e9: PRICE_SCALE - STEP_1E9, step_1e9: STEP_1E9 }],
      leverage_max: 1,
      event: {
        event_symbol: slug.replace(/-above-[^-]+$/, ''),
        yes_token: tokens.yes,
        no_token: tokens.no,
      },
    },
  }
}

const LISTED: readonly Listing[] = [
  market('test-reading-2099-above-60', 'weather', {
    yes: '71604825910463528197360428519073642851907364285190736428519073642851907364281',
    no: '28395174089536471802639571480926357148092635714809263571480926357148092635719',
  }),
  market('test-reading-2099-above-70', 'weather', {
    yes: '51938274605192837460519283746051928374605192837460519283746051928374605192837',
    no: '48061725394807162539480716253948071625394807162539480716253948071625394807163',
  }),
  market('btc-price-2099-above-100k', 'crypto', {
    yes: '90817263544536271809081726354453627180908172635445362718090817263544536271801',
    no: '10928374655463728190918273645546372819091827364554637281909182736455463728199',
  }),
  market('eth-price-2099-above-5k', 'crypto', {
    yes: '36251409897041523636251409897041523636251409897041523636251409897041523636251',
    no: '63748590102958476363748590102958476363748590102958476363748590102958476363749',
  }),
]

export const instruments: readonly Instrument[] = LISTED.map(({ instrument }) => instrument)

const SUBJECTS = new Map(
  LISTED.map(({ instrument, subject }) => [instrument.venue_symbol, subject] as const),
)

/** Subject of a market; one nobody described counts as `other`. */
export const subjectOf = ({ venue_symbol }: Instrument): Subject =>
  SUBJECTS.get(venue_symbol) ?? 'other'
