/**
 * Legacy routes: the order endpoints that were switched off in June 2026. Today they answer 410; with
 * `era: 'legacy'` they work as they did in the cents era.
 *
 * @see https://docs.kalshi.com/changelog
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { amendOrder, decreaseOrder } from './amend-routes.js'
import {
  type Answer,
  type Caller,
  charge,
  findOrder,
  ok,
  type PrivateCall,
  refused,
  type Venue,
} from './call.js'
import { type Decoded, decode } from './decode.js'
import { CANCEL_COST, DEFAULT_COST } from './limits.js'
import { cancelOrder, type Placed, placeDraft } from './order-routes.js'
import { shownOrder } from './portfolio-routes.js'
import { aggressivePrice } from './price-levels.js'
import {
  DETAILS,
  gone,
  itemError,
  type Reject,
  reject,
  tooManyRequests,
  type WireError,
} from './rejects.js'
import { type Draft, draftOf, SELF_TRADE, TIME_IN_FORCE } from './rules.js'
import type { OrderData } from './state.js'
import { dollars } from './wire.js'

const LEGACY_SHAPE = {
  ticker: 'string',
  client_order_id: 'string',
  side: 'string',
  action: 'string',
  type: 'string',
  count: 'int',
  count_fp: 'string',
  yes_price: 'int',
  no_price: 'int',
  yes_price_dollars: 'string',
  no_price_dollars: 'string',
  expiration_ts: 'int',
  time_in_force: 'string',
  buy_max_cost: 'int',
  post_only: 'bool',
  reduce_only: 'bool',
  sell_position_floor: 'int',
  self_trade_prevention_type: 'string',
  order_group_id: 'string',
  cancel_order_on_pause: 'bool',
  subaccount: 'int',
  exchange_index: 'int',
} as const

type LegacyBody = Decoded<typeof LEGACY_SHAPE>

/** Largest batch of the era. */
const BATCH_MAX = 20

type Read =
  | { readonly ok: true; readonly draft: Draft; readonly legacy: OrderData['legacy'] }
  | { readonly ok: false; readonly reject: Reject }

const no = (why: Reject) => ({ ok: false, reject: why }) as const

/** A legacy order as a draft about the YES leg. */
function readOrder(venue: Venue, body: LegacyBody): Read {
  const { side, action } = body
  if (!body.ticker) return no(reject('missing_parameters'))
  if (!side || !action) return no(reject('invalid_order'))
  if ((side !== 'yes' && side !== 'no') || (action !== 'buy' && action !== 'sell')) {
    return no(reject('invalid_parameters'))
  }
  const buysYes = (side === 'yes') === (action === 'buy')
  const price = priceText(venue, body, buysYes)
  if (price === undefined) return no(reject('invalid_order', DETAILS.one_price))
  const count = body.count_fp ?? (body.count === undefined ? '' : `${body.count}`)
  const given = TIME_IN_FORCE.find((known) => known === body.time_in_force)
  if (body.time_in_force && given === undefined) return no(reject('invalid_parameters'))
  const market = body.type === 'market'
  const otherwise = market ? 'immediate_or_cancel' : 'good_till_canceled'
  const stp = SELF_TRADE.find((known) => known === body.self_trade_prevention_type)
  const checked = draftOf({
    ticker: body.ticker,
    side: buysYes ? 'bid' : 'ask',
    count,
    price,
    // A maximum cost makes the order all or nothing.
    time_in_force: body.buy_max_cost === undefined ? (given ?? otherwise) : 'fill_or_kill',
    self_trade_prevention_type: stp ?? 'taker_at_cross',
    ...(body.client_order_id === undefined ? {} : { client_order_id: body.client_order_id }),
    ...(body.expiration_ts === undefined ? {} : { expiration_time: body.expiration_ts }),
    post_only: body.post_only ?? false,
    reduce_only: body.reduce_only ?? body.sell_position_floor === 0,
    cancel_order_on_pause: body.cancel_order_on_pause ?? false,
    subaccount: body.subaccount ?? 0,
    ...(body.order_group_id === undefined ? {} : { order_group_id: body.order_group_id }),
  })
  if (!checked.ok) return no(checked.reject)
  return { ok: true, draft: checked.value, legacy: { side, action } }
}

/** The YES price of exactly one given price; a market order may leave it to a maximum cost. */
function priceText(venue: Venue, body: LegacyBody, buysYes: boolean): string | undefined {
  const cents = (price: number): string => formatDecimal(BigInt(price), 2, 2)
  const rest = (text: string): string => {
    const match = /^0?\.(\d{1,4})$/.exec(text)
    if (match === null) return text
    const digits = (match[1] ?? '').padEnd(4, '0')
    return formatDecimal(10_000n - BigInt(digits), 4, 4)
  }
  const given: string[] = []
  if (body.yes_price !== undefined) given.push(cents(body.yes_price))
  if (body.no_price !== undefined) given.push(cents(100 - body.no_price))
  if (body.yes_price_dollars !== undefined) given.push(body.yes_price_dollars)
  if (body.no_price_dollars !== undefined) given.push(rest(body.no_price_dollars))
  if (given.length === 1) return given[0]
  if (given.length > 1 || body.buy_max_cost === undefined) return undefined
  const instrument = venue.host.find(body.ticker ?? '')
  if (instrument === undefined) return '0.50'
  return dollars(aggressivePrice(instrument, buysYes ? 'buy' : 'sell'))
}

