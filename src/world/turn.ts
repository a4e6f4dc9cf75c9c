/**
 * Turn: the end of the current turn of the event loop, so that what arrived together is handled together.
 *
 * Not a delay: no time passes on any clock.
 *
 * @module
 */

/** Runs once everything that is ready in this turn has run. */
export function afterTurn(run: () => void): void {
  setImmediate(run)
}
