/**
 * Sound: buys once whatever is lost. The order has an id, a retry is the same order, and what it owns
 * is read from the account, not added up from a stream.
 *
 * @module
 */

import { defineClient, noAnswer } from '../../src/scenario/client.js'

const ORDER = {
  graph_id: 'graph_sound',
  symbol: 'BTC-USD',
  venue: 'coinbase',
  side: 'buy',
  qty: 0.1,
}

export default defineClient({
  name: 'sound',
  about: 'buys 0.1 BTC under an id, and retries under the same one',
  run: async ({ call, sleep }) => {
    for (let attempt = 1; attempt <= 10; attempt += 1) {
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
    return bought_1e8 === 10_000_000n ? null : `it wanted 0.1 BTC and bought ${bought_1e8} (1e-8)`
  },
})
