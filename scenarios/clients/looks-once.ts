/**
 * Looks once: when no answer came it first looks whether the order exists, and only then sends it
 * again. With a bug two faults deep: a look that fails counts as "there is no order".
 *
 * @module
 */

import { defineClient, noAnswer } from '../../src/scenario/client.js'
import type { Json } from '../../src/wire/json.js'

const ORDER = { symbol: 'BTC-USD', venue: 'coinbase', side: 'buy', qty: 0.1 }

export default defineClient({
  name: 'looks once',
  about: 'buys 0.1 BTC; without an answer it looks for the order before it retries',
  run: async ({ call }) => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      try {
        await call('POST', '/v1/orders', ORDER)
        return
      } catch (error) {
        if (!noAnswer(error)) throw error
      }
      const found = await call('GET', '/v1/orders?symbol=BTC-USD').catch(() => null)
      const { orders } = (found?.body ?? {}) as { orders?: Json[] }
      if ((orders ?? []).length > 0) return
    }
  },
  invariant: (_, { fills }) => {
    const bought_1e8 = fills.reduce((sum, fill) => sum + fill.qty_1e8, 0n)
    return bought_1e8 > 10_000_000n ? `it wanted 0.1 BTC and bought ${fills.length} times` : null
  },
})
