/** Amends, edits, cancels and the dead man's switch: what each refuses, and what it leaves. */
import { describe, expect, test } from 'vitest'
import { type Account, type KrakenLab, krakenLab } from '../../../support/kraken.js'

const LIMIT = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.5', price: '29000.0' }

interface Scene {
  readonly lab: KrakenLab
  readonly account: Account
  readonly txid: string
  readonly call: (method: string, fields?: Record<string, string>) => Promise<string | object>
  readonly shown: () => Promise<Record<string, string>>
}

/** An account of 20,000 USD with one order. */
async function resting(change: Record<string, string> = {}): Promise<Scene> {
  const lab = krakenLab()
  const account = lab.account('amend', { USD: '20000', BTC: '1' })
  lab.sheetBook()
  const { result } = await lab.call(account, 'AddOrder', { ...LIMIT, ...change })
  const [txid] = result.txid
  const call = async (method: string, fields: Record<string, string> = { txid }) => {
    const answer = await lab.call(account, method, fields)
    return answer.error[0] ?? answer.result
  }
  const shown = async () => (await lab.call(account, 'QueryOrders', { txid })).result[txid]
  return { lab, account, txid, call, shown }
}

describe('AmendOrder', () => {
  const wrong = (field: string) => `EGeneral:Invalid arguments:${field}`
  test.each<[change: Record<string, string>, error: string]>([
    [{}, 'EGeneral:Invalid arguments'],
    [{ order_qty: '0.4', deadline: '2020-01-01T00:00:00Z' }, 'EService:Deadline elapsed'],
    [{ order_qty: '0.4', deadline: 'soon' }, wrong('deadline')],
    [{ order_qty: '0.4', post_only: 'maybe' }, wrong('post_only')],
    [{ limit_price: '0' }, wrong('limit_price')],
    [{ limit_price: 'x' }, wrong('limit_price')],
    [{ limit_price: '-1' }, wrong('limit_price')],
    [{ limit_price: '29000.05' }, 'EOrder:Tick size check failed'],
    [{ order_qty: '0' }, wrong('order_qty')],
    [{ order_qty: 'x' }, wrong('order_qty')],
    [{ order_qty: '0.000000001' }, wrong('order_qty')],
    [{ order_qty: '90000000' }, wrong('order_qty')],
    [{ order_qty: '0.00004' }, 'EOrder:Order minimum not met'],
    [{ order_qty: '0.00005', limit_price: '9000.0' }, 'EOrder:Cost minimum not met'],
    [{ limit_price: '30000.0', post_only: 'true' }, 'EOrder:Post only order'],
    [{ order_qty: '1' }, 'EOrder:Insufficient funds'],
    [{ order_qty: '0.4', display_qty: '0.1' }, wrong('display_qty')],
    [{ order_qty: '0.4', trigger_price: '1' }, wrong('trigger_price')],
  ])('with %o: %s, and nothing changes', async (change, error) => {
    const { txid, call, shown } = await resting()
    const before = await shown()
    expect(await call('AmendOrder', { txid, ...change })).toBe(error)
    expect(await shown()).toEqual(before)
  })

  test('changes price, size or both under the same id', async () => {
    const { txid, call, shown } = await resting()
    expect(await call('AmendOrder', { txid, limit_price: '29100.0' })).toHaveProperty('amend_id')
    expect(await shown()).toMatchObject({ vol: '0.50000000', descr: { price: '29100.0' } })
    expect(await call('AmendOrder', { txid, order_qty: '0.4' })).toHaveProperty('amend_id')
    expect(await shown()).toMatchObject({ vol: '0.40000000', descr: { price: '29100.0' } })
    await call('AmendOrder', { txid, order_qty: '0.3', limit_price: '29000.0' })
    expect(await shown()).toMatchObject({ vol: '0.30000000', misc: 'amended', status: 'open' })
  })

  test('counts what filled in the size', async () => {
    const { lab, txid, call, shown } = await resting({ volume: '0.6', price: '30000.0' })
    lab.book([], [])
    expect(await shown()).toMatchObject({ vol_exec: '0.50000000', status: 'open' })
    expect(await call('AmendOrder', { txid, order_qty: '0.5' })).toBe(wrong('order_qty'))
    expect(await call('AmendOrder', { txid, order_qty: '0.49' })).toBe(wrong('order_qty'))
    expect(await call('AmendOrder', { txid, order_qty: '0.51' })).toHaveProperty('amend_id')
    expect(await shown()).toMatchObject({ vol: '0.51000000', vol_exec: '0.50000000' })
  })

  test('trades at a price that crosses, unless the order is post-only', async () => {
    const plain = await resting({ volume: '0.1' })
    await plain.call('AmendOrder', { txid: plain.txid, limit_price: '30000.0' })
    expect(await plain.shown()).toMatchObject({ status: 'closed', vol_exec: '0.10000000' })
    const post = await resting({ volume: '0.1', oflags: 'post' })
    const { txid } = post
    expect(await post.call('AmendOrder', { txid, limit_price: '30000.0' })).toBe(
      'EOrder:Post only order',
    )
    expect(await post.call('AmendOrder', { txid, limit_price: '29999.9' })).toHaveProperty(
      'amend_id',
    )
    // Only a new price can cross.
    expect(await post.call('AmendOrder', { txid, order_qty: '0.09' })).toHaveProperty('amend_id')
  })

  test('needs an order that is open, by its id or its client id', async () => {
    const { txid, call } = await resting({ cl_ord_id: 'one' })
    expect(await call('AmendOrder', { order_qty: '0.4' })).toBe(wrong('txid'))
    expect(await call('AmendOrder', { txid: 'ONONE1-NONE1-NONE12', order_qty: '0.4' })).toBe(
      'EOrder:Unknown order',
    )
    expect(await call('AmendOrder', { cl_ord_id: 'one', order_qty: '0.4' })).toHaveProperty(
      'amend_id',
    )
    await call('CancelOrder')
    expect(await call('AmendOrder', { txid, order_qty: '0.3' })).toBe('EOrder:Unknown order')
  })
})

