/**
 * IdMap: order id to slot, in two flat arrays.
 *
 * Open addressing with linear probing; a removal shifts later entries back, so no tombstones build up and
 * the map stays fast under an endless stream of adds and cancels. 12 bytes a place, at most half of
 * them taken. Ids are safe integers above zero; 0 marks an empty place.
 *
 * @module
 */

export class IdMap {
  #keys: Float64Array
  #values: Int32Array
  #mask: number
  #size = 0

  constructor(capacity = 16) {
    let length = 16
    while (length < capacity * 2) length *= 2
    this.#keys = new Float64Array(length)
    this.#values = new Int32Array(length)
    this.#mask = length - 1
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of both arrays. */
  get bytes(): number {
    return this.#keys.byteLength + this.#values.byteLength
  }

  /** Slot of an id, or -1. */
  get(id: number): number {
    const keys = this.#keys
    const mask = this.#mask
    let at = hash(id) & mask
    for (;;) {
      const key = keys[at]
      if (key === 0) return -1
      if (key === id) return this.#values[at] as number
      at = (at + 1) & mask
    }
  }

  /** Adds an id that is not there yet. */
  add(id: number, slot: number): void {
    if ((this.#size + 1) * 2 > this.#mask + 1) this.#grow()
    this.#size += 1
    this.#put(id, slot)
  }

  /** Removes an id and answers its slot, or -1. */
  remove(id: number): number {
    const keys = this.#keys
    const values = this.#values
    const mask = this.#mask
    let at = hash(id) & mask
    for (;;) {
      const key = keys[at]
      if (key === 0) return -1
      if (key === id) break
      at = (at + 1) & mask
    }
    const slot = values[at] as number
    // Close the hole: pull back each later entry whose home place lies at or before it.
    let hole = at
    for (;;) {
      at = (at + 1) & mask
      const key = keys[at] as number
      if (key === 0) break
      const home = hash(key) & mask
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        keys[hole] = key
        values[hole] = values[at] as number
        hole = at
      }
    }
    keys[hole] = 0
    this.#size -= 1
    return slot
  }

  /** An independent copy. */
  copy(): IdMap {
    const copy = new IdMap()
    copy.#keys = this.#keys.slice()
    copy.#values = this.#values.slice()
    copy.#mask = this.#mask
    copy.#size = this.#size
    return copy
  }

  #put(id: number, slot: number): void {
    const keys = this.#keys
    const mask = this.#mask
    let at = hash(id) & mask
    while (keys[at] !== 0) at = (at + 1) & mask
    keys[at] = id
    this.#values[at] = slot
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    const length = keys.length * 2
    this.#keys = new Float64Array(length)
    this.#values = new Int32Array(length)
    this.#mask = length - 1
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as number
      if (key !== 0) this.#put(key, values[at] as number)
    }
  }
}

/**
 * Place of an id before probing. Eight neighbouring ids share one cache line, since orders that come together
 * are looked up together; the lines themselves are scattered, since a long run of taken places is what makes
 * removal slow.
 */
function hash(id: number): number {
  const low = id | 0
  const high = (id / 4_294_967_296) | 0
  const mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1)
  return ((mixed ^ (mixed >>> 15)) << 3) | (low & 7)
}
