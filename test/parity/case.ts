/**
 * Case: one small story told to several worlds: an account, a book, and what happens to them.
 *
 * Plain data, printable and replayable. Drawn around the edges where rules live: one step off the grid,
 * one unit short of the money, one lot short of the minimum, empty sides, own orders in the way.
 */
import fc from 'fast-check'
import type { Depth, Level } from '../../src/engine/depth.js'
import { type Instrument, type Outcome, onGrid, type Side } from '../../src/engine/instrument.js'
import type { TimeInForce } from '../../src/engine/order.js'
import { notionalUp, PRICE_SCALE } from '../../src/engine/units.js'
import type { Venue } from '../../src/venue/contract.js'

export interface PlaceStep {
  readonly type: 'place'
  readonly outcome: Outcome | null
  readonly side: Side
  readonly qty_1e8: bigint
  /** null: market order. NO legs: in NO terms. */
  readonly limit_price_1e9: bigint | null
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  readonly reduce_only: boolean
  /** Milliseconds from now; null: none. */
  readonly expires_in_ms: number | null
}

export type Step =
  | PlaceStep
  /** Cancels the nth placed order, counted from 0. */
  | { readonly type: 'cancel'; readonly nth: number }
  /** New total size and limit for the nth placed order; the limit in its own terms. */
  | {
      readonly type: 'amend'
      readonly nth: number
      readonly qty_1e8: bigint
      readonly limit_price_1e9: bigint
    }
  /** Strangers quote this much more at a price, or take back all they have there (null). */
  | {
      readonly type: 'quote'
      readonly side: Side
      readonly price_1e9: bigint
      readonly more_1e8: bigint | null
    }
  /** The market changes its mode. */
  | { readonly type: 'state'; readonly state: MarketMode }
  /** Time passes. */
  | { readonly type: 'wait'; readonly ms: number }
  /** A stranger trades this much at this price. */
  | {
      readonly type: 'print'
      readonly price_1e9: bigint
      readonly qty_1e8: bigint
      readonly taker_side: Side
    }

export type MarketMode = 'open' | 'paused' | 'cancel-only' | 'post-only' | 'limit-only'

export interface Case {
  readonly venue: string
  readonly venue_symbol: string
  readonly market: MarketMode
  readonly cash_1e8: bigint
  /** Base held, or the signed event or perp position. */
  readonly held_1e8: bigint
  readonly entry_price_1e9: bigint
  readonly depth: Depth
  readonly steps: readonly Step[]
}

/** The limits the account may have in the book up to a step, in YES terms. */
function ownLimits(steps: readonly Step[], at: number): { buys: boolean; price_1e9: bigint }[] {
  const placed = steps.filter((step) => step.type === 'place')
  const yes = ({ outcome }: PlaceStep, price_1e9: bigint) =>
    outcome === 'NO' ? PRICE_SCALE - price_1e9 : price_1e9
  return steps.slice(0, at).flatMap((step) => {
    const order = step.type === 'amend' ? placed[step.nth] : step
    if (order?.type !== 'place') return []
    const { limit_price_1e9 } = step.type === 'amend' ? step : order
    if (limit_price_1e9 === null) return []
    const buys = (order.side === 'buy') !== (order.outcome === 'NO')
    return [{ buys, price_1e9: yes(order, limit_price_1e9) }]
  })
}

/**
 * Whether strangers can quote so at this point, in all worlds: nobody quotes into another stranger's or
 * the account's own orders.
 */
export function quotable({ steps, depth }: Pick<Case, 'steps' | 'depth'>, at: number): boolean {
  const quote = steps[at]
  if (quote?.type !== 'quote') return false
  if (quote.more_1e8 === null) return true
  const bids = quote.side === 'buy'
  const meets = (other_1e9: bigint) =>
    bids ? quote.price_1e9 >= other_1e9 : quote.price_1e9 <= other_1e9
  const quoted = steps
    .slice(0, at)
    .filter((step) => step.type === 'quote')
    .filter(({ side }) => side !== quote.side)
  // What prints left behind at their price stands on the side that was not the taker's.
  const printed = steps
    .slice(0, at)
    .filter((step) => step.type === 'print')
    .filter(({ taker_side }) => taker_side === quote.side)
  const others = [...(bids ? depth.asks : depth.bids), ...quoted, ...printed]
  const own = ownLimits(steps, at).filter(({ buys }) => buys !== bids)
  return [...others, ...own].every(({ price_1e9 }) => !meets(price_1e9))
}

