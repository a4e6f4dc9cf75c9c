/**
 * Requests: an order as REST fields or WebSocket params say it, read into one shape.
 *
 * Pure. Only form is judged here (missing and malformed fields, options that contradict each other:
 * KR-04, KR-24, KR-25); what depends on the pair, the market or the account is `rules.ts`.
 *
 * @module
 */

import type { SelfTrade } from '../../src/engine/command.js'
import { parseDecimal } from '../../src/engine/decimal.js'
import type { Side } from '../../src/engine/instrument.js'
import type { TimeInForce } from '../../src/engine/order.js'
import { badField, type KrakenError, texts } from './rejects.js'

/** Fields as texts; absent fields are absent. */
export type Fields = Readonly<Record<string, string | undefined>>

/** An order as asked for, before anything is known about its pair. */
export interface OrderRequest {
  /** Any of the pair's names. */
  readonly pair: string
  readonly side: Side
  readonly market: boolean
  /** Decimal text; base units, or quote units when `viqc`. */
  readonly volume: string
  /** Decimal text; null: market. */
  readonly price: string | null
  readonly viqc: boolean
  readonly post: boolean
  readonly fee_in: 'quote' | 'base'
  readonly oflags: string
  readonly time_in_force: TimeInForce
  /** Moment, or seconds from now. */
  readonly expire: { readonly at_us: number } | { readonly in_s: number } | null
  readonly deadline_us: number | null
  readonly self_trade: SelfTrade
  readonly userref: number
  readonly cl_ord_id: string | null
  readonly validate: boolean
}

export type Read<T> = T | KrakenError

export const isError = (value: object): value is KrakenError => 'error' in value

/** Kraken knows these order types; only the first two are matched here (see the README). */
const SIDES = ['buy', 'sell']
const FLAGS = ['post', 'fcib', 'fciq', 'nompp', 'viqc']
const SELF_TRADES: Readonly<Record<string, SelfTrade>> = {
  'cancel-newest': 'cancel-taker',
  'cancel-oldest': 'cancel-maker',
  'cancel-both': 'cancel-both',
  // The same on WebSocket v2.
  cancel_newest: 'cancel-taker',
  cancel_oldest: 'cancel-maker',
  cancel_both: 'cancel-both',
}
const TIMES: Readonly<Record<string, TimeInForce>> = {
  GTC: 'gtc',
  IOC: 'ioc',
  GTD: 'gtd',
  FOK: 'fok',
}
/** Fields of features that are not built; saying them is refused rather than ignored. */
const UNBUILT = ['price2', 'displayvol', 'leverage', 'reduce_only', 'starttm', 'close[ordertype]']
const NOTHING = new Set(['', '0', 'none', 'false'])

const INT32_MAX = 2_147_483_647
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i
const FREE_TEXT = /^[\x20-\x7e]{1,18}$/

/**
 * An order of `AddOrder` or one of `AddOrderBatch`, or the first field at fault.
 *
 * @see https://docs.kraken.com/api/docs/rest-api/add-order
 */
export function readOrder(fields: Fields): Read<OrderRequest> {
  const { pair, type, ordertype, volume, price } = fields
  for (const [name, value] of Object.entries({ ordertype, type, volume, pair })) {
    if (value === undefined || value === '') return { error: badField(name) }
  }
  if (pair === undefined || volume === undefined) return { error: texts['KR-04'] }
  if (ordertype !== 'market' && ordertype !== 'limit') return { error: badField('ordertype') }
  if (type === undefined || !SIDES.includes(type)) return { error: badField('type') }
  if (parseDecimal(volume, 8) === undefined) return { error: texts['KR-09'] }
  const market = ordertype === 'market'
  if (!market && !isPositive(price)) return { error: badField('price') }
  for (const name of UNBUILT) {
    if (!NOTHING.has(fields[name] ?? '')) return { error: badField(name) }
  }
  const flags = (fields.oflags ?? '').split(',').filter((flag) => flag !== '')
  if (flags.some((flag) => !FLAGS.includes(flag))) return { error: texts['KR-25'] }
  const options = readOptions(fields)
  if (isError(options)) return options
  const side = type === 'buy' ? 'buy' : 'sell'
  return combined({
    ...options,
    pair,
    side,
    market,
    volume,
    price: market ? null : (price ?? null),
    viqc: flags.includes('viqc'),
    post: flags.includes('post'),
    fee_in: flags.includes('fcib') ? 'base' : 'quote',
    oflags: printedFlags(flags),
  })
}

