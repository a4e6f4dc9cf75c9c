import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { off, type Profile, profiles, realistic, worst } from '../../../src/adversary/profile.js'
import type { Depth, Level } from '../../../src/engine/depth.js'
import { complement } from '../../../src/engine/depth.js'
import type { ChildOrder } from '../../../src/engine/order.js'
import { dominanceFaults, fillsById } from '../../support/dominance.js'
import { NaiveExchange } from '../../support/naive-exchange.js'
import {
  child,
  event,
  eventFees,
  P,
  Q,
  SYMBOL,
  simSetup,
  simVenue,
  spot,
  VENUE,
} from '../../support/sim-world.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 300)

const TICK = P / 100n
const LOT = Q / 100n

const sideLevels = (from: number, to: number) =>
  fc
    .uniqueArray(fc.integer({ min: from, max: to }), { maxLength: 6 })
    .chain((ticks) =>
      fc.tuple(
        ...ticks.map((tick) => fc.integer({ min: 1, max: 9 }).map((lots) => ({ tick, lots }))),
      ),
    )
    .map((levels) =>
      levels.map(
        ({ tick, lots }): Level => ({
          price_1e9: BigInt(tick) * TICK,
          qty_1e8: BigInt(lots) * LOT,
        }),
      ),
    )

/** Books between 0.20 and 0.80, so that the same ones serve event markets. */
const depths = fc.record({ bids: sideLevels(20, 49), asks: sideLevels(50, 80) })

const orders = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lots: fc.integer({ min: 1, max: 30 }),
    tick: fc.option(fc.integer({ min: 20, max: 80 })),
    tif: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const),
    post_only: fc.boolean(),
    outcome: fc.constantFrom(null, 'YES' as const, 'NO' as const),
    budget: fc.option(fc.integer({ min: 1, max: 2_000 })),
    client_id: fc.constantFrom('a', 'b'),
  })
  .map(
    ({ lots, tick, tif, post_only, outcome, budget, ...rest }): ChildOrder => ({
      ...child(rest.side, 1, null),
      ...rest,
      instrument: outcome === null ? spot : event,
      outcome,
      qty_1e8: BigInt(lots) * LOT,
      limit_price_1e9: tick === null ? null : BigInt(tick) * TICK,
      time_in_force: tick === null ? 'ioc' : tif,
      post_only: post_only && tick !== null && tif === 'gtc',
      budget_1e8: budget === null || rest.side === 'sell' ? null : (BigInt(budget) * Q) / 10_000n,
    }),
  )

const deaf = { ...worst, name: 'worst without latency', latency: null }

describe('no fill outside the book', () => {
  test.each([off, realistic, deaf])(
    '$name: takers get only prices and sizes the book shows, inside their limits',
    (profile) => {
      fc.assert(
        fc.property(depths, orders, (depth, order) => {
          const { submit } = simSetup({ depth, profile })
          const events = submit(order)
          const seen = order.outcome === 'NO' ? complement(depth) : depth
          const levels = order.side === 'buy' ? seen.asks : seen.bids
          const fills = events.flatMap((each) => (each.type === 'filled' ? [each] : []))
          const taken = new Map<bigint, bigint>()
          for (const { price_1e9, qty_1e8 } of fills) {
            taken.set(price_1e9, (taken.get(price_1e9) ?? 0n) + qty_1e8)
            expect(qty_1e8 > 0n && qty_1e8 % LOT === 0n).toBe(true)
            const { limit_price_1e9: limit } = order
            if (limit !== null) {
              expect(order.side === 'buy' ? price_1e9 <= limit : price_1e9 >= limit).toBe(true)
            }
          }
          for (const [price_1e9, qty_1e8] of taken) {
            const shown = levels.find((level) => level.price_1e9 === price_1e9)?.qty_1e8 ?? 0n
            expect(qty_1e8 <= shown).toBe(true)
          }
          const filled = fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
          expect(filled <= order.qty_1e8).toBe(true)
          if (order.time_in_force === 'fok') expect([0n, order.qty_1e8]).toContain(filled)
          if (order.post_only) expect(filled).toBe(0n)
          if (order.budget_1e8 !== null) {
            const cost = fills.reduce(
              (sum, { price_1e9, qty_1e8, fee_1e8 }) =>
                sum + (price_1e9 * qty_1e8 + P - 1n) / P + fee_1e8,
              0n,
            )
            expect(cost <= order.budget_1e8).toBe(true)
          }
        }),
        { numRuns: runs },
      )
    },
  )
})

