/** Rules: every bound of a price, a size, a minimum and the funds, one step on either side of it. */
import { describe, expect, test } from 'vitest'
import type { Instrument } from '../../../../src/engine/instrument.js'
import { instruments, pairOf } from '../../../../venues/kraken/instruments.js'
import { checkPrice, checkSize } from '../../../../venues/kraken/rules.js'
import { type Account, BTC, type KrakenLab, krakenLab } from '../../../support/kraken.js'

const LIMIT = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: '29000.0' }
const MARKET = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.1' }

const pairNamed = (id: string) => {
  const found = instruments.find(({ venue_symbol }) => venue_symbol === id)
  if (found === undefined) throw new Error(`no pair ${id}`)
  return pairOf(found)
}

interface Scene {
  readonly lab: KrakenLab
  readonly account: Account
  /** The first error of an `AddOrder`, or how it ended. */
  readonly add: (fields: Record<string, string>) => Promise<string>
}

function scene(balances?: Record<string, string>, switches?: Record<string, string>): Scene {
  const lab = krakenLab(switches === undefined ? {} : { switches })
  const account = lab.account('rules', balances)
  lab.sheetBook()
  const add = async (fields: Record<string, string>) => {
    const { error, result } = await lab.call(account, 'AddOrder', fields)
    if (error.length > 0) return error[0]
    if (result.txid === undefined) return 'valid'
    const [txid] = result.txid
    return (await lab.call(account, 'QueryOrders', { txid })).result[txid].status
  }
  return { lab, account, add }
}

describe('prices', () => {
  const at = (text: string, price_text: 'tick' | 'decimals' = 'tick', id = BTC) =>
    checkPrice(
      { switches: { post_only: 'cancel', price_text, rate_limits: 'off' } },
      pairNamed(id),
      text,
    )
  const tick = { error: 'EOrder:Tick size check failed' }

  test('are counted in ticks', () => {
    expect(at('29990.1')).toBe(299_901)
    expect(at('0.1')).toBe(1)
    expect(at('29990')).toBe(299_900)
    expect(at('29990.10')).toBe(299_901)
  })

  test('off the tick are told so, however fine', () => {
    expect(at('29990.05')).toEqual(tick)
    expect(at('29990.123456789')).toEqual(tick)
    expect(at('29990.1234567891')).toEqual(tick)
    expect(at('29990.10000000001')).toEqual(tick)
    expect(at('0.05')).toEqual(tick)
  })

  test('of nothing, or too large to count, are malformed', () => {
    expect(at('0')).toEqual({ error: 'EGeneral:Invalid arguments:price' })
    expect(at('900719925474099.1')).toBe(9_007_199_254_740_991)
    expect(at('900719925474099.2')).toEqual({ error: 'EGeneral:Invalid arguments:price' })
  })

  test('with too many digits count them, where the switch says so', () => {
    expect(at('29990.05', 'decimals')).toEqual({
      error: 'EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals.',
    })
    expect(at('0.12345678', 'decimals', 'XDGUSD')).toEqual({
      error: 'EOrder:Invalid price:XDGUSD price can only be specified up to 7 decimals.',
    })
    expect(at('29990.1', 'decimals')).toBe(299_901)
  })

  test('with digits enough and the wrong multiple are off the tick under either switch', () => {
    const half: Instrument = { ...pairNamed(BTC).instrument, tick_size_1e9: 500_000_000n }
    for (const price_text of ['tick', 'decimals'] as const) {
      const switches = { post_only: 'cancel', price_text, rate_limits: 'off' } as const
      expect(checkPrice({ switches }, pairOf(half), '29990.3')).toEqual(tick)
      expect(checkPrice({ switches }, pairOf(half), '29990.5')).toBe(59_981)
    }
  })
})

