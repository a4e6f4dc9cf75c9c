/**
 * Whatever is sent, the venue answers in its own shapes and keeps its books in order: routes and socket
 * commands drawn from their schemas plus hostile bytes, then random trading.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FEED_ERRORS } from '../../../../venues/kalshi/feed-commands.js'
import { CODES } from '../../../../venues/kalshi/rejects.js'
import { ROUTES } from '../../../../venues/kalshi/routes.js'
import { AMEND_SHAPE, CREATE_SHAPE, DECREASE_SHAPE } from '../../../../venues/kalshi/rules.js'
import {
  BASE,
  kalshiLab,
  order,
  price,
  signedHeaders,
  TICKER,
  usd,
} from '../../../support/kalshi.js'

const runs = Number(process.env.PAPERVENUE_RUNS ?? 150)

const hostile = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    '{',
    '[]',
    'null',
    '"x"',
    '1e999',
    '{"__proto__":{"a":1}}',
    '{"orders":[{}]}',
    '[[['.repeat(500),
  ),
)

const word = fc.constantFrom(
  TICKER,
  'KXTEST-99DEC31',
  'KXTEST',
  'bid',
  'ask',
  'yes',
  'no',
  'good_till_canceled',
  'immediate_or_cancel',
  'fill_or_kill',
  'taker_at_cross',
  'maker',
  '0.44',
  '0.4450',
  '10',
  '0.01',
  '-1',
  '1e5',
  '',
  'NaN',
)
const value = fc.oneof(
  word,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(word, { maxLength: 3 }),
  fc.string({ maxLength: 80 }),
)
const fields = Object.keys({
  ...CREATE_SHAPE,
  ...AMEND_SHAPE,
  ...DECREASE_SHAPE,
  orders: 0,
  ids: 0,
  contracts_limit: 0,
  contracts_limit_fp: 0,
  yes_price: 0,
  action: 0,
  amount_cents: 0,
  from_subaccount: 0,
  to_subaccount: 0,
  subaccount_number: 0,
  enabled: 0,
  name: 0,
  public_key: 0,
  scopes: 0,
})
const object = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 12 })
const body = fc.oneof(
  object.map((one) => JSON.stringify(one)),
  fc.array(object, { maxLength: 3 }).map((orders) => JSON.stringify({ orders })),
  object.map((change) => JSON.stringify(order(change))),
  hostile,
)

const queries = fc.dictionary(
  fc.constantFrom(
    'limit',
    'cursor',
    'ticker',
    'tickers',
    'status',
    'depth',
    'start_ts',
    'end_ts',
    'period_interval',
    'market_tickers',
    'event_ticker',
    'subaccount',
    'exchange_index',
    'min_ts',
    'min_close_ts',
    'min_created_ts',
    'count_filter',
  ),
  fc.oneof(word, fc.integer().map(String), fc.string({ maxLength: 20 })),
  { maxKeys: 4 },
)

const segment = fc.oneof(
  word.filter((text) => text !== ''),
  fc.constantFrom('batched', '%', '%00', '..', '00000000-0000-4000-8000-000000000000'),
)
const request = fc.record({
  route: fc.constantFrom(...ROUTES.map(({ verb, path }) => ({ verb, path }))),
  segments: fc.array(segment, { minLength: 3, maxLength: 3 }),
  queries,
  body,
  signed: fc.constantFrom('yes', 'yes', 'yes', 'no', 'garbled'),
  era: fc.constantFrom('v2', 'legacy'),
})

/** One of the four body shapes, by status. */
function inShape(status: number, text: string): boolean {
  const answer = JSON.parse(text) as Record<string, unknown>
  const { error, code, msg } = answer
  if (typeof error === 'string') return status === 429 && error === 'too many requests'
  if (typeof error === 'object' && error !== null) {
    const { code: inner } = error as { code: string }
    return inner in CODES && CODES[inner as keyof typeof CODES].status === status
  }
  if (typeof code === 'string') {
    return status === 400 && (code === 'bad_request' || code === 'invalid_content_type')
  }
  return status === 400 && typeof msg === 'string'
}

test('every route answers whatever it is sent in a shape of the venue', async () => {
  const labs = { v2: kalshiLab(), legacy: kalshiLab({ switches: { era: 'legacy' } }) }
  const accounts = { v2: labs.v2.account('alice'), legacy: labs.legacy.account('alice') }
  await fc.assert(
    fc.asyncProperty(
      request,
      async ({ route, segments, queries: asked, body: text, signed, era }) => {
        const lab = labs[era as 'v2' | 'legacy']
        const account = accounts[era as 'v2' | 'legacy']
        let nth = -1
        const path = route.path.replace(/:\w+/g, () => {
          nth += 1
          return segments[nth] ?? 'x'
        })
        const url = new URL(`http://kalshi.test${BASE}${path}`)
        for (const [name, one] of Object.entries(asked)) url.searchParams.set(name, one)
        const headers = signedHeaders(account, route.verb, url.pathname, lab.clock.now_ms())
        if (signed === 'garbled') headers['kalshi-access-signature'] = 'A'.repeat(40)
        const response = await lab.mock.fetch(
          new Request(url, {
            method: route.verb,
            headers: { ...(signed === 'no' ? {} : headers), 'content-type': 'application/json' },
            ...(route.verb === 'GET' ? {} : { body: text }),
          }),
        )
        const answer = await response.text()
        if (response.status === 301) return
        expect(response.status).toBeLessThan(500)
        expect(response.headers.get('content-type')).toBe('application/json')
        if (response.status >= 400) expect(inShape(response.status, answer), answer).toBe(true)
        else JSON.parse(answer)
        lab.mock.admin.check()
      },
    ),
    { numRuns: runs * 3 },
  )
})

