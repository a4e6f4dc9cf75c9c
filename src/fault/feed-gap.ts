/**
 * Feed gap: book messages are missing; the ones after them carry on with their own sequence numbers.
 *
 * @module
 */

import { z } from 'zod'
import { defineFault } from './kind.js'

export const feedGap = defineFault({
  type: 'feed-gap',
  about: 'messages of the public book feed are missing',
  channels: ['book'],
  options: z.strictObject({}),
  outbound: () => undefined,
  // A feed without sequence numbers says itself that it missed something.
  feed: (_fault, message, pass) => {
    if (message.type === 'trade') pass(message)
    else pass({ type: 'lost', venue_symbol: message.venue_symbol, reason: 'gap in the feed' })
  },
})
