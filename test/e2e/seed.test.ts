/**
 * The seed document over real sockets: every row of it, and the test vectors of the specification.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { property } from '../../src/server/client.js'
import { bigintOf } from '../../src/wire/json.js'
import type { Answer, Call } from '../support/api-client.js'
import { LIVE_KEY, type Served, served, TEST_KEY } from '../support/served.js'

let at: Served
let call: Call
beforeAll(async () => {
  at = await served()
  call = at.call
}, 120_000)
afterAll(() => at?.server.close())

const SEED_FOUR = [
  { venue: 'polymarket', kind: 'crypto', symbol: 'USDC', qty: 10000 },
  { venue: 'kalshi', kind: 'fiat', symbol: 'USD', qty: 5000 },
  {
    venue: 'kalshi',
    kind: 'event_contract',
    symbol: 'KXMARKET-FOO:YES',
    qty: 100,
    entry_price_usd: 0.4,
  },
  { venue: 'hyperliquid', kind: 'perp', symbol: 'BTC-USD-PERP', qty: 0.5, entry_price_usd: 92000 },
]

const NINE = [
  'binance',
  'bitget',
  'coinbase',
  'cryptocom',
  'dex',
  'hyperliquid',
  'kalshi',
  'kraken',
  'polymarket',
]

/** A client of its own. */
function client() {
  const { test: key, live } = at.fresh()
  return {
    key,
    live,
    as: (method: string, path: string, body?: unknown) => call(method, path, { key, body }),
    asLive: (method: string, path: string, body?: unknown) =>
      call(method, path, { key: live, body }),
    put: (positions: unknown, replace?: boolean) =>
      call('POST', '/v1/sandbox/positions', { key, body: { positions, replace } }),
    positions: async (query = '') =>
      (await call('GET', `/v1/positions${query}`, { key })).json.positions as Row[],
  }
}

interface Row {
  venue: string
  instrument: {
    kind: string
    symbol: string
    market_slug?: string
    outcome?: string
    token_id?: string | null
  }
  qty_1e8: number
  entry_price_usd_1e9: number
  current_value_usd_1e9: number
  locked_qty_1e8: number
  available_qty_1e8: number
  lifecycle: { state: string }
}

const book = (venue: string, symbol: string, bids: unknown[], asks: unknown[]) =>
  call('POST', '/control/set-depth', { body: { venue, symbol, bids, asks } })

describe('vector 1: a live key on the four sandbox calls is 403', () => {
  test.each([
    ['POST', '/v1/sandbox/positions', { positions: SEED_FOUR, replace: true }],
    ['POST', '/v1/sandbox/reset', undefined],
    ['PUT', '/v1/sandbox/settings', { initial_balance_usd: 5 }],
    ['GET', '/v1/sandbox/settings', undefined],
  ])('%s %s', async (method, path, body) => {
    const { asLive } = client()
    const answer = await asLive(method, path, body)
    expect(answer.status).toBe(403)
    expect(answer.json.error.code).toBe('FORBIDDEN')
  })
})

