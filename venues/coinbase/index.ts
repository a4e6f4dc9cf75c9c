/**
 * Coinbase Advanced Trade, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const coinbase = defineVenue({
  id: 'coinbase',
  title: 'Coinbase Advanced Trade',
  capabilities: {
    kinds: ['spot'],
    time_in_force: ['gtc', 'gtd', 'ioc', 'fok'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'refuse',
    reduce_only: 'none',
    amend: 'native',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'taker-at-limit',
    self_trade: 'cancel-taker',
    latency_ms: 40,
  },
  quote_assets: [
    { asset: 'USD', kind: 'fiat' },
    { asset: 'USDC', kind: 'crypto' },
  ],
  instruments,
  fees,
})
