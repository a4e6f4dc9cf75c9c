/**
 * Order commands of the WebSocket: the same trading as REST, with WebSocket's answers.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v2/add_order and siblings
 *
 * @module
 */

import type { AccountInfo } from '../../src/venue/reducer.js'
import { may, type Permission } from './auth.js'
import {
  isParams,
  numberOf,
  type Params,
  readAdd,
  readAmend,
  readEditFields,
  textOf,
  textsOf,
} from './commands.js'
import { readEdit } from './private.js'
import { badField, type KrakenError, texts } from './rejects.js'
import { isError, type OrderRequest, type Read } from './request.js'
import type { RuleContext } from './rules.js'
import { BATCH_COST, type Trading } from './trading.js'
import { amendText, factsOf, rfc3339Seconds } from './wire.js'

export interface SocketCall {
  readonly context: RuleContext
  readonly trading: Trading
  readonly params: Params
  readonly account: () => AccountInfo | undefined
}

/** `{ result }` or `{ error }` and what stands beside it; one command may have several. */
type Answer = object

type Command = (call: SocketCall, account: AccountInfo) => Answer[]

const BATCH_MIN = 2
const BATCH_MAX = 15

/** The answers to an order command. */
export function orderCommand(method: string, call: SocketCall): Answer[] {
  const known = Object.hasOwn(commands, method) ? commands[method] : undefined
  if (known === undefined) return [{ error: texts.method }]
  const account = call.account()
  if (account === undefined) return [{ error: 'ESession:Invalid session' }]
  if (!may(account, known.needs)) return [{ error: texts.permission }]
  return known.run(call, account)
}

const commands: Readonly<Record<string, { readonly needs: Permission; readonly run: Command }>> = {
  add_order: {
    needs: 'modify-orders',
    run: ({ trading, params }, account) => {
      const added = addOne(trading, account, readAdd(params))
      return [isError(added) ? added : { result: { ...added, warnings: [] } }]
    },
  },

  batch_add: {
    needs: 'modify-orders',
    run: ({ trading, params, context }, account) => {
      const { symbol, deadline, validate, orders, token } = params
      if (context.pairs.named(textOf(symbol) ?? '') === undefined)
        return [{ error: texts['KR-05'] }]
      if (!Array.isArray(orders) || orders.length < BATCH_MIN || orders.length > BATCH_MAX) {
        return [{ error: badField('orders') }]
      }
      const shared = { symbol, deadline, validate, token }
      const said = Object.fromEntries(
        Object.entries(shared).filter(([, value]) => value !== undefined),
      )
      const requests = orders.map((order) =>
        isParams(order) ? readAdd({ ...order, ...said } as Params) : { error: badField('orders') },
      )
      // One malformed order refuses the whole batch; refusals further on are told per order.
      const malformed = requests.find(isError)
      if (malformed !== undefined) return [malformed]
      return [{ result: requests.map((request) => addOne(trading, account, request, BATCH_COST)) }]
    },
  },

  amend_order: {
    needs: 'modify-orders',
    run: ({ trading, params }, account) => {
      const request = readAmend(params)
      if (isError(request)) return [request]
      const name = nameOf(params)
      if (isError(name)) return [name]
      const order = trading.named(account, name)[0]
      if (order === undefined) return [{ error: texts['KR-19'] }]
      const refused = trading.amend(account, order, request)
      return [
        refused ?? {
          result: { amend_id: amendText(order), order_id: order.id, ...clientId(order) },
        },
      ]
    },
  },

  edit_order: {
    needs: 'modify-orders',
    run: ({ trading, params, context }, account) => {
      const read = readEditFields(params)
      if (isError(read)) return [read]
      const { fields } = read
      const order = trading.named(account, { txid: fields.txid ?? '' })[0]
      if (order === undefined) return [{ error: texts['KR-19'] }]
      if (
        fields.pair !== undefined &&
        context.pairs.named(fields.pair)?.id !== order.venue_symbol
      ) {
        return [{ error: texts['KR-05'] }]
      }
      const change = readEdit(fields)
      if (isError(change)) return [change]
      const edited = trading.edit(account, order, change)
      if (isError(edited)) return [edited]
      return [{ result: { order_id: edited.order?.id ?? order.id, original_order_id: order.id } }]
    },
  },

  cancel_order: {
    needs: 'cancel-orders',
    run: ({ trading, params }, account) => {
      const names = namesOf(params)
      if (isError(names)) return [names]
      return names.list.flatMap((name): Answer[] => {
        const orders = trading.named(account, name)
        if (orders.length === 0) return [{ error: texts['KR-19'] }]
        return orders.map((order) => {
          const refused = trading.cancel(account, order)
          return refused ?? { result: { order_id: order.id, ...clientId(order) } }
        })
      })
    },
  },

  batch_cancel: {
    needs: 'cancel-orders',
    run: ({ trading, params }, account) => {
      const { orders, ...rest } = params
      const asked = orders === undefined ? rest : { ...rest, order_id: orders }
      const names = namesOf(asked)
      if (isError(names)) return [names]
      const found = names.list.flatMap((name) => trading.named(account, name))
      const gone = found.filter((order) => trading.cancel(account, order) === null)
      if (gone.length === 0) return [{ error: texts['KR-19'] }]
      return [{ orders_cancelled: gone.length }]
    },
  },

  cancel_all: {
    needs: 'cancel-orders',
    run: ({ trading }, account) => [{ result: { count: trading.cancelAll(account) } }],
  },

  cancel_all_orders_after: {
    needs: 'cancel-orders',
    run: ({ trading, params, context }, account) => {
      const set = trading.cancelAllAfter(account, Number(numberOf(params.timeout) ?? Number.NaN))
      if (isError(set)) return [set]
      const currentTime = rfc3339Seconds(context.host.now_us())
      const triggerTime = set.at_us === null ? '0' : rfc3339Seconds(set.at_us)
      return [{ result: { currentTime, triggerTime } }]
    },
  },
}

