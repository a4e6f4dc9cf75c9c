/**
 * Sandbox path: a vector through the sandbox's own order path (guards, router, reservation, simulator),
 * which shares no behaviour with the venue's matching.
 */
import { off } from '../../src/adversary/profile.js'
import type { Venue } from '../../src/venue/contract.js'
import type { Case, PlaceStep } from '../parity/case.js'
import { deskPath } from '../parity/paths.js'
import { reasonOf } from '../parity/verdict.js'
import { type Vector, vectorDepth, vectorPrice, vectorQty } from './vector.js'
import type { Outcome } from './wire-path.js'

/** What came of it, in words that both paths share: how it ended, whichever stage said so. */
export interface SandboxOutcome {
  /** `open`, `filled`, or the reason nothing more will trade. */
  readonly end: string
  readonly fills: Outcome['fills']
  /** Cash of the instrument's quote asset afterwards. */
  readonly cash_1e8: bigint
}

/** Runs a vector sized in base units on paper, adversaries off. */
export async function runOnSandbox(venue: Venue, vector: Vector): Promise<SandboxOutcome> {
  const { instrument, step } = stepOf(venue, vector)
  const depth = vectorDepth(vector.book)
  const story: Case = {
    venue: venue.id,
    venue_symbol: vector.venue_symbol,
    market: 'open',
    cash_1e8: vectorQty(vector.balances[instrument.quote] ?? '0'),
    held_1e8: vectorQty(vector.balances[instrument.base] ?? '0'),
    entry_price_1e9: instrument.tick_size_1e9,
    depth,
    steps: [step],
  }
  const path = await deskPath(venue, 1, { paper: off })
  try {
    const { story: told, broken } = await path.tell(story)
    if (broken.length > 0) throw new Error(broken.join('; '))
    const [order] = told.orders
    if (order === undefined) throw new Error('the order path told nothing')
    return {
      end: reasonOf(step, { nobodyThere: sideOf(vector).length === 0 }, order.end),
      fills: order.fills,
      cash_1e8: told.holdings.cash_1e8,
    }
  } finally {
    await path.close()
  }
}

/** How a vector says an order ends, in the words of {@link SandboxOutcome}. */
export function endOf(venue: Venue, vector: Vector): string {
  const { status, code } = vector.expect
  if (status === 'resting') return 'open'
  if (status === 'filled' || code === null) return 'filled'
  const { step } = stepOf(venue, vector)
  return reasonOf(step, { nobodyThere: sideOf(vector).length === 0 }, code)
}

/** Levels of the side the order would take from. */
const sideOf = ({ order, book }: Vector) => (order.side === 'buy' ? book.asks : book.bids)

function stepOf(venue: Venue, { order, venue_symbol }: Vector) {
  const instrument = venue.instruments.find((one) => one.venue_symbol === venue_symbol)
  if (instrument === undefined) throw new Error(`${venue.id} lists no ${venue_symbol}`)
  if (order.qty === undefined) throw new Error('this path is told sizes in base units')
  const step: PlaceStep = {
    type: 'place',
    outcome: instrument.kind === 'event' ? (order.outcome ?? 'YES') : null,
    side: order.side,
    qty_1e8: vectorQty(order.qty),
    limit_price_1e9: order.price === null ? null : vectorPrice(order.price),
    time_in_force: order.time_in_force,
    post_only: order.post_only ?? false,
    reduce_only: order.reduce_only ?? false,
    expires_in_ms: null,
  }
  return { instrument, step }
}
