/**
 * CRC32 (IEEE, as in zlib and PNG): the checksum several venues put on their books.
 *
 * Pure.
 *
 * @module
 */

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb8_8320 ^ (value >>> 1) : value >>> 1
  return value >>> 0
})

/**
 * Unsigned checksum of the UTF-8 bytes of a text.
 *
 * @example
 * crc32('123456789') // 0xcbf43926
 */
export function crc32(text: string): number {
  let value = 0xffff_ffff
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return crc32Bytes(new TextEncoder().encode(text))
    value = (TABLE[(value ^ code) & 0xff] ?? 0) ^ (value >>> 8)
  }
  return (value ^ 0xffff_ffff) >>> 0
}

/** Unsigned checksum of bytes. */
export function crc32Bytes(bytes: Uint8Array): number {
  let value = 0xffff_ffff
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8)
  return (value ^ 0xffff_ffff) >>> 0
}
