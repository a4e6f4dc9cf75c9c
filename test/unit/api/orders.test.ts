import { describe, expect, test } from 'vitest'
import { fakeApi, LIVE_KEY } from './fake-desk.js'

const order = { symbol: 'BTC-USD', side: 'buy', qty: 0.29 }

async function intentOf(body: unknown, key?: string) {
  const { call, calls } = fakeApi()
  const answer = await call('POST', '/v1/orders', { body, ...(key !== undefined && { key }) })
  return { answer, intent: calls.submitted[0]?.intent }
}

describe('a simple order', () => {
  test('is read exactly: 0.29 is 29000000', async () => {
    const { intent } = await intentOf(order)
    expect(intent).toMatchObject({
      symbol: 'BTC-USD',
      side: 'buy',
      qty_1e8: 29_000_000n,
      notional_1e9: null,
      limit_price_1e9: null,
      venue: null,
      tif: null,
      post_only: false,
      urgency: 'medium',
      policy: 'sor',
      is_sandbox: true,
    })
  })

  test('digits beyond the scale are cut toward zero', async () => {
    const { intent } = await intentOf(
      '{"symbol":"BTC-USD","side":"sell","qty":1.123456789,"price":64000.1234567899}',
    )
    expect(intent?.qty_1e8).toBe(112_345_678n)
    expect(intent?.limit_price_1e9).toBe(64_000_123_456_789n)
  })

  test('null is the same as absent', async () => {
    const bare = await intentOf(order)
    const nulls = await intentOf({ ...order, notional: null, price: null, venue: null, tif: null })
    expect(nulls.intent).toEqual(bare.intent)
  })

  test('unknown fields are ignored', async () => {
    const { answer, intent } = await intentOf({ ...order, client_tag: 'x', __proto__x: 1 })
    expect(answer.status).toBe(200)
    expect(intent).not.toHaveProperty('client_tag')
  })

  test.each([
    [{ ...order, qty: 0 }, 'qty'],
    [{ ...order, qty: -1 }, 'qty'],
    [{ ...order, qty: '1' }, 'qty'],
    [{ ...order, qty: 1e30 }, 'qty'],
    [{ ...order, qty: 1e-9 }, 'qty'],
    [{ ...order, notional: 5 }, 'qty'],
    [{ symbol: 'BTC-USD', side: 'buy' }, 'qty'],
    [{ ...order, side: 'BUY' }, 'side'],
    [{ ...order, symbol: '' }, 'symbol'],
    [{ ...order, symbol: 7 }, 'symbol'],
    [{ side: 'buy', qty: 1 }, 'symbol'],
    [{ ...order, price: 0 }, 'price'],
    [{ ...order, tif: 'day' }, 'tif'],
    [{ ...order, tif: 'post_only' }, 'tif'],
    [{ ...order, tif: 'gtd', price: 1 }, 'tif'],
    [{ ...order, tif: 'ioc', price: 1, post_only: true }, 'tif'],
    [{ ...order, is_sandbox: 'true' }, 'is_sandbox'],
    [{ ...order, graph_id: 'x'.repeat(129) }, 'graph_id'],
    [{ ...order, policy: 'magic' }, 'policy'],
    [{ ...order, max_slippage_bps: 1.5 }, 'max_slippage_bps'],
    [[], ''],
    [null, ''],
    ['text', ''],
    [5, ''],
  ])('%j is 422 naming %j', async (body, field) => {
    const { answer, intent } = await intentOf(JSON.stringify(body))
    expect(answer.status).toBe(422)
    expect(answer.json.error.code).toBe('VALIDATION_ERROR')
    expect(answer.json.error.details.map((detail: { field: string }) => detail.field)).toContain(
      field,
    )
    expect(intent).toBeUndefined()
  })

  test('a test key forces the sandbox even when the flag says false', async () => {
    const { intent } = await intentOf({ ...order, is_sandbox: false, sandbox: false })
    expect(intent?.is_sandbox).toBe(true)
  })

  test.each([
    [{}, false],
    [{ is_sandbox: true }, true],
    [{ sandbox: true }, true],
    [{ sandbox: true, is_sandbox: false }, true],
    [{ sandbox: false, is_sandbox: false }, false],
  ])('a live key with %j runs with is_sandbox %j', async (flags, is_sandbox) => {
    const { intent } = await intentOf({ ...order, ...flags }, LIVE_KEY)
    expect(intent?.is_sandbox).toBe(is_sandbox)
  })

  test('the fingerprint tells parameters apart and ignores spelling and graph_id', async () => {
    const print = async (body: unknown) => (await intentOf(body)).intent?.fingerprint
    const first = await print(order)
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await print('{"qty":0.290,"side":"buy","symbol":"BTC-USD","graph_id":"g"}')).toBe(first)
    expect(await print({ ...order, urgency: 'medium', post_only: false })).toBe(first)
    expect(await print({ ...order, qty: 0.3 })).not.toBe(first)
    expect(await print({ ...order, venue: 'alpha' })).not.toBe(first)
  })
})

