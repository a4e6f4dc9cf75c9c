/**
 * Clock skew: the venue's clock runs ahead of (positive) or behind everybody else's. Signed requests
 * look stale, or come from the future.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const clockSkew = defineFault({
  type: 'clock-skew',
  about: "the venue's clock is off",
  options: z.strictObject({
    /** The venue's clock minus the world's. */
    skew_ms: z.number().min(-86_400_000).max(86_400_000),
  }),
  skew_ms: (options) => options.skew_ms,
})
