/**
 * Fork map: a map in order of adding, as `Map` is, whose copy costs next to nothing.
 *
 * Pure. Entries lie in pages, found through shards of an index; a copy shares all of them, and whoever
 * writes first copies the one page and the one shard it writes to. So a branch of ten thousand orders
 * costs what changes in it afterwards, not what is in it.
 *
 * Values that change in place are asked for with {@link ForkMap.own}, which copies one that another map
 * still holds. All else is read, never changed.
 *
 * @module
 */

/** Entries a page; a power of two. */
const PAGE_BITS = 6
const PAGE = 1 << PAGE_BITS
/** A shard holds so many keys on average before there are twice as many shards. */
const SHARD_KEYS = 24
/** Fewer places than this are never packed. */
const PACK_MIN = 8 * PAGE
/** Places are numbered in 32 bits; long before the last one they are numbered anew. */
const PLACE_MAX = 2 ** 30

interface Shard<K> {
  readonly owner: object
  readonly places: Map<K, number>
}

interface Page<K, V> {
  readonly owner: object
  /** A hole where an entry was deleted. */
  readonly keys: (K | undefined)[]
  readonly values: (V | undefined)[]
  /** Who may change the value in place. */
  readonly owners: (object | undefined)[]
  live: number
}

/**
 * @example
 * const one = new ForkMap<number, string>()
 * one.set(1, 'a')
 * const two = one.fork()
 * two.set(1, 'b')
 * one.get(1) // 'a'
 */