describe('sizes', () => {
  const of = (volume: string, viqc = false) => checkSize(pairNamed(BTC), { volume, viqc })
  const wrong = { error: 'EGeneral:Invalid arguments:volume' }

  test('are counted in lots, or in money', () => {
    expect(of('0.00000001')).toEqual({ qty_lots: 1, quote_budget_1e8: null })
    expect(of('1.5')).toEqual({ qty_lots: 150_000_000, quote_budget_1e8: null })
    expect(of('100.12345', true)).toEqual({ qty_lots: 0, quote_budget_1e8: 10_012_345_000n })
  })

  test.each([
    ['0.000000001', false],
    ['0', false],
    ['-1', false],
    ['0', true],
    ['100.123456', true],
    ['90071992.54740992', false],
    ['10000000000000000.00001', true],
  ])('%s is none (money: %s)', (volume, viqc) => {
    expect(of(volume, viqc)).toEqual(wrong)
  })

  test('reach the end of what can be counted', () => {
    expect(of('90071992.54740991')).toMatchObject({ qty_lots: Number.MAX_SAFE_INTEGER })
    expect(of('10000000000000000', true)).toMatchObject({ quote_budget_1e8: 10n ** 24n })
  })

  test('must be whole lots of a coarser pair', () => {
    const coarse = pairOf({ ...pairNamed(BTC).instrument, lot_size_1e8: 5n })
    expect(checkSize(coarse, { volume: '0.00000005', viqc: false })).toMatchObject({ qty_lots: 1 })
    expect(checkSize(coarse, { volume: '0.00000006', viqc: false })).toEqual(wrong)
  })

  test('beyond what a book can count are refused before they rest', async () => {
    const { add } = scene({ USD: '0', BTC: '90000000' })
    expect(await add({ ...LIMIT, type: 'sell', volume: '40000000', price: '40000' })).toBe('open')
    const more = { ...LIMIT, type: 'sell', volume: '6000000', price: '40000' }
    expect(await add(more)).toBe('EGeneral:Invalid arguments:volume')
    expect(await add({ ...more, volume: '900000' })).toBe('open')
  })
})

describe('minimums', () => {
  test.each([
    ['0.00005', '29990.0', 'open'],
    ['0.00004999', '29990.0', 'EOrder:Order minimum not met'],
    ['0.00005', '10000.0', 'open'],
    ['0.00005', '9999.9', 'EOrder:Cost minimum not met'],
    ['0.00004', '1.0', 'EOrder:Order minimum not met'],
  ])('limit buy %s at %s: %s', async (volume, price, expected) => {
    expect(await scene().add({ ...LIMIT, volume, price })).toBe(expected)
  })

  test('a market order is valued at the opposite best price', async () => {
    const { lab, add } = scene()
    lab.book([['9999.9', '1']], [['9000.0', '1']])
    const small = { ...MARKET, volume: '0.00005' }
    expect(await add(small)).toBe('EOrder:Cost minimum not met')
    expect(await add({ ...small, type: 'sell', volume: '0.00005555' })).toBe(
      'EOrder:Cost minimum not met',
    )
    expect(await add({ ...small, type: 'sell', volume: '0.00005556' })).toBe('closed')
    lab.book([['10000.0', '1']], [['9000.0', '1']])
    expect(await add(small)).toBe('closed')
  })

  test('without a price to value it by only the size counts', async () => {
    const { lab, add } = scene()
    lab.book([], [])
    expect(await add({ ...MARKET, volume: '0.00004' })).toBe('EOrder:Order minimum not met')
    expect(await add({ ...MARKET, volume: '0.00005' })).toBe('canceled')
  })

  test('a buy by cost must reach both', async () => {
    const { lab, add } = scene()
    const cost = (volume: string) => ({ ...MARKET, volume, oflags: 'viqc' })
    // 0.00005 at 30000.
    expect(await add(cost('1.49'))).toBe('EOrder:Order minimum not met')
    expect(await add(cost('1.5'))).toBe('closed')
    lab.book([['1000.0', '1']], [])
    expect(await add(cost('0.49'))).toBe('EOrder:Cost minimum not met')
    expect(await add(cost('0.5'))).toBe('closed')
    lab.book([], [])
    expect(await add(cost('0.49'))).toBe('EOrder:Cost minimum not met')
    expect(await add(cost('0.5'))).toBe('canceled')
  })
})

describe('market modes', () => {
  const POST = { ...LIMIT, oflags: 'post' }
  test.each([
    ['open', 'open', 'open', 'closed'],
    ['post-only', 'EService:Market in post_only mode', 'open', 'EService:Market in post_only mode'],
    ['limit-only', 'open', 'open', 'EService:Market in limit_only mode'],
    [
      'cancel-only',
      'EService:Market in cancel_only mode',
      'EService:Market in cancel_only mode',
      'EService:Market in cancel_only mode',
    ],
    ['halted', 'EService:Unavailable', 'EService:Unavailable', 'EService:Unavailable'],
  ] as const)('%s: limit %s, post-only %s, market %s', async (state, limit, post, market) => {
    const { lab, add } = scene()
    lab.mock.admin.setMarketState(BTC, state)
    expect(await add(LIMIT)).toBe(limit)
    expect(await add(POST)).toBe(post)
    expect(await add(MARKET)).toBe(market)
  })
})

