import { expect, test } from 'vitest'
import { bench, pass } from './counter-venue.js'

test('an answer comes after both ways of latency, and the order lands after the first', async () => {
  const { clock, plan, orders, post } = bench()
  plan.inject({ type: 'latency', venue: 'counter', request_ms: 30, answer_ms: 50 })
  let answered_at = -1
  const start = clock.now_ms()
  const answer = post().then((response) => {
    answered_at = clock.now_ms() - start
    return response
  })
  await pass(clock, 20)
  expect(orders()).toBe(0)
  await pass(clock, 20)
  expect(orders()).toBe(1)
  expect(answered_at).toBe(-1)
  await pass(clock, 60)
  expect(await (await answer).text()).toBe('1')
  expect(answered_at).toBeGreaterThanOrEqual(80)
})

test('socket messages arrive late and never overtake each other, whatever the jitter', async () => {
  const { clock, plan, socket, publish } = bench()
  const client = socket()
  plan.inject({ type: 'latency', venue: 'counter', answer_ms: 5, jitter_ms: 40 })
  for (let n = 0; n < 50; n += 1) {
    publish()
    clock.advance(1)
  }
  expect(client.received.length).toBeLessThan(50)
  clock.advance(100)
  expect(client.received.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
})

test('a socket command reaches the venue after its latency', async () => {
  const { clock, plan, socket, orders } = bench()
  const client = socket()
  plan.inject({ type: 'latency', venue: 'counter', request_ms: 10 })
  client.send({ do: 'order' })
  expect(orders()).toBe(0)
  clock.advance(10)
  expect(orders()).toBe(1)
})
