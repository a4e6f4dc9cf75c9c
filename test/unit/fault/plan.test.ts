import { describe, expect, test } from 'vitest'
import type { FaultInput } from '../../../src/fault/kinds.js'
import { FaultError, faultKinds, parseFault } from '../../../src/fault/kinds.js'
import { bench } from './counter-venue.js'

const refusal = (input: unknown): string => {
  try {
    parseFault(input)
  } catch (error) {
    if (error instanceof FaultError) return error.message
    throw error
  }
  return 'taken'
}

describe('a plan entry is checked', () => {
  test('an unknown fault is told with the known ones', () => {
    expect(refusal({ type: 'gremlin', venue: 'counter' })).toMatch(
      /^type: no fault is called "gremlin"; known: latency, /,
    )
  })

  test.each([
    [{ type: 'latency', venue: 'counter', request_ms: -1 }, /^request_ms: /],
    [{ type: 'latency', venue: 'counter', requst_ms: 1 }, /requst_ms/],
    [{ type: 'latency' }, /^venue: /],
    [{ type: 'lost-ack', venue: 'counter', match: { nth: 0 } }, /^match\.nth: /],
    [{ type: 'server-error', venue: 'counter', status: 404 }, /^status: /],
    [{ type: 'drop-event', venue: 'counter', match: { action: 'create-order' } }, /by channel/],
    [{ type: 'lost-ack', venue: 'counter', match: { channel: 'book' } }, /by action or path/],
    [
      { type: 'latency', venue: 'counter', match: { channel: 'book', action: 'other' } },
      /not both/,
    ],
    [null, /^type: /],
  ])('%j is refused by its field', (input, words) => {
    expect(refusal(input)).toMatch(words)
  })

  test('an unknown venue is refused when injected', () => {
    const { plan } = bench()
    expect(() => plan.inject({ type: 'lost-ack', venue: 'nowhere' })).toThrow(
      'venue: no venue is called "nowhere"; known: counter, other',
    )
  })

  test('every kind says what it does and takes its defaults', () => {
    for (const kind of faultKinds.values()) {
      expect(kind.about.length).toBeGreaterThan(10)
      if (kind.type === 'clock-skew') continue
      expect(refusal({ type: kind.type, venue: 'counter' })).toBe('taken')
    }
    expect(faultKinds.size).toBe(18)
  })
})

describe('a plan', () => {
  test('two faults on one request work one inside the other, in order', async () => {
    const { plan, post, orders } = bench()
    plan.inject({ type: 'duplicate-request', venue: 'counter' })
    plan.inject({ type: 'server-error', venue: 'counter', status: 500, acts: 'yes' })
    expect((await post()).status).toBe(500)
    expect(orders()).toBe(2)
  })

  test('the log tells what hit what and when', async () => {
    const { clock, plan, post } = bench()
    const start = clock.now_ns()
    plan.inject({ type: 'server-error', venue: 'counter', after_ms: 5, for_ms: 10 })
    await post()
    clock.advance(5)
    await post()
    clock.advance(10)
    await post()
    expect(plan.log().map(({ ts_ns, on }) => [Number(ts_ns - start) / 1e6, on])).toEqual([
      [5, 'begin'],
      [5, 'create-order'],
      [15, 'end'],
    ])
    expect(plan.list()).toEqual([])
  })

  test('chance draws from its own stream: the same seed hits the same requests', async () => {
    const hitsOf = async (): Promise<number[]> => {
      const { plan, post } = bench()
      plan.inject({ type: 'server-error', venue: 'counter', match: { chance: 0.3 } })
      const statuses: number[] = []
      for (let n = 0; n < 40; n += 1) statuses.push((await post()).status)
      return statuses
    }
    const [once, again] = [await hitsOf(), await hitsOf()]
    expect(once).toEqual(again)
    expect(new Set(once).size).toBe(2)
  })

  test('a saved plan comes back with its counters', async () => {
    const { plan, post } = bench()
    const input: FaultInput = { type: 'server-error', venue: 'counter', match: { nth: 3 } }
    plan.inject(input)
    await post()
    const saved = plan.save()
    const first = [await post(), await post(), await post()].map(({ status }) => status)
    plan.clear()
    plan.restore(saved)
    const second = [await post(), await post(), await post()].map(({ status }) => status)
    expect(first).toEqual([200, 503, 200])
    expect(second).toEqual(first)
  })
})
