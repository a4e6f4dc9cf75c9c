/**
 * Ladder: the price levels of one side, sorted, best last.
 *
 * Sorted chunks of at most 128 levels. Work near the touch moves a handful of numbers in the last chunk;
 * work far away costs one search over chunk heads and one short move, so cost hardly grows with the
 * number of levels. Keys are `price` for bids and `-price` for asks: larger is always better.
 *
 * @module
 */

const CHUNK = 128

interface Chunk {
  keys: Float64Array
  levels: Int32Array
  size: number
}

export class Ladder {
  /** Level slot of the best price, or -1. */
  best = -1
  /** Number of levels. */
  size = 0
  /** Neighbours of the level inserted last, or -1. */
  worse = -1
  better = -1
  #chunks: Chunk[] = [emptyChunk(8)]
  // Result of the last search: where the key is, or where it would go.
  #chunk = 0
  #place = 0

  /** Level slot at a key, or -1. */
  find(key: number): number {
    return this.#seek(key) ? this.#level(this.#chunk, this.#place) : -1
  }

  /** Adds a level at a key that is not there, and leaves its neighbours in `worse` and `better`. */
  insert(key: number, level: number): void {
    this.#seek(key)
    let chunk = this.#chunks[this.#chunk] as Chunk
    if (chunk.size === chunk.keys.length) {
      if (chunk.size < CHUNK) widen(chunk)
      else {
        this.#split(this.#chunk)
        this.#seek(key)
        chunk = this.#chunks[this.#chunk] as Chunk
      }
    }
    const { keys, levels } = chunk
    const place = this.#place
    for (let i = chunk.size; i > place; i--) {
      keys[i] = keys[i - 1] as number
      levels[i] = levels[i - 1] as number
    }
    keys[place] = key
    levels[place] = level
    chunk.size += 1
    this.size += 1
    const at = this.#chunk
    // A key goes behind the last chunk head at or below it, so only the lowest of all stands first in a chunk.
    this.worse = place > 0 ? (levels[place - 1] as number) : -1
    if (place < chunk.size - 1) this.better = levels[place + 1] as number
    else this.better = at < this.#chunks.length - 1 ? this.#level(at + 1, 0) : -1
    if (this.better < 0) this.best = level
  }

  /** Removes the level at a key that is there. */
  remove(key: number): void {
    this.#seek(key)
    const chunk = this.#chunks[this.#chunk] as Chunk
    const { keys, levels } = chunk
    chunk.size -= 1
    this.size -= 1
    for (let i = this.#place; i < chunk.size; i++) {
      keys[i] = keys[i + 1] as number
      levels[i] = levels[i + 1] as number
    }
    if (chunk.size === 0 && this.#chunks.length > 1) this.#chunks.splice(this.#chunk, 1)
    const last = this.#chunks[this.#chunks.length - 1] as Chunk
    this.best = last.size === 0 ? -1 : (last.levels[last.size - 1] as number)
  }

  /** An independent copy. */
  copy(): Ladder {
    const copy = new Ladder()
    copy.best = this.best
    copy.size = this.size
    copy.#chunks = this.#chunks.map(({ keys, levels, size }) => ({
      keys: keys.slice(),
      levels: levels.slice(),
      size,
    }))
    return copy
  }

  /** Bytes of the chunks. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { keys }) => sum + keys.length * 12, 0)
  }

  #level(chunk: number, place: number): number {
    return (this.#chunks[chunk] as Chunk).levels[place] as number
  }

  /** Points at the key, or at the place where it belongs; answers whether it is there. */
  #seek(key: number): boolean {
    const chunks = this.#chunks
    let at = chunks.length - 1
    if (key < ((chunks[at] as Chunk).keys[0] as number)) {
      let low = 0
      let high = at - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (((chunks[middle] as Chunk).keys[0] as number) <= key) low = middle
        else high = middle - 1
      }
      at = low
    }
    this.#chunk = at
    const { keys, size } = chunks[at] as Chunk
    let high = size
    let low = 0
    while (low < high) {
      const middle = (low + high) >> 1
      if ((keys[middle] as number) < key) low = middle + 1
      else high = middle
    }
    this.#place = low
    return low < size && keys[low] === key
  }

  #split(at: number): void {
    const chunk = this.#chunks[at] as Chunk
    const half = CHUNK / 2
    const upper = emptyChunk(CHUNK)
    upper.keys.set(chunk.keys.subarray(half, chunk.size))
    upper.levels.set(chunk.levels.subarray(half, chunk.size))
    upper.size = chunk.size - half
    chunk.size = half
    this.#chunks.splice(at + 1, 0, upper)
  }
}

function emptyChunk(length: number): Chunk {
  return { keys: new Float64Array(length), levels: new Int32Array(length), size: 0 }
}

function widen(chunk: Chunk): void {
  const wider = emptyChunk(Math.min(CHUNK, chunk.keys.length * 2))
  wider.keys.set(chunk.keys)
  wider.levels.set(chunk.levels)
  chunk.keys = wider.keys
  chunk.levels = wider.levels
}
