/**
 * What an order is asked before it exists, where one figure more or less decides.
 */
import { describe, expect, test } from 'vitest'
import type { ExchangeEvent } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { btcUsd, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

/** One lot is one coin or contract; one tick a dollar, of contracts a cent. */
const whole = { lot_size_1e8: USD, min_qty_1e8: 0n, min_notional_1e9: 0n }
const coins: Instrument = { ...btcUsd, ...whole, tick_size_1e9: 10n ** 9n }
const contract: Instrument = { ...kxTest, ...whole }
const perp: Instrument = { ...coins, kind: 'perp', leverage_max: 10 }

function scene(instrument: Instrument) {
  const stage = new Stage({ rules: freeRules }).open(instrument)
  const name = instrument.venue_symbol
  const rich = { USD: 1_000_000n * USD, BTC: 1_000n * USD }
  const [house, trader] = [stage.account(rich), stage.account(rich)]
  const place = stage.placer(name)
  return { stage, name, house, trader, place, now: () => stage.exchange.ts_us }
}
/** `accepted`, or why not. */
const answer = ([first]: readonly ExchangeEvent[]) =>
  first?.type === 'rejected' ? first.code : first?.type

describe('words', () => {
  test('a date and post-only go together', () => {
    const { place, trader, now } = scene(coins)
    const more = {
      time_in_force: 'gtd',
      expire_ts_us: now() + 100,
      post_only: 'reject',
    } as const
    expect(answer(place(trader, 'buy', 10, 1, more))).toBe('accepted')
  })
  test('a market order has no date', () => {
    const { place, trader, now } = scene(coins)
    const more = { time_in_force: 'gtd', expire_ts_us: now() + 100 } as const
    expect(answer(place(trader, 'buy', null, 1, more))).toBe('unsupported-order')
  })
  test('a date that is now has passed', () => {
    const { place, trader, now } = scene(coins)
    const until = (expire_ts_us: number) =>
      answer(place(trader, 'buy', 10, 1, { time_in_force: 'gtd', expire_ts_us }))
    expect(until(now() + 1)).toBe('expired')
    expect(until(now() + 2)).toBe('accepted')
  })
  test.each([contract, perp])(
    'only spot is bought by cost, or pays fees in base: $kind',
    (instrument) => {
      const { place, trader } = scene(instrument)
      expect(answer(place(trader, 'buy', null, 0, { quote_budget_1e8: USD }))).toBe(
        'unsupported-order',
      )
      expect(answer(place(trader, 'buy', 10, 1, { fee_in: 'base' }))).toBe('unsupported-order')
    },
  )
  test('a margin mode means nothing where there are no perps', () => {
    const { stage, place, trader, name } = scene(contract)
    stage.do({ type: 'endow', account_id: trader, instrument: name, qty_lots: 5, entry_ticks: 50 })
    expect(answer(place(trader, 'buy', 10, 1, { margin: 'isolated' }))).toBe('accepted')
  })
})

describe('size', () => {
  const limits: Instrument = { ...coins, min_qty_1e8: 2n * USD, min_notional_1e9: 500n * 10n ** 9n }

  test('of nothing is off every lot, also where no smallest size is set', () => {
    for (const instrument of [coins, limits]) {
      const { place, trader } = scene(instrument)
      expect(answer(place(trader, 'buy', 10, 0))).toBe('off-lot')
      expect(answer(place(trader, 'sell', null, 0))).toBe('off-lot')
    }
  })
  test('of a market order is valued at the price it would meet', () => {
    const { place, house, trader } = scene(limits)
    place(house, 'buy', 100, 10)
    place(house, 'sell', 200, 10)
    const sizes = [2, 3, 4, 5]
    const asked = (side: 'buy' | 'sell') =>
      sizes.map((qty) => answer(place(trader, side, null, qty, { self_trade: 'allow' })))
    const small = 'below-min-notional'
    expect(asked('sell')).toEqual([small, small, small, 'accepted'])
    expect(asked('buy')).toEqual([small, 'accepted', 'accepted', 'accepted'])
  })
  test('in cash must reach the smallest cost, and be more than nothing', () => {
    const budget = (instrument: Instrument, quote_budget_1e8: bigint) => {
      const { place, trader } = scene(instrument)
      return answer(place(trader, 'buy', null, 0, { quote_budget_1e8 }))
    }
    expect(budget(limits, 500n * USD)).toBe('accepted')
    expect(budget(limits, 500n * USD - 1n)).toBe('below-min-notional')
    expect(budget(coins, 0n)).toBe('below-min-notional')
    expect(budget(coins, 1n)).toBe('accepted')
  })
})

test('under a cap below what is open, an order that closes still goes', () => {
  const { stage, place, house, trader, name } = scene(perp)
  place(house, 'sell', 100, 10)
  place(trader, 'buy', 100, 10)
  stage.do({ type: 'open-interest-cap', instrument: name, cap_lots: 5 })
  expect(answer(place(trader, 'sell', 120, 3))).toBe('accepted')
  expect(answer(place(trader, 'sell', 120, 10))).toBe('accepted')
  expect(answer(place(trader, 'sell', 120, 11))).toBe('position-limit')
  expect(one(place(house, 'sell', 130, 1), 'rejected').code).toBe('position-limit')
})
