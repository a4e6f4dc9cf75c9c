/**
 * Route: splits one order over the venues that may take it, by landed cost.
 *
 * Pure and deterministic: equal input, equal legs. The order of work is: score the next level of
 * every venue, take from the cheapest until the quantity is reached (a venue's own levels only from the
 * best on), place what the books do not cover, then drop legs too small for their venue and start over
 * without them. Ties go to the better price, then the lower fee, then the venue's name.
 *
 * What the books do not cover rests on the venue with the lowest maker fee that can reserve it
 * (`gtc`, `gtd`, post-only), or goes with the cheapest leg to be cancelled there (market, `ioc`). A `fok`
 * order is never split: it goes to the cheapest venue that shows the whole quantity, else to the first
 * by name that could pay for it, which kills it.
 *
 * Candidates are what the guards left; prices are in the order's leg (NO terms for a NO order). Nothing
 * is allocated beyond a venue's book, limit, lots or free money; what no venue could take is `short_1e8`.
 *
 * @module
 */

import type { Depth, Level } from '../engine/depth.js'
import type { Instrument, Outcome, Side } from '../engine/instrument.js'
import type { TimeInForce } from '../engine/order.js'
import { divCeil, divFloor, QTY_SCALE, smaller } from '../engine/units.js'
import { BPS_1E4, feeCost, slippageCost, type Urgency, venueCost } from './cost.js'
import { protectionPrice } from './size.js'

/** A venue the order may go to. */
export interface Candidate {
  readonly venue: string
  readonly instrument: Instrument
  /** In the order's leg, best first. */
  readonly depth: Depth
  readonly latency_ms: number
  /** Age of the book's last message. */
  readonly age_ms: number
  readonly taker_bps: (price_1e9: bigint) => number
  readonly maker_bps: (price_1e9: bigint) => number
  /** Free money or holdings of the account there; null: not bounded here. */
  readonly free_1e8: bigint | null
  /**
   * What the venue holds for one child of these pieces. Limit orders are one piece at the limit;
   * market orders one piece a level swept. Never falls when a piece grows.
   */
  readonly hold_1e8: (pieces: readonly Level[]) => bigint
}

export interface RouteInput {
  readonly side: Side
  readonly outcome: Outcome | null
  readonly qty_1e8: bigint
  /** null: market order. */
  readonly limit_price_1e9: bigint | null
  readonly time_in_force: TimeInForce
  readonly post_only: boolean
  /** Market orders: bound on the price, measured from the best of all candidates; null: none. */
  readonly max_slippage_bps: number | null
  readonly urgency: Urgency
  readonly candidates: readonly Candidate[]
}

/** One child order to be. */
export interface Leg {
  readonly venue: string
  readonly instrument: Instrument
  readonly qty_1e8: bigint
  /** Levels expected to be taken, best first; their sum is at most `qty_1e8`. */
  readonly takes: readonly Level[]
  /** Of the takes, rounded against the trader; null: none. */
  readonly avg_px_1e9: bigint | null
  /** Maker fee of a leg that only rests, else taker fee. */
  readonly fee_bps: number
  readonly latency_ms: number
  /** Of the takes, weighted by quantity; 0 when nothing is taken. Steps of 0.0001. */
  readonly landed_cost_bps: number
  /** Worst price a market child may reach; null: no bound. */
  readonly protection_price_1e9: bigint | null
}

export interface Routing {
  /** Cheapest first. */
  readonly legs: readonly Leg[]
  /** What the books seen do not cover at acceptable prices: rests, or is cancelled at the venue. */
  readonly uncovered_1e8: bigint
  /** What no candidate could reserve or express in its lots. Above zero: dispatch nothing. */
  readonly short_1e8: bigint
  /** Best price of all candidates on the side the order takes; null: no book has one. */
  readonly best_1e9: bigint | null
}

/**
 * Allocates an order to venues.
 *
 * @throws RangeError when the quantity is not positive or there is no candidate: both are refused by
 * the guards before.
 */
export function route(input: RouteInput): Routing {
  if (input.qty_1e8 <= 0n || input.candidates.length === 0) {
    throw new RangeError(
      `cannot route ${input.qty_1e8} over ${input.candidates.length} venues; a positive quantity and a venue are expected. Run the guards first.`,
    )
  }
  const best_1e9 = bestPrice(input)
  const sources = input.candidates.map((candidate) => sourceOf(input, candidate, best_1e9))
  if (sources.length > 1) {
    sources.sort((a, b) => (a.candidate.venue < b.candidate.venue ? -1 : 1))
  }
  if (input.time_in_force === 'fok' && sources.length > 1)
    return routeWhole(input, sources, best_1e9)
  let remaining = sources
  for (;;) {
    const routing = allocate(input, remaining, best_1e9)
    const small = remaining.length > 1 ? smallest(input, routing.drafts) : undefined
    if (small === undefined) return finish(input, routing, best_1e9)
    remaining = remaining.filter((source) => source !== small)
  }
}

