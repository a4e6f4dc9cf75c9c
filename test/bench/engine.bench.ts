/**
 * Engine bench: the book and the exchange against npm nodejs-order-book, on the same flow in the same process.
 *
 * Hot path: one operation of a live market, all of its events delivered. Input: `test/support/flow.ts` (and why
 * it is realistic). Every figure is a ratio or a size; seconds alone would only describe the machine.
 */
import { OrderBook } from 'nodejs-order-book'
import type { MoneyRules, PlaceCommand } from '../../src/engine/command.js'
import { Exchange } from '../../src/engine/exchange.js'
import type { Instrument } from '../../src/engine/instrument.js'
import { type BookSink, Matcher, type Terms } from '../../src/engine/matcher.js'
import { divCeil } from '../../src/engine/units.js'
import { CANCEL, type Flow, makeFlow, TAKE } from '../support/flow.js'

const IOC: Terms = { time_in_force: 'ioc', post_only: false, self_trade: 'allow' }

/** Counts what it is handed, so that no event can be optimized away. */
class CountingSink implements BookSink {
  events = 0
  lots = 0
  traded(_taker: number, _maker: number, _price: number, qty: number): void {
    this.events += 1
    this.lots += qty
  }
  rested(): void {
    this.events += 1
  }
  amended(): void {
    this.events += 1
  }
  done(): void {
    this.events += 1
  }
  level(_side: number, _price: number, qty: number): void {
    this.events += 1
    this.lots += qty
  }
}

/** Nanoseconds of one operation after the warm part. */
type Contestant = (flow: Flow) => { ns_per_op: number }

const book: Contestant = (flow) => {
  const sink = new CountingSink()
  const matcher = new Matcher(sink)
  const run = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      const id = flow.id[at] as number
      if (flow.kind[at] === CANCEL) matcher.cancel(id)
      else if (flow.kind[at] === TAKE) {
        matcher.place(
          id,
          0,
          flow.side[at] as 0 | 1,
          flow.price[at] as number,
          flow.qty[at] as number,
          IOC,
        )
      } else {
        matcher.place(
          id,
          0,
          flow.side[at] as 0 | 1,
          flow.price[at] as number,
          flow.qty[at] as number,
        )
      }
    }
  }
  run(0, flow.warm)
  return timed(flow, run)
}

const reference: Contestant = (flow) => {
  const orderBook = new OrderBook()
  let events = 0
  const run = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      const id = String(flow.id[at])
      if (flow.kind[at] === CANCEL) {
        if (orderBook.cancel(id) !== undefined) events += 1
        continue
      }
      const result = orderBook.limit({
        id,
        side: (flow.side[at] === 0 ? 'buy' : 'sell') as never,
        size: flow.qty[at] as number,
        price: flow.price[at] as number,
        timeInForce: (flow.kind[at] === TAKE ? 'IOC' : 'GTC') as never,
      })
      events += result.done.length + (result.partial === null ? 0 : 1)
    }
  }
  run(0, flow.warm)
  const measured = timed(flow, run)
  if (events === 0) throw new Error('the reference did nothing')
  return measured
}

const btc: Instrument = {
  symbol: 'BTC-USD',
  venue_symbol: 'BTC-USD',
  kind: 'spot',
  base: 'BTC',
  quote: 'USD',
  tick_size_1e9: 100_000_000n,
  lot_size_1e8: 1_000n,
  min_qty_1e8: 1_000n,
  min_notional_1e9: 10_000_000n,
  price_bands: [],
  leverage_max: 1,
}

/** A usual schedule: 40 bps taker, 25 bps maker, the taker's held. */
const rules: MoneyRules = {
  fee: ({ liquidity, notional_1e17 }) => ({
    fee_1e8: divCeil(notional_1e17 * (liquidity === 'taker' ? 40n : 25n), 10_000_000_000_000n),
    carry_1e8: 0n,
  }),
  feeHold: ({ notional_1e8 }) => divCeil(notional_1e8 * 40n, 10_000n),
  eventNetting: 'net',
}

