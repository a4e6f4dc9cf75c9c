/**
 * Matching against its naive twin: the book alone, and the exchange with more money than anyone needs.
 *
 * `PAPERVENUE_RUNS` sets the number of scripts; the default plays some 20,000 commands.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExchangeEvent, SelfTrade } from '../../../src/engine/command.js'
import { Exchange } from '../../../src/engine/exchange.js'
import { type BookSink, type Leave, Matcher } from '../../../src/engine/matcher.js'
import type { TimeInForce } from '../../../src/engine/order.js'
import { btcUsd, freeRules } from '../../support/engine.js'
import { NaiveBook, type NaiveEvent } from '../../support/naive-book.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 120)

const SELF_TRADES: SelfTrade[] = [
  'cancel-taker',
  'cancel-maker',
  'cancel-both',
  'decrement',
  'allow',
]
const TIMES: TimeInForce[] = ['gtc', 'gtc', 'gtc', 'ioc', 'fok']

interface Step {
  act: 'place' | 'cancel' | 'amend'
  owner: number
  side: 0 | 1
  price: number | null
  qty: number
  time_in_force: TimeInForce
  post_only: boolean
  self_trade: SelfTrade
  pick: number
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom<Step['act']>('place', 'place', 'place', 'cancel', 'amend'),
  owner: fc.integer({ min: 1, max: 4 }),
  side: fc.constantFrom(0 as const, 1 as const),
  price: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 8 }),
  qty: fc.integer({ min: 1, max: 12 }),
  time_in_force: fc.constantFrom(...TIMES),
  post_only: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  self_trade: fc.constantFrom(...SELF_TRADES),
  pick: fc.nat(1_000),
})
const script = fc.array(step, { minLength: 1, maxLength: 250, size: 'max' })

/** A limit order rests or not; the words that make no sense together are left out. */
function sane({ price, post_only, time_in_force }: Step): boolean {
  return !post_only || (price !== null && time_in_force === 'gtc')
}

class Recorder implements BookSink {
  events: NaiveEvent[] = []
  levels = new Map<string, number>()
  traded(taker: number, maker: number, price: number, qty: number): void {
    this.events.push({ type: 'trade', taker, maker, price, qty })
  }
  rested(id: number, price: number, left: number, ahead: number): void {
    this.events.push({ type: 'rested', id, price, left, ahead })
  }
  amended(id: number, price: number, left: number): void {
    this.events.push({ type: 'amended', id, price, left })
  }
  done(id: number, why: Leave, left: number): void {
    this.events.push({ type: 'done', id, why, left })
  }
  level(side: 0 | 1, price: number, qty: number): void {
    if (qty === 0) this.levels.delete(`${side}/${price}`)
    else this.levels.set(`${side}/${price}`, qty)
  }
}

test('the book alone does what its naive twin does, event by event', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const sink = new Recorder()
      const matcher = new Matcher(sink)
      const naive = new NaiveBook()
      let next = 0
      for (const one of steps) {
        sink.events = []
        const target = naive.orders[one.pick % Math.max(1, naive.orders.length)]?.id ?? 999_999
        const { owner, side, price, qty, time_in_force, post_only, self_trade } = one
        if (one.act === 'place') {
          if (!sane(one)) continue
          next += 1
          matcher.place(next, owner, side, price, qty, { time_in_force, post_only, self_trade })
          expect(sink.events).toEqual(naive.place({ ...one, id: next }))
        } else if (one.act === 'cancel') {
          matcher.cancel(target)
          expect(sink.events).toEqual(naive.cancel(target))
        } else {
          const to = price ?? 5
          matcher.amend(target, to, qty)
          expect(sink.events).toEqual(naive.amend(target, to, qty, 'allow'))
        }
        compareLevels(naive, sink.levels)
        for (const { id } of naive.orders) expect(matcher.ahead(id)).toBe(naive.ahead(id))
      }
      expect(matcher.size).toBe(naive.orders.length)
    }),
    { numRuns: runs },
  )
})

