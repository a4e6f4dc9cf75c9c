/**
 * Expect order: what became of an order of the story.
 *
 * @module
 */

import { z } from 'zod'
import { amount, count, price } from '../../control/amount.js'
import type { Json } from '../../wire/json.js'
import { bigintOf } from '../../wire/json.js'
import { callApi, field } from '../api.js'
import { amountText, type Bound, bound, boundText, within } from '../bound.js'
import { defineStep, orderOf, type StepContext } from '../step.js'

export const expectOrder = defineStep({
  name: 'expect-order',
  about: 'checks the state of an order of the story',
  input: z.strictObject({
    order: z.string(),
    /** Whether the answer to its submission came or was lost. */
    answer: z.enum(['came', 'lost']).optional(),
    /** HTTP status of that answer. */
    http: count.optional(),
    status: z
      .enum(['NEW', 'WAITING', 'WORKING', 'PARTIAL', 'FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED'])
      .optional(),
    reason: z.string().optional(),
    /** Words the failure message contains. */
    message: z.string().optional(),
    filled: bound(amount).optional(),
    avg_price: bound(price).optional(),
    fees: bound(amount).optional(),
    /** Venues that got a part of it, in any order. */
    venues: z.array(z.string()).optional(),
  }),
  run: async (context, input) => {
    const known = orderOf(context, input.order)
    const at = `order ${input.order}`
    if (input.answer !== undefined) {
      context.expect(`answer to ${at}`, input.answer, known.answer, known.answer === input.answer)
    }
    if (input.http !== undefined) {
      context.expect(`HTTP status of ${at}`, input.http, known.status, known.status === input.http)
    }
    const state = known.node_order_id === null ? null : await read(context, known)
    const text = (name: string, wanted: string, holds: (got: string) => boolean): void => {
      const got = field(state ?? undefined, name)
      context.expect(`${name} of ${at}`, wanted, got ?? null, typeof got === 'string' && holds(got))
    }
    const number = (name: string, wanted: Bound | undefined, decimals: number): void => {
      if (wanted === undefined) return
      const got = bigintOf(field(state ?? undefined, name))
      context.expect(
        `${name} of ${at}`,
        boundText(wanted, decimals),
        amountText(got, decimals),
        within(got, wanted),
      )
    }
    const { status, reason, message } = input
    if (status !== undefined) text('status', status, (got) => got === status)
    if (reason !== undefined) text('failure_reason', reason, (got) => got === reason)
    if (message !== undefined) text('failure_message', message, (got) => got.includes(message))
    number('filled_qty_1e8', input.filled, 8)
    number('avg_fill_price_1e9', input.avg_price, 9)
    number('fees_usd_1e9', input.fees === undefined ? undefined : scaled(input.fees), 9)
    if (input.venues !== undefined) {
      const children = (field(state ?? undefined, 'children') ?? []) as Json[]
      const got = [...new Set(children.map((child) => String(field(child, 'venue'))))].sort()
      const wanted = [...input.venues].sort()
      context.expect(`venues of ${at}`, wanted, got, String(got) === String(wanted))
    }
    return state
  },
})

async function read(
  context: StepContext,
  known: { readonly key: string; readonly node_order_id: string | null },
): Promise<Json | null> {
  const answer = await callApi(context, {
    key: known.key,
    method: 'GET',
    path: `/v1/orders/${encodeURIComponent(known.node_order_id ?? '')}`,
    request_id: context.requestId(),
  })
  return answer.came && answer.status === 200 ? answer.body : null
}

/** From `_1e8` of cash to `_1e9` of USD. */
function scaled(wanted: Bound): Bound {
  if (typeof wanted === 'bigint') return wanted * 10n
  return {
    ...(wanted.min === undefined ? {} : { min: wanted.min * 10n }),
    ...(wanted.max === undefined ? {} : { max: wanted.max * 10n }),
  }
}