describe('EditOrder', () => {
  test('needs an open order of the pair it names', async () => {
    const { txid, call } = await resting()
    expect(await call('EditOrder', { volume: '0.4' })).toBe('EGeneral:Invalid arguments:txid')
    expect(await call('EditOrder', { txid, pair: 'ETHUSD' })).toBe('EQuery:Unknown asset pair')
    expect(await call('EditOrder', { txid, volume: '0' })).toBe('EGeneral:Invalid arguments:volume')
    expect(await call('EditOrder', { txid, price: 'x' })).toBe('EGeneral:Invalid arguments:price')
    await call('CancelOrder')
    expect(await call('EditOrder', { txid, volume: '0.4' })).toBe('EOrder:Unknown order')
  })

  test('keeps what is not said, under a new id, or only validates', async () => {
    const { lab, account, txid, call, shown } = await resting({ userref: '7', oflags: 'post' })
    expect(await call('EditOrder', { txid, volume: '0.4', validate: 'true' })).toMatchObject({
      status: 'ok',
      orders_cancelled: 0,
    })
    expect(await shown()).toMatchObject({ status: 'open' })
    const edited = (await call('EditOrder', { txid, volume: '0.4' })) as { txid: string }
    expect(await shown()).toMatchObject({ status: 'canceled' })
    const asked = { txid: edited.txid }
    expect((await lab.call(account, 'QueryOrders', asked)).result[edited.txid]).toMatchObject({
      status: 'open',
      userref: 7,
      oflags: 'post,fciq',
      vol: '0.40000000',
      descr: { price: '29000.0' },
    })
  })
})

describe('CancelOrder, CancelAll and CancelAllOrdersAfter', () => {
  test('a user reference names every open order that has it', async () => {
    const { lab, account, call } = await resting({ userref: '7', volume: '0.1' })
    await lab.call(account, 'AddOrder', { ...LIMIT, volume: '0.1', userref: '7' })
    await lab.call(account, 'AddOrder', { ...LIMIT, volume: '0.1' })
    expect(await call('CancelOrder', { txid: '7' })).toEqual({ count: 2 })
    expect(await call('CancelOrder', { txid: '0' })).toBe('EOrder:Unknown order')
    expect(await call('CancelAll', {})).toEqual({ count: 1 })
    expect(await call('CancelAll', {})).toEqual({ count: 0 })
  })

  test.each(['-1', '86401', 'x', '1.5', ''])('a time of "%s" is refused', async (timeout) => {
    const { call } = await resting()
    expect(await call('CancelAllOrdersAfter', { timeout })).toBe(
      'EGeneral:Invalid arguments:timeout',
    )
  })

  test('the switch fires when its time is up, moves with each call, and 0 lifts it', async () => {
    const { lab, call, shown } = await resting()
    await call('CancelAllOrdersAfter', { timeout: '86400' })
    await call('CancelAllOrdersAfter', { timeout: '10' })
    lab.clock.advance(9_000)
    await call('CancelAllOrdersAfter', { timeout: '10' })
    lab.clock.advance(9_999)
    expect(await shown()).toMatchObject({ status: 'open' })
    expect(await call('CancelAllOrdersAfter', { timeout: '0' })).toMatchObject({ triggerTime: '0' })
    lab.clock.advance(60_000)
    expect(await shown()).toMatchObject({ status: 'open' })
    await call('CancelAllOrdersAfter', { timeout: '1' })
    lab.clock.advance(1_000)
    expect(await shown()).toMatchObject({ status: 'canceled', reason: 'User requested' })
  })
})
