/** Auth: who is let in, and the words for everybody else. */
import { constants, createSign, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { authenticate, hasScope, pathsSigned } from '../../../../venues/kalshi/auth.js'

const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' } } as const
const rsa = generateKeyPairSync('rsa', {
  ...pem,
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const other = generateKeyPairSync('rsa', {
  ...pem,
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const ed = generateKeyPairSync('ed25519', {
  ...pem,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

const now_ms = 1_790_000_000_000
const path = '/trade-api/v2/portfolio/balance'
const keys = new Map([
  ['rsa', { public_key_pem: rsa.publicKey }],
  ['ed', { public_key_pem: ed.publicKey }],
])

function pss(
  privateKey: string,
  text: string,
  saltLength = constants.RSA_PSS_SALTLEN_DIGEST,
): string {
  return createSign('RSA-SHA256')
    .update(text)
    .sign({ key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, 'base64')
}

function ask(headers: Record<string, string>, at = path) {
  const request = {
    method: 'GET',
    paths: [at],
    header: (name: string) => headers[name],
  }
  const answer = authenticate(request, (id) => keys.get(id), now_ms)
  return answer.ok ? 'ok' : `${answer.reject.code} ${answer.reject.details}`.trim()
}

const headers = (key: string, signature: string, timestamp = now_ms) => ({
  'kalshi-access-key': key,
  'kalshi-access-signature': signature,
  'kalshi-access-timestamp': `${timestamp}`,
})

test('lets a right RSA-PSS signature in', () => {
  expect(ask(headers('rsa', pss(rsa.privateKey, `${now_ms}GET${path}`)))).toBe('ok')
})

test('lets a right Ed25519 signature in', () => {
  const signature = sign(null, Buffer.from(`${now_ms}GET${path}`), ed.privateKey)
  expect(ask(headers('ed', signature.toString('base64')))).toBe('ok')
})

test('takes the path as called and the path from /trade-api on', () => {
  const called = `/venues/kalshi${path}`
  expect(ask(headers('rsa', pss(rsa.privateKey, `${now_ms}GET${called}`)), called)).toBe('ok')
  expect(ask(headers('rsa', pss(rsa.privateKey, `${now_ms}GET${path}`)), called)).toBe('ok')
  expect(pathsSigned([path, called])).toEqual([path, called])
})

test('refuses in the words of each mistake', () => {
  const good = pss(rsa.privateKey, `${now_ms}GET${path}`)
  expect(ask({})).toBe('token_authentication_failure')
  expect(ask({ 'kalshi-access-key': 'rsa' })).toBe('signature_is_missing_from_headers')
  expect(ask(headers('nobody', good))).toBe('authentication_error NOT_FOUND')
  const wrong = [
    pss(other.privateKey, `${now_ms}GET${path}`),
    pss(rsa.privateKey, `${now_ms}POST${path}`),
    pss(rsa.privateKey, `${now_ms}GET${path}?limit=1`),
    pss(rsa.privateKey, `${now_ms + 1}GET${path}`),
    pss(rsa.privateKey, `${now_ms}GET${path}`, 0),
    'not base64 at all!',
    'AAAA',
  ]
  expect(wrong.map((signature) => ask(headers('rsa', signature)))).toEqual(
    wrong.map(() => 'authentication_error INCORRECT_API_KEY_SIGNATURE'),
  )
})

test.each([
  [-20_000, 'ok'],
  [-20_001, 'header_timestamp_expired'],
  [45_000, 'ok'],
  [45_001, 'header_timestamp_expired'],
])('judges a timestamp %s ms from now as %s', (offset_ms, answer) => {
  const ts = now_ms + offset_ms
  expect(ask(headers('rsa', pss(rsa.privateKey, `${ts}GET${path}`), ts))).toBe(answer)
})

test.each(['yesterday', '', `x${now_ms}`, `${now_ms}x`, `${now_ms}.5`, `-${now_ms}`])(
  'refuses "%s", which is no number of milliseconds',
  (timestamp) => {
    const signature = pss(rsa.privateKey, `${timestamp}GET${path}`)
    const bad = { ...headers('rsa', signature), 'kalshi-access-timestamp': timestamp }
    expect(ask(bad)).toBe('header_timestamp_expired')
  },
)

test('a parent scope grants its children, not the other way round', () => {
  expect(hasScope(['read', 'write'], 'write::trade')).toBe(true)
  expect(hasScope(['write::trade'], 'write::trade')).toBe(true)
  expect(hasScope(['read'], 'write::trade')).toBe(false)
  expect(hasScope(['write::trade'], 'write')).toBe(false)
  expect(hasScope(['writer'], 'write::trade')).toBe(false)
})
