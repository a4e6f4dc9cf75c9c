/**
 * Resolution: positions that are given, what a result pays and to whom, and pairs of tokens.
 */
import { describe, expect, test } from 'vitest'
import type { Command, MoneyRules } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, btcPerp, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

/** One lot is one contract, one tick a cent. */
const contract: Instrument = { ...kxTest, venue_symbol: 'KX', lot_size_1e8: 100_000_000n }
const perp: Instrument = { ...btcPerp, venue_symbol: 'PERP' }
const separate: MoneyRules = { ...freeRules, eventNetting: 'separate' }
const CENT = USD / 100n
const KX = { instrument: 'KX' }

function scene(rules: MoneyRules = freeRules) {
  const stage = new Stage({ rules }).open(contract).open(perp)
  const [a, b] = [stage.account({ USD: 1_000n * USD }), stage.account({ USD: 1_000n * USD })]
  const { exchange } = stage
  const endow = (account_id: number, qty_lots: number, entry_ticks: number, instrument = 'KX') =>
    stage.do({ type: 'endow', account_id, instrument, qty_lots, entry_ticks })
  const pair = (type: 'split' | 'merge', qty_lots: number, instrument = 'KX') =>
    stage.do({ type, account_id: a, instrument, qty_lots })
  const determine = (yes_value_ticks: number) =>
    stage.do({ type: 'determine', ...KX, yes_value_ticks })
  const settle = (payout: 'auto' | 'claim') => stage.do({ type: 'settle', ...KX, payout })
  const redeem = (account_id: number) => stage.do({ type: 'redeem', account_id, ...KX })
  const position = (account_id: number, instrument = 'KX') =>
    exchange.position(account_id, instrument)
  const cash = (account_id: number) => exchange.balance(account_id, 'USD')
  /** One account buys so many YES of the other, which thereby buys NO. */
  const trade = (buyer: number, seller: number, price_ticks: number, qty_lots: number) => {
    stage.place({ ...KX, account_id: buyer, price_ticks, qty_lots })
    return stage.place({
      ...KX,
      account_id: seller,
      side: 'sell',
      leg: 'NO',
      price_ticks,
      qty_lots,
    })
  }
  return { stage, exchange, a, b, endow, pair, determine, settle, redeem, position, cash, trade }
}

describe('what only a mistaken host asks', () => {
  const refused = (rules: MoneyRules, ...commands: object[]): unknown => {
    const { exchange } = scene(rules)
    const ts_us = exchange.ts_us
    const last = commands.pop()
    for (const command of commands) exchange.apply({ ts_us, ...command } as Command)
    const before = exchange.snapshot()
    try {
      exchange.apply({ ts_us, ...last } as Command)
    } catch (error) {
      expect(Buffer.compare(exchange.snapshot(), before)).toBe(0)
      return error
    }
    return undefined
  }
  const endow = (qty_lots: number, entry_ticks: number, account_id = 1) => ({
    type: 'endow',
    account_id,
    ...KX,
    qty_lots,
    entry_ticks,
  })
  test('is a price beyond what a contract can be worth', () => {
    expect(refused(freeRules, endow(1, 101))).toMatchObject({
      message: 'entry_ticks is 101; KX is worth at most 100.',
    })
    expect(refused(freeRules, endow(1, 100))).toBeUndefined()
    const result = (yes_value_ticks: number, instrument = 'KX') => ({
      type: 'determine',
      instrument,
      yes_value_ticks,
    })
    expect(refused(freeRules, result(101))).toMatchObject({
      message: 'yes_value_ticks is 101; KX is worth at most 100.',
    })
    expect(refused(freeRules, result(100))).toBeUndefined()
    expect(refused(freeRules, result(0, 'PERP'))).toMatchObject({
      message: 'PERP is no event market.',
    })
  })
  test('is more lots than a market can count', () => {
    const half = 2 ** 51
    expect(refused(freeRules, endow(2 * half, 1))).toMatchObject({
      message: expect.stringContaining('beyond 2^53 - 1 lots'),
    })
    expect(refused(freeRules, endow(half, 1), endow(-half, 1, 2))).toMatchObject({
      message: expect.stringContaining('beyond 2^53 - 1 lots'),
    })
    expect(refused(freeRules, endow(half, 1), endow(half - 1, 1, 2))).toBeUndefined()
  })
})

