/**
 * Bitget spot, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const bitget = defineVenue({
  id: 'bitget',
  title: 'Bitget spot',
  capabilities: {
    kinds: ['spot'],
    time_in_force: ['gtc', 'ioc', 'fok'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'accept-then-cancel',
    reduce_only: 'none',
    amend: 'none',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'none',
    self_trade: 'allow',
    latency_ms: 60,
  },
  quote_assets: [
    { asset: 'USDT', kind: 'crypto' },
    { asset: 'USDC', kind: 'crypto' },
  ],
  instruments,
  fees,
})
