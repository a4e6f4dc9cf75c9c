/**
 * Ledger: what one applied command changed on the accounts, as rows of the `balances` channel.
 *
 * @module
 */

import type { Applied } from '../../src/venue/host.js'
import { balanceRow, ledgerText, type Row } from './executions.js'
import type { RuleContext } from './rules.js'

/** Balance rows of one command: two legs a trade, one a transfer. */
export function balanceRows({ host, pairs }: RuleContext, applied: Applied): Row[] {
  const rows: Row[] = []
  const after = new Map<string, bigint>()
  const balanceOf = (account_id: number, asset: string): bigint => {
    const name = `${account_id}/${asset}`
    return after.get(name) ?? host.balance(account_id, asset).total_1e8
  }
  // Backward from the balance at the end, so that each row shows the balance after its own change.
  for (const event of [...applied.account_events].reverse()) {
    if (event.type !== 'fill') continue
    const { fill } = event
    const { instrument } = pairs.of(fill.venue_symbol)
    const sign = fill.side === 'buy' ? 1n : -1n
    const qty_1e8 = BigInt(fill.qty_lots) * instrument.lot_size_1e8
    const legs = [
      { asset: instrument.base, amount_1e8: sign * qty_1e8 },
      { asset: instrument.quote, amount_1e8: -sign * fill.quote_1e8 },
    ]
    for (const [nth, { asset, amount_1e8 }] of legs.entries()) {
      const fee_1e8 = fill.fee_asset === asset ? fill.fee_1e8 : 0n
      const balance_1e8 = balanceOf(fill.account_id, asset)
      after.set(`${fill.account_id}/${asset}`, balance_1e8 - amount_1e8 + fee_1e8)
      const line = {
        account_id: fill.account_id,
        asset,
        type: 'trade' as const,
        line: ledgerText(fill.id, nth),
        ref_id: fill.id,
        ts_us: fill.ts_us,
        amount_1e8,
        fee_1e8,
        balance_1e8,
      }
      rows.unshift(balanceRow(line))
    }
  }
  for (const event of applied.events) {
    if (event.type !== 'balance' || event.cause !== 'transfer') continue
    const ref = `transfer/${event.seq}`
    const line = {
      account_id: event.account_id,
      asset: event.asset,
      type: event.change_1e8 < 0n ? ('withdrawal' as const) : ('deposit' as const),
      line: ledgerText(ref, 0),
      ref_id: ledgerText(ref, 1),
      ts_us: event.ts_us,
      amount_1e8: event.change_1e8,
      fee_1e8: 0n,
      balance_1e8: event.total_1e8,
    }
    rows.push(balanceRow(line))
  }
  return rows
}
