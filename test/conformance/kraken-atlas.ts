/**
 * Kraken's reject atlas: every documented refusal, met by a request an unmodified client can send.
 */

import { codeOfReason, codeOfText } from '../../venues/kraken/rejects.js'
import { type Account, type Answer, BTC, type KrakenLab, krakenLab } from '../support/kraken.js'
import type { AtlasCase } from './subject.js'

type Fields = Readonly<Record<string, string>>
type Met = { readonly status: number; readonly text: string }

const LIMIT: Fields = {
  pair: 'XBTUSD',
  type: 'buy',
  ordertype: 'limit',
  volume: '0.01',
  price: '29000.0',
}
const MARKET: Fields = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '0.1' }

const errorOf = (body: Answer): Met => ({ status: 200, text: String(body.error[0]) })

interface Scene {
  readonly switches?: Record<string, string>
  readonly balances?: Record<string, string>
  readonly before?: (lab: KrakenLab, account: Account) => Promise<unknown> | unknown
}

async function scene({ switches, balances, before }: Scene) {
  const lab = krakenLab(switches === undefined ? {} : { switches })
  const account = lab.account('atlas', balances)
  lab.sheetBook()
  await before?.(lab, account)
  return { lab, account }
}

/** A refusal told by the answer to `AddOrder`. */
const refusedOrder =
  (fields: Fields, setting: Scene = {}) =>
  async (): Promise<Met> => {
    const { lab, account } = await scene(setting)
    const before = openCount(lab, account)
    const body = await lab.call(account, 'AddOrder', fields)
    if (openCount(lab, account) !== before) throw new Error('it rests all the same')
    return errorOf(body)
  }

/** A refusal of the book: accepted with a txid, then over. The text is the order's `reason`. */
const endedOrder =
  (fields: Fields, setting: Scene = {}) =>
  async (): Promise<Met> => {
    const { lab, account } = await scene(setting)
    const body = await lab.call(account, 'AddOrder', fields)
    const txid = String(body.result.txid[0])
    const told = await lab.call(account, 'QueryOrders', { txid })
    if (told.result[txid].status !== 'canceled')
      throw new Error(`it is ${told.result[txid].status}`)
    return { status: 200, text: String(told.result[txid].reason) }
  }

const openCount = (lab: KrakenLab, { account_id }: Account): number =>
  lab.mock.admin.account(account_id).open_orders.length

const row = (
  id: string,
  condition: string,
  request: string,
  meet: () => Promise<Met>,
  text: string,
  code: AtlasCase['expect']['code'],
  source: string,
): AtlasCase => ({
  id,
  condition,
  request,
  source,
  meet,
  expect: { status: 200, text, code },
  codeOf: (said) => codeOfReason(said) ?? codeOfText(said),
})

const inMode =
  (state: 'cancel-only' | 'post-only' | 'limit-only' | 'halted') =>
  (lab: KrakenLab): void =>
    lab.mock.admin.setMarketState(BTC, state)