function place(venue: Venue, caller: Caller, body: LegacyBody): Placed {
  const read = readOrder(venue, body)
  return read.ok ? placeDraft(venue, caller, read.draft, read.legacy) : read
}

const isLegacy = ({ venue }: PrivateCall): boolean => venue.options.era === 'legacy'

export function create(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('create')
  const { venue, caller } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'CreateOrderRequest', LEGACY_SHAPE)
  if (!decoded.ok) return decoded.error
  const placed = place(venue, caller, decoded.value)
  if (!placed.ok) return refused(placed.reject)
  return ok({ order: shownOrder(venue, placed.order) }, 201)
}

export function cancel(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('cancel')
  const { venue, caller, params } = call
  if (!charge(venue, caller, 'write', CANCEL_COST)) return tooManyRequests()
  const done = cancelOrder(venue, caller, { order_id: params.order_id ?? '' })
  if (!done.ok) return refused(done.reject)
  return ok({
    order: shownOrder(venue, done.order),
    reduced_by: Math.floor(done.reduced_lots / 100),
  })
}

export function amend(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('amend')
  const { venue, caller, params } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'AmendOrderRequest', {
    ...LEGACY_SHAPE,
    updated_client_order_id: 'string',
  })
  if (!decoded.ok) return decoded.error
  const read = readOrder(venue, { ...decoded.value, client_order_id: '' })
  if (!read.ok) return refused(read.reject)
  const order = findOrder(venue, caller, params.order_id ?? '')
  if (order?.status !== 'open') return refused(reject('not_found'))
  const old_order = shownOrder(venue, order)
  const { client_order_id, updated_client_order_id } = decoded.value
  const done = amendOrder(venue, caller, order, {
    ...read.draft,
    client_order_id: client_order_id ?? '',
    updated_client_order_id: updated_client_order_id ?? '',
  })
  if (!done.ok) return refused(done.reject)
  return ok({ old_order, order: shownOrder(venue, order) })
}

export function decrease(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('decrease')
  const { venue, caller, params } = call
  if (!charge(venue, caller, 'write', DEFAULT_COST)) return tooManyRequests()
  const body = call.body()
  if (!body.ok) return body.error
  const decoded = decode(body.value, 'DecreaseOrderRequest', { reduce_by: 'int', reduce_to: 'int' })
  if (!decoded.ok) return decoded.error
  const { reduce_by, reduce_to } = decoded.value
  if ((reduce_by === undefined) === (reduce_to === undefined)) {
    return refused(reject('invalid_parameters'))
  }
  const order = findOrder(venue, caller, params.order_id ?? '')
  if (order?.status !== 'open') return refused(reject('not_found'))
  const wanted =
    reduce_to === undefined ? order.remaining_lots - (reduce_by ?? 0) * 100 : reduce_to * 100
  const done = decreaseOrder(venue, order, wanted)
  if (!done.ok) return refused(done.reject)
  return ok({ order: shownOrder(venue, order) })
}

export function batchCreate(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('batch-create')
  const { venue, caller } = call
  const body = call.body()
  const list = body.ok ? decode(body.value, 'BatchCreateOrdersRequest', { orders: 'list' }) : body
  const items = list.ok ? (list.value.orders ?? []) : []
  if (!charge(venue, caller, 'write', Math.max(1, items.length) * DEFAULT_COST)) {
    return tooManyRequests()
  }
  if (!list.ok) return list.error
  if (items.length === 0 || items.length > BATCH_MAX) return refused(reject('invalid_parameters'))
  const decoded = items.map((item) => decode(item, 'CreateOrderRequest', LEGACY_SHAPE))
  const broken = decoded.find((one) => !one.ok)
  if (broken !== undefined && !broken.ok) return broken.error
  const orders = decoded.flatMap((one) => {
    if (!one.ok) return []
    const placed = place(venue, caller, one.value)
    const client_order_id = one.value.client_order_id ?? null
    return placed.ok
      ? { client_order_id, error: null, order: shownOrder(venue, placed.order) }
      : { client_order_id, error: itemError(placed.reject), order: null }
  })
  return ok({ orders }, 201)
}

export function batchCancel(call: PrivateCall): Answer | WireError {
  if (!isLegacy(call)) return gone('batch-cancel')
  const { venue, caller } = call
  const body = call.body()
  const list = body.ok
    ? decode(body.value, 'BatchCancelOrdersRequest', { ids: 'list', orders: 'list' })
    : body
  const items = list.ok ? [...(list.value.ids ?? []), ...(list.value.orders ?? [])] : []
  if (!charge(venue, caller, 'write', Math.max(1, items.length) * CANCEL_COST)) {
    return tooManyRequests()
  }
  if (!list.ok) return list.error
  if (items.length === 0 || items.length > BATCH_MAX) return refused(reject('invalid_parameters'))
  const orders = items.map((item) => {
    const order_id = typeof item === 'string' ? item : idOf(item)
    const done = cancelOrder(venue, caller, { order_id })
    return done.ok
      ? {
          order_id,
          order: shownOrder(venue, done.order),
          reduced_by: Math.floor(done.reduced_lots / 100),
          error: null,
        }
      : { order_id, order: null, reduced_by: 0, error: itemError(done.reject) }
  })
  return ok({ orders })
}

function idOf(item: unknown): string {
  const decoded = decode(item, 'BatchCancelOrdersRequestOrder', { order_id: 'string' })
  return decoded.ok ? (decoded.value.order_id ?? '') : ''
}
