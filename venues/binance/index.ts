/**
 * Binance spot, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const binance = defineVenue({
  id: 'binance',
  title: 'Binance spot',
  capabilities: {
    kinds: ['spot'],
    time_in_force: ['gtc', 'ioc', 'fok'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'refuse',
    reduce_only: 'none',
    // A quantity can be lowered in place; anything else is cancel and replace.
    amend: 'cancel-replace',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'none',
    self_trade: 'cancel-maker',
    latency_ms: 40,
  },
  quote_assets: [
    { asset: 'USDT', kind: 'crypto' },
    { asset: 'USDC', kind: 'crypto' },
  ],
  instruments,
  fees,
})
