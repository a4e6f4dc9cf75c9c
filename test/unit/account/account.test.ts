import { expect, test } from 'vitest'
import { Account } from '../../../src/account/account.js'
import type { NewChild } from '../../../src/account/command.js'
import type { EdgeEvent } from '../../../src/engine/order.js'
import { BTC, UNIT, USD } from '../../support/desk.js'

const open = (is_sandbox: boolean) => {
  const account = new Account({
    client_id: 'c',
    is_sandbox,
    created_ns: 1n,
    initial_balance_usd_1e9: 0n,
  })
  account.apply({
    type: 'seed',
    ts_ns: 1n,
    cause: 'first-use',
    balances: [{ venue: 'alpha', asset: 'USD', kind: 'fiat', qty_1e8: 1000n * UNIT }],
  })
  return account
}

/** A resting buy of two at 100 with a fee hold of one. */
const child: NewChild = {
  child_id: 'child',
  venue: 'alpha',
  instrument: BTC,
  outcome: null,
  side: 'buy',
  time_in_force: 'gtc',
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
  qty_1e8: 2n * UNIT,
  limit_price_1e9: 100n * USD,
  need: {
    lock_key: null,
    lock_1e8: 0n,
    open_1e8: 2n * UNIT,
    open_price_1e9: 100n * USD,
    leverage: 1n,
    fee_hold_1e8: UNIT,
    budget_1e8: null,
  },
}
const place = (account: Account) =>
  account.apply({
    type: 'place',
    ts_ns: 2n,
    order: {
      node_order_id: 'graph:g:n0:1',
      graph_id: 'g',
      node_id: 'n0',
      symbol: 'BTC-USD',
      instrument_type: 'spot',
      side: 'buy',
      order_type: 'limit',
      tif: 'gtc',
      venue: null,
      qty_1e8: 2n * UNIT,
      limit_price_1e9: 100n * USD,
    },
    routing: [],
    children: [child],
    chasing: false,
    onto: null,
  })
const fill = (venue_fill_id: string, qty_1e8: bigint): EdgeEvent => ({
  type: 'filled',
  child_id: 'child',
  ts_ns: 3n,
  venue_fill_id,
  price_1e9: 100n * USD,
  qty_1e8,
  fee_1e8: UNIT / 4n,
  liquidity: 'maker',
  queue_ahead_1e8: null,
})
const tell = (account: Account, event: EdgeEvent) =>
  account.apply({ type: 'edge', ts_ns: event.ts_ns, event, quote_usd_1e9: USD })

test('a fill consumes its share of the hold and gives back what it did not need', () => {
  const account = open(true)
  place(account)
  const cash = account.cash('alpha', 'USD')
  expect(cash?.held_1e8).toBe(201n * UNIT)
  const { events, ledger, rows } = tell(account, fill('1', UNIT))
  expect(events).toMatchObject([{ type: 'filled', fill_id: 'fill:g:n0:1' }])
  expect(cash).toMatchObject({ qty_1e8: 900n * UNIT - UNIT / 4n })
  expect(cash?.held_1e8).toBe(100n * UNIT + UNIT / 2n)
  expect(ledger.map(({ from, to, cause }) => `${from}>${to} ${cause}`)).toEqual([
    'client>market trade',
    'client>fees fee',
    'market>client trade',
  ])
  expect(rows.map(({ symbol }) => symbol).sort()).toEqual(['BTC', 'USD'])
})

test('a repeated fill, a fill beyond the size and an event after the end change nothing', () => {
  const account = open(true)
  place(account)
  tell(account, fill('1', UNIT))
  expect(tell(account, fill('1', UNIT)).events).toMatchObject([{ why: 'repeat' }])
  expect(tell(account, fill('2', 2n * UNIT)).events).toMatchObject([{ why: 'excess' }])
  tell(account, { type: 'cancelled', child_id: 'child', ts_ns: 4n, reason: 'requested' })
  expect(account.cash('alpha', 'USD')?.held_1e8).toBe(0n)
  expect(tell(account, fill('3', UNIT)).events).toMatchObject([{ why: 'ended' }])
  expect(tell(account, fill('3', UNIT)).ledger).toEqual([])
})

test('a live fill that comes after the cancel still happened', () => {
  const account = open(false)
  place(account)
  tell(account, { type: 'cancelled', child_id: 'child', ts_ns: 4n, reason: 'venue' })
  const [order] = account.changes.orders
  expect(order?.status).toBe('CANCELLED')
  tell(account, fill('1', UNIT))
  expect(order).toMatchObject({ status: 'PARTIAL', filled_1e8: UNIT })
  tell(account, fill('2', UNIT))
  expect(order).toMatchObject({ status: 'FILLED', filled_1e8: 2n * UNIT })
  expect(account.cash('alpha', 'USD')?.held_1e8).toBe(0n)
  expect(account.cash('alpha', 'BTC')?.qty_1e8).toBe(2n * UNIT)
})

test('a loss beyond the cash is covered, and the balance stays at zero', () => {
  const account = open(true)
  account.apply({ type: 'configure', ts_ns: 1n, replace: true, rows: [] })
  account.row({ key: 'alpha|fiat|USD', venue: 'alpha', kind: 'fiat', symbol: 'USD' })
  place(account)
  const { ledger } = tell(account, fill('1', UNIT))
  expect(account.cash('alpha', 'USD')?.qty_1e8).toBe(0n)
  expect(ledger.filter(({ cause }) => cause === 'shortfall')).toHaveLength(2)
})

test('a venue that shrinks an order by itself frees what the rest no longer needs', () => {
  const account = open(false)
  place(account)
  const shrunk = { qty_1e8: UNIT, limit_price_1e9: 100n * USD, mode: 'native_atomic' } as const
  tell(account, { type: 'amended', child_id: 'child', ts_ns: 3n, ...shrunk })
  expect(account.cash('alpha', 'USD')?.held_1e8).toBe(100n * UNIT + UNIT / 2n)
})
