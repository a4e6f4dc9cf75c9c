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
import { divCeil, divFloor, QTY_SCALE } from '../engine/units.js'
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
  const sources = input.candidates
    .map((candidate) => sourceOf(input, candidate, best_1e9))
    .sort((a, b) => (a.candidate.venue < b.candidate.venue ? -1 : 1))
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

/** A candidate with its acceptable levels. */
interface Source {
  readonly candidate: Candidate
  /** Levels at acceptable prices, best first. */
  readonly levels: readonly Level[]
  readonly fixed_cost: bigint
  readonly protection_price_1e9: bigint | null
}

/** A leg in the making. */
interface Draft {
  readonly source: Source
  readonly takes: Level[]
  taken_1e8: bigint
  rest_1e8: bigint
  /** Sum of cost times quantity over the takes. */
  cost_qty: bigint
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
  const worst = limit_price_1e9 ?? bound
  const book = side === 'buy' ? candidate.depth.asks : candidate.depth.bids
  const levels: Level[] = []
  if (!input.post_only) {
    let seen_1e8 = 0n
    for (const level of book) {
      if (worst !== null && beyond(side, level.price_1e9, worst)) break
      if (seen_1e8 >= input.qty_1e8) break
      levels.push(level)
      seen_1e8 += level.qty_1e8
    }
  }
  return {
    candidate,
    levels,
    fixed_cost: venueCost({ ...candidate, urgency: input.urgency }),
    protection_price_1e9: bound,
  }
}

/** Greedy sweep, then the place of what is left. */
function allocate(
  input: RouteInput,
  sources: readonly Source[],
  best_1e9: bigint | null,
): Allocation {
  const drafts: Draft[] = []
  const draftOf = (source: Source): Draft => {
    const known = drafts.find((draft) => draft.source === source)
    if (known !== undefined) return known
    const made: Draft = { source, takes: [], taken_1e8: 0n, rest_1e8: 0n, cost_qty: 0n }
    drafts.push(made)
    return made
  }
  let open_1e8 = input.qty_1e8
  const heads = sources.map((source) => headOf(input, source, 0, best_1e9))
  while (open_1e8 > 0n) {
    const at = cheapest(input.side, heads)
    const head = at === undefined ? undefined : heads[at]
    if (at === undefined || head === undefined) break
    const draft = draftOf(head.source)
    const wanted = lesser(open_1e8, head.level.qty_1e8)
    const qty_1e8 = affordable(input, draft, head.level.price_1e9, wanted)
    if (qty_1e8 > 0n) {
      draft.takes.push({ price_1e9: head.level.price_1e9, qty_1e8 })
      draft.taken_1e8 += qty_1e8
      draft.cost_qty += head.cost * qty_1e8
      open_1e8 -= qty_1e8
    }
    // A level not taken whole for want of money or lots ends this venue: deeper ones cost no less.
    heads[at] =
      qty_1e8 === head.level.qty_1e8
        ? headOf(input, head.source, head.nth + 1, best_1e9)
        : undefined
  }
  const uncovered_1e8 = open_1e8
  if (open_1e8 > 0n) open_1e8 = placeRest(input, sources, drafts, draftOf, open_1e8, best_1e9)
  const used = drafts.filter((draft) => draft.taken_1e8 + draft.rest_1e8 > 0n)
  return { drafts: used, uncovered_1e8, short_1e8: open_1e8 }
}

interface Head {
  readonly source: Source
  readonly nth: number
  readonly level: Level
  readonly cost: bigint
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
  const fee = feeCost(source.candidate.taker_bps(price_1e9))
  const cost = slippageCost(input.side, price_1e9, best_1e9) + fee + source.fixed_cost
  return { source, nth, level, cost }
}

