/**
 * Simulator benchmarks: the simulated edge alone, events delivered to a sink that counts them.
 *
 * Taker: small market orders on both sides of a book that is republished now and then. Resting: limit
 * orders over 500 prices, placed and cancelled while earlier ones lie there. Profiles `off` and
 * `realistic`; the second also runs the unseen reference of every order that rests. No aim of its own: it is part
 * of the in-process order of `desk.bench.ts`, and the shares tell how much of that it may cost.
 */
import { profiles } from '../../src/adversary/profile.js'
import { createSimEdge } from '../../src/edge/sim.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { manualClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { book, child, SYMBOL, simVenue, VENUE } from '../support/sim-world.js'

const ORDERS = 40_000
const ROUNDS = 5

export async function run(print: (line: string) => void): Promise<void> {
  for (const name of ['off', 'realistic'] as const) {
    const clock = manualClock()
    const hub = new MarketHub(clock)
    let events = 0
    const sim = createSimEdge({
      books: hub,
      venues: [simVenue()],
      world: seededWorld({ seed: 1, clock }),
      profile: profiles[name],
      stale_ms: 1e9,
      sink: () => {
        events += 1
      },
    })
    const publish = (round: number) =>
      hub.publish(
        VENUE,
        SYMBOL,
        book(
          [
            [99, 1_000 + round],
            [98, 1_000],
          ],
          [
            [100, 1_000 + round],
            [101, 1_000],
          ],
        ),
      )
    let best = 0
    let rest = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      publish(round)
      const market = child('buy', 0.01, null)
      const takers = Array.from({ length: ORDERS }, (_, nth) => ({
        ...market,
        child_id: `taker-${round}-${nth}`,
        side: nth % 2 === 0 ? ('buy' as const) : ('sell' as const),
      }))
      best = Math.max(
        best,
        rate(takers.length, () => takers.forEach((order) => void sim.submit(order))),
      )
      const makers = Array.from({ length: ORDERS }, (_, nth) => ({
        ...child('buy', 0.01, 98 - (nth % 500) / 100),
        child_id: `maker-${round}-${nth}`,
      }))
      const both = rate(makers.length, () => {
        for (const order of makers) sim.submit(order)
        for (const { child_id } of makers) sim.cancel(child_id)
      })
      rest = Math.max(rest, both)
    }
    if (events < ORDERS * ROUNDS * 2) throw new Error(`only ${events} events came`)
    print(`sim-taker ${name}: ${Math.round(best)} orders/s`)
    print(`sim-place-and-cancel ${name}: ${Math.round(rest)} orders/s`)
  }
}

function rate(count: number, run: () => void): number {
  const start = performance.now()
  run()
  return (count / (performance.now() - start)) * 1000
}
