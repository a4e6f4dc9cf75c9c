/**
 * Wrong checksum: a book message whose checksum is not that of its book, as after a message lost in
 * the venue's own distribution.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const wrongChecksum = defineFault({
  type: 'wrong-checksum',
  about: "book messages carry a checksum that is not their book's",
  channels: ['book'],
  options: z.strictObject({}),
  outbound: ({ tools }, message, pass) =>
    pass(tools.wire.spoil(message.text, 'checksum') ?? message.text),
  feed: (_fault, message, pass) => {
    if (message.type === 'trade') pass(message)
    else pass({ type: 'lost', venue_symbol: message.venue_symbol, reason: 'checksum differs' })
  },
})
