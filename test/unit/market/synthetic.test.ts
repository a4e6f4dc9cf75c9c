import { expect, test } from 'vitest'
import type { Depth } from '../../../src/engine/depth.js'
import { type Instrument, onGrid } from '../../../src/engine/instrument.js'
import { MarketHub } from '../../../src/market/market-hub.js'
import { playScript } from '../../../src/market/scripted.js'
import { quoteSynthetic } from '../../../src/market/synthetic.js'
import { hubTarget } from '../../../src/market/target.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededStream } from '../../../src/world/prng.js'

const spot: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: 'BTCUSD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 100_000_000n,
  lot_size_1e8: 1_000n,
  min_qty_1e8: 10_000n,
  min_notional_1e9: 500_000_000n,
  price_bands: [],
  leverage_max: 1,
}

const event: Instrument = {
  ...spot,
  symbol: 'EVENT',
  venue_symbol: 'EVENT',
  kind: 'event',
  base: 'EVENT',
  tick_size_1e9: 1_000_000n,
  lot_size_1e8: 1_000_000n,
  min_qty_1e8: 0n,
  price_bands: [
    { from_1e9: 1_000_000n, to_1e9: 100_000_000n, step_1e9: 1_000_000n },
    { from_1e9: 100_000_000n, to_1e9: 900_000_000n, step_1e9: 10_000_000n },
    { from_1e9: 900_000_000n, to_1e9: 999_000_000n, step_1e9: 1_000_000n },
  ],
}

function run(instrument: Instrument, seed: number, rounds: number) {
  const clock = manualClock()
  const books: Depth[] = []
  const prints: bigint[] = []
  const stop = quoteSynthetic({
    instrument,
    clock,
    random: seededStream(seed, 'maker'),
    target: {
      setDepth: (_symbol, depth) => books.push(depth),
      print: (_symbol, { qty_1e8 }) => prints.push(qty_1e8),
    },
  })
  clock.advance(500 * rounds)
  stop()
  clock.advance(10_000)
  return { books, prints }
}

test.each([spot, event])(
  '$symbol: quotes stay on the grid, uncrossed, in whole lots above the minimums',
  (instrument) => {
    const { books, prints } = run(instrument, 7, 400)
    expect(books).toHaveLength(401)
    for (const { bids, asks } of books) {
      expect(bids.length).toBeGreaterThan(0)
      expect(asks.length).toBeGreaterThan(0)
      expect((bids[0]?.price_1e9 ?? 0n) < (asks[0]?.price_1e9 ?? 0n)).toBe(true)
      for (const { price_1e9, qty_1e8 } of [...bids, ...asks]) {
        expect(onGrid(instrument, price_1e9)).toBe(true)
        expect(qty_1e8 % instrument.lot_size_1e8).toBe(0n)
        expect(qty_1e8 >= instrument.min_qty_1e8).toBe(true)
        expect(price_1e9 * qty_1e8 >= instrument.min_notional_1e9 * 100_000_000n).toBe(true)
      }
    }
    expect(prints.length).toBeGreaterThan(0)
    expect(prints.every((qty_1e8) => qty_1e8 > 0n)).toBe(true)
  },
)

test('the same seed tells the same story and another seed another', () => {
  expect(run(spot, 1, 50)).toEqual(run(spot, 1, 50))
  expect(run(spot, 1, 50)).not.toEqual(run(spot, 2, 50))
})

test('the price wanders but stays near its start', () => {
  const { books } = run(spot, 3, 2_000)
  const bests = books.map(({ bids }) => Number((bids[0]?.price_1e9 ?? 0n) / 1_000_000_000n))
  expect(new Set(bests).size).toBeGreaterThan(10)
  expect(Math.min(...bests)).toBeGreaterThan(57_000)
  expect(Math.max(...bests)).toBeLessThan(63_000)
})

test('a print on the hub’s own book is told as a trade and shrinks the level it hit', () => {
  const clock = manualClock()
  const hub = new MarketHub(clock)
  const target = hubTarget(hub, 'alpha', clock)
  const kinds: string[] = []
  hub.subscribe(({ type }) => kinds.push(type))
  target.setDepth('X', { bids: [], asks: [{ price_1e9: 10n, qty_1e8: 5n }] })
  target.print('X', { price_1e9: 10n, qty_1e8: 2n, taker_side: 'buy' })
  expect(hub.book('alpha', 'X')?.depth.asks).toEqual([{ price_1e9: 10n, qty_1e8: 3n }])
  target.print('X', { price_1e9: 10n, qty_1e8: 9n, taker_side: 'buy' })
  expect(hub.book('alpha', 'X')?.depth.asks).toEqual([])
  expect(kinds).toEqual([
    'snapshot',
    'published',
    'trade',
    'level',
    'published',
    'trade',
    'level',
    'published',
  ])
})

test('a script plays on the clock, in order, until it is stopped', () => {
  const clock = manualClock()
  const seen: string[] = []
  const target = {
    setDepth: (symbol: string) => seen.push(`depth ${symbol}`),
    print: (symbol: string) => seen.push(`trade ${symbol}`),
  }
  const depth = { bids: [], asks: [] }
  const stop = playScript({
    clock,
    target,
    steps: [
      { type: 'depth', at_ms: 0, venue_symbol: 'A', depth },
      { type: 'trade', at_ms: 5, venue_symbol: 'B', price_1e9: 1n, qty_1e8: 1n, taker_side: 'buy' },
      { type: 'depth', at_ms: 5, venue_symbol: 'C', depth },
      { type: 'depth', at_ms: 9, venue_symbol: 'D', depth },
    ],
  })
  expect(seen).toEqual(['depth A'])
  clock.advance(5)
  expect(seen).toEqual(['depth A', 'trade B', 'depth C'])
  stop()
  clock.advance(50)
  expect(seen).toHaveLength(3)
  expect(() =>
    playScript({ clock, target, steps: [{ type: 'depth', at_ms: -1, venue_symbol: 'A', depth }] }),
  ).toThrow(RangeError)
})

test('a maker put back goes the same way again', () => {
  const clock = manualClock()
  const random = seededStream(5, 'maker')
  let books: Depth[] = []
  const maker = quoteSynthetic({
    instrument: spot,
    clock,
    random,
    target: { setDepth: (_symbol, depth) => books.push(depth), print: () => undefined },
  })
  clock.advance(5_000)
  const saved = { clock: clock.save(), stream: random.save(), maker: maker.save() }
  books = []
  clock.advance(5_000)
  const first = books
  clock.load(saved.clock)
  random.restore(saved.stream)
  maker.restore(saved.maker)
  books = []
  clock.advance(5_000)
  expect(books).toEqual(first)
  maker()
  clock.advance(5_000)
  expect(books).toEqual(first)
})
