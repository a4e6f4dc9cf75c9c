/** Requests: what the form of an order may be, field by field, and which fault is told first. */
import { describe, expect, test } from 'vitest'
import {
  type Fields,
  isError,
  isPositive,
  type OrderRequest,
  parseRfc3339,
  readFlag,
  readOrder,
  readUserref,
} from '../../../../venues/kraken/request.js'

const LIMIT: Fields = {
  ordertype: 'limit',
  type: 'buy',
  volume: '1.25',
  pair: 'XBTUSD',
  price: '27500.0',
}
const MARKET: Fields = { ...LIMIT, ordertype: 'market', price: undefined }

const read = (change: Fields, base = LIMIT): OrderRequest | string => {
  const request = readOrder({ ...base, ...change })
  return isError(request) ? request.error : request
}
const wrong = (field: string): string => `EGeneral:Invalid arguments:${field}`

test('reads a plain limit order', () => {
  expect(read({})).toEqual({
    pair: 'XBTUSD',
    side: 'buy',
    market: false,
    volume: '1.25',
    price: '27500.0',
    viqc: false,
    post: false,
    fee_in: 'quote',
    oflags: 'fciq',
    time_in_force: 'gtc',
    expire: null,
    deadline_us: null,
    self_trade: 'cancel-taker',
    userref: 0,
    cl_ord_id: null,
    validate: false,
  })
})

test('reads a market order without looking at its price', () => {
  expect(read({ type: 'sell' }, MARKET)).toMatchObject({ market: true, side: 'sell', price: null })
  expect(read({ price: 'garbage' }, MARKET)).toMatchObject({ price: null })
})

describe('a missing field', () => {
  test.each(['ordertype', 'type', 'volume', 'pair'])('%s is named, empty or absent', (field) => {
    expect(read({ [field]: undefined })).toBe(wrong(field))
    expect(read({ [field]: '' })).toBe(wrong(field))
  })

  test('is named in the order type of order, side, volume, pair', () => {
    const all = { ordertype: '', type: '', volume: '', pair: '' }
    expect(read(all)).toBe(wrong('ordertype'))
    expect(read({ ...all, ordertype: 'limit' })).toBe(wrong('type'))
    expect(read({ ...all, ordertype: 'limit', type: 'buy' })).toBe(wrong('volume'))
    expect(read({ pair: '' })).toBe(wrong('pair'))
  })
})

describe('malformed', () => {
  test.each<[field: string, value: string, error?: string]>([
    ['ordertype', 'Limit'],
    ['ordertype', 'iceberg'],
    ['ordertype', 'settle-position'],
    ['type', 'BUY'],
    ['type', 'short'],
    ['volume', 'much'],
    ['volume', '0x10'],
    ['price', ''],
    ['price', '0'],
    ['price', '0.0'],
    ['price', '-1'],
    ['price', '+1%'],
    ['timeinforce', 'GFD'],
    ['expiretm', 'tomorrow'],
    ['expiretm', '-5'],
    ['expiretm', '1.5'],
    ['deadline', '2026-11-22'],
    ['deadline', 'soon'],
    ['stptype', 'cancel-none'],
    ['userref', '1.5'],
    ['userref', '2147483648'],
    ['userref', '-2147483649'],
    ['userref', 'x'],
    ['cl_ord_id', ''],
    ['cl_ord_id', 'nineteen characters'],
    ['cl_ord_id', 'tab\there'],
    ['cl_ord_id', 'ümlaut'],
    ['cl_ord_id', '6d1b345e-2821-40e2-ad83-4ecb18a06876-0'],
    ['cl_ord_id', 'x6d1b345e-2821-40e2-ad83-4ecb18a06876'],
    ['validate', 'yes'],
    ['oflags', 'fast'],
    ['oflags', 'post,fast'],
  ])('%s "%s" is refused by its name', (field, value) => {
    expect(read({ [field]: value })).toBe(wrong(field))
  })

  test('is told before contradictions, and in a fixed order', () => {
    const faults = { deadline: 'soon', stptype: 'x', userref: 'x', cl_ord_id: '', validate: 'x' }
    expect(read({ timeinforce: 'x', expiretm: 'x', ...faults })).toBe(wrong('timeinforce'))
    expect(read({ expiretm: 'x', ...faults })).toBe(wrong('expiretm'))
    expect(read(faults)).toBe(wrong('deadline'))
    expect(read({ ...faults, deadline: '' })).toBe(wrong('stptype'))
    expect(read({ ...faults, deadline: '', stptype: 'cancel-both' })).toBe(wrong('userref'))
    expect(read({ cl_ord_id: '', validate: 'x' })).toBe(wrong('cl_ord_id'))
    expect(read({ validate: 'x', oflags: 'viqc' })).toBe(wrong('validate'))
  })
})

