/**
 * Funds: what an order needs, to the last unit. The need is worked out here, from the book, the venue's fee figures
 * and whole-number arithmetic; then the same order must be refused with one unit less, naming that need, and taken
 * with exactly it; and afterwards every balance and hold must be what the arithmetic says.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ExchangeEvent, MoneyRules } from '../../../src/engine/command.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import { all, btcUsd, kxTest, order, Stage } from '../../support/engine.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 60)

/** Basis points; a rebate is below zero. */
interface Fees {
  readonly taker: bigint
  readonly maker: bigint
  /** Held for the fee while an order rests. */
  readonly hold: bigint
}
interface Terms {
  readonly buys: boolean
  /** null: market. */
  readonly price: number | null
  readonly qty: number
  /** The most a market buy spends, before fees; null: no such bound. */
  readonly budget: bigint | null
  readonly inBase: boolean
  readonly ioc: boolean
}
interface Level {
  readonly price: number
  readonly qty: number
}
interface Fill extends Level {
  readonly fee: bigint
}

const up = (a: bigint, b: bigint): bigint => (a > 0n ? (a + b - 1n) / b : a / b)
const bps = (amount: bigint, rate: bigint): bigint => up(amount * rate, 10_000n)
const positive = (n: bigint): bigint => (n > 0n ? n : 0n)
const sum = (all: readonly bigint[]): bigint => all.reduce((a, b) => a + b, 0n)

/** Exact product of a price and a size, scale 1e17. */
const product = (i: Instrument, price: number, qty: number): bigint =>
  BigInt(price) * i.tick_size_1e9 * BigInt(qty) * i.lot_size_1e8
const dear = (i: Instrument, price: number, qty: number): bigint =>
  up(product(i, price, qty), 10n ** 9n)
const cheap = (i: Instrument, price: number, qty: number): bigint =>
  product(i, price, qty) / 10n ** 9n
const size = (i: Instrument, qty: number): bigint => BigInt(qty) * i.lot_size_1e8

const rulesOf = (fees: Fees): MoneyRules => ({
  fee: ({ liquidity, notional_1e17, qty_1e8, fee_asset, instrument }) => {
    const rate = liquidity === 'taker' ? fees.taker : fees.maker
    const fee_1e8 =
      fee_asset === instrument.quote
        ? up(notional_1e17 * rate, 10_000n * 10n ** 9n)
        : bps(qty_1e8, rate)
    return { fee_1e8, carry_1e8: 0n }
  },
  feeHold: ({ notional_1e8 }) => bps(notional_1e8, fees.hold),
  eventNetting: 'net',
})
const quoteFee = (i: Instrument, { price, qty }: Level, rate: bigint): bigint =>
  up(product(i, price, qty) * rate, 10_000n * 10n ** 9n)

/** What the order would trade, best price first, and how many lots stay. */
function walk(
  book: readonly Level[],
  terms: Terms,
  i: Instrument,
): { fills: Level[]; left: number } {
  const sorted = [...book].sort((a, b) => (terms.buys ? a.price - b.price : b.price - a.price))
  let left = terms.budget === null ? terms.qty : Number.MAX_SAFE_INTEGER
  let cash = terms.budget ?? 0n
  const fills: Level[] = []
  for (const { price, qty } of sorted) {
    const { price: limit } = terms
    if (limit !== null && (terms.buys ? price > limit : price < limit)) break
    let traded = Math.min(qty, left)
    if (terms.budget !== null) {
      // The most lots the rest of the budget pays, rounded up.
      while (traded > 0 && cheap(i, price, traded) > cash) traded -= 1
      while (traded > 0 && dear(i, price, traded) > cash) traded -= 1
      cash -= dear(i, price, traded)
    }
    if (traded === 0) break
    fills.push({ price, qty: traded })
    left -= traded
    if (left === 0 || (terms.budget !== null && traded < qty)) break
  }
  return { fills, left: terms.budget === null ? left : 0 }
}

