/**
 * Order routes: create, cancel, batches and cancel-all of the V2 era.
 *
 * Each answer is worded as the venue does: what the book decides (post-only, fill-or-kill) comes back as an
 * error although the order existed for a moment and used up its client order id.
 *
 * @see https://docs.kalshi.com/api-reference/orders/create-order-v2
 *
 * @module
 */

import type { AccountId } from '../../src/engine/command.js'
import type { PlaceInput } from '../../src/venue/host-command.js'
import type { OrderRecord } from '../../src/venue/records.js'
import type { Applied } from '../../src/venue/reducer.js'
import {
  type Answer,
  accountOf,
  type Caller,
  charge,
  ok,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import { venueCommand } from './commands.js'
import { type Decoded, decode } from './decode.js'
import { CANCEL_COST, DEFAULT_COST } from './limits.js'
import {
  averages,
  ENTRY_CODES,
  LOT_1E8,
  no,
  onThisShard,
  openOrder,
  statusOf,
} from './own-orders.js'
import { TICK_1E9 } from './price-levels.js'
import {
  DETAILS,
  itemError,
  type Reject,
  reject,
  tooManyRequests,
  type WireError,
} from './rejects.js'
import {
  CREATE_SHAPE,
  cancelRefusal,
  countOf,
  type Draft,
  draftOf,
  type Facts,
  OPEN_ORDERS_MAX,
  priceOn,
  refusalOf,
} from './rules.js'
import { asPlain, clientOrderId, type OrderData } from './state.js'
import { lots } from './views.js'
import type { WireOrderAnswer } from './wire.js'

export type Placed =
  | { readonly ok: true; readonly order: OrderRecord; readonly applied: Applied }
  | { readonly ok: false; readonly reject: Reject }

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
