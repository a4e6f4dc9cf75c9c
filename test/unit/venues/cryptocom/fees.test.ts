import { expect, test } from 'vitest'
import { guard } from '../../../../src/engine/guards.js'
import { cryptocom } from '../../../../venues/cryptocom/index.js'

const [instrument] = cryptocom.instruments
if (instrument === undefined) throw new Error('cryptocom lists no instrument')

test('charges the worked example: 0.00005 BTC on 0.01 at 30000, worth 1.50', () => {
  const fill = { instrument, liquidity: 'taker', side: 'buy', carry_1e8: 0n } as const
  const at = { price_1e9: 30_000n * 10n ** 9n, qty_1e8: 1_000_000n }
  expect(cryptocom.fees.fill({ ...fill, ...at }).fee_1e8).toBe(150_000_000n)
})

test('takes 0.00002 at 90000 and refuses 0.00001, as the help page works out', () => {
  const at = (qty_1e8: bigint) =>
    guard({
      kill_switch: false,
      symbol: instrument.symbol,
      venue: null,
      listings: [
        {
          venue: cryptocom.id,
          instrument,
          rules: { ...cryptocom.capabilities, shape_check: 'first', paused_as: 'venue-paused' },
          market: 'open',
          book: { fresh: true, best_bid: null, best_ask: null },
          credentials: 'not-needed',
        },
      ],
      order: {
        side: 'sell',
        outcome: null,
        qty_1e8,
        limit_price_1e9: 90_000n * 10n ** 9n,
        time_in_force: 'gtc',
        post_only: false,
        reduce_only: false,
        expire_ts_ns: null,
      },
      limits: {
        price_deviation_bps_max: null,
        notional_1e9_max: null,
        position_qty_1e8_max: null,
        daily_loss_usd_1e9_max: null,
      },
      position_qty_1e8: 0n,
      daily_pnl_usd_1e9: 0n,
      now_ts_ns: 0n,
    })?.reject
  expect(at(1_000n)).toBe('below-min-notional')
  expect(at(2_000n)).toBeUndefined()
})
