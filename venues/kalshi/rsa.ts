/**
 * RSA: a 2048-bit key pair derived from secret bytes, so that a seed gives the same credentials again.
 *
 * Deterministic: primes are searched from numbers the bytes are stretched to (SHA-256 in counter mode). Fit
 * for a mock's accounts; a real account's key comes from its owner.
 *
 * @module
 */

import { checkPrimeSync, createHash, createPrivateKey, createPublicKey } from 'node:crypto'

export interface PemPair {
  readonly private_key_pem: string
  readonly public_key_pem: string
}

const PRIME_BYTES = 128
const E = 65_537n

/** Keys made in this process, by their secret: fixtures open the same accounts again and again. */
const made = new Map<string, PemPair>()
const MADE_MAX = 256

/** The key pair of these secret bytes, as PKCS 8 and SPKI. */
export function rsaPair(secret: Uint8Array): PemPair {
  const name = Buffer.from(secret).toString('hex')
  const known = made.get(name)
  if (known !== undefined) return known
  const pair = derive(secret)
  if (made.size >= MADE_MAX) made.clear()
  made.set(name, pair)
  return pair
}

/** Public half of a private key, as SPKI. @throws Error when the text is no private key. */
export const publicOf = (private_key_pem: string): string =>
  createPublicKey(private_key_pem).export({ type: 'spki', format: 'pem' }) as string

function derive(secret: Uint8Array): PemPair {
  const p = prime(secret, 'p')
  const q = prime(secret, 'q')
  const d = inverse(E, (p - 1n) * (q - 1n))
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: base64url(p * q),
      e: base64url(E),
      d: base64url(d),
      p: base64url(p),
      q: base64url(q),
      dp: base64url(d % (p - 1n)),
      dq: base64url(d % (q - 1n)),
      qi: base64url(inverse(q, p)),
    },
  })
  const private_key_pem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  return { private_key_pem, public_key_pem: publicOf(private_key_pem) }
}

/** Miller-Rabin rounds: what FIPS 186-4 asks for primes of 1024 bits. */
const ROUNDS = 5
const SMALL_PRIMES = smallPrimes(32_768)

/** The first prime at or above a number of 1024 bits whose two highest bits are set. */
function prime(secret: Uint8Array, label: string): bigint {
  const bytes = stretched(secret, label)
  bytes[0] = (bytes[0] ?? 0) | 0xc0
  bytes[PRIME_BYTES - 1] = (bytes[PRIME_BYTES - 1] ?? 0) | 1
  const start = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const rests = SMALL_PRIMES.map((small) => Number(start % BigInt(small)))
  for (let step = 0; ; step += 2) {
    if (SMALL_PRIMES.some((small, at) => ((rests[at] ?? 0) + step) % small === 0)) continue
    const candidate = start + BigInt(step)
    // Coprime to e, so that e has an inverse.
    if (candidate % E !== 1n && checkPrimeSync(candidate, { checks: ROUNDS })) return candidate
  }
}

function stretched(secret: Uint8Array, label: string): Uint8Array {
  const blocks = Array.from({ length: PRIME_BYTES / 32 }, (_, block) =>
    createHash('sha256').update(secret).update(`kalshi/rsa/${label}/${block}`).digest(),
  )
  return new Uint8Array(Buffer.concat(blocks))
}

function smallPrimes(below: number): number[] {
  const composite = new Uint8Array(below)
  const primes: number[] = []
  for (let n = 3; n < below; n += 2) {
    if (composite[n] === 1) continue
    primes.push(n)
    for (let multiple = n * n; multiple < below; multiple += 2 * n) composite[multiple] = 1
  }
  return primes
}

/** `a` to the minus one modulo `m`; they share no factor. */
function inverse(a: bigint, m: bigint): bigint {
  let [old, rest] = [a, m]
  let [x, next] = [1n, 0n]
  while (rest !== 0n) {
    const quotient = old / rest
    ;[old, rest] = [rest, old - quotient * rest]
    ;[x, next] = [next, x - quotient * next]
  }
  return ((x % m) + m) % m
}

function base64url(n: bigint): string {
  const hex = n.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}
