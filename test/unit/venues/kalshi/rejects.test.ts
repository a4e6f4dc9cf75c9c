/** Rejects: the four body shapes, and what each means to a client. */
import { expect, test } from 'vitest'
import {
  badContentType,
  badParameter,
  badRequest,
  CODES,
  DETAILS,
  gone,
  itemError,
  type KalshiCode,
  meaningOf,
  nested,
  noSuchPath,
  reject,
  tooManyRequests,
} from '../../../../venues/kalshi/rejects.js'

test('words a business error with the code in plain words and no empty details', () => {
  expect(nested(reject('insufficient_balance'))).toEqual({
    status: 400,
    body: { error: { code: 'insufficient_balance', message: 'insufficient balance' } },
  })
})

test('keeps empty details inside a batch', () => {
  expect(itemError(reject('not_found'))).toEqual({
    code: 'not_found',
    message: 'not found',
    details: '',
  })
})

test('names the successor of a legacy endpoint', () => {
  expect(gone('create')).toEqual({
    status: 410,
    body: {
      error: {
        code: 'deprecated_v1_order_endpoint',
        message: 'Please switch to the V2 endpoints',
        details: 'https://docs.kalshi.com/api-reference/orders/create-order-v2',
      },
    },
  })
})

test.each(Object.entries(CODES))(
  'reads %s back as its normalized reason',
  (code, { normalized }) => {
    const { status, body } = nested(reject(code as KalshiCode))
    expect(meaningOf(status, body)).toMatchObject({ code: normalized, venue_code: code })
    const flat = (body as { error: object }).error
    expect(meaningOf(status, flat).code).toBe(normalized)
  },
)

test.each([
  [DETAILS.post_only_cross, 'would-cross'],
  [DETAILS.reduce_only_not_ioc, 'unsupported-order'],
  [DETAILS.expiration_past, 'expired'],
  [DETAILS.ioc_with_expiration, 'unsupported-order'],
  ['something else', 'bad-request'],
])('reads invalid_order with details "%s" as %s', (details, code) => {
  const { status, body } = nested(reject('invalid_order', details))
  expect(meaningOf(status, body).code).toBe(code)
})

test.each([
  [tooManyRequests(), 'rate-limited'],
  [badRequest('json: cannot unmarshal'), 'bad-request'],
  [badParameter('Parameter validation failed: limit'), 'bad-request'],
  [{ status: 503, body: 'upstream connect error' }, 'venue-unavailable'],
  [{ status: 401, body: null }, 'auth'],
])('reads shape %j as %s', ({ status, body }, code) => {
  expect(meaningOf(status, body).code).toBe(code)
})

test.each([
  [429, { error: 'too many requests' }, 'rate-limited', 'too many requests'],
  [401, null, 'auth', 'status 401'],
  [403, 'x', 'auth', 'status 403'],
  [500, undefined, 'venue-unavailable', 'status 500'],
  [503, { exchange_active: false }, 'venue-unavailable', 'status 503'],
  [499, 'a page', 'bad-request', 'a page'],
  [
    400,
    { msg: 'Parameter validation failed' },
    'bad-request',
    '{"msg":"Parameter validation failed"}',
  ],
  [400, { error: { message: 'no code' } }, 'bad-request', '{"error":{"message":"no code"}}'],
  [400, { error: null }, 'bad-request', '{"error":null}'],
])('status %i with %o means %s: %s', (status, body, code, message) => {
  expect(meaningOf(status, body)).toEqual({ code, venue_code: `${status}`, message })
})

test.each([
  [{ code: 'not_found', message: 'not found' }, 'unknown-order', 'not found'],
  [
    { code: 'not_found', message: 'not found', details: 'gone' },
    'unknown-order',
    'not found: gone',
  ],
  [
    { code: 'invalid_order', message: 'm', details: 'post only cross' },
    'would-cross',
    'm: post only cross',
  ],
  [{ code: 'invalid_order', message: 'm', details: 'toString' }, 'bad-request', 'm: toString'],
  [
    { code: 'invalid_price', message: 'm', details: 'post only cross' },
    'off-tick',
    'm: post only cross',
  ],
  [{ code: 'toString', message: 'm' }, 'bad-request', 'm'],
  [{ code: 'not_found', message: 5, details: 5 }, 'unknown-order', ''],
])('%o means %s, in its words', (error, code, message) => {
  expect(meaningOf(400, { error })).toEqual({ code, venue_code: error.code, message })
})

test('words a body that is not announced as JSON, and a path of nobody', () => {
  expect(badContentType()).toEqual({
    status: 400,
    body: { code: 'invalid_content_type', message: 'invalid content type' },
  })
  expect(noSuchPath()).toEqual({
    status: 404,
    body: { error: { code: 'not_found', message: 'not found' } },
  })
})

test.each([
  ['post only cross', 'would-cross'],
  ['reduce_only can only be used with IoC orders', 'unsupported-order'],
  ['post_only can only be used with good_till_canceled orders', 'unsupported-order'],
  ['Expiration timestamp must be in the future', 'expired'],
  ['Cannot specify both immediate_or_cancel and expiration_ts', 'unsupported-order'],
])('the details "%s" mean %s', (details, code) => {
  expect(meaningOf(400, nested(reject('invalid_order', details)).body).code).toBe(code)
})

test('an empty bucket answers a text, not an object', () => {
  expect(tooManyRequests()).toEqual({ status: 429, body: { error: 'too many requests' } })
})