describe('an endowed position', () => {
  test('of a perp costs what it says, long or short, and brings no money along', () => {
    for (const rules of [freeRules, separate]) {
      const { endow, position, exchange, a, b, stage } = scene(rules)
      const venue = () => {
        const { qty_lots, cost_1e8 } = position(0, 'PERP')
        exchange.check()
        return [qty_lots, cost_1e8 / USD, stage.balance(0, 'USD')]
      }
      endow(a, 3, 90, 'PERP')
      expect(position(a, 'PERP')).toMatchObject({ qty_lots: 3, cost_1e8: 270n * USD })
      expect(venue()).toEqual([-3, -270n, 0n])
      endow(b, -2, 80, 'PERP')
      expect(position(b, 'PERP')).toMatchObject({ qty_lots: -2, cost_1e8: 160n * USD })
      expect(venue()).toEqual([-1, -110n, 0n])
      // A position that is set anew hands the old one to the venue, at what it cost.
      endow(b, 5, 10, 'PERP')
      expect(venue()).toEqual([-8, -320n, 0n])
      endow(a, -1, 70, 'PERP')
      expect(position(a, 'PERP')).toMatchObject({ qty_lots: -1, cost_1e8: 70n * USD })
      expect(venue()).toEqual([-4, 20n, 0n])
      endow(a, 0, 70, 'PERP')
      endow(b, 0, 70, 'PERP')
      expect(venue()).toEqual([0, 0n, 0n])
    }
  })
  test('sets an isolated one free of its margin', () => {
    const { stage, endow, position, cash, a, b, exchange } = scene()
    const at = { instrument: 'PERP', price_ticks: 10, qty_lots: 5 }
    stage.place({ ...at, account_id: b, side: 'sell' })
    stage.place({ ...at, account_id: a, margin: 'isolated' })
    expect(cash(a).reserved_1e8).toBe(50n * USD)
    endow(a, 5, 10, 'PERP')
    expect(cash(a).reserved_1e8).toBe(0n)
    expect(position(a, 'PERP')).toMatchObject({ margin: 'cross', isolated_1e8: 0n })
    exchange.check()
  })
  test('that its account cannot carry is closed at once', () => {
    const { stage, endow, a, exchange } = scene()
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 100, oracle_ticks: 100 })
    expect(one(endow(a, 10, 200, 'PERP'), 'liquidated').qty_lots).toBe(10)
    exchange.check()
  })
  test('of an event costs the venue nothing, however often it is set', () => {
    const { endow, position, exchange, a, b } = scene()
    endow(a, 100, 40)
    endow(b, -30, 40)
    endow(a, -10, 20)
    expect([position(0), position(a), position(b)]).toMatchObject([
      { qty_lots: 40, cost_1e8: 0n },
      { qty_lots: -10, cost_1e8: 800n * CENT },
      { qty_lots: -30, cost_1e8: 1_800n * CENT },
    ])
    exchange.check()
  })
  test('of tokens leaves the old ones with the venue', () => {
    const { endow, position, exchange, a, stage } = scene(separate)
    endow(a, 100, 40)
    expect(position(0)).toMatchObject({ qty_lots: 0, no_lots: 100 })
    endow(a, -50, 40)
    expect(position(0)).toMatchObject({ qty_lots: 150, no_lots: 100 })
    endow(a, 20, 40)
    expect(position(0)).toMatchObject({ qty_lots: 150, no_lots: 170 })
    expect(position(a)).toMatchObject({ qty_lots: 20, no_lots: 0 })
    expect(stage.balance(0, 'USD')).toBe(170n * USD)
    exchange.check()
  })
})

