/**
 * Worked examples of the venues that are data: what the sheets compute for size, price and fee, one row
 * each. Kalshi and Kraken have theirs in the conformance suite.
 */
import { describe, expect, test } from 'vitest'
import { parseDecimal } from '../../../src/engine/decimal.js'
import { type GuardContext, guard } from '../../../src/engine/guards.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import type { TimeInForce } from '../../../src/engine/order.js'
import type { Venue } from '../../../src/venue/contract.js'
import { venues } from '../../../venues/index.js'
import { takerFee } from '../../../venues/polymarket/fees.js'

interface Order {
  readonly side?: 'buy' | 'sell'
  readonly qty: string
  /** null: a market order. */
  readonly price: string | null
  readonly time_in_force?: TimeInForce
  readonly post_only?: boolean
}

const scaled = (text: string, decimals: number): bigint => {
  const value = parseDecimal(text, decimals, 'refuse')
  if (value === undefined) throw new Error(`${text} has more than ${decimals} decimals`)
  return value
}

const venueOf = (id: string): Venue => {
  const found = venues.find((venue) => venue.id === id)
  if (found === undefined) throw new Error(`no venue ${id}`)
  return found
}

function instrumentOf(venue: Venue, symbol: string): Instrument {
  const found = venue.instruments.find((one) => one.symbol === symbol)
  if (found === undefined) throw new Error(`${venue.id} lists no ${symbol}`)
  return found
}

