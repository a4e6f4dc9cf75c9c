/**
 * Images: a venue kept in memory is the venue written down, whatever happens to it afterwards, and going back
 * to either is the same.
 */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { venueExchange } from '../../../src/venue/exchange-port.js'
import { VenueHost } from '../../../src/venue/host.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { money } from '../../../venues/kraken/fees.js'
import { instruments } from '../../../venues/kraken/instruments.js'

const BTC = 'XXBTZUSD'
const LOT = 1_000_000

interface State {
  readonly counts: Map<string, { n: number }>
}

const price = fc.integer({ min: 599_990, max: 600_010 })
const qty = fc.integer({ min: 1, max: 30 })
const move = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      who: fc.nat(1),
      buy: fc.boolean(),
      price,
      qty,
      gtd: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), who: fc.nat(1), nth: fc.nat(8) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('amend' as const),
      who: fc.nat(1),
      nth: fc.nat(8),
      price,
      qty,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('depth' as const), price, qty }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('print' as const), price, qty, buy: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('count' as const), name: fc.constantFrom('a', 'b') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(400) }) },
)
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never

function lab() {
  const clock = manualClock()
  const host = new VenueHost<State>({
    id: 'test',
    world: seededWorld({ seed: 1, clock }),
    exchange: venueExchange({ rules: money }),
    instruments: instruments.slice(0, 3),
    orderText: (n) => `order-${n}`,
    fillText: (n) => `fill-${n}`,
    retention: { done_orders: 4, fills: 5 },
    reducer: {
      initial: () => ({ counts: new Map() }),
      reduce: ({ counts }, { name }) => {
        const known = counts.get(name)
        if (known === undefined) counts.set(name, { n: 1 })
        else known.n += 1
      },
    },
  })
  const open = (label: string) => {
    const opened = host.apply({
      type: 'open-account',
      label,
      credentials: {},
      key: label,
      stp_group: null,
    })
    const account_id = opened.account_id ?? -1
    for (const asset of ['USD', 'BTC']) {
      host.apply({ type: 'set-balance', account_id, asset, total_1e8: 10n ** 13n })
    }
  }
  open('one')
  open('two')
  const ids = () => host.accounts().map(({ account_id }) => account_id)
  const act = (one: Move): void => {
    const whose = (who: number) => ids()[who] as number
    switch (one.do) {
      case 'open':
        open(`late ${ids().length}`)
        return
      case 'count':
        host.apply({ type: 'venue', name: one.name, data: null })
        return
      case 'pass':
        clock.advance(one.ms)
        return
      case 'depth': {
        const bids = [
          [one.price - 3, one.qty * LOT],
          [one.price - 5, LOT],
        ] as const
        host.apply({
          type: 'depth',
          venue_symbol: BTC,
          bids,
          asks: [[one.price + 3, one.qty * LOT]],
        })
        return
      }
      case 'print': {
        const taker_side = one.buy ? 'buy' : 'sell'
        const trade = { price_ticks: one.price, qty_lots: one.qty * LOT, taker_side } as const
        host.apply({ type: 'print', venue_symbol: BTC, ...trade })
        return
      }
      case 'cancel':
      case 'amend': {
        const open = host.records.openOrders(whose(one.who))
        const order = open[one.nth]
        if (order === undefined) return
        if (one.do === 'cancel') host.cancel(order)
        else {
          const { account_id, order_id } = order
          const change = { price_ticks: one.price, remaining_lots: one.qty * LOT }
          host.apply({
            type: 'amend',
            account_id,
            order_id,
            ...change,
            data: { amended: one.price },
          })
        }
        // Whoever holds a record sees what became of it.
        expect(host.records.order(order.order_id) ?? order).toBe(order)
        return
      }
      case 'place':
        host.place({
          account_id: whose(one.who),
          instrument: BTC,
          side: one.buy ? 'buy' : 'sell',
          price_ticks: one.price,
          qty_lots: one.qty * LOT,
          quote_budget_1e8: null,
          time_in_force: one.gtd ? 'gtd' : 'gtc',
          expire_ts_us: one.gtd ? host.now_us() + 700_000 : null,
          post_only: 'no',
          reduce_only: false,
          self_trade: 'cancel-taker',
          fee_in: 'quote',
          margin: 'cross',
          client_order_id: `c${one.qty}`,
          data: null,
        })
    }
  }
  return { host, clock, act }
}

const runs = { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 25) }
const moves = fc.array(move, { minLength: 1, maxLength: 40 })

test('an image is the bytes of its moment, and both lead back there', () => {
  fc.assert(
    fc.property(moves, moves, moves, (before, after, astray) => {
      const { host, clock, act } = lab()
      for (const one of before) act(one)
      const [image, bytes, at] = [host.image(), host.snapshot(), clock.save()]
      for (const one of after) act(one)
      const ahead = host.image()
      const story = host.snapshot()
      for (const one of astray) act(one)
      expect(image.bytes()).toEqual(bytes)
      expect(ahead.bytes()).toEqual(story)
      for (const from of [image, bytes, image]) {
        clock.load(at)
        host.restore(from)
        expect(host.snapshot()).toEqual(bytes)
        host.exchange.check()
        for (const one of after) act(one)
        expect(host.snapshot()).toEqual(story)
      }
      host.restore(ahead)
      expect(host.snapshot()).toEqual(story)
    }),
    runs,
  )
})

test('the image of another venue is refused', () => {
  const other = new VenueHost<State>({
    id: 'other',
    world: seededWorld({ seed: 1, clock: manualClock() }),
    exchange: venueExchange({ rules: money }),
    instruments: [],
    orderText: String,
    fillText: String,
    reducer: { initial: () => ({ counts: new Map() }), reduce: () => undefined },
  })
  expect(() => lab().host.restore(other.image())).toThrow(
    new TypeError('test was given an image of another venue.'),
  )
})
