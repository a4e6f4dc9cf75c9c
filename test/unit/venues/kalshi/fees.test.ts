/** Fees: the sheet's worked figures (section 11 "more fee checks", section 6.2 rounding, section 6.3 cents era). */
import { expect, test } from 'vitest'
import {
  CENT_1E8,
  CENTICENT_1E8,
  centsEraFee,
  defaultTerms,
  fees,
  netFee,
  tradeFee,
} from '../../../../venues/kalshi/fees.js'
import { type FeeTerms, market } from '../../../../venues/kalshi/instruments.js'

const quadratic: FeeTerms = { fee_type: 'quadratic', multiplier_1e4: 10_000 }
const withMaker: FeeTerms = { fee_type: 'quadratic_with_maker_fees', multiplier_1e4: 10_000 }
const half: FeeTerms = { fee_type: 'quadratic', multiplier_1e4: 5_000 }
const combo: FeeTerms = { fee_type: 'quadratic_with_combo_maker_fees', multiplier_1e4: 10_000 }

/** Dollars in 1e8 of hundredths of a contract at hundredths of a cent. */
const at = (contracts: number, price_ticks: number) => ({
  price_1e9: BigInt(price_ticks) * 100_000n,
  qty_1e8: BigInt(Math.round(contracts * 100)) * 1_000_000n,
})
const dollars = (text: number): bigint => BigInt(Math.round(text * 1e8))

test.each([
  ['1 at 0.52', quadratic, 'taker', 1, 5_200, 0.0175],
  ['1 at 0.99', quadratic, 'taker', 1, 9_900, 0.0007],
  ['2.5 at 0.44', quadratic, 'taker', 2.5, 4_400, 0.0432],
  ['100 at 0.50', quadratic, 'taker', 100, 5_000, 1.75],
  ['100 at 0.50, half multiplier', half, 'taker', 100, 5_000, 0.875],
  ['100 at 0.50, maker without maker fees', quadratic, 'maker', 100, 5_000, 0],
  ['100 at 0.50, maker of a maker-fee series', withMaker, 'maker', 100, 5_000, 0.4375],
  ['100 at 0.50, maker of a combo', combo, 'maker', 100, 5_000, 0.875],
  ['13 at 0.42', quadratic, 'taker', 13, 4_200, 0.2217],
  ['7 at 0.41', quadratic, 'taker', 7, 4_100, 0.1186],
  ['10 at 0.44', quadratic, 'taker', 10, 4_400, 0.1725],
  ['17 at 0.44', quadratic, 'taker', 17, 4_400, 0.2933],
  ['3 at 0.45', quadratic, 'taker', 3, 4_500, 0.052],
  ['4 at 0.42', quadratic, 'taker', 4, 4_200, 0.0683],
  ['5 at 0.43, maker of a maker-fee series', withMaker, 'maker', 5, 4_300, 0.0215],
] as const)('charges %s as published', (_, terms, liquidity, contracts, ticks, fee) => {
  const { price_1e9, qty_1e8 } = at(contracts, ticks)
  expect(tradeFee(terms, liquidity, price_1e9, qty_1e8)).toBe(dollars(fee))
})

test('a whole-cent price and whole contracts leave a direct member no rounding fee', () => {
  const { price_1e9, qty_1e8 } = at(10, 4_400)
  const fee = netFee({
    terms: quadratic,
    liquidity: 'taker',
    side: 'buy',
    price_1e9,
    qty_1e8,
    carry_1e8: 0n,
    precision_1e8: CENTICENT_1E8,
  })
  expect(fee).toEqual({ fee_1e8: dollars(0.1725), carry_1e8: 0n })
})

test('rounds three fills of 0.03 at 0.3301 for a direct member to 0.000597 each', () => {
  let carry_1e8 = 0n
  for (const nth of [1n, 2n, 3n]) {
    const fill = fees.fill({
      instrument: market('KXTEST-99DEC31-T60', 'center_centi_edge_centi_cent'),
      liquidity: 'taker',
      side: 'buy',
      ...at(0.03, 3_301),
      carry_1e8,
    })
    carry_1e8 = fill.carry_1e8
    expect(fill).toEqual({ fee_1e8: dollars(0.000597), carry_1e8: nth * dollars(0.000097) })
  }
})

