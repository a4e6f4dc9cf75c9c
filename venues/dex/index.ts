/**
 * A generic on-chain swap router, as data: instruments, fees and capabilities. It has no wire yet.
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'

export const dex = defineVenue({
  id: 'dex',
  title: 'On-chain swaps',
  // Per-chain names share one balance.
  aliases: ['dex_ethereum', 'solana'],
  capabilities: {
    kinds: ['spot'],
    // A swap settles whole or reverts.
    time_in_force: ['fok'],
    market_order: 'native',
    market_buy_by_quote: true,
    post_only: 'none',
    reduce_only: 'none',
    amend: 'none',
    event_short: 'refuse',
    event_netting: 'separate',
    fee_hold: 'none',
    self_trade: 'allow',
    latency_ms: 2000,
  },
  quote_assets: [{ asset: 'USDC', kind: 'crypto' }],
  instruments,
  fees,
})
