/**
 * Order routes: create, amend, decrease, cancel, batches and cancel-all of the V2 era.
 *
 * Each answer is worded as the venue does: what the book decides (post-only, fill-or-kill) comes back as an
 * error although the order existed for a moment and used up its client order id.
 *
 * @see https://docs.kalshi.com/api-reference/orders/create-order-v2
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import type { EntryReject } from '../../src/engine/reject.js'
import { divFloor } from '../../src/engine/units.js'
import type { Applied } from '../../src/venue/host.js'
import type { PlaceInput } from '../../src/venue/host-command.js'
import type { OrderRecord } from '../../src/venue/records.js'
import {
  type Answer,
  accountOf,
  type Caller,
  charge,
  findOrder,
  ok,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import { venueCommand } from './commands.js'
import { type Decoded, decode } from './decode.js'
import { CANCEL_COST, DEFAULT_COST } from './limits.js'
import { TICK_1E9 } from './price-levels.js'
import {
  DETAILS,
  itemError,
  type KalshiCode,
  type Reject,
  reject,
  tooManyRequests,
  type WireError,
} from './rejects.js'
import {
  AMEND_SHAPE,
  amendRefusal,
  CREATE_SHAPE,
  cancelRefusal,
  countOf,
  DECREASE_SHAPE,
  type Draft,
  draftOf,
  type Facts,
  isClientOrderId,
  OPEN_ORDERS_MAX,
  priceOn,
  refusalOf,
  sizeOf,
} from './rules.js'
import { asPlain, clientOrderId, type OrderData, orderData } from './state.js'
import { lots } from './views.js'
import { dollars, money, type WireOrderAnswer } from './wire.js'

const LOT_1E8 = 1_000_000n

/** The one shard there is; -1 asks for routing by ticker. */
const onThisShard = (exchange_index: number | null | undefined): boolean =>
  exchange_index === null || exchange_index === undefined || exchange_index <= 0

export type Placed =
  | { readonly ok: true; readonly order: OrderRecord; readonly applied: Applied }
  | { readonly ok: false; readonly reject: Reject }

const no = (why: Reject) => ({ ok: false, reject: why }) as const

/** Checks and places one order. `legacy`: how a legacy client wrote it. */
export function placeDraft(
  venue: Venue,
  caller: Caller,
  draft: Draft,
  legacy: OrderData['legacy'],
): Placed {
  const { host } = venue
  const account = accountOf(caller, draft.subaccount)
  if (!account.ok) return no(account.reject)
  const { account_id } = account
  const refusal = refusalOf(draft, factsFor(venue, caller, account_id, draft))
  if (refusal !== undefined) return no(refusal)
  const instrument = host.instrument(draft.ticker)
  const price_1e9 = priceOn(instrument, draft.price)
  const qty_1e8 = countOf(draft.count)
  if (price_1e9 === undefined || qty_1e8 === undefined) return no(reject('invalid_order'))
  const qty_lots = Number(qty_1e8 / LOT_1E8)
  const data: OrderData = {
    tif: draft.time_in_force,
    stp: draft.self_trade,
    group_id: draft.order_group_id,
    cancel_on_pause: draft.cancel_on_pause,
    expiration_s: draft.expiration_s,
    initial_lots: qty_lots,
    legacy,
  }
  const input: PlaceInput = {
    account_id,
    instrument: draft.ticker,
    side: draft.side,
    price_ticks: Number(price_1e9 / TICK_1E9),
    qty_lots,
    quote_budget_1e8: null,
    time_in_force: timeInForce(draft),
    expire_ts_us: draft.expiration_s === null ? null : draft.expiration_s * 1_000_000,
    post_only: draft.post_only ? 'reject' : 'no',
    reduce_only: draft.reduce_only,
    self_trade: draft.self_trade === 'maker' ? 'cancel-maker' : 'cancel-taker',
    fee_in: 'quote',
    margin: 'cross',
    client_order_id: draft.client_order_id,
    data: asPlain(data),
  }
  const applied = host.place(input)
  const { order } = applied
  if (order === null)
    return no(reject(ENTRY_CODES[applied.refusal?.code ?? 'bad-request'] ?? 'invalid_order'))
  if (order.reason === 'would-cross') {
    return no(reject('invalid_order', DETAILS.post_only_cross))
  }
  if (order.reason === 'fok-unfilled') {
    return no(reject('fill_or_kill_insufficient_resting_volume'))
  }
  return { ok: true, order, applied }
}

