import { describe, expect, test } from 'vitest'
import { bench } from './counter-venue.js'

describe('duplicate-event', () => {
  test('private events arrive twice, books once', () => {
    const { plan, socket, publish, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'duplicate-event', venue: 'counter' })
    tellPrivate(1)
    publish()
    expect(client.received.map(({ on }) => on)).toEqual(['private', 'private', 'book'])
  })

  test('copies may come later', () => {
    const { clock, plan, socket, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'duplicate-event', venue: 'counter', times: 3, apart_ms: 10 })
    tellPrivate(1)
    expect(client.received).toHaveLength(1)
    clock.advance(20)
    expect(client.received).toHaveLength(3)
  })
})

describe('reorder-event', () => {
  test('an event arrives after the next one', () => {
    const { plan, socket, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'reorder-event', venue: 'counter', match: { nth: 1, count: 2 } })
    for (const n of [1, 2, 3]) tellPrivate(n)
    expect(client.received.map(({ n }) => n)).toEqual([2, 1, 3])
  })

  test('an event with nothing after it arrives when its time is up', () => {
    const { clock, plan, socket, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'reorder-event', venue: 'counter', at_most_ms: 50 })
    tellPrivate(1)
    clock.advance(49)
    expect(client.received).toEqual([])
    clock.advance(1)
    expect(client.received.map(({ n }) => n)).toEqual([1])
  })
})

describe('drop-event', () => {
  test('only the event that fits is dropped', () => {
    const { plan, socket, tellPrivate } = bench()
    const client = socket()
    plan.inject({ type: 'drop-event', venue: 'counter', match: { nth: 2 } })
    for (const n of [1, 2, 3]) tellPrivate(n)
    expect(client.received.map(({ n }) => n)).toEqual([1, 3])
  })

  test('another account still gets its events', () => {
    const { plan, socket, tellPrivate } = bench()
    const [mine, theirs] = [socket('k1'), socket('k2')]
    plan.inject({ type: 'drop-event', venue: 'counter', account: 'k1' })
    tellPrivate(1)
    expect([mine.received.length, theirs.received.length]).toEqual([0, 1])
  })
})

describe('duplicate-request', () => {
  test('the venue acts twice and the client sees the first answer', async () => {
    const { plan, orders, post } = bench()
    plan.inject({ type: 'duplicate-request', venue: 'counter' })
    expect(await (await post()).text()).toBe('1')
    expect(orders()).toBe(2)
  })
})
