/**
 * Stopwatch: how long something of ours took, for metrics only. Never part of a story that is replayed.
 *
 * @module
 */

/** Starts a watch; each call of the answer tells the seconds since. */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => (performance.now() - start) / 1_000
}
