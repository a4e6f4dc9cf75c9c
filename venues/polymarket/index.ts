/**
 * Polymarket, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const polymarket = defineVenue({
  id: 'polymarket',
  title: 'Polymarket',
  capabilities: {
    kinds: ['event'],
    time_in_force: ['gtc', 'gtd', 'ioc', 'fok'],
    market_order: 'aggressive-limit',
    market_buy_by_quote: true,
    post_only: 'refuse',
    reduce_only: 'none',
    amend: 'none',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'taker-at-limit',
    self_trade: 'allow',
    latency_ms: 100,
  },
  quote_assets: [{ asset: 'USDC', kind: 'crypto' }],
  instruments,
  fees,
})
