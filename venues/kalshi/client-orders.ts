/**
 * Client orders: children of the order path as Kalshi orders, and what became of them.
 *
 * NO legs are turned into YES sides (buy NO at q = ask at 1 − q). A market order goes out as an
 * immediate-or-cancel at the most aggressive valid price its bounds allow, Kalshi having none. Fills come
 * from the socket; whatever it has not told by the time the answer is in is read over REST, so an order
 * never ends before its fills.
 *
 * @see https://docs.kalshi.com/api-reference/orders/create-order-v2
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { onGrid } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import type { RejectCode } from '../../src/engine/reject.js'
import { larger, PRICE_SCALE, smaller } from '../../src/engine/units.js'
import type { Recorded, SocketSession } from '../../src/venue/contract.js'
import type { Clock } from '../../src/world/world.js'
import { type ClientWire, SERVICE_RESTART, textOf } from './client-wire.js'
import { fees } from './fees.js'
import { aggressivePrice, TICK_1E9 } from './price-levels.js'
import { meaningOf } from './rejects.js'
import { dollars, fp, readDollars, readFp, readMoney } from './wire.js'

type Row = Record<string, unknown>
type Sink = (event: EdgeEvent) => void

interface Open {
  readonly child: ChildOrder
  readonly client_order_id: string
  order_id: string | null
  acked: boolean
  /** Total wanted, filled part included. */
  qty_1e8: bigint
  /** Limit in the child's own leg, as told last; null: a market order. */
  limit_1e9: bigint | null
  /** Amendments answered so far. */
  amends: number
  filled_1e8: bigint
  readonly seen: Set<string>
  /** `last_update_reason` of the socket, once it told one that ends the order. */
  reason: string | null
  cancelling: boolean
  /** Amendments without an answer yet: fills may be told before the size they belong to. */
  amending: number
  done: boolean
}

const MS_NS = 1_000_000n
const RETRY_MS = 1_000
const ENDED_MAX = 20_000

export class ClientOrders {
  readonly #wire: ClientWire
  readonly #clock: Clock
  readonly #open = new Map<string, Open>()
  readonly #byOrder = new Map<string, Open>()
  readonly #byClient = new Map<string, Open>()
  #ended: string[] = []
  #sink: Sink = () => undefined
  #session: SocketSession | null = null
  #closed = false

  constructor(wire: ClientWire, clock: Clock) {
    this.#wire = wire
    this.#clock = clock
  }

  /** Follows own fills and orders. */
  async open(sink: Sink): Promise<void> {
    this.#sink = sink
    await this.#connect()
  }

  close(): void {
    this.#closed = true
    this.#session?.closed()
    this.#session = null
  }

