/**
 * Dropped event: private messages never arrive, though what they tell of happened. Only asking the
 * venue again brings it to light.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const dropEvent = defineFault({
  type: 'drop-event',
  about: 'private events never arrive',
  channels: ['private'],
  options: z.strictObject({}),
  outbound: () => undefined,
})
