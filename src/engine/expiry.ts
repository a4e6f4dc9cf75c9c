/**
 * Expiry: when resting good-till-date orders end.
 *
 * A binary heap of (time, order id) beside a map of what still stands. An order that leaves early only
 * leaves the map; its heap entry is dropped when it comes up, or when such entries are the majority.
 *
 * @module
 */

export class Expiries {
  readonly #standing = new Map<number, number>()
  #heap: { ts_us: number; order_id: number }[] = []

  get size(): number {
    return this.#standing.size
  }

  /** Entries kept: what stands, and at most as many again (or 64) of orders that left early. */
  get entries(): number {
    return this.#heap.length
  }

  /** When an order expires, or `undefined`. */
  get(order_id: number): number | undefined {
    return this.#standing.get(order_id)
  }

  set(order_id: number, ts_us: number): void {
    this.#standing.set(order_id, ts_us)
    this.#push({ ts_us, order_id })
  }

  delete(order_id: number): void {
    if (!this.#standing.delete(order_id)) return
    if (this.#heap.length > 64 && this.#heap.length > this.#standing.size * 2) this.#rebuild()
  }

  /** Takes the earliest order due at or before a time (ties by order id), or `undefined`. */
  due(ts_us: number): number | undefined {
    for (;;) {
      const top = this.#heap[0]
      if (top === undefined || top.ts_us > ts_us) return undefined
      this.#pop()
      if (this.#standing.get(top.order_id) !== top.ts_us) continue
      this.#standing.delete(top.order_id)
      return top.order_id
    }
  }

  copy(): Expiries {
    const copy = new Expiries()
    for (const [order_id, ts_us] of this.#standing) copy.set(order_id, ts_us)
    return copy
  }

  #rebuild(): void {
    this.#heap = []
    for (const [order_id, ts_us] of this.#standing) this.#push({ ts_us, order_id })
  }

  #push(entry: { ts_us: number; order_id: number }): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as typeof entry
      if (!earlier(entry, above)) break
      heap[at] = above
      heap[parent] = entry
      at = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as (typeof heap)[number]
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      const left = heap[child] as typeof last
      const right = heap[child + 1]
      if (right !== undefined && earlier(right, left)) child += 1
      const smaller = heap[child] as typeof last
      if (!earlier(smaller, last)) break
      heap[at] = smaller
      at = child
    }
    heap[at] = last
  }
}

function earlier(
  a: { ts_us: number; order_id: number },
  b: { ts_us: number; order_id: number },
): boolean {
  return a.ts_us < b.ts_us || (a.ts_us === b.ts_us && a.order_id < b.order_id)
}