  async #connect(): Promise<void> {
    const waiting = new Set(['fill', 'user_orders'])
    let ready: () => void = () => undefined
    const subscribed = new Promise<void>((resolve) => {
      ready = resolve
    })
    this.#session = await this.#wire.connect({
      message: (text) => {
        const message = JSON.parse(text) as Row
        const msg = message.msg as Row
        if (message.type === 'subscribed') {
          waiting.delete(textOf(msg, 'channel'))
          if (waiting.size === 0) ready()
        } else if (message.type === 'fill') this.#fill(msg, textOf(msg, 'market_ticker'))
        else if (message.type === 'user_order') this.#order(msg)
      },
      closed: (code) => this.#lost(code),
    })
    const params = { channels: ['fill', 'user_orders'] }
    this.#session.message(JSON.stringify({ id: 1, cmd: 'subscribe', params }))
    await subscribed
  }

  /** Nothing is replayed after a reconnect, so the truth is asked for; tried again until the venue is back. */
  #lost(code: number): void {
    this.#session = null
    if (this.#closed) return
    if (code === SERVICE_RESTART) void Promise.resolve().then(() => this.#comeBack())
    else this.#clock.after(RETRY_MS, () => void this.#comeBack())
  }

  async #comeBack(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#connect()
      await this.reconcile()
    } catch {
      this.#clock.after(RETRY_MS, () => void this.#comeBack())
    }
  }

  /** @throws NoAnswer when it is not known whether the order was taken. */
  async submit(child: ChildOrder): Promise<void> {
    const open = opened(child, 0n, new Set())
    const price_1e9 = limitOf(child)
    if (price_1e9 === null) {
      this.#refuse(open, 'insufficient-balance', 'the budget buys nothing at a valid price', null)
      return
    }
    this.#follow(open)
    const { status, body } = await this.#wire.ask(
      'POST',
      '/portfolio/events/orders',
      requestOf(open, price_1e9),
    )
    if (status !== 201) {
      const { code, venue_code, message } = meaningOf(status, body)
      this.#refuse(open, refine(code, child), message, venue_code)
      return
    }
    const answer = body as Row
    this.#ack(open, textOf(answer, 'order_id'))
    const filled = readFp(textOf(answer, 'fill_count'))
    const remaining = readFp(textOf(answer, 'remaining_count'))
    const over = remaining === 0n && filled < open.qty_1e8
    if (open.done || (!over && open.filled_1e8 >= filled)) return
    await this.#catchUp(open)
  }

  /** Known already: what was told since the records were written is told again. */
  adopt(child: ChildOrder, filled_1e8: bigint, { fill_ids }: Recorded): void {
    const open = opened(child, filled_1e8, fill_ids)
    for (const [order_id, before] of this.#byOrder) {
      if (before.client_order_id !== open.client_order_id) continue
      before.done = true
      this.#byOrder.delete(order_id)
    }
    this.#follow(open)
  }

  async cancel(child_id: string): Promise<void> {
    const open = this.#open.get(child_id)
    if (open === undefined || open.done) return
    if (open.order_id === null) await this.#find(open)
    if (open.order_id === null) return
    open.cancelling = true
    const path = `/portfolio/events/orders/${open.order_id}`
    const { status, body } = await this.#wire.ask('DELETE', path)
    if (status === 200 || status === 404 || open.done) {
      await this.#catchUp(open)
      return
    }
    open.cancelling = false
    const { code, message } = meaningOf(status, body)
    await this.#catchUp(open)
    if (!open.done) throw new Error(`kalshi refused to cancel ${child_id} (${code}): ${message}`)
  }

  async amend(
    child_id: string,
    change: { readonly qty_1e8: bigint; readonly limit_price_1e9: bigint },
  ): Promise<void> {
    const open = this.#open.get(child_id)
    const refuse = (code: RejectCode, message: string) =>
      this.#sink({ type: 'amend-rejected', child_id, ts_ns: this.#now(), code, message })
    if (open?.order_id == null || open.done) {
      refuse('unknown-order', `kalshi has no open order for ${child_id}`)
      return
    }
    const { child } = open
    open.amending += 1
    const { status, body } = await this.#wire
      .ask('POST', `/portfolio/events/orders/${open.order_id}/amend`, {
        ticker: child.instrument.venue_symbol,
        side: bookSide(child),
        price: text(yesPrice(child, change.limit_price_1e9), 9, 4),
        count: text(change.qty_1e8, 8, 2),
      })
      .finally(() => {
        open.amending -= 1
      })
    if (status !== 200) {
      const { code, message } = meaningOf(status, body)
      const changed = { ...child, ...change }
      refuse(refine(code, changed), message)
      this.#forgetWhole(open)
      if (status === 404) await this.#catchUp(open)
      return
    }
    this.#amended(open, change.qty_1e8, change.limit_price_1e9)
    this.#forgetWhole(open)
    // What the amend traded is read when the socket has not told it; so is an order it ended.
    await this.#catchUp(open)
  }

  /** Asks for every open child and tells what was missed. */
  async reconcile(): Promise<void> {
    for (const open of [...this.#open.values()]) {
      if (open.done) continue
      if (open.order_id === null) await this.#find(open)
      if (open.order_id !== null) await this.#catchUp(open)
    }
  }

  /** Looks an order up by its client order id; it stays unknown when the venue never took it. */
  async #find(open: Open): Promise<void> {
    const ticker = encodeURIComponent(open.child.instrument.venue_symbol)
    const rows = await this.#wire.list(`/portfolio/orders?limit=1000&ticker=${ticker}`, 'orders')
    const row = rows.find(({ client_order_id }) => client_order_id === open.client_order_id)
    if (row !== undefined) this.#ack(open, textOf(row, 'order_id'))
  }

  /** Brings one order to what REST knows: its fills first, then its end. */
  async #catchUp(open: Open): Promise<void> {
    if (open.order_id === null || open.done) return
    const { amends } = open
    const { status, body } = await this.#wire.ask('GET', `/portfolio/orders/${open.order_id}`)
    if (status !== 200 || open.done) return
    const { order } = body as { order: Row }
    // What was read before an amendment was answered is older than the answer.
    if (open.amends === amends) this.#amendedMeanwhile(open, order)
    if (readFp(textOf(order, 'fill_count_fp')) > open.filled_1e8) {
      const path = `/portfolio/fills?limit=1000&order_id=${open.order_id}`
      const fills = await this.#wire.list(path, 'fills')
      for (const row of fills.reverse()) this.#fill(row, textOf(row, 'ticker'))
    }
    const wire = textOf(order, 'status')
    if (wire === 'canceled') this.#end(open)
  }

  /** An amendment whose answer was lost shows in the order itself. */
  #amendedMeanwhile(open: Open, order: Row): void {
    const { child, limit_1e9 } = open
    if (limit_1e9 === null || textOf(order, 'status') === 'canceled') return
    const filled_1e8 = readFp(textOf(order, 'fill_count_fp'))
    const qty_1e8 = filled_1e8 + readFp(textOf(order, 'remaining_count_fp'))
    const shown_1e9 = yesPrice(child, readDollars(textOf(order, 'yes_price_dollars')))
    if (qty_1e8 !== open.qty_1e8 || shown_1e9 !== limit_1e9) {
      this.#amended(open, qty_1e8, shown_1e9)
    }
  }

  #amended(open: Open, qty_1e8: bigint, limit_price_1e9: bigint): void {
    open.amends += 1
    open.qty_1e8 = qty_1e8
    open.limit_1e9 = limit_price_1e9
    const { child_id } = open.child
    const mode = 'native_atomic' as const
    this.#sink({ type: 'amended', child_id, ts_ns: this.#now(), qty_1e8, limit_price_1e9, mode })
  }

  #order(msg: Row): void {
    const open =
      this.#byOrder.get(textOf(msg, 'order_id')) ??
      this.#byClient.get(textOf(msg, 'client_order_id'))
    if (open === undefined || open.done) return
    if (typeof msg.last_update_reason === 'string') open.reason = msg.last_update_reason
    // Until the answer is in, it decides: a post-only order that would cross was an order for a moment.
    if (!open.acked || msg.status !== 'canceled') return
    if (readFp(textOf(msg, 'fill_count_fp')) > open.filled_1e8) {
      // Messages of one match have no order among them: the fills are read before the end is told.
      void this.#catchUp(open).catch(() => undefined)
      return
    }
    this.#end(open)
  }

  #follow(open: Open): void {
    this.#open.set(open.child.child_id, open)
    this.#byClient.set(open.client_order_id, open)
  }

  #ack(open: Open, order_id: string): void {
    open.order_id = order_id
    this.#byOrder.set(order_id, open)
    if (open.acked) return
    open.acked = true
    const { child_id } = open.child
    this.#sink({ type: 'acked', child_id, ts_ns: this.#now(), venue_order_id: order_id })
  }

  /** A fill of the socket or of REST; told once. */
  #fill(row: Row, ticker: string): void {
    const open = this.#byOrder.get(textOf(row, 'order_id')) ?? this.#unacked(row)
    if (open === undefined || ticker !== open.child.instrument.venue_symbol) return
    const fill_id = textOf(row, 'trade_id')
    if (open.seen.has(fill_id)) return
    open.seen.add(fill_id)
    this.#ack(open, textOf(row, 'order_id'))
    const qty_1e8 = readFp(textOf(row, 'count_fp'))
    open.filled_1e8 += qty_1e8
    const { child } = open
    const ts_ns = typeof row.ts_ms === 'number' ? BigInt(row.ts_ms) * MS_NS : this.#now()
    this.#sink({
      type: 'filled',
      child_id: child.child_id,
      ts_ns,
      venue_fill_id: fill_id,
      price_1e9: yesPrice(child, readDollars(textOf(row, 'yes_price_dollars'))),
      qty_1e8,
      fee_1e8: readMoney(textOf(row, 'fee_cost')),
      liquidity: row.is_taker === true ? 'taker' : 'maker',
      queue_ahead_1e8: null,
    })
    this.#forgetWhole(open)
  }

  #forgetWhole(open: Open): void {
    if (open.done || open.amending > 0 || open.filled_1e8 < open.qty_1e8) return
    this.#forget(open)
  }

  #unacked(row: Row): Open | undefined {
    const id = row.client_order_id
    return typeof id === 'string' ? this.#byClient.get(id) : undefined
  }

  /** The venue gave up what was left. */
  #end(open: Open): void {
    if (open.done) return
    const { child } = open
    this.#forget(open)
    const ts_ns = this.#now()
    const expiry = child.expire_ts_ns
    if (
      open.reason === 'ExpiryCancel' ||
      (open.reason === null && expiry !== null && expiry <= ts_ns)
    ) {
      this.#sink({ type: 'expired', child_id: child.child_id, ts_ns })
      return
    }
    const reason = reasonOf(open)
    this.#sink({ type: 'cancelled', child_id: child.child_id, ts_ns, reason })
  }

  #refuse(open: Open, code: RejectCode, message: string, venue_code: string | null): void {
    this.#forget(open)
    const { child_id } = open.child
    this.#sink({ type: 'rejected', child_id, ts_ns: this.#now(), code, message, venue_code })
  }

  #forget(open: Open): void {
    open.done = true
    this.#open.delete(open.child.child_id)
    this.#byClient.delete(open.client_order_id)
    if (open.order_id === null) return
    // Ended orders stay known for a while: a late fill of theirs is still told.
    this.#ended.push(open.order_id)
    if (this.#ended.length > ENDED_MAX) {
      for (const order_id of this.#ended.splice(0, ENDED_MAX / 2)) this.#byOrder.delete(order_id)
    }
  }

  #now(): bigint {
    return this.#clock.now_ns()
  }
}

