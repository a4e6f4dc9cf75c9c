/**
 * Kraken's E13, a market buy sized by cost, through the sandbox's order path.
 *
 * The wire runs it as `viqc` (kraken.test.ts); at the API the same intent is `notional`.
 */
import { expect, test } from '../../src/vitest/index.js'

for (const adversary of ['off', 'realistic'] as const) {
  const under = test.extend({ sandboxOptions: { adversary } })
  under(
    `E13 spends 15,000 on half a bitcoin, the fee outside the amount (${adversary})`,
    async ({ venues, trader }) => {
      await trader.fund([{ venue: 'kraken', kind: 'fiat', symbol: 'USD', qty: 1_000_000 }], true)
      await venues.kraken?.depth('BTC-USD', {
        bids: [['29990.0', '1.0']],
        asks: [
          ['30000.0', '0.5'],
          ['30010.0', '1.0'],
        ],
      })
      const order = await trader.order({
        symbol: 'BTC-USD',
        side: 'buy',
        notional: '15000',
        venue: 'kraken',
      })
      expect(order).toHaveFilled('0.5', '30000')
      expect(order.fees_usd_1e9).toBe(60_000_000_000n)
    },
  )
}