describe('features that are not built', () => {
  const FIELDS = ['price2', 'displayvol', 'leverage', 'reduce_only', 'starttm', 'close[ordertype]']
  test.each(FIELDS)('%s is refused by its name, unless it says nothing', (field) => {
    expect(read({ [field]: 'something' })).toBe(wrong(field))
    for (const nothing of ['', '0', 'none', 'false']) {
      expect(read({ [field]: nothing })).toMatchObject({ pair: 'XBTUSD' })
    }
  })
})

describe('options', () => {
  test.each([
    ['GTC', 'gtc'],
    ['gtc', 'gtc'],
    ['IOC', 'ioc'],
    ['FOK', 'fok'],
  ])('timeinforce %s is %s', (said, time_in_force) => {
    expect(read({ timeinforce: said })).toMatchObject({ time_in_force })
  })

  test.each([
    ['cancel-newest', 'cancel-taker'],
    ['cancel-oldest', 'cancel-maker'],
    ['cancel-both', 'cancel-both'],
    ['cancel_newest', 'cancel-taker'],
    ['cancel_oldest', 'cancel-maker'],
    ['cancel_both', 'cancel-both'],
  ])('stptype %s is %s', (said, self_trade) => {
    expect(read({ stptype: said })).toMatchObject({ self_trade })
  })

  test.each([
    ['', null],
    ['0', null],
    ['+5', { in_s: 5 }],
    ['1800000000', { at_us: 1_800_000_000_000_000 }],
  ])('expiretm "%s" is %o', (said, expire) => {
    expect(read({ expiretm: said })).toMatchObject({ expire })
  })

  test('an expiry makes a resting order good till that date', () => {
    expect(read({ expiretm: '+5' })).toMatchObject({ time_in_force: 'gtd' })
    expect(read({ expiretm: '+5', timeinforce: 'GTD' })).toMatchObject({ time_in_force: 'gtd' })
  })

  test.each([
    ['post', 'post,fciq', { post: true, fee_in: 'quote' }],
    ['fcib', 'fcib', { post: false, fee_in: 'base' }],
    ['fciq', 'fciq', { fee_in: 'quote' }],
    ['nompp', 'nompp,fciq', {}],
    ['fcib,post', 'post,fcib', { post: true, fee_in: 'base' }],
    [',post,', 'post,fciq', { post: true }],
  ])('oflags %s shows as %s', (said, oflags, meaning) => {
    expect(read({ oflags: said })).toMatchObject({ oflags, ...meaning })
  })

  test.each([
    ['-2147483648', -2_147_483_648],
    ['2147483647', 2_147_483_647],
    ['', 0],
  ])('userref "%s" is %i', (said, userref) => {
    expect(readUserref(said)).toBe(userref)
  })

  test.each([
    'eighteen character',
    'a',
    '6d1b345e-2821-40e2-ad83-4ecb18a06876',
    '6d1b345e282140e2ad834ecb18a06876',
    '6D1B345E-2821-40E2-AD83-4ECB18A06876',
  ])('cl_ord_id %s is taken', (cl_ord_id) => {
    expect(read({ cl_ord_id, userref: '0' })).toMatchObject({ cl_ord_id })
  })

  test('cl_ord_id and userref exclude each other', () => {
    expect(read({ userref: '7' })).toMatchObject({ userref: 7, cl_ord_id: null })
    expect(read({ cl_ord_id: 'one', userref: '7' })).toBe(wrong('cl_ord_id'))
  })

  test.each([
    [undefined, false],
    ['', false],
    ['0', false],
    ['false', false],
    ['1', true],
    ['true', true],
    ['True', true],
    ['TRUE', undefined],
  ])('a flag "%s" is %s', (said, value) => {
    expect(readFlag(said)).toBe(value)
  })
})

