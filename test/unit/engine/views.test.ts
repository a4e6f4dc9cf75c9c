/**
 * The door of an exchange: what its host may ask and order, beside what traders do.
 */
import { describe, expect, test } from 'vitest'
import type { Command, MarketState } from '../../../src/engine/command.js'
import { Core } from '../../../src/engine/core.js'
import { Exchange } from '../../../src/engine/exchange.js'
import { IdMap } from '../../../src/engine/id-map.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { Ladder } from '../../../src/engine/ladder.js'
import { write } from '../../../src/engine/snapshot.js'
import { BookStore } from '../../../src/engine/store.js'
import { all, freeRules, one, Stage, solUsd, USD } from '../../support/engine.js'

const ada: Instrument = { ...solUsd, symbol: 'ADA-USD', venue_symbol: 'ADA', base: 'ADA' }
const perp: Instrument = { ...solUsd, venue_symbol: 'PERP', kind: 'perp', leverage_max: 10 }

/** A trader with a bid on each of two markets. */
function scene() {
  const stage = new Stage({ rules: freeRules }).open(solUsd).open(ada).open(perp)
  const trader = stage.account({ USD: 1_000n * USD })
  const bid = (instrument: string, price_ticks: number, qty_lots = 1) =>
    stage.place({ account_id: trader, instrument, price_ticks, qty_lots })
  bid('SOL', 10)
  bid('ADA', 20)
  bid('SOL', 30, 4)
  const open = (instrument?: string) =>
    stage.exchange.openOrders(trader, instrument).map(({ order_id }) => order_id)
  const cancelAll = (instrument: string | null) =>
    stage.do({ type: 'cancel-all', account_id: trader, instrument })
  const state = (instrument: string, state: MarketState, cancel_resting = false) =>
    stage.do({ type: 'market-state', instrument, state, cancel_resting })
  return { stage, exchange: stage.exchange, trader, bid, open, cancelAll, state }
}

describe('cancelling all orders', () => {
  test('of one market leaves those of another, and all means all, oldest first', () => {
    const { cancelAll, open } = scene()
    const ids = (instrument: string | null) =>
      all(cancelAll(instrument), 'done').map(({ order_id }) => order_id)
    expect([open(), open('SOL'), open('ADA')]).toEqual([[1, 2, 3], [1, 3], [2]])
    expect(ids('ADA')).toEqual([2])
    expect(open()).toEqual([1, 3])
    expect(ids(null)).toEqual([1, 3])
  })
  test.each([
    ['halted', 'venue-paused'],
    ['closed', 'market-closed'],
    ['determined', 'market-closed'],
    ['settled', 'market-closed'],
  ] as const)('is refused where the market is %s, and passes its orders by', (now, code) => {
    const { cancelAll, open, state, stage, trader } = scene()
    state('SOL', now)
    expect(one(cancelAll('SOL'), 'rejected')).toMatchObject({ code, command: 'cancel-all' })
    expect(
      one(stage.do({ type: 'cancel', account_id: trader, order_id: 1 }), 'rejected').code,
    ).toBe(code)
    expect(cancelAll(null).map(({ type }) => type)).toEqual(['done', 'level'])
    expect(open()).toEqual([1, 3])
  })
  test('an order of somebody else is not cancelled, and not told to exist', () => {
    const { stage, open } = scene()
    const stranger = stage.account()
    expect(
      one(stage.do({ type: 'cancel', account_id: stranger, order_id: 1 }), 'rejected').code,
    ).toBe('unknown-order')
    expect(open()).toEqual([1, 2, 3])
  })
})

