/**
 * Every endpoint, from its own schema and with hostile values: an envelope with a 4xx, never a 5xx, and
 * nothing changed. On the store in memory many times, on the database fewer times.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import { stringifyJson } from '../../../src/wire/json.js'
import {
  type FuzzRequest,
  type OpenApiDocument,
  requestsOf,
} from '../../support/openapi-requests.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 600)
const REQUEST_MS_MAX = 10_000

const orders = [
  { symbol: 'BTC-USD', side: 'buy', qty: 0.5, venue: 'coinbase' },
  { symbol: 'BTC-USD', side: 'buy', notional: 50, max_slippage_bps: 100 },
  { symbol: 'BTC-USD', side: 'sell', qty: 1, price: 101, tif: 'post_only', graph_id: 'mine' },
  {
    symbol: 'BTC-USD',
    side: 'buy',
    qty: 3,
    price: 97.5,
    tif: 'gtc',
    urgency: 'high',
    policy: 'sor',
  },
  {
    graph_id: 'graph',
    nodes: [
      {
        node_id: 'n',
        instrument: { symbol: 'BTC-USD', type: 'spot', venue: 'coinbase' },
        side: 'buy',
        order_type: 'limit',
        quantity: { fixed: { qty_1e8: 100_000_000 } },
        limit_price_1e9: 98_000_000_000,
      },
    ],
    edges: [],
    risk: { admission: { max_notional_usd: 1_000 } },
  },
]

describe.each([
  ['memory', RUNS],
  ['database', Math.ceil(RUNS / 10)],
] as const)('on the %s', (store, numRuns) => {
  let sandbox: Sandbox
  let document: OpenApiDocument
  let victim: SandboxAccount
  let attacker: SandboxAccount
  let victim_ids: string[]

  const ask = (account: SandboxAccount, path: string, method = 'GET', body?: unknown) =>
    sandbox.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${account.test_key}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })

  beforeAll(async () => {
    sandbox = await createSandbox({ store, seed: 7 })
    document = (await (await sandbox.fetch('/openapi.json')).json()) as OpenApiDocument
    victim = sandbox.account('victim')
    attacker = sandbox.account('attacker')
    for (const venue of ['coinbase', 'cryptocom']) {
      const body = { venue, symbol: 'BTC-USD', bids: [[99, 5]], asks: [[100, 5]] }
      await sandbox.fetch('/control/set-depth', { method: 'POST', body: JSON.stringify(body) })
    }
    const placed = await ask(victim, '/v1/orders', 'POST', {
      symbol: 'BTC-USD',
      side: 'buy',
      qty: 1,
      price: 98,
      venue: 'coinbase',
      graph_id: 'of-the-victim',
    })
    const { nodes } = (await placed.json()) as { nodes: { node_order_id: string }[] }
    const made = await ask(victim, '/v1/api_keys', 'POST', { label: 'v', sandbox: true })
    const { key_id } = (await made.json()) as { key_id: string }
    victim_ids = ['of-the-victim', nodes[0]?.node_order_id ?? '', key_id, victim.client_id]
  }, 120_000)
  afterAll(() => sandbox?.close())

  /** Everything both clients have, in both modes: journals, rows, orders, fills, keys. */
  async function state(who: SandboxAccount): Promise<string> {
    const { desk } = sandbox
    const all = { venues: null, kinds: null, include_closed: true }
    const parts = await Promise.all(
      [who.test, who.live].map(async (principal) => [
        await desk.journal(who.client_id, principal.mode === 'sandbox'),
        await desk.positions(principal, all),
        await desk.orders(principal, { limit: 100 }),
        await desk.fills(principal, { limit: 100 }),
      ]),
    )
    const keys = await (await ask(who, '/v1/api_keys')).text()
    return `${stringifyJson(parts)} ${keys}`
  }

  const send = (request: FuzzRequest, key: string) =>
    sandbox.fetch(request.path, {
      method: request.method,
      headers: { ...request.headers, authorization: `Bearer ${key}` },
      ...(request.body !== undefined && { body: request.body as string }),
    })

  /** As of the last request: nothing else moves these clients. */
  let known: { own: string; other: string } | undefined

  async function expectHarmless(request: FuzzRequest, key: string): Promise<void> {
    const before = known ?? { own: await state(attacker), other: await state(victim) }
    const response = await send(request, key)
    const text = await response.text()
    const told = `${request.method} ${request.path} -> ${response.status} ${text.slice(0, 300)}`
    const after = { own: await state(attacker), other: await state(victim) }
    known = after
    expect(response.status, told).toBeLessThan(500)
    expect(after.other, `${told}: the victim changed`).toBe(before.other)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    if (response.status < 400) return
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; request_id: string; details?: unknown[] }
    }
    expect(error.code, told).toMatch(/^[A-Z_]+$/)
    expect(error.message, told).toBeTypeOf('string')
    expect(error.request_id, told).toBe(response.headers.get('x-request-id'))
    if (response.status === 422) expect(error.details?.length, told).toBeGreaterThan(0)
    expect(after.own, `${told}: a refused request changed something`).toBe(before.own)
  }

  const hints = () => ({
    texts: {
      symbol: ['BTC-USD', 'ETH-USD', 'BTC-USD-PERP', 'KXTEST-99DEC31-T60:NO', 'NOPE-USD'],
      symbols: ['BTC-USD', 'ETH-USD', 'NOPE'],
      venue: ['coinbase', 'kalshi', 'kraken', 'nowhere'],
      venues: ['coinbase', 'kalshi,kraken'],
      kinds: ['fiat', 'crypto,perp', 'stock'],
      node_order_id: ['graph:nope:n0:1', 'graph:x'],
      graph_id: ['mine', 'again'],
      slug: ['KXTEST-99DEC31-T60', 'nope'],
      underlying: ['BTC', 'KXTEST-99DEC31-T60', 'NOPE'],
      limit: ['1', '1000', '1001', '0'],
      qty: ['1', '0.5', '1000000', '0', '-1'],
      // Its own keys stay: a request with a dead key tests nothing but 401.
      key_id: ['key_nope', 'key_attacker'],
    },
    foreign: victim_ids,
    bodies: {
      'POST /v1/orders': orders,
      'POST /v1/orders/preview': orders,
      'PATCH /v1/orders/{node_order_id}': [{ new_price: 97 }, { new_qty: 2 }, { decrease_by: 0.5 }],
      'POST /v1/quotes_batch': [{ symbols: ['BTC-USD', 'NOPE'], depth: 3 }],
    },
  })

  test('hostile requests to every endpoint get an envelope and change nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        requestsOf(document, hints()),
        fc.constantFrom(attacker.test_key, attacker.live_key),
        expectHarmless,
      ),
      // A search with more runs takes the time it needs.
      { numRuns, interruptAfterTimeLimit: Math.max(60_000, 200 * numRuns) },
    )
  })

  test('ids of another client are unknown here', async () => {
    const [graph_id = '', order_id = '', key_id = ''] = victim_ids
    const order = encodeURIComponent(order_id)
    const calls: [string, string, unknown?][] = [
      ['GET', `/v1/orders/${order}`],
      ['DELETE', `/v1/orders/${order}`],
      ['DELETE', `/v1/orders/${graph_id}`],
      ['PATCH', `/v1/orders/${order}`, { new_price: 97 }],
      ['GET', `/v1/execution_graphs/${graph_id}`],
      ['DELETE', `/v1/execution_graphs/${graph_id}`],
      ['POST', `/v1/api_keys/${key_id}/rotate`],
      ['DELETE', `/v1/api_keys/${key_id}`],
    ]
    const before = await state(victim)
    for (const [method, path, body] of calls) {
      const answer = await ask(attacker, path, method, body)
      expect([method, path, answer.status]).toEqual([method, path, 404])
    }
    expect(await state(victim)).toBe(before)
  })

  test('a 10 MB body is refused before it is read to the end', async () => {
    const before = await state(attacker)
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(256 * 1024).fill(0x20))
        if (pulled > 40) controller.close()
      },
    })
    const headers = {
      authorization: `Bearer ${attacker.test_key}`,
      'content-type': 'application/json',
    }
    const init = { method: 'POST', headers, body: endless, duplex: 'half' }
    const answer = await sandbox.fetch('/v1/orders', init as RequestInit)
    expect(answer.status).toBe(413)
    expect(pulled).toBeLessThan(20)
    expect(await state(attacker)).toBe(before)
  })

  test('slow patterns and huge numbers are answered at once', async () => {
    const started = performance.now()
    for (const text of [`1e${'9'.repeat(400)}`, `${'9'.repeat(400)}e-400`, '1e9999', '1e-9999']) {
      const body = `{"symbol":"BTC-USD","side":"buy","qty":${text}}`
      const answer = await send(
        {
          method: 'POST',
          route: '',
          path: '/v1/orders',
          body,
          headers: { 'content-type': 'application/json' },
        },
        attacker.test_key,
      )
      expect(answer.status).toBeLessThan(500)
    }
    expect(performance.now() - started).toBeLessThan(REQUEST_MS_MAX)
  })
})
