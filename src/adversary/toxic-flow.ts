/**
 * Toxic flow: the fills a resting order gets are the ones nobody else wanted.
 *
 * Flow that reaches us is scored by how much it agrees with the recent direction of trading. Harmless
 * flow goes to faster makers with a probability that falls as the score rises; flow that keeps running
 * against us always arrives. After a skip the order is still first in its queue.
 *
 * The score is the share, in percent, of the last `window` trades' size whose takers were on the side
 * that hits us. The chance of a skip is `skip_pct_max` at a score of 0 and falls in a straight line to
 * none at 100. Trade size enters through the weights; volatility and spread do not.
 *
 * @module
 */

import type { Side } from '../engine/instrument.js'
import type { RandomStream } from '../world/world.js'

export interface ToxicFlowOptions {
  /** Chance that harmless flow passes us by, 0 to 100. */
  readonly skip_pct_max: number
  /** Trades remembered. */
  readonly window: number
}

/** Direction of recent trading in one book. */
export class FlowMemory {
  readonly #options: ToxicFlowOptions
  #trades: { readonly taker_side: Side; readonly qty_1e8: bigint }[] = []

  constructor(options: ToxicFlowOptions) {
    this.#options = options
  }

  traded(taker_side: Side, qty_1e8: bigint): void {
    this.#trades.push({ taker_side, qty_1e8 })
    if (this.#trades.length > this.#options.window) this.#trades.shift()
  }

  /** Percent of remembered size whose takers were on this side; 100 when nothing is remembered. */
  score_pct(taker_side: Side): number {
    let all = 0n
    let same = 0n
    for (const trade of this.#trades) {
      all += trade.qty_1e8
      if (trade.taker_side === taker_side) same += trade.qty_1e8
    }
    return all === 0n ? 100 : Number((same * 100n) / all)
  }

  /** Whether flow from takers on this side passes a resting order by. */
  skips(taker_side: Side, random: RandomStream): boolean {
    const chance = this.#options.skip_pct_max * (100 - this.score_pct(taker_side))
    return chance > 0 && random.int(0, 9_999) < chance
  }

  /** Takes over what another one remembers; the other stays as it is. */
  become(other: FlowMemory): void {
    this.#trades = [...other.#trades]
  }

  /** The same memory, on its own from now on. */
  copy(): FlowMemory {
    const copy = new FlowMemory(this.#options)
    copy.#trades = [...this.#trades]
    return copy
  }
}