test('pays an intermediary customer the rebate once the accumulator exceeds a cent', () => {
  let carry_1e8 = 0n
  const net = [1, 2, 3].map(() => {
    const fill = netFee({
      terms: quadratic,
      liquidity: 'taker',
      side: 'buy',
      ...at(0.03, 3_301),
      carry_1e8,
      precision_1e8: CENT_1E8,
    })
    carry_1e8 = fill.carry_1e8
    return fill.fee_1e8
  })
  expect(net).toEqual([dollars(0.010097), dollars(0.000097), dollars(0.000097)])
  expect(carry_1e8).toBe(dollars(0.008791))
})

test('a rebate never makes the net fee of a fill negative', () => {
  const fill = netFee({
    terms: quadratic,
    liquidity: 'taker',
    side: 'buy',
    ...at(0.03, 3_301),
    carry_1e8: dollars(0.0105),
    precision_1e8: CENTICENT_1E8,
  })
  expect(fill).toEqual({ fee_1e8: dollars(0.000597), carry_1e8: dollars(0.010597) })
})

test.each([
  [114, 900, 0.66],
  [7, 8_400, 0.07],
  [1, 800, 0.01],
])('charged %s at %s ticks a whole cent upward in the cents era', (contracts, ticks, fee) => {
  const fill = {
    terms: quadratic,
    liquidity: 'taker',
    ...at(contracts, ticks),
    carry_1e8: 0n,
  } as const
  expect(centsEraFee(fill).fee_1e8).toBe(dollars(fee))
})

test('a cents-era order in several fills pays the fee of the whole order', () => {
  let carry_1e8 = 0n
  let paid = 0n
  for (let i = 0; i < 114; i++) {
    const fill = centsEraFee({ terms: quadratic, liquidity: 'taker', ...at(1, 900), carry_1e8 })
    paid += fill.fee_1e8
    carry_1e8 = fill.carry_1e8
  }
  expect(paid).toBe(dollars(0.66))
})

test('knows the terms of special series by their ticker', () => {
  expect(defaultTerms('KXINX-99DEC31-T5000')).toEqual(half)
  expect(defaultTerms('KXMVESPORTS-1-2')).toEqual(combo)
  expect(defaultTerms('KXETHD-99DEC31-T5000')).toEqual(withMaker)
  expect(defaultTerms('KXNOBODYKNOWS-1')).toEqual(quadratic)
})

test('quotes basis points of the price, rounded up', () => {
  const instrument = market('KXTEST-99DEC31-T60')
  expect(fees.bps({ instrument, liquidity: 'taker', price_1e9: 500_000_000n })).toBe(350)
  expect(fees.bps({ instrument, liquidity: 'maker', price_1e9: 500_000_000n })).toBe(0)
})

test('a sale rounds the other way than a purchase', () => {
  const fill = {
    terms: quadratic,
    liquidity: 'taker',
    ...at(1, 520),
    carry_1e8: 0n,
    precision_1e8: CENT_1E8,
  } as const
  // 0.052 less 0.0035 is kept as 0.04; 0.052 and 0.0035 cost 0.06.
  expect(netFee({ ...fill, side: 'sell' })).toEqual({
    fee_1e8: dollars(0.012),
    carry_1e8: dollars(0.0085),
  })
  expect(netFee({ ...fill, side: 'buy' })).toEqual({
    fee_1e8: dollars(0.008),
    carry_1e8: dollars(0.0045),
  })
})

test('a rebate comes once the carry exceeds a cent, and may take the whole fee', () => {
  // One at five cents: 0.0034 of trade fee and 0.0066 of rounding, a cent altogether.
  const fill = {
    terms: quadratic,
    liquidity: 'taker',
    side: 'buy',
    ...at(1, 500),
    precision_1e8: CENT_1E8,
  } as const
  expect(netFee({ ...fill, carry_1e8: dollars(0.0034) })).toEqual({
    fee_1e8: CENT_1E8,
    carry_1e8: CENT_1E8,
  })
  expect(netFee({ ...fill, carry_1e8: dollars(0.0035) })).toEqual({
    fee_1e8: 0n,
    carry_1e8: dollars(0.0001),
  })
})

test('prices that are none cost no basis points', () => {
  const instrument = market('KXTEST-99DEC31-T60')
  for (const price_1e9 of [-1n, 0n, 1_000_000_000n, 1_100_000_000n]) {
    expect(fees.bps({ instrument, liquidity: 'taker', price_1e9 })).toBe(0)
  }
  expect(fees.bps({ instrument, liquidity: 'taker', price_1e9: 500_000_000n })).toBe(350)
})
