/**
 * Kalshi: event contracts in USD, quoted on one YES book, signed requests, V2 order endpoints.
 *
 * @see https://docs.kalshi.com
 *
 * @module
 */

import { defineVenue } from '../../src/venue/contract.js'
import { kalshiClient } from './client.js'
import { fees } from './fees.js'
import { instruments } from './instruments.js'
import { kalshiMock } from './mock.js'

export const kalshi = defineVenue({
  id: 'kalshi',
  title: 'Kalshi',
  capabilities: {
    kinds: ['event'],
    time_in_force: ['gtc', 'gtd', 'ioc', 'fok'],
    market_order: 'aggressive-limit',
    market_buy_by_quote: false,
    post_only: 'refuse',
    reduce_only: 'ioc-only',
    amend: 'native',
    amend_into_own: 'refuse',
    event_short: 'opens-opposite',
    event_netting: 'net',
    fee_hold: 'none',
    self_trade: 'cancel-taker',
    fok_self_trade: 'as-ioc',
    // An inactive market is refused like a closed one.
    paused_as: 'market-closed',
    // At its close, and when it is activated again after a pause.
    cancels_resting: ['closed', 'reopened'],
    shape_check: 'after-size',
    latency_ms: 60,
  },
  quote_assets: [{ asset: 'USD', kind: 'fiat' }],
  instruments,
  fees,
  mock: kalshiMock,
  client: kalshiClient,
})
