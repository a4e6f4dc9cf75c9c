import { describe, expect, test } from 'vitest'
import { fakeApi, fakeKeys, LIVE_KEY, OTHER_KEY, TEST_KEY } from './fake-desk.js'

const order = { symbol: 'BTC-USD', side: 'buy', qty: 0.29 }

describe('authentication', () => {
  test.each([
    ['no header', ''],
    ['an unknown key', `seq_test_${'9'.repeat(64)}`],
    ['a key of the wrong form', 'seq_test_demo'],
    ['upper-case digits', `seq_test_${'A'.repeat(64)}`],
  ])('%s is 401', async (_name, key) => {
    const answer = await fakeApi().call('GET', '/v1/positions', { key })
    expect(answer.status).toBe(401)
    expect(answer.json.error.code).toBe('UNAUTHORIZED')
  })

  test('another scheme is 401', async () => {
    const headers = { authorization: `Basic ${TEST_KEY}` }
    expect((await fakeApi().call('GET', '/v1/positions', { key: '', headers })).status).toBe(401)
  })

  test('a query-string key is not read', async () => {
    const answer = await fakeApi().call('GET', `/v1/positions?api_key=${TEST_KEY}`, { key: '' })
    expect(answer.status).toBe(401)
  })

  test('lax keys accept short fixtures', async () => {
    const { call } = fakeApi({ key_form: 'lax' })
    expect((await call('GET', '/v1/positions', { key: 'seq_test_demo' })).status).toBe(200)
  })

  test.each([
    ['POST', '/v1/sandbox/positions', { positions: [], replace: true }],
    ['POST', '/v1/sandbox/reset', undefined],
    ['PUT', '/v1/sandbox/settings', { initial_balance_usd: 1 }],
    ['GET', '/v1/sandbox/settings', undefined],
  ])('%s %s with a live key is 403', async (method, path, body) => {
    const { call, calls } = fakeApi()
    const answer = await call(method, path, { key: LIVE_KEY, body })
    expect(answer.status).toBe(403)
    expect(answer.json.error.code).toBe('FORBIDDEN')
    expect(calls.configured).toEqual([])
    expect(calls.other).toEqual([])
  })
})

describe('request ids', () => {
  test('a given id is echoed in header and envelope', async () => {
    const answer = await fakeApi().call('GET', '/v1/nope', { headers: { 'x-request-id': 'mine' } })
    expect(answer.headers.get('x-request-id')).toBe('mine')
    expect(answer.json.error.request_id).toBe('mine')
  })

  test('an absent or overlong id is replaced by a UUID', async () => {
    for (const headers of [{}, { 'x-request-id': 'x'.repeat(129) }]) {
      const answer = await fakeApi().call('GET', '/v1/nope', { headers })
      expect(answer.json.error.request_id).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
      expect(answer.headers.get('x-request-id')).toBe(answer.json.error.request_id)
    }
  })
})

