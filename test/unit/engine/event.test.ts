import { describe, expect, test } from 'vitest'
import type { MoneyRules } from '../../../src/engine/command.js'
import { all, bpsRules, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

const instrument = kxTest.venue_symbol
const CONTRACT = 100
const cents = (n: number) => BigInt(n) * 1_000_000n

function market(rules: MoneyRules = freeRules, cash = USD) {
  const stage = new Stage({ rules }).open(kxTest)
  const [a, b] = [stage.account({ USD: cash }), stage.account({ USD: 100n * USD })]
  const place = (
    account_id: number,
    side: 'buy' | 'sell',
    price: number | null,
    contracts: number,
    more = {},
  ) =>
    stage.place({
      account_id,
      instrument,
      side,
      price_ticks: price,
      qty_lots: contracts * CONTRACT,
      ...more,
    })
  const cash_of = (account_id: number) => stage.exchange.balance(account_id, 'USD')
  const position = (account_id: number) => stage.exchange.position(account_id, instrument)
  return { stage, a, b, place, cash_of, position }
}

describe('with netting', () => {
  test('a bid and an ask from flat mint a pair into the pool', () => {
    const { stage, a, b, place, cash_of, position } = market()
    place(a, 'buy', 40, 1)
    expect(cash_of(a).reserved_1e8).toBe(cents(40))
    const events = place(b, 'sell', 40, 1)
    expect(one(events, 'trade')).toMatchObject({
      taker: { quote_1e8: cents(60), change_1e8: -cents(60), closed_lots: 0 },
      maker: { quote_1e8: cents(40), change_1e8: -cents(40), closed_lots: 0 },
    })
    expect(all(events, 'balance').map((e) => [e.account_id, e.cause])).toEqual([
      [a, 'trade'],
      [b, 'mint'],
    ])
    expect([position(a).qty_lots, position(b).qty_lots]).toEqual([100, -100])
    expect(stage.balance(0, 'USD')).toBe(USD)
  })
  test('two closers merge it again and share the unit', () => {
    const { stage, a, b, place, position } = market()
    place(a, 'buy', 40, 1)
    place(b, 'sell', 40, 1)
    place(a, 'sell', 70, 1)
    const events = place(b, 'buy', 70, 1)
    expect(all(events, 'balance').map((e) => [e.account_id, e.change_1e8, e.cause])).toEqual([
      [a, cents(70), 'trade'],
      [b, cents(30), 'merge'],
    ])
    expect([position(a).realized_1e8, position(b).realized_1e8]).toEqual([cents(30), -cents(30)])
    expect(stage.balance(0, 'USD')).toBe(0n)
  })
  test('an ask covered by held YES needs no cash, the next one does', () => {
    const { a, b, place, cash_of, position } = market()
    place(a, 'buy', 50, 1)
    place(b, 'sell', 50, 1)
    place(a, 'sell', 90, 1)
    expect([cash_of(a).reserved_1e8, position(a).committed_lots]).toEqual([0n, 100])
    place(a, 'sell', 80, 1)
    expect(cash_of(a).reserved_1e8).toBe(cents(20))
    // One contract more would need 40 cents; 30 are free.
    expect(one(place(a, 'sell', 60, 1), 'rejected')).toMatchObject({
      needed_1e8: cents(40),
      free_1e8: cents(30),
    })
  })
  test('cover that another fill used up is paid for by what that fill set free', () => {
    const { stage, a, b, place, cash_of, position } = market()
    place(a, 'buy', 50, 1)
    place(b, 'sell', 50, 1)
    place(a, 'sell', 90, 1)
    place(a, 'sell', 80, 1)
    // The uncovered ask is hit first: it closes the YES that covered the other one.
    place(b, 'buy', 80, 1)
    expect(position(a)).toMatchObject({ qty_lots: 0, committed_lots: 0 })
    expect(cash_of(a)).toMatchObject({ total_1e8: cents(130), reserved_1e8: cents(10) })
    stage.exchange.check()
  })
  test('a bid that closes NO needs no cash', () => {
    const { a, b, place, cash_of } = market()
    place(a, 'sell', 40, 1)
    place(b, 'buy', 40, 1)
    place(a, 'buy', 99, 1, { time_in_force: 'gtc' })
    expect(cash_of(a)).toMatchObject({ total_1e8: cents(40), reserved_1e8: 0n })
  })
  test('a taker that would go below zero after fees is refused though nothing is held for them', () => {
    const rules = { ...bpsRules(1_000n, 0n), feeHold: () => 0n }
    const { a, b, place } = market(rules, cents(44))
    place(b, 'sell', 44, 1)
    expect(one(place(a, 'buy', 44, 1), 'rejected')).toMatchObject({
      needed_1e8: cents(44) + 4_400_000n,
      free_1e8: cents(44),
    })
  })
  test('a market order is asked for what it would execute, and nothing against an empty side', () => {
    const { a, b, place } = market(freeRules, cents(50))
    expect(one(place(a, 'buy', null, 5), 'done').reason).toBe('no-liquidity')
    place(b, 'sell', 30, 1)
    expect(all(place(a, 'buy', null, 5), 'trade')).toHaveLength(1)
    place(b, 'sell', 30, 1)
    expect(one(place(a, 'buy', null, 5), 'rejected').needed_1e8).toBe(cents(30))
  })
  test('prices of nothing and of one are no prices', () => {
    const { a, place } = market()
    for (const price of [0, 100, 101]) {
      expect(one(place(a, 'buy', price, 1), 'rejected').code).toBe('price-bounds')
    }
  })
  test('pairs are no tokens: they cannot be split or merged', () => {
    const { stage, a } = market()
    const events = stage.do({ type: 'split', account_id: a, instrument, qty_lots: 100 })
    expect(one(events, 'rejected').code).toBe('unsupported-order')
  })
})

describe('the end of a market', () => {
  test('cancels what rests, pays YES and NO, and leaves the pool empty', () => {
    const { stage, a, b, place, cash_of, position } = market()
    place(a, 'buy', 40, 2)
    place(b, 'sell', 40, 1)
    const determined = stage.do({ type: 'determine', instrument, yes_value_ticks: 30 })
    expect(determined.map((e) => e.type)).toEqual(['determined', 'done', 'level'])
    expect(one(determined, 'done').reason).toBe('market-closed')
    expect(place(a, 'buy', 40, 1)[0]).toMatchObject({ code: 'market-closed' })
    const settled = stage.do({ type: 'settle', instrument, payout: 'auto' })
    expect(all(settled, 'paid').map((p) => [p.account_id, p.qty_lots, p.payout_1e8])).toEqual([
      [a, 100, cents(30)],
      [b, -100, cents(70)],
    ])
    expect([cash_of(a).total_1e8, cash_of(b).total_1e8]).toEqual([cents(90), cents(10_010)])
    expect([position(a).qty_lots, position(a).realized_1e8]).toEqual([0, -cents(10)])
    expect([stage.exchange.yesValue(instrument), stage.balance(0, 'USD')]).toEqual([30, 0n])
    expect(
      one(stage.do({ type: 'determine', instrument, yes_value_ticks: 0 }), 'rejected').code,
    ).toBe('market-closed')
  })
  test('by claim pays each holder once, when asked', () => {
    const { stage, a, b, place, cash_of } = market()
    place(a, 'buy', 40, 1)
    place(b, 'sell', 40, 1)
    expect(one(stage.do({ type: 'settle', instrument, payout: 'claim' }), 'rejected').code).toBe(
      'market-mode',
    )
    const redeem = (account_id: number) => stage.do({ type: 'redeem', account_id, instrument })
    expect(one(redeem(a), 'rejected').code).toBe('market-mode')
    stage.do({ type: 'determine', instrument, yes_value_ticks: 100 })
    stage.do({ type: 'settle', instrument, payout: 'claim' })
    expect(one(redeem(a), 'paid').payout_1e8).toBe(USD)
    expect(one(redeem(a), 'rejected').code).toBe('insufficient-balance')
    expect(one(redeem(b), 'paid')).toMatchObject({ qty_lots: -100, payout_1e8: 0n })
    expect(cash_of(a).total_1e8).toBe(cents(160))
    stage.exchange.check()
  })
  test('rounds each payout down and keeps the dust', () => {
    const odd = { ...kxTest, tick_size_1e9: 8n, lot_size_1e8: 1n }
    const stage = new Stage({ rules: freeRules }).open(odd)
    const [a, b] = [stage.account({ USD: 10n }), stage.account({ USD: 10n })]
    stage.place({ account_id: a, instrument, price_ticks: 50_000_000, qty_lots: 1 })
    stage.place({ account_id: b, instrument, side: 'sell', price_ticks: 50_000_000, qty_lots: 1 })
    // Each side paid 0.4 and 0.6 of the smallest unit, rounded up to one.
    expect([stage.balance(0, 'USD'), stage.balance(a, 'USD')]).toEqual([2n, 9n])
    stage.do({ type: 'determine', instrument, yes_value_ticks: 62_500_000 })
    stage.do({ type: 'settle', instrument, payout: 'auto' })
    expect([a, b, 0].map((id) => stage.balance(id, 'USD'))).toEqual([9n, 9n, 2n])
    stage.exchange.check()
  })
})

describe('an endowed position', () => {
  test('is backed from outside, the venue holds the other side', () => {
    const { stage, a, position, cash_of } = market()
    const endow = (qty_lots: number) =>
      stage.do({ type: 'endow', account_id: a, instrument, qty_lots, entry_ticks: 40 })
    endow(100)
    expect([position(a), position(0)]).toMatchObject([
      { qty_lots: 100, cost_1e8: cents(40) },
      { qty_lots: -100 },
    ])
    expect([stage.balance(0, 'USD'), cash_of(a).total_1e8]).toEqual([USD, USD])
    endow(-300)
    expect(position(a)).toMatchObject({ qty_lots: -300, cost_1e8: cents(180) })
    expect(stage.balance(0, 'USD')).toBe(3n * USD)
    endow(0)
    expect(stage.balance(0, 'USD')).toBe(0n)
    stage.exchange.check()
  })
  test('is not set while orders lean on the old one', () => {
    const { stage, a, place } = market()
    place(a, 'buy', 40, 1)
    const events = stage.do({
      type: 'endow',
      account_id: a,
      instrument,
      qty_lots: 1,
      entry_ticks: 1,
    })
    expect(one(events, 'rejected').code).toBe('position-limit')
  })
})

describe('with separate tokens', () => {
  const rules: MoneyRules = { ...freeRules, eventNetting: 'separate' }
  const NO = { leg: 'NO' }

  test('buys of YES and NO mint, sells of both merge', () => {
    const { stage, a, b, place, position, cash_of } = market(rules)
    place(a, 'buy', 40, 1)
    place(b, 'sell', 40, 1, NO)
    expect([position(a), position(b)]).toMatchObject([
      { qty_lots: 100, no_lots: 0, cost_1e8: cents(40) },
      { qty_lots: 0, no_lots: 100, no_cost_1e8: cents(60) },
    ])
    expect(stage.balance(0, 'USD')).toBe(USD)
    place(a, 'sell', 55, 1)
    const events = place(b, 'buy', 55, 1, NO)
    expect(all(events, 'position').map((p) => [p.account_id, p.leg, p.qty_lots])).toEqual([
      [a, 'YES', 0],
      [b, 'NO', 0],
    ])
    expect([cash_of(a).total_1e8, cash_of(b).total_1e8]).toEqual([cents(115), cents(9_985)])
    expect(stage.balance(0, 'USD')).toBe(0n)
    stage.exchange.check()
  })
  test('a token must be held to be sold, and rests reserved', () => {
    const { a, place, stage, position } = market(rules)
    expect(one(place(a, 'sell', 40, 1), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: USD,
      free_1e8: 0n,
    })
    stage.do({ type: 'split', account_id: a, instrument, qty_lots: 100 })
    place(a, 'sell', 60, 1)
    place(a, 'buy', 40, 1, NO)
    expect(position(a)).toMatchObject({ committed_lots: 100, no_committed_lots: 100 })
    expect(one(place(a, 'buy', 40, 1, NO), 'rejected').code).toBe('insufficient-balance')
    expect(
      one(stage.do({ type: 'merge', account_id: a, instrument, qty_lots: 1 }), 'rejected'),
    ).toMatchObject({ code: 'insufficient-balance', needed_1e8: cents(1), free_1e8: 0n })
    expect(stage.exchange.openOrders(a).map((o) => o.leg)).toEqual(['YES', 'NO'])
  })
  test('a pair splits out of cash and merges back', () => {
    const { stage, a, cash_of, position } = market(rules)
    const act = (type: 'split' | 'merge', qty_lots: number) =>
      stage.do({ type, account_id: a, instrument, qty_lots })
    expect(one(act('split', 101), 'rejected').code).toBe('insufficient-balance')
    expect(one(act('split', 0), 'rejected').code).toBe('off-lot')
    expect(one(act('split', 100), 'balance')).toMatchObject({ cause: 'mint', total_1e8: 0n })
    expect(one(act('merge', 30), 'balance')).toMatchObject({ cause: 'merge', total_1e8: cents(30) })
    expect(position(a)).toMatchObject({
      qty_lots: 70,
      no_lots: 70,
      cost_1e8: cents(35),
      no_cost_1e8: cents(35),
      realized_1e8: 0n,
    })
    expect(cash_of(a).total_1e8).toBe(cents(30))
    stage.do({ type: 'determine', instrument, yes_value_ticks: 100 })
    expect(one(act('split', 1), 'rejected').code).toBe('market-closed')
    stage.do({ type: 'settle', instrument, payout: 'auto' })
    expect(cash_of(a).total_1e8).toBe(USD)
    expect(position(a)).toMatchObject({ realized_1e8: cents(35), no_realized_1e8: -cents(35) })
    stage.exchange.check()
  })
  test('an endowed token lies on its side', () => {
    const { stage, a, position } = market(rules)
    const endow = (qty_lots: number) =>
      stage.do({ type: 'endow', account_id: a, instrument, qty_lots, entry_ticks: 25 })
    endow(-200)
    expect(position(a)).toMatchObject({ qty_lots: 0, no_lots: 200, no_cost_1e8: cents(150) })
    stage.exchange.check()
    endow(100)
    expect(position(a)).toMatchObject({ qty_lots: 100, no_lots: 0, cost_1e8: cents(25) })
    stage.exchange.check()
  })
})

describe('a fee that rounds up fill by fill', () => {
  /** A cent for every fill; an order holds one of them. */
  const rules: MoneyRules = { ...freeRules, fee: () => ({ fee_1e8: cents(1), carry_1e8: 0n }) }
  const fills = (cash: bigint, takes: number[], more: MoneyRules = rules) => {
    const { stage, a, b, place, cash_of } = market(more, cash)
    place(a, 'buy', 50, 10)
    const fees = takes.map(
      (take) => one(place(b, 'sell', 50, take, { time_in_force: 'ioc' }), 'trade').maker.fee_1e8,
    )
    stage.exchange.check()
    return { fees, left: cash_of(a) }
  }

  test('is taken as far as cash is free beside what the order still holds, never as a debt', () => {
    const nothing = { total_1e8: 0n, reserved_1e8: 0n, free_1e8: 0n }
    expect(fills(cents(501), [4, 6])).toEqual({ fees: [0n, cents(1)], left: nothing })
    expect(fills(cents(501) + 7n, [4, 6])).toEqual({ fees: [7n, cents(1)], left: nothing })
    expect(fills(cents(502), [4, 6])).toEqual({ fees: [cents(1), cents(1)], left: nothing })
  })
  test('and a rebate is paid whole where nothing is free', () => {
    const rebate: MoneyRules = { ...rules, fee: () => ({ fee_1e8: -cents(1), carry_1e8: 0n }) }
    expect(fills(cents(500), [4], rebate)).toEqual({
      fees: [-cents(1)],
      left: { total_1e8: cents(301), reserved_1e8: cents(300), free_1e8: cents(1) },
    })
  })
  test('leaves its rounding with the order, also where it could not be paid', () => {
    // The order's accumulator counts its fills and is charged by their number.
    const counting: MoneyRules = {
      ...rules,
      fee: ({ carry_1e8 }) => ({ fee_1e8: cents(1) * (carry_1e8 + 1n), carry_1e8: carry_1e8 + 1n }),
    }
    expect(fills(cents(503), [2, 2, 6], counting).fees).toEqual([cents(1), cents(1), cents(1)])
    expect(fills(cents(600), [2, 2, 6], counting).fees).toEqual([cents(1), cents(2), cents(3)])
  })
})

test('an account that trades with itself pays its maker from that fill, and its rest stays paid for', () => {
  const rules: MoneyRules = {
    ...freeRules,
    fee: ({ liquidity }) => ({ fee_1e8: liquidity === 'maker' ? cents(120) : 0n, carry_1e8: 0n }),
    feeHold: () => 1n,
  }
  const { stage, a, place, cash_of } = market(rules, cents(150) + 2n)
  place(a, 'buy', 50, 1)
  // One YES is bought and sold again; the other contract rests, with 0.50 and a smallest unit behind it.
  const events = place(a, 'sell', 50, 2, { self_trade: 'allow' })
  expect(one(events, 'trade').maker.fee_1e8).toBe(1n)
  expect(cash_of(a)).toMatchObject({ total_1e8: cents(150) + 1n, reserved_1e8: cents(50) + 1n })
  stage.exchange.check()
})

describe('lots promised to resting orders', () => {
  const separate: MoneyRules = { ...freeRules, eventNetting: 'separate' }

  test('are all given back when a fill turns the position over', () => {
    const { stage, a, b, place, cash_of, position } = market(freeRules, cents(1_000))
    stage.do({ type: 'endow', account_id: a, instrument, qty_lots: 10 * CONTRACT, entry_ticks: 50 })
    place(a, 'sell', 90, 10)
    place(b, 'buy', 50, 15)
    // Fifteen are sold at once: five NO are held then, which no ask closes.
    place(a, 'sell', 50, 15, { time_in_force: 'ioc' })
    expect(position(a)).toMatchObject({ qty_lots: -5 * CONTRACT, committed_lots: 0 })
    expect(cash_of(a).reserved_1e8).toBe(cents(100))
    stage.exchange.check()
  })
  test('are paid for anew with the fee the order already held', () => {
    const rules: MoneyRules = { ...freeRules, feeHold: () => cents(3) }
    const { stage, a, b, place, cash_of, position } = market(rules, cents(300))
    stage.do({ type: 'endow', account_id: a, instrument, qty_lots: 10 * CONTRACT, entry_ticks: 50 })
    place(a, 'sell', 90, 10)
    expect(cash_of(a).reserved_1e8).toBe(cents(3))
    place(b, 'buy', 50, 4)
    place(a, 'sell', 50, 4, { time_in_force: 'ioc' })
    // Four of its ten contracts lost their cover: 0.10 each, and the fee once.
    expect(position(a)).toMatchObject({ qty_lots: 6 * CONTRACT, committed_lots: 6 * CONTRACT })
    expect(cash_of(a).reserved_1e8).toBe(cents(43))
    stage.exchange.check()
  })
  test('come before the fee of the fill that used their lots up', () => {
    const fee: MoneyRules['fee'] = ({ liquidity }) => ({
      fee_1e8: liquidity === 'maker' ? cents(90) : 0n,
      carry_1e8: 0n,
    })
    const { stage, a, b, place, cash_of } = market({ ...freeRules, fee, feeHold: () => 1n }, 2n)
    stage.do({ type: 'endow', account_id: a, instrument, qty_lots: CONTRACT, entry_ticks: 50 })
    place(a, 'sell', 70, 1)
    stage.do({ type: 'transfer', account_id: a, asset: 'USD', amount_1e8: cents(70) })
    place(a, 'sell', 30, 1)
    // Sold at 30, it sets a dollar free; the ask at 70 keeps 30 of it, and only the rest can go to the fee.
    const { maker } = one(place(b, 'buy', 30, 1), 'trade')
    expect(maker.fee_1e8).toBe(cents(70) + 1n)
    expect(cash_of(a)).toMatchObject({ total_1e8: cents(30) + 1n, reserved_1e8: cents(30) + 1n })
    stage.exchange.check()
  })
  test('of separate tokens stay promised, whatever else is sold', () => {
    const { stage, a, b, place, position } = market(separate, cents(1_000))
    stage.do({ type: 'split', account_id: a, instrument, qty_lots: 10 * CONTRACT })
    place(a, 'sell', 90, 3)
    place(a, 'buy', 10, 4, { leg: 'NO' })
    place(b, 'buy', 60, 2)
    place(a, 'sell', 60, 2)
    expect(position(a)).toMatchObject({
      qty_lots: 8 * CONTRACT,
      committed_lots: 3 * CONTRACT,
      no_committed_lots: 4 * CONTRACT,
    })
    stage.exchange.check()
  })
  test('of separate tokens: an order that buys more NO does not reduce', () => {
    const { stage, a, place } = market(separate, cents(1_000))
    stage.do({ type: 'split', account_id: a, instrument, qty_lots: 10 * CONTRACT })
    const events = place(a, 'sell', 40, 5, { leg: 'NO', reduce_only: true })
    expect(one(events, 'done').reason).toBe('not-reducing')
  })
})
