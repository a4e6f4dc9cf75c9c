/**
 * Migrate: brings a database to the newest schema. Safe when several processes start at once.
 *
 * @module
 */

import { migrations } from './migrations.js'
import type { Sql } from './sql.js'

/** Any fixed number serves; it keeps two starting processes from migrating together. */
const LOCK = 7_061_312

/**
 * Runs the migrations that have not run yet, each of them whole or not at all.
 *
 * @throws Error when the database holds a migration this version does not know.
 */
export async function migrate(sql: Sql): Promise<void> {
  await sql.transaction(async (query) => {
    if (sql.kind === 'postgres') await query(`select pg_advisory_xact_lock(${LOCK})`)
    await query(
      'create table if not exists papervenue_migrations (name text primary key, nth serial not null)',
    )
    const done = (await query('select name from papervenue_migrations order by nth')).map(
      ({ name }) => String(name),
    )
    const unknown = done.find((name) => !migrations.some((known) => known.name === name))
    if (unknown !== undefined) {
      throw new Error(
        `the database has migration ${unknown}, which this version does not know; a newer version wrote it. Use that version or another database.`,
      )
    }
    for (const { name, sql: text } of migrations) {
      if (done.includes(name)) continue
      for (const statement of text.split('--> statement-breakpoint')) {
        await query(
          sql.ephemeral
            ? statement.replace(/^\s*CREATE TABLE/, 'CREATE UNLOGGED TABLE')
            : statement,
        )
      }
      await query('insert into papervenue_migrations (name) values ($1)', [name])
    }
  })
}
