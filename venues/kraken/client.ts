/**
 * Client: the live adapter for Kraken. Signs, submits, cancels, amends, follows own executions.
 *
 * Orders go by REST, executions come by WebSocket. An order is known by the client id made from its
 * child id, so the truth can be asked for whatever got lost. A fill is told once, by its trade id.
 *
 * Kraken has no worst price for market orders: one with a protection price goes as an immediate-or-cancel
 * limit there. Nor has it a budget for one that names a size (`viqc` buys by amount, of whatever size): a
 * limit at budget by size would cut off the dear levels of a sweep whose cheap ones pay for them, so the
 * budget is left to the account, which Kraken checks at entry.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { formatDecimal, parseDecimal } from '../../src/engine/decimal.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import type { ClientOptions, FeedSink, Recorded, VenueClient } from '../../src/venue/contract.js'
import { type Json, parseJson } from '../../src/wire/json.js'
import { KrakenFeed } from './client-feed.js'
import { KrakenRefusal, KrakenRest } from './client-rest.js'
import { isParams, numberOf, type Params } from './commands.js'
import { assetOfId, pairOf } from './instruments.js'
import { codeOfReason, codeOfText, texts } from './rejects.js'
import { isClientId, parseRfc3339 } from './request.js'
import { Stream } from './stream.js'

/** Ended orders kept, so that a late row still finds its order. */
const ENDED_KEPT = 10_000

/** The near end of one Kraken account's wire. */
export const krakenClient = (options: ClientOptions): VenueClient => new Client(options)

interface Known {
  readonly child: ChildOrder
  readonly cl_ord_id: string
  txid: string | null
  acked: boolean
  ended: boolean
  /** Size and price as told last; null: a market order. */
  qty_1e8: bigint
  limit_1e9: bigint | null
  /** Amendments answered so far. */
  amends: number
  /** Sum of the fills told so far. */
  filled_1e8: bigint
  readonly fills: Set<string>
}

class Client implements VenueClient {
  readonly #options: ClientOptions
  readonly #rest: KrakenRest
  readonly #children = new Map<string, Known>()
  readonly #byClientId = new Map<string, Known>()
  readonly #byTxid = new Map<string, Known>()
  readonly #ended: Known[] = []
  readonly #feeds = new Set<KrakenFeed>()
  #sink: ((event: EdgeEvent) => void) | null = null
  #stream: Stream | null = null

  constructor(options: ClientOptions) {
    this.#options = options
    this.#rest = new KrakenRest(options)
  }

