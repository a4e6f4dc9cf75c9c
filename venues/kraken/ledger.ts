/**
 * Ledger: every change of a balance as Kraken's books show it: two lines a trade, one a transfer.
 *
 * A line has one id wherever it is told: on the `balances` channel, in `Ledgers` and in `QueryLedgers`.
 *
 * @module
 */

import type { AccountId, ExchangeEvent } from '../../src/engine/command.js'
import type { AccountEvent, FillRecord } from '../../src/venue/records.js'
import type { Applied } from '../../src/venue/reducer.js'
import type { RuleContext } from './rules.js'
import { txid } from './wire.js'

/** A change of one balance. */
export interface LedgerLine {
  readonly account_id: AccountId
  readonly asset: string
  readonly type: 'trade' | 'deposit' | 'withdrawal'
  /** The venue's text for the line. */
  readonly line: string
  /** The trade or transfer behind it. */
  readonly ref_id: string
  readonly ts_us: number
  readonly amount_1e8: bigint
  readonly fee_1e8: bigint
  /** After the change. */
  readonly balance_1e8: bigint
}

/** A change of a balance that was no trade, and the account's last fill before it. */
export interface Transfer {
  readonly seq: number
  readonly ts_us: number
  readonly asset: string
  readonly change_1e8: bigint
  readonly after_fill_no: number
}

/** Transfers of all accounts, in order; the newest of each are kept. */
export interface TransferBook {
  readonly transfers: Map<AccountId, Transfer[]>
  /** Number of the last fill of anybody. */
  last_fill_no: number
}

const TRANSFERS_MAX = 5_000

/** Takes note of the transfers among these events. */
export function recordTransfers(
  book: TransferBook,
  events: readonly ExchangeEvent[],
  account_events: readonly AccountEvent[],
): void {
  for (const event of account_events) {
    if (event.type === 'fill') book.last_fill_no = Math.max(book.last_fill_no, event.fill.fill_no)
  }
  for (const event of events) {
    if (event.type !== 'balance' || event.cause !== 'transfer') continue
    const { account_id, seq, ts_us, asset, change_1e8 } = event
    const known = book.transfers.get(account_id) ?? []
    known.push({ seq, ts_us, asset, change_1e8, after_fill_no: book.last_fill_no })
    if (known.length > TRANSFERS_MAX) known.shift()
    book.transfers.set(account_id, known)
  }
}

/** Everything kept of an account's ledger, newest first. */
export function ledgerLines(context: RuleContext, account_id: AccountId): LedgerLine[] {
  const { host } = context
  const transfers = host.state.transfers.get(account_id) ?? []
  const fills = host.records.fills(account_id)
  const lines: LedgerLine[] = []
  const balances = new Map<string, bigint>()
  const write = (line: Omit<LedgerLine, 'balance_1e8'>): void => {
    const { asset, amount_1e8, fee_1e8 } = line
    // From the balance now back to the beginning, so that each line shows what was there after it.
    const balance_1e8 = balances.get(asset) ?? host.balance(account_id, asset).total_1e8
    balances.set(asset, balance_1e8 - amount_1e8 + fee_1e8)
    lines.push({ ...line, balance_1e8 })
  }
  let next = transfers.length - 1
  const transfersAfter = (fill_no: number): void => {
    for (; next >= 0; next -= 1) {
      const transfer = transfers[next]
      if (transfer === undefined || transfer.after_fill_no < fill_no) return
      write(transferLine(account_id, transfer))
    }
  }
  for (const fill of fills.reverse()) {
    transfersAfter(fill.fill_no)
    for (const leg of tradeLegs(context, fill).reverse()) write(leg)
  }
  transfersAfter(0)
  return lines
}

/** Ledger lines of one command, in the order they happened. */
export function appliedLines(context: RuleContext, applied: Applied): LedgerLine[] {
  const { host } = context
  const lines: LedgerLine[] = []
  const after = new Map<string, bigint>()
  // Backward from the balance at the end, so that each line shows the balance after its own change.
  for (const event of [...applied.account_events].reverse()) {
    if (event.type !== 'fill') continue
    for (const leg of tradeLegs(context, event.fill)) {
      const name = `${leg.account_id}/${leg.asset}`
      const balance_1e8 = after.get(name) ?? host.balance(leg.account_id, leg.asset).total_1e8
      after.set(name, balance_1e8 - leg.amount_1e8 + leg.fee_1e8)
      lines.unshift({ ...leg, balance_1e8 })
    }
  }
  for (const event of applied.events) {
    if (event.type !== 'balance' || event.cause !== 'transfer') continue
    lines.push({ ...transferLine(event.account_id, event), balance_1e8: event.total_1e8 })
  }
  return lines
}

/** Base, then quote: what came in and what went out. */
function tradeLegs({ pairs }: RuleContext, fill: FillRecord): Omit<LedgerLine, 'balance_1e8'>[] {
  const { instrument } = pairs.of(fill.venue_symbol)
  const sign = fill.side === 'buy' ? 1n : -1n
  const qty_1e8 = BigInt(fill.qty_lots) * instrument.lot_size_1e8
  const legs = [
    { asset: instrument.base, amount_1e8: sign * qty_1e8 },
    { asset: instrument.quote, amount_1e8: -sign * fill.quote_1e8 },
  ]
  return legs.map(({ asset, amount_1e8 }, nth) => ({
    account_id: fill.account_id,
    asset,
    type: 'trade',
    line: ledgerText(fill.id, nth),
    ref_id: fill.id,
    ts_us: fill.ts_us,
    amount_1e8,
    fee_1e8: fill.fee_asset === asset ? fill.fee_1e8 : 0n,
  }))
}

function transferLine(
  account_id: AccountId,
  { seq, ts_us, asset, change_1e8 }: Omit<Transfer, 'after_fill_no'>,
): Omit<LedgerLine, 'balance_1e8'> {
  const ref = `transfer/${seq}`
  return {
    account_id,
    asset,
    type: change_1e8 < 0n ? 'withdrawal' : 'deposit',
    line: ledgerText(ref, 0),
    ref_id: ledgerText(ref, 1),
    ts_us,
    amount_1e8: change_1e8,
    fee_1e8: 0n,
  }
}

/** Text id of the nth line of a trade or transfer. */
const ledgerText = (ref: string, nth: number): string => txid('L', `ledger/${ref}`, nth)