describe('a settlement', () => {
  test('comes once, after a result', () => {
    const { stage, settle, determine } = scene()
    const refused = () => one(settle('auto'), 'rejected').code
    expect(refused()).toBe('market-mode')
    // A state that was set by hand has no value to pay.
    stage.do({ type: 'market-state', ...KX, state: 'determined', cancel_resting: false })
    expect(refused()).toBe('market-mode')
    determine(40)
    expect(settle('auto')).toMatchObject([
      { type: 'settled', instrument: 'KX', yes_value_ticks: 40 },
    ])
    expect(refused()).toBe('market-mode')
  })
  test('pays both sides their part, and tells nobody else', () => {
    const { trade, endow, determine, settle, position, a, b, stage } = scene()
    const flat = stage.account({ USD })
    trade(a, b, 40, 10)
    trade(flat, b, 40, 1)
    trade(b, flat, 40, 1)
    endow(a, 12, 40)
    determine(30)
    const events = settle('auto')
    expect(all(events, 'paid').map((paid) => [paid.account_id, paid.qty_lots])).toEqual([
      [a, 12],
      [b, -10],
    ])
    // The venue holds the other side of what was given, and its share is not told.
    const told = all(events, 'position')
    expect(told.map((told) => [told.account_id, told.qty_lots, 'leg' in told])).toEqual([
      [a, 0, false],
      [b, 0, false],
    ])
    expect(all(events, 'balance').map(({ account_id }) => account_id)).toEqual([a, b])
    expect([position(a), position(b)]).toMatchObject([
      { realized_1e8: -120n * CENT, no_realized_1e8: 0n },
      { realized_1e8: 100n * CENT, no_realized_1e8: 0n },
    ])
    stage.exchange.check()
  })
  test('of separate tokens pays and tells each leg', () => {
    const { trade, determine, settle, position, a, b, exchange } = scene(separate)
    trade(a, b, 40, 10)
    determine(30)
    const events = settle('auto')
    expect(all(events, 'paid').map((paid) => [paid.account_id, paid.payout_1e8])).toEqual([
      [a, 300n * CENT],
      [b, 700n * CENT],
    ])
    expect(all(events, 'position').map((told) => [told.account_id, told.leg])).toEqual([
      [a, 'YES'],
      [a, 'NO'],
      [b, 'YES'],
      [b, 'NO'],
    ])
    expect([position(a), position(b)]).toMatchObject([
      { realized_1e8: -100n * CENT, no_realized_1e8: 0n },
      { realized_1e8: 0n, no_realized_1e8: 100n * CENT },
    ])
    exchange.check()
  })
  test('by claim keeps what was not claimed yet, to the last holder', () => {
    const { trade, determine, settle, redeem, a, b, exchange, cash, stage } = scene()
    const c = stage.account({ USD: 100n * USD })
    trade(a, b, 40, 10)
    trade(c, b, 40, 5)
    determine(60)
    settle('claim')
    for (const [account_id, paid] of [
      [c, 300n],
      [b, 600n],
      [a, 600n],
    ] as const) {
      exchange.check()
      expect(one(redeem(account_id), 'paid').payout_1e8).toBe(paid * CENT)
    }
    exchange.check()
    expect(stage.balance(0, 'USD')).toBe(0n)
    expect(cash(a).total_1e8).toBe(1_000n * USD + 200n * CENT)
  })
})