const opened = (child: ChildOrder, filled_1e8: bigint, seen: ReadonlySet<string>): Open => ({
  child,
  client_order_id: clientIdOf(child.child_id),
  order_id: null,
  acked: false,
  qty_1e8: child.qty_1e8,
  limit_1e9: child.limit_price_1e9,
  amends: 0,
  filled_1e8,
  seen: new Set(seen),
  reason: null,
  cancelling: false,
  amending: 0,
  done: false,
})

/** Why the venue cancelled an order, as far as its words and the order's own tell. */
function reasonOf(open: Open): RejectCode | 'requested' | 'venue' {
  const { child } = open
  switch (open.reason) {
    case 'SelfTradeCancel':
      return 'self-trade'
    case 'ReduceOnlyCancel':
      return 'not-reducing'
    case 'PostOnlyCrossCancel':
      return 'would-cross'
    case 'CloseCancel':
    case 'HaltCancel':
    case 'MarginCancel':
      return 'venue'
    default:
      break
  }
  if (open.cancelling) return 'requested'
  if (child.limit_price_1e9 === null) return 'no-liquidity'
  if (child.time_in_force === 'ioc') return 'ioc-unfilled'
  // A fill-or-kill that was taken and cut short met its own member.
  return child.time_in_force === 'fok' ? 'self-trade' : 'venue'
}

