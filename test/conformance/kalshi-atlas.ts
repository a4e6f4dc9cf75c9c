/**
 * Kalshi's reject atlas: each documented refusal, the unmodified request that meets it, and its exact
 * answer. `text` is the body as JSON; for orders that were taken and ended, the reason the client is told.
 */
import type { ChildOrder, EdgeEvent } from '../../src/engine/order.js'
import type { RejectCode } from '../../src/engine/reject.js'
import { loopback } from '../../src/venue/loopback.js'
import { kalshiClient } from '../../venues/kalshi/client.js'
import { instruments } from '../../venues/kalshi/instruments.js'
import { meaningOf } from '../../venues/kalshi/rejects.js'
import {
  type Account,
  BASE,
  kalshiLab,
  type Lab,
  order,
  price,
  signedHeaders,
  TICKER,
  usd,
} from '../support/kalshi.js'
import type { AtlasCase } from './subject.js'

type Met = { readonly status: number; readonly text: string }
type Send = (change?: object, path?: string, method?: string) => Promise<Met>

const ORDERS = '/portfolio/events/orders'

/** A refusal of a request on a fresh venue with the sheet's book and 100 dollars. */
function refusal(
  id: string,
  condition: string,
  request: string,
  source: string,
  expected: { status: number; body: object; code: RejectCode },
  meet: (at: { lab: Lab; alice: Account; send: Send }) => Promise<Met>,
  switches: Record<string, string> = {},
): AtlasCase {
  const { status, body, code } = expected
  return {
    id,
    condition,
    request,
    source,
    meet: async () => {
      const lab = kalshiLab({ switches })
      lab.bookB()
      const alice = lab.account('alice')
      const send: Send = async (change = {}, path = ORDERS, method = 'POST') => {
        const sent = method === 'GET' ? undefined : path === ORDERS ? order(change) : change
        const answer = await lab.ask(alice, method, path, sent)
        return { status: answer.status, text: JSON.stringify(answer.body) }
      }
      return meet({ lab, alice, send })
    },
    expect: { status, text: JSON.stringify(body), code },
    codeOf: (text) => meaningOf(status, JSON.parse(text)).code,
  }
}

const nested = (code: string, details?: string, message = code.replaceAll('_', ' ')) => ({
  error: details === undefined ? { code, message } : { code, message, details },
})

/** A signed GET of the balance with some headers changed. */
async function balance(
  { lab, alice }: { lab: Lab; alice: Account },
  change: (headers: Record<string, string>) => Record<string, string>,
  offset_ms = 0,
): Promise<Met> {
  const path = `${BASE}/portfolio/balance`
  const headers = signedHeaders(alice, 'GET', path, lab.clock.now_ms() + offset_ms)
  const request = new Request(`http://kalshi.test${path}`, { headers: change(headers) })
  const response = await lab.mock.fetch(request)
  return { status: response.status, text: await response.text() }
}

const without = (name: string) => (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name))

/** An order that was taken and ended: what the live adapter tells. */
function ending(
  id: string,
  condition: string,
  request: string,
  source: string,
  code: RejectCode,
  change: Partial<ChildOrder>,
  own: Partial<ChildOrder> | null = null,
): AtlasCase {
  return {
    id,
    condition,
    request,
    source,
    meet: async () => {
      const lab = kalshiLab()
      const { key_id, private_key_pem } = lab.account('alice')
      const events: EdgeEvent[] = []
      const client = kalshiClient({
        base_url: 'http://kalshi.test',
        ...loopback(lab.mock),
        clock: lab.clock,
        instruments,
        credentials: { key_id, private_key_pem },
      })
      await client.open((event) => events.push(event))
      if (own !== null) await client.submit(child('own', own))
      await client.submit(child('one', change))
      const end = events.find(({ type, child_id }) => type === 'cancelled' && child_id === 'one')
      await client.close()
      return { status: 201, text: end?.type === 'cancelled' ? end.reason : 'nothing' }
    },
    expect: { status: 201, text: code, code },
    codeOf: (text) => text,
  }
}