const fees = fc.constantFrom<Fees>(
  { taker: 40n, maker: 25n, hold: 40n },
  { taker: 10n, maker: -5n, hold: 10n },
  { taker: 30n, maker: 200n, hold: 0n },
  { taker: -20n, maker: 0n, hold: 0n },
  { taker: 0n, maker: 0n, hold: 0n },
  { taker: 10n, maker: 5n, hold: 300n },
)
const level = (price: { min: number; max: number }): fc.Arbitrary<Level> =>
  fc.record({ price: fc.integer(price), qty: fc.integer({ min: 1, max: 20 }) })
const books = (price: { min: number; max: number }) =>
  fc.uniqueArray(level(price), { maxLength: 4, selector: ({ price }) => price })

/** An exchange with these levels on one side, and an account with nothing. */
function scene(
  instrument: Instrument,
  rules: MoneyRules,
  book: readonly Level[],
  selling: boolean,
) {
  const stage = new Stage({ rules }).open(instrument)
  const rich = { [instrument.quote]: 10n ** 15n, [instrument.base]: 10n ** 15n }
  const maker = stage.account(rich)
  for (const { price, qty } of book) {
    stage.place({
      account_id: maker,
      instrument: instrument.venue_symbol,
      side: selling ? 'sell' : 'buy',
      price_ticks: price,
      qty_lots: qty,
    })
  }
  return { stage, maker, trader: stage.account() }
}
type Scene = ReturnType<typeof scene>

/** Sends the order from a copy of the scene in which the trader has so much of an asset. */
function send(
  { stage, trader }: Scene,
  asset: string,
  amount_1e8: bigint,
  command: ReturnType<typeof order>,
) {
  const exchange = stage.exchange.fork()
  const { ts_us } = exchange
  exchange.apply({ type: 'transfer', ts_us, account_id: trader, asset, amount_1e8 })
  const events = exchange.apply({ type: 'place', ts_us, ...command, account_id: trader })
  exchange.check()
  return { exchange, events }
}

/** One unit less is refused and named; exactly enough is taken. Answers the exchange after that. */
function tryBoth(
  here: Scene,
  asset: string,
  need: bigint,
  command: ReturnType<typeof order>,
): ReturnType<typeof send> {
  if (need > 0n) {
    const { events } = send(here, asset, need - 1n, command)
    expect(events.map(({ type }) => type)).toEqual(['rejected'])
    expect(events[0]).toMatchObject({
      code: 'insufficient-balance',
      needed_1e8: need,
      free_1e8: need - 1n,
    })
  }
  const taken = send(here, asset, need, command)
  expect(taken.events[0]?.type).toBe('accepted')
  return taken
}

function commandOf(instrument: Instrument, terms: Terms, account_id: number) {
  return order({
    account_id,
    instrument: instrument.venue_symbol,
    side: terms.buys ? 'buy' : 'sell',
    price_ticks: terms.price,
    qty_lots: terms.budget === null ? terms.qty : 0,
    quote_budget_1e8: terms.budget,
    time_in_force: terms.ioc ? 'ioc' : 'gtc',
    fee_in: terms.inBase ? 'base' : 'quote',
  })
}

const tradesOf = (events: readonly ExchangeEvent[]) =>
  all(events, 'trade').map(({ price_ticks, qty_lots, taker }) => ({
    price: price_ticks,
    qty: qty_lots,
    fee: taker.fee_1e8,
  }))

/** Odd steps, so that money does not divide evenly. */
const spot: Instrument = {
  ...btcUsd,
  tick_size_1e9: 70_000_000n,
  lot_size_1e8: 3_000_003n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
}

/** What a resting order of this size keeps. */
function spotHold(rate: Fees, terms: Terms, price: number, qty: number): bigint {
  if (qty === 0) return 0n
  if (!terms.buys) {
    return size(spot, qty) + (terms.inBase ? positive(bps(size(spot, qty), rate.taker)) : 0n)
  }
  const notional = dear(spot, price, qty)
  if (terms.inBase) return notional
  const held = bps(notional, rate.hold)
  return notional + (held !== 0n ? held : positive(quoteFee(spot, { price, qty }, rate.maker)))
}