/** Client order ids know fewer characters than ours may have. */
const clientIdOf = (child_id: string): string =>
  child_id.replace(/[^A-Za-z0-9_\-:+=/]/g, '_').slice(0, 64)

const bookSide = ({ outcome, side }: ChildOrder): 'bid' | 'ask' =>
  (outcome === 'NO') === (side === 'sell') ? 'bid' : 'ask'

/** A price of the child's leg in YES terms, and the other way round. */
const yesPrice = ({ outcome }: Pick<ChildOrder, 'outcome'>, price_1e9: bigint): bigint =>
  outcome === 'NO' ? PRICE_SCALE - price_1e9 : price_1e9

/**
 * The limit an order goes out with, in YES terms: its own, or for a market order the most aggressive valid
 * price within its protection and its budget.
 *
 * @returns null when its budget buys nothing at any valid price.
 */
function limitOf(child: ChildOrder): bigint | null {
  if (child.limit_price_1e9 !== null) return yesPrice(child, child.limit_price_1e9)
  const buying = bookSide(child) === 'bid'
  let price_1e9 = aggressivePrice(child.instrument, buying ? 'buy' : 'sell')
  const step = buying ? -TICK_1E9 : TICK_1E9
  if (child.protection_price_1e9 !== null) {
    const bound = yesPrice(child, child.protection_price_1e9)
    price_1e9 = buying ? smaller(price_1e9, bound) : larger(price_1e9, bound)
    price_1e9 = buying ? price_1e9 - (price_1e9 % TICK_1E9) : up(price_1e9)
  }
  const valid = (at: bigint): boolean =>
    onGrid({ ...child.instrument, tick_size_1e9: TICK_1E9 }, at) && affords(child, at)
  while (price_1e9 > 0n && price_1e9 < PRICE_SCALE) {
    if (valid(price_1e9)) return price_1e9
    price_1e9 += step
  }
  return null
}

