/**
 * Kraken's private REST methods: `POST /0/private/<Method>`, signed.
 *
 * Each says which right its key needs and what it costs on the REST counter; order methods cost nothing
 * there, they are counted by the engine.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/add-order and siblings
 *
 * @module
 */

import { formatDecimal } from '../../src/engine/decimal.js'
import { priceOf, qtyOf } from '../../src/engine/instrument.js'
import type { FillRecord, OrderRecord } from '../../src/venue/records.js'
import type { AccountInfo } from '../../src/venue/reducer.js'
import { accountMethods } from './account-methods.js'
import { MAKER_TIERS, TAKER_TIERS } from './fees.js'
import { assetNames, type Pair } from './instruments.js'
import {
  idList,
  isIds,
  method,
  type PrivateCall,
  type PrivateMethod,
  paged,
} from './private-method.js'
import { wholeNumber } from './public.js'
import { badField, texts } from './rejects.js'
import {
  type Fields,
  isError,
  isPositive,
  type Read,
  readDeadline,
  readFlag,
  readOrder,
  readUserref,
} from './request.js'
import type { RuleContext } from './rules.js'
import { BATCH_COST, type Trading } from './trading.js'
import {
  amendText,
  amountText,
  describe,
  factsOf,
  orderJson,
  priceText,
  qtyText,
  rfc3339Seconds,
  tradeJson,
} from './wire.js'

const BATCH_MIN = 2
const BATCH_MAX = 15
const CANCEL_BATCH_MAX = 50
const MONTH_US = 30 * 86_400_000_000

