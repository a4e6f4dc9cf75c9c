/**
 * Credentials: the keys of the funded demo account at each mock venue.
 *
 * @module
 */

import { z } from 'zod'
import { defineAction } from './action.js'

export const credentials = defineAction({
  name: 'credentials',
  about: 'the demo credentials of every venue',
  reads: true,
  input: z.strictObject({}),
  run: (target) =>
    Object.fromEntries(
      [...target.venues].flatMap(([id, { credentials: own }]) =>
        own === null ? [] : [[id, own] as const],
      ),
    ),
})
