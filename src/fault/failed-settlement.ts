/**
 * Failed settlement: a trade was matched and reported, and its settlement then fails: the match is
 * undone and the money comes back. Only venues of deferred settlement can fail so: the plan refuses it at others.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const failedSettlement = defineFault({
  type: 'failed-settlement',
  about: 'matched trades fail to settle and are undone',
  options: z.strictObject({}),
  settlementFails: true,
})
