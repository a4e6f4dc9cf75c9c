/**
 * Read: what the database knows, as plain rows. What accounts change is written in `commit.ts`.
 *
 * @module
 */

import { and, asc, desc, eq, sql as raw } from 'drizzle-orm'
import { Account } from '../account/account.js'
import type { GraphRecord } from '../account/changes.js'
import { reckonHolds } from '../account/holds.js'
import type { Fill, InstrumentType, Leg, Order, OrderStatus } from '../account/order.js'
import type { Lifecycle, RowKind } from '../account/row.js'
import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { FillExplanation, Liquidity } from '../engine/order.js'
import { bigintOf, parseJson } from '../wire/json.js'
import {
  type ChildView,
  decodeChildren,
  decodeGraph,
  decodeRouting,
  viewChildren,
} from './encode.js'
import {
  accounts,
  executionGraphs,
  fills,
  journal,
  ledgerEntries,
  orders,
  positions,
  resolutions,
  sandboxSettings,
} from './schema.js'
import type { Sql } from './sql.js'

/** A stored order without what it holds. */
export interface StoredOrder {
  readonly node_order_id: string
  readonly nth: number
  readonly graph_id: string
  readonly node_id: string
  readonly symbol: string
  readonly instrument_type: InstrumentType
  readonly side: Side
  readonly order_type: 'market' | 'limit'
  readonly tif: string
  readonly venue: string | null
  readonly qty_1e8: bigint
  readonly filled_1e8: bigint
  readonly notional_1e17: bigint
  readonly limit_price_1e9: bigint | null
  readonly fees_usd_1e9: bigint
  readonly status: OrderStatus
  readonly failure_reason: string | null
  readonly failure_message: string | null
  readonly routing: readonly Leg[]
  readonly children: readonly ChildView[]
  readonly created_ns: bigint
  readonly updated_ns: bigint
}

export interface StoredLedgerEntry {
  readonly seq: number
  readonly ts_ns: bigint
  readonly venue: string
  readonly holding: string
  readonly from: string
  readonly to: string
  readonly amount_1e8: bigint
  readonly cause: string
  readonly ref: string
}

export type AccountName = { readonly client_id: string; readonly is_sandbox: boolean }

export interface OrderFilter {
  readonly symbol?: string
  readonly status?: string
  readonly venue?: string
  readonly graph_id?: string
  readonly limit: number
}

/**
 * The account as last committed, with its rows and open orders; `undefined`: there is none.
 *
 * @param options.initial_balance_usd_1e9 - Where the client never set one.
 */
export async function loadAccount(
  { db }: Sql,
  options: AccountName & {
    initial_balance_usd_1e9: bigint
    instrumentOf: (venue: string, venue_symbol: string) => Instrument
  },
): Promise<Account | undefined> {
  const { client_id, is_sandbox } = options
  // One snapshot: a commit of another process between the reads would mix two versions.
  const read = await db.transaction(
    async (tx) => {
      const [head] = await tx.select().from(accounts).where(ofAccount(accounts, options))
      if (head === undefined) return undefined
      const [settings] = await tx
        .select()
        .from(sandboxSettings)
        .where(eq(sandboxSettings.client_id, client_id))
      const rows = await tx
        .select()
        .from(positions)
        .where(ofAccount(positions, options))
        .orderBy(asc(positions.id))
      const open = await tx
        .select()
        .from(orders)
        .where(and(ofAccount(orders, options), eq(orders.is_open, true)))
        .orderBy(asc(orders.nth))
      return { head, settings, rows, open }
    },
    { isolationLevel: 'repeatable read' },
  )
  if (read === undefined) return undefined
  const { head, settings, rows, open } = read
  const account = new Account({
    client_id,
    is_sandbox,
    created_ns: head.created_at_ns,
    initial_balance_usd_1e9: settings?.initial_balance_usd_1e9 ?? options.initial_balance_usd_1e9,
  })
  account.version = head.version
  account.kill_switch = head.kill_switch
  account.session = {
    until_ns: head.session_until_ns,
    base_usd_1e9: head.session_base_usd_1e9,
  }
  Object.assign(account.counters, {
    row: head.row_count,
    order: head.order_count,
    fill: head.fill_count,
    ledger: head.ledger_count,
    journal: head.journal_count,
  })
  for (const row of rows) {
    account.addRow({
      id: row.id,
      key: row.key,
      venue: row.venue,
      kind: row.kind as RowKind,
      symbol: row.symbol,
      market_slug: row.market_slug,
      outcome: row.outcome as Outcome | null,
      token_id: row.token_id,
      qty_1e8: row.qty_1e8,
      held_1e8: 0n,
      entry_1e9: row.entry_price_usd_1e9,
      realized_1e9: row.realized_pnl_usd_1e9,
      fees_1e9: row.fees_usd_1e9,
      mark_1e9: row.mark_usd_1e9,
      margin_1e8: row.margin_1e8,
      margin_asset: row.margin_asset,
      lifecycle: row.lifecycle as Lifecycle,
      settled_mark_1e9: row.settled_mark_usd_1e9,
      redeemed_1e8: row.redeemed_qty_1e8,
    })
  }
  for (const stored of open) {
    const order: Order = {
      ...plainOrder(stored),
      children: [],
      open: 0,
      fills: stored.fill_count,
      chasing: false,
    }
    account.orders.set(order.node_order_id, order)
    for (const child of decodeChildren(stored.children, order, options.instrumentOf)) {
      account.children.set(child.child_id, child)
    }
  }
  reckonHolds(account)
  account.takeChanges()
  return account
}

