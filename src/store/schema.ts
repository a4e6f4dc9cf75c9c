/**
 * Schema: the tables, as Drizzle declares them. `client_id` comes first in every primary key of a client's
 * rows, so that the schema shards by client.
 *
 * Amounts are `numeric`: totals pass 64 bits. After a change here run `npx drizzle-kit generate` and
 * `npx tsx test/support/embed-migrations.ts`; a test holds the embedded migrations to this file.
 *
 * @module
 */

import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/** Whole amounts of any size; read and written as `bigint`. */
const amount = customType<{ data: bigint; driverData: string }>({
  dataType: () => 'numeric(60,0)',
  fromDriver: (text) => BigInt(text),
  toDriver: (value) => value.toString(),
})

const clientId = () => text('client_id').notNull()
const isSandbox = () => boolean('is_sandbox').notNull()
const id = (name: string) => bigint(name, { mode: 'number' }).notNull()

export const clients = pgTable(
  'clients',
  {
    client_id: clientId(),
    name: text('name').notNull(),
    rate_limit_qps: integer('rate_limit_qps'),
    created_at_ns: amount('created_at_ns').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client_id] })],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    client_id: clientId(),
    key_id: text('key_id').notNull(),
    /** SHA-256 of the key, hexadecimal. The key itself is never stored. */
    key_sha256: text('key_sha256').notNull(),
    label: text('label').notNull(),
    is_sandbox: isSandbox(),
    /** First characters, for people to tell keys apart. */
    prefix: text('prefix').notNull(),
    revoked: boolean('revoked').notNull(),
    created_at_ns: amount('created_at_ns').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.client_id, table.key_id] }),
    uniqueIndex('api_keys_key_sha256').on(table.key_sha256),
  ],
)

/** One row per client and mode: the version every commit checks, and what must survive a restart. */
export const accounts = pgTable(
  'accounts',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    version: id('version'),
    kill_switch: boolean('kill_switch').notNull(),
    created_at_ns: amount('created_at_ns').notNull(),
    row_count: id('row_count'),
    order_count: id('order_count'),
    fill_count: id('fill_count'),
    ledger_count: id('ledger_count'),
    journal_count: id('journal_count'),
    session_until_ns: amount('session_until_ns').notNull().default(sql`0`),
    session_base_usd_1e9: amount('session_base_usd_1e9').notNull().default(sql`0`),
  },
  (table) => [primaryKey({ columns: [table.client_id, table.is_sandbox] })],
)

export const sandboxSettings = pgTable(
  'sandbox_settings',
  {
    client_id: clientId(),
    initial_balance_usd_1e9: amount('initial_balance_usd_1e9').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client_id] })],
)

export const positions = pgTable(
  'positions_v2',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    id: id('id'),
    key: text('key').notNull(),
    venue: text('venue').notNull(),
    kind: text('kind').notNull(),
    symbol: text('symbol').notNull(),
    market_slug: text('market_slug'),
    outcome: text('outcome'),
    token_id: text('token_id'),
    qty_1e8: amount('qty_1e8').notNull(),
    locked_qty_1e8: amount('locked_qty_1e8').notNull(),
    entry_price_usd_1e9: amount('entry_price_usd_1e9').notNull(),
    realized_pnl_usd_1e9: amount('realized_pnl_usd_1e9').notNull(),
    fees_usd_1e9: amount('fees_usd_1e9').notNull(),
    mark_usd_1e9: amount('mark_usd_1e9'),
    margin_1e8: amount('margin_1e8').notNull(),
    margin_asset: text('margin_asset'),
    lifecycle: text('lifecycle').notNull(),
    settled_mark_usd_1e9: amount('settled_mark_usd_1e9'),
    redeemed_qty_1e8: amount('redeemed_qty_1e8').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.client_id, table.is_sandbox, table.id] }),
    uniqueIndex('positions_v2_key').on(table.client_id, table.is_sandbox, table.key),
    index('positions_v2_holders').on(table.key),
  ],
)