describe('reset', () => {
  test('vector 2: a reset of a fresh client seeds nine venues with a billion each', async () => {
    const answer = await client().as('POST', '/v1/sandbox/reset')
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      reset: true,
      initial_balance_usd: 1_000_000_000,
      venues_seeded: 9,
    })
  })

  test('seeds one row per venue and quote asset, at par, Kalshi, Polymarket and DEX included', async () => {
    const { as, positions } = client()
    await as('POST', '/v1/sandbox/reset')
    const rows = await positions()
    expect([...new Set(rows.map(({ venue }) => venue))].sort()).toEqual(NINE)
    expect(rows.map(({ venue, instrument }) => `${venue} ${instrument.symbol}`).sort()).toEqual([
      'binance USDC',
      'binance USDT',
      'bitget USDC',
      'bitget USDT',
      'coinbase USD',
      'coinbase USDC',
      'cryptocom USD',
      'cryptocom USDT',
      'dex USDC',
      'hyperliquid USDC',
      'kalshi USD',
      'kraken USD',
      'kraken USDC',
      'kraken USDT',
      'polymarket USDC',
    ])
    for (const row of rows) {
      expect(row.qty_1e8).toBe(1e17)
      expect(row.entry_price_usd_1e9).toBe(1e9)
      expect(row.instrument.kind).toBe(row.instrument.symbol === 'USD' ? 'fiat' : 'crypto')
    }
  })

  test('a billion dollars goes over the wire with every digit', async () => {
    const { as } = client()
    await as('POST', '/v1/sandbox/reset')
    const { raw, exact } = await as('GET', '/v1/positions?venues=kalshi')
    expect(raw).toContain('"qty_1e8":100000000000000000,')
    const rows = property(exact, 'positions')
    const [row] = Array.isArray(rows) ? rows : []
    expect(bigintOf(property(row, 'current_value_usd_1e9'))).toBe(10n ** 18n)
  })

  test('deletes every sandbox row and clears the balances orders draw on', async () => {
    const { put, as, positions } = client()
    await put([{ venue: 'coinbase', kind: 'crypto', symbol: 'BTC', qty: 3 }], true)
    await as('POST', '/v1/sandbox/reset')
    expect((await positions()).some(({ instrument }) => instrument.symbol === 'BTC')).toBe(false)
    await book('coinbase', 'BTC-USD', [[100, 5]], [])
    const sold = await as('POST', '/v1/orders', {
      symbol: 'BTC-USD',
      side: 'sell',
      qty: 1,
      venue: 'coinbase',
    })
    expect(sold.json.nodes[0].failure_reason).toBe('INSUFFICIENT_BALANCE')
  })

  test('leaves other clients and live rows alone', async () => {
    const [one, two] = [client(), client()]
    await two.put(SEED_FOUR, true)
    const [before, live] = [await two.positions(), (await one.asLive('GET', '/v1/positions')).raw]
    await one.as('POST', '/v1/sandbox/reset')
    expect(await two.positions()).toEqual(before)
    expect((await one.asLive('GET', '/v1/positions')).raw).toBe(live)
  })
})

test('vector 3: settings change nothing until the next reset', async () => {
  const { as, positions } = client()
  await as('POST', '/v1/sandbox/reset')
  const put = await as('PUT', '/v1/sandbox/settings', { initial_balance_usd: 100_000 })
  expect(put.json).toEqual({ initial_balance_usd: 100_000 })
  expect((await as('GET', '/v1/sandbox/settings')).json).toEqual({ initial_balance_usd: 100_000 })
  expect((await positions('?venues=kalshi'))[0]?.qty_1e8).toBe(1e17)
  expect((await as('POST', '/v1/sandbox/reset')).json.initial_balance_usd).toBe(100_000)
  expect((await positions('?venues=kalshi'))[0]?.qty_1e8).toBe(1e13)
  expect((await as('GET', '/v1/sandbox/settings')).json).toEqual({ initial_balance_usd: 100_000 })
})

test('settings of a client that never set them are a billion', async () => {
  const { as } = client()
  expect((await as('GET', '/v1/sandbox/settings')).raw).toBe('{"initial_balance_usd":1000000000.0}')
})