const up = (price_1e9: bigint): bigint => {
  const over = price_1e9 % TICK_1E9
  return over === 0n ? price_1e9 : price_1e9 + TICK_1E9 - over
}

/** Whether the budget pays for the whole order at this YES price, fee included. */
function affords(child: ChildOrder, yes_1e9: bigint): boolean {
  if (child.budget_1e8 === null) return true
  const own_1e9 = yesPrice(child, yes_1e9)
  const { fee_1e8 } = fees.fill({
    instrument: child.instrument,
    liquidity: 'taker',
    side: 'buy',
    price_1e9: own_1e9,
    qty_1e8: child.qty_1e8,
    carry_1e8: 0n,
  })
  return (own_1e9 * child.qty_1e8) / PRICE_SCALE + fee_1e8 <= child.budget_1e8
}

function requestOf({ child, client_order_id }: Open, price_1e9: bigint): object {
  const market = child.limit_price_1e9 === null
  const { time_in_force: tif } = child
  const time_in_force =
    tif === 'fok' ? 'fill_or_kill' : tif === 'ioc' || market ? 'immediate_or_cancel' : GTC
  return {
    ticker: child.instrument.venue_symbol,
    client_order_id,
    side: bookSide(child),
    count: text(child.qty_1e8, 8, 2),
    price: text(price_1e9, 9, 4),
    time_in_force,
    self_trade_prevention_type: 'taker_at_cross',
    ...(child.expire_ts_ns === null
      ? {}
      : { expiration_time: Number(child.expire_ts_ns / 1_000_000_000n) }),
    ...(child.post_only ? { post_only: true } : {}),
    ...(child.reduce_only ? { reduce_only: true } : {}),
  }
}

const GTC = 'good_till_canceled'

/** Exact text, with at least so many decimals: what is off the grid must reach the venue as it is. */
function text(value: bigint, decimals: number, shown: number): string {
  const short = shown === 2 ? fp(value) : dollars(value)
  const unit = 10n ** BigInt(decimals - shown)
  return value % unit === 0n ? short : formatDecimal(value, decimals)
}

/** Codes that stand for several reasons, told apart by the order that was refused. */
function refine(
  code: RejectCode,
  { limit_price_1e9, qty_1e8 }: Pick<ChildOrder, 'limit_price_1e9' | 'qty_1e8'>,
): RejectCode {
  if (code === 'off-tick' && limit_price_1e9 !== null) {
    return limit_price_1e9 <= 0n || limit_price_1e9 >= PRICE_SCALE ? 'price-bounds' : 'off-tick'
  }
  if (code === 'off-lot') return qty_1e8 <= 0n ? 'below-min-qty' : 'off-lot'
  return code
}
