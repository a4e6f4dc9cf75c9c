/**
 * Kalshi for the shared suite: its figures, the sheet's worked examples and its reject atlas.
 */
import { kalshi } from '../../venues/kalshi/index.js'
import { kalshiAtlas } from './kalshi-atlas.js'
import type { Subject } from './subject.js'
import type { Vector, VectorBook, VectorExpectation, VectorOrder } from './vector.js'

/** The sheet's book B: NO bids 0.56 and 0.55 are YES asks at 0.44 and 0.45. */
const book: VectorBook = {
  bids: [
    ['0.42', '13'],
    ['0.41', '10'],
  ],
  asks: [
    ['0.44', '17'],
    ['0.45', '20'],
  ],
}
const balances = { USD: '100' }

const vector = (
  id: string,
  title: string,
  order: VectorOrder,
  expect: VectorExpectation,
  given: Partial<Vector> = {},
): Vector => ({
  id,
  title,
  venue: 'kalshi',
  venue_symbol: 'KXTEST-99DEC31-T60',
  balances,
  book,
  order,
  expect,
  ...given,
})

type Tif = VectorOrder['time_in_force']

const bid = (
  qty: string,
  price: string | null,
  time_in_force: Tif = 'gtc',
  rest: Partial<VectorOrder> = {},
): VectorOrder => ({ side: 'buy', price, qty, time_in_force, ...rest })

/** An ask of a flat account buys NO. */
const ask = (qty: string, price: string, time_in_force: Tif = 'gtc'): VectorOrder => ({
  side: 'sell',
  price,
  qty,
  time_in_force,
})

const refused = (code: NonNullable<VectorExpectation['code']>): VectorExpectation => ({
  status: 'refused',
  code,
  fills: [],
})

const taken = (qty: string, price: string, fee: string) => ({
  price,
  qty,
  fee,
  liquidity: 'taker' as const,
})

const USD = (total: string) => ({ balances: { USD: total } })

/** @see ../shared/venues/kalshi.md section 11; those that need a position or own orders are in `kalshi-sheet.test.ts` */
export const kalshiVectors: readonly Vector[] = [
  vector('1', 'an IOC fills at the best ask', bid('10', '0.44', 'ioc'), {
    status: 'filled',
    code: null,
    fills: [taken('10', '0.44', '0.1725')],
    ...USD('95.4275'),
  }),
  vector('2', 'a limit order walks two levels', bid('20', '0.45'), {
    status: 'filled',
    code: null,
    fills: [taken('17', '0.44', '0.2933'), taken('3', '0.45', '0.0520')],
    ...USD('90.8247'),
  }),
  vector('3', 'what a limit order cannot fill rests', bid('20', '0.44'), {
    status: 'resting',
    code: null,
    fills: [taken('17', '0.44', '0.2933')],
    ...USD('92.2267'),
    reserved: { USD: '1.32' },
  }),
  vector(
    '4',
    'a post-only order that would cross',
    bid('5', '0.44', 'gtc', { post_only: true }),
    refused('would-cross'),
  ),
  vector('5a', 'a post-only order rests', bid('5', '0.43', 'gtc', { post_only: true }), {
    status: 'resting',
    code: null,
    fills: [],
    reserved: { USD: '2.15' },
  }),
  vector('6', 'a FOK larger than the level', bid('18', '0.44', 'fok'), refused('fok-unfilled')),
  vector('7', 'a FOK over two levels', bid('18', '0.45', 'fok'), {
    status: 'filled',
    code: null,
    fills: [taken('17', '0.44', '0.2933'), taken('1', '0.45', '0.0174')],
    ...USD('91.7593'),
  }),
  vector('8', 'an IOC below the best ask', bid('5', '0.43', 'ioc'), {
    status: 'cancelled',
    code: 'ioc-unfilled',
    fills: [],
  }),
  vector('9', 'an ask of a flat account buys NO', ask('4', '0.42', 'ioc'), {
    status: 'filled',
    code: null,
    fills: [taken('4', '0.42', '0.0683')],
    ...USD('97.6117'),
  }),
  vector(
    '9n',
    'the same said in NO: buy 4 at 0.58',
    { side: 'buy', outcome: 'NO', price: '0.58', qty: '4', time_in_force: 'ioc' },
    {
      status: 'filled',
      code: null,
      fills: [taken('4', '0.58', '0.0683')],
      ...USD('97.6117'),
    },
  ),
  vector(
    '13',
    'reduce-only rests nowhere',
    { ...ask('10', '0.42'), reduce_only: true },
    refused('unsupported-order'),
  ),
  vector('14', 'not enough cash', bid('10', '0.44'), refused('insufficient-balance'), {
    balances: { USD: '1' },
  }),
  vector('15a', 'a price off the grid', bid('10', '0.4450'), refused('off-tick')),
  vector('15b', 'a price of a dollar', bid('10', '1.00'), refused('price-bounds')),
  vector('F1', 'a fraction of a contract', bid('2.5', '0.44', 'ioc'), {
    status: 'filled',
    code: null,
    fills: [taken('2.5', '0.44', '0.0432')],
    ...USD('98.8568'),
  }),
  vector(
    'F2',
    'a hundred at the middle',
    bid('100', '0.50', 'ioc'),
    {
      status: 'filled',
      code: null,
      fills: [taken('100', '0.50', '1.75')],
      ...USD('48.25'),
    },
    { book: { bids: [], asks: [['0.50', '100']] } },
  ),
  vector('F3', 'an ask over two bids, from flat', ask('20', '0.41', 'ioc'), {
    status: 'filled',
    code: null,
    fills: [taken('13', '0.42', '0.2217'), taken('7', '0.41', '0.1186')],
    ...USD('87.9897'),
  }),
  vector(
    'F4',
    'one at 0.52, as recorded',
    bid('1', '0.52', 'ioc'),
    {
      status: 'filled',
      code: null,
      fills: [taken('1', '0.52', '0.0175')],
      ...USD('99.4625'),
    },
    { book: { bids: [], asks: [['0.52', '1']] } },
  ),
  vector(
    'F5',
    'one at 0.99, as recorded',
    bid('1', '0.99', 'ioc'),
    {
      status: 'filled',
      code: null,
      fills: [taken('1', '0.99', '0.0007')],
      ...USD('99.0093'),
    },
    { book: { bids: [], asks: [['0.99', '1']] } },
  ),
  vector('M1', 'a market order sweeps the book and gives up the rest', bid('40', null, 'ioc'), {
    status: 'cancelled',
    code: 'no-liquidity',
    fills: [taken('17', '0.44', '0.2933'), taken('20', '0.45', '0.3465')],
    ...USD('82.8802'),
  }),
  vector(
    'M2',
    'a market order against an empty side',
    bid('10', null, 'ioc'),
    { status: 'cancelled', code: 'no-liquidity', fills: [] },
    { book: { bids: book.bids, asks: [] } },
  ),
]

export const kalshiSubject: Subject = {
  venue: kalshi,
  venue_symbol: 'KXTEST-99DEC31-T60',
  balances,
  book,
  figures: {
    qty: '5',
    qty_beyond_book: '50',
    price_resting: '0.30',
    price_better: '0.35',
    price_off_grid: '0.305',
    qty_too_much: '5000',
  },
  vectors: kalshiVectors,
  atlas: kalshiAtlas,
}