  async subscribe(instruments: readonly Instrument[], sink: FeedSink): Promise<() => void> {
    const feed = new KrakenFeed(this.#options, instruments, sink)
    this.#feeds.add(feed)
    await feed.open()
    return () => {
      feed.close()
      this.#feeds.delete(feed)
    }
  }

  async open(sink: (event: EdgeEvent) => void): Promise<void> {
    this.#sink = sink
    let first = true
    const subscribed: { resolve: () => void; reject: (error: Error) => void }[] = []
    this.#stream = new Stream({
      client: this.#options,
      path: '/v2',
      opened: async (stream) => {
        const { token } = await this.#rest.call('GetWebSocketsToken', {})
        const done = new Promise<void>((resolve, reject) => subscribed.push({ resolve, reject }))
        const params = { channel: 'executions', token, snap_trades: false }
        stream.send(JSON.stringify({ method: 'subscribe', params, req_id: 1 }))
        await done
        // What happened while the stream was down is asked for.
        if (!first) await this.reconcile()
        first = false
      },
      message: (text) => {
        const json = parseJson(text)
        if (!isParams(json)) return
        if (json.method === 'subscribe') {
          const waiting = subscribed.shift()
          if (json.success === true) waiting?.resolve()
          else waiting?.reject(new KrakenRefusal(String(json.error)))
        }
        if (json.channel === 'executions' && json.type === 'update') this.#rows(json.data)
      },
      lost: (reason) => {
        for (const waiting of subscribed.splice(0)) waiting.reject(new Error(reason))
      },
    })
    await this.#stream.open()
  }

  async submit(order: ChildOrder): Promise<void> {
    const known = this.#remember(order)
    const fields = orderFields(order, known.cl_ord_id)
    if ('code' in fields) {
      this.#reject(known, fields.code, fields.message, null)
      return
    }
    try {
      const { txid } = await this.#rest.call('AddOrder', fields.fields)
      this.#ack(known, Array.isArray(txid) && typeof txid[0] === 'string' ? txid[0] : null)
    } catch (error) {
      if (!(error instanceof KrakenRefusal)) throw error
      this.#reject(known, codeOfText(error.text), error.text, error.text)
    }
  }

  adopt(order: ChildOrder, filled_1e8: bigint, { fill_ids }: Recorded): void {
    const before = this.#children.get(order.child_id)
    // Known already: what was told since the records were written is told again.
    if (before !== undefined) {
      this.#drop(before)
      before.ended = true
    }
    this.#remember(order, filled_1e8, fill_ids)
  }

  async cancel(child_id: string): Promise<void> {
    const known = this.#children.get(child_id)
    if (known === undefined) return
    try {
      await this.#rest.call('CancelOrder', { cl_ord_id: known.cl_ord_id })
    } catch (error) {
      if (!(error instanceof KrakenRefusal) || error.text !== texts['KR-19']) throw error
      // Nothing open of that name: it ended, and the row that says so may have been lost.
      if (!known.ended) await this.#truth(known)
    }
  }

  async amend(
    child_id: string,
    change: { qty_1e8: bigint; limit_price_1e9: bigint },
  ): Promise<void> {
    const known = this.#children.get(child_id)
    if (known === undefined) return
    const { qty_1e8, limit_price_1e9 } = change
    try {
      await this.#rest.call('AmendOrder', {
        cl_ord_id: known.cl_ord_id,
        order_qty: formatDecimal(qty_1e8, 8),
        limit_price: formatDecimal(limit_price_1e9, 9),
      })
      this.#amended(known, qty_1e8, limit_price_1e9)
    } catch (error) {
      if (!(error instanceof KrakenRefusal)) throw error
      const code = codeOfText(error.text)
      const { text: message } = error
      this.#emit({ type: 'amend-rejected', child_id, ts_ns: this.#now(), code, message })
    }
  }

  async reconcile(): Promise<void> {
    for (const known of [...this.#children.values()]) {
      if (!known.ended) await this.#truth(known)
    }
  }

  async pull(): ReturnType<VenueClient['pull']> {
    const held = await this.#rest.call('BalanceEx', {})
    const balances = Object.entries(held).flatMap(([id, value]) => {
      if (!isParams(value)) return []
      const total_1e8 = amount(value.balance) ?? 0n
      const reserved_1e8 = amount(value.hold_trade) ?? 0n
      return [{ asset: assetOfId(id), total_1e8, reserved_1e8 }]
    })
    return { balances, positions: [] }
  }

  async close(): Promise<void> {
    this.#stream?.close()
    for (const feed of this.#feeds) feed.close()
    this.#feeds.clear()
  }

  #remember(child: ChildOrder, filled_1e8 = 0n, fill_ids: ReadonlySet<string> = new Set()): Known {
    const cl_ord_id = clientIdOf(child.child_id)
    const known: Known = {
      child,
      cl_ord_id,
      txid: null,
      acked: false,
      ended: false,
      qty_1e8: child.qty_1e8,
      limit_1e9: child.limit_price_1e9,
      amends: 0,
      filled_1e8,
      fills: new Set(fill_ids),
    }
    this.#children.set(child.child_id, known)
    this.#byClientId.set(cl_ord_id, known)
    return known
  }

  /** Asks what became of one order and tells what was missed. */
  async #truth(known: Known): Promise<void> {
    const { cl_ord_id, amends } = known
    const open = await this.#rest.call('OpenOrders', { cl_ord_id, trades: 'true' })
    let found = ordersOf(open.open)
    if (found.length === 0) {
      const closed = await this.#rest.call('ClosedOrders', { cl_ord_id, trades: 'true' })
      found = ordersOf(closed.closed)
    }
    const [newest] = found
    if (newest === undefined) return
    const [txid, order] = newest
    this.#ack(known, txid)
    // What was read before an amendment was answered is older than the answer.
    if (known.amends === amends) this.#amendedMeanwhile(known, order)
    const trades = Array.isArray(order.trades) ? order.trades.map(String) : []
    const missed = trades.filter((id) => !known.fills.has(id))
    if (missed.length > 0) {
      const told = await this.#rest.call('QueryTrades', { txid: missed.join(',') })
      for (const id of missed) this.#missedFill(known, id, told[id])
    }
    if (order.status === 'closed' || order.status === 'canceled' || order.status === 'expired') {
      this.#end(known, order.status, String(order.reason ?? ''), this.#now())
    }
  }

  /** An amendment whose answer was lost shows in the order itself. */
  #amendedMeanwhile(known: Known, order: Params): void {
    if (known.limit_1e9 === null || known.ended) return
    const qty_1e8 = amount(order.vol) ?? known.qty_1e8
    const shown = isParams(order.descr) ? parseDecimal(digits(order.descr.price), 9) : undefined
    const limit_1e9 = shown ?? known.limit_1e9
    if (qty_1e8 === known.qty_1e8 && limit_1e9 === known.limit_1e9) return
    this.#amended(known, qty_1e8, limit_1e9)
  }

  #amended(known: Known, qty_1e8: bigint, limit_price_1e9: bigint): void {
    known.amends += 1
    known.qty_1e8 = qty_1e8
    known.limit_1e9 = limit_price_1e9
    const { child_id } = known.child
    const mode = 'native_atomic' as const
    this.#emit({ type: 'amended', child_id, ts_ns: this.#now(), qty_1e8, limit_price_1e9, mode })
  }

  #missedFill(known: Known, id: string, trade: Json | undefined): void {
    if (!isParams(trade)) return
    this.#fill(known, {
      id,
      price: trade.price,
      qty: trade.vol,
      fee: trade.fee,
      maker: trade.maker === true,
      ts_ns: this.#now(),
    })
  }

  #rows(data: Json | undefined): void {
    if (!Array.isArray(data)) return
    for (const row of data) if (isParams(row)) this.#row(row)
  }

  #row(row: Params): void {
    const txid = String(row.order_id)
    const known = this.#byTxid.get(txid) ?? this.#byClientId.get(String(row.cl_ord_id))
    if (known === undefined) return
    const ts_us = typeof row.timestamp === 'string' ? parseRfc3339(row.timestamp) : undefined
    const ts_ns = ts_us === undefined ? this.#now() : BigInt(ts_us) * 1_000n
    switch (row.exec_type) {
      case 'trade': {
        this.#ack(known, txid)
        const [fee] = Array.isArray(row.fees) ? row.fees : []
        this.#fill(known, {
          id: String(row.exec_id),
          price: row.last_price,
          qty: row.last_qty,
          fee: isParams(fee) ? fee.qty : undefined,
          maker: row.liquidity_ind === 'm',
          ts_ns,
        })
        return
      }
      case 'canceled':
      case 'expired':
      case 'filled':
        this.#ack(known, txid)
        // A trade row was lost on the way: the order stays open here until reconcile has fetched it.
        if ((amount(row.cum_qty) ?? 0n) > known.filled_1e8) return
        this.#end(known, row.exec_type, String(row.reason ?? row.cancel_reason ?? ''), ts_ns)
        return
      default:
        this.#ack(known, txid)
    }
  }

  #ack(known: Known, txid: string | null): void {
    if (txid !== null && known.txid === null) {
      known.txid = txid
      this.#byTxid.set(txid, known)
    }
    if (known.acked || known.ended) return
    known.acked = true
    const { child_id } = known.child
    this.#emit({ type: 'acked', child_id, ts_ns: this.#now(), venue_order_id: txid })
  }

  #fill(
    known: Known,
    fill: {
      readonly id: string
      readonly price: Json | undefined
      readonly qty: Json | undefined
      readonly fee: Json | undefined
      readonly maker: boolean
      readonly ts_ns: bigint
    },
  ): void {
    if (known.fills.has(fill.id)) return
    const price_1e9 = parseDecimal(digits(fill.price), 9)
    const qty_1e8 = amount(fill.qty)
    if (price_1e9 === undefined || qty_1e8 === undefined) return
    known.fills.add(fill.id)
    known.filled_1e8 += qty_1e8
    this.#emit({
      type: 'filled',
      child_id: known.child.child_id,
      ts_ns: fill.ts_ns,
      venue_fill_id: fill.id,
      price_1e9,
      qty_1e8,
      fee_1e8: amount(fill.fee) ?? 0n,
      liquidity: fill.maker ? 'maker' : 'taker',
      queue_ahead_1e8: null,
    })
  }

  #end(known: Known, how: string, reason: string, ts_ns: bigint): void {
    if (known.ended) return
    this.#forget(known)
    const { child_id, limit_price_1e9 } = known.child
    if (how === 'expired') this.#emit({ type: 'expired', child_id, ts_ns })
    if (how !== 'canceled') return
    const code = codeOfReason(reason)
    // A protected market order went as a limit; what it lacked was liquidity.
    const worded = code === 'ioc-unfilled' && limit_price_1e9 === null ? 'no-liquidity' : code
    const asked = reason === 'User requested' ? 'requested' : 'venue'
    this.#emit({ type: 'cancelled', child_id, ts_ns, reason: worded ?? asked })
  }

  #reject(
    known: Known,
    code: Extract<EdgeEvent, { type: 'rejected' }>['code'],
    message: string,
    venue_code: string | null,
  ): void {
    this.#forget(known)
    const { child_id } = known.child
    this.#emit({ type: 'rejected', child_id, ts_ns: this.#now(), code, message, venue_code })
  }

  /** The order is over; it stays known for a while, for rows that come late. */
  #forget(known: Known): void {
    known.ended = true
    this.#ended.push(known)
    if (this.#ended.length <= ENDED_KEPT) return
    const oldest = this.#ended.shift()
    if (oldest !== undefined) this.#drop(oldest)
  }

  #drop(known: Known): void {
    const { child, cl_ord_id, txid } = known
    // It may have been taken up anew since it ended.
    if (this.#children.get(child.child_id) !== known) return
    this.#children.delete(child.child_id)
    this.#byClientId.delete(cl_ord_id)
    if (txid !== null) this.#byTxid.delete(txid)
  }

  #emit(event: EdgeEvent): void {
    this.#sink?.(event)
  }

  #now(): bigint {
    return this.#options.clock.now_ns()
  }
}

