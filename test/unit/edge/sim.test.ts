import { describe, expect, test } from 'vitest'
import { profiles } from '../../../src/adversary/profile.js'
import type { MarketState } from '../../../src/engine/command.js'
import {
  book,
  child,
  event,
  fillsOf,
  level,
  P,
  Q,
  SYMBOL,
  simSetup,
  typesOf,
  VENUE,
} from '../../support/sim-world.js'

const depth = book(
  [
    [99, 2],
    [98, 3],
  ],
  [
    [100, 1],
    [101, 2],
    [103, 5],
  ],
)

describe('takers', () => {
  test('a market buy walks the asks, one fill per level at that level’s price', () => {
    const { submit } = simSetup({ depth })
    const events = submit(child('buy', 4, null))
    expect(typesOf(events)).toEqual(['acked', 'filled', 'filled', 'filled'])
    expect(fillsOf(events)).toEqual(['100 x 1 taker', '101 x 2 taker', '103 x 1 taker'])
  })

  test('the fee is the venue’s on each fill', () => {
    const { submit } = simSetup({ depth })
    const [, fill] = submit(child('buy', 1, null))
    expect(fill).toMatchObject({ fee_1e8: 40_000_000n, qty_1e8: Q, price_1e9: 100n * P })
  })

  test('a market order that empties the book loses its rest to no liquidity', () => {
    const { submit } = simSetup({ depth })
    const events = submit(child('sell', 9, null))
    expect(typesOf(events)).toEqual(['acked', 'filled', 'filled', 'cancelled no-liquidity'])
  })

  test('a market order on an empty side gets nothing', () => {
    const { submit } = simSetup({ depth: book([[99, 1]], []) })
    expect(typesOf(submit(child('buy', 1, null)))).toEqual(['acked', 'cancelled no-liquidity'])
  })

  test('a protection price stops the walk', () => {
    const { submit } = simSetup({ depth })
    const order = child('buy', 4, null, { protection_price_1e9: 101n * P })
    expect(fillsOf(submit(order))).toEqual(['100 x 1 taker', '101 x 2 taker'])
  })

  test('a limit stops the walk and the rest of an IOC is cancelled', () => {
    const { submit } = simSetup({ depth })
    const events = submit(child('buy', 4, 101, { time_in_force: 'ioc' }))
    expect(typesOf(events)).toEqual(['acked', 'filled', 'filled', 'cancelled ioc-unfilled'])
  })

  test('a FOK that cannot fill whole fills nothing', () => {
    const { submit } = simSetup({ depth })
    const events = submit(child('buy', 4, 101, { time_in_force: 'fok' }))
    expect(typesOf(events)).toEqual(['acked', 'cancelled fok-unfilled'])
  })

  test('a FOK that can fill whole does', () => {
    const { submit } = simSetup({ depth })
    const events = submit(child('buy', 3, 101, { time_in_force: 'fok' }))
    expect(fillsOf(events)).toEqual(['100 x 1 taker', '101 x 2 taker'])
  })

  test('a budget, fees included, is never exceeded and spends whole lots', () => {
    const { submit } = simSetup({ depth })
    // 1 at 100 costs 100.40; 0.98 at 101 costs 99.37592, 0.99 would make 200.79.
    const order = child('buy', 4, null, { budget_1e8: 200n * Q })
    const events = submit(order)
    expect(fillsOf(events)).toEqual(['100 x 1 taker', '101 x 0.98 taker'])
    expect(typesOf(events).at(-1)).toBe('cancelled ioc-unfilled')
  })

  test('a fill is explained with exact bounds', () => {
    const { submit } = simSetup({ depth })
    const [, fill] = submit(child('buy', 1, null))
    expect(fill).toMatchObject({
      explanation: {
        rule: 'took a level of the book',
        qty_lower_1e8: Q,
        qty_upper_1e8: Q,
        price_lower_1e9: 100n * P,
        price_upper_1e9: 100n * P,
        queue_ahead_1e8: [],
      },
    })
  })
})