export class ForkMap<K extends string | number, V> {
  /** Whoever holds this object owns what bears it; a fork gives both sides a new one. */
  #owner: object = {}
  #shards: Shard<K>[] = [{ owner: this.#owner, places: new Map() }]
  /** Empty pages at the front are gone; those in between are undefined. */
  #pages: (Page<K, V> | undefined)[] = []
  /** Number of the first page of the table. */
  #first = 0
  /** Where the next entry goes. */
  #next = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  has(key: K): boolean {
    return this.#placeOf(key) !== undefined
  }

  get(key: K): V | undefined {
    const place = this.#placeOf(key)
    if (place === undefined) return undefined
    return this.#pages[(place >>> PAGE_BITS) - this.#first]?.values[place & (PAGE - 1)]
  }

  /**
   * The value, safe to change in place.
   *
   * @param copy - Called when another map holds the same value.
   */
  own(key: K, copy: (value: V) => V): V | undefined {
    const place = this.#placeOf(key)
    if (place === undefined) return undefined
    const at = place & (PAGE - 1)
    const page = this.#pages[(place >>> PAGE_BITS) - this.#first]
    if (page?.owners[at] === this.#owner) return page.values[at]
    const mine = this.#ownPage((place >>> PAGE_BITS) - this.#first)
    const value = copy(mine.values[at] as V)
    mine.values[at] = value
    mine.owners[at] = this.#owner
    return value
  }

  /** Sets a value; a key that is there keeps its place in the order. */
  set(key: K, value: V): this {
    const known = this.#placeOf(key)
    if (known !== undefined) {
      const page = this.#ownPage((known >>> PAGE_BITS) - this.#first)
      page.values[known & (PAGE - 1)] = value
      page.owners[known & (PAGE - 1)] = this.#owner
      return this
    }
    if (this.#size >= this.#shards.length * SHARD_KEYS) this.#spread(this.#shards.length * 2)
    const places = this.#next - this.#first * PAGE
    const sparse = places > PACK_MIN && this.#size * 4 < places
    if (sparse || this.#next === PLACE_MAX) this.#pack()
    this.#ownShard(key).places.set(key, this.#next)
    this.#append(key, value)
    return this
  }

  /** @returns Whether it was there. */
  delete(key: K): boolean {
    const place = this.#placeOf(key)
    if (place === undefined) return false
    this.#ownShard(key).places.delete(key)
    this.#size -= 1
    const index = (place >>> PAGE_BITS) - this.#first
    const page = this.#ownPage(index)
    const at = place & (PAGE - 1)
    page.keys[at] = undefined
    page.values[at] = undefined
    page.owners[at] = undefined
    page.live -= 1
    // The last page is still added to.
    if (page.live === 0 && index < this.#pages.length - 1) this.#drop(index)
    return true
  }

  /** A copy that changes apart from this one. */
  fork(): ForkMap<K, V> {
    const copy = new ForkMap<K, V>()
    copy.#shards = [...this.#shards]
    copy.#pages = [...this.#pages]
    copy.#first = this.#first
    copy.#next = this.#next
    copy.#size = this.#size
    this.#owner = {}
    return copy
  }

  /** Entries in order of adding. Do not add while it runs. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const page of this.#pages) {
      if (page === undefined) continue
      for (let at = 0; at < page.keys.length; at++) {
        const key = page.keys[at]
        if (key !== undefined) yield [key, page.values[at] as V]
      }
    }
  }

  *values(): IterableIterator<V> {
    for (const page of this.#pages) {
      if (page === undefined) continue
      for (let at = 0; at < page.keys.length; at++) {
        if (page.keys[at] !== undefined) yield page.values[at] as V
      }
    }
  }

  *keys(): IterableIterator<K> {
    for (const page of this.#pages) {
      if (page === undefined) continue
      for (const key of page.keys) if (key !== undefined) yield key
    }
  }

  #placeOf(key: K): number | undefined {
    return (this.#shards[hash(key) & (this.#shards.length - 1)] as Shard<K>).places.get(key)
  }

  #ownShard(key: K): Shard<K> {
    const index = hash(key) & (this.#shards.length - 1)
    const shard = this.#shards[index] as Shard<K>
    if (shard.owner === this.#owner) return shard
    const mine = { owner: this.#owner, places: new Map(shard.places) }
    this.#shards[index] = mine
    return mine
  }

  #ownPage(index: number): Page<K, V> {
    const page = this.#pages[index] as Page<K, V>
    if (page.owner === this.#owner) return page
    const mine = {
      owner: this.#owner,
      keys: [...page.keys],
      values: [...page.values],
      owners: [...page.owners],
      live: page.live,
    }
    this.#pages[index] = mine
    return mine
  }

  #append(key: K, value: V): void {
    const last = this.#pages.length - 1
    if ((this.#next >>> PAGE_BITS) - this.#first > last) {
      this.#pages.push({ owner: this.#owner, keys: [], values: [], owners: [], live: 0 })
      if (this.#pages[last]?.live === 0) this.#drop(last)
    }
    const page = this.#ownPage((this.#next >>> PAGE_BITS) - this.#first)
    page.keys.push(key)
    page.values.push(value)
    page.owners.push(this.#owner)
    page.live += 1
    this.#next += 1
    this.#size += 1
  }

  /** Lets go of an empty page. */
  #drop(index: number): void {
    this.#pages[index] = undefined
    while (this.#pages.length > 1 && this.#pages[0] === undefined) {
      this.#pages.shift()
      this.#first += 1
    }
  }

  #spread(count: number): void {
    const shards = Array.from(
      { length: count },
      (): Shard<K> => ({ owner: this.#owner, places: new Map() }),
    )
    for (const { places } of this.#shards) {
      for (const [key, place] of places) shards[hash(key) & (count - 1)]?.places.set(key, place)
    }
    this.#shards = shards
  }

  /** Closes the holes. */
  #pack(): void {
    const kept = this.#pages.filter((page) => page !== undefined)
    let count = 1
    while (this.#size >= count * SHARD_KEYS) count *= 2
    this.#shards = Array.from({ length: count }, () => ({ owner: this.#owner, places: new Map() }))
    this.#pages = []
    this.#first = 0
    this.#next = 0
    this.#size = 0
    for (const { keys, values, owners } of kept) {
      for (const [at, key] of keys.entries()) {
        if (key === undefined) continue
        const mine = owners[at] === this.#owner
        this.#ownShard(key).places.set(key, this.#next)
        const place = this.#next & (PAGE - 1)
        this.#append(key, values[at] as V)
        // Whose value it was, it stays.
        if (!mine) (this.#pages.at(-1) as Page<K, V>).owners[place] = undefined
      }
    }
  }
}

/** Spreads keys over shards; numbers count up, texts end in what tells them apart. */
function hash(key: string | number): number {
  if (typeof key === 'number') return key
  let mixed = key.length
  for (let at = Math.max(0, key.length - 12); at < key.length; at++) {
    mixed = Math.imul(mixed ^ key.charCodeAt(at), 16_777_619)
  }
  return mixed ^ (mixed >>> 15)
}
