/** A mock Kraken on a manual clock: signed calls and sockets without a network. */
import { parseDecimal } from '../../src/engine/decimal.js'
import type { Instrument } from '../../src/engine/instrument.js'
import type { Credentials, MockVenue, VenueJournal } from '../../src/venue/contract.js'
import { loopback } from '../../src/venue/loopback.js'
import { type ManualClock, manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { sign } from '../../venues/kraken/auth.js'
import { krakenMock } from '../../venues/kraken/index.js'

export const BTC = 'XXBTZUSD'

export interface Account {
  readonly account_id: number
  readonly credentials: Credentials
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says.
export type Answer = any

export type Levels = readonly (readonly [price: string, qty: string])[]

export interface Socket {
  /** Everything received so far, oldest first. */
  readonly texts: string[]
  readonly closes: { code: number; reason: string }[]
  /** Sends and waits until the answers are in. */
  ask(message: unknown): Promise<Answer[]>
  send(text: string): void
  /** Messages received, parsed; of one channel if named. */
  messages(channel?: string): Answer[]
  drop(): void
}

export interface KrakenLab {
  readonly mock: MockVenue
  readonly clock: ManualClock
  account(label: string, balances?: Readonly<Record<string, string>>): Account
  book(asks: Levels, bids: Levels, venue_symbol?: string): void
  /** The sheet's book: asks 30000.0 x 0.5, 30010.0 x 1.0; bids 29990.0 x 1.0. */
  sheetBook(): void
  public(method: string, query?: Readonly<Record<string, string>>): Promise<Answer>
  /** A signed call; the parsed body, status 200 asserted by the caller where it matters. */
  call(account: Account, method: string, fields?: Readonly<Record<string, string>>): Promise<Answer>
  /** A request with everything said by the caller. */
  raw(
    path: string,
    init: { method: string; headers?: Record<string, string>; body?: string },
  ): Promise<{ status: number; body: Answer }>
  nonce(): string
  socket(): Promise<Socket>
  /** Money of an account: total, `_1e8`. */
  balance(account: Account, asset: string): bigint
  settle(): Promise<void>
}

export const amount = (text: string): bigint => parseDecimal(text, 8, 'refuse') ?? fail(text)
export const price = (text: string): bigint => parseDecimal(text, 9, 'refuse') ?? fail(text)

export const depth = (levels: Levels) =>
  levels.map(([at, qty]) => ({ price_1e9: price(at), qty_1e8: amount(qty) }))

export function krakenLab(
  options: {
    readonly switches?: Record<string, string | number | boolean>
    readonly instruments?: readonly Instrument[]
    readonly journal?: VenueJournal
    readonly seed?: number
    /** Nonces count up from here. */
    readonly first_nonce?: bigint
  } = {},
): KrakenLab {
  const clock = manualClock()
  const { seed = 1, first_nonce = 1_790_000_000_000_000n, ...rest } = options
  const mock = krakenMock({ world: seededWorld({ seed, clock }), ...rest })
  let nonces = 0n
  const nonce = () => {
    nonces += 1n
    return (first_nonce + nonces).toString()
  }
  const read = async (request: Request) => {
    const response = await mock.fetch(request)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const lab: KrakenLab = {
    mock,
    clock,
    account: (label, balances = { USD: '1000000', BTC: '10' }) => {
      const account = mock.admin.openAccount({ label })
      for (const [asset, total] of Object.entries(balances)) {
        mock.admin.setBalance(account.account_id, asset, amount(total))
      }
      return account
    },
    book: (asks, bids, venue_symbol = BTC) =>
      mock.admin.setDepth(venue_symbol, { asks: depth(asks), bids: depth(bids) }),
    sheetBook: () =>
      lab.book(
        [
          ['30000.0', '0.5'],
          ['30010.0', '1.0'],
        ],
        [['29990.0', '1.0']],
      ),
    public: async (method, query = {}) => {
      const search = new URLSearchParams(query).toString()
      return (await read(new Request(`http://kraken.test/0/public/${method}?${search}`))).body
    },
    call: async (account, method, fields = {}) => {
      const path = `/0/private/${method}`
      const mine = nonce()
      const body = new URLSearchParams({ nonce: mine, ...fields }).toString()
      const { api_key = '', api_secret = '' } = account.credentials
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'API-Key': api_key,
        'API-Sign': sign(path, mine, body, api_secret),
      }
      return (await lab.raw(path, { method: 'POST', headers, body })).body
    },
    raw: (path, init) => read(new Request(`http://kraken.test${path}`, init)),
    nonce,
    socket: async () => {
      const texts: string[] = []
      const closes: { code: number; reason: string }[] = []
      const session = await loopback(mock).connect(
        { path: '/v2', query: '', headers: {} },
        {
          send: (text) => texts.push(text),
          ping: () => undefined,
          close: (code, reason) => closes.push({ code, reason }),
        },
      )
      await lab.settle()
      return {
        texts,
        closes,
        send: (text) => session.message(text),
        ask: async (message) => {
          const from = texts.length
          session.message(JSON.stringify(message))
          await lab.settle()
          return texts.slice(from).map((text) => JSON.parse(text))
        },
        messages: (channel) =>
          texts
            .map((text) => JSON.parse(text))
            .filter((message) => channel === undefined || message.channel === channel),
        drop: () => session.closed(),
      }
    },
    balance: ({ account_id }, asset) =>
      mock.admin.account(account_id).balances.find((held) => held.asset === asset)?.total_1e8 ?? 0n,
    settle: async () => {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    },
  }
  return lab
}

function fail(text: string): never {
  throw new Error(`${text} is no amount of this scale`)
}