/** A candidate with what of its book is acceptable. */
interface Source {
  readonly candidate: Candidate
  /** The side to take from, best first; empty for a post-only order. */
  readonly levels: readonly Level[]
  /** Worst acceptable price; null: any. */
  readonly worst_1e9: bigint | null
  readonly fixed_cost: number
  readonly protection_price_1e9: bigint | null
}

/** A leg in the making. */
interface Draft {
  readonly source: Source
  readonly takes: Level[]
  /** Cost of each take, in its order. */
  readonly costs: number[]
  taken_1e8: bigint
  rest_1e8: bigint
}

interface Allocation {
  readonly drafts: readonly Draft[]
  readonly uncovered_1e8: bigint
  readonly short_1e8: bigint
}

function sourceOf(input: RouteInput, candidate: Candidate, best_1e9: bigint | null): Source {
  const { side, outcome, limit_price_1e9, max_slippage_bps } = input
  const bound =
    limit_price_1e9 === null && max_slippage_bps !== null && best_1e9 !== null
      ? protectionPrice({
          side,
          outcome,
          best_1e9,
          max_slippage_bps,
          instrument: candidate.instrument,
        })
      : null
  const book = side === 'buy' ? candidate.depth.asks : candidate.depth.bids
  return {
    candidate,
    levels: input.post_only ? [] : book,
    worst_1e9: limit_price_1e9 ?? bound,
    fixed_cost: venueCost({
      latency_ms: candidate.latency_ms,
      age_ms: candidate.age_ms,
      urgency: input.urgency,
    }),
    protection_price_1e9: bound,
  }
}

/** Greedy sweep, then the place of what is left. */
function allocate(
  input: RouteInput,
  sources: readonly Source[],
  best_1e9: bigint | null,
): Allocation {
  const drafts = sources.map(draftOf)
  const heads = sources.map((source) => headOf(input, source, 0, best_1e9))
  const used: Draft[] = []
  let open_1e8 = input.qty_1e8
  let moneyEnded = false
  for (;;) {
    const at = cheapest(input.side, heads)
    const head = heads[at]
    const draft = drafts[at]
    if (head === undefined || draft === undefined) break
    const { price_1e9, qty_1e8: shown_1e8 } = head.level
    const wanted_1e8 = wholeLots(draft, smaller(open_1e8, shown_1e8))
    const qty_1e8 = affordable(input, draft, price_1e9, wanted_1e8)
    if (qty_1e8 < wanted_1e8) moneyEnded = true
    if (qty_1e8 > 0n) {
      if (draft.takes.length === 0) used.push(draft)
      draft.takes.push({ price_1e9, qty_1e8 })
      draft.taken_1e8 += qty_1e8
      draft.costs.push(head.cost)
      open_1e8 -= qty_1e8
    }
    if (open_1e8 === 0n) break
    // A level not taken whole for want of money or lots ends this venue: deeper ones cost no less.
    heads[at] =
      qty_1e8 === shown_1e8 ? headOf(input, draft.source, head.nth + 1, best_1e9) : undefined
  }
  const uncovered_1e8 = open_1e8
  // A market order that money ends is short: its rest would execute, if it were paid for.
  const restable = input.limit_price_1e9 !== null || !moneyEnded
  if (open_1e8 > 0n && restable) {
    open_1e8 = placeRest(
      input,
      rests(input) ? byMakerFee(input, drafts) : byUse(drafts, used, best_1e9),
      open_1e8,
    )
    for (const draft of drafts) {
      if (draft.rest_1e8 > 0n && draft.takes.length === 0) used.push(draft)
    }
  }
  return { drafts: used, uncovered_1e8, short_1e8: open_1e8 }
}

const draftOf = (source: Source): Draft => ({
  source,
  takes: [],
  costs: [],
  taken_1e8: 0n,
  rest_1e8: 0n,
})

interface Head {
  readonly candidate: Candidate
  readonly nth: number
  readonly level: Level
  readonly cost: number
}

function headOf(
  input: RouteInput,
  source: Source,
  nth: number,
  best_1e9: bigint | null,
): Head | undefined {
  const level = source.levels[nth]
  if (level === undefined || best_1e9 === null) return undefined
  const { price_1e9 } = level
  if (source.worst_1e9 !== null && beyond(input.side, price_1e9, source.worst_1e9)) return undefined
  const fee = feeCost(source.candidate.taker_bps(price_1e9))
  const cost = slippageCost(input.side, price_1e9, best_1e9) + fee + source.fixed_cost
  return { candidate: source.candidate, nth, level, cost }
}

