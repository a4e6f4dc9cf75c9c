/**
 * A desk for tests: two small venues of our own, books that the test sets, the real simulator, and a
 * store of the test's choice.
 */

import { type Profile, profiles } from '../../src/adversary/profile.js'
import type { OrderIntent, Principal } from '../../src/desk/contract.js'
import { createDesk, type DeskOptions } from '../../src/desk/desk.js'
import { createDualEdge, type EdgeMaker } from '../../src/edge/dual.js'
import { createLiveEdge } from '../../src/edge/live.js'
import { createSimEdge } from '../../src/edge/sim.js'
import type { Depth } from '../../src/engine/depth.js'
import type { Instrument } from '../../src/engine/instrument.js'
import { divCeil, notionalUp, QTY_SCALE } from '../../src/engine/units.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { memoryStore } from '../../src/store/memory.js'
import type { Store } from '../../src/store/store.js'
import { defineVenue, type Fees, type Venue } from '../../src/venue/contract.js'
import { canonicalJson } from '../../src/wire/json.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'

export const USD = 1_000_000_000n
export const UNIT = QTY_SCALE

/** A fee of so many basis points of notional, rounded up. */
export const flatFees = (maker_bps: number, taker_bps: number): Fees => {
  const rate = (liquidity: 'maker' | 'taker') => (liquidity === 'maker' ? maker_bps : taker_bps)
  return {
    bps: ({ liquidity }) => rate(liquidity),
    fill: ({ liquidity, price_1e9, qty_1e8, carry_1e8 }) => ({
      fee_1e8: divCeil(notionalUp(price_1e9, qty_1e8) * BigInt(rate(liquidity)), 10_000n),
      carry_1e8,
    }),
  }
}

const instrument = (
  given: Partial<Instrument> & Pick<Instrument, 'symbol' | 'kind'>,
): Instrument => ({
  venue_symbol: given.symbol,
  base: given.symbol.split('-')[0] ?? given.symbol,
  quote: 'USD',
  tick_size_1e9: USD / 100n,
  lot_size_1e8: 1_000n,
  min_qty_1e8: 1_000n,
  min_notional_1e9: 0n,
  price_bands: [],
  leverage_max: 1,
  ...given,
})

export const BTC = instrument({ symbol: 'BTC-USD', kind: 'spot' })
export const PERP = instrument({
  symbol: 'BTC-USD-PERP',
  kind: 'perp',
  quote: 'USDC',
  leverage_max: 20,
})
export const NETTED = instrument({
  symbol: 'KXTEST-26DEC31-T60',
  kind: 'event',
  base: 'KXTEST-26DEC31-T60',
  tick_size_1e9: USD / 100n,
  lot_size_1e8: UNIT / 100n,
  min_qty_1e8: UNIT / 100n,
  event: { event_symbol: 'KXTEST-26DEC31', yes_token: null, no_token: null },
})
export const YES_TOKEN = '1'.repeat(40)
export const NO_TOKEN = '2'.repeat(40)
export const TOKENS = instrument({
  symbol: 'will-it-rain',
  kind: 'event',
  base: 'will-it-rain',
  quote: 'USDC',
  tick_size_1e9: USD / 100n,
  lot_size_1e8: UNIT / 100n,
  min_qty_1e8: UNIT / 100n,
  event: { event_symbol: 'rain', yes_token: YES_TOKEN, no_token: NO_TOKEN },
})

const capabilities: Venue['capabilities'] = {
  kinds: ['spot'],
  time_in_force: ['gtc', 'ioc', 'fok', 'gtd'],
  market_order: 'native',
  market_buy_by_quote: false,
  post_only: 'refuse',
  reduce_only: 'native',
  amend: 'native',
  event_short: 'refuse',
  event_netting: 'separate',
  fee_hold: 'taker-at-limit',
  self_trade: 'cancel-taker',
  latency_ms: 0,
}

/** Spot with a fee hold; perps; event contracts that net; event tokens. */
export const alpha = defineVenue({
  id: 'alpha',
  title: 'Alpha',
  capabilities,
  quote_assets: [
    { asset: 'USD', kind: 'fiat' },
    { asset: 'USDC', kind: 'crypto' },
  ],
  instruments: [BTC],
  fees: flatFees(10, 20),
})
export const beta = defineVenue({
  ...alpha,
  id: 'beta',
  title: 'Beta',
  quote_assets: [{ asset: 'USD', kind: 'fiat' }],
  instruments: [{ ...BTC, venue_symbol: 'XBTUSD' }],
  fees: flatFees(0, 5),
})
export const perps = defineVenue({
  ...alpha,
  id: 'perps',
  title: 'Perps',
  capabilities: { ...capabilities, kinds: ['perp'] },
  quote_assets: [{ asset: 'USDC', kind: 'crypto' }],
  instruments: [PERP],
  fees: flatFees(1, 4),
})
export const netted = defineVenue({
  ...alpha,
  id: 'netted',
  title: 'Netted',
  capabilities: {
    ...capabilities,
    kinds: ['event'],
    market_order: 'aggressive-limit',
    event_short: 'opens-opposite',
    event_netting: 'net',
    fee_hold: 'none',
    reduce_only: 'ioc-only',
  },
  quote_assets: [{ asset: 'USD', kind: 'fiat' }],
  instruments: [NETTED],
  fees: flatFees(0, 100),
})
export const tokens = defineVenue({
  ...alpha,
  id: 'tokens',
  title: 'Tokens',
  capabilities: { ...capabilities, kinds: ['event'], reduce_only: 'none' },
  quote_assets: [{ asset: 'USDC', kind: 'crypto' }],
  instruments: [TOKENS],
  fees: flatFees(0, 50),
})
export const testVenues: readonly Venue[] = [alpha, beta, perps, netted, tokens]