describe('books', () => {
  test('a missing, a lost and a stale book refuse the order', () => {
    const { submit, hub, clock, feed } = simSetup()
    expect(typesOf(submit(child('buy', 1, 100)))).toEqual(['rejected stale-book'])
    hub.publish(VENUE, SYMBOL, depth)
    clock.advance(2000)
    expect(typesOf(submit(child('buy', 1, 90)))).toEqual(['acked'])
    clock.advance(1)
    expect(typesOf(submit(child('buy', 1, 90)))).toEqual(['rejected stale-book'])
    hub.publish(VENUE, SYMBOL, depth)
    feed.lost(SYMBOL, 'gap')
    expect(typesOf(submit(child('buy', 1, 90)))).toEqual(['rejected stale-book'])
  })

  test('a market that is paused refuses, and a limit-only one refuses market orders', () => {
    const { submit, feed } = simSetup({ depth })
    feed.state?.(SYMBOL, 'paused', 0n)
    expect(typesOf(submit(child('buy', 1, 90)))).toEqual(['rejected venue-paused'])
    feed.state?.(SYMBOL, 'limit-only', 0n)
    expect(typesOf(submit(child('buy', 1, null)))).toEqual(['rejected market-mode'])
    expect(typesOf(submit(child('buy', 1, 90)))).toEqual(['acked'])
  })

  test('an unknown venue refuses', () => {
    const { submit } = simSetup({ depth })
    expect(typesOf(submit(child('buy', 1, 1, { venue: 'omega' })))).toEqual([
      'rejected venue-unavailable',
    ])
  })
})

describe('event markets', () => {
  const yes = book([[0.4, 10]], [[0.42, 10]])
  const no = (side: 'buy' | 'sell', qty: number, price: number | null) =>
    child(side, qty, price, { instrument: event, outcome: 'NO', time_in_force: 'ioc' })

  test('buying NO takes the YES bids at the complement', () => {
    const { submit } = simSetup({ depth: yes })
    expect(fillsOf(submit(no('buy', 2, null)))).toEqual(['0.6 x 2 taker'])
  })

  test('a NO limit is compared in NO terms', () => {
    const { submit } = simSetup({ depth: yes })
    expect(fillsOf(submit(no('buy', 2, 0.59)))).toEqual([])
    expect(fillsOf(submit(no('buy', 2, 0.6)))).toEqual(['0.6 x 2 taker'])
    expect(fillsOf(submit(no('sell', 2, 0.58)))).toEqual(['0.58 x 2 taker'])
  })

  test('a resting NO bid fills at its own price in NO terms', () => {
    const { submit, trade, events } = simSetup({ depth: yes })
    submit({ ...no('buy', 2, 0.59), time_in_force: 'gtc' })
    trade('buy', 0.41, 1)
    expect(fillsOf(events)).toEqual(['0.59 x 1 maker'])
  })
})

describe('post-only', () => {
  test('one that would cross is refused where the venue refuses', () => {
    const { submit } = simSetup({ depth })
    const order = child('buy', 1, 100, { post_only: true })
    expect(typesOf(submit(order))).toEqual(['rejected would-cross'])
  })

  test('one that would cross is taken and cancelled where the venue does so', () => {
    const { submit } = simSetup({ depth, capabilities: { post_only: 'accept-then-cancel' } })
    const order = child('buy', 1, 100, { post_only: true })
    expect(typesOf(submit(order))).toEqual(['acked', 'cancelled would-cross'])
  })

  test('one is not offered where the venue has none', () => {
    const { submit } = simSetup({ depth, capabilities: { post_only: 'none' } })
    const order = child('buy', 1, 99, { post_only: true })
    expect(typesOf(submit(order))).toEqual(['rejected unsupported-order'])
  })

  test('one that would cross an own resting order is refused too', () => {
    const { submit } = simSetup({ depth })
    submit(child('sell', 1, 99.5))
    const order = child('buy', 1, 99.5, { post_only: true })
    expect(typesOf(submit(order))).toEqual(['rejected would-cross'])
  })
})

