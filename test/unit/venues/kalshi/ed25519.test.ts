import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { ed25519Pair } from '../../../../venues/kalshi/ed25519.js'
import { kalshiLab } from '../../../support/kalshi.js'

test('the pair is that of RFC 8032, first test vector', () => {
  const hex = (text: string) => Buffer.from(text, 'hex')
  const secret = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
  const jwk = createPrivateKey(ed25519Pair(secret).private_key_pem).export({ format: 'jwk' })
  expect(Buffer.from(jwk.x ?? '', 'base64url')).toEqual(
    hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
  )
})

test('a secret of another length is refused', () => {
  expect(() => ed25519Pair(new Uint8Array(31))).toThrow()
})

test('an account with cheap keys signs in like any other', async () => {
  const lab = kalshiLab()
  const { account_id, credentials } = lab.mock.admin.openAccount({ label: 'inside', cheap: true })
  const { key_id = '', private_key_pem = '' } = credentials
  expect(createPrivateKey(private_key_pem).asymmetricKeyType).toBe('ed25519')
  const answer = await lab.ask({ account_id, key_id, private_key_pem }, 'GET', '/portfolio/balance')
  expect(answer.status).toBe(200)
  await lab.mock.close()
})