function addOne(
  trading: Trading,
  account: AccountInfo,
  request: Read<OrderRequest>,
  cost?: number,
): KrakenError | object {
  if (isError(request)) return request
  const added = trading.add(account, request, cost)
  if (isError(added)) return added
  const { order, checked } = added
  const { userref } = factsOf({ data: checked.input.data } as Parameters<typeof factsOf>[0])
  return {
    ...(order === null ? {} : { order_id: order.id }),
    ...(checked.input.client_order_id === null ? {} : { cl_ord_id: checked.input.client_order_id }),
    order_userref: userref,
  }
}

const clientId = ({ client_order_id }: { readonly client_order_id: string | null }): object =>
  client_order_id === null ? {} : { cl_ord_id: client_order_id }

function nameOf(params: Params): Read<{ readonly txid?: string; readonly cl_ord_id?: string }> {
  const txid = textOf(params.order_id)
  const cl_ord_id = textOf(params.cl_ord_id)
  if (txid !== undefined) return { txid }
  return cl_ord_id === undefined ? { error: badField('order_id') } : { cl_ord_id }
}

function namesOf(
  params: Params,
): Read<{ readonly list: { readonly txid?: string; readonly cl_ord_id?: string }[] }> {
  const ids = textsOf(params.order_id)
  const clientIds = textsOf(params.cl_ord_id)
  const userrefs = textsOf(params.order_userref)
  if (ids === undefined) return { error: badField('order_id') }
  if (clientIds === undefined) return { error: badField('cl_ord_id') }
  if (userrefs === undefined) return { error: badField('order_userref') }
  const list = [
    ...ids.map((txid) => ({ txid })),
    ...clientIds.map((cl_ord_id) => ({ cl_ord_id })),
    ...userrefs.map((txid) => ({ txid })),
  ]
  return list.length === 0 ? { error: badField('order_id') } : { list }
}
