/**
 * Hyperliquid perpetuals, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const hyperliquid = defineVenue({
  id: 'hyperliquid',
  title: 'Hyperliquid perpetuals',
  capabilities: {
    kinds: ['perp'],
    time_in_force: ['gtc', 'ioc'],
    market_order: 'aggressive-limit',
    market_buy_by_quote: false,
    post_only: 'refuse',
    reduce_only: 'native',
    amend: 'cancel-replace',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'none',
    self_trade: 'cancel-maker',
    shape_check: 'after-size',
    latency_ms: 200,
  },
  quote_assets: [{ asset: 'USDC', kind: 'crypto' }],
  instruments,
  fees,
})
