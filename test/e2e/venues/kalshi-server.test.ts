/** The official client against the whole server: under its prefix, with the demo account's credentials. */
import axios from 'axios'
import { Configuration, ExchangeApi, OrdersApi, PortfolioApi } from 'kalshi-typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type Account, signature, TICKER } from '../../support/kalshi.js'
import { type Served, served } from '../../support/served.js'

let at: Served
let demo: Account
beforeAll(async () => {
  at = await served()
  const answer = await fetch(`${at.url}/control/credentials`)
  const { kalshi } = (await answer.json()) as {
    kalshi: { key_id: string; private_key_pem: string }
  }
  demo = { account_id: 0, ...kalshi }
})
afterAll(() => at?.server.close())

test('signs the path it called, prefix included, and is let in', async () => {
  const configuration = new Configuration({
    basePath: `${at.url}/venues/kalshi/trade-api/v2`,
    apiKey: demo.key_id,
    privateKeyPem: demo.private_key_pem,
  })
  const own = axios.create() as never
  const portfolio = new PortfolioApi(configuration, undefined, own)
  expect((await portfolio.getBalance()).data.balance).toBeGreaterThan(0)
  const exchange = new ExchangeApi(configuration, undefined, own)
  expect((await exchange.getExchangeStatus()).data.exchange_active).toBe(true)
  const orders = new OrdersApi(configuration, undefined, own)
  const made = await orders.createOrderV2({
    ticker: TICKER,
    side: 'bid',
    count: '3.00',
    price: '0.0100',
    time_in_force: 'good_till_canceled',
    self_trade_prevention_type: 'taker_at_cross',
  })
  expect(made.data.remaining_count).toBe('3.00')
  expect((await orders.cancelOrderV2(made.data.order_id)).data.reduced_by).toBe('3.00')
})

test.each(['/venues/kalshi/trade-api/ws/v2', '/trade-api/ws/v2'])(
  'opens the socket for a signature of %s',
  async (signed) => {
    const stamp = Date.now()
    const url = `${at.url.replace('http', 'ws')}/venues/kalshi/trade-api/ws/v2`
    const socket = new WebSocket(url, {
      headers: {
        'kalshi-access-key': demo.key_id,
        'kalshi-access-timestamp': `${stamp}`,
        'kalshi-access-signature': signature(demo, `${stamp}GET${signed}`),
      },
    })
    await new Promise<void>((done, fail) => {
      socket.on('open', done)
      socket.on('error', fail)
    })
    const first = new Promise<string>((done) =>
      socket.on('message', (data) => done(data.toString())),
    )
    socket.send(JSON.stringify({ id: 1, cmd: 'subscribe', params: { channels: ['trade'] } }))
    expect(JSON.parse(await first)).toMatchObject({ type: 'subscribed', msg: { channel: 'trade' } })
    socket.close()
  },
)
