/**
 * Engine regressions: shrunk cases that random scripts really found.
 */
import { expect, test } from 'vitest'
import { freeRules, kxTest, one, Stage, USD } from '../support/engine.js'

const instrument = kxTest.venue_symbol

test('an event order that trades with its own account opens and closes at once', () => {
  // Both sides were seen as openers, so a pair was minted that nobody held.
  const stage = new Stage({ rules: freeRules }).open(kxTest)
  const account_id = stage.account({ USD })
  stage.place({ account_id, instrument, price_ticks: 41, qty_lots: 17 })
  const events = stage.place({
    account_id,
    instrument,
    side: 'sell',
    price_ticks: 41,
    qty_lots: 14,
    self_trade: 'allow',
  })
  expect(one(events, 'trade')).toMatchObject({
    maker: { closed_lots: 0 },
    taker: { closed_lots: 14 },
  })
  expect(stage.balance(account_id, 'USD')).toBe(USD)
  stage.exchange.check()
})

test('order id 0 names no order', () => {
  // 0 marks an empty place of the id map, and was found there.
  const stage = new Stage({ rules: freeRules }).open(kxTest)
  const account_id = stage.account({ USD })
  expect(one(stage.do({ type: 'cancel', account_id, order_id: 0 }), 'rejected').code).toBe(
    'unknown-order',
  )
})

test('a refused size leaves even the clock alone', () => {
  // The count of lots was looked at after time had moved and due orders had expired.
  const stage = new Stage({ rules: freeRules }).open(kxTest)
  const account_id = stage.account({ USD })
  stage.place({ account_id, instrument, price_ticks: 1, qty_lots: 1 })
  const before = stage.exchange.snapshot()
  expect(() =>
    stage.place({ account_id, instrument, price_ticks: 1, qty_lots: Number.MAX_SAFE_INTEGER }),
  ).toThrow(RangeError)
  expect(stage.exchange.snapshot()).toEqual(before)
})
