import { expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox } from '../../../src/sandbox.js'

test('a client is limited by its profile, other clients by the server', async () => {
  const sandbox = await createSandbox({ store: 'memory', rate_limit_qps: 5, venues: [] })
  const [alice, bob] = [sandbox.account('alice'), sandbox.account('bob')]
  const granted = async (key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => sandbox.fetch('/v1/health', { headers })),
    )
    return answers.filter(({ status }) => status === 200).length
  }
  await perform(sandbox.control, 'set-rate-limit', { client_id: 'alice', qps: 20 })
  expect(await granted(alice.test_key)).toBe(40)
  // All keys of a client share its bucket.
  expect(await granted(alice.live_key)).toBe(0)
  expect(await granted(bob.test_key)).toBe(10)

  await perform(sandbox.control, 'set-rate-limit', { client_id: 'alice', qps: null })
  sandbox.manual?.advance(60_000)
  expect(await granted(alice.test_key)).toBe(10)
  await sandbox.close()
})

test('a rate is a whole number of at least 1', async () => {
  const sandbox = await createSandbox({ store: 'memory', venues: [] })
  for (const qps of [0, -1, 1.5, '5']) {
    await expect(perform(sandbox.control, 'set-rate-limit', { qps })).rejects.toThrow('qps')
  }
  await sandbox.close()
})