describe('configured positions', () => {
  test('vector 4: the four rows of the seed replace the seven that were there', async () => {
    const { put, positions } = client()
    const seven = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((symbol) => ({
      venue: 'kraken',
      kind: 'crypto',
      symbol,
      qty: 1,
    }))
    await put(seven, true)
    expect((await put(SEED_FOUR, true)).json).toEqual({ written: 4, deleted: 7 })
    const rows = await positions()
    expect(rows.map(({ venue, instrument }) => `${venue} ${instrument.symbol}`).sort()).toEqual([
      'hyperliquid BTC-USD-PERP',
      'kalshi KXMARKET-FOO:YES',
      'kalshi USD',
      'polymarket USDC',
    ])
  })

  test('vector 5: the same four again without replace are upserted, still four', async () => {
    const { put, positions } = client()
    await put(SEED_FOUR, true)
    expect((await put(SEED_FOUR)).json).toEqual({ written: 4, deleted: 0 })
    expect(await positions()).toHaveLength(4)
  })

  test('an upsert overwrites quantity and entry price, it does not add', async () => {
    const { put, positions } = client()
    await put(
      [{ venue: 'kraken', kind: 'crypto', symbol: 'BTC', qty: 1, entry_price_usd: 5 }],
      true,
    )
    await put([{ venue: 'kraken', kind: 'crypto', symbol: 'BTC', qty: 2, entry_price_usd: 7 }])
    expect(await positions()).toMatchObject([{ qty_1e8: 2e8, entry_price_usd_1e9: 7e9 }])
  })

  test('vector 6: a negative quantity of a coin is 422 naming the field', async () => {
    const { put, positions } = client()
    const bad = await put([{ venue: 'kraken', kind: 'crypto', symbol: 'BTC', qty: -1 }], true)
    expect(bad.status).toBe(422)
    expect(bad.json.error.code).toBe('VALIDATION_ERROR')
    expect(bad.json.error.details[0].field).toBe('positions[0].qty')
    expect((await positions()).every(({ qty_1e8 }) => qty_1e8 >= 0)).toBe(true)
  })

  test.each(['fiat', 'crypto', 'event_contract'])('a negative %s is refused', async (kind) => {
    const symbol = kind === 'event_contract' ? 'KXA-B:YES' : 'USD'
    expect((await client().put([{ venue: 'kalshi', kind, symbol, qty: -1 }])).status).toBe(422)
  })

  test('vector 7: a short perp is accepted', async () => {
    const { put, positions } = client()
    const short = { venue: 'hyperliquid', kind: 'perp', symbol: 'BTC-USD-PERP', qty: -2 }
    expect((await put([short], true)).json).toEqual({ written: 1, deleted: 15 })
    expect((await positions())[0]?.qty_1e8).toBe(-200_000_000)
  })

  test('vector 8: entry price is 1 for fiat and pegged coins by default, else 0', async () => {
    const { put, positions } = client()
    const cash = ['USDC', 'USDT', 'DAI', 'BTC', 'ETH'].map((symbol) => ({
      venue: 'kraken',
      kind: 'crypto',
      symbol,
      qty: 1,
    }))
    const fiat = ['USD', 'EUR'].map((symbol) => ({ venue: 'kraken', kind: 'fiat', symbol, qty: 1 }))
    await put([...cash, ...fiat], true)
    const entry = Object.fromEntries(
      (await positions()).map((row) => [row.instrument.symbol, row.entry_price_usd_1e9]),
    )
    expect(entry).toEqual({ USDC: 1e9, USDT: 1e9, DAI: 1e9, BTC: 0, ETH: 0, USD: 1e9, EUR: 1e9 })
  })

  const digits = (n: number) => '1155562638'.repeat(4).slice(0, n)
  test.each([
    ['kalshi', 'KXFOO-BAR:YES', 'KXFOO-BAR', 'YES', null],
    ['kalshi', 'KXFOO-BAR:NO', 'KXFOO-BAR', 'NO', null],
    ['polymarket', digits(30), digits(30), 'YES', digits(30)],
    ['polymarket', digits(29), digits(29), 'YES', null],
    ['polymarket', 'MARKET-SLUG', 'MARKET-SLUG', 'YES', null],
    ['kalshi', 'KX-A:MAYBE', 'KX-A:MAYBE', 'YES', null],
  ])('vector 9: %s %s parses to (%s, %s, %s)', async (venue, symbol, slug, outcome, token) => {
    const { put, positions } = client()
    await put([{ venue, kind: 'event_contract', symbol, qty: 1, entry_price_usd: 0.5 }], true)
    const [row] = await positions()
    expect(row?.instrument).toMatchObject({
      kind: 'event_contract',
      market_slug: slug,
      outcome,
      token_id: token,
    })
  })

  test('vector 10: 237848346884 at par is worth 2378483468840', async () => {
    const { put, positions } = client()
    await put([{ venue: 'polymarket', kind: 'crypto', symbol: 'USDC', qty: 2378.48346884 }], true)
    expect(await positions()).toMatchObject([
      {
        qty_1e8: 237_848_346_884,
        entry_price_usd_1e9: 1e9,
        current_price_usd_1e9: 1e9,
        current_value_usd_1e9: 2_378_483_468_840,
        unrealized_pnl_usd_1e9: 0,
        realized_pnl_usd_1e9: 0,
        fees_usd_1e9: 0,
        lifecycle: { state: 'active' },
        transferable: true,
        settled: false,
        settled_mark_usd_1e9: null,
      },
    ])
  })

  test('vector 11: 0.29 is 29000000', async () => {
    const { put, positions } = client()
    await put([{ venue: 'kraken', kind: 'crypto', symbol: 'BTC', qty: 0.29 }], true)
    expect((await positions())[0]?.qty_1e8).toBe(29_000_000)
  })

  test('a zero quantity writes a closed row, shown only on request', async () => {
    const { put, positions } = client()
    expect(
      (await put([{ venue: 'kraken', kind: 'crypto', symbol: 'BTC', qty: 0 }], true)).json.written,
    ).toBe(1)
    expect(await positions()).toEqual([])
    expect(await positions('?include_closed=true')).toMatchObject([
      { lifecycle: { state: 'closed' } },
    ])
  })

  test('cash rows are mirrored into the balances, so that orders can reserve them', async () => {
    const { put, as } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    await put([{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 150 }], true)
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'coinbase' }
    expect((await as('POST', '/v1/orders', order)).json.nodes[0].status).toBe('FILLED')
    const second = await as('POST', '/v1/orders', order)
    expect(second.json.nodes[0]).toMatchObject({
      status: 'REJECTED',
      failure_reason: 'INSUFFICIENT_BALANCE',
      failure_message: 'insufficient USD on coinbase',
    })
  })
})