/** Refusals of the matching engine in Kalshi's words. Most were checked before and cannot happen. */
const ENTRY_CODES: Partial<Record<EntryReject, KalshiCode>> = {
  'insufficient-balance': 'insufficient_balance',
  'market-closed': 'market_inactive',
  'market-mode': 'market_inactive',
  'venue-paused': 'market_inactive',
  'unknown-instrument': 'market_not_found',
  'off-tick': 'invalid_price',
  'price-bounds': 'invalid_price',
  'off-lot': 'invalid_order_size',
  'below-min-qty': 'invalid_order_size',
  'above-max-qty': 'invalid_order_size',
  'position-limit': 'exceeded_per_market_risk_limit',
  'too-many-orders': 'too_many_open_orders',
}

function timeInForce({ time_in_force, expiration_s }: Draft): PlaceInput['time_in_force'] {
  if (time_in_force === 'immediate_or_cancel') return 'ioc'
  if (time_in_force === 'fill_or_kill') return 'fok'
  return expiration_s === null ? 'gtc' : 'gtd'
}

function factsFor(venue: Venue, caller: Caller, account_id: AccountId, draft: Draft): Facts {
  const { host } = venue
  const { state } = host
  const market = onThisShard(draft.exchange_index) ? state.markets.get(draft.ticker) : undefined
  const group = draft.order_group_id === null ? null : state.groups.get(draft.order_group_id)
  const open_orders = caller.member.accounts.reduce(
    (sum, account) => sum + host.records.openCount(account),
    0,
  )
  return {
    market: market && { instrument: host.instrument(draft.ticker), status: market.status },
    venue: state.venue,
    now_ms: host.world.clock.now_ms(),
    client_order_id_used:
      draft.client_order_id !== null && caller.member.used_ids.has(draft.client_order_id),
    group: groupFact(group, account_id),
    open_orders: Math.min(open_orders, OPEN_ORDERS_MAX),
  }
}

function groupFact(
  group: { readonly account_id: AccountId; readonly triggered: boolean } | null | undefined,
  account_id: AccountId,
): Facts['group'] {
  if (group === null) return 'none'
  // A group is known to its own subaccount only.
  if (group === undefined || group.account_id !== account_id) return 'unknown'
  return group.triggered ? 'triggered' : 'ready'
}

/** Price and fee per contract of some fills; null when there were none. */
function averages(notional_1e17: bigint, fee_1e8: bigint, filled_lots: number) {
  if (filled_lots === 0) return null
  const qty_1e8 = BigInt(filled_lots) * LOT_1E8
  const half = <T extends bigint>(numerator: T, unit: bigint) =>
    divFloor(2n * numerator + qty_1e8 * unit, 2n * qty_1e8 * unit) * unit
  return {
    // Four decimals, halves up: the examples' form.
    average_fill_price: dollars(half(notional_1e17, 100_000n)),
    average_fee_paid: money(half(fee_1e8 * 100_000_000n, 10_000n), 4),
  }
}

function createAnswer(order: OrderRecord): WireOrderAnswer {
  return {
    order_id: order.id,
    client_order_id: clientOrderId(order),
    fill_count: lots(order.filled_lots),
    remaining_count: lots(order.remaining_lots),
    ...averages(order.notional_1e17, order.fee_1e8, order.filled_lots),
    ts_ms: Math.floor(order.created_us / 1_000),
  }
}

