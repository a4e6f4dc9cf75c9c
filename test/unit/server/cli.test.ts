import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../../../src/server/cli.js'
import { DEMO_LIVE_KEY, DEMO_TEST_KEY } from '../../../src/server/verbs.js'

const seen: { method: string; path: string; key: string; body: string }[] = []
let answer = '{}'
let status = 200

const server = createServer(async (request: IncomingMessage, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  seen.push({
    method: request.method ?? '',
    path: request.url ?? '',
    key: (request.headers.authorization ?? '').replace('Bearer ', ''),
    body: Buffer.concat(chunks).toString(),
  })
  response.writeHead(status, { 'content-type': 'application/json' }).end(answer)
})
const folder = mkdtempSync(join(tmpdir(), 'papervenue-'))
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

async function run(
  args: string[],
  {
    env = {},
    reply = '{}',
    code = 200,
  }: { env?: Record<string, string>; reply?: string; code?: number } = {},
) {
  answer = reply
  status = code
  seen.length = 0
  const out: string[] = []
  const err: string[] = []
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const exit = await runCli(args, {
    env: { PAPERVENUE_URL: url, ...env },
    print: (text) => out.push(text),
    complain: (text) => err.push(text),
    stopped: async () => {},
  })
  return { exit, out: out.join('\n'), err: err.join('\n'), call: seen[0] }
}

describe('verbs', () => {
  test.each([
    [['venues'], 'GET', '/v1/venues', ''],
    [['symbols'], 'GET', '/v1/symbols', ''],
    [['quote', 'KXTEST:NO'], 'GET', '/v1/quotes/KXTEST%3ANO?depth=0', ''],
    [['positions'], 'GET', '/v1/positions', ''],
    [['fees', 'BTC-USD'], 'GET', '/v1/fees/BTC-USD', ''],
    [['fills', '--symbol', 'BTC-USD'], 'GET', '/v1/fills?symbol=BTC-USD', ''],
    [['orders', '--status', 'FILLED'], 'GET', '/v1/orders?status=FILLED', ''],
    [
      ['buy', 'BTC-USD', '0.10'],
      'POST',
      '/v1/orders',
      '{"symbol":"BTC-USD","side":"buy","qty":0.10}',
    ],
    [
      ['sell', 'BTC-USD', '1', '--price', '64000.50', '--venue', 'kraken', '--tif', 'ioc'],
      'POST',
      '/v1/orders',
      '{"symbol":"BTC-USD","side":"sell","qty":1,"price":64000.50,"venue":"kraken","tif":"ioc"}',
    ],
    [['cancel', 'graph:g:n0:1'], 'DELETE', '/v1/orders/graph%3Ag%3An0%3A1', ''],
    [
      ['amend', 'x', '--price', '2', '--qty', '3'],
      'PATCH',
      '/v1/orders/x',
      '{"new_price":2,"new_qty":3}',
    ],
    [['decrease', 'x', '--by', '0.5'], 'PATCH', '/v1/orders/x', '{"decrease_by":0.5}'],
    [
      ['redeem', 'slug', '--venue', 'polymarket'],
      'POST',
      '/v1/markets/slug/redeem?venue=polymarket',
      '',
    ],
    [['sandbox', 'reset'], 'POST', '/v1/sandbox/reset', ''],
    [['sandbox', 'settings'], 'GET', '/v1/sandbox/settings', ''],
    [
      ['sandbox', 'settings', '--balance', '5000'],
      'PUT',
      '/v1/sandbox/settings',
      '{"initial_balance_usd":5000}',
    ],
  ])('%j calls %s %s', async (args, method, path, body) => {
    const { exit, err, call } = await run(args)
    expect(err).toBe('')
    expect(exit).toBe(0)
    expect(call).toEqual({ method, path, key: DEMO_TEST_KEY, body })
  })

  test('sandbox set sends the positions of a file with every digit', async () => {
    const file = join(folder, 'positions.json')
    writeFileSync(
      file,
      '[{"venue":"kraken","kind":"fiat","symbol":"USD","qty":100000000000000001}]',
    )
    const { call } = await run(['sandbox', 'set', file, '--replace'])
    expect(call?.body).toBe(
      '{"positions":[{"venue":"kraken","kind":"fiat","symbol":"USD","qty":100000000000000001}],"replace":true}',
    )
  })

  test('the key comes from --key, PAPERVENUE_KEY or the demo', async () => {
    expect((await run(['venues', '--live'])).call?.key).toBe(DEMO_LIVE_KEY)
    const env = { PAPERVENUE_KEY: 'seq_test_mine' }
    expect((await run(['venues'], { env })).call?.key).toBe('seq_test_mine')
    expect((await run(['venues', '--key', 'seq_test_other'], { env })).call?.key).toBe(
      'seq_test_other',
    )
  })

  test('positions are shown in human units, or as JSON on request', async () => {
    const reply =
      '{"positions":[{"venue":"kraken","instrument":{"kind":"crypto","symbol":"BTC"},"qty_1e8":29000000,"available_qty_1e8":29000000,"entry_price_usd_1e9":64000500000000,"current_price_usd_1e9":0,"unrealized_pnl_usd_1e9":-1}]}'
    const { out } = await run(['positions'], { reply })
    expect(out).toContain('kraken')
    expect(out).toMatch(/crypto\s+BTC\s+0\.29\s+0\.29\s+64000\.5\s+0\s+-0\.000000001/)
    expect((await run(['positions', '--json'], { reply })).out).toBe(reply)
  })

  test('a refused order is shown with its words', async () => {
    const reply =
      '{"graph_id":"g","nodes":[{"node_order_id":"graph:g:n0:1","status":"REJECTED","failure_reason":"EXCHANGE_REJECT","failure_message":"market buy requires a live ask"}]}'
    const { out, exit } = await run(['buy', 'BTC-USD', '1'], { reply })
    expect(out).toContain('market buy requires a live ask')
    expect(exit).toBe(0)
  })
})

