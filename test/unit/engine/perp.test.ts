import { describe, expect, test } from 'vitest'
import { all, bpsRules, btcPerp, freeRules, one, Stage, USD } from '../../support/engine.js'

const instrument = btcPerp.venue_symbol

function market(rules = freeRules) {
  const stage = new Stage({ rules }).open(btcPerp)
  const house = stage.account({ USD: 1_000_000n * USD })
  const trader = stage.account({ USD: 1_000n * USD })
  const place = (
    account_id: number,
    side: 'buy' | 'sell',
    price: number | null,
    qty: number,
    more = {},
  ) => stage.place({ account_id, instrument, side, price_ticks: price, qty_lots: qty, ...more })
  const mark = (ticks: number) =>
    stage.do({ type: 'mark', instrument, mark_ticks: ticks, oracle_ticks: ticks })
  const leverage = (account_id: number, value: number) =>
    stage.do({ type: 'leverage', account_id, instrument, leverage: value })
  const cash = (account_id = trader) => stage.balance(account_id, 'USD') / USD
  mark(100)
  return { stage, house, trader, place, mark, leverage, cash }
}

/** Trader long (or short) so many coins at 100, at ten times. */
function holding(qty: number, more = {}, rules = freeRules) {
  const setting = market(rules)
  const { place, house, trader, leverage } = setting
  leverage(trader, 10)
  const side = qty > 0 ? 'buy' : 'sell'
  place(house, side === 'buy' ? 'sell' : 'buy', 100, Math.abs(qty))
  place(trader, side, 100, Math.abs(qty), more)
  return setting
}

describe('initial margin', () => {
  test('is notional over leverage, and a fee hold', () => {
    const { place, trader, leverage, stage } = market(bpsRules(10n, 0n))
    expect(one(place(trader, 'buy', 100, 10), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: 1_001n * USD,
      free_1e8: 1_000n * USD,
    })
    leverage(trader, 10)
    expect(place(trader, 'buy', 100, 99).map((e) => e.type)).toEqual([
      'accepted',
      'rested',
      'level',
    ])
    expect(stage.exchange.margin(trader, 'USD')).toMatchObject({
      held_1e8: 999_900_000_00n,
      available_1e8: 10_000_000n,
    })
    expect(stage.exchange.balance(trader, 'USD').reserved_1e8).toBe(0n)
  })
  test('of open positions and open orders cannot be withdrawn', () => {
    const { stage, trader } = holding(50)
    const take = (amount: bigint) =>
      stage.do({ type: 'transfer', account_id: trader, asset: 'USD', amount_1e8: -amount * USD })
    expect(one(take(501n), 'rejected').free_1e8).toBe(500n * USD)
    expect(one(take(500n), 'balance').total_1e8).toBe(500n * USD)
  })
  test('counts what an order would lose against the mark', () => {
    const { place, trader, house, leverage } = market()
    leverage(trader, 10)
    place(house, 'sell', 150, 20)
    // 20 x 100 / 10 margin plus 20 x 50 loss.
    expect(one(place(trader, 'buy', null, 20), 'rejected').needed_1e8).toBe(1_200n * USD)
  })
  test('is not asked of an order that closes', () => {
    const { place, trader, house, mark, cash } = holding(100)
    mark(96)
    place(house, 'buy', 96, 100)
    expect(one(place(trader, 'sell', 96, 100), 'trade').taker).toMatchObject({
      closed_lots: 100,
      change_1e8: -400n * USD,
    })
    expect(cash()).toBe(600n)
  })
})

