/**
 * Truth: probes that really rest in an exchange with known queues, against what each model says from the
 * public feed alone.
 */
import type { ChildOrder } from '../../src/engine/order.js'
import { MarketHub } from '../../src/market/market-hub.js'
import { manualClock } from '../../src/world/clock.js'
import { seededStream } from '../../src/world/prng.js'
import { child, VENUE } from '../support/sim-world.js'
import {
  type Crowd,
  CrowdScript,
  instrument,
  openExchange,
  PROBE_ACCOUNT,
  placeCommand,
  tell,
  Venue,
} from './flow.js'
import { Models, type Simple, type Simulated } from './models.js'

export interface Probe {
  readonly seed: number
  readonly kind: 'improve' | 'join' | 'behind' | 'take'
  readonly qty_1e8: bigint
  /** Filled within the horizon. */
  readonly truth_1e8: bigint
  readonly filled_1e8: Readonly<Record<Simulated | Simple, bigint>>
}

const START_NS = 1_790_000_000_000_000_000n
const KINDS = ['improve', 'join', 'join', 'behind', 'take'] as const

/**
 * @param options.probes - Orders tried one after the other.
 * @param options.steps - Commands of the crowd each probe lives through.
 */
export function probeTruth(options: {
  seed: number
  crowd: Crowd
  probes: number
  steps: number
}): Probe[] {
  const { seed, crowd } = options
  const clock = manualClock(START_NS)
  const hub = new MarketHub(clock)
  const feed = hub.feed(VENUE)
  const random = seededStream(seed, 'fidelity/probes')
  const script = new CrowdScript(seededStream(seed, 'fidelity/crowd'), crowd)
  const now_us = () => Number(clock.now_ns() / 1_000n)
  const told = new Venue(openExchange(now_us()))
  feed.snapshot(instrument.venue_symbol, { bids: [], asks: [] }, clock.now_ns())
  for (const step of script.opening(now_us())) tell(told.apply(step, now_us()), feed)
  const models = new Models({ hub, clock, venue: VENUE, seed })

  const probes: Probe[] = []
  for (let nth = 0; nth < options.probes; nth += 1) {
    for (let step = random.int(5, 30); step > 0; step -= 1) {
      clock.advance(random.int(1, 20))
      tell(told.apply(script.next(now_us(), told.nearTouch(30)), now_us()), feed)
    }
    const order = aim(hub, random, `probe-${seed}-${nth}`)
    if (order === null) continue
    const truth = told.fork()
    let truth_lots = 0
    const watch = (events: ReturnType<Venue['apply']>) => {
      for (const event of events) {
        if (event.type !== 'trade') continue
        for (const party of [event.taker, event.maker]) {
          if (party.account_id === PROBE_ACCOUNT) truth_lots += event.qty_lots
        }
      }
    }
    const { limit_price_1e9, qty_1e8, side } = order.child
    watch(
      truth.exchange.apply(
        placeCommand({
          ts_us: now_us(),
          account_id: PROBE_ACCOUNT,
          side,
          price_ticks:
            limit_price_1e9 === null ? null : Number(limit_price_1e9 / instrument.tick_size_1e9),
          qty_lots: Number(qty_1e8 / instrument.lot_size_1e8),
        }),
      ),
    )
    models.submit(order.child)
    for (let step = options.steps; step > 0; step -= 1) {
      clock.advance(random.int(1, 20))
      const next = script.next(now_us(), told.nearTouch(30))
      watch(truth.apply(next, now_us()))
      tell(told.apply(next, now_us()), feed)
    }
    const filled_1e8 = models.finish(order.child)
    const truth_1e8 = BigInt(truth_lots) * instrument.lot_size_1e8
    probes.push({ seed, kind: order.kind, qty_1e8, truth_1e8, filled_1e8 })
    // A probe's latency is over before the next one starts.
    clock.advance(200)
  }
  models.close()
  return probes
}

