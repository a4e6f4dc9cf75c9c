/**
 * Expect count: how many orders, fills or requests there are.
 *
 * @module
 */

import { z } from 'zod'
import { amount, count, price } from '../../control/amount.js'
import { principalOf } from '../../control/target.js'
import { amountText, bound, boundText, within } from '../bound.js'
import { defineStep } from '../step.js'

const STATUSES = [
  'NEW',
  'WAITING',
  'WORKING',
  'PARTIAL',
  'FILLED',
  'CANCELLED',
  'REJECTED',
  'EXPIRED',
] as const

export const expectOrders = defineStep({
  name: 'expect-orders',
  about: "counts a client's orders",
  input: z.strictObject({
    as: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    symbol: z.string().optional(),
    status: z.enum(STATUSES).optional(),
    count: count,
  }),
  run: async (context, { as, mode, count, ...filter }) => {
    const client = await context.client(as, mode)
    const who = principalOf(context.host.target, client.client_id, mode)
    const orders = await context.host.target.desk.orders(who, {
      ...(filter.symbol === undefined ? {} : { symbol: filter.symbol }),
      ...(filter.status === undefined ? {} : { status: filter.status }),
      limit: 1_000,
    })
    context.expect(
      `orders (${JSON.stringify(filter)})`,
      count,
      orders.length,
      orders.length === count,
    )
    return { count: orders.length }
  },
})

export const expectFills = defineStep({
  name: 'expect-fills',
  about: "checks a client's fills: how many, how much, and at what prices",
  input: z.strictObject({
    as: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    symbol: z.string().optional(),
    /** Of this order of the story only. */
    order: z.string().optional(),
    count: count.optional(),
    qty: bound(amount).optional(),
    /** Every fill's price. */
    price: bound(price).optional(),
    liquidity: z.enum(['maker', 'taker']).optional(),
  }),
  run: async (context, { as, mode, symbol, order, ...wanted }) => {
    const client = await context.client(as, mode)
    const who = principalOf(context.host.target, client.client_id, mode)
    const graph_id = order === undefined ? undefined : context.orders.get(order)?.graph_id
    const fills = (
      await context.host.target.desk.fills(who, {
        ...(symbol === undefined ? {} : { symbol }),
        limit: 1_000,
      })
    ).filter((fill) => graph_id === undefined || fill.graph_id === graph_id)
    const what = order === undefined ? 'fills' : `fills of order ${order}`
    if (wanted.count !== undefined) {
      context.expect(`number of ${what}`, wanted.count, fills.length, fills.length === wanted.count)
    }
    if (wanted.qty !== undefined) {
      const got = fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
      context.expect(
        `quantity of ${what}`,
        boundText(wanted.qty, 8),
        amountText(got, 8),
        within(got, wanted.qty),
      )
    }
    for (const fill of fills) {
      if (wanted.price !== undefined) {
        context.expect(
          `price of fill ${fill.fill_id}`,
          boundText(wanted.price, 9),
          amountText(fill.px_1e9, 9),
          within(fill.px_1e9, wanted.price),
        )
      }
      if (wanted.liquidity !== undefined) {
        context.expect(
          `liquidity of fill ${fill.fill_id}`,
          wanted.liquidity,
          fill.liquidity,
          fill.liquidity === wanted.liquidity,
        )
      }
    }
    return { count: fills.length }
  },
})

export const expectFault = defineStep({
  name: 'expect-fault',
  about: 'checks that faults of a type hit something, and how often',
  input: z.strictObject({
    type: z.string(),
    venue: z.string().optional(),
    hits: count,
  }),
  run: (context, { type, venue, hits }) => {
    const got = context.host.target.faults
      .log()
      .filter(
        (firing) =>
          firing.type === type &&
          (venue === undefined || firing.venue === venue) &&
          firing.on !== 'begin' &&
          firing.on !== 'end',
      ).length
    context.expect(`hits of ${type}`, hits, got, got === hits)
    return { hits: got }
  },
})
