/**
 * Account: one client in one mode, as an aggregate with a version. Commands in, events out.
 *
 * Synchronous and without clock, chance or I/O: moments and prices arrive inside the commands. What a
 * command changed is collected in {@link Account.changes} until the commit queue takes it. Finished
 * orders leave memory with their changes, so the cost of an order does not grow with history.
 *
 * @module
 */

import type { EdgeEvent } from '../engine/order.js'
import { unreachable } from '../engine/unreachable.js'
import { Changes } from './changes.js'
import type { AccountCommand, AccountEvent } from './command.js'
import { adopt, configure, seed } from './configure.js'
import { endOpen, onEdge } from './fill-router.js'
import type { LedgerCause, LedgerEntry, LedgerSide } from './ledger.js'
import type { Child, Fill, Order } from './order.js'
import { place, refuse, resize, wait } from './place.js'
import { cashKey, type Row } from './row.js'
import { NO_SESSION } from './session.js'
import { redeem, resolve } from './settle.js'
import { cashKind } from './symbol.js'

/** What `apply` answers. */
export interface Applied {
  readonly events: readonly AccountEvent[]
  readonly ledger: readonly LedgerEntry[]
  readonly fills: readonly Fill[]
  /** Rows whose figures changed. */
  readonly rows: readonly Row[]
}

/** Numbers that survive a restart. */
export interface AccountCounters {
  row: number
  order: number
  fill: number
  ledger: number
  journal: number
}

export class Account {
  readonly client_id: string
  readonly is_sandbox: boolean
  readonly created_ns: bigint
  /** Of the database row this state was loaded from or last written to; 0: never written. */
  version = 0
  readonly counters: AccountCounters = { row: 0, order: 0, fill: 0, ledger: 0, journal: 0 }
  initial_balance_usd_1e9: bigint
  kill_switch = false
  session = NO_SESSION
  readonly #rows = new Map<string, Row>()
  /** Orders that may still change, by id. */
  readonly orders = new Map<string, Order>()
  /** Children that may still change, by id. */
  readonly children = new Map<string, Child>()
  /** Live children that ended lately, oldest first: a venue's events may come out of order. */
  readonly ended = new Map<string, Child>()
  changes = new Changes()
  /** Cash by venue and asset. */
  readonly #cash = new Map<string, Map<string, Row>>()

  constructor(options: {
    client_id: string
    is_sandbox: boolean
    created_ns: bigint
    initial_balance_usd_1e9: bigint
  }) {
    this.client_id = options.client_id
    this.is_sandbox = options.is_sandbox
    this.created_ns = options.created_ns
    this.initial_balance_usd_1e9 = options.initial_balance_usd_1e9
  }

  /**
   * Applies one command.
   *
   * @throws Error when an invariant would break; never for what a trader may do wrong.
   */
  apply(command: AccountCommand): Applied {
    const { changes } = this
    const [ledger, fills] = [changes.ledger.length, changes.fills.length]
    const touched = changes.beginTouch()
    const events = this.run(command)
    return {
      events,
      ledger: changes.ledger.slice(ledger),
      fills: changes.fills.slice(fills),
      rows: [...touched],
    }
  }

  /** As {@link apply} without gathering what changed, for the order path's inner loop. */
  run(command: AccountCommand): readonly AccountEvent[] {
    switch (command.type) {
      case 'seed':
        return seed(this, command)
      case 'configure':
        return configure(this, command)
      case 'adopt':
        return adopt(this, command)
      case 'settings':
        this.initial_balance_usd_1e9 = command.initial_balance_usd_1e9
        this.changes.settings = true
        return [{ type: 'settings', initial_balance_usd_1e9: command.initial_balance_usd_1e9 }]
      case 'kill-switch':
        this.kill_switch = command.enabled
        this.changes.account = true
        return [{ type: 'kill-switch', enabled: command.enabled }]
      case 'place':
        return place(this, command).events
      case 'refuse':
        return refuse(this, command).events
      case 'wait':
        return wait(this, command)
      case 'edge':
        return onEdge(this, command.event, command.quote_usd_1e9)
      case 'end':
        return endOpen(this, command)
      case 'resize':
        return resize(this, command)
      case 'resolve':
        return resolve(this, command)
      case 'redeem':
        return redeem(this, command)
      default:
        return unreachable(command)
    }
  }

