/**
 * Synthetic: a seeded maker that quotes both sides around a wandering price.
 *
 * Integer maths from one random stream, so a seed tells the same story everywhere. Every price is on the
 * instrument's grid and every size is whole lots of at least the venue's minimum. The middle wanders by a
 * few steps each round and is pulled back to where it started, so a long run stays near it.
 *
 * @module
 */

import type { Depth, Level } from '../engine/depth.js'
import type { Instrument } from '../engine/instrument.js'
import { divCeil, divFloor, larger, PRICE_SCALE, smaller } from '../engine/units.js'
import type { Clock, RandomStream, Restorable } from '../world/world.js'
import type { MarketTarget } from './target.js'

export interface SyntheticOptions {
  readonly instrument: Instrument
  readonly clock: Pick<Clock, 'after'>
  readonly random: RandomStream
  readonly target: MarketTarget
  /** Middle at the start. Default {@link startPriceOf}. */
  readonly price_1e9?: bigint
  /** Levels a side. Default 10. */
  readonly levels?: number
  /** Distance of neighbouring levels in basis points of the price, at least one step of the grid. Default 2. */
  readonly step_bps?: number
  /** Most steps the middle moves in one round. Default 2. */
  readonly walk_steps_max?: number
  /** Quote value of a level, least and most, in quote units. Default 2,000 to 20,000; event markets 50 to 500. */
  readonly level_value?: readonly [number, number]
  /** Time between rounds. Default 500: well inside the age at which a book counts as stale. */
  readonly interval_ms?: number
  /** Rounds out of 100 with a trade at the touch. Default 30. */
  readonly trade_pct?: number
}

const STARTS: Readonly<Record<string, bigint>> = {
  BTC: 60_000n,
  ETH: 3_000n,
  SOL: 150n,
  USDT: 1n,
  USDC: 1n,
}

/** Whether a plausible first price is known; the others are better left without quotes. */
export const hasStartPrice = (instrument: Instrument): boolean =>
  instrument.kind === 'event' || Object.hasOwn(STARTS, instrument.base)

/** A plausible first price of an instrument; even odds for an event. */
export const startPriceOf = (instrument: Instrument): bigint =>
  instrument.kind === 'event' ? PRICE_SCALE / 2n : (STARTS[instrument.base] ?? 10n) * PRICE_SCALE

/** A running maker: call it to stop. Its state can be taken and put back in place. */
export type RunningMaker = (() => void) & Restorable

/**
 * Starts quoting: the first book is there when this returns.
 *
 * @returns Stops the maker; its last quotes stay and grow old. `save` and `restore` cover where its price
 * has wandered to, not its random stream.
 *
 * @example
 * const stop = quoteSynthetic({ instrument, clock, random: world.random('maker/BTC-USD'), target })
 */
export function quoteSynthetic(options: SyntheticOptions): RunningMaker {
  const maker = new Maker(options)
  const { clock, interval_ms = 500 } = options
  let stopped = false
  const round = () => {
    // Asked here and not by cancelling the timer: a reverted clock may wait for an older one.
    if (stopped) return
    maker.round()
    clock.after(interval_ms, round)
  }
  round()
  const stop = () => {
    stopped = true
  }
  return Object.assign(stop, {
    save: () => maker.middle_1e9,
    restore: (state: unknown) => {
      maker.middle_1e9 = state as bigint
    },
  })
}

class Maker {
  readonly #options: SyntheticOptions
  readonly #start_1e9: bigint
  readonly #step_1e9: bigint
  /** Around what it quotes now. */
  middle_1e9: bigint

