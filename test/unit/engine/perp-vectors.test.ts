/**
 * Perps against figures that are not ours: recorded account states and worked examples of Hyperliquid, by the names
 * they have in its sheet (W: orders, M: positions). Marked "recorded" where the venue itself gave the figure.
 *
 * Fees there are cut to six decimals, taker 0.045 %, maker 0.015 %; nothing is held for a fee.
 *
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margining
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/liquidations
 * @see https://hyperliquid.gitbook.io/hyperliquid-docs/trading/fees
 */
import { describe, expect, test } from 'vitest'
import type { MoneyRules, PlaceCommand } from '../../../src/engine/command.js'
import { parseDecimal } from '../../../src/engine/decimal.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, btcUsd, one, Stage } from '../../support/engine.js'

const dec = (text: string, decimals: number): bigint => {
  const value = parseDecimal(text, decimals, 'refuse')
  if (value === undefined) throw new Error(`${text} has more than ${decimals} decimals`)
  return value
}
const usd = (text: string): bigint => dec(text, 8)

/** `tick` and `lot` as the venue writes them. */
function coin(name: string, tick: string, lot: string, leverage_max: number): Instrument {
  return {
    ...btcUsd,
    kind: 'perp',
    symbol: `${name}-USD-PERP`,
    venue_symbol: name,
    base: name,
    tick_size_1e9: dec(tick, 9),
    lot_size_1e8: dec(lot, 8),
    min_qty_1e8: 0n,
    min_notional_1e9: 0n,
    leverage_max,
  }
}
const BTC = coin('BTC', '0.1', '0.00001', 40)
const ETH = coin('ETH', '0.1', '0.0001', 25)
const HYPE = coin('HYPE', '0.001', '0.01', 10)

/** Each part of a fee is cut to six decimals. `rates` in units of 1e-5. */
const cutFees = (taker: readonly bigint[], maker: readonly bigint[]): MoneyRules => ({
  fee: ({ liquidity, notional_1e17 }) => ({
    fee_1e8: (liquidity === 'taker' ? taker : maker)
      .map((rate) => ((notional_1e17 * rate) / 10n ** 16n) * 100n)
      .reduce((a, b) => a + b, 0n),
    carry_1e8: 0n,
  }),
  feeHold: () => 0n,
  eventNetting: 'net',
})
const BASE = cutFees([45n], [15n])
const FREE = cutFees([], [])

function scene(instrument: Instrument, cash: string, rules = BASE) {
  const stage = new Stage({ rules }).open(instrument)
  const name = instrument.venue_symbol
  const house = stage.account({ USD: usd('100000000') })
  const trader = stage.account({ USD: usd(cash) })
  const ticks = (price: string) => Number(dec(price, 9) / instrument.tick_size_1e9)
  const lots = (qty: string) => Number(dec(qty, 8) / instrument.lot_size_1e8)
  const place = (
    account_id: number,
    side: 'buy' | 'sell',
    qty: string,
    price: string,
    more: Partial<PlaceCommand> = {},
  ) =>
    stage.place({
      instrument: name,
      side,
      qty_lots: lots(qty),
      price_ticks: ticks(price),
      ...more,
      account_id,
    })
  const ioc = { time_in_force: 'ioc' } as const
  const mark = (price: string) =>
    stage.do({
      type: 'mark',
      instrument: name,
      mark_ticks: ticks(price),
      oracle_ticks: ticks(price),
    })
  const leverage = (value: number) =>
    stage.do({ type: 'leverage', account_id: trader, instrument: name, leverage: value })
  /** Trader opens against the house, as taker. */
  const open = (
    side: 'buy' | 'sell',
    qty: string,
    price: string,
    more: Partial<PlaceCommand> = {},
  ) => {
    place(house, side === 'buy' ? 'sell' : 'buy', qty, price)
    return place(trader, side, qty, price, { ...ioc, ...more })
  }
  const view = () => stage.exchange.margin(trader, 'USD')
  const position = () => stage.exchange.position(trader, name)
  const cash8 = () => stage.balance(trader, 'USD')
  return {
    stage,
    house,
    trader,
    place,
    ioc,
    mark,
    leverage,
    open,
    view,
    position,
    cash8,
    lots,
    ticks,
  }
}