describe('positions', () => {
  test('average in, realize on the way out and flip', () => {
    const { place, trader, house, stage, cash } = holding(2)
    place(house, 'sell', 110, 2)
    place(trader, 'buy', 110, 2)
    expect(stage.exchange.position(trader, instrument)).toMatchObject({
      qty_lots: 4,
      cost_1e8: 420n * USD,
    })
    place(house, 'buy', 120, 6)
    const events = place(trader, 'sell', 120, 6)
    expect(one(events, 'trade').taker).toMatchObject({ closed_lots: 4, change_1e8: 60n * USD })
    expect(stage.exchange.position(trader, instrument)).toMatchObject({
      qty_lots: -2,
      cost_1e8: 240n * USD,
      realized_1e8: 60n * USD,
      profit_1e8: 40n * USD,
    })
    expect(cash()).toBe(1_060n)
    stage.exchange.check()
  })
  test('stay within the open interest cap, closing always goes', () => {
    const { place, trader, house, stage } = holding(5)
    stage.do({ type: 'open-interest-cap', instrument, cap_lots: 5 })
    expect(one(place(trader, 'buy', 90, 1), 'rejected').code).toBe('position-limit')
    expect(place(trader, 'sell', 110, 5)[0]?.type).toBe('accepted')
    expect(one(place(house, 'sell', 110, 1), 'rejected').code).toBe('position-limit')
    stage.do({ type: 'open-interest-cap', instrument, cap_lots: null })
    expect(place(trader, 'buy', 90, 1)[0]?.type).toBe('accepted')
  })
  test('keep one margin mode', () => {
    const { place, trader } = holding(1)
    expect(one(place(trader, 'buy', 90, 1, { margin: 'isolated' }), 'rejected').code).toBe(
      'unsupported-order',
    )
  })
  test('shrink the reduce-only orders that close them', () => {
    const { place, trader, house, stage } = holding(5)
    place(trader, 'sell', 120, 5, { reduce_only: true })
    place(trader, 'sell', 121, 3)
    const events = place(house, 'buy', 121, 5)
    expect(stage.exchange.position(trader, instrument).qty_lots).toBe(0)
    expect(all(events, 'done').map((d) => [d.order_id, d.reason])).toEqual([
      [3, 'filled'],
      [5, 'filled'],
    ])
    place(house, 'sell', 100, 2)
    place(trader, 'buy', 100, 2)
    place(trader, 'sell', 120, 2, { reduce_only: true })
    const closing = place(trader, 'sell', 90, 1, { time_in_force: 'ioc' })
    expect(all(closing, 'done').at(-1)?.reason).toBe('ioc-unfilled')
    place(house, 'buy', 90, 1)
    const reduced = place(trader, 'sell', 90, 1, { time_in_force: 'ioc' })
    expect(one(reduced, 'amended')).toMatchObject({ remaining_lots: 1, kept_place: true })
  })
  test('a reduce-only order without a position is accepted and ends', () => {
    const { place, trader } = market()
    expect(one(place(trader, 'buy', 100, 1, { reduce_only: true }), 'done').reason).toBe(
      'not-reducing',
    )
  })
})

describe('leverage', () => {
  test('lies between one and the most of the instrument', () => {
    const { leverage, trader } = market()
    expect(one(leverage(trader, 0), 'rejected').code).toBe('bad-request')
    expect(one(leverage(trader, 11), 'rejected').code).toBe('bad-request')
    expect(leverage(trader, 10)).toEqual([])
  })
  test('falls only as far as margin allows, orders included', () => {
    const { leverage, trader, place, stage } = holding(50)
    place(trader, 'buy', 100, 19)
    expect(one(leverage(trader, 6), 'rejected')).toMatchObject({ code: 'insufficient-balance' })
    expect(leverage(trader, 7)).toEqual([])
    expect(stage.exchange.margin(trader, 'USD').held_1e8).toBe(27_142_857_143n)
    stage.exchange.check()
  })
})

describe('isolated margin', () => {
  test('is set aside when a position opens and comes back in proportion', () => {
    const { stage, trader, place, house } = holding(50, { margin: 'isolated' })
    const { exchange } = stage
    expect(exchange.balance(trader, 'USD').reserved_1e8).toBe(500n * USD)
    place(house, 'buy', 110, 20)
    place(trader, 'sell', 110, 20, { margin: 'isolated' })
    expect(exchange.position(trader, instrument).isolated_1e8).toBe(300n * USD)
    expect(exchange.balance(trader, 'USD').total_1e8).toBe(1_200n * USD)
    exchange.check()
  })
  test('is all a position can lose', () => {
    const { stage, trader, mark, cash } = holding(50, { margin: 'isolated' })
    // The book is empty, so the venue takes the position over at the mark.
    const events = mark(91)
    expect(one(events, 'liquidated')).toMatchObject({ qty_lots: 50, price_ticks: 91 })
    expect(cash()).toBe(550n)
    expect(stage.exchange.balance(trader, 'USD').reserved_1e8).toBe(0n)
    stage.exchange.check()
  })
  test('leaves leverage alone while it is open', () => {
    const { leverage, trader } = holding(1, { margin: 'isolated' })
    expect(one(leverage(trader, 5), 'rejected').code).toBe('unsupported-order')
  })
})

