/**
 * Flow: a recorded-like stream of order book operations, made once and replayed by every contestant.
 *
 * What it copies from public L3 feeds: nearly as many cancels as adds, a few per cent of orders that take;
 * adds and cancels cluster at the touch and thin out with distance; nineteen of twenty cancelled orders are
 * young (among the last 256 placed), the twentieth is any order of the whole book, however old and deep; sizes are
 * small and round; the price wanders. It is generated against a live book, so cancels name orders that rest and
 * takers meet real liquidity; the number of resting orders stays where it began.
 *
 * A book is not born whole: its touch was made by the traffic that goes on. So a quarter as many operations as
 * are timed come before them, after the starting book is built, whatever its size.
 *
 * @module
 */

import { type BookSink, Matcher } from '../../src/engine/matcher.js'
import { seededStream } from '../../src/world/prng.js'

export const ADD = 0
export const CANCEL = 1
export const TAKE = 2

/** Operations in flat arrays; `side` 0 buys. A take is a limit order a few ticks through the touch, IOC. */
export interface Flow {
  readonly length: number
  /** Operations that only build the starting book and bring its touch to life. */
  readonly warm: number
  readonly kind: Uint8Array
  readonly id: Float64Array
  readonly side: Uint8Array
  readonly price: Float64Array
  readonly qty: Float64Array
  /** 0 to 63: who sends it. */
  readonly owner: Uint8Array
}

const MIDDLE = 1_000_000

/**
 * `resting` orders to begin with, then `operations` around the touch.
 *
 * `cancels`: `young` as described above, or `any`: every cancelled order is any order of the whole book, which
 * no market does; it shows what an order costs that nobody touched for long.
 */
export function makeFlow(options: {
  seed: number
  resting: number
  operations: number
  cancels?: 'young' | 'any'
}): Flow {
  const { resting, operations, cancels = 'young' } = options
  const chance = seededStream(options.seed, 'flow')
  const warm = resting + Math.floor(operations / 4)
  const length = warm + operations
  const flow = {
    length,
    warm,
    kind: new Uint8Array(length),
    id: new Float64Array(length),
    side: new Uint8Array(length),
    price: new Float64Array(length),
    qty: new Float64Array(length),
    owner: new Uint8Array(length),
  }
  const live: number[] = []
  const places = new Map<number, number>()
  const forget = (id: number) => {
    const at = places.get(id)
    if (at === undefined) return
    places.delete(id)
    const last = live.pop() as number
    if (last === id) return
    live[at] = last
    places.set(last, at)
  }
  const sink: BookSink = {
    traded: () => undefined,
    rested: (id) => {
      places.set(id, live.length)
      live.push(id)
    },
    amended: () => undefined,
    done: (id) => forget(id),
    level: () => undefined,
  }
  const book = new Matcher(sink)
  const recent = new Float64Array(256)
  let placed = 0
  // Starting depth: about ten orders a level, denser near the touch.
  const levels = Math.max(20, Math.floor(resting / 20))
  let at = 0
  const put = (kind: number, id: number, side: 0 | 1, price: number, qty: number) => {
    flow.kind[at] = kind
    flow.id[at] = id
    flow.side[at] = side
    flow.price[at] = price
    flow.qty[at] = qty
    flow.owner[at] = id % 64
    at += 1
  }
  const drawYoung = () => {
    for (let tries = 0; tries < 8; tries++) {
      const drawn = recent[chance.int(0, 255)] as number
      if (places.has(drawn)) return drawn
    }
    for (let back = 1; back <= 256; back++) {
      const drawn = recent[(placed - back) & 255]
      if (drawn !== undefined && places.has(drawn)) return drawn
    }
    return undefined
  }
  let nextId = 1
  for (; at < resting; ) {
    const side = chance.int(0, 1) as 0 | 1
    const far =
      chance.int(0, 1) === 0 ? chance.int(0, levels - 1) : chance.int(0, Math.ceil(levels / 4))
    const price = side === 0 ? MIDDLE - 1 - far : MIDDLE + far
    const id = nextId++
    const qty = chance.int(1, 20)
    book.place(id, 0, side, price, qty)
    put(ADD, id, side, price, qty)
  }
  while (at < length) {
    const bid = book.book.best(0)
    const ask = book.book.best(1)
    const dice = chance.int(0, 99)
    if (dice < 48 && live.length > resting * 0.95) {
      const young = cancels === 'young' && chance.int(0, 99) < 95
      const id = young ? drawYoung() : live[chance.int(0, live.length - 1)]
      // Where no young order is left an add comes instead: an old one in its place would be a twentieth too many.
      if (id !== undefined) {
        book.cancel(id)
        put(CANCEL, id, 0, 0, 0)
        continue
      }
    }
    const side = chance.int(0, 1) as 0 | 1
    const id = nextId++
    if (dice >= 96 && bid >= 0 && ask >= 0) {
      const price = side === 0 ? ask + 2 : bid - 2
      const qty = chance.int(1, 60)
      book.place(id, 0, side, price, qty, {
        time_in_force: 'ioc',
        post_only: false,
        self_trade: 'allow',
      })
      put(TAKE, id, side, price, qty)
      continue
    }
    const near = chance.int(0, 9)
    const away = near < 8 ? chance.int(0, 5) : chance.int(6, 60)
    const limit = side === 0 ? (ask < 0 ? MIDDLE : ask - 1) : bid < 0 ? MIDDLE - 1 : bid + 1
    const price = side === 0 ? limit - away : limit + away
    const qty = chance.int(1, 20)
    book.place(id, 0, side, price, qty)
    put(ADD, id, side, price, qty)
    recent[placed++ % 256] = id
  }
  return flow
}
