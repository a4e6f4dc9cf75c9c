/** Moves of a story on one market, for properties that tell stories and travel in time. */
import fc from 'fast-check'
import { perform } from '../../src/control/actions.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../src/sandbox.js'
import { stringifyJson } from '../../src/wire/json.js'

export type Move =
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

/** Plays the moves; what the API answered to each call. */
export async function play(sandbox: Sandbox, account: SandboxAccount, moves: readonly Move[]) {
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

/** A sandbox with a client who has money and coins, on paper and at the venue. */
export async function funded(seed: number): Promise<{ sandbox: Sandbox; account: SandboxAccount }> {
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

/** Stories of at most this many moves. */
export const moves = (paperOnly: boolean, maxLength: number) =>
  fc
    .array(move(), { minLength: 1, maxLength })
    .map((made) =>
      made.map((one) => (one.do === 'order' && paperOnly ? { ...one, live: false } : one)),
    )
