/**
 * Agent: somebody in the market who acts again and again while the story runs.
 *
 * Agents draw from their own stream, so adding one changes nothing that another draws.
 *
 * @module
 */

import { z } from 'zod'
import { perform } from '../control/actions.js'
import { count, price, qty } from '../control/amount.js'
import { listingOf } from '../control/target.js'
import { formatDecimal } from '../engine/decimal.js'
import { onGrid } from '../engine/instrument.js'
import { divFloor, smaller } from '../engine/units.js'
import type { RandomStream } from '../world/world.js'
import { duration } from './duration.js'
import type { ScenarioHost } from './host.js'

/** What an agent acts with. */
export interface AgentHands {
  readonly host: ScenarioHost
  readonly random: RandomStream
  /** How often it acted before. */
  readonly nth: number
}

export interface Agent {
  readonly name: string
  readonly every_ms: number
  act(hands: AgentHands): Promise<unknown> | unknown
}

const where = { venue: z.string(), symbol: z.string(), every: duration }

const maker = z.strictObject({
  agent: z.literal('maker'),
  ...where,
  /** First mid price. */
  mid: price,
  /** Distance of the best prices from the mid. */
  half_spread: price,
  /** Most that the mid moves each time, up or down. */
  step: price,
  levels: count.refine((n) => n >= 1 && n <= 100, 'from 1 to 100').default(3),
  /** Quantity of a level. */
  qty,
})

const taker = z.strictObject({
  agent: z.literal('taker'),
  ...where,
  /** Most that one trade takes of the best level. */
  qty,
})

export const agentSchema = z.discriminatedUnion('agent', [maker, taker])
export type AgentEntry = z.output<typeof agentSchema>
/** An agent as people write it. */
export type AgentInput = z.input<typeof agentSchema>

/** The agent of a declared entry. */
export function agentOf(entry: AgentEntry, nth: number): Agent {
  const name = `${entry.agent}-${nth + 1}`
  return entry.agent === 'maker'
    ? { name, every_ms: entry.every, act: makes(entry) }
    : { name, every_ms: entry.every, act: takes(entry) }
}

/** Quotes levels around a mid that walks, on the market's grid. */
function makes(entry: z.output<typeof maker>): Agent['act'] {
  let mid = entry.mid
  return async ({ host, random, nth }) => {
    if (nth > 0) {
      const moved = mid + (entry.step * BigInt(random.int(-1_000, 1_000))) / 1_000n
      if (moved > entry.half_spread * 2n) mid = moved
    }
    const { instrument } = listingOf(host.target, entry.venue, entry.symbol)
    const { tick_size_1e9: tick } = instrument
    const floor = (value: bigint): bigint => divFloor(value, tick) * tick
    const bids: [string, string][] = []
    const asks: [string, string][] = []
    const size = formatDecimal(entry.qty, 8)
    for (let level = 0n; level < BigInt(entry.levels); level += 1n) {
      const bid = floor(mid - entry.half_spread - level * tick)
      const ask = floor(mid + entry.half_spread + (level + 1n) * tick)
      if (onGrid(instrument, bid)) bids.push([formatDecimal(bid, 9), size])
      if (onGrid(instrument, ask)) asks.push([formatDecimal(ask, 9), size])
    }
    return perform(host.target, 'set-depth', {
      venue: entry.venue,
      symbol: entry.symbol,
      bids,
      asks,
    })
  }
}

/** Trades a random part of the best level of a random side. */
function takes(entry: z.output<typeof taker>): Agent['act'] {
  return ({ host, random }) => {
    const { target } = host
    const { at, instrument } = listingOf(target, entry.venue, entry.symbol)
    const depth = target.hub.book(at.venue.id, instrument.venue_symbol)?.depth
    const side = random.int(0, 1) === 0 ? 'buy' : 'sell'
    const share = BigInt(random.int(1, 1_000))
    const best = side === 'buy' ? depth?.asks[0] : depth?.bids[0]
    if (best === undefined) return null
    const most = smaller(best.qty_1e8, entry.qty)
    const lot = instrument.lot_size_1e8
    const size = divFloor((most * share) / 1_000n, lot) * lot
    if (size === 0n) return null
    return perform(target, 'print-trade', {
      venue: entry.venue,
      symbol: entry.symbol,
      price: formatDecimal(best.price_1e9, 9),
      qty: formatDecimal(size, 8),
      taker_side: side,
    })
  }
}