type CreateBody = Decoded<typeof CREATE_SHAPE>

export function create(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'CreateOrderV2Request', CREATE_SHAPE)
  if (!decoded.ok) return decoded.error
  const draft = draftOf(decoded.value)
  if (!draft.ok) return refused(draft.reject)
  const placed = placeDraft(venue, caller, draft.value, null)
  return placed.ok ? ok(createAnswer(placed.order), 201) : refused(placed.reject)
}

/** The list `orders` of a batch, each item of the right shape. */
function readBatch<S extends Parameters<typeof decode>[2]>(
  call: PrivateCall,
  structs: readonly [list: string, item: string],
  shape: S,
): { ok: true; items: readonly Decoded<S>[] } | { ok: false; error: WireError } {
  const body = call.body()
  if (!body.ok) return body
  const list = decode(body.value, structs[0], { orders: 'list' })
  if (!list.ok) return list
  const items: Decoded<S>[] = []
  for (const one of list.value.orders ?? []) {
    const item = decode(one, structs[1], shape)
    if (!item.ok) return item
    items.push(item.value)
  }
  if (items.length === 0) return { ok: false, error: refused(reject('missing_parameters')) }
  return { ok: true, items }
}

export function batchCreate(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const structs = ['BatchCreateOrdersV2Request', 'CreateOrderV2Request'] as const
  const batch = readBatch(call, structs, CREATE_SHAPE)
  const cost = batch.ok ? batch.items.length * DEFAULT_COST : DEFAULT_COST
  if (!charge(venue, caller, 'write', cost)) return tooManyRequests()
  if (!batch.ok) return batch.error
  const foreign = foreignSubaccount(caller, batch.items)
  if (foreign !== undefined) return refused(foreign)
  return ok({ orders: batch.items.map((item) => createItem(venue, caller, item)) }, 201)
}

/** A key bound to a subaccount that names another one in any item fails the whole batch. */
function foreignSubaccount(
  { key }: Caller,
  items: readonly { readonly subaccount?: number }[],
): Reject | undefined {
  const bound = key.subaccount
  if (bound === null || items.every(({ subaccount }) => (subaccount ?? 0) === bound)) {
    return undefined
  }
  return reject('permission_denied', DETAILS.subaccount_key)
}

const NOTHING = {
  fill_count: null,
  remaining_count: null,
  average_fill_price: null,
  average_fee_paid: null,
  ts_ms: null,
} as const

function createItem(venue: Venue, caller: Caller, item: CreateBody): WireOrderAnswer {
  const failed = (why: Reject): WireOrderAnswer => ({
    ...(item.client_order_id ? { client_order_id: item.client_order_id } : {}),
    ...NOTHING,
    error: itemError(why),
  })
  const draft = draftOf(item)
  if (!draft.ok) return failed(draft.reject)
  const placed = placeDraft(venue, caller, draft.value, null)
  if (!placed.ok) return failed(placed.reject)
  return { average_fill_price: null, average_fee_paid: null, ...createAnswer(placed.order) }
}

/** Cancels one order. `reduced_lots`: contracts given up. */
export function cancelOrder(
  venue: Venue,
  caller: Caller,
  wanted: {
    readonly order_id: string
    readonly subaccount?: number | undefined
    readonly exchange_index?: number | undefined
    readonly market_ticker?: string | undefined
  },
):
  | { ok: true; order: OrderRecord; reduced_lots: number; ts_us: number }
  | { ok: false; reject: Reject } {
  const { host } = venue
  if (host.state.venue === 'exchange-paused') return no(reject('exchange_is_paused'))
  const order = openOrder(venue, caller, wanted)
  if (order === undefined) return no(reject('not_found'))
  const refusal = cancelRefusal(statusOf(venue, order), host.state.venue)
  if (refusal !== undefined) return no(refusal)
  const reduced_lots = order.remaining_lots
  const { ts_us } = host.cancel(order)
  return { ok: true, order, reduced_lots, ts_us }
}