/** Public flow over a few prices around the middle. */
const flow = (cancels: boolean) =>
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          type: fc.constant('limit' as const),
          side: fc.constantFrom('buy' as const, 'sell' as const),
          tick: fc.integer({ min: 46, max: 54 }),
          lots: fc.integer({ min: 1, max: 6 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constant('market' as const),
          side: fc.constantFrom('buy' as const, 'sell' as const),
          lots: fc.integer({ min: 1, max: 12 }),
        }),
      },
      ...(cancels
        ? [
            {
              weight: 3,
              arbitrary: fc.record({
                type: fc.constant('cancel' as const),
                nth: fc.nat(40),
                lots: fc.integer({ min: 1, max: 6 }),
              }),
            },
          ]
        : []),
    ),
    { minLength: 4, maxLength: 40 },
  )

type Flow = ReturnType<ReturnType<typeof flow>['generate']>['value'] extends readonly (infer T)[]
  ? T
  : never

const probes = fc.record({
  at: fc.nat(12),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  tick: fc.integer({ min: 46, max: 54 }),
  lots: fc.integer({ min: 1, max: 8 }),
})

/**
 * The same public flow twice: once in an exchange where the probe really rests (the truth), once in one
 * whose public feed is all the simulator sees.
 */
function twice(
  script: readonly Flow[],
  probe: { at: number; side: 'buy' | 'sell'; tick: number; lots: number },
) {
  const { sim, events, feed, clock } = simSetup()
  const told = new NaiveExchange({ sink: feed, symbol: SYMBOL, now_ns: () => clock.now_ns() })
  const truth = new NaiveExchange()
  feed.snapshot(SYMBOL, { bids: [], asks: [] }, clock.now_ns())
  // Depth that no flow exhausts: an order that ended for want of a counterpart leaves no trace to follow.
  for (const exchange of [truth, told]) {
    const qty_1e8 = 10_000n * LOT
    exchange.place({ id: 'floor', side: 'buy', price_1e9: 40n * TICK, qty_1e8 })
    exchange.place({ id: 'roof', side: 'sell', price_1e9: 60n * TICK, qty_1e8 })
  }
  const order = child(probe.side, 1, null, {
    qty_1e8: BigInt(probe.lots) * LOT,
    limit_price_1e9: BigInt(probe.tick) * TICK,
    time_in_force: 'gtc',
  })
  const history: { truth: bigint; sim: bigint; lower: bigint; diverged: boolean }[] = []
  let diverged = false
  const filledBySim = () =>
    events.reduce((sum, each) => sum + (each.type === 'filled' ? each.qty_1e8 : 0n), 0n)
  const lower = () =>
    events.reduce(
      (least, each) =>
        each.type === 'filled' ? (each.explanation?.qty_lower_1e8 ?? least) : least,
      0n,
    )
  script.forEach((step, index) => {
    clock.advance(1)
    if (index === Math.min(probe.at, script.length - 1)) {
      sim.submit(order)
      truth.place({
        id: 'probe',
        side: probe.side,
        price_1e9: order.limit_price_1e9,
        qty_1e8: order.qty_1e8,
      })
    }
    const before = told.fills.length
    for (const exchange of [truth, told]) {
      if (step.type === 'cancel') exchange.cancel(`public-${step.nth}`, BigInt(step.lots) * LOT)
      else {
        exchange.place({
          id: `public-${index}`,
          side: step.side,
          price_1e9: step.type === 'limit' ? BigInt(step.tick) * TICK : null,
          qty_1e8: BigInt(step.lots) * LOT,
        })
      }
    }
    // A quote the probe took still stands in public: once somebody takes it there, the two tell of
    // different worlds, and only the bounds can be compared.
    const met = events.some(
      (each) => each.type === 'filled' && !each.explanation?.rule.startsWith('trades'),
    )
    const took = told.fills.length > before && step.type !== 'cancel' && step.side === probe.side
    diverged ||= met && took
    history.push({ diverged, truth: truth.filled('probe'), sim: filledBySim(), lower: lower() })
  })
  return { history, events, order }
}