export const orders = pgTable(
  'orders',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    node_order_id: text('node_order_id').notNull(),
    nth: id('nth'),
    graph_id: text('graph_id').notNull(),
    node_id: text('node_id').notNull(),
    symbol: text('symbol').notNull(),
    instrument_type: text('instrument_type').notNull(),
    side: text('side').notNull(),
    order_type: text('order_type').notNull(),
    tif: text('tif').notNull(),
    venue: text('venue'),
    qty_1e8: amount('qty_1e8').notNull(),
    filled_qty_1e8: amount('filled_qty_1e8').notNull(),
    notional_1e17: amount('notional_1e17').notNull(),
    limit_price_1e9: amount('limit_price_1e9'),
    fees_usd_1e9: amount('fees_usd_1e9').notNull(),
    status: text('status').notNull(),
    /** Whether it may still change: such orders are loaded with their account. */
    is_open: boolean('is_open').notNull(),
    failure_reason: text('failure_reason'),
    failure_message: text('failure_message'),
    /** JSON: the router's legs. */
    routing: text('routing').notNull(),
    /** JSON: children with what they hold. */
    children: text('children').notNull(),
    fill_count: integer('fill_count').notNull(),
    created_at_ns: amount('created_at_ns').notNull(),
    updated_at_ns: amount('updated_at_ns').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.client_id, table.is_sandbox, table.node_order_id] }),
    index('orders_newest').on(table.client_id, table.is_sandbox, table.nth),
    index('orders_graph').on(table.client_id, table.is_sandbox, table.graph_id),
    // Few orders are open at a time: the others cost this index nothing.
    index('orders_open').on(table.client_id, table.is_sandbox).where(sql`is_open`),
  ],
)

export const fills = pgTable(
  'fills',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    fill_id: text('fill_id').notNull(),
    nth: id('nth'),
    node_order_id: text('node_order_id').notNull(),
    graph_id: text('graph_id').notNull(),
    child_id: text('child_id').notNull(),
    venue: text('venue').notNull(),
    venue_fill_id: text('venue_fill_id').notNull(),
    symbol: text('symbol').notNull(),
    side: text('side').notNull(),
    px_1e9: amount('px_1e9').notNull(),
    qty_1e8: amount('qty_1e8').notNull(),
    fee_1e8: amount('fee_1e8').notNull(),
    fee_usd_1e9: amount('fee_usd_1e9').notNull(),
    liquidity: text('liquidity').notNull(),
    queue_ahead_1e8: amount('queue_ahead_1e8'),
    /** JSON: why a simulated fill came out as it did. */
    explanation: text('explanation'),
    ts_ns: amount('ts_ns').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.client_id, table.is_sandbox, table.fill_id] }),
    index('fills_newest').on(table.client_id, table.is_sandbox, table.nth),
  ],
)

/** Every submission by its id, with the answer it got: a repeat gets the same. */
export const executionGraphs = pgTable(
  'execution_graphs',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    graph_id: text('graph_id').notNull(),
    fingerprint: text('fingerprint').notNull(),
    /** JSON: the response. */
    response: text('response').notNull(),
    created_at_ns: amount('created_at_ns').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client_id, table.is_sandbox, table.graph_id] })],
)

/** Double entry: every row names the side an amount leaves and the side it reaches. */
export const ledgerEntries = pgTable(
  'ledger_entries',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    seq: id('seq'),
    ts_ns: amount('ts_ns').notNull(),
    venue: text('venue').notNull(),
    holding: text('holding').notNull(),
    from_side: text('from_side').notNull(),
    to_side: text('to_side').notNull(),
    amount_1e8: amount('amount_1e8').notNull(),
    cause: text('cause').notNull(),
    ref: text('ref').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client_id, table.is_sandbox, table.seq] })],
)

/** Append-only: what each account was told and what came of it, as canonical JSON. */
export const journal = pgTable(
  'journal',
  {
    client_id: clientId(),
    is_sandbox: isSandbox(),
    seq: id('seq'),
    line: text('line').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client_id, table.is_sandbox, table.seq] })],
)

/** Event markets that ended: nobody's rows, and few. */
export const resolutions = pgTable(
  'resolutions',
  {
    venue: text('venue').notNull(),
    symbol: text('symbol').notNull(),
    yes_value_1e9: amount('yes_value_1e9').notNull(),
  },
  (table) => [primaryKey({ columns: [table.venue, table.symbol] })],
)

/** Every table, by its name in SQL. */
export const tables = {
  clients,
  api_keys: apiKeys,
  accounts,
  sandbox_settings: sandboxSettings,
  positions_v2: positions,
  orders,
  fills,
  execution_graphs: executionGraphs,
  ledger_entries: ledgerEntries,
  journal,
  resolutions,
} as const
