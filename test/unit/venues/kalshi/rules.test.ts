/** Rules: the order of the checks, and each of them alone. */
import { describe, expect, test } from 'vitest'
import { decode } from '../../../../venues/kalshi/decode.js'
import { market } from '../../../../venues/kalshi/instruments.js'
import type { Reject } from '../../../../venues/kalshi/rejects.js'
import {
  amendRefusal,
  CREATE_CHECKS,
  CREATE_SHAPE,
  cancelRefusal,
  countOf,
  type Draft,
  draftOf,
  type Facts,
  OPEN_ORDERS_MAX,
  priceOn,
  refusalOf,
  sizeOf,
} from '../../../../venues/kalshi/rules.js'

const body = {
  ticker: 'KXTEST-99DEC31-T60',
  side: 'bid',
  count: '10',
  price: '0.44',
  time_in_force: 'good_till_canceled',
  self_trade_prevention_type: 'taker_at_cross',
}
const draft = (change: object = {}): Draft => {
  const checked = shaped({ ...body, ...change })
  if (!('ticker' in checked)) throw new Error(`refused: ${checked.code}`)
  return checked
}
function shaped(value: object): Draft | Reject {
  const decoded = decode(value, 'CreateOrderV2Request', CREATE_SHAPE)
  if (!decoded.ok) throw new Error('not decoded')
  const checked = draftOf(decoded.value)
  return checked.ok ? checked.value : checked.reject
}

const facts: Facts = {
  market: { instrument: market('KXTEST-99DEC31-T60'), status: 'active' },
  venue: 'open',
  now_ms: 1_790_000_000_000,
  client_order_id_used: false,
  group: 'none',
  open_orders: 0,
}

test('a good order passes', () => {
  expect(refusalOf(draft(), facts)).toBeUndefined()
})

/** Each case breaks its own rule and every later one, so a check out of order shows. */
const breaking: readonly (readonly [string, object, Partial<Facts>, string])[] = [
  ['K-MKT-1', {}, { market: undefined }, 'market_not_found'],
  ['K-MKT-5', {}, { venue: 'exchange-paused' }, 'exchange_is_paused'],
  ['K-MKT-4', {}, { venue: 'trading-paused' }, 'trading_is_paused'],
  [
    'K-MKT-2',
    {},
    { market: { instrument: market('KXTEST-99DEC31-T60'), status: 'closed' } },
    'market_inactive',
  ],
  ['K-PRC-1', { price: '0.4450' }, {}, 'invalid_price'],
  ['K-QTY-1', { count: '0.00' }, {}, 'invalid_order_size'],
  [
    'K-TIF-1',
    { expiration_time: 1_790_000_000 },
    {},
    'invalid_order Expiration timestamp must be in the future',
  ],
  [
    'K-TIF-2',
    { expiration_time: 1_800_000_000, time_in_force: 'fill_or_kill' },
    {},
    'invalid_order Cannot specify both immediate_or_cancel and expiration_ts',
  ],
  [
    'K-PST-2',
    { post_only: true, time_in_force: 'immediate_or_cancel' },
    {},
    'invalid_order post_only can only be used with good_till_canceled orders',
  ],
  [
    'K-RED-1',
    { reduce_only: true, time_in_force: 'fill_or_kill' },
    {},
    'invalid_order reduce_only can only be used with IoC orders',
  ],
  ['K-DUP-1', {}, { client_order_id_used: true }, 'order_already_exists'],
  ['K-GRP-1', {}, { group: 'unknown' }, 'order_group_not_found'],
  ['K-GRP-2', {}, { group: 'triggered' }, 'exceeded_order_group_risk_limit'],
  ['K-LIM-2', {}, { open_orders: OPEN_ORDERS_MAX }, 'too_many_open_orders'],
]

test('every check has its case, in the order of checking', () => {
  expect(breaking.map(([rule]) => rule)).toEqual(CREATE_CHECKS.map(({ rule }) => rule))
})

