/**
 * Kinds: which collateral model a market uses.
 *
 * @module
 */

import type { Market } from '../core.js'
import type { Collateral } from './collateral.js'
import { event } from './event.js'
import { perp } from './perp.js'
import { spot } from './spot.js'

export const collateralKinds = { spot, event, perp } as const satisfies Record<string, Collateral>

export const collateralOf = (market: Market): Collateral => collateralKinds[market.instrument.kind]