/** Reads the version of an account as last committed; 0: there is none. */
export function preparedVersion(sql: Sql): (name: AccountName) => Promise<number> {
  const run = sql.prepared(
    'papervenue_version',
    'select version from accounts where client_id = $1 and is_sandbox = $2::boolean',
  )
  return async ({ client_id, is_sandbox }) => {
    const [found] = await run([client_id, String(is_sandbox)])
    return Number(found?.version ?? 0)
  }
}

export async function findOrders(
  { db }: Sql,
  name: AccountName,
  filter: OrderFilter,
): Promise<StoredOrder[]> {
  const conditions = [
    ofAccount(orders, name),
    filter.symbol === undefined ? undefined : eq(orders.symbol, clean(filter.symbol)),
    filter.status === undefined ? undefined : eq(orders.status, clean(filter.status)),
    filter.graph_id === undefined ? undefined : eq(orders.graph_id, clean(filter.graph_id)),
    // Of any child: an order split over venues belongs to each of them.
    filter.venue === undefined
      ? undefined
      : raw`(${orders.venue} = ${clean(filter.venue)} or ${orders.children}::jsonb @> ${JSON.stringify([{ venue: clean(filter.venue) }])}::jsonb)`,
  ]
  const found = await db
    .select()
    .from(orders)
    .where(and(...conditions))
    .orderBy(desc(orders.nth))
    .limit(filter.limit)
  return found.map(storedOrder)
}

export async function findOrder(
  { db }: Sql,
  name: AccountName,
  node_order_id: string,
): Promise<StoredOrder | undefined> {
  const [found] = await db
    .select()
    .from(orders)
    .where(and(ofAccount(orders, name), eq(orders.node_order_id, clean(node_order_id))))
  return found === undefined ? undefined : storedOrder(found)
}

export async function findGraph(
  { db }: Sql,
  name: AccountName,
  graph_id: string,
): Promise<GraphRecord | undefined> {
  const [found] = await db
    .select()
    .from(executionGraphs)
    .where(and(ofAccount(executionGraphs, name), eq(executionGraphs.graph_id, clean(graph_id))))
  return found === undefined ? undefined : decodeGraph(found)
}

export async function findFills(
  { db }: Sql,
  name: AccountName,
  filter: { readonly symbol?: string; readonly limit: number },
): Promise<Fill[]> {
  const found = await db
    .select()
    .from(fills)
    .where(
      and(
        ofAccount(fills, name),
        filter.symbol === undefined ? undefined : eq(fills.symbol, clean(filter.symbol)),
      ),
    )
    .orderBy(desc(fills.nth))
    .limit(filter.limit)
  return found.map(({ side, liquidity, explanation, ...fill }) => ({
    ...fill,
    side: side as Side,
    liquidity: liquidity as Liquidity,
    explanation: explanation === null ? null : decodeExplanation(explanation),
  }))
}

export async function readJournal({ db }: Sql, name: AccountName): Promise<string[]> {
  const found = await db
    .select({ line: journal.line })
    .from(journal)
    .where(ofAccount(journal, name))
    .orderBy(asc(journal.seq))
  return found.map(({ line }) => line)
}

