/**
 * Tickets: let a browser, which cannot send a header, open one stream.
 *
 * @see spec section 7.1
 * @module
 */

import type { Principal } from '../desk/contract.js'
import { secretHex } from '../world/prng.js'
import type { Clock } from '../world/world.js'

export interface Tickets {
  issue(who: Principal): string
  /** Who the ticket was made for; a ticket is good once, for 30 seconds. */
  redeem(ticket: string): Principal | undefined
}

const LIFE_NS = 30_000_000_000n
/** More than this many unused tickets and the oldest are dropped. */
const CAPACITY = 10_000

export function tickets(clock: Clock): Tickets {
  const open = new Map<string, { who: Principal; until_ns: bigint }>()
  return {
    issue: (who) => {
      const now = clock.now_ns()
      for (const [ticket, { until_ns }] of open) {
        if (until_ns >= now && open.size < CAPACITY) break
        open.delete(ticket)
      }
      const ticket = `wst_${secretHex()}`
      open.set(ticket, { who, until_ns: now + LIFE_NS })
      return ticket
    },
    redeem: (ticket) => {
      const found = open.get(ticket)
      open.delete(ticket)
      return found !== undefined && clock.now_ns() <= found.until_ns ? found.who : undefined
    },
  }
}
