import { describe, expect, test } from 'vitest'
import type { SocketSession } from '../../../src/venue/contract.js'
import { fakeApi, LIVE_KEY, OTHER_KEY, orderRow, TEST_KEY } from './fake-desk.js'

const ask = { price_1e9: 101_000_000_000n, qty_1e8: 100_000_000n }
const bid = { price_1e9: 100_000_000_000n, qty_1e8: 100_000_000n }

async function open(
  api: ReturnType<typeof fakeApi>['api'],
  { key = TEST_KEY, query = '' }: { key?: string; query?: string } = {},
) {
  const sent: string[] = []
  const answer = await api.connect(
    {
      path: '/v1/stream',
      query,
      headers: key === '' ? {} : { authorization: `Bearer ${key}` },
    },
    { send: (text) => sent.push(text), ping: (text) => sent.push(`ping${text}`), close: () => {} },
  )
  const session = 'message' in answer ? answer : undefined
  return {
    sent,
    answer,
    session: session as SocketSession,
    messages: () => sent.map((t) => JSON.parse(t)),
  }
}

const say = (session: SocketSession, message: unknown) => session.message(JSON.stringify(message))

describe('opening', () => {
  test('a bad key or no key is 401 with the envelope', async () => {
    const { api } = fakeApi()
    for (const key of ['', `seq_test_${'9'.repeat(64)}`]) {
      const { answer } = await open(api, { key })
      expect(answer).toMatchObject({ status: 401 })
      expect(JSON.parse((answer as { body: string }).body).error.code).toBe('UNAUTHORIZED')
    }
  })

  test('a ticket opens one stream', async () => {
    const { api, call } = fakeApi()
    const { ticket } = (await call('GET', '/v1/ws/ticket')).json
    expect(ticket).toMatch(/^wst_[0-9a-f]{64}$/)
    expect((await open(api, { key: '', query: `ticket=${ticket}` })).session).toBeDefined()
    expect((await open(api, { key: '', query: `ticket=${ticket}` })).answer).toMatchObject({
      status: 401,
    })
  })

  test('a ticket is dead after 30 seconds', async () => {
    const { api, call, clock } = fakeApi()
    const { ticket } = (await call('GET', '/v1/ws/ticket')).json
    clock.advance(30_001)
    expect((await open(api, { key: '', query: `ticket=${ticket}` })).answer).toMatchObject({
      status: 401,
    })
  })
})

describe('topics', () => {
  test('a stream opened with query parameters and no message stays silent', async () => {
    const { api, hub } = fakeApi()
    const { sent } = await open(api, { query: 'symbols=BTC-USD' })
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks: [ask] })
    expect(sent).toEqual([])
  })

  test('unknown topics are rejected, known ones acknowledged', async () => {
    const { api } = fakeApi()
    const { session, messages } = await open(api)
    say(session, { subscribe: ['orders', 'prices:NOPE', 'weather', 'book:BTC-USD', 'orders'] })
    expect(messages()).toEqual([
      { subscribed: ['orders', 'book:BTC-USD', 'orders'], rejected: ['prices:NOPE', 'weather'] },
    ])
  })

  test('prices are sent at once if known, then on change only', async () => {
    const { api, hub } = fakeApi()
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks: [ask] })
    const { session, messages } = await open(api)
    say(session, { subscribe: ['prices:BTC-USD'] })
    expect(messages()[1]).toMatchObject({
      channel: 'prices:BTC-USD',
      data: { bid: 100, ask: 101, mid: 100.5 },
    })
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks: [ask] })
    expect(messages()).toHaveLength(2)
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks: [] })
    expect(messages().at(-1).data).toMatchObject({ bid: 100, ask: 0, mid: 0 })
  })

  test('book shows at most ten levels a side and venue, on every update', async () => {
    const { api, hub } = fakeApi()
    const { session, messages } = await open(api)
    say(session, { subscribe: ['book:BTC-USD'] })
    const asks = Array.from({ length: 15 }, (_, i) => ({
      ...ask,
      price_1e9: ask.price_1e9 + BigInt(i),
    }))
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks })
    const last = messages().at(-1)
    expect(last.channel).toBe('book:BTC-USD')
    expect(last.data.venues.alpha.asks).toHaveLength(10)
    expect(last.data.venues.alpha.bids).toEqual([[100, 1]])
  })

  test('unsubscribing ends the events', async () => {
    const { api, hub } = fakeApi()
    const { session, messages } = await open(api)
    say(session, { subscribe: ['prices:BTC-USD'] })
    say(session, { unsubscribe: ['prices:BTC-USD', 'fills'] })
    hub.publish('alpha', 'V-BTC-USD', { bids: [bid], asks: [ask] })
    expect(messages().at(-1)).toEqual({ unsubscribed: ['prices:BTC-USD'] })
  })

  test.each([
    '',
    'x',
    '[]',
    '{}',
    '{"subscribe":"orders"}',
    '{"subscribe":[1]}',
    '['.repeat(100_000),
  ])('the message %j is answered with an error and the stream lives on', async (text) => {
    const { api } = fakeApi()
    const { session, messages } = await open(api)
    session.message(text)
    expect(messages()[0].error.code).toBe('BAD_REQUEST')
    say(session, { subscribe: ['fills'] })
    expect(messages()[1]).toEqual({ subscribed: ['fills'], rejected: [] })
  })
})

