/**
 * Turn: lets everything that waits on a resolved promise run.
 *
 * @module
 */

/** Resolves after the promises that are ready now, and those they make ready, have run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