describe('positions are filtered by the key', () => {
  test('a test key sees sandbox rows only and a live key live rows only', async () => {
    const { put, positions, as, asLive } = client()
    await put([{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 777 }], true)
    expect(await positions()).toHaveLength(1)
    const seen = (await asLive('GET', '/v1/positions')).json.positions as Row[]
    expect(seen.some(({ qty_1e8 }) => qty_1e8 === 777e8)).toBe(false)
    expect((await as('GET', '/v1/positions')).raw).not.toContain('is_sandbox')
  })

  test('sandbox orders of a live key land in the sandbox rows', async () => {
    const { put, positions, asLive } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    await put([{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 1000 }], true)
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'coinbase', is_sandbox: true }
    const answer = await asLive('POST', '/v1/orders', order)
    expect(answer.json).toMatchObject({ status: 'ACCEPTED', is_sandbox: true })
    expect(await positions('?kinds=crypto')).toMatchObject([
      { instrument: { symbol: 'BTC' }, qty_1e8: 1e8 },
    ])
    const live = (await asLive('GET', '/v1/positions')).json.positions as Row[]
    expect(
      live.some(({ instrument }) => instrument.symbol === 'BTC' && instrument.kind === 'x'),
    ).toBe(false)
  })

  test('a live key lists, reads and cancels the sandbox orders it sent', async () => {
    const { asLive, as } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, price: 98, venue: 'coinbase' }
    const sent = await asLive('POST', '/v1/orders', { ...order, sandbox: true })
    const path = `/v1/orders/${encodeURIComponent(sent.json.nodes[0].node_order_id)}`
    await as('POST', '/v1/orders', order)
    expect((await asLive('GET', path)).json).toMatchObject({ status: 'WORKING', is_sandbox: true })
    const listed = (await asLive('GET', '/v1/orders')).json.orders as { graph_id: string }[]
    expect(listed.map(({ graph_id }) => graph_id)).toEqual([sent.json.graph_id])
    expect((await asLive('DELETE', path)).json.status).toBe('CANCELLED')
  })

  test('filters by venue and kind', async () => {
    const { put, positions, as } = client()
    await put(SEED_FOUR, true)
    expect(await positions('?venues=kalshi')).toHaveLength(2)
    expect(await positions('?venues=kalshi,hyperliquid&kinds=perp,event_contract')).toHaveLength(2)
    expect(await positions('?venues=nowhere')).toEqual([])
    expect((await as('GET', '/v1/positions?kinds=stock')).status).toBe(400)
  })
})

