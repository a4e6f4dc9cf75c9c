import { expect, test } from 'vitest'
import { Sockets } from '../../../src/venue/sockets.js'

const peer = (options: { buffered?: () => number } = {}) => {
  const sent: string[] = []
  const closes: number[] = []
  return {
    sent,
    closes,
    send: (text: string) => sent.push(text),
    ping: () => undefined,
    close: (code: number) => closes.push(code),
    ...options,
  }
}
const always = { isDurable: true, durable: async () => undefined }

test('a session that dies leaves nothing behind', () => {
  const sockets = new Sockets<null>({ durability: always })
  const first = sockets.open(peer(), (session) => ({
    message: (topic) => sockets.subscribe(session, topic, null),
  }))
  first.message('a')
  first.message('b')
  expect(sockets.held).toEqual({ sessions: 1, subscriptions: 2, topics: 2 })
  first.closed()
  first.message('c')
  first.closed()
  expect(sockets.held).toEqual({ sessions: 0, subscriptions: 0, topics: 0 })
})

test('nothing is sent to a dead session', () => {
  const sockets = new Sockets<null>({ durability: always })
  const end = peer()
  const session = sockets.open(end, (mine) => {
    sockets.subscribe(mine, 'a', null)
    return { message: () => undefined }
  })
  for (const { session: one } of sockets.of('a')) one.send('1')
  session.closed()
  for (const { session: one } of sockets.of('a')) one.send('2')
  expect(end.sent).toEqual(['1'])
})

test('texts wait for the journal and keep their order', async () => {
  let openGate: () => void = () => undefined
  const durability = {
    isDurable: false,
    durable: () =>
      new Promise<void>((resolve) => {
        openGate = resolve
      }),
  }
  const sockets = new Sockets<null>({ durability })
  const end = peer()
  sockets.open(end, (session) => {
    session.send('1')
    session.send('2')
    return { message: () => undefined }
  })
  expect(end.sent).toEqual([])
  durability.isDurable = true
  openGate()
  await Promise.resolve()
  await Promise.resolve()
  expect(end.sent).toEqual(['1', '2'])
})

test('a peer that does not read is cut off', () => {
  const sockets = new Sockets<null>({ durability: always, unread_bytes_max: 10 })
  const end = peer({ buffered: () => 11 })
  sockets.open(end, (session) => {
    session.send('too late')
    return { message: () => undefined }
  })
  expect(end).toMatchObject({ sent: [], closes: [1008] })
})
