/** A mock Kalshi on a manual clock, and signed requests to it without sockets. */
import { constants, createPrivateKey, sign } from 'node:crypto'
import type { Instrument } from '../../src/engine/instrument.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { market } from '../../venues/kalshi/instruments.js'
import { type KalshiMock, kalshiMock } from '../../venues/kalshi/mock.js'
import { publicOf } from '../../venues/kalshi/rsa.js'

export const TICKER = 'KXTEST-99DEC31-T60'
export const BASE = '/trade-api/v2'

export interface Account {
  readonly account_id: number
  readonly key_id: string
  readonly private_key_pem: string
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says.
  readonly body: any
  readonly headers: Headers
}

export interface Lab {
  readonly mock: KalshiMock
  readonly clock: ManualClock
  /** Opens an account with so many dollars. */
  account(label: string, cash?: number): Account
  /** A signed request; `null` account: unsigned. */
  ask(account: Account | null, method: string, path: string, body?: unknown): Promise<Answer>
  /** A default market. */
  instrument(ticker: string): Instrument
  /** The public half of an account's key. */
  publicKey(account: Account): string
  /** The sheet's book B, resting for others: YES bids 42x13, 41x10; NO bids 56x17, 55x20. */
  bookB(ticker?: string): void
}

/** Dollars and contracts as the admin takes them. */
export const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 1e8))
export const price = (dollars: number): bigint => BigInt(Math.round(dollars * 1e9))

export function signature(account: Account, text: string): string {
  const key = createPrivateKey(account.private_key_pem)
  if (key.asymmetricKeyType === 'ed25519')
    return sign(null, Buffer.from(text), key).toString('base64')
  return sign('sha256', Buffer.from(text), {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }).toString('base64')
}

export function signedHeaders(
  account: Account,
  method: string,
  path: string,
  now_ms: number,
): Record<string, string> {
  const bare = path.split('?', 1)[0] ?? path
  return {
    'kalshi-access-key': account.key_id,
    'kalshi-access-timestamp': `${now_ms}`,
    'kalshi-access-signature': signature(account, `${now_ms}${method}${bare}`),
  }
}

export function kalshiLab(
  options: {
    readonly switches?: Record<string, string | number | boolean>
    readonly instruments?: readonly Instrument[]
    readonly seed?: number
  } = {},
): Lab {
  const clock = manualClock()
  const world = seededWorld({ seed: options.seed ?? 1, clock })
  const mock = kalshiMock({
    world,
    switches: { rate_limit_tier: 'off', ...options.switches },
    ...(options.instruments === undefined ? {} : { instruments: options.instruments }),
  })
  return {
    mock,
    clock,
    account: (label, cash = 100) => {
      const { account_id, credentials } = mock.admin.openAccount({ label })
      mock.admin.setBalance(account_id, 'USD', usd(cash))
      return {
        account_id,
        key_id: credentials.key_id ?? '',
        private_key_pem: credentials.private_key_pem ?? '',
      }
    },
    ask: async (account, method, path, body) => {
      const full = `${BASE}${path}`
      const headers: Record<string, string> =
        account === null ? {} : signedHeaders(account, method, full, clock.now_ms())
      const request = new Request(`http://kalshi.test${full}`, {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const response = await mock.fetch(request)
      const text = await response.text()
      return {
        status: response.status,
        body: text === '' ? null : (JSON.parse(text) as unknown),
        headers: response.headers,
      }
    },
    instrument: (ticker) => market(ticker),
    publicKey: (account) => publicOf(account.private_key_pem),
    bookB: (ticker = TICKER) => {
      const level = (dollars: number, contracts: number) => ({
        price_1e9: price(dollars),
        qty_1e8: usd(contracts),
      })
      mock.admin.setDepth(ticker, {
        bids: [level(0.42, 13), level(0.41, 10)],
        asks: [level(0.44, 17), level(0.45, 20)],
      })
    },
  }
}

export const order = (change: object = {}) => ({
  ticker: TICKER,
  side: 'bid',
  count: '10.00',
  price: '0.4400',
  time_in_force: 'good_till_canceled',
  self_trade_prevention_type: 'taker_at_cross',
  ...change,
})

export { market }