/** An own order that can still be touched, or was pulled by the close of its market. */
function openOrder(
  venue: Venue,
  caller: Caller,
  wanted: {
    readonly order_id: string
    readonly subaccount?: number | undefined
    readonly exchange_index?: number | undefined
    readonly market_ticker?: string | undefined
  },
): OrderRecord | undefined {
  if (!onThisShard(wanted.exchange_index)) return undefined
  const order = findOrder(venue, caller, wanted.order_id)
  if (order === undefined) return undefined
  if (wanted.market_ticker && wanted.market_ticker !== order.venue_symbol) return undefined
  const owner = venue.host.state.accounts.get(order.account_id)
  if (wanted.subaccount !== undefined && owner?.subaccount !== wanted.subaccount) return undefined
  const touchable = order.status === 'open' || order.reason === 'market-closed'
  return touchable ? order : undefined
}

const statusOf = (venue: Venue, order: OrderRecord) =>
  venue.host.state.markets.get(order.venue_symbol)?.status ?? 'closed'

export function cancel(call: PrivateCall): Answer | WireError {
  const { venue, caller, params, query } = call
  if (!charge(venue, caller, 'write', CANCEL_COST)) return tooManyRequests()
  const subaccount = query.int('subaccount', { min: 0, max: 63 })
  const exchange_index = query.int('exchange_index', { min: -1, max: 1_000 })
  const market_ticker = query.text('market_ticker')
  if (query.error !== undefined) return query.error
  const order_id = params.order_id ?? ''
  const done = cancelOrder(venue, caller, { order_id, subaccount, exchange_index, market_ticker })
  if (!done.ok) return refused(done.reject)
  return ok({
    order_id: done.order.id,
    client_order_id: clientOrderId(done.order),
    reduced_by: lots(done.reduced_lots),
    ts_ms: Math.floor(done.ts_us / 1_000),
  })
}

const CANCEL_ITEM = {
  order_id: 'string',
  subaccount: 'int',
  exchange_index: 'int',
  market_ticker: 'string',
} as const

export function batchCancel(call: PrivateCall): Answer | WireError {
  const { venue, caller } = call
  const structs = ['BatchCancelOrdersV2Request', 'BatchCancelOrdersV2RequestOrder'] as const
  const batch = readBatch(call, structs, CANCEL_ITEM)
  const cost = batch.ok ? batch.items.length * CANCEL_COST : CANCEL_COST
  if (!charge(venue, caller, 'write', cost)) return tooManyRequests()
  if (!batch.ok) return batch.error
  const named = batch.items.filter(({ subaccount }) => subaccount !== undefined)
  const foreign = foreignSubaccount(caller, named)
  if (foreign !== undefined) return refused(foreign)
  return ok({
    orders: batch.items.map((item) => {
      const order_id = item.order_id ?? ''
      const done = cancelOrder(venue, caller, { ...item, order_id })
      if (!done.ok) {
        return {
          order_id,
          client_order_id: null,
          reduced_by: '0.00',
          ts_ms: null,
          error: itemError(done.reject),
        }
      }
      return {
        order_id: done.order.id,
        client_order_id: clientOrderId(done.order),
        reduced_by: lots(done.reduced_lots),
        ts_ms: Math.floor(done.ts_us / 1_000),
      }
    }),
  })
}

/** Cancels everything, and what comes to rest during the next minute. Direct members only, as all are here. */
export function cancelAll(call: PrivateCall): Answer | WireError {
  const { venue, caller, query } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const given = query.int('subaccount', { min: 0, max: 63 })
  if (query.error !== undefined) return query.error
  if (venue.host.state.venue === 'exchange-paused') return refused(reject('exchange_is_paused'))
  const { key, member_id: member } = caller
  if (key.subaccount !== null && given !== undefined && given !== key.subaccount) {
    return refused(reject('permission_denied', DETAILS.subaccount_key))
  }
  const subaccount = key.subaccount ?? given ?? null
  venue.host.apply(venueCommand({ name: 'cancel-all', member, subaccount }))
  return ok({})
}

