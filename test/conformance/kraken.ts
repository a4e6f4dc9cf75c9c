/**
 * Kraken for the shared suite: its figures, the sheet's worked examples and its reject atlas.
 */
import { kraken } from '../../venues/kraken/index.js'
import { krakenAtlas } from './kraken-atlas.js'
import type { Subject } from './subject.js'
import type { Vector, VectorBook, VectorExpectation, VectorOrder } from './vector.js'

const book: VectorBook = {
  asks: [
    ['30000.0', '0.5'],
    ['30010.0', '1.0'],
  ],
  bids: [['29990.0', '1.0']],
}
const balances = { USD: '1000000', BTC: '10' }

const vector = (
  id: string,
  title: string,
  order: VectorOrder,
  expect: VectorExpectation,
  given: Partial<Vector> = {},
): Vector => ({
  id,
  title,
  venue: 'kraken',
  venue_symbol: 'XXBTZUSD',
  balances,
  book,
  order,
  expect,
  ...given,
})

const buy = (price: string | null, qty: string, rest: Partial<VectorOrder> = {}): VectorOrder => ({
  side: 'buy',
  price,
  qty,
  time_in_force: price === null ? 'ioc' : 'gtc',
  ...rest,
})

const refused = (code: NonNullable<VectorExpectation['code']>): VectorExpectation => ({
  status: 'refused',
  code,
  fills: [],
})

const taken = (price: string, qty: string, fee: string) => ({
  price,
  qty,
  fee,
  liquidity: 'taker' as const,
})

/** @see ../shared/venues/kraken.md section 12 */
export const krakenVectors: readonly Vector[] = [
  vector('E3', 'a price off the tick', buy('29990.05', '0.01'), refused('off-tick')),
  vector('E4', 'a volume below ordermin', buy('29990.0', '0.00004'), refused('below-min-qty')),
  vector('E5', 'a cost below costmin', buy('9000.0', '0.00005'), refused('below-min-notional')),
  vector(
    'E6',
    'cash for the size but not for its fee',
    buy('30000.0', '0.01'),
    refused('insufficient-balance'),
    { balances: { USD: '300' } },
  ),
  vector('E7', 'a market buy walks two levels', buy(null, '1.0'), {
    status: 'filled',
    code: null,
    fills: [taken('30000.0', '0.5', '60'), taken('30010.0', '0.5', '60.02')],
    balances: { USD: '969874.98', BTC: '11' },
  }),
  vector(
    'E8',
    'a market buy against an empty side',
    buy(null, '0.1'),
    { status: 'cancelled', code: 'no-liquidity', fills: [] },
    { book: { asks: [], bids: book.bids } },
  ),
  vector('E9', 'an IOC fills its part', buy('30000.0', '1.0', { time_in_force: 'ioc' }), {
    status: 'cancelled',
    code: 'ioc-unfilled',
    fills: [taken('30000.0', '0.5', '60')],
    balances: { USD: '984940', BTC: '10.5' },
  }),
  vector('E10', 'a post-only order that would take', buy('30000.0', '0.1', { post_only: true }), {
    status: 'cancelled',
    code: 'would-cross',
    fills: [],
  }),
  vector(
    'E13',
    'a market buy by cost, fee on top',
    { side: 'buy', price: null, cash: '15000', time_in_force: 'ioc' },
    {
      status: 'filled',
      code: null,
      fills: [taken('30000.0', '0.5', '60')],
      balances: { USD: '984940', BTC: '10.5' },
    },
  ),
  vector(
    'A1',
    'a resting buy of 300 USD holds the taker fee with it',
    buy('29000.0', '0.01'),
    { status: 'resting', code: null, fills: [], reserved: { USD: '291.16' } },
    { balances: { USD: '1000', BTC: '10' } },
  ),
]

export const krakenSubject: Subject = {
  venue: kraken,
  venue_symbol: 'XXBTZUSD',
  balances,
  book,
  figures: {
    qty: '0.1',
    qty_beyond_book: '2',
    price_resting: '29000.0',
    price_better: '29500.0',
    price_off_grid: '29000.05',
    qty_too_much: '100',
  },
  vectors: krakenVectors,
  atlas: krakenAtlas,
}