describe('spot', () => {
  const price = { min: 1, max: 12 }
  const terms: fc.Arbitrary<Terms> = fc
    .record({
      buys: fc.boolean(),
      price: fc.option(fc.integer(price), { freq: 4 }),
      qty: fc.integer({ min: 1, max: 40 }),
      budget: fc.option(fc.bigInt({ min: 1n, max: 60_000_000n })),
      inBase: fc.boolean(),
      ioc: fc.boolean(),
    })
    .map((drawn) => ({
      ...drawn,
      budget: drawn.price === null && drawn.buys ? drawn.budget : null,
    }))

  test('an order needs exactly what it would pay now and hold then', () => {
    fc.assert(
      fc.property(fees, books(price), terms, (rate, book, drawn) => {
        const here = scene(spot, rulesOf(rate), book, drawn.buys)
        const { fills: met, left } = walk(book, drawn, spot)
        const feeOf = (fill: Level) =>
          drawn.inBase ? bps(size(spot, fill.qty), rate.taker) : quoteFee(spot, fill, rate.taker)
        const fills: Fill[] = met.map((fill) => ({ ...fill, fee: feeOf(fill) }))
        const rests = drawn.price !== null && !drawn.ioc
        const hold = rests ? spotHold(rate, drawn, drawn.price ?? 0, left) : 0n
        const paid = sum(fills.map(({ price, qty }) => dear(spot, price, qty)))
        const owed = sum(fills.map(({ fee }) => positive(fee)))
        let need: bigint
        if (drawn.buys) {
          const now = paid + (drawn.inBase ? 0n : owed) + hold
          const whole = drawn.price === null ? 0n : dear(spot, drawn.price, drawn.qty)
          const entry = drawn.inBase ? whole : whole + bps(whole, rate.hold)
          need = now > entry || (fills.length === 0 && rests) ? now : entry
        } else {
          const lots = drawn.price === null ? drawn.qty - left : drawn.qty
          const rest = drawn.price === null ? 0 : left
          need = size(spot, lots)
          if (drawn.inBase) need += owed + positive(bps(size(spot, rest), rate.taker))
        }
        const asset = drawn.buys ? spot.quote : spot.base
        const command = commandOf(spot, drawn, here.trader)
        const { exchange, events } = tryBoth(here, asset, need, command)
        expect(tradesOf(events)).toEqual(fills)
        // Afterwards: what was paid, received and is still held.
        const traded = sum(fills.map(({ qty }) => size(spot, qty)))
        const received = sum(fills.map(({ price, qty }) => cheap(spot, price, qty)))
        const fee = sum(fills.map((fill) => fill.fee))
        const [inQuote, inBase] = drawn.inBase ? [0n, fee] : [fee, 0n]
        expect([
          exchange.balance(here.trader, spot.quote),
          exchange.balance(here.trader, spot.base),
        ]).toMatchObject(
          drawn.buys
            ? [
                { total_1e8: need - paid - inQuote, reserved_1e8: left > 0 ? hold : 0n },
                { total_1e8: traded - inBase, reserved_1e8: 0n },
              ]
            : [
                { total_1e8: received - inQuote, reserved_1e8: 0n },
                { total_1e8: need - traded - inBase, reserved_1e8: left > 0 ? hold : 0n },
              ],
        )
      }),
      { numRuns: runs * 10 },
    )
  })

  test('a resting order pays its hold down, one rounding for all of its fills', () => {
    const slices = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        fees,
        fc.integer(price),
        fc.boolean(),
        fc.boolean(),
        slices,
        (rate, at, buys, inBase, takes) => {
          const qty = takes.reduce((a, b) => a + b, 0) + 3
          const drawn: Terms = { buys, price: at, qty, budget: null, inBase, ioc: false }
          const here = scene(spot, rulesOf(rate), [], false)
          const asset = buys ? spot.quote : spot.base
          const start = spotHold(rate, drawn, at, qty)
          const { exchange } = tryBoth(here, asset, start, commandOf(spot, drawn, here.trader))
          let left = qty
          let quote = buys ? start : 0n
          let base = buys ? 0n : start
          for (const taken of takes) {
            const events = exchange.apply({
              type: 'place',
              ts_us: exchange.ts_us,
              ...order({ account_id: here.maker, instrument: spot.venue_symbol }),
              side: buys ? 'sell' : 'buy',
              price_ticks: at,
              qty_lots: taken,
              time_in_force: 'ioc',
            })
            const money = buys
              ? dear(spot, at, left) - dear(spot, at, left - taken)
              : cheap(spot, at, taken)
            left -= taken
            const hold = spotHold(rate, drawn, at, left)
            const owed = inBase
              ? bps(size(spot, taken), rate.maker)
              : quoteFee(spot, { price: at, qty: taken }, rate.maker)
            quote += buys ? -money : money
            base += buys ? size(spot, taken) : -size(spot, taken)
            // No more than is free; a rebate is paid whole.
            const held = inBase === buys ? 0n : hold
            const free = positive((inBase ? base : quote) - held)
            const fee = owed > free ? free : owed
            if (inBase) base -= fee
            else quote -= fee
            expect(all(events, 'trade').map(({ maker }) => maker)).toMatchObject([
              {
                quote_1e8: money,
                change_1e8: buys ? -money : money,
                closed_lots: 0,
                fee_1e8: fee,
                fee_asset: inBase ? spot.base : spot.quote,
                remaining_lots: left,
                filled_lots: qty - left,
              },
            ])
            expect(exchange.balance(here.trader, spot.quote).total_1e8).toBe(quote)
            expect(exchange.balance(here.trader, spot.base).total_1e8).toBe(base)
            expect(exchange.balance(here.trader, asset).reserved_1e8).toBe(hold)
            exchange.check()
          }
        },
      ),
      { numRuns: runs * 5 },
    )
  })
})

