/**
 * The wires of Kalshi and Kraken with a fault plan in front, reduced to what faults are about: an order
 * that arrives or does not, an answer, a book message, a private message.
 */
import { createFaultPlan, type FaultPlan } from '../../src/fault/plan.js'
import { faultyVenue } from '../../src/fault/wire.js'
import type { Credentials, MockVenue, SocketSession } from '../../src/venue/contract.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { kalshiMock } from '../../venues/kalshi/mock.js'
import { sign } from '../../venues/kraken/auth.js'
import { krakenMock } from '../../venues/kraken/index.js'
import { order as kalshiOrder, signedHeaders, TICKER } from './kalshi.js'
import { BTC } from './kraken.js'

export interface Client {
  readonly account_id: number
  readonly credentials: Credentials
  /** What the wire calls it. */
  readonly key: string
}

export interface Reply {
  readonly status: number
  readonly text: string
  readonly ok: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says.
export type Message = any

export interface Line {
  readonly heard: readonly Message[]
  readonly closes: readonly { code: number; reason: string }[]
  readonly refused: number | null
  /** Messages of one kind, in the order they came. */
  of(kind: 'book' | 'private' | 'reply'): readonly Message[]
  /** Places an order over the socket; false: this venue takes none there. */
  place(nth: number): boolean
}

export interface FaultyWire {
  readonly id: string
  readonly clock: ManualClock
  readonly plan: FaultPlan
  readonly venue: MockVenue
  client(label: string): Client
  /** Places an order that rests, each at a price of its own. */
  place(client: Client, nth?: number): Promise<Reply>
  /** Makes an order half as large; `placed` is the answer to its placing. */
  amend(client: Client, placed: Reply): Promise<Reply>
  cancel(client: Client, placed: Reply): Promise<Reply>
  cancelAll(client: Client): Promise<Reply>
  readOwn(client: Client): Promise<Reply>
  readPublic(): Promise<Reply>
  /** How many orders the venue has of it. */
  resting(client: Client): number
  /** A socket, subscribed to the book and to the client's own orders. */
  line(client: Client): Promise<Line>
  /** Publishes a change of the book. */
  publish(nth: number): void
  settle(): Promise<void>
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve()
}

const cent = (n: number): string => (n / 100).toFixed(4)
const dollars = (n: number): bigint => BigInt(n) * 10_000_000n

export function faultyWire(id: 'kalshi' | 'kraken'): FaultyWire {
  const clock = manualClock()
  const plan = createFaultPlan({
    world: seededWorld({ seed: 1, clock }),
    venues: [{ id }, { id: 'other' }],
  })
  const world = plan.worldOf(id)
  const mock =
    id === 'kalshi'
      ? kalshiMock({ world, switches: { rate_limit_tier: 'off' } })
      : krakenMock({ world })
  const venue = faultyVenue(plan, mock)
  let nonces = 1_790_000_000_000_000n

  const reply = async (answer: Response): Promise<Reply> => {
    const text = await answer.text()
    const ok = answer.status < 400 && !/"error":\["/.test(text)
    return { status: answer.status, text, ok }
  }
  const kalshi = async (client: Client, method: string, path: string, body?: object) => {
    const full = `/trade-api/v2${path}`
    const { key_id = '', private_key_pem = '' } = client.credentials
    const signer = { account_id: client.account_id, key_id, private_key_pem }
    return reply(
      await venue.fetch(
        new Request(`http://kalshi.test${full}`, {
          method,
          headers: {
            ...signedHeaders(signer, method, full, clock.now_ms()),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    )
  }
  const kraken = async (client: Client, method: string, fields: Record<string, string> = {}) => {
    const path = `/0/private/${method}`
    nonces += 1n
    const body = new URLSearchParams({ nonce: String(nonces), ...fields }).toString()
    const { api_key = '', api_secret = '' } = client.credentials
    return reply(
      await venue.fetch(
        new Request(`http://kraken.test${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'API-Key': api_key,
            'API-Sign': sign(path, String(nonces), body, api_secret),
          },
          body,
        }),
      ),
    )
  }
  const isKalshi = id === 'kalshi'
  const idOf = ({ text }: Reply): string => {
    const { order_id, result } = JSON.parse(text) as Message
    return order_id ?? result.txid[0]
  }
  const orders = '/portfolio/events/orders'

  const wire: FaultyWire = {
    id,
    clock,
    plan,
    venue,
    settle,
    client: (label) => {
      const { account_id, credentials } = mock.admin.openAccount({ label })
      mock.admin.setBalance(account_id, 'USD', 100_000_000_000_000n)
      return { account_id, credentials, key: credentials.key_id ?? credentials.api_key ?? '' }
    },
    place: (client, nth = 0) =>
      isKalshi
        ? kalshi(client, 'POST', orders, kalshiOrder({ count: '1.00', price: cent(10 + nth) }))
        : kraken(client, 'AddOrder', {
            pair: 'XBTUSD',
            type: 'buy',
            ordertype: 'limit',
            volume: '0.001',
            price: String(10_000 + nth),
          }),
    amend: (client, placed) =>
      isKalshi
        ? kalshi(client, 'POST', `${orders}/${idOf(placed)}/decrease`, { reduce_to: '0.50' })
        : kraken(client, 'AmendOrder', { txid: idOf(placed), order_qty: '0.0005' }),
    cancel: (client, placed) =>
      isKalshi
        ? kalshi(client, 'DELETE', `${orders}/${idOf(placed)}`)
        : kraken(client, 'CancelOrder', { txid: idOf(placed) }),
    cancelAll: (client) =>
      isKalshi ? kalshi(client, 'DELETE', `${orders}/none`) : kraken(client, 'CancelAll'),
    readOwn: (client) =>
      isKalshi ? kalshi(client, 'GET', '/portfolio/balance') : kraken(client, 'Balance'),
    readPublic: async () =>
      reply(
        await venue.fetch(
          new Request(
            isKalshi
              ? `http://kalshi.test/trade-api/v2/markets/${TICKER}`
              : 'http://kraken.test/0/public/Depth?pair=XBTUSD',
          ),
        ),
      ),
    resting: ({ account_id }) => mock.admin.account(account_id).open_orders.length,
    line: async (client) => {
      const heard: Message[] = []
      const closes: { code: number; reason: string }[] = []
      const token = isKalshi
        ? ''
        : ((JSON.parse((await kraken(client, 'GetWebSocketsToken')).text) as Message).result
            ?.token ?? '')
      const path = isKalshi ? '/trade-api/ws/v2' : '/v2'
      const { key_id = '', private_key_pem = '' } = client.credentials
      const signer = { account_id: client.account_id, key_id, private_key_pem }
      const opened = venue.connect(
        {
          path,
          query: '',
          headers: isKalshi ? signedHeaders(signer, 'GET', path, clock.now_ms()) : {},
        },
        {
          send: (text) => heard.push(JSON.parse(text)),
          ping: () => undefined,
          close: (code, reason) => closes.push({ code, reason }),
        },
      )
      const refused = 'status' in opened ? opened.status : null
      const say = (message: object): void =>
        (opened as SocketSession).message(JSON.stringify(message))
      if (refused === null && isKalshi) {
        const params = { channels: ['orderbook_delta', 'user_orders'], market_tickers: [TICKER] }
        say({ id: 1, cmd: 'subscribe', params })
      } else if (refused === null) {
        // The token first: it tells whose socket this is.
        say({ method: 'subscribe', params: { channel: 'executions', token, snap_orders: false } })
        say({ method: 'subscribe', params: { channel: 'book', symbol: ['BTC/USD'] } })
      }
      await settle()
      return {
        heard,
        closes,
        refused,
        of: (kind) =>
          heard.filter((message) => venue.wire.channel(JSON.stringify(message)) === kind),
        place: (nth) => {
          if (isKalshi) return false
          const params = { order_type: 'limit', side: 'buy', symbol: 'BTC/USD', order_qty: 0.001 }
          const priced = { ...params, limit_price: 20_000 + nth, token }
          say({ method: 'add_order', req_id: nth, params: priced })
          return true
        },
      }
    },
    publish: (nth) => {
      const unit = isKalshi ? dollars(1) : 1_000_000_000_000n
      mock.admin.setDepth(isKalshi ? TICKER : BTC, {
        bids: [{ price_1e9: unit * BigInt(40), qty_1e8: BigInt(nth + 1) * 100_000_000n }],
        asks: [{ price_1e9: unit * BigInt(60), qty_1e8: 100_000_000n }],
      })
    },
  }
  wire.publish(0)
  return wire
}
