/** What the venue says has the shape of the samples, written from the documented shapes. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { kalshiLab, order, price, signedHeaders, TICKER } from '../../../support/kalshi.js'
import { differences } from '../../../support/structure.js'

const samples = (name: string): Record<string, unknown> =>
  JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../../venues/kalshi/samples', name), 'utf8'),
  ) as Record<string, unknown>

const ORDERS = '/portfolio/events/orders'

test('REST answers have the shape of the samples, and every sample is met', async () => {
  const rest = samples('rest.json')
  const met = new Set<string>()
  const alike = (name: string, ours: unknown): void => {
    met.add(name)
    expect(differences(ours, rest[name]), name).toEqual([])
  }
  const lab = kalshiLab()
  lab.bookB()
  const alice = lab.account('alice')
  const say = async (method: string, path: string, body?: object) =>
    (await lab.ask(alice, method, path, body)).body
  const resting = await say('POST', ORDERS, order({ count: '20', client_order_id: 'abc' }))
  alike('create-resting', resting)
  alike('order', await say('GET', `/portfolio/orders/${resting.order_id}`))
  const low = { price: '0.40' }
  const one = await say('POST', ORDERS, order({ ...low, client_order_id: 'one' }))
  alike('create-unfilled', one)
  alike(
    'batch-create',
    await say('POST', `${ORDERS}/batched`, { orders: [order({ ...low, client_order_id: 'a' })] }),
  )
  alike(
    'batch-create-refused',
    await say('POST', `${ORDERS}/batched`, {
      orders: [order({ price: '0.45', post_only: true, client_order_id: 'b' })],
    }),
  )
  const amend = (count: string) =>
    say('POST', `${ORDERS}/${one.order_id}/amend`, { ticker: TICKER, side: 'bid', ...low, count })
  alike('amend', await amend('8'))
  alike('amend-nothing', await amend('8'))
  alike('decrease', await say('POST', `${ORDERS}/${one.order_id}/decrease`, { reduce_by: '1' }))
  alike('cancel', await say('DELETE', `${ORDERS}/${one.order_id}`))
  alike(
    'batch-cancel-refused',
    await say('DELETE', `${ORDERS}/batched`, { orders: [{ order_id: one.order_id }] }),
  )
  alike('balance', await say('GET', '/portfolio/balance'))
  alike('positions', await say('GET', '/portfolio/positions'))
  alike('fills', await say('GET', '/portfolio/fills'))
  lab.mock.admin.determine(TICKER, price(1))
  lab.mock.admin.settle(TICKER)
  alike('settlements', await say('GET', '/portfolio/settlements'))
  expect([...met].sort()).toEqual(Object.keys(rest).sort())
})

test('socket messages have the shape of the samples, and every sample is met', async () => {
  const socket = samples('socket.json')
  const lab = kalshiLab()
  lab.bookB()
  const alice = lab.account('alice')
  const path = '/trade-api/ws/v2'
  const seen: { type: string; msg: { event_type?: string; last_update_reason?: string } }[] = []
  const session = lab.mock.connect(
    { path, query: '', headers: signedHeaders(alice, 'GET', path, lab.clock.now_ms()) },
    {
      send: (text) => seen.push(JSON.parse(text) as (typeof seen)[number]),
      ping: () => undefined,
      close: () => undefined,
    },
  )
  if ('status' in session) throw new Error('refused')
  const channels = [
    'orderbook_delta',
    'ticker',
    'trade',
    'fill',
    'market_positions',
    'user_orders',
    'order_group_updates',
    'market_lifecycle_v2',
  ]
  const params = { channels, market_tickers: [TICKER] }
  session.message(JSON.stringify({ id: 1, cmd: 'subscribe', params }))
  await lab.ask(alice, 'POST', ORDERS, order({ count: '20', client_order_id: 'abc' }))
  const group = await lab.ask(alice, 'POST', '/portfolio/order_groups/create', {
    contracts_limit: 5,
  })
  await lab.ask(alice, 'PUT', `/portfolio/order_groups/${group.body.order_group_id}/trigger`)
  lab.mock.tell({
    name: 'fee-change',
    series_ticker: 'KXTEST',
    event_ticker: 'KXTEST-99DEC31',
    terms: { fee_type: 'quadratic', multiplier_1e4: 10_000 },
    scheduled_ts: 1,
  })
  lab.mock.admin.determine(TICKER, price(1))
  for (const [type, sample] of Object.entries(socket)) {
    const wanted = (sample as (typeof seen)[number]).msg
    const ours = seen.filter(
      (message) =>
        message.type === type &&
        message.msg.event_type === wanted.event_type &&
        message.msg.last_update_reason === wanted.last_update_reason,
    )
    const own = type === 'orderbook_delta' ? ours.slice(1, 2) : ours
    expect(own.length, type).toBeGreaterThan(0)
    for (const message of own) expect(differences(message, sample), type).toEqual([])
  }
})
