/**
 * Private method: what one private REST method is given and answers, and how its lists are paged.
 *
 * @module
 */

import type { AccountInfo } from '../../src/venue/reducer.js'
import type { Permission } from './auth.js'
import { wholeNumber } from './public.js'
import { badField } from './rejects.js'
import { type Fields, isError, type Read } from './request.js'
import type { RuleContext } from './rules.js'
import type { Tokens } from './tokens.js'
import type { Trading } from './trading.js'

export interface PrivateCall {
  readonly context: RuleContext
  readonly trading: Trading
  readonly tokens: Tokens
  readonly account: AccountInfo
  readonly fields: Fields
  /** Lists of batch methods. */
  readonly orders: readonly (Fields | string)[]
}

export interface PrivateMethod {
  readonly needs: Permission
  /** Cost on the REST counter. */
  readonly cost: number
  readonly run: (call: PrivateCall) => Read<object>
}

export const method = (
  needs: Permission,
  cost: number,
  run: PrivateMethod['run'],
): PrivateMethod => ({ needs, cost, run })

/** Rows of a page, and the most ids of a query. */
export const PAGE = 50

/** A page of rows and how many there are altogether. */
export interface Paged<T> {
  readonly rows: T[]
  readonly count: number
}

/**
 * The rows between `start` and `end`, then one page of them from `ofs` on.
 *
 * Both ends are seconds, or the id of a row; the start itself is left out, the end is in.
 *
 * @param all - Newest first.
 */
export function paged<T>(
  { start, end, ofs }: Fields,
  all: readonly T[],
  row: { readonly id: (one: T) => string; readonly ts_us: (one: T) => number },
): Read<Paged<T>> {
  const seconds = (text: string | undefined, otherwise: number): number | undefined => {
    if (text === undefined || text === '') return otherwise
    return /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) * 1e6 : undefined
  }
  const at = (id: string | undefined): number => all.findIndex((one) => row.id(one) === id)
  const from_us = seconds(start, Number.NEGATIVE_INFINITY)
  const to_us = seconds(end, Number.POSITIVE_INFINITY)
  const first = to_us === undefined ? at(end) : 0
  const last = from_us === undefined ? at(start) : all.length
  if (last < 0) return { error: badField('start') }
  if (first < 0) return { error: badField('end') }
  const offset = wholeNumber(ofs, 0)
  if (offset === undefined) return { error: badField('ofs') }
  const within = all.slice(first, last).filter((one) => {
    const ts_us = row.ts_us(one)
    return ts_us > (from_us ?? Number.NEGATIVE_INFINITY) && ts_us <= (to_us ?? ts_us)
  })
  return { rows: within.slice(offset, offset + PAGE), count: within.length }
}

/** The error of a list of ids that is empty or too long, or the ids. */
export function idList(text: string | undefined, field: string, max = PAGE): Read<string[]> {
  const ids = (text ?? '').split(',').map((id) => id.trim())
  return (text ?? '') === '' || ids.length > max ? { error: badField(field) } : ids
}

/** Narrowed for callers: a list is never an error. */
export const isIds = (ids: Read<string[]>): ids is string[] => !isError(ids)
