/**
 * Changes: what an account's commands altered since the commit queue last took them.
 *
 * @module
 */

import type { LedgerEntry } from './ledger.js'
import type { Fill, Order } from './order.js'
import type { Row } from './row.js'

/** One line of the journal: what the account was told and what came of it. */
export interface JournalEntry {
  /** Per account, from 1, without gaps. */
  readonly seq: number
  readonly ts_ns: bigint
  readonly command: unknown
  readonly events: readonly unknown[]
}

/** When a node of a graph follows another: so long after the other was activated. */
export interface GraphEdge {
  readonly edge_id: string
  readonly from_node: string
  readonly to_node: string
  readonly trigger: { readonly on_timeout: { readonly ms: number } }
}

/** A submission and the answer it got. */
export interface GraphRecord {
  readonly graph_id: string
  readonly fingerprint: string
  readonly created_ns: bigint
  readonly status: 'ACCEPTED' | 'REJECTED'
  readonly nodes: readonly {
    readonly node_id: string
    readonly node_order_id: string | null
    readonly status: string
    readonly failure_reason: string | null
    readonly failure_message: string | null
  }[]
  readonly edges: readonly GraphEdge[]
}

export class Changes {
  rows = new Set<Row>()
  /** Deleted rows by key: a key that comes back gets its id back. */
  deleted = new Map<string, number>()
  orders = new Set<Order>()
  /** Orders that were routed anew. */
  routed = new Set<Order>()
  fills: Fill[] = []
  ledger: LedgerEntry[] = []
  journal: JournalEntry[] = []
  graphs: GraphRecord[] = []
  /** Whether settings, counters or switches of the account itself changed. */
  account = false
  /** Whether the flat balance of the next reset changed. */
  settings = false
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
      !this.settings &&
      this.rows.size === 0 &&
      this.deleted.size === 0 &&
      this.orders.size === 0 &&
      this.fills.length === 0 &&
      this.ledger.length === 0 &&
      this.journal.length === 0 &&
      this.graphs.length === 0
    )
  }
}
