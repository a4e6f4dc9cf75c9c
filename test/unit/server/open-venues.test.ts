/** Whose keys are known and whose are secret. */
import { expect, test } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../../src/sandbox.js'

/** The keys of the account that follows market data, and of a client's. */
async function keysOf(options: SandboxOptions): Promise<string[]> {
  const sandbox = await createSandbox({ store: 'memory', ...options })
  try {
    const admin = sandbox.venues.get('kalshi')?.mock?.admin
    if (admin === undefined) throw new Error('no mock')
    sandbox.control.venueAccount('alice', 'kalshi')
    // A label that is known answers the account there is.
    return ['observer', 'client alice'].map(
      (label) => admin.openAccount({ label }).credentials.private_key_pem ?? '',
    )
  } finally {
    await sandbox.close()
  }
}

test('within a process keys are the same for every seed, and different for every account', async () => {
  const [one, two] = [await keysOf({ seed: 1 }), await keysOf({ seed: 2 })]
  expect(one).toEqual(two)
  expect(new Set(one).size).toBe(2)
})

test('where others reach the venues, keys are drawn anew each time', async () => {
  const known = await keysOf({ seed: 1 })
  const secret = [
    await keysOf({ seed: 1, demo: 'random' }),
    await keysOf({ seed: 1, demo: 'random' }),
  ]
  expect(new Set([...known, ...secret.flat()]).size).toBe(6)
})
