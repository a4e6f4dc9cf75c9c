/**
 * Recording: a file of recorded market data, known through and through before it is played.
 *
 * Opening reads the whole file once: the dialect is recognised, every integrity rule of it is checked,
 * and the instruments are learned (the tick and lot are the greatest steps that fit all prices and
 * sizes). Playing reads it again from the start and never holds more than one read buffer.
 *
 * @module
 */

import type { Depth } from '../../engine/depth.js'
import type { Instrument, InstrumentKind } from '../../engine/instrument.js'
import type { FeedSink } from '../../venue/contract.js'
import { channelList } from './channel-list.js'
import { coinSnapshots } from './coin-snapshots.js'
import { futuresDiffs, spotDiffs } from './diff-depth.js'
import { RecordingError, type RecordingFormat } from './format.js'
import { instrumentChannel } from './instrument-channel.js'
import { level2 } from './level2.js'
import { recordedMessages } from './lines.js'
import { Player } from './player.js'

export const formats: readonly RecordingFormat[] = [
  spotDiffs,
  futuresDiffs,
  channelList,
  level2,
  instrumentChannel,
  coinSnapshots,
]

export interface Recording {
  readonly file: string
  /** `<venue>-<dialect>`. */
  readonly format: string
  readonly venue: string
  /** Learned from the data, in order of appearance. */
  readonly instruments: readonly Instrument[]
  readonly messages: number
  readonly trades: number
  /** When the recorder got the first and the last message, unix nanoseconds. */
  readonly first_ns: bigint
  readonly last_ns: bigint
  /** Plays from the start into a sink, e.g. `hub.feed(recording.venue)`. */
  play(sink: FeedSink): Player
}

/**
 * Opens, recognises and checks a recording.
 *
 * @param file - Plain or `.gz`.
 * @throws RecordingError when the file is unreadable, no dialect fits, or an integrity rule breaks; the
 * message names the line.
 *
 * @example
 * const recording = await openRecording('captures/BTCUSDT.gz')
 * const player = recording.play(hub.feed(recording.venue))
 * await player.playTo(recording.first_ns + 10_000_000_000n)
 */
export async function openRecording(file: string): Promise<Recording> {
  const format = await recognise(file)
  const survey = new Survey()
  const player = new Player(file, format, survey.sink)
  while (await player.step()) survey.messages += 1
  if (survey.markets.size === 0) throw new RecordingError(`${file} holds no book`)
  const dash = format.name.indexOf('-')
  return {
    file,
    format: format.name,
    venue: format.name.slice(0, dash),
    instruments: [...survey.markets].map(([venue_symbol, steps]) =>
      instrumentOf(format, venue_symbol, steps),
    ),
    messages: survey.messages,
    trades: survey.trades,
    first_ns: player.first_ns,
    last_ns: player.now_ns,
    play: (sink) => new Player(file, format, sink),
  }
}

async function recognise(file: string): Promise<RecordingFormat> {
  for await (const { message } of recordedMessages(file)) {
    const format = formats.find((each) => each.recognises(message))
    if (format !== undefined) return format
  }
  const known = formats.map(({ name }) => name).join(', ')
  throw new RecordingError(`${file} is of no known dialect; known are ${known}`)
}

interface Steps {
  tick_1e9: bigint
  lot_1e8: bigint
}

/** What the whole file says about its instruments. */
class Survey {
  readonly markets = new Map<string, Steps>()
  messages = 0
  trades = 0

  readonly sink: FeedSink = {
    snapshot: (venue_symbol, depth: Depth) => {
      for (const level of [...depth.bids, ...depth.asks]) {
        this.#see(venue_symbol, level.price_1e9, level.qty_1e8)
      }
    },
    level: (venue_symbol, _side, price_1e9, qty_1e8) => this.#see(venue_symbol, price_1e9, qty_1e8),
    published: () => undefined,
    trade: (venue_symbol, { price_1e9, qty_1e8 }) => {
      this.trades += 1
      this.#see(venue_symbol, price_1e9, qty_1e8)
    },
    lost: (venue_symbol, reason) => {
      throw new RecordingError(`${venue_symbol} was lost: ${reason}`)
    },
  }

  #see(venue_symbol: string, price_1e9: bigint, qty_1e8: bigint): void {
    const steps = this.markets.get(venue_symbol)
    if (steps === undefined) {
      this.markets.set(venue_symbol, { tick_1e9: price_1e9, lot_1e8: qty_1e8 })
    } else {
      steps.tick_1e9 = divisor(steps.tick_1e9, price_1e9)
      steps.lot_1e8 = divisor(steps.lot_1e8, qty_1e8)
    }
  }
}

function instrumentOf(format: RecordingFormat, venue_symbol: string, steps: Steps): Instrument {
  const assets = format.assets(venue_symbol) ?? { base: venue_symbol, quote: 'USD' }
  const { base, quote } = assets
  return {
    symbol: assets.symbol ?? symbolOf(format.kind, base, quote),
    venue_symbol,
    kind: format.kind,
    base,
    quote,
    tick_size_1e9: steps.tick_1e9,
    lot_size_1e8: steps.lot_1e8,
    min_qty_1e8: 0n,
    min_notional_1e9: 0n,
    price_bands: [],
    leverage_max: format.kind === 'perp' ? 10 : 1,
  }
}

const symbolOf = (kind: InstrumentKind, base: string, quote: string): string =>
  kind === 'perp' ? `${base}-${quote}-PERP` : `${base}-${quote}`

function divisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
