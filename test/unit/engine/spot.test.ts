/**
 * Spot orders that change while they rest, and fees that a schedule rounds or fixes per fill.
 */
import { describe, expect, test } from 'vitest'
import type { MoneyRules } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, bpsRules, btcUsd, freeRules, one, Stage, USD } from '../../support/engine.js'

/** One lot is one coin, one tick one dollar. */
const coins: Instrument = {
  ...btcUsd,
  tick_size_1e9: 10n ** 9n,
  lot_size_1e8: USD,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
}
/** One unit for every fill, whatever its size. */
const perFill: MoneyRules = { ...freeRules, fee: () => ({ fee_1e8: USD, carry_1e8: 0n }) }

function scene(funds: Record<string, bigint>, rules: MoneyRules = freeRules) {
  const stage = new Stage({ rules }).open(coins)
  const house = stage.account({ USD: 1_000_000n * USD, BTC: 1_000n * USD })
  const trader = stage.account(funds)
  const place = stage.placer(coins.venue_symbol)
  const amend = (order_id: number, price_ticks: number, remaining_lots: number) =>
    stage.do({ type: 'amend', account_id: trader, order_id, price_ticks, remaining_lots })
  const balance = (asset = 'USD') => stage.exchange.balance(trader, asset)
  return { stage, exchange: stage.exchange, house, trader, place, amend, balance }
}

describe('an order that shrinks in place gives back what it no longer needs', () => {
  test('a buy, with its fee', () => {
    const { place, amend, balance, trader, exchange } = scene(
      { USD: 10_100n * USD },
      bpsRules(100n, 0n),
    )
    place(trader, 'buy', 100, 100)
    expect(balance()).toMatchObject({ reserved_1e8: 10_100n * USD, free_1e8: 0n })
    amend(1, 100, 40)
    expect(balance()).toMatchObject({ reserved_1e8: 4_040n * USD, free_1e8: 6_060n * USD })
    exchange.check()
  })
  test('a sell, to decrement itself as well', () => {
    const { place, amend, balance, trader, exchange } = scene({ USD: 1_000n * USD, BTC: 10n * USD })
    place(trader, 'sell', 100, 10)
    amend(1, 100, 8)
    expect(balance('BTC')).toMatchObject({ reserved_1e8: 8n * USD, free_1e8: 2n * USD })
    place(trader, 'buy', 100, 5, { self_trade: 'decrement' })
    expect(balance('BTC')).toMatchObject({ reserved_1e8: 3n * USD, free_1e8: 7n * USD })
    expect(exchange.order(1)?.remaining_lots).toBe(3)
    exchange.check()
  })
})

describe('a fee of one unit a fill', () => {
  test('is held once by a sell that pays it in base, and paid from that', () => {
    const { place, balance, trader, house, exchange } = scene({ BTC: 11n * USD }, perFill)
    place(trader, 'sell', 100, 10, { fee_in: 'base' })
    expect(balance('BTC')).toMatchObject({ reserved_1e8: 11n * USD, free_1e8: 0n })
    const events = place(house, 'buy', 100, 10)
    expect(one(events, 'trade').maker).toMatchObject({ fee_1e8: USD, fee_asset: 'BTC' })
    expect(balance('BTC')).toEqual({ total_1e8: 0n, reserved_1e8: 0n, free_1e8: 0n })
    exchange.check()
  })
  test('is not asked for a rest that a sell does not leave', () => {
    const { place, trader, house } = scene({ BTC: 11n * USD }, perFill)
    place(house, 'buy', 100, 10)
    expect(one(place(trader, 'sell', 100, 10, { fee_in: 'base' }), 'trade').taker.fee_1e8).toBe(USD)
  })
  test('is paid only as far as money is free, and never turns into a debt', () => {
    const { place, balance, trader, house, exchange } = scene({ USD: 1_001n * USD }, perFill)
    // Held: ten coins and one fee. The second fill finds nothing left to pay with.
    place(trader, 'buy', 100, 10)
    const fees = [4, 6].map(
      (qty) => one(place(house, 'sell', 100, qty, { time_in_force: 'ioc' }), 'trade').maker.fee_1e8,
    )
    expect(fees).toEqual([0n, USD])
    expect(balance()).toEqual({ total_1e8: 0n, reserved_1e8: 0n, free_1e8: 0n })
    exchange.check()
  })
  test('is taken in part where part of it is free', () => {
    const { place, balance, trader, house, exchange } = scene({ USD: 1_001n * USD + 5n }, perFill)
    place(trader, 'buy', 100, 10)
    const trade = one(place(house, 'sell', 100, 4, { time_in_force: 'ioc' }), 'trade')
    expect(trade.maker.fee_1e8).toBe(5n)
    expect(balance()).toMatchObject({ total_1e8: 601n * USD, free_1e8: 0n })
    exchange.check()
  })
})

