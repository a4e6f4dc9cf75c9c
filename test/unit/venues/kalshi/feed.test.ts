/** Feed: commands and their error codes, sequence numbers, every channel, heartbeats and leaks. */
import { expect, test } from 'vitest'
import type { SocketSession } from '../../../../src/venue/contract.js'
import {
  type Account,
  kalshiLab,
  type Lab,
  order,
  price,
  signedHeaders,
  TICKER,
  usd,
} from '../../../support/kalshi.js'

const PATH = '/trade-api/ws/v2'
const OTHER = 'KXTEST-99DEC31-T70'

interface Socket {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says.
  readonly seen: any[]
  readonly pings: string[]
  say(cmd: string, params?: object, id?: number): unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says.
  of(type: string): any[]
  readonly session: SocketSession
}

function open(lab: Lab, account: Account): Socket {
  const seen: Record<string, unknown>[] = []
  const pings: string[] = []
  const session = lab.mock.connect(
    { path: PATH, query: '', headers: signedHeaders(account, 'GET', PATH, lab.clock.now_ms()) },
    {
      send: (text) => seen.push(JSON.parse(text) as Record<string, unknown>),
      ping: (payload) => pings.push(payload),
      close: () => undefined,
    },
  )
  if ('status' in session) throw new Error(`refused: ${session.body}`)
  let last = 0
  return {
    seen,
    pings,
    session,
    say: (cmd, params, id) => {
      last += 1
      const from = seen.length
      session.message(JSON.stringify({ id: id ?? last, cmd, ...(params && { params }) }))
      return seen.slice(from)
    },
    of: (type) => seen.filter((message) => message.type === type),
  }
}

function booked() {
  const lab = kalshiLab()
  lab.bookB()
  const alice = lab.account('alice')
  return { lab, alice, socket: open(lab, alice) }
}

const ORDERS = '/portfolio/events/orders'
const books = { channels: ['orderbook_delta'], market_tickers: [TICKER] }

test('numbers subscriptions per connection, and begins a book with a snapshot', () => {
  const { socket } = booked()
  expect(
    socket.say('subscribe', { channels: ['ticker', 'orderbook_delta'], market_ticker: TICKER }),
  ).toEqual([
    { id: 1, type: 'subscribed', msg: { channel: 'ticker', sid: 1 } },
    { id: 1, type: 'subscribed', msg: { channel: 'orderbook_delta', sid: 2 } },
    {
      type: 'orderbook_snapshot',
      sid: 2,
      seq: 1,
      msg: {
        market_ticker: TICKER,
        market_id: expect.any(String),
        yes_dollars_fp: [
          ['0.4100', '10.00'],
          ['0.4200', '13.00'],
        ],
        no_dollars_fp: [
          ['0.5500', '20.00'],
          ['0.5600', '17.00'],
        ],
      },
    },
  ])
  expect(socket.say('list_subscriptions')).toEqual([
    {
      id: 2,
      type: 'ok',
      msg: [
        { channel: 'ticker', sid: 1 },
        { channel: 'orderbook_delta', sid: 2 },
      ],
    },
  ])
})

test('an empty side has no key, and an unknown market no id', () => {
  const { socket } = booked()
  const params = { channels: ['orderbook_delta'], market_tickers: [OTHER, 'KXNONE-1'] }
  expect(socket.say('subscribe', params).slice(1)).toMatchObject([
    { msg: { market_ticker: OTHER, market_id: expect.any(String) } },
    { msg: { market_ticker: 'KXNONE-1', market_id: '' } },
  ])
  expect(Object.keys(socket.seen[1].msg)).toEqual(['market_ticker', 'market_id'])
})

test.each([
  ['not json', 1, 'Unable to process message'],
  ['{"id":1,"cmd":"subscribe"}', 2, 'Params required'],
  ['{"id":1,"cmd":"subscribe","params":{}}', 3, 'Channels required'],
  ['{"id":1,"cmd":"unsubscribe","params":{}}', 4, 'Subscription IDs required'],
  ['{"id":1,"cmd":"dance"}', 5, 'Unknown command'],
  ['{"id":1,"cmd":"unsubscribe","params":{"sids":[9]}}', 7, 'Unknown subscription ID'],
  ['{"id":1,"cmd":"subscribe","params":{"channels":["nothing"]}}', 8, 'Unknown channel name'],
  [
    '{"id":1,"cmd":"subscribe","params":{"channels":["trade"],"market_ticker":"A","market_tickers":["B"]}}',
    11,
    'Invalid parameter',
  ],
  [
    '{"id":1,"cmd":"update_subscription","params":{"sids":[1,2],"action":"add_markets"}}',
    12,
    'Exactly one subscription ID is required',
  ],
  [
    '{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}}',
    14,
    'Market Ticker required',
  ],
])('%s is answered with code %s', (text, code, msg) => {
  const { socket } = booked()
  socket.session.message(text)
  expect(socket.seen).toMatchObject([{ type: 'error', msg: { code, msg } }])
})

