import { describe, expect, test } from 'vitest'
import { defaultEntry_1e9, isPegged, parseEventSymbol } from '../../../src/account/symbol.js'
import { PRICE_SCALE } from '../../../src/engine/units.js'

describe('event symbols', () => {
  const digits = (length: number) => '1155562638'.repeat(8).slice(0, length)
  test.each([
    ['KXFOO-BAR:YES', 'KXFOO-BAR', 'YES', null],
    ['KXFOO-BAR:NO', 'KXFOO-BAR', 'NO', null],
    [digits(77), digits(77), 'YES', digits(77)],
    [digits(30), digits(30), 'YES', digits(30)],
    [digits(29), digits(29), 'YES', null],
    ['MARKET-SLUG', 'MARKET-SLUG', 'YES', null],
    ['slug:no', 'slug', 'NO', null],
    ['a:b:Yes', 'a:b', 'YES', null],
    ['KXFOO:MAYBE', 'KXFOO:MAYBE', 'YES', null],
    [`${digits(40)}:NO`, digits(40), 'NO', null],
    ['line\nbreak:NO', 'line\nbreak', 'NO', null],
  ])('reads %j', (symbol, market_slug, outcome, token_id) => {
    expect(parseEventSymbol(symbol)).toEqual({ market_slug, outcome, token_id })
  })

  test.each([':YES', ':no', ''])('refuses %j, which names no market', (symbol) => {
    expect(parseEventSymbol(symbol)).toBeUndefined()
  })
})

test('fiat and dollar-pegged coins cost one, everything else nothing', () => {
  expect(defaultEntry_1e9('fiat', 'EUR')).toBe(PRICE_SCALE)
  expect(defaultEntry_1e9('crypto', 'USDC')).toBe(PRICE_SCALE)
  expect(defaultEntry_1e9('crypto', 'usdt')).toBe(PRICE_SCALE)
  expect(defaultEntry_1e9('crypto', 'BTC')).toBe(0n)
  expect(defaultEntry_1e9('event_contract', 'USD')).toBe(0n)
  expect(defaultEntry_1e9('perp', 'BTC-USD-PERP')).toBe(0n)
  expect(isPegged('GUSD')).toBe(true)
  expect(isPegged('toString')).toBe(false)
})
