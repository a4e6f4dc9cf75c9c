/**
 * Bytes: a writer and a reader of plain little-endian fields, for snapshots.
 *
 * Pure. Every value has exactly one encoding, so equal states give equal bytes.
 *
 * @module
 */

const SMALL_MIN = -(2n ** 63n)
const SMALL_MAX = 2n ** 63n - 1n

export class ByteWriter {
  #bytes = new Uint8Array(4_096)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.#at] = value
    this.#at += 1
  }

  u16(value: number): void {
    this.#room(2)
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  /** Any safe integer or NaN; NaN stands for null. */
  number(value: number | null): void {
    this.#room(8)
    this.#view.setFloat64(this.#at, value ?? Number.NaN, true)
    this.#at += 8
  }

  bigint(value: bigint): void {
    if (value >= SMALL_MIN && value <= SMALL_MAX) {
      this.u8(0)
      this.#room(8)
      this.#view.setBigInt64(this.#at, value, true)
      this.#at += 8
      return
    }
    this.u8(1)
    this.text(value.toString())
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.number(encoded.length)
    this.#room(encoded.length)
    this.#bytes.set(encoded, this.#at)
    this.#at += encoded.length
  }

  /** What was written, as bytes of their own. */
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  #room(wanted: number): void {
    if (this.#at + wanted <= this.#bytes.length) return
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + wanted))
    wider.set(this.#bytes)
    this.#bytes = wider
    this.#view = new DataView(wider.buffer)
  }
}

/** Reads back what {@link ByteWriter} wrote. Reading past the end throws RangeError. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    const value = this.#view.getUint8(this.#at)
    this.#at += 1
    return value
  }

  u16(): number {
    const value = this.#view.getUint16(this.#at, true)
    this.#at += 2
    return value
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  nullable(): number | null {
    const value = this.number()
    return Number.isNaN(value) ? null : value
  }

  bigint(): bigint {
    if (this.u8() === 1) return BigInt(this.text())
    const value = this.#view.getBigInt64(this.#at, true)
    this.#at += 8
    return value
  }

  text(): string {
    const length = this.number()
    if (!(length >= 0 && length <= this.left)) {
      throw new RangeError(`a text of ${length} bytes does not fit the ${this.left} that are left.`)
    }
    const value = new TextDecoder().decode(this.#bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return value
  }
}
