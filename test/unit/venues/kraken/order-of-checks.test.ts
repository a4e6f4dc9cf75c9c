/** The first failing check wins: an order with everything wrong, put right one fault at a time. */
import { expect, test } from 'vitest'
import { sign } from '../../../../venues/kraken/auth.js'
import { BTC, krakenLab } from '../../../support/kraken.js'

test('checks an order in the sheet’s order', async () => {
  const lab = krakenLab()
  const account = lab.account('order')
  lab.sheetBook()
  const good = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.1', price: '29000.0' }
  await lab.call(account, 'AddOrder', { ...good, cl_ord_id: 'taken' })
  let order: Record<string, string> = {
    ...good,
    type: 'borrow',
    oflags: 'post',
    timeinforce: 'IOC',
    pair: 'FOOUSD',
    price: '9000.05',
    volume: '0.000000001',
    cl_ord_id: 'taken',
    deadline: '2020-01-01T00:00:00Z',
  }
  lab.mock.admin.setMarketState(BTC, 'cancel-only')
  const met: string[] = []
  const meet = async (right: Record<string, string>) => {
    order = { ...order, ...right }
    const { error, result } = await lab.call(account, 'AddOrder', order)
    if (result === undefined) {
      met.push(error[0])
      return
    }
    const [txid] = result.txid
    const told = await lab.call(account, 'QueryOrders', { txid })
    met.push(`${told.result[txid].status}: ${told.result[txid].reason}`)
  }
  await meet({})
  await meet({ type: 'buy' })
  await meet({ timeinforce: 'GTC' })
  await meet({ pair: 'XBTUSD' })
  lab.mock.admin.setMarketState(BTC, 'open')
  await meet({})
  await meet({ price: '9000.0' })
  await meet({ volume: '0.00004' })
  await meet({ volume: '0.00005' })
  await meet({ volume: '100', price: '30000.0' })
  await meet({ cl_ord_id: 'free' })
  await meet({ deadline: '' })
  await meet({ volume: '0.1' })
  await meet({ oflags: '' })
  expect(met).toEqual([
    'EGeneral:Invalid arguments:type',
    'EGeneral:Invalid arguments:oflags',
    'EQuery:Unknown asset pair',
    'EService:Market in cancel_only mode',
    'EOrder:Tick size check failed',
    'EGeneral:Invalid arguments:volume',
    'EOrder:Order minimum not met',
    'EOrder:Cost minimum not met',
    'EOrder:Invalid cl_ord_id',
    'EService:Deadline elapsed',
    'EOrder:Insufficient funds',
    'canceled: Post only order',
    'closed: null',
  ])
})

test('checks a request in the order key, signature, nonce, permission', async () => {
  const lab = krakenLab()
  const credentials = { permissions: 'query-funds' }
  const account = lab.mock.admin.openAccount({ label: 'auth', credentials })
  const { api_key = '', api_secret = '' } = account.credentials
  const path = '/0/private/CancelAll'
  const ask = async (key: string, secret: string, nonce: string) => {
    const body = `nonce=${nonce}`
    const headers = { 'API-Key': key, 'API-Sign': sign(path, nonce, body, secret) }
    return (await lab.raw(path, { method: 'POST', headers, body })).body.error[0]
  }
  expect(await ask('bm8=', 'bm8=', '-1')).toBe('EAPI:Invalid key')
  expect(await ask(api_key, 'bm8=', '-1')).toBe('EAPI:Invalid signature')
  expect(await ask(api_key, api_secret, '-1')).toBe('EAPI:Invalid nonce')
  expect(await ask(api_key, api_secret, '18446744073709551616')).toBe('EAPI:Invalid nonce')
  expect(await ask(api_key, api_secret, '7')).toBe('EGeneral:Permission denied')
  // The refused request used its nonce up.
  expect(await ask(api_key, api_secret, '7')).toBe('EAPI:Invalid nonce')
})
