/**
 * Clear faults: ends one fault, or all; what they held back is delivered.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'
import { ControlError } from './target.js'

export const clearFaults = defineAction({
  name: 'clear-faults',
  about: 'ends a fault by its id, or all of them',
  input: z.strictObject({ id: z.string().optional() }),
  run: async (target, { id }) => {
    const cleared = target.faults.clear(id)
    if (id !== undefined && cleared === 0) {
      throw new ControlError('unknown', `no fault ${JSON.stringify(id)} is set`)
    }
    await target.settle()
    return { cleared }
  },
})
