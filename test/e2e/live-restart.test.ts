/**
 * Live orders over a `kill -9`: what rests at a venue is taken up again by the next server, and what
 * filled while nobody listened is told once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEMO_LABEL } from '../../src/venue/admin.js'
import type { MockVenue } from '../../src/venue/contract.js'
import { fileJournal } from '../../src/venue/file-journal.js'
import { wallClock } from '../../src/world/clock.js'
import { seededWorld } from '../../src/world/seeded.js'
import { venues } from '../../venues/index.js'
import { type Call, caller } from '../support/api-client.js'
import { LIVE_KEY } from '../support/served.js'

const root = resolve(import.meta.dirname, '../..')
const running: ChildProcess[] = []
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papervenue-live-'))
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<{ call: Call; kill: (how: NodeJS.Signals) => Promise<void> }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/server/main.ts', 'serve', '--port', '0', '--data', folder],
    { cwd: root },
  )
  running.push(child)
  let out = ''
  const url = await new Promise<string>((done, fail) => {
    const heard = (data: Buffer) => {
      out += data
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(out) ?? []
      if (found !== undefined) done(found)
    }
    child.stdout.on('data', heard)
    child.stderr.on('data', heard)
    child.on('close', () => fail(new Error(`the server ended: ${out}`)))
  })
  const gone = new Promise<void>((done) => child.on('exit', () => done()))
  return {
    call: caller((path, init) => fetch(`${url}${path}`, init), LIVE_KEY),
    kill: async (how) => {
      child.kill(how)
      await gone
    },
  }
}

/** The venue alone, from its own journal, as if it ran on while our server is down. */
async function atVenue(id: string, act: (mock: MockVenue) => void): Promise<void> {
  const journal = fileJournal(join(folder, 'venues', id))
  const world = seededWorld({ seed: 42, clock: wallClock() })
  const mock = venues.find((venue) => venue.id === id)?.mock?.({ world, journal })
  if (mock === undefined) throw new Error(`${id} has no wire`)
  await mock.recover()
  act(mock)
  mock.admin.check()
  await mock.close()
  await journal.close()
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const patience = AbortSignal.timeout(60_000)
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (patience.aborted) throw new Error('what was waited for did not come within a minute')
    await new Promise((turn) => setTimeout(turn, 50))
  }
}

interface Figures {
  readonly venue: string
  /** Absent: the first instrument listed. */
  readonly symbol?: string
  readonly kinds: string
  /** Where the bought things are shown; absent: as the symbol's YES. */
  readonly held?: string
  readonly bid: number
  readonly price: number
  readonly ask: number
  readonly price_1e9: bigint
  readonly qty_1e8: bigint
  /** A fifth of it. */
  readonly part_1e8: bigint
}

const figures: readonly Figures[] = [
  {
    venue: 'kraken',
    symbol: 'BTC-USD',
    kinds: 'crypto',
    held: 'BTC',
    bid: 59_000,
    price: 60_000,
    ask: 61_000,
    price_1e9: 60_000_000_000_000n,
    qty_1e8: 50_000_000n,
    part_1e8: 10_000_000n,
  },
  {
    venue: 'kalshi',
    kinds: 'event_contract',
    bid: 0.3,
    price: 0.4,
    ask: 0.45,
    price_1e9: 400_000_000n,
    qty_1e8: 1_000_000_000n,
    part_1e8: 200_000_000n,
  },
]

const human = (qty_1e8: bigint): number => Number(qty_1e8) / 1e8

test('a fill of the outage is told once, and the rest goes on', async () => {
  const first = await start()
  const stories = await Promise.all(figures.map((given) => begin(first.call, given)))
  await first.kill('SIGKILL')
  for (const { given, instrument } of stories) {
    await atVenue(given.venue, ({ admin }) =>
      admin.print(instrument.venue_symbol, {
        price_1e9: given.price_1e9,
        qty_1e8: given.qty_1e8 - given.part_1e8,
        taker_side: 'sell',
      }),
    )
  }
  const second = await start()
  await Promise.all(stories.map((story) => carryOn(second.call, story)))
  await second.kill('SIGTERM')
  for (const { venue } of figures) {
    await atVenue(venue, ({ admin }) => {
      const { account_id } = admin.openAccount({ label: DEMO_LABEL })
      expect(admin.account(account_id).open_orders).toEqual([])
    })
  }
}, 300_000)