/** Odd lots of a contract; a price runs from 1 to 99. */
const contract: Instrument = { ...kxTest, lot_size_1e8: 1_234_567n }
const ONE = 100

describe('event', () => {
  const price = { min: 40, max: 60 }
  /** Paid for a lot that opens, and got for one that closes, in ticks. */
  const opens = (buys: boolean, at: number) => (buys ? at : ONE - at)
  const closes = (buys: boolean, at: number) => (buys ? ONE - at : at)
  const holdOf = (rate: Fees, buys: boolean, at: number, qty: number, covered: number) => {
    if (qty === 0) return 0n
    const held = bps(dear(contract, at, qty), rate.hold)
    const fee = held !== 0n ? held : positive(quoteFee(contract, { price: at, qty }, rate.maker))
    return dear(contract, opens(buys, at), qty - covered) + fee
  }
  const terms: fc.Arbitrary<Terms> = fc.record({
    buys: fc.boolean(),
    price: fc.option(fc.integer(price), { freq: 4 }),
    qty: fc.integer({ min: 1, max: 40 }),
    budget: fc.constant(null),
    inBase: fc.constant(false),
    ioc: fc.boolean(),
  })
  /** Held contracts: YES above zero, NO below. */
  const held = fc.oneof(fc.constant(0), fc.integer({ min: -30, max: 30 }))
  const endow = ({ stage, trader }: Scene, qty_lots: number) => {
    if (qty_lots === 0) return
    const instrument = contract.venue_symbol
    stage.do({ type: 'endow', account_id: trader, instrument, qty_lots, entry_ticks: 50 })
  }

  test('an order needs what it opens; what it closes pays in, in the order of its fills', () => {
    fc.assert(
      fc.property(fees, books(price), terms, held, (rate, book, drawn, position) => {
        const here = scene(contract, rulesOf(rate), book, drawn.buys)
        endow(here, position)
        const { fills, left } = walk(book, drawn, contract)
        let closing = Math.max(0, drawn.buys ? -position : position)
        const opening = drawn.qty - Math.min(closing, drawn.qty)
        let need = 0n
        if (drawn.price !== null) {
          need =
            dear(contract, opens(drawn.buys, drawn.price), opening) +
            bps(dear(contract, drawn.price, drawn.qty), rate.hold)
        }
        let cash = 0n
        const changes: bigint[] = []
        for (const { price, qty } of fills) {
          const closed = Math.min(closing, qty)
          closing -= closed
          const change =
            cheap(contract, closes(drawn.buys, price), closed) -
            dear(contract, opens(drawn.buys, price), qty - closed)
          changes.push(change)
          cash += change - quoteFee(contract, { price, qty }, rate.taker)
          if (-cash > need) need = -cash
        }
        const after = cash
        const rests = drawn.price !== null && !drawn.ioc && left > 0
        const hold = rests
          ? holdOf(rate, drawn.buys, drawn.price ?? 0, left, Math.min(closing, left))
          : 0n
        if (hold - cash > need) need = hold - cash
        const command = commandOf(contract, drawn, here.trader)
        const { exchange, events } = tryBoth(here, contract.quote, need, command)
        expect(all(events, 'trade').map(({ taker }) => taker.change_1e8)).toEqual(changes)
        expect(all(events, 'trade').map(({ taker }) => taker.quote_1e8)).toEqual(
          changes.map((change) => (change < 0n ? -change : change)),
        )
        expect(exchange.balance(here.trader, contract.quote)).toMatchObject({
          total_1e8: need + after,
          reserved_1e8: hold,
        })
        const traded = fills.reduce((lots, { qty }) => lots + qty, 0)
        expect(exchange.position(here.trader, contract.venue_symbol)).toMatchObject({
          qty_lots: position + (drawn.buys ? traded : -traded),
          committed_lots: rests ? Math.min(closing, left) : 0,
        })
      }),
      { numRuns: runs * 10 },
    )
  })

  test('a resting order closes what it covers first, and pays the rest of its hold down', () => {
    const slices = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        fees,
        fc.integer(price),
        fc.boolean(),
        fc.nat(20),
        slices,
        (rate, at, buys, owned, takes) => {
          const qty = takes.reduce((a, b) => a + b, 0) + 3
          const drawn: Terms = { buys, price: at, qty, budget: null, inBase: false, ioc: false }
          const here = scene(contract, rulesOf(rate), [], false)
          endow(here, buys ? -owned : owned)
          let cover = Math.min(owned, qty)
          let uncovered = qty - cover
          const start = (() => {
            const hold = holdOf(rate, buys, at, qty, cover)
            const entry =
              dear(contract, opens(buys, at), uncovered) + bps(dear(contract, at, qty), rate.hold)
            return hold > entry ? hold : entry
          })()
          const command = commandOf(contract, drawn, here.trader)
          const { exchange } = tryBoth(here, contract.quote, start, command)
          let cash = start
          let left = qty
          for (const taken of takes) {
            const events = exchange.apply({
              type: 'place',
              ts_us: exchange.ts_us,
              ...order({ account_id: here.maker, instrument: contract.venue_symbol }),
              side: buys ? 'sell' : 'buy',
              price_ticks: at,
              qty_lots: taken,
              time_in_force: 'ioc',
            })
            const closed = Math.min(cover, taken)
            const opened = taken - closed
            const change =
              cheap(contract, closes(buys, at), closed) -
              (dear(contract, opens(buys, at), uncovered) -
                dear(contract, opens(buys, at), uncovered - opened))
            cover -= closed
            uncovered -= opened
            left -= taken
            const hold = holdOf(rate, buys, at, left, cover)
            const owed = quoteFee(contract, { price: at, qty: taken }, rate.maker)
            const free = positive(cash + change - hold)
            const fee = owed > free ? free : owed
            cash += change - fee
            expect(all(events, 'trade').map(({ maker }) => maker)).toMatchObject([
              { change_1e8: change, closed_lots: closed, fee_1e8: fee, remaining_lots: left },
            ])
            expect(exchange.balance(here.trader, contract.quote)).toMatchObject({
              total_1e8: cash,
              reserved_1e8: hold,
            })
            exchange.check()
          }
        },
      ),
      { numRuns: runs * 5 },
    )
  })
})