describe('funding', () => {
  test.each([
    [10_000_000n, 950n],
    [-10_000_000n, 1_050n],
  ])('at a rate of %s', (rate_1e9, cash) => {
    const setting = holding(50)
    const { stage, house } = setting
    const before = stage.balance(house, 'USD')
    const events = stage.do({ type: 'funding', instrument, rate_1e9 })
    expect(all(events, 'balance').every((b) => b.cause === 'funding')).toBe(true)
    expect(setting.cash()).toBe(cash)
    expect(stage.balance(house, 'USD') - before).toBe((1_000n - cash) * USD)
  })
  test('rounds against whoever pays and whoever receives', () => {
    const { stage, trader, house } = holding(1)
    const [a, b] = [stage.balance(trader, 'USD'), stage.balance(house, 'USD')]
    stage.do({ type: 'mark', instrument, mark_ticks: 100, oracle_ticks: 100 })
    stage.do({ type: 'funding', instrument, rate_1e9: 1n })
    expect([stage.balance(trader, 'USD') - a, stage.balance(house, 'USD') - b]).toEqual([-10n, 10n])
    stage.exchange.check()
  })
})

describe('liquidation', () => {
  test('comes when equity falls below maintenance, not before', () => {
    // 100 coins at 100 with 1,000: maintenance is 5 % of value; 94.8 would be the edge.
    const { mark, stage, trader } = holding(100)
    expect(all(mark(95), 'liquidated')).toEqual([])
    expect(stage.exchange.margin(trader, 'USD')).toMatchObject({
      equity_1e8: 500n * USD,
      maintenance_1e8: 475n * USD,
    })
    expect(all(mark(94), 'liquidated')).toHaveLength(1)
  })
  test('cancels orders first, closes into the book and hands the rest to the venue', () => {
    const { mark, place, stage, trader, house } = holding(100)
    place(trader, 'sell', 130, 10)
    place(house, 'buy', 93, 60)
    const events = mark(94)
    expect(all(events, 'done').map((d) => d.reason)).toEqual([
      'liquidation',
      'filled',
      'no-liquidity',
    ])
    expect(one(events, 'trade')).toMatchObject({ price_ticks: 93, qty_lots: 60 })
    expect(stage.exchange.position(trader, instrument).qty_lots).toBe(0)
    expect(stage.exchange.position(0, instrument).qty_lots).toBe(40)
    expect(stage.balance(trader, 'USD')).toBe((1_000n - 60n * 7n - 40n * 6n) * USD)
    stage.exchange.check()
  })
  test('is paid by the insurance where the account cannot', () => {
    const { mark, stage, trader, cash } = holding(100)
    stage.do({ type: 'transfer', account_id: 0, asset: 'USD', amount_1e8: 5_000n * USD })
    const venue = stage.balance(0, 'USD')
    const events = mark(80)
    expect(cash()).toBe(0n)
    // The venue's clearing received what the trader had; the missing 1,000 came out of the venue's own.
    expect(stage.balance(0, 'USD') - venue).toBe(1_000n * USD)
    expect(all(events, 'balance').at(-1)).toMatchObject({
      cause: 'liquidation',
      change_1e8: 1_000n * USD,
      account_id: trader,
    })
    stage.exchange.check()
  })
  test('a short is liquidated on the way up', () => {
    const { mark, stage, trader } = holding(-100)
    expect(all(mark(105), 'liquidated')).toHaveLength(1)
    expect(stage.exchange.position(trader, instrument).qty_lots).toBe(0)
    stage.exchange.check()
  })
  test('follows a trade that leaves an account short', () => {
    const { stage, trader, house, place, leverage, mark } = market()
    leverage(trader, 10)
    place(trader, 'buy', 100, 95)
    mark(91)
    // The resting bid is hit nine dollars above the mark.
    const events = place(house, 'sell', 100, 95)
    expect(all(events, 'liquidated')).toMatchObject([{ account_id: trader, qty_lots: 95 }])
    stage.exchange.check()
  })
  test('open profit is settled before cash would go below zero', () => {
    const other = { ...btcPerp, venue_symbol: 'ETH', symbol: 'ETH-USD-PERP' }
    const { stage, trader, house, place } = holding(50)
    stage.open(other)
    const eth = { instrument: 'ETH' }
    stage.do({ type: 'mark', instrument: 'ETH', mark_ticks: 100, oracle_ticks: 100 })
    stage.do({ type: 'leverage', account_id: trader, instrument: 'ETH', leverage: 10 })
    place(house, 'sell', 100, 40, eth)
    place(trader, 'buy', 100, 40, eth)
    stage.do({ type: 'mark', instrument, mark_ticks: 200, oracle_ticks: 200 })
    place(house, 'buy', 60, 40, eth)
    place(trader, 'sell', 60, 40, { ...eth, reduce_only: true })
    expect(stage.exchange.balance(trader, 'USD').total_1e8).toBe(4_400n * USD)
    expect(stage.exchange.position(trader, instrument)).toMatchObject({
      qty_lots: 50,
      cost_1e8: 10_000n * USD,
      realized_1e8: 5_000n * USD,
    })
    stage.exchange.check()
  })
})

