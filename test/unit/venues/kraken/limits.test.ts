/** The engine's counter, per pair: what each transaction costs, by the age of its order. */
import { describe, expect, test } from 'vitest'
import { type Account, type KrakenLab, krakenLab } from '../../../support/kraken.js'

const LIMIT = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: '29000.0' }
/** Threshold of the starter tier. */
const THRESHOLD = 60

function opened(): { lab: KrakenLab; account: Account } {
  const lab = krakenLab({ switches: { rate_limits: 'starter' } })
  const account = lab.account('limits')
  lab.sheetBook()
  return { lab, account }
}

const placed = async (lab: KrakenLab, account: Account): Promise<string> =>
  (await lab.call(account, 'AddOrder', LIMIT)).result.txid[0]

/** What was charged so far: how many one-point refusals fewer than the threshold still fit. */
async function charged(lab: KrakenLab, account: Account): Promise<number> {
  const tooSmall = { ...LIMIT, volume: '0.00001' }
  for (let fits = 0; fits <= THRESHOLD; fits += 1) {
    const { error } = await lab.call(account, 'AddOrder', tooSmall)
    if (error[0] === 'EOrder:Rate limit exceeded') return THRESHOLD - fits
    expect(error).toEqual(['EOrder:Order minimum not met'])
  }
  throw new Error('the counter never fills')
}

/** Seconds the order rests, and what the transaction costs on top of its fixed point. */
const AGES = [0, 4.9, 5, 9.9, 10, 14.9, 15, 44.9, 45, 89.9, 90, 299.9, 300]
const CANCEL = [8, 8, 6, 6, 5, 5, 4, 4, 2, 2, 1, 1, 0]
const AMEND = [3, 3, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0]
const EDIT = [6, 6, 5, 5, 4, 4, 2, 2, 1, 1, 0, 0, 0]

describe.each([
  ['CancelOrder', CANCEL, 0],
  ['AmendOrder', AMEND, 1],
  ['EditOrder', EDIT, 1],
] as const)('%s', (method, costs, fixed) => {
  test.each(AGES.map((age_s, at) => ({ age_s, cost: fixed + (costs[at] ?? 0) })))(
    'of an order $age_s s old costs $cost',
    async ({ age_s, cost }) => {
      const { lab, account } = opened()
      const txid = await placed(lab, account)
      lab.clock.advance(age_s * 1_000)
      // The counter decays by one a second, and the order's own point is gone by then.
      const own = Math.max(0, 1 - age_s)
      await lab.call(account, method, { txid, volume: '0.02', order_qty: '0.02' })
      expect(await charged(lab, account)).toBe(Math.ceil(own + cost))
    },
  )
})

test('an amend makes an order young again', async () => {
  const { lab, account } = opened()
  const txid = await placed(lab, account)
  lab.clock.advance(400_000)
  await lab.call(account, 'AmendOrder', { txid, order_qty: '0.02' })
  lab.clock.advance(36_000)
  // Documented example: the cancel of an order amended 36 seconds ago costs four.
  await lab.call(account, 'CancelOrder', { txid })
  expect(await charged(lab, account)).toBe(4)
})

test('a transaction is charged on receipt, and only validating is free', async () => {
  const { lab, account } = opened()
  for (const wrong of [{ volume: '0.00001' }, { price: '29000.05' }, { volume: '1000' }]) {
    await lab.call(account, 'AddOrder', { ...LIMIT, ...wrong })
  }
  await lab.call(account, 'AddOrder', { ...LIMIT, validate: 'true' })
  const txid = await placed(lab, account)
  await lab.call(account, 'EditOrder', { txid, price: '29100.0', validate: 'true' })
  await lab.call(account, 'AmendOrder', { txid, limit_price: '29000.05' })
  expect(await charged(lab, account)).toBe(4 + 4)
})

test('an order of a batch costs half a point', async () => {
  const { lab, account } = opened()
  const fields: Record<string, string> = { pair: 'XBTUSD' }
  for (let nth = 0; nth < 10; nth += 1) {
    const { pair: _, ...order } = LIMIT
    for (const [name, text] of Object.entries(order)) fields[`orders[${nth}][${name}]`] = text
  }
  expect((await lab.call(account, 'AddOrderBatch', fields)).result.orders).toHaveLength(10)
  expect(await charged(lab, account)).toBe(5)
})

test('a full counter refuses amends and edits too, never cancels, and other pairs are free', async () => {
  const { lab, account } = opened()
  const txid = await placed(lab, account)
  await charged(lab, account)
  const full = ['EOrder:Rate limit exceeded']
  expect((await lab.call(account, 'AmendOrder', { txid, order_qty: '0.02' })).error).toEqual(full)
  expect((await lab.call(account, 'EditOrder', { txid, volume: '0.02' })).error).toEqual(full)
  expect((await lab.call(account, 'CancelOrder', { txid })).result).toEqual({ count: 1 })
  const other = { ...LIMIT, pair: 'ETHUSD', price: '2000.00' }
  expect((await lab.call(account, 'AddOrder', other)).error).toEqual([])
})

test.each([
  ['starter', 60, 1],
  ['intermediate', 125, 2.34],
  ['pro', 180, 3.75],
] as const)('tier %s holds %i and forgets %d a second', async (tier, threshold, decay) => {
  const lab = krakenLab({ switches: { rate_limits: tier } })
  const account = lab.account('tier')
  lab.sheetBook()
  const refused = async () => (await lab.call(account, 'AddOrder', { ...LIMIT, volume: '0' })).error
  const small = async () =>
    (await lab.call(account, 'AddOrder', { ...LIMIT, volume: '0.00001' })).error[0]
  let fits = 0
  while ((await small()) === 'EOrder:Order minimum not met') fits += 1
  expect(fits).toBe(threshold)
  lab.clock.advance(10_000)
  fits = 0
  while ((await small()) === 'EOrder:Order minimum not met') fits += 1
  expect(fits).toBe(Math.floor(decay * 10))
  expect(await refused()).toEqual(['EOrder:Rate limit exceeded'])
})
