import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'

let sandbox: Sandbox
let key: string

beforeEach(async () => {
  sandbox = await createSandbox({ store: 'memory', adversary: 'off' })
  key = sandbox.account('one').test_key
})
afterEach(() => sandbox.close())

async function call(path: string, body?: object) {
  const answer = await sandbox.fetch(path, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, json: JSON.parse(await answer.text()) }
}

type Rows = [price: number, size: number][]
const depth = (venue: string, bids: Rows, asks: Rows) =>
  perform(sandbox.control, 'set-depth', { venue, symbol: 'BTC-USD', bids, asks })

test('depth adds the sizes of all venues at each price, best first', async () => {
  await depth('kraken', [[99, 1]], [[101, 1]])
  await depth(
    'coinbase',
    [[99, 2]],
    [
      [100, 5],
      [101, 2],
    ],
  )
  const { json } = await call('/v1/intelligence/depth?symbol=BTC-USD')
  expect(json).toEqual({
    symbol: 'BTC-USD',
    bids: [{ price: 99, size: 3, venues: { coinbase: 2, kraken: 1 } }],
    asks: [
      { price: 100, size: 5, venues: { coinbase: 5 } },
      { price: 101, size: 3, venues: { coinbase: 2, kraken: 1 } },
    ],
  })
  const one = (await call('/v1/intelligence/depth?symbol=BTC-USD&levels=1')).json
  expect(one.asks).toHaveLength(1)
})

test('the slippage curve grows with size and says where the books end', async () => {
  await depth(
    'kraken',
    [
      [100, 50],
      [90, 500],
    ],
    [
      [101, 50],
      [110, 500],
    ],
  )
  const { curve } = (await call('/v1/intelligence/slippage?symbol=BTC-USD&side=buy')).json
  expect(curve.map((row: { notional_usd: number }) => row.notional_usd)).toEqual([
    1_000, 10_000, 100_000, 1_000_000,
  ])
  const [small, middle, , large] = curve
  expect(small).toMatchObject({ slippage_bps: 0, avg_px_1e9: 101_000_000_000, guards: [] })
  expect(middle.slippage_bps).toBeGreaterThan(0)
  expect(large.unfilled_qty_1e8).toBeGreaterThan(0)
  const sell = (await call('/v1/intelligence/slippage?symbol=BTC-USD&side=sell')).json
  expect(sell.curve[1].slippage_bps).toBeGreaterThan(0)
})

test('routing tells the legs that the order then has', async () => {
  await depth('kraken', [[99, 1]], [[100, 1]])
  await depth('coinbase', [[99, 1]], [[100, 1]])
  const path = '/v1/intelligence/routing?symbol=BTC-USD&side=buy&qty=1.5'
  const { json } = await call(path)
  expect(json).toMatchObject({ qty_1e8: 150_000_000, unfilled_qty_1e8: 0, guards: [] })
  const order = { graph_id: 'real', symbol: 'BTC-USD', side: 'buy', qty: 1.5 }
  expect((await call('/v1/orders', order)).status).toBe(200)
  const { orders } = (await call('/v1/orders?graph_id=real')).json
  expect(orders[0].routing).toEqual(json.legs)
  expect(json.chosen).toEqual(orders[0].children.map(({ venue }: { venue: string }) => venue))
})

test('what would refuse the order is named, and no price is made up', async () => {
  await depth('kraken', [[99, 1]], [])
  const { json } = await call('/v1/intelligence/routing?symbol=BTC-USD&side=buy&qty=1')
  expect(json).toMatchObject({ legs: [], chosen: [] })
  expect(json.guards).toContainEqual({
    code: 'EXCHANGE_REJECT',
    message: 'market buy requires a live ask',
  })
  const { curve } = (await call('/v1/intelligence/slippage?symbol=BTC-USD')).json
  expect(curve[0]).toMatchObject({ avg_px_1e9: null, slippage_bps: 0 })
})

const refused: [path: string, status: number][] = [
  ['depth?symbol=NOPE-USD', 404],
  ['slippage?symbol=NOPE-USD', 404],
  ['routing?symbol=NOPE-USD&side=buy&qty=1', 404],
  ['depth', 400],
  ['routing?symbol=BTC-USD&side=buy', 400],
  ['routing?symbol=BTC-USD&side=hold&qty=1', 400],
]
for (const qty of ['0', '-1', 'NaN', '1e9', '', '99999999999999999999']) {
  refused.push([`routing?symbol=BTC-USD&side=buy&qty=${qty}`, 400])
}
test.each(refused)('%s is %i', async (path, status) => {
  expect((await call(`/v1/intelligence/${path}`)).status).toBe(status)
})
