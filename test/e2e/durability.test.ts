/**
 * What was acknowledged is durable; what was not did not happen.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { CommitError } from '../../src/store/commit-queue.js'
import { openPglite, type Sql } from '../../src/store/sql.js'
import { openStore, type Store, storeOver } from '../../src/store/store.js'
import { manualClock } from '../../src/world/clock.js'
import { BTC, holding, intent, openDesk, type TestDesk, tester } from '../support/desk.js'

const who = tester()

/** A PGlite whose commits fail when told to. */
async function breakable() {
  const clock = manualClock()
  const sql = await openPglite(null)
  const state = { broken: false, failed: 0 }
  const refuse = () => {
    if (!state.broken) return
    state.failed += 1
    throw new Error('the disk is full')
  }
  const failing: Sql = {
    ...sql,
    query: async (text, params) => {
      refuse()
      return sql.query(text, params)
    },
    prepared: (name, text) => {
      const run = sql.prepared(name, text)
      return async (params) => {
        refuse()
        return run(params)
      }
    },
  }
  return { clock, state, store: await storeOver(failing, clock) }
}

test('a failed commit answers unavailable, and what was acknowledged before is all there is', async () => {
  const { clock, state, store } = await breakable()
  const trouble: unknown[] = []
  const desk = await openDesk({ store, clock, desk: { onTrouble: (error) => trouble.push(error) } })
  desk.book('alpha', 'BTC-USD', [[99, 10]], [[100, 10]])
  await desk.desk.submit(who, intent({ qty: 1 }))
  const rest = await desk.desk.submit(
    who,
    intent({ qty: 1, price: 98, venue: 'alpha', graph_id: 'rest' }),
  )
  const before = await stateOf(desk)
  const heard: string[] = []
  desk.desk.subscribe((event) => heard.push(event.type))

  state.broken = true
  const outcomes = await Promise.allSettled([
    desk.desk.submit(who, intent({ qty: 1, graph_id: 'lost' })),
    desk.desk.submit(who, intent({ qty: 2 })),
    desk.desk.cancel(who, rest.graph_id),
    desk.desk.reset(tester('nobody-yet')),
  ])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  }
  expect(state.failed).toBeGreaterThan(0)
  expect(heard).toEqual([])
  await expect(desk.desk.submit(who, intent({}))).rejects.toMatchObject({ code: 'unavailable' })

  state.broken = false
  expect(await stateOf(desk)).toEqual(before)
  // The lost graph id was never used, and the order that was not cancelled still works.
  expect((await desk.desk.submit(who, intent({ qty: 1, graph_id: 'lost' }))).nodes[0]?.status).toBe(
    'FILLED',
  )
  desk.book('alpha', 'BTC-USD', [[96, 1]], [[97, 5]])
  await desk.desk.flush()
  expect(await desk.desk.orders(who, { graph_id: 'rest', limit: 1 })).toMatchObject([
    { status: 'FILLED' },
  ])
  expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
  await desk.close()
})

test('a fill that cannot be written comes again once the database is back', async () => {
  const { clock, state, store } = await breakable()
  const trouble: unknown[] = []
  const desk = await openDesk({ store, clock, desk: { onTrouble: (error) => trouble.push(error) } })
  desk.book('alpha', 'BTC-USD', [[97, 10]], [[100, 10]])
  await desk.desk.submit(who, intent({ qty: 1, price: 98, venue: 'alpha' }))
  state.broken = true
  desk.book('alpha', 'BTC-USD', [[96, 10]], [[97, 10]])
  await desk.desk.flush()
  expect(trouble[0]).toBeInstanceOf(CommitError)
  state.broken = false
  clock.advance(1000)
  // The order comes back as the database has it, and meets the market as it is by then.
  await expect
    .poll(async () => (await desk.desk.orders(who, { limit: 1 }))[0]?.status)
    .toBe('FILLED')
  expect(await desk.desk.fills(who, { limit: 10 })).toHaveLength(1)
  await desk.close()
})

test('kill -9 during load loses no acknowledged order', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'papervenue-kill-'))
  const data = join(folder, 'db')
  const acknowledged = new Map<string, { client: string; status: string }>()
  for (let round = 0; round < 2; round++) {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(import.meta.dirname, '../support/desk-child.ts'),
        data,
        String(round),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let complaints = ''
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    const gone = once(child, 'exit')
    let count = 0
    for await (const line of createInterface(child.stdout)) {
      const [client = '', id = '', status = ''] = line.split(' ')
      acknowledged.set(id, { client: `client-${client}`, status })
      count += 1
      if (count === 300) child.kill('SIGKILL')
    }
    const [code, signal] = (await gone) as [number | null, string | null]
    expect([code, signal, complaints]).toEqual([null, 'SIGKILL', expect.any(String)])
    await check(data, acknowledged)
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(600)
  await rm(folder, { recursive: true, force: true })
})

async function check(
  folder: string,
  acknowledged: ReadonlyMap<string, { client: string; status: string }>,
): Promise<void> {
  const store: Store = await openStore({ clock: manualClock(), folder })
  const missing: string[] = []
  for (const [id, { client, status }] of acknowledged) {
    const order = await store.order({ client_id: client, is_sandbox: true }, id)
    if (order?.status !== status) missing.push(`${id} ${status} -> ${order?.status}`)
  }
  expect(missing).toEqual([])
  for (const client_id of new Set([...acknowledged.values()].map(({ client }) => client))) {
    const name = { client_id, is_sandbox: true }
    const account = await store.account({
      ...name,
      initial_balance_usd_1e9: 0n,
      instrumentOf: () => BTC,
    })
    const sums = new Map<string, bigint>()
    for (const { holding: key, from, to, amount_1e8 } of await store.ledger(name)) {
      const change = to === 'client' ? amount_1e8 : from === 'client' ? -amount_1e8 : 0n
      sums.set(key, (sums.get(key) ?? 0n) + change)
    }
    for (const row of account?.rows.values() ?? []) {
      expect([row.key, sums.get(row.key) ?? 0n]).toEqual([row.key, row.qty_1e8])
    }
    const lines = (await store.journal(name)).map((line) => Number(/"seq":(\d+)/.exec(line)?.[1]))
    expect(lines).toEqual(lines.map((_, nth) => nth + 1))
  }
  await store.close()
}

async function stateOf(desk: TestDesk) {
  return {
    positions: await desk.desk.positions(who, { venues: null, kinds: null, include_closed: true }),
    orders: await desk.desk.orders(who, { limit: 100 }),
    fills: await desk.desk.fills(who, { limit: 100 }),
    journal: await desk.desk.journal(who.client_id, true),
  }
}
