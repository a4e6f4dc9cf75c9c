/**
 * Market: what may be listed, and what its steps and minimums come to.
 */
import { expect, test } from 'vitest'
import { unreachable } from '../../../src/engine/unreachable.js'
import { btcUsd, freeRules, kxTest, one, Stage, USD } from '../../support/engine.js'

const list = (instrument: typeof btcUsd) => () =>
  new Stage({ rules: freeRules }).do({ type: 'list', instrument })

test('steps of nothing or less are refused', () => {
  for (const steps of [
    { tick_size_1e9: 0n },
    { tick_size_1e9: -1n },
    { lot_size_1e8: 0n },
    { lot_size_1e8: -1n },
  ]) {
    expect(list({ ...btcUsd, ...steps })).toThrow(/XXBTZUSD has no positive tick and lot size/)
  }
})

test('only spot moves its base, so only there it must differ from what pays', () => {
  expect(list({ ...btcUsd, base: 'USD' })).toThrow(/trades USD against itself/)
  expect(list({ ...kxTest, base: 'USD' })).not.toThrow()
})

test('an event market brings no asset of its own into the accounts', () => {
  const stage = new Stage({ rules: freeRules }).open(kxTest)
  const account_id = stage.account({ USD })
  stage.place({ account_id, instrument: kxTest.venue_symbol, price_ticks: 10, qty_lots: 1 })
  expect(stage.exchange.balances(account_id).map(({ asset }) => asset)).toEqual(['USD'])
})

test('a minimum between two steps asks for the larger', () => {
  const instrument = { ...btcUsd, lot_size_1e8: 2n, min_qty_1e8: 5n, min_notional_1e9: 0n }
  const stage = new Stage({ rules: freeRules }).open(instrument)
  const account_id = stage.account({ USD })
  const bid = (qty_lots: number) =>
    stage.place({ account_id, instrument: instrument.venue_symbol, price_ticks: 10, qty_lots })
  expect(one(bid(2), 'rejected').code).toBe('below-min-qty')
  expect(bid(3)[0]?.type).toBe('accepted')
})

test('a case that nobody handles is shown as it is', () => {
  expect(() => unreachable({ type: 'barter' } as never)).toThrow(
    'unhandled case: {"type":"barter"}',
  )
})
