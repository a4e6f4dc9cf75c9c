/**
 * Plain wire: stands in where a venue has no wire of its own: its faults have a status and no words.
 *
 * @module
 */

import type { WireTraits } from '../venue/contract.js'

export const plainWire: WireTraits = {
  request: () => ({ action: 'other', caller: null }),
  command: () => ({ action: 'other', caller: null }),
  channel: () => 'other',
  throttled: () => ({ status: 429, headers: {}, body: '' }),
  unavailable: () => ({ status: 503, headers: {}, body: '' }),
  spoil: () => undefined,
}