export const privateMethods: Readonly<Record<string, PrivateMethod>> = {
  ...accountMethods,

  Balance: method('query-funds', 1, ({ context, account }) =>
    Object.fromEntries(
      balances(context, account).map(({ id, decimals, total_1e8 }) => [
        id,
        amountText(total_1e8, decimals),
      ]),
    ),
  ),

  BalanceEx: method('query-funds', 1, ({ context, account }) =>
    Object.fromEntries(
      balances(context, account).map(({ id, decimals, total_1e8, reserved_1e8 }) => [
        id,
        {
          balance: amountText(total_1e8, decimals),
          hold_trade: amountText(reserved_1e8, decimals),
        },
      ]),
    ),
  ),

  OpenPositions: method('query-open-orders', 1, () => ({})),

  TradeVolume: method('query-funds', 1, ({ context, account, fields }) => {
    const names = (fields.pair ?? '').split(',').filter((name) => name !== '')
    const found = names.map((name) => context.pairs.named(name))
    if (found.includes(undefined)) return { error: texts['KR-05'] }
    const pairs = found.flatMap((pair) => pair ?? [])
    const tiers = (schedule: typeof TAKER_TIERS | typeof MAKER_TIERS) =>
      Object.fromEntries(pairs.map(({ id }) => [id, tierJson(schedule)]))
    return {
      currency: 'ZUSD',
      volume: formatDecimal(monthVolume_1e17(context, account), 17, 4),
      ...(pairs.length === 0 ? {} : { fees: tiers(TAKER_TIERS), fees_maker: tiers(MAKER_TIERS) }),
    }
  }),

  GetWebSocketsToken: method('create-ws', 1, ({ tokens, account }) => tokens.make(account)),

  AddOrder: method('modify-orders', 0, ({ trading, account, fields }) => {
    const request = readOrder(fields)
    if (isError(request)) return request
    const added = trading.add(account, request)
    if (isError(added)) return added
    const { checked, order } = added
    const descr = { order: describe(checked.pair, checked.input) }
    return order === null ? { descr } : { descr, txid: [order.id] }
  }),

  AddOrderBatch: method('modify-orders', 0, ({ trading, account, fields, orders, context }) => {
    if (fields.pair === undefined || fields.pair === '') return { error: badField('pair') }
    if (context.pairs.named(fields.pair) === undefined) return { error: texts['KR-05'] }
    if (orders.length < BATCH_MIN || orders.length > BATCH_MAX) return { error: badField('orders') }
    const { pair, deadline, validate } = fields
    const requests = orders.map((order) =>
      typeof order === 'string'
        ? { error: badField('orders') }
        : readOrder({ ...order, pair, deadline, validate }),
    )
    // One malformed order refuses the whole batch; refusals further on are told per order.
    for (const request of requests) if (isError(request)) return request
    return {
      orders: requests.flatMap((request): object[] => {
        if (isError(request)) return []
        const added = trading.add(account, request, BATCH_COST)
        if (isError(added)) return [{ error: added.error }]
        const { checked, order } = added
        const descr = { order: describe(checked.pair, checked.input) }
        return [order === null ? { descr } : { txid: order.id, descr }]
      }),
    }
  }),

  AmendOrder: method('modify-orders', 0, ({ trading, account, fields }) => {
    const order = trading.named(account, idOf(fields))[0]
    if (order === undefined) return { error: missingId(fields) ?? texts['KR-19'] }
    const deadline_us = readDeadline(fields.deadline)
    if (deadline_us === undefined) return { error: badField('deadline') }
    const post_only = readFlag(fields.post_only)
    if (post_only === undefined) return { error: badField('post_only') }
    for (const name of ['order_qty', 'limit_price']) {
      const text = fields[name]
      if (text !== undefined && !isPositive(text)) return { error: badField(name) }
    }
    for (const name of ['display_qty', 'trigger_price']) {
      if ((fields[name] ?? '') !== '') return { error: badField(name) }
    }
    const refused = trading.amend(account, order, {
      order_qty: fields.order_qty ?? null,
      limit_price: fields.limit_price ?? null,
      post_only,
      deadline_us,
    })
    return refused ?? { amend_id: amendText(order) }
  }),

  EditOrder: method('modify-orders', 0, ({ trading, account, fields, context }) => {
    const order = trading.named(account, idOf(fields))[0]
    if (order === undefined) return { error: missingId(fields) ?? texts['KR-19'] }
    if (fields.pair !== undefined && context.pairs.named(fields.pair)?.id !== order.venue_symbol) {
      return { error: texts['KR-05'] }
    }
    const change = readEdit(fields)
    if (isError(change)) return change
    const edited = trading.edit(account, order, change)
    if (isError(edited)) return edited
    const { checked, order: made } = edited
    return {
      status: 'ok',
      ...(made === null ? {} : { txid: made.id }),
      originaltxid: order.id,
      volume: qtyText(checked.pair, checked.input.qty_lots),
      price: priceText(checked.pair, checked.input.price_ticks ?? 0),
      orders_cancelled: made === null ? 0 : 1,
      descr: { order: describe(checked.pair, checked.input) },
    }
  }),

  CancelOrder: method('cancel-orders', 0, ({ trading, account, fields }) => {
    const missing = missingId(fields)
    if (missing !== undefined) return { error: missing }
    const orders = trading.named(account, idOf(fields))
    const refused = orders.length === 0 ? trading.cancel(account, undefined) : null
    const first = refused ?? orders.map((order) => trading.cancel(account, order)).find(Boolean)
    return first ?? { count: orders.length }
  }),

  CancelOrderBatch: method('cancel-orders', 0, ({ trading, account, orders, fields }) => {
    const byClient = (fields.cl_ord_ids ?? '').split(',').filter((name) => name !== '')
    const names = [
      ...orders.map((name) => ({ txid: typeof name === 'string' ? name : (name.txid ?? '') })),
      ...byClient.map((cl_ord_id) => ({ cl_ord_id })),
    ]
    if (names.length === 0 || names.length > CANCEL_BATCH_MAX) return { error: badField('orders') }
    let count = 0
    for (const name of names) {
      for (const order of trading.named(account, name)) {
        if (trading.cancel(account, order) === null) count += 1
      }
    }
    return count === 0 ? { error: texts['KR-19'] } : { count }
  }),

  CancelAll: method('cancel-orders', 0, ({ trading, account }) => ({
    count: trading.cancelAll(account),
  })),

  CancelAllOrdersAfter: method('cancel-orders', 0, ({ trading, account, fields, context }) => {
    const seconds = wholeNumber(fields.timeout, Number.NaN)
    const set = trading.cancelAllAfter(account, seconds ?? Number.NaN)
    if (isError(set)) return set
    return {
      currentTime: rfc3339Seconds(context.host.now_us()),
      triggerTime: set.at_us === null ? '0' : rfc3339Seconds(set.at_us),
    }
  }),

  QueryOrders: method('query-open-orders', 1, (call) => {
    const { trading, account, fields } = call
    const ids = idList(fields.txid, 'txid')
    if (!isIds(ids)) return ids
    const found = ids.flatMap((txid) => trading.named(account, { txid }))
    if (found.length === 0) return { error: texts['KR-19'] }
    return orderMap(call, found)
  }),

  OpenOrders: method('query-open-orders', 1, (call) => {
    const { context, account } = call
    const open = context.host.records.openOrders(account.account_id).reverse()
    return { open: orderMap(call, filtered(call.fields, open)) }
  }),

  ClosedOrders: method('query-closed-orders', 2, (call) => {
    const { context, account, fields } = call
    const all = filtered(fields, context.host.records.doneOrders(account.account_id).reverse())
    const page = paged(fields, all, {
      id: ({ id }) => id,
      ts_us: (order) => order.done_us ?? order.created_us,
    })
    if (isError(page)) return page
    return { closed: orderMap(call, page.rows), count: page.count }
  }),

  TradesHistory: method('query-closed-orders', 2, (call) => {
    const { context, account, fields } = call
    // A trade whose settlement failed counts no more. `QueryTrades` still tells it: its order names it.
    const all = context.host.records
      .fills(account.account_id)
      .filter(({ failed = false }) => !failed)
      .reverse()
    const page = paged(fields, all, { id: ({ id }) => id, ts_us: ({ ts_us }) => ts_us })
    if (isError(page)) return page
    return { trades: tradeMap(context, page.rows), count: page.count }
  }),

  QueryTrades: method('query-closed-orders', 2, ({ context, account, fields }) => {
    const ids = idList(fields.txid, 'txid')
    if (!isIds(ids)) return ids
    const { records } = context.host
    const found = ids.flatMap((id) => records.fillByText(account.account_id, id) ?? [])
    return tradeMap(context, found)
  }),
}

