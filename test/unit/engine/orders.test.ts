/**
 * An order's way: what an amendment may ask, where a taker stops, and what resting orders become when the world around
 * them changes.
 */
import { describe, expect, test } from 'vitest'
import type { MarketState, MoneyRules, PlaceCommand } from '../../../src/engine/command.js'
import type { ExchangeOptions } from '../../../src/engine/exchange.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, freeRules, kxTest, one, Stage, solUsd, USD } from '../../support/engine.js'

const ada: Instrument = { ...solUsd, symbol: 'ADA-USD', venue_symbol: 'ADA', base: 'ADA' }
const perp: Instrument = { ...solUsd, venue_symbol: 'PERP', kind: 'perp', leverage_max: 10 }
/** One lot is one contract, one tick a cent. */
const contract: Instrument = { ...kxTest, venue_symbol: 'KX', lot_size_1e8: 100_000_000n }
const separate: MoneyRules = { ...freeRules, eventNetting: 'separate' }

type Terms = Partial<PlaceCommand>

/** A house with everything, a trader with a thousand dollars and a hundred coins. */
function scene(options: Partial<ExchangeOptions> = {}) {
  const stage = new Stage({ rules: freeRules, ...options })
  for (const instrument of [solUsd, ada, perp, contract]) stage.open(instrument)
  const rich = { USD: 10n ** 6n * USD, SOL: 10n ** 6n * USD, ADA: 10n ** 6n * USD }
  const house = stage.account(rich)
  const trader = stage.account({ USD: 1_000n * USD, SOL: 100n * USD, ADA: 100n * USD })
  const { exchange } = stage
  const order =
    (account_id: number, side: 'buy' | 'sell') =>
    (price_ticks: number | null, qty_lots: number, more: Terms = {}) =>
      stage.place({ instrument: 'SOL', side, price_ticks, qty_lots, ...more, account_id })
  const amend = (order_id: number, price_ticks: number, remaining_lots: number) =>
    stage.do({ type: 'amend', account_id: trader, order_id, price_ticks, remaining_lots })
  const mark = (ticks: number, instrument = 'PERP') =>
    stage.do({ type: 'mark', instrument, mark_ticks: ticks, oracle_ticks: ticks })
  const leverage = (account_id: number) =>
    stage.do({ type: 'leverage', account_id, instrument: 'PERP', leverage: 10 })
  const state = (instrument: string, state: MarketState) =>
    stage.do({ type: 'market-state', instrument, state, cancel_resting: false })
  const [bid, ask] = [order(trader, 'buy'), order(trader, 'sell')]
  const [houseBid, houseAsk] = [order(house, 'buy'), order(house, 'sell')]
  /** Trader long (or short, below zero) so many perps at a price, at ten times. */
  const hold = (qty: number, price = 100) => {
    mark(price)
    leverage(trader)
    const at = { instrument: 'PERP' }
    if (qty > 0) {
      houseAsk(price, qty, at)
      bid(price, qty, at)
    } else {
      houseBid(price, -qty, at)
      ask(price, -qty, at)
    }
  }
  /** Open orders of the trader, as order id and remaining size. */
  const open = (account_id = trader) =>
    exchange.openOrders(account_id).map((view) => [view.order_id, view.remaining_lots])
  return {
    stage,
    exchange,
    house,
    trader,
    order,
    amend,
    mark,
    leverage,
    state,
    bid,
    ask,
    houseBid,
    houseAsk,
    hold,
    open,
  }
}

const PERP = { instrument: 'PERP' }
const KX = { instrument: 'KX' }

