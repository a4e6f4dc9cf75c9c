/**
 * The ledger's table: balances are made where they are first asked for, and nowhere else.
 */
import { expect, test } from 'vitest'
import { Ledger } from '../../../src/engine/ledger.js'

/** Account 2 has used only the third of three assets. */
function sparse(): Ledger {
  const ledger = new Ledger()
  for (const name of ['USD', 'BTC', 'ETH']) ledger.asset(name)
  ledger.balance(2, 2).total_1e8 = 5n
  return ledger
}

test('an account that used one asset alone has a balance in that and in no other', () => {
  const ledger = sparse()
  expect([...ledger.rows()]).toEqual([
    { account: 2, asset: 2, balance: { total_1e8: 5n, reserved_1e8: 0n } },
  ])
  expect([ledger.peek(2, 0), ledger.peek(2, 1), ledger.peek(0, 0), ledger.peek(9, 0)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(ledger.balance(2, 2)).toBe(ledger.balance(2, 2))
})

test('a copy has the same balances, assets and outside money, and shares none of them', () => {
  const ledger = sparse()
  ledger.external_1e8[2] = 5n
  const copy = ledger.copy()
  ledger.balance(2, 2).reserved_1e8 = 3n
  ledger.balance(1, 0).total_1e8 = 7n
  ledger.external_1e8[2] = 8n
  expect([...copy.rows()]).toEqual([
    { account: 2, asset: 2, balance: { total_1e8: 5n, reserved_1e8: 0n } },
  ])
  expect([copy.assets, copy.external_1e8]).toEqual([
    ['USD', 'BTC', 'ETH'],
    [0n, 0n, 5n],
  ])
  expect([copy.asset('ETH'), copy.knownAsset('EUR'), copy.asset('EUR')]).toEqual([2, undefined, 3])
})
