/**
 * Venues: the registry. One line registers a venue; nothing in `src/` names one.
 *
 * @module
 */

import type { Venue } from '../src/venue/contract.js'
import { binance } from './binance/index.js'
import { bitget } from './bitget/index.js'
import { coinbase } from './coinbase/index.js'
import { cryptocom } from './cryptocom/index.js'
import { dex } from './dex/index.js'
import { hyperliquid } from './hyperliquid/index.js'
import { kalshi } from './kalshi/index.js'
import { kraken } from './kraken/index.js'
import { polymarket } from './polymarket/index.js'

/** Every known venue, in the order of their folders. A venue without `mock` has no wire yet. */
export const venues: readonly Venue[] = [
  binance,
  bitget,
  coinbase,
  cryptocom,
  dex,
  hyperliquid,
  kalshi,
  kraken,
  polymarket,
]
