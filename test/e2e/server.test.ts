/** The server as a process and as sockets: starting, refusing to start, streaming, guarding, ending. */
import { spawn } from 'node:child_process'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect as connectTcp } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serveOptions } from '../../src/server/options.js'
import { serve } from '../../src/server/serve.js'
import { LIVE_KEY, type Served, served, TEST_KEY } from '../support/served.js'

const root = resolve(import.meta.dirname, '../..')
const MAIN = [resolve(root, 'node_modules/tsx/dist/cli.mjs'), resolve(root, 'src/server/main.ts')]

let at: Served
beforeAll(async () => {
  at = await served({ venuePort: ['kalshi=0'] })
}, 120_000)
afterAll(() => at?.server.close())

/** Runs the command until it ends, or until `ready` was printed and it was asked to stop. */
function command(
  args: string[],
  ready?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [...MAIN, ...args], { cwd: root })
  let [out, err, asked] = ['', '', false]
  child.stdout.on('data', (data) => {
    out += data
    if (ready?.test(out) && !asked) {
      asked = true
      child.kill('SIGTERM')
    }
  })
  child.stderr.on('data', (data) => {
    err += data
  })
  return new Promise((done) => child.on('close', (code) => done({ code, out, err })))
}

/** A request with any headers, Host included. */
function raw(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    request(`${at.url}${path}`, { headers }, (response) => {
      let body = ''
      response.on('data', (data) => {
        body += data
      })
      response.on('end', () => done({ status: response.statusCode ?? 0, body }))
    })
      .on('error', fail)
      .end()
  })
}

describe('starting', () => {
  test('prints addresses, the two demo keys and the venues', () => {
    expect(at.server.banner).toContain(`listening on ${at.url}`)
    expect(at.server.banner).toContain(TEST_KEY)
    expect(at.server.banner).toContain(LIVE_KEY)
    expect(at.server.banner).toMatch(/kalshi\s+\d+\s+\d+\s+http:\/\/127\.0\.0\.1:\d+/)
  })

  test('a taken port is one line and exit code 2', async () => {
    const taken = createServer()
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
    const { port } = taken.address() as AddressInfo
    const { code, err, out } = await command(['serve', '--port', String(port)])
    taken.close()
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err.trim()).toBe(
      `papervenue: port ${port} on 127.0.0.1 is already in use; choose another with --port`,
    )
  })

  test('a venue port for a venue without a wire is exit code 2', async () => {
    const { code, err } = await command(['serve', '--port', '0', '--venue-port', 'nowhere=0'])
    expect(code).toBe(2)
    expect(err.trim()).toBe('papervenue: --venue-port nowhere: no such venue with a wire')
  })

  test('serves until it is asked to stop, then ends with 0', async () => {
    const { code, out, err } = await command(['serve', '--port', '0'], /wire/)
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(out).toMatch(/papervenue \d+\.\d+\.\d+ listening on http:\/\/127\.0\.0\.1:\d+/)
  })

  test('on an address that is not loopback the well-known keys do not exist', async () => {
    const open = await serve(serveOptions({ port: '0', host: '0.0.0.0', logLevel: 'silent' }, {}))
    try {
      const url = open.url.replace('0.0.0.0', '127.0.0.1')
      const status = async (path: string, key?: string) =>
        (await fetch(`${url}${path}`, { headers: key ? { authorization: `Bearer ${key}` } : {} }))
          .status
      expect(await status('/v1/health', TEST_KEY)).toBe(401)
      expect(await status('/v1/health', LIVE_KEY)).toBe(401)
      const [random] = /seq_test_[0-9a-f]{64}/.exec(open.banner) ?? []
      expect(await status('/v1/health', random)).toBe(200)
      expect(await status('/control')).toBe(403)
      const [, token] = /admin token\s+([0-9a-f]{64})/.exec(open.banner) ?? []
      expect(await status('/control', token)).toBe(200)
      expect(
        await (
          await fetch(`${url}/control/credentials`, {
            headers: { authorization: `Bearer ${token}` },
          })
        ).json(),
      ).toEqual({})
    } finally {
      await open.close()
    }
  })
})