/** A child id that Kraken takes as it is, or else a UUID made from it. */
function clientIdOf(child_id: string): string {
  if (isClientId(child_id)) return child_id
  const hex = createHash('sha256').update(child_id).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function orderFields(
  order: ChildOrder,
  cl_ord_id: string,
):
  | { readonly fields: Record<string, string> }
  | { readonly code: 'unsupported-order'; readonly message: string } {
  const { instrument, side, qty_1e8, time_in_force, post_only } = order
  if (order.reduce_only) {
    return { code: 'unsupported-order', message: 'Kraken spot has no reduce-only orders' }
  }
  const price_1e9 = order.limit_price_1e9 ?? protection(order)
  const market = price_1e9 === null
  const tif = order.limit_price_1e9 === null && !market ? 'ioc' : time_in_force
  return {
    fields: {
      pair: pairOf(instrument).altname,
      type: side,
      ordertype: market ? 'market' : 'limit',
      volume: formatDecimal(qty_1e8, 8),
      ...(market ? {} : { price: formatDecimal(price_1e9, 9) }),
      ...(tif === 'gtc' || market ? {} : { timeinforce: tif.toUpperCase() }),
      ...(order.expire_ts_ns === null || tif !== 'gtd'
        ? {}
        : { expiretm: String((order.expire_ts_ns + 999_999_999n) / 1_000_000_000n) }),
      ...(post_only ? { oflags: 'post' } : {}),
      cl_ord_id,
    },
  }
}

/** A market order's worst price on the pair's grid, on the safe side; null: none was set. */
function protection({ protection_price_1e9, side, instrument }: ChildOrder): bigint | null {
  if (protection_price_1e9 === null) return null
  const { tick_size_1e9 } = instrument
  const down = (protection_price_1e9 / tick_size_1e9) * tick_size_1e9
  return side === 'buy' || down === protection_price_1e9 ? down : down + tick_size_1e9
}

function ordersOf(map: Json | undefined): (readonly [string, Params])[] {
  if (!isParams(map)) return []
  return Object.entries(map).flatMap(([txid, order]) => (isParams(order) ? [[txid, order]] : []))
}

const digits = (value: Json | undefined): string =>
  typeof value === 'string' ? value : (numberOf(value) ?? '')

const amount = (value: Json | undefined): bigint | undefined => parseDecimal(digits(value), 8)