describe('agreement with the venue’s own matching (law P2)', () => {
  test('a taker gets what the exchange gives it, and a whole order rests or dies alike', () => {
    fc.assert(
      fc.property(depths, orders, (depth: Depth, order) => {
        const exchange = new NaiveExchange()
        for (const [side, levels] of [
          ['buy', depth.bids],
          ['sell', depth.asks],
        ] as const) {
          for (const level of levels) exchange.place({ id: 'public', side, ...level })
        }
        const bookSide =
          order.outcome === 'NO' ? (order.side === 'buy' ? 'sell' : 'buy') : order.side
        const turned = (price: bigint) => (order.outcome === 'NO' ? P - price : price)
        const { limit_price_1e9: limit } = order
        const crossing = exchange.orders.some(
          (maker) =>
            maker.side !== bookSide &&
            limit !== null &&
            (bookSide === 'buy'
              ? maker.price_1e9 <= turned(limit)
              : maker.price_1e9 >= turned(limit)),
        )
        if (!(order.post_only && crossing)) {
          exchange.place({
            id: 'probe',
            side: bookSide,
            price_1e9: limit === null ? null : turned(limit),
            qty_1e8: order.qty_1e8,
            rest: order.time_in_force === 'gtd' ? 'gtc' : order.time_in_force,
          })
        }
        const { submit, sim } = simSetup({ depth, profile: off })
        const events = submit({ ...order, budget_1e8: null })
        const fills = events.flatMap((each) => (each.type === 'filled' ? [each] : []))
        expect(fills.map(({ price_1e9, qty_1e8 }) => [turned(price_1e9), qty_1e8])).toEqual(
          exchange.fills
            .filter(({ id }) => id === 'probe')
            .map(({ price_1e9, qty_1e8 }) => [price_1e9, qty_1e8]),
        )
        for (const { price_1e9, qty_1e8, fee_1e8 } of fills) {
          const { fees } = simVenue()
          const owed = fees.fill({
            instrument: order.instrument,
            liquidity: 'taker',
            side: order.side,
            price_1e9,
            qty_1e8,
            carry_1e8: 0n,
          })
          expect(fee_1e8).toBe(owed.fee_1e8)
        }
        expect(sim.open).toBe(exchange.orders.some(({ id }) => id === 'probe') ? 1 : 0)
      }),
      { numRuns: runs },
    )
  })

  test('a resting order fills at the same moments and sizes when nobody cancels', () => {
    fc.assert(
      fc.property(flow(false), probes, (script, probe) => {
        const { history, events, order } = twice(script, probe)
        for (const step of history) {
          if (step.diverged) break
          expect(step.sim).toBe(step.truth)
        }
        for (const each of events) {
          if (each.type !== 'filled' || each.liquidity !== 'maker') continue
          expect(each.price_1e9).toBe(order.limit_price_1e9)
        }
      }),
      { numRuns: runs },
    )
  })

  test('with cancels the truth lies between the lower bound and the fill at every fill', () => {
    fc.assert(
      fc.property(flow(true), probes, (script, probe) => {
        const { history } = twice(script, probe)
        for (const step of history) {
          expect(step.sim >= step.truth).toBe(true)
          expect(step.lower <= step.truth).toBe(true)
        }
      }),
      { numRuns: runs },
    )
  })
})

/** Commands and public news, at random moments. */
const stories = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: orders.map((order) => ({ type: 'submit' as const, order })) },
    { weight: 1, arbitrary: fc.nat(12).map((nth) => ({ type: 'cancel' as const, nth })) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('amend' as const),
        nth: fc.nat(12),
        lots: fc.integer({ min: 1, max: 20 }),
        tick: fc.integer({ min: 20, max: 80 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 60 }).map((ms) => ({ type: 'wait' as const, ms })),
    },
    { weight: 2, arbitrary: depths.map((depth) => ({ type: 'book' as const, depth })) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('level' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        tick: fc.integer({ min: 20, max: 80 }),
        lots: fc.nat(9),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('trade' as const),
        side: fc.constantFrom('buy' as const, 'sell' as const),
        tick: fc.integer({ min: 20, max: 80 }),
        lots: fc.integer({ min: 1, max: 12 }),
      }),
    },
  ),
  { minLength: 3, maxLength: 40 },
)

type Story = ReturnType<(typeof stories)['generate']>['value']