test.each(breaking)('%s refuses in its own words', (_, change, known, words) => {
  expect(worded(refusalOf(draft(change), { ...facts, ...known }))).toBe(words)
})

test('an earlier check wins over every later one', () => {
  for (let nth = 0; nth < breaking.length; nth++) {
    const all = breaking.slice(nth)
    // A later case may overwrite what an earlier one set, so the earlier is applied last.
    const change = Object.assign({}, ...all.map((one) => one[1]).reverse())
    const known = Object.assign({}, ...all.map((one) => one[2]).reverse())
    expect(worded(refusalOf(draft(change), { ...facts, ...known }))).toBe(breaking[nth]?.[3])
  }
})

test.each([
  [{ ticker: '' }, 'missing_parameters'],
  [{ side: null }, 'invalid_order'],
  [{ count: undefined }, 'invalid_order'],
  [{ price: '' }, 'invalid_order'],
  [{ side: 'buy' }, 'invalid_parameters'],
  [{ time_in_force: 'gtc' }, 'invalid_parameters'],
  [{ self_trade_prevention_type: 'none' }, 'invalid_parameters'],
  [{ client_order_id: 'a.b' }, 'invalid_parameters'],
  [{ client_order_id: 'a'.repeat(65) }, 'invalid_parameters'],
  [{ subaccount: 64 }, 'invalid_parameters'],
  [{ exchange_index: -2 }, 'invalid_parameters'],
])('refuses the shape %j as %s', (change, code) => {
  expect(shaped({ ...body, ...change })).toMatchObject({ code })
})

test('takes every character the venue takes in a client order id', () => {
  expect(draft({ client_order_id: 'aZ09_-:+=/' }).client_order_id).toBe('aZ09_-:+=/')
})

test.each([
  ['10', 1_000_000_000n],
  ['0.01', 1_000_000n],
  ['2.5', 250_000_000n],
  ['2.50', 250_000_000n],
])('reads the count %s', (text, qty_1e8) => {
  expect(countOf(text)).toBe(qty_1e8)
})

test.each([
  '0',
  '0.00',
  '-1',
  '0.001',
  '1.000',
  '1.',
  '1e2',
  'abc',
  '',
  ' 1',
  '99999999999999999999',
])('refuses the count "%s"', (text) => {
  expect(countOf(text)).toBeUndefined()
})

test('zero is a size where an amend or a decrease asks for one', () => {
  expect(sizeOf('0')).toBe(0n)
})

test('after close nothing may be cancelled, before it an inactive market allows it', () => {
  expect(cancelRefusal('active', 'open')).toBeUndefined()
  expect(cancelRefusal('inactive', 'trading-paused')).toBeUndefined()
  expect(cancelRefusal('active', 'exchange-paused')?.code).toBe('exchange_is_paused')
  for (const status of ['closed', 'determined', 'disputed', 'amended', 'finalized'] as const) {
    expect(cancelRefusal(status, 'open')?.code).toBe('market_inactive')
    expect(amendRefusal(status, 'open')?.code).toBe('market_inactive')
  }
  expect(amendRefusal('inactive', 'open')?.code).toBe('market_inactive')
  expect(amendRefusal('active', 'trading-paused')?.code).toBe('trading_is_paused')
})

const worded = (refused: Reject | undefined): string =>
  refused === undefined ? '' : `${refused.code} ${refused.details}`.trim()

test('a request is carried over field by field', () => {
  expect(draft()).toEqual({
    ticker: 'KXTEST-99DEC31-T60',
    client_order_id: null,
    side: 'buy',
    count: '10',
    price: '0.44',
    time_in_force: 'good_till_canceled',
    self_trade: 'taker_at_cross',
    expiration_s: null,
    post_only: false,
    reduce_only: false,
    cancel_on_pause: false,
    subaccount: 0,
    order_group_id: null,
    exchange_index: null,
  })
  const all = {
    client_order_id: 'one',
    side: 'ask',
    time_in_force: 'immediate_or_cancel',
    self_trade_prevention_type: 'maker',
    expiration_time: 1_800_000_000,
    post_only: true,
    reduce_only: true,
    cancel_order_on_pause: true,
    subaccount: 63,
    order_group_id: 'group',
    exchange_index: -1,
  }
  expect(draft(all)).toEqual({
    ticker: 'KXTEST-99DEC31-T60',
    client_order_id: 'one',
    side: 'sell',
    count: '10',
    price: '0.44',
    time_in_force: 'immediate_or_cancel',
    self_trade: 'maker',
    expiration_s: 1_800_000_000,
    post_only: true,
    reduce_only: true,
    cancel_on_pause: true,
    subaccount: 63,
    order_group_id: 'group',
    exchange_index: -1,
  })
  expect(draft({ client_order_id: '', order_group_id: '' })).toEqual(draft())
})