describe('orders', () => {
  const noAsk = { symbol: 'ETH-USD', side: 'buy', qty: 1, venue: 'coinbase' }

  async function expectNoAsk(answer: Answer) {
    expect(answer.status).toBe(200)
    expect(answer.json.status).toBe('REJECTED')
    expect(answer.json.nodes[0]).toMatchObject({
      status: 'REJECTED',
      failure_reason: 'EXCHANGE_REJECT',
      failure_message: 'market buy requires a live ask',
    })
  }

  test('vector 12: a market buy without any ask is refused, with no fill and no reservation', async () => {
    const { as, positions } = client()
    await book('coinbase', 'ETH-USD', [[99, 1]], [])
    await as('POST', '/v1/sandbox/reset')
    await expectNoAsk(await as('POST', '/v1/orders', noAsk))
    expect((await as('GET', '/v1/fills')).json.fills).toEqual([])
    expect((await positions()).every(({ locked_qty_1e8 }) => locked_qty_1e8 === 0)).toBe(true)
  })

  test('vector 13: the same order with a live key has the same code and words', async () => {
    const { asLive } = client()
    await book('coinbase', 'ETH-USD', [[99, 1]], [])
    await expectNoAsk(await asLive('POST', '/v1/orders', noAsk))
    const answer = await asLive('POST', '/v1/orders', noAsk)
    expect(answer.json.is_sandbox).toBe(false)
  })

  test('a market sell without any bid is refused likewise', async () => {
    const { as, put } = client()
    await put([{ venue: 'coinbase', kind: 'crypto', symbol: 'ETH', qty: 5 }], true)
    await book('coinbase', 'ETH-USD', [], [[101, 1]])
    const answer = await as('POST', '/v1/orders', { ...noAsk, side: 'sell' })
    expect(answer.json.nodes[0].failure_message).toBe('market sell requires a live bid')
  })

  test('vector 14: a market buy of 3 walks 1@100, 1@101 and 1@103', async () => {
    const { as } = client()
    await book(
      'coinbase',
      'BTC-USD',
      [[99, 9]],
      [
        [100, 1],
        [101, 1],
        [103, 5],
      ],
    )
    const answer = await as('POST', '/v1/orders', {
      symbol: 'BTC-USD',
      side: 'buy',
      qty: 3,
      venue: 'coinbase',
      max_slippage_bps: 1000,
    })
    expect(answer.json.nodes[0].status).toBe('FILLED')
    const { fills } = (await as('GET', '/v1/fills?symbol=BTC-USD')).json
    const walked = fills.map(({ px_1e9, qty_1e8 }: { px_1e9: number; qty_1e8: number }) => [
      px_1e9 / 1e9,
      qty_1e8 / 1e8,
    ])
    expect(walked.sort()).toEqual([
      [100, 1],
      [101, 1],
      [103, 1],
    ])
  })

  test('vector 15: a paced order of ten slices is a graph of eleven nodes and ten edges', async () => {
    const { as } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const twap = {
      graph_id: 'twap',
      nodes: [
        {
          node_id: 'twap',
          instrument: { symbol: 'BTC-USD', type: 'spot', venue: 'coinbase' },
          side: 'buy',
          order_type: 'market',
          quantity: { fixed: { qty_1e8: 1e8 } },
          execution: { pacing: { uniform: { num_slices: 10, interval_ms: 3_600_000 } } },
        },
      ],
    }
    const answer = await as('POST', '/v1/orders', twap)
    expect(answer.status).toBe(200)
    expect((await as('POST', '/v1/orders', twap)).raw).toBe(answer.raw)
    const read = await as('GET', '/v1/execution_graphs/twap')
    for (const { nodes, edges } of [answer.json, read.json]) {
      expect(nodes).toHaveLength(11)
      expect(edges).toHaveLength(10)
      expect(nodes.map(({ status }: { status: string }) => status)).toEqual([
        'PARTIAL',
        'FILLED',
        ...Array(9).fill('WAITING'),
      ])
      expect(edges.at(-1)).toEqual({
        edge_id: 'e10',
        from_node: 'twap-9',
        to_node: 'twap-10',
        trigger: { on_timeout: { ms: 3_600_000 } },
      })
    }
    const ended = await as('DELETE', '/v1/execution_graphs/twap')
    expect(ended.json.nodes.map(({ status }: { status: string }) => status)).toEqual([
      'PARTIAL',
      'FILLED',
      ...Array(9).fill('CANCELLED'),
    ])
    expect((await as('DELETE', '/v1/execution_graphs/twap')).status).toBe(409)
  })

  test('vector 16: the same graph_id answers the first order again, other parameters 409', async () => {
    const { as } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'coinbase', graph_id: 'once' }
    const first = await as('POST', '/v1/orders', order)
    const again = await as('POST', '/v1/orders', { ...order, price: null })
    expect(again.status).toBe(200)
    expect(again.raw).toBe(first.raw)
    expect((await as('GET', '/v1/orders')).json.orders).toHaveLength(1)
    const other = await as('POST', '/v1/orders', { ...order, qty: 2 })
    expect(other.status).toBe(409)
    expect(other.json.error.code).toBe('CONFLICT')
    expect((await as('GET', '/v1/orders')).json.orders).toHaveLength(1)
  })

  test('a graph_id belongs to its client', async () => {
    const [one, two] = [client(), client()]
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'coinbase', graph_id: 'shared' }
    await one.as('POST', '/v1/orders', order)
    expect((await two.as('POST', '/v1/orders', { ...order, qty: 2 })).status).toBe(200)
    const [{ node_order_id }] = (await one.as('GET', '/v1/orders')).json.orders
    const path = `/v1/orders/${encodeURIComponent(node_order_id)}`
    expect((await one.as('GET', path)).status).toBe(200)
    const stranger = await client().as('GET', path)
    expect(stranger.status).toBe(404)
  })

  test('a test key forces the sandbox even when the flag says false', async () => {
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, venue: 'coinbase', is_sandbox: false }
    expect((await client().as('POST', '/v1/orders', order)).json.is_sandbox).toBe(true)
  })

  test('a limit order rests, is seen, amended and cancelled', async () => {
    const { as, put, positions } = client()
    await put([{ venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 1000 }], true)
    await book('coinbase', 'BTC-USD', [[99, 1]], [[100, 50]])
    const placed = await as('POST', '/v1/orders', {
      symbol: 'BTC-USD',
      side: 'buy',
      qty: 2,
      price: 98,
      venue: 'coinbase',
    })
    const [{ node_order_id, status }] = placed.json.nodes
    expect(status).toBe('WORKING')
    expect((await positions())[0]?.locked_qty_1e8).toBeGreaterThanOrEqual(196e8)
    const path = `/v1/orders/${encodeURIComponent(node_order_id)}`
    const less = await as('PATCH', path, { decrease_by: 1 })
    expect(less.json).toMatchObject({ mode: 'native_atomic', qty_1e8: 1e8 })
    const cancelled = await as('DELETE', path)
    expect(cancelled.json.status).toBe('CANCELLED')
    expect((await positions())[0]).toMatchObject({ locked_qty_1e8: 0, qty_1e8: 1000e8 })
    const again = await as('DELETE', path)
    expect(again.status).toBe(409)
  })

  test('the kill switch cancels what works and refuses what comes with 409', async () => {
    const { as } = client()
    await book('coinbase', 'BTC-USD', [[99, 1]], [[100, 50]])
    const order = { symbol: 'BTC-USD', side: 'buy', qty: 1, price: 98, venue: 'coinbase' }
    await as('POST', '/v1/orders', order)
    expect((await as('PUT', '/v1/kill_switch', { enabled: true })).json).toEqual({ enabled: true })
    expect((await as('GET', '/v1/orders')).json.orders[0].status).toBe('CANCELLED')
    const refused = await as('POST', '/v1/orders', order)
    expect(refused.status).toBe(409)
    expect(refused.json.error.message).toBe('kill switch is active')
    await as('PUT', '/v1/kill_switch', { enabled: false })
    expect((await as('POST', '/v1/orders', order)).status).toBe(200)
  })

  test('a preview names route and cost and leaves nothing behind', async () => {
    const { as } = client()
    await book('coinbase', 'BTC-USD', [], [[100, 50]])
    const preview = await as('POST', '/v1/orders/preview', {
      symbol: 'BTC-USD',
      side: 'buy',
      qty: 1,
    })
    expect(preview.status).toBe(200)
    expect(preview.json.legs.length).toBeGreaterThan(0)
    expect((await as('GET', '/v1/orders')).json.orders).toEqual([])
  })
})

