/**
 * Book feed: the `book` channel's messages and its checksum, from the venue's side.
 *
 * A subscriber keeps only as many levels as it asked for, so each update is the difference between the
 * top it was shown and the top now: a level that moves up into the top is told, one that is pushed out
 * is not (the client cuts it).
 *
 * @see https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
 *
 * @module
 */

import { crc32 } from '../../src/venue/crc32.js'
import type { TickLevel } from '../../src/venue/host-command.js'
import type { Pair } from './instruments.js'
import { priceText, qtyText } from './wire.js'

/** Depths a client may ask for. */
export const BOOK_DEPTHS: readonly number[] = [10, 25, 100, 500, 1000]
export const BOOK_DEPTH_DEFAULT = 10
/** The checksum covers the ten best levels, whatever the depth. */
const CHECKSUM_LEVELS = 10

export interface Top {
  readonly bids: readonly TickLevel[]
  readonly asks: readonly TickLevel[]
}

/** A level as text: what the checksum is made of. */
export type TextLevel = readonly [price: string, qty: string]

/**
 * Checksum of a book: ten best asks, then ten best bids, each price and size without the point and
 * without leading zeros.
 *
 * @param levels - Best first, with the digits they have on the wire.
 */
export function bookChecksum(levels: {
  readonly asks: readonly TextLevel[]
  readonly bids: readonly TextLevel[]
}): number {
  let text = ''
  for (const side of [levels.asks, levels.bids]) {
    for (const [price, qty] of side.slice(0, CHECKSUM_LEVELS)) text += bare(price) + bare(qty)
  }
  return crc32(text)
}

const bare = (digits: string): string => digits.replace('.', '').replace(/^0+/, '')

/** The whole top as a message. */
export function snapshotText(pair: Pair, top: Top, timestamp: string): string {
  return message(pair, 'snapshot', texts(pair, top.bids), texts(pair, top.asks), top, timestamp)
}

/** What changed between two tops as a message; undefined: nothing a subscriber can see. */
export function updateText(
  pair: Pair,
  before: Top,
  after: Top,
  depth: number,
  timestamp: string,
): string | undefined {
  const bids = changes(before.bids, after.bids, depth, 'bids')
  const asks = changes(before.asks, after.asks, depth, 'asks')
  if (bids.length === 0 && asks.length === 0) return undefined
  return message(pair, 'update', texts(pair, bids), texts(pair, asks), after, timestamp)
}

function changes(
  before: readonly TickLevel[],
  after: readonly TickLevel[],
  depth: number,
  side: 'bids' | 'asks',
): TickLevel[] {
  const changed: TickLevel[] = []
  const old = new Map(before)
  for (const [ticks, lots] of after) {
    if (old.get(ticks) !== lots) changed.push([ticks, lots])
    old.delete(ticks)
  }
  const worst = after.at(-1)?.[0]
  const full = after.length >= depth && worst !== undefined
  for (const ticks of old.keys()) {
    // Beyond the worst level of a full top it was only pushed out of sight.
    const pushed = full && (side === 'bids' ? ticks < worst : ticks > worst)
    if (!pushed) changed.push([ticks, 0])
  }
  return changed
}

const texts = (pair: Pair, levels: readonly TickLevel[]): TextLevel[] =>
  levels.map(([ticks, lots]) => [priceText(pair, ticks), qtyText(pair, lots)])

function message(
  pair: Pair,
  type: 'snapshot' | 'update',
  bids: readonly TextLevel[],
  asks: readonly TextLevel[],
  top: Top,
  timestamp: string,
): string {
  const checksum = bookChecksum({
    asks: texts(pair, top.asks.slice(0, CHECKSUM_LEVELS)),
    bids: texts(pair, top.bids.slice(0, CHECKSUM_LEVELS)),
  })
  const levels = (side: readonly TextLevel[]) =>
    side.map(([price, qty]) => `{"price":${price},"qty":${qty}}`).join(',')
  return `{"channel":"book","type":"${type}","data":[{"symbol":"${pair.symbol}","bids":[${levels(bids)}],"asks":[${levels(asks)}],"checksum":${checksum},"timestamp":"${timestamp}"}]}`
}
