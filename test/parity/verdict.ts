/**
 * Verdict: what became of one order, in words every path can be held to, and what two paths may not
 * differ in.
 *
 * A venue may accept an order and cancel it unfilled where a guard refuses it outright. Both are one
 * verdict: nothing executed, nothing rests, for the same reason. Where even the reason has another name the
 * names are listed in {@link SAME_REASON}, and nowhere else.
 */
import type { EdgeEvent, Liquidity } from '../../src/engine/order.js'
import type { RejectCode } from '../../src/engine/reject.js'
import type { Venue } from '../../src/venue/contract.js'
import type { Case, PlaceStep } from './case.js'

export interface Fill {
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  readonly fee_1e8: bigint
  readonly liquidity: Liquidity
}

/** `open`, `filled`, `cancelled` (asked for), `expired`, or the reason nothing more will trade. */
export type End = 'open' | 'filled' | 'cancelled' | 'expired' | RejectCode

/** Everything that happened to one order until now. */
export interface OrderStory {
  readonly fills: readonly Fill[]
  readonly end: End
  /** Refused before the book saw it, rather than accepted and ended. */
  readonly refused: boolean
  /** What was answered to each amend. */
  readonly amends: readonly Amended[]
}

export type Amended = 'amended' | 'refused'

export interface Holdings {
  readonly cash_1e8: bigint
  readonly cash_reserved_1e8: bigint
  /** Base coins, or the signed event or perp position. */
  readonly held_1e8: bigint
}

export interface Story {
  readonly orders: readonly OrderStory[]
  readonly holdings: Holdings
}

/**
 * Reasons that are one reason, and when.
 *
 * All of one kind: a market order meets a side on which nobody else has an order. The guard looks at the
 * public book before dispatch and says `no-liquidity`; a venue may find another reason first, and says so
 * in another kind of answer.
 *
 * | Venue | Guard | Because |
 * | --- | --- | --- |
 * | accepted, zero fill, cancelled: `no-liquidity` | refused: `no-liquidity` | the same reason, told after instead of before |
 * | accepted, zero fill, cancelled: `ioc-unfilled` | refused: `no-liquidity` | no market orders at this venue: one is an immediate limit at the last price of the grid |
 * | accepted, zero fill, cancelled: `self-trade` | refused: `no-liquidity` | the only orders there are the account's own; a paper order's are not in the public book |
 * | accepted, zero fill, cancelled: `not-reducing` | refused: `no-liquidity` | nothing to reduce and nothing to meet: the venue names the first |
 * | refused: `insufficient-balance` | refused: `no-liquidity` | an immediate limit is valued at its limit before the book is looked at |
 */
export const SAME_REASON: readonly {
  readonly one: RejectCode
  readonly other: RejectCode
  readonly when: (order: PlaceStep, scene: Scene) => boolean
}[] = (['ioc-unfilled', 'self-trade', 'not-reducing', 'insufficient-balance'] as const).map(
  (one) => ({
    one,
    other: 'no-liquidity',
    when: ({ limit_price_1e9 }, { nobodyThere }) => limit_price_1e9 === null && nobodyThere,
  }),
)

/** What the book was like when an order arrived. */
export interface Scene {
  /** No order of anybody else stood on the side it would take from. */
  readonly nobodyThere: boolean
}

/** The name a reason goes by when paths are compared. */
export function reasonOf(order: PlaceStep, scene: Scene, end: End): End {
  const same = SAME_REASON.find(({ one, when }) => one === end && when(order, scene))
  return same?.other ?? end
}

/** Story of an order from what its edge told, in order. `undefined`: nothing was told. */
export function storyOf(events: readonly EdgeEvent[], qty_1e8: bigint): OrderStory {
  const fills: Fill[] = []
  let end: End = 'open'
  let refused = false
  const amends: Amended[] = []
  let filled_1e8 = 0n
  let wanted_1e8 = qty_1e8
  for (const event of events) {
    switch (event.type) {
      case 'filled': {
        const { price_1e9, qty_1e8: part, fee_1e8, liquidity } = event
        fills.push({ price_1e9, qty_1e8: part, fee_1e8, liquidity })
        filled_1e8 += part
        break
      }
      case 'amended':
        wanted_1e8 = event.qty_1e8
        amends.push('amended')
        break
      case 'amend-rejected':
        amends.push('refused')
        break
      case 'rejected':
        end = event.code
        refused = true
        break
      case 'cancelled':
        end = event.reason === 'requested' || event.reason === 'venue' ? 'cancelled' : event.reason
        break
      case 'expired':
        end = 'expired'
        break
      default:
        break
    }
  }
  // Looked at last: a stream may tell what an amended order traded before it tells the new size.
  if (end === 'open' && filled_1e8 === wanted_1e8) end = 'filled'
  return { fills, end, refused, amends }
}

