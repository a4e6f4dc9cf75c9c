/**
 * What orders hold and cover, where one order's money meets another's: amends, closing orders, separate tokens.
 */
import { describe, expect, test } from 'vitest'
import type { MoneyRules, PlaceCommand } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, bpsRules, btcPerp, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

/** One lot is one contract, one tick a cent. */
const contract: Instrument = { ...kxTest, lot_size_1e8: 100_000_000n }
const CENTS = USD / 100n

function scene(instrument: Instrument, funds: bigint, rules: MoneyRules = freeRules) {
  const stage = new Stage({ rules }).open(instrument)
  const name = instrument.venue_symbol
  const house = stage.account({ USD: 1_000_000n * USD })
  const trader = stage.account({ USD: funds })
  const { exchange } = stage
  const place = stage.placer(name)
  const amend = (order_id: number, price_ticks: number, remaining_lots: number) =>
    stage.do({ type: 'amend', account_id: trader, order_id, price_ticks, remaining_lots })
  const endow = (qty_lots: number, entry_ticks = 50) =>
    stage.do({ type: 'endow', account_id: trader, instrument: name, qty_lots, entry_ticks })
  const position = () => exchange.position(trader, name)
  const balance = () => exchange.balance(trader, 'USD')
  return { stage, exchange, name, house, trader, place, amend, endow, position, balance }
}

/** Trader long (or short) at 100, ten times, the mark at 100. */
function holding(qty: number, more: Partial<PlaceCommand> = {}, rules: MoneyRules = freeRules) {
  const setting = scene(btcPerp, 1_000n * USD, rules)
  const { stage, place, house, trader } = setting
  const mark = (ticks: number) =>
    stage.do({ type: 'mark', instrument: 'BTC', mark_ticks: ticks, oracle_ticks: ticks })
  mark(100)
  stage.do({ type: 'leverage', account_id: trader, instrument: 'BTC', leverage: 10 })
  const [side, other] = qty > 0 ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const)
  place(house, other, 100, Math.abs(qty))
  place(trader, side, 100, Math.abs(qty), more)
  return { ...setting, mark }
}