function aim(
  hub: MarketHub,
  random: ReturnType<typeof seededStream>,
  child_id: string,
): { kind: Probe['kind']; child: ChildOrder } | null {
  const depth = hub.book(VENUE, instrument.venue_symbol)?.depth
  const [bid, ask] = [depth?.bids[0], depth?.asks[0]]
  if (bid === undefined || ask === undefined) return null
  const side = random.int(0, 1) === 0 ? 'buy' : 'sell'
  const qty_1e8 = BigInt(random.int(1, 12)) * instrument.lot_size_1e8
  let kind: Probe['kind'] = KINDS[random.int(0, KINDS.length - 1)] ?? 'join'
  const tick = instrument.tick_size_1e9
  if (kind === 'improve' && ask.price_1e9 - bid.price_1e9 <= tick) kind = 'join'
  const steps = { improve: 1n, join: 0n, behind: -2n, take: 0n }[kind] * tick
  const near = side === 'buy' ? bid.price_1e9 + steps : ask.price_1e9 - steps
  const limit_price_1e9 = kind === 'take' ? null : near
  const time_in_force = kind === 'take' ? 'ioc' : 'gtc'
  return {
    kind,
    child: { ...child(side, 1, null), child_id, qty_1e8, limit_price_1e9, time_in_force },
  }
}

/** Every figure of the report that speaks of the truth. */
export interface Verdict {
  readonly probes: number
  /** Probes whose true fill lies between the pessimistic and the optimistic queue. */
  readonly inside: number
  /** Among resting probes: bounds that are one number. */
  readonly sharp: number
  readonly resting: number
  /** Probes a model filled more of than the truth did. */
  readonly optimistic: Readonly<Record<Simulated | Simple, number>>
  /** Mean squared error of "filled whole within the horizon", resting probes. */
  readonly brier: Readonly<Record<Simulated | Simple | 'mean of queues', number>>
  /** Share of resting probes filled whole. */
  readonly rate: Readonly<Record<Simulated | Simple | 'truth', number>>
}

const MODELS = [
  'off',
  'proportional',
  'realistic',
  'pessimistic',
  'worst',
  'touch-fill',
  'last-price',
] as const

export function judge(probes: readonly Probe[]): Verdict {
  const resting = probes.filter(({ kind }) => kind !== 'take')
  const whole = (qty: bigint, of: bigint) => (qty === of ? 1 : 0)
  const mean = (values: number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
  const perModel = <T>(figure: (model: (typeof MODELS)[number]) => T) =>
    Object.fromEntries(MODELS.map((model) => [model, figure(model)])) as Record<
      (typeof MODELS)[number],
      T
    >
  const brierOf = (chance: (probe: Probe) => number) =>
    mean(resting.map((probe) => (chance(probe) - whole(probe.truth_1e8, probe.qty_1e8)) ** 2))
  return {
    probes: probes.length,
    inside: probes.filter(
      ({ truth_1e8, filled_1e8 }) =>
        filled_1e8.pessimistic <= truth_1e8 && truth_1e8 <= filled_1e8.off,
    ).length,
    resting: resting.length,
    sharp: resting.filter(({ filled_1e8 }) => filled_1e8.pessimistic === filled_1e8.off).length,
    optimistic: perModel(
      (model) =>
        probes.filter(
          ({ truth_1e8, filled_1e8, kind }) =>
            (kind !== 'take' || (model !== 'touch-fill' && model !== 'last-price')) &&
            filled_1e8[model] > truth_1e8,
        ).length,
    ),
    brier: {
      ...perModel((model) =>
        brierOf(({ filled_1e8, qty_1e8 }) => whole(filled_1e8[model], qty_1e8)),
      ),
      'mean of queues': brierOf(({ filled_1e8, qty_1e8 }) =>
        mean(
          (['off', 'proportional', 'realistic', 'pessimistic'] as const).map((model) =>
            whole(filled_1e8[model], qty_1e8),
          ),
        ),
      ),
    },
    rate: {
      ...perModel((model) =>
        mean(resting.map(({ filled_1e8, qty_1e8 }) => whole(filled_1e8[model], qty_1e8))),
      ),
      truth: mean(resting.map(({ truth_1e8, qty_1e8 }) => whole(truth_1e8, qty_1e8))),
    },
  }
}
