/**
 * Sim market: what one simulated world keeps about one book beside the public book itself.
 *
 * @module
 */

import { off, type Profile } from '../adversary/profile.js'
import { ShadowDepth } from '../adversary/shadow-depth.js'
import { FlowMemory } from '../adversary/toxic-flow.js'
import { SimLadder } from './sim-ladder.js'

export interface SimMarket {
  /** Resting simulated buys. */
  readonly buy: SimLadder
  readonly sell: SimLadder
  /**
   * Quotes of the public book that a resting order has met in its own world: they are gone there,
   * though the feed still shows them.
   */
  readonly met: ShadowDepth
  /** The adversary of the same making, for takers. */
  readonly shadow: ShadowDepth | null
  readonly flow: FlowMemory | null
}

export const makeMarket = (profile: Profile = off): SimMarket => ({
  buy: new SimLadder('buy'),
  sell: new SimLadder('sell'),
  met: new ShadowDepth({ keep_pct: 100 }),
  shadow: profile.shadow === null ? null : new ShadowDepth(profile.shadow),
  flow: profile.toxic === null ? null : new FlowMemory(profile.toxic),
})