describe('an amended order pays with what it held itself', () => {
  test('event: its cash', () => {
    const { place, amend, trader, balance } = scene(contract, 60n * USD)
    place(trader, 'buy', 60, 100)
    expect(amend(1, 50, 120)[0]?.type).toBe('amended')
    expect(balance()).toMatchObject({ reserved_1e8: 60n * USD, free_1e8: 0n })
    const refused = one(amend(1, 50, 121), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([6_050n * CENTS, 60n * USD])
  })
  test('event: its cover', () => {
    const { place, amend, endow, trader, position, balance } = scene(contract, 0n)
    endow(10)
    place(trader, 'sell', 60, 10)
    expect(amend(1, 62, 10)[0]?.type).toBe('amended')
    expect(position().committed_lots).toBe(10)
    expect(amend(1, 62, 4)[0]?.type).toBe('amended')
    expect(position().committed_lots).toBe(4)
    const refused = one(amend(1, 62, 11), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([38n * CENTS, 0n])
    expect(balance().reserved_1e8).toBe(0n)
  })
  test('perp: its margin', () => {
    const { place, amend, trader, stage, exchange } = scene(btcPerp, 1_000n * USD)
    stage.do({ type: 'leverage', account_id: trader, instrument: 'BTC', leverage: 10 })
    place(trader, 'buy', 100, 100)
    expect(amend(1, 80, 125)[0]?.type).toBe('amended')
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(1_000n * USD)
    const refused = one(amend(1, 101, 100), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([1_010n * USD, 1_000n * USD])
  })
  test('perp: its cover', () => {
    const { place, amend, trader, position, exchange } = holding(100)
    place(trader, 'sell', 150, 100)
    expect(amend(3, 160, 100)[0]?.type).toBe('amended')
    expect([position().committed_lots, exchange.margin(trader, 'USD').held_1e8]).toEqual([100, 0n])
    expect(one(amend(3, 160, 101), 'rejected').needed_1e8).toBe(16n * USD)
  })
})

describe('a spot order that trades in part and rests', () => {
  const coins: Instrument = { ...btcPerp, kind: 'spot', venue_symbol: 'SOL', base: 'SOL' }
  // Nothing is held for fees, so what rests keeps the maker's own, two in a hundred.
  const rules: MoneyRules = { ...bpsRules(0n, 200n), feeHold: () => 0n }
  const withCash = (cash: bigint) => {
    const { stage, house, trader, place, balance } = scene(coins, cash * USD, rules)
    stage.do({ type: 'transfer', account_id: house, asset: 'SOL', amount_1e8: 10n * USD })
    place(house, 'sell', 100, 10)
    return { events: place(trader, 'buy', 100, 20), balance }
  }
  test('needs what it pays now and what its rest will hold', () => {
    const refused = one(withCash(2_019n).events, 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([2_020n * USD, 2_019n * USD])
    expect(withCash(2_020n).balance()).toEqual({
      total_1e8: 1_020n * USD,
      reserved_1e8: 1_020n * USD,
      free_1e8: 0n,
    })
  })
})

describe('an order that opens holds for what is left of it', () => {
  test('perp: when it fills in part', () => {
    const { place, house, trader, exchange } = holding(1)
    place(trader, 'buy', 90, 20)
    place(house, 'sell', 90, 8, { time_in_force: 'ioc' })
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(108n * USD)
  })
  test('event: when it shrinks in place', () => {
    const { place, amend, trader, balance } = scene(contract, 100n * USD)
    place(trader, 'buy', 60, 100)
    amend(1, 60, 40)
    expect(balance()).toMatchObject({ total_1e8: 100n * USD, reserved_1e8: 24n * USD })
  })
})

describe('perp orders that close', () => {
  test('hold nothing, not even a fee, whatever the margin', () => {
    const { place, trader, mark, exchange, position } = holding(90, {}, bpsRules(10n, 10n))
    mark(96)
    expect(exchange.margin(trader, 'USD').available_1e8 < 0n).toBe(true)
    expect(place(trader, 'sell', 150, 90)[0]?.type).toBe('accepted')
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(0n)
    expect(position().committed_lots).toBe(90)
    // Promised lots close once; one more lot opens.
    expect(one(place(trader, 'sell', 150, 1), 'rejected').code).toBe('insufficient-balance')
    // Reduce-only promises nothing and needs nothing.
    expect(place(trader, 'sell', 160, 90, { reduce_only: true })[0]?.type).toBe('accepted')
    expect(position().committed_lots).toBe(90)
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(0n)
    exchange.check()
  })
  test('and open hold margin and fee for what opens', () => {
    const { place, trader, exchange, position } = holding(50, {}, bpsRules(10n, 0n))
    place(trader, 'sell', 150, 60)
    // 10 open at 150 over 10, and ten basis points of that.
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(150n * USD + 150n * CENTS)
    expect(position().committed_lots).toBe(50)
  })
  test('count their cover down as they fill and shrink', () => {
    const { place, amend, house, trader, position, exchange } = holding(50)
    place(trader, 'sell', 150, 40)
    place(house, 'buy', 150, 15)
    expect(position()).toMatchObject({ qty_lots: 35, committed_lots: 25 })
    amend(3, 150, 10)
    expect(position().committed_lots).toBe(10)
    exchange.check()
  })
  test('lose their cover when something else closes, and hold margin then', () => {
    const { place, house, trader, position, exchange } = holding(50)
    place(trader, 'sell', 150, 40)
    place(house, 'buy', 100, 30)
    place(trader, 'sell', 100, 10, { time_in_force: 'ioc' })
    place(trader, 'sell', 100, 20, { time_in_force: 'ioc' })
    expect(position()).toMatchObject({ qty_lots: 20, committed_lots: 20 })
    expect(exchange.margin(trader, 'USD').held_1e8).toBe(300n * USD)
    exchange.check()
  })
})

test('cover is taken back from the newest order first, and only as far as needed', () => {
  const { place, house, trader, position, exchange } = holding(50)
  place(trader, 'sell', 150, 30)
  place(trader, 'sell', 151, 20)
  place(house, 'buy', 100, 25)
  place(trader, 'sell', 100, 25, { time_in_force: 'ioc' })
  expect(position()).toMatchObject({ qty_lots: 25, committed_lots: 25 })
  expect([3, 4].map((id) => exchange.order(id)?.hold_1e8)).toEqual([75n * USD, 302n * USD])
  exchange.check()
})

test('a trade is numbered, and tells the side of each party', () => {
  const { place, house, trader } = scene(contract, 100n * USD)
  const sides = (['buy', 'sell'] as const).map((side) => {
    place(house, side === 'buy' ? 'sell' : 'buy', 50, 1)
    const { trade_id, taker_side, taker, maker } = one(place(trader, side, 50, 1), 'trade')
    return [trade_id, taker_side, taker.side, maker.side]
  })
  expect(sides).toEqual([
    [1, 'buy', 'buy', 'sell'],
    [2, 'sell', 'sell', 'buy'],
  ])
})

describe('an isolated position that closes in part at a loss', () => {
  test('loses its share of margin, or the loss where that is more', () => {
    const { place, house, trader, position, balance } = holding(50, { margin: 'isolated' })
    place(house, 'buy', 80, 10)
    place(trader, 'sell', 80, 10, { margin: 'isolated' })
    expect(position()).toMatchObject({ qty_lots: 40, isolated_1e8: 300n * USD })
    expect(balance()).toMatchObject({ total_1e8: 800n * USD, reserved_1e8: 300n * USD })
  })
  test('but never more than it has', () => {
    const { place, house, trader, position, balance, exchange } = holding(50, {
      margin: 'isolated',
    })
    place(house, 'buy', 40, 10)
    place(trader, 'sell', 40, 10, { margin: 'isolated' })
    expect(position()).toMatchObject({ qty_lots: 0, isolated_1e8: 0n })
    expect(balance()).toMatchObject({ total_1e8: 400n * USD, reserved_1e8: 0n })
    exchange.check()
  })
})

describe('separate tokens', () => {
  const rules: MoneyRules = { ...freeRules, eventNetting: 'separate' }
  /** Ten pairs, split out of ten dollars, and five more. */
  const pairs = () => {
    const setting = scene(contract, 15n * USD, rules)
    const { stage, trader, name } = setting
    stage.do({ type: 'split', account_id: trader, instrument: name, qty_lots: 10 })
    return setting
  }
  const NO = { leg: 'NO' } as const

  test('are delivered, as many as are held and not promised', () => {
    const { place, trader, position } = pairs()
    const yes = one(place(trader, 'sell', 60, 11), 'rejected')
    expect([yes.needed_1e8, yes.free_1e8]).toEqual([11n * USD, 10n * USD])
    const no = one(place(trader, 'buy', 40, 11, NO), 'rejected')
    expect([no.needed_1e8, no.free_1e8]).toEqual([11n * USD, 10n * USD])
    place(trader, 'sell', 60, 4)
    place(trader, 'buy', 40, 3, NO)
    expect(position()).toMatchObject({ committed_lots: 4, no_committed_lots: 3 })
    expect(one(place(trader, 'sell', 60, 7), 'rejected').free_1e8).toBe(6n * USD)
    expect(one(place(trader, 'buy', 40, 8, NO), 'rejected').free_1e8).toBe(7n * USD)
  })
  test('are not used up by orders that buy more of them', () => {
    const { place, trader, position, balance } = pairs()
    place(trader, 'buy', 40, 5)
    place(trader, 'sell', 60, 5, NO)
    expect(position()).toMatchObject({ committed_lots: 0, no_committed_lots: 0 })
    expect(balance().reserved_1e8).toBe(4n * USD)
  })
  test('a market order needs only what the book takes', () => {
    const { place, house, trader, position } = pairs()
    place(house, 'buy', 60, 5)
    const events = place(trader, 'sell', null, 20, { time_in_force: 'ioc' })
    expect(one(events, 'trade').taker).toMatchObject({ closed_lots: 5 })
    expect(position().qty_lots).toBe(5)
  })
  test('reduce-only sells what is held of its own leg', () => {
    const { place, house, trader, position, balance } = pairs()
    place(house, 'sell', 40, 30, NO)
    const events = place(trader, 'buy', 40, 30, { ...NO, reduce_only: true })
    expect(all(events, 'trade').map(({ qty_lots }) => qty_lots)).toEqual([10])
    expect(position()).toMatchObject({ qty_lots: 10, no_lots: 0, no_cost_1e8: 0n })
    expect(balance().total_1e8).toBe(5n * USD + 6n * USD)
    const more = place(trader, 'sell', 60, 5, { ...NO, reduce_only: true })
    expect(one(more, 'done').reason).toBe('not-reducing')
  })
  test('realize what they fetch less what they cost', () => {
    const { place, house, trader, position } = pairs()
    const { no_cost_1e8, cost_1e8 } = position()
    place(house, 'sell', 30, 4, NO)
    place(trader, 'buy', 30, 4, NO)
    expect(position()).toMatchObject({
      no_lots: 6,
      no_cost_1e8: (no_cost_1e8 * 6n) / 10n,
      no_realized_1e8: 280n * CENTS - (no_cost_1e8 * 4n) / 10n,
    })
    place(house, 'buy', 65, 5)
    place(trader, 'sell', 65, 5)
    expect(position()).toMatchObject({
      qty_lots: 5,
      cost_1e8: cost_1e8 / 2n,
      realized_1e8: 325n * CENTS - cost_1e8 / 2n,
    })
  })
})
