/**
 * Profile: which adversaries act, and how hard.
 *
 * Data. `off` is the reference: the venue's own matching as far as the public feed tells it, what the
 * account itself took included. The simulator holds every other profile below it (`edge/ceiling.ts`), so
 * an adversary can only hurt.
 *
 * @module
 */

import type { FadeOptions } from './fade.js'
import type { LatencyOptions } from './latency.js'
import type { PartialFillOptions } from './partial-fill.js'
import type { PickOffOptions } from './pick-off.js'
import type { QueueEstimator } from './queue.js'
import type { QueueJumpOptions } from './queue-jump.js'
import type { ShadowDepthOptions } from './shadow-depth.js'
import type { ToxicFlowOptions } from './toxic-flow.js'

/** null: that adversary does not act. */
export interface Profile {
  readonly name: string
  readonly latency: LatencyOptions | null
  readonly shadow: ShadowDepthOptions | null
  readonly queue: QueueEstimator
  readonly pickOff: PickOffOptions | null
  readonly partial: PartialFillOptions | null
  readonly fade: FadeOptions | null
  readonly queueJump: QueueJumpOptions | null
  readonly toxic: ToxicFlowOptions | null
  /**
   * `off` (default): no order may fare better than it would without adversaries ({@link referenceOf}).
   * `none` lifts that: for measuring an adversary by itself.
   */
  readonly ceiling?: 'off' | 'none'
}

/** No adversary acts. What an order took stays taken, as it does at the venue. */
export const off: Profile = {
  name: 'off',
  latency: null,
  shadow: { keep_pct: 100 },
  queue: 'optimistic',
  pickOff: null,
  partial: null,
  fade: null,
  queueJump: null,
  toxic: null,
}

/**
 * What an ordinary account should expect, and the default. Nothing in it is random, and orders are
 * answered at once: set `latency` to make them travel.
 */
export const realistic: Profile = {
  ...off,
  name: 'realistic',
  queue: 'power-law',
}

/** Whatever the public feed allows to go wrong goes wrong. */
export const worst: Profile = {
  name: 'worst',
  latency: { scale_pct: 200, jitter_ms_max: 50 },
  shadow: { keep_pct: 100 },
  queue: 'pessimistic',
  pickOff: { fills_on: 'through' },
  partial: { share_pct: 50 },
  fade: { pull_pct_min: 10, pull_pct_max: 50 },
  queueJump: { jump_pct: 20 },
  toxic: { skip_pct_max: 30, window: 20 },
}

export const profiles = { off, realistic, worst } as const

export type ProfileName = keyof typeof profiles

/**
 * What an order under `profile` is held below: the same book, the same own impact, no adversary.
 *
 * Shadow depth is the profile's own, since it is no adversary but a statement about the market: a user
 * who lets it decay says that makers refill.
 *
 * @returns null when the profile is its own reference or asks for none.
 */
export function referenceOf(profile: Profile): Profile | null {
  const { latency, shadow, queue, pickOff, partial, fade, queueJump, toxic, ceiling } = profile
  const acting = [latency, pickOff, partial, fade, queueJump, toxic]
  const idle = queue === off.queue && acting.every((adversary) => adversary === null)
  return idle || ceiling === 'none' ? null : { ...off, shadow }
}
