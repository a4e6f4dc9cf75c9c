import { describe, expect, test } from 'vitest'
import { faultySink } from '../../../src/fault/feed.js'
import { bench, notingSink } from './counter-venue.js'

describe('disconnect', () => {
  test('open sockets close with the code given; reconnecting is allowed', () => {
    const { plan, socket } = bench()
    const client = socket()
    plan.inject({ type: 'disconnect', venue: 'counter', code: 1012, reason: 'restart' })
    expect(client.closed).toEqual([{ code: 1012, reason: 'restart' }])
    expect(socket().refused).toBeNull()
  })

  test('a closed socket hears nothing more, even what was under way', () => {
    const { clock, plan, socket, publish } = bench()
    const client = socket()
    plan.inject({ type: 'latency', venue: 'counter', answer_ms: 10 })
    publish()
    plan.inject({ type: 'disconnect', venue: 'counter' })
    clock.advance(20)
    publish()
    expect(client.received).toEqual([])
  })

  test('it can be scheduled, for one account, with reconnecting refused', () => {
    const { clock, plan, socket } = bench()
    const [mine, theirs] = [socket('k1'), socket('k2')]
    plan.inject({
      type: 'disconnect',
      venue: 'counter',
      account: 'k1',
      after_ms: 10,
      for_ms: 10,
      reconnect: 'refused',
    })
    expect(mine.closed).toEqual([])
    clock.advance(10)
    expect([mine.closed.length, theirs.closed.length]).toEqual([1, 0])
    expect(socket('k1').refused).toEqual({ status: 503 })
    clock.advance(10)
    expect(socket('k1').refused).toBeNull()
  })
})

describe('throttle', () => {
  test("the venue's own 429 comes when the budget of the window is spent", async () => {
    const { clock, plan, post, orders } = bench()
    plan.inject({ type: 'throttle', venue: 'counter', budget: 2, window_ms: 1_000 })
    const statuses = [await post(), await post(), await post()].map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 429])
    clock.advance(1_000)
    const answer = await post()
    expect(answer.status).toBe(200)
    expect(orders()).toBe(3)
  })

  test('headers and words are the venue’s, on a socket too', async () => {
    const { plan, post, socket, orders } = bench()
    const client = socket()
    plan.inject({ type: 'throttle', venue: 'counter' })
    const answer = await post()
    expect([answer.headers.get('retry-after'), await answer.text()]).toEqual(['1', 'slow down'])
    client.send({ do: 'order' })
    expect(client.received).toEqual([{ on: 'reply', refused: 'throttled' }])
    expect(orders()).toBe(0)
  })
})

describe('server-error', () => {
  test('a status is given, or the venue’s own overload answer', async () => {
    const { plan, post, orders } = bench()
    const id = plan.inject({ type: 'server-error', venue: 'counter', status: 502 })
    expect((await post()).status).toBe(502)
    plan.clear(id)
    plan.inject({ type: 'server-error', venue: 'counter' })
    expect(await (await post()).text()).toBe('overload')
    expect(orders()).toBe(0)
  })

  test('the venue may have acted', async () => {
    const { plan, post, orders } = bench()
    plan.inject({ type: 'server-error', venue: 'counter', status: 504, acts: 'yes' })
    expect((await post()).status).toBe(504)
    expect(orders()).toBe(1)
  })
})

describe('maintenance', () => {
  test('a window closes sockets, refuses everything, and ends by itself', async () => {
    const { clock, plan, post, socket } = bench()
    const client = socket()
    plan.inject({ type: 'maintenance', venue: 'counter', after_ms: 100, for_ms: 100 })
    expect((await post()).status).toBe(200)
    clock.advance(100)
    expect(client.closed).toEqual([{ code: 1001, reason: 'maintenance' }])
    expect(await (await post()).text()).toBe('maintenance')
    expect(socket().refused).toEqual({ status: 503 })
    clock.advance(100)
    expect((await post()).status).toBe(200)
    expect(socket().refused).toBeNull()
  })

  test('a driver feed goes silent after saying its book is lost', () => {
    const { plan } = bench()
    const { sink, lines } = notingSink()
    const feed = faultySink(plan, 'counter', sink)
    plan.inject({ type: 'maintenance', venue: 'counter' })
    feed.snapshot('X', { bids: [], asks: [] }, 0n)
    feed.published('X', 0n)
    expect(lines).toEqual(['lost X maintenance'])
  })
})

describe('outage', () => {
  test('order entry fails while public reads work', async () => {
    const { plan, venue, post } = bench()
    plan.inject({ type: 'outage', venue: 'counter', part: 'orders' })
    expect((await post()).status).toBe(503)
    expect((await venue.fetch(new Request('http://counter/book'))).status).toBe(200)
  })

  test('everything down refuses connections of both kinds', async () => {
    const { plan, post, socket } = bench()
    const client = socket()
    plan.inject({ type: 'outage', venue: 'counter' })
    await expect(post()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(client.closed).toEqual([{ code: 1006, reason: '' }])
    expect(socket().refused).toEqual({ status: 503 })
  })

  test('market data stands still while private events pass', () => {
    const { plan, socket, publish, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'outage', venue: 'counter', part: 'market-data' })
    publish()
    tellPrivate(1)
    expect(client.received).toEqual([{ on: 'private', n: 1 }])
  })
})

describe('clock-skew', () => {
  test('the venue’s clock is off by the skew, everybody else’s is not', () => {
    const { clock, plan } = bench()
    const theirs = plan.worldOf('counter').clock
    plan.inject({ type: 'clock-skew', venue: 'counter', skew_ms: -5_000, for_ms: 1_000 })
    expect(theirs.now_ms() - clock.now_ms()).toBe(-5_000)
    expect(theirs.now_ns() - clock.now_ns()).toBe(-5_000_000_000n)
    expect(plan.clockOf('other').now_ms()).toBe(clock.now_ms())
    clock.advance(1_000)
    expect(theirs.now_ms()).toBe(clock.now_ms())
  })
})

describe('failed-settlement', () => {
  test('the nth trade fails to settle', () => {
    const { plan } = bench('deferred')
    plan.inject({ type: 'failed-settlement', venue: 'counter', match: { nth: 2 } })
    expect([1, 2, 3].map(() => plan.settles('counter'))).toEqual([true, false, true])
  })

  test('a venue that settles at once refuses it', () => {
    const { plan } = bench()
    expect(() => plan.inject({ type: 'failed-settlement', venue: 'counter' })).toThrow(
      'counter settles at once',
    )
  })
})
