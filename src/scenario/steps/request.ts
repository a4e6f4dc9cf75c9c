/**
 * Request: any call of the sandbox API, with the status and the part of the body that must come back.
 *
 * @module
 */

import { z } from 'zod'
import { count } from '../../control/amount.js'
import { JsonNumber } from '../../wire/json.js'
import { callApi } from '../api.js'
import { defineStep } from '../step.js'

export const request = defineStep({
  name: 'request',
  about: 'calls the sandbox API and checks its status and parts of its body',
  input: z.strictObject({
    as: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path: z.string().startsWith('/v1/'),
    body: z.unknown().optional(),
    status: count.optional(),
    /** Every property named here must be there and equal; lists compare by position. */
    answer: z.unknown().optional(),
  }),
  run: async (context, { as, mode, method, path, body, status, answer: wanted }) => {
    const client = await context.client(as, mode)
    const answer = await callApi(context, {
      key: mode === 'live' ? client.live_key : client.test_key,
      method,
      path,
      request_id: context.requestId(),
      ...(body === undefined ? {} : { body }),
    })
    const what = `${method} ${path}`
    if (status !== undefined) {
      const got = answer.came ? answer.status : answer.why
      context.expect(`status of ${what}`, status, got, got === status)
    }
    if (wanted !== undefined) {
      const got = answer.came ? answer.body : answer.why
      context.expect(`body of ${what}`, wanted, got, contains(got, wanted))
    }
    return answer
  },
})

/** Whether every part of `wanted` is in `got`. Numbers compare by their digits. */
export function contains(got: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(got) && wanted.every((one, index) => contains(got[index], one))
  }
  if (wanted instanceof JsonNumber || typeof wanted === 'number' || typeof wanted === 'bigint') {
    return digits(got) === digits(wanted)
  }
  if (typeof wanted !== 'object' || wanted === null) return got === wanted
  if (typeof got !== 'object' || got === null) return false
  return Object.entries(wanted).every(([key, one]) =>
    contains((got as Record<string, unknown>)[key], one),
  )
}

const digits = (value: unknown): string | undefined =>
  value instanceof JsonNumber
    ? value.value
    : typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : undefined
