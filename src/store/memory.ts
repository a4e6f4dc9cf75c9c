/**
 * Memory: a store without a database, for tests and stories that end with their process.
 *
 * The same face and the same semantics as the database: what a commit took is a copy, versions decide
 * who wins, a dump is untouched by later changes. It opens in no time and shares nothing, so every
 * test may have its own.
 *
 * @module
 */

import { Account } from '../account/account.js'
import type { Changes, GraphRecord } from '../account/changes.js'
import { reckonHolds } from '../account/holds.js'
import type { LedgerEntry } from '../account/ledger.js'
import { type Fill, isTerminal, type Order } from '../account/order.js'
import type { Row } from '../account/row.js'
import { NO_SESSION } from '../account/session.js'
import { canonicalJson } from '../wire/json.js'
import type { Clock } from '../world/world.js'
import { Batch } from './commit.js'
import { decodeChildren, encodeChildren, viewChildren } from './encode.js'
import { memoryKeys } from './memory-keys.js'
import type { AccountName, MarketEnd, OrderFilter, StoredOrder } from './read.js'
import type { Store } from './store.js'

/** One order as committed: what is shown, and what a reload needs. */
interface KeptOrder {
  readonly shown: StoredOrder
  readonly children: string
  readonly fills: number
  readonly is_open: boolean
}

/** One account as committed. Its values are never changed, only replaced. */
interface Kept {
  readonly name: AccountName
  version: number
  created_ns: bigint
  kill_switch: boolean
  counters: Account['counters']
  session: Account['session']
  rows: Map<number, Row>
  orders: Map<string, KeptOrder>
  fills: Fill[]
  graphs: Map<string, GraphRecord>
  ledger: LedgerEntry[]
  journal: string[]
}

/** One account's changes, copied when it handed them over. */
interface Handed {
  readonly name: AccountName
  readonly before: number
  readonly write: (kept: Kept) => void
  readonly settings: bigint | null
  readonly created_ns: bigint
}

interface Dumped {
  readonly accounts: readonly (readonly [string, Kept])[]
  readonly settings: readonly (readonly [string, bigint])[]
  readonly resolutions: readonly (readonly [string, MarketEnd])[]
}

class MemoryBatch extends Batch {
  readonly handed: Handed[] = []

  override add(account: Account, changes: Changes): void {
    const { client_id, is_sandbox, created_ns } = account
    const before = account.version
    account.version += 1
    this.handed.push({
      name: { client_id, is_sandbox },
      before,
      created_ns,
      settings: changes.settings ? account.initial_balance_usd_1e9 : null,
      write: writer(account, changes),
    })
  }

  override get empty(): boolean {
    return this.handed.length === 0
  }
}

/** Copies what changed now; the answer writes it later. */
function writer(account: Account, changes: Changes): (kept: Kept) => void {
  const { version, kill_switch, session } = account
  const counters = { ...account.counters }
  const deleted = [...changes.deleted.values()]
  const rows = [...changes.rows].map((row) => ({ ...row }))
  const orders = [...changes.orders].map(keptOrder)
  const lines = changes.journal.map(({ seq, ts_ns, command, events }) =>
    canonicalJson({ seq, ts_ns, command, events }),
  )
  const { fills, graphs, ledger } = changes
  return (kept) => {
    Object.assign(kept, { version, kill_switch, session, counters })
    for (const id of deleted) kept.rows.delete(id)
    for (const row of rows) kept.rows.set(row.id, row)
    for (const order of orders) kept.orders.set(order.shown.node_order_id, order)
    kept.fills.push(...fills)
    for (const graph of graphs) kept.graphs.set(graph.graph_id, graph)
    kept.ledger.push(...ledger)
    kept.journal.push(...lines)
  }
}

function keptOrder(order: Order): KeptOrder {
  const { children: _children, open: _open, fills, chasing: _chasing, ...facts } = order
  const children = encodeChildren(order)
  return {
    shown: { ...facts, children: viewChildren(children) },
    children,
    fills,
    is_open: !isTerminal(order),
  }
}

/**
 * An empty store in memory.
 *
 * @param options.clock - Stamps new keys.
 *
 * @example
 * const desk = await createDesk({ store: memoryStore({ clock }), ...rest })
 */
