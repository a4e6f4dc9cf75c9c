/**
 * Player: plays a recording into a feed sink, as fast as asked.
 *
 * Three ways: message by message (`step`), up to a moment of the recording (`playTo`, moving a manual
 * clock along), or at the pace of a clock (`pace`). What cannot be decoded throws and ends the play.
 * A play can be put back to where it was: the file is read again up to there, unheard.
 *
 * @module
 */

import type { FeedSink } from '../../venue/contract.js'
import type { ManualClock } from '../../world/clock.js'
import type { Clock, Restorable } from '../../world/world.js'
import { type Decoder, RecordingError, type RecordingFormat } from './format.js'
import { type RecordedMessage, recordedMessages } from './lines.js'

export interface PaceOptions {
  readonly clock: Clock
  /** Recorded seconds per second of the clock. Default 1. */
  readonly speed?: number
  /** Called when the recording is over, or with what ended it. */
  readonly ended?: (error?: Error) => void
}

/** A play at the pace of a clock: call it to stop. Its place can be taken and put back. */
export type RunningPlay = (() => void) &
  Restorable & {
    /** Resolves when it waits for time alone: nothing is being read or played. */
    atRest(): Promise<void>
  }

/** Where a play is in its file. */
export interface PlayState {
  readonly played: number
  readonly first_ns: bigint | null
  readonly now_ns: bigint
}

/** What a play is in the midst of; put back as a whole. */
interface Reading {
  readonly decoder: Decoder
  readonly messages: AsyncGenerator<RecordedMessage, void>
  /** Messages to be read unheard before the next one is played. */
  unheard: number
  next: RecordedMessage | null
}

interface PacedState {
  readonly play: PlayState
  /** Nanoseconds of the clock since the start. */
  readonly elapsed_ns: bigint
  readonly from_ns: bigint | null
  readonly over: boolean
}

/** Most messages played in one go before the clock is asked again. */
const BURST = 500

export class Player {
  readonly #file: string
  readonly #format: RecordingFormat
  readonly #sink: FeedSink
  #reading: Reading
  #played = 0
  #first_ns: bigint | null = null
  #now_ns = 0n
  #stopped = false

  constructor(file: string, format: RecordingFormat, sink: FeedSink) {
    this.#file = file
    this.#format = format
    this.#sink = sink
    this.#reading = this.#read(0)
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
   * @returns False when there is none left, or when the play was put back meanwhile.
   * @throws RecordingError naming the file and the line.
   */
  async step(): Promise<boolean> {
    const reading = this.#reading
    const message = await this.#peek()
    if (message === undefined || reading !== this.#reading) return false
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
    const reading = this.#reading
    for (;;) {
      const message = await this.#peek()
      if (message === undefined || message.received_ns > ts_ns || reading !== this.#reading) break
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
  pace(options: PaceOptions): RunningPlay {
    const { clock, speed = 1, ended = () => undefined } = options
    if (!(speed > 0)) {
      throw new RangeError(`speed is ${speed}; a number above zero is expected.`)
    }
    let started_ns = clock.now_ns()
    let from_ns: bigint | null = null
    let over = false
    let timer: { cancel: () => void } | null = null
    let working: Promise<void> = Promise.resolve()
    let runs = 0
    const run = async (): Promise<void> => {
      runs += 1
      const nth = runs
      for (let played = 0; !this.#stopped; played += 1) {
        const next_ns = await this.next_ns()
        // Put back while it read: another run is under way.
        if (nth !== runs || this.#stopped) return
        if (next_ns === undefined) {
          over = true
          ended()
          return
        }
        from_ns ??= next_ns
        const due_ms = Number(next_ns - from_ns) / 1e6 / speed
        const wait_ms = due_ms - Number(clock.now_ns() - started_ns) / 1e6
        if (wait_ms > 0 || played >= BURST) {
          const cancel = clock.after(Math.max(0, wait_ms), () => {
            // A clock put back to an earlier moment may bring back a timer that was given up since.
            if (timer === mine) go()
          })
          const mine = { cancel }
          timer = mine
          return
        }
        await this.step()
      }
    }
    const go = (): void => {
      timer = null
      working = run().catch((error: unknown) => {
        this.stop()
        over = true
        ended(error instanceof Error ? error : new Error(String(error)))
      })
    }
    go()
    const stop = (): void => {
      timer?.cancel()
      this.stop()
    }
    return Object.assign(stop, {
      atRest: () => working,
      save: (): PacedState => ({
        play: this.save(),
        elapsed_ns: clock.now_ns() - started_ns,
        from_ns,
        over,
      }),
      restore: (state: unknown) => {
        const saved = state as PacedState
        if (this.#stopped && !over) return
        timer?.cancel()
        timer = null
        this.restore(saved.play)
        started_ns = clock.now_ns() - saved.elapsed_ns
        from_ns = saved.from_ns
        over = saved.over
        if (!over) go()
      },
    })
  }

  /** Where the play is. */
  save(): PlayState {
    return { played: this.#played, first_ns: this.#first_ns, now_ns: this.#now_ns }
  }

  /**
   * Puts the play back to where it was; a play that broke off plays again. Nothing is told on the way.
   *
   * @param state - Absent: to the beginning.
   */
  restore(state: PlayState = BEGINNING): void {
    if (this.#stopped || state.played !== this.#played) {
      void this.#reading.messages.return()
      this.#reading = this.#read(state.played)
    }
    this.#stopped = false
    this.#played = state.played
    this.#first_ns = state.first_ns
    this.#now_ns = state.now_ns
  }

  /** Ends the play and closes the file. */
  stop(): void {
    this.#stopped = true
    void this.#reading.messages.return()
  }

  #read(unheard: number): Reading {
    return {
      decoder: this.#format.decoder(),
      messages: recordedMessages(this.#file),
      unheard,
      next: null,
    }
  }

  async #peek(): Promise<RecordedMessage | undefined> {
    const reading = this.#reading
    for (;;) {
      if (reading.next === null) {
        if (this.#stopped) return undefined
        const { value, done } = await reading.messages.next()
        if (reading !== this.#reading) return undefined
        if (done === true || value === undefined) return undefined
        reading.next = value
      }
      if (reading.unheard === 0) return reading.next
      reading.unheard -= 1
      this.#decode(reading, reading.next, NOBODY)
    }
  }

  #play(message: RecordedMessage): void {
    const { received_ns } = message
    this.#played += 1
    this.#first_ns ??= received_ns
    if (received_ns > this.#now_ns) this.#now_ns = received_ns
    this.#decode(this.#reading, message, this.#sink)
  }

  #decode(reading: Reading, { line, received_ns, message }: RecordedMessage, sink: FeedSink): void {
    reading.next = null
    try {
      reading.decoder.read(message, received_ns, sink)
    } catch (error) {
      this.stop()
      if (!(error instanceof RecordingError)) throw error
      throw new RecordingError(`${this.#file}, line ${line}: ${error.message}`)
    }
  }
}

const BEGINNING: PlayState = { played: 0, first_ns: null, now_ns: 0n }

/** Takes what is read unheard. */
const NOBODY: FeedSink = {
  snapshot: () => undefined,
  level: () => undefined,
  published: () => undefined,
  trade: () => undefined,
  lost: () => undefined,
}
