/**
 * Snapshot and fork: everything an exchange knows survives the trip, and the copy is a world of its own.
 */
import { describe, expect, test } from 'vitest'
import { collateralOf } from '../../../src/engine/collateral/kinds.js'
import type { Command, MarketState, MoneyRules } from '../../../src/engine/command.js'
import { Core } from '../../../src/engine/core.js'
import { Exchange } from '../../../src/engine/exchange.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { marketOf } from '../../../src/engine/market.js'
import { read, write } from '../../../src/engine/snapshot.js'
import { btcPerp, btcUsd, freeRules, kxTest, order, Stage, USD } from '../../support/engine.js'

/** A maker's fee is one unit on every third of its fills: what rounding kept is the order's own. */
const rules: MoneyRules = {
  fee: ({ liquidity, carry_1e8 }) =>
    liquidity === 'taker' || carry_1e8 < 2n
      ? { fee_1e8: 0n, carry_1e8: carry_1e8 + 1n }
      : { fee_1e8: 1n, carry_1e8: 0n },
  feeHold: () => 0n,
  eventNetting: 'separate',
}

const spot: Instrument = {
  ...btcUsd,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  price_bands: [
    { from_1e9: 0n, to_1e9: 10_000_000_000n, step_1e9: 100_000_000n },
    { from_1e9: 10_000_000_000n, to_1e9: 200_000_000_000_000n, step_1e9: 500_000_000n },
  ],
}
const perp: Instrument = { ...btcPerp, venue_symbol: 'PERP' }
const event = (venue_symbol: string, tokens: Instrument['event']): Instrument => ({
  ...kxTest,
  venue_symbol,
  ...(tokens === undefined ? {} : { event: tokens }),
})
const events: Instrument[] = [
  event('KXOPEN', { event_symbol: 'KX', yes_token: 'yes-1', no_token: null }),
  event('KXPAID', { event_symbol: 'KX', yes_token: null, no_token: 'no-2' }),
  event('KXPLAIN', undefined),
]
const STATES: readonly MarketState[] = [
  'pending',
  'open',
  'paused',
  'halted',
  'cancel-only',
  'post-only',
  'limit-only',
  'closed',
]
const SPOT = spot.venue_symbol

const options = { rules, fok_self_trade: 'as-ioc' } as const

/** An exchange in which every part of the state is something else than at first. */
function full(): Stage {
  const stage = new Stage(options)
  for (const instrument of [spot, perp, ...events]) stage.open(instrument)
  for (const state of STATES) {
    stage.do({ type: 'list', instrument: { ...spot, venue_symbol: state } })
    stage.do({ type: 'market-state', instrument: state, state, cancel_resting: false })
  }
  const funds = { USD: 10n ** 10n * USD, BTC: 10n ** 6n * USD }
  const [a, b, c] = [stage.account(funds), stage.account(funds, 7), stage.account(funds, 7)]
  const limit = (account_id: number, side: 'buy' | 'sell', price_ticks: number, more: object) =>
    stage.place({ account_id, instrument: SPOT, side, price_ticks, qty_lots: 10, ...more })
  // Bids: one met once, one beyond 2^53 - 1 in its hold, one that ends, and one of two accounts at one price.
  limit(a, 'buy', 500, {})
  limit(b, 'sell', 500, { qty_lots: 4 })
  limit(a, 'buy', 900_000, { qty_lots: 200_000_000_000, post_only: 'reprice' })
  limit(c, 'buy', 450, { time_in_force: 'gtd', expire_ts_us: 1_000 })
  limit(b, 'buy', 450, { self_trade: 'decrement' })
  limit(b, 'sell', 950_000, { fee_in: 'base', post_only: 'reject' })
  stage.do({ type: 'price-collar', instrument: SPOT, low_ticks: 460, high_ticks: 949_000 })
  stage.do({ type: 'price-collar', instrument: 'open', low_ticks: null, high_ticks: 7 })

  const at = { instrument: 'PERP' }
  stage.do({ type: 'mark', ...at, mark_ticks: 101, oracle_ticks: 102 })
  for (const account_id of [a, b]) {
    stage.do({ type: 'leverage', account_id, ...at, leverage: 4 })
  }
  limit(a, 'buy', 100, { ...at, margin: 'isolated' })
  limit(b, 'sell', 100, { ...at })
  limit(a, 'sell', 120, { ...at, margin: 'isolated', reduce_only: true })
  limit(b, 'sell', 130, { ...at })
  stage.do({ type: 'open-interest-cap', ...at, cap_lots: 30 })

  for (const { venue_symbol } of events) {
    const here = { instrument: venue_symbol }
    for (const account_id of [a, b]) stage.do({ type: 'split', account_id, ...here, qty_lots: 30 })
    limit(a, 'sell', 60, { ...here, qty_lots: 20 })
    limit(b, 'buy', 40, { ...here, qty_lots: 15, leg: 'NO' })
    limit(c, 'buy', 60, { ...here, qty_lots: 5 })
  }
  stage.do({ type: 'determine', instrument: 'KXPAID', yes_value_ticks: 30 })
  stage.do({ type: 'settle', instrument: 'KXPAID', payout: 'claim' })
  stage.do({ type: 'determine', instrument: 'KXPLAIN', yes_value_ticks: 100 })
  return stage
}

