/** The sheet's worked examples on the raw wire, field by field. */
import { describe, expect, test } from 'vitest'
import { sign } from '../../../../venues/kraken/auth.js'
import { bookChecksum } from '../../../../venues/kraken/book-feed.js'
import { type Account, BTC, type KrakenLab, krakenLab } from '../../../support/kraken.js'

const SECRET =
  'kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=='
const BODY = 'nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25'
const SIGNATURE =
  '4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=='

async function scene(): Promise<{ lab: KrakenLab; account: Account }> {
  const lab = krakenLab()
  const account = lab.account('wire')
  lab.sheetBook()
  return { lab, account }
}

const pairs = (text: string) =>
  text.split(' ').map((level) => {
    const [price = '', qty = ''] = level.split('/')
    return [price, qty] as const
  })

test('E1: the signature of vector S1', () => {
  expect(sign('/0/private/AddOrder', '1616492376594', BODY, SECRET)).toBe(SIGNATURE)
})

test('E1: a request with that signature is let in', async () => {
  const lab = krakenLab()
  const credentials = { api_key: 'S1', api_secret: SECRET }
  lab.mock.admin.openAccount({ label: 's1', credentials })
  const { body } = await lab.raw('/0/private/AddOrder', {
    method: 'POST',
    headers: { 'API-Key': 'S1', 'API-Sign': SIGNATURE },
    body: BODY,
  })
  expect(body.error).toEqual(['EOrder:Insufficient funds'])
})

test('E2: the checksum of vector C1', () => {
  const asks = pairs(
    '45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660 45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827',
  )
  const bids = pairs(
    '45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586 45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238',
  )
  expect(bookChecksum({ asks, bids })).toBe(3_310_070_434)
})