test('vector 20: a crossed NBBO has mid and spread 0', async () => {
  // Two venues that cross each other, each uncrossed by itself.
  await book('coinbase', 'BTC-USD', [[101, 1]], [[102, 1]])
  await book('cryptocom', 'BTC-USD', [[98, 1]], [[99, 1]])
  const { nbbo } = (await call('GET', '/v1/quotes/BTC-USD')).json
  expect(nbbo).toMatchObject({ bid: 101, ask: 99, mid: 0, spread_bps: 0 })
})

test('an expired and a revoked key are 401 at once', async () => {
  const made = await call('POST', '/v1/api_keys', {
    key: LIVE_KEY,
    body: { label: 'a', sandbox: true },
  })
  expect(made.status).toBe(201)
  expect((await call('GET', '/v1/health', { key: made.json.key })).status).toBe(200)
  const rotated = await call('POST', `/v1/api_keys/${made.json.key_id}/rotate`, { key: TEST_KEY })
  expect(rotated.json.key_id).toBe(made.json.key_id)
  expect((await call('GET', '/v1/health', { key: made.json.key })).status).toBe(401)
  expect((await call('GET', '/v1/health', { key: rotated.json.key })).status).toBe(200)
  expect((await call('DELETE', `/v1/api_keys/${made.json.key_id}`)).json).toEqual({ revoked: true })
  expect((await call('GET', '/v1/health', { key: rotated.json.key })).status).toBe(401)
})
