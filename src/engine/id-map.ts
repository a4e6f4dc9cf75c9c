/**
 * IdMap: order id to slot, in one flat array.
 *
 * Open addressing with linear probing; a removal shifts later entries back, so no tombstones build up and
 * the map stays fast under an endless stream of adds and cancels. A place is 12 bytes side by side, so that an id
 * not asked for in a long time costs one trip to memory; at most half of the places are taken. Ids are safe
 * integers above zero.
 *
 * @module
 */

/** A place in integers: the id's low and high half, and the slot plus one; 0 there marks an empty place. */
const PLACE = 3
const HALF = 4_294_967_296
/** Exact: a power of two. */
const PER_HALF = 1 / HALF

export class IdMap {
  #places: Int32Array
  #mask: number
  #size = 0

  constructor(capacity = 16) {
    let length = 16
    while (length < capacity * 2) length *= 2
    this.#places = new Int32Array(length * PLACE)
    this.#mask = length - 1
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of the array. */
  get bytes(): number {
    return this.#places.byteLength
  }

  /** Slot of an id, or -1. */
  get(id: number): number {
    return isId(id) ? (this.#places[this.#seek(id) + 2] as number) - 1 : -1
  }

  /** Adds an id that is not there yet. */
  add(id: number, slot: number): void {
    if ((this.#size + 1) * 2 > this.#mask + 1) this.#grow()
    this.#size += 1
    const at = this.#seek(id)
    this.#places[at] = id
    this.#places[at + 1] = id * PER_HALF
    this.#places[at + 2] = slot + 1
  }

  /** Removes an id and answers its slot, or -1. */
  remove(id: number): number {
    if (!isId(id)) return -1
    const places = this.#places
    const mask = this.#mask
    let hole = this.#seek(id)
    const slot = (places[hole + 2] as number) - 1
    if (slot < 0) return -1
    // Close the hole: pull back each later entry whose home place lies at or before it.
    let place = hole / PLACE
    let gap = place
    for (;;) {
      place = (place + 1) & mask
      const at = place * PLACE
      if (places[at + 2] === 0) break
      const home = hash(places[at] as number, places[at + 1] as number) & mask
      if (((place - home) & mask) >= ((place - gap) & mask)) {
        places[hole] = places[at] as number
        places[hole + 1] = places[at + 1] as number
        places[hole + 2] = places[at + 2] as number
        hole = at
        gap = place
      }
    }
    places[hole + 2] = 0
    this.#size -= 1
    return slot
  }

  /** An independent copy. */
  copy(): IdMap {
    const copy = new IdMap()
    copy.#places = this.#places.slice()
    copy.#mask = this.#mask
    copy.#size = this.#size
    return copy
  }

  /** Where an id is, or the empty place where it would go. */
  #seek(id: number): number {
    const places = this.#places
    const mask = this.#mask
    const low = id | 0
    const high = (id * PER_HALF) | 0
    let place = hash(low, high) & mask
    for (;;) {
      const at = place * PLACE
      if (places[at + 2] === 0 || (places[at] === low && places[at + 1] === high)) return at
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const old = this.#places
    this.#places = new Int32Array(old.length * 2)
    this.#mask = this.#mask * 2 + 1
    for (let from = 0; from < old.length; from += PLACE) {
      if (old[from + 2] === 0) continue
      const id = (old[from + 1] as number) * HALF + ((old[from] as number) >>> 0)
      this.#places.set(old.subarray(from, from + PLACE), this.#seek(id))
    }
  }
}

/** Whether both halves together are the number: it is whole and not below zero. */
const isId = (id: number): boolean => ((id * PER_HALF) | 0) * HALF + (id >>> 0) === id

/**
 * Place of an id before probing. Eight neighbouring ids lie together, since orders that come together are looked
 * up together; the groups themselves are scattered, since a long run of taken places is what makes removal slow.
 */
function hash(low: number, high: number): number {
  const mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x85eb_ca6b), 0x9e37_79b1)
  return ((mixed ^ (mixed >>> 15)) << 3) | (low & 7)
}