describe('contradictions', () => {
  test.each<[base: Fields, change: Fields, error: string]>([
    [LIMIT, { oflags: 'viqc' }, wrong('viqc')],
    [MARKET, { oflags: 'viqc', type: 'sell' }, wrong('viqc')],
    [MARKET, { oflags: 'post' }, wrong('oflags')],
    [LIMIT, { oflags: 'post', timeinforce: 'IOC' }, wrong('oflags')],
    [LIMIT, { oflags: 'post', timeinforce: 'FOK' }, wrong('oflags')],
    [MARKET, { timeinforce: 'FOK' }, wrong('timeinforce')],
    [MARKET, { timeinforce: 'GTD' }, wrong('timeinforce')],
    [MARKET, { expiretm: '+5' }, wrong('expiretm')],
    [LIMIT, { timeinforce: 'GTD' }, wrong('expiretm')],
    [LIMIT, { timeinforce: 'IOC', expiretm: '+5' }, wrong('expiretm')],
    [LIMIT, { timeinforce: 'FOK', expiretm: '+5' }, wrong('expiretm')],
  ])('%o with %o', (base, change, error) => {
    expect(read(change, base)).toBe(error)
  })

  test.each<[base: Fields, change: Fields]>([
    [MARKET, { oflags: 'viqc' }],
    [MARKET, { timeinforce: 'IOC' }],
    [MARKET, { timeinforce: 'GTC' }],
    [LIMIT, { oflags: 'post' }],
    [LIMIT, { oflags: 'post', expiretm: '+5' }],
  ])('%o with %o is none', (base, change) => {
    expect(typeof read(change, base)).toBe('object')
  })
})

describe('moments', () => {
  test.each([
    ['2026-11-22T10:00:00Z', Date.UTC(2026, 10, 22, 10) * 1_000],
    ['2026-11-22T10:00:00.5Z', Date.UTC(2026, 10, 22, 10) * 1_000 + 500_000],
    ['2026-11-22T10:00:00.123456789Z', Date.UTC(2026, 10, 22, 10) * 1_000 + 123_456],
    ['2026-11-22T10:00:00+02:00', Date.UTC(2026, 10, 22, 8) * 1_000],
    ['2026-11-22T10:00:00', undefined],
    ['2026-11-22 10:00:00Z', undefined],
    ['2026-13-22T10:00:00Z', undefined],
    ['x2026-11-22T10:00:00Z', undefined],
    ['2026-11-22T10:00:00Zx', undefined],
    ['2026-11-22T10:00:00.Z', undefined],
  ])('%s is %s', (text, us) => {
    expect(parseRfc3339(text)).toBe(us)
  })
})

test.each([
  ['0.00000001', true],
  ['1', true],
  ['0', false],
  ['0.000', false],
  ['-1', false],
  ['', false],
  [undefined, false],
  // JSON numbers of the socket may carry an exponent.
  ['1e-8', true],
  ['+1', false],
  ['1%', false],
  ['0.0000000000000000001', false],
])('%s is positive: %s', (text, positive) => {
  expect(isPositive(text)).toBe(positive)
})