test('an endowed position costs the venue the other side', () => {
  const { stage, trader } = market()
  stage.do({ type: 'endow', account_id: trader, instrument, qty_lots: 3, entry_ticks: 90 })
  expect(stage.exchange.position(trader, instrument)).toMatchObject({
    qty_lots: 3,
    cost_1e8: 270n * USD,
    profit_1e8: 30n * USD,
  })
  expect(stage.exchange.position(0, instrument).qty_lots).toBe(-3)
  stage.do({ type: 'endow', account_id: trader, instrument, qty_lots: 0, entry_ticks: 0 })
  expect(stage.exchange.position(0, instrument).qty_lots).toBe(0)
  stage.exchange.check()
})

describe('isolated margin and fees', () => {
  test('a fee beyond what the position has costs the account the rest', () => {
    // Bought at 100 with the mark at 200: open profit carries the position without a margin of its own.
    const rules = { ...bpsRules(2_000n, 0n), feeHold: () => 0n }
    const { stage, house, trader, place, leverage, mark } = market(rules)
    mark(200)
    leverage(trader, 10)
    place(house, 'sell', 100, 10)
    place(trader, 'buy', 100, 10, { margin: 'isolated' })
    expect(stage.exchange.position(trader, instrument)).toMatchObject({
      qty_lots: 10,
      isolated_1e8: 0n,
    })
    expect(stage.exchange.balance(trader, 'USD')).toMatchObject({
      total_1e8: 800n * USD,
      reserved_1e8: 0n,
    })
    stage.exchange.check()
  })
  test('a rebate on the fill that closes a position is free cash', () => {
    const { stage, house, trader, place } = holding(10, { margin: 'isolated' }, bpsRules(0n, -10n))
    place(trader, 'sell', 110, 10, { margin: 'isolated' })
    place(house, 'buy', 110, 10)
    const total_1e8 = 1_100n * USD + (11n * USD) / 10n
    expect(stage.exchange.balance(trader, 'USD')).toEqual({
      total_1e8,
      reserved_1e8: 0n,
      free_1e8: total_1e8,
    })
    stage.exchange.check()
  })
})

describe('a margin mode', () => {
  test('is that of the position: an order resting since before adds to it as it is', () => {
    const { stage, house, trader, place, leverage } = market()
    leverage(trader, 10)
    place(trader, 'buy', 99, 5, { margin: 'isolated' })
    place(house, 'sell', 100, 5)
    place(trader, 'buy', 100, 5)
    place(house, 'sell', 99, 5)
    expect(stage.exchange.position(trader, instrument)).toMatchObject({
      qty_lots: 10,
      margin: 'cross',
      isolated_1e8: 0n,
    })
    stage.exchange.check()
  })
  test('outlasts a position until another opens', () => {
    const { stage, house, trader, place } = holding(5, { margin: 'isolated' })
    place(house, 'buy', 100, 5)
    place(trader, 'sell', 100, 5, { reduce_only: true })
    const position = () => stage.exchange.position(trader, instrument)
    expect(position()).toMatchObject({ qty_lots: 0, margin: 'isolated' })
    place(house, 'sell', 100, 5)
    place(trader, 'buy', 100, 5)
    expect(position().margin).toBe('cross')
  })
})

test('what buys a short back is rounded up, as all that is bought', () => {
  const odd = { ...btcPerp, venue_symbol: 'ODD', tick_size_1e9: 1n, lot_size_1e8: 1n }
  const stage = new Stage({ rules: freeRules }).open(odd)
  const [house, trader] = [stage.account({ USD }), stage.account({ USD })]
  const order = { instrument: 'ODD', price_ticks: 7, qty_lots: 3 }
  // 21 parts in a thousand million of the smallest unit.
  stage.place({ ...order, account_id: house, side: 'buy' })
  stage.place({ ...order, account_id: trader, side: 'sell' })
  stage.place({ ...order, account_id: house, side: 'sell' })
  const { taker } = one(stage.place({ ...order, account_id: trader, side: 'buy' }), 'trade')
  expect(taker).toMatchObject({ closed_lots: 3, change_1e8: -1n })
  stage.exchange.check()
})

test('lots promised to orders that close are given back when a fill turns the position over', () => {
  const { stage, house, trader, place } = holding(10)
  place(trader, 'sell', 150, 10)
  place(house, 'buy', 100, 15)
  place(trader, 'sell', 100, 15, { time_in_force: 'ioc' })
  const { exchange } = stage
  expect(exchange.position(trader, instrument)).toMatchObject({ qty_lots: -5, committed_lots: 0 })
  // The order opens all of its ten now.
  expect(exchange.margin(trader, 'USD').held_1e8).toBe(150n * USD)
  exchange.check()
})