/** Every movement of one account, oldest first. */
export async function readLedger({ db }: Sql, name: AccountName): Promise<StoredLedgerEntry[]> {
  const found = await db
    .select()
    .from(ledgerEntries)
    .where(ofAccount(ledgerEntries, name))
    .orderBy(asc(ledgerEntries.seq))
  return found.map(({ from_side, to_side, ...entry }) => ({
    ...entry,
    from: from_side,
    to: to_side,
  }))
}

/** Accounts that hold, or ever held, one of these rows. */
export async function holdersOf({ db }: Sql, keys: readonly string[]): Promise<AccountName[]> {
  return db
    .selectDistinct({ client_id: positions.client_id, is_sandbox: positions.is_sandbox })
    .from(positions)
    .where(raw`${positions.key} in ${keys.map(clean)}`)
    .orderBy(asc(positions.client_id), asc(positions.is_sandbox))
}

/** An event market that ended. */
export interface MarketEnd {
  readonly venue: string
  readonly symbol: string
  readonly yes_value_1e9: bigint
}

export async function readResolutions({ db }: Sql): Promise<MarketEnd[]> {
  return db.select().from(resolutions).orderBy(asc(resolutions.venue), asc(resolutions.symbol))
}

/** Puts a market's end on record; a later word on it replaces the earlier. */
export async function writeResolution({ db }: Sql, resolution: MarketEnd): Promise<void> {
  const { yes_value_1e9 } = resolution
  await db
    .insert(resolutions)
    .values(resolution)
    .onConflictDoUpdate({
      target: [resolutions.venue, resolutions.symbol],
      set: { yes_value_1e9 },
    })
}

/** Accounts with orders that still work: their children go back to their edges after a start. */
export async function accountsWithOpenOrders({ db }: Sql): Promise<AccountName[]> {
  return db
    .selectDistinct({ client_id: orders.client_id, is_sandbox: orders.is_sandbox })
    .from(orders)
    .where(eq(orders.is_open, true))
    .orderBy(asc(orders.client_id), asc(orders.is_sandbox))
}

type AccountTable = {
  readonly client_id: typeof accounts.client_id
  readonly is_sandbox: typeof accounts.is_sandbox
}

function ofAccount(table: unknown, { client_id, is_sandbox }: AccountName) {
  const columns = table as AccountTable
  return and(eq(columns.client_id, client_id), eq(columns.is_sandbox, is_sandbox))
}

function plainOrder(row: typeof orders.$inferSelect) {
  return {
    node_order_id: row.node_order_id,
    nth: row.nth,
    graph_id: row.graph_id,
    node_id: row.node_id,
    symbol: row.symbol,
    instrument_type: row.instrument_type as InstrumentType,
    side: row.side as Side,
    order_type: row.order_type as 'market' | 'limit',
    tif: row.tif,
    venue: row.venue,
    qty_1e8: row.qty_1e8,
    filled_1e8: row.filled_qty_1e8,
    notional_1e17: row.notional_1e17,
    limit_price_1e9: row.limit_price_1e9,
    fees_usd_1e9: row.fees_usd_1e9,
    status: row.status as OrderStatus,
    failure_reason: row.failure_reason,
    failure_message: row.failure_message,
    routing: decodeRouting(row.routing),
    created_ns: row.created_at_ns,
    updated_ns: row.updated_at_ns,
  }
}

const storedOrder = (row: typeof orders.$inferSelect): StoredOrder => ({
  ...plainOrder(row),
  children: viewChildren(row.children),
})

/** As written by `stringifyJson`: the only numbers in it are whole amounts. */
function decodeExplanation(text: string): FillExplanation {
  const { rule, queue_ahead_1e8, ...bounds } = parseJson(text) as unknown as Record<
    keyof FillExplanation,
    unknown
  >
  const amount = (value: unknown) => bigintOf(value) ?? 0n
  return {
    rule: String(rule),
    qty_lower_1e8: amount(bounds.qty_lower_1e8),
    qty_upper_1e8: amount(bounds.qty_upper_1e8),
    price_lower_1e9: amount(bounds.price_lower_1e9),
    price_upper_1e9: amount(bounds.price_upper_1e9),
    queue_ahead_1e8: (queue_ahead_1e8 as unknown[]).map(amount),
  }
}

/** PostgreSQL knows no NUL; nothing stored has one. */
const clean = (text: string): string => text.replaceAll(String.fromCharCode(0), '\uFFFD')
