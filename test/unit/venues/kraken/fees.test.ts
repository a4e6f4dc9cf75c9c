/** Fees: the worked examples, halves, and what is held. */
import { describe, expect, test } from 'vitest'
import type { FeeInput } from '../../../../src/engine/command.js'
import { fees, MAKER_TIERS, money, TAKER_TIERS } from '../../../../venues/kraken/fees.js'
import { instruments } from '../../../../venues/kraken/instruments.js'
import { amount, BTC, krakenLab, price } from '../../../support/kraken.js'

const instrument = instruments.find(({ venue_symbol }) => venue_symbol === BTC)
if (instrument === undefined) throw new Error('no BTC')

const fill = (liquidity: 'maker' | 'taker', qty: string, at: string) =>
  fees.fill({
    instrument,
    liquidity,
    side: 'buy',
    price_1e9: price(at),
    qty_1e8: amount(qty),
    carry_1e8: 7n,
  })

describe('the fee of a fill', () => {
  test.each([
    ['taker', '0.5', '30000', '60'],
    ['taker', '0.5', '30010', '60.02'],
    ['maker', '0.5', '30000', '37.5'],
    // The captured buy of 19.9743 at 25 bps, 0.04993575.
    ['maker', '1', '19.9743', '0.04994'],
    // Half of the fifth digit goes up, less than half down.
    ['taker', '1', '0.00125', '0.00001'],
    ['taker', '1', '0.001249999', '0'],
    ['taker', '1', '0.00375', '0.00002'],
    ['maker', '1', '0.002', '0.00001'],
  ] as const)('%s of %s at %s is %s', (liquidity, qty, at, expected) => {
    expect(fill(liquidity, qty, at)).toEqual({ fee_1e8: amount(expected), carry_1e8: 0n })
  })

  test('is the same in the engine, as long as it is quote money', () => {
    const input = {
      instrument,
      liquidity: 'taker',
      side: 'sell',
      fee_asset: 'USD',
      qty_1e8: amount('1'),
      notional_1e17: price('19.9743') * amount('1'),
    } as unknown as FeeInput
    expect(money.fee(input)).toEqual({ fee_1e8: amount('0.0799'), carry_1e8: 0n })
    expect(money.fee({ ...input, liquidity: 'maker' }).fee_1e8).toBe(amount('0.04994'))
  })

  test('in base is a share of the size, to the last digit, halves up', () => {
    const input = {
      instrument,
      liquidity: 'taker',
      side: 'buy',
      fee_asset: 'BTC',
      qty_1e8: amount('1'),
      notional_1e17: 0n,
    } as unknown as FeeInput
    expect(money.fee(input)).toEqual({ fee_1e8: amount('0.004'), carry_1e8: 0n })
    expect(money.fee({ ...input, qty_1e8: 125n }).fee_1e8).toBe(1n)
    expect(money.fee({ ...input, qty_1e8: 124n }).fee_1e8).toBe(0n)
    expect(money.fee({ ...input, liquidity: 'maker', qty_1e8: 200n }).fee_1e8).toBe(1n)
    expect(money.fee({ ...input, liquidity: 'maker', qty_1e8: 199n }).fee_1e8).toBe(0n)
  })
})

test('a resting buy holds the taker fee, rounded up', () => {
  const at = { instrument, price_1e9: price('30000'), qty_1e8: amount('0.01') }
  expect(fees.hold?.(at as never)).toBe(amount('1.2'))
  const tiny = { ...at, price_1e9: price('0.1'), qty_1e8: 1n }
  expect(fees.hold?.(tiny as never)).toBe(1n)
  expect(money.feeHold?.({ notional_1e8: 251n } as never)).toBe(2n)
  expect(money.feeHold?.({ notional_1e8: 250n } as never)).toBe(1n)
  expect(money.feeHold?.({ notional_1e8: 0n } as never)).toBe(0n)
})

test('basis points follow liquidity', () => {
  expect(fees.bps({ instrument, liquidity: 'taker', price_1e9: 1n })).toBe(40)
  expect(fees.bps({ instrument, liquidity: 'maker', price_1e9: 1n })).toBe(25)
})

test('the captured schedule, and the first tier as everybody’s', async () => {
  expect(TAKER_TIERS.slice(0, 3)).toEqual([
    [0, 0.4],
    [10_000, 0.35],
    [50_000, 0.24],
  ])
  expect(MAKER_TIERS.slice(0, 3)).toEqual([
    [0, 0.25],
    [10_000, 0.2],
    [50_000, 0.14],
  ])
  for (const tiers of [TAKER_TIERS, MAKER_TIERS]) {
    for (const [nth, [volume, rate]] of tiers.entries()) {
      expect(volume).toBeGreaterThan(tiers[nth - 1]?.[0] ?? -1)
      expect(rate).toBeLessThan(tiers[nth - 1]?.[1] ?? 1)
    }
  }
  const lab = krakenLab()
  const account = lab.account('tiers')
  const { result } = await lab.call(account, 'TradeVolume', { pair: 'XBTUSD' })
  expect(result).toEqual({
    currency: 'ZUSD',
    volume: '0.0000',
    fees: {
      XXBTZUSD: {
        fee: '0.4000',
        minfee: '0.1000',
        maxfee: '0.4000',
        nextfee: '0.3500',
        nextvolume: '10000.0000',
        tiervolume: '0.0000',
      },
    },
    fees_maker: {
      XXBTZUSD: {
        fee: '0.2500',
        minfee: '0.0000',
        maxfee: '0.2500',
        nextfee: '0.2000',
        nextvolume: '10000.0000',
        tiervolume: '0.0000',
      },
    },
  })
})