/** Two orders at one price; a fifth of the first fills while the server listens: that much is on record. */
async function begin(call: Call, given: Figures) {
  const { venue, price, qty_1e8, part_1e8 } = given
  const instrument = venues
    .find(({ id }) => id === venue)
    ?.instruments.find(({ symbol }) => given.symbol === undefined || symbol === given.symbol)
  if (instrument === undefined) throw new Error(`${venue} lists nothing to trade`)
  const { symbol } = instrument
  const depth = { venue, symbol, bids: [[given.bid, 10]], asks: [[given.ask, 10]] }
  expect((await call('POST', '/control/set-depth', { body: depth })).status).toBe(200)
  const before = await heldOf(call, given, symbol)
  const send = async (): Promise<string> => {
    const order = { symbol, venue, side: 'buy', qty: human(qty_1e8), price }
    const { json } = await call('POST', '/v1/orders', { body: order })
    expect(json.nodes[0]).toMatchObject({ status: 'WORKING', failure_reason: null })
    return json.nodes[0].node_order_id
  }
  const filling = await send()
  const resting = await send()
  const print = { venue, symbol, price, qty: human(part_1e8), taker_side: 'sell' }
  await call('POST', '/control/print-trade', { body: print })
  await until(async () => ((await heldOf(call, given, symbol)) > before ? true : undefined))
  return { given, instrument, before, filling, resting, print }
}

async function carryOn(
  call: Call,
  { given, instrument, before, filling, resting, print }: Awaited<ReturnType<typeof begin>>,
): Promise<void> {
  const { venue, qty_1e8, part_1e8 } = given
  const look = async (id: string) =>
    (await call('GET', `/v1/orders/${encodeURIComponent(id)}`)).json
  const filled = await until(async () => {
    const found = await look(filling)
    return found.status === 'FILLED' ? found : undefined
  })
  expect(filled.filled_qty_1e8).toBe(Number(qty_1e8))
  expect(await look(resting)).toMatchObject({ status: 'WORKING', filled_qty_1e8: 0 })
  const { symbol } = instrument
  const { fills } = (await call('GET', `/v1/fills?symbol=${symbol}`)).json as {
    fills: { node_order_id: string; qty_1e8: number }[]
  }
  expect(fills.map(({ node_order_id, qty_1e8: part }) => [node_order_id, part])).toEqual([
    [filling, Number(qty_1e8 - part_1e8)],
    [filling, Number(part_1e8)],
  ])
  expect(await heldOf(call, given, symbol)).toBe(before + qty_1e8)

  // The stream belongs to the order again: a trade of now reaches it, and a cancel does.
  await call('POST', '/control/print-trade', { body: print })
  await until(async () => ((await look(resting)).filled_qty_1e8 > 0 ? true : undefined))
  expect((await call('DELETE', `/v1/orders/${encodeURIComponent(resting)}`)).status).toBe(200)
  const ended = await until(async () => {
    const found = await look(resting)
    return found.children[0].status === 'PARTIAL' ? found : undefined
  })
  expect(ended).toMatchObject({ status: 'PARTIAL', filled_qty_1e8: Number(part_1e8) })
  expect(await heldOf(call, given, symbol)).toBe(before + qty_1e8 + part_1e8)

  // Nothing is held any more, and the venue's own word is the desk's: a sync changes nothing.
  const shown = async () => {
    const { positions } = (await call('GET', `/v1/positions?venues=${venue}`)).json as {
      positions: { instrument: { symbol: string }; qty_1e8: number; locked_qty_1e8: number }[]
    }
    return positions.map((row) => [row.instrument.symbol, row.qty_1e8, row.locked_qty_1e8])
  }
  const rows = await shown()
  expect(rows.every(([, , locked]) => locked === 0)).toBe(true)
  await call('POST', '/v1/positions/sync')
  expect(await shown()).toEqual(rows)
}

async function heldOf(call: Call, given: Figures, symbol: string): Promise<bigint> {
  const path = `/v1/positions?venues=${given.venue}&kinds=${given.kinds}&include_closed=true`
  const { positions } = (await call('GET', path)).json as {
    positions: { instrument: { symbol: string }; qty_1e8: number }[]
  }
  const name = given.held ?? `${symbol}:YES`
  const row = positions.find(({ instrument }) => instrument.symbol === name)
  return BigInt(row?.qty_1e8 ?? 0)
}
