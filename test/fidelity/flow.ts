/**
 * Flow: a seeded crowd that trades in an exchange with known queues, and what the public is told of it.
 *
 * The crowd's commands never depend on a probe, so they can be applied to two exchanges alike: one where
 * the probe really rests, and one whose public feed is all a simulator sees.
 */
import type { Command, ExchangeEvent } from '../../src/engine/command.js'
import { Exchange } from '../../src/engine/exchange.js'
import { type Instrument, priceOf, qtyOf } from '../../src/engine/instrument.js'
import type { FeedSink } from '../../src/venue/contract.js'
import type { RandomStream } from '../../src/world/world.js'
import { spot } from '../support/sim-world.js'

/** `shown`: every order leaves a trace in the feed. `traceless`: IOC, FOK and post-only orders too. */
export type Crowd = 'shown' | 'traceless'

export const instrument: Instrument = spot
export const PROBE_ACCOUNT = 1
const CROWD = [2, 3, 4, 5] as const
const MIDDLE_TICKS = 10_000

export function openExchange(ts_us: number): Exchange {
  const exchange = new Exchange({
    rules: {
      fee: ({ carry_1e8 }) => ({ fee_1e8: 0n, carry_1e8 }),
      feeHold: () => 0n,
      eventNetting: 'net',
    },
  })
  exchange.apply({ type: 'list', ts_us, instrument })
  exchange.apply({
    type: 'market-state',
    ts_us,
    instrument: instrument.venue_symbol,
    state: 'open',
    cancel_resting: false,
  })
  for (const account_id of [PROBE_ACCOUNT, ...CROWD]) {
    exchange.apply({ type: 'open-account', ts_us, stp_group: null })
    for (const asset of [instrument.base, instrument.quote]) {
      const amount_1e8 = 10_000_000_000_000_000n
      exchange.apply({ type: 'transfer', ts_us, account_id, asset, amount_1e8 })
    }
  }
  return exchange
}

/** Cancels name the crowd's own nth order, so that they mean the same order in both exchanges. */
export type CrowdStep =
  | {
      readonly type: 'place'
      readonly nth: number
      readonly command: Extract<Command, { type: 'place' }>
    }
  | { readonly type: 'cancel'; readonly nth: number }

/** The next thing the crowd does. It leans towards the middle, so that books stay thick and two-sided. */
export class CrowdScript {
  readonly #random: RandomStream
  readonly #crowd: Crowd
  /** Never cancelled. */
  readonly #walls = new Set<number>()
  #made = 0
  #middle = MIDDLE_TICKS

  constructor(random: RandomStream, crowd: Crowd) {
    this.#random = random
    this.#crowd = crowd
  }

