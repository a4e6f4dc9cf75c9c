/**
 * Margin, case by case: what counts as margin, who pays what, who is closed first and what stays.
 */
import { describe, expect, test } from 'vitest'
import type { PlaceCommand } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, bpsRules, btcPerp, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

const eth: Instrument = { ...btcPerp, symbol: 'ETH-USD-PERP', venue_symbol: 'ETH' }
const coins: Instrument = {
  ...btcPerp,
  symbol: 'SOL-USD',
  venue_symbol: 'SOL',
  base: 'SOL',
  kind: 'spot',
  leverage_max: 1,
}

/** A long and a short of three in a market whose steps are smaller than money's, entered and marked at 7. */
function oddPair() {
  const odd = { ...btcPerp, venue_symbol: 'ODD', tick_size_1e9: 1n, lot_size_1e8: 1n }
  const stage = new Stage({ rules: freeRules }).open(odd)
  const [long, short] = [stage.account({ USD }), stage.account({ USD })]
  for (const [account_id, qty_lots] of [
    [long, 3],
    [short, -3],
  ] as const) {
    stage.do({ type: 'endow', account_id, instrument: 'ODD', qty_lots, entry_ticks: 7 })
  }
  stage.do({ type: 'mark', instrument: 'ODD', mark_ticks: 7, oracle_ticks: 7 })
  return { stage, long, short }
}

function scene(cash = 1_000n, rules = freeRules) {
  const stage = new Stage({ rules }).open(btcPerp).open(eth).open(coins)
  const house = stage.account({ USD: 1_000_000n * USD, SOL: 1_000n * USD })
  const trader = stage.account({ USD: cash * USD })
  const { exchange } = stage
  const place = stage.placer('BTC')
  const mark = (mark_ticks: number, instrument = 'BTC', oracle_ticks = mark_ticks) =>
    stage.do({ type: 'mark', instrument, mark_ticks, oracle_ticks })
  const leverage = (value: number, instrument = 'BTC') =>
    stage.do({ type: 'leverage', account_id: trader, instrument, leverage: value })
  const fund = (rate_1e9: bigint) => stage.do({ type: 'funding', instrument: 'BTC', rate_1e9 })
  /** Trader long (or short, below zero) at a price, at ten times. */
  const hold = (qty: number, price = 100, more: Partial<PlaceCommand> = {}) => {
    const { instrument = 'BTC' } = more
    const [side, other] = qty > 0 ? (['buy', 'sell'] as const) : (['sell', 'buy'] as const)
    mark(price, instrument)
    leverage(10, instrument)
    place(house, other, price, Math.abs(qty), { instrument })
    place(trader, side, price, Math.abs(qty), more)
  }
  const view = () => exchange.margin(trader, 'USD')
  const position = (instrument = 'BTC') => exchange.position(trader, instrument)
  const balance = () => exchange.balance(trader, 'USD')
  return {
    stage,
    exchange,
    house,
    trader,
    place,
    mark,
    leverage,
    fund,
    hold,
    view,
    position,
    balance,
  }
}

