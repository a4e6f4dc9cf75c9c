import { expect, test } from 'vitest'
import type { MarketEvent } from '../../../src/market/hub.js'
import { MarketHub } from '../../../src/market/market-hub.js'
import { manualClock } from '../../../src/world/clock.js'

const level = (price: number, qty: number) => ({
  price_1e9: BigInt(price) * 1_000_000_000n,
  qty_1e8: BigInt(qty) * 100_000_000n,
})

function setup() {
  const clock = manualClock(1_000n)
  const hub = new MarketHub(clock)
  const seen: MarketEvent[] = []
  const stop = hub.subscribe((event) => seen.push(event))
  return { clock, hub, seen, stop, feed: hub.feed('alpha') }
}

test('a book nobody published is absent', () => {
  const { hub } = setup()
  expect(hub.book('alpha', 'X')).toBeUndefined()
  expect(hub.age_ns('alpha', 'X')).toBeUndefined()
})

test('a snapshot sorts both sides best first and drops empty levels', () => {
  const { hub, feed } = setup()
  feed.snapshot(
    'X',
    { bids: [level(8, 1), level(9, 2), level(7, 0)], asks: [level(12, 1), level(11, 3)] },
    5n,
  )
  const book = hub.book('alpha', 'X')
  expect(book?.depth.bids).toEqual([level(9, 2), level(8, 1)])
  expect(book?.depth.asks).toEqual([level(11, 3), level(12, 1)])
  expect(book?.live).toBe(true)
})

test('a level tells the size it had before', () => {
  const { feed, seen } = setup()
  feed.snapshot('X', { bids: [level(9, 2)], asks: [] }, 5n)
  feed.level('X', 'buy', level(9, 2).price_1e9, 0n, 6n)
  expect(seen.at(-1)).toMatchObject({ type: 'level', before_1e8: 200_000_000n, qty_1e8: 0n })
})

test('age is measured on the clock, from the last message about the book', () => {
  const { clock, hub, feed } = setup()
  feed.snapshot('X', { bids: [], asks: [] }, 999_999n)
  clock.advance(3)
  expect(hub.age_ns('alpha', 'X')).toBe(3_000_000n)
  feed.level('X', 'buy', level(9, 1).price_1e9, 1n, 0n)
  expect(hub.age_ns('alpha', 'X')).toBe(0n)
})

test('a trade is told and leaves the age of the book alone', () => {
  const { clock, hub, feed, seen } = setup()
  feed.snapshot('X', { bids: [], asks: [] }, 0n)
  clock.advance(3)
  feed.trade('X', { price_1e9: 1n, qty_1e8: 2n, taker_side: 'sell', ts_ns: 7n })
  expect(seen.at(-1)).toEqual({
    type: 'trade',
    venue: 'alpha',
    venue_symbol: 'X',
    price_1e9: 1n,
    qty_1e8: 2n,
    taker_side: 'sell',
    ts_ns: 7n,
  })
  expect(hub.age_ns('alpha', 'X')).toBe(3_000_000n)
})

test('a lost book is not live and drops level changes until the next snapshot', () => {
  const { hub, feed, seen } = setup()
  feed.snapshot('X', { bids: [level(9, 2)], asks: [] }, 5n)
  feed.lost('X', 'gap')
  feed.level('X', 'buy', level(9, 2).price_1e9, 7n, 6n)
  feed.published('X', 6n)
  expect(hub.book('alpha', 'X')?.live).toBe(false)
  expect(hub.book('alpha', 'X')?.depth.bids).toEqual([level(9, 2)])
  expect(seen.map(({ type }) => type)).toEqual(['snapshot', 'lost'])
  feed.snapshot('X', { bids: [level(8, 1)], asks: [] }, 7n)
  expect(hub.book('alpha', 'X')?.live).toBe(true)
})

test('a level before the first snapshot makes no book', () => {
  const { hub, feed } = setup()
  feed.level('X', 'buy', 9n, 7n, 6n)
  expect(hub.book('alpha', 'X')).toBeUndefined()
})

test('a stopped listener hears nothing more', () => {
  const { feed, seen, stop } = setup()
  stop()
  feed.snapshot('X', { bids: [], asks: [] }, 5n)
  expect(seen).toEqual([])
})

test('a forgotten book is lost and then absent', () => {
  const { hub, seen } = setup()
  hub.publish('alpha', 'X', { bids: [], asks: [] })
  hub.forget('alpha', 'X')
  expect(hub.book('alpha', 'X')).toBeUndefined()
  expect(seen.at(-1)?.type).toBe('lost')
})

test('saved books come back as they were', () => {
  const { hub, feed } = setup()
  hub.publish('alpha', 'X', { bids: [level(9, 2)], asks: [level(10, 2)] })
  const saved = hub.save()
  feed.level('X', 'buy', level(9, 2).price_1e9, 0n, 6n)
  hub.publish('beta', 'Y', { bids: [], asks: [] })
  hub.restore(saved)
  expect(hub.save()).toEqual(saved)
  expect(hub.book('beta', 'Y')).toBeUndefined()
})

test('a change of a market is told once, with what it was', () => {
  const { hub, feed } = setup()
  feed.snapshot('X', { bids: [], asks: [] }, 1n)
  const told: unknown[] = []
  hub.subscribe((event) => event.type === 'state' && told.push([event.before, event.state]))
  feed.state?.('X', 'open', 2n)
  feed.state?.('X', 'paused', 3n)
  feed.state?.('X', 'paused', 4n)
  feed.state?.('X', 'open', 5n)
  expect(told).toEqual([
    ['open', 'paused'],
    ['paused', 'open'],
  ])
})

test('the last prices quoted stay known when nobody quotes any more', () => {
  const { hub } = setup()
  const seen = () => {
    const { mid_1e9, quoted_1e9 } = hub.book('alpha', 'X') ?? {}
    return [mid_1e9, quoted_1e9]
  }
  const price = (cents: number) => level(cents, 1).price_1e9
  hub.publish('alpha', 'X', { bids: [], asks: [] })
  expect(seen()).toEqual([undefined, undefined])
  hub.publish('alpha', 'X', { bids: [level(8, 1)], asks: [level(10, 1)] })
  expect(seen()).toEqual([price(9), price(9)])
  hub.publish('alpha', 'X', { bids: [level(7, 1)], asks: [] })
  expect(seen()).toEqual([price(9), price(7)])
  hub.publish('alpha', 'X', { bids: [], asks: [] })
  expect(seen()).toEqual([price(9), price(7)])
  hub.restore(hub.save())
  expect(seen()).toEqual([price(9), price(7)])
})

test('a market state told before the first book belongs to that book', () => {
  const { hub, feed } = setup()
  feed.state?.('X', 'paused', 1n)
  expect(hub.book('alpha', 'X')).toBeUndefined()
  feed.snapshot('X', { bids: [], asks: [] }, 2n)
  expect(hub.book('alpha', 'X')?.state).toBe('paused')
  feed.state?.('X', 'open', 3n)
  expect(hub.book('alpha', 'X')?.state).toBe('open')
})