describe('orders', () => {
  const order = { type: 'order', client_id: 'one' } as const

  test('go to the streams of their client and mode only', async () => {
    const { api, emit } = fakeApi()
    const test = await open(api)
    const live = await open(api, { key: LIVE_KEY })
    const other = await open(api, { key: OTHER_KEY })
    for (const { session } of [test, live, other]) say(session, { subscribe: ['orders'] })
    emit({ ...order, is_sandbox: true, order: orderRow() })
    expect(test.messages()).toHaveLength(2)
    expect(test.messages()[1]).toMatchObject({ channel: 'orders', data: { graph_id: 'g' } })
    expect(live.messages()).toHaveLength(1)
    expect(other.messages()).toHaveLength(1)
    emit({ ...order, is_sandbox: false, order: orderRow({ is_sandbox: false }) })
    expect(test.messages()).toHaveLength(2)
    expect(live.messages()).toHaveLength(2)
  })

  test('a live key sees the sandbox orders it flagged itself', async () => {
    const { api, emit, call, calls } = fakeApi()
    const live = await open(api, { key: LIVE_KEY })
    say(live.session, { subscribe: ['orders', 'routing'] })
    await call('POST', '/v1/orders', {
      key: LIVE_KEY,
      body: { symbol: 'BTC-USD', side: 'buy', qty: 1, sandbox: true },
    })
    const graph_id = calls.submitted[0]?.intent.graph_id ?? ''
    expect(graph_id).toMatch(/^graph_/)
    emit({ ...order, is_sandbox: true, order: orderRow({ graph_id }) })
    emit({
      type: 'routing',
      client_id: 'one',
      is_sandbox: true,
      node_order_id: `graph:${graph_id}:n0:1`,
      legs: [],
    })
    expect(live.messages().slice(1)).toMatchObject([
      { channel: 'orders', data: { is_sandbox: true } },
      { channel: 'routing', data: { chosen: [] } },
    ])
  })

  test('a closed session gets nothing more', async () => {
    const { api, emit } = fakeApi()
    const { session, sent } = await open(api)
    say(session, { subscribe: ['orders'] })
    session.closed()
    emit({ ...order, is_sandbox: true, order: orderRow() })
    expect(sent).toHaveLength(1)
  })
})

test('open streams are pinged', async () => {
  const { api, clock } = fakeApi()
  const { sent } = await open(api)
  clock.advance(45_000)
  expect(sent).toEqual(['ping', 'ping'])
})
