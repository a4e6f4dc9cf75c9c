/** Spelling: numbers, moments and words as Kraken prints them. */
import { describe, expect, test } from 'vitest'
import { instruments, pairOf } from '../../../../venues/kraken/instruments.js'
import {
  amountText,
  averageText,
  costText,
  depthVolume,
  describe as describeOrder,
  feeText,
  fillText,
  orderText,
  priceText,
  publicPrice,
  qtyText,
  rfc1123,
  rfc3339,
  rfc3339Seconds,
  rounded,
  secondsNumber,
  txid,
  vwapText,
} from '../../../../venues/kraken/wire.js'

const pairNamed = (id: string) => {
  const found = instruments.find(({ venue_symbol }) => venue_symbol === id)
  if (found === undefined) throw new Error(`no pair ${id}`)
  return pairOf(found)
}
const BTC = pairNamed('XXBTZUSD')
const DOGE = pairNamed('XDGUSD')

test('prices and sizes have the digits of the pair', () => {
  expect(priceText(BTC, 300_000)).toBe('30000.0')
  expect(priceText(DOGE, 1_234_567)).toBe('0.1234567')
  expect(qtyText(BTC, 1)).toBe('0.00000001')
})

test('public prices have five digits, or the pair’s own if more', () => {
  expect(publicPrice(BTC, 303_841)).toBe('30384.10000')
  expect(publicPrice(DOGE, 1_234_567)).toBe('0.1234567')
})

test('sizes of a book have three digits, halves up', () => {
  expect(depthVolume(BTC, 205_900_000)).toBe('2.059')
  expect(depthVolume(BTC, 50_000)).toBe('0.001')
  expect(depthVolume(BTC, 49_999)).toBe('0.000')
  expect(depthVolume(BTC, 150_000)).toBe('0.002')
})

test.each([
  [12_345n, 4, 2, '1.23'],
  [12_350n, 4, 2, '1.24'],
  [12_349n, 4, 2, '1.23'],
  [12_345n, 4, 4, '1.2345'],
  [12_345n, 4, 6, '1.234500'],
  [0n, 4, 2, '0.00'],
])('%s of %i digits rounded to %i is %s', (value, decimals, shown, text) => {
  expect(rounded(value, decimals, shown)).toBe(text)
})

test('costs and fees have five digits, halves up; balances are cut', () => {
  expect(costText(BTC, 1_997_430_000_500_000_000n)).toBe('19.97430')
  expect(costText(BTC, 500_000_000_000n)).toBe('0.00001')
  expect(costText(BTC, 499_999_999_999n)).toBe('0.00000')
  expect(feeText(BTC, 4_993_575n)).toBe('0.04994')
  expect(feeText(BTC, 500n)).toBe('0.00001')
  expect(amountText(4_999n, 4)).toBe('0.0000')
  expect(amountText(199_999_999n, 4)).toBe('1.9999')
})

test('averages are cut to five digits or the pair’s own, and zero before the first fill', () => {
  expect(averageText(BTC, 0, 0n)).toBe('0.00000')
  expect(averageText(DOGE, 0, 0n)).toBe('0.0000000')
  // One at 10 and two at 10.1: 10.0666...
  expect(averageText(BTC, 300_000_000, 302n * 10n ** 16n)).toBe('10.06666')
  expect(vwapText(BTC, 0, 0n)).toBe('0.00000')
  expect(vwapText(BTC, 3, 302n)).toBe('10.06666')
  expect(vwapText(DOGE, 3, 302n)).toBe('0.0000100')
})

describe('moments', () => {
  const ts_us = 1_688_667_796_880_200
  test('in seconds, in RFC 3339 and in RFC 1123', () => {
    expect(secondsNumber(ts_us).value).toBe('1688667796.880200')
    expect(rfc3339(ts_us)).toBe('2023-07-06T18:23:16.880200Z')
    expect(rfc3339(ts_us - 880_200 + 7)).toBe('2023-07-06T18:23:16.000007Z')
    expect(rfc3339Seconds(ts_us)).toBe('2023-07-06T18:23:16Z')
    expect(rfc1123(1_688_669_448_000_000)).toBe('Thu, 06 Jul 23 18:50:48 +0000')
  })
})

describe('ids', () => {
  const FORM = /^[OTL][A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}$/
  test('have their letter and Kraken’s form, and differ by kind and number', () => {
    const ids = [orderText(1), orderText(2), fillText(1), fillText(2), txid('L', 'ledger/x', 1)]
    for (const id of ids) expect(id).toMatch(FORM)
    expect(ids.map((id) => id[0])).toEqual(['O', 'O', 'T', 'T', 'L'])
    expect(new Set(ids.map((id) => id.slice(1))).size).toBe(5)
    expect(txid('O', 'order', 1)).toBe(orderText(1))
    expect(txid('T', 'trade', 1)).toBe(fillText(1))
  })

  test('never meet among many', () => {
    const many = Array.from({ length: 5_000 }, (_, n) => orderText(n))
    expect(new Set(many).size).toBe(many.length)
  })
})

test.each([
  [
    { side: 'buy', qty_lots: 125_000_000, quote_budget_1e8: null, price_ticks: 275_000 },
    'buy 1.25000000 XBTUSD @ limit 27500.0',
  ],
  [
    { side: 'sell', qty_lots: 10_000_000, quote_budget_1e8: null, price_ticks: null },
    'sell 0.10000000 XBTUSD @ market',
  ],
  [
    { side: 'buy', qty_lots: 0, quote_budget_1e8: 1_500_000_000_000n, price_ticks: null },
    'buy 15000.00000000 XBTUSD @ market',
  ],
] as const)('an order in words: %o', (order, text) => {
  expect(describeOrder(BTC, order)).toBe(text)
})
