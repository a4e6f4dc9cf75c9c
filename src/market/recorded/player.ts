/**
 * Player: plays a recording into a feed sink, as fast as asked.
 *
 * Three ways: message by message (`step`), up to a moment of the recording (`playTo`, moving a manual
 * clock along), or at the pace of a clock (`pace`). What cannot be decoded throws and ends the play.
 *
 * @module
 */

import type { FeedSink } from '../../venue/contract.js'
import type { ManualClock } from '../../world/clock.js'
import type { Clock } from '../../world/world.js'
import { type Decoder, RecordingError, type RecordingFormat } from './format.js'
import { type RecordedMessage, recordedMessages } from './lines.js'

export interface PaceOptions {
  readonly clock: Clock
  /** Recorded seconds per second of the clock. Default 1. */
  readonly speed?: number
  /** Called when the recording is over, or with what ended it. */
  readonly ended?: (error?: Error) => void
}

/** Most messages played in one go before the clock is asked again. */
const BURST = 500

export class Player {
  readonly #file: string
  readonly #decoder: Decoder
  readonly #sink: FeedSink
  readonly #messages: AsyncGenerator<RecordedMessage, void>
  #next: RecordedMessage | null = null
  #first_ns: bigint | null = null
  #now_ns = 0n
  #stopped = false

  constructor(file: string, format: RecordingFormat, sink: FeedSink) {
    this.#file = file
    this.#decoder = format.decoder()
    this.#sink = sink
    this.#messages = recordedMessages(file)
  }

  /** When the first message was recorded; 0 before it was played. */
  get first_ns(): bigint {
    return this.#first_ns ?? 0n
  }

  /** When the last message played was recorded; 0 before the first. */
  get now_ns(): bigint {
    return this.#now_ns
  }

  /** When the next message was recorded, `undefined` at the end. */
  async next_ns(): Promise<bigint | undefined> {
    return (await this.#peek())?.received_ns
  }

  /**
   * Plays one message.
   *
   * @returns False when there is none left.
   * @throws RecordingError naming the file and the line.
   */
  async step(): Promise<boolean> {
    const message = await this.#peek()
    if (message === undefined) return false
    this.#play(message)
    return true
  }

  /**
   * Plays everything recorded up to and including a moment.
   *
   * @param clock - Moved to each message's own time before it is played, and to `ts_ns` at the end.
   * @returns Messages played.
   */
  async playTo(ts_ns: bigint, clock?: ManualClock): Promise<number> {
    let played = 0
    for (;;) {
      const message = await this.#peek()
      if (message === undefined || message.received_ns > ts_ns) break
      if (clock !== undefined && message.received_ns > clock.now_ns())
        clock.set(message.received_ns)
      this.#play(message)
      played += 1
    }
    if (clock !== undefined && ts_ns > clock.now_ns()) clock.set(ts_ns)
    return played
  }

  /** Plays to the end as fast as it goes. @returns Messages played. */
  async playAll(clock?: ManualClock): Promise<number> {
    let played = 0
    for (;;) {
      const next_ns = await this.next_ns()
      if (next_ns === undefined) return played
      played += await this.playTo(next_ns, clock)
    }
  }

  /**
   * Plays at the pace of a clock: a message recorded one second after the first is played one second
   * after the call (at speed 1). Behind time it catches up without skipping.
   *
   * @returns Stops the play.
   */
  pace(options: PaceOptions): () => void {
    const { clock, speed = 1, ended = () => undefined } = options
    if (!(speed > 0)) {
      throw new RangeError(`speed is ${speed}; a number above zero is expected.`)
    }
    const started_ns = clock.now_ns()
    let from_ns: bigint | null = null
    let cancel: () => void = () => undefined
    const run = async (): Promise<void> => {
      for (let played = 0; !this.#stopped; played += 1) {
        const next_ns = await this.next_ns()
        if (next_ns === undefined) {
          ended()
          return
        }
        from_ns ??= next_ns
        const due_ms = Number(next_ns - from_ns) / 1e6 / speed
        const wait_ms = due_ms - Number(clock.now_ns() - started_ns) / 1e6
        if (wait_ms > 0 || played >= BURST) {
          cancel = clock.after(Math.max(0, wait_ms), go)
          return
        }
        await this.step()
      }
    }
    const go = (): void => {
      run().catch((error: unknown) => {
        this.stop()
        ended(error instanceof Error ? error : new Error(String(error)))
      })
    }
    go()
    return () => {
      cancel()
      this.stop()
    }
  }

  /** Ends the play and closes the file. */
  stop(): void {
    this.#stopped = true
    void this.#messages.return()
  }

  async #peek(): Promise<RecordedMessage | undefined> {
    if (this.#next !== null) return this.#next
    if (this.#stopped) return undefined
    const { value, done } = await this.#messages.next()
    if (done === true || value === undefined) return undefined
    this.#next = value
    return value
  }

  #play({ line, received_ns, message }: RecordedMessage): void {
    this.#next = null
    this.#first_ns ??= received_ns
    if (received_ns > this.#now_ns) this.#now_ns = received_ns
    try {
      this.#decoder.read(message, received_ns, this.#sink)
    } catch (error) {
      this.stop()
      if (!(error instanceof RecordingError)) throw error
      throw new RecordingError(`${this.#file}, line ${line}: ${error.message}`)
    }
  }
}
