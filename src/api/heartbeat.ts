/**
 * Heartbeat: pings open sockets from time to time, and leaves no timer behind when none is open.
 *
 * @module
 */

import type { SocketPeer } from '../venue/contract.js'
import type { Clock } from '../world/world.js'

const PING_MS = 20_000

export interface Heartbeat {
  /** A socket opened. */
  start(): void
  stop(): void
}

/** @param peers - Those open now, whenever asked. */
export function heartbeat(clock: Clock, peers: () => Iterable<SocketPeer>): Heartbeat {
  let stop: (() => void) | undefined
  const beat = (): void => {
    let open = 0
    for (const peer of peers()) {
      open += 1
      peer.ping('')
    }
    stop = open > 0 ? clock.after(PING_MS, beat) : undefined
  }
  return {
    start: () => {
      stop ??= clock.after(PING_MS, beat)
    },
    stop: () => {
      stop?.()
      stop = undefined
    },
  }
}