describe('resting orders', () => {
  test('one fills only after what was shown ahead of it has traded', () => {
    const { submit, trade, set, events } = simSetup({ depth })
    submit(child('buy', 1, 99))
    trade('sell', 99, 2)
    set('buy', 99, 0)
    expect(fillsOf(events)).toEqual([])
    set('buy', 99, 4)
    trade('sell', 99, 0.5)
    expect(fillsOf(events)).toEqual(['99 x 0.5 maker'])
    trade('sell', 99, 3)
    expect(fillsOf(events)).toEqual(['99 x 0.5 maker', '99 x 0.5 maker'])
  })

  test('a trade that goes beyond the queue fills the overflow', () => {
    const { submit, trade, events } = simSetup({ depth })
    submit(child('buy', 1, 99))
    trade('sell', 99, 2.3)
    expect(fillsOf(events)).toEqual(['99 x 0.3 maker'])
  })

  test('trades by the same side do nothing to a queue', () => {
    const { submit, trade, events } = simSetup({ depth })
    submit(child('buy', 1, 99))
    trade('buy', 99, 9)
    expect(fillsOf(events)).toEqual([])
  })

  test('a trade through the price fills at the limit', () => {
    const { submit, trade, events } = simSetup({ depth })
    submit(child('buy', 1, 99))
    trade('sell', 98, 0.4)
    expect(fillsOf(events)).toEqual(['99 x 0.4 maker'])
  })

  test('a quote at the price fills what it shows, once', () => {
    const { submit, set, events } = simSetup({ depth: book([[98, 1]], [[100, 1]]) })
    submit(child('buy', 3, 99))
    set('sell', 99, 1)
    set('sell', 99, 1)
    set('sell', 99, 1.5)
    expect(fillsOf(events)).toEqual(['99 x 1 maker', '99 x 0.5 maker'])
  })

  test('the rest of a limit order lies in the queue and does not eat the same level twice', () => {
    const { submit, set, events } = simSetup({ depth })
    submit(child('buy', 3, 100))
    set('sell', 104, 1)
    expect(fillsOf(events)).toEqual(['100 x 1 taker'])
    set('sell', 100, 1.25)
    expect(fillsOf(events)).toEqual(['100 x 1 taker', '100 x 0.25 maker'])
  })

  test('one flow fills two own orders once, the better price first', () => {
    const { submit, trade, events } = simSetup({ depth: book([[98, 1]], [[101, 1]]) })
    const low = child('buy', 1, 99)
    const high = child('buy', 1, 100)
    submit(low)
    submit(high)
    trade('sell', 99, 1.5)
    expect(fillsOf(events, high.child_id)).toEqual(['100 x 1 maker'])
    expect(fillsOf(events, low.child_id)).toEqual(['99 x 0.5 maker'])
  })

  test('at one price the earlier own order goes first', () => {
    const { submit, trade, events } = simSetup({ depth: book([[98, 1]], [[101, 1]]) })
    const first = child('buy', 1, 99)
    const second = child('buy', 1, 99)
    submit(first)
    submit(second)
    trade('sell', 99, 1.5)
    expect(fillsOf(events, first.child_id)).toEqual(['99 x 1 maker'])
    expect(fillsOf(events, second.child_id)).toEqual(['99 x 0.5 maker'])
  })

  test('cancelling an earlier own order moves the later one up', () => {
    const { submit, sim, trade, events } = simSetup({ depth: book([[98, 1]], [[101, 1]]) })
    const first = child('buy', 1, 99)
    submit(first)
    submit(child('buy', 1, 99))
    sim.cancel(first.child_id)
    trade('sell', 99, 0.5)
    expect(fillsOf(events)).toEqual(['99 x 0.5 maker'])
  })

  test('clients do not stand in each other’s way', () => {
    const { submit, trade, events } = simSetup({ depth: book([[98, 1]], [[101, 1]]) })
    submit(child('buy', 1, 99, { client_id: 'a' }))
    submit(child('buy', 1, 99, { client_id: 'b' }))
    submit(child('sell', 1, 99, { client_id: 'c' }))
    trade('sell', 99, 1)
    expect(fillsOf(events)).toEqual(['99 x 1 maker', '99 x 1 maker'])
  })

  test('a whole new book moves queues like single levels', () => {
    const { submit, hub, trade, events } = simSetup({ depth })
    submit(child('buy', 1, 99))
    hub.publish(VENUE, SYMBOL, book([[99, 0.5]], [[100, 1]]))
    trade('sell', 99, 1)
    expect(fillsOf(events)).toEqual(['99 x 0.5 maker'])
  })

  test('a maker fill tells its queue and its bounds', () => {
    const { submit, set, trade, events } = simSetup({ depth })
    submit(child('buy', 2, 99))
    // One of the two ahead may have been cancelled, or one that joined behind: nobody joined, so it was ahead.
    set('buy', 99, 3)
    set('buy', 99, 2)
    trade('sell', 99, 2)
    expect(events.at(-1)).toMatchObject({
      type: 'filled',
      qty_1e8: Q,
      explanation: { qty_lower_1e8: 0n, qty_upper_1e8: Q, queue_ahead_1e8: [2n * Q, Q, 0n] },
    })
  })

  test('a cancel ends the order once', () => {
    const { submit, sim, events } = simSetup({ depth })
    const order = child('buy', 1, 99)
    submit(order)
    sim.cancel(order.child_id)
    sim.cancel(order.child_id)
    expect(typesOf(events)).toEqual(['acked', 'cancelled requested'])
    expect(sim.open).toBe(0)
  })

  test('a GTD order expires on the clock', () => {
    const { submit, clock, events } = simSetup({ depth })
    const expire_ts_ns = clock.now_ns() + 1_500_000_000n
    submit(child('buy', 1, 99, { time_in_force: 'gtd', expire_ts_ns }))
    clock.advance(1499)
    expect(typesOf(events)).toEqual(['acked'])
    clock.advance(1)
    expect(typesOf(events)).toEqual(['acked', 'expired'])
    expect(events.at(-1)?.ts_ns).toBe(expire_ts_ns)
  })

  test('an order that has expired before it arrives is refused', () => {
    const { submit, clock } = simSetup({ depth })
    const order = child('buy', 1, 99, { time_in_force: 'gtd', expire_ts_ns: clock.now_ns() })
    expect(typesOf(submit(order))).toEqual(['rejected expired'])
  })
})

