import { describe, expect, test } from 'vitest'
import type { Command, ExchangeEvent } from '../../../src/engine/command.js'
import { Exchange } from '../../../src/engine/exchange.js'
import { depthOf } from '../../../src/engine/views.js'
import { all, bpsRules, btcUsd, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

const instrument = btcUsd.venue_symbol
const BTC = 100_000_000
const rules = bpsRules(40n, 25n)
const anySize = { ...btcUsd, min_qty_1e8: 0n, min_notional_1e9: 0n }

/** Book of the Kraken sheet, section 12: asks 30000.0x0.5, 30010.0x1.0; bids 29990.0x1.0. */
function kraken(cash = 1_000_000n * USD) {
  const stage = new Stage({ rules }).open(btcUsd)
  const house = stage.account({ USD: 10_000_000n * USD, BTC: 100n * USD })
  const member = stage.account({ USD: cash, BTC: 10n * USD })
  for (const [side, price_ticks, qty_lots] of [
    ['sell', 300_000, BTC / 2],
    ['sell', 300_100, BTC],
    ['buy', 299_900, BTC],
  ] as const) {
    stage.place({ account_id: house, instrument, side, price_ticks, qty_lots })
  }
  const act = (terms: Parameters<Stage['place']>[0] | object) =>
    stage.place({ account_id: member, instrument, ...terms })
  return { stage, house, member, act }
}

describe('vectors of the Kraken sheet', () => {
  test('E4, E5 small orders are refused by size, then by cost', () => {
    const { act } = kraken()
    expect(one(act({ price_ticks: 299_900, qty_lots: 4_000 }), 'rejected').code).toBe(
      'below-min-qty',
    )
    expect(one(act({ price_ticks: 90_000, qty_lots: 5_000 }), 'rejected').code).toBe(
      'below-min-notional',
    )
    expect(act({ price_ticks: 100_000, qty_lots: 5_000 })[0]?.type).toBe('accepted')
  })
  test('E6 funds must cover cost and fee', () => {
    const { act, stage, member } = kraken(300n * USD)
    expect(one(act({ price_ticks: 300_000, qty_lots: 1_000_000 }), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: 30_120_000_000n,
      free_1e8: 30_000_000_000n,
    })
    expect(stage.exchange.openOrders(member)).toEqual([])
  })
  test('E7 a market buy walks the book', () => {
    const { act, stage, member } = kraken()
    const events = act({ qty_lots: BTC })
    const trades = all(events, 'trade')
    expect(trades.map((t) => [t.price_ticks, t.qty_lots])).toEqual([
      [300_000, BTC / 2],
      [300_100, BTC / 2],
    ])
    const fee = trades.reduce((sum, t) => sum + t.taker.fee_1e8, 0n)
    expect([fee, stage.balance(member, 'USD')]).toEqual([
      12_002_000_000n,
      1_000_000n * USD - 3_000_500_000_000n - 12_002_000_000n,
    ])
    expect(
      one(
        events.filter((e) => 'order_id' in e && e.account_id === member),
        'done',
      ),
    ).toMatchObject({ reason: 'filled', filled_lots: BTC, cancelled_lots: 0 })
  })
  test('E8 a market buy against an empty side is accepted and ends without a fill', () => {
    const stage = new Stage({ rules }).open(btcUsd)
    const account_id = stage.account()
    const events = stage.place({ account_id, instrument, qty_lots: BTC / 10 })
    expect(events.map((e) => e.type)).toEqual(['accepted', 'done'])
    expect(one(events, 'done')).toMatchObject({ reason: 'no-liquidity', filled_lots: 0 })
  })
  test('E9 an IOC keeps what it got', () => {
    const { act } = kraken()
    const events = act({ price_ticks: 300_000, qty_lots: BTC, time_in_force: 'ioc' })
    expect(all(events, 'done').at(-1)).toMatchObject({
      reason: 'ioc-unfilled',
      filled_lots: BTC / 2,
      cancelled_lots: BTC / 2,
    })
    expect(one(events, 'trade').taker.fee_1e8).toBe(60n * USD)
  })
  test('E10, E11 a post-only order that crosses ends at once and is unknown afterwards', () => {
    const { act, stage, member } = kraken()
    const events = act({ price_ticks: 300_000, qty_lots: BTC / 10, post_only: 'reject' })
    expect(one(events, 'done').reason).toBe('would-cross')
    const { order_id } = one(events, 'accepted')
    expect(one(stage.do({ type: 'cancel', account_id: member, order_id }), 'rejected').code).toBe(
      'unknown-order',
    )
  })
  test('E13 a buy by cost spends it and pays the fee on top', () => {
    const { act, stage, member } = kraken()
    const events = act({ quote_budget_1e8: 15_000n * USD })
    expect(one(events, 'accepted').qty_lots).toBe(BTC / 2)
    expect(stage.balance(member, 'USD')).toBe(1_000_000n * USD - 15_060n * USD)
    expect(all(events, 'done').at(-1)?.reason).toBe('filled')
  })
})

describe('funds', () => {
  test('a resting buy holds cost and fee, a resting sell its goods; both come back', () => {
    const { act, stage, member } = kraken()
    act({ price_ticks: 100_000, qty_lots: BTC })
    act({ side: 'sell', price_ticks: 400_000, qty_lots: BTC * 2 })
    const reserved = (asset: string) => stage.exchange.balance(member, asset).reserved_1e8
    expect([reserved('USD'), reserved('BTC')]).toEqual([10_040n * USD, 2n * USD])
    const events = stage.do({ type: 'cancel-all', account_id: member, instrument: null })
    expect(all(events, 'done').map((d) => d.order_id)).toEqual([4, 5])
    expect([reserved('USD'), reserved('BTC')]).toEqual([0n, 0n])
  })
  test('a sell beyond the goods is refused, a fee in base comes on top of them', () => {
    const { act } = kraken()
    const sell = { side: 'sell', price_ticks: 400_000, qty_lots: BTC * 10 }
    expect(one(act({ ...sell, fee_in: 'base' }), 'rejected')).toMatchObject({
      needed_1e8: 1_004_000_000n,
      free_1e8: 1_000_000_000n,
    })
    expect(act(sell)[0]?.type).toBe('accepted')
    expect(one(act({ ...sell, qty_lots: BTC }), 'rejected').code).toBe('insufficient-balance')
  })
  test('a fee in base is taken from what a buy brings', () => {
    const { act, stage, member } = kraken()
    act({ price_ticks: 300_000, qty_lots: BTC / 2, fee_in: 'base' })
    expect([stage.balance(member, 'BTC'), stage.balance(member, 'USD')]).toEqual([
      10n * USD + 50_000_000n - 200_000n,
      985_000n * USD,
    ])
  })
  test('money leaves only as far as it is free', () => {
    const { act, stage, member } = kraken(100n * USD)
    act({ price_ticks: 10_000, qty_lots: 1_000_000 })
    const take = (amount_1e8: bigint) =>
      stage.do({ type: 'transfer', account_id: member, asset: 'USD', amount_1e8 })
    expect(one(take(-9_000_000_000n), 'rejected')).toMatchObject({ free_1e8: 8_996_000_000n })
    expect(one(take(-8_996_000_000n), 'balance')).toMatchObject({ cause: 'transfer' })
    expect(stage.exchange.balance(member, 'USD').free_1e8).toBe(0n)
  })
  test('fills of a resting buy cost together what it held, the dust goes to the venue', () => {
    const odd = { ...btcUsd, tick_size_1e9: 333_333_333n, min_qty_1e8: 0n, min_notional_1e9: 0n }
    const stage = new Stage({ rules: freeRules }).open(odd)
    const buyer = stage.account({ USD: 334n })
    const seller = stage.account({ BTC: 1_000n })
    stage.place({ account_id: buyer, instrument, price_ticks: 1, qty_lots: 1_000 })
    expect(stage.exchange.balance(buyer, 'USD').free_1e8).toBe(0n)
    for (let fill = 0; fill < 1_000; fill++) {
      stage.place({ account_id: seller, instrument, side: 'sell', price_ticks: 1, qty_lots: 1 })
    }
    expect([0, buyer, seller].map((id) => stage.balance(id, 'USD'))).toEqual([334n, 0n, 0n])
    stage.exchange.check()
  })
})

describe('the life of an order', () => {
  test('less size keeps the place, more size or another price queues again', () => {
    const { act, stage, house, member } = kraken()
    act({ price_ticks: 299_800, qty_lots: 10_000 })
    stage.place({ account_id: house, instrument, price_ticks: 299_800, qty_lots: 7_000 })
    const amend = (price_ticks: number, remaining_lots: number) =>
      stage.do({ type: 'amend', account_id: member, order_id: 4, price_ticks, remaining_lots })
    expect(one(amend(299_800, 9_000), 'amended').kept_place).toBe(true)
    expect(stage.exchange.queueAhead(4)).toBe(0)
    const more = amend(299_800, 12_000)
    expect(more.map((e) => e.type)).toEqual(['amended', 'level', 'rested', 'level'])
    expect([one(more, 'rested').queue_ahead_lots, stage.exchange.queueAhead(4)]).toEqual([
      7_000, 7_000,
    ])
    amend(299_900, 12_000)
    expect(stage.exchange.queueAhead(4)).toBe(BTC)
    expect(stage.exchange.order(4)).toMatchObject({ price_ticks: 299_900, remaining_lots: 12_000 })
  })
  test('an amended order may trade, and its own hold pays for it', () => {
    const { act, stage, member } = kraken(15_060n * USD)
    act({ price_ticks: 299_900, qty_lots: BTC / 2 })
    const events = stage.do({
      type: 'amend',
      account_id: member,
      order_id: 4,
      price_ticks: 300_000,
      remaining_lots: BTC / 2,
    })
    expect(one(events, 'trade').taker.order_id).toBe(4)
    expect(stage.balance(member, 'USD')).toBe(0n)
  })
  test('an amend beyond the funds leaves the order as it was', () => {
    const { act, stage, member } = kraken(15_060n * USD)
    act({ price_ticks: 299_900, qty_lots: BTC / 2 })
    const before = stage.exchange.order(4)
    const events = stage.do({
      type: 'amend',
      account_id: member,
      order_id: 4,
      price_ticks: 299_900,
      remaining_lots: BTC,
    })
    expect(one(events, 'rejected').code).toBe('insufficient-balance')
    expect(stage.exchange.order(4)).toEqual(before)
  })
  test('a post-only order that would cross is repriced one step behind the touch', () => {
    const { act, stage } = kraken()
    expect(
      one(act({ price_ticks: 300_500, qty_lots: 10_000, post_only: 'reprice' }), 'rested'),
    ).toMatchObject({ price_ticks: 299_999 })
    expect(
      one(
        act({ side: 'sell', price_ticks: 290_000, qty_lots: 10_000, post_only: 'reprice' }),
        'rested',
      ),
    ).toMatchObject({ price_ticks: 300_000 })
    stage.exchange.check()
  })
  test('a good-till-date order ends when its time comes, before the command that brings it', () => {
    const { act, stage } = kraken()
    const now = stage.exchange.ts_us
    act({
      price_ticks: 299_990,
      qty_lots: 10_000,
      time_in_force: 'gtd',
      expire_ts_us: now + 3,
    })
    expect(stage.exchange.order(4)?.expire_ts_us).toBe(now + 3)
    expect(stage.do({ type: 'tick' })).toEqual([])
    const events = act({ side: 'sell', price_ticks: 299_990, qty_lots: 10_000 })
    expect(events.map((e) => e.type)).toEqual(['done', 'level', 'accepted', 'rested', 'level'])
    expect(one(events, 'done').reason).toBe('expired')
    expect(
      one(
        act({ price_ticks: 1_000_000, qty_lots: 10_000, time_in_force: 'gtd', expire_ts_us: now }),
        'rejected',
      ).code,
    ).toBe('expired')
  })
  test('a collar stops takers, and what would then rest across the book is given up', () => {
    const { act, stage } = kraken()
    stage.do({ type: 'price-collar', instrument, low_ticks: 299_000, high_ticks: 300_050 })
    const limit = act({ price_ticks: 300_200, qty_lots: BTC })
    expect(all(limit, 'done').at(-1)).toMatchObject({
      reason: 'no-liquidity',
      filled_lots: BTC / 2,
    })
    expect(one(act({ qty_lots: BTC }), 'done')).toMatchObject({ filled_lots: 0 })
    stage.do({ type: 'price-collar', instrument, low_ticks: null, high_ticks: null })
    expect(all(act({ qty_lots: 10_000 }), 'trade')).toHaveLength(1)
  })
  test('a finer grid keeps what rests and takes new prices', () => {
    const banded = {
      ...kxTest,
      tick_size_1e9: 1_000_000n,
      price_bands: [{ from_1e9: 0n, to_1e9: 1_000_000_000n, step_1e9: 10_000_000n }],
    }
    const stage = new Stage({ rules: freeRules }).open(banded)
    const account_id = stage.account({ USD: 100n * USD })
    const bid = (price_ticks: number) =>
      stage.place({ account_id, instrument: 'KXTEST', price_ticks, qty_lots: 100 })[0]
    expect(bid(440)?.type).toBe('accepted')
    expect(bid(445)).toMatchObject({ type: 'rejected', code: 'off-tick' })
    expect(bid(1_000)).toMatchObject({ type: 'rejected', code: 'price-bounds' })
    stage.do({ type: 'price-grid', instrument: 'KXTEST', price_bands: [] })
    expect(bid(445)?.type).toBe('accepted')
    expect(stage.exchange.depth('KXTEST').bids.map((l) => l.price_ticks)).toEqual([445, 440])
  })
})

describe('market states', () => {
  const limit = { price_ticks: 100_000, qty_lots: 10_000 }
  test.each([
    ['pending', 'market-closed', 'market-closed', 'market-closed', 'cancelled'],
    ['open', 'accepted', 'accepted', 'accepted', 'cancelled'],
    ['paused', 'venue-paused', 'venue-paused', 'venue-paused', 'cancelled'],
    ['halted', 'venue-paused', 'venue-paused', 'venue-paused', 'venue-paused'],
    ['cancel-only', 'market-mode', 'market-mode', 'market-mode', 'cancelled'],
    ['post-only', 'market-mode', 'accepted', 'market-mode', 'cancelled'],
    ['limit-only', 'accepted', 'accepted', 'market-mode', 'cancelled'],
    ['closed', 'market-closed', 'market-closed', 'market-closed', 'market-closed'],
  ] as const)('%s', (state, plain, post, market, cancel) => {
    const { act, stage, member } = kraken()
    act(limit)
    stage.do({ type: 'market-state', instrument, state, cancel_resting: false })
    const answer = (events: readonly ExchangeEvent[]) => {
      const [first] = events
      return first?.type === 'rejected' ? first.code : first?.type
    }
    expect(answer(act(limit))).toBe(plain)
    expect(answer(act({ ...limit, post_only: 'reject' }))).toBe(post)
    expect(answer(act({ qty_lots: 10_000 }))).toBe(market)
    const [first] = stage.do({ type: 'cancel', account_id: member, order_id: 4 })
    expect(first?.type === 'done' ? first.reason : first?.type === 'rejected' && first.code).toBe(
      cancel,
    )
    expect(stage.exchange.marketState(instrument)).toBe(state)
  })
  test('closing may cancel what rests, and says why', () => {
    const { stage } = kraken()
    const events = stage.do({
      type: 'market-state',
      instrument,
      state: 'closed',
      cancel_resting: true,
    })
    expect(all(events, 'done').map((d) => d.reason)).toEqual(Array(3).fill('market-closed'))
    expect(stage.exchange.l1(instrument)).toEqual({ bid: null, ask: null })
  })
})

describe('words that do not go together', () => {
  test.each([
    [
      'post-only and IOC',
      { post_only: 'reject', time_in_force: 'ioc', price_ticks: 9, qty_lots: 1 },
    ],
    ['post-only and market', { post_only: 'reject', qty_lots: 1 }],
    ['a sell by cost', { side: 'sell', quote_budget_1e8: 1n }],
    ['a limit by cost', { price_ticks: 9, quote_budget_1e8: 1n }],
    ['reduce-only on spot', { price_ticks: 9, qty_lots: 1, reduce_only: true }],
    ['a date without a date', { price_ticks: 9, qty_lots: 1, time_in_force: 'gtd' }],
  ])('%s', (_, terms) => {
    expect(one(kraken().act(terms), 'rejected').code).toBe('unsupported-order')
  })
})

describe('views', () => {
  test('tell the book at every depth', () => {
    const { stage, house } = kraken()
    const { exchange } = stage
    expect(exchange.l1(instrument)).toEqual({
      bid: { price_ticks: 299_900, qty_lots: BTC, orders: 1 },
      ask: { price_ticks: 300_000, qty_lots: BTC / 2, orders: 1 },
    })
    expect(exchange.depth(instrument, 1).asks).toHaveLength(1)
    expect(exchange.depth(instrument)).toMatchObject({ book_seq: 3, asks: [{}, {}], bids: [{}] })
    expect(exchange.l3(instrument).asks).toEqual([
      { order_id: 1, account_id: house, price_ticks: 300_000, remaining_lots: BTC / 2 },
      { order_id: 2, account_id: house, price_ticks: 300_100, remaining_lots: BTC },
    ])
    expect(depthOf(btcUsd, exchange.depth(instrument, 1))).toEqual({
      bids: [{ price_1e9: 29_990_000_000_000n, qty_1e8: 100_000_000n }],
      asks: [{ price_1e9: 30_000_000_000_000n, qty_1e8: 50_000_000n }],
    })
    expect(
      exchange.checksum(instrument, 1, (top, { symbol }) => [symbol, top.asks.length]),
    ).toEqual(['BTC-USD', 1])
    expect([exchange.accounts, exchange.instruments().length]).toEqual([2, 1])
    expect(exchange.instrument('nothing')).toBeUndefined()
    expect(exchange.queueAhead(99)).toBeUndefined()
    expect(exchange.order(99)).toBeUndefined()
    expect(exchange.balances(house).map((b) => b.asset)).toEqual(['USD', 'BTC'])
    expect(exchange.balance(house, 'EUR').total_1e8).toBe(0n)
    expect(exchange.openOrders(house, instrument).map((o) => o.order_id)).toEqual([1, 2, 3])
  })
  test('events count without gaps, and so do book changes', () => {
    const { act, stage } = kraken()
    const before = stage.exchange.seq
    const events = act({ qty_lots: BTC })
    expect(events.map((e) => e.seq)).toEqual(events.map((_, at) => before + 1 + at))
    expect(all(events, 'level').map((l) => l.book_seq)).toEqual([4, 5])
  })
})

describe('misuse throws and changes nothing', () => {
  const place = {
    type: 'place',
    account_id: 2,
    instrument,
    side: 'buy',
    price_ticks: 10,
    qty_lots: 10_000,
    quote_budget_1e8: null,
    time_in_force: 'gtc',
    expire_ts_us: null,
    post_only: 'no',
    reduce_only: false,
    self_trade: 'cancel-taker',
    fee_in: 'quote',
    margin: 'cross',
  } as const
  const ts_us = 1_000
  const bad: [string, object][] = [
    ['a fractional price', { ...place, price_ticks: 10.5 }],
    ['a negative price', { ...place, price_ticks: -1 }],
    ['a fractional size', { ...place, qty_lots: 0.5 }],
    ['a negative size', { ...place, qty_lots: -5 }],
    ['no number at all', { ...place, qty_lots: Number.NaN }],
    ['a size beyond counting', { ...place, qty_lots: 2 ** 53 }],
    ['more lots than a market can count', { ...place, qty_lots: Number.MAX_SAFE_INTEGER }],
    ['a size and a budget', { ...place, price_ticks: null, quote_budget_1e8: 5n }],
    ['a negative budget', { ...place, price_ticks: null, qty_lots: 0, quote_budget_1e8: -5n }],
    ['a fractional expiry', { ...place, time_in_force: 'gtd', expire_ts_us: 0.5 }],
    ['an account nobody opened', { ...place, account_id: 99 }],
    ['the venue as a trader', { ...place, account_id: 0 }],
    ['a time that is none', { ...place, ts_us: 1.5 }],
    ['a time before the last', { ...place, ts_us: 1 }],
    [
      'an amend to half a lot',
      { type: 'amend', account_id: 2, order_id: 1, price_ticks: 1, remaining_lots: 0.5 },
    ],
    [
      'an amend to a negative price',
      { type: 'amend', account_id: 2, order_id: 1, price_ticks: -1, remaining_lots: 1 },
    ],
    ['an instrument listed twice', { type: 'list', instrument: btcUsd }],
    [
      'spot against itself',
      { type: 'list', instrument: { ...btcUsd, venue_symbol: 'X', base: 'USD' } },
    ],
    [
      'a tick that does not divide one',
      { type: 'list', instrument: { ...kxTest, tick_size_1e9: 300_000_000n } },
    ],
    [
      'a lot of nothing',
      { type: 'list', instrument: { ...btcUsd, venue_symbol: 'X', lot_size_1e8: 0n } },
    ],
    [
      'a state of an unknown market',
      { type: 'market-state', instrument: 'X', state: 'open', cancel_resting: false },
    ],
    [
      'a band off the ticks',
      { type: 'price-grid', instrument, price_bands: [{ from_1e9: 1n, to_1e9: 2n, step_1e9: 1n }] },
    ],
    [
      'a band without a step',
      {
        type: 'price-grid',
        instrument,
        price_bands: [{ from_1e9: 0n, to_1e9: 100_000_000n, step_1e9: 0n }],
      },
    ],
    [
      'a collar on half a tick',
      { type: 'price-collar', instrument, low_ticks: 0.5, high_ticks: null },
    ],
    [
      'a position on a spot market',
      { type: 'endow', account_id: 2, instrument, qty_lots: 1, entry_ticks: 1 },
    ],
    ['a result of a spot market', { type: 'determine', instrument, yes_value_ticks: 1 }],
    ['a mark of a spot market', { type: 'mark', instrument, mark_ticks: 1, oracle_ticks: 1 }],
    ['funding of a spot market', { type: 'funding', instrument, rate_1e9: 1n }],
    ['a cap on a spot market', { type: 'open-interest-cap', instrument, cap_lots: 1 }],
  ]
  test.each(bad)('%s', (_, command) => {
    const { stage } = kraken()
    const before = stage.exchange.snapshot()
    expect(() => stage.exchange.apply({ ts_us, ...command } as Command)).toThrow(/^.{20,}$/)
    expect(stage.exchange.snapshot()).toEqual(before)
  })
  test('and an instrument nobody listed is refused to a trader', () => {
    const { act, stage, member } = kraken()
    expect(one(act({ instrument: 'X', price_ticks: 1, qty_lots: 1 }), 'rejected').code).toBe(
      'unknown-instrument',
    )
    expect(
      one(stage.do({ type: 'cancel-all', account_id: member, instrument: 'X' }), 'rejected').code,
    ).toBe('unknown-instrument')
  })
  test('bytes that are no snapshot are refused', () => {
    const { stage } = kraken()
    const bytes = stage.exchange.snapshot()
    const restore = (bad: Uint8Array) => () => Exchange.restore(bad, { rules })
    expect(restore(new Uint8Array(3))).toThrow(RangeError)
    expect(restore(new Uint8Array(100))).toThrow(RangeError)
    expect(restore(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError)
    expect(restore(Uint8Array.from([...bytes, 0]))).toThrow(/1 bytes follow/)
  })
})

test('accounts of one group are own accounts to each other', () => {
  const stage = new Stage({ rules: freeRules }).open(anySize)
  const [a, b] = [stage.account({ BTC: USD }, 7), stage.account({ USD: 10_000n * USD }, 7)]
  stage.place({ account_id: a, instrument, side: 'sell', price_ticks: 10_000, qty_lots: 10_000 })
  const events = stage.place({ account_id: b, instrument, price_ticks: 10_000, qty_lots: 10_000 })
  expect(one(events, 'done')).toMatchObject({ reason: 'self-trade', filled_lots: 0 })
})

test.each([
  [
    'cancel-both',
    [
      ['self-trade', 1],
      ['self-trade', 2],
    ],
    [],
  ],
  ['decrement', [['self-trade', 2]], [[1, 20_000]]],
] as const)('%s', (self_trade, done, amended) => {
  const stage = new Stage({ rules: freeRules }).open(anySize)
  const account_id = stage.account({ BTC: USD, USD: 10_000n * USD })
  stage.place({ account_id, instrument, side: 'sell', price_ticks: 10_000, qty_lots: 30_000 })
  const events = stage.place({
    account_id,
    instrument,
    price_ticks: 10_000,
    qty_lots: 10_000,
    self_trade,
  })
  expect(all(events, 'done').map((d) => [d.reason, d.order_id])).toEqual(done)
  expect(all(events, 'amended').map((a) => [a.order_id, a.remaining_lots])).toEqual(amended)
  stage.exchange.check()
})

test('a fill-or-kill order that meets its own order trades nothing, or ends as an IOC', () => {
  for (const [fok_self_trade, reason, filled] of [
    ['unfilled', 'fok-unfilled', 0],
    ['as-ioc', 'self-trade', 10_000],
  ] as const) {
    const stage = new Stage({ rules: freeRules, fok_self_trade }).open(anySize)
    const other = stage.account({ BTC: USD })
    const account_id = stage.account({ BTC: USD, USD: 10_000n * USD })
    const ask = { instrument, side: 'sell', qty_lots: 10_000 } as const
    stage.place({ ...ask, account_id: other, price_ticks: 10_000 })
    stage.place({ ...ask, account_id, price_ticks: 10_001 })
    const events = stage.place({
      account_id,
      instrument,
      price_ticks: 10_001,
      qty_lots: 20_000,
      time_in_force: 'fok',
    })
    expect(all(events, 'done').at(-1)).toMatchObject({ reason, filled_lots: filled })
  }
})
