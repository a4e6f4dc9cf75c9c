/**
 * Recorded: what each model would have filled of small resting orders placed along a recording. There is
 * no truth here, only rates side by side.
 */
import type { Instrument } from '../../src/engine/instrument.js'
import type { ChildOrder } from '../../src/engine/order.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { openRecording } from '../../src/market/recorded/recording.js'
import { manualClock } from '../../src/world/clock.js'
import { child } from '../support/sim-world.js'
import { Models, type Simple, type Simulated } from './models.js'

export interface RecordedRates {
  readonly name: string
  readonly orders: number
  readonly horizon_s: number
  /** Share of the placed quantity that filled. */
  readonly rate: Readonly<Record<Simulated | Simple, number>>
}

/** Joins both touches of the busiest market at a fixed pace; each order lives for `horizon_s`. */
export async function recordedRates(
  file: string,
  options: { name: string; every_ms: number; horizon_s: number },
): Promise<RecordedRates> {
  const recording = await openRecording(file)
  const instrument = await busiest(file, recording.instruments)
  const clock = manualClock(recording.first_ns)
  const hub = new MarketHub(clock)
  const models = new Models({ hub, clock, venue: recording.venue, seed: 42 })
  const player = recording.play(hub.feed(recording.venue))
  const horizon_ns = BigInt(options.horizon_s) * 1_000_000_000n
  const step_ns = BigInt(options.every_ms) * 1_000_000n
  const open: { order: ChildOrder; until_ns: bigint }[] = []
  const filled: Partial<Record<Simulated | Simple, bigint>> = {}
  let placed = 0n
  let orders = 0
  for (let at_ns = recording.first_ns + step_ns; at_ns <= recording.last_ns; at_ns += step_ns) {
    await player.playTo(at_ns, clock)
    while (open[0] !== undefined && open[0].until_ns <= at_ns) {
      const done = open.shift()
      if (done === undefined) break
      for (const [model, qty] of Object.entries(models.finish(done.order))) {
        const key = model as Simulated | Simple
        filled[key] = (filled[key] ?? 0n) + qty
      }
      placed += done.order.qty_1e8
    }
    if (at_ns + horizon_ns > recording.last_ns) continue
    const depth = hub.book(recording.venue, instrument.venue_symbol)?.depth
    for (const side of ['buy', 'sell'] as const) {
      const best = (side === 'buy' ? depth?.bids : depth?.asks)?.[0]
      if (best === undefined) continue
      orders += 1
      const order: ChildOrder = {
        ...child(side, 1, null),
        child_id: `${options.name}-${orders}`,
        // Two orders of one client would see each other; here each stands alone.
        client_id: `client-${orders}`,
        venue: recording.venue,
        instrument,
        qty_1e8: instrument.lot_size_1e8 * 10n,
        limit_price_1e9: best.price_1e9,
        time_in_force: 'gtc',
      }
      models.submit(order)
      open.push({ order, until_ns: at_ns + horizon_ns })
    }
  }
  models.close()
  player.stop()
  const rate = Object.fromEntries(
    Object.entries(filled).map(([model, qty]) => [
      model,
      placed === 0n ? 0 : Number((qty * 10_000n) / placed) / 10_000,
    ]),
  ) as Record<Simulated | Simple, number>
  return { name: options.name, orders, horizon_s: options.horizon_s, rate }
}

async function busiest(file: string, instruments: readonly Instrument[]): Promise<Instrument> {
  const trades = new Map<string, number>()
  const hub = new MarketHub(manualClock())
  hub.subscribe((event) => {
    if (event.type !== 'trade') return
    trades.set(event.venue_symbol, (trades.get(event.venue_symbol) ?? 0) + 1)
  })
  const recording = await openRecording(file)
  await recording.play(hub.feed(recording.venue)).playAll()
  const [first] = [...instruments].sort(
    (a, b) => (trades.get(b.venue_symbol) ?? 0) - (trades.get(a.venue_symbol) ?? 0),
  )
  if (first === undefined) throw new Error(`${file} has no instrument`)
  return first
}
