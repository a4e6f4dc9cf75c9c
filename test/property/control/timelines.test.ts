/**
 * Timelines: whatever happens on one branch, every other one is found as it was left.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { funded, type Move, moves, play } from '../../support/moves.js'
import { sandboxState } from '../../support/sandbox-state.js'

type Turn = { turn: 'branch' } | { turn: 'switch'; nth: number } | { turn: 'play'; moves: Move[] }

const turn = (): fc.Arbitrary<Turn> =>
  fc.oneof(
    fc.constant({ turn: 'branch' as const }),
    fc.record({ turn: fc.constant('switch' as const), nth: fc.nat(10) }),
    fc.record({ turn: fc.constant('play' as const), moves: moves(false, 5) }),
  )

test('a branch starts as its parent is, and a switch finds a timeline as it was left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(turn(), { minLength: 3, maxLength: 9 }),
      fc.nat(1_000),
      async (turns, seed) => {
        const { sandbox, account } = await funded(seed)
        const { control } = sandbox
        const left = new Map<string, Record<string, string>>()
        let current = 'main'
        try {
          for (const [index, one] of turns.entries()) {
            const here = await sandboxState(sandbox, account)
            if (one.turn === 'play') await play(sandbox, account, one.moves)
            else if (one.turn === 'branch') {
              left.set(current, here)
              const name = `branch-${index}`
              const made = await perform(control, 'branch', { name })
              expect(made).toEqual({ name, from: current })
              current = name
              expect(await sandboxState(sandbox, account)).toEqual(here)
            } else {
              const others = [...left.keys()].filter((name) => name !== current)
              const name = others[one.nth % others.length]
              if (name === undefined) continue
              left.set(current, here)
              const gone = await perform(control, 'switch-timeline', { name })
              expect(gone).toEqual({ name, from: current })
              current = name
              expect(await sandboxState(sandbox, account)).toEqual(left.get(name))
            }
          }
        } finally {
          await sandbox.close()
        }
      },
    ),
    { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 8) },
  )
})
