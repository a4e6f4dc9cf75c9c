/**
 * Migrations: generated from `schema.ts` by drizzle-kit and embedded, oldest first. Not edited by hand.
 *
 * @module
 */

export interface Migration {
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  {
    name: '0000_init',
    sql: `CREATE TABLE "accounts" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "version" bigint NOT NULL,
  "kill_switch" boolean NOT NULL,
  "created_at_ns" numeric(60,0) NOT NULL,
  "row_count" bigint NOT NULL,
  "order_count" bigint NOT NULL,
  "fill_count" bigint NOT NULL,
  "ledger_count" bigint NOT NULL,
  "journal_count" bigint NOT NULL,
  CONSTRAINT "accounts_client_id_is_sandbox_pk" PRIMARY KEY("client_id","is_sandbox")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
  "client_id" text NOT NULL,
  "key_id" text NOT NULL,
  "key_sha256" text NOT NULL,
  "label" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "prefix" text NOT NULL,
  "revoked" boolean NOT NULL,
  "created_at_ns" numeric(60,0) NOT NULL,
  CONSTRAINT "api_keys_client_id_key_id_pk" PRIMARY KEY("client_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "clients" (
  "client_id" text NOT NULL,
  "name" text NOT NULL,
  "rate_limit_qps" integer,
  "created_at_ns" numeric(60,0) NOT NULL,
  CONSTRAINT "clients_client_id_pk" PRIMARY KEY("client_id")
);
--> statement-breakpoint
CREATE TABLE "execution_graphs" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "graph_id" text NOT NULL,
  "fingerprint" text NOT NULL,
  "response" text NOT NULL,
  "created_at_ns" numeric(60,0) NOT NULL,
  CONSTRAINT "execution_graphs_client_id_is_sandbox_graph_id_pk" PRIMARY KEY("client_id","is_sandbox","graph_id")
);
--> statement-breakpoint
CREATE TABLE "fills" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "fill_id" text NOT NULL,
  "nth" bigint NOT NULL,
  "node_order_id" text NOT NULL,
  "graph_id" text NOT NULL,
  "child_id" text NOT NULL,
  "venue" text NOT NULL,
  "venue_fill_id" text NOT NULL,
  "symbol" text NOT NULL,
  "side" text NOT NULL,
  "px_1e9" numeric(60,0) NOT NULL,
  "qty_1e8" numeric(60,0) NOT NULL,
  "fee_1e8" numeric(60,0) NOT NULL,
  "fee_usd_1e9" numeric(60,0) NOT NULL,
  "liquidity" text NOT NULL,
  "queue_ahead_1e8" numeric(60,0),
  "explanation" text,
  "ts_ns" numeric(60,0) NOT NULL,
  CONSTRAINT "fills_client_id_is_sandbox_fill_id_pk" PRIMARY KEY("client_id","is_sandbox","fill_id")
);
--> statement-breakpoint
CREATE TABLE "journal" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "seq" bigint NOT NULL,
  "line" text NOT NULL,
  CONSTRAINT "journal_client_id_is_sandbox_seq_pk" PRIMARY KEY("client_id","is_sandbox","seq")
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "seq" bigint NOT NULL,
  "ts_ns" numeric(60,0) NOT NULL,
  "venue" text NOT NULL,
  "holding" text NOT NULL,
  "from_side" text NOT NULL,
  "to_side" text NOT NULL,
  "amount_1e8" numeric(60,0) NOT NULL,
  "cause" text NOT NULL,
  "ref" text NOT NULL,
  CONSTRAINT "ledger_entries_client_id_is_sandbox_seq_pk" PRIMARY KEY("client_id","is_sandbox","seq")
);
--> statement-breakpoint
CREATE TABLE "orders" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "node_order_id" text NOT NULL,
  "nth" bigint NOT NULL,
  "graph_id" text NOT NULL,
  "node_id" text NOT NULL,
  "symbol" text NOT NULL,
  "instrument_type" text NOT NULL,
  "side" text NOT NULL,
  "order_type" text NOT NULL,
  "tif" text NOT NULL,
  "venue" text,
  "qty_1e8" numeric(60,0) NOT NULL,
  "filled_qty_1e8" numeric(60,0) NOT NULL,
  "notional_1e17" numeric(60,0) NOT NULL,
  "limit_price_1e9" numeric(60,0),
  "fees_usd_1e9" numeric(60,0) NOT NULL,
  "status" text NOT NULL,
  "is_open" boolean NOT NULL,
  "failure_reason" text,
  "failure_message" text,
  "routing" text NOT NULL,
  "children" text NOT NULL,
  "fill_count" integer NOT NULL,
  "created_at_ns" numeric(60,0) NOT NULL,
  "updated_at_ns" numeric(60,0) NOT NULL,
  CONSTRAINT "orders_client_id_is_sandbox_node_order_id_pk" PRIMARY KEY("client_id","is_sandbox","node_order_id")
);
--> statement-breakpoint
CREATE TABLE "positions_v2" (
  "client_id" text NOT NULL,
  "is_sandbox" boolean NOT NULL,
  "id" bigint NOT NULL,
  "key" text NOT NULL,
  "venue" text NOT NULL,
  "kind" text NOT NULL,
  "symbol" text NOT NULL,
  "market_slug" text,
  "outcome" text,
  "token_id" text,
  "qty_1e8" numeric(60,0) NOT NULL,
  "locked_qty_1e8" numeric(60,0) NOT NULL,
  "entry_price_usd_1e9" numeric(60,0) NOT NULL,
  "realized_pnl_usd_1e9" numeric(60,0) NOT NULL,
  "fees_usd_1e9" numeric(60,0) NOT NULL,
  "mark_usd_1e9" numeric(60,0),
  "margin_1e8" numeric(60,0) NOT NULL,
  "margin_asset" text,
  "lifecycle" text NOT NULL,
  "settled_mark_usd_1e9" numeric(60,0),
  "redeemed_qty_1e8" numeric(60,0) NOT NULL,
  CONSTRAINT "positions_v2_client_id_is_sandbox_id_pk" PRIMARY KEY("client_id","is_sandbox","id")
);
--> statement-breakpoint
CREATE TABLE "sandbox_settings" (
  "client_id" text NOT NULL,
  "initial_balance_usd_1e9" numeric(60,0) NOT NULL,
  CONSTRAINT "sandbox_settings_client_id_pk" PRIMARY KEY("client_id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_key_sha256" ON "api_keys" USING btree ("key_sha256");--> statement-breakpoint
CREATE INDEX "fills_newest" ON "fills" USING btree ("client_id","is_sandbox","nth");--> statement-breakpoint
CREATE INDEX "orders_newest" ON "orders" USING btree ("client_id","is_sandbox","nth");--> statement-breakpoint
CREATE INDEX "orders_graph" ON "orders" USING btree ("client_id","is_sandbox","graph_id");--> statement-breakpoint
CREATE INDEX "orders_open" ON "orders" USING btree ("client_id","is_sandbox") WHERE is_open;--> statement-breakpoint
CREATE UNIQUE INDEX "positions_v2_key" ON "positions_v2" USING btree ("client_id","is_sandbox","key");--> statement-breakpoint
CREATE INDEX "positions_v2_holders" ON "positions_v2" USING btree ("key");`,
  },
  {
    name: '0001_resolutions',
    sql: `CREATE TABLE "resolutions" (
  "venue" text NOT NULL,
  "symbol" text NOT NULL,
  "yes_value_1e9" numeric(60,0) NOT NULL,
  CONSTRAINT "resolutions_venue_symbol_pk" PRIMARY KEY("venue","symbol")
);`,
  },
  {
    name: '0002_sessions',
    sql: `ALTER TABLE "accounts" ADD COLUMN "session_until_ns" numeric(60,0) DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "session_base_usd_1e9" numeric(60,0) DEFAULT 0 NOT NULL;`,
  },
]
