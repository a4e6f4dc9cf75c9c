import { expect, test } from 'vitest'
import { bench } from './counter-venue.js'

test('the venue acts and the answer is lost', async () => {
  const { plan, orders, post } = bench()
  plan.inject({ type: 'lost-ack', venue: 'counter', match: { action: 'create-order', nth: 1 } })
  await expect(post()).rejects.toThrow('fetch failed')
  expect(orders()).toBe(1)
  expect(await (await post()).text()).toBe('2')
})

test('on a socket the reply is lost and the private event still comes', () => {
  const { plan, orders, socket } = bench()
  const client = socket()
  plan.inject({ type: 'lost-ack', venue: 'counter', match: { action: 'create-order', nth: 1 } })
  client.send({ do: 'order' })
  client.send({ do: 'order' })
  expect(orders()).toBe(2)
  expect(client.received).toEqual([
    { on: 'private', order: 1 },
    { on: 'reply', order: 2 },
    { on: 'private', order: 2 },
  ])
})
