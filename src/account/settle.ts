/**
 * Settle: what becomes of event contracts when their market is decided.
 *
 * @module
 */

import { notionalDown, PRICE_SCALE, QTY_SCALE } from '../engine/units.js'
import type { Account } from './account.js'
import type { AccountCommand, AccountEvent } from './command.js'
import type { Row } from './row.js'
import { openSession } from './session.js'

type Of<Type extends AccountCommand['type']> = Extract<AccountCommand, { type: Type }>

/** Marks both legs with their value. `auto` pays at once; `claim` waits to be redeemed. */
export function resolve(account: Account, command: Of<'resolve'>): AccountEvent[] {
  const { ts_ns, yes_value_1e9, payout, quote } = command
  const legs = [
    [command.yes_key, yes_value_1e9],
    [command.no_key, PRICE_SCALE - yes_value_1e9],
  ] as const
  return legs.flatMap(([key, mark_1e9]) => {
    const row = account.rows.get(key)
    if (row === undefined || row.lifecycle !== 'active') return []
    row.lifecycle = 'resolved'
    row.mark_1e9 = mark_1e9
    row.settled_mark_1e9 = mark_1e9
    account.changes.touch(row)
    const resolved: AccountEvent = { type: 'resolved', key, mark_1e9, qty_1e8: row.qty_1e8 }
    return payout === 'auto' ? [resolved, pay(account, row, mark_1e9, quote, ts_ns)] : [resolved]
  })
}

/** Pays what was resolved and not yet claimed. */
export function redeem(account: Account, command: Of<'redeem'>): AccountEvent[] {
  return command.keys.flatMap((key) => {
    const row = account.rows.get(key)
    if (row?.lifecycle !== 'resolved') return []
    return [pay(account, row, row.settled_mark_1e9 ?? 0n, command.quote, command.ts_ns)]
  })
}

/** The holding leaves for cash; the row keeps how much was paid for. */
function pay(
  account: Account,
  row: Row,
  mark_1e9: bigint,
  quote: string,
  ts_ns: bigint,
): AccountEvent {
  openSession(account, ts_ns)
  const payout_1e8 = notionalDown(mark_1e9, row.qty_1e8)
  const cash = account.cashMade(row.venue, quote)
  cash.qty_1e8 += payout_1e8
  row.realized_1e9 += (row.qty_1e8 * (mark_1e9 - row.entry_1e9)) / QTY_SCALE
  const entry = { ts_ns, cause: 'settle', ref: row.key } as const
  account.book({ ...entry, row: cash, from: 'settlement', to: 'client', amount_1e8: payout_1e8 })
  account.book({ ...entry, row, from: 'client', to: 'settlement', amount_1e8: row.qty_1e8 })
  row.redeemed_1e8 = row.qty_1e8
  row.qty_1e8 = 0n
  row.lifecycle = 'redeemed'
  account.changes.touch(row)
  account.changes.touch(cash)
  return { type: 'redeemed', key: row.key, qty_1e8: row.redeemed_1e8, payout_1e8 }
}
