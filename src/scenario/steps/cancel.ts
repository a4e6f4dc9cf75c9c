/**
 * Cancel: a client takes an order back.
 *
 * @module
 */

import { z } from 'zod'
import { count } from '../../control/amount.js'
import { callApi } from '../api.js'
import { defineStep, orderOf, StoryError } from '../step.js'

export const cancel = defineStep({
  name: 'cancel',
  about: 'cancels an order of the story',
  input: z.strictObject({
    order: z.string(),
    /** What the API answers; absent: anything. */
    status: count.optional(),
  }),
  run: async (context, { order: id, status }) => {
    const { key, node_order_id } = orderOf(context, id)
    if (node_order_id === null) throw new StoryError(`order ${id} has no id to cancel it by`)
    const answer = await callApi(context, {
      key,
      method: 'DELETE',
      path: `/v1/orders/${encodeURIComponent(node_order_id)}`,
      request_id: context.requestId(),
    })
    if (status !== undefined) {
      const got = answer.came ? answer.status : answer.why
      context.expect(`answer to the cancel of ${id}`, status, got, got === status)
    }
    return answer
  },
})