describe('an account that trades with itself', () => {
  const own = { self_trade: 'allow' } as const
  /** So much a fill for makers and takers, in whichever asset they pay; a smallest unit is held. */
  const rules = (maker: bigint, taker: bigint): MoneyRules => ({
    ...freeRules,
    fee: ({ liquidity }) => ({ fee_1e8: liquidity === 'maker' ? maker : taker, carry_1e8: 0n }),
    feeHold: () => 1n,
  })

  test('pays its maker from that fill alone, and can still pay what its taker goes on to do', () => {
    const { place, balance, trader, exchange } = scene(
      { USD: 200n * USD + 1n, BTC: USD },
      rules(150n * USD, 0n),
    )
    place(trader, 'sell', 100, 1)
    // One coin bought from itself, for which it gets 100; the other one rests.
    const events = place(trader, 'buy', 100, 2, own)
    expect(one(events, 'trade').maker.fee_1e8).toBe(100n * USD)
    expect(balance()).toEqual({
      total_1e8: 100n * USD + 1n,
      reserved_1e8: 100n * USD + 1n,
      free_1e8: 0n,
    })
    exchange.check()
  })
  test('pays its taker no more than its maker leaves', () => {
    const { place, balance, trader, exchange } = scene(
      { USD: 100n * USD + 1n, BTC: USD },
      rules(1n, 150n * USD),
    )
    place(trader, 'buy', 100, 1)
    const { maker, taker } = one(place(trader, 'sell', 100, 1, own), 'trade')
    expect([maker.fee_1e8, taker.fee_1e8]).toEqual([1n, 100n * USD])
    expect(balance()).toEqual({ total_1e8: 0n, reserved_1e8: 0n, free_1e8: 0n })
    exchange.check()
  })
  test('may pay one fee in base and the other in quote, each out of what is there', () => {
    const dear = rules(150n * USD, 150n * USD)
    const bought = scene({ USD: 100n * USD, BTC: USD }, dear)
    bought.place(bought.trader, 'buy', 100, 1, { fee_in: 'base' })
    const sale = one(bought.place(bought.trader, 'sell', 100, 1, own), 'trade')
    expect([sale.maker.fee_1e8, sale.taker.fee_1e8]).toEqual([USD, 100n * USD])
    bought.exchange.check()
    const sold = scene({ USD: 100n * USD, BTC: USD }, dear)
    sold.place(sold.trader, 'sell', 100, 1)
    const inBase = { ...own, fee_in: 'base' } as const
    const purchase = one(sold.place(sold.trader, 'buy', 100, 1, inBase), 'trade')
    expect([purchase.maker.fee_1e8, purchase.taker.fee_1e8]).toEqual([100n * USD, USD])
    sold.exchange.check()
  })
})

test('a rebate is paid whole to an order whose account has nothing free', () => {
  const { place, balance, trader, house } = scene({ USD: 1_000n * USD }, bpsRules(0n, -10n))
  place(trader, 'buy', 100, 10)
  const trade = one(place(house, 'sell', 100, 4, { time_in_force: 'ioc' }), 'trade')
  expect(trade.maker.fee_1e8).toBe((-USD * 4n) / 10n)
  expect(balance()).toMatchObject({ reserved_1e8: 600n * USD, free_1e8: (USD * 4n) / 10n })
})

test('what a market buy pays is asked for level by level, rounded up each time', () => {
  const odd = { ...coins, tick_size_1e9: 300_000_000n, lot_size_1e8: 1n }
  const stage = new Stage({ rules: freeRules }).open(odd)
  const [maker, poor, rich] = [
    stage.account({ BTC: 100n }),
    stage.account({ USD: 1n }),
    stage.account({ USD: 2n }),
  ]
  const instrument = odd.venue_symbol
  const ask = { account_id: maker, instrument, side: 'sell', qty_lots: 1 } as const
  for (const price_ticks of [1, 2]) stage.place({ ...ask, price_ticks })
  // 0.3 and 0.6 of the smallest unit.
  expect(one(stage.place({ account_id: poor, instrument, qty_lots: 2 }), 'rejected')).toMatchObject(
    {
      needed_1e8: 2n,
      free_1e8: 1n,
    },
  )
  expect(all(stage.place({ account_id: rich, instrument, qty_lots: 2 }), 'trade')).toHaveLength(2)
  expect([0, rich, maker].map((id) => stage.balance(id, 'USD'))).toEqual([2n, 0n, 0n])
})
