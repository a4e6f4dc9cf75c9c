/**
 * Clock: the wall clock for servers and the manual clock for tests and scenarios.
 *
 * With `prng.ts`, `ids.ts` and `stopwatch.ts` the only places that touch the machine's time or
 * chance. A manual clock moves only when told; timers due on the way run in order of their time, then
 * of their making, each seeing the time it was due.
 *
 * @module
 */

import type { Clock } from './world.js'

/** A clock a test moves. */
export interface ManualClock extends Clock {
  /** Moves time forward, running due timers on the way. @throws RangeError on a negative step. */
  advance(ms: number): void
  /** Moves to a moment not before now. @throws RangeError when it lies in the past. */
  set(ts_ns: bigint): void
  /** Puts the time back without running timers: for restoring a snapshot only. */
  restore(ts_ns: bigint): void
  /** The moment and the timers waiting at it. */
  save(): ClockState
  /** Back to a saved moment: timers waiting then wait again, timers made since are gone. Runs none. */
  load(state: ClockState): void
  /** Moment of the next timer, if any. */
  next_ns(): bigint | undefined
}

interface Timer {
  readonly due_ns: bigint
  readonly nth: number
  readonly run: () => void
}

export interface ClockState {
  readonly now_ns: bigint
  readonly made: number
  readonly timers: readonly Timer[]
}

const MS_NS = 1_000_000n

/** The machine's clock. Timers do not keep the process alive. */
export function wallClock(): Clock {
  // Asked several times per order: the wide integer is made once a millisecond.
  let last_ms = -1
  let last_ns = 0n
  return {
    now_ns: () => {
      const ms = Date.now()
      if (ms !== last_ms) {
        last_ms = ms
        last_ns = BigInt(ms) * MS_NS
      }
      return last_ns
    },
    now_ms: () => Date.now(),
    after: (delay_ms, run) => {
      const timer = setTimeout(run, delay_ms)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}

/**
 * A clock that stands still until moved.
 *
 * @param start_ns - First moment, nanoseconds since the Unix epoch.
 *
 * @example
 * const clock = manualClock(1_790_000_000_000_000_000n)
 * clock.after(5, () => console.log('five'))
 * clock.advance(10) // prints five
 */
export function manualClock(start_ns = 1_790_000_000_000_000_000n): ManualClock {
  let now = start_ns
  let made = 0
  let timers: Timer[] = []

  function moveTo(target: bigint): void {
    for (;;) {
      let due: Timer | undefined
      for (const timer of timers) {
        if (timer.due_ns > target) continue
        const earlier =
          due === undefined ||
          timer.due_ns < due.due_ns ||
          (timer.due_ns === due.due_ns && timer.nth < due.nth)
        if (earlier) due = timer
      }
      if (due === undefined) break
      const chosen = due
      timers = timers.filter((timer) => timer !== chosen)
      if (chosen.due_ns > now) now = chosen.due_ns
      chosen.run()
    }
    if (target > now) now = target
  }

  return {
    now_ns: () => now,
    now_ms: () => Number(now / MS_NS),
    after: (delay_ms, run) => {
      made += 1
      const timer = {
        due_ns: now + BigInt(Math.max(0, Math.round(delay_ms * 1e6))),
        nth: made,
        run,
      }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance: (ms) => {
      if (!(ms >= 0) || !Number.isFinite(ms)) {
        throw new RangeError(`cannot advance by ${ms} ms; a number of 0 or more is expected.`)
      }
      moveTo(now + BigInt(Math.round(ms * 1e6)))
    },
    set: (ts_ns) => {
      if (ts_ns < now) {
        throw new RangeError(
          `cannot set the clock to ${ts_ns} ns, before now (${now} ns); revert a snapshot to go back.`,
        )
      }
      moveTo(ts_ns)
    },
    restore: (ts_ns) => {
      now = ts_ns
    },
    save: () => ({ now_ns: now, made, timers: [...timers] }),
    load: (state) => {
      now = state.now_ns
      made = state.made
      timers = [...state.timers]
    },
    next_ns: () =>
      timers.reduce<bigint | undefined>(
        (least, { due_ns }) => (least === undefined || due_ns < least ? due_ns : least),
        undefined,
      ),
  }
}
