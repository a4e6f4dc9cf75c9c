/**
 * Commands: what a client sends on the WebSocket, read into the same requests as REST.
 *
 * Pure. Prices and sizes arrive as JSON numbers and keep the digits they were written with.
 *
 * @see https://docs.kraken.com/api/docs/websocket-v2/add_order and siblings
 *
 * @module
 */

import { type Json, JsonNumber } from '../../src/wire/json.js'
import { badField, texts } from './rejects.js'
import {
  type Fields,
  isError,
  type OrderRequest,
  parseRfc3339,
  type Read,
  readDeadline,
  readOrder,
} from './request.js'
import type { AmendRequest } from './trading.js'

export type Params = { readonly [key: string]: Json }

/** Kraken's words for a field that the message does not have. */
const unsupported = (field: string, message: string): string =>
  `Unsupported field: '${field}' for the given msg type: ${message}`

const ADD_FIELDS = new Set(
  `order_type side symbol order_qty limit_price limit_price_type triggers time_in_force margin post_only
   reduce_only effective_time expire_time deadline cl_ord_id order_userref conditional display_qty
   fee_preference no_mpp stp_type cash_order_qty validate sender_sub_id token asset_class`.split(
    /\s+/,
  ),
)
const AMEND_FIELDS = new Set(
  `order_id cl_ord_id order_qty limit_price limit_price_type display_qty post_only trigger_price
   trigger_price_type deadline symbol token`.split(/\s+/),
)
const EDIT_FIELDS = new Set(
  `order_id symbol order_qty limit_price display_qty fee_preference no_mpp post_only reduce_only
   order_userref triggers deadline validate token`.split(/\s+/),
)
/** Said and not built: refused, never ignored. */
const UNBUILT = ['triggers', 'conditional', 'display_qty', 'effective_time'] as const

/** Params of `add_order` (or one order of `batch_add`). */
export function readAdd(params: Params): Read<OrderRequest> {
  const unknown = Object.keys(params).find((name) => !ADD_FIELDS.has(name))
  if (unknown !== undefined) return { error: unsupported(unknown, 'add order') }
  for (const name of UNBUILT) if (params[name] !== undefined) return { error: badField(name) }
  if (params.margin === true) return { error: badField('margin') }
  const cash = params.cash_order_qty
  for (const name of ['order_qty', 'limit_price', 'cash_order_qty', 'order_userref']) {
    if (params[name] !== undefined && numberOf(params[name]) === undefined) {
      return { error: badField(name) }
    }
  }
  if (cash !== undefined && params.order_qty !== undefined) return { error: texts['KR-24'] }
  const flags = [
    ...(params.post_only === true ? ['post'] : []),
    ...(cash === undefined ? [] : ['viqc']),
    ...feeFlag(params.fee_preference),
  ]
  const fields: Record<string, string | undefined> = {
    pair: textOf(params.symbol),
    type: textOf(params.side),
    ordertype: textOf(params.order_type),
    volume: numberOf(params.order_qty) ?? numberOf(cash),
    price: numberOf(params.limit_price),
    oflags: flags.join(','),
    timeinforce: textOf(params.time_in_force),
    stptype: textOf(params.stp_type),
    userref: numberOf(params.order_userref),
    cl_ord_id: textOf(params.cl_ord_id),
    validate: flagText(params.validate),
    reduce_only: flagText(params.reduce_only),
    deadline: textOf(params.deadline),
  }
  const expire = params.expire_time
  if (expire === undefined) return readOrder(fields)
  const at_us = parseRfc3339(textOf(expire) ?? '')
  if (at_us === undefined) return { error: badField('expire_time') }
  // REST says whole seconds; the moment itself is put back afterwards.
  const read = readOrder({ ...fields, expiretm: String(Math.ceil(at_us / 1_000_000)) })
  return isError(read) ? read : { ...read, expire: { at_us } }
}

/** Params of `amend_order`. */
export function readAmend(params: Params): Read<AmendRequest> {
  const unknown = Object.keys(params).find((name) => !AMEND_FIELDS.has(name))
  if (unknown !== undefined) return { error: unsupported(unknown, 'amend order') }
  for (const name of ['display_qty', 'trigger_price']) {
    if (params[name] !== undefined) return { error: badField(name) }
  }
  for (const name of ['order_qty', 'limit_price']) {
    if (params[name] !== undefined && numberOf(params[name]) === undefined) {
      return { error: badField(name) }
    }
  }
  const deadline_us = readDeadline(textOf(params.deadline))
  if (deadline_us === undefined) return { error: badField('deadline') }
  return {
    order_qty: numberOf(params.order_qty) ?? null,
    limit_price: numberOf(params.limit_price) ?? null,
    post_only: params.post_only === true,
    deadline_us,
  }
}

/** Params of `edit_order` as the fields of REST's EditOrder. */
export function readEditFields(params: Params): Read<{ readonly fields: Fields }> {
  const unknown = Object.keys(params).find((name) => !EDIT_FIELDS.has(name))
  if (unknown !== undefined) return { error: unsupported(unknown, 'edit order') }
  for (const name of UNBUILT) if (params[name] !== undefined) return { error: badField(name) }
  for (const name of ['order_qty', 'limit_price']) {
    if (params[name] !== undefined && numberOf(params[name]) === undefined) {
      return { error: badField(name) }
    }
  }
  const fields: Record<string, string> = {}
  const put = (name: string, text: string | undefined) => {
    if (text !== undefined) fields[name] = text
  }
  put('txid', textOf(params.order_id))
  put('pair', textOf(params.symbol))
  put('volume', numberOf(params.order_qty))
  put('price', numberOf(params.limit_price))
  put('deadline', textOf(params.deadline))
  put('userref', numberOf(params.order_userref))
  put('validate', flagText(params.validate))
  if (params.post_only === true) fields.oflags = 'post'
  return { fields }
}

/** Digits of a JSON number; undefined: absent or no number. */
export const numberOf = (value: Json | undefined): string | undefined =>
  value instanceof JsonNumber ? value.value : undefined

export const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : value === undefined ? undefined : wrong(value)

/** Every text of a list; a single text is a list of one. */
export function textsOf(value: Json | undefined): string[] | undefined {
  if (value === undefined) return []
  const list = Array.isArray(value) ? value : [value]
  const found = list.flatMap((one) =>
    typeof one === 'string' ? [one] : one instanceof JsonNumber ? [one.value] : [],
  )
  return found.length === list.length ? found : undefined
}

export const isParams = (value: Json | undefined): value is Params =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof JsonNumber)

const flagText = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === 'boolean' ? String(value) : 'malformed'

/** Something else where a text is due: no text at all fits a rule, so the field is found at fault. */
const wrong = (value: Json): string => (value instanceof JsonNumber ? value.value : '\u0000')

function feeFlag(value: Json | undefined): string[] {
  if (value === 'base' || value === 'fcib') return ['fcib']
  return value === undefined || value === 'quote' || value === 'fciq' ? [] : ['malformed']
}