export function amend(call: PrivateCall): Answer | WireError {
  const { venue, caller, params, query } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'AmendOrderV2Request', AMEND_SHAPE)
  if (!decoded.ok) return decoded.error
  const subaccount = query.int('subaccount', { min: 0, max: 63 })
  if (query.error !== undefined) return query.error
  const { ticker, side, price, count } = decoded.value
  if (!ticker) return refused(reject('missing_parameters'))
  if (!side || !price || !count) return refused(reject('invalid_order'))
  if (side !== 'bid' && side !== 'ask') return refused(reject('invalid_parameters'))
  const order = openOrder(venue, caller, {
    order_id: params.order_id ?? '',
    subaccount,
    exchange_index: decoded.value.exchange_index,
  })
  if (order === undefined) return refused(reject('not_found'))
  const change = {
    ...decoded.value,
    ticker,
    side: side === 'bid' ? 'buy' : 'sell',
    price,
    count,
  } as const
  const done = amendOrder(venue, caller, order, change)
  if (!done.ok) return refused(done.reject)
  const { filled, before, applied } = done
  const moved = filled.lots > 0 || before !== order.remaining_lots
  const paid = averages(filled.notional_1e17, filled.fee_1e8, filled.lots)
  return ok({
    order_id: order.id,
    client_order_id: clientOrderId(order),
    remaining_count: moved ? lots(order.remaining_lots) : null,
    fill_count: moved ? lots(filled.lots) : null,
    average_fill_price: paid?.average_fill_price ?? null,
    average_fee_paid: paid?.average_fee_paid ?? null,
    ts_ms: Math.floor(applied.ts_us / 1_000),
  })
}

interface Change {
  readonly ticker: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly count: string
  readonly client_order_id?: string
  readonly updated_client_order_id?: string
}

/** New price and total of an open order. `before`: what rested before; `filled`: what the amend traded. */
export function amendOrder(
  venue: Venue,
  caller: Caller,
  order: OrderRecord,
  change: Change,
):
  | {
      ok: true
      before: number
      filled: { lots: number; notional_1e17: bigint; fee_1e8: bigint }
      applied: Applied
    }
  | { ok: false; reject: Reject } {
  const { host } = venue
  const refusal = amendRefusal(statusOf(venue, order), host.state.venue)
  if (change.ticker !== order.venue_symbol) return no(reject('order_ticker_mismatch'))
  if (change.side !== order.side) return no(reject('order_side_mismatch'))
  if (change.client_order_id && change.client_order_id !== clientOrderId(order)) {
    return no(reject('order_id_and_client_order_id_mismatch'))
  }
  const renamed = change.updated_client_order_id || undefined
  if (!isClientOrderId(renamed)) return no(reject('invalid_parameters'))
  if (refusal !== undefined) return no(refusal)
  const price_1e9 = priceOn(host.instrument(order.venue_symbol), change.price)
  if (price_1e9 === undefined) return no(reject('invalid_price'))
  const total_1e8 = countOf(change.count)
  if (total_1e8 === undefined) return no(reject('invalid_order_size'))
  if (renamed !== undefined && renamed !== clientOrderId(order)) {
    if (caller.member.used_ids.has(renamed)) return no(reject('order_already_exists'))
  }
  const remaining_lots = Number(total_1e8 / LOT_1E8) - order.filled_lots
  if (remaining_lots < 0) return no(reject('invalid_amend_qty_for_order'))
  const price_ticks = Number(price_1e9 / TICK_1E9)
  if (meetsOwn(venue, order, price_ticks)) return no(reject('self_cross_attempt'))

  const before = order.remaining_lots
  const { filled_lots, notional_1e17, fee_1e8 } = order
  const { account_id, order_id } = order
  const applied =
    remaining_lots === 0
      ? host.cancel(order)
      : host.apply({
          type: 'amend',
          account_id,
          order_id,
          price_ticks,
          remaining_lots,
          ...(renamed === undefined ? {} : { client_order_id: renamed }),
          data: asPlain({ ...orderData(order), initial_lots: Number(total_1e8 / LOT_1E8) }),
        })
  if (applied.refusal !== null) {
    const { code } = applied.refusal
    return no(
      code === 'not-amendable'
        ? reject('invalid_order', DETAILS.post_only_cross)
        : reject(ENTRY_CODES[code] ?? 'invalid_order'),
    )
  }
  const filled = {
    lots: order.filled_lots - filled_lots,
    notional_1e17: order.notional_1e17 - notional_1e17,
    fee_1e8: order.fee_1e8 - fee_1e8,
  }
  return { ok: true, before, filled, applied }
}

