/**
 * Dump: the order path's tables as one value and back, for snapshots and revert. Keys and clients are
 * not part of it: a revert must not bring a revoked key back to life.
 *
 * @module
 */

import type { Sql } from './sql.js'

const TABLES = [
  'accounts',
  'sandbox_settings',
  'positions_v2',
  'orders',
  'fills',
  'execution_graphs',
  'ledger_entries',
  'journal',
  'resolutions',
] as const

type Dumped = { readonly [Table in (typeof TABLES)[number]]: string }

/** Every row, as JSON text per table; later changes do not touch it. */
export async function dump(sql: Sql): Promise<Dumped> {
  return sql.transaction(async (query) => {
    const dumped: [string, string][] = []
    for (const table of TABLES) {
      const [row] = await query(`select coalesce(json_agg(t), '[]')::text as rows from ${table} t`)
      dumped.push([table, String(row?.rows ?? '[]')])
    }
    return Object.fromEntries(dumped) as Dumped
  })
}

/**
 * Puts the tables back to a dump.
 *
 * @throws TypeError when the value is no dump.
 */
export async function restore(sql: Sql, dumped: unknown): Promise<void> {
  const rowsOf = (table: string): string => {
    const rows = (dumped as Record<string, unknown> | null)?.[table]
    if (typeof rows === 'string') return rows
    throw new TypeError(`the value to restore has no rows of ${table}; pass what dump() answered.`)
  }
  const texts = TABLES.map((table) => [table, rowsOf(table)] as const)
  await sql.transaction(async (query) => {
    for (const [table, rows] of texts) {
      await query(`delete from ${table}`)
      await query(
        `insert into ${table} select * from json_populate_recordset(null::${table}, $1)`,
        [rows],
      )
    }
  })
}