describe('an amendment', () => {
  test.each([
    ['paused', 'venue-paused', 'venue-paused'],
    ['halted', 'venue-paused', 'venue-paused'],
    ['cancel-only', 'market-mode', 'market-mode'],
    ['post-only', 'market-mode', 'amended'],
    ['limit-only', 'amended', 'amended'],
    ['closed', 'market-closed', 'market-closed'],
  ] as const)('in a market that is %s is answered as a new order is', (now, plain, post) => {
    const { bid, amend, state, open } = scene()
    bid(10, 5)
    bid(10, 5, { post_only: 'reject' })
    state('SOL', now)
    const answers = [amend(1, 11, 5), amend(2, 11, 5)].map(([first]) =>
      first?.type === 'rejected' ? first.code : first?.type,
    )
    expect(answers).toEqual([plain, post])
    expect(open()).toEqual([
      [1, 5],
      [2, 5],
    ])
  })
  test('asks for an allowed price and some size, the price being looked at first', () => {
    const { bid, amend, exchange, state } = scene()
    bid(10, 5, KX)
    const code = (price: number, size: number) => one(amend(1, price, size), 'rejected').code
    expect([code(0, 5), code(100, 5), code(100, 0), code(10, 0)]).toEqual([
      'price-bounds',
      'price-bounds',
      'price-bounds',
      'not-amendable',
    ])
    state('KX', 'paused')
    expect(code(100, 0)).toBe('venue-paused')
    expect(exchange.order(1)).toMatchObject({ price_ticks: 10, remaining_lots: 5 })
  })
  test('to what the order is already is confirmed, and the book does not move', () => {
    const { bid, amend } = scene()
    bid(10, 5)
    expect(amend(1, 10, 5)).toMatchObject([
      { type: 'amended', price_ticks: 10, remaining_lots: 5, kept_place: true },
    ])
  })
  test('that queues again says so', () => {
    const { bid, amend } = scene()
    bid(10, 5)
    expect(one(amend(1, 10, 6), 'amended').kept_place).toBe(false)
    expect(one(amend(1, 11, 6), 'amended').kept_place).toBe(false)
    expect(one(amend(1, 11, 2), 'amended').kept_place).toBe(true)
  })
  test('that would make a post-only order cross is refused, and the order stays', () => {
    const { bid, houseAsk, amend, open } = scene()
    houseAsk(12, 5)
    bid(10, 5, { post_only: 'reject' })
    expect(one(amend(2, 12, 5), 'rejected').code).toBe('not-amendable')
    expect(open()).toEqual([[2, 5]])
  })
})

describe('a post-only order', () => {
  test('crosses at the touch itself, on both sides', () => {
    const { bid, ask, houseBid, houseAsk } = scene()
    houseBid(10, 5)
    houseAsk(12, 5)
    const post: Terms = { post_only: 'reject' }
    expect(one(ask(10, 1, post), 'done').reason).toBe('would-cross')
    expect(one(bid(12, 1, post), 'done').reason).toBe('would-cross')
    expect(one(ask(11, 1, post), 'rested').price_ticks).toBe(11)
    expect(one(bid(10, 1, post), 'rested').price_ticks).toBe(10)
  })
  test('that may be repriced rests one step behind, unless no price is left there', () => {
    const { bid, ask, houseBid, houseAsk } = scene()
    const reprice: Terms = { ...KX, post_only: 'reprice' }
    houseAsk(1, 1, KX)
    expect(one(bid(1, 1, reprice), 'done').reason).toBe('would-cross')
    const { houseBid: above, ask: sell } = scene()
    above(99, 1, KX)
    expect(one(sell(99, 1, reprice), 'done').reason).toBe('would-cross')
    above(98, 1, { ...KX, self_trade: 'allow' })
    const third = scene()
    third.houseBid(98, 1, KX)
    expect(one(third.ask(50, 1, reprice), 'rested').price_ticks).toBe(99)
    // Of spot there is always a price above.
    houseBid(99, 1)
    expect(one(ask(99, 1, { post_only: 'reprice' }), 'rested').price_ticks).toBe(100)
  })
})

