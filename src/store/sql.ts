/**
 * Sql: the two databases behind one small face. PGlite in this process, or a PostgreSQL server.
 *
 * A commit is one statement, so it is one transaction and one round trip on either. With a data folder
 * PGlite has written its log to the files before a statement answers (its relaxed mode is off), so what
 * is committed survives the end of the process.
 *
 * @module
 */

import type { PGlite } from '@electric-sql/pglite'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

export type Rows = Record<string, unknown>[]

/** Runs text with text parameters; arrays are passed as PostgreSQL array literals. */
export type Query = (text: string, params?: readonly string[]) => Promise<Rows>

export interface Sql {
  readonly kind: 'pglite' | 'postgres'
  /** Typed reads. */
  readonly db: PgDatabase<PgQueryResultHKT>
  readonly query: Query
  /** Several statements at once, without parameters. */
  exec(text: string): Promise<void>
  /** A transaction on one connection. */
  transaction<T>(run: (query: Query) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const TEXT_ARRAY_OID = 1009

/**
 * PGlite in memory, or in a folder that is made when absent.
 *
 * @param folder - null: memory.
 */
export async function openPglite(folder: string | null): Promise<Sql> {
  const [{ PGlite }, { drizzle }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite'),
  ])
  const client = await PGlite.create(folder === null ? 'memory://' : folder, {
    relaxedDurability: false,
  })
  return overPglite(client, drizzle({ client }))
}

/** A store over a PGlite that someone else made; closing the store closes it. */
export async function overPgliteClient(client: PGlite): Promise<Sql> {
  const { drizzle } = await import('drizzle-orm/pglite')
  return overPglite(client, drizzle({ client }))
}

function overPglite(client: PGlite, db: Sql['db']): Sql {
  type Runner = Pick<PGlite, 'query'>
  const options = { serializers: { [TEXT_ARRAY_OID]: (literal: string) => literal } }
  const over =
    (runner: Runner): Query =>
    async (text, params) => {
      const { rows } = await runner.query(text, params === undefined ? [] : [...params], options)
      return rows as Rows
    }
  return {
    kind: 'pglite',
    db,
    query: over(client),
    exec: async (text) => {
      await client.exec(text)
    },
    transaction: (run) => client.transaction((tx) => run(over(tx))),
    close: () => client.close(),
  }
}

/**
 * A PostgreSQL server.
 *
 * @param url - As in `DATABASE_URL`.
 */
export async function openPostgres(url: string): Promise<Sql> {
  const [{ default: pg }, { drizzle }] = await Promise.all([
    import('pg'),
    import('drizzle-orm/node-postgres'),
  ])
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  // An idle connection that breaks is replaced by the pool; what used it gets its own error.
  pool.on('error', () => undefined)
  const query: Query = async (text, params) => {
    // Long statements are the commits: named, they are planned once a connection.
    const name = text.length > 2000 ? { name: `papervenue_${text.length}` } : {}
    const { rows } = await pool.query({
      text,
      values: params === undefined ? [] : [...params],
      ...name,
    })
    return rows as Rows
  }
  return {
    kind: 'postgres',
    db: drizzle({ client: pool }),
    query,
    exec: async (text) => {
      await pool.query(text)
    },
    transaction: async (run) => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const result = await run(
          async (text, params) =>
            (await client.query(text, params === undefined ? [] : [...params])).rows as Rows,
        )
        await client.query('commit')
        client.release()
        return result
      } catch (error) {
        // The connection may be the very thing that broke: it is not reused.
        client.release(true)
        throw error
      }
    },
    close: () => pool.end(),
  }
}
