/**
 * Order: a client submits an order over the sandbox API, and the story remembers it by a name.
 *
 * @module
 */

import { z } from 'zod'
import { plain, price, qty } from '../../control/amount.js'
import { formatDecimal } from '../../engine/decimal.js'
import { type Json, numberText } from '../../wire/json.js'
import { callApi, field } from '../api.js'
import { defineStep, StoryError } from '../step.js'

export const order = defineStep({
  name: 'order',
  about: 'submits an order; later steps name it by its id',
  input: z.strictObject({
    id: z.string().min(1),
    as: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    qty: qty.optional(),
    notional: price.optional(),
    price: price.optional(),
    venue: z.string().optional(),
    tif: z.enum(['gtc', 'ioc', 'fok', 'gtd', 'post_only']).optional(),
    post_only: z.boolean().optional(),
    reduce_only: z.boolean().optional(),
    max_slippage_bps: plain.optional(),
    policy: z.enum(['sor', 'aggressive_chase']).optional(),
    urgency: z.enum(['low', 'medium', 'high']).optional(),
    /** Makes a retry the same order. */
    graph_id: z.string().optional(),
  }),
  run: async (context, input) => {
    if (context.orders.has(input.id)) {
      throw new StoryError(`an order is already called ${JSON.stringify(input.id)}`)
    }
    const { id, as, mode, qty: size, notional, price: limit, ...rest } = input
    const client = await context.client(as, mode)
    const key = mode === 'live' ? client.live_key : client.test_key
    const answer = await callApi(context, {
      key,
      method: 'POST',
      path: '/v1/orders',
      request_id: context.requestId(),
      body: {
        ...rest,
        ...(size === undefined ? {} : { qty: numberText(formatDecimal(size, 8)) }),
        ...(notional === undefined ? {} : { notional: numberText(formatDecimal(notional, 9)) }),
        ...(limit === undefined ? {} : { price: numberText(formatDecimal(limit, 9)) }),
      },
    })
    context.orders.set(id, {
      client,
      key,
      node_order_id: answer.came ? textOf(field(answer.body, 'nodes', 0, 'node_order_id')) : null,
      graph_id: answer.came ? textOf(field(answer.body, 'graph_id')) : null,
      answer: answer.came ? 'came' : 'lost',
      status: answer.came ? answer.status : null,
      body: answer.came ? answer.body : null,
    })
    return answer
  },
})

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' ? value : null
