/**
 * Retries without id: buys once, and sends the order again when no answer came. With a bug: the second
 * order has no id that says it is the first.
 *
 * @module
 */

import { defineClient, noAnswer } from '../../src/scenario/client.js'

const ORDER = { symbol: 'BTC-USD', venue: 'coinbase', side: 'buy', qty: 0.1 }

export default defineClient({
  name: 'retries without id',
  about: 'buys 0.1 BTC and retries when no answer comes',
  run: async ({ call, sleep }) => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      try {
        await call('POST', '/v1/orders', ORDER)
        return
      } catch (error) {
        if (!noAnswer(error)) throw error
        await sleep(100)
      }
    }
  },
  invariant: (_, { fills }) => {
    const bought_1e8 = fills.reduce((sum, fill) => sum + fill.qty_1e8, 0n)
    return bought_1e8 > 10_000_000n ? `it wanted 0.1 BTC and bought ${fills.length} times` : null
  },
})
