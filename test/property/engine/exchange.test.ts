/**
 * Exchange under random commands: no law breaks, and a snapshot or a fork taken at any moment goes on
 * exactly as the original does.
 *
 * `PAPERVENUE_RUNS` sets the number of scripts per property.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MoneyRules } from '../../../src/engine/command.js'
import { Exchange } from '../../../src/engine/exchange.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { bpsRules, btcUsd, freeRules, kxTest, quadraticRules } from '../../support/engine.js'
import { ACCOUNTS, bind, scripts } from '../../support/engine-scripts.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 60)

/** Odd steps, so that money does not divide evenly. */
const oddSpot: Instrument = {
  ...btcUsd,
  tick_size_1e9: 70_000_000n,
  lot_size_1e8: 3_000_003n,
  min_qty_1e8: 3_000_003n,
  min_notional_1e9: 10_000_000n,
}
const oddEvent: Instrument = { ...kxTest, lot_size_1e8: 1_234_567n }

const perp: Instrument = {
  ...btcUsd,
  kind: 'perp',
  tick_size_1e9: 10_000_000n,
  lot_size_1e8: 1_234_567n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  leverage_max: 10,
}

const stages: { name: string; instrument: Instrument; rules: MoneyRules; funds: bigint }[] = [
  { name: 'spot, fees held', instrument: oddSpot, rules: bpsRules(40n, 25n), funds: 60_000_000n },
  {
    name: 'spot, maker rebate',
    instrument: oddSpot,
    rules: bpsRules(10n, -5n),
    funds: 60_000_000n,
  },
  {
    name: 'spot, maker fee above the hold',
    instrument: oddSpot,
    rules: { ...bpsRules(10n, 200n), feeHold: () => 0n },
    funds: 60_000_000n,
  },
  {
    name: 'spot, maker fee beyond what a fill is worth',
    instrument: oddSpot,
    rules: { ...bpsRules(5_000n, 20_000n), feeHold: () => 1n },
    funds: 20_000_000n,
  },
  { name: 'event netting', instrument: kxTest, rules: quadraticRules, funds: 20_000_000n },
  { name: 'event netting, odd lots', instrument: oddEvent, rules: freeRules, funds: 20_000_000n },
  {
    name: 'event netting, maker fees',
    instrument: oddEvent,
    rules: { ...bpsRules(100n, 300n), feeHold: () => 0n },
    funds: 20_000_000n,
  },
  {
    name: 'event with separate tokens',
    instrument: oddEvent,
    rules: { ...bpsRules(100n, 50n), eventNetting: 'separate' },
    funds: 20_000_000n,
  },
  {
    name: 'event with separate tokens, a fee for every fill',
    instrument: oddEvent,
    rules: {
      fee: ({ liquidity }) => ({
        fee_1e8: liquidity === 'maker' ? 3_000_000n : 1_000_000n,
        carry_1e8: 0n,
      }),
      feeHold: () => 500_000n,
      eventNetting: 'separate',
    },
    funds: 8_000_000n,
  },
  { name: 'perp', instrument: perp, rules: bpsRules(10n, -2n), funds: 15_000_000n },
  { name: 'perp, poor traders', instrument: perp, rules: bpsRules(5n, 5n), funds: 6_000_000n },
]

function begin(stage: (typeof stages)[number]): Exchange {
  const exchange = new Exchange({ rules: stage.rules })
  const { instrument } = stage
  exchange.apply({ type: 'list', ts_us: 1, instrument })
  exchange.apply({
    type: 'market-state',
    ts_us: 1,
    instrument: instrument.venue_symbol,
    state: 'open',
    cancel_resting: false,
  })
  for (let account_id = 1; account_id <= ACCOUNTS; account_id++) {
    exchange.apply({ type: 'open-account', ts_us: 1, stp_group: account_id > 2 ? 7 : null })
    for (const asset of [instrument.quote, instrument.base]) {
      exchange.apply({
        type: 'transfer',
        ts_us: 1,
        account_id,
        asset,
        amount_1e8: stage.funds,
      })
    }
  }
  return exchange
}

const prices = {
  spot: { min: 1, max: 12 },
  event: { min: 40, max: 52 },
  perp: { min: 90, max: 112 },
}
const priceOf = ({ kind }: Instrument) => prices[kind]

