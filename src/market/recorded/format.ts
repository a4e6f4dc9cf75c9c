/**
 * Format: one dialect of recorded market data, and how to read it.
 *
 * A format is named `<venue>-<dialect>`. Its decoder turns messages into what a feed tells, keeps just
 * enough state to check the dialect's own integrity rules, and throws `RecordingError` when one breaks:
 * a recording with a gap is not played on.
 *
 * @module
 */

import { parseDecimal } from '../../engine/decimal.js'
import type { Level } from '../../engine/depth.js'
import type { InstrumentKind } from '../../engine/instrument.js'
import type { FeedSink } from '../../venue/contract.js'

/** A parsed JSON message of unknown shape. */
export type Message = unknown

export interface RecordingFormat {
  /** `<venue>-<dialect>`. */
  readonly name: string
  readonly kind: InstrumentKind
  /** Whether a message can only be of this dialect. */
  recognises(message: Message): boolean
  decoder(): Decoder
  /** Assets of a market of this venue; `undefined` when the name does not tell. */
  assets(venue_symbol: string):
    | {
        readonly base: string
        readonly quote: string
        /** Name at our API where it is not made of the two. */
        readonly symbol?: string
      }
    | undefined
}

export interface Decoder {
  /**
   * Reads one message into the sink.
   *
   * @param received_ns - When the recorder got it; stands in where the message has no time of its own.
   * @throws RecordingError when the message contradicts what came before.
   */
  read(message: Message, received_ns: bigint, sink: FeedSink): void
}

/** A recording that is damaged, or that breaks its own dialect's rules. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

/** @throws RecordingError when the text is no price of at most nine decimals. */
export function priceOf(text: unknown): bigint {
  const price = typeof text === 'string' ? parseDecimal(text, 9, 'refuse') : undefined
  if (price !== undefined) return price
  throw new RecordingError(`price ${String(text)} is no decimal text of at most nine places`)
}

/** @throws RecordingError when the text is no size of at most eight decimals. */
export function qtyOf(text: unknown): bigint {
  const qty = typeof text === 'string' ? parseDecimal(text, 8, 'refuse') : undefined
  if (qty !== undefined) return qty
  throw new RecordingError(`size ${String(text)} is no decimal text of at most eight places`)
}

/** Levels of `[price, size, ...]` rows. @throws RecordingError when a row is none. */
export function levelsOf(rows: unknown): Level[] {
  return listOf(rows).map((row) => {
    const [price, qty] = listOf(row)
    return { price_1e9: priceOf(price), qty_1e8: qtyOf(qty) }
  })
}

/** @throws RecordingError when the value is no array. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new RecordingError(`a list was expected, not ${JSON.stringify(value)}`)
}

/** The fields of an object; empty for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

/** @throws RecordingError when the value is no safe whole number. */
export function integerOf(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new RecordingError(`${what} is ${JSON.stringify(value)}; a whole number was expected`)
}

/** @throws RecordingError when the value is no text. */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw new RecordingError(`${what} is ${JSON.stringify(value)}; a text was expected`)
}

export const fromMs = (ms: number): bigint => BigInt(ms) * 1_000_000n

/** Nanoseconds of an ISO time with up to nine decimals. @throws RecordingError when it is none. */
export function fromIso(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text)
  const seconds = match?.[1] === undefined ? Number.NaN : Date.parse(`${match[1]}Z`)
  if (Number.isNaN(seconds)) throw new RecordingError(`${text} is no ISO time`)
  return fromMs(seconds) + BigInt((match?.[2] ?? '').padEnd(9, '0'))
}

/** Splits a name such as `BTCUSDT` at a known quote asset. */
export function splitPair(
  name: string,
  quotes: readonly string[],
): { base: string; quote: string } | undefined {
  const quote = quotes.find((asset) => name.endsWith(asset) && name.length > asset.length)
  return quote === undefined ? undefined : { base: name.slice(0, -quote.length), quote }
}