/**
 * Whether a stranger can trade so at this point, in the worlds that hold the account's orders and in those
 * that do not: nobody trades past an order of the account that stands at a better price, nor buys where
 * its bid stands.
 */
export function printable(steps: readonly Step[], at: number): boolean {
  const print = steps[at]
  if (print?.type !== 'print') return false
  return ownLimits(steps, at).every(({ buys, price_1e9 }) => {
    if (buys === (print.taker_side === 'buy')) {
      return buys ? price_1e9 < print.price_1e9 : price_1e9 > print.price_1e9
    }
    return buys ? price_1e9 <= print.price_1e9 : price_1e9 >= print.price_1e9
  })
}

const MODES = ['paused', 'cancel-only', 'post-only', 'limit-only'] as const

/** Cash is drawn in steps every venue can hold: Kalshi keeps $0.0001. */
const CASH_STEP_1E8 = 10_000n
const PLENTY_1E8 = 1_000_000n * 10n ** 8n
const SPOT_CENTRE_1E9 = 30_000n * PRICE_SCALE
/** Grid prices drawn around the middle on a venue without an upper bound. */
const SPAN = 60

/** Valid prices, ascending: all of an event market, a window around the centre elsewhere. */
export function gridOf(instrument: Instrument): readonly bigint[] {
  const tick = instrument.tick_size_1e9
  const event = instrument.kind === 'event'
  const step = stepAt(instrument, SPOT_CENTRE_1E9)
  const from = event ? tick : SPOT_CENTRE_1E9 - BigInt(SPAN) * step
  const to = event ? PRICE_SCALE - tick : SPOT_CENTRE_1E9 + BigInt(SPAN) * step
  const prices: bigint[] = []
  for (let price = from; price <= to; price += event ? tick : step) {
    if (onGrid(instrument, price)) prices.push(price)
  }
  return prices
}

function stepAt(instrument: Instrument, price_1e9: bigint): bigint {
  const band = instrument.price_bands.find(
    ({ from_1e9, to_1e9 }) => price_1e9 >= from_1e9 && price_1e9 <= to_1e9,
  )
  return band?.step_1e9 ?? instrument.tick_size_1e9
}

/** A handy quantity: one contract, or a hundredth of a coin, in whole lots and above the minimum. */
export function unitOf(instrument: Instrument): bigint {
  const wanted = instrument.kind === 'event' ? 10n ** 8n : 10n ** 6n
  const floor = instrument.min_qty_1e8 > wanted ? instrument.min_qty_1e8 : wanted
  const lot = instrument.lot_size_1e8
  return ((floor + lot - 1n) / lot) * lot
}

