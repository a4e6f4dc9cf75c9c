/**
 * Two processes on one PostgreSQL: each has its own books, simulator and memory, both serve the same
 * client. Who commits first decides; nothing happens twice, and each shows what the other did.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.js'
import { manualClock } from '../../src/world/clock.js'
import { holding, intent, openDesk, type TestDesk, tester, UNIT } from '../support/desk.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'

let postgres: TestPostgres
let url: string
const open: TestDesk[] = []

beforeAll(async () => {
  postgres = await startPostgres()
  url = await postgres.database('shared')
}, 180_000)
afterAll(async () => {
  for (const desk of open) await desk.close()
  await postgres.stop()
})

/** As a process of its own would: nothing is shared but the database. */
async function process(trouble: unknown[] = []): Promise<TestDesk> {
  const clock = manualClock()
  const store = await openStore({ clock, url })
  const desk = await openDesk({ store, clock, desk: { onTrouble: (error) => trouble.push(error) } })
  open.push(desk)
  return desk
}

const WIDE = [[[99, 50]], [[101, 50]]] as const satisfies [[number, number][], [number, number][]]

test('an order that rests in two processes fills once, whoever is first', async () => {
  const who = tester('rests-twice')
  const trouble: unknown[] = []
  const both = [await process(trouble), await process(trouble)]
  const [one, two] = both as [TestDesk, TestDesk]
  const rounds = 12
  const ids: string[] = []
  for (let round = 0; round < rounds; round++) {
    for (const { book } of both) book('alpha', 'BTC-USD', ...WIDE)
    const [placer, other] = round % 2 === 0 ? [one, two] : [two, one]
    const { nodes } = await placer.desk.submit(who, intent({ price: 98, venue: 'alpha' }))
    ids.push(nodes[0]?.node_order_id ?? '')
    // From here on the other process simulates it too.
    expect(await holding(other, who, 'alpha', 'USD')).toMatchObject({
      locked_qty_1e8: expect.toSatisfy((locked: bigint) => locked >= 98n * UNIT),
    })
    // The market comes to it in both at the same time.
    for (const { book } of both) book('alpha', 'BTC-USD', [[96, 50]], [[97, 50]])
    await Promise.all(both.map(({ desk }) => desk.flush()))
  }
  const third = await process()
  const fills = await third.desk.fills(who, { limit: 1000 })
  expect(fills.map(({ node_order_id }) => node_order_id).sort()).toEqual([...ids].sort())
  for (const desk of [one, two, third]) {
    const bought = BigInt(rounds) * UNIT
    expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: bought })
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  }
  expect(trouble).toEqual([])
})

test('each process shows and cancels what the other placed, and refuses nothing by old memory', async () => {
  const who = tester('both-serve')
  const [one, two] = [await process(), await process()]
  for (const { book } of [one, two]) book('alpha', 'BTC-USD', ...WIDE)
  // Both have the account in memory from here on.
  for (const desk of [one, two]) {
    expect(await holding(desk, who, 'alpha', 'BTC')).toBeUndefined()
  }
  await one.desk.submit(who, intent({ qty: 3 }))
  expect(await holding(two, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: 3n * UNIT })

  const resting = await one.desk.submit(who, intent({ price: 98, venue: 'alpha' }))
  const id = resting.nodes[0]?.node_order_id ?? ''
  expect(await two.desk.cancel(who, id)).toMatchObject({ status: 'CANCELLED' })
  await expect(one.desk.cancel(who, id)).rejects.toMatchObject({ code: 'conflict' })
  expect(await holding(one, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })

  await one.desk.killSwitch(who, true)
  await expect(two.desk.submit(who, intent({}))).rejects.toMatchObject({ code: 'kill-switch' })
  await one.desk.killSwitch(who, false)
  const sold = await two.desk.submit(who, intent({ side: 'sell', qty: 3 }))
  expect(sold.nodes[0]).toMatchObject({ status: 'FILLED' })
})

test('orders sent to both at once are all taken, each once', async () => {
  const who = tester('raced')
  const [one, two] = [await process(), await process()]
  for (const { book } of [one, two]) book('alpha', 'BTC-USD', [[99, 500]], [[100, 500]])
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      (nth % 2 === 0 ? one : two).desk.submit(who, intent({ graph_id: `raced-${nth}` })),
    ),
  )
  expect(sent.map(({ nodes }) => nodes[0]?.status)).toEqual(sent.map(() => 'FILLED'))
  const fills = await one.desk.fills(who, { limit: 1000 })
  expect(new Set(fills.map(({ graph_id }) => graph_id)).size).toBe(20)
  expect(fills).toHaveLength(20)
  for (const desk of [one, two]) {
    expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: 20n * UNIT })
  }
})
