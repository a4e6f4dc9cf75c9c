/**
 * Session: profit and loss of an account since midnight UTC, for its daily loss limit.
 *
 * Realized profit less fees, over all rows; unrealized profit does not count. What the rows said at the
 * turn of the day is kept with the account, so it survives a restart. A reset or a new portfolio begins a
 * session anew.
 *
 * @module
 */

import type { Account } from './account.js'

export interface Session {
  /** First moment that is no longer part of it. */
  readonly until_ns: bigint
  /** What the rows had made when it began. */
  readonly base_usd_1e9: bigint
}

const DAY_NS = 86_400_000_000_000n

/** Before the first: whatever comes begins one. */
export const NO_SESSION: Session = { until_ns: 0n, base_usd_1e9: 0n }

/** Begins the session of a moment, if that is a new one. Call before money moves. */
export function openSession(account: Account, now_ns: bigint): void {
  if (now_ns < account.session.until_ns) return
  account.session = {
    until_ns: (now_ns / DAY_NS + 1n) * DAY_NS,
    base_usd_1e9: madeBy(account),
  }
  account.changes.account = true
}

/** Realized profit less fees of the session so far; negative: a loss. */
export function sessionPnl(account: Account, now_ns: bigint): bigint {
  const { until_ns, base_usd_1e9 } = account.session
  return now_ns < until_ns ? madeBy(account) - base_usd_1e9 : 0n
}

function madeBy({ rows }: Account): bigint {
  let total = 0n
  for (const { realized_1e9, fees_1e9 } of rows.values()) total += realized_1e9 - fees_1e9
  return total
}
