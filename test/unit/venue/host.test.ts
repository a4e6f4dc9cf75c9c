import { describe, expect, test } from 'vitest'
import type { VenueJournal } from '../../../src/venue/contract.js'
import { venueExchange } from '../../../src/venue/exchange-port.js'
import { type HostOptions, VenueHost } from '../../../src/venue/host.js'
import type { PlaceInput } from '../../../src/venue/host-command.js'
import { HostFailed } from '../../../src/venue/journal-writer.js'
import { manualClock } from '../../../src/world/clock.js'
import { seededWorld } from '../../../src/world/seeded.js'
import { money } from '../../../venues/kraken/fees.js'
import { instruments } from '../../../venues/kraken/instruments.js'

const BTC = 'XXBTZUSD'
const SIZE = 100_000_000

function lab(options: Partial<HostOptions<null>> = {}) {
  const clock = manualClock()
  const host = new VenueHost<null>({
    id: 'test',
    world: seededWorld({ seed: 1, clock }),
    exchange: venueExchange({ rules: money }),
    instruments,
    orderText: (n) => `order-${n}`,
    fillText: (n) => `fill-${n}`,
    reducer: { initial: () => null, reduce: () => undefined },
    ...options,
  })
  const open = (label: string) => {
    const { account_id } = host.apply({
      type: 'open-account',
      label,
      credentials: { key: label },
      key: label,
      stp_group: null,
    })
    if (account_id === null) throw new Error('no account')
    for (const [asset, total_1e8] of [
      ['USD', 10n ** 14n],
      ['BTC', 10n ** 10n],
    ] as const) {
      host.apply({ type: 'set-balance', account_id, asset, total_1e8 })
    }
    return account_id
  }
  const order = (account_id: number, rest: Partial<PlaceInput> = {}): PlaceInput => ({
    account_id,
    instrument: BTC,
    side: 'buy',
    price_ticks: 290_000,
    qty_lots: SIZE / 10,
    quote_budget_1e8: null,
    time_in_force: 'gtc',
    expire_ts_us: null,
    post_only: 'no',
    reduce_only: false,
    self_trade: 'cancel-taker',
    fee_in: 'quote',
    margin: 'cross',
    client_order_id: null,
    data: null,
    ...rest,
  })
  return { host, clock, open, order }
}

describe('records', () => {
  test('an order is known by number, text and client id, to its owner alone', () => {
    const { host, open, order } = lab()
    const [mine, other] = [open('mine'), open('other')]
    const placed = host.place(order(mine, { client_order_id: 'abc' })).order
    expect(placed).toMatchObject({ status: 'open', rested: true })
    expect(host.records.byText(mine, placed?.id ?? '')).toBe(placed)
    expect(host.records.byClientId(mine, 'abc')).toBe(placed)
    expect(host.records.byText(other, placed?.id ?? '')).toBeUndefined()
    expect(host.records.byClientId(other, 'abc')).toBeUndefined()
  })

  test('fills carry running totals', () => {
    const { host, open, order } = lab()
    const mine = open('mine')
    const asks = [
      [300_000, SIZE / 2],
      [300_100, SIZE],
    ] as const
    host.apply({ type: 'depth', venue_symbol: BTC, bids: [], asks })
    const placed = host.place(order(mine, { price_ticks: 300_100, qty_lots: SIZE })).order
    const fills = host.records.fills(mine)
    expect(fills.map(({ cum_lots }) => cum_lots)).toEqual([SIZE / 2, SIZE])
    expect(fills.at(-1)?.cum_fee_1e8).toBe(placed?.fee_1e8)
    expect(placed).toMatchObject({ status: 'done', reason: 'filled', filled_lots: SIZE })
  })

  test('keeps the newest done orders and every open one', () => {
    const { host, open, order } = lab({ retention: { done_orders: 3, fills: 2 } })
    const mine = open('mine')
    const stays = host.place(order(mine)).order
    const gone = Array.from({ length: 5 }, (_, n) => {
      const placed = host.place(order(mine, { client_order_id: `c${n}` })).order
      if (placed === null) throw new Error('refused')
      host.cancel(placed)
      return placed.id
    })
    expect(host.records.doneOrders(mine).map(({ id }) => id)).toEqual(gone.slice(-3))
    expect(host.records.byClientId(mine, 'c0')).toBeUndefined()
    expect(host.records.byClientId(mine, 'c4')?.id).toBe(gone[4])
    expect(host.records.openOrders(mine)).toEqual([stays])
  })
})