const perp: Instrument = {
  ...btcUsd,
  kind: 'perp',
  venue_symbol: 'PERP',
  tick_size_1e9: 10_000_000n,
  lot_size_1e8: 1_234_567n,
  min_qty_1e8: 0n,
  min_notional_1e9: 0n,
  leverage_max: 10,
}

describe('perp', () => {
  const price = { min: 90, max: 112 }
  const terms: fc.Arbitrary<Terms> = fc.record({
    buys: fc.boolean(),
    price: fc.option(fc.integer(price), { freq: 4 }),
    qty: fc.integer({ min: 1, max: 40 }),
    budget: fc.constant(null),
    inBase: fc.constant(false),
    ioc: fc.boolean(),
  })
  const mark = fc.option(fc.integer({ min: 95, max: 107 }), { freq: 3 })

  test('an order needs its margin, its fee and what it loses against the mark at once', () => {
    fc.assert(
      fc.property(
        fees,
        books(price),
        terms,
        mark,
        fc.integer({ min: 1, max: 10 }),
        (rate, book, drawn, mark_ticks, leverage) => {
          const here = scene(perp, rulesOf(rate), book, drawn.buys)
          const instrument = perp.venue_symbol
          const { stage, trader } = here
          if (mark_ticks !== null) {
            stage.do({ type: 'mark', instrument, mark_ticks, oracle_ticks: mark_ticks })
          }
          stage.do({ type: 'leverage', account_id: trader, instrument, leverage })
          const margin = (at: number, qty: number) => up(dear(perp, at, qty), BigInt(leverage))
          const { fills, left } = walk(book, drawn, perp)
          const asked = (at: number, qty: number) =>
            qty === 0 ? 0n : margin(at, qty) + bps(dear(perp, at, qty), rate.hold)
          let need = drawn.price === null ? 0n : asked(drawn.price, drawn.qty)
          let running = 0n
          let cash = 0n
          for (const { price: at, qty } of fills) {
            const valued = mark_ticks ?? at
            const gain = cheap(perp, valued, qty) - cheap(perp, at, qty)
            const fee = quoteFee(perp, { price: at, qty }, rate.taker)
            running += (drawn.buys ? gain : -gain) - margin(valued, qty) - fee
            cash -= fee
            if (-running > need) need = -running
          }
          const rests = drawn.price !== null && !drawn.ioc && left > 0
          const hold = rests ? asked(drawn.price ?? 0, left) : 0n
          if (hold - running > need) need = hold - running
          const command = commandOf(perp, drawn, trader)
          const { exchange, events } = tryBoth(here, perp.quote, need, command)
          expect(tradesOf(events)).toEqual(
            fills.map((fill) => ({ ...fill, fee: quoteFee(perp, fill, rate.taker) })),
          )
          const lots = fills.reduce((sum, { qty }) => sum + qty, 0)
          let cost = sum(
            fills.map(({ price: at, qty }) =>
              drawn.buys ? dear(perp, at, qty) : cheap(perp, at, qty),
            ),
          )
          let total = need + cash
          if (total < 0n) {
            // A fee that only open profit can pay turns that profit into cash, and the position goes on from the mark.
            const valued = mark_ticks ?? 0
            const profit = drawn.buys
              ? cheap(perp, valued, lots) - cost
              : cost - dear(perp, valued, lots)
            total += profit
            cost += drawn.buys ? profit : -profit
          }
          expect(exchange.balance(trader, perp.quote)).toMatchObject({
            total_1e8: total,
            reserved_1e8: 0n,
          })
          expect(exchange.margin(trader, perp.quote).held_1e8).toBe(hold)
          expect(exchange.position(trader, instrument)).toMatchObject({
            qty_lots: drawn.buys ? lots : 0 - lots,
            cost_1e8: cost,
          })
        },
      ),
      { numRuns: runs * 10 },
    )
  })
})