describe('the host', () => {
  test('is told what it listed and opened, and every event counts', () => {
    const stage = new Stage({ rules: freeRules })
    expect(stage.do({ type: 'list', instrument: solUsd })).toEqual([
      { type: 'listed', instrument: 'SOL', seq: 1, ts_us: 1 },
    ])
    expect(
      stage.do({
        type: 'market-state',
        instrument: 'SOL',
        state: 'post-only',
        cancel_resting: true,
      }),
    ).toEqual([{ type: 'market-state', instrument: 'SOL', state: 'post-only', seq: 2, ts_us: 2 }])
    expect(stage.do({ type: 'open-account', stp_group: null })).toEqual([
      { type: 'account-opened', account_id: 1, seq: 3, ts_us: 3 },
    ])
  })
  test('may empty a market that goes on', () => {
    const { state, open } = scene()
    expect(all(state('SOL', 'paused', true), 'done').map(({ reason }) => reason)).toEqual([
      'market-state',
      'market-state',
    ])
    expect(open()).toEqual([2])
  })
  test('hears of a command that is none', () => {
    const { exchange } = scene()
    const command = { type: 'barter', ts_us: exchange.ts_us } as unknown as Command
    expect(() => exchange.apply(command)).toThrow(/unhandled case.*barter/)
  })
  test('hears of a market that is not listed', () => {
    const { exchange, trader } = scene()
    for (const ask of [
      () => exchange.depth('X'),
      () => exchange.l3('X'),
      () => exchange.openOrders(trader, 'X'),
      () => exchange.marketState('X'),
    ]) {
      expect(ask).toThrow(/no instrument is listed as X/)
    }
    expect([exchange.instrument('X'), exchange.instrument('ADA')]).toEqual([undefined, ada])
  })
  test('hears of a law that is broken', () => {
    const core = new Core(freeRules)
    core.openAccount(null)
    core.ledger.balance(0, core.ledger.asset('USD')).total_1e8 = 1n
    const exchange = Exchange.restore(write(core), { rules: freeRules })
    expect(() => exchange.check()).toThrow(/ledger-conserved/)
  })
})

describe('what may be read', () => {
  test('of an account nobody opened, or that did nothing, is nothing', () => {
    const { exchange, stage } = scene()
    expect([exchange.openOrders(99), exchange.balances(99)]).toEqual([[], []])
    expect(exchange.position(99, 'PERP')).toMatchObject({ qty_lots: 0, leverage: 1 })
    expect(exchange.balances(stage.account({ SOL: USD })).map(({ asset }) => asset)).toEqual([
      'SOL',
    ])
  })
  test('of the venue is what it has come by, and nothing before', () => {
    const { exchange, stage } = scene()
    const seller = stage.account({ SOL: 100n * USD })
    stage.place({ account_id: seller, instrument: 'SOL', side: 'sell', qty_lots: 1 })
    expect(exchange.balances(0)).toEqual([])
  })
  test('of an order is its size with what it has filled, and its words', () => {
    const { exchange, stage, trader } = scene()
    const seller = stage.account({ SOL: 100n * USD })
    stage.place({ account_id: seller, instrument: 'SOL', side: 'sell', qty_lots: 3 })
    expect(exchange.order(3)).toMatchObject({ qty_lots: 4, filled_lots: 3, remaining_lots: 1 })
    expect(exchange.order(3)?.reduce_only).toBe(false)
    stage.do({ type: 'endow', account_id: trader, instrument: 'PERP', qty_lots: 1, entry_ticks: 1 })
    const terms = { account_id: trader, instrument: 'PERP', qty_lots: 1, price_ticks: 5 }
    stage.place({ ...terms, side: 'sell', reduce_only: true })
    expect(exchange.openOrders(trader, 'PERP').map((order) => order.reduce_only)).toEqual([true])
  })
  test('of the first order of all is its place in the queue', () => {
    const { exchange } = scene()
    expect([exchange.queueAhead(1), exchange.queueAhead(9)]).toEqual([0, undefined])
  })
  test('of a perp is its mark, its oracle price, and how a position is margined', () => {
    const { exchange, stage, trader } = scene()
    expect(exchange.mark('PERP')).toEqual({ mark_ticks: 0, oracle_ticks: 0 })
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 8, oracle_ticks: 7 })
    expect(exchange.mark('PERP')).toEqual({ mark_ticks: 8, oracle_ticks: 7 })
    const other = stage.account({ USD: 1_000n * USD })
    const at = { instrument: 'PERP', price_ticks: 8, qty_lots: 1 }
    stage.place({ ...at, account_id: other, side: 'sell' })
    stage.place({ ...at, account_id: trader, margin: 'isolated' })
    expect(exchange.position(trader, 'PERP').margin).toBe('isolated')
    expect(exchange.position(other, 'PERP').margin).toBe('cross')
  })
  test('of memory are the bytes of orders, of both sides of every ladder, and of ids', () => {
    const stage = new Stage({ rules: freeRules }).open(solUsd).open(ada)
    const trader = stage.account({ USD: 1_000n * USD, SOL: 1_000n * USD })
    const ladder = new Ladder()
    const store = new BookStore('exchange').bytes
    const ids = new IdMap()
    expect(stage.exchange.bytes).toEqual({ orders: store + 4 * ladder.bytes, ids: ids.bytes })
    // Fifty asks and nine bids: few enough for the first store, too many for the first ladder and the first ids.
    const [asks, bids] = [new Ladder(), new Ladder()]
    for (let at = 1; at <= 59; at++) {
      const [side, price_ticks] =
        at <= 50 ? (['sell', 100 + at] as const) : (['buy', at - 50] as const)
      stage.place({ account_id: trader, instrument: 'SOL', side, price_ticks, qty_lots: 1 })
      if (side === 'sell') asks.insert(-price_ticks, at)
      else bids.insert(price_ticks, at)
      ids.add(at, at)
    }
    expect(stage.exchange.bytes).toEqual({
      orders: store + 2 * ladder.bytes + asks.bytes + bids.bytes,
      ids: ids.bytes,
    })
    expect([asks.bytes > bids.bytes, ids.bytes > new IdMap().bytes]).toEqual([true, true])
  })
})