export interface TestDesk {
  readonly desk: Awaited<ReturnType<typeof createDesk>>
  readonly hub: MarketHub
  readonly clock: ManualClock
  readonly store: Store
  /** Publishes a book: prices in whole cents, sizes in whole units. */
  book(venue: string, venue_symbol: string, bids: Side, asks: Side): void
  close(): Promise<void>
}

/** Price and size as people write them. */
export type Side = readonly (readonly [price: number, size: number])[]

export const depthOf = (bids: Side, asks: Side): Depth => {
  const level = ([price, size]: Side[number]) => ({
    price_1e9: BigInt(Math.round(price * 100)) * (USD / 100n),
    qty_1e8: BigInt(Math.round(size * 1000)) * (UNIT / 1000n),
  })
  return { bids: bids.map(level), asks: asks.map(level) }
}

/**
 * @param options.store - Default: in memory.
 * @param options.profile - How hard the simulator is. Default `off`.
 */
export async function openDesk(
  options: {
    store?: Store
    seed?: number
    clock?: ManualClock
    venues?: readonly Venue[]
    profile?: Profile
    live?: EdgeMaker
    desk?: Partial<DeskOptions>
  } = {},
): Promise<TestDesk> {
  const clock = options.clock ?? manualClock()
  const venues = options.venues ?? testVenues
  const world = seededWorld({ seed: options.seed ?? 1, clock })
  const hub = new MarketHub(clock)
  const store = options.store ?? memoryStore({ clock })
  const desk = await createDesk({
    world,
    venues,
    books: hub,
    store,
    edge: (sink, positionOf) =>
      createDualEdge({
        sink,
        live: options.live ?? ((live) => createLiveEdge({ sink: live, clock })),
        sim: (sim) =>
          createSimEdge({
            books: hub,
            venues,
            world,
            sink: sim,
            profile: options.profile ?? profiles.off,
            positionOf,
          }),
      }),
    ...options.desk,
  })
  return {
    desk,
    hub,
    clock,
    store,
    book: (venue, venue_symbol, bids, asks) =>
      hub.publish(venue, venue_symbol, depthOf(bids, asks)),
    close: async () => {
      await desk.close()
      await store.close()
    },
  }
}

export const tester = (client_id = 'client'): Principal => ({
  client_id,
  key_id: 'key',
  mode: 'sandbox',
})
export const liver = (client_id = 'client'): Principal => ({
  client_id,
  key_id: 'key',
  mode: 'live',
})

/** A market buy of one unit unless said otherwise; sizes and prices as people write them. */
export function intent(given: {
  symbol?: string
  side?: 'buy' | 'sell'
  qty?: number
  notional?: number
  price?: number
  venue?: string
  tif?: OrderIntent['tif']
  graph_id?: string
  post_only?: boolean
  reduce_only?: boolean
  is_sandbox?: boolean
  max_slippage_bps?: number
  expire_ts_ns?: bigint
  policy?: OrderIntent['policy']
  horizon_ms?: number
}): OrderIntent {
  const exact = (n: number | undefined, scale: bigint) =>
    n === undefined ? null : (BigInt(Math.round(n * 1e6)) * scale) / 1_000_000n
  return {
    graph_id: given.graph_id ?? null,
    symbol: given.symbol ?? 'BTC-USD',
    side: given.side ?? 'buy',
    qty_1e8: given.notional === undefined ? exact(given.qty ?? 1, UNIT) : null,
    notional_1e9: exact(given.notional, USD),
    limit_price_1e9: exact(given.price, USD),
    venue: given.venue ?? null,
    tif: given.tif ?? null,
    post_only: given.post_only ?? false,
    reduce_only: given.reduce_only ?? false,
    expire_ts_ns: given.expire_ts_ns ?? null,
    max_slippage_bps: given.max_slippage_bps ?? null,
    urgency: 'medium',
    policy: given.policy ?? 'sor',
    horizon_ms: given.horizon_ms ?? null,
    instrument_type: null,
    is_sandbox: given.is_sandbox ?? false,
    max_notional_1e9: null,
    fingerprint: canonicalJson(given),
  }
}

/** One holding as the desk shows it. */
export async function holding(test: TestDesk, who: Principal, venue: string, symbol: string) {
  const rows = await test.desk.positions(who, {
    venues: [venue],
    kinds: null,
    include_closed: true,
  })
  return rows.find((row) => row.instrument.symbol === symbol)
}
