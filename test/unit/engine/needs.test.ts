/**
 * What an order needs at entry, where its plan does more than trade at one price: own orders in the way, closing and
 * opening in one go, a loss on the way to a covered rest.
 */
import { describe, expect, test } from 'vitest'
import type { MoneyRules } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, btcUsd, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

/** One lot is one coin or contract; one tick a dollar, of contracts a cent. */
const whole = { lot_size_1e8: USD, min_qty_1e8: 0n, min_notional_1e9: 0n }
const coins: Instrument = { ...btcUsd, ...whole, tick_size_1e9: 10n ** 9n }
const contract: Instrument = { ...kxTest, ...whole }
const perp: Instrument = { ...coins, kind: 'perp', leverage_max: 10 }
const CENTS = USD / 100n

/** A trader with exactly so much cash, and a house with more than enough. */
function scene(instrument: Instrument, cash: bigint, rules: MoneyRules = freeRules) {
  const stage = new Stage({ rules }).open(instrument)
  const name = instrument.venue_symbol
  const house = stage.account({ USD: 1_000_000n * USD, BTC: 1_000n * USD })
  const trader = stage.account({ USD: cash })
  const place = stage.placer(name)
  const endow = (qty_lots: number, entry_ticks: number) =>
    stage.do({ type: 'endow', account_id: trader, instrument: name, qty_lots, entry_ticks })
  const mark = (ticks: number) =>
    stage.do({ type: 'mark', instrument: name, mark_ticks: ticks, oracle_ticks: ticks })
  const leverage = () =>
    stage.do({ type: 'leverage', account_id: trader, instrument: name, leverage: 10 })
  return { stage, exchange: stage.exchange, house, trader, place, endow, mark, leverage }
}

describe('an order after one that walked further needs only what it meets itself', () => {
  test.each([
    ['spot', coins, 100, 1_000n * USD],
    ['event', contract, 50, 5n * USD],
    ['perp', perp, 100, 1_000n * USD],
  ] as const)('%s', (_, instrument, price, cash) => {
    const { place, house, trader } = scene(instrument, cash)
    for (const more of [0, 1, 2]) place(house, 'sell', price + more, 10)
    place(house, 'buy', null, 30, { self_trade: 'allow' })
    place(house, 'sell', price, 10)
    expect(all(place(trader, 'buy', null, 10), 'trade')).toHaveLength(1)
  })
  test('spot, a sell whose fee is in base', () => {
    const perFill: MoneyRules = { ...freeRules, fee: () => ({ fee_1e8: USD, carry_1e8: 0n }) }
    const { stage, place, house, trader } = scene(coins, 0n, perFill)
    stage.do({ type: 'transfer', account_id: trader, asset: 'BTC', amount_1e8: 11n * USD })
    for (const less of [0, 1, 2]) place(house, 'buy', 100 - less, 10)
    place(house, 'sell', null, 30, { self_trade: 'allow' })
    place(house, 'buy', 100, 10)
    expect(all(place(trader, 'sell', null, 10, { fee_in: 'base' }), 'trade')).toHaveLength(1)
  })
})

describe('an own order in the way is not paid for', () => {
  const ownFirst = { self_trade: 'cancel-maker', time_in_force: 'ioc' } as const

  test('spot', () => {
    const { stage, place, house, trader } = scene(coins, 1_010n * USD)
    stage.do({ type: 'transfer', account_id: trader, asset: 'BTC', amount_1e8: 10n * USD })
    place(trader, 'sell', 100, 10)
    place(house, 'sell', 101, 10)
    expect(one(place(trader, 'buy', null, 10, ownFirst), 'trade')).toMatchObject({
      price_ticks: 101,
      qty_lots: 10,
    })
  })
  test('spot, nor is a fee in base owed for it', () => {
    const perFill: MoneyRules = { ...freeRules, fee: () => ({ fee_1e8: USD, carry_1e8: 0n }) }
    const { stage, place, house, trader } = scene(coins, 1_001n * USD, perFill)
    stage.do({ type: 'transfer', account_id: trader, asset: 'BTC', amount_1e8: 11n * USD })
    place(trader, 'buy', 100, 10)
    place(house, 'buy', 99, 10)
    const events = place(trader, 'sell', null, 10, { ...ownFirst, fee_in: 'base' })
    expect(one(events, 'trade')).toMatchObject({ price_ticks: 99, taker: { fee_1e8: USD } })
  })
  test('event', () => {
    const { place, endow, house, trader } = scene(contract, 510n * CENTS)
    endow(10, 50)
    place(trader, 'sell', 50, 10)
    place(house, 'sell', 51, 10)
    expect(one(place(trader, 'buy', null, 10, ownFirst), 'trade').price_ticks).toBe(51)
  })
  test('perp', () => {
    const { place, endow, mark, leverage, house, trader } = scene(perp, 210n * USD)
    mark(100)
    leverage()
    endow(10, 100)
    place(trader, 'sell', 100, 10)
    place(house, 'sell', 101, 10)
    // 100 of margin and a loss of 10, beside the 100 that the position has.
    expect(one(place(trader, 'buy', null, 10, ownFirst), 'trade').price_ticks).toBe(101)
  })
})