describe('a taker', () => {
  test('by fill-or-kill is not filled by what it takes out of its own orders', () => {
    const { bid, ask, houseAsk, open } = scene()
    ask(10, 5)
    houseAsk(11, 5)
    // Five are given up to its own order, five trade, five are left over: decrements and the rest are no fill.
    for (const size of [10, 15]) {
      const events = bid(11, size, { time_in_force: 'fok', self_trade: 'decrement' })
      expect(one(events, 'done')).toMatchObject({ reason: 'fok-unfilled', cancelled_lots: size })
    }
    expect(bid(10, 10, { time_in_force: 'fok', self_trade: 'decrement' }).at(-1)).toMatchObject({
      reason: 'fok-unfilled',
    })
    expect(open()).toEqual([[1, 5]])
  })
  test('sells no lower than the collar, and what would then rest across the book is given up', () => {
    const { stage, ask, houseBid } = scene()
    for (const price of [12, 11, 10]) houseBid(price, 5)
    const collar = (low_ticks: number | null, high_ticks: number | null) =>
      stage.do({ type: 'price-collar', instrument: 'SOL', low_ticks, high_ticks })
    collar(11, 12)
    expect(all(ask(10, 12), 'done').at(-1)).toMatchObject({
      reason: 'no-liquidity',
      filled_lots: 10,
      cancelled_lots: 2,
    })
    houseBid(9, 5)
    collar(10, null)
    expect(all(ask(null, 12), 'done').at(-1)).toMatchObject({ filled_lots: 5 })
    // At the price of the best order there, an order crosses as well.
    expect(one(ask(9, 1), 'done').reason).toBe('no-liquidity')
    collar(null, null)
    expect(one(ask(9, 1), 'trade').price_ticks).toBe(9)
  })
  test('buys no higher than the collar, at the price of the best order there either', () => {
    const { stage, bid, houseAsk } = scene()
    houseAsk(12, 5)
    const collar = (low_ticks: number, high_ticks: number) =>
      stage.do({ type: 'price-collar', instrument: 'SOL', low_ticks, high_ticks })
    collar(5, 11)
    expect(one(bid(12, 1), 'done')).toMatchObject({ reason: 'no-liquidity', filled_lots: 0 })
    expect(one(bid(11, 1), 'rested').price_ticks).toBe(11)
  })
  test('keeps to its own limit where that is the narrower one', () => {
    const { stage, bid, ask, houseBid, houseAsk } = scene()
    houseAsk(8, 5)
    stage.do({ type: 'price-collar', instrument: 'SOL', low_ticks: 9, high_ticks: 12 })
    expect(one(bid(7, 1), 'rested').price_ticks).toBe(7)
    expect(one(bid(8, 5), 'trade').price_ticks).toBe(8)
    houseBid(14, 5)
    expect(one(ask(15, 1), 'rested').price_ticks).toBe(15)
  })
  test('tells a level once, however many orders of it are met', () => {
    const { bid, houseAsk } = scene()
    for (const price of [10, 10, 10, 11]) houseAsk(price, 2)
    const events = bid(11, 7)
    expect(all(events, 'trade')).toHaveLength(4)
    expect(
      all(events, 'level').map((level) => [level.side, level.price_ticks, level.qty_lots]),
    ).toEqual([
      ['sell', 10, 0],
      ['sell', 11, 1],
    ])
  })
  test('with a budget that buys nothing ends for want of liquidity', () => {
    const { bid, houseAsk } = scene()
    const spend: Terms = { quote_budget_1e8: 9n * USD }
    expect(one(bid(null, 0, spend), 'done').reason).toBe('no-liquidity')
    houseAsk(10, 5)
    expect(one(bid(null, 0, spend), 'done')).toMatchObject({
      reason: 'no-liquidity',
      filled_lots: 0,
      cancelled_lots: 0,
    })
    expect(all(bid(null, 0, { quote_budget_1e8: 25n * USD }), 'done').at(-1)).toMatchObject({
      reason: 'filled',
      filled_lots: 2,
    })
  })
  test('that decrements its own order leaves it its place and gives back what it need not hold', () => {
    const { bid, ask, exchange, trader } = scene()
    bid(10, 30)
    const events = ask(10, 12, { self_trade: 'decrement' })
    expect(one(events, 'amended')).toMatchObject({ remaining_lots: 18, kept_place: true })
    expect(exchange.order(1)?.hold_1e8).toBe(180n * USD)
    expect(exchange.balance(trader, 'USD').reserved_1e8).toBe(180n * USD)
    // All of an order that is decremented leaves the book.
    const last = ask(10, 18, { self_trade: 'decrement' })
    expect(all(last, 'done').map((done) => [done.order_id, done.cancelled_lots])).toEqual([
      [1, 18],
      [3, 18],
    ])
    expect(all(last, 'amended')).toEqual([])
  })
})

describe('words that do not apply', () => {
  test('are dropped: a date without good-till-date, a leg where there are no tokens', () => {
    const { stage, bid, exchange } = scene({ rules: separate })
    bid(10, 1, { expire_ts_us: 60, leg: 'NO' })
    stage.do({ type: 'tick' })
    expect(exchange.order(1)).toMatchObject({ expire_ts_us: null, leg: 'YES' })
    const other = new Stage({ rules: freeRules }).open(contract)
    const account_id = other.account({ USD })
    other.place({ account_id, ...KX, price_ticks: 9, qty_lots: 1, leg: 'NO' })
    expect(other.exchange.order(1)?.leg).toBe('YES')
  })
})