test.each([
  [{ action: 'explode', market_tickers: [OTHER] }, 13],
  [{ market_tickers: [OTHER] }, 15],
  [{ action: 'add_markets' }, 14],
  [{ action: 'get_snapshot' }, 14],
])('update_subscription %j is answered with code %s', (params, code) => {
  const { socket } = booked()
  socket.say('subscribe', books)
  expect(socket.say('update_subscription', { sid: 1, ...params })).toMatchObject([
    { type: 'error', msg: { code } },
  ])
})

test('markets come and go under one sid, and its replies count in its sequence', () => {
  const { socket } = booked()
  socket.say('subscribe', books)
  expect(
    socket.say('update_subscription', {
      sids: [1],
      action: 'add_markets',
      market_tickers: [OTHER],
    }),
  ).toMatchObject([
    { id: 2, type: 'ok', sid: 1, seq: 2, msg: { market_tickers: [TICKER, OTHER] } },
    { type: 'orderbook_snapshot', seq: 3, msg: { market_ticker: OTHER } },
  ])
  expect(socket.say('subscribe', { ...books, market_tickers: [TICKER, OTHER] })).toMatchObject([
    { type: 'ok', sid: 1, seq: 4 },
  ])
  expect(
    socket.say(
      'update_subscription',
      { sid: 1, action: 'get_snapshot', market_tickers: [TICKER] },
      77,
    ),
  ).toMatchObject([{ id: 77, type: 'orderbook_snapshot', sid: 1, seq: 5 }])
  expect(
    socket.say('update_subscription', {
      sid: 1,
      action: 'delete_markets',
      market_tickers: [TICKER],
    }),
  ).toMatchObject([{ type: 'ok', seq: 6, msg: { market_tickers: [OTHER] } }])
  expect(socket.say('unsubscribe', { sids: [1] })).toEqual([
    { id: 6, sid: 1, seq: 7, type: 'unsubscribed' },
  ])
})

test('deltas name the own order to its owner only, and NO prices turn to YES on request', async () => {
  const { lab, alice, socket } = booked()
  const other = open(lab, lab.account('bob'))
  socket.say('subscribe', { ...books, use_yes_price: true })
  other.say('subscribe', books)
  await lab.ask(
    alice,
    'POST',
    ORDERS,
    order({ side: 'ask', price: '0.43', count: '2', client_order_id: 'x' }),
  )
  expect(socket.of('orderbook_delta')).toMatchObject([
    {
      seq: 2,
      msg: {
        side: 'no',
        price_dollars: '0.4300',
        delta_fp: '2.00',
        client_order_id: 'x',
        subaccount: 0,
      },
    },
  ])
  const [theirs] = other.of('orderbook_delta')
  expect(theirs).toMatchObject({
    seq: 2,
    msg: { side: 'no', price_dollars: '0.5700', delta_fp: '2.00' },
  })
  expect(theirs.msg).not.toHaveProperty('client_order_id')
})

test('own fills, orders and positions are told to their owner only', async () => {
  const { lab, alice, socket } = booked()
  const other = open(lab, lab.account('bob'))
  const channels = ['fill', 'user_orders', 'market_positions']
  socket.say('subscribe', { channels })
  other.say('subscribe', { channels })
  await lab.ask(alice, 'POST', ORDERS, order({ count: '20', price: '0.45', client_order_id: 'x' }))
  expect(socket.of('fill')).toMatchObject([
    {
      msg: {
        count_fp: '17.00',
        post_position_fp: '17.00',
        fee_cost: '0.293300',
        purchased_side: 'yes',
      },
    },
    { msg: { count_fp: '3.00', post_position_fp: '20.00', fee_cost: '0.052000' } },
  ])
  expect(socket.of('user_order')).toMatchObject([
    {
      msg: {
        status: 'executed',
        fill_count_fp: '20.00',
        last_update_reason: 'Trade',
        is_yes: true,
      },
    },
  ])
  expect(socket.of('market_position')).toMatchObject([
    { msg: { position_fp: '20.00', position_cost_dollars: '8.8300', fees_paid_dollars: '0.3453' } },
  ])
  expect(other.seen).toHaveLength(3)
})

