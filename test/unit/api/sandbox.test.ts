import { describe, expect, test } from 'vitest'
import { fakeApi } from './fake-desk.js'

const row = { venue: 'alpha', kind: 'crypto', symbol: 'USDC', qty: 10_000 }

async function post(body: unknown) {
  const { call, calls } = fakeApi()
  const answer = await call('POST', '/v1/sandbox/positions', { body })
  return { answer, configured: calls.configured[0] }
}

describe('POST /v1/sandbox/positions', () => {
  test('reads quantities and prices exactly and tells written and deleted', async () => {
    const { answer, configured } = await post({
      positions: [
        row,
        {
          venue: 'delta_one',
          kind: 'perp',
          symbol: 'BTC-USD-PERP',
          qty: -0.29,
          entry_price_usd: 92000,
        },
      ],
      replace: true,
    })
    expect(answer.json).toEqual({ written: 2, deleted: 7 })
    expect(configured?.replace).toBe(true)
    expect(configured?.positions).toEqual([
      { venue: 'alpha', kind: 'crypto', symbol: 'USDC', qty_1e8: 1_000_000_000_000n },
      {
        venue: 'delta',
        kind: 'perp',
        symbol: 'BTC-USD-PERP',
        qty_1e8: -29_000_000n,
        entry_price_1e9: 92_000_000_000_000n,
      },
    ])
  })

  test('replace is false by default', async () => {
    expect((await post({ positions: [row] })).configured?.replace).toBe(false)
  })

  test.each([
    [{ ...row, qty: -1 }, 'positions[0].qty'],
    [{ ...row, qty: 1e12 }, 'positions[0].qty'],
    [{ ...row, qty: '1' }, 'positions[0].qty'],
    [{ ...row, kind: 'stock' }, 'positions[0].kind'],
    [{ ...row, kind: 'perp', symbol: 'BTC-USD-PERP' }, 'positions[0].kind'],
    [{ ...row, kind: 'event_contract' }, 'positions[0].kind'],
    [{ ...row, venue: 'nowhere' }, 'positions[0].venue'],
    [{ ...row, venue: '' }, 'positions[0].venue'],
    [{ ...row, symbol: '' }, 'positions[0].symbol'],
    [{ ...row, venue: 'delta', kind: 'perp', symbol: 'BTC-USD' }, 'positions[0].symbol'],
    [{ ...row, venue: 'beta', kind: 'event_contract', symbol: ':YES' }, 'positions[0].symbol'],
    [
      { ...row, venue: 'beta', kind: 'event_contract', entry_price_usd: 1.5 },
      'positions[0].entry_price_usd',
    ],
    [{ ...row, entry_price_usd: -1 }, 'positions[0].entry_price_usd'],
    [{ ...row, entry_price_usd: 1e11 }, 'positions[0].entry_price_usd'],
  ])('%j is 422 naming %s, and nothing is written', async (bad, field) => {
    const { answer, configured } = await post({ positions: [bad, row] })
    expect(answer.status).toBe(422)
    expect(answer.json.error.details.map((detail: { field: string }) => detail.field)).toContain(
      field,
    )
    expect(configured).toBeUndefined()
  })

  test('the fault of the third row is told with its index', async () => {
    const { answer } = await post({ positions: [row, row, { ...row, qty: -1 }] })
    expect(answer.json.error.details).toEqual([
      { field: 'positions[2].qty', message: 'must not be negative for crypto' },
    ])
  })

  test('an empty list is allowed with replace only', async () => {
    expect((await post({ positions: [] })).answer.status).toBe(422)
    expect((await post({ positions: [], replace: true })).answer.status).toBe(200)
    expect((await post({})).answer.status).toBe(422)
  })
})

describe('settings', () => {
  test('are shown as the original shows them', async () => {
    const { call } = fakeApi()
    expect((await call('GET', '/v1/sandbox/settings')).raw).toBe(
      '{"initial_balance_usd":1000000000.0}',
    )
    expect((await call('POST', '/v1/sandbox/reset')).raw).toBe(
      '{"reset":true,"initial_balance_usd":1000000000.0,"venues_seeded":9}',
    )
  })

  test('accept up to 9e9 and refuse the rest', async () => {
    const put = async (text: string) =>
      (await fakeApi().call('PUT', '/v1/sandbox/settings', { body: text })).status
    expect(await put('{"initial_balance_usd":9e9}')).toBe(200)
    expect(await put('{"initial_balance_usd":0.01}')).toBe(200)
    for (const wrong of ['0', '-1', '9000000000.01', '1e400', '"5"', 'null', 'true']) {
      expect(await put(`{"initial_balance_usd":${wrong}}`)).toBe(422)
    }
  })
})

describe('GET /v1/positions', () => {
  test('passes filters on', async () => {
    const { call, calls } = fakeApi()
    await call('GET', '/v1/positions?venues=alpha,delta_one&kinds=fiat,perp&include_closed=true')
    expect(calls.other[0]?.args[1]).toEqual({
      venues: ['alpha', 'delta'],
      kinds: ['fiat', 'perp'],
      include_closed: true,
    })
  })

  test('an unknown kind or a strange flag is 400', async () => {
    const { call } = fakeApi()
    for (const query of ['kinds=stock', 'include_closed=maybe']) {
      const answer = await call('GET', `/v1/positions?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.json.error.code).toBe('INVALID_PARAMS')
    }
  })
})
