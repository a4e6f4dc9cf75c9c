/**
 * Seed: of a test, the same on every machine: from its file and name, unless the environment sets one.
 *
 * @module
 */

import { createHash } from 'node:crypto'

/** Environment variable that sets the seed of every test. */
export const SEED_VARIABLE = 'PAPERVENUE_SEED'

/** @throws RangeError when the environment sets something that is no seed. */
export function seedOf(
  test: { readonly file: string; readonly name: string },
  env: Readonly<Record<string, string | undefined>>,
): number {
  const given = env[SEED_VARIABLE]
  if (given !== undefined && given !== '') {
    const seed = Number(given)
    if (/^\d+$/.test(given) && Number.isSafeInteger(seed)) return seed
    throw new RangeError(
      `${SEED_VARIABLE} is ${JSON.stringify(given)}; a whole number is expected.`,
    )
  }
  return createHash('sha256').update(`${test.file}\n${test.name}`).digest().readUInt32BE(0)
}

/** The line that runs one test again as it was. */
export function replayLine(test: {
  readonly file: string
  readonly name: string
  readonly seed: number
}): string {
  const pattern = test.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return `seed ${test.seed}; replay: ${SEED_VARIABLE}=${test.seed} npx vitest run ${test.file} -t ${shellQuoted(pattern)}`
}

const shellQuoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`