/** Index of the cheapest head; -1 when there is none. */
function cheapest(side: Side, heads: readonly (Head | undefined)[]): number {
  let at = -1
  let least: Head | undefined
  for (let nth = 0; nth < heads.length; nth += 1) {
    const head = heads[nth]
    if (head === undefined) continue
    if (least !== undefined && !before(side, head, least)) continue
    at = nth
    least = head
  }
  return at
}

/** Strictly cheaper; sources come sorted by name, so an equal head that comes later is not before. */
function before(side: Side, a: Head, b: Head): boolean {
  if (a.cost !== b.cost) return a.cost < b.cost
  if (a.level.price_1e9 !== b.level.price_1e9) {
    return beyond(side, b.level.price_1e9, a.level.price_1e9)
  }
  const fee = ({ candidate, level }: Head) => candidate.taker_bps(level.price_1e9)
  return fee(a) < fee(b)
}

/**
 * Gives the rest to the first that can reserve all of it, else to each as much as it can.
 *
 * @returns What could not be placed anywhere.
 */
function placeRest(input: RouteInput, preferred: readonly Draft[], open_1e8: bigint): bigint {
  const fits = (draft: Draft) => affordable(input, draft, input.limit_price_1e9, open_1e8)
  const whole = preferred.find((draft) => fits(draft) === open_1e8)
  let left_1e8 = open_1e8
  for (const draft of whole === undefined ? preferred : [whole]) {
    const qty_1e8 = affordable(input, draft, input.limit_price_1e9, left_1e8)
    draft.rest_1e8 += qty_1e8
    left_1e8 -= qty_1e8
    if (left_1e8 === 0n) break
  }
  return left_1e8
}

const rests = ({ limit_price_1e9, time_in_force }: RouteInput): boolean =>
  limit_price_1e9 !== null && (time_in_force === 'gtc' || time_in_force === 'gtd')

/** Where an order rests best: lowest maker fee, then name; a post-only order first where it would not cross. */
function byMakerFee(input: RouteInput, drafts: readonly Draft[]): Draft[] {
  const price_1e9 = input.limit_price_1e9 ?? 0n
  const crosses = ({ source: { candidate } }: Draft): number => {
    if (!input.post_only) return 0
    const best = (input.side === 'buy' ? candidate.depth.asks : candidate.depth.bids)[0]
    return best !== undefined && !beyond(input.side, best.price_1e9, price_1e9) ? 1 : 0
  }
  const fee = ({ source }: Draft) => source.candidate.maker_bps(price_1e9)
  return [...drafts].sort((a, b) => crosses(a) - crosses(b) || fee(a) - fee(b) || byName(a, b))
}

/** Where a rest is sent to be cancelled: venues already used, cheapest first, then the lowest taker fee. */
function byUse(drafts: readonly Draft[], used: readonly Draft[], best_1e9: bigint | null): Draft[] {
  const fee = ({ source }: Draft) => source.candidate.taker_bps(best_1e9 ?? 0n)
  const others = drafts.filter(({ takes }) => takes.length === 0)
  return [...used, ...others.sort((a, b) => fee(a) - fee(b) || byName(a, b))]
}

const byName = (a: Draft, b: Draft): number =>
  a.source.candidate.venue < b.source.candidate.venue ? -1 : 1

/**
 * The most, up to `wanted_1e8`, that fits the venue's lots and the account's free money beside what
 * the draft already carries.
 *
 * @param price_1e9 - Price of the piece; null: a market remainder, which no price holds money for.
 */
function affordable(
  input: RouteInput,
  draft: Draft,
  price_1e9: bigint | null,
  wanted_1e8: bigint,
): bigint {
  const { instrument, free_1e8, hold_1e8 } = draft.source.candidate
  const lot = instrument.lot_size_1e8
  const whole_1e8 = wholeLots(draft, wanted_1e8)
  if (free_1e8 === null || whole_1e8 === 0n || price_1e9 === null) return whole_1e8
  if (hold_1e8(piecesWith(input, draft, price_1e9, whole_1e8)) <= free_1e8) return whole_1e8
  const fits = (lots: bigint) =>
    hold_1e8(piecesWith(input, draft, price_1e9, lots * lot)) <= free_1e8
  let [low, high] = [0n, whole_1e8 / lot]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (fits(middle)) low = middle
    else high = middle
  }
  return low * lot
}

function wholeLots({ source }: Draft, qty_1e8: bigint): bigint {
  const lot = source.candidate.instrument.lot_size_1e8
  return lot === 1n ? qty_1e8 : qty_1e8 - (qty_1e8 % lot)
}