describe('orders', () => {
  const market = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '1.0' }
  const limit = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit' }
  const subscribed = async (lab: KrakenLab, account: Account) => {
    const socket = await lab.socket()
    const { token } = (await lab.call(account, 'GetWebSocketsToken')).result
    await socket.ask({ method: 'subscribe', params: { channel: 'executions', token } })
    await socket.ask({ method: 'subscribe', params: { channel: 'balances', token } })
    return socket
  }
  const placed = async (lab: KrakenLab, account: Account, fields: Record<string, string>) => {
    const { result } = await lab.call(account, 'AddOrder', fields)
    const txid: string = result.txid[0]
    const told = await lab.call(account, 'QueryOrders', { txid, trades: 'true' })
    return { txid, descr: result.descr.order, order: told.result[txid] }
  }

  test('E7: a market buy over two levels, told by REST and by the stream', async () => {
    const { lab, account } = await scene()
    const socket = await subscribed(lab, account)
    const { txid, descr, order } = await placed(lab, account, market)
    expect(descr).toBe('buy 1.00000000 XBTUSD @ market')
    expect(txid).toMatch(/^O[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6}$/)
    expect(order).toMatchObject({
      status: 'closed',
      vol: '1.00000000',
      vol_exec: '1.00000000',
      cost: '30005.00000',
      fee: '120.02000',
      price: '30005.00000',
    })
    const { result } = await lab.call(account, 'TradesHistory')
    expect(result.count).toBe(2)
    expect(order.trades.map((id: string) => result.trades[id].vol)).toEqual([
      '0.50000000',
      '0.50000000',
    ])
    const rows = socket.messages('executions').flatMap(({ data }) => data)
    expect(rows.map((row) => [row.exec_type, row.liquidity_ind, row.order_status])).toEqual([
      ['pending_new', undefined, 'pending_new'],
      ['new', undefined, 'new'],
      ['trade', 't', 'partially_filled'],
      ['trade', 't', 'filled'],
      ['filled', undefined, 'filled'],
    ])
    expect(rows[1]).not.toHaveProperty('symbol')
    expect(socket.messages('executions').map(({ sequence }) => sequence)).toEqual([
      1, 2, 3, 4, 5, 6,
    ])
    const legs = socket
      .messages('balances')
      .flatMap(({ type, data }) => (type === 'update' ? data : []))
    expect(legs.map(({ asset, amount, fee, balance }) => [asset, amount, fee, balance])).toEqual([
      ['USD', -15000, 60, 984940],
      ['BTC', 0.5, 0, 10.5],
      ['USD', -15005, 60.02, 969874.98],
      ['BTC', 0.5, 0, 11],
    ])
  })

  test('numbers on the socket keep their trailing zeros', async () => {
    const { lab, account } = await scene()
    const socket = await subscribed(lab, account)
    await placed(lab, account, { ...market, volume: '0.5' })
    const trade = socket.texts.find((text) => text.includes('"exec_type":"trade"')) ?? ''
    for (const field of [
      '"last_qty":0.50000000',
      '"last_price":30000.0',
      '"cost":15000.00000',
      '"fees":[{"asset":"USD","qty":60.00000}]',
    ]) {
      expect(trade).toContain(field)
    }
  })

  test('E8: a market buy against an empty side', async () => {
    const { lab, account } = await scene()
    lab.book([], [['29990.0', '1.0']])
    const socket = await subscribed(lab, account)
    const before = await lab.call(account, 'BalanceEx')
    const { descr, order } = await placed(lab, account, { ...market, volume: '0.1' })
    expect(descr).toBe('buy 0.10000000 XBTUSD @ market')
    expect(order).toMatchObject({
      status: 'canceled',
      reason: 'Insufficient liquidity',
      vol_exec: '0.00000000',
      cost: '0.00000',
      fee: '0.00000',
    })
    expect(await lab.call(account, 'BalanceEx')).toEqual(before)
    const rows = socket.messages('executions').flatMap(({ data }) => data)
    expect(rows.map(({ exec_type }) => exec_type)).toEqual(['pending_new', 'canceled'])
    expect(rows[1]).not.toHaveProperty('symbol')
  })

  test('E9: an IOC order', async () => {
    const { lab, account } = await scene()
    const fields = { ...limit, volume: '1.0', price: '30000.0', timeinforce: 'IOC' }
    expect((await placed(lab, account, fields)).order).toMatchObject({
      status: 'canceled',
      vol_exec: '0.50000000',
      cost: '15000.00000',
      fee: '60.00000',
    })
  })

  test('E10 and E11: a post-only order that would take, and its cancel', async () => {
    const { lab, account } = await scene()
    const fields = { ...limit, volume: '0.1', price: '30000.0', oflags: 'post' }
    const { txid, order } = await placed(lab, account, fields)
    expect(order).toMatchObject({
      status: 'canceled',
      vol_exec: '0.00000000',
      reason: 'Post only order',
    })
    expect(await lab.call(account, 'CancelOrder', { txid })).toEqual({
      error: ['EOrder:Unknown order'],
    })
  })

  test('E13: a market buy by cost, the fee outside of it', async () => {
    const { lab, account } = await scene()
    const fields = { ...market, volume: '15000', oflags: 'viqc' }
    expect((await placed(lab, account, fields)).order).toMatchObject({
      status: 'closed',
      vol_exec: '0.50000000',
      cost: '15000.00000',
      fee: '60.00000',
      oflags: 'viqc,fciq',
    })
    expect(lab.balance(account, 'USD')).toBe(98_494_000_000_000n)
  })

  test('BalanceEx shows what a resting buy holds', async () => {
    const lab = krakenLab()
    const account = lab.account('holds', { USD: '1000', BTC: '10' })
    await lab.call(account, 'AddOrder', { ...limit, volume: '0.01', price: '30000.0' })
    expect((await lab.call(account, 'BalanceEx')).result).toEqual({
      ZUSD: { balance: '1000.0000', hold_trade: '301.2000' },
      XXBT: { balance: '10.0000000000', hold_trade: '0.0000000000' },
    })
  })

  test('validates without placing', async () => {
    const { lab, account } = await scene()
    const fields = { ...limit, volume: '1', price: '29000', validate: 'true' }
    expect(await lab.call(account, 'AddOrder', fields)).toEqual({
      error: [],
      result: { descr: { order: 'buy 1.00000000 XBTUSD @ limit 29000.0' } },
    })
    const dear = await lab.call(account, 'AddOrder', { ...fields, volume: '100' })
    expect(dear.error).toEqual(['EOrder:Insufficient funds'])
    expect((await lab.call(account, 'OpenOrders')).result.open).toEqual({})
  })

  test('an edited order has a new id and the old one is cancelled, or nothing happened at all', async () => {
    const { lab, account } = await scene()
    const { txid } = await placed(lab, account, { ...limit, volume: '1', price: '29000' })
    const dear = { txid, pair: 'XBTUSD', volume: '100' }
    expect((await lab.call(account, 'EditOrder', dear)).error).toEqual([
      'EOrder:Insufficient funds',
    ])
    const all = { txid, pair: 'XBTUSD', volume: '33', price: '29100' }
    const { result } = await lab.call(account, 'EditOrder', all)
    expect(result).toMatchObject({ status: 'ok', originaltxid: txid, orders_cancelled: 1 })
    const open = (await lab.call(account, 'OpenOrders')).result.open
    expect(Object.keys(open)).toEqual([result.txid])
  })

  test('the dead man’s switch cancels everything when its time is up', async () => {
    const { lab, account } = await scene()
    await placed(lab, account, { ...limit, volume: '1', price: '29000' })
    await lab.call(account, 'CancelAllOrdersAfter', { timeout: '60' })
    lab.clock.advance(59_000)
    expect(lab.mock.admin.account(account.account_id).open_orders).toHaveLength(1)
    lab.clock.advance(1_000)
    expect(lab.mock.admin.account(account.account_id).open_orders).toHaveLength(0)
  })

  test('one account sees nothing of another', async () => {
    const { lab, account } = await scene()
    const other = lab.account('other')
    const socket = await subscribed(lab, other)
    const { txid } = await placed(lab, account, { ...limit, volume: '1', price: '29000' })
    expect((await lab.call(other, 'QueryOrders', { txid })).error).toEqual(['EOrder:Unknown order'])
    expect((await lab.call(other, 'CancelOrder', { txid })).error).toEqual(['EOrder:Unknown order'])
    await lab.settle()
    expect(socket.messages('executions').filter(({ type }) => type === 'update')).toEqual([])
  })
})