/** The first preflight refusal on a book of 29990 and 30000, or 0.49 and 0.52 for an event. */
function refusal(venue: Venue, symbol: string, order: Order): string | undefined {
  const instrument = instrumentOf(venue, symbol)
  const event = instrument.kind === 'event'
  const level = (price: string) => ({ price_1e9: scaled(price, 9), qty_1e8: 10n ** 8n })
  const input: GuardContext = {
    kill_switch: false,
    symbol,
    venue: null,
    listings: [
      {
        venue: venue.id,
        instrument,
        rules: {
          ...venue.capabilities,
          shape_check: venue.capabilities.shape_check ?? 'first',
          paused_as: 'venue-paused',
        },
        market: 'open',
        book: {
          fresh: true,
          best_bid: level(event ? '0.49' : '29990'),
          best_ask: level(event ? '0.52' : '30000'),
        },
        credentials: 'not-needed',
      },
    ],
    order: {
      side: order.side ?? 'buy',
      outcome: event ? 'YES' : null,
      qty_1e8: scaled(order.qty, 8),
      limit_price_1e9: order.price === null ? null : scaled(order.price, 9),
      time_in_force: order.time_in_force ?? 'gtc',
      post_only: order.post_only ?? false,
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
  }
  return guard(input)?.reject ?? undefined
}

describe('orders', () => {
  test.each<[venue: string, example: string, symbol: string, order: Order, refused?: string]>([
    ['binance', 'E2', 'BTC-USDT', { qty: '0.01', price: '30000.005' }, 'off-tick'],
    ['binance', 'E3', 'BTC-USDT', { qty: '0.000015', price: '30000' }, 'off-lot'],
    ['binance', 'E4', 'BTC-USDT', { qty: '0.0001', price: '30000' }, 'below-min-notional'],
    ['binance', 'E4 at five', 'BTC-USDT', { qty: '0.00017', price: '30000' }],
    ['binance', 'E8', 'BTC-USDT', { qty: '0.5', price: null, time_in_force: 'ioc' }],
    ['bitget', 'E2', 'BTC-USDT', { qty: '0.01', price: '30000.001' }, 'off-tick'],
    ['bitget', 'E3', 'BTC-USDT', { qty: '0.0000001', price: '30000' }, 'off-lot'],
    ['bitget', 'E4', 'BTC-USDT', { qty: '0.00003', price: '30000' }, 'below-min-notional'],
    ['bitget', 'E4 at one', 'BTC-USDT', { qty: '0.000034', price: '30000' }],
    ['bitget', '§2', 'ETH-USDT', { qty: '0.0004', price: '30000' }, 'below-min-qty'],
    ['bitget', '§2', 'ETH-USDT', { qty: '0.0005', price: '30000' }],
    ['coinbase', 'E1', 'BTC-USD', { qty: '0.01', price: '30000.001' }, 'off-tick'],
    ['coinbase', 'E2', 'BTC-USD', { qty: '0.00001', price: '30000' }, 'below-min-notional'],
    ['coinbase', 'E2 at one', 'BTC-USD', { qty: '0.00003334', price: '30000' }],
    ['coinbase', 'E5', 'BTC-USD', { side: 'sell', qty: '0.5', price: null, time_in_force: 'ioc' }],
    ['cryptocom', 'E2', 'BTC-USD', { qty: '0.00002', price: '30000' }, 'below-min-notional'],
    [
      'cryptocom',
      'E3',
      'BTC-USD',
      { side: 'sell', qty: '0.00001', price: '90000' },
      'below-min-notional',
    ],
    ['cryptocom', 'E3', 'BTC-USD', { side: 'sell', qty: '0.00002', price: '90000' }],
    ['cryptocom', 'E4', 'BTC-USD', { qty: '0.000015', price: '30000' }, 'off-lot'],
    ['hyperliquid', 'W5', 'BTC-USD-PERP', { qty: '0.01', price: '12345.6' }, 'off-tick'],
    ['hyperliquid', 'W7', 'BTC-USD-PERP', { qty: '0.01', price: '123456' }],
    ['hyperliquid', 'W8', 'ETH-USD-PERP', { qty: '0.00001', price: '3000' }, 'off-lot'],
    ['hyperliquid', 'W9', 'ETH-USD-PERP', { qty: '0.003', price: '3000' }, 'below-min-notional'],
    ['hyperliquid', 'W9 at ten', 'ETH-USD-PERP', { qty: '0.0034', price: '3000' }],
    [
      'polymarket',
      '12',
      'test-reading-2099-above-60',
      { qty: '4', price: '0.50' },
      'below-min-qty',
    ],
    ['polymarket', '1', 'test-reading-2099-above-60', { qty: '10', price: '0.51' }],
    [
      'polymarket',
      '14 at 0.01',
      'test-reading-2099-above-60',
      { qty: '10', price: '0.515' },
      'off-tick',
    ],
  ])('%s %s: %s %o', (id, _, symbol, order, refused) => {
    expect(refusal(venueOf(id), symbol, order)).toBe(refused)
  })

  test.each(['0.01', '0.5', '0.99'])('Polymarket takes a price of %s', (price) => {
    const order = { qty: '10', price }
    expect(refusal(venueOf('polymarket'), 'test-reading-2099-above-60', order)).toBeUndefined()
  })

  test.each(['0.001', '0.995', '1'])('Polymarket refuses a price of %s', (price) => {
    const order = { qty: '10', price }
    expect(refusal(venueOf('polymarket'), 'test-reading-2099-above-60', order)).toMatch(
      /^(off-tick|price-bounds)$/,
    )
  })
})

describe('fees', () => {
  const fee = (
    id: string,
    symbol: string,
    [liquidity, side, qty, price]: readonly ['maker' | 'taker', 'buy' | 'sell', string, string],
  ): bigint => {
    const venue = venueOf(id)
    return venue.fees.fill({
      instrument: instrumentOf(venue, symbol),
      liquidity,
      side,
      price_1e9: scaled(price, 9),
      qty_1e8: scaled(qty, 8),
      carry_1e8: 0n,
    }).fee_1e8
  }

  test.each([
    // The venue takes 0.0004 and 0.0001 BTC; here their worth at the fill.
    ['binance', 'E8', 'BTC-USDT', ['taker', 'buy', '0.4', '30000'], '12'],
    ['binance', 'E8', 'BTC-USDT', ['taker', 'buy', '0.1', '30010'], '3.001'],
    ['binance', 'E14', 'BTC-USDT', ['taker', 'buy', '0.00333', '30000'], '0.0999'],
    ['bitget', 'E7', 'BTC-USDT', ['taker', 'buy', '0.01', '30000'], '0.3'],
    ['coinbase', 'E5', 'BTC-USD', ['taker', 'sell', '0.5', '29990'], '179.94'],
    ['cryptocom', 'E7', 'BTC-USD', ['taker', 'buy', '0.01', '30000'], '1.5'],
    ['cryptocom', '§5', 'BTC-USD', ['maker', 'buy', '0.01', '30000'], '0.75'],
    ['hyperliquid', 'W1', 'BTC-USD-PERP', ['taker', 'buy', '0.01', '60000'], '0.27'],
    ['hyperliquid', 'W1', 'BTC-USD-PERP', ['taker', 'buy', '0.005', '60010'], '0.135022'],
    ['hyperliquid', 'W4', 'ETH-USD-PERP', ['maker', 'buy', '0.5', '3000'], '0.225'],
    ['hyperliquid', 'W15', 'BTC-USD-PERP', ['maker', 'sell', '0.001', '79146'], '0.011871'],
    ['hyperliquid', 'W16', 'ETH-USD-PERP', ['taker', 'sell', '0.5', '3030'], '0.68175'],
    ['polymarket', '2', 'test-reading-2099-above-60', ['taker', 'buy', '10', '0.52'], '0.1248'],
    ['polymarket', '2', 'test-reading-2099-above-60', ['taker', 'buy', '15', '0.53'], '0.18682'],
    ['polymarket', '3', 'test-reading-2099-above-60', ['taker', 'buy', '30', '0.53'], '0.37365'],
    ['polymarket', '9', 'test-reading-2099-above-60', ['taker', 'sell', '100', '0.5'], '1.25'],
    ['polymarket', '10', 'test-reading-2099-above-60', ['taker', 'buy', '20', '0.5'], '0.25'],
    ['polymarket', '11', 'test-reading-2099-above-60', ['taker', 'sell', '10', '0.48'], '0.1248'],
    ['polymarket', '2', 'test-reading-2099-above-60', ['maker', 'sell', '10', '0.52'], '0'],
    ['dex', 'E7', 'ETH-USDC-ARB', ['taker', 'sell', '1', '3000'], '9'],
  ] as const)('%s %s: %s %o pays %s', (id, _, symbol, fill, expected) => {
    expect(fee(id, symbol, fill)).toBe(scaled(expected, 8))
  })

  test('polymarket 7: 9.615385 shares for five dollars pay twelve cents', () => {
    expect(takerFee(500n, 520_000_000n, 961_538_500n)).toBe(12_000_000n)
  })

  test('nobody but Hyperliquid and Polymarket cuts a fee', () => {
    const least = (id: string) => {
      const venue = venueOf(id)
      const [instrument] = venue.instruments
      if (instrument === undefined) throw new Error(`${id} lists nothing`)
      const fill = { instrument, side: 'buy', liquidity: 'taker', carry_1e8: 0n } as const
      return venue.fees.fill({ ...fill, price_1e9: 500_000_000n, qty_1e8: 1n }).fee_1e8
    }
    for (const id of ['binance', 'bitget', 'coinbase', 'cryptocom', 'dex']) {
      expect(least(id)).toBe(1n)
    }
    for (const id of ['hyperliquid', 'polymarket']) expect(least(id)).toBe(0n)
  })
})
