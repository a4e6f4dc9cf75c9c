/**
 * Crypto.com Exchange spot, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const cryptocom = defineVenue({
  id: 'cryptocom',
  title: 'Crypto.com Exchange',
  capabilities: {
    kinds: ['spot'],
    time_in_force: ['gtc', 'ioc', 'fok'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'refuse',
    reduce_only: 'none',
    amend: 'native',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'none',
    self_trade: 'cancel-taker',
    latency_ms: 60,
  },
  quote_assets: [
    { asset: 'USD', kind: 'fiat' },
    { asset: 'USDT', kind: 'crypto' },
  ],
  instruments,
  fees,
})
