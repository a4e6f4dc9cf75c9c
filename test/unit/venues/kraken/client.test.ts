/** The live adapter where the wire misbehaves: spoiled books, lost answers, repeats, a shared key. */
import { expect, test } from 'vitest'
import type { Depth } from '../../../../src/engine/depth.js'
import type { ChildOrder, EdgeEvent } from '../../../../src/engine/order.js'
import type { ClientOptions, FeedSink } from '../../../../src/venue/contract.js'
import { loopback } from '../../../../src/venue/loopback.js'
import { sign } from '../../../../venues/kraken/auth.js'
import { krakenClient } from '../../../../venues/kraken/client.js'
import { instruments } from '../../../../venues/kraken/instruments.js'
import { amount, krakenLab, price } from '../../../support/kraken.js'

const [instrument] = instruments
if (instrument === undefined) throw new Error('no instruments')

const child = (child_id: string, rest: Partial<ChildOrder> = {}): ChildOrder => ({
  child_id,
  client_id: 'test',
  is_sandbox: false,
  venue: 'kraken',
  instrument,
  outcome: null,
  side: 'buy',
  qty_1e8: amount('0.1'),
  budget_1e8: null,
  limit_price_1e9: price('30000.0'),
  protection_price_1e9: null,
  time_in_force: 'gtc',
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
  ...rest,
})

async function connected(
  change: (wire: Pick<ClientOptions, 'fetch' | 'connect'>) => Partial<ClientOptions> = () => ({}),
) {
  const lab = krakenLab()
  const { account_id, credentials } = lab.account('client')
  lab.sheetBook()
  const wire = loopback(lab.mock)
  const client = krakenClient({
    base_url: 'http://kraken.test',
    ...wire,
    ...change(wire),
    clock: lab.clock,
    instruments,
    credentials,
  })
  const events: EdgeEvent[] = []
  await client.open((event) => events.push(event))
  return { lab, client, events, account_id, credentials }
}

const types = (events: readonly EdgeEvent[]) => events.map(({ type }) => type)

test('a book with a wrong checksum is lost at once and subscribed anew', async () => {
  let seen = 0
  const { lab, client } = await connected((wire) => ({
    connect: (request, peer) =>
      wire.connect(request, {
        ...peer,
        send: (text) => {
          const update = text.includes('"channel":"book","type":"update"')
          if (update) seen += 1
          const spoil = update && seen === 2 ? lab.mock.wire.spoil(text, 'checksum') : undefined
          peer.send(spoil ?? text)
        },
      }),
  }))
  const told: string[] = []
  let depth: Depth | undefined
  const sink: FeedSink = {
    snapshot: (_symbol, whole) => {
      depth = whole
      told.push('snapshot')
    },
    level: () => told.push('level'),
    published: () => undefined,
    trade: () => undefined,
    lost: (_symbol, reason) => told.push(reason),
  }
  await client.subscribe([instrument], sink)
  for (const size of ['0.6', '0.7']) {
    lab.book([['30000.0', size]], [['29990.0', '1.0']])
    await lab.settle()
  }
  expect(told).toEqual(['snapshot', 'level', 'level', 'the checksum does not agree', 'snapshot'])
  expect(depth).toEqual(lab.mock.admin.depth('XXBTZUSD'))
})

test('a spoiled snapshot that crosses is passed on for the reader to judge, its checksum in order', async () => {
  const { lab } = await connected()
  const socket = await lab.socket()
  await socket.ask({ method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD'] } })
  const snapshot = socket.texts.find((text) => text.includes('"type":"snapshot"')) ?? ''
  const crossed = JSON.parse(lab.mock.wire.spoil(snapshot, 'crossed') ?? '{}')
  expect(crossed.data[0].bids[0].price).toBeGreaterThan(crossed.data[0].asks[0].price)
})

test('an answer that never came is found by asking', async () => {
  let lose = true
  const { lab, client, events, account_id } = await connected((wire) => ({
    fetch: async (request) => {
      const response = await wire.fetch(request)
      if (lose && request.url.endsWith('/AddOrder')) throw new Error('connection reset')
      return response
    },
    connect: async (request, peer) =>
      wire.connect(request, {
        ...peer,
        // The stream says nothing of orders either.
        send: (text) => {
          if (!text.includes('"type":"update"')) peer.send(text)
        },
      }),
  }))
  await expect(client.submit(child('lost'))).rejects.toThrow('connection reset')
  lose = false
  expect(events).toEqual([])
  await client.reconcile()
  expect(types(events)).toEqual(['acked', 'filled'])
  await client.reconcile()
  expect(types(events)).toEqual(['acked', 'filled'])
  expect(lab.mock.admin.account(account_id).open_orders).toEqual([])
})

test('rows that come twice are told once', async () => {
  const { client, events, lab } = await connected((wire) => ({
    connect: (request, peer) =>
      wire.connect(request, {
        ...peer,
        send: (text) => {
          peer.send(text)
          if (text.includes('"channel":"executions","type":"update"')) peer.send(text)
        },
      }),
  }))
  await client.submit(child('twice'))
  await lab.settle()
  expect(types(events)).toEqual(['acked', 'filled'])
})

test('another program on the same key only costs a second try', async () => {
  const { lab, client, events, credentials } = await connected()
  const { api_key = '', api_secret = '' } = credentials
  const now_us = (lab.clock.now_ns() / 1_000n + 500_000n).toString()
  const path = '/0/private/Balance'
  const body = `nonce=${now_us}`
  const headers = { 'API-Key': api_key, 'API-Sign': sign(path, now_us, body, api_secret) }
  await lab.raw(path, { method: 'POST', headers, body })
  await client.submit(child('shared'))
  await lab.settle()
  expect(types(events)).toEqual(['acked', 'filled'])
})

test('a market order with a worst price goes as an immediate limit there', async () => {
  const { lab, client, events } = await connected()
  const order = {
    qty_1e8: amount('1'),
    limit_price_1e9: null,
    protection_price_1e9: price('30005.07'),
    time_in_force: 'ioc' as const,
  }
  await client.submit(child('protected', order))
  await lab.settle()
  expect(types(events)).toEqual(['acked', 'filled', 'cancelled'])
  expect(events.at(-1)).toMatchObject({ reason: 'no-liquidity' })
})

test('an order Kraken has no words for is refused here', async () => {
  const { client, events } = await connected()
  await client.submit(child('reduce', { reduce_only: true }))
  expect(events).toMatchObject([{ type: 'rejected', code: 'unsupported-order' }])
})

test('the wire’s onlooker tells requests, commands and messages apart', async () => {
  const { lab, credentials } = await connected()
  const { wire } = lab.mock
  const { api_key = '' } = credentials
  const request = { method: 'POST', query: '', headers: { 'api-key': api_key }, body: '' }
  expect(wire.request({ ...request, path: '/0/private/AddOrder' })).toEqual({
    action: 'create-order',
    caller: api_key,
  })
  expect(wire.request({ ...request, path: '/0/public/Depth' }).action).toBe('read-public')
  expect(wire.command('{"method":"amend_order"}').action).toBe('amend-order')
  expect(wire.command('not json').action).toBe('other')
  expect(wire.channel('{"channel":"executions","type":"update"}')).toBe('private')
  expect(wire.channel('{"method":"pong"}')).toBe('reply')
  expect(JSON.parse(wire.throttled().body)).toEqual({ error: ['EAPI:Rate limit exceeded'] })
})