describe('the envelope', () => {
  test('an unknown path is 404', async () => {
    for (const path of ['/v1/nope', '/v1/balances', '/v1/portfolio/summary', '/nope']) {
      const answer = await fakeApi().call('GET', path)
      expect(answer.status).toBe(404)
      expect(answer.json.error.code).toBe('NOT_FOUND')
    }
  })

  test('another method on a known path is 405 and names the methods', async () => {
    const answer = await fakeApi().call('PUT', '/v1/orders')
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, POST')
    expect(answer.json.error.code).toBe('BAD_REQUEST')
  })

  test.each([
    ['no JSON', '{"symbol":', {}],
    ['NaN', '{"qty":NaN}', {}],
    ['a key given twice', '{"qty":1,"qty":2}', {}],
    ['deep nesting', '['.repeat(65) + ']'.repeat(65), {}],
    ['a million brackets', '['.repeat(1_000_000), {}],
    ['NUL in text', '{"symbol":"a\\u0000b"}', {}],
    ['half a surrogate pair', '{"symbol":"\\ud800"}', {}],
    ['broken UTF-8', Uint8Array.of(0x22, 0xc3, 0x28, 0x22), {}],
    ['another content type', '{}', { 'content-type': 'text/plain' }],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }],
    ['an empty body', '', {}],
  ])('%s is 400', async (_name, body, headers) => {
    const { call, calls } = fakeApi()
    const answer = await call('POST', '/v1/orders', { body, headers })
    expect(answer.status).toBe(400)
    expect(answer.json.error.code).toBe('BAD_REQUEST')
    expect(calls.submitted).toEqual([])
  })

  test('a body beyond the limit is 413, announced or not', async () => {
    const body = `{"symbol":"${'x'.repeat(2_000)}"}`
    const { call } = fakeApi({ body_limit: 1_000 })
    const announced = { 'content-length': String(body.length) }
    for (const headers of [{}, announced]) {
      const answer = await call('POST', '/v1/orders', { body, headers })
      expect(answer.status).toBe(413)
      expect(answer.json.error.code).toBe('BAD_REQUEST')
    }
  })

  test.each([
    ['busy', 503, 'SERVICE_UNAVAILABLE'],
    ['taken', 409, 'CONFLICT'],
    ['stop', 409, 'CONFLICT'],
    ['boom', 500, 'INTERNAL_ERROR'],
  ])('a desk that answers %s gives %i %s', async (graph_id, status, code) => {
    const seen: object[] = []
    const log = { info: () => {}, error: (facts: object) => void seen.push(facts) }
    const answer = await fakeApi({ log }).call('POST', '/v1/orders', {
      body: { ...order, graph_id },
    })
    expect(answer.status).toBe(status)
    expect(answer.json.error.code).toBe(code)
    expect(answer.raw).not.toContain('secret words')
    expect(seen).toHaveLength(status >= 500 ? 1 : 0)
  })
})

describe('rate limit', () => {
  test('eleven calls at once on the free tier: ten pass and one gets 429', async () => {
    const { call, clock } = fakeApi({ rate_limit_qps: 5 })
    const answers = await Promise.all(Array.from({ length: 11 }, () => call('GET', '/v1/health')))
    const statuses = answers.map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(10).fill(200), 429])
    expect(answers.find(({ status }) => status === 429)?.json.error.code).toBe('RATE_LIMITED')
    clock.advance(200)
    expect((await call('GET', '/v1/health')).status).toBe(200)
    expect((await call('GET', '/v1/health')).status).toBe(429)
  })

  test('all keys of a client share one bucket, other clients have their own', async () => {
    const { call } = fakeApi({ rate_limit_qps: 1 })
    expect((await call('GET', '/v1/health')).status).toBe(200)
    expect((await call('GET', '/v1/health', { key: LIVE_KEY })).status).toBe(200)
    expect((await call('GET', '/v1/health')).status).toBe(429)
    const other = `seq_test_${'3'.repeat(64)}`
    expect((await call('GET', '/v1/health', { key: other })).status).toBe(200)
  })

  test('a profile with a rate of its own wins over the default', async () => {
    const rates: Record<string, number> = { one: 2 }
    const { call, clock, api } = fakeApi({ rate_limit_qps: 1, keys: fakeKeys(rates) })
    const burst = async (key: string, calls: number) => {
      const answers = await Promise.all(
        Array.from({ length: calls }, () => call('GET', '/v1/health', { key })),
      )
      return answers.filter(({ status }) => status === 200).length
    }
    expect(await burst(TEST_KEY, 6)).toBe(4)
    expect(await burst(OTHER_KEY, 6)).toBe(2)
    // Another process may change it: it is read again within a second, or at once when told.
    rates.one = 10
    clock.advance(999)
    expect(await burst(TEST_KEY, 30)).toBe(1)
    clock.advance(10_000)
    expect(await burst(TEST_KEY, 30)).toBe(20)
    rates.one = 3
    api.limiter?.forget('one')
    clock.advance(10_000)
    expect(await burst(TEST_KEY, 30)).toBe(6)
  })

  test('a snapshot keeps the buckets', async () => {
    const { call, api } = fakeApi({ rate_limit_qps: 1 })
    const saved = api.limiter?.save()
    const twice = async () => [await call('GET', '/v1/health'), await call('GET', '/v1/health')]
    expect((await twice()).map(({ status }) => status)).toEqual([200, 200])
    expect((await call('GET', '/v1/health')).status).toBe(429)
    api.limiter?.restore(saved)
    expect((await twice()).map(({ status }) => status)).toEqual([200, 200])
  })

  test('is off by default', async () => {
    const { call } = fakeApi()
    for (let i = 0; i < 50; i++) expect((await call('GET', '/v1/health')).status).toBe(200)
  })
})

