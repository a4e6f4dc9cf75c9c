/**
 * List faults: what is set now, and what faults did so far.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'

export const listFaults = defineAction({
  name: 'list-faults',
  about: 'the faults that are set and what they did so far',
  reads: true,
  input: z.strictObject({}),
  run: (target) => ({ faults: target.faults.list(), log: [...target.faults.log()] }),
})