describe('a book as an account sees it', () => {
  test('lacks what the account took, and nothing for anybody else', () => {
    const { submit, sim, hub } = simSetup({ depth })
    const book = hub.book(VENUE, SYMBOL)
    if (book === undefined) throw new Error('no book')
    const seen = (client_id: string) => sim.seenBy?.({ client_id, is_sandbox: true }, book)
    expect(seen('client')).toBe(book.depth)
    const order = child('buy', 3, null)
    submit(order)
    const [best] = depth.asks
    const taken = 3n * Q
    const left = depth.asks.reduce((sum, level) => sum + level.qty_1e8, 0n) - taken
    const own = seen(order.client_id)
    expect(own?.asks.reduce((sum, level) => sum + level.qty_1e8, 0n)).toBe(left)
    expect(own?.asks[0]?.price_1e9).not.toBe(best?.price_1e9)
    expect(own?.bids).toEqual(depth.bids)
    expect(seen('other')).toBe(book.depth)
  })

  test('lacks it without adversaries too: what is left bounds the next order', () => {
    const { submit } = simSetup({ depth: book([], [[100, 10]]), profile: profiles.realistic })
    submit(child('buy', 4, null))
    const [, fill] = submit(child('buy', 8, 100))
    expect(fill).toMatchObject({ qty_1e8: 6n * Q, explanation: { qty_upper_1e8: 6n * Q } })
  })

  test('what an account takes at a price moves its own order there forward', () => {
    const { submit, trade, events } = simSetup({ depth: book([], [[100, 5]]) })
    const resting = child('sell', 1, 100)
    submit(resting)
    submit(child('buy', 3, null))
    trade('buy', 100, 3)
    expect(fillsOf(events, resting.child_id)).toEqual(['100 x 1 maker'])
  })

  test('an amendment into an own order is refused where the venue does so', () => {
    const { submit, sim, events } = simSetup({ depth, capabilities: { amend_into_own: 'refuse' } })
    const bid = child('buy', 1, 98)
    submit(child('sell', 1, 99.5))
    submit(bid)
    sim.amend(bid.child_id, { qty_1e8: Q, limit_price_1e9: level(99.5, 1).price_1e9 })
    expect(events.at(-1)).toMatchObject({ type: 'amend-rejected', code: 'self-trade' })
  })
})