describe('reduce-only orders', () => {
  const reduce: Terms = { ...PERP, reduce_only: true }

  test('shrink when their owner is filled as a maker, the oldest last', () => {
    const { hold, ask, houseBid, open, exchange } = scene()
    hold(10)
    ask(130, 4, reduce)
    ask(120, 3, reduce)
    ask(125, 3, reduce)
    ask(110, 5, PERP)
    // Five are left to close: four for the oldest, one for the second, none for the third.
    const events = houseBid(110, 5, PERP)
    expect(open()).toEqual([
      [3, 4],
      [4, 1],
    ])
    expect(one(events, 'amended')).toMatchObject({
      order_id: 4,
      remaining_lots: 1,
      price_ticks: 120,
      kept_place: true,
    })
    expect(all(events, 'done').map(({ order_id, reason }) => [order_id, reason])).toEqual([
      [6, 'filled'],
      [7, 'filled'],
      [5, 'reduced-to-zero'],
    ])
    exchange.check()
  })
  test('that fit are left alone, and so is every other order', () => {
    const { hold, ask, bid, houseBid, open } = scene()
    hold(10)
    ask(130, 5, reduce)
    ask(140, 20, PERP)
    bid(50, 2, PERP)
    ask(110, 5, PERP)
    const events = houseBid(110, 5, PERP)
    expect(events.map(({ type }) => type)).not.toContain('amended')
    expect(open()).toEqual([
      [3, 5],
      [4, 20],
      [5, 2],
    ])
  })
  test('of separate tokens each close their own', () => {
    const { stage, trader, bid, ask, open, exchange } = scene({ rules: separate })
    stage.do({ type: 'split', account_id: trader, ...KX, qty_lots: 10 })
    ask(60, 10, { ...KX, reduce_only: true })
    bid(40, 10, { ...KX, reduce_only: true, leg: 'NO' })
    expect(open()).toEqual([
      [1, 10],
      [2, 10],
    ])
    exchange.check()
  })
  test('of separate tokens that close nothing leave, whatever the other token leaves to close', () => {
    const { stage, trader, bid, ask, open, exchange } = scene({ rules: separate })
    stage.do({ type: 'split', account_id: trader, ...KX, qty_lots: 10 })
    ask(60, 4, { ...KX, reduce_only: true })
    bid(40, 4, { ...KX, reduce_only: true, leg: 'NO' })
    // A post-only order takes nothing, so it comes to rest before anybody asks what it closes.
    const opening = { ...KX, reduce_only: true, post_only: 'reject' } as const
    const bought = bid(41, 3, opening)
    const boughtNo = ask(59, 3, { ...opening, leg: 'NO' })
    expect(one(bought, 'done').reason).toBe('reduced-to-zero')
    expect(one(boughtNo, 'done').reason).toBe('reduced-to-zero')
    expect(open()).toEqual([
      [1, 4],
      [2, 4],
    ])
    exchange.check()
  })
  test('fill only what earlier fills of the same taker leave them to close', () => {
    const { hold, ask, houseBid, houseAsk, exchange, trader } = scene()
    hold(5)
    houseAsk(104, 4, PERP)
    ask(105, 3, PERP)
    ask(106, 5, reduce)
    // Four are the house's own; three of five close first, so the reduce-only order has two.
    const events = houseBid(106, 20, { ...PERP, self_trade: 'allow', time_in_force: 'ioc' })
    expect(all(events, 'trade').map(({ maker, qty_lots }) => [maker.order_id, qty_lots])).toEqual([
      [3, 4],
      [4, 3],
      [5, 2],
    ])
    expect(exchange.position(trader, 'PERP').qty_lots).toBe(0)
    expect(exchange.order(5)).toBeUndefined()
  })
  test('met by their own owner close what it opens in the same moment', () => {
    const { hold, bid, ask, exchange, trader } = scene()
    hold(5)
    ask(104, 3, PERP)
    ask(105, 5, reduce)
    const events = bid(105, 8, { ...PERP, self_trade: 'allow', time_in_force: 'ioc' })
    expect(all(events, 'trade').map(({ qty_lots }) => qty_lots)).toEqual([3, 5])
    expect(exchange.position(trader, 'PERP').qty_lots).toBe(5)
    exchange.check()
  })
  test('that have nothing to close are accepted and end', () => {
    const { bid, hold } = scene()
    hold(5)
    for (const time_in_force of ['gtc', 'ioc', 'fok'] as const) {
      const events = bid(100, 7, { ...reduce, time_in_force })
      expect(events).toMatchObject([
        { type: 'accepted', qty_lots: 7 },
        { type: 'done', reason: 'not-reducing', filled_lots: 0, cancelled_lots: 7 },
      ])
    }
  })
})