  /** A wall on both sides that no flow exhausts, and a first book. */
  opening(ts_us: number): CrowdStep[] {
    const steps: CrowdStep[] = []
    for (const side of ['buy', 'sell'] as const) {
      const sign = side === 'buy' ? -1 : 1
      steps.push(this.#place(ts_us, side, MIDDLE_TICKS + sign * 40, 1_000_000))
      this.#walls.add(this.#made)
      for (let level = 1; level <= 8; level += 1) {
        for (let nth = 0; nth < 8; nth += 1) {
          const lots = this.#random.int(1, 20)
          steps.push(this.#place(ts_us, side, MIDDLE_TICKS + sign * level, lots))
        }
      }
    }
    return steps
  }

  /** @param resting - The crowd's own numbers of orders near the touch of the public exchange. */
  next(ts_us: number, resting: readonly number[]): CrowdStep {
    const random = this.#random
    if (random.int(1, 20) === 1) {
      const pull = this.#middle > MIDDLE_TICKS ? -1 : 1
      this.#middle += random.int(1, 3) === 1 ? pull : random.int(-1, 1)
    }
    const side = random.int(0, 1) === 0 ? 'buy' : 'sell'
    const dice = random.int(1, 100)
    if (dice <= 40) {
      // Those near the touch change their minds most.
      const nth = resting[random.int(0, Math.max(0, resting.length - 1))]
      if (nth !== undefined && !this.#walls.has(nth)) return { type: 'cancel', nth }
    }
    if (dice <= 58) return this.#place(ts_us, side, null, random.int(1, 12))
    const sign = side === 'buy' ? -1 : 1
    const price = this.#middle + sign * random.int(1, 6)
    const lots = random.int(1, 20)
    if (this.#crowd === 'shown' || dice > 78) return this.#place(ts_us, side, price, lots)
    const step = this.#place(ts_us, side, price, lots)
    if (step.type !== 'place') return step
    const kind = random.int(1, 3)
    if (kind === 1) return { ...step, command: { ...step.command, post_only: 'reject' } }
    return { ...step, command: { ...step.command, time_in_force: kind === 2 ? 'ioc' : 'fok' } }
  }

  #place(
    ts_us: number,
    side: 'buy' | 'sell',
    price_ticks: number | null,
    qty_lots: number,
  ): CrowdStep {
    this.#made += 1
    return {
      type: 'place',
      nth: this.#made,
      command: placeCommand({
        ts_us,
        account_id: CROWD[this.#made % CROWD.length] as number,
        side,
        price_ticks,
        qty_lots,
      }),
    }
  }
}

export function placeCommand(order: {
  ts_us: number
  account_id: number
  side: 'buy' | 'sell'
  price_ticks: number | null
  qty_lots: number
}): Extract<Command, { type: 'place' }> {
  return {
    type: 'place',
    instrument: instrument.venue_symbol,
    quote_budget_1e8: null,
    time_in_force: order.price_ticks === null ? 'ioc' : 'gtc',
    expire_ts_us: null,
    post_only: 'no',
    reduce_only: false,
    self_trade: 'allow',
    fee_in: 'quote',
    margin: 'cross',
    ...order,
  }
}

/** One exchange with the crowd in it. */
export class Venue {
  exchange: Exchange
  /** Order ids by the crowd's own numbers. */
  #ids = new Map<number, { order_id: number; account_id: number }>()
  #numbers = new Map<number, number>()

  constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  /** The same venue, on its own from now on. */
  fork(): Venue {
    const copy = new Venue(this.exchange.fork())
    copy.#ids = new Map(this.#ids)
    copy.#numbers = new Map(this.#numbers)
    return copy
  }

  /** Orders of the crowd near the touch, by its own numbers. */
  nearTouch(count: number): number[] {
    const { bids, asks } = this.exchange.l3(instrument.venue_symbol)
    return [...bids.slice(0, count), ...asks.slice(0, count)].flatMap(
      ({ order_id }) => this.#numbers.get(order_id) ?? [],
    )
  }

  apply(step: CrowdStep, ts_us: number): readonly ExchangeEvent[] {
    if (step.type === 'cancel') {
      const order = this.#ids.get(step.nth)
      return order === undefined ? [] : this.exchange.apply({ type: 'cancel', ts_us, ...order })
    }
    const events = this.exchange.apply({ ...step.command, ts_us })
    const accepted = events.find((event) => event.type === 'accepted')
    if (accepted?.type === 'accepted') {
      const { order_id, account_id } = accepted
      this.#ids.set(step.nth, { order_id, account_id })
      this.#numbers.set(order_id, step.nth)
    }
    return events
  }
}

/** Tells the public part of what happened: trades as they came, then changed levels. */
export function tell(events: readonly ExchangeEvent[], sink: FeedSink): void {
  let told = false
  for (const event of events) {
    if (event.type === 'trade') {
      sink.trade(event.instrument, {
        price_1e9: priceOf(instrument, event.price_ticks),
        qty_1e8: qtyOf(instrument, event.qty_lots),
        taker_side: event.taker_side,
        ts_ns: BigInt(event.ts_us) * 1_000n,
      })
    } else if (event.type === 'level') {
      told = true
      sink.level(
        event.instrument,
        event.side,
        priceOf(instrument, event.price_ticks),
        qtyOf(instrument, event.qty_lots),
        BigInt(event.ts_us) * 1_000n,
      )
    }
  }
  const last = events.at(-1)
  if (told && last !== undefined) {
    sink.published(instrument.venue_symbol, BigInt(last.ts_us) * 1_000n)
  }
}
