/**
 * Scripted: a market told step by step, each at its own moment of the clock.
 *
 * @module
 */

import type { Depth } from '../engine/depth.js'
import type { Side } from '../engine/instrument.js'
import type { Clock } from '../world/world.js'
import type { MarketTarget } from './target.js'

export type MarketStep =
  | {
      readonly type: 'depth'
      readonly at_ms: number
      readonly venue_symbol: string
      readonly depth: Depth
    }
  | {
      readonly type: 'trade'
      readonly at_ms: number
      readonly venue_symbol: string
      readonly price_1e9: bigint
      readonly qty_1e8: bigint
      readonly taker_side: Side
    }

/**
 * Plays steps on a clock. A step at or before now runs at once; steps of one moment run in order.
 *
 * @param options.steps - `at_ms` counts from the call.
 * @returns Stops what has not run yet.
 * @throws RangeError when a step's time is negative or no number.
 *
 * @example
 * playScript({ clock, target: hubTarget(hub, 'alpha', clock), steps: [{ type: 'depth', at_ms: 0, venue_symbol, depth }] })
 */
export function playScript(options: {
  readonly clock: Pick<Clock, 'after'>
  readonly target: MarketTarget
  readonly steps: readonly MarketStep[]
}): () => void {
  const { clock, target, steps } = options
  const cancels = steps.map((step) => {
    if (!(step.at_ms >= 0)) {
      throw new RangeError(`a step is at ${step.at_ms} ms; a time of 0 or later is expected.`)
    }
    const run = () => {
      if (step.type === 'depth') target.setDepth(step.venue_symbol, step.depth)
      else target.print(step.venue_symbol, step)
    }
    if (step.at_ms > 0) return clock.after(step.at_ms, run)
    run()
    return () => undefined
  })
  return () => {
    for (const cancel of cancels) cancel()
  }
}