describe.each(stages)('$name', (stage) => {
  test('keeps every law after every command, and settles to nothing owed', () => {
    fc.assert(
      fc.property(scripts(stage.instrument, priceOf(stage.instrument), 60), (script) => {
        const exchange = begin(stage)
        for (const step of script) {
          exchange.apply(bind(exchange, step))
          exchange.check()
        }
        if (stage.instrument.kind === 'event') settleAll(exchange, stage.instrument, script.length)
        for (let account_id = 1; account_id <= ACCOUNTS; account_id++) {
          exchange.apply({
            type: 'cancel-all',
            ts_us: exchange.ts_us,
            account_id,
            instrument: null,
          })
          // Without orders only an isolated position keeps anything reserved.
          const { isolated_1e8 } = exchange.position(account_id, stage.instrument.venue_symbol)
          for (const { asset, reserved_1e8 } of exchange.balances(account_id)) {
            expect(reserved_1e8).toBe(asset === stage.instrument.quote ? isolated_1e8 : 0n)
          }
        }
        exchange.check()
      }),
      { numRuns: runs },
    )
  })

  test('goes on from a snapshot and from a fork exactly as the original', () => {
    fc.assert(
      fc.property(
        scripts(stage.instrument, priceOf(stage.instrument), 40),
        fc.nat(40),
        (script, at) => {
          const exchange = begin(stage)
          const cut = Math.min(at, script.length)
          for (const step of script.slice(0, cut)) exchange.apply(bind(exchange, step))
          const bytes = exchange.snapshot()
          const restored = Exchange.restore(bytes, { rules: stage.rules })
          const fork = exchange.fork()
          expect(same(restored.snapshot(), bytes)).toBe(true)
          for (const step of script.slice(cut)) {
            const command = bind(exchange, step)
            const events = exchange.apply(command)
            expect(restored.apply(command)).toEqual(events)
            expect(fork.apply(command)).toEqual(events)
          }
          const after = exchange.snapshot()
          expect(same(restored.snapshot(), after)).toBe(true)
          expect(same(fork.snapshot(), after)).toBe(true)
        },
      ),
      { numRuns: Math.ceil(runs / 3) },
    )
  })
})

/** Bytes by bytes, at the speed of memory. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** One cash asset behind all of them. */
const markets: Instrument[] = [
  { ...oddSpot, venue_symbol: 'SPOT', base: 'SOL' },
  { ...oddEvent, venue_symbol: 'EVENT' },
  { ...perp, venue_symbol: 'PERP' },
  { ...perp, venue_symbol: 'OTHER' },
]

test.each([
  ['net', bpsRules(40n, 25n)],
  ['separate', { ...bpsRules(100n, 300n), feeHold: () => 0n }],
] as const)(
  'spot, contracts and perps out of one cash keep every law (%s tokens)',
  (tokens, base) => {
    const rules: MoneyRules = { ...base, eventNetting: tokens }
    const steps = fc
      .tuple(...markets.map((instrument) => scripts(instrument, priceOf(instrument), 25)))
      .chain((drawn) => fc.shuffledSubarray(drawn.flat(), { minLength: 1 }))
    const cash = fc.integer({ min: 3_000_000, max: 20_000_000 }).map(BigInt)
    fc.assert(
      fc.property(steps, cash, (script, funds) => {
        const exchange = new Exchange({ rules })
        for (const instrument of markets) {
          exchange.apply({ type: 'list', ts_us: 1, instrument })
          exchange.apply({
            type: 'market-state',
            ts_us: 1,
            instrument: instrument.venue_symbol,
            state: 'open',
            cancel_resting: false,
          })
        }
        for (let account_id = 1; account_id <= ACCOUNTS; account_id++) {
          exchange.apply({ type: 'open-account', ts_us: 1, stp_group: account_id > 2 ? 7 : null })
          for (const asset of ['USD', 'SOL']) {
            exchange.apply({ type: 'transfer', ts_us: 1, account_id, asset, amount_1e8: funds })
          }
        }
        for (const step of script) {
          exchange.apply(bind(exchange, step))
          exchange.check()
        }
        const bytes = exchange.snapshot()
        expect(Exchange.restore(bytes, { rules }).snapshot()).toEqual(bytes)
      }),
      { numRuns: Math.ceil(runs / 2) },
    )
  },
)

function settleAll(exchange: Exchange, instrument: Instrument, seed: number): void {
  const name = instrument.venue_symbol
  const ts_us = exchange.ts_us
  exchange.apply({ type: 'determine', ts_us, instrument: name, yes_value_ticks: seed % 101 })
  exchange.check()
  const payout = seed % 2 === 0 ? 'auto' : 'claim'
  exchange.apply({ type: 'settle', ts_us, instrument: name, payout })
  exchange.check()
  for (let account_id = 0; account_id <= ACCOUNTS; account_id++) {
    exchange.apply({ type: 'redeem', ts_us, account_id, instrument: name })
    exchange.check()
    const { qty_lots, no_lots } = exchange.position(account_id, name)
    expect([qty_lots, no_lots]).toEqual([0, 0])
  }
}