describe('money', () => {
  test('moves for the venue without a word, and it may owe', () => {
    const { stage, exchange } = scene()
    const move = (amount_1e8: bigint) =>
      stage.do({ type: 'transfer', account_id: 0, asset: 'USD', amount_1e8 })
    expect([move(5n), move(-12n)]).toEqual([[], []])
    expect(exchange.balance(0, 'USD').total_1e8).toBe(-7n)
    exchange.check()
  })
  test('leaves only as far as it is cash, whatever open profits come to', () => {
    const { stage, exchange, trader } = scene()
    const other = stage.account({ USD: 10_000n * USD })
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 50, oracle_ticks: 50 })
    const at = { instrument: 'PERP', price_ticks: 50, qty_lots: 10 }
    stage.place({ ...at, account_id: other, side: 'sell' })
    stage.place({ ...at, account_id: trader })
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 500, oracle_ticks: 500 })
    stage.do({ type: 'leverage', account_id: trader, instrument: 'PERP', leverage: 10 })
    // Cash of 1,000, of which 150 are reserved for bids; 4,500 of profit are open, 500 of them needed.
    const take = (dollars: bigint) =>
      stage.do({
        type: 'transfer',
        account_id: trader,
        asset: 'USD',
        amount_1e8: -dollars * USD,
      })
    expect(exchange.margin(trader, 'USD').available_1e8).toBe(4_850n * USD)
    expect(one(take(851n), 'rejected')).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: 851n * USD,
      free_1e8: 850n * USD,
    })
    expect(one(take(850n), 'balance').total_1e8).toBe(150n * USD)
    exchange.check()
  })
  test('comes in even where nothing is free', () => {
    const { stage, exchange, trader } = scene()
    const other = stage.account({ USD: 10_000n * USD })
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 80, oracle_ticks: 80 })
    const at = { instrument: 'PERP', price_ticks: 80, qty_lots: 10 }
    stage.place({ ...at, account_id: other })
    stage.place({ ...at, account_id: trader, side: 'sell' })
    stage.do({ type: 'mark', instrument: 'PERP', mark_ticks: 90, oracle_ticks: 90 })
    const free = exchange.margin(trader, 'USD').available_1e8
    expect(free).toBe(-150n * USD)
    const bring = (amount_1e8: bigint) =>
      stage.do({ type: 'transfer', account_id: trader, asset: 'USD', amount_1e8 })
    expect(one(bring(1n), 'balance').change_1e8).toBe(1n)
    expect(bring(0n)).toEqual([])
    expect(one(bring(-1n), 'rejected').free_1e8).toBe(free + 1n)
  })
})

describe('leverage', () => {
  test('is asked of perps only', () => {
    const { stage, trader } = scene()
    const ask = (instrument: string) =>
      stage.do({ type: 'leverage', account_id: trader, instrument, leverage: 1 })
    expect(one(ask('SOL'), 'rejected')).toMatchObject({ code: 'bad-request', command: 'leverage' })
    expect(ask('PERP')).toEqual([])
  })
  test('may change again once an isolated position is closed', () => {
    const { stage, exchange, trader } = scene()
    const other = stage.account({ USD: 10_000n * USD })
    const at = { instrument: 'PERP', price_ticks: 50, qty_lots: 1 } as const
    const ask = (leverage: number) =>
      stage.do({ type: 'leverage', account_id: trader, instrument: 'PERP', leverage })
    stage.place({ ...at, account_id: other, side: 'sell' })
    stage.place({ ...at, account_id: trader, margin: 'isolated' })
    expect(one(ask(5), 'rejected').code).toBe('unsupported-order')
    stage.place({ ...at, account_id: other })
    stage.place({ ...at, account_id: trader, side: 'sell', margin: 'isolated' })
    expect(exchange.position(trader, 'PERP').qty_lots).toBe(0)
    expect(ask(5)).toEqual([])
    expect(exchange.position(trader, 'PERP').leverage).toBe(5)
  })
})