describe('the graph form', () => {
  const node = {
    node_id: 'spot',
    instrument: { symbol: 'BTC-USD', type: 'spot', venue: 'delta_one' },
    side: 'sell',
    order_type: 'limit',
    quantity: { fixed: { qty_1e8: 100_000_000 } },
    limit_price_1e9: 64_000_000_000_000,
    execution: { policy: 'sor', urgency: 'high', tif: 'post_only' },
  }

  test('of one node is the same order as the simple form', async () => {
    const { intent } = await intentOf({
      graph_id: 'hedge',
      nodes: [node],
      edges: [],
      risk: { admission: { max_notional_usd: 100_000 }, pre_trade: { anything: 1 } },
      metadata: { why: ['free', 'json'] },
    })
    expect(intent).toMatchObject({
      graph_id: 'hedge',
      node_id: 'spot',
      symbol: 'BTC-USD',
      venue: 'delta',
      side: 'sell',
      qty_1e8: 100_000_000n,
      limit_price_1e9: 64_000_000_000_000n,
      post_only: true,
      urgency: 'high',
      max_notional_1e9: 100_000_000_000_000n,
    })
  })

  test('reads pacing, which is part of what makes two requests the same', async () => {
    const paced = (interval_ms: number) =>
      intentOf({
        nodes: [{ ...node, execution: { pacing: { uniform: { num_slices: 10, interval_ms } } } }],
      })
    const [one, other] = [await paced(1000), await paced(2000)]
    expect(one.intent?.pacing).toEqual({ num_slices: 10, interval_ms: 1000 })
    expect(one.intent?.fingerprint).not.toBe(other.intent?.fingerprint)
  })

  test.each([
    [{ nodes: [node, { ...node, node_id: 'b' }] }, 'nodes'],
    [{ nodes: [node], edges: [{ from_node: 'a', to_node: 'b' }] }, 'edges'],
    [{ nodes: [] }, 'nodes'],
    [{ nodes: 'all' }, 'nodes'],
    [
      { nodes: [{ ...node, quantity: { fixed: { qty_1e8: 1.5 } } }] },
      'nodes[0].quantity.fixed.qty_1e8',
    ],
    [{ nodes: [{ ...node, limit_price_1e9: null }] }, 'nodes[0].limit_price_1e9'],
    [{ nodes: [{ ...node, activation: 'wait' }] }, 'nodes[0].activation'],
    [
      {
        nodes: [{ ...node, execution: { pacing: { uniform: { num_slices: 0, interval_ms: 1 } } } }],
      },
      'nodes[0].execution.pacing.uniform.num_slices',
    ],
    [
      {
        nodes: [
          { ...node, execution: { pacing: { uniform: { num_slices: 1001, interval_ms: 1 } } } },
        ],
      },
      'nodes[0].execution.pacing.uniform.num_slices',
    ],
    [
      {
        nodes: [
          { ...node, execution: { pacing: { uniform: { num_slices: 2.5, interval_ms: 1 } } } },
        ],
      },
      'nodes[0].execution.pacing.uniform.num_slices',
    ],
    [
      {
        nodes: [
          {
            ...node,
            execution: { pacing: { uniform: { num_slices: 2, interval_ms: 86_400_001 } } },
          },
        ],
      },
      'nodes[0].execution.pacing.uniform.interval_ms',
    ],
    [
      {
        nodes: [
          {
            ...node,
            execution: {
              policy: 'aggressive_chase',
              pacing: { uniform: { num_slices: 2, interval_ms: 1 } },
            },
          },
        ],
      },
      'nodes[0].execution.policy',
    ],
  ])('%# is refused with 422', async (body, field) => {
    const { answer, intent } = await intentOf(body)
    expect(answer.status).toBe(422)
    expect(answer.json.error.details[0].field).toBe(field)
    expect(intent).toBeUndefined()
  })
})

describe('amend', () => {
  test('reads new_price and new_qty exactly and carries the mode', async () => {
    const { call, calls } = fakeApi()
    const answer = await call('PATCH', '/v1/orders/graph:g:n0:1', {
      body: { new_price: 100.01, new_qty: 0.1 },
    })
    expect(answer.json).toMatchObject({ mode: 'native_atomic', node_order_id: 'graph:g:n0:1' })
    expect(calls.other[0]?.args[2]).toEqual({
      new_price_1e9: 100_010_000_000n,
      new_qty_1e8: 10_000_000n,
    })
  })

  test.each([{}, { decrease_by: 1, new_qty: 2 }, { new_price: 'x' }, { decrease_by: 0 }])(
    '%j is 422',
    async (body) => {
      const answer = await fakeApi().call('PATCH', '/v1/orders/graph:g:n0:1', { body })
      expect(answer.status).toBe(422)
    },
  )
})

describe('reading', () => {
  test('an unknown order is 404 on every verb', async () => {
    const { call } = fakeApi()
    expect((await call('GET', '/v1/orders/nope')).status).toBe(404)
    expect((await call('DELETE', '/v1/orders/nope')).status).toBe(404)
    expect((await call('DELETE', '/v1/execution_graphs/nope')).status).toBe(404)
  })

  test.each(['limit=0', 'limit=1001', 'limit=x', 'status=OPEN', 'symbol=', 'symbol=a%00b'])(
    'GET /v1/orders?%s is 400',
    async (query) => {
      const answer = await fakeApi().call('GET', `/v1/orders?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.json.error.code).toBe('INVALID_PARAMS')
    },
  )

  test('filters reach the desk under their canonical names', async () => {
    const { call, calls } = fakeApi()
    await call('GET', '/v1/orders?venue=delta_one&status=FILLED&limit=7')
    expect(calls.other[0]?.args[1]).toEqual({ venue: 'delta', status: 'FILLED', limit: 7 })
  })

  test('big integers are printed plainly', async () => {
    const { answer } = await intentOf(order)
    expect(answer.raw).toContain(`"created_at_ns":${2n ** 60n}`)
  })
})