function openExchange(): Exchange {
  const exchange = new Exchange({ rules })
  exchange.apply({ type: 'list', ts_us: 0, instrument: btc })
  exchange.apply({
    type: 'market-state',
    ts_us: 0,
    instrument: 'BTC-USD',
    state: 'open',
    cancel_resting: false,
  })
  for (let account = 1; account <= 64; account++) {
    exchange.apply({ type: 'open-account', ts_us: 0, stp_group: null })
    for (const asset of ['USD', 'BTC']) {
      exchange.apply({
        type: 'transfer',
        ts_us: 0,
        account_id: account,
        asset,
        amount_1e8: 10n ** 17n,
      })
    }
  }
  return exchange
}

/** A plain limit order, written out: an object spread from another one has a slow shape. */
const limitOrder = (
  ts_us: number,
  account_id: number,
  side: 'buy' | 'sell',
  price_ticks: number,
  qty_lots: number,
  time_in_force: 'gtc' | 'ioc',
): PlaceCommand => ({
  type: 'place',
  ts_us,
  account_id,
  instrument: 'BTC-USD',
  side,
  price_ticks,
  qty_lots,
  quote_budget_1e8: null,
  time_in_force,
  expire_ts_us: null,
  post_only: 'no',
  reduce_only: false,
  self_trade: 'allow',
  fee_in: 'quote',
  margin: 'cross',
})

export function driveExchange(flow: Flow): {
  exchange: Exchange
  run: (from: number, to: number) => void
  events: () => number
} {
  const exchange = openExchange()
  // The exchange names orders itself; the flow's ids are translated as a venue's client ids are.
  const ids = new Map<number, number>()
  let events = 0
  let ts_us = 0
  const run = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      const id = flow.id[at] as number
      ts_us += 1
      if (flow.kind[at] === CANCEL) {
        const account_id = (id % 64) + 1
        const order_id = ids.get(id) ?? 0
        ids.delete(id)
        events += exchange.apply({ type: 'cancel', ts_us, account_id, order_id }).length
        continue
      }
      const command = limitOrder(
        ts_us,
        (id % 64) + 1,
        flow.side[at] === 0 ? 'buy' : 'sell',
        flow.price[at] as number,
        flow.qty[at] as number,
        flow.kind[at] === TAKE ? 'ioc' : 'gtc',
      )
      const told = exchange.apply(command)
      events += told.length
      const first = told[0]
      if (first?.type !== 'accepted') throw new Error(`operation ${at} was answered ${first?.type}`)
      ids.set(id, first.order_id)
    }
  }
  return { exchange, run, events: () => events }
}

const venue: Contestant = (flow) => {
  const { run, events } = driveExchange(flow)
  run(0, flow.warm)
  const measured = timed(flow, run)
  if (events() === 0) throw new Error('the exchange did nothing')
  return measured
}

function timed(flow: Flow, run: (from: number, to: number) => void): { ns_per_op: number } {
  // Processor time, not wall time: what other processes of the machine take is not the contestant's.
  const start = process.cpuUsage()
  run(flow.warm, flow.length)
  const { user, system } = process.cpuUsage(start)
  return { ns_per_op: ((user + system) * 1e3) / (flow.length - flow.warm) }
}

/** Median of runs that take turns, so that a busy machine is busy for all. */
function compare(contestants: readonly Contestant[], flow: Flow, rounds: number): number[] {
  const times = contestants.map(() => [] as number[])
  for (let round = 0; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      times[index]?.push(contestant(flow).ns_per_op)
    }
  }
  return times.map(median)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

export async function run(print: (line: string) => void): Promise<void> {
  const ratio = (name: string, value: number) => print(`ratio ${name} ${value.toFixed(2)}`)

  // 10,000 resting orders: a liquid spot market.
  const flow = makeFlow({ seed: 1, resting: 10_000, operations: 200_000 })
  const [bookNs, referenceNs, venueNs] = compare([book, reference, venue], flow, 5) as [
    number,
    number,
    number,
  ]
  print(
    `engine: ${bookNs.toFixed(0)} ns an operation in the book, ${venueNs.toFixed(0)} in the exchange, ${referenceNs.toFixed(0)} in nodejs-order-book`,
  )
  ratio('book-vs-nodejs-order-book', referenceNs / bookNs)
  ratio('exchange-vs-nodejs-order-book', referenceNs / venueNs)

  growth(ratio)

  memory(ratio, print)
  forks(ratio)
  latencies(flow, print, ratio)
}

