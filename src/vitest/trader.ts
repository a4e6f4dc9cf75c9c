/**
 * Trader: a client of the sandbox as a test holds it: orders in, rows out.
 *
 * @module
 */

import type { FillRow, OrderRow, PositionRow } from '../desk/contract.js'
import { formatDecimal } from '../engine/decimal.js'
import type { Sandbox, SandboxAccount } from '../sandbox.js'
import { type Json, numberText, parseJson, stringifyJson } from '../wire/json.js'

/** Numbers as people write them; text keeps every digit. */
export type Written = string | number | bigint

export interface OrderRequest {
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly qty?: Written
  readonly notional?: Written
  readonly price?: Written
  readonly venue?: string
  readonly tif?: 'gtc' | 'ioc' | 'fok' | 'gtd' | 'post_only'
  readonly post_only?: boolean
  readonly reduce_only?: boolean
  readonly max_slippage_bps?: number
  readonly graph_id?: string
}

/** An answer of the API. */
export interface ApiResponse {
  readonly status: number
  readonly body: Json
}

/** The API said no to a request, with its envelope. */
export class RequestRefused extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(`${status} ${code}: ${message}`)
    this.name = 'RequestRefused'
    this.status = status
    this.code = code
  }
}

export interface Trader {
  readonly account: SandboxAccount
  /** Sets paper balances and positions; `replace` forgets every other row first. */
  fund(
    positions: readonly {
      readonly venue: string
      readonly kind: 'fiat' | 'crypto' | 'event_contract' | 'perp'
      readonly symbol: string
      readonly qty: Written
      readonly entry_price_usd?: Written
    }[],
    replace?: boolean,
  ): Promise<void>
  /**
   * Submits an order and answers its row, refused or not.
   *
   * @throws RequestRefused when the request itself was malformed.
   */
  order(request: OrderRequest): Promise<OrderRow>
  /** The row of an order as it is now. */
  reread(order: OrderRow): Promise<OrderRow>
  cancel(order: OrderRow): Promise<OrderRow>
  orders(): Promise<readonly OrderRow[]>
  fills(): Promise<readonly FillRow[]>
  positions(): Promise<readonly PositionRow[]>
  /** Any call of the API with this trader's key. */
  call(method: string, path: string, body?: unknown): Promise<ApiResponse>
}

export function traderOf(
  sandbox: Sandbox,
  account: SandboxAccount,
  mode: 'sandbox' | 'live',
): Trader {
  const who = mode === 'live' ? account.live : account.test
  const key = mode === 'live' ? account.live_key : account.test_key
  const { desk } = sandbox

  async function call(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const response = await sandbox.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: stringifyJson(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : parseJson(text) }
  }

  async function mustWork(answer: ApiResponse): Promise<Json> {
    if (answer.status < 400) return answer.body
    const { code, message } =
      (answer.body as { error?: { code?: string; message?: string } }).error ?? {}
    throw new RequestRefused(answer.status, code ?? 'UNKNOWN', message ?? '')
  }

  async function row(id: string): Promise<OrderRow> {
    const found = await desk.order(who, id)
    if (found === undefined) throw new RangeError(`${account.client_id} has no order ${id}`)
    return found
  }

  return {
    account,
    call,
    fund: async (positions, replace = false) => {
      const rows = positions.map(({ qty, entry_price_usd, ...rest }) => ({
        ...rest,
        qty: exact(qty),
        ...(entry_price_usd === undefined ? {} : { entry_price_usd: exact(entry_price_usd) }),
      }))
      await mustWork(await call('POST', '/v1/sandbox/positions', { positions: rows, replace }))
    },
    order: async ({ qty, notional, price, ...rest }) => {
      const body = (await mustWork(
        await call('POST', '/v1/orders', {
          ...rest,
          ...(qty === undefined ? {} : { qty: exact(qty) }),
          ...(notional === undefined ? {} : { notional: exact(notional) }),
          ...(price === undefined ? {} : { price: exact(price) }),
        }),
      )) as unknown as { nodes: readonly { node_order_id: string | null }[] }
      await sandbox.settle()
      const id = body.nodes[0]?.node_order_id
      if (id === null || id === undefined) throw new RangeError('the order got no id')
      return row(id)
    },
    reread: ({ node_order_id }) => row(node_order_id),
    cancel: async ({ node_order_id }) => {
      await mustWork(await call('DELETE', `/v1/orders/${encodeURIComponent(node_order_id)}`))
      await sandbox.settle()
      return row(node_order_id)
    },
    orders: () => desk.orders(who, { limit: 1_000 }),
    fills: () => desk.fills(who, { limit: 1_000 }),
    positions: () => desk.positions(who, { venues: null, kinds: null, include_closed: true }),
  }
}

/** A JSON number with exactly the digits that were written. */
const exact = (written: Written) =>
  numberText(typeof written === 'bigint' ? formatDecimal(written, 0) : String(written))
