/**
 * Changes: what an account's commands altered since the commit queue last took them.
 *
 * @module
 */

import type { LedgerEntry } from './ledger.js'
import type { Fill, Order } from './order.js'
import type { Row } from './row.js'

export class Changes {
  rows = new Set<Row>()
  /** Deleted rows by key: a key that comes back gets its id back. */
  deleted = new Map<string, number>()
  orders = new Set<Order>()
  fills: Fill[] = []
  ledger: LedgerEntry[] = []
  /** Whether settings, counters or switches of the account itself changed. */
  account = false
  #touched: Set<Row> | null = null

  touch(row: Row): void {
    this.rows.add(row)
    this.#touched?.add(row)
  }

  forget(row: Row): void {
    this.rows.delete(row)
    this.#touched?.delete(row)
    this.deleted.set(row.key, row.id)
  }

  /** Id of a row deleted since the last commit, which is then deleted no more. */
  revive(key: string): number | undefined {
    const id = this.deleted.get(key)
    if (id !== undefined) this.deleted.delete(key)
    return id
  }

  /** Starts listing the rows touched from here on. */
  beginTouch(): ReadonlySet<Row> {
    this.#touched = new Set()
    return this.#touched
  }

  get empty(): boolean {
    return (
      !this.account &&
      this.rows.size === 0 &&
      this.deleted.size === 0 &&
      this.orders.size === 0 &&
      this.fills.length === 0 &&
      this.ledger.length === 0
    )
  }
}