/** All that can be read of an exchange. */
function facts(exchange: Exchange): unknown {
  const names = exchange.instruments().map(({ venue_symbol }) => venue_symbol)
  const accounts = Array.from({ length: exchange.accounts + 1 }, (_, id) => id)
  return {
    instruments: exchange.instruments(),
    counters: [exchange.seq, exchange.ts_us],
    markets: names.map((name) => [
      exchange.marketState(name),
      exchange.mark(name),
      exchange.yesValue(name),
      exchange.depth(name),
      exchange.l3(name),
    ]),
    accounts: accounts.map((id) => [
      exchange.balances(id),
      exchange.openOrders(id),
      names.map((name) => exchange.position(id, name)),
      exchange.margin(id, 'USD'),
    ]),
  }
}

/** Commands whose answers tell what no view shows. */
function questions(): Command[] {
  const ts_us = 500
  const at = { ts_us, instrument: SPOT }
  const place = (terms: Parameters<typeof order>[0]): Command => ({
    type: 'place',
    ts_us,
    ...order({ qty_lots: 1, ...terms }),
  })
  return [
    // What rounding kept of the first order's fees, the numbers of the next order and trade.
    ...[1, 2, 3].map(() =>
      place({ account_id: 2, instrument: SPOT, side: 'sell', price_ticks: 500 }),
    ),
    // One side of the collar and the other.
    place({ account_id: 3, instrument: SPOT, price_ticks: 950_000 }),
    place({ account_id: 1, instrument: SPOT, side: 'sell', price_ticks: 450, qty_lots: 50 }),
    { type: 'cancel', ts_us, account_id: 1, order_id: 3 },
    // The band in force.
    place({ account_id: 1, instrument: SPOT, price_ticks: 101 }),
    place({ account_id: 1, instrument: SPOT, price_ticks: 99 }),
    // One group, and the collar of another market.
    place({ account_id: 3, instrument: 'open', side: 'sell', price_ticks: 5 }),
    place({ account_id: 2, instrument: 'open', price_ticks: 5 }),
    place({ account_id: 1, instrument: 'open', price_ticks: 8, qty_lots: 2 }),
    // The cap, promises of a position, margin held.
    place({ account_id: 3, instrument: 'PERP', price_ticks: 100, qty_lots: 25 }),
    place({ account_id: 3, instrument: 'PERP', price_ticks: 100, qty_lots: 15 }),
    { type: 'mark', ts_us, instrument: 'PERP', mark_ticks: 90, oracle_ticks: 90 },
    { type: 'merge', ts_us, account_id: 1, instrument: 'KXOPEN', qty_lots: 16 },
    { type: 'redeem', ts_us, account_id: 1, instrument: 'KXPAID' },
    { type: 'settle', ts_us, instrument: 'KXPLAIN', payout: 'auto' },
    { type: 'redeem', ts_us, account_id: 1, instrument: 'KXPLAIN' },
    { type: 'tick', ts_us: 999 },
    { type: 'tick', ts_us: 1_000 },
    { type: 'market-state', ...at, ts_us: 1_001, state: 'closed', cancel_resting: true },
    { type: 'open-account', ts_us: 1_001, stp_group: null },
  ]
}

