/**
 * An exchange so plain that it is obviously right: one list of orders, searched anew for every step.
 * It tells its public feed the way venues do: the trades of a command, then the levels it changed.
 */
import type { Side } from '../../src/engine/instrument.js'
import type { FeedSink } from '../../src/venue/contract.js'

export interface NaiveOrder {
  readonly id: string
  readonly side: Side
  readonly price_1e9: bigint
  qty_1e8: bigint
}

export interface NaiveFill {
  readonly id: string
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly liquidity: 'maker' | 'taker'
}

export class NaiveExchange {
  readonly fills: NaiveFill[] = []
  /** Oldest first. */
  #orders: NaiveOrder[] = []
  readonly #tell: { sink: FeedSink; symbol: string; now_ns: () => bigint } | null

  constructor(tell: { sink: FeedSink; symbol: string; now_ns: () => bigint } | null = null) {
    this.#tell = tell
  }

  get orders(): readonly NaiveOrder[] {
    return this.#orders
  }

  /** Price null: market. The rest of a limit order rests unless `ioc`. */
  place(order: {
    id: string
    side: Side
    price_1e9: bigint | null
    qty_1e8: bigint
    rest?: 'gtc' | 'ioc' | 'fok'
  }): void {
    const { id, side, price_1e9, rest = 'gtc' } = order
    const crosses = (maker: NaiveOrder) =>
      maker.side !== side &&
      (price_1e9 === null ||
        (side === 'buy' ? maker.price_1e9 <= price_1e9 : maker.price_1e9 >= price_1e9))
    const best = () =>
      this.#orders
        .filter(crosses)
        .reduce<NaiveOrder | undefined>(
          (found, maker) =>
            found === undefined ||
            (side === 'buy' ? maker.price_1e9 < found.price_1e9 : maker.price_1e9 > found.price_1e9)
              ? maker
              : found,
          undefined,
        )
    const available = this.#orders.filter(crosses).reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
    if (rest === 'fok' && available < order.qty_1e8) return
    const touched = new Set<string>()
    let left = order.qty_1e8
    for (let maker = best(); maker !== undefined && left > 0n; maker = best()) {
      const qty_1e8 = least(maker.qty_1e8, left)
      maker.qty_1e8 -= qty_1e8
      left -= qty_1e8
      this.fills.push({ id: maker.id, price_1e9: maker.price_1e9, qty_1e8, liquidity: 'maker' })
      this.fills.push({ id, price_1e9: maker.price_1e9, qty_1e8, liquidity: 'taker' })
      touched.add(`${maker.side}/${maker.price_1e9}`)
      this.#orders = this.#orders.filter((other) => other.qty_1e8 > 0n)
      this.#tell?.sink.trade(this.#tell.symbol, {
        price_1e9: maker.price_1e9,
        qty_1e8,
        taker_side: side,
        ts_ns: this.#tell.now_ns(),
      })
    }
    if (left > 0n && price_1e9 !== null && rest === 'gtc') {
      this.#orders.push({ id, side, price_1e9, qty_1e8: left })
      touched.add(`${side}/${price_1e9}`)
    }
    this.#publish(touched)
  }

  /** Takes this much off an order; all of it removes it. */
  cancel(id: string, qty_1e8: bigint): void {
    const order = this.#orders.find((each) => each.id === id)
    if (order === undefined) return
    order.qty_1e8 -= qty_1e8 < order.qty_1e8 ? qty_1e8 : order.qty_1e8
    this.#orders = this.#orders.filter((other) => other.qty_1e8 > 0n)
    this.#publish(new Set([`${order.side}/${order.price_1e9}`]))
  }

  filled(id: string): bigint {
    return this.fills
      .filter((fill) => fill.id === id)
      .reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
  }

  #publish(levels: Set<string>): void {
    if (this.#tell === null) return
    const { sink, symbol, now_ns } = this.#tell
    for (const level of levels) {
      const [side, price] = level.split('/') as [Side, string]
      const price_1e9 = BigInt(price)
      const shown = this.#orders
        .filter((order) => order.side === side && order.price_1e9 === price_1e9)
        .reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
      sink.level(symbol, side, price_1e9, shown, now_ns())
    }
    sink.published(symbol, now_ns())
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