/** Contradictions between fields that are fine each on its own. */
export function combined(request: OrderRequest): Read<OrderRequest> {
  const { market, side, viqc, post, time_in_force, expire } = request
  if (viqc && (side === 'sell' || !market)) return { error: texts['KR-24'] }
  const immediate = time_in_force === 'ioc' || time_in_force === 'fok'
  if (post && (market || immediate)) return { error: texts['KR-25'] }
  if (market && (time_in_force === 'fok' || time_in_force === 'gtd')) {
    return { error: badField('timeinforce') }
  }
  if (time_in_force === 'gtd' && expire === null) return { error: badField('expiretm') }
  if (immediate && expire !== null) return { error: badField('expiretm') }
  if (market && expire !== null) return { error: badField('expiretm') }
  // An expiry makes a resting order good till that date.
  return expire === null ? request : { ...request, time_in_force: 'gtd' }
}

type Options = Pick<
  OrderRequest,
  'time_in_force' | 'expire' | 'deadline_us' | 'self_trade' | 'userref' | 'cl_ord_id' | 'validate'
>

function readOptions(fields: Fields): Read<Options> {
  const time_in_force = TIMES[(fields.timeinforce ?? 'GTC').toUpperCase()]
  if (time_in_force === undefined) return { error: badField('timeinforce') }
  const expire = readExpire(fields.expiretm)
  if (expire === undefined) return { error: badField('expiretm') }
  const deadline_us = readDeadline(fields.deadline)
  if (deadline_us === undefined) return { error: badField('deadline') }
  const self_trade = SELF_TRADES[fields.stptype ?? 'cancel-newest']
  if (self_trade === undefined) return { error: badField('stptype') }
  const userref = readUserref(fields.userref)
  if (userref === undefined) return { error: badField('userref') }
  const cl_ord_id = fields.cl_ord_id ?? null
  if (cl_ord_id !== null && (userref !== 0 || !isClientId(cl_ord_id))) {
    return { error: badField('cl_ord_id') }
  }
  const validate = readFlag(fields.validate)
  if (validate === undefined) return { error: badField('validate') }
  return { time_in_force, expire, deadline_us, self_trade, userref, cl_ord_id, validate }
}

/** UUID with or without dashes, or free text of at most 18 characters. */
export const isClientId = (text: string): boolean => UUID.test(text) || FREE_TEXT.test(text)

/** A number above zero, as decimal text; a sign in front would make it a relative price. */
export const isPositive = (text: string | undefined): text is string =>
  text !== undefined && !text.startsWith('+') && (parseDecimal(text, 18) ?? 0n) > 0n

/** `true`, `false` or absent; undefined: neither. */
export function readFlag(text: string | undefined): boolean | undefined {
  if (text === undefined || text === '' || text === 'false' || text === '0') return false
  return text === 'true' || text === '1' || text === 'True' ? true : undefined
}

/** int32, 0 when absent; undefined: not one. */
export function readUserref(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return 0
  const n = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return n >= -INT32_MAX - 1 && n <= INT32_MAX ? n : undefined
}

/** RFC 3339 moment in microseconds; null when absent; undefined: not one. */
export function readDeadline(text: string | undefined): number | null | undefined {
  if (text === undefined || text === '') return null
  return parseRfc3339(text)
}

/** Microseconds of an RFC 3339 text; undefined: not one. */
export function parseRfc3339(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  if (!match) return undefined
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** `0`: none; `+n`: seconds from now; else Unix seconds. */
function readExpire(text: string | undefined): OrderRequest['expire'] | undefined {
  if (text === undefined || text === '' || text === '0') return null
  const seconds = /^\+?\d{1,12}$/.test(text) ? Number(text) : undefined
  if (seconds === undefined) return undefined
  return text.startsWith('+') ? { in_s: seconds } : { at_us: seconds * 1_000_000 }
}

/** Flags as an order shows them: the fee flag is always there. */
function printedFlags(flags: readonly string[]): string {
  const kept = FLAGS.filter((flag) => flags.includes(flag) && flag !== 'fciq')
  return [...kept, ...(flags.includes('fcib') ? [] : ['fciq'])].join(',')
}
