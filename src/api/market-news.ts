/**
 * Market news: two sockets that tell everyone of prediction markets as they are listed and resolved.
 *
 * They need no subscribe message and read none; what comes in is ignored.
 *
 * @see spec section 7.4
 * @module
 */

import type { Desk, MarketNews } from '../desk/contract.js'
import type { SocketPeer, SocketSession } from '../venue/contract.js'
import { stringifyJson } from '../wire/json.js'
import type { Clock } from '../world/world.js'
import { heartbeat } from './heartbeat.js'
import { marketRow, settlementRow } from './market-row.js'

/** Socket paths by what they tell of. */
export const NEWS_PATHS = {
  listed: '/v1/ws/new_markets',
  resolved: '/v1/ws/market_resolved',
} as const satisfies Record<MarketNews['type'], string>

const CHANNELS = {
  listed: 'new_markets',
  resolved: 'market_resolved',
} as const satisfies Record<MarketNews['type'], string>

export interface MarketNewsSockets {
  open(about: MarketNews['type'], peer: SocketPeer): SocketSession
  /** Sessions now open. */
  count(): number
  close(): void
}

export function marketNewsSockets({
  desk,
  clock,
}: {
  desk: Desk
  clock: Clock
}): MarketNewsSockets {
  const peers = { listed: new Set<SocketPeer>(), resolved: new Set<SocketPeer>() }
  const all = () => [...peers.listed, ...peers.resolved]
  const beat = heartbeat(clock, all)

  const stop = desk.subscribeMarkets((news) => {
    const { type, venue, symbol, ts_ns } = news
    if (peers[type].size === 0) return
    const listing = desk.resolveSymbol(symbol)?.listings.find((one) => one.venue === venue)
    if (listing?.instrument.kind !== 'event') return
    const row = type === 'listed' ? marketRow : settlementRow
    const data = { ...row(desk, venue, listing.instrument), ts_ns }
    const text = stringifyJson({ channel: CHANNELS[type], data })
    for (const peer of peers[type]) peer.send(text)
  })

  return {
    open: (about, peer) => {
      peers[about].add(peer)
      beat.start()
      return { message: () => undefined, closed: () => peers[about].delete(peer) }
    },
    count: () => all().length,
    close: () => {
      stop()
      beat.stop()
      for (const peer of all()) peer.close(1001, 'server is closing')
    },
  }
}