describe('what goes wrong', () => {
  test('an error envelope is told on stderr with exit code 1', async () => {
    const reply =
      '{"error":{"code":"VALIDATION_ERROR","message":"the request body is not valid","request_id":"r","details":[{"field":"qty","message":"must be more than 0"}]}}'
    const { exit, err, out } = await run(['buy', 'BTC-USD', '0'], { reply, code: 422 })
    expect(exit).toBe(1)
    expect(out).toBe('')
    expect(err).toBe(
      'papervenue: VALIDATION_ERROR: the request body is not valid\n  qty: must be more than 0',
    )
  })

  test('nobody answering is exit code 1', async () => {
    const { exit, err } = await run(['venues', '--url', 'http://127.0.0.1:1'])
    expect(exit).toBe(1)
    expect(err).toMatch(/^papervenue: nobody answers at http:\/\/127\.0\.0\.1:1/)
  })

  test.each([
    [['frobnicate'], /unknown command/],
    [['serve', '--nonsense'], /unknown option/],
    [['serve', '--port', '70000'], /--port is 70000/],
    [['buy', 'BTC-USD'], /missing required argument/],
    [['buy', 'BTC-USD', 'lots'], /qty is "lots"; a number is expected/],
    [['buy', 'BTC-USD', '-1'], /unknown option|number is expected/],
    [['decrease', 'x'], /required option/],
    [['sandbox', 'set', '/nowhere.json'], /nowhere\.json/],
    [['market', 'resolve', 'X', 'MAYBE', '--venue', 'kalshi'], /YES or NO is expected/],
  ])('%j is one line and exit code 2', async (args, words) => {
    const { exit, err, call } = await run(args)
    expect(exit).toBe(2)
    expect(err).toMatch(words)
    expect(err.split('\n')).toHaveLength(1)
    expect(call).toBeUndefined()
  })

  test('help and version succeed', async () => {
    expect((await run(['--help'])).out).toContain('serve')
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+$/)
  })
})
