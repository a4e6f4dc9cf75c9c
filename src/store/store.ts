/**
 * Store: everything durable behind one face. Open it once a process.
 *
 * @module
 */

import type { Account } from '../account/account.js'
import type { GraphRecord } from '../account/changes.js'
import type { Fill } from '../account/order.js'
import type { Instrument } from '../engine/instrument.js'
import type { Clock } from '../world/world.js'
import { Batch, preparedCommit } from './commit.js'
import { dump, restore } from './dump.js'
import { type KeyRepository, keyRepository } from './keys.js'
import { migrate } from './migrate.js'
import {
  type AccountName,
  accountsWithOpenOrders,
  findFills,
  findGraph,
  findOrder,
  findOrders,
  holdersOf,
  loadAccount,
  type MarketEnd,
  type OrderFilter,
  preparedVersion,
  readJournal,
  readLedger,
  readResolutions,
  type StoredLedgerEntry,
  type StoredOrder,
  writeResolution,
} from './read.js'
import { openPglite, openPostgres, type Sql } from './sql.js'

export interface Store {
  readonly keys: KeyRepository
  /** Whether other processes may write the same accounts. */
  readonly shared: boolean
  /** An empty batch to add accounts to. */
  batch(): Batch
  /** Writes a batch in one transaction; answers the accounts that were written. @throws when none was. */
  commit(batch: Batch): Promise<AccountName[]>
  account(
    options: AccountName & {
      initial_balance_usd_1e9: bigint
      instrumentOf: (venue: string, venue_symbol: string) => Instrument
    },
  ): Promise<Account | undefined>
  /** The version of an account as last committed; 0: there is none. */
  version(name: AccountName): Promise<number>
  orders(name: AccountName, filter: OrderFilter): Promise<StoredOrder[]>
  order(name: AccountName, node_order_id: string): Promise<StoredOrder | undefined>
  graph(name: AccountName, graph_id: string): Promise<GraphRecord | undefined>
  fills(
    name: AccountName,
    filter: { readonly symbol?: string; readonly limit: number },
  ): Promise<Fill[]>
  journal(name: AccountName): Promise<string[]>
  ledger(name: AccountName): Promise<StoredLedgerEntry[]>
  holders(keys: readonly string[]): Promise<AccountName[]>
  accountsWithOpenOrders(): Promise<AccountName[]>
  /** Event markets that ended. */
  resolutions(): Promise<MarketEnd[]>
  resolve(resolution: MarketEnd): Promise<void>
  /** Every row of the order path's tables, as a value. */
  dump(): Promise<unknown>
  restore(dumped: unknown): Promise<void>
  /** Whether the database answers. */
  healthy(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Opens the database and brings it to the newest schema.
 *
 * @param options.url - A PostgreSQL server (`DATABASE_URL`); wins over `folder`.
 * @param options.folder - Where the embedded database lives; absent with no `url`: memory.
 *
 * @example
 * const store = await openStore({ clock: wallClock(), folder: './data/db' })
 */
export async function openStore(options: {
  clock: Clock
  url?: string
  folder?: string
}): Promise<Store> {
  const { clock, url, folder } = options
  return storeOver(
    await (url === undefined ? openPglite(folder ?? null) : openPostgres(url)),
    clock,
  )
}

/** A store over an open database; tests hand in one that fails. */
export async function storeOver(sql: Sql, clock: Clock): Promise<Store> {
  await migrate(sql)
  const version = preparedVersion(sql)
  return {
    keys: keyRepository(sql, clock),
    shared: sql.kind === 'postgres',
    batch: () => new Batch(),
    commit: preparedCommit(sql),
    // A client's first call asks for an account there is none of: one look says so.
    account: async (account) =>
      (await version(account)) === 0 ? undefined : loadAccount(sql, account),
    version,
    orders: (name, filter) => findOrders(sql, name, filter),
    order: (name, node_order_id) => findOrder(sql, name, node_order_id),
    graph: (name, graph_id) => findGraph(sql, name, graph_id),
    fills: (name, filter) => findFills(sql, name, filter),
    journal: (name) => readJournal(sql, name),
    ledger: (name) => readLedger(sql, name),
    holders: (keys) => holdersOf(sql, keys),
    accountsWithOpenOrders: () => accountsWithOpenOrders(sql),
    resolutions: () => readResolutions(sql),
    resolve: (resolution) => writeResolution(sql, resolution),
    dump: () => dump(sql),
    restore: (dumped) => restore(sql, dumped),
    healthy: async () => {
      try {
        await sql.query('select 1')
        return true
      } catch {
        return false
      }
    },
    close: () => sql.close(),
  }
}