describe('a pair', () => {
  test('is of separate tokens of a market that trades, and of some lots', () => {
    const code = (rules: MoneyRules, instrument: string) =>
      one(scene(rules).pair('split', 1, instrument), 'rejected').code
    expect([code(freeRules, 'KX'), code(separate, 'PERP')]).toEqual([
      'unsupported-order',
      'unsupported-order',
    ])
    const { pair, determine, settle } = scene(separate)
    expect(one(pair('merge', 0), 'rejected').code).toBe('off-lot')
    pair('split', 5)
    determine(50)
    expect(one(pair('merge', 1), 'rejected').code).toBe('market-closed')
    settle('claim')
    expect(one(pair('split', 1), 'rejected').code).toBe('market-closed')
    expect(one(pair('merge', 1), 'rejected').code).toBe('market-closed')
  })
  test('is paid out of cash that no order has reserved', () => {
    const { pair, a, stage, exchange } = scene(separate)
    stage.place({ ...KX, account_id: a, price_ticks: 50, qty_lots: 1_000 })
    expect(one(pair('split', 501), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: 501n * USD,
      free_1e8: 500n * USD,
    })
    expect(one(pair('split', 500), 'balance').change_1e8).toBe(-500n * USD)
    exchange.check()
  })
  test('makes no more lots than a market can count, resting ones included', () => {
    const tiny = { ...contract, lot_size_1e8: 1n }
    const stage = new Stage({ rules: separate }).open(tiny)
    const account_id = stage.account({ USD: 2n ** 54n })
    const split = (qty_lots: number) => stage.do({ type: 'split', account_id, ...KX, qty_lots })
    const bid = (qty_lots: number) => stage.place({ ...KX, account_id, price_ticks: 1, qty_lots })
    bid(1)
    const { exchange } = stage
    expect(one(split(2 ** 52), 'rejected').code).toBe('position-limit')
    const full = exchange.fork()
    const most = { type: 'split', account_id, ...KX, qty_lots: 2 ** 52 - 1 } as const
    expect(full.apply({ ...most, ts_us: full.ts_us })[0]?.type).toBe('balance')
    bid(1)
    expect(one(split(2 ** 52 - 1), 'rejected').code).toBe('position-limit')
    // Of two halves the second counts the first.
    expect(split(2 ** 51)[0]?.type).toBe('balance')
    expect(one(split(2 ** 51), 'rejected').code).toBe('position-limit')
    expect(split(2 ** 51 - 2)[0]?.type).toBe('balance')
    exchange.check()
  })
  test('merges out of tokens that no order is promised, of either leg', () => {
    for (const [yes, no] of [
      [40, 10],
      [10, 40],
    ] as const) {
      const { pair, a, stage, position, exchange } = scene(separate)
      pair('split', 100)
      stage.place({ ...KX, account_id: a, side: 'sell', price_ticks: 60, qty_lots: yes })
      stage.place({ ...KX, account_id: a, price_ticks: 40, qty_lots: no, leg: 'NO' })
      expect(one(pair('merge', 61), 'rejected')).toMatchObject({
        needed_1e8: 61n * USD,
        free_1e8: 60n * USD,
      })
      expect(one(pair('merge', 60), 'balance')).toMatchObject({ change_1e8: 60n * USD })
      expect(position(a)).toMatchObject({ qty_lots: 40, no_lots: 40 })
      exchange.check()
    }
  })
  test('realizes for each leg half of a unit less what that leg cost', () => {
    const { pair, trade, a, b, position, exchange, stage } = scene(separate)
    trade(a, b, 30, 10)
    stage.place({ ...KX, account_id: b, price_ticks: 45, qty_lots: 10 })
    stage.place({
      ...KX,
      account_id: a,
      side: 'sell',
      leg: 'NO',
      price_ticks: 45,
      qty_lots: 10,
    })
    expect(position(a)).toMatchObject({ cost_1e8: 300n * CENT, no_cost_1e8: 550n * CENT })
    pair('merge', 4)
    expect(position(a)).toMatchObject({
      qty_lots: 6,
      no_lots: 6,
      cost_1e8: 180n * CENT,
      no_cost_1e8: 330n * CENT,
      realized_1e8: 80n * CENT,
      no_realized_1e8: -20n * CENT,
    })
    exchange.check()
  })
})
