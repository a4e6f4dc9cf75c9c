/**
 * Prices: how a market's price moved, and one reference price per underlying.
 *
 * @see spec section 5.4
 * @module
 */

import type { Desk } from '../../desk/contract.js'
import { PRICE_SCALE } from '../../engine/units.js'
import {
  CANDLE_WIDTHS,
  CANDLES_MAX,
  type Candle,
  type PriceHistory,
} from '../../market/price-history.js'
import { type ApiHono, mount } from '../endpoint.js'
import { notFound } from '../errors.js'
import type { FairPrice, FairPrices } from '../fair-price.js'
import { bigInteger, countParam, human, humanNumber, param, z } from '../schema.js'

const candle = z
  .object({
    start_ts_ns: bigInteger('First moment of the candle'),
    open: human('Mid of the first tick'),
    high: human('Highest mid'),
    low: human('Lowest mid'),
    close: human('Mid of the last tick'),
    tick_count: z.number().int().openapi({ description: 'Changes of the best bid or ask' }),
    volume: human('Base quantity of the trades printed meanwhile'),
    trade_count: z.number().int().openapi({ description: 'Trades printed meanwhile' }),
  })
  .openapi('Candle')

const priceHistory = z
  .object({ symbol: z.string(), interval: z.enum(CANDLE_WIDTHS), candles: z.array(candle) })
  .openapi('PriceHistory')

const historyParams = z.object({ symbol: param('Symbol', 512) })

const historyQuery = z.object({
  interval: z
    .enum(CANDLE_WIDTHS, { error: `must be one of ${CANDLE_WIDTHS.join(', ')}` })
    .optional()
    .openapi({ description: 'Width of a candle. Default 1m', default: '1m' }),
  limit: countParam({
    min: 1,
    max: CANDLES_MAX,
    byDefault: 100,
    description: 'Most candles, the newest',
  }),
})

const fairPrice = z
  .object({
    underlying: z.string(),
    price: human('Reference price in USD'),
    price_usd_1e9: bigInteger('The same, exact'),
    sources: z.array(
      z.object({ venue: z.string(), symbol: z.string(), mid: human('Mid of that book') }),
    ),
    ts_ns: bigInteger('When the newest of the books changed'),
  })
  .openapi('FairPrice')

const fairPriceList = z.object({ fair_prices: z.array(fairPrice) }).openapi('FairPrices')

const fairQuery = z.object({
  underlying: param('Only this underlying, e.g. BTC', 64).optional(),
})

/** A fair price as answers and streams show it. */
export const fairPriceRow = ({ underlying, price_1e9, sources, ts_ns }: FairPrice) => ({
  underlying,
  price: humanNumber(price_1e9, 9),
  price_usd_1e9: price_1e9,
  sources: sources.map(({ venue, symbol, mid_1e9 }) => ({
    venue,
    symbol,
    mid: humanNumber(mid_1e9, 9),
  })),
  ts_ns,
})

export function mountPrices(
  app: ApiHono,
  {
    desk,
    history,
    fair,
    body_limit,
  }: { desk: Desk; history: PriceHistory; fair: FairPrices; body_limit: number },
): void {
  mount(
    app,
    {
      method: 'get',
      path: '/v1/price_history/{symbol}',
      tag: 'Market data',
      summary: 'Candles of a market, from its consolidated best prices',
      description:
        'Oldest first; the last candle may still grow. A span in which nothing changed has no candle. Candles begin when the server starts and are kept in memory, the newest 1000 of each width.',
      needs: 'key',
      params: historyParams,
      query: historyQuery,
      answer: priceHistory,
      fails: [404],
      handle: ({ params: { symbol }, query }) => {
        const resolved = desk.resolveSymbol(symbol)
        const market = resolved?.listings[0]?.instrument.symbol
        if (market === undefined) throw notFound(`unknown symbol ${symbol}`)
        const interval = query.interval ?? '1m'
        const candles = history.candles(market, interval, query.limit)
        const shown = resolved?.outcome === 'NO' ? candles.map(ofNo) : candles
        return { symbol, interval, candles: shown.map(candleRow) }
      },
    },
    { body_limit },
  )

  mount(
    app,
    {
      method: 'get',
      path: '/v1/fair_price',
      tag: 'Market data',
      summary: 'One reference price per underlying',
      description:
        'The median of the middle prices of every live spot and perp book of the underlying that quotes dollars or a dollar-pegged coin. An underlying without such a book is absent: no price is made up.',
      needs: 'key',
      query: fairQuery,
      answer: fairPriceList,
      handle: ({ query: { underlying } }) => {
        const names = underlying === undefined ? fair.underlyings() : [underlying]
        return {
          fair_prices: names.flatMap((name) => {
            const found = fair.of(name)
            return found === undefined ? [] : [fairPriceRow(found)]
          }),
        }
      },
    },
    { body_limit },
  )
}

const candleRow = (one: Candle) => ({
  start_ts_ns: one.start_ns,
  open: humanNumber(one.open_1e9, 9),
  high: humanNumber(one.high_1e9, 9),
  low: humanNumber(one.low_1e9, 9),
  close: humanNumber(one.close_1e9, 9),
  tick_count: one.tick_count,
  volume: humanNumber(one.volume_1e8, 8),
  trade_count: one.trade_count,
})

/** The same candle seen from NO. */
const ofNo = (one: Candle): Candle => ({
  ...one,
  open_1e9: PRICE_SCALE - one.open_1e9,
  high_1e9: PRICE_SCALE - one.low_1e9,
  low_1e9: PRICE_SCALE - one.high_1e9,
  close_1e9: PRICE_SCALE - one.close_1e9,
})