function piecesWith(input: RouteInput, draft: Draft, price_1e9: bigint, more_1e8: bigint): Level[] {
  const { limit_price_1e9 } = input
  if (limit_price_1e9 === null) {
    const piece = { price_1e9, qty_1e8: more_1e8 }
    return draft.takes.length === 0 ? [piece] : [...draft.takes, piece]
  }
  const qty_1e8 = draft.taken_1e8 + draft.rest_1e8 + more_1e8
  return [{ price_1e9: limit_price_1e9, qty_1e8 }]
}

/** Of the legs their venue would refuse as too small, the one of least notional. */
function smallest(input: RouteInput, drafts: readonly Draft[]): Source | undefined {
  let least: { source: Source; notional: bigint } | undefined
  for (const draft of drafts) {
    const { instrument } = draft.source.candidate
    const qty_1e8 = draft.taken_1e8 + draft.rest_1e8
    const notional =
      input.limit_price_1e9 === null
        ? draft.takes.reduce((sum, take) => sum + take.price_1e9 * take.qty_1e8, 0n)
        : input.limit_price_1e9 * qty_1e8
    const known = input.limit_price_1e9 !== null || draft.takes.length > 0
    const small =
      qty_1e8 < instrument.min_qty_1e8 ||
      (known && notional < instrument.min_notional_1e9 * QTY_SCALE)
    if (small && (least === undefined || notional < least.notional)) {
      least = { source: draft.source, notional }
    }
  }
  return least?.source
}

/** Fill-or-kill: one venue, the cheapest that shows it all; else the first that could pay, which kills it. */
function routeWhole(
  input: RouteInput,
  sources: readonly Source[],
  best_1e9: bigint | null,
): Routing {
  const tries = sources.map((source) => allocate(input, [source], best_1e9))
  const total = ({ drafts }: Allocation) => drafts.reduce((sum, draft) => sum + costQty(draft), 0n)
  const rank = ({ short_1e8, uncovered_1e8 }: Allocation) =>
    short_1e8 > 0n ? 2 : uncovered_1e8 > 0n ? 1 : 0
  const [first] = tries.sort((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    if (rank(a) > 0) return 0
    const [one, two] = [total(a), total(b)]
    return one < two ? -1 : one > two ? 1 : 0
  })
  return finish(input, first ?? allocate(input, sources, best_1e9), best_1e9)
}

/** Sum of cost times quantity over the takes. */
const costQty = ({ takes, costs }: Draft): bigint =>
  takes.reduce((sum, { qty_1e8 }, nth) => sum + BigInt(costs[nth] ?? 0) * qty_1e8, 0n)

function finish(input: RouteInput, allocation: Allocation, best_1e9: bigint | null): Routing {
  const legs = allocation.drafts.map((draft) => legOf(input, draft))
  const { uncovered_1e8, short_1e8 } = allocation
  return { legs, uncovered_1e8, short_1e8, best_1e9 }
}

function legOf(input: RouteInput, draft: Draft): Leg {
  const { candidate, protection_price_1e9 } = draft.source
  const { takes, taken_1e8 } = draft
  const first_1e9 = takes[0]?.price_1e9
  const at_1e9 = first_1e9 ?? input.limit_price_1e9 ?? 0n
  const taker = first_1e9 !== undefined || !rests(input)
  return {
    venue: candidate.venue,
    instrument: candidate.instrument,
    qty_1e8: taken_1e8 + draft.rest_1e8,
    takes,
    avg_px_1e9: averageOf(input.side, takes, taken_1e8),
    fee_bps: taker ? candidate.taker_bps(at_1e9) : candidate.maker_bps(at_1e9),
    latency_ms: candidate.latency_ms,
    landed_cost_bps: costOf(draft) / BPS_1E4,
    protection_price_1e9,
  }
}

/** Weighted by quantity, rounded up. */
function costOf(draft: Draft): number {
  if (draft.costs.length <= 1) return draft.costs[0] ?? 0
  return Number(divCeil(costQty(draft), draft.taken_1e8))
}

function averageOf(side: Side, takes: readonly Level[], taken_1e8: bigint): bigint | null {
  if (takes.length <= 1) return takes[0]?.price_1e9 ?? null
  const value = takes.reduce((sum, take) => sum + take.price_1e9 * take.qty_1e8, 0n)
  return side === 'buy' ? divCeil(value, taken_1e8) : divFloor(value, taken_1e8)
}

function bestPrice({ side, candidates }: RouteInput): bigint | null {
  let best: bigint | null = null
  for (const { depth } of candidates) {
    const level = (side === 'buy' ? depth.asks : depth.bids)[0]
    if (level === undefined) continue
    if (best === null || beyond(side, best, level.price_1e9)) best = level.price_1e9
  }
  return best
}

/** Whether a price is worse than a bound for this side. */
const beyond = (side: Side, price_1e9: bigint, bound_1e9: bigint): boolean =>
  side === 'buy' ? price_1e9 > bound_1e9 : price_1e9 < bound_1e9
