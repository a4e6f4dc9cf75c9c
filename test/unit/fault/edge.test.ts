import { expect, test } from 'vitest'
import type { ChildOrder, EdgeEvent } from '../../../src/engine/order.js'
import { faultySubmit } from '../../../src/fault/edge.js'
import { bench } from './counter-venue.js'

const child = { child_id: 'c1', client_id: 'alice', venue: 'counter' } as ChildOrder

function edged() {
  const made = bench()
  const events: EdgeEvent[] = []
  let worked = 0
  const submit = faultySubmit(
    made.plan,
    {
      submit: () => {
        worked += 1
        return undefined
      },
    },
    (event) => events.push(event),
    made.clock.now_ns,
  )
  return { ...made, submit, events, worked: () => worked }
}

test('with no fault set the edge is asked directly', () => {
  const { submit, worked } = edged()
  expect(submit(child)).toBeUndefined()
  expect(worked()).toBe(1)
})

test.each([
  [{ type: 'throttle', venue: 'counter' }, 'rate-limited', '429'],
  [{ type: 'maintenance', venue: 'counter' }, 'venue-unavailable', '503'],
  [{ type: 'outage', venue: 'counter' }, 'venue-unavailable', null],
  [{ type: 'lost-request', venue: 'counter' }, 'venue-unavailable', null],
] as const)('%j refuses a paper order as it would a live one', async (fault, code, venue_code) => {
  const { plan, submit, events, worked } = edged()
  plan.knowsWire('counter', bench().venue.wire)
  plan.inject(fault)
  await submit(child)
  expect(events).toMatchObject([{ type: 'rejected', child_id: 'c1', code, venue_code }])
  expect(worked()).toBe(0)
})

test.each([
  { type: 'lost-ack', venue: 'counter' },
  { type: 'duplicate-request', venue: 'counter' },
] as const)('%j works the order once', async (fault) => {
  const { plan, submit, events, worked } = edged()
  plan.inject(fault)
  await submit(child)
  expect(events).toEqual([])
  expect(worked()).toBe(1)
})

test('a fault on another account leaves the order alone', async () => {
  const { plan, submit, worked } = edged()
  plan.inject({ type: 'lost-request', venue: 'counter', account: 'bob' })
  await submit(child)
  expect(worked()).toBe(1)
})
