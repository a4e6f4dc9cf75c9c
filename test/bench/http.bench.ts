/**
 * HTTP: what the sandbox API costs over a bare JSON echo, and how long a server takes to its first answer.
 *
 * Hot path: `POST /v1/orders`, a market buy that fills, 50 connections, every order durable in the embedded
 * database before it is answered. Reference: a Hono app on the same server library that parses the same
 * body and answers JSON. Both run in this process after one another, loaded from a worker thread.
 */

import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import autocannon from 'autocannon'
import { Hono } from 'hono'
import { serveOptions } from '../../src/server/options.js'
import { serve } from '../../src/server/serve.js'
import { DEMO_TEST_KEY } from '../../src/server/verbs.js'

const CONNECTIONS = 50
const WARM_SECONDS = 2
const SECONDS = 8
const STARTS = 3

const order = JSON.stringify({ symbol: 'BTC-USD', side: 'buy', qty: 0.0001, venue: 'coinbase' })

export async function run(print: (line: string) => void): Promise<void> {
  const echo = await echoServer()
  const echoed = await load(urlOf(echo), '/v1/orders')
  echo.close()

  const server = await serve(serveOptions({ port: '0', logLevel: 'silent' }, {}))
  const setDepth = () =>
    fetch(`${server.url}/control/set-depth`, {
      method: 'POST',
      body: JSON.stringify({
        venue: 'coinbase',
        symbol: 'BTC-USD',
        bids: [[59_990, 1_000]],
        asks: [[60_000, 1_000]],
      }),
    })
  await setDepth()
  const orders = await load(server.url, '/v1/orders')
  const { status } = (await (await order1(server.url)).json()) as { status: string }
  if (status !== 'ACCEPTED') throw new Error(`the last order of the bench was ${status}`)
  await server.close()

  print(`http echo ${echoed.rate.toFixed(0)} requests/s, p99 ${echoed.p99_ms} ms`)
  print(`http orders, durable ${orders.rate.toFixed(0)} requests/s, p99 ${orders.p99_ms} ms`)
  print(`ratio http-orders-to-echo ${(orders.rate / echoed.rate).toFixed(3)}`)

  const [serving, bare] = [[], []] as [number[], number[]]
  for (let i = 0; i < STARTS; i++) {
    bare.push(await timed([PGLITE], /ready/))
    serving.push(await timed(SERVE, /listening/))
  }
  print(
    `start of bare PGlite ${median(bare).toFixed(0)} ms, of serve ${median(serving).toFixed(0)} ms`,
  )
  print(`ratio serve-start-to-pglite-start ${(median(serving) / median(bare)).toFixed(3)}`)
}

const headers = { 'content-type': 'application/json', authorization: `Bearer ${DEMO_TEST_KEY}` }

const order1 = (url: string) => fetch(`${url}/v1/orders`, { method: 'POST', headers, body: order })

async function load(url: string, path: string): Promise<{ rate: number; p99_ms: number }> {
  const options = {
    url: `${url}${path}`,
    method: 'POST' as const,
    headers,
    body: order,
    connections: CONNECTIONS,
    workers: 1,
  }
  await autocannon({ ...options, duration: WARM_SECONDS })
  const result = await autocannon({ ...options, duration: SECONDS })
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} refused and ${result.errors} failed requests at ${path}`)
  }
  return { rate: result.requests.average, p99_ms: result.latency.p99 }
}

async function echoServer(): Promise<Server> {
  const app = new Hono()
  app.post('/v1/orders', async (c) => c.json(await c.req.json()))
  const server = createServer(getRequestListener((request) => app.fetch(request)))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const SERVE = [resolve(import.meta.dirname, '../../src/server/main.js'), 'serve', '--port', '0']
const PGLITE = resolve(import.meta.dirname, 'pglite-start.js')

/** Milliseconds from starting a process to the first answer it can give. */
function timed(args: readonly string[], ready: RegExp): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [...args])
  return new Promise((done, fail) => {
    let text = ''
    let answered = false
    child.stdout.on('data', async (data) => {
      text += data
      if (answered || !ready.test(text)) return
      answered = true
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? []
      if (url !== undefined) await (await order1(url)).text()
      done(performance.now() - started)
      child.kill('SIGKILL')
    })
    child.on('exit', () => {
      if (!answered) fail(new Error(`${args.join(' ')} ended before it was ready`))
    })
  })
}

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