test.each<[change: object, code: string]>([
  [{ ticker: '' }, 'missing_parameters'],
  [{ side: '' }, 'invalid_order'],
  [{ count: '' }, 'invalid_order'],
  [{ price: '' }, 'invalid_order'],
  [{ side: 'buy' }, 'invalid_parameters'],
  [{ side: 'yes' }, 'invalid_parameters'],
  [{ time_in_force: 'gtc' }, 'invalid_parameters'],
  [{ self_trade_prevention_type: 'none' }, 'invalid_parameters'],
  [{ client_order_id: 'a.b' }, 'invalid_parameters'],
  [{ client_order_id: 'a b' }, 'invalid_parameters'],
  [{ client_order_id: 'x'.repeat(65) }, 'invalid_parameters'],
  [{ subaccount: -1 }, 'invalid_parameters'],
  [{ subaccount: 64 }, 'invalid_parameters'],
  [{ exchange_index: -2 }, 'invalid_parameters'],
])('the shape %o is refused with %s and no details', (change, code) => {
  expect(shaped({ ...body, ...change })).toEqual({ code, details: '' })
})

test('a client order id may have 64 characters', () => {
  const client_order_id = 'x'.repeat(64)
  expect(draft({ client_order_id }).client_order_id).toBe(client_order_id)
})

test.each<[change: object]>([
  [{ expiration_time: 1_790_000_001 }],
  [{ post_only: true }],
  [{ reduce_only: true, time_in_force: 'immediate_or_cancel' }],
  [{ time_in_force: 'fill_or_kill' }],
])('%o passes', (change) => {
  expect(refusalOf(draft(change), facts)).toBeUndefined()
})

test('an expiration now is past', () => {
  expect(refusalOf(draft({ expiration_time: 1_790_000_000 }), facts)?.details).toBe(
    'Expiration timestamp must be in the future',
  )
})

test('what trades may be amended, what is inactive or yet to open may not', () => {
  expect(amendRefusal('active', 'open')).toBeUndefined()
  expect(amendRefusal('active', 'exchange-paused')?.code).toBe('exchange_is_paused')
  expect(amendRefusal('initialized', 'open')?.code).toBe('market_inactive')
  expect(cancelRefusal('initialized', 'open')?.code).toBe('market_inactive')
})

describe('prices', () => {
  const at = (text: string) => priceOn(market('KXTEST-99DEC31-T60'), text)

  test.each([
    ['0.44', 440_000_000n],
    ['0.4400', 440_000_000n],
    ['.44', 440_000_000n],
    ['0.5', 500_000_000n],
    ['00.99', 990_000_000n],
  ])('%s is read', (text, price_1e9) => {
    expect(at(text)).toBe(price_1e9)
  })

  test.each([
    '0',
    '1',
    '1.00',
    '10.44',
    '100.44',
    '0.44000',
    '0.445',
    '-0.44',
    'x0.44',
    '0.44x',
    '.',
  ])('%s is none', (text) => {
    expect(at(text)).toBeUndefined()
  })
})

test('counts reach a million millions', () => {
  expect(countOf('1000000000000')).toBe(10n ** 20n)
  expect(countOf('1000000000000.01')).toBeUndefined()
  expect(sizeOf('x1')).toBeUndefined()
  expect(sizeOf('1x')).toBeUndefined()
})