const command = fc.oneof(
  hostile,
  fc
    .record({
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(undefined)),
      cmd: fc.constantFrom(
        'subscribe',
        'unsubscribe',
        'update_subscription',
        'list_subscriptions',
        'x',
      ),
      params: fc.oneof(
        value,
        fc.dictionary(
          fc.constantFrom(
            'channels',
            'market_ticker',
            'market_tickers',
            'market_id',
            'sids',
            'sid',
            'action',
          ),
          fc.oneof(
            value,
            fc.array(fc.constantFrom('orderbook_delta', 'trade', 'fill', 'ticker', 'user_orders'), {
              maxLength: 3,
            }),
            fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
            fc.constantFrom('add_markets', 'delete_markets', 'get_snapshot'),
          ),
        ),
      ),
    })
    .map((one) => JSON.stringify(one)),
)

test('every socket command is answered with a known type, numbers never skip, and nothing leaks', () => {
  const lab = kalshiLab()
  lab.bookB()
  const account = lab.account('alice')
  const path = '/trade-api/ws/v2'
  fc.assert(
    fc.property(fc.array(fc.tuple(command, fc.boolean()), { maxLength: 12 }), (script) => {
      const seqs = new Map<number, number>()
      const session = lab.mock.connect(
        { path, query: '', headers: signedHeaders(account, 'GET', path, lab.clock.now_ms()) },
        {
          ping: () => undefined,
          close: () => {
            throw new Error('the venue hung up')
          },
          send: (text) => {
            const message = JSON.parse(text) as {
              type: string
              sid?: number
              seq?: number
              msg?: { code: number }
            }
            if (message.type === 'error') expect((message.msg?.code ?? 0) in FEED_ERRORS).toBe(true)
            if (message.sid === undefined || message.seq === undefined) return
            expect(message.seq).toBe((seqs.get(message.sid) ?? 0) + 1)
            seqs.set(message.sid, message.seq)
          },
        },
      )
      if ('status' in session) throw new Error('refused')
      for (const [text, moves] of script) {
        session.message(text)
        if (moves) {
          lab.mock.admin.print(TICKER, {
            price_1e9: price(0.43),
            qty_1e8: usd(1),
            taker_side: 'buy',
          })
        }
      }
      session.closed()
      expect(lab.mock.held).toEqual({ sessions: 0, subscriptions: 0 })
    }),
    { numRuns: runs },
  )
})

const trade = fc.record({
  who: fc.constantFrom(0, 1, 2),
  side: fc.constantFrom('bid', 'ask'),
  price: fc.integer({ min: 1, max: 99 }).map((cents) => (cents / 100).toFixed(2)),
  count: fc.integer({ min: 1, max: 2_000 }).map((lots) => (lots / 100).toFixed(2)),
  time_in_force: fc.constantFrom('good_till_canceled', 'immediate_or_cancel', 'fill_or_kill'),
  self_trade_prevention_type: fc.constantFrom('taker_at_cross', 'maker'),
  post_only: fc.boolean(),
  reduce_only: fc.boolean(),
})

test('random trading and a settlement leave no dollar behind, and the venue replays to equal bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(trade, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(0, 0.25, 1),
      async (trades, yes) => {
        const lab = kalshiLab()
        const accounts = ['a', 'b', 'c'].map((label) => lab.account(label))
        for (const { who, ...change } of trades) {
          const account = accounts[who]
          if (account === undefined) continue
          const answer = await lab.ask(account, 'POST', '/portfolio/events/orders', order(change))
          expect([201, 400, 409]).toContain(answer.status)
          lab.mock.admin.check()
        }
        const held = await Promise.all(
          accounts.map(
            async (account) => (await lab.ask(account, 'GET', '/portfolio/positions')).body,
          ),
        )
        const net = held.reduce(
          (sum, { market_positions: rows }) => sum + Number(rows[0]?.position_fp ?? 0) * 100,
          0,
        )
        expect(Math.round(net)).toBe(0)
        const bytes = lab.mock.admin.snapshot()
        lab.mock.admin.restore(bytes)
        expect(Buffer.from(lab.mock.admin.snapshot()).equals(bytes)).toBe(true)
        lab.mock.admin.determine(TICKER, price(yes))
        lab.clock.advance(300_000)
        lab.mock.admin.check()
        for (const { account_id } of accounts) {
          const { balances, positions } = lab.mock.admin.account(account_id)
          expect(
            balances.every(({ total_1e8, reserved_1e8 }) => total_1e8 >= 0n && reserved_1e8 === 0n),
          ).toBe(true)
          expect(positions.every(({ qty_1e8 }) => qty_1e8 === 0n)).toBe(true)
        }
      },
    ),
    { numRuns: Math.ceil(runs / 4) },
  )
})
