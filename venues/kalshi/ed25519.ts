/**
 * Ed25519: a key pair of secret bytes. Kalshi accepts such keys beside RSA, and they cost next to nothing to
 * make and to sign with.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8410 (the private key's wrapping)
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto'
import { type PemPair, publicOf } from './rsa.js'

/** PKCS 8 of an Ed25519 private key, up to its 32 bytes. */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Keys made in this process, by their secret: every sandbox opens the same accounts again. */
const made = new Map<string, PemPair>()
const MADE_MAX = 256

/**
 * The key pair of these 32 secret bytes, as PKCS 8 and SPKI.
 *
 * @throws Error when there are not 32 of them.
 */
export function ed25519Pair(secret: Uint8Array): PemPair {
  const name = Buffer.from(secret).toString('hex')
  const known = made.get(name)
  if (known !== undefined) return known
  const key = createPrivateKey({
    format: 'der',
    type: 'pkcs8',
    key: Buffer.concat([PREFIX, secret]),
  })
  const private_key_pem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  const pair = { private_key_pem, public_key_pem: publicOf(private_key_pem) }
  if (made.size >= MADE_MAX) made.clear()
  made.set(name, pair)
  return pair
}
