/**
 * Set rate limit: how many API calls a client may make a second, by its profile.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { plain } from './amount.js'

export const setRateLimit = defineAction({
  name: 'set-rate-limit',
  about:
    "sets a client's API calls per second in its profile, for a server that limits; null: the server's default",
  input: z.strictObject({
    client_id: z.string().min(1).max(256).optional(),
    qps: plain
      .refine(
        (qps) => Number.isInteger(qps) && qps >= 1 && qps <= 1_000_000,
        'a whole number from 1 to 1000000, or null, is expected',
      )
      .nullable(),
  }),
  run: async (target, { client_id = target.client_id, qps }) => {
    await target.setRateLimit(client_id, qps)
    return { client_id, qps }
  },
})
