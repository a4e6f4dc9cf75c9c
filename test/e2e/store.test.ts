/**
 * One suite for every store: memory, PGlite in memory and in a folder, and a real PostgreSQL server.
 * What an account does must read the same from each.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/store/memory.js'
import { openStore, type Store } from '../../src/store/store.js'
import { manualClock } from '../../src/world/clock.js'
import {
  holding,
  intent,
  NETTED,
  openDesk,
  tester,
  testVenues,
  UNIT,
  USD,
} from '../support/desk.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'

let postgres: TestPostgres
let folder: string
let databases = 0
const open: Store[] = []
const stores: Record<string, Store> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papervenue-store-'))
  postgres = await startPostgres()
}, 180_000)
afterAll(async () => {
  for (const store of open) await store.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const clock = manualClock()
const kept = async (store: Promise<Store> | Store) => {
  const opened = await store
  open.push(opened)
  return opened
}
const kinds: Record<string, (name: string) => Promise<Store>> = {
  memory: () => kept(memoryStore({ clock })),
  'PGlite in memory': () => kept(openStore({ clock })),
  'PGlite in a folder': (name) => kept(openStore({ clock, folder: join(folder, name) })),
  PostgreSQL: async (name) => kept(openStore({ clock, url: await postgres.database(name) })),
}

describe.each(Object.keys(kinds))('%s', (kind) => {
  let store: Store
  beforeAll(async () => {
    databases += 1
    store = await (kinds[kind] as (name: string) => Promise<Store>)(`store_${databases}`)
    stores[kind] = store
  }, 180_000)
  const opened = () => openDesk({ store, clock: manualClock() })
  const sized = (bids: [number, number][], asks: [number, number][]) => ({ bids, asks })
  const { bids, asks } = sized(
    [[99, 1]],
    [
      [100, 1],
      [101, 5],
    ],
  )

  test('keeps what an account did, and reads it back into an equal account', async () => {
    const who = tester('reads-back')
    const desk = await opened()
    desk.book('alpha', 'BTC-USD', bids, asks)
    await desk.desk.submit(who, intent({ qty: 2 }))
    const rest = await desk.desk.submit(
      who,
      intent({ price: 98, graph_id: 'rest', venue: 'alpha' }),
    )
    await desk.desk.submit(who, intent({ symbol: 'NO"SU\\CH\u0000', graph_id: 'odd' }))
    const before = {
      positions: await desk.desk.positions(who, {
        venues: null,
        kinds: null,
        include_closed: true,
      }),
      orders: await desk.desk.orders(who, { limit: 10 }),
      fills: await desk.desk.fills(who, { limit: 10 }),
      journal: await desk.desk.journal(who.client_id, true),
    }
    expect(before.orders.map(({ status }) => status)).toEqual(['REJECTED', 'WORKING', 'FILLED'])
    await desk.desk.close()

    const again = await opened()
    again.book('alpha', 'BTC-USD', bids, asks)
    expect({
      positions: await again.desk.positions(who, {
        venues: null,
        kinds: null,
        include_closed: true,
      }),
      orders: await again.desk.orders(who, { limit: 10 }),
      fills: await again.desk.fills(who, { limit: 10 }),
      journal: await again.desk.journal(who.client_id, true),
    }).toEqual(before)
    expect(
      await again.desk.submit(who, intent({ price: 98, graph_id: 'rest', venue: 'alpha' })),
    ).toEqual(rest)
    await expect(
      again.desk.submit(who, intent({ price: 97, graph_id: 'rest' })),
    ).rejects.toMatchObject({ code: 'conflict' })

    // The resting order went back to the simulator, and fills there.
    again.book('alpha', 'BTC-USD', [[96, 1]], [[97, 5]])
    await again.desk.flush()
    expect(await again.desk.orders(who, { graph_id: 'rest', limit: 1 })).toMatchObject([
      { status: 'FILLED' },
    ])
    expect(await holding(again, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
    await again.desk.close()
  })

  test('filters orders and fills', async () => {
    const who = tester('filters')
    const desk = await opened()
    desk.book('alpha', 'BTC-USD', bids, asks)
    desk.book('beta', 'XBTUSD', bids, asks)
    await desk.desk.submit(who, intent({ qty: 1, venue: 'alpha' }))
    // New quotes: what the first order took would send the second to beta alone.
    desk.book('alpha', 'BTC-USD', [], [])
    desk.book('alpha', 'BTC-USD', bids, asks)
    await desk.desk.submit(who, intent({ qty: 2 }))
    await desk.desk.submit(who, intent({ symbol: 'NO-SUCH' }))
    const count = async (filter: object) =>
      (await desk.desk.orders(who, { limit: 10, ...filter })).length
    expect(await count({})).toBe(3)
    expect(await count({ symbol: 'BTC-USD' })).toBe(2)
    expect(await count({ status: 'REJECTED' })).toBe(1)
    expect(await count({ venue: 'alpha' })).toBe(2)
    expect(await count({ venue: 'beta' })).toBe(1)
    expect(await count({ graph_id: "'; drop table orders; --" })).toBe(0)
    expect(await desk.desk.fills(who, { limit: 1 })).toHaveLength(1)
    expect(await desk.desk.fills(who, { symbol: 'NO-SUCH', limit: 10 })).toEqual([])
    await desk.desk.close()
  })

  test('holds double entry that adds up to the rows', async () => {
    const who = tester('ledger')
    const desk = await opened()
    desk.book('alpha', 'BTC-USD', bids, asks)
    await desk.desk.submit(who, intent({ qty: 2 }))
    await desk.desk.submit(who, intent({ side: 'sell', qty: 0.5 }))
    const rows = await desk.desk.positions(who, { venues: null, kinds: null, include_closed: true })
    const ledger = await store.ledger({ client_id: who.client_id, is_sandbox: true })
    for (const row of rows) {
      const key = `${row.venue}|${row.instrument.kind}|${row.instrument.symbol}`
      let sum = 0n
      for (const { holding: at, from, to, amount_1e8 } of ledger) {
        if (at !== key) continue
        if (to === 'client') sum += amount_1e8
        if (from === 'client') sum -= amount_1e8
      }
      expect([key, sum]).toEqual([key, row.qty_1e8])
    }
    await desk.desk.close()
  })

  test('a reset deletes rows and a replaced portfolio keeps none of the old', async () => {
    const who = tester('replaced')
    const desk = await opened()
    const put = (symbol: string, qty: bigint, replace: boolean) =>
      desk.desk.configure(who, [{ venue: 'alpha', kind: 'crypto', symbol, qty_1e8: qty }], replace)
    expect(await put('BTC', UNIT, true)).toEqual({ written: 1, deleted: 6 })
    expect(await put('ETH', UNIT, false)).toEqual({ written: 1, deleted: 0 })
    expect(await put('ETH', 2n * UNIT, true)).toEqual({ written: 1, deleted: 2 })
    await desk.desk.close()
    const again = await opened()
    const rows = await again.desk.positions(who, {
      venues: null,
      kinds: null,
      include_closed: true,
    })
    expect(rows.map(({ instrument, qty_1e8 }) => [instrument.symbol, qty_1e8])).toEqual([
      ['ETH', 2n * UNIT],
    ])
    await again.desk.putSettings(who, 5n * USD)
    await again.desk.reset(who)
    await again.desk.close()
    const third = await opened()
    expect(await third.desk.settings(who)).toEqual({ initial_balance_usd_1e9: 5n * USD })
    expect(await holding(third, who, 'beta', 'USD')).toMatchObject({ qty_1e8: 5n * UNIT })
    await third.desk.close()
  })

  test('a lost race reads the account again and loses no update', async () => {
    const who = tester('race')
    const [one, two] = [await opened(), await opened()]
    for (const desk of [one, two]) desk.book('alpha', 'BTC-USD', bids, [[100, 500]])
    await one.desk.submit(who, intent({ qty: 1 }))
    await Promise.all(
      Array.from({ length: 6 }, (_, nth) =>
        (nth % 2 === 0 ? one : two).desk.submit(who, intent({ qty: 1 })).catch((error) => {
          // Losing twice in a row is an answer too: nothing happened.
          expect(error).toMatchObject({ code: 'unavailable' })
        }),
      ),
    )
    const fills = await one.desk.fills(who, { limit: 100 })
    const bought = fills.reduce((sum, { qty_1e8 }) => sum + qty_1e8, 0n)
    await two.desk
      .submit(who, intent({ qty: 1 }))
      .catch(() => two.desk.submit(who, intent({ qty: 1 })))
    expect(await holding(two, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: bought + UNIT })
    await one.desk.close()
    await two.desk.close()
  })

  test('a market that ended stays ended for whoever opens the store next', async () => {
    const who = tester('market-ended')
    const symbol = NETTED.symbol
    const first = await opened()
    first.book('netted', symbol, [[0.4, 5]], [[0.42, 5]])
    await first.desk.submit(who, intent({ symbol, qty: 1 }))
    const before = await first.desk.save()
    await first.desk.resolveMarket('netted', symbol, USD)
    await first.desk.close()

    const second = await opened()
    second.book('netted', symbol, [[0.4, 5]], [[0.42, 5]])
    expect(second.desk.resolution('netted', symbol)).toBe(USD)
    const late = await second.desk.submit(who, intent({ symbol, qty: 1 }))
    expect(late.nodes[0]).toMatchObject({ status: 'REJECTED' })

    await second.desk.restore(before)
    expect(second.desk.resolution('netted', symbol)).toBeUndefined()
    second.book('netted', symbol, [[0.4, 5]], [[0.42, 5]])
    const again = await second.desk.submit(who, intent({ symbol, qty: 1 }))
    expect(again.nodes[0]).toMatchObject({ status: 'FILLED' })
    await second.desk.close()
  })

  test('dumps everything and puts it back in place', async () => {
    const who = tester('dump')
    const desk = await opened()
    desk.book('alpha', 'BTC-USD', bids, asks)
    await desk.desk.submit(who, intent({ qty: 1 }))
    const saved = await desk.desk.save()
    const journal = await desk.desk.journal(who.client_id, true)
    await desk.desk.submit(who, intent({ qty: 1 }))
    await desk.desk.putSettings(who, USD)
    await desk.desk.restore(saved)
    expect(await desk.desk.journal(who.client_id, true)).toEqual(journal)
    expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: UNIT })
    expect(await desk.desk.settings(who)).toEqual({
      initial_balance_usd_1e9: 1_000_000_000n * USD,
    })
    await desk.desk.close()
  })

  test('keeps keys as hashes only, and lets them be rotated and revoked', async () => {
    const { keys } = store
    const made = await keys.create({ client_id: 'keys', label: 'bot', is_sandbox: true })
    expect(made.key).toMatch(/^seq_test_[0-9a-f]{64}$/)
    const holder = { client_id: 'keys', key_id: made.key_id, mode: 'sandbox' }
    expect(await keys.authenticate(made.key)).toEqual(holder)
    expect(await keys.authenticate(`${made.key}0`)).toBeUndefined()
    const [listed] = await keys.list('keys')
    expect(listed).toMatchObject({ label: 'bot', revoked: false, prefix: made.key.slice(0, 15) })
    expect(
      JSON.stringify(listed, (_, value) => (typeof value === 'bigint' ? '' : value)),
    ).not.toContain(made.key)
    const rotated = await keys.rotate('keys', made.key_id)
    expect(await keys.authenticate(made.key)).toBeUndefined()
    expect(await keys.authenticate(rotated?.key ?? '')).toEqual(holder)
    expect(await keys.rotate('someone-else', made.key_id)).toBeUndefined()
    expect(await keys.revoke('someone-else', made.key_id)).toBe(false)
    expect(await keys.revoke('keys', made.key_id)).toBe(true)
    expect(await keys.authenticate(rotated?.key ?? '')).toBeUndefined()
    const fixed = { client_id: 'demo', key_id: 'key_demo', label: 'demo', is_sandbox: false }
    await keys.put({ ...fixed, key: `seq_live_${'1'.padStart(64, '0')}` })
    await keys.put({ ...fixed, key: `seq_live_${'1'.padStart(64, '0')}` })
    expect(await keys.list('demo')).toHaveLength(1)
  })
})

test('journals are the same bytes on every store', async () => {
  const stories: string[] = []
  for (const store of Object.values(stores)) {
    const desk = await openDesk({ store, clock: manualClock() })
    const who = tester('same')
    desk.book('alpha', 'BTC-USD', [[99, 3]], [[100, 3]])
    await desk.desk.submit(who, intent({ qty: 2 }))
    await desk.desk.submit(who, intent({ side: 'sell', qty: 1, price: 99 }))
    await desk.desk.submit(who, intent({ price: 98, qty: 1 }))
    stories.push((await desk.desk.journal('same', true)).join('\n'))
    await desk.desk.close()
  }
  expect(stories).toHaveLength(4)
  expect(new Set(stories).size).toBe(1)
})

test('two processes that start on an empty server migrate it once', async () => {
  const url = await postgres.database('together')
  const stores = await Promise.all([openStore({ clock, url }), openStore({ clock, url })])
  open.push(...stores)
  expect(await Promise.all(stores.map((store) => store.healthy()))).toEqual([true, true])
})

test('an open order on a market that is gone stops the start, saying so', async () => {
  const store = memoryStore({ clock })
  const desk = await openDesk({ store, clock: manualClock() })
  desk.book('alpha', 'BTC-USD', [[99, 3]], [[100, 3]])
  await desk.desk.submit(tester(), intent({ price: 98, venue: 'alpha' }))
  await desk.desk.close()
  const venues = testVenues.filter(({ id }) => id !== 'alpha')
  await expect(openDesk({ store, venues })).rejects.toThrow('not listed any more')
})