export function memoryStore(options: { readonly clock: Clock }): Store {
  let accounts = new Map<string, Kept>()
  let settings = new Map<string, bigint>()
  let resolutions = new Map<string, MarketEnd>()
  const kept = (name: AccountName): Kept | undefined => accounts.get(nameOf(name))

  function write({ name, before, created_ns, settings: balance, write: apply }: Handed): boolean {
    const known = kept(name)
    if ((known?.version ?? 0) !== before) return false
    const account = known ?? emptyAccount(name, created_ns)
    accounts.set(nameOf(name), account)
    apply(account)
    if (balance !== null) settings.set(name.client_id, balance)
    return true
  }

  return {
    keys: memoryKeys(options.clock),
    shared: false,
    batch: () => new MemoryBatch(),
    commit: async (batch) => {
      if (!(batch instanceof MemoryBatch)) {
        throw new TypeError('the batch was made by another store; use the one batch() answers.')
      }
      return batch.handed.filter(write).map(({ name }) => name)
    },
    account: async ({ client_id, is_sandbox, initial_balance_usd_1e9, instrumentOf }) => {
      const known = kept({ client_id, is_sandbox })
      if (known === undefined) return undefined
      const account = new Account({
        client_id,
        is_sandbox,
        created_ns: known.created_ns,
        initial_balance_usd_1e9: settings.get(client_id) ?? initial_balance_usd_1e9,
      })
      account.version = known.version
      account.kill_switch = known.kill_switch
      account.session = known.session
      Object.assign(account.counters, known.counters)
      for (const row of [...known.rows.values()].sort((a, b) => a.id - b.id)) {
        account.addRow({ ...row, held_1e8: 0n })
      }
      const open = [...known.orders.values()].filter(({ is_open }) => is_open)
      for (const { shown, children, fills } of open.sort((a, b) => a.shown.nth - b.shown.nth)) {
        const order: Order = { ...shown, children: [], open: 0, fills, chasing: false }
        account.orders.set(order.node_order_id, order)
        for (const child of decodeChildren(children, order, instrumentOf)) {
          account.children.set(child.child_id, child)
        }
      }
      reckonHolds(account)
      account.takeChanges()
      return account
    },
    version: async (name) => kept(name)?.version ?? 0,
    orders: async (name, filter) =>
      newest(
        [...(kept(name)?.orders.values() ?? [])]
          .map(({ shown }) => shown)
          .filter((order) => fits(order, filter)),
        filter.limit,
      ),
    order: async (name, id) => kept(name)?.orders.get(id)?.shown,
    graph: async (name, id) => kept(name)?.graphs.get(id),
    fills: async (name, { symbol, limit }) =>
      newest(
        (kept(name)?.fills ?? []).filter((fill) => symbol === undefined || fill.symbol === symbol),
        limit,
      ),
    journal: async (name) => [...(kept(name)?.journal ?? [])],
    ledger: async (name) => [...(kept(name)?.ledger ?? [])],
    holders: async (keys) =>
      [...accounts.values()]
        .filter(({ rows }) => [...rows.values()].some(({ key }) => keys.includes(key)))
        .map(({ name }) => name)
        .sort(byName),
    accountsWithOpenOrders: async () =>
      [...accounts.values()]
        .filter(({ orders }) => [...orders.values()].some(({ is_open }) => is_open))
        .map(({ name }) => name)
        .sort(byName),
    resolutions: async () => [...resolutions.values()],
    resolve: async (resolution) => {
      resolutions.set(`${resolution.venue}|${resolution.symbol}`, resolution)
    },
    dump: async (): Promise<Dumped> => ({
      accounts: [...accounts].map(([key, account]) => [key, copyOf(account)] as const),
      settings: [...settings],
      resolutions: [...resolutions],
    }),
    restore: async (dumped) => {
      if (!isDump(dumped)) {
        throw new TypeError('the value to restore is no dump; pass what dump() answered.')
      }
      accounts = new Map(dumped.accounts.map(([key, account]) => [key, copyOf(account)]))
      settings = new Map(dumped.settings)
      resolutions = new Map(dumped.resolutions)
    },
    healthy: async () => true,
    close: async () => undefined,
  }
}

const emptyAccount = (name: AccountName, created_ns: bigint): Kept => ({
  name,
  version: 0,
  created_ns,
  kill_switch: false,
  counters: { row: 0, order: 0, fill: 0, ledger: 0, journal: 0 },
  session: NO_SESSION,
  rows: new Map(),
  orders: new Map(),
  fills: [],
  graphs: new Map(),
  ledger: [],
  journal: [],
})

/** Values are never changed in place, so copying the collections is enough. */
const copyOf = (account: Kept): Kept => ({
  ...account,
  rows: new Map(account.rows),
  orders: new Map(account.orders),
  fills: [...account.fills],
  graphs: new Map(account.graphs),
  ledger: [...account.ledger],
  journal: [...account.journal],
})

const isDump = (value: unknown): value is Dumped =>
  typeof value === 'object' &&
  value !== null &&
  Array.isArray((value as Partial<Dumped>).accounts) &&
  Array.isArray((value as Partial<Dumped>).settings) &&
  Array.isArray((value as Partial<Dumped>).resolutions)

function fits(order: StoredOrder, { symbol, status, graph_id, venue }: OrderFilter): boolean {
  return (
    (symbol === undefined || order.symbol === symbol) &&
    (status === undefined || order.status === status) &&
    (graph_id === undefined || order.graph_id === graph_id) &&
    // Of any child: an order split over venues belongs to each of them.
    (venue === undefined ||
      order.venue === venue ||
      order.children.some((child) => child.venue === venue))
  )
}

const newest = <T extends { readonly nth: number }>(found: readonly T[], limit: number): T[] =>
  [...found].sort((a, b) => b.nth - a.nth).slice(0, limit)

const nameOf = ({ client_id, is_sandbox }: AccountName): string => `${is_sandbox} ${client_id}`

const byName = (a: AccountName, b: AccountName): number =>
  a.client_id === b.client_id
    ? Number(a.is_sandbox) - Number(b.is_sandbox)
    : a.client_id < b.client_id
      ? -1
      : 1