export const krakenAtlas: readonly AtlasCase[] = [
  row(
    'KR-01',
    'key unknown',
    '`Balance` with an API key the venue never gave out',
    async () => {
      const { lab, account } = await scene({})
      const credentials = { ...account.credentials, api_key: 'bm9ib2R5' }
      return errorOf(await lab.call({ ...account, credentials }, 'Balance'))
    },
    'EAPI:Invalid key',
    'auth',
    'K3',
  ),
  row(
    'KR-02',
    'HMAC differs',
    '`Balance` signed with another secret',
    async () => {
      const { lab, account } = await scene({})
      const credentials = { ...account.credentials, api_secret: 'b3RoZXI=' }
      return errorOf(await lab.call({ ...account, credentials }, 'Balance'))
    },
    'EAPI:Invalid signature',
    'auth',
    'K3',
  ),
  row(
    'KR-03',
    'nonce not larger than the last',
    '`Balance` twice with one nonce',
    async () => {
      const { lab, account } = await scene({})
      const { sign } = await import('../../venues/kraken/auth.js')
      const { api_key = '', api_secret = '' } = account.credentials
      const path = '/0/private/Balance'
      const nonce = lab.nonce()
      const body = `nonce=${nonce}`
      const headers = { 'API-Key': api_key, 'API-Sign': sign(path, nonce, body, api_secret) }
      await lab.raw(path, { method: 'POST', headers, body })
      const second = await lab.raw(path, { method: 'POST', headers, body })
      return { status: second.status, text: String(second.body.error[0]) }
    },
    'EAPI:Invalid nonce',
    'auth',
    'K3',
  ),
  row(
    'KR-03b',
    'key lacks the right',
    '`AddOrder` with a key that may only query',
    async () => {
      const { lab } = await scene({})
      const account = lab.mock.admin.openAccount({
        label: 'reader',
        credentials: { permissions: 'query-funds' },
      })
      return errorOf(await lab.call(account, 'AddOrder', LIMIT))
    },
    'EGeneral:Permission denied',
    'permission',
    'K3',
  ),
  row(
    'KR-04',
    'missing field',
    '`AddOrder` without `type`',
    refusedOrder({ ...LIMIT, type: '' }),
    'EGeneral:Invalid arguments:type',
    'bad-request',
    'K3, ccxt',
  ),
  row(
    'KR-04b',
    'malformed field',
    '`AddOrder price=abc`',
    refusedOrder({ ...LIMIT, price: 'abc' }),
    'EGeneral:Invalid arguments:price',
    'bad-request',
    'K3, ccxt',
  ),
  row(
    'KR-04c',
    'order type that is not built',
    '`AddOrder ordertype=stop-loss`',
    refusedOrder({ ...LIMIT, ordertype: 'stop-loss' }),
    'EGeneral:Invalid arguments:ordertype',
    'unsupported-order',
    'our limit, Kraken’s words',
  ),
  row(
    'KR-04d',
    'expiry in the past',
    '`AddOrder timeinforce=GTD expiretm=1`',
    refusedOrder({ ...LIMIT, timeinforce: 'GTD', expiretm: '1' }),
    'EGeneral:Invalid arguments:expiretm',
    'expired',
    'K3, inferred',
  ),
  row(
    'KR-05',
    'unknown pair',
    '`AddOrder pair=FOOUSD`',
    refusedOrder({ ...LIMIT, pair: 'FOOUSD' }),
    'EQuery:Unknown asset pair',
    'unknown-instrument',
    'K3',
  ),
  row(
    'KR-06a',
    'market takes cancels only',
    '`AddOrder` while `status` is `cancel_only`',
    refusedOrder(LIMIT, { before: inMode('cancel-only') }),
    'EService:Market in cancel_only mode',
    'market-mode',
    'K3',
  ),
  row(
    'KR-06b',
    'market takes post-only orders only',
    '`AddOrder` without `oflags=post` while `status` is `post_only`',
    refusedOrder(LIMIT, { before: inMode('post-only') }),
    'EService:Market in post_only mode',
    'market-mode',
    'K3',
  ),
  row(
    'KR-06c',
    'market takes limit orders only',
    '`AddOrder ordertype=market` while `status` is `limit_only`',
    refusedOrder(MARKET, { before: inMode('limit-only') }),
    'EService:Market in limit_only mode',
    'market-mode',
    'ccxt',
  ),
  row(
    'KR-06d',
    'market under maintenance',
    '`AddOrder` while `status` is `maintenance`',
    refusedOrder(LIMIT, { before: inMode('halted') }),
    'EService:Unavailable',
    'venue-paused',
    'K3, inferred',
  ),
  row(
    'KR-07',
    'price no multiple of `tick_size`',
    '`AddOrder price=29990.05`',
    refusedOrder({ ...LIMIT, price: '29990.05' }),
    'EOrder:Tick size check failed',
    'off-tick',
    'K3',
  ),
  row(
    'KR-08',
    'too many decimals (switch `price_text=decimals`)',
    '`AddOrder price=29990.05`',
    refusedOrder({ ...LIMIT, price: '29990.05' }, { switches: { price_text: 'decimals' } }),
    'EOrder:Invalid price:XXBTZUSD price can only be specified up to 1 decimals.',
    'off-tick',
    'K11',
  ),
  row(
    'KR-09',
    'volume finer than `lot_decimals`, zero or negative',
    '`AddOrder volume=0.000000001`',
    refusedOrder({ ...LIMIT, volume: '0.000000001' }),
    'EGeneral:Invalid arguments:volume',
    'off-lot',
    'ccxt, inferred',
  ),
  row(
    'KR-10',
    'volume below `ordermin`',
    '`AddOrder volume=0.00004`',
    refusedOrder({ ...LIMIT, volume: '0.00004', price: '29990.0' }),
    'EOrder:Order minimum not met',
    'below-min-qty',
    'K3',
  ),
  row(
    'KR-11',
    'cost below `costmin`',
    '`AddOrder volume=0.00005 price=9000.0`',
    refusedOrder({ ...LIMIT, volume: '0.00005', price: '9000.0' }),
    'EOrder:Cost minimum not met',
    'below-min-notional',
    'K3',
  ),
  row(
    'KR-12',
    'free balance too small for size and fee',
    '`AddOrder volume=0.01 price=30000.0` with 300 USD',
    refusedOrder({ ...LIMIT, price: '30000.0' }, { balances: { USD: '300' } }),
    'EOrder:Insufficient funds',
    'insufficient-balance',
    'K3, K12',
  ),
  row(
    'KR-13a',
    'post-only would take: accepted, then cancelled',
    '`AddOrder oflags=post price=30000.0`',
    endedOrder({ ...LIMIT, price: '30000.0', oflags: 'post' }),
    'Post only order',
    'would-cross',
    'K2, K17, K18',
  ),
  row(
    'KR-13b',
    'post-only would take (switch `post_only=refuse`)',
    '`AddOrder oflags=post price=30000.0`',
    refusedOrder(
      { ...LIMIT, price: '30000.0', oflags: 'post' },
      { switches: { post_only: 'refuse' } },
    ),
    'EOrder:Post only order',
    'would-cross',
    'K6, K18',
  ),
  row(
    'KR-14',
    'IOC remainder',
    '`AddOrder timeinforce=IOC volume=1 price=30000.0`',
    endedOrder({ ...LIMIT, volume: '1', price: '30000.0', timeinforce: 'IOC' }),
    'Immediate or cancel order not filled',
    'ioc-unfilled',
    'K1; text ours',
  ),
  row(
    'KR-15',
    'FOK not fully fillable',
    '`AddOrder timeinforce=FOK volume=1 price=30000.0`',
    endedOrder({ ...LIMIT, volume: '1', price: '30000.0', timeinforce: 'FOK' }),
    'Fill or kill order not filled',
    'fok-unfilled',
    'K5; text ours',
  ),
  row(
    'KR-16',
    'market order, empty opposite side',
    '`AddOrder ordertype=market` with no asks',
    endedOrder(MARKET, { before: (lab) => lab.book([], [['29990.0', '1.0']]) }),
    'Insufficient liquidity',
    'no-liquidity',
    'inferred from K7; text unverified',
  ),
  row(
    'KR-17',
    'market order, book too thin',
    '`AddOrder ordertype=market volume=2`',
    endedOrder({ ...MARKET, volume: '2' }),
    'Insufficient liquidity',
    'no-liquidity',
    'inferred; text unverified',
  ),
  row(
    'KR-18',
    'self trade: the newest is cancelled',
    '`AddOrder type=sell` into one’s own best bid',
    endedOrder(
      { ...LIMIT, type: 'sell', price: '29995.0' },
      { before: (lab, account) => lab.call(account, 'AddOrder', { ...LIMIT, price: '29995.0' }) },
    ),
    'Cannot trade with self',
    'self-trade',
    'K7',
  ),
  row(
    'KR-19',
    'unknown or finished order',
    '`CancelOrder` of an order that is over',
    async () => {
      const { lab, account } = await scene({})
      const post = { ...LIMIT, price: '30000.0', oflags: 'post' }
      const { result } = await lab.call(account, 'AddOrder', post)
      return errorOf(await lab.call(account, 'CancelOrder', { txid: result.txid[0] }))
    },
    'EOrder:Unknown order',
    'unknown-order',
    'K8',
  ),
  row(
    'KR-20',
    'deadline past',
    '`AddOrder deadline=2020-01-01T00:00:00Z`',
    refusedOrder({ ...LIMIT, deadline: '2020-01-01T00:00:00Z' }),
    'EService:Deadline elapsed',
    'expired',
    'K3',
  ),
  row(
    'KR-21',
    'REST counter full (switch `rate_limits`)',
    '`Balance` 21 times at once',
    async () => {
      const { lab, account } = await scene({ switches: { rate_limits: 'intermediate' } })
      for (let call = 0; call < 20; call++) await lab.call(account, 'Balance')
      return errorOf(await lab.call(account, 'Balance'))
    },
    'EAPI:Rate limit exceeded',
    'rate-limited',
    'K3, K19',
  ),
  row(
    'KR-22',
    'engine counter full (switch `rate_limits`)',
    '`AddOrder` and `CancelOrder` of young orders, over and over',
    async () => {
      const { lab, account } = await scene({ switches: { rate_limits: 'starter' } })
      for (let order = 0; order < 7; order++) {
        const { result } = await lab.call(account, 'AddOrder', LIMIT)
        await lab.call(account, 'CancelOrder', { txid: result.txid[0] })
      }
      return errorOf(await lab.call(account, 'AddOrder', LIMIT))
    },
    'EOrder:Rate limit exceeded',
    'rate-limited',
    'K3, K19',
  ),
  row(
    'KR-23',
    'too many open orders on the pair',
    '`AddOrder` with 225 open',
    async () => {
      const { lab, account } = await scene({})
      for (let order = 0; order < 225; order++) {
        await lab.call(account, 'AddOrder', { ...LIMIT, volume: '0.0001' })
      }
      return errorOf(await lab.call(account, 'AddOrder', LIMIT))
    },
    'EOrder:Orders limit exceeded',
    'too-many-orders',
    'K3; figure unverified',
  ),
  row(
    'KR-24',
    '`viqc` on a sell or a limit order',
    '`AddOrder type=sell ordertype=market oflags=viqc`',
    refusedOrder({ ...MARKET, type: 'sell', oflags: 'viqc' }),
    'EGeneral:Invalid arguments:viqc',
    'unsupported-order',
    'ccxt, inferred',
  ),
  row(
    'KR-25',
    'post-only with IOC, FOK or market',
    '`AddOrder oflags=post timeinforce=IOC`',
    refusedOrder({ ...LIMIT, oflags: 'post', timeinforce: 'IOC' }),
    'EGeneral:Invalid arguments:oflags',
    'unsupported-order',
    'ccxt issue 7347, inferred',
  ),
  row(
    'KR-26',
    '`cl_ord_id` of an order that is still open',
    '`AddOrder cl_ord_id=one` twice',
    refusedOrder(
      { ...LIMIT, cl_ord_id: 'one' },
      {
        before: (lab, account) => lab.call(account, 'AddOrder', { ...LIMIT, cl_ord_id: 'one' }),
      },
    ),
    'EOrder:Invalid cl_ord_id',
    'duplicate-client-id',
    'rule K5; text unverified',
  ),
  row(
    'KR-27',
    'unknown method',
    '`POST /0/private/MakeMoney`',
    async () => {
      const { lab, account } = await scene({})
      return errorOf(await lab.call(account, 'MakeMoney'))
    },
    'EGeneral:Unknown method',
    'bad-request',
    'K3',
  ),
  row(
    'KR-28',
    'unknown asset',
    '`GET /0/public/Assets?asset=FOO`',
    async () => {
      const { lab } = await scene({})
      return errorOf(await lab.public('Assets', { asset: 'FOO' }))
    },
    'EQuery:Unknown asset',
    'unknown-instrument',
    'ccxt',
  ),
]
