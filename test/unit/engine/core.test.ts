/**
 * Core: what every part of an exchange leans on: whose orders are one's own, what is held, what events say.
 */
import { describe, expect, test } from 'vitest'
import type { MoneyRules } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, bpsRules, freeRules, kxTest, one, Stage, solUsd, USD } from '../../support/engine.js'

const perp: Instrument = { ...solUsd, venue_symbol: 'PERP', kind: 'perp', leverage_max: 10 }
const contract: Instrument = { ...kxTest, venue_symbol: 'KX', lot_size_1e8: 100_000_000n }
const SOL = { instrument: 'SOL' }

test('an account without a group is nobody’s own, whatever numbers groups have', () => {
  const stage = new Stage({ rules: freeRules }).open(solUsd)
  const funds = { USD: 100n * USD, SOL: 100n * USD }
  const alone = [null, null, null].map((group) => stage.account(funds, group))
  const grouped = [0, 1, 2, 3, 4].map((group) => stage.account(funds, group))
  for (const maker of alone) {
    for (const taker of [...alone, ...grouped].filter((id) => id !== maker)) {
      stage.place({ ...SOL, account_id: maker, side: 'sell', price_ticks: 1, qty_lots: 1 })
      const events = stage.place({ ...SOL, account_id: taker, price_ticks: 1, qty_lots: 1 })
      expect(one(events, 'trade')).toMatchObject({
        maker: { account_id: maker },
        taker: { account_id: taker },
      })
    }
  }
})

describe('a position is told', () => {
  const trade = (eventNetting: 'net' | 'separate') => {
    const stage = new Stage({ rules: { ...freeRules, eventNetting } }).open(contract)
    const [a, b] = [stage.account({ USD: 100n * USD }), stage.account({ USD: 100n * USD })]
    const at = { instrument: 'KX', price_ticks: 30, qty_lots: 10 }
    stage.place({ ...at, account_id: a })
    stage.place({ ...at, account_id: b, side: 'sell', leg: 'NO', qty_lots: 4 })
    return {
      a,
      b,
      positions: (price_ticks: number) =>
        all(
          stage.place({ ...at, account_id: b, side: 'sell', leg: 'NO', price_ticks }),
          'position',
        ).map(({ seq: _, ts_us: __, ...told }) => told),
    }
  }
  test('with netting as one, below zero for NO', () => {
    const { a, b, positions } = trade('net')
    const told = { type: 'position', instrument: 'KX', realized_1e8: 0n }
    expect(positions(30)).toEqual([
      { ...told, account_id: a, qty_lots: 10, cost_1e8: 3n * USD },
      { ...told, account_id: b, qty_lots: -10, cost_1e8: 7n * USD },
    ])
  })
  test('with separate tokens leg by leg', () => {
    const { a, b, positions } = trade('separate')
    const told = { type: 'position', instrument: 'KX', realized_1e8: 0n }
    expect(positions(30)).toEqual([
      { ...told, account_id: a, leg: 'YES', qty_lots: 10, cost_1e8: 3n * USD },
      { ...told, account_id: b, leg: 'NO', qty_lots: 10, cost_1e8: 7n * USD },
    ])
  })
})

describe('cash kept for a fee', () => {
  /** Ten units for every fill of a taker, and five held for it however small the order. */
  const flat: MoneyRules = {
    fee: ({ liquidity }) => ({ fee_1e8: liquidity === 'taker' ? 10n : 0n, carry_1e8: 0n }),
    feeHold: () => 5n,
    eventNetting: 'net',
  }
  test('is not asked of a rest that is none', () => {
    const stage = new Stage({ rules: flat }).open(solUsd)
    const maker = stage.account({ SOL: 100n * USD })
    const taker = stage.account({ USD: 50n * USD + 10n })
    stage.place({ ...SOL, account_id: maker, side: 'sell', price_ticks: 10, qty_lots: 5 })
    const events = stage.place({ ...SOL, account_id: taker, price_ticks: 10, qty_lots: 5 })
    expect(one(events, 'trade').taker.fee_1e8).toBe(10n)
    expect(stage.exchange.balance(taker, 'USD').total_1e8).toBe(0n)
  })
  test('is not asked of a perp order that only closes', () => {
    const stage = new Stage({ rules: flat }).open(perp)
    const account_id = stage.account({ USD: 100n * USD })
    const at = { instrument: 'PERP', account_id }
    stage.do({ type: 'endow', ...at, qty_lots: 5, entry_ticks: 10 })
    stage.place({ ...at, side: 'sell', price_ticks: 12, qty_lots: 5 })
    stage.place({ ...at, side: 'sell', price_ticks: 12, qty_lots: 1 })
    expect(stage.exchange.openOrders(account_id).map(({ hold_1e8 }) => hold_1e8)).toEqual([
      0n,
      12n * USD + 5n,
    ])
  })
  test('is nothing where the maker is paid for resting, and the venue holds nothing', () => {
    const rules = { ...bpsRules(10n, -20n), feeHold: () => 0n }
    const stage = new Stage({ rules }).open(solUsd)
    const account_id = stage.account({ USD: 100n * USD })
    stage.place({ ...SOL, account_id, price_ticks: 10, qty_lots: 5 })
    expect(stage.exchange.order(1)?.hold_1e8).toBe(50n * USD)
  })
})

describe('a hold of any size', () => {
  /** A tick times a lot is the smallest unit of cash. */
  const fine: Instrument = { ...solUsd, tick_size_1e9: 10n }
  const EDGE = 2n ** 53n

  test('is kept to the last unit, and nothing of it stays behind', () => {
    const stage = new Stage({ rules: freeRules }).open(fine)
    const account_id = stage.account({ USD: 10n * EDGE })
    const { exchange } = stage
    const holds = () => exchange.openOrders(account_id).map(({ hold_1e8 }) => hold_1e8)
    const bid = (price_ticks: number, qty_lots: number) =>
      stage.place({ ...SOL, account_id, price_ticks, qty_lots })
    bid(3, 3_002_399_751_580_331)
    bid(6_361, 1_416_003_655_831)
    expect(holds()).toEqual([EDGE + 1n, EDGE - 1n])
    expect(exchange.balance(account_id, 'USD').reserved_1e8).toBe(2n * EDGE)
    exchange.check()
    const amend = (remaining_lots: number) =>
      stage.do({ type: 'amend', account_id, order_id: 1, price_ticks: 3, remaining_lots })
    amend(3_002_399_751_580_330)
    expect(holds()).toEqual([EDGE - 2n, EDGE - 1n])
    exchange.check()
    amend(3_002_399_751_580_335)
    expect(holds()).toEqual([EDGE + 13n, EDGE - 1n])
    exchange.check()
    stage.do({ type: 'cancel-all', account_id, instrument: null })
    expect(exchange.balance(account_id, 'USD').reserved_1e8).toBe(0n)
    exchange.check()
  })
})
