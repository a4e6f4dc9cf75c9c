/**
 * Configure: the ways a portfolio is set rather than traded: seed, configure, and a venue's own word.
 *
 * @module
 */

import { divCeil, PRICE_SCALE } from '../engine/units.js'
import type { Account } from './account.js'
import type { AccountCommand, AccountEvent, ConfiguredRow } from './command.js'
import { endOpen } from './fill-router.js'
import { reckonHolds } from './holds.js'
import type { LedgerCause } from './ledger.js'
import { cashKey, type Row } from './row.js'
import { NO_SESSION } from './session.js'

type Of<Type extends AccountCommand['type']> = Extract<AccountCommand, { type: Type }>

const RESET = { reason: 'SANDBOX_RESET', message: 'sandbox was reset' } as const

/** Wipes rows and reservations and writes flat balances; history stays. */
export function seed(account: Account, command: Of<'seed'>): AccountEvent[] {
  const { ts_ns } = command
  const ended = endOpen(account, { type: 'end', ts_ns, ids: null, ...RESET })
  const deleted = wipe(account, ts_ns, 'reset')
  for (const { venue, asset, kind, qty_1e8 } of command.balances) {
    const row = account.row({ key: cashKey(venue, kind, asset), venue, kind, symbol: asset })
    row.entry_1e9 = PRICE_SCALE
    row.mark_1e9 = PRICE_SCALE
    setQuantity(account, row, qty_1e8, ts_ns, 'reset')
    account.changes.touch(row)
  }
  account.session = NO_SESSION
  account.changes.account = true
  const rows = command.balances.length
  return [...ended, { type: 'seeded', cause: command.cause, rows, deleted }]
}

/** Overwrites rows, or with `replace` the whole portfolio. The caller has checked every row. */
export function configure(account: Account, command: Of<'configure'>): AccountEvent[] {
  const { ts_ns, replace } = command
  const ended = replace ? endOpen(account, { type: 'end', ts_ns, ids: null, ...RESET }) : []
  const deleted = replace ? wipe(account, ts_ns, 'configure') : 0
  const last = new Map(command.rows.map((row) => [row.key, row]))
  for (const wanted of last.values()) {
    const row = write(account, wanted, ts_ns, 'configure')
    row.realized_1e9 = 0n
    row.fees_1e9 = 0n
    row.settled_mark_1e9 = null
    row.lifecycle = wanted.qty_1e8 === 0n ? 'closed' : 'active'
  }
  reckonHolds(account)
  account.session = NO_SESSION
  account.changes.account = true
  return [...ended, { type: 'configured', written: last.size, deleted }]
}

/** Takes over what a venue says it holds; P&L and fees of known rows stay. */
export function adopt(account: Account, command: Of<'adopt'>): AccountEvent[] {
  const { ts_ns, venue } = command
  const told = new Set(command.rows.map(({ key }) => key))
  for (const row of account.rows.values()) {
    if (row.venue !== venue || told.has(row.key) || row.qty_1e8 === 0n) continue
    setQuantity(account, row, 0n, ts_ns, 'sync')
    if (row.kind === 'perp' || row.kind === 'event_contract') row.lifecycle = 'closed'
    account.changes.touch(row)
  }
  for (const wanted of command.rows) {
    const row = write(account, wanted, ts_ns, 'sync')
    if (wanted.qty_1e8 !== 0n && row.lifecycle === 'closed') row.lifecycle = 'active'
  }
  reckonHolds(account)
  account.changes.account = true
  return [{ type: 'adopted', venue, rows: command.rows.length }]
}

function write(account: Account, wanted: ConfiguredRow, ts_ns: bigint, cause: LedgerCause): Row {
  const row = account.row({
    key: wanted.key,
    venue: wanted.venue,
    kind: wanted.kind,
    symbol: wanted.symbol,
    ...(wanted.market_slug === null ? {} : { market_slug: wanted.market_slug }),
    outcome: wanted.outcome,
    token_id: wanted.token_id,
  })
  row.symbol = wanted.symbol
  row.market_slug = wanted.market_slug
  row.outcome = wanted.outcome
  row.token_id = wanted.token_id
  row.entry_1e9 = wanted.entry_1e9
  setQuantity(account, row, wanted.qty_1e8, ts_ns, cause)
  if (wanted.margin !== null) {
    row.margin_asset = wanted.margin.asset
    row.margin_1e8 = marginOf(row, wanted.margin.leverage)
  }
  account.changes.touch(row)
  return row
}

/** Margin of a perp position at its entry price, rounded up. */
export function marginOf(row: Row, leverage: bigint): bigint {
  const size = row.qty_1e8 < 0n ? -row.qty_1e8 : row.qty_1e8
  return divCeil(size * row.entry_1e9, PRICE_SCALE * leverage)
}

function wipe(account: Account, ts_ns: bigint, cause: LedgerCause): number {
  const deleted = account.rows.size
  for (const row of [...account.rows.values()]) {
    setQuantity(account, row, 0n, ts_ns, cause)
    account.forget(row)
  }
  return deleted
}

function setQuantity(
  account: Account,
  row: Row,
  qty_1e8: bigint,
  ts_ns: bigint,
  cause: LedgerCause,
): void {
  const change = qty_1e8 - row.qty_1e8
  const grows = change > 0n
  account.book({
    ts_ns,
    row,
    from: grows ? 'equity' : 'client',
    to: grows ? 'client' : 'equity',
    amount_1e8: grows ? change : -change,
    cause,
    ref: '',
  })
  row.qty_1e8 = qty_1e8
}
