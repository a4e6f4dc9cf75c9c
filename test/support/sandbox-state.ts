/** Everything that can be seen of a sandbox, as text that two moments of it are compared by. */
import { createHash } from 'node:crypto'
import { journalHash } from '../../src/control/read-journal.js'
import type { Sandbox, SandboxAccount } from '../../src/sandbox.js'
import { stringifyJson } from '../../src/wire/json.js'

const ALL_ROWS = { venues: null, kinds: null, include_closed: true } as const

const digest = (value: string | Uint8Array): string =>
  createHash('sha256').update(value).digest('hex')

/** Journals, books, venues' accounts, clock, faults and rows. */
export async function sandboxState(
  sandbox: Sandbox,
  account: SandboxAccount,
): Promise<Record<string, string>> {
  await sandbox.settle()
  const { control, desk, hub, world, faults, venues } = sandbox
  const wired = [...venues].flatMap(([id, { mock, venue }]) => {
    if (mock === null) return []
    const account_id = control.venueAccount(account.client_id, id)
    const books = venue.instruments.map(({ venue_symbol }) => mock.admin.depth(venue_symbol))
    const owns = account_id === undefined ? null : mock.admin.account(account_id)
    return [[`venue ${id}`, stringifyJson({ books, owns })]]
  })
  return {
    journal: await journalHash(control, account.client_id),
    hub: digest(stringifyJson(hub.save())),
    clock: String(world.clock.now_ns()),
    faults: stringifyJson(faults.list()),
    paper: stringifyJson(await desk.positions(account.test, ALL_ROWS)),
    live: stringifyJson(await desk.positions(account.live, ALL_ROWS)),
    ...Object.fromEntries(wired),
  }
}