describe('the house', () => {
  test('restates depth with as few changes as needed and keeps its place in the queue', () => {
    const { host, open, order } = lab()
    const mine = open('mine')
    host.apply({ type: 'depth', venue_symbol: BTC, bids: [[290_000, SIZE]], asks: [] })
    const behind = host.place(order(mine)).order
    const ahead = () => host.exchange.queueAhead(behind?.order_id ?? -1)
    expect(ahead()).toBe(SIZE)
    const { events } = host.apply({
      type: 'depth',
      venue_symbol: BTC,
      bids: [
        [290_000, SIZE],
        [289_990, SIZE],
      ],
      asks: [],
    })
    expect(events.filter(({ type }) => type === 'accepted')).toHaveLength(1)
    expect(ahead()).toBe(SIZE)
    // More of the house goes behind the client; less of it leaves from the back.
    host.apply({ type: 'depth', venue_symbol: BTC, bids: [[290_000, 3 * SIZE]], asks: [] })
    expect(ahead()).toBe(SIZE)
    host.apply({ type: 'depth', venue_symbol: BTC, bids: [[290_000, SIZE]], asks: [] })
    expect(ahead()).toBe(SIZE)
    host.exchange.check()
  })

  test('refuses crossed levels with nothing changed', () => {
    const { host } = lab()
    const before = Buffer.from(host.snapshot())
    const crossed = { bids: [[300_000, 1]], asks: [[300_000, 1]] } as const
    expect(() => host.apply({ type: 'depth', venue_symbol: BTC, ...crossed })).toThrow(RangeError)
    expect(Buffer.from(host.snapshot()).equals(before)).toBe(true)
  })

  test('prints the whole size at the price, clients first', () => {
    const { host, open, order } = lab()
    const mine = open('mine')
    host.apply({
      type: 'depth',
      venue_symbol: BTC,
      bids: [[290_100, SIZE]],
      asks: [[300_000, SIZE]],
    })
    const placed = host.place(order(mine)).order
    const { events } = host.apply({
      type: 'print',
      venue_symbol: BTC,
      price_ticks: 290_000,
      qty_lots: SIZE,
      taker_side: 'sell',
    })
    const trades = events.filter((event) => event.type === 'trade')
    expect(trades.every((trade) => trade.price_ticks === 290_000)).toBe(true)
    expect(trades.reduce((sum, { qty_lots }) => sum + qty_lots, 0)).toBe(SIZE)
    expect(placed).toMatchObject({ status: 'done', reason: 'filled' })
    host.exchange.check()
  })
})

describe('time', () => {
  test('a GTD order ends on the clock, without anybody asking', () => {
    const { host, clock, open, order } = lab()
    const mine = open('mine')
    const expire_ts_us = host.now_us() + 5_000_000
    const placed = host.place(order(mine, { time_in_force: 'gtd', expire_ts_us })).order
    clock.advance(4_999)
    expect(placed?.status).toBe('open')
    clock.advance(1)
    expect(placed).toMatchObject({ status: 'done', reason: 'expired', done_us: expire_ts_us })
  })

  test('a reducer wakes when it asked to, and only then', () => {
    const { host, clock } = lab({
      reducer: {
        initial: () => null,
        reduce: () => undefined,
        nextWake: () => (woken.at(-1) === undefined ? first : undefined),
        wake: (_state, { ts_us }) => woken.push(ts_us),
      },
    })
    clock.advance(2_000)
    expect(woken).toEqual([first])
    expect(host.now_us()).toBeGreaterThan(first)
  })
  const first = 1_790_000_000_001_000
  const woken: number[] = []
})

describe('journal', () => {
  const memory = () => {
    const state = { lines: [] as string[], snapshot: null as Uint8Array | null, fail: false }
    const journal: VenueJournal = {
      append: async (lines) => {
        if (state.fail) throw new Error('disk full')
        state.lines.push(...lines)
      },
      snapshot: async (bytes) => {
        state.snapshot = bytes
        state.lines = []
      },
      load: async () => ({ snapshot: state.snapshot, lines: [...state.lines] }),
    }
    return { state, journal }
  }

  test('replays to the same bytes, with and without a snapshot on the way', async () => {
    const { state, journal } = memory()
    const { host, clock, open, order } = lab({ journal })
    await host.recover()
    const mine = open('mine')
    host.apply({ type: 'depth', venue_symbol: BTC, bids: [], asks: [[300_000, SIZE]] })
    host.place(order(mine, { price_ticks: 300_000, data: { note: 'ć', big: 1n } }))
    host.restore(host.snapshot())
    await host.durable()
    expect(state.snapshot).not.toBeNull()
    clock.advance(5)
    host.place(order(mine, { client_order_id: 'after' }))
    await host.durable()
    expect(state.lines).toHaveLength(1)

    const again = lab({ journal })
    await again.host.recover()
    expect(Buffer.from(again.host.snapshot()).equals(host.snapshot())).toBe(true)
    expect(again.host.records.byClientId(mine, 'after')).toMatchObject({ status: 'open' })
    again.host.exchange.check()
  })

  test('never gives an order id twice over a restart', async () => {
    const { journal } = memory()
    const first = lab({ journal })
    await first.host.recover()
    const mine = first.open('mine')
    const before = first.host.place(first.order(mine)).order?.id
    const second = lab({ journal })
    await second.host.recover()
    expect(second.host.place(second.order(mine)).order?.id).not.toBe(before)
  })

  test('stops for good when the journal fails', async () => {
    const { state, journal } = memory()
    const { host, open, order } = lab({ journal })
    await host.recover()
    const mine = open('mine')
    await host.durable()
    state.fail = true
    host.place(order(mine))
    await expect(host.durable()).rejects.toThrow(HostFailed)
    expect(() => host.place(order(mine))).toThrow(HostFailed)
  })
})