describe('a liquidation', () => {
  test('is an order with a number of its own, which tells all an order tells', () => {
    const { hold, mark, houseBid, house, trader, bid } = scene()
    hold(50)
    houseBid(80, 20, PERP)
    const events = mark(83)
    expect(events[0]).toMatchObject({
      type: 'accepted',
      account_id: trader,
      order_id: 4,
      instrument: 'PERP',
      side: 'sell',
      price_ticks: null,
      qty_lots: 50,
    })
    expect(one(events, 'trade')).toMatchObject({
      taker: { order_id: 4, account_id: trader },
      maker: { order_id: 3, account_id: house },
    })
    expect(one(bid(5, 1), 'accepted').order_id).toBe(5)
  })
  test('takes the orders of its group out of its way', () => {
    const stage = new Stage({ rules: freeRules }).open(perp)
    const house = stage.account({ USD: 10n ** 6n * USD })
    const [trader, mate] = [
      stage.account({ USD: 1_000n * USD }, 3),
      stage.account({ USD: 10n ** 5n * USD }, 3),
    ]
    const at = { instrument: 'PERP' }
    const mark = (ticks: number) =>
      stage.do({ type: 'mark', ...at, mark_ticks: ticks, oracle_ticks: ticks })
    mark(100)
    stage.do({ type: 'leverage', account_id: trader, ...at, leverage: 10 })
    stage.place({ ...at, account_id: house, side: 'sell', price_ticks: 100, qty_lots: 50 })
    stage.place({ ...at, account_id: trader, price_ticks: 100, qty_lots: 50 })
    stage.place({ ...at, account_id: mate, price_ticks: 82, qty_lots: 50 })
    stage.place({ ...at, account_id: house, price_ticks: 81, qty_lots: 50 })
    const events = mark(83)
    expect(all(events, 'done').map(({ order_id, reason }) => [order_id, reason])).toEqual([
      [3, 'self-trade'],
      [4, 'filled'],
      [5, 'filled'],
    ])
    expect(one(events, 'trade')).toMatchObject({ price_ticks: 81, qty_lots: 50 })
  })
  test('follows when a fill of spot takes away the cash behind a position', () => {
    const { stage, hold, mark, bid } = scene()
    hold(50)
    bid(400, 1)
    expect(all(mark(87), 'liquidated')).toEqual([])
    // 350 of equity, 217.50 needed; a seller without perps takes 400 of it.
    const seller = stage.account({ SOL: USD })
    const events = stage.place({
      account_id: seller,
      instrument: 'SOL',
      side: 'sell',
      price_ticks: 400,
      qty_lots: 1,
    })
    expect(one(events, 'liquidated')).toMatchObject({ instrument: 'PERP', qty_lots: 50 })
    stage.exchange.check()
  })
  test('follows when a sale of spot costs more in fees than it brings', () => {
    const rules: MoneyRules = {
      ...freeRules,
      fee: ({ instrument, liquidity }) => ({
        fee_1e8: instrument.kind === 'spot' && liquidity === 'taker' ? 200n * USD : 0n,
        carry_1e8: 0n,
      }),
    }
    const { stage, hold, mark, ask } = scene({ rules })
    hold(50)
    const buyer = stage.account({ USD: 100n * USD })
    stage.place({ account_id: buyer, instrument: 'SOL', price_ticks: 10, qty_lots: 1 })
    mark(87)
    expect(one(ask(10, 1), 'liquidated')).toMatchObject({ instrument: 'PERP', qty_lots: 50 })
    stage.exchange.check()
  })
})