describe('what counts', () => {
  test('cash, less orders, plus open profit, less initial margin at the mark', () => {
    const { hold, mark, place, trader, view, balance } = scene()
    hold(50)
    mark(104)
    place(trader, 'buy', 90, 10)
    place(trader, 'buy', 7, 20, { instrument: 'SOL' })
    expect(balance()).toEqual({
      total_1e8: 1_000n * USD,
      reserved_1e8: 140n * USD,
      free_1e8: 860n * USD,
    })
    expect(view()).toEqual({
      equity_1e8: 1_200n * USD,
      used_1e8: 520n * USD,
      maintenance_1e8: 260n * USD,
      held_1e8: 90n * USD,
      available_1e8: (1_000n - 140n - 90n + 200n - 520n) * USD,
    })
  })
  test('an isolated position and its margin are no part of the cross figures', () => {
    const { hold, mark, place, trader, house, view, balance } = scene()
    hold(20, 100, { margin: 'isolated' })
    hold(30, 100, { instrument: 'ETH' })
    mark(95)
    expect(balance().reserved_1e8).toBe(200n * USD)
    expect(view()).toEqual({
      equity_1e8: 800n * USD,
      used_1e8: 300n * USD,
      maintenance_1e8: 150n * USD,
      held_1e8: 0n,
      available_1e8: 500n * USD,
    })
    // Exactly that is what another order may use.
    place(house, 'sell', 100, 51, { instrument: 'ETH' })
    const refused = one(place(trader, 'buy', 100, 51, { instrument: 'ETH' }), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([510n * USD, 500n * USD])
    expect(place(trader, 'buy', 100, 50, { instrument: 'ETH' })[0]?.type).toBe('accepted')
  })
  test('an account that never held a perp has what it has', () => {
    const { exchange, house } = scene()
    expect(exchange.margin(house, 'SOL')).toEqual({
      equity_1e8: 1_000n * USD,
      used_1e8: 0n,
      maintenance_1e8: 0n,
      held_1e8: 0n,
      available_1e8: 1_000n * USD,
    })
  })
  test('before the first mark a position is worth what it cost', () => {
    const { stage, trader, view, position } = scene()
    const instrument = 'BTC'
    stage.do({ type: 'endow', account_id: trader, instrument, qty_lots: 5, entry_ticks: 80 })
    stage.do({ type: 'leverage', account_id: trader, instrument, leverage: 8 })
    expect(position().profit_1e8).toBe(0n)
    expect(view()).toMatchObject({ used_1e8: 50n * USD, maintenance_1e8: 20n * USD })
  })
  test('open profit is rounded against who has it, long or short', () => {
    const { stage, long, short } = oddPair()
    // Both cost a smallest unit; sold they would fetch none, bought back they would cost one.
    const profits = [long, short].map((id) => stage.exchange.position(id, 'ODD').profit_1e8)
    expect(profits).toEqual([-1n, 0n])
  })
  test('pairs of tokens are split neither out of what perps need nor out of open profit', () => {
    const rules = { ...freeRules, eventNetting: 'separate' as const }
    const { stage, hold, mark, trader, view } = scene(1_000n, rules)
    stage.open({ ...kxTest, lot_size_1e8: 100_000_000n })
    const split = (qty_lots: number) =>
      stage.do({ type: 'split', account_id: trader, instrument: 'KXTEST', qty_lots })
    hold(50)
    const poor = one(split(501), 'rejected')
    expect([poor.needed_1e8, poor.free_1e8]).toEqual([501n * USD, 500n * USD])
    mark(200)
    expect(one(split(1_001), 'rejected').free_1e8).toBe(1_000n * USD)
    mark(100)
    split(500)
    expect(view().available_1e8).toBe(0n)
    stage.exchange.check()
  })
  test('spot spends neither what perps need nor profit that is still open', () => {
    const sol = { instrument: 'SOL' }
    const { hold, mark, place, trader } = scene()
    hold(50)
    const poor = one(place(trader, 'buy', 501, 1, sol), 'rejected')
    expect([poor.needed_1e8, poor.free_1e8]).toEqual([501n * USD, 500n * USD])
    mark(200)
    const rich = one(place(trader, 'buy', 1_001, 1, sol), 'rejected')
    expect([rich.needed_1e8, rich.free_1e8]).toEqual([1_001n * USD, 1_000n * USD])
    expect(place(trader, 'buy', 1_000, 1, sol)[0]?.type).toBe('accepted')
  })
})

describe('leverage', () => {
  test('is refused with what it would take, and allowed with exactly that', () => {
    const { hold, leverage, stage, trader, exchange, position } = scene()
    hold(50)
    // From 500 to 1,000 takes 500; 499 are free.
    stage.do({ type: 'transfer', account_id: trader, asset: 'USD', amount_1e8: -1n * USD })
    const refused = one(leverage(5), 'rejected')
    expect([refused.needed_1e8, refused.free_1e8]).toEqual([500n * USD, 499n * USD])
    expect(position().leverage).toBe(10)
    stage.do({ type: 'transfer', account_id: trader, asset: 'USD', amount_1e8: USD })
    expect(leverage(5)).toEqual([])
    expect(exchange.margin(trader, 'USD').available_1e8).toBe(0n)
  })
  test('may rise when nothing is free', () => {
    const { hold, leverage, mark, view } = scene()
    hold(50)
    leverage(5)
    mark(95)
    expect(view().available_1e8).toBe(-200n * USD)
    expect(leverage(6)).toEqual([])
  })
  test('may be asked for again as it is, below initial margin too', () => {
    const { hold, leverage, mark, view } = scene()
    hold(50)
    leverage(5)
    mark(95)
    expect(view().available_1e8 < 0n).toBe(true)
    expect(leverage(5)).toEqual([])
  })
  test('asks nothing for reduce-only orders, which open nothing', () => {
    const { hold, place, leverage, trader, view } = scene()
    hold(50)
    place(trader, 'sell', 110, 50, { reduce_only: true })
    expect(leverage(5)).toEqual([])
    expect(view()).toMatchObject({ held_1e8: 0n, available_1e8: 0n })
  })
  test('counts the opening part of resting orders, not what closes', () => {
    const { hold, place, leverage, trader, view } = scene()
    hold(20)
    place(trader, 'sell', 110, 25)
    // 20 close; 5 open at 110.
    expect(view().held_1e8).toBe(55n * USD)
    expect(leverage(3)).toEqual([])
    expect(view()).toMatchObject({ held_1e8: 18_333_333_334n, used_1e8: 66_666_666_667n })
    const refused = one(leverage(1), 'rejected')
    expect(refused.needed_1e8).toBe((2_000n + 550n) * USD - 66_666_666_667n - 18_333_333_334n)
  })
})

describe('funding', () => {
  test('of an isolated position comes out of its own margin, as far as that goes', () => {
    const { hold, fund, position, balance } = scene()
    hold(50, 100, { margin: 'isolated' })
    fund(10_000_000n)
    expect(position().isolated_1e8).toBe(450n * USD)
    expect(balance()).toMatchObject({ total_1e8: 950n * USD, reserved_1e8: 450n * USD })
    fund(-4_000_000n)
    expect(position().isolated_1e8).toBe(470n * USD)
    expect(balance()).toMatchObject({ total_1e8: 970n * USD, reserved_1e8: 470n * USD })
  })
  test('that a cross position receives is free cash', () => {
    const { hold, fund, balance, exchange } = scene()
    hold(-50)
    fund(10_000_000n)
    expect(balance()).toEqual({
      total_1e8: 1_050n * USD,
      reserved_1e8: 0n,
      free_1e8: 1_050n * USD,
    })
    exchange.check()
  })
  test('beyond its margin it costs the account, and the position is closed', () => {
    const { hold, fund, position, balance, exchange } = scene()
    hold(50, 100, { margin: 'isolated' })
    const events = fund(110_000_000n)
    expect(all(events, 'liquidated')).toHaveLength(1)
    expect(position()).toMatchObject({ qty_lots: 0, isolated_1e8: 0n })
    expect(balance()).toMatchObject({ total_1e8: 450n * USD, reserved_1e8: 0n })
    exchange.check()
  })
  test('is worked out at the oracle price, at the mark where there is none, else not at all', () => {
    const { stage, trader, hold, fund, mark, balance } = scene()
    stage.do({
      type: 'endow',
      account_id: trader,
      instrument: 'ETH',
      qty_lots: 1,
      entry_ticks: 50,
    })
    expect(stage.do({ type: 'funding', instrument: 'ETH', rate_1e9: 10_000_000n })).toEqual([])
    hold(10)
    mark(100, 'BTC', 80)
    fund(10_000_000n)
    expect(balance().total_1e8).toBe(992n * USD)
    mark(100, 'BTC', 0)
    fund(10_000_000n)
    expect(balance().total_1e8).toBe(982n * USD)
  })
  test('what is no whole unit is rounded up for who pays, down for who gets', () => {
    const { stage, long, short } = oddPair()
    const events = stage.do({ type: 'funding', instrument: 'ODD', rate_1e9: 1_000n })
    expect(all(events, 'balance')).toMatchObject([{ account_id: long, change_1e8: -1n }])
    expect(stage.balance(short, 'USD')).toBe(USD)
    stage.exchange.check()
  })
})

describe('liquidation', () => {
  test('leaves what has exactly its maintenance margin', () => {
    const { hold, mark, view } = scene(240n)
    hold(10)
    expect(all(mark(80), 'liquidated')).toEqual([])
    expect(view()).toMatchObject({ equity_1e8: 40n * USD, maintenance_1e8: 40n * USD })
    expect(all(mark(79), 'liquidated')).toHaveLength(1)
  })
  test('the same of an isolated position', () => {
    const { hold, mark, position } = scene()
    hold(10, 190, { margin: 'isolated' })
    expect(all(mark(180), 'liquidated')).toEqual([])
    expect(position()).toMatchObject({ isolated_1e8: 190n * USD, profit_1e8: -100n * USD })
    expect(all(mark(179), 'liquidated')).toHaveLength(1)
  })
  test('closes the larger cross position first and stops when the rest is carried', () => {
    const { hold, mark, position, exchange } = scene()
    hold(20)
    hold(60, 100, { instrument: 'ETH' })
    mark(94)
    const events = mark(89, 'ETH')
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['ETH'])
    expect([position().qty_lots, position('ETH').qty_lots]).toEqual([20, 0])
    exchange.check()
  })
  test('in whatever order the positions were opened', () => {
    const { hold, mark, position } = scene()
    hold(60)
    hold(20, 100, { instrument: 'ETH' })
    mark(94, 'ETH')
    const events = mark(89)
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['BTC'])
    expect([position().qty_lots, position('ETH').qty_lots]).toEqual([0, 20])
  })
  test('of cross positions leaves an isolated one alone, whose orders go as well', () => {
    const { hold, mark, place, trader, position, exchange } = scene(800n)
    hold(20, 100, { margin: 'isolated' })
    hold(60, 100, { instrument: 'ETH' })
    place(trader, 'sell', 150, 3, { margin: 'isolated' })
    const events = mark(92, 'ETH')
    expect(all(events, 'done').map(({ reason }) => reason)).toContain('liquidation')
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['ETH'])
    expect(position()).toMatchObject({ qty_lots: 20, isolated_1e8: 200n * USD })
    expect(exchange.openOrders(trader)).toEqual([])
  })
  test('closes, of two as large, the one whose market was traded first', () => {
    const { hold, mark, position } = scene(800n)
    hold(40)
    hold(40, 100, { instrument: 'ETH' })
    // At 94 both are worth 3,760 and need 376 together; 320 are there, enough for one of them.
    mark(94)
    const events = mark(94, 'ETH')
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['BTC'])
    expect([position().qty_lots, position('ETH').qty_lots]).toEqual([0, 40])
  })
  test('of cross positions leaves an isolated one alone, be it the largest', () => {
    const { hold, mark, position, exchange } = scene(1_000n)
    hold(60, 100, { margin: 'isolated' })
    hold(20, 100, { instrument: 'ETH' })
    const events = mark(80, 'ETH')
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['ETH'])
    expect(position()).toMatchObject({ qty_lots: 60, isolated_1e8: 600n * USD })
    exchange.check()
  })
  test('of an isolated position alone leaves perp orders and other isolated margin be', () => {
    const { stage, hold, mark, place, trader, position, balance, exchange } = scene(200n)
    stage.do({ type: 'transfer', account_id: 0, asset: 'USD', amount_1e8: 1_000n * USD })
    hold(10, 100, { margin: 'isolated' })
    hold(10, 100, { margin: 'isolated', instrument: 'ETH' })
    const closing = { margin: 'isolated', instrument: 'ETH', reduce_only: true } as const
    place(trader, 'sell', 130, 10, closing)
    // The loss of 500 takes all of its 100 and leaves cash below zero: insurance pays, nobody else.
    const events = mark(50)
    expect(all(events, 'liquidated').map(({ instrument }) => instrument)).toEqual(['BTC'])
    expect(position('ETH')).toMatchObject({ qty_lots: 10, isolated_1e8: 100n * USD })
    expect(balance()).toEqual({ total_1e8: 100n * USD, reserved_1e8: 100n * USD, free_1e8: 0n })
    expect(exchange.openOrders(trader)).toHaveLength(1)
    exchange.check()
  })
  test.each(['cross', 'isolated'] as const)(
    'of one account may leave one looked at before short: it is closed as well (%s)',
    (margin) => {
      const stage = new Stage({ rules: freeRules }).open(btcPerp)
      const instrument = 'BTC'
      const [house, bidder, owner] = [
        stage.account({ USD: 1_000_000n * USD }),
        stage.account({ USD: 1_000n * USD }),
        stage.account({ USD: 1_000n * USD }),
      ]
      const mark = (ticks: number) =>
        stage.do({ type: 'mark', instrument, mark_ticks: ticks, oracle_ticks: ticks })
      mark(100)
      for (const account_id of [bidder, owner]) {
        stage.do({ type: 'leverage', account_id, instrument, leverage: 10 })
      }
      const at100 = { instrument, price_ticks: 100, qty_lots: 95, margin } as const
      stage.place({ ...at100, account_id: house, side: 'sell', margin: 'cross' })
      stage.place({ ...at100, account_id: owner })
      stage.place({ ...at100, account_id: bidder })
      // The owner is sold out into the bidder's bid, nine dollars above the mark.
      const events = mark(90)
      expect(all(events, 'liquidated').map(({ account_id }) => account_id)).toEqual([owner, bidder])
      expect([owner, bidder].map((id) => stage.exchange.position(id, instrument).qty_lots)).toEqual(
        [0, 0],
      )
      stage.exchange.check()
    },
  )
  test('counts open interest down where the venue takes the other side of what it has', () => {
    const { stage, hold, mark, house, exchange } = scene()
    hold(100)
    mark(94)
    const other = stage.account({ USD: 1_000n * USD })
    const instrument = 'BTC'
    stage.do({ type: 'leverage', account_id: other, instrument, leverage: 10 })
    stage.place({ account_id: house, instrument, price_ticks: 94, qty_lots: 60 })
    stage.place({ account_id: other, instrument, side: 'sell', price_ticks: 94, qty_lots: 60 })
    mark(110)
    expect(exchange.position(0, 'BTC').qty_lots).toBe(40)
    exchange.check()
    // Forty long are left with the venue, forty short with the house: a cap of 41 has room for one.
    stage.do({ type: 'open-interest-cap', instrument, cap_lots: 41 })
    const order = { account_id: house, instrument, side: 'sell', price_ticks: 120 } as const
    expect(one(stage.place({ ...order, qty_lots: 2 }), 'rejected').code).toBe('position-limit')
    expect(stage.place({ ...order, qty_lots: 1 })[0]?.type).toBe('accepted')
  })
  test('the venue takes a long over at the mark', () => {
    const { hold, mark, exchange, position, balance } = scene()
    hold(100)
    mark(94)
    expect(exchange.position(0, 'BTC')).toMatchObject({ qty_lots: 100, cost_1e8: 9_400n * USD })
    expect(position()).toMatchObject({ qty_lots: 0, cost_1e8: 0n, realized_1e8: -600n * USD })
    expect(balance().total_1e8).toBe(400n * USD)
    exchange.check()
  })
  test('and a short, whose cost stands below zero with the venue', () => {
    const { hold, mark, exchange, position, balance } = scene()
    hold(-100)
    mark(106)
    expect(exchange.position(0, 'BTC')).toMatchObject({ qty_lots: -100, cost_1e8: -10_600n * USD })
    expect(exchange.position(0, 'BTC').profit_1e8).toBe(0n)
    expect(position()).toMatchObject({ qty_lots: 0, cost_1e8: 0n, realized_1e8: -600n * USD })
    expect(balance().total_1e8).toBe(400n * USD)
    exchange.check()
    // From here on the venue earns what the mark falls.
    mark(101)
    expect(exchange.position(0, 'BTC').profit_1e8).toBe(500n * USD)
  })
  test('a book that takes all leaves the venue nothing, and fees are paid on the way', () => {
    const { hold, mark, place, house, trader, exchange, balance } = scene(1_000n, bpsRules(10n, 0n))
    hold(90)
    place(house, 'buy', 94, 90)
    const events = mark(93)
    expect(one(events, 'trade').taker.fee_1e8).toBe(846_000_000n)
    expect(exchange.position(0, 'BTC').qty_lots).toBe(0)
    expect(balance().total_1e8).toBe((1_000n - 540n - 9n) * USD - 846_000_000n)
    // One fill, one position told: nothing was left for the venue to take over.
    const told = all(events, 'position').filter(({ account_id }) => account_id === trader)
    expect(told.map(({ qty_lots }) => qty_lots)).toEqual([0])
  })
  test('passes orders of the account itself by', () => {
    const { hold, mark, place, trader, house, exchange } = scene()
    hold(100)
    place(trader, 'buy', 80, 1, { instrument: 'SOL' })
    place(house, 'buy', 93, 100)
    const events = mark(94)
    expect(one(events, 'trade')).toMatchObject({ qty_lots: 100, taker_side: 'sell' })
    exchange.check()
  })
})

