/**
 * Trace: what a report shows of a run: prices, trades, orders, fills, faults and balances over time.
 *
 * @module
 */

import { principalOf } from '../control/target.js'
import type { FillRow, OrderRow } from '../desk/contract.js'
import type { FaultFiring } from '../fault/plan.js'
import type { ScenarioHost } from './host.js'
import type { UsedAccount } from './step.js'
import { nameOf } from './steps/expect-position.js'

export interface PricePoint {
  readonly at_ms: number
  readonly bid_1e9: bigint | null
  readonly ask_1e9: bigint | null
}

export interface TradePoint {
  readonly at_ms: number
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly taker_side: 'buy' | 'sell'
}

export interface BalancePoint {
  readonly at_ms: number
  readonly qty_1e8: bigint
  readonly locked_1e8: bigint
}

export interface TracedFill {
  readonly client: string
  readonly at_ms: number
  /** As prices and trades name it; null: the venue lists no such market. */
  readonly market: string | null
  readonly fill: FillRow
}

/** Points kept a series; beyond it every second one goes. */
const POINTS_MAX = 5_000

export class Trace {
  readonly prices = new Map<string, PricePoint[]>()
  readonly trades = new Map<string, TradePoint[]>()
  /** By client, mode, venue and symbol. */
  readonly balances = new Map<string, BalancePoint[]>()
  readonly faults: { readonly at_ms: number; readonly firing: FaultFiring }[] = []
  orders: readonly { readonly client: string; readonly order: OrderRow }[] = []
  fills: readonly TracedFill[] = []
  /** When the story was over. */
  ended_ms = 0
  readonly #host: ScenarioHost
  readonly #start_ns: bigint
  readonly #stops: (() => void)[]

  constructor(host: ScenarioHost, start_ns: bigint) {
    this.#host = host
    this.#start_ns = start_ns
    const { hub, faults } = host.target
    this.#stops = [
      hub.subscribe((event) => {
        const market = `${event.venue} ${event.venue_symbol}`
        if (event.type === 'trade') {
          const { price_1e9, qty_1e8, taker_side } = event
          add(this.trades, market, { at_ms: this.#now_ms(), price_1e9, qty_1e8, taker_side })
        } else if (event.type === 'published' || event.type === 'lost') {
          const book = hub.book(event.venue, event.venue_symbol)
          const live = book?.live === true ? book : undefined
          add(this.prices, market, {
            at_ms: this.#now_ms(),
            bid_1e9: live?.depth.bids[0]?.price_1e9 ?? null,
            ask_1e9: live?.depth.asks[0]?.price_1e9 ?? null,
          })
        }
      }),
      faults.subscribe((firing) => this.faults.push({ at_ms: this.#at(firing.ts_ns), firing })),
    ]
  }

  /** Notes what everybody owns now. */
  async sample(accounts: readonly UsedAccount[]): Promise<void> {
    for (const { name, client, mode } of accounts) {
      const rows = await this.#host.target.desk.positions(
        principalOf(this.#host.target, client.client_id, mode),
        { venues: null, kinds: null, include_closed: true },
      )
      for (const row of rows) {
        const series = `${name} ${mode} ${row.venue} ${nameOf(row)}`
        const last = this.balances.get(series)?.at(-1)
        if (last?.qty_1e8 === row.qty_1e8 && last.locked_1e8 === row.locked_qty_1e8) continue
        add(this.balances, series, {
          at_ms: this.#now_ms(),
          qty_1e8: row.qty_1e8,
          locked_1e8: row.locked_qty_1e8,
        })
      }
    }
  }

  async finish(accounts: readonly UsedAccount[]): Promise<void> {
    await this.sample(accounts)
    this.ended_ms = this.#now_ms()
    const orders: { client: string; order: OrderRow }[] = []
    const fills: TracedFill[] = []
    const { desk } = this.#host.target
    for (const { name, client, mode } of accounts) {
      const who = principalOf(this.#host.target, client.client_id, mode)
      for (const order of await desk.orders(who, { limit: 1_000 })) {
        orders.push({ client: name, order })
      }
      for (const fill of await desk.fills(who, { limit: 1_000 })) {
        const market = this.#marketOf(fill)
        fills.push({ client: name, at_ms: this.#at(fill.ts_ns), market, fill })
      }
    }
    this.orders = orders.sort((a, b) => compare(a.order.created_at_ns, b.order.created_at_ns))
    this.fills = fills.sort((a, b) => compare(a.fill.ts_ns, b.fill.ts_ns))
  }

  #marketOf({ venue, symbol }: Pick<FillRow, 'venue' | 'symbol'>): string | null {
    const bare = symbol.replace(/:(YES|NO)$/, '')
    const listed = this.#host.target.desk
      .symbols()
      .find(({ venues, instrument }) => venues.includes(venue) && instrument.symbol === bare)
    const own = this.#host.target.venues.get(venue)?.venue.instruments
    const instrument = own?.find((one) => one.symbol === bare) ?? listed?.instrument
    return instrument === undefined ? null : `${venue} ${instrument.venue_symbol}`
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  #now_ms(): number {
    return this.#at(this.#host.target.world.clock.now_ns())
  }

  #at(ts_ns: bigint): number {
    return Number((ts_ns - this.#start_ns) / 1_000n) / 1_000
  }
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

function add<Point>(map: Map<string, Point[]>, key: string, point: Point): void {
  const series = map.get(key)
  if (series === undefined) map.set(key, [point])
  else {
    series.push(point)
    if (series.length > POINTS_MAX) {
      map.set(
        key,
        series.filter((_point, index) => index % 2 === 0),
      )
    }
  }
}