describe('control over sockets', () => {
  test('answers on loopback under a loopback name', async () => {
    expect((await raw('/control', {})).status).toBe(200)
    expect((await raw('/control', { host: 'localhost' })).status).toBe(200)
  })

  test('does not answer under another name or to pages of other sites', async () => {
    for (const headers of [{ host: 'evil.example' }, { origin: 'https://evil.example' }]) {
      const { status, body } = await raw('/control', headers as unknown as Record<string, string>)
      expect(status).toBe(403)
      expect(JSON.parse(body).error.code).toBe('FORBIDDEN')
    }
  })

  test('is not reached by another spelling of the path', async () => {
    for (const path of [
      '/control/',
      '/CONTROL',
      '//control',
      '/%63ontrol',
      '/x/../control',
      '/./control',
    ]) {
      const { status } = await raw(path, { host: 'evil.example' })
      expect([path, status === 403 || status === 404]).toEqual([path, true])
    }
  })

  test('hands out the demo credentials', async () => {
    const credentials = (await at.call('GET', '/control/credentials')).json
    expect(credentials.kalshi).toMatchObject({
      key_id: expect.any(String),
      private_key_pem: expect.stringContaining('PRIVATE KEY'),
    })
    expect(Object.keys(credentials.kraken)).toEqual(
      expect.arrayContaining(['api_key', 'api_secret']),
    )
  })
})

