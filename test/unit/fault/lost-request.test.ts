import { expect, test } from 'vitest'
import { bench, pass } from './counter-venue.js'

test('a lost request breaks the connection and nothing happens at the venue', async () => {
  const { plan, orders, post } = bench()
  plan.inject({ type: 'lost-request', venue: 'counter', match: { action: 'create-order', nth: 2 } })
  await post()
  await expect(post()).rejects.toMatchObject({
    message: 'fetch failed',
    cause: { code: 'ECONNRESET' },
  })
  expect(orders()).toBe(1)
  await post()
  expect(orders()).toBe(2)
})

test('a request that hangs times out only when its time has passed', async () => {
  const { clock, plan, orders, post } = bench()
  plan.inject({ type: 'lost-request', venue: 'counter', hang_ms: 100 })
  let failure: unknown
  const asked = post().catch((error: unknown) => {
    failure = error
  })
  await pass(clock, 50)
  expect(failure).toBeUndefined()
  await pass(clock, 60)
  await asked
  expect(failure).toMatchObject({ cause: { code: 'ETIMEDOUT' } })
  expect(orders()).toBe(0)
})

test('a lost socket command is never seen by the venue', () => {
  const { plan, orders, socket } = bench()
  const client = socket()
  plan.inject({ type: 'lost-request', venue: 'counter', match: { action: 'create-order' } })
  client.send({ do: 'order' })
  expect(orders()).toBe(0)
  expect(client.received).toEqual([])
})