/**
 * Cost of an operation in a book of a million orders against one of a thousand, under the same traffic. Realistic:
 * a book grows by orders far from the touch that nobody touches, while what happens goes on near it; every
 * twentieth cancel still picks any order of the whole book. The second figure cancels any order every time, which no
 * market does: each is then a trip to cold memory, and it shows what that costs.
 */
function growth(ratio: (name: string, value: number) => void): void {
  const small = makeFlow({ seed: 2, resting: 1_000, operations: 200_000 })
  const large = makeFlow({ seed: 2, resting: 1_000_000, operations: 200_000 })
  const harsh = makeFlow({ seed: 2, resting: 1_000_000, operations: 200_000, cancels: 'any' })
  const times = [small, large, harsh].map(() => [] as number[])
  for (let round = 0; round < 5; round++) {
    for (const [index, flow] of [small, large, harsh].entries()) {
      times[index]?.push(book(flow).ns_per_op)
    }
  }
  const [smallNs, largeNs, harshNs] = times.map(median) as [number, number, number]
  ratio('book-growth-1e3-to-1e6-resting', largeNs / smallNs)
  ratio('book-growth-1e3-to-1e6-any-order-cancelled', harshNs / smallNs)
}

/** Bytes of a million resting orders, some 25 at a price, from the flat memory itself. */
function memory(ratio: (name: string, value: number) => void, print: (line: string) => void): void {
  const sink = new CountingSink()
  const matcher = new Matcher(sink)
  const exchange = openExchange()
  const resting = 1_000_000
  for (let id = 1; id <= resting; id++) {
    const side = (id & 1) as 0 | 1
    const away = (id * 7_919) % 20_000
    const price_ticks = side === 0 ? 1_000_000 - 1 - away : 1_000_000 + away
    const qty_lots = 1 + (id % 9)
    matcher.place(id, 0, side, price_ticks, qty_lots)
    const word = side === 0 ? 'buy' : 'sell'
    exchange.apply(limitOrder(id, (id % 64) + 1, word, price_ticks, qty_lots, 'gtc'))
  }
  const { orders, ids } = matcher.bytes
  ratio('bytes-per-resting-order', orders / matcher.size)
  ratio('bytes-per-id', ids / matcher.size)
  print(`engine: a million resting orders take ${((orders + ids) / 1e6).toFixed(1)} MB`)
  const { bytes } = exchange
  ratio('exchange-bytes-per-resting-order', bytes.orders / resting)
  print(`engine: in the exchange they take ${((bytes.orders + bytes.ids) / 1e6).toFixed(1)} MB`)
}

/** Copy of an exchange with 10,000 resting orders. */
function forks(ratio: (name: string, value: number) => void): void {
  const flow = makeFlow({ seed: 3, resting: 10_000, operations: 0 })
  const { exchange, run: drive } = driveExchange(flow)
  drive(0, flow.length)
  const times: number[] = []
  for (let round = 0; round < 200; round++) {
    const start = performance.now()
    const fork = exchange.fork()
    times.push(performance.now() - start)
    if (fork.seq !== exchange.seq) throw new Error('a fork differs')
  }
  ratio('fork-ms-10k-resting', median(times))
}

/** Spread of single operations on the exchange. */
function latencies(
  flow: Flow,
  print: (line: string) => void,
  ratio: (name: string, value: number) => void,
): void {
  const { run: drive } = driveExchange(flow)
  drive(0, flow.warm)
  const samples = new Float64Array(flow.length - flow.warm)
  for (let at = flow.warm; at < flow.length; at++) {
    const start = performance.now()
    drive(at, at + 1)
    samples[at - flow.warm] = (performance.now() - start) * 1e3
  }
  samples.sort()
  const at = (share: number) => samples[Math.floor(samples.length * share)] as number
  print(
    `engine: exchange latency us p50 ${at(0.5).toFixed(2)} p99 ${at(0.99).toFixed(2)} p99.9 ${at(0.999).toFixed(2)} max ${at(0.999_999).toFixed(0)}`,
  )
  ratio('exchange-latency-p99-to-p50', at(0.99) / at(0.5))
}