describe('open orders', () => {
  test.each([
    ['starter', 60],
    ['intermediate', 80],
  ])('of tier %s are %i a pair', async (rate_limits, most) => {
    const { lab, account, add } = scene(undefined, { rate_limits })
    const one = { ...LIMIT, volume: '0.001' }
    for (let nth = 0; nth < most; nth += 1) {
      expect(await add(one)).toBe('open')
      lab.clock.advance(5_000)
    }
    expect(await add(one)).toBe('EOrder:Orders limit exceeded')
    lab.book([], [], 'XETHZUSD')
    expect(await add({ ...one, pair: 'ETHUSD', price: '2000', volume: '0.002' })).toBe('open')
    const [oldest = ''] = Object.keys((await lab.call(account, 'OpenOrders')).result.open).reverse()
    // An edited order makes room for itself, and for no other.
    const edited = await lab.call(account, 'EditOrder', { txid: oldest, price: '28999.9' })
    expect(edited).toMatchObject({ error: [], result: { originaltxid: oldest } })
    expect(await add(one)).toBe('EOrder:Orders limit exceeded')
  })
})

describe('client ids', () => {
  test('are free again once their order is over', async () => {
    const { lab, account, add } = scene()
    const named = { ...LIMIT, cl_ord_id: 'one' }
    expect(await add(named)).toBe('open')
    expect(await add(named)).toBe('EOrder:Invalid cl_ord_id')
    await lab.call(account, 'CancelOrder', { cl_ord_id: 'one' })
    expect(await add(named)).toBe('open')
  })

  test('of somebody else are free', async () => {
    const { lab, add } = scene()
    expect(await add({ ...LIMIT, cl_ord_id: 'one' })).toBe('open')
    const other = lab.account('other')
    const { error } = await lab.call(other, 'AddOrder', { ...LIMIT, cl_ord_id: 'one' })
    expect(error).toEqual([])
  })
})

describe('expiry', () => {
  test('must lie ahead, in seconds from now or as a moment', async () => {
    const { lab, add } = scene()
    const now_s = Number(lab.clock.now_ns() / 1_000_000_000n)
    expect(await add({ ...LIMIT, expiretm: String(now_s) })).toBe(
      'EGeneral:Invalid arguments:expiretm',
    )
    expect(await add({ ...LIMIT, expiretm: String(now_s + 1) })).toBe('open')
    const past = { ...LIMIT, expiretm: String(now_s), validate: 'true' }
    expect(await add(past)).toBe('EGeneral:Invalid arguments:expiretm')
    expect(await add({ ...LIMIT, expiretm: '+0' })).toBe('EGeneral:Invalid arguments:expiretm')
    expect(await add({ ...LIMIT, expiretm: '+1' })).toBe('open')
  })

  test('ends the order at that moment', async () => {
    const { lab, account } = scene()
    const { result } = await lab.call(account, 'AddOrder', { ...LIMIT, expiretm: '+60' })
    const [txid] = result.txid
    const status = async () =>
      (await lab.call(account, 'QueryOrders', { txid })).result[txid].status
    lab.clock.advance(59_999)
    expect(await status()).toBe('open')
    lab.clock.advance(1)
    expect(await status()).toBe('expired')
  })
})

describe('post-only under the switch refuse', () => {
  test.each([
    ['buy', '30000.0', 'EOrder:Post only order'],
    ['buy', '30000.1', 'EOrder:Post only order'],
    ['buy', '29999.9', 'open'],
    ['sell', '29990.0', 'EOrder:Post only order'],
    ['sell', '29989.9', 'EOrder:Post only order'],
    ['sell', '29990.1', 'open'],
  ])('%s at %s: %s', async (type, price, expected) => {
    const { add } = scene(undefined, { post_only: 'refuse' })
    expect(await add({ ...LIMIT, type, price, oflags: 'post' })).toBe(expected)
  })

  test('an empty side is never crossed', async () => {
    const { lab, add } = scene(undefined, { post_only: 'refuse' })
    lab.book([], [])
    expect(await add({ ...LIMIT, price: '90000.0', oflags: 'post' })).toBe('open')
    const { lab: other, add: sell } = scene(undefined, { post_only: 'refuse' })
    other.book([], [])
    expect(await sell({ ...LIMIT, type: 'sell', price: '0.1', volume: '5', oflags: 'post' })).toBe(
      'open',
    )
  })
})

