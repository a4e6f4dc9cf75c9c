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

/** Runs text with text parameters. */
export type Query = (text: string, params?: readonly string[]) => Promise<Rows>

/** Runs one statement that was parsed and planned before; arrays are PostgreSQL array literals. */
export type Prepared = (params: readonly string[]) => Promise<Rows>

type Pglite = typeof import('@electric-sql/pglite')

export interface Sql {
  readonly kind: 'pglite' | 'postgres'
  /** Nothing of it outlives the process, so a log to recover from would serve nobody. */
  readonly ephemeral: boolean
  /** Typed reads. */
  readonly db: PgDatabase<PgQueryResultHKT>
  readonly query: Query
  /** A statement that is run again and again. Its name is unique in the process. */
  prepared(name: string, text: string): Prepared
  /** Several statements at once, without parameters. */
  exec(text: string): Promise<void>
  /** A transaction on one connection. */
  transaction<T>(run: (query: Query) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * PGlite in memory, or in a folder that is made when absent.
 *
 * @param folder - null: memory.
 */
export async function openPglite(folder: string | null): Promise<Sql> {
  const [pglite, { drizzle }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('drizzle-orm/pglite'),
  ])
  const client = await pglite.PGlite.create(folder === null ? 'memory://' : folder, {
    relaxedDurability: false,
  })
  return overPglite(client, pglite, drizzle({ client }), folder === null)
}

function overPglite(client: PGlite, pglite: Pglite, db: Sql['db'], ephemeral: boolean): Sql {
  type Runner = Pick<PGlite, 'query'>
  const over =
    (runner: Runner): Query =>
    async (text, params) => {
      const { rows } = await runner.query(text, params === undefined ? [] : [...params])
      return rows as Rows
    }
  return {
    kind: 'pglite',
    ephemeral,
    db,
    query: over(client),
    prepared: (name, text) => preparedOverPglite(client, pglite, { name, text }),
    exec: async (text) => {
      await client.exec(text)
    },
    transaction: (run) => client.transaction((tx) => run(over(tx))),
    close: () => client.close(),
  }
}

/**
 * PGlite's own `query` parses and plans its text every time, which for a commit costs more than running
 * it. Here it is parsed once, and every run is one message.
 */
function preparedOverPglite(
  client: PGlite,
  { protocol: { serialize }, parse: { parseResults } }: Pglite,
  { name, text }: { name: string; text: string },
): Prepared {
  let parsed = false
  const send = async (...parts: Uint8Array[]) => {
    const { messages } = await client.execProtocol(Buffer.concat([...parts, serialize.sync()]))
    return messages
  }
  const run = async (params: readonly string[]): Promise<Rows> => {
    if (!parsed) await send(serialize.parse({ name, text }))
    parsed = true
    const messages = await send(
      bindMessage(name, params),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
    )
    return (parseResults(messages, client.parsers)[0]?.rows ?? []) as Rows
  }
  // Between the statements of somebody's transaction there is no place for ours.
  return (params) => client._runExclusiveTransaction(() => client.runExclusive(() => run(params)))
}

/**
 * Binds text parameters to a statement. PGlite's own serializer takes longer over a commit's parameters
 * than the commit does.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html (Bind)
 */
function bindMessage(statement: string, params: readonly string[]): Buffer {
  const sizes = params.map((param) => Buffer.byteLength(param))
  const size = sizes.reduce((sum, each) => sum + 4 + each, 12 + Buffer.byteLength(statement))
  const message = Buffer.allocUnsafe(1 + size)
  let at = message.write('B')
  at = message.writeInt32BE(size, at)
  // The portal without a name.
  at = message.writeUInt8(0, at)
  at += message.write(statement, at)
  at = message.writeUInt8(0, at)
  // No formats: all parameters are text.
  at = message.writeInt16BE(0, at)
  at = message.writeUInt16BE(params.length, at)
  params.forEach((param, nth) => {
    at = message.writeInt32BE(sizes[nth] ?? 0, at)
    at += message.write(param, at)
  })
  // All answers are text.
  message.writeInt16BE(0, at)
  return message
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
  const query: Query = async (text, params) =>
    (await pool.query(text, params === undefined ? [] : [...params])).rows as Rows
  return {
    kind: 'postgres',
    ephemeral: false,
    db: drizzle({ client: pool }),
    query,
    prepared: (name, text) => async (params) =>
      (await pool.query({ name, text, values: [...params] })).rows as Rows,
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
