/**
 * Commit: every waiting account in one statement, so all of it is durable or none.
 *
 * The statement first moves the version of each account from what its process last saw; an account
 * whose version has moved on (another process was faster) writes nothing and is reported as lost. All
 * other rows join the accounts that won. Inputs are column arrays: the text of the statement is always
 * the same.
 *
 * @module
 */

import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Account } from '../account/account.js'
import type { Changes } from '../account/changes.js'
import { isTerminal } from '../account/order.js'
import { lockedOf } from '../account/row.js'
import { canonicalJson, stringifyJson } from '../wire/json.js'
import { Columns } from './columns.js'
import { encodeChildren, encodeGraph, encodeRouting } from './encode.js'
import type { AccountName } from './read.js'
import {
  accounts,
  executionGraphs,
  fills,
  journal,
  ledgerEntries,
  orders,
  positions,
  sandboxSettings,
} from './schema.js'
import type { Sql } from './sql.js'

interface TableColumns {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly key: readonly string[]
}

function columnsOf(table: PgTable): TableColumns {
  const { name, columns, primaryKeys } = getTableConfig(table)
  return {
    name,
    columns: columns.map((column) => ({ name: column.name, type: column.getSQLType() })),
    key: primaryKeys[0]?.columns.map((column) => column.name) ?? [],
  }
}

const ACCOUNTS = columnsOf(accounts)
/** Written in this order; a table either updates what it finds or only ever appends. */
const WRITTEN = [
  { table: columnsOf(sandboxSettings), mode: 'upsert' },
  { table: columnsOf(positions), mode: 'upsert' },
  { table: columnsOf(orders), mode: 'upsert' },
  { table: columnsOf(fills), mode: 'append' },
  { table: columnsOf(executionGraphs), mode: 'upsert' },
  { table: columnsOf(ledgerEntries), mode: 'append' },
  { table: columnsOf(journal), mode: 'append' },
] as const

const DELETED_WIDTH = 3

/** What one commit carries, encoded when the account handed it over. */
export class Batch {
  readonly accounts = new Columns(ACCOUNTS.columns.length + 1)
  readonly deleted = new Columns(DELETED_WIDTH)
  readonly tables = WRITTEN.map(({ table }) => new Columns(table.columns.length))

  /** Adds one account's changes; its version moves on by one. */
  add(account: Account, changes: Changes): void {
    const { client_id, is_sandbox, counters } = account
    const [settings, rows, orderRows, fillRows, graphs, ledger, lines] = this.tables as [
      Columns,
      Columns,
      Columns,
      Columns,
      Columns,
      Columns,
      Columns,
    ]
    const before = account.version
    account.version += 1
    this.accounts.add([
      client_id,
      is_sandbox,
      account.version,
      account.kill_switch,
      account.created_ns,
      counters.row,
      counters.order,
      counters.fill,
      counters.ledger,
      counters.journal,
      account.session.until_ns,
      account.session.base_usd_1e9,
      before,
    ])
    if (changes.settings) settings.add([client_id, account.initial_balance_usd_1e9])
    for (const id of changes.deleted.values()) this.deleted.add([client_id, is_sandbox, id])
    for (const row of changes.rows) {
      rows.add([
        client_id,
        is_sandbox,
        row.id,
        row.key,
        row.venue,
        row.kind,
        row.symbol,
        row.market_slug,
        row.outcome,
        row.token_id,
        row.qty_1e8,
        lockedOf(row),
        row.entry_1e9,
        row.realized_1e9,
        row.fees_1e9,
        row.mark_1e9,
        row.margin_1e8,
        row.margin_asset,
        row.lifecycle,
        row.settled_mark_1e9,
        row.redeemed_1e8,
      ])
    }
    for (const order of changes.orders) {
      orderRows.add([
        client_id,
        is_sandbox,
        order.node_order_id,
        order.nth,
        order.graph_id,
        order.node_id,
        order.symbol,
        order.instrument_type,
        order.side,
        order.order_type,
        order.tif,
        order.venue,
        order.qty_1e8,
        order.filled_1e8,
        order.notional_1e17,
        order.limit_price_1e9,
        order.fees_usd_1e9,
        order.status,
        !isTerminal(order),
        order.failure_reason,
        order.failure_message,
        encodeRouting(order.routing),
        encodeChildren(order),
        order.fills,
        order.created_ns,
        order.updated_ns,
      ])
    }
    for (const fill of changes.fills) {
      fillRows.add([
        client_id,
        is_sandbox,
        fill.fill_id,
        fill.nth,
        fill.node_order_id,
        fill.graph_id,
        fill.child_id,
        fill.venue,
        fill.venue_fill_id,
        fill.symbol,
        fill.side,
        fill.px_1e9,
        fill.qty_1e8,
        fill.fee_1e8,
        fill.fee_usd_1e9,
        fill.liquidity,
        fill.queue_ahead_1e8,
        fill.explanation === null ? null : stringifyJson(fill.explanation),
        fill.ts_ns,
      ])
    }
    for (const graph of changes.graphs) {
      graphs.add([
        client_id,
        is_sandbox,
        graph.graph_id,
        graph.fingerprint,
        encodeGraph(graph),
        graph.created_ns,
      ])
    }
    for (const entry of changes.ledger) {
      ledger.add([
        client_id,
        is_sandbox,
        entry.seq,
        entry.ts_ns,
        entry.venue,
        entry.holding,
        entry.from,
        entry.to,
        entry.amount_1e8,
        entry.cause,
        entry.ref,
      ])
    }
    for (const { seq, ts_ns, command, events } of changes.journal) {
      lines.add([client_id, is_sandbox, seq, canonicalJson({ seq, ts_ns, command, events })])
    }
  }