function cheapest(side: Side, heads: readonly (Head | undefined)[]): number | undefined {
  let at: number | undefined
  let least: Head | undefined
  for (const [nth, head] of heads.entries()) {
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
  const fee = ({ source, level }: Head) => source.candidate.taker_bps(level.price_1e9)
  return fee(a) < fee(b)
}

/** @returns What could not be placed anywhere. */
function placeRest(
  input: RouteInput,
  sources: readonly Source[],
  drafts: readonly Draft[],
  draftOf: (source: Source) => Draft,
  open_1e8: bigint,
  best_1e9: bigint | null,
): bigint {
  const preferred = rests(input)
    ? byMakerFee(input, sources)
    : [...drafts.map(({ source }) => source), ...byTakerFee(sources, best_1e9)]
  const whole = preferred.find((source) => {
    const draft = draftOf(source)
    return affordable(input, draft, input.limit_price_1e9, open_1e8) === open_1e8
  })
  let left_1e8 = open_1e8
  for (const source of whole === undefined ? preferred : [whole]) {
    const draft = draftOf(source)
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
function byMakerFee(input: RouteInput, sources: readonly Source[]): Source[] {
  const price_1e9 = input.limit_price_1e9 ?? 0n
  const crosses = ({ candidate }: Source): number => {
    if (!input.post_only) return 0
    const best = (input.side === 'buy' ? candidate.depth.asks : candidate.depth.bids)[0]
    return best !== undefined && !beyond(input.side, best.price_1e9, price_1e9) ? 1 : 0
  }
  return [...sources].sort(
    (a, b) =>
      crosses(a) - crosses(b) ||
      a.candidate.maker_bps(price_1e9) - b.candidate.maker_bps(price_1e9) ||
      (a.candidate.venue < b.candidate.venue ? -1 : 1),
  )
}

function byTakerFee(sources: readonly Source[], best_1e9: bigint | null): Source[] {
  const fee = ({ candidate }: Source) => candidate.taker_bps(best_1e9 ?? 0n)
  return [...sources].sort(
    (a, b) => fee(a) - fee(b) || (a.candidate.venue < b.candidate.venue ? -1 : 1),
  )
}

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
  const most = wanted_1e8 / lot
  if (free_1e8 === null || most === 0n || price_1e9 === null) return most * lot
  const fits = (lots: bigint) =>
    hold_1e8(piecesWith(input, draft, price_1e9, lots * lot)) <= free_1e8
  if (fits(most)) return most * lot
  let [low, high] = [0n, most]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (fits(middle)) low = middle
    else high = middle
  }
  return low * lot
}

function piecesWith(input: RouteInput, draft: Draft, price_1e9: bigint, more_1e8: bigint): Level[] {
  const { limit_price_1e9 } = input
  if (limit_price_1e9 === null) return [...draft.takes, { price_1e9, qty_1e8: more_1e8 }]
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
  const costOf = ({ drafts }: Allocation) =>
    drafts.reduce((sum, { cost_qty }) => sum + cost_qty, 0n)
  const rank = ({ short_1e8, uncovered_1e8 }: Allocation) =>
    short_1e8 > 0n ? 2 : uncovered_1e8 > 0n ? 1 : 0
  const [first] = tries.sort((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    if (rank(a) > 0) return 0
    const [one, two] = [costOf(a), costOf(b)]
    return one < two ? -1 : one > two ? 1 : 0
  })
  return finish(input, first ?? allocate(input, sources, best_1e9), best_1e9)
}

function finish(input: RouteInput, allocation: Allocation, best_1e9: bigint | null): Routing {
  const legs = allocation.drafts.map((draft): Leg => {
    const { candidate, protection_price_1e9 } = draft.source
    const taken = draft.taken_1e8
    const value = draft.takes.reduce((sum, take) => sum + take.price_1e9 * take.qty_1e8, 0n)
    const average = input.side === 'buy' ? divCeil : divFloor
    const at_1e9 = draft.takes[0]?.price_1e9 ?? input.limit_price_1e9 ?? 0n
    return {
      venue: candidate.venue,
      instrument: candidate.instrument,
      qty_1e8: taken + draft.rest_1e8,
      takes: draft.takes,
      avg_px_1e9: taken > 0n ? average(value, taken) : null,
      fee_bps:
        taken > 0n || !rests(input) ? candidate.taker_bps(at_1e9) : candidate.maker_bps(at_1e9),
      latency_ms: candidate.latency_ms,
      landed_cost_bps: taken > 0n ? Number(divCeil(draft.cost_qty, taken)) / Number(BPS_1E4) : 0,
      protection_price_1e9,
    }
  })
  const { uncovered_1e8, short_1e8 } = allocation
  return { legs, uncovered_1e8, short_1e8, best_1e9 }
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

function lesser(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

/** Whether a price is worse than a bound for this side. */
const beyond = (side: Side, price_1e9: bigint, bound_1e9: bigint): boolean =>
  side === 'buy' ? price_1e9 > bound_1e9 : price_1e9 < bound_1e9
