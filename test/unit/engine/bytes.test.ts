/**
 * Bytes: nothing a snapshot holds is too large to write, and what was not written is not read.
 */
import { expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src/engine/bytes.js'

test('amounts of 64 bits take nine bytes, larger ones are written out, and all read back', () => {
  const edge = 2n ** 63n
  for (const [amount, small] of [
    [0n, true],
    [edge - 1n, true],
    [-edge, true],
    [edge, false],
    [edge + 1n, false],
    [-edge - 1n, false],
  ] as const) {
    const out = new ByteWriter()
    out.bigint(amount)
    const bytes = out.done()
    // A mark, and either eight bytes or a text with its length before it.
    expect([amount, bytes.length]).toEqual([amount, 1 + (small ? 8 : 8 + `${amount}`.length)])
    expect(new ByteReader(bytes).bigint()).toBe(amount)
  }
})

test('a writer has room for whatever it is given, in small pieces or at once', () => {
  const long = 'x'.repeat(20_000)
  const out = new ByteWriter()
  for (let n = 0; n < 5_000; n++) out.u8(n % 251)
  out.text(long)
  for (let n = 0; n < 5_000; n++) out.number(n)
  const source = new ByteReader(out.done())
  let wrong = 0
  for (let n = 0; n < 5_000; n++) if (source.u8() !== n % 251) wrong += 1
  expect(source.text()).toBe(long)
  for (let n = 0; n < 5_000; n++) if (source.number() !== n) wrong += 1
  expect([wrong, source.left]).toEqual([0, 0])
})

test('a text that claims more bytes than there are is refused', () => {
  for (const length of [4, -1, null]) {
    const out = new ByteWriter()
    out.number(length)
    for (const byte of [97, 98, 99]) out.u8(byte)
    expect(() => new ByteReader(out.done()).text()).toThrow(/does not fit the 3 that are left/)
  }
})