test('the exchange matches as the naive twin does when money is no object', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const exchange = open()
      const naive = new NaiveBook()
      const words = new Map<number, SelfTrade>()
      const levels = new Map<string, number>()
      let orders = 0
      for (const one of steps) {
        const ts_us = exchange.ts_us + 1
        const target = naive.orders[one.pick % Math.max(1, naive.orders.length)]
        const account_id = target?.owner ?? 1
        const order_id = target?.id ?? 0
        let events: readonly ExchangeEvent[] = []
        let expected: NaiveEvent[] = []
        if (one.act === 'place') {
          if (!sane(one)) continue
          orders += 1
          words.set(orders, one.self_trade)
          events = exchange.apply({
            type: 'place',
            ts_us,
            account_id: one.owner,
            instrument: instrument.venue_symbol,
            side: one.side === 0 ? 'buy' : 'sell',
            price_ticks: one.price,
            qty_lots: one.qty,
            quote_budget_1e8: null,
            time_in_force: one.time_in_force,
            expire_ts_us: null,
            post_only: one.post_only ? 'reject' : 'no',
            reduce_only: false,
            self_trade: one.self_trade,
            fee_in: 'quote',
            margin: 'cross',
          })
          expected = naive.place({ ...one, id: orders })
        } else if (one.act === 'cancel') {
          events = exchange.apply({ type: 'cancel', ts_us, account_id, order_id })
          expected = naive.cancel(order_id)
        } else {
          const view = exchange.order(order_id)
          const price_ticks = one.price ?? 5
          events = exchange.apply({
            type: 'amend',
            ts_us,
            account_id,
            order_id,
            price_ticks,
            remaining_lots: one.qty,
          })
          // Entry refuses what would cross although it promised not to: the order stays as it was.
          if (events.some((event) => event.type === 'rejected')) {
            expect(view === undefined || view.post_only === 'reject').toBe(true)
            continue
          }
          expected = naive.amend(order_id, price_ticks, one.qty, words.get(order_id) ?? 'allow')
        }
        expect(told(events, levels)).toEqual(expected)
        compareLevels(naive, levels)
        const { bids, asks } = exchange.depth(instrument.venue_symbol)
        for (const [side, view] of [bids, asks].entries()) {
          expect(
            view.map((l) => ({ price: l.price_ticks, qty: l.qty_lots, orders: l.orders })),
          ).toEqual(naive.levels(side as 0 | 1))
        }
      }
    }),
    { numRuns: Math.ceil(runs / 2) },
  )
})

const instrument = { ...btcUsd, min_qty_1e8: 0n, min_notional_1e9: 0n }

function open(): Exchange {
  const exchange = new Exchange({ rules: freeRules })
  exchange.apply({ type: 'list', ts_us: 0, instrument })
  exchange.apply({
    type: 'market-state',
    ts_us: 0,
    instrument: instrument.venue_symbol,
    state: 'open',
    cancel_resting: false,
  })
  for (let account_id = 1; account_id <= 4; account_id++) {
    exchange.apply({ type: 'open-account', ts_us: 0, stp_group: null })
    for (const asset of ['USD', 'BTC']) {
      exchange.apply({ type: 'transfer', ts_us: 0, account_id, asset, amount_1e8: 10n ** 20n })
    }
  }
  return exchange
}

/** The exchange's events in the twin's words; levels are collected aside. */
function told(events: readonly ExchangeEvent[], levels: Map<string, number>): NaiveEvent[] {
  return events.flatMap((event): NaiveEvent[] => {
    switch (event.type) {
      case 'trade':
        return [
          {
            type: 'trade',
            taker: event.taker.order_id,
            maker: event.maker.order_id,
            price: event.price_ticks,
            qty: event.qty_lots,
          },
        ]
      case 'rested':
        return [
          {
            type: 'rested',
            id: event.order_id,
            price: event.price_ticks,
            left: event.remaining_lots,
            ahead: event.queue_ahead_lots,
          },
        ]
      case 'amended':
        return [
          {
            type: 'amended',
            id: event.order_id,
            price: event.price_ticks,
            left: event.remaining_lots,
          },
        ]
      case 'done':
        return [
          {
            type: 'done',
            id: event.order_id,
            why: event.reason as Leave,
            left: event.cancelled_lots,
          },
        ]
      case 'level': {
        const key = `${event.side === 'buy' ? 0 : 1}/${event.price_ticks}`
        if (event.qty_lots === 0) levels.delete(key)
        else levels.set(key, event.qty_lots)
        return []
      }
      default:
        return []
    }
  })
}

/** What the level events say is exactly what rests. */
function compareLevels(naive: NaiveBook, levels: ReadonlyMap<string, number>): void {
  const expected = [0, 1].flatMap((side) =>
    naive.levels(side as 0 | 1).map(({ price, qty }) => [`${side}/${price}`, qty] as const),
  )
  expect(new Map([...levels].sort())).toEqual(new Map(expected.sort()))
}