/** Not liquidated at the first price, liquidated at the second, one tick on. */
function liquidatesBetween({ mark }: ReturnType<typeof scene>, safe: string, lost: string): void {
  expect(all(mark(safe), 'liquidated')).toEqual([])
  expect(all(mark(lost), 'liquidated')).toHaveLength(1)
}

describe('orders', () => {
  test('W1: a buy walks two asks; account figures at the mark follow', () => {
    const { place, house, trader, ioc, leverage, mark, view, position, cash8 } = scene(BTC, '1000')
    leverage(20)
    mark('60002')
    place(house, 'sell', '0.01', '60000')
    place(house, 'sell', '0.02', '60010')
    const trades = all(place(trader, 'buy', '0.015', '60600', ioc), 'trade')
    expect(trades.map(({ taker }) => taker.fee_1e8)).toEqual([usd('0.27'), usd('0.135022')])
    expect(cash8()).toBe(usd('999.594978'))
    expect(position().cost_1e8).toBe(usd('900.05'))
    expect(view()).toEqual({
      equity_1e8: usd('999.574978'),
      used_1e8: usd('45.0015'),
      maintenance_1e8: usd('11.250375'),
      held_1e8: 0n,
      available_1e8: usd('954.573478'),
    })
  })
  test('W4: a maker pays 0.015 %', () => {
    const { place, house, trader, mark, ioc } = scene(ETH, '10000')
    mark('3000')
    place(trader, 'buy', '0.5', '3000')
    const { maker } = one(place(house, 'sell', '0.5', '3000', ioc), 'trade')
    expect([maker.liquidity, maker.fee_1e8]).toEqual(['maker', usd('0.225')])
  })
  test('W10: 100 at 20 times carries 0.0333 at 60,000, not 0.0334', () => {
    const { place, trader, leverage, mark } = scene(BTC, '100')
    leverage(20)
    mark('60000')
    expect(one(place(trader, 'buy', '0.0334', '60000'), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: usd('100.2'),
      free_1e8: usd('100'),
    })
    expect(place(trader, 'buy', '0.0333', '60000')[0]?.type).toBe('accepted')
  })
  test('W11, recorded: 771.21 at 3 times does not carry a sell of 0.03584 at 67,438', () => {
    const { place, trader, leverage, mark } = scene(BTC, '771.21')
    leverage(3)
    mark('64227')
    const { needed_1e8, free_1e8 } = one(place(trader, 'sell', '0.03584', '67438'), 'rejected')
    // 2416.97792 / 3, rounded up.
    expect([needed_1e8, free_1e8]).toEqual([usd('805.65930667'), usd('771.21')])
  })
  test('W15, recorded: an order that flips a position realizes the closed part only', () => {
    const rules = cutFees([45n], [15n, 10n])
    const { open, place, house, trader, ioc, mark, position } = scene(BTC, '1000', rules)
    mark('79096.4')
    open('buy', '0.00093', '79096.4')
    place(trader, 'sell', '0.001', '79146', { post_only: 'reject' })
    const { maker } = one(place(house, 'buy', '0.001', '79146', ioc), 'trade')
    expect(maker).toMatchObject({ change_1e8: usd('0.046128'), fee_1e8: usd('0.019785') })
    // 0.00007 short, entered at 79,146.
    expect(position()).toMatchObject({
      qty_lots: -7,
      cost_1e8: usd('5.54022'),
      realized_1e8: usd('0.046128'),
    })
  })
  test('W16: closing pays the profit and takes the fee', () => {
    const { open, place, house, mark, trader, ioc, cash8 } = scene(ETH, '10000')
    mark('3000')
    open('buy', '0.5', '3000')
    place(house, 'buy', '0.5', '3030')
    const before = cash8()
    const { taker } = one(place(trader, 'sell', '0.5', '3030', ioc), 'trade')
    expect(taker).toMatchObject({ change_1e8: usd('15'), fee_1e8: usd('0.68175') })
    expect(cash8() - before).toBe(usd('14.31825'))
  })
})

