/**
 * Expect conserved: no money came from nowhere or went there, on paper and at every venue.
 *
 * @module
 */

import { z } from 'zod'
import { principalOf } from '../../control/target.js'
import type { PositionRow } from '../../desk/contract.js'
import { defineStep } from '../step.js'

export const expectConserved = defineStep({
  name: 'expect-conserved',
  about: 'checks every venue’s invariants, and that nobody owes or locks more than they have',
  input: z.strictObject({}),
  run: async (context) => {
    const { target } = context.host
    for (const [id, { mock }] of target.venues) {
      const broken = mock === null ? null : brokenInvariant(() => mock.admin.check())
      context.expect(`invariants of ${id}`, null, broken, broken === null)
    }
    for (const { client, mode } of context.accounts()) {
      const rows = await target.desk.positions(principalOf(target, client.client_id, mode), {
        venues: null,
        kinds: null,
        include_closed: true,
      })
      for (const row of rows) {
        context.expect(
          `${row.instrument.symbol} at ${row.venue}: 0 <= locked <= held`,
          true,
          `${row.locked_qty_1e8} of ${row.qty_1e8}`,
          isSound(row),
        )
      }
    }
    return null
  },
})

const isSound = (row: PositionRow): boolean =>
  row.locked_qty_1e8 >= 0n && (row.instrument.kind === 'perp' || row.locked_qty_1e8 <= row.qty_1e8)

function brokenInvariant(check: () => void): string | null {
  try {
    check()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
