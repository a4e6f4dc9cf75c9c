/**
 * Ids: the venue's texts for orders, fills, markets, as a pure function of their numbers.
 *
 * Derived, never drawn: a venue that recovered from its journal must not repeat an id, and a replay must
 * repeat all of them. Different labels and numbers give different texts (SHA-256 of both).
 *
 * @module
 */

import { createHash } from 'node:crypto'

/**
 * `length` characters of `alphabet`.
 *
 * @param label - What is named, e.g. `kraken/order`.
 *
 * @example
 * idText('demo/order', 1, 'ABC', 4) // always the same four letters
 */
export function idText(label: string, n: number, alphabet: string, length: number): string {
  let text = ''
  for (let block = 0; text.length < length; block++) {
    const digest = createHash('sha256').update(`${label}/${n}/${block}`).digest()
    for (let i = 0; i + 1 < digest.length && text.length < length; i += 2) {
      text += alphabet[digest.readUInt16BE(i) % alphabet.length] ?? ''
    }
  }
  return text
}

/** A version 4 shaped UUID. */
export function idUuid(label: string, n: number): string {
  const hex = createHash('sha256').update(`${label}/${n}`).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A number of `digits` decimal digits, not starting with 0. */
export function idNumber(label: string, n: number, digits: number): number {
  return Number(
    idText(label, n, '123456789', 1) + idText(`${label}/rest`, n, '0123456789', digits - 1),
  )
}