describe('funds', () => {
  const SHORT = 'EOrder:Insufficient funds'

  test.each([
    // 300 and the taker fee of 1.2.
    ['301.2', 'valid', 'closed'],
    ['301.19999999', SHORT, SHORT],
  ])('a limit buy of 300 with %s is %s, then %s', async (USD, validated, placed) => {
    const { add } = scene({ USD })
    const order = { ...LIMIT, price: '30000.0' }
    expect(await add({ ...order, validate: 'true' })).toBe(validated)
    expect(await add(order)).toBe(placed)
  })

  test.each([
    ['0.01', 'valid', 'open'],
    ['0.00999999', SHORT, SHORT],
  ])('a limit sell of 0.01 with %s is %s, then %s', async (amount, validated, placed) => {
    const { add } = scene({ BTC: amount })
    const order = { ...LIMIT, type: 'sell', price: '31000.0' }
    expect(await add({ ...order, validate: 'true' })).toBe(validated)
    expect(await add(order)).toBe(placed)
  })

  test.each([
    ['buy', { USD: '3012' }, 'valid'],
    ['buy', { USD: '3011.99' }, SHORT],
    ['sell', { BTC: '0.1' }, 'valid'],
    ['sell', { BTC: '0.09999999' }, SHORT],
  ] as const)('a validated market %s with %o is %s', async (type, balances, expected) => {
    const { add } = scene({ ...balances })
    expect(await add({ ...MARKET, type, validate: 'true' })).toBe(expected)
  })

  test('a validated market order against an empty side needs nothing, against the other all', async () => {
    const { lab, add } = scene({})
    const [buy, sell] = ['buy', 'sell'].map((type) => ({ ...MARKET, type, validate: 'true' }))
    lab.book([], [['29990.0', '1']])
    expect(await add(buy ?? {})).toBe('valid')
    expect(await add(sell ?? {})).toBe(SHORT)
    lab.book([['30000.0', '1']], [])
    expect(await add(buy ?? {})).toBe(SHORT)
    expect(await add(sell ?? {})).toBe('valid')
  })

  test.each([
    ['15060', 'valid'],
    ['15059.99', SHORT],
  ])('a validated buy for 15,000 with %s is %s', async (USD, expected) => {
    const { add } = scene({ USD })
    expect(await add({ ...MARKET, volume: '15000', oflags: 'viqc', validate: 'true' })).toBe(
      expected,
    )
  })

  test('what rests is not free', async () => {
    const { add } = scene({ USD: '582.32' })
    expect(await add(LIMIT)).toBe('open')
    expect(await add({ ...LIMIT, validate: 'true' })).toBe('valid')
    expect(await add(LIMIT)).toBe('open')
    expect(await add({ ...LIMIT, volume: '0.0001', validate: 'true' })).toBe(SHORT)
  })

  test('an edit counts back what its order holds, on the same side only', async () => {
    const { lab, account, add } = scene({ USD: '291.16', BTC: '0.01' })
    expect(await add(LIMIT)).toBe('open')
    expect(await add({ ...LIMIT, type: 'sell', price: '31000.0' })).toBe('open')
    const { open } = (await lab.call(account, 'OpenOrders')).result
    for (const [txid, { descr }] of Object.entries<{ descr: { type: string } }>(open)) {
      const price = descr.type === 'buy' ? '29000.0' : '31500.0'
      const more = await lab.call(account, 'EditOrder', { txid, volume: '0.0101', price })
      expect(more.error).toEqual([SHORT])
      const same = await lab.call(account, 'EditOrder', { txid, volume: '0.01', price })
      expect(same.error).toEqual([])
    }
  })

  test('an edit of a part that filled counts back the rest', async () => {
    const { lab, account, add } = scene({ USD: '602.4' })
    lab.book([['30000.0', '0.01']], [])
    expect(await add({ ...LIMIT, volume: '0.02', price: '30000.0' })).toBe('open')
    const [txid = ''] = Object.keys((await lab.call(account, 'OpenOrders')).result.open)
    const twice = await lab.call(account, 'EditOrder', { txid, volume: '0.02', price: '29999.9' })
    expect(twice.error).toEqual([SHORT])
    const rest = await lab.call(account, 'EditOrder', { txid, price: '29999.9' })
    expect(rest).toMatchObject({ error: [], result: { volume: '0.01000000' } })
  })
})