describe('losses that leave less cash than is reserved', () => {
  test('cancel spot orders, newest first, only as far as needed', () => {
    const { hold, mark, place, trader, exchange, balance } = scene()
    hold(50)
    const sol = { instrument: 'SOL' }
    place(trader, 'buy', 200, 1, sol)
    place(trader, 'buy', 150, 1, sol)
    place(trader, 'buy', 50, 1, sol)
    const events = mark(84)
    expect(
      all(events, 'done')
        .filter(({ reason }) => reason === 'liquidation')
        .map(({ order_id }) => order_id),
    ).toEqual([5, 4])
    expect(exchange.openOrders(trader).map(({ order_id }) => order_id)).toEqual([3])
    expect(balance()).toEqual({ total_1e8: 200n * USD, reserved_1e8: 200n * USD, free_1e8: 0n })
    exchange.check()
  })
  test('settle what a short has made, and it goes on from the mark', () => {
    const { hold, mark, place, house, trader, position, balance, exchange } = scene()
    hold(-50)
    hold(40, 100, { instrument: 'ETH' })
    mark(50)
    const more = { instrument: 'ETH' }
    place(house, 'buy', 60, 40, more)
    place(trader, 'sell', 60, 40, { ...more, reduce_only: true })
    expect(balance().total_1e8).toBe((1_000n + 2_500n - 1_600n) * USD)
    expect(position()).toMatchObject({
      qty_lots: -50,
      cost_1e8: 2_500n * USD,
      realized_1e8: 2_500n * USD,
      profit_1e8: 0n,
    })
    exchange.check()
  })
  test('leave an isolated position unsettled', () => {
    const { hold, mark, place, house, trader, position, exchange } = scene()
    hold(20, 100, { margin: 'isolated' })
    hold(40, 100, { instrument: 'ETH' })
    mark(150)
    const more = { instrument: 'ETH' }
    place(house, 'buy', 79, 40, more)
    place(trader, 'sell', 79, 40, { ...more, reduce_only: true })
    expect(position()).toMatchObject({ qty_lots: 20, cost_1e8: 2_000n * USD, realized_1e8: 0n })
    expect(exchange.balance(trader, 'USD')).toEqual({
      total_1e8: 200n * USD,
      reserved_1e8: 200n * USD,
      free_1e8: 0n,
    })
    exchange.check()
  })
  test('settle nothing while cash is still there, though all of it is reserved', () => {
    const { hold, mark, place, trader, position, balance, exchange } = scene()
    hold(50)
    mark(120)
    place(trader, 'buy', 1_000, 1, { instrument: 'SOL' })
    expect(balance()).toMatchObject({ reserved_1e8: 1_000n * USD, free_1e8: 0n })
    mark(119)
    expect(position()).toMatchObject({ cost_1e8: 5_000n * USD, realized_1e8: 0n })
    expect(exchange.openOrders(trader)).toHaveLength(1)
    exchange.check()
  })
  test('tell nothing of markets where there is no position', () => {
    const { hold, mark, leverage, place, trader } = scene()
    leverage(2, 'ETH')
    hold(50)
    place(trader, 'buy', 400, 1, { instrument: 'SOL' })
    const events = mark(84)
    expect(all(events, 'done').map(({ reason }) => reason)).toContain('liquidation')
    expect(new Set(all(events, 'position').map(({ instrument }) => instrument))).toEqual(
      new Set(['BTC']),
    )
  })
})