describe.each([
  ['a restored exchange', (exchange: Exchange) => Exchange.restore(exchange.snapshot(), options)],
  ['a fork', (exchange: Exchange) => exchange.fork()],
] as const)('%s', (_, copyOf) => {
  test('tells and answers what the original does', () => {
    const { exchange } = full()
    exchange.check()
    const copy = copyOf(exchange)
    copy.check()
    expect(facts(copy)).toEqual(facts(exchange))
    for (const command of questions()) {
      expect(copy.apply(command)).toEqual(exchange.apply(command))
    }
    expect(facts(copy)).toEqual(facts(exchange))
    expect(Buffer.compare(copy.snapshot(), exchange.snapshot())).toBe(0)
  })
  test('leaves the original as it was, whatever happens to it', () => {
    const { exchange } = full()
    const before = exchange.snapshot()
    const copy = copyOf(exchange)
    for (const command of questions()) copy.apply(command)
    expect(Buffer.compare(exchange.snapshot(), before)).toBe(0)
    expect(Buffer.compare(copy.snapshot(), before)).not.toBe(0)
  })
  test('keeps a finer grid that came after the listing', () => {
    const { exchange } = full()
    exchange.apply({ type: 'price-grid', ts_us: 500, instrument: SPOT, price_bands: [] })
    const copy = copyOf(exchange)
    expect(copy.instrument(SPOT)?.price_bands).toEqual([])
    const fine = order({ account_id: 1, instrument: SPOT, price_ticks: 101, qty_lots: 1 })
    expect(copy.apply({ type: 'place', ts_us: 500, ...fine })[0]?.type).toBe('accepted')
  })
  test('does with a fill-or-kill order that meets its own what the original does', () => {
    const stage = new Stage(options).open(spot)
    const account_id = stage.account({ USD, BTC: USD })
    const ask = {
      account_id,
      instrument: SPOT,
      side: 'sell',
      qty_lots: 1,
      price_ticks: 10,
    } as const
    stage.place(ask)
    const copy = copyOf(stage.exchange)
    const met = copy.apply({
      type: 'place',
      ts_us: 500,
      ...order({ ...ask, side: 'buy', time_in_force: 'fok' }),
    })
    expect(met.at(-1)).toMatchObject({ type: 'done', reason: 'self-trade' })
  })
})

describe('bytes that are no snapshot', () => {
  const restore = (bytes: Uint8Array) => () => Exchange.restore(bytes, options)
  const text = (bytes: Uint8Array) => String.fromCharCode(...bytes)

  test('say what is expected, be they few, many or of another version', () => {
    const bytes = full().exchange.snapshot()
    const other = bytes.slice()
    const version = text(bytes.subarray(0, 100)).indexOf('exchange 1') + 'exchange '.length
    other[version] = '2'.charCodeAt(0)
    const begin = bytes.slice(0, version + 1)
    for (const bad of [new Uint8Array(0), new Uint8Array(9), other, begin.slice(0, -1)]) {
      expect(restore(bad)).toThrow(/do not begin with "papervenue exchange 1"/)
    }
    // The right beginning and nothing after it: what is missing is the rest.
    expect(restore(begin)).toThrow(RangeError)
    expect(restore(begin)).not.toThrow(/do not begin/)
  })
  test('name a kind of market nobody knows', () => {
    const stage = new Stage(options).open(spot)
    const bytes = stage.exchange.snapshot()
    bytes[text(bytes).indexOf('spot')] = 'S'.charCodeAt(0)
    expect(restore(bytes)).toThrow(/market kind Spot/)
  })

  /** A core with one resting order. */
  function small() {
    const core = new Core(freeRules)
    core.openAccount(null)
    const market = marketOf(core, btcUsd)
    const seat = core.seat(core.openAccount(null), market)
    seat.quote.total_1e8 = USD
    const slot = market.book.rest(0, 10, 1, seat.number, 10, 0)
    core.slots.add(1, slot)
    core.link(seat, slot)
    collateralOf(market).reserve(core, seat, slot, null)
    return { core, market, seat }
  }
  test.each([
    [
      'a position of an account they do not hold',
      ({ core }: ReturnType<typeof small>) => core.accounts.pop(),
      /a position of an account or market/,
    ],
    [
      'a position at a market they do not hold',
      ({ core, seat }: ReturnType<typeof small>) => {
        const market = { ...seat.market, number: 5 }
        core.seats[0] = { ...seat, market }
      },
      /a position of an account or market/,
    ],
    [
      'an order of nobody',
      ({ core }: ReturnType<typeof small>) => core.seats.pop(),
      /order 1 of a snapshot has no owner/,
    ],
  ])('hold %s', (_, spoil, message) => {
    const whole = small()
    expect(() => read(new Core(freeRules), write(whole.core))).not.toThrow()
    spoil(whole)
    expect(() => read(new Core(freeRules), write(whole.core))).toThrow(message)
  })
})
