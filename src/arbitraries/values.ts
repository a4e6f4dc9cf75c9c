/**
 * Values: generators of prices, sizes, books, orders and accounts that a market could really see.
 *
 * Everything lies on the instrument's own grid unless a generator says otherwise; amounts come as
 * decimal text, which the API and the fixtures read exactly.
 *
 * @module
 */

import fc from 'fast-check'
import { formatDecimal } from '../engine/decimal.js'
import type { Instrument } from '../engine/instrument.js'
import type { Venue } from '../venue/contract.js'

/** What generators need to know of a market. */
export type Market = Pick<
  Instrument,
  'symbol' | 'kind' | 'tick_size_1e9' | 'lot_size_1e8' | 'min_qty_1e8'
>

/** Price and quantity, as decimal text. */
export type BookLevel = readonly [price: string, qty: string]

export interface Book {
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

export interface Order {
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly qty: string
  readonly price?: string
  readonly tif?: 'gtc' | 'ioc' | 'fok'
  readonly post_only?: boolean
}

const PRICE_SCALE = 1_000_000_000n

/** First ticks of a market: an event trades between 0 and 1, anything else around `mid`. */
function ticksAround(market: Market, mid: string | undefined): { low: bigint; high: bigint } {
  const tick = market.tick_size_1e9
  if (market.kind === 'event') return { low: 1n, high: PRICE_SCALE / tick - 1n }
  const [whole = '0', fraction = ''] = (mid ?? '100').split('.')
  const mid_1e9 = BigInt(whole) * PRICE_SCALE + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  const centre = mid_1e9 / tick
  const reach = centre / 20n > 10n ? centre / 20n : 10n
  return { low: centre > reach ? centre - reach : 1n, high: centre + reach }
}

/** Prices on the market's grid: within 5 % of `mid` (default 100), or strictly between 0 and 1 for events. */
export function prices(market: Market, mid?: string): fc.Arbitrary<string> {
  const { low, high } = ticksAround(market, mid)
  return fc
    .bigInt({ min: low, max: high })
    .map((ticks) => formatDecimal(ticks * market.tick_size_1e9, 9))
}

/** Sizes in whole lots, from the market's minimum to `lots_max` (default 1,000) lots above it. */
export function quantities(market: Market, lots_max = 1_000): fc.Arbitrary<string> {
  const lot = market.lot_size_1e8
  const least = market.min_qty_1e8 === 0n ? 1n : (market.min_qty_1e8 + lot - 1n) / lot
  return fc
    .bigInt({ min: least, max: least + BigInt(lots_max) })
    .map((lots) => formatDecimal(lots * lot, 8))
}

/**
 * Books that could be published: sorted, never crossed, possibly empty on either side.
 *
 * @param options.levels_max - Levels a side. Default 5.
 * @param options.mid - See {@link prices}.
 */
export function books(
  market: Market,
  options: { readonly levels_max?: number; readonly mid?: string } = {},
): fc.Arbitrary<Book> {
  const { levels_max = 5, mid } = options
  const { low, high } = ticksAround(market, mid)
  const tick = market.tick_size_1e9
  const price = (ticks: bigint): string => formatDecimal(ticks * tick, 9)
  return fc
    .record({
      ticks: fc.uniqueArray(fc.bigInt({ min: low, max: high }), { maxLength: levels_max * 2 }),
      split: fc.nat(levels_max * 2),
      sizes: fc.array(quantities(market), {
        minLength: levels_max * 2,
        maxLength: levels_max * 2,
      }),
    })
    .map(({ ticks, split, sizes }) => {
      const rising = [...ticks].sort((a, b) => (a < b ? -1 : 1))
      const level = (at: bigint, nth: number): BookLevel => [price(at), sizes[nth] ?? '1']
      const below = rising.slice(0, split).slice(-levels_max)
      const above = rising.slice(split, split + levels_max)
      return {
        bids: below.reverse().map(level),
        asks: above.map((at, nth) => level(at, nth + levels_max)),
      }
    })
}

/** Orders of every kind: market and limit, both sides, each time in force, post-only. */
export function orders(market: Market, mid?: string): fc.Arbitrary<Order> {
  const base = { symbol: fc.constant(market.symbol), side: fc.constantFrom('buy', 'sell') } as const
  const qty = quantities(market)
  const price = prices(market, mid)
  return fc.oneof(
    fc.record({ ...base, qty }),
    fc.record({ ...base, qty, price, tif: fc.constantFrom('gtc', 'ioc', 'fok') }),
    fc.record({ ...base, qty, price, post_only: fc.constant(true) }),
  )
}

/** One paper balance, as `POST /v1/sandbox/positions` takes it. */
export interface Balance {
  readonly venue: string
  readonly kind: 'fiat' | 'crypto'
  readonly symbol: string
  readonly qty: string
}

/** Accounts: some cash at some venues, in whole cents, from nothing to a hundred million. */
export function accounts(
  venues: readonly Pick<Venue, 'id' | 'quote_assets'>[],
): fc.Arbitrary<readonly Balance[]> {
  const rows = venues.flatMap(({ id, quote_assets }) =>
    quote_assets.map(({ asset, kind }) => ({ venue: id, kind, symbol: asset })),
  )
  return fc
    .subarray(rows)
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map((row) =>
          fc
            .bigInt({ min: 0n, max: 10_000_000_000n })
            .map((cents): Balance => ({ ...row, qty: formatDecimal(cents, 2) })),
        ),
      ),
    )
}