  /** The edge's answer about one child; unknown children are ignored. */
  edge(event: EdgeEvent, quote_usd_1e9: bigint): readonly AccountEvent[] {
    return onEdge(this, event, quote_usd_1e9)
  }

  /** Holdings by key; {@link addRow} and {@link forget} are the only ways in and out. */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows
  }

  /** Hands over what changed since the last time. */
  takeChanges(): Changes {
    const { changes } = this
    this.changes = new Changes()
    return changes
  }

  /** Cash row of an asset at a venue, if there is one; where both kinds exist, the crypto row. */
  cash(venue: string, asset: string): Row | undefined {
    return this.#cash.get(venue)?.get(asset)
  }

  /** The same, made with nothing in it when absent. */
  cashMade(venue: string, asset: string): Row {
    const known = this.cash(venue, asset)
    if (known !== undefined) return known
    const kind = cashKind(asset)
    return this.row({ key: cashKey(venue, kind, asset), venue, kind, symbol: asset })
  }

  /** The row of a key, made empty and active when absent. */
  row(made: {
    key: string
    venue: string
    kind: Row['kind']
    symbol: string
    market_slug?: string
    outcome?: Row['outcome']
    token_id?: string | null
  }): Row {
    const known = this.rows.get(made.key)
    if (known !== undefined) return known
    const row: Row = {
      id: this.changes.revive(made.key) ?? ++this.counters.row,
      key: made.key,
      venue: made.venue,
      kind: made.kind,
      symbol: made.symbol,
      market_slug: made.market_slug ?? null,
      outcome: made.outcome ?? null,
      token_id: made.token_id ?? null,
      qty_1e8: 0n,
      held_1e8: 0n,
      entry_1e9: 0n,
      realized_1e9: 0n,
      fees_1e9: 0n,
      mark_1e9: null,
      margin_1e8: 0n,
      margin_asset: null,
      lifecycle: 'active',
      settled_mark_1e9: null,
      redeemed_1e8: 0n,
    }
    this.addRow(row)
    return row
  }

  /** Takes in a row as it is. */
  addRow(row: Row): void {
    this.#rows.set(row.key, row)
    if (row.kind !== 'fiat' && row.kind !== 'crypto') return
    let assets = this.#cash.get(row.venue)
    if (assets === undefined) {
      assets = new Map()
      this.#cash.set(row.venue, assets)
    }
    if (row.kind === 'crypto' || !assets.has(row.symbol)) assets.set(row.symbol, row)
  }

  /** Drops a row; its holding must have left through the ledger before. */
  forget(row: Row): void {
    this.#rows.delete(row.key)
    this.changes.forget(row)
    const assets = this.#cash.get(row.venue)
    if (assets?.get(row.symbol) !== row) return
    assets.delete(row.symbol)
    const other = this.rows.get(cashKey(row.venue, 'fiat', row.symbol))
    if (other !== undefined) assets.set(row.symbol, other)
  }

  /** Writes one movement. Nothing is written for nothing. */
  book(entry: {
    ts_ns: bigint
    row: Row
    from: LedgerSide
    to: LedgerSide
    amount_1e8: bigint
    cause: LedgerCause
    ref: string
  }): void {
    if (entry.amount_1e8 === 0n) return
    if (entry.amount_1e8 < 0n) {
      throw new Error(
        `${entry.cause} of ${entry.ref} moves ${entry.amount_1e8} of ${entry.row.key}; a movement is never negative.`,
      )
    }
    this.changes.ledger.push({
      seq: ++this.counters.ledger,
      ts_ns: entry.ts_ns,
      venue: entry.row.venue,
      holding: entry.row.key,
      from: entry.from,
      to: entry.to,
      amount_1e8: entry.amount_1e8,
      cause: entry.cause,
      ref: entry.ref,
    })
  }
}
