/**
 * Kraken's instruments: the pairs listed by default and the names Kraken has for each.
 *
 * Kraken names one market four ways: pair id `XXBTZUSD`, altname `XBTUSD`, wsname `XBT/USD`, and on
 * WebSocket v2 `BTC/USD`. Anything a test lists gets its names by the same rules.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
 *
 * @module
 */

import type { Instrument } from '../../src/engine/instrument.js'

/** An asset in Kraken's words. */
export interface AssetNames {
  /** Sandbox name and name on WebSocket v2: `BTC`. */
  readonly asset: string
  /** REST id: `XXBT`. */
  readonly id: string
  readonly altname: string
  /** Digits of a balance. */
  readonly decimals: number
  readonly display_decimals: number
}

/** A pair in Kraken's words. */
export interface Pair {
  readonly instrument: Instrument
  /** `XXBTZUSD`. */
  readonly id: string
  /** `XBTUSD`. */
  readonly altname: string
  /** `XBT/USD`. */
  readonly wsname: string
  /** WebSocket v2: `BTC/USD`. */
  readonly symbol: string
  readonly base: AssetNames
  readonly quote: AssetNames
  readonly pair_decimals: number
  readonly lot_decimals: number
  readonly cost_decimals: number
}

/** Digits of a cost and of a fee as trade rows show them. */
export const COST_DECIMALS = 5

const ASSETS: readonly AssetNames[] = [
  { asset: 'BTC', id: 'XXBT', altname: 'XBT', decimals: 10, display_decimals: 5 },
  { asset: 'ETH', id: 'XETH', altname: 'ETH', decimals: 10, display_decimals: 5 },
  { asset: 'SOL', id: 'SOL', altname: 'SOL', decimals: 10, display_decimals: 5 },
  { asset: 'DOGE', id: 'XXDG', altname: 'XDG', decimals: 8, display_decimals: 2 },
  { asset: 'USD', id: 'ZUSD', altname: 'USD', decimals: 4, display_decimals: 2 },
  { asset: 'EUR', id: 'ZEUR', altname: 'EUR', decimals: 4, display_decimals: 2 },
  { asset: 'USDT', id: 'USDT', altname: 'USDT', decimals: 8, display_decimals: 4 },
  { asset: 'USDC', id: 'USDC', altname: 'USDC', decimals: 8, display_decimals: 4 },
]

const spot = (
  venue_symbol: string,
  base: string,
  quote: string,
  figures: Pick<Instrument, 'tick_size_1e9' | 'min_qty_1e8'>,
): Instrument => ({
  symbol: `${base}-${quote}`,
  venue_symbol,
  kind: 'spot',
  base,
  quote,
  lot_size_1e8: 1n,
  min_notional_1e9: 500_000_000n,
  price_bands: [],
  leverage_max: 1,
  ...figures,
})

/** Listed by default. @see ../shared/venues/kraken.md section 4 for the figures and their captures. */
export const instruments: readonly Instrument[] = [
  spot('XXBTZUSD', 'BTC', 'USD', { tick_size_1e9: 100_000_000n, min_qty_1e8: 5_000n }),
  spot('XETHZUSD', 'ETH', 'USD', { tick_size_1e9: 10_000_000n, min_qty_1e8: 200_000n }),
  spot('SOLUSD', 'SOL', 'USD', { tick_size_1e9: 10_000_000n, min_qty_1e8: 2_000_000n }),
  spot('XDGUSD', 'DOGE', 'USD', { tick_size_1e9: 100n, min_qty_1e8: 5_000_000_000n }),
  spot('XBTUSDT', 'BTC', 'USDT', { tick_size_1e9: 100_000_000n, min_qty_1e8: 5_000n }),
]

/** Kraken's names of an asset; one it never listed keeps its own name. */
export function assetNames(asset: string): AssetNames {
  return (
    ASSETS.find((known) => known.asset === asset) ?? {
      asset,
      id: asset,
      altname: asset,
      decimals: 8,
      display_decimals: 4,
    }
  )
}

/** Sandbox name of a REST asset id; an unknown one keeps its id. */
export const assetOfId = (id: string): string =>
  ASSETS.find((known) => known.id === id)?.asset ?? id

/** Kraken's names and digits of an instrument. */
export function pairOf(instrument: Instrument): Pair {
  const base = assetNames(instrument.base)
  const quote = assetNames(instrument.quote)
  return {
    instrument,
    id: instrument.venue_symbol,
    altname: `${base.altname}${quote.altname}`,
    wsname: `${base.altname}/${quote.altname}`,
    symbol: `${instrument.base}/${instrument.quote}`,
    base,
    quote,
    pair_decimals: decimalsOf(instrument.tick_size_1e9, 9),
    lot_decimals: decimalsOf(instrument.lot_size_1e8, 8),
    cost_decimals: COST_DECIMALS,
  }
}

/** Looks pairs up by any of their names. */
export class Pairs {
  readonly #byName = new Map<string, Pair>()
  readonly #byId = new Map<string, Pair>()

  /** Adds a pair; one that is known already stays. */
  add(instrument: Instrument): Pair {
    const known = this.#byId.get(instrument.venue_symbol)
    if (known !== undefined) return known
    const pair = pairOf(instrument)
    this.#byId.set(pair.id, pair)
    for (const name of [pair.symbol, pair.wsname, pair.altname, pair.id]) {
      this.#byName.set(name, pair)
    }
    return pair
  }

  /** By pair id. @throws Error when there is none: ask `named` when a client said the name. */
  of(venue_symbol: string): Pair {
    const pair = this.#byId.get(venue_symbol)
    if (pair === undefined) throw new Error(`no pair ${venue_symbol} on this venue`)
    return pair
  }

  /** By id, altname, wsname or v2 symbol. */
  named(name: string): Pair | undefined {
    return this.#byName.get(name)
  }

  all(): Pair[] {
    return [...this.#byId.values()]
  }
}

/** Digits after the point that a step needs. */
function decimalsOf(step: bigint, scale: number): number {
  let decimals = scale
  for (let rest = step; decimals > 0 && rest % 10n === 0n; rest /= 10n) decimals -= 1
  return decimals
}