test.each([
  ['an amend', { amend: { price: '0.41', count: '10' } }, 'Amend'],
  ['a decrease', { decrease: { reduce_by: '1' } }, 'Decrease'],
])('%s says so', async (_, change, reason) => {
  const { lab, alice, socket } = booked()
  const made = await lab.ask(alice, 'POST', ORDERS, order({ price: '0.40' }))
  socket.say('subscribe', { channels: ['user_orders'] })
  const [[verb, body]] = Object.entries(change) as [[string, object]]
  const full = verb === 'amend' ? { ticker: TICKER, side: 'bid', ...body } : body
  await lab.ask(alice, 'POST', `${ORDERS}/${made.body.order_id}/${verb}`, full)
  expect(socket.of('user_order')).toMatchObject([{ msg: { last_update_reason: reason } }])
})

test('orders that the venue ends say why', async () => {
  const { lab, alice, socket } = booked()
  socket.say('subscribe', { channels: ['user_orders'] })
  const now_s = Math.floor(lab.clock.now_ms() / 1_000)
  const reasons = async (change: object) => {
    const from = socket.seen.length
    await lab.ask(alice, 'POST', ORDERS, order(change))
    return () => socket.seen.slice(from).map(({ msg }) => `${msg.status} ${msg.last_update_reason}`)
  }
  expect((await reasons({ post_only: true }))()).toEqual(['canceled PostOnlyCrossCancel'])
  const own = await reasons({ side: 'ask', price: '0.43' })
  expect((await reasons({ price: '0.43' }))()).toEqual(['canceled SelfTradeCancel'])
  const expiring = await reasons({ price: '0.30', expiration_time: now_s + 5 })
  lab.clock.advance(5_000)
  expect(expiring().at(-1)).toBe('canceled ExpiryCancel')
  lab.mock.admin.setMarketState(TICKER, 'closed')
  expect(own().at(-1)).toBe('canceled CloseCancel')
})

test('the ticker begins with its first state when asked, and follows the top of the book', () => {
  const { lab, socket } = booked()
  const params = { channels: ['ticker'], market_tickers: [TICKER], send_initial_snapshot: true }
  expect(socket.say('subscribe', params).at(-1)).toMatchObject({
    type: 'ticker',
    sid: 1,
    msg: { yes_bid_dollars: '0.4200', yes_ask_dollars: '0.4400', yes_ask_size_fp: '17.00' },
  })
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(2), taker_side: 'buy' })
  expect(socket.of('ticker').at(-1).msg).toMatchObject({
    price_dollars: '0.4400',
    yes_ask_size_fp: '15.00',
    volume_fp: '2.00',
    last_trade_size_fp: '2.00',
  })
})

test('a market can be followed by its id on the ticker alone', async () => {
  const { lab, socket } = booked()
  socket.say('subscribe', books)
  const { market_id } = socket.seen[1].msg
  expect(socket.say('subscribe', { channels: ['trade'], market_id })).toMatchObject([
    { msg: { code: 11 } },
  ])
  socket.say('subscribe', { channels: ['ticker'], market_ids: [market_id] })
  lab.mock.admin.print(TICKER, { price_1e9: price(0.44), qty_1e8: usd(2), taker_side: 'buy' })
  expect(socket.of('ticker')).toHaveLength(1)
})