/** Stories on one of a venue's markets. */
export function caseArbitrary(venue: Venue, instrument: Instrument): fc.Arbitrary<Case> {
  const grid = gridOf(instrument)
  const unit = unitOf(instrument)
  const lot = instrument.lot_size_1e8
  const event = instrument.kind === 'event'
  const last = grid.length - 1
  const at = (index: number): bigint => grid[Math.max(0, Math.min(last, index))] ?? 0n

  const size = fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.constantFrom(0n, 0n, 0n, 1n, 7n))
    .map(([units, odd]) => BigInt(units) * unit + odd * lot)
  const ladder = (max: number) =>
    fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), size), { maxLength: max })

  const levels = (middle: number, up: boolean, rungs: readonly [number, bigint][]): Level[] => {
    let index = middle
    return rungs.flatMap(([gap, qty_1e8]) => {
      index += up ? gap : -gap
      if (index < 0 || index > last) return []
      return [{ price_1e9: at(index), qty_1e8 }]
    })
  }

  const qty = fc.oneof(
    { weight: 10, arbitrary: size },
    {
      weight: 1,
      arbitrary: fc.constant(instrument.min_qty_1e8 > lot ? instrument.min_qty_1e8 - lot : lot),
    },
    {
      weight: 1,
      arbitrary: fc.constant(instrument.min_qty_1e8 > 0n ? instrument.min_qty_1e8 : lot),
    },
    { weight: 1, arbitrary: size.map((whole) => (lot > 1n ? whole + 1n : whole)) },
    { weight: 1, arbitrary: size.map((whole) => whole * 100_000n) },
  )

  /** Price as an offset from the middle, or something special; null: market. */
  const price = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: -6, max: 6 }).map((steps) => ({ steps, off: 0n })) },
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: -6, max: 6 }).map((steps) => ({ steps, off: 1n })) },
    { weight: 1, arbitrary: fc.constantFrom(-last, last).map((steps) => ({ steps, off: 0n })) },
    ...(event
      ? [
          {
            weight: 1,
            arbitrary: fc
              .constantFrom(PRICE_SCALE, PRICE_SCALE + instrument.tick_size_1e9)
              .map((fixed) => ({ fixed })),
          },
        ]
      : []),
  )

  const place = fc.record({
    type: fc.constant('place' as const),
    outcome: event ? fc.constantFrom('YES' as const, 'NO' as const) : fc.constant(null),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    qty,
    price,
    tif: fc.constantFrom<TimeInForce>('gtc', 'gtc', 'gtc', 'ioc', 'ioc', 'fok', 'gtd'),
    post_only: fc.nat({ max: 7 }).map((n) => n === 7),
    reduce_only: fc.nat({ max: 15 }).map((n) => n === 15),
    late: fc.nat({ max: 9 }).map((n) => n === 9),
    soon: fc.boolean(),
  })
  const steps = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: place },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('cancel' as const), nth: fc.nat({ max: 2 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('print' as const),
          steps: fc.integer({ min: -6, max: 6 }),
          qty: size,
          taker_side: fc.constantFrom('buy' as const, 'sell' as const),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('amend' as const),
          nth: fc.nat({ max: 2 }),
          qty,
          price,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          type: fc.constant('quote' as const),
          side: fc.constantFrom('buy' as const, 'sell' as const),
          steps: fc.integer({ min: -6, max: 6 }),
          more: fc.option(size, { freq: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('state' as const),
          state: fc.constantFrom(...MODES, 'open' as const),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('wait' as const),
          ms: fc.constantFrom(1, 10_000, 300_000),
        }),
      },
    ),
    { minLength: 1, maxLength: 6 },
  )

  return fc
    .record({
      middle: event
        ? fc.oneof(fc.integer({ min: 1, max: last - 1 }), fc.constant(Math.floor(last / 2)))
        : fc.constant(SPAN),
      bids: ladder(4),
      asks: ladder(4),
      market: fc.nat({ max: 39 }).map((n) => MODES[n - 36] ?? 'open'),
      cash: fc.oneof(
        { weight: 6, arbitrary: fc.constant('plenty' as const) },
        { weight: 1, arbitrary: fc.constant('none' as const) },
        { weight: 4, arbitrary: fc.integer({ min: -2, max: 2 }) },
      ),
      held: fc.oneof(
        { weight: 3, arbitrary: fc.constant('plenty' as const) },
        { weight: 3, arbitrary: fc.constant('none' as const) },
        { weight: 2, arbitrary: fc.integer({ min: -1, max: 1 }) },
        ...(event ? [{ weight: 3, arbitrary: fc.constant('short' as const) }] : []),
      ),
      first: place,
      steps,
    })
    .map(({ middle, bids, asks, market, cash, held, first, steps: drawn }): Case => {
      // The middle price itself may be quoted by one side only.
      const depth = {
        bids: levels(middle + 1, false, bids),
        asks: levels(middle + 1, true, asks),
      }
      const priceOf = (drawnPrice: (typeof first)['price'], outcome: Outcome | null) => {
        if (drawnPrice === null) return null
        if ('fixed' in drawnPrice) return drawnPrice.fixed
        const yes = at(middle + drawnPrice.steps) + drawnPrice.off
        return outcome === 'NO' ? PRICE_SCALE - yes : yes
      }
      const stepOf = (step: (typeof drawn)[number]): Step => {
        if (step.type === 'cancel' || step.type === 'state' || step.type === 'wait') return step
        if (step.type === 'amend') {
          const order = [first, ...drawn.filter(({ type }) => type === 'place')][step.nth]
          const outcome = order?.type === 'place' ? order.outcome : null
          const limit_price_1e9 =
            priceOf(step.price, outcome) ?? priceOf({ steps: 0, off: 0n }, outcome)
          return {
            type: 'amend',
            nth: step.nth,
            qty_1e8: step.qty,
            limit_price_1e9: limit_price_1e9 ?? 0n,
          }
        }
        if (step.type === 'quote') {
          const { side, more: more_1e8 } = step
          return { type: 'quote', side, price_1e9: at(middle + step.steps), more_1e8 }
        }
        if (step.type === 'print') {
          const { steps: away, qty: qty_1e8, taker_side } = step
          return { type: 'print', price_1e9: at(middle + away), qty_1e8, taker_side }
        }
        const limit_price_1e9 = priceOf(step.price, step.outcome)
        const time_in_force = limit_price_1e9 === null ? 'ioc' : step.tif
        return {
          type: 'place',
          outcome: step.outcome,
          side: step.side,
          qty_1e8: step.qty,
          limit_price_1e9,
          time_in_force,
          post_only: step.post_only,
          reduce_only: step.reduce_only,
          expires_in_ms: time_in_force === 'gtd' ? expiryOf(step) : null,
        }
      }
      const opening = stepOf(first)
      const placed = opening.type === 'place' ? opening : undefined
      const draft: Case = {
        venue: venue.id,
        venue_symbol: instrument.venue_symbol,
        market,
        cash_1e8: PLENTY_1E8,
        held_1e8: heldOf(held, placed, unit, lot),
        entry_price_1e9: at(Math.floor(last / 2)),
        depth,
        steps: [opening, ...drawn.map(stepOf)],
      }
      if (cash === 'plenty' || placed === undefined) return draft
      if (cash === 'none') return { ...draft, cash_1e8: 0n }
      const need = costOf(venue, instrument, draft, placed)
      const tight = (need / CASH_STEP_1E8 + BigInt(cash)) * CASH_STEP_1E8
      return { ...draft, cash_1e8: tight > 0n ? tight : 0n }
    })
}

