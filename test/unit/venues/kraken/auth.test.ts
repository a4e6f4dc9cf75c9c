/** Signatures: what is signed, in which order it is checked, and what a key may do. */
import { describe, expect, test } from 'vitest'
import { may, sign } from '../../../../venues/kraken/auth.js'
import { type Account, type KrakenLab, krakenLab } from '../../../support/kraken.js'

const PATH = '/0/private/Balance'

interface Signed {
  readonly path?: string
  readonly signedPath?: string
  readonly nonce: string
  readonly body?: string
  readonly sentBody?: string
  readonly key?: string
  readonly signature?: string
  readonly headers?: Record<string, string>
}

async function ask(lab: KrakenLab, account: Account, request: Signed): Promise<string> {
  const { api_key = '', api_secret = '' } = account.credentials
  const { path = PATH, signedPath = path, nonce, body = `nonce=${nonce}` } = request
  const signature = request.signature ?? sign(signedPath, nonce, body, api_secret)
  const answer = await lab.raw(path, {
    method: 'POST',
    headers: { 'API-Key': request.key ?? api_key, 'API-Sign': signature, ...request.headers },
    body: request.sentBody ?? body,
  })
  expect(answer.status).toBe(200)
  return answer.body.error[0] ?? 'ok'
}

function scene() {
  const lab = krakenLab()
  return { lab, account: lab.account('auth') }
}

describe('a signature', () => {
  test('covers path, nonce and body, in a form or in JSON', async () => {
    const { lab, account } = scene()
    expect(await ask(lab, account, { nonce: '1' })).toBe('ok')
    expect(await ask(lab, account, { nonce: '2', body: '{"nonce":"2"}' })).toBe('ok')
    expect(await ask(lab, account, { nonce: '3', body: '{"nonce":3}' })).toBe('ok')
    const wrong = 'EAPI:Invalid signature'
    expect(await ask(lab, account, { nonce: '4', signedPath: '/0/private/BalanceEx' })).toBe(wrong)
    expect(await ask(lab, account, { nonce: '4', sentBody: 'nonce=4&asset=XBT' })).toBe(wrong)
    expect(await ask(lab, account, { nonce: '4', body: 'nonce=4', sentBody: 'nonce=5' })).toBe(
      wrong,
    )
  })

  test('may not be missing, empty, cut or somebody else’s', async () => {
    const { lab, account } = scene()
    const good = sign(PATH, '1', 'nonce=1', account.credentials.api_secret ?? '')
    for (const signature of ['', good.slice(0, -4), `${good}AAAA`, 'x']) {
      expect(await ask(lab, account, { nonce: '1', signature })).toBe('EAPI:Invalid signature')
    }
    const headers = { 'API-Key': account.credentials.api_key ?? '' }
    const { body } = await lab.raw(PATH, { method: 'POST', headers, body: 'nonce=1' })
    expect(body.error).toEqual(['EAPI:Invalid signature'])
    expect(await ask(lab, account, { nonce: '1', signature: good })).toBe('ok')
  })

  test('needs a known key', async () => {
    const { lab, account } = scene()
    expect(await ask(lab, account, { nonce: '1', key: 'bm9ib2R5' })).toBe('EAPI:Invalid key')
    const { body } = await lab.raw(PATH, { method: 'POST', body: 'nonce=1' })
    expect(body.error).toEqual(['EAPI:Invalid key'])
  })

  test('may be about the path as it was called under a prefix', async () => {
    const { lab, account } = scene()
    const called = `/venues/kraken${PATH}`
    const headers = { 'x-papervenue-called-path': called }
    const answer = await ask(lab, account, { nonce: '1', signedPath: called, headers })
    expect(answer).toBe('ok')
  })
})

