/** What the venue says has the shape of the samples, and the samples reach every kind of row there is. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type Answer, krakenLab } from '../../../support/kraken.js'
import { differences } from '../../../support/structure.js'

const sample = (name: string): Answer =>
  JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../../venues/kraken/samples', name), 'utf8'),
  )

const limit = {
  pair: 'XBTUSD',
  type: 'buy',
  ordertype: 'limit',
  volume: '0.1',
  price: '29000.0',
}
const market = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.1' }

test('REST answers have the shape of the samples', async () => {
  const lab = krakenLab()
  const account = lab.account('samples', { USD: '1000000' })
  lab.sheetBook()
  const rest = sample('rest.json')
  const alike = (name: string, ours: Answer, mapsAt: string[] = []) =>
    expect(differences(ours, rest[name], { mapsAt }), name).toEqual([])
  const placed = await lab.call(account, 'AddOrder', limit)
  const [txid] = placed.result.txid
  alike('AddOrder', placed)
  alike('AddOrder refused', await lab.call(account, 'AddOrder', { ...limit, price: '1.05' }))
  alike('AmendOrder', await lab.call(account, 'AmendOrder', { txid, order_qty: '0.2' }))
  const { ZUSD } = (await lab.call(account, 'BalanceEx')).result
  alike('BalanceEx', { error: [], result: { ZUSD } })
  alike('CancelOrder', await lab.call(account, 'CancelOrder', { txid }))
  alike('GetWebSocketsToken', await lab.call(account, 'GetWebSocketsToken'))
  await lab.call(account, 'AddOrder', market)
  alike('TradesHistory', await lab.call(account, 'TradesHistory'), ['$.result.trades'])
  lab.book([], [])
  const empty = await lab.call(account, 'AddOrder', { ...market, cl_ord_id: 'sample-1' })
  const asked = { txid: empty.result.txid[0] }
  alike('QueryOrders', await lab.call(account, 'QueryOrders', asked), ['$.result'])
})

test('every kind of execution and balance row has its sample', async () => {
  const lab = krakenLab()
  const account = lab.account('samples')
  lab.sheetBook()
  const socket = await lab.socket()
  const { token } = (await lab.call(account, 'GetWebSocketsToken')).result
  for (const channel of ['executions', 'balances']) {
    await socket.ask({ method: 'subscribe', params: { channel, token } })
  }
  await lab.call(account, 'AddOrder', market)
  const { result } = await lab.call(account, 'AddOrder', limit)
  const [txid] = result.txid
  await lab.call(account, 'AmendOrder', { txid, order_qty: '0.2', limit_price: '29100.0' })
  await lab.call(account, 'CancelOrder', { txid })
  await lab.call(account, 'AddOrder', { ...limit, timeinforce: 'GTD', expiretm: '+5' })
  lab.clock.advance(6_000)
  await lab.settle()

  const samples = sample('executions.json')
  const rows = socket
    .messages('executions')
    .flatMap(({ type, data }) => (type === 'update' ? data : []))
  const kinds = new Set<string>()
  for (const row of rows) {
    kinds.add(row.exec_type)
    // A limit order says its price and its expiry; the sample is a market order.
    const { limit_price: _, expire_time: __, ...rest } = row
    const ours = row.exec_type === 'pending_new' ? rest : row
    expect(differences(ours, samples[row.exec_type]), row.exec_type).toEqual([])
  }
  expect([...kinds].sort()).toEqual(Object.keys(samples).sort())

  const balances = sample('balances.json')
  for (const { type, data } of socket.messages('balances')) {
    for (const row of data) expect(differences(row, balances[type]), type).toEqual([])
  }
})