describe('HTTP', () => {
  test('keeps integers beyond 2^53 both ways', async () => {
    const body =
      '{"positions":[{"venue":"kalshi","kind":"fiat","symbol":"USD","qty":12345678901.23456789}],"replace":true}'
    expect((await at.call('POST', '/v1/sandbox/positions', { body })).status).toBe(200)
    const { raw: text } = await at.call('GET', '/v1/positions')
    expect(text).toContain('"qty_1e8":1234567890123456789,')
  })

  test('a 10 MB body is 413, announced or chunked', async () => {
    const big = `{"symbol":"${'x'.repeat(10_000_000)}"}`
    const announced = await at.call('POST', '/v1/orders', { body: big }).catch(() => undefined)
    // A server may cut the connection while the client still sends; when it answers, it is this.
    if (announced !== undefined) expect(announced.status).toBe(413)
    const chunked = await new Promise<number>((done) => {
      const sent = request(
        `${at.url}/v1/orders`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
        },
        (response) => {
          response.resume()
          done(response.statusCode ?? 0)
        },
      )
      sent.on('error', () => undefined)
      sent.write(big.slice(0, 2_000_000))
    })
    expect(chunked).toBe(413)
    expect((await at.call('GET', '/v1/health')).status).toBe(200)
  })

  test('what is no HTTP gets the envelope', async () => {
    const { hostname, port } = new URL(at.url)
    const answer = await new Promise<string>((done) => {
      const socket = connectTcp(Number(port), hostname, () => socket.write('NONSENSE\r\n\r\n'))
      let text = ''
      socket.on('data', (data) => {
        text += data
      })
      socket.on('close', () => done(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
    expect(answer).toContain('"code":"BAD_REQUEST"')
  })

  test('a venue without a wire says so, an unknown one is 404', async () => {
    expect((await at.call('GET', '/venues/nowhere/x')).status).toBe(404)
    expect((await at.call('GET', '/venues/dex/quote')).json.error.message).toMatch(
      /has no wire yet/,
    )
  })

  test('a venue answers under its prefix and on its own port', async () => {
    const path = '/trade-api/v2/exchange/status'
    const prefixed = await at.call('GET', `/venues/kalshi${path}`, { key: '' })
    const own = await fetch(`${at.server.venue_urls.kalshi}${path}`)
    expect(prefixed.status).toBe(200)
    expect(await own.json()).toEqual(prefixed.json)
    expect(prefixed.headers.get('x-request-id')).toBeNull()
  })
})

describe('the stream', () => {
  const url = () => `${at.url.replace('http', 'ws')}/v1/stream`

  function open(address: string, headers: Record<string, string> = {}) {
    const socket = new WebSocket(address, { headers })
    const messages: unknown[] = []
    const waiting: (() => void)[] = []
    socket.on('message', (data) => {
      messages.push(JSON.parse(data.toString()))
      for (const wake of waiting.splice(0)) wake()
    })
    const until = async (count: number) => {
      while (messages.length < count) await new Promise<void>((wake) => waiting.push(wake))
      return messages
    }
    const opened = new Promise<number>((done) => {
      socket.on('open', () => done(101))
      socket.on('unexpected-response', (_request, response) => done(response.statusCode ?? 0))
      socket.on('error', () => done(0))
    })
    return { socket, messages, until, opened }
  }

  test('a bad key is 401 on upgrade, an unknown path 404', async () => {
    expect(await open(url()).opened).toBe(401)
    expect(await open(url(), { authorization: 'Bearer seq_test_x' }).opened).toBe(401)
    expect(await open(`${url()}?ticket=wst_x`).opened).toBe(401)
    expect(await open(`${at.url.replace('http', 'ws')}/v1/other`).opened).toBe(404)
  })

  test('vector 18: opened with ?symbols= and no message, no events come', async () => {
    const stream = open(`${url()}?symbols=BTC-USD`, { authorization: `Bearer ${TEST_KEY}` })
    expect(await stream.opened).toBe(101)
    const body = { venue: 'coinbase', symbol: 'BTC-USD', bids: [[99, 1]], asks: [[100, 1]] }
    await at.call('POST', '/control/set-depth', { body })
    // An answer to a later message proves that nothing came before it.
    stream.socket.send('{"subscribe":["fills"]}')
    expect(await stream.until(1)).toEqual([{ subscribed: ['fills'], rejected: [] }])
    stream.socket.terminate()
  })

  test('vector 19: a ticket opens once, a second use is refused', async () => {
    const { ticket } = (await at.call('GET', '/v1/ws/ticket')).json
    const first = open(`${url()}?ticket=${ticket}`)
    expect(await first.opened).toBe(101)
    expect(await open(`${url()}?ticket=${ticket}`).opened).toBe(401)
    first.socket.terminate()
  })

  test('carries prices, and the order, fill and route of an order', async () => {
    const { test: key } = at.fresh()
    const stream = open(url(), { authorization: `Bearer ${key}` })
    await stream.opened
    const book = (ask: number) =>
      at.call('POST', '/control/set-depth', {
        body: { venue: 'coinbase', symbol: 'ETH-USD', bids: [[90, 9]], asks: [[ask, 9]] },
      })
    await book(100)
    stream.socket.send('{"subscribe":["prices:ETH-USD","orders","fills","routing"]}')
    const [, greeting] = await stream.until(2)
    expect(greeting).toMatchObject({ channel: 'prices:ETH-USD', data: { bid: 90, ask: 100 } })
    await book(101)
    expect((await stream.until(3))[2]).toMatchObject({ data: { ask: 101 } })
    const placed = await at.call('POST', '/v1/orders', {
      key,
      body: { symbol: 'ETH-USD', side: 'buy', qty: 1, venue: 'coinbase' },
    })
    expect(placed.json.nodes[0].status).toBe('FILLED')
    const { graph_id } = placed.json
    const deadline = stream.until(6)
    const seen = (await deadline).slice(3) as { channel: string; data: Record<string, unknown> }[]
    expect(seen.map(({ channel }) => channel)).toEqual(
      expect.arrayContaining(['orders', 'fills', 'routing']),
    )
    const fill = seen.find(({ channel }) => channel === 'fills')
    expect(fill?.data).toMatchObject({ graph_id, px_1e9: 101e9, qty_1e8: 1e8, is_sandbox: true })
    stream.socket.terminate()
  })

  test('binary messages are refused with 1003', async () => {
    const stream = open(url(), { authorization: `Bearer ${TEST_KEY}` })
    await stream.opened
    const closed = new Promise<number>((done) => stream.socket.on('close', (code) => done(code)))
    stream.socket.send(Buffer.from([1, 2, 3]))
    expect(await closed).toBe(1003)
  })
})

test('closing ends open streams and waits for nothing', async () => {
  const one = await served()
  const socket = new WebSocket(`${one.url.replace('http', 'ws')}/v1/stream`, {
    headers: { authorization: `Bearer ${TEST_KEY}` },
  })
  await new Promise((done) => socket.on('open', done))
  const gone = new Promise((done) => socket.on('close', done))
  await one.server.close()
  await gone
  await expect(fetch(`${one.url}/healthz`)).rejects.toThrow()
})

test('vector 17: eleven calls at once on the free tier, ten pass and one is 429', async () => {
  const limited = await served({ rateLimit: '5' })
  try {
    const statuses = await Promise.all(
      Array.from({ length: 11 }, async () => (await limited.call('GET', '/v1/health')).status),
    )
    expect(statuses.sort()).toEqual([...Array(10).fill(200), 429])
  } finally {
    await limited.server.close()
  }
})