describe('a nonce', () => {
  const wrong = 'EAPI:Invalid nonce'

  test('grows, by any step, for each key on its own', async () => {
    const { lab, account } = scene()
    expect(await ask(lab, account, { nonce: '0' })).toBe('ok')
    expect(await ask(lab, account, { nonce: '0' })).toBe(wrong)
    expect(await ask(lab, account, { nonce: '5' })).toBe('ok')
    expect(await ask(lab, account, { nonce: '4' })).toBe(wrong)
    expect(await ask(lab, account, { nonce: '18446744073709551615' })).toBe('ok')
    expect(await ask(lab, account, { nonce: '18446744073709551615' })).toBe(wrong)
    expect(await ask(lab, lab.account('another'), { nonce: '1' })).toBe('ok')
  })

  test.each(['18446744073709551616', '-1', '1.5', 'x', '', '000000000000000000001'])(
    '"%s" is none',
    async (nonce) => {
      const { lab, account } = scene()
      expect(await ask(lab, account, { nonce })).toBe(wrong)
    },
  )

  test('may not be missing', async () => {
    const { lab, account } = scene()
    const { api_key = '', api_secret = '' } = account.credentials
    const body = 'asset=XBT'
    const headers = { 'API-Key': api_key, 'API-Sign': sign(PATH, '', body, api_secret) }
    const answer = await lab.raw(PATH, { method: 'POST', headers, body })
    expect(answer.body.error).toEqual([wrong])
  })

  test('is not used up by a request that was not signed', async () => {
    const { lab, account } = scene()
    expect(await ask(lab, account, { nonce: '9', signature: 'x' })).toBe('EAPI:Invalid signature')
    expect(await ask(lab, account, { nonce: '1' })).toBe('ok')
  })
})

describe('a key', () => {
  const RIGHTS = [
    ['Balance', 'query-funds'],
    ['BalanceEx', 'query-funds'],
    ['TradeBalance', 'query-funds'],
    ['TradeVolume', 'query-funds'],
    ['Ledgers', 'query-ledger'],
    ['QueryLedgers', 'query-ledger'],
    ['OpenOrders', 'query-open-orders'],
    ['OpenPositions', 'query-open-orders'],
    ['QueryOrders', 'query-open-orders'],
    ['ClosedOrders', 'query-closed-orders'],
    ['TradesHistory', 'query-closed-orders'],
    ['QueryTrades', 'query-closed-orders'],
    ['AddOrder', 'modify-orders'],
    ['AddOrderBatch', 'modify-orders'],
    ['AmendOrder', 'modify-orders'],
    ['EditOrder', 'modify-orders'],
    ['CancelOrder', 'cancel-orders'],
    ['CancelOrderBatch', 'cancel-orders'],
    ['CancelAll', 'cancel-orders'],
    ['CancelAllOrdersAfter', 'cancel-orders'],
    ['GetWebSocketsToken', 'create-ws'],
  ] as const
  const ALL = [...new Set(RIGHTS.map(([, right]) => right))]

  test.each(RIGHTS)('calls %s with the right %s and not without', async (method, right) => {
    const lab = krakenLab()
    const others = ALL.filter((one) => one !== right).join(',')
    const open = (label: string, permissions: string) =>
      lab.mock.admin.openAccount({ label, credentials: { permissions } })
    const denied = ['EGeneral:Permission denied']
    expect((await lab.call(open('without', others), method)).error).toEqual(denied)
    expect((await lab.call(open('with', right), method)).error).not.toEqual(denied)
  })

  test('without a list may do everything', () => {
    const { account } = scene()
    for (const right of ALL) expect(may(account as never, right)).toBe(true)
  })

  test('has Kraken’s form, is one account’s own, and can be given', () => {
    const lab = krakenLab()
    const [one, two] = [lab.account('one'), lab.account('two')]
    expect(one.credentials.api_key).toMatch(/^[A-Za-z0-9+/=]{56}$/)
    expect(one.credentials.api_secret).toMatch(/^[A-Za-z0-9+/]{86}==$/)
    expect(one.credentials.api_key).not.toBe(two.credentials.api_key)
    expect(one.credentials.api_secret).not.toBe(two.credentials.api_secret)
    expect(one.credentials).not.toHaveProperty('permissions')
    const given = { api_key: 'mine', api_secret: 'c2VjcmV0', permissions: 'create-ws' }
    const account = lab.mock.admin.openAccount({ label: 'given', credentials: given })
    expect(account.credentials).toEqual(given)
  })
})