describe('what is held closes once, and the rest of the order opens', () => {
  test('event: what closing pays in goes towards it', () => {
    const { place, endow, house, trader } = scene(contract, 99n * CENTS)
    endow(10, 50)
    place(house, 'buy', 50, 10)
    place(house, 'buy', 40, 10)
    // Ten YES fetch 5.00, ten NO cost 6.00.
    const refused = one(place(trader, 'sell', null, 20), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([100n * CENTS, 99n * CENTS])
  })
  test('perp: margin that closing frees goes towards it', () => {
    const { place, endow, mark, leverage, house, trader } = scene(perp, 199n * USD)
    mark(100)
    leverage()
    endow(10, 100)
    place(house, 'buy', 100, 10)
    place(house, 'buy', 90, 10)
    // 100 come free, 100 are needed again, and 100 are lost against the mark.
    const refused = one(place(trader, 'sell', null, 20), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([100n * USD, 99n * USD])
  })
})

describe('lots promised on one side', () => {
  test('event: make an order on the other side no dearer', () => {
    const { place, endow, trader, exchange } = scene(contract, 4n * USD)
    endow(10, 50)
    place(trader, 'sell', 60, 10)
    expect(place(trader, 'buy', 40, 10)[0]?.type).toBe('accepted')
    expect(exchange.balance(trader, 'USD')).toMatchObject({ reserved_1e8: 4n * USD, free_1e8: 0n })
  })
  test('perp: make an order on the other side no dearer', () => {
    const { place, endow, mark, leverage, trader, exchange } = scene(perp, 190n * USD)
    mark(100)
    leverage()
    endow(10, 100)
    place(trader, 'sell', 110, 10)
    expect(place(trader, 'buy', 90, 10)[0]?.type).toBe('accepted')
    expect(exchange.margin(trader, 'USD')).toMatchObject({ held_1e8: 90n * USD, available_1e8: 0n })
  })
})

test('event: cash must last through the dearest moment of a match, not only to its end', () => {
  // A dollar a fill: the first, of one contract, costs more than it brings.
  const perFill: MoneyRules = { ...freeRules, fee: () => ({ fee_1e8: USD, carry_1e8: 0n }) }
  const { place, endow, house, trader } = scene(contract, 49n * CENTS, perFill)
  endow(10, 50)
  place(house, 'buy', 50, 1)
  place(house, 'buy', 49, 9)
  const refused = one(place(trader, 'sell', null, 10), 'rejected')
  expect([refused.needed_1e8, refused.free_1e8]).toEqual([50n * CENTS, 49n * CENTS])
})

test('perp: an order that closes and rests covered is taken, though it loses on the way', () => {
  const { place, endow, mark, leverage, house, trader, exchange } = scene(perp, 200n * USD)
  mark(100)
  leverage()
  endow(20, 100)
  place(house, 'buy', 89, 10)
  expect(exchange.margin(trader, 'USD').available_1e8).toBe(0n)
  const events = place(trader, 'sell', 89, 20)
  expect(one(events, 'rested')).toMatchObject({ remaining_lots: 10 })
  expect(exchange.position(trader, perp.venue_symbol)).toMatchObject({
    qty_lots: 10,
    committed_lots: 10,
  })
  exchange.check()
})

test('perp: a reduce-only order promises nothing, so another may close the same lots', () => {
  const { place, endow, mark, leverage, trader, exchange } = scene(perp, 100n * USD)
  mark(100)
  leverage()
  endow(10, 100)
  place(trader, 'sell', 120, 10, { reduce_only: true })
  expect(exchange.position(trader, perp.venue_symbol).committed_lots).toBe(0)
  expect(place(trader, 'sell', 110, 10)[0]?.type).toBe('accepted')
  expect(exchange.margin(trader, 'USD').held_1e8).toBe(0n)
})