  get empty(): boolean {
    return this.accounts.count === 0
  }
}

/** Writes batches to one database. */
export type Commit = (batch: Batch) => Promise<AccountName[]>

/**
 * Prepares the statement that writes a batch. The function it returns answers the accounts that were
 * written; the rest lost the race. It throws what the database throws; then nothing was written.
 */
export function preparedCommit(sql: Sql): Commit {
  const run = sql.prepared('papervenue_commit', statement())
  return async (batch) => {
    const columns = [batch.accounts, batch.deleted, ...batch.tables]
    const rows = await run(columns.flatMap((table) => table.literals()))
    return rows.map(({ client_id, is_sandbox }) => ({
      client_id: String(client_id),
      is_sandbox: is_sandbox === true,
    }))
  }
}

function statement(): string {
  let params = 0
  const names = (columns: TableColumns['columns'], of = '') =>
    columns.map(({ name }) => `${of}${quoted(name)}`).join(', ')
  const unnest = (columns: TableColumns['columns']) =>
    `unnest(${columns.map(({ type }) => `$${++params}::${type}[]`).join(', ')}) as x(${names(columns)})`
  const before = { name: 'version_before', type: 'bigint' }
  const said = [...ACCOUNTS.columns, before]
  const kept = ACCOUNTS.columns.filter(({ name }) => !ACCOUNTS.key.includes(name))
  const parts = [
    // In key order, so that two processes writing the same accounts wait instead of deadlocking.
    `said as (select * from ${unnest(said)} order by 1, 2)`,
    `locked as (select a.client_id, a.is_sandbox from accounts a join said s on a.client_id = s.client_id and a.is_sandbox = s.is_sandbox and a.version = s.version_before order by 1, 2 for update of a)`,
    `moved as (update accounts a set ${kept.map(({ name }) => `${quoted(name)} = s.${quoted(name)}`).join(', ')} from said s join locked l on l.client_id = s.client_id and l.is_sandbox = s.is_sandbox where a.client_id = s.client_id and a.is_sandbox = s.is_sandbox and a.version = s.version_before returning a.client_id, a.is_sandbox)`,
    `made as (insert into accounts (${names(ACCOUNTS.columns)}) select ${names(ACCOUNTS.columns)} from said where version_before = 0 on conflict do nothing returning client_id, is_sandbox)`,
    `won as (select * from moved union all select * from made)`,
  ]
  const gone = [
    { name: 'client_id', type: 'text' },
    { name: 'is_sandbox', type: 'boolean' },
    { name: 'id', type: 'bigint' },
  ]
  parts.push(
    `gone as (delete from positions_v2 p using ${unnest(gone)}, won w where p.client_id = x.client_id and p.is_sandbox = x.is_sandbox and p.id = x.id and w.client_id = p.client_id and w.is_sandbox = p.is_sandbox)`,
  )
  for (const { table, mode } of WRITTEN) {
    const { name, columns, key } = table
    const winners = columns.some((column) => column.name === 'is_sandbox')
      ? 'join won w on w.client_id = x.client_id and w.is_sandbox = x.is_sandbox'
      : 'where exists (select 1 from won w where w.client_id = x.client_id and w.is_sandbox)'
    const rest = columns.filter((column) => !key.includes(column.name))
    const conflict =
      mode === 'append'
        ? ''
        : ` on conflict (${key.map(quoted).join(', ')}) do update set ${rest.map((column) => `${quoted(column.name)} = excluded.${quoted(column.name)}`).join(', ')}`
    parts.push(
      `w_${name} as (insert into ${quoted(name)} (${names(columns)}) select ${names(columns, 'x.')} from ${unnest(columns)} ${winners}${conflict})`,
    )
  }
  return `with ${parts.join(',\n')}\nselect client_id, is_sandbox from won`
}

function quoted(name: string): string {
  return `"${name}"`
}
