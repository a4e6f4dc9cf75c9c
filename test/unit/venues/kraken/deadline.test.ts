/** A deadline must lie two to sixty seconds ahead. */
import { expect, test } from 'vitest'
import { krakenLab } from '../../../support/kraken.js'

const LIMIT = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '0.01', price: '29000.0' }

test.each([
  [-60_000, 'EService:Deadline elapsed'],
  [0, 'EService:Deadline elapsed'],
  [1_999, 'EGeneral:Invalid arguments:deadline'],
  [2_000, undefined],
  [60_000, undefined],
  [60_001, 'EGeneral:Invalid arguments:deadline'],
])('a deadline %i ms ahead answers %s', async (ahead_ms, error) => {
  const lab = krakenLab()
  const account = lab.account('deadline')
  const at = new Date(Math.floor(Number(lab.clock.now_ns() / 1_000_000n)) + ahead_ms)
  const { error: told } = await lab.call(account, 'AddOrder', {
    ...LIMIT,
    deadline: at.toISOString(),
  })
  expect(told[0]).toBe(error)
})
