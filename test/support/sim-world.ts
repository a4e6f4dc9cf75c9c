/**
 * A simulator over scripted books, with a made-up venue: what the tests of the simulator share.
 */
import { off, type Profile } from '../../src/adversary/profile.js'
import { createSimEdge, type SimOptions } from '../../src/edge/sim.js'
import type { SimVenue } from '../../src/edge/sim-order.js'
import type { Depth } from '../../src/engine/depth.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import { divCeil } from '../../src/engine/units.js'
import { MarketHub } from '../../src/market/market-hub.js'
import type { Capabilities } from '../../src/venue/contract.js'
import { manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'

export const VENUE = 'alpha'
export const SYMBOL = 'BTCUSD'
/** One whole price unit and one whole coin. */
export const P = 1_000_000_000n
export const Q = 100_000_000n

export const spot: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: SYMBOL,
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: P / 100n,
  lot_size_1e8: Q / 100n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
}

export const event: Instrument = { ...spot, kind: 'event', base: 'EVENT', symbol: 'EVENT' }

/** Taker 40 bps, maker 25 bps, rounded up. */
export const simVenue = (capabilities: Partial<Capabilities> = {}): SimVenue => ({
  id: VENUE,
  capabilities: {
    kinds: ['spot', 'event'],
    time_in_force: ['gtc', 'ioc', 'fok', 'gtd'],
    market_order: 'native',
    market_buy_by_quote: false,
    post_only: 'refuse',
    reduce_only: 'native',
    amend: 'native',
    event_short: 'opens-opposite',
    event_netting: 'net',
    fee_hold: 'taker-at-limit',
    self_trade: 'cancel-taker',
    latency_ms: 40,
    ...capabilities,
  },
  fees: {
    bps: ({ liquidity }) => (liquidity === 'taker' ? 40 : 25),
    fill: ({ liquidity, price_1e9, qty_1e8, carry_1e8 }) => ({
      fee_1e8: divCeil(price_1e9 * qty_1e8 * (liquidity === 'taker' ? 40n : 25n), P * 10_000n),
      carry_1e8,
    }),
  },
})

/** As event venues charge: seven percent of price times its complement, rounded up. Not monotone in price. */
export const eventFees: SimVenue['fees'] = {
  bps: () => 175,
  fill: ({ price_1e9, qty_1e8, carry_1e8 }) => ({
    fee_1e8: divCeil(7n * price_1e9 * (P - price_1e9) * qty_1e8, 100n * P * P),
    carry_1e8,
  }),
}

export const level = (price: number, qty: number) => ({
  price_1e9: BigInt(Math.round(price * 100)) * (P / 100n),
  qty_1e8: BigInt(Math.round(qty * 100)) * (Q / 100n),
})

/** `[price, size]` pairs, best first. */
export const book = (bids: [number, number][], asks: [number, number][]): Depth => ({
  bids: bids.map(([price, qty]) => level(price, qty)),
  asks: asks.map(([price, qty]) => level(price, qty)),
})

let made = 0

/** A child order; price null is a market order. */
export function child(
  side: 'buy' | 'sell',
  qty: number,
  price: number | null,
  more: Partial<ChildOrder> = {},
): ChildOrder {
  made += 1
  return {
    child_id: `child-${made}`,
    client_id: 'client',
    is_sandbox: true,
    venue: VENUE,
    instrument: spot,
    outcome: null,
    side,
    qty_1e8: level(1, qty).qty_1e8,
    budget_1e8: null,
    limit_price_1e9: price === null ? null : level(price, 1).price_1e9,
    protection_price_1e9: null,
    time_in_force: price === null ? 'ioc' : 'gtc',
    post_only: false,
    reduce_only: false,
    expire_ts_ns: null,
    ...more,
  }
}

export interface SimSetup {
  readonly profile?: Profile
  readonly capabilities?: Partial<Capabilities>
  readonly depth?: Depth
  readonly seed?: number
  readonly positionOf?: SimOptions['positionOf']
  readonly fees?: SimVenue['fees']
}

export function simSetup(setup: SimSetup = {}) {
  const clock = manualClock()
  const hub = new MarketHub(clock)
  const events: EdgeEvent[] = []
  const sim = createSimEdge({
    books: hub,
    venues: [{ ...simVenue(setup.capabilities), ...(setup.fees && { fees: setup.fees }) }],
    world: seededWorld({ seed: setup.seed ?? 42, clock }),
    sink: (event) => events.push(event),
    profile: setup.profile ?? off,
    ...(setup.positionOf === undefined ? {} : { positionOf: setup.positionOf }),
  })
  if (setup.depth !== undefined) hub.publish(VENUE, SYMBOL, setup.depth)
  const feed = hub.feed(VENUE)
  return {
    clock,
    hub,
    sim,
    events,
    feed,
    /** One message that sets one level. */
    set(side: 'buy' | 'sell', price: number, qty: number) {
      const { price_1e9, qty_1e8 } = level(price, qty)
      feed.level(SYMBOL, side, price_1e9, qty_1e8, clock.now_ns())
      feed.published(SYMBOL, clock.now_ns())
    },
    /** A public trade, told before the level it shrinks. */
    trade(taker_side: 'buy' | 'sell', price: number, qty: number) {
      feed.trade(SYMBOL, { ...level(price, qty), taker_side, ts_ns: clock.now_ns() })
    },
    submit(order: ChildOrder): EdgeEvent[] {
      const from = events.length
      sim.submit(order)
      return events.slice(from)
    },
  }
}

/** `price x size` of every fill of a child, in order. */
export const fillsOf = (events: readonly EdgeEvent[], child_id?: string): string[] =>
  events.flatMap((event) =>
    event.type === 'filled' && (child_id === undefined || event.child_id === child_id)
      ? [`${Number(event.price_1e9) / 1e9} x ${Number(event.qty_1e8) / 1e8} ${event.liquidity}`]
      : [],
  )

export const typesOf = (events: readonly EdgeEvent[]): string[] =>
  events.map((event) =>
    event.type === 'cancelled'
      ? `cancelled ${event.reason}`
      : event.type === 'rejected' || event.type === 'amend-rejected'
        ? `${event.type} ${event.code}`
        : event.type,
  )
