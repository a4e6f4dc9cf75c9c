/**
 * Amend: a client changes the price or the size of a resting order.
 *
 * @module
 */

import { z } from 'zod'
import { count, price, qty } from '../../control/amount.js'
import { formatDecimal } from '../../engine/decimal.js'
import { numberText } from '../../wire/json.js'
import { callApi } from '../api.js'
import { defineStep, orderOf, StoryError } from '../step.js'

export const amend = defineStep({
  name: 'amend',
  about: 'changes price or size of an order of the story, or takes some of it off',
  input: z.strictObject({
    order: z.string(),
    new_price: price.optional(),
    new_qty: qty.optional(),
    decrease_by: qty.optional(),
    /** What the API answers; absent: anything. */
    status: count.optional(),
  }),
  run: async (context, { order: id, new_price, new_qty, decrease_by, status }) => {
    const { key, node_order_id } = orderOf(context, id)
    if (node_order_id === null) throw new StoryError(`order ${id} has no id to amend it by`)
    const answer = await callApi(context, {
      key,
      method: 'PATCH',
      path: `/v1/orders/${encodeURIComponent(node_order_id)}`,
      request_id: context.requestId(),
      body: {
        ...(new_price === undefined ? {} : { new_price: numberText(formatDecimal(new_price, 9)) }),
        ...(new_qty === undefined ? {} : { new_qty: numberText(formatDecimal(new_qty, 8)) }),
        ...(decrease_by === undefined
          ? {}
          : { decrease_by: numberText(formatDecimal(decrease_by, 8)) }),
      },
    })
    if (status !== undefined) {
      const got = answer.came ? answer.status : answer.why
      context.expect(`answer to the amend of ${id}`, status, got, got === status)
    }
    return answer
  },
})