/** One way in which two paths differ. */
export interface Difference {
  readonly law: 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6'
  /** Order's number in the story; null: the holdings at the end. */
  readonly nth: number | null
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/**
 * Holds may differ by what rounding a fee in parts comes to: an order's fee is held for its whole size by
 * the desk and for each remaining size anew by a venue. No verdict depends on it.
 */
const RESERVED_APART_1E8 = 100_000n

/**
 * A level may hold several orders, each traded and rounded by itself; the feed shows one. Per order, the
 * coarsest step a fee is rounded to at a venue with a wire: Kalshi's $0.0001.
 */
const FEE_UNIT_1E8 = 10_000n

const trades = (fills: readonly Fill[]): bigint => BigInt(fills.length)

const near = (a: bigint, b: bigint, apart: bigint): boolean => (a > b ? a - b : b - a) <= apart

/** The same level by level; fees up to the rounding of the orders that the feed does not tell apart. */
function sameFills(one: readonly Fill[], two: readonly Fill[]): boolean {
  const [a, b] = [joined(one), joined(two)]
  const extra = trades(one) - trades(two)
  const apart = FEE_UNIT_1E8 * (extra > 0n ? extra : -extra)
  const bare = (fills: readonly Fill[]) => text(fills.map((fill) => ({ ...fill, fee_1e8: 0n })))
  return bare(a) === bare(b) && near(fees(a), fees(b), apart)
}

/** P1 and P2 between the truth and another path: verdicts, fills and holdings are the same. */
export function differences(
  placed: readonly PlaceStep[],
  scenes: readonly Scene[],
  truth: Story,
  other: Story,
): Difference[] {
  const found: Difference[] = []
  const note = (law: 'P1' | 'P2', nth: number | null, what: string, a: unknown, b: unknown) => {
    const [expected, actual] = [text(a), text(b)]
    if (expected !== actual) found.push({ law, nth, what, expected, actual })
  }
  let unseen = 0n
  for (const [nth, order] of placed.entries()) {
    const [one, two] = [truth.orders[nth], other.orders[nth]]
    if (one === undefined || two === undefined) {
      note('P1', nth, 'told of', one !== undefined, two !== undefined)
      continue
    }
    const scene = scenes[nth] ?? { nobodyThere: false }
    note('P1', nth, 'verdict', reasonOf(order, scene, one.end), reasonOf(order, scene, two.end))
    note('P1', nth, 'amends', one.amends, two.amends)
    const extra = trades(one.fills) - trades(two.fills)
    unseen += extra > 0n ? extra : -extra
    if (!sameFills(one.fills, two.fills)) {
      note('P2', nth, 'fills', joined(one.fills), joined(two.fills))
    }
  }
  // After a difference in a verdict the holdings differ too and say nothing new.
  if (found.length === 0) {
    if (!near(truth.holdings.cash_1e8, other.holdings.cash_1e8, unseen * (FEE_UNIT_1E8 + 1n))) {
      note('P2', null, 'cash', truth.holdings.cash_1e8, other.holdings.cash_1e8)
    }
    note('P2', null, 'held', truth.holdings.held_1e8, other.holdings.held_1e8)
    const [one, two] = [truth.holdings.cash_reserved_1e8, other.holdings.cash_reserved_1e8]
    if (!near(one, two, RESERVED_APART_1E8)) note('P2', null, 'reserved', one, two)
  }
  return found
}

/** Fills at one price and in one role are one: a book's feed shows levels, not the orders in them. */
export function joined(fills: readonly Fill[]): Fill[] {
  const sums: Fill[] = []
  for (const fill of fills) {
    const last = sums.at(-1)
    if (
      last === undefined ||
      last.price_1e9 !== fill.price_1e9 ||
      last.liquidity !== fill.liquidity
    ) {
      sums.push(fill)
      continue
    }
    sums[sums.length - 1] = {
      ...last,
      qty_1e8: last.qty_1e8 + fill.qty_1e8,
      fee_1e8: last.fee_1e8 + fill.fee_1e8,
    }
  }
  return sums
}

/** What P3 looks at: the end of a story, and how it got there. */
export interface Course {
  readonly story: Story
  /** Filled so far of each order after each step. */
  readonly filled: readonly (readonly bigint[])[]
}

/**
 * P3 between the truth and a path with adversaries: at no step more filled, never a better price, never a
 * smaller fee.
 *
 * Prices are compared unit by unit: what q units cost there is at least what the cheapest q units cost
 * here. A fee is at least the schedule's for what was filled. Later orders too are held to the truth: what an
 * adversary took from one order is no gift to the next. One exception: money or holdings that a worse order
 * left over may pay for what the truth could not, and an own order that ended early stands in nobody's way.
 */
export function betterThanTruth(
  venue: Pick<Venue, 'fees' | 'instruments'>,
  story: Pick<Case, 'venue_symbol' | 'steps'>,
  placed: readonly PlaceStep[],
  truth: Course,
  other: Course,
): Difference[] {
  const found: Difference[] = []
  let apart = false
  for (const [nth, order] of placed.entries()) {
    const [one, two] = [truth.story.orders[nth], other.story.orders[nth]]
    if (one === undefined || two === undefined) continue
    if (apart && OWN_DOING.has(one.end)) continue
    apart ||= one.end !== two.end || text(joined(one.fills)) !== text(joined(two.fills))
    const note = (what: string, expected: bigint, actual: bigint) =>
      found.push({ law: 'P3', nth, what, expected: `${expected}`, actual: `${actual}` })
    const early = other.filled.findIndex(
      (step, at) => (step[nth] ?? 0n) > (truth.filled[at]?.[nth] ?? 0n),
    )
    if (early >= 0) {
      note(
        'filled more or earlier',
        truth.filled[early]?.[nth] ?? 0n,
        other.filled[early]?.[nth] ?? 0n,
      )
      continue
    }
    const best = bestUnits(order.side, one.fills, sum(two.fills))
    const paid = value(two.fills)
    if (order.side === 'buy' ? paid < best : paid > best) note('price better', best, paid)
    const [due, charged] = [dueFees(venue, story, order, two.fills), fees(two.fills)]
    if (charged < due) note('fee smaller', due, charged)
    // What a worse order left without money was never sent: its own impact is missing from here on.
    if (two.refused && !one.refused) break
  }
  return found
}

/** Ends for want of money or of something to reduce, or at an own order. */
const OWN_DOING: ReadonlySet<End> = new Set(['insufficient-balance', 'not-reducing', 'self-trade'])

function dueFees(
  venue: Pick<Venue, 'fees' | 'instruments'>,
  { venue_symbol }: Pick<Case, 'venue_symbol'>,
  { side }: PlaceStep,
  fills: readonly Fill[],
): bigint {
  const instrument = venue.instruments.find((listed) => listed.venue_symbol === venue_symbol)
  if (instrument === undefined) return 0n
  let [total, carry_1e8] = [0n, 0n]
  for (const { price_1e9, qty_1e8, liquidity } of fills) {
    const fill = { instrument, liquidity, side, price_1e9, qty_1e8, carry_1e8 }
    const charged = venue.fees.fill(fill)
    total += charged.fee_1e8
    carry_1e8 = charged.carry_1e8
  }
  return total
}

const fees = (fills: readonly Fill[]): bigint =>
  fills.reduce((total, { fee_1e8 }) => total + fee_1e8, 0n)

const sum = (fills: readonly Fill[]): bigint =>
  fills.reduce((total, { qty_1e8 }) => total + qty_1e8, 0n)

const value = (fills: readonly Fill[]): bigint =>
  fills.reduce((total, { price_1e9, qty_1e8 }) => total + price_1e9 * qty_1e8, 0n)

/** Value of the most favourable `qty_1e8` units among some fills. */
function bestUnits(side: 'buy' | 'sell', fills: readonly Fill[], qty_1e8: bigint): bigint {
  const sorted = [...fills].sort((a, b) => {
    const cheaper = a.price_1e9 < b.price_1e9
    if (a.price_1e9 === b.price_1e9) return 0
    return cheaper === (side === 'buy') ? -1 : 1
  })
  let [left, total] = [qty_1e8, 0n]
  for (const fill of sorted) {
    const part = left < fill.qty_1e8 ? left : fill.qty_1e8
    total += part * fill.price_1e9
    left -= part
  }
  return total
}

const text = (value_: unknown): string =>
  JSON.stringify(value_, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? 'none'