describe('api keys', () => {
  test('a key is shown at creation and only its prefix later', async () => {
    const { call } = fakeApi()
    const made = await call('POST', '/v1/api_keys', { key: LIVE_KEY, body: { label: 'bot' } })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ key_id: 'key_new', label: 'bot', sandbox: false })
    expect(made.json.key).toMatch(/^seq_live_[0-9a-f]{64}$/)
    const listed = await call('GET', '/v1/api_keys', { key: LIVE_KEY })
    expect(listed.raw).not.toContain(TEST_KEY)
    expect(listed.json.api_keys).toHaveLength(3)
  })

  test('a test key makes and manages test keys only', async () => {
    const { call } = fakeApi()
    expect((await call('POST', '/v1/api_keys', { body: { label: 'x' } })).status).toBe(403)
    expect((await call('POST', '/v1/api_keys', { body: { sandbox: true } })).status).toBe(201)
    expect((await call('DELETE', '/v1/api_keys/key_live')).status).toBe(403)
    expect((await call('DELETE', '/v1/api_keys/key_test')).json).toEqual({ revoked: true })
  })

  test('keys of another client do not exist', async () => {
    const { call } = fakeApi()
    expect((await call('DELETE', '/v1/api_keys/key_other', { key: LIVE_KEY })).status).toBe(404)
    expect((await call('POST', '/v1/api_keys/key_other/rotate', { key: LIVE_KEY })).status).toBe(
      404,
    )
  })
})

test('venue secrets are refused', async () => {
  const { call } = fakeApi()
  const answer = await call('POST', '/v1/credentials/alpha', {
    body: { api_key: 'x', api_secret: 'y' },
  })
  expect(answer.status).toBe(403)
  expect((await call('GET', '/v1/credentials')).json).toEqual({ credentials: [] })
})

test('the documentation loads nothing from elsewhere', async () => {
  const { call } = fakeApi()
  const page = await call('GET', '/docs', { key: '' })
  expect(page.status).toBe(200)
  expect(page.raw).not.toMatch(/https?:\/\//)
  const assets = [...page.raw.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
  expect(assets.length).toBeGreaterThan(3)
  for (const path of assets) expect((await call('GET', path, { key: '' })).status).toBe(200)
})

test('the OpenAPI document lists every served path', async () => {
  const { api, call } = fakeApi()
  const { json } = await call('GET', '/openapi.json', { key: '' })
  const served = api.app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const documented = Object.entries(json.paths).flatMap(([path, item]) =>
    Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(documented.sort()).toEqual([...new Set(served)].sort())
  expect(json.components.schemas.Position.properties.qty_1e8.type).toBe('integer')
})

test('metrics and health need no key', async () => {
  const { call } = fakeApi()
  expect((await call('GET', '/healthz', { key: '' })).json).toEqual({ status: 'ok' })
  await call('GET', '/v1/orders/graph:g:n0:1')
  const metrics = await call('GET', '/metrics', { key: '' })
  expect(metrics.raw).toContain('papervenue_http_request_seconds_bucket')
  expect(metrics.raw).toContain('route="/v1/orders/:node_order_id"')
  expect(metrics.raw).not.toContain('graph:g')
})