test('life cycles are told, but not what time does by itself', () => {
  const { lab, socket } = booked()
  socket.say('subscribe', { channels: ['market_lifecycle_v2'] })
  const { admin } = lab.mock
  const now_s = Math.floor(lab.clock.now_ms() / 1_000)
  admin.setMarketState(OTHER, 'paused')
  admin.setMarketState(OTHER, 'open')
  admin.setPriceBands(OTHER, [{ from_1e9: 1_000_000n, to_1e9: 999_000_000n, step_1e9: 1_000_000n }])
  lab.mock.tell({ name: 'close-date', ticker: OTHER, close_ts: now_s + 60 })
  lab.clock.advance(60_000)
  admin.determine(OTHER, price(1))
  lab.clock.advance(300_000)
  lab.mock.tell({
    name: 'fee-change',
    series_ticker: 'KXTEST',
    event_ticker: 'KXTEST-99DEC31',
    terms: { fee_type: 'quadratic', multiplier_1e4: 5_000 },
    scheduled_ts: now_s,
  })
  expect(socket.of('market_lifecycle_v2').map(({ msg }) => msg.event_type)).toEqual([
    'deactivated',
    'activated',
    'price_level_structure_updated',
    'close_date_updated',
    'determined',
    'settled',
  ])
  expect(socket.of('market_lifecycle_v2')[2].msg).toMatchObject({
    price_level_structure: 'deci_cent',
  })
  expect(socket.of('market_lifecycle_v2')[4].msg).toMatchObject({
    result: 'yes',
    settlement_value: '1.0000',
  })
  expect(socket.of('event_fee_update')).toMatchObject([{ msg: { fee_multiplier_override: 0.5 } }])
  expect(socket.seen.slice(1).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('a new market is told with its event', () => {
  const { lab, socket } = booked()
  socket.say('subscribe', { channels: ['market_lifecycle_v2', 'multivariate_market_lifecycle'] })
  lab.mock.admin.list({
    ...lab.instrument(TICKER),
    venue_symbol: 'KXNEW-99-T1',
    symbol: 'KXNEW-99-T1',
  })
  lab.mock.admin.list({
    ...lab.instrument(TICKER),
    venue_symbol: 'KXMVEX-99-T1',
    symbol: 'KXMVEX-99-T1',
  })
  expect(socket.seen.slice(2)).toMatchObject([
    {
      type: 'market_lifecycle_v2',
      sid: 1,
      msg: { event_type: 'created', market_ticker: 'KXNEW-99-T1' },
    },
    { type: 'event_lifecycle', sid: 1, msg: { series_ticker: 'KXTEST' } },
    { type: 'multivariate_market_lifecycle', sid: 2, msg: { market_ticker: 'KXMVEX-99-T1' } },
    { type: 'event_lifecycle', sid: 2 },
  ])
})

test('order groups tell their owner what happens to them', async () => {
  const { lab, alice, socket } = booked()
  const other = open(lab, lab.account('bob'))
  for (const one of [socket, other]) one.say('subscribe', { channels: ['order_group_updates'] })
  const made = await lab.ask(alice, 'POST', '/portfolio/order_groups/create', {
    contracts_limit: 5,
  })
  const path = `/portfolio/order_groups/${made.body.order_group_id}`
  await lab.ask(alice, 'PUT', `${path}/trigger`)
  await lab.ask(alice, 'PUT', `${path}/reset`)
  await lab.ask(alice, 'PUT', `${path}/limit`, { contracts_limit_fp: '7.00' })
  await lab.ask(alice, 'DELETE', path)
  expect(socket.of('order_group_updates').map(({ seq, msg }) => [seq, msg.event_type])).toEqual([
    [1, 'created'],
    [2, 'triggered'],
    [3, 'reset'],
    [4, 'limit_updated'],
    [5, 'deleted'],
  ])
  expect(other.of('order_group_updates')).toEqual([])
})

test('the cents era writes cents', async () => {
  const lab = kalshiLab({ switches: { era: 'legacy' } })
  lab.bookB()
  const alice = lab.account('alice')
  const socket = open(lab, alice)
  socket.say('subscribe', { channels: ['orderbook_delta', 'fill'], market_tickers: [TICKER] })
  const old = { ticker: TICKER, side: 'yes', action: 'buy', count: 10, yes_price: 44 }
  await lab.ask(alice, 'POST', '/portfolio/orders', old)
  expect(socket.of('orderbook_snapshot')[0].msg).toMatchObject({
    yes: [
      [41, 10],
      [42, 13],
    ],
    no_dollars: [
      ['0.5500', 20],
      ['0.5600', 17],
    ],
  })
  expect(socket.of('orderbook_delta')[0].msg).toMatchObject({ price: 56, delta: -10, side: 'no' })
  expect(socket.of('fill')[0].msg).toMatchObject({
    yes_price: 44,
    no_price: 56,
    count: 10,
    post_position: 10,
  })
})

test('pings every ten seconds', () => {
  const { lab, socket } = booked()
  lab.clock.advance(30_000)
  expect(socket.pings).toEqual(['heartbeat', 'heartbeat', 'heartbeat'])
})

test('a socket that dies takes its subscriptions with it', () => {
  const { lab, socket } = booked()
  socket.say('subscribe', { channels: ['orderbook_delta', 'trade'], market_tickers: [TICKER] })
  expect(lab.mock.held).toEqual({ sessions: 1, subscriptions: 2 })
  socket.session.message('{"id":3,"cmd":"subsc')
  socket.session.closed()
  expect(lab.mock.held).toEqual({ sessions: 0, subscriptions: 0 })
  const before = socket.seen.length
  lab.bookB(OTHER)
  expect(socket.seen).toHaveLength(before)
})
