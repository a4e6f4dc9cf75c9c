/**
 * Counts fills: keeps its position by adding up the fills of its stream. With a bug: it does not look
 * at their ids, so that a fill told twice is counted twice.
 *
 * @module
 */

import { defineClient, noAnswer } from '../../src/scenario/client.js'
import { bigintOf, type Json } from '../../src/wire/json.js'

const qtyOf = (data: Json): bigint => bigintOf((data as { qty_1e8?: Json }).qty_1e8) ?? 0n

export default defineClient({
  name: 'counts fills',
  about: 'buys twice and adds up what its stream tells it',
  run: async ({ call, stream, sleep }) => {
    let position_1e8 = 0n
    const stop = await stream(({ channel, data }) => {
      if (channel === 'fills') position_1e8 += qtyOf(data)
    })
    for (const graph_id of ['graph_a', 'graph_b']) {
      const order = { symbol: 'BTC-USD', venue: 'coinbase', side: 'buy', qty: 0.1, graph_id }
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        try {
          await call('POST', '/v1/orders', order)
          break
        } catch (error) {
          if (!noAnswer(error)) throw error
        }
      }
    }
    await sleep(40_000)
    stop()
    return position_1e8
  },
  invariant: (believed_1e8, { fills }) => {
    const bought_1e8 = fills.reduce((sum, fill) => sum + fill.qty_1e8, 0n)
    return believed_1e8 > bought_1e8
      ? `it believes to own ${believed_1e8} and owns ${bought_1e8} (in 1e-8 BTC)`
      : null
  },
})