describe('socket commands', () => {
  const add = (token: string, rest: object = {}) => ({
    method: 'add_order',
    req_id: 99,
    params: {
      order_type: 'limit',
      side: 'buy',
      symbol: 'BTC/USD',
      order_qty: 0.01,
      limit_price: 29000,
      token,
      ...rest,
    },
  })
  const connected = async () => {
    const { lab, account } = await scene()
    const socket = await lab.socket()
    const { token } = (await lab.call(account, 'GetWebSocketsToken')).result
    return { lab, account, socket, token }
  }

  test('places, amends, edits and cancels', async () => {
    const { lab, account, socket, token } = await connected()
    const [added] = await socket.ask(add(token, { cl_ord_id: 'one' }))
    expect(added).toMatchObject({
      method: 'add_order',
      req_id: 99,
      success: true,
      result: { order_id: expect.any(String), cl_ord_id: 'one', warnings: [] },
    })
    const { order_id } = added.result
    const amend = { order_id, order_qty: 0.02, limit_price: 29100, token }
    const [amended] = await socket.ask({ method: 'amend_order', params: amend })
    expect(amended).toMatchObject({ success: true, result: { order_id } })
    const edit = { order_id, symbol: 'BTC/USD', order_qty: 0.03, token }
    const [edited] = await socket.ask({ method: 'edit_order', params: edit })
    expect(edited.result.original_order_id).toBe(order_id)
    const cancel = { order_id: [edited.result.order_id, order_id], token }
    const answers = await socket.ask({ method: 'cancel_order', params: cancel, req_id: 100 })
    expect(answers).toMatchObject([
      {
        method: 'cancel_order',
        req_id: 100,
        success: true,
        result: cancel.order_id.slice(0, 1).map((id) => ({ order_id: id }))[0],
      },
      { method: 'cancel_order', req_id: 100, success: false, error: 'EOrder:Unknown order' },
    ])
    expect(lab.mock.admin.account(account.account_id).open_orders).toEqual([])
  })

  test.each([
    ['EOrder:Insufficient funds', { order_qty: 100 }],
    ['EOrder:Order minimum not met', { order_qty: 0.00004 }],
    ['EOrder:Tick size check failed', { limit_price: 29000.05 }],
    ['EQuery:Unknown asset pair', { symbol: 'FOO/USD' }],
    ["Unsupported field: 'price' for the given msg type: add order", { price: 1 }],
    ['EGeneral:Invalid arguments:ordertype', { order_type: 'stop-loss' }],
    ['EGeneral:Invalid arguments:viqc', { cash_order_qty: 100 }],
    ['ESession:Invalid session', { token: 'nobody' }],
  ])('refuses with %s', async (error, change) => {
    const { socket, token } = await connected()
    const [answer] = await socket.ask(add(token, change))
    expect(answer).toMatchObject({ method: 'add_order', req_id: 99, success: false, error })
    expect(answer.time_in <= answer.time_out).toBe(true)
  })

  test('a token is good for fifteen minutes, and then for the socket that used it', async () => {
    const { lab, socket, token } = await connected()
    await socket.ask(add(token))
    lab.clock.advance(901_000)
    expect((await socket.ask(add(token)))[0]?.success).toBe(true)
    const late = await lab.socket()
    expect((await late.ask(add(token)))[0]?.error).toBe('ESession:Invalid session')
  })

  test('refuses unknown symbols, channels, depths and repeats in Kraken’s words', async () => {
    const { socket } = await connected()
    const subscribe = async (params: object) =>
      (await socket.ask({ method: 'subscribe', params }))[0]?.error
    expect(await subscribe({ channel: 'book', symbol: ['FOO/USD'] })).toBe(
      'Currency pair not supported FOO/USD',
    )
    expect(await subscribe({ channel: 'weather', symbol: ['BTC/USD'] })).toBe(
      'Subscription name invalid',
    )
    expect(await subscribe({ channel: 'book', symbol: ['BTC/USD'], depth: 7 })).toBe(
      'Subscription depth not supported',
    )
    await subscribe({ channel: 'book', symbol: ['BTC/USD'] })
    expect(await subscribe({ channel: 'book', symbol: ['BTC/USD'] })).toBe('Already subscribed')
  })

  test('tells every change of the market’s mode on the instrument channel', async () => {
    const { lab, socket } = await connected()
    await socket.ask({ method: 'subscribe', params: { channel: 'instrument' } })
    lab.mock.admin.setMarketState(BTC, 'post-only')
    await lab.settle()
    const last = socket.messages('instrument').at(-1)
    expect(last?.data.pairs).toMatchObject([{ symbol: 'BTC/USD', status: 'post_only' }])
  })
})