function balances({ host }: RuleContext, { account_id }: AccountInfo) {
  return host.exchange
    .balances(account_id)
    .map(({ asset, ...balance }) => ({ ...assetNames(asset), ...balance }))
}

function idOf({ txid, cl_ord_id }: Fields): { txid?: string; cl_ord_id?: string } {
  if (txid !== undefined && txid !== '') return { txid }
  return cl_ord_id === undefined ? {} : { cl_ord_id }
}

/** The error of a request that names no order at all. */
const missingId = ({ txid, cl_ord_id }: Fields): string | undefined =>
  (txid ?? '') === '' && (cl_ord_id ?? '') === '' ? badField('txid') : undefined

export function readEdit(fields: Fields): Read<Parameters<Trading['edit']>[2]> {
  const deadline_us = readDeadline(fields.deadline)
  if (deadline_us === undefined) return { error: badField('deadline') }
  const validate = readFlag(fields.validate)
  if (validate === undefined) return { error: badField('validate') }
  const userref = readUserref(fields.userref)
  if (userref === undefined) return { error: badField('userref') }
  const { price, volume, oflags } = fields
  if (price !== undefined && !isPositive(price)) return { error: badField('price') }
  if (volume !== undefined && !isPositive(volume)) return { error: texts['KR-09'] }
  const post = oflags === undefined ? null : oflags.split(',').includes('post')
  return { volume: volume ?? null, price: price ?? null, post, deadline_us, validate, userref }
}

function filtered(fields: Fields, orders: OrderRecord[]): OrderRecord[] {
  const { userref, cl_ord_id } = fields
  return orders.filter(
    (order) =>
      ((userref ?? '') === '' || String(factsOf(order).userref) === userref) &&
      ((cl_ord_id ?? '') === '' || order.client_order_id === cl_ord_id),
  )
}

function orderMap({ context, fields }: PrivateCall, orders: readonly OrderRecord[]): object {
  const withTrades = readFlag(fields.trades) === true
  const { records } = context.host
  return Object.fromEntries(
    orders.map((order) => {
      const pair = context.pairs.of(order.venue_symbol)
      const trades = withTrades
        ? order.fills.flatMap((fill_no) => records.fill(fill_no)?.id ?? [])
        : null
      return [order.id, orderJson(pair, order, trades)]
    }),
  )
}

function tradeMap({ host, pairs }: RuleContext, fills: readonly FillRecord[]): object {
  return Object.fromEntries(
    fills.map((fill) => [
      fill.id,
      tradeJson(pairs.of(fill.venue_symbol), fill, host.records.order(fill.order_id)),
    ]),
  )
}

function monthVolume_1e17({ host, pairs }: RuleContext, { account_id }: AccountInfo): bigint {
  const from_us = host.now_us() - MONTH_US
  let total_1e17 = 0n
  for (const fill of host.records.fills(account_id)) {
    if (fill.failed || fill.ts_us < from_us) continue
    const { instrument }: Pair = pairs.of(fill.venue_symbol)
    total_1e17 += priceOf(instrument, fill.price_ticks) * qtyOf(instrument, fill.qty_lots)
  }
  return total_1e17
}

/** The first tier, the one everybody pays here, and the next. */
function tierJson(schedule: typeof TAKER_TIERS | typeof MAKER_TIERS): object {
  const [first, second] = schedule
  const rates = schedule.map(([, rate]) => rate)
  return {
    fee: first[1].toFixed(4),
    minfee: Math.min(...rates).toFixed(4),
    maxfee: Math.max(...rates).toFixed(4),
    nextfee: second[1].toFixed(4),
    nextvolume: second[0].toFixed(4),
    tiervolume: first[0].toFixed(4),
  }
}