  constructor(options: SyntheticOptions) {
    this.#options = options
    const { instrument, step_bps = 2 } = options
    this.#start_1e9 = options.price_1e9 ?? startPriceOf(instrument)
    this.middle_1e9 = this.#start_1e9
    const wanted = divCeil(this.#start_1e9 * BigInt(Math.round(step_bps * 100)), 1_000_000n)
    const band = instrument.price_bands.find(
      ({ from_1e9, to_1e9 }) => from_1e9 <= this.#start_1e9 && this.#start_1e9 <= to_1e9,
    )
    const grid = larger(instrument.tick_size_1e9, band?.step_1e9 ?? 0n)
    this.#step_1e9 = divCeil(wanted, grid) * grid
  }

  round(): void {
    const { instrument, target, random, trade_pct = 30 } = this.#options
    const { venue_symbol } = instrument
    this.#wander()
    const depth = this.#quote()
    target.setDepth(venue_symbol, depth)
    if (random.int(1, 100) > trade_pct) return
    const taker_side = random.int(0, 1) === 0 ? 'buy' : 'sell'
    const best = (taker_side === 'buy' ? depth.asks : depth.bids)[0]
    if (best === undefined) return
    const lots = best.qty_1e8 / instrument.lot_size_1e8
    const part = (lots * BigInt(random.int(1, 40))) / 100n
    const qty_1e8 = (part > 0n ? part : 1n) * instrument.lot_size_1e8
    target.print(venue_symbol, { price_1e9: best.price_1e9, qty_1e8, taker_side })
  }

  /** One step of the walk: a fair draw plus a pull of a tenth of the way home. */
  #wander(): void {
    const { random, walk_steps_max = 2, instrument } = this.#options
    const drawn = BigInt(random.int(-walk_steps_max, walk_steps_max)) * this.#step_1e9
    const pull = (this.#start_1e9 - this.middle_1e9) / 10n
    const next = this.middle_1e9 + drawn + pull
    const low = this.#step_1e9 * 2n
    const high =
      instrument.kind === 'event' ? PRICE_SCALE - this.#step_1e9 * 2n : this.#start_1e9 * 2n
    this.middle_1e9 = next < low ? low : next > high ? high : next
  }

  #quote(): Depth {
    const bids: Level[] = []
    const asks: Level[] = []
    const { levels = 10 } = this.#options
    let bid = this.#snap(this.middle_1e9 - this.#step_1e9 / 2n, -1n)
    let ask = this.#snap(this.middle_1e9 + this.#step_1e9 / 2n, 1n)
    if (bid !== null && ask !== null && bid >= ask) ask = this.#snap(bid + this.#step_1e9, 1n)
    for (let index = 0; index < levels; index += 1) {
      if (bid !== null) {
        bids.push({ price_1e9: bid, qty_1e8: this.#size(bid) })
        bid = this.#snap(bid - this.#step_1e9, -1n)
      }
      if (ask !== null) {
        asks.push({ price_1e9: ask, qty_1e8: this.#size(ask) })
        ask = this.#snap(ask + this.#step_1e9, 1n)
      }
    }
    return { bids, asks }
  }

  /** The nearest valid price in a direction; null when there is none left. */
  #snap(price_1e9: bigint, direction: 1n | -1n): bigint | null {
    const { kind, tick_size_1e9, price_bands } = this.#options.instrument
    const top =
      kind === 'event' ? PRICE_SCALE - tick_size_1e9 : larger(price_1e9, this.#start_1e9 * 4n)
    const whole = { from_1e9: tick_size_1e9, to_1e9: top, step_1e9: tick_size_1e9 }
    const bands = price_bands.length === 0 ? [whole] : price_bands
    for (const { from_1e9, to_1e9, step_1e9 } of direction === 1n ? bands : [...bands].reverse()) {
      const near =
        direction === 1n
          ? from_1e9 + divCeil(larger(price_1e9 - from_1e9, 0n), step_1e9) * step_1e9
          : from_1e9 + divFloor(smaller(price_1e9, to_1e9) - from_1e9, step_1e9) * step_1e9
      if (near >= from_1e9 && near <= to_1e9 && near > 0n && near <= top) return near
    }
    return null
  }

  /** Size worth a drawn value at a price, in whole lots, never below the venue's minimums. */
  #size(price_1e9: bigint): bigint {
    const { instrument, random } = this.#options
    const [low, high] =
      this.#options.level_value ?? (instrument.kind === 'event' ? [50, 500] : [2_000, 20_000])
    const { lot_size_1e8: lot, min_qty_1e8, min_notional_1e9 } = instrument
    const value_1e17 = BigInt(random.int(low, high)) * PRICE_SCALE * 100_000_000n
    const wanted = value_1e17 / price_1e9
    const forNotional = divCeil(min_notional_1e9 * 100_000_000n, price_1e9)
    return divCeil(larger(wanted, larger(forNotional, min_qty_1e8)), lot) * lot
  }
}