describe('market changes', () => {
  const resting = (cancels_resting?: readonly ('closed' | 'reopened')[]) => {
    const setup = simSetup({ depth, ...(cancels_resting && { capabilities: { cancels_resting } }) })
    const state = (to: MarketState) => setup.feed.state?.(SYMBOL, to, setup.clock.now_ns())
    setup.submit(child('buy', 1, 99))
    setup.submit(child('sell', 1, 101))
    return { ...setup, state }
  }
  const ENDS = ['cancelled venue', 'cancelled venue']
  const ACKS = ['acked', 'acked']

  test('a close ends what rests, where the venue does so', () => {
    const { state, events, sim } = resting(['closed'])
    state('paused')
    state('open')
    expect(typesOf(events)).toEqual(ACKS)
    state('closed')
    state('settled')
    expect(typesOf(events)).toEqual([...ACKS, ...ENDS])
    expect(sim.open).toBe(0)
  })

  test('an end of a pause does, where the venue does so', () => {
    const { state, events } = resting(['reopened'])
    state('cancel-only')
    state('open')
    expect(typesOf(events)).toEqual(ACKS)
    state('halted')
    expect(typesOf(events)).toEqual(ACKS)
    state('open')
    expect(typesOf(events)).toEqual([...ACKS, ...ENDS])
  })

  test('elsewhere orders stay', () => {
    const { state, events } = resting()
    state('paused')
    state('open')
    state('closed')
    expect(typesOf(events)).toEqual(ACKS)
  })
})

describe('amends', () => {
  const amend = (qty: number, price: number) => ({
    qty_1e8: level(1, qty).qty_1e8,
    limit_price_1e9: level(price, 1).price_1e9,
  })

  test('less size at the same price keeps the place', () => {
    const { submit, sim, set, trade, events } = simSetup({ depth })
    const order = child('buy', 2, 99)
    submit(order)
    set('buy', 99, 9)
    sim.amend(order.child_id, amend(1, 99))
    expect(events.at(-1)).toMatchObject({ type: 'amended', mode: 'native_atomic', qty_1e8: Q })
    trade('sell', 99, 9)
    expect(fillsOf(events)).toEqual(['99 x 1 maker'])
  })

  test('more size goes to the back of the queue', () => {
    const { submit, sim, set, trade, events } = simSetup({ depth })
    const order = child('buy', 1, 99)
    submit(order)
    set('buy', 99, 9)
    sim.amend(order.child_id, amend(2, 99))
    expect(events.at(-1)).toMatchObject({ type: 'amended', mode: 'cancel_replace' })
    trade('sell', 99, 9)
    expect(fillsOf(events)).toEqual([])
  })

  test('a price that crosses takes', () => {
    const { submit, sim, events } = simSetup({ depth })
    const order = child('buy', 1, 99)
    submit(order)
    sim.amend(order.child_id, amend(1, 101))
    expect(fillsOf(events)).toEqual(['100 x 1 taker'])
  })

  test('a post-only order is not amended into crossing', () => {
    const { submit, sim, trade, events } = simSetup({ depth })
    const order = child('buy', 1, 99, { post_only: true })
    submit(order)
    sim.amend(order.child_id, amend(1, 100))
    expect(typesOf(events)).toEqual(['acked', 'amend-rejected would-cross'])
    trade('sell', 98, 1)
    expect(fillsOf(events)).toEqual(['99 x 1 maker'])
  })

  test('a venue that cannot amend says so', () => {
    const { submit, sim, events } = simSetup({ depth, capabilities: { amend: 'none' } })
    const order = child('buy', 1, 99)
    submit(order)
    sim.amend(order.child_id, amend(2, 99))
    expect(typesOf(events)).toEqual(['acked', 'amend-rejected not-amendable'])
  })

  test('a size at or below what has filled is refused', () => {
    const { submit, sim, trade, events } = simSetup({ depth: book([[98, 1]], [[100, 1]]) })
    const order = child('buy', 2, 99)
    submit(order)
    trade('sell', 99, 1)
    sim.amend(order.child_id, amend(1, 99))
    expect(typesOf(events).at(-1)).toBe('amend-rejected bad-request')
  })
})

