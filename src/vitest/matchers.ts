/**
 * Matchers: what tests say about orders and money.
 *
 * @module
 */

import type { OrderRow } from '../desk/contract.js'
import { formatDecimal, parseDecimal } from '../engine/decimal.js'
import type { Sandbox } from '../sandbox.js'
import { stringifyJson } from '../wire/json.js'
import { principalsOf } from './clients.js'
import { RequestRefused } from './trader.js'

interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** What {@link matchers} adds to `expect`. */
export interface PapervenueMatchers<R = unknown> {
  /** The order was refused for this reason; `message` must be part of the words. */
  toBeRejectedWith(code: string, message?: string): R
  /** The order filled this much in all, and on average at this price where one is given. */
  toHaveFilled(qty: string | number, avg_price?: string | number): R
  /** No money came from nowhere: every venue's invariants hold, nobody locks more than they hold. */
  toConserveMoney(): Promise<R>
}

export const matchers = {
  toBeRejectedWith(received: unknown, code: string, message?: string): Verdict {
    const reason = reasonOf(received)
    const pass =
      reason !== null &&
      reason.code === code &&
      (message === undefined || reason.message.includes(message))
    const wanted = message === undefined ? code : `${code} (${message})`
    return {
      pass,
      message: () =>
        pass
          ? `expected the order not to be refused with ${wanted}`
          : `expected the order to be refused with ${wanted}, ${
              reason === null
                ? `but it was not refused: ${told(received)}`
                : `got ${reason.code} (${reason.message})`
            }`,
    }
  },

  toHaveFilled(received: unknown, qty: string | number, avg_price?: string | number): Verdict {
    const order = received as Partial<OrderRow>
    const wantedQty = written(qty, 8)
    const wantedPrice = avg_price === undefined ? null : written(avg_price, 9)
    const pass =
      order.filled_qty_1e8 === wantedQty &&
      (wantedPrice === null || order.avg_fill_price_1e9 === wantedPrice)
    const got =
      order.filled_qty_1e8 === undefined
        ? 'what was given is no order row'
        : `it filled ${formatDecimal(order.filled_qty_1e8, 8)}${
            order.avg_fill_price_1e9 == null
              ? ''
              : ` at ${formatDecimal(order.avg_fill_price_1e9, 9)}`
          } (${order.status}${order.failure_message == null ? '' : `, ${order.failure_message}`})`
    const wanted = `${qty}${avg_price === undefined ? '' : ` at ${avg_price}`}`
    return {
      pass,
      message: () =>
        pass
          ? `expected the order not to have filled ${wanted}`
          : `expected the order to have filled ${wanted}, but ${got}`,
    }
  },

  async toConserveMoney(received: unknown): Promise<Verdict> {
    const broken = await brokenMoney(received as Sandbox)
    return {
      pass: broken.length === 0,
      message: () =>
        broken.length === 0
          ? 'expected money not to be conserved'
          : `expected money to be conserved:\n${broken.join('\n')}`,
    }
  },
}

/** What is wrong with the money of a sandbox, in words; empty: nothing. */
async function brokenMoney(sandbox: Sandbox): Promise<string[]> {
  await sandbox.settle()
  const broken: string[] = []
  for (const [id, { mock }] of sandbox.venues) {
    try {
      mock?.admin.check()
    } catch (error) {
      broken.push(`${id}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const who of principalsOf(sandbox)) {
    const rows = await sandbox.desk.positions(who, {
      venues: null,
      kinds: null,
      include_closed: true,
    })
    for (const { venue, instrument, qty_1e8, locked_qty_1e8 } of rows) {
      const size = qty_1e8 < 0n ? -qty_1e8 : qty_1e8
      const negative = qty_1e8 < 0n && instrument.kind !== 'perp'
      if (negative || locked_qty_1e8 < 0n || locked_qty_1e8 > size) {
        broken.push(
          `${who.client_id} (${who.mode}) holds ${formatDecimal(qty_1e8, 8)} ${instrument.symbol} at ${venue} and locks ${formatDecimal(locked_qty_1e8, 8)}`,
        )
      }
    }
  }
  return broken
}

/** Why an order, a graph response or a request was refused; null: it was not. */
function reasonOf(received: unknown): { code: string; message: string } | null {
  if (received instanceof RequestRefused) {
    return { code: received.code, message: received.message }
  }
  const {
    status,
    failure_reason,
    failure_message,
    nodes: [node] = [],
  } = received as Partial<OrderRow> & { nodes?: readonly Partial<OrderRow>[] }
  if (status !== 'REJECTED' && status !== 'CANCELLED') return null
  const code = failure_reason ?? node?.failure_reason
  if (code === null || code === undefined) return null
  return { code, message: failure_message ?? node?.failure_message ?? '' }
}

function written(amount: string | number, decimals: number): bigint {
  const parsed = parseDecimal(String(amount), decimals, 'refuse')
  if (parsed !== undefined) return parsed
  throw new RangeError(
    `${amount} is no number of at most ${decimals} digits after the point; pass it as text.`,
  )
}

function told(received: unknown): string {
  const { status, filled_qty_1e8 } = received as Partial<OrderRow>
  return stringifyJson({ status: status ?? null, filled_qty_1e8: filled_qty_1e8 ?? null })
}
