/** `kill -9` under load on a data folder: what was acknowledged is there after a restart. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { caller } from '../support/api-client.js'
import { TEST_KEY } from '../support/served.js'

const root = resolve(import.meta.dirname, '../..')
const MAIN = [resolve(root, 'node_modules/tsx/dist/cli.mjs'), resolve(root, 'src/server/main.ts')]
const folder = mkdtempSync(join(tmpdir(), 'papervenue-kill-'))
const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function start() {
  // The interpreter itself, so that the signal meets the server and not a wrapper.
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', MAIN[1] ?? '', 'serve', '--port', '0', '--data', folder],
    { cwd: root },
  )
  running.push(child)
  let out = ''
  const url = await new Promise<string>((done, fail) => {
    child.stdout.on('data', (data) => {
      out += data
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(out) ?? []
      if (found !== undefined) done(found)
    })
    child.stderr.on('data', (data) => {
      out += data
    })
    child.on('close', () => fail(new Error(`the server ended: ${out}`)))
  })
  const gone = new Promise<void>((done) => child.on('exit', () => done()))
  const call = caller((path, init) => fetch(`${url}${path}`, init), TEST_KEY)
  return { child, gone, call }
}

test('no acknowledged order, fill or balance is lost', async () => {
  const first = await start()
  await first.call('POST', '/v1/sandbox/reset')
  const depth = { venue: 'coinbase', symbol: 'BTC-USD', bids: [[99, 1]], asks: [[100, 1_000_000]] }
  await first.call('POST', '/control/set-depth', { body: depth })

  const acknowledged: string[] = []
  let [sent, stopped] = [0, false]
  const client = async (): Promise<void> => {
    while (!stopped) {
      sent += 1
      const order = {
        symbol: 'BTC-USD',
        side: 'buy',
        qty: 0.01,
        venue: 'coinbase',
        graph_id: `g${sent}`,
      }
      const answer = await first.call('POST', '/v1/orders', { body: order }).catch(() => undefined)
      if (answer === undefined) return
      if (answer.json?.nodes?.[0]?.status === 'FILLED') acknowledged.push(answer.json.graph_id)
    }
  }
  const clients = Array.from({ length: 8 }, client)
  while (acknowledged.length < 40) await new Promise((turn) => setTimeout(turn, 5))
  first.child.kill('SIGKILL')
  await first.gone
  stopped = true
  await Promise.all(clients)
  expect(sent).toBeGreaterThan(acknowledged.length)

  const second = await start()
  const { orders } = (await second.call('GET', '/v1/orders?limit=1000')).json as {
    orders: { graph_id: string; status: string; filled_qty_1e8: number }[]
  }
  const kept = new Map(orders.map((order) => [order.graph_id, order]))
  expect(acknowledged.filter((id) => kept.get(id)?.status !== 'FILLED')).toEqual([])
  const { fills } = (await second.call('GET', '/v1/fills?limit=1000')).json as {
    fills: { graph_id: string; qty_1e8: number }[]
  }
  expect(acknowledged.filter((id) => !fills.some(({ graph_id }) => graph_id === id))).toEqual([])

  // Rows, fills and orders tell one story: nothing was applied by half.
  const { positions } = (await second.call('GET', '/v1/positions?venues=coinbase&kinds=crypto'))
    .json as {
    positions: { instrument: { symbol: string }; qty_1e8: number }[]
  }
  const held = positions.find(({ instrument }) => instrument.symbol === 'BTC')?.qty_1e8 ?? 0
  expect(held).toBe(fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0))
  expect(held).toBe(orders.reduce((sum, { filled_qty_1e8 }) => sum + filled_qty_1e8, 0))
  // The same graph_id is still the same order after the restart.
  const [again = ''] = acknowledged
  const order = { symbol: 'BTC-USD', side: 'buy', qty: 0.01, venue: 'coinbase', graph_id: again }
  expect((await second.call('POST', '/v1/orders', { body: order })).json.nodes[0].status).toBe(
    'FILLED',
  )
  expect((await second.call('GET', '/v1/orders?limit=1000')).json.orders).toHaveLength(
    orders.length,
  )

  second.child.kill('SIGTERM')
  await second.gone
}, 300_000)
