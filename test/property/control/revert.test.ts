/**
 * Revert: whatever happened since, going back to a snapshot brings back the journal's hash, and the
 * same story told again from there is the same story.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { funded, moves, play } from '../../support/moves.js'
import { sandboxState } from '../../support/sandbox-state.js'

const runs = { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 8) }

test('revert brings the state back, live orders included', async () => {
  await fc.assert(
    fc.asyncProperty(
      moves(false, 10),
      moves(false, 10),
      fc.nat(1_000),
      async (before, after, seed) => {
        const { sandbox, account } = await funded(seed)
        try {
          await play(sandbox, account, before)
          const then = await sandboxState(sandbox, account)
          await perform(sandbox.control, 'snapshot', { name: 'then' })
          await play(sandbox, account, after)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await sandboxState(sandbox, account)).toEqual(then)
          // A snapshot may be gone back to any number of times.
          await play(sandbox, account, after)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await sandboxState(sandbox, account)).toEqual(then)
        } finally {
          await sandbox.close()
        }
      },
    ),
    runs,
  )
})

test('a paper story goes on after a revert as it did before', async () => {
  await fc.assert(
    fc.asyncProperty(
      moves(true, 10),
      moves(true, 10),
      moves(true, 6),
      fc.nat(1_000),
      async (before, after, astray, seed) => {
        const { sandbox, account } = await funded(seed)
        try {
          await play(sandbox, account, before)
          await perform(sandbox.control, 'snapshot', { name: 'then' })
          const first = await play(sandbox, account, after)
          const afterwards = await sandboxState(sandbox, account)
          await play(sandbox, account, astray)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await play(sandbox, account, after)).toEqual(first)
          expect(await sandboxState(sandbox, account)).toEqual(afterwards)
        } finally {
          await sandbox.close()
        }
      },
    ),
    runs,
  )
})
