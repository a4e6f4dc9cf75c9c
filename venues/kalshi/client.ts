/**
 * Client: the near end of Kalshi's wire: live orders, market data, cash and positions.
 *
 * Speaks what a member's own program speaks, to a real host or to the mock alike; credentials are `key_id`
 * and `private_key_pem` (RSA or Ed25519).
 *
 * @module
 */

import { PRICE_SCALE } from '../../src/engine/units.js'
import type { ClientOptions, VenueClient } from '../../src/venue/contract.js'
import { followMarkets } from './client-feed.js'
import { ClientOrders } from './client-orders.js'
import { ClientWire, textOf } from './client-wire.js'
import { readDollars, readFp, readMoney } from './wire.js'

/** @throws Error when `private_key_pem` is no private key. */
export function kalshiClient(options: ClientOptions): VenueClient {
  const wire = new ClientWire(options)
  const orders = new ClientOrders(wire, options.clock)
  const stops = new Set<() => void>()
  return {
    subscribe: async (instruments, sink) => {
      const stop = await followMarkets(wire, options.clock, instruments, sink)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    open: (sink) => orders.open(sink),
    submit: (order) => orders.submit(order),
    adopt: (order, filled_1e8, recorded) => orders.adopt(order, filled_1e8, recorded),
    cancel: (child_id) => orders.cancel(child_id),
    amend: (child_id, change) => orders.amend(child_id, change),
    reconcile: () => orders.reconcile(),
    pull: () => pull(wire),
    close: async () => {
      orders.close()
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}

type Row = Record<string, unknown>

/** `reserved_1e8` is what the resting orders commit: contracts that close a position need no cash. */
async function pull(wire: ClientWire): ReturnType<VenueClient['pull']> {
  const balance = await wire.read('/portfolio/balance')
  const rows = await wire.list('/portfolio/positions?limit=1000', 'market_positions')
  const resting = await wire.list('/portfolio/orders?limit=1000&status=resting', 'orders')
  const held = rows.map((row) => ({
    venue_symbol: textOf(row, 'ticker'),
    qty_1e8: readFp(textOf(row, 'position_fp')),
    cost_1e8: readMoney(textOf(row, 'market_exposure_dollars')),
  }))
  const total_1e8 = readMoney(textOf(balance, 'balance_dollars'))
  return {
    balances: [{ asset: 'USD', total_1e8, reserved_1e8: committed(resting, held) }],
    positions: held
      .filter(({ qty_1e8 }) => qty_1e8 !== 0n)
      .map(({ venue_symbol, qty_1e8, cost_1e8 }) => ({
        venue_symbol,
        qty_1e8,
        entry_price_1e9: (cost_1e8 * PRICE_SCALE) / (qty_1e8 < 0n ? -qty_1e8 : qty_1e8),
      })),
  }
}

function committed(
  resting: readonly Row[],
  held: readonly { readonly venue_symbol: string; readonly qty_1e8: bigint }[],
): bigint {
  const free = new Map(held.map(({ venue_symbol, qty_1e8 }) => [venue_symbol, qty_1e8]))
  let sum = 0n
  // Oldest first: they were promised the position first.
  for (const row of [...resting].reverse()) {
    const ticker = textOf(row, 'ticker')
    const position = free.get(ticker) ?? 0n
    const bid = row.book_side === 'bid'
    const qty_1e8 = readFp(textOf(row, 'remaining_count_fp'))
    const closable = bid ? -position : position
    const closing = closable <= 0n ? 0n : closable < qty_1e8 ? closable : qty_1e8
    if (closing > 0n) free.set(ticker, bid ? position + closing : position - closing)
    const yes_1e9 = readDollars(textOf(row, 'yes_price_dollars'))
    const each = bid ? yes_1e9 : PRICE_SCALE - yes_1e9
    sum += (each * (qty_1e8 - closing)) / PRICE_SCALE
  }
  return sum
}
