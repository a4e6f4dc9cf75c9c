/**
 * Models: the simulator under several profiles side by side, and two simple rules to compare it with.
 *
 * - touch-fill: a resting order fills whole as soon as any trade prints at its price or beyond.
 * - last-price: it fills whole as soon as a trade prints beyond its price.
 */
import { off, type Profile, realistic, worst } from '../../src/adversary/profile.js'
import { createSimEdge, type SimEdge } from '../../src/edge/sim.js'
import type { ChildOrder } from '../../src/engine/order.js'
import type { MarketHub } from '../../src/market/market-hub.js'
import type { ManualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { simVenue } from '../support/sim-world.js'

export const simulated = {
  off,
  proportional: { ...off, name: 'proportional', queue: 'proportional' },
  realistic,
  /** Nothing but the pessimistic queue: the lower bound of the truth. */
  pessimistic: { ...off, name: 'pessimistic', queue: 'pessimistic', ceiling: 'none' },
  worst,
} as const satisfies Record<string, Profile>

export type Simulated = keyof typeof simulated
export const SIMULATED = Object.keys(simulated) as Simulated[]
export type Simple = 'touch-fill' | 'last-price'

/** All models at work on one hub. */
export class Models {
  readonly #sims = new Map<Simulated, SimEdge>()
  readonly #filled = new Map<string, bigint>()
  readonly #orders = new Map<string, ChildOrder>()
  readonly #touched = new Set<string>()
  readonly #passed = new Set<string>()
  readonly #stop: () => void

  constructor(options: { hub: MarketHub; clock: ManualClock; venue: string; seed: number }) {
    const { hub, clock, venue, seed } = options
    for (const name of SIMULATED) {
      this.#sims.set(
        name,
        createSimEdge({
          books: hub,
          venues: [{ ...simVenue(), id: venue }],
          world: seededWorld({ seed, clock }),
          profile: simulated[name],
          stale_ms: 60_000,
          sink: (event) => {
            if (event.type !== 'filled') return
            const key = `${name}/${event.child_id}`
            this.#filled.set(key, (this.#filled.get(key) ?? 0n) + event.qty_1e8)
          },
        }),
      )
    }
    this.#stop = hub.subscribe((event) => {
      if (event.type !== 'trade') return
      for (const [id, { side, limit_price_1e9, instrument }] of this.#orders) {
        if (limit_price_1e9 === null || instrument.venue_symbol !== event.venue_symbol) continue
        const beyond =
          side === 'buy' ? limit_price_1e9 - event.price_1e9 : event.price_1e9 - limit_price_1e9
        if (beyond >= 0n && event.taker_side !== side) this.#touched.add(id)
        if (beyond > 0n) this.#passed.add(id)
      }
    })
  }

  submit(order: ChildOrder): void {
    this.#orders.set(order.child_id, order)
    for (const sim of this.#sims.values()) sim.submit(order)
  }

  /** Ends an order everywhere and says what each model filled of it. */
  finish(order: ChildOrder): Record<Simulated | Simple, bigint> {
    const { child_id, qty_1e8 } = order
    const of = (name: Simulated) => this.#filled.get(`${name}/${child_id}`) ?? 0n
    const outcome = {
      off: of('off'),
      proportional: of('proportional'),
      realistic: of('realistic'),
      pessimistic: of('pessimistic'),
      worst: of('worst'),
      'touch-fill': this.#touched.has(child_id) ? qty_1e8 : 0n,
      'last-price': this.#passed.has(child_id) ? qty_1e8 : 0n,
    }
    for (const sim of this.#sims.values()) sim.cancel(child_id)
    this.#orders.delete(child_id)
    for (const name of SIMULATED) this.#filled.delete(`${name}/${child_id}`)
    return outcome
  }

  close(): void {
    this.#stop()
    for (const sim of this.#sims.values()) sim.close()
  }
}
