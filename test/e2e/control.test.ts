/** Control as another process reaches it: over sockets, guarded, with time travel under open streams. */
import { describe } from 'vitest'
import { WebSocket } from 'ws'
import { actions } from '../../src/control/actions.js'
import { expect, test } from '../../src/vitest/index.js'
import { caller } from '../support/api-client.js'
import { served } from '../support/served.js'

const MARKET = { venue: 'kraken', symbol: 'BTC-USD' } as const
const TOKEN = 'a-long-enough-admin-token'

describe('the admin rule', () => {
  test('bound to every address, each action wants the token and does nothing without it', async () => {
    const at = await served({ host: '0.0.0.0', adminToken: TOKEN })
    const { venues } = at.server.sandbox
    const url = at.url.replace('0.0.0.0', '127.0.0.1')
    const call = caller((path, init) => fetch(`${url}${path}`, init), '')
    try {
      const quote = { ...MARKET, asks: [['60010', '1']] }
      const book = () => venues.get('kraken')?.mock?.admin.depth('XXBTZUSD').asks.length
      for (const key of ['', `${TOKEN}x`, TOKEN.slice(1), 'seq_test_1']) {
        for (const name of actions.keys()) {
          for (const method of ['GET', 'POST']) {
            const body = method === 'POST' ? { body: quote } : {}
            const { status, json } = await call(method, `/control/${name}`, { key, ...body })
            expect([name, status, json.error.code]).toEqual([name, 403, 'FORBIDDEN'])
            expect(json.error.message).toMatch(/needs the admin token/)
          }
        }
      }
      expect(book()).toBe(0)
      expect((await call('POST', '/control/set-depth', { key: TOKEN, body: quote })).status).toBe(
        200,
      )
      expect(book()).toBe(1)
    } finally {
      await at.server.close()
    }
  })
})

describe('time travel over HTTP', () => {
  test('a revert brings the journal back while streams stay open and go on', async ({
    server,
    trader,
  }) => {
    const call = caller((path, init) => fetch(server.url + path, init), trader.account.test_key)
    const act = async (name: string, body: unknown) => {
      const answer = await call('POST', `/control/${name}`, { body })
      expect(answer.status, answer.raw).toBe(200)
      return answer.json
    }
    const client_id = trader.account.client_id
    const journal = async () =>
      (await call('GET', `/control/read-journal?client_id=${client_id}`)).json.sha256
    await act('set-balances', {
      client_id,
      replace: true,
      positions: [{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: 100_000 }],
    })
    await act('set-depth', { ...MARKET, bids: [['60000', 1]], asks: [['60010', 1]] })

    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, {
      headers: { authorization: `Bearer ${trader.account.test_key}` },
    })
    const heard: { channel: string; data: { asks?: [unknown, unknown][] } }[] = []
    socket.on('message', (data) => heard.push(JSON.parse(String(data))))
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.send(JSON.stringify({ subscribe: ['orders', 'fills', 'book:BTC-USD'] }))
    const until = async (holds: () => boolean): Promise<void> => {
      for (let turn = 0; turn < 200 && !holds(); turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      expect(holds(), JSON.stringify(heard.slice(-3))).toBe(true)
    }
    await until(() => heard.some(({ channel }) => channel === 'book:BTC-USD'))

    const before = await journal()
    await act('snapshot', { name: 'then' })
    const order = { ...MARKET, side: 'buy', qty: 0.1 }
    const first = (await call('POST', '/v1/orders', { body: order })).json
    await until(() => heard.some(({ channel }) => channel === 'fills'))
    expect(await journal()).not.toBe(before)

    await act('revert', { name: 'then' })
    expect(await journal()).toBe(before)
    expect((await call('GET', '/v1/orders')).json.orders).toEqual([])
    heard.length = 0
    expect((await call('POST', '/v1/orders', { body: order })).json.graph_id).toBe(first.graph_id)
    await until(() => heard.some(({ channel }) => channel === 'fills'))
    await act('set-depth', { ...MARKET, asks: [['61000', 1]] })
    await until(() => heard.some(({ channel }) => channel === 'book:BTC-USD'))
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.close()
  })

  test("a venue's own client comes back after a revert and finds the old book", async ({
    server,
  }) => {
    const call = caller((path, init) => fetch(server.url + path, init), '')
    const act = (name: string, body: unknown) => call('POST', `/control/${name}`, { body })
    const asks = async () =>
      (await call('GET', '/venues/kraken/0/public/Depth?pair=XBTUSD')).json.result.XXBTZUSD.asks
    await act('set-depth', { ...MARKET, asks: [['60010', 1]] })
    const socket = new WebSocket(`${server.venueUrl('kraken').replace('http', 'ws')}/v2`)
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    await act('branch', { name: 'other' })
    await act('set-depth', { ...MARKET, asks: [['70000', 1]] })
    expect((await asks())[0][0]).toBe('70000.00000')
    await act('switch-timeline', { name: 'main' })
    expect((await asks())[0][0]).toBe('60010.00000')
    // Its subscriptions belong to a time that is gone; a real venue that restarts closes them too.
    expect(await closed).toBe(1012)
  })
})
