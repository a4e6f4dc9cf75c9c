/**
 * Kraken under fire: every REST method and socket command with fields that are nearly right, wrong and
 * hostile. Always the venue's own shapes, never a 5xx or an exception, never a leak, books in order.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { privateMethods } from '../../../venues/kraken/private.js'
import { publicMethods } from '../../../venues/kraken/public.js'
import { type Account, type Answer, type KrakenLab, krakenLab } from '../../support/kraken.js'

const RUNS = Number(process.env.PAPERVENUE_RUNS ?? 300)

const hostile = fc.constantFrom(
  '',
  ' ',
  '0',
  '-1',
  '1e308',
  '1e-308',
  'NaN',
  'Infinity',
  '99999999999999999999999999999999',
  '0.000000000000000000000001',
  '+',
  '%',
  '#5',
  '\u0000',
  '\ud800',
  'ё'.repeat(50),
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '<script>',
  'true',
  'null',
  '2030-01-01T00:00:00Z',
  '+5',
)
const amount = fc.constantFrom(
  '90071992.54740991',
  '40000000',
  '0.01',
  '0.1',
  '1',
  '29000',
  '29990.0',
  '30000.0',
  '0.00005',
)
const known = fc.constantFrom('XBTUSD', 'BTC/USD', 'buy', 'sell', 'limit', 'market', 'post', 'viqc')
const tif = fc.constantFrom('GTC', 'IOC', 'FOK', 'GTD')
const text = fc.oneof(amount, amount, known, tif, hostile, fc.string({ unit: 'binary' }))
const order = {
  pair: fc.oneof({ weight: 5, arbitrary: fc.constant('XBTUSD') }, text),
  type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('buy', 'sell') }, text),
  ordertype: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('limit', 'market') }, text),
  volume: text,
  price: text,
}
const extra = fc.constantFrom(
  ...`oflags timeinforce expiretm starttm deadline userref cl_ord_id validate stptype leverage reduce_only
   price2 displayvol txid order_qty limit_price post_only timeout trades ofs start end count since interval
   asset orders`.split(/\s+/),
)
const fields = fc
  .tuple(fc.record(order, { requiredKeys: [] }), fc.dictionary(extra, text, { maxKeys: 3 }))
  .map(([usual, rest]): Record<string, string> => ({ ...usual, ...rest }))

function expectEnvelope(status: number, body: Answer): void {
  expect(status).toBe(200)
  expect(Array.isArray(body.error)).toBe(true)
  if (body.error.length === 0) expect(body).toHaveProperty('result')
  else {
    expect(body).not.toHaveProperty('result')
    expect(body.error[0]).toMatch(/^E(General|API|Query|Order|Trade|Service|Account):\S/)
  }
}

function scene(): { lab: KrakenLab; account: Account } {
  const lab = krakenLab()
  const account = lab.account('fuzz')
  lab.sheetBook()
  return { lab, account }
}

describe('REST', () => {
  test('public methods answer every query in the envelope', async () => {
    const { lab } = scene()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(publicMethods)),
        fields,
        async (method, query) => {
          const search = new URLSearchParams(query).toString()
          const { status, body } = await lab.raw(`/0/public/${method}?${search}`, { method: 'GET' })
          expectEnvelope(status, body)
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('private methods answer every form in the envelope and keep the books in order', async () => {
    const { lab, account } = scene()
    const methods = Object.keys(privateMethods)
    let placed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant('AddOrder'), fc.constantFrom(...methods)),
        fields,
        async (method, form) => {
          const body = await lab.call(account, method, form)
          expectEnvelope(200, body)
          if (method === 'AddOrder' && body.result?.txid !== undefined) placed += 1
          lab.mock.admin.check()
        },
      ),
      { numRuns: RUNS * 2 },
    )
    // A fuzz that never gets past the first check proves little.
    expect(placed).toBeGreaterThan(0)
  })

  test('raw bytes as body, with or without a signature, are answered in the envelope', async () => {
    const { lab, account } = scene()
    const { api_key = '' } = account.credentials
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.json(),
          fc.constant('['.repeat(5_000)),
          fc.constant('{"nonce":1,"nonce":2}'),
          fc.constant(`{"a":${'9'.repeat(10_000)}}`),
        ),
        fc.boolean(),
        async (body, named) => {
          const headers = named ? { 'API-Key': api_key, 'API-Sign': 'AAAA' } : {}
          const told = await lab.raw('/0/private/AddOrder', { method: 'POST', headers, body })
          expectEnvelope(told.status, told.body)
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('a refused order changes nothing but the nonce', async () => {
    const { lab, account } = scene()
    await fc.assert(
      fc.asyncProperty(fields, async (form) => {
        const before = lab.mock.admin.account(account.account_id)
        const body = await lab.call(account, 'AddOrder', form)
        if (body.error.length === 0) return
        expect(lab.mock.admin.account(account.account_id)).toEqual(before)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('WebSocket', () => {
  const METHODS =
    `subscribe unsubscribe ping add_order amend_order edit_order cancel_order cancel_all
    cancel_all_orders_after batch_add batch_cancel __proto__ toString`.split(/\s+/)
  const value: fc.Arbitrary<unknown> = fc.oneof(
    text,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(text, { maxLength: 3 }),
    fc.constantFrom('book', 'trade', 'ticker', 'ohlc', 'instrument', 'executions', 'balances'),
    fc.constant(['BTC/USD']),
  )
  const params = fc.dictionary(
    fc.constantFrom(
      ...`channel symbol depth interval snapshot token order_type side order_qty limit_price order_id
        cl_ord_id order_userref post_only time_in_force expire_time deadline orders timeout
        cash_order_qty validate event_trigger snap_orders snap_trades`.split(/\s+/),
    ),
    value,
  )

  test('answers every command in its own shape', async () => {
    const { lab, account } = scene()
    const { token } = (await lab.call(account, 'GetWebSocketsToken')).result
    const socket = await lab.socket()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        params,
        fc.boolean(),
        async (method, given, signed) => {
          const said = signed ? { ...given, token } : given
          const answers = await socket.ask({ method, params: said, req_id: 7 })
          const replies = answers.filter((answer) => answer.channel === undefined)
          expect(replies.length).toBeGreaterThan(0)
          for (const reply of replies) {
            expect(reply).toMatchObject({ time_in: expect.any(String), req_id: 7 })
            if (reply.method !== 'pong') expect(typeof reply.success).toBe('boolean')
            if (reply.success === false) expect(reply.error).toMatch(/\S/)
          }
          lab.mock.admin.check()
        },
      ),
      { numRuns: RUNS },
    )
    expect(socket.closes).toEqual([])
  })

  test('answers every text, JSON or not', async () => {
    const { lab } = scene()
    const socket = await lab.socket()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant('{'.repeat(1_000))),
        async (said) => {
          const before = socket.texts.length
          socket.send(said)
          await lab.settle()
          expect(socket.texts.length).toBeGreaterThan(before)
        },
      ),
      { numRuns: RUNS },
    )
  })

  test('sockets that die in the middle of anything leave no subscription behind', async () => {
    const { lab } = scene()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('book', 'trade', 'ticker', 'instrument'), fc.boolean()), {
          maxLength: 6,
        }),
        async (steps) => {
          const socket = await lab.socket()
          for (const [channel, dies] of steps) {
            const params = { channel, symbol: ['BTC/USD', 'ETH/USD'] }
            socket.send(JSON.stringify({ method: 'subscribe', params }))
            if (dies) socket.drop()
          }
          socket.drop()
          await lab.settle()
          const heard = socket.texts.length
          lab.sheetBook()
          lab.book([['30000.0', '0.4']], [])
          lab.clock.advance(3_000)
          await lab.settle()
          expect(socket.texts.length).toBe(heard)
        },
      ),
      { numRuns: Math.ceil(RUNS / 5) },
    )
    // No session is left, so the heartbeat has stopped too.
    expect(lab.clock.next_ns()).toBeUndefined()
  })
})
