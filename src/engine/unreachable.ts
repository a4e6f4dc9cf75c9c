/**
 * Unreachable: the end of an exhaustive switch.
 *
 * @module
 */

/** @throws Error always: a case was added and a reader forgotten. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