/** Whether an order at a new price would meet a resting order of the same account. */
function meetsOwn(venue: Venue, order: OrderRecord, price_ticks: number): boolean {
  return venue.host.records.openOrders(order.account_id).some((own) => {
    if (own.venue_symbol !== order.venue_symbol || own.side === order.side) return false
    if (own.price_ticks === null) return false
    return order.side === 'buy' ? own.price_ticks <= price_ticks : own.price_ticks >= price_ticks
  })
}

export function decrease(call: PrivateCall): Answer | WireError {
  const { venue, caller, params, query } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'DecreaseOrderV2Request', DECREASE_SHAPE)
  if (!decoded.ok) return decoded.error
  const subaccount = query.int('subaccount', { min: 0, max: 63 })
  if (query.error !== undefined) return query.error
  const { reduce_by, reduce_to, exchange_index, market_ticker } = decoded.value
  if ((reduce_by === undefined) === (reduce_to === undefined)) {
    return refused(reject('invalid_parameters'))
  }
  const by_1e8 = reduce_by === undefined ? undefined : sizeOf(reduce_by)
  const to_1e8 = reduce_to === undefined ? undefined : sizeOf(reduce_to)
  if (by_1e8 === undefined && to_1e8 === undefined) return refused(reject('invalid_order_size'))
  const order_id = params.order_id ?? ''
  const order = openOrder(venue, caller, { order_id, subaccount, exchange_index, market_ticker })
  if (order === undefined) return refused(reject('not_found'))
  const wanted =
    to_1e8 === undefined
      ? order.remaining_lots - Number((by_1e8 ?? 0n) / LOT_1E8)
      : Number(to_1e8 / LOT_1E8)
  const done = decreaseOrder(venue, order, wanted)
  if (!done.ok) return refused(done.reject)
  return ok({
    order_id: order.id,
    client_order_id: clientOrderId(order),
    remaining_count: lots(order.remaining_lots),
    ts_ms: Math.floor(done.ts_us / 1_000),
  })
}

/** Leaves so many lots resting, never more than now; nothing or less ends the order. */
export function decreaseOrder(
  venue: Venue,
  order: OrderRecord,
  remaining_lots: number,
): { ok: true; ts_us: number } | { ok: false; reject: Reject } {
  const { host } = venue
  const refusal = cancelRefusal(statusOf(venue, order), host.state.venue)
  if (refusal !== undefined) return no(refusal)
  const { account_id, order_id, price_ticks } = order
  if (remaining_lots >= order.remaining_lots || price_ticks === null) {
    return remaining_lots === order.remaining_lots
      ? { ok: true, ts_us: host.now_us() }
      : no(reject('invalid_parameters'))
  }
  if (remaining_lots <= 0) return { ok: true, ts_us: host.cancel(order).ts_us }
  const amended = host.apply({ type: 'amend', account_id, order_id, price_ticks, remaining_lots })
  if (amended.refusal !== null) {
    return no(reject(ENTRY_CODES[amended.refusal.code] ?? 'invalid_order'))
  }
  return { ok: true, ts_us: amended.ts_us }
}
