/**
 * Inject fault: sets one fault of the plan.
 *
 * @module
 */

import { z } from 'zod'
import { FaultError, type FaultInput, parseFault } from '../fault/kinds.js'
import { defineAction } from './action.js'
import { plainNumbers } from './amount.js'
import { ControlError } from './target.js'

const fault = z.unknown().transform((value, context): FaultInput => {
  const plain = plainNumbers(value)
  try {
    parseFault(plain)
    return plain as FaultInput
  } catch (error) {
    if (!(error instanceof FaultError)) throw error
    for (const { path, message } of error.issues) {
      context.addIssue({ code: 'custom', path: path === '' ? [] : path.split('.'), message })
    }
    return z.NEVER
  }
})

export const injectFault = defineAction({
  name: 'inject-fault',
  about: 'sets a fault on a venue, or on the sandbox API as venue "api"',
  input: z.strictObject({ fault }),
  run: async (target, input) => {
    try {
      const id = target.faults.inject(input.fault)
      await target.settle()
      return { id }
    } catch (error) {
      if (error instanceof FaultError) throw new ControlError('unknown', error.message)
      throw error
    }
  },
})