describe('reserved cash that losses used up', () => {
  /** The trader's long of ten, closed at a price: each dollar below 100 costs ten. */
  function closeAt(here: ReturnType<typeof scene>, price: number) {
    here.houseBid(price, 10, PERP)
    return here.ask(price, 10, { ...PERP, reduce_only: true })
  }
  const gone = (events: ReturnType<typeof closeAt>) =>
    all(events, 'done')
      .filter(({ reason }) => reason === 'liquidation')
      .map(({ order_id }) => order_id)

  test('is set free order by order, newest first, on whichever market it lies', () => {
    const here = scene()
    here.hold(10)
    here.bid(200, 1) // 3: 200 dollars
    here.bid(100, 1, { instrument: 'ADA' }) // 4: 100
    here.bid(150, 1) // 5: 150
    here.bid(250, 1, { instrument: 'ADA' }) // 6: 250
    here.ask(90, 10, KX) // 7: 1, as the NO side of ten contracts
    here.bid(100, 1) // 8: 100
    // 801 of 1,000 are reserved; 550 stay. One, 100 and 250 dollars have to go.
    expect(gone(closeAt(here, 55))).toEqual([8, 7, 6])
    expect(here.exchange.balance(here.trader, 'USD')).toMatchObject({
      total_1e8: 550n * USD,
      reserved_1e8: 450n * USD,
    })
    here.exchange.check()
  })
  test('is not set free by orders that hold coins or margin', () => {
    const here = scene()
    here.hold(10)
    here.bid(800, 1) // 3: all the cash that counts
    here.ask(900, 7) // 4: coins
    here.bid(50, 2, PERP) // 5: margin
    expect(gone(closeAt(here, 79))).toEqual([3])
    expect(here.open()).toEqual([
      [4, 7],
      [5, 2],
    ])
    here.exchange.check()
  })
  test.each([
    [70, [5], [[4, 1]]],
    [40, [5, 4], []],
  ])(
    'is that of the newer order, wherever in memory it lies, closing at %s',
    (price, ids, left) => {
      const here = scene()
      here.hold(10)
      here.bid(1, 1) // 3, whose place in memory 5 takes
      here.bid(420, 1) // 4
      here.stage.do({ type: 'cancel', account_id: here.trader, order_id: 3 })
      here.bid(450, 1) // 5
      expect(gone(closeAt(here, price))).toEqual(ids)
      expect(here.open()).toEqual(left)
      here.exchange.check()
    },
  )
})

describe('what rounding keeps of a fee', () => {
  /** One unit at every third fill of an order, as maker or taker. */
  const third: MoneyRules = {
    fee: ({ carry_1e8 }) =>
      carry_1e8 < 2n ? { fee_1e8: 0n, carry_1e8: carry_1e8 + 1n } : { fee_1e8: 1n, carry_1e8: 0n },
    feeHold: () => 0n,
    eventNetting: 'net',
  }
  test.each([
    ['SOL', 10],
    ['KX', 10],
    ['PERP', 10],
  ])('is kept from fill to fill of one order on %s, and goes with it', (instrument, price) => {
    const { bid, houseAsk, amend, exchange, stage, trader } = scene({ rules: third })
    bid(price, 10, { instrument })
    const fees = () => one(houseAsk(price, 1, { instrument }), 'trade').maker.fee_1e8
    expect([1, 2, 3, 4].map(fees)).toEqual([0n, 0n, 1n, 0n])
    exchange.check()
    // An amended order is the same order, and so is one that takes before it rests.
    amend(1, price + 1, 6)
    exchange.check()
    const more = () => one(houseAsk(price + 1, 1, { instrument }), 'trade').maker.fee_1e8
    expect([1, 2, 3].map(more)).toEqual([0n, 1n, 0n])
    houseAsk(price + 3, 1, { instrument })
    const took = amend(1, price + 3, 4)
    expect(one(took, 'trade').taker.fee_1e8).toBe(0n)
    const last = () => one(houseAsk(price + 3, 1, { instrument }), 'trade').maker.fee_1e8
    expect(last()).toBe(1n)
    exchange.check()
    expect(one(houseAsk(price + 3, 1, { instrument }), 'trade').maker.fee_1e8).toBe(0n)
    stage.do({ type: 'cancel', account_id: trader, order_id: 1 })
    expect(exchange.openOrders(trader)).toEqual([])
    exchange.check()
    // A new order starts anew; one that ends in filling takes nothing along either.
    const next = one(bid(price, 1, { instrument }), 'accepted').order_id
    expect(one(houseAsk(price, 1, { instrument }), 'trade').maker).toMatchObject({
      order_id: next,
      fee_1e8: 0n,
    })
    exchange.check()
  })
})