function child(child_id: string, change: Partial<ChildOrder>): ChildOrder {
  const instrument = instruments.find(({ symbol }) => symbol === TICKER)
  if (instrument === undefined) throw new Error(`no ${TICKER}`)
  return {
    child_id,
    client_id: 'alice',
    is_sandbox: false,
    venue: 'kalshi',
    instrument,
    outcome: null,
    side: 'buy',
    qty_1e8: usd(10),
    budget_1e8: null,
    limit_price_1e9: price(0.44),
    protection_price_1e9: null,
    time_in_force: 'gtc',
    post_only: false,
    reduce_only: false,
    expire_ts_ns: null,
    ...change,
  }
}

/** Places a resting bid and answers its id. */
async function resting(lab: Lab, alice: Account, change: object = {}): Promise<string> {
  const placed = await lab.ask(alice, 'POST', ORDERS, order({ price: '0.40', ...change }))
  return placed.body.order_id as string
}

async function group(lab: Lab, alice: Account): Promise<string> {
  const body = { contracts_limit: 10 }
  const made = await lab.ask(alice, 'POST', '/portfolio/order_groups/create', body)
  return made.body.order_group_id as string
}

const inactive = { status: 409, body: nested('market_inactive'), code: 'market-closed' } as const

export const kalshiAtlas: readonly AtlasCase[] = [
  refusal(
    'K-AUTH-1',
    'no auth headers',
    'GET balance, unsigned',
    'ODDRIP',
    { status: 401, body: nested('token_authentication_failure'), code: 'auth' },
    (at) => balance(at, () => ({})),
  ),
  refusal(
    'K-AUTH-2',
    'no signature header',
    'GET balance, key only',
    'DEMO-REC',
    { status: 401, body: nested('signature_is_missing_from_headers'), code: 'auth' },
    (at) => balance(at, without('kalshi-access-signature')),
  ),
  refusal(
    'K-AUTH-3',
    'unknown key id',
    'GET balance, another key id',
    'DEMO-REC',
    {
      status: 401,
      body: nested('authentication_error', 'NOT_FOUND', 'authentication_error'),
      code: 'auth',
    },
    (at) => balance(at, (headers) => ({ ...headers, 'kalshi-access-key': 'nobody' })),
  ),
  refusal(
    'K-AUTH-4',
    'signature of something else',
    'GET balance, signature of another path',
    'DEMO-REC',
    {
      status: 401,
      body: nested('authentication_error', 'INCORRECT_API_KEY_SIGNATURE', 'authentication_error'),
      code: 'auth',
    },
    (at) =>
      balance(at, () =>
        signedHeaders(at.alice, 'GET', `${BASE}/portfolio/orders`, at.lab.clock.now_ms()),
      ),
  ),
  refusal(
    'K-AUTH-5',
    'timestamp 30 s old',
    'GET balance, signed half a minute ago',
    'DEMO-REC (window inferred)',
    { status: 401, body: nested('header_timestamp_expired'), code: 'clock-skew' },
    (at) => balance(at, (headers) => headers, -30_000),
  ),
  refusal(
    'K-AUTH-6',
    'key without the scope',
    'create order with a read-only key',
    'recorded demo fixture (trigger inferred)',
    { status: 403, body: nested('permission_denied'), code: 'permission' },
    async ({ lab, alice }) => {
      lab.mock.tell({
        name: 'key',
        key: {
          key_id: 'reader',
          name: 'reader',
          public_key_pem: lab.publicKey(alice),
          scopes: ['read'],
          subaccount: null,
          member: alice.account_id,
        },
      })
      const answer = await lab.ask({ ...alice, key_id: 'reader' }, 'POST', ORDERS, order())
      return { status: answer.status, text: JSON.stringify(answer.body) }
    },
  ),
  refusal(
    'K-RATE-1',
    'write bucket empty',
    'eleven creates at once on the Basic tier',
    'D:getting_started/rate_limits',
    { status: 429, body: { error: 'too many requests' }, code: 'rate-limited' },
    async ({ send }) => {
      for (let i = 0; i < 10; i++) await send({ price: '0.40', count: '1' })
      return send()
    },
    { rate_limit_tier: 'basic' },
  ),
  refusal(
    'K-REQ-1',
    'JSON number where a string is due',
    'create order, "count": 10',
    'DEMO-REC',
    {
      status: 400,
      body: {
        code: 'bad_request',
        message: 'bad request',
        details:
          'json: cannot unmarshal number into Go struct field CreateOrderV2Request.count of type string',
      },
      code: 'bad-request',
    },
    ({ send }) => send({ count: 10 }),
  ),
  refusal(
    'K-REQ-2',
    'no ticker',
    'create order without "ticker"',
    'D:order_errors',
    { status: 400, body: nested('missing_parameters'), code: 'bad-request' },
    ({ send }) => send({ ticker: undefined }),
  ),
  refusal(
    'K-REQ-3',
    'no side, count or price',
    'create order without "price"',
    'D:order_errors',
    { status: 400, body: nested('invalid_order'), code: 'bad-request' },
    ({ send }) => send({ price: undefined }),
  ),
  refusal(
    'K-REQ-4',
    'unknown enum value',
    'create order, "time_in_force": "gtc"',
    'inferred',
    { status: 400, body: nested('invalid_parameters'), code: 'bad-request' },
    ({ send }) => send({ time_in_force: 'gtc' }),
  ),
  refusal(
    'K-REQ-5',
    'client order id with a dot',
    'create order, "client_order_id": "a.b"',
    'BOT May 2026',
    { status: 400, body: nested('invalid_parameters'), code: 'bad-request' },
    ({ send }) => send({ client_order_id: 'a.b' }),
  ),
  refusal(
    'K-REQ-6',
    'query parameter out of range',
    'GET order book, depth=101',
    'DEMO-REC',
    {
      status: 400,
      body: { msg: 'Parameter validation failed: depth must be between 0 and 100' },
      code: 'bad-request',
    },
    ({ send }) => send({}, `/markets/${TICKER}/orderbook?depth=101`, 'GET'),
  ),
  refusal(
    'K-MKT-1',
    'unknown ticker',
    'create order on KXNONE-1',
    'PROD-JAN',
    { status: 404, body: nested('market_not_found'), code: 'unknown-instrument' },
    ({ send }) => send({ ticker: 'KXNONE-1' }),
  ),
  refusal(
    'K-MKT-2',
    'market deactivated',
    'create order on an inactive market',
    'lifecycle page (status inferred)',
    inactive,
    ({ lab, send }) => {
      lab.mock.admin.setMarketState(TICKER, 'paused')
      return send()
    },
  ),
  refusal(
    'K-MKT-3',
    'market past its close time',
    'create order after close_time',
    'lifecycle page (status inferred)',
    inactive,
    ({ lab, send }) => {
      const close_ts = Math.floor(lab.clock.now_ms() / 1_000) + 10
      lab.mock.tell({ name: 'close-date', ticker: TICKER, close_ts })
      lab.clock.advance(11_000)
      return send()
    },
  ),
  refusal(
    'K-MKT-3b',
    'cancel after close',
    'cancel an order of a closed market',
    'lifecycle page (status inferred)',
    inactive,
    async ({ lab, alice, send }) => {
      const id = await resting(lab, alice)
      lab.mock.admin.setMarketState(TICKER, 'closed')
      return send({}, `${ORDERS}/${id}`, 'DELETE')
    },
  ),
  refusal(
    'K-MKT-4',
    'trading pause',
    'create order during a trading pause',
    'BOT, demo 2026',
    { status: 409, body: nested('trading_is_paused'), code: 'venue-paused' },
    ({ lab, send }) => {
      lab.mock.tell({ name: 'pause', venue: 'trading-paused' })
      return send()
    },
  ),
  refusal(
    'K-MKT-5',
    'exchange pause',
    'cancel during an exchange pause',
    'BOT (text inferred)',
    { status: 409, body: nested('exchange_is_paused'), code: 'venue-paused' },
    async ({ lab, alice, send }) => {
      const id = await resting(lab, alice)
      lab.mock.tell({ name: 'pause', venue: 'exchange-paused' })
      return send({}, `${ORDERS}/${id}`, 'DELETE')
    },
  ),
  refusal(
    'K-PRC-1',
    'price off the grid',
    'create order, price 0.4450',
    'DEMO-REC',
    { status: 400, body: nested('invalid_price'), code: 'off-tick' },
    ({ send }) => send({ price: '0.4450' }),
  ),
  refusal(
    'K-PRC-2',
    'price of a dollar',
    'create order, price 1.00',
    'DEMO-REC',
    { status: 400, body: nested('invalid_price'), code: 'off-tick' },
    ({ send }) => send({ price: '1.00' }),
  ),
  refusal(
    'K-QTY-1',
    'count of zero',
    'create order, count 0.00',
    'CL Jan 26, 2026 (body inferred)',
    { status: 400, body: nested('invalid_order_size'), code: 'off-lot' },
    ({ send }) => send({ count: '0.00' }),
  ),
  refusal(
    'K-TIF-1',
    'expiration in the past',
    'create order, expiration_time 1700000000',
    'CL Nov 21, 2025 (code inferred)',
    {
      status: 400,
      body: nested('invalid_order', 'Expiration timestamp must be in the future', 'invalid order'),
      code: 'expired',
    },
    ({ send }) => send({ expiration_time: 1_700_000_000 }),
  ),
  refusal(
    'K-TIF-2',
    'IOC with an expiration',
    'create IOC with expiration_time',
    'CL Nov 21, 2025 (code inferred)',
    {
      status: 400,
      body: nested(
        'invalid_order',
        'Cannot specify both immediate_or_cancel and expiration_ts',
        'invalid order',
      ),
      code: 'unsupported-order',
    },
    ({ send }) => send({ expiration_time: 1_900_000_000, time_in_force: 'immediate_or_cancel' }),
  ),
  refusal(
    'K-RED-1',
    'reduce_only without IOC',
    'create GTC with reduce_only',
    'BOT, production Aug 2026',
    {
      status: 400,
      body: nested(
        'invalid_order',
        'reduce_only can only be used with IoC orders',
        'invalid order',
      ),
      code: 'unsupported-order',
    },
    ({ send }) => send({ reduce_only: true }),
  ),
  ending(
    'K-RED-2',
    'reduce_only with nothing to reduce',
    'create IOC with reduce_only, flat',
    'inferred',
    'not-reducing',
    { time_in_force: 'ioc', reduce_only: true },
  ),
  refusal(
    'K-DUP-1',
    'client order id used before',
    'the same create twice',
    'DEMO-REC',
    { status: 409, body: nested('order_already_exists'), code: 'duplicate-client-id' },
    async ({ send }) => {
      await send({ client_order_id: 'once', price: '0.40' })
      return send({ client_order_id: 'once', price: '0.40' })
    },
  ),
  refusal(
    'K-GRP-1',
    'unknown order group',
    'create order naming a group of nobody',
    'FIX name (status inferred)',
    { status: 404, body: nested('order_group_not_found'), code: 'group-blocked' },
    ({ send }) => send({ order_group_id: 'nobody' }),
  ),
  refusal(
    'K-GRP-2',
    'order group triggered',
    'create order in a triggered group',
    'FIX name (status inferred)',
    { status: 400, body: nested('exceeded_order_group_risk_limit'), code: 'group-blocked' },
    async ({ lab, alice, send }) => {
      const order_group_id = await group(lab, alice)
      await lab.ask(alice, 'PUT', `/portfolio/order_groups/${order_group_id}/trigger`)
      return send({ order_group_id })
    },
  ),
  refusal(
    'K-BAL-1',
    'requirement above free cash',
    'create order of 1000 contracts',
    'PROD-JAN',
    { status: 400, body: nested('insufficient_balance'), code: 'insufficient-balance' },
    ({ send }) => send({ count: '1000' }),
  ),
  refusal(
    'K-PST-1',
    'post_only would cross',
    'create post_only at the best ask',
    'DEMO-REC',
    {
      status: 400,
      body: nested('invalid_order', 'post only cross', 'invalid order'),
      code: 'would-cross',
    },
    ({ send }) => send({ post_only: true }),
  ),
  refusal(
    'K-PST-2',
    'post_only with IOC',
    'create post_only IOC',
    'inferred',
    {
      status: 400,
      body: nested(
        'invalid_order',
        'post_only can only be used with good_till_canceled orders',
        'invalid order',
      ),
      code: 'unsupported-order',
    },
    ({ send }) => send({ post_only: true, time_in_force: 'immediate_or_cancel' }),
  ),
  refusal(
    'K-FOK-1',
    'FOK not fillable',
    'create FOK of 18 against 17',
    'DEMO-REC',
    {
      status: 409,
      body: nested('fill_or_kill_insufficient_resting_volume'),
      code: 'fok-unfilled',
    },
    ({ send }) => send({ count: '18', time_in_force: 'fill_or_kill' }),
  ),
  ending(
    'K-IOC-1',
    'IOC without a match',
    'create IOC on an empty book',
    'PROD-JAN (legacy path)',
    'ioc-unfilled',
    { time_in_force: 'ioc' },
  ),
  ending(
    'K-STP-1',
    'taker_at_cross meets an own order',
    'bid into an own ask',
    'DEMO-REC',
    'self-trade',
    {},
    { side: 'sell' },
  ),
  refusal(
    'K-CXL-1',
    'cancel of an unknown order',
    'DELETE order of nobody',
    'DEMO-REC',
    { status: 404, body: nested('not_found'), code: 'unknown-order' },
    ({ send }) => send({}, `${ORDERS}/00000000-0000-4000-8000-000000000000`, 'DELETE'),
  ),
  ...(
    [
      ['K-AMD-1a', 'ticker', { ticker: 'KXTEST-99DEC31-T70' }, 'order_ticker_mismatch'],
      ['K-AMD-1b', 'side', { side: 'ask' }, 'order_side_mismatch'],
      [
        'K-AMD-1c',
        'client order id',
        { client_order_id: 'other' },
        'order_id_and_client_order_id_mismatch',
      ],
    ] as const
  ).map(([id, what, change, code]) =>
    refusal(
      id,
      `amend with another ${what}`,
      `amend order, wrong ${what}`,
      'CL Jan 26, 2026 (status inferred)',
      { status: 400, body: nested(code), code: 'not-amendable' },
      async ({ lab, alice, send }) => {
        const path = `${ORDERS}/${await resting(lab, alice)}/amend`
        return send(order({ price: '0.40', ...change }), path)
      },
    ),
  ),
  refusal(
    'K-AMD-2',
    'amend below what is filled',
    'amend to 3 contracts after 17 filled',
    'FIX name (status inferred)',
    { status: 400, body: nested('invalid_amend_qty_for_order'), code: 'not-amendable' },
    async ({ lab, alice, send }) => {
      const path = `${ORDERS}/${await resting(lab, alice, { price: '0.44', count: '20' })}/amend`
      return send(order({ count: '3' }), path)
    },
  ),
  refusal(
    'K-AMD-3',
    'amend of an executed order',
    'amend after it filled',
    'inferred',
    { status: 404, body: nested('not_found'), code: 'unknown-order' },
    async ({ lab, alice, send }) => {
      const path = `${ORDERS}/${await resting(lab, alice, { price: '0.44' })}/amend`
      return send(order({ count: '20' }), path)
    },
  ),
  refusal(
    'K-AMD-4',
    'amend into an own order',
    'amend a bid up to an own ask',
    'FIX name (status inferred)',
    { status: 400, body: nested('self_cross_attempt'), code: 'self-trade' },
    async ({ lab, alice, send }) => {
      const path = `${ORDERS}/${await resting(lab, alice)}/amend`
      await send({ side: 'ask', price: '0.43', count: '5' })
      return send(order({ price: '0.43' }), path)
    },
  ),
  refusal(
    'K-DEC-1',
    'both reduce_by and reduce_to',
    'decrease with both',
    'rule documented, code inferred',
    { status: 400, body: nested('invalid_parameters'), code: 'bad-request' },
    async ({ lab, alice, send }) => {
      const path = `${ORDERS}/${await resting(lab, alice)}/decrease`
      return send({ reduce_by: '1', reduce_to: '1' }, path)
    },
  ),
  refusal(
    'K-LEG-1',
    'legacy order mutation',
    'POST /portfolio/orders',
    'ODDRIP, CL June 18, 2026',
    {
      status: 410,
      body: nested(
        'deprecated_v1_order_endpoint',
        'https://docs.kalshi.com/api-reference/orders/create-order-v2',
        'Please switch to the V2 endpoints',
      ),
      code: 'unsupported-order',
    },
    ({ send }) => send({}, '/portfolio/orders'),
  ),
  refusal(
    'K-LEG-2',
    'legacy order with two prices',
    'POST /portfolio/orders with yes_price and no_price, legacy era',
    'PROD-JAN',
    {
      status: 400,
      body: nested(
        'invalid_order',
        'exactly one of yes_price, no_price, yes_price_dollars, or no_price_dollars should be provided',
        'invalid order',
      ),
      code: 'bad-request',
    },
    ({ send }) =>
      send(
        { ticker: TICKER, side: 'yes', action: 'buy', count: 1, yes_price: 44, no_price: 56 },
        '/portfolio/orders',
      ),
    { era: 'legacy' },
  ),
]