describe('positions', () => {
  test('M1, recorded: a cross long of 4.5 at ten times', () => {
    const setting = scene(BTC, '38252.7', FREE)
    setting.leverage(10)
    setting.mark('83926')
    setting.open('buy', '4.5', '83926')
    // rawUsd: cash less what the position cost.
    expect(setting.cash8() - setting.position().cost_1e8).toBe(usd('-339414.3'))
    expect(setting.view()).toMatchObject({
      equity_1e8: usd('38252.7'),
      used_1e8: usd('37766.7'),
      maintenance_1e8: usd('4720.8375'),
      available_1e8: usd('486'),
    })
    // Liquidation price 76380.1518987342.
    liquidatesBetween(setting, '76380.2', '76380.1')
  })
  test('M2, recorded: an isolated long pays its fee out of its own margin', () => {
    const setting = scene(HYPE, '1000')
    setting.leverage(10)
    setting.mark('37.829')
    const { taker } = one(setting.open('buy', '2', '37.829', { margin: 'isolated' }), 'trade')
    expect(taker.fee_1e8).toBe(usd('0.034046'))
    setting.mark('37.826')
    const { isolated_1e8, cost_1e8, profit_1e8 } = setting.position()
    expect(isolated_1e8 - cost_1e8).toBe(usd('-68.126246'))
    expect(profit_1e8).toBe(usd('-0.006'))
    expect(isolated_1e8 + profit_1e8).toBe(usd('7.525754'))
    // Cash of the account, of which the position's margin is no part of the cross figures.
    expect(setting.view()).toMatchObject({
      equity_1e8: usd('1000') - usd('7.5658'),
      used_1e8: 0n,
      maintenance_1e8: 0n,
    })
    // Liquidation price 35.8559189474.
    liquidatesBetween(setting, '35.856', '35.855')
    expect(setting.position()).toMatchObject({ qty_lots: 0, isolated_1e8: 0n })
  })
  test('M3, recorded: an isolated long at twenty of fifty times', () => {
    const eth = { ...ETH, leverage_max: 50 }
    // What it had paid until the recording, fees and funding: 0.0208265.
    const rules: MoneyRules = {
      ...FREE,
      fee: ({ liquidity }) => ({
        fee_1e8: liquidity === 'taker' ? usd('0.0208265') : 0n,
        carry_1e8: 0n,
      }),
    }
    const setting = scene(eth, '1000', rules)
    setting.leverage(20)
    setting.mark('2986.3')
    setting.open('buy', '0.0335', '2986.3', { margin: 'isolated' })
    setting.mark('2985.9')
    const { isolated_1e8, cost_1e8, profit_1e8 } = setting.position()
    expect(isolated_1e8 - cost_1e8).toBe(usd('-95.059824'))
    expect(profit_1e8).toBe(usd('-0.0134'))
    expect(isolated_1e8 + profit_1e8).toBe(usd('4.967826'))
    // Liquidation price 2866.26937.
    liquidatesBetween(setting, '2866.3', '2866.2')
  })
  test('M4: a cross short of one at 3,000 with 500', () => {
    const setting = scene(ETH, '500', FREE)
    setting.leverage(25)
    setting.mark('3000')
    setting.open('sell', '1', '3000')
    expect(setting.view()).toMatchObject({
      equity_1e8: usd('500'),
      maintenance_1e8: usd('60'),
    })
    // Liquidation price 3431.3725490196.
    liquidatesBetween(setting, '3431.3', '3431.4')
  })
  test('M6: an hour of funding at 0.0000125 on 0.5 at an oracle price of 60,000', () => {
    const { open, mark, stage, trader, house } = scene(BTC, '100000', FREE)
    mark('60100')
    open('buy', '0.5', '60100')
    stage.do({ type: 'mark', instrument: 'BTC', mark_ticks: 601_000, oracle_ticks: 600_000 })
    const events = stage.do({ type: 'funding', instrument: 'BTC', rate_1e9: 12_500n })
    expect(
      all(events, 'balance').map(({ account_id, change_1e8 }) => [account_id, change_1e8]),
    ).toEqual(
      expect.arrayContaining([
        [trader, usd('-0.375')],
        [house, usd('0.375')],
      ]),
    )
  })
})
