/**
 * Read journal: everything that happened to one account, oldest first, and one hash over it all.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineAction } from './action.js'
import { type ControlTarget, principalOf } from './target.js'

export const readJournal = defineAction({
  name: 'read-journal',
  about: "a client's journal in one mode, oldest first, with its hash",
  reads: true,
  input: z.strictObject({
    client_id: z.string().optional(),
    mode: z.enum(['sandbox', 'live']).default('sandbox'),
  }),
  run: async (target, { client_id, mode }) => {
    const who = principalOf(target, client_id, mode)
    const lines = await target.desk.journal(who.client_id, mode === 'sandbox')
    return { client_id: who.client_id, mode, lines, sha256: hashOf(lines) }
  },
})

/** One hash over lines, each ended by a newline. */
export function hashOf(lines: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(`${line}\n`)
  return hash.digest('hex')
}

/** One hash over the journals of a client, in both modes. */
export async function journalHash(target: ControlTarget, client_id?: string): Promise<string> {
  const id = client_id ?? target.client_id
  const paper = await target.desk.journal(id, true)
  const live = await target.desk.journal(id, false)
  return hashOf([...paper, '', ...live])
}