function expiryOf({ late, soon }: { late: boolean; soon: boolean }): number {
  if (late) return -60_000
  return soon ? 200_000 : 3_600_000
}

function heldOf(
  held: 'plenty' | 'none' | 'short' | number,
  first: PlaceStep | undefined,
  unit: bigint,
  lot: bigint,
): bigint {
  if (held === 'none') return 0n
  if (held === 'plenty') return 1_000n * unit
  if (held === 'short') return -5n * unit
  const exact = (first?.qty_1e8 ?? unit) + BigInt(held) * lot
  const whole = exact - (exact % lot)
  return whole > 0n ? whole : 0n
}

/** What an order would cost with its fee, near enough to stand on the edge of it. */
function costOf(venue: Venue, instrument: Instrument, drawn: Case, order: PlaceStep): bigint {
  const flip = (price: bigint) => (order.outcome === 'NO' ? PRICE_SCALE - price : price)
  const price_1e9 = order.limit_price_1e9
  const yesBuy = (order.side === 'buy') !== (order.outcome === 'NO')
  const book = yesBuy ? drawn.depth.asks : drawn.depth.bids
  const pays = (price: bigint) =>
    instrument.kind === 'event' && order.side === 'sell' ? PRICE_SCALE - price : price
  const piece = (price: bigint, qty_1e8: bigint): bigint => {
    if (price <= 0n || qty_1e8 <= 0n) return 0n
    const inside = instrument.kind !== 'event' || price < PRICE_SCALE
    const fee_1e8 = inside
      ? venue.fees.fill({
          instrument,
          liquidity: 'taker',
          side: order.side,
          price_1e9: price,
          qty_1e8,
          carry_1e8: 0n,
        }).fee_1e8
      : 0n
    const cost = pays(price)
    return (cost > 0n ? notionalUp(cost, qty_1e8) : 0n) + fee_1e8
  }
  if (price_1e9 !== null) return piece(price_1e9, order.qty_1e8)
  let [left, total] = [order.qty_1e8, 0n]
  for (const level of book) {
    const qty = left < level.qty_1e8 ? left : level.qty_1e8
    total += piece(flip(level.price_1e9), qty)
    left -= qty
  }
  return total
}

/** Text of a case, and back: bigints carry an `n`. */
export const caseText = (value: Case): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner))

export const caseOf = (text: string): Case =>
  JSON.parse(text, (_, inner) =>
    typeof inner === 'string' && /^-?\d+n$/.test(inner) ? BigInt(inner.slice(0, -1)) : inner,
  ) as Case