const rules = fc.record({
  self_trade: fc.constantFrom('cancel-taker', 'cancel-maker', 'cancel-both', 'decrement', 'allow'),
  post_only: fc.constantFrom('refuse', 'accept-then-cancel'),
  fees: fc.constantFrom('flat', 'event'),
})

type Rules = ReturnType<(typeof rules)['generate']>['value']

function play(story: Story, depth: Depth, profile: Profile, rules: Rules) {
  const { sim, feed, hub, clock, events } = simSetup({
    depth,
    profile,
    capabilities: { self_trade: rules.self_trade, post_only: rules.post_only },
    ...(rules.fees === 'event' && { fees: eventFees }),
  })
  const sent: ChildOrder[] = []
  story.forEach((step, index) => {
    switch (step.type) {
      case 'submit': {
        const order = { ...step.order, child_id: `order-${index}` }
        sent.push(order)
        sim.submit(order)
        break
      }
      case 'cancel':
        sim.cancel(sent[step.nth]?.child_id ?? '')
        break
      case 'amend': {
        const order = sent[step.nth]
        if (order === undefined || order.limit_price_1e9 === null) break
        sim.amend(order.child_id, {
          qty_1e8: BigInt(step.lots) * LOT,
          limit_price_1e9: BigInt(step.tick) * TICK,
        })
        break
      }
      case 'wait':
        clock.advance(step.ms)
        break
      case 'book':
        hub.publish(VENUE, SYMBOL, step.depth)
        break
      case 'level':
        feed.level(
          SYMBOL,
          step.side,
          BigInt(step.tick) * TICK,
          BigInt(step.lots) * LOT,
          clock.now_ns(),
        )
        feed.published(SYMBOL, clock.now_ns())
        break
      case 'trade':
        feed.trade(SYMBOL, {
          price_1e9: BigInt(step.tick) * TICK,
          qty_1e8: BigInt(step.lots) * LOT,
          taker_side: step.side,
          ts_ns: clock.now_ns(),
        })
    }
  })
  clock.advance(500)
  return { fills: fillsById(events), sent, events }
}

describe('dominance (law P3)', () => {
  const alone = (name: string, part: Partial<Profile>): Profile => ({ ...off, ...part, name })
  const acting: Profile[] = [
    alone('latency', { latency: { scale_pct: 100, jitter_ms_max: 20 } }),
    alone('shadow depth', { shadow: { keep_pct: 50 }, queue: 'pessimistic' }),
    alone('proportional queue', { queue: 'proportional' }),
    alone('power-law queue', { queue: 'power-law' }),
    alone('pessimistic queue', { queue: 'pessimistic' }),
    alone('pick-off', { pickOff: { fills_on: 'through' } }),
    alone('partial fill', { partial: { share_pct: 60 } }),
    alone('fade', { fade: { pull_pct_min: 0, pull_pct_max: 80 } }),
    alone('queue jump', { queueJump: { jump_pct: 30 } }),
    alone('toxic flow', { toxic: { skip_pct_max: 80, window: 5 } }),
    realistic,
    {
      ...realistic,
      name: 'realistic with latency',
      latency: { scale_pct: 100, jitter_ms_max: 20 },
    },
    deaf,
    profiles.worst,
  ]

  test.each(acting)('$name: no order fares better than without adversaries', (profile) => {
    fc.assert(
      fc.property(stories, depths, rules, (story, depth, venue) => {
        const reference = play(story, depth, { ...off, shadow: profile.shadow }, venue)
        const worse = play(story, depth, profile, venue)
        for (const order of worse.sent) {
          const faults = dominanceFaults(
            order.side,
            reference.fills.get(order.child_id) ?? [],
            worse.fills.get(order.child_id) ?? [],
          )
          expect(faults).toEqual([])
        }
      }),
      { numRuns: runs },
    )
  })

  test('the same seed gives the same events, byte for byte', () => {
    fc.assert(
      fc.property(stories, depths, rules, (story, depth, venue) => {
        const text = () =>
          JSON.stringify(play(story, depth, profiles.worst, venue).events, (_key, value) =>
            typeof value === 'bigint' ? `${value}` : value,
          )
        expect(text()).toBe(text())
      }),
      { numRuns: Math.ceil(runs / 4) },
    )
  })
})