describe('own orders', () => {
  const thin = book([[90, 1]], [[100, 1]])
  const meet = (
    self_trade: 'cancel-taker' | 'cancel-maker' | 'cancel-both' | 'decrement' | 'allow',
  ) => {
    const setup = simSetup({ depth: thin, capabilities: { self_trade } })
    const maker = child('sell', 2, 99)
    setup.submit(maker)
    const taker = child('buy', 3, 100)
    setup.submit(taker)
    const of = (id: string) => setup.events.filter(({ child_id }) => child_id === id)
    return { maker: of(maker.child_id), taker: of(taker.child_id) }
  }

  test('the taker gives way', () => {
    const { maker, taker } = meet('cancel-taker')
    expect(typesOf(taker)).toEqual(['acked', 'cancelled self-trade'])
    expect(typesOf(maker)).toEqual(['acked'])
  })

  test('the maker gives way', () => {
    const { maker, taker } = meet('cancel-maker')
    expect(typesOf(maker)).toEqual(['acked', 'cancelled self-trade'])
    expect(fillsOf(taker)).toEqual(['100 x 1 taker'])
  })

  test('both give way', () => {
    const { maker, taker } = meet('cancel-both')
    expect(typesOf(maker)).toEqual(['acked', 'cancelled self-trade'])
    expect(typesOf(taker)).toEqual(['acked', 'cancelled self-trade'])
  })

  test('both lose the smaller size', () => {
    const { maker, taker } = meet('decrement')
    expect(typesOf(maker)).toEqual(['acked', 'cancelled self-trade'])
    expect(fillsOf(taker)).toEqual(['100 x 1 taker'])
  })

  test('they trade where the venue lets them', () => {
    const { maker, taker } = meet('allow')
    expect(fillsOf(maker)).toEqual(['99 x 2 maker'])
    expect(fillsOf(taker)).toEqual(['99 x 2 taker', '100 x 1 taker'])
  })

  test('public size ahead of the own order trades first', () => {
    const { submit } = simSetup({ depth: book([[90, 1]], [[100, 1]]) })
    submit(child('sell', 2, 100))
    const events = submit(child('buy', 3, 100))
    expect(fillsOf(events)).toEqual(['100 x 1 taker'])
    expect(typesOf(events).at(-1)).toBe('cancelled self-trade')
  })
})

describe('reduce-only', () => {
  const held = (position: bigint) => ({ depth, positionOf: () => position })

  test('nothing to close refuses the order', () => {
    const { submit } = simSetup(held(0n))
    const order = child('sell', 1, null, { reduce_only: true })
    expect(typesOf(submit(order))).toEqual(['acked', 'cancelled not-reducing'])
  })

  test('a larger order closes what there is and gives up the rest', () => {
    const { submit } = simSetup(held(Q / 2n))
    const events = submit(child('sell', 1, null, { reduce_only: true }))
    expect(fillsOf(events)).toEqual(['99 x 0.5 taker'])
    expect(typesOf(events).at(-1)).toBe('cancelled not-reducing')
  })

  test('a resting one ends when the position is gone', () => {
    let position = Q
    const { submit, trade, events } = simSetup({ depth, positionOf: () => position })
    submit(child('sell', 1, 102, { reduce_only: true }))
    position = 0n
    trade('buy', 102, 1)
    expect(typesOf(events)).toEqual(['acked', 'cancelled not-reducing'])
  })

  test('a venue without it refuses', () => {
    const { submit } = simSetup({ depth, capabilities: { reduce_only: 'none' } })
    const order = child('sell', 1, 102, { reduce_only: true })
    expect(typesOf(submit(order))).toEqual(['rejected unsupported-order'])
  })
})

describe('restarts', () => {
  test('an adopted order rests at the back without an answer and keeps what it had filled', () => {
    const { sim, trade, events } = simSetup({ depth })
    sim.adopt(child('buy', 2, 99), Q)
    expect(events).toEqual([])
    trade('sell', 99, 5)
    expect(fillsOf(events)).toEqual(['99 x 1 maker'])
    expect(sim.open).toBe(0)
  })

  test('an adopted order that the market crossed meanwhile fills at its own limit, never better', () => {
    const { sim, events } = simSetup({ depth: book([], [[97, 5]]) })
    sim.adopt(child('buy', 2, 99), 0n)
    expect(fillsOf(events)).toEqual(['99 x 2 maker'])
  })
})

test('a child id used twice is misuse', () => {
  const { sim } = simSetup({ depth })
  const order = child('buy', 1, 99)
  sim.submit(order)
  expect(() => sim.submit(order)).toThrow(/submitted twice/)
})

test('a closed simulator no longer follows the books', () => {
  const { sim, submit, trade, events } = simSetup({ depth })
  submit(child('buy', 1, 99))
  sim.close()
  trade('sell', 90, 5)
  expect(typesOf(events)).toEqual(['acked'])
})
