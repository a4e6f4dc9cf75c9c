/**
 * Revert: whatever happened since, going back to a snapshot brings back the journal's hash, and the
 * same story told again from there is the same story.
 */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { journalHash } from '../../../src/control/read-journal.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import { stringifyJson } from '../../../src/wire/json.js'

type Move =
  | { do: 'depth'; mid: number; qty: number }
  | { do: 'print'; price: number; qty: number; buy: boolean }
  | { do: 'order'; buy: boolean; qty: number; price: number | null; live: boolean }
  | { do: 'cancel'; nth: number }
  | { do: 'pass'; ms: number }
  | { do: 'fault'; nth: number }

const move = (): fc.Arbitrary<Move> =>
  fc.oneof(
    fc.record({
      do: fc.constant('depth' as const),
      mid: fc.integer({ min: 59_990, max: 60_010 }),
      qty: fc.integer({ min: 1, max: 20 }),
    }),
    fc.record({
      do: fc.constant('print' as const),
      price: fc.integer({ min: 59_990, max: 60_010 }),
      qty: fc.integer({ min: 1, max: 10 }),
      buy: fc.boolean(),
    }),
    fc.record({
      do: fc.constant('order' as const),
      buy: fc.boolean(),
      qty: fc.integer({ min: 1, max: 10 }),
      price: fc.option(fc.integer({ min: 59_980, max: 60_020 })),
      live: fc.boolean(),
    }),
    fc.record({ do: fc.constant('cancel' as const), nth: fc.nat(20) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ do: fc.constant('fault' as const), nth: fc.integer({ min: 1, max: 4 }) }),
  )

const VENUE = 'kraken'
const SYMBOL = 'BTC-USD'

async function play(sandbox: Sandbox, account: SandboxAccount, moves: readonly Move[]) {
  const call = async (key: string, method: string, path: string, body?: unknown) => {
    const answer = await sandbox.fetch(path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: stringifyJson(body) }),
    })
    await sandbox.settle()
    return answer.text()
  }
  const told: string[] = []
  for (const one of moves) {
    if (one.do === 'depth') {
      await perform(sandbox.control, 'set-depth', {
        venue: VENUE,
        symbol: SYMBOL,
        bids: [[one.mid - 1, one.qty / 10]],
        asks: [[one.mid + 1, one.qty / 10]],
      })
    } else if (one.do === 'print') {
      await perform(sandbox.control, 'print-trade', {
        venue: VENUE,
        symbol: SYMBOL,
        price: one.price,
        qty: one.qty / 10,
        taker_side: one.buy ? 'buy' : 'sell',
      })
    } else if (one.do === 'pass') {
      await perform(sandbox.control, 'advance-clock', { ms: one.ms })
    } else if (one.do === 'fault') {
      const match = { channel: 'private', nth: one.nth }
      await perform(sandbox.control, 'inject-fault', {
        fault: { type: 'duplicate-event', venue: VENUE, match },
      })
    } else if (one.do === 'order') {
      const key = one.live ? account.live_key : account.test_key
      told.push(
        await call(key, 'POST', '/v1/orders', {
          symbol: SYMBOL,
          venue: VENUE,
          side: one.buy ? 'buy' : 'sell',
          qty: one.qty / 10,
          ...(one.price === null ? {} : { price: one.price }),
        }),
      )
    } else {
      const orders = await sandbox.desk.orders(account.test, { limit: 100 })
      const order = orders[one.nth]
      if (order !== undefined) {
        await call(
          account.test_key,
          'DELETE',
          `/v1/orders/${encodeURIComponent(order.node_order_id)}`,
        )
      }
    }
  }
  return told
}

/** Book and accounts of the venue. */
function venueState(sandbox: Sandbox): unknown {
  const admin = sandbox.venues.get(VENUE)?.mock?.admin
  const account_id = sandbox.control.venueAccount('alice', VENUE)
  if (admin === undefined || account_id === undefined) return null
  return { depth: admin.depth('XXBTZUSD'), account: admin.account(account_id) }
}

/** Everything that can be seen of a sandbox. */
async function stateOf(sandbox: Sandbox, account: SandboxAccount): Promise<Record<string, string>> {
  await sandbox.settle()
  const { control } = sandbox
  const digest = (value: string | Uint8Array) => createHash('sha256').update(value).digest('hex')
  const mock = sandbox.venues.get(VENUE)?.mock
  return {
    journal: await journalHash(control, account.client_id),
    venue: mock == null ? '' : stringifyJson(venueState(sandbox)),
    hub: digest(stringifyJson(sandbox.hub.save())),
    clock: String(sandbox.world.clock.now_ns()),
    faults: stringifyJson(sandbox.faults.list()),
    paper: stringifyJson(
      await sandbox.desk.positions(account.test, {
        venues: null,
        kinds: null,
        include_closed: true,
      }),
    ),
    live: stringifyJson(
      await sandbox.desk.positions(account.live, {
        venues: null,
        kinds: null,
        include_closed: true,
      }),
    ),
  }
}

const runs = { numRuns: Number(process.env.PAPERVENUE_RUNS ?? 8) }

async function funded(seed: number): Promise<{ sandbox: Sandbox; account: SandboxAccount }> {
  const sandbox = await createSandbox({ store: 'memory', seed })
  const account = sandbox.account('alice')
  await perform(sandbox.control, 'set-balances', {
    client_id: 'alice',
    replace: true,
    positions: [
      { venue: VENUE, kind: 'fiat', symbol: 'USD', qty: 1_000_000 },
      { venue: VENUE, kind: 'crypto', symbol: 'BTC', qty: 10 },
    ],
  })
  // Looking at it opens the live account and its connection to the venue.
  await sandbox.desk.positions(account.live, { venues: null, kinds: null, include_closed: false })
  await sandbox.settle()
  return { sandbox, account }
}

const moves = (paperOnly: boolean, maxLength: number) =>
  fc
    .array(move(), { minLength: 1, maxLength })
    .map((made) =>
      made.map((one) => (one.do === 'order' && paperOnly ? { ...one, live: false } : one)),
    )

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
          const then = await stateOf(sandbox, account)
          await perform(sandbox.control, 'snapshot', { name: 'then' })
          await play(sandbox, account, after)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await stateOf(sandbox, account)).toEqual(then)
          // A snapshot may be gone back to any number of times.
          await play(sandbox, account, after)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await stateOf(sandbox, account)).toEqual(then)
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
          const afterwards = await stateOf(sandbox, account)
          await play(sandbox, account, astray)
          await perform(sandbox.control, 'revert', { name: 'then' })
          expect(await play(sandbox, account, after)).toEqual(first)
          expect(await stateOf(sandbox, account)).toEqual(afterwards)
        } finally {
          await sandbox.close()
        }
      },
    ),
    runs,
  )
})
