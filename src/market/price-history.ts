/**
 * Price history: candles of every market's consolidated best prices, as the hub told them.
 *
 * A tick is a change of the best bid or ask over the live books of a market while both are there and do
 * not cross; its price is the middle, cut down. A minute without a tick has no candle: nothing is filled
 * in. Times are the world's clock, never a feed's. Kept are the newest candles of each width.
 *
 * @module
 */

import type { Clock, Restorable } from '../world/world.js'
import type { Books, BookView } from './hub.js'

/** Widths of candles, in milliseconds. */
export const CANDLE_MS = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '4h': 14_400_000,
  '1d': 86_400_000,
} as const

export type CandleWidth = keyof typeof CANDLE_MS

export const CANDLE_WIDTHS = Object.keys(CANDLE_MS) as CandleWidth[]

export interface Candle {
  /** First moment of the candle, a multiple of its width since the Unix epoch. */
  readonly start_ns: bigint
  readonly open_1e9: bigint
  readonly high_1e9: bigint
  readonly low_1e9: bigint
  readonly close_1e9: bigint
  readonly tick_count: number
  /** Base quantity of the trades that were printed meanwhile, on any of the market's venues. */
  readonly volume_1e8: bigint
  readonly trade_count: number
}

/** A market wherever it is listed. */
export interface HistoryMarket {
  readonly symbol: string
  readonly books: readonly { readonly venue: string; readonly venue_symbol: string }[]
}

export interface PriceHistory extends Restorable {
  /** The newest candles of a market, oldest first; the last may still be growing. */
  candles(symbol: string, width: CandleWidth, limit: number): readonly Candle[]
  close(): void
}

/** Candles kept of each market and width. */
export const CANDLES_MAX = 1_000

type Growing = { -readonly [Field in keyof Candle]: Candle[Field] }

interface Market {
  readonly books: HistoryMarket['books']
  bid_1e9: bigint
  ask_1e9: bigint
  readonly candles: ReadonlyMap<CandleWidth, Growing[]>
}

/**
 * @param options.marketOf - The market of a book; asked once for each book.
 *
 * @example
 * const history = priceHistory({ books: hub, clock, marketOf })
 * history.candles('BTC-USD', '1m', 60)
 */
export function priceHistory(options: {
  books: Books
  clock: Pick<Clock, 'now_ns'>
  marketOf: (venue: string, venue_symbol: string) => HistoryMarket | undefined
}): PriceHistory {
  const { books, clock, marketOf } = options
  const markets = new Map<string, Market>()
  const byBook = new Map<string, Market | null>()

  function marketAt(venue: string, venue_symbol: string): Market | null {
    const name = `${venue} ${venue_symbol}`
    const known = byBook.get(name)
    if (known !== undefined) return known
    const found = marketOf(venue, venue_symbol)
    const market = found === undefined ? null : (markets.get(found.symbol) ?? emptyMarket(found))
    byBook.set(name, market)
    if (found !== undefined && market !== null) markets.set(found.symbol, market)
    return market
  }

  const stop = books.subscribe((event) => {
    if (event.type !== 'published' && event.type !== 'lost' && event.type !== 'trade') return
    const market = marketAt(event.venue, event.venue_symbol)
    if (market === null) return
    if (event.type === 'trade') traded(market, clock.now_ns(), event.qty_1e8)
    else look(market)
  })

  function look(market: Market): void {
    let [bid, ask] = [0n, 0n]
    for (const { venue, venue_symbol } of market.books) {
      const book: BookView | undefined = books.book(venue, venue_symbol)
      if (book?.live !== true) continue
      const { bids, asks } = book.depth
      const best_bid = bids[0]?.price_1e9 ?? 0n
      const best_ask = asks[0]?.price_1e9 ?? 0n
      if (best_bid > bid) bid = best_bid
      if (best_ask > 0n && (ask === 0n || best_ask < ask)) ask = best_ask
    }
    if (bid === market.bid_1e9 && ask === market.ask_1e9) return
    market.bid_1e9 = bid
    market.ask_1e9 = ask
    if (bid > 0n && ask > 0n && bid <= ask) ticked(market, clock.now_ns(), (bid + ask) / 2n)
  }

  return {
    candles: (symbol, width, limit) => {
      const kept = markets.get(symbol)?.candles.get(width) ?? []
      return limit > 0 ? kept.slice(-limit) : []
    },
    save: () =>
      new Map(
        [...markets].map(([symbol, { books: at, bid_1e9, ask_1e9, candles }]) => [
          symbol,
          { books: at, bid_1e9, ask_1e9, candles: copied(candles) },
        ]),
      ),
    restore: (state) => {
      markets.clear()
      byBook.clear()
      for (const [symbol, market] of state as typeof markets) {
        markets.set(symbol, { ...market, candles: copied(market.candles) })
      }
    },
    close: stop,
  }
}

const emptyMarket = ({ books }: HistoryMarket): Market => ({
  books,
  bid_1e9: 0n,
  ask_1e9: 0n,
  candles: new Map(CANDLE_WIDTHS.map((width) => [width, []])),
})

/** Only the newest candle still changes. */
const copied = (candles: Market['candles']): Market['candles'] =>
  new Map(
    [...candles].map(([width, kept]) => {
      const newest = kept.at(-1)
      return [width, newest === undefined ? [] : [...kept.slice(0, -1), { ...newest }]]
    }),
  )

function ticked({ candles }: Market, now_ns: bigint, price_1e9: bigint): void {
  for (const [width, kept] of candles) {
    const start_ns = startOf(now_ns, width)
    const last = kept.at(-1)
    if (last?.start_ns !== start_ns) {
      kept.push({
        start_ns,
        open_1e9: price_1e9,
        high_1e9: price_1e9,
        low_1e9: price_1e9,
        close_1e9: price_1e9,
        tick_count: 1,
        volume_1e8: 0n,
        trade_count: 0,
      })
      if (kept.length > CANDLES_MAX) kept.shift()
      continue
    }
    if (price_1e9 > last.high_1e9) last.high_1e9 = price_1e9
    if (price_1e9 < last.low_1e9) last.low_1e9 = price_1e9
    last.close_1e9 = price_1e9
    last.tick_count += 1
  }
}

/** A trade adds to the candle of its time; where no tick made one, the last close begins it. */
function traded({ candles }: Market, now_ns: bigint, qty_1e8: bigint): void {
  for (const [width, kept] of candles) {
    const start_ns = startOf(now_ns, width)
    let last = kept.at(-1)
    if (last === undefined) continue
    if (last.start_ns !== start_ns) {
      const { close_1e9 } = last
      last = {
        start_ns,
        open_1e9: close_1e9,
        high_1e9: close_1e9,
        low_1e9: close_1e9,
        close_1e9,
        tick_count: 0,
        volume_1e8: 0n,
        trade_count: 0,
      }
      kept.push(last)
      if (kept.length > CANDLES_MAX) kept.shift()
    }
    last.volume_1e8 += qty_1e8
    last.trade_count += 1
  }
}

function startOf(now_ns: bigint, width: CandleWidth): bigint {
  const width_ns = BigInt(CANDLE_MS[width]) * 1_000_000n
  return now_ns - (now_ns % width_ns)
}
