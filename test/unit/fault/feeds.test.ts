import { describe, expect, test } from 'vitest'
import { faultySink } from '../../../src/fault/feed.js'
import { bench, notingSink } from './counter-venue.js'

const depth = (bid: bigint, ask: bigint) => ({
  bids: [{ price_1e9: bid, qty_1e8: 1n }],
  asks: [{ price_1e9: ask, qty_1e8: 2n }],
})

describe('feed-gap', () => {
  test('book messages are missing and the sequence shows it', () => {
    const { plan, socket, publish } = bench()
    const client = socket()
    plan.inject({ type: 'feed-gap', venue: 'counter', match: { nth: 2, count: 2 } })
    for (let n = 0; n < 4; n += 1) publish()
    expect(client.received.map(({ seq }) => seq)).toEqual([1, 4])
  })

  test('a feed without a wire says it lost the book, trades pass', () => {
    const { plan } = bench()
    const { sink, lines } = notingSink()
    const feed = faultySink(plan, 'counter', sink)
    plan.inject({ type: 'feed-gap', venue: 'counter', match: { nth: 1 } })
    feed.level('X', 'buy', 1n, 1n, 0n)
    feed.published('X', 0n)
    feed.trade('X', { price_1e9: 1n, qty_1e8: 1n, taker_side: 'buy', ts_ns: 0n })
    feed.snapshot('X', depth(1n, 2n), 0n)
    feed.published('X', 0n)
    expect(lines).toEqual([
      'lost X gap in the feed',
      'lost X gap in the feed',
      'trade X 1 1',
      'snapshot X 1/2',
      'published X',
    ])
  })
})

describe('wrong-checksum', () => {
  test('the sum differs and everything else is as it was', () => {
    const { plan, socket, publish } = bench()
    const client = socket()
    plan.inject({ type: 'wrong-checksum', venue: 'counter', match: { nth: 2 } })
    for (let n = 0; n < 3; n += 1) publish()
    expect(client.received.map(({ sum }) => sum)).toEqual([10, -1, 30])
    expect(client.received.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })
})

describe('stale-feed', () => {
  test('books stand still for the time given and then arrive in order', () => {
    const { clock, plan, socket, publish, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'stale-feed', venue: 'counter', for_ms: 100 })
    publish()
    publish()
    tellPrivate(1)
    clock.advance(99)
    expect(client.received.map(({ on }) => on)).toEqual(['private'])
    clock.advance(1)
    expect(client.received.map(({ seq }) => seq)).toEqual([undefined, 1, 2])
    publish()
    expect(client.received).toHaveLength(4)
  })

  test('a driver feed is held back too, whole messages at a time', () => {
    const { plan } = bench()
    const { sink, lines } = notingSink()
    const feed = faultySink(plan, 'counter', sink)
    const id = plan.inject({ type: 'stale-feed', venue: 'counter' })
    feed.snapshot('X', depth(1n, 2n), 0n)
    feed.published('X', 0n)
    expect(lines).toEqual([])
    plan.clear(id)
    expect(lines).toEqual(['snapshot X 1/2', 'published X'])
  })
})

describe('crossed-feed', () => {
  test('the best bid is published above the best ask', () => {
    const { plan, socket, publish } = bench()
    const client = socket()
    plan.inject({ type: 'crossed-feed', venue: 'counter', match: { nth: 1 } })
    publish()
    publish()
    expect(client.received.map(({ bid, ask }) => [bid, ask])).toEqual([
      [2, 1],
      [1, 2],
    ])
  })

  test('a driver snapshot comes crossed', () => {
    const { plan } = bench()
    const { sink, lines } = notingSink()
    const feed = faultySink(plan, 'counter', sink)
    plan.inject({ type: 'crossed-feed', venue: 'counter' })
    feed.snapshot('X', depth(1n, 2n), 0n)
    expect(lines).toEqual(['snapshot X 2/1'])
  })
})
