/** A live order fills over the wire, and its trade fails to settle: what venue and desk then hold. */
import { afterEach, describe, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import type { FaultInput } from '../../../src/fault/kinds.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import type { Venue } from '../../../src/venue/contract.js'
import { FAILS_AFTER_MS } from '../../../src/venue/settlement.js'
import { kalshi } from '../../../venues/kalshi/index.js'
import { sign } from '../../../venues/kraken/auth.js'
import { kraken } from '../../../venues/kraken/index.js'
import { caller } from '../../support/api-client.js'
import type { Message } from '../../support/faulty-wire.js'
import { signedHeaders } from '../../support/kalshi.js'

const MARKETS = {
  kalshi: { symbol: 'KXTEST-99DEC31-T60', bid: 0.4, ask: 0.6, qty: 10 },
  kraken: { symbol: 'BTC-USD', bid: 60_000, ask: 60_010, qty: 0.1 },
} as const
type Id = keyof typeof MARKETS

const later = (venue: Venue): Venue => ({
  ...venue,
  capabilities: { ...venue.capabilities, settlement: 'deferred' },
})

const open: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close()
})

async function opened(venues: readonly Venue[]): Promise<Sandbox> {
  const sandbox = await createSandbox({ store: 'memory', seed: 5, venues })
  open.push(sandbox)
  for (const { id } of venues) {
    const { symbol, bid, ask, qty } = MARKETS[id as Id]
    const levels = { bids: [[bid, qty * 10]], asks: [[ask, qty * 10]] }
    await perform(sandbox.control, 'set-depth', { venue: id, symbol, ...levels })
  }
  return sandbox
}

type Rest = (name: string, fields?: Readonly<Record<string, string>>) => Promise<Message>

/** The venue's own REST, called by the holder of a live key. */
function restOf(sandbox: Sandbox, { client_id }: SandboxAccount, id: Id): Rest {
  const { clock } = sandbox.world
  const credentials = sandbox.control.venueCredentials(client_id, id) ?? {}
  const read = async (path: string, init: RequestInit): Promise<Message> => {
    const answer = await sandbox.fetch(`/venues/${id}${path}`, init)
    expect(answer.status).toBe(200)
    return answer.json()
  }
  if (id === 'kalshi') {
    const { key_id = '', private_key_pem = '' } = credentials
    return (name, fields = {}) => {
      const path = `/trade-api/v2/portfolio/${name}`
      const signer = { account_id: 0, key_id, private_key_pem }
      const headers = signedHeaders(signer, 'GET', path, clock.now_ms())
      return read(`${path}?${new URLSearchParams(fields)}`, { headers })
    }
  }
  const { api_key = '', api_secret = '' } = credentials
  // The live desk signs with the same key: whoever finds its nonce used goes on from further up, as it does.
  let nonce = clock.now_ms() * 1_000
  const rest: Rest = async (name, fields = {}) => {
    nonce += 1
    const path = `/0/private/${name}`
    const body = new URLSearchParams({ nonce: `${nonce}`, ...fields }).toString()
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'API-Key': api_key,
      'API-Sign': sign(path, `${nonce}`, body, api_secret),
    }
    const { error, result } = await read(path, { method: 'POST', headers, body })
    if (error[0] === 'EAPI:Invalid nonce' && nonce < (clock.now_ms() + 60_000) * 1_000) {
      nonce += 500_000
      return rest(name, fields)
    }
    expect(error).toEqual([])
    return result
  }
  return rest
}

/** Balances, positions and fills as the venue lists them. */
async function told(sandbox: Sandbox, account: SandboxAccount, id: Id): Promise<unknown> {
  const rest = restOf(sandbox, account, id)
  if (id === 'kraken')
    return { balance: await rest('Balance'), trades: await rest('TradesHistory') }
  const { balance_dollars } = await rest('balance')
  const { market_positions } = await rest('positions')
  const { fills } = await rest('fills')
  // When it changed last moves on, of course.
  const positions = market_positions.map((row: object) => ({ ...row, last_updated_ts: null }))
  return { balance_dollars, positions, fills }
}

/** How many fills the venue tells of each order, asked by the order: failed ones too. */
async function toldByOrder(
  sandbox: Sandbox,
  account: SandboxAccount,
  id: Id,
): Promise<readonly number[]> {
  const rest = restOf(sandbox, account, id)
  const counts: number[] = []
  if (id === 'kalshi') {
    for (const { order_id } of (await rest('orders')).orders) {
      counts.push((await rest('fills', { order_id })).fills.length)
    }
    return counts
  }
  const { closed } = await rest('ClosedOrders', { trades: 'true' })
  for (const { trades } of Object.values<Message>(closed)) {
    counts.push(Object.keys(await rest('QueryTrades', { txid: trades.join(',') })).length)
  }
  return counts
}

/** A client's rows. What it paid in fees is the desk's own tally of the fills it was told, asserted apart. */
async function held(sandbox: Sandbox, key: string): Promise<object[]> {
  return (await rows(sandbox, key)).map((row) => ({ ...row, fees_usd_1e9: null }))
}

async function feesPaid(sandbox: Sandbox, key: string): Promise<number> {
  return (await rows(sandbox, key)).reduce((sum, row) => sum + row.fees_usd_1e9, 0)
}

async function rows(sandbox: Sandbox, key: string): Promise<{ fees_usd_1e9: number }[]> {
  const call = caller((path, init) => sandbox.fetch(path, init), key)
  const { status, json } = await call('GET', '/v1/positions')
  expect(status).toBe(200)
  return json.positions
}

async function buy(sandbox: Sandbox, key: string, id: Id): Promise<string> {
  const { symbol, qty } = MARKETS[id]
  const call = caller((path, init) => sandbox.fetch(path, init), key)
  const body = { venue: id, symbol, side: 'buy', qty }
  const { status, raw, json } = await call('POST', '/v1/orders', { body })
  expect(status, raw).toBeLessThan(300)
  await sandbox.settle()
  return json.nodes[0].node_order_id
}

const inject = {
  function: async (sandbox: Sandbox, fault: FaultInput) => void sandbox.faults.inject(fault),
  control: async (sandbox: Sandbox, fault: FaultInput) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const body = JSON.stringify({ fault })
    const answer = await sandbox.fetch('/control/inject-fault', { ...init, body })
    expect(answer.status).toBe(200)
  },
}

describe.each(['kalshi', 'kraken'] as const)('%s, declared to settle later', (id) => {
  test.each(['function', 'control'] as const)('a trade fails, set by %s', async (by) => {
    const sandbox = await opened([later(id === 'kalshi' ? kalshi : kraken)])
    const alice = sandbox.account('alice')
    const sync = () => sandbox.desk.sync(alice.live)
    const pass = (ms: number) => perform(sandbox.control, 'advance-clock', { ms })
    const check = () => sandbox.venues.get(id)?.mock?.admin.check()
    // A first trade goes through, so that there is a position to come back to.
    await buy(sandbox, alice.live_key, id)
    await pass(FAILS_AFTER_MS)
    await sync()
    const before = {
      rest: await told(sandbox, alice, id),
      desk: await held(sandbox, alice.live_key),
    }
    const fees = await feesPaid(sandbox, alice.live_key)
    expect(fees).toBeGreaterThan(0)
    await inject[by](sandbox, { type: 'failed-settlement', venue: id, match: { nth: 1 } })

    const failing = await buy(sandbox, alice.live_key, id)
    expect(await sandbox.desk.order(alice.live, failing)).toMatchObject({ status: 'FILLED' })
    await sync()
    expect(await told(sandbox, alice, id)).not.toEqual(before.rest)
    expect(await held(sandbox, alice.live_key)).not.toEqual(before.desk)
    await pass(FAILS_AFTER_MS - 1)
    expect(await told(sandbox, alice, id)).not.toEqual(before.rest)

    await pass(1)
    expect(await told(sandbox, alice, id)).toEqual(before.rest)
    expect(await toldByOrder(sandbox, alice, id)).toEqual([1, 1])
    check()
    // The wire has no word for it: the desk learns it when it asks.
    expect(await held(sandbox, alice.live_key)).not.toEqual(before.desk)
    expect(await sync()).toEqual({ synced: true, venues: [id] })
    expect(await held(sandbox, alice.live_key)).toEqual(before.desk)
    expect(await sandbox.desk.order(alice.live, failing)).toMatchObject({ status: 'FILLED' })
    expect(await sandbox.desk.fills(alice.live, { limit: 10 })).toHaveLength(2)
    expect(await feesPaid(sandbox, alice.live_key)).toBe(2 * fees)
    expect(sandbox.faults.list()).toMatchObject([{ seen: 1, fired: 1 }])

    // The next one is past the match and settles.
    await buy(sandbox, alice.live_key, id)
    await pass(FAILS_AFTER_MS)
    expect(await told(sandbox, alice, id)).not.toEqual(before.rest)
    check()
  })

  test('paper orders are not touched', async () => {
    const sandbox = await opened([later(id === 'kalshi' ? kalshi : kraken)])
    const alice = sandbox.account('alice')
    await inject.function(sandbox, { type: 'failed-settlement', venue: id })
    const seeded = await held(sandbox, alice.test_key)
    const order = await buy(sandbox, alice.test_key, id)
    await perform(sandbox.control, 'advance-clock', { ms: 100 })
    expect(await sandbox.desk.order(alice.test, order)).toMatchObject({ status: 'FILLED' })
    const filled = await held(sandbox, alice.test_key)
    expect(filled).not.toEqual(seeded)
    await perform(sandbox.control, 'advance-clock', { ms: 2 * FAILS_AFTER_MS })
    expect(await held(sandbox, alice.test_key)).toEqual(filled)
    expect(sandbox.faults.list()).toMatchObject([{ seen: 0, fired: 0 }])
  })
})

test('venues as they are refuse it, and say how to declare them', async () => {
  const sandbox = await opened([kalshi, kraken])
  for (const venue of ['kalshi', 'kraken']) {
    const fault = { type: 'failed-settlement', venue } as const
    const said = new RegExp(
      `${venue} settles at once: .* createSandbox.* capabilities.settlement 'deferred'`,
    )
    expect(() => sandbox.faults.inject(fault)).toThrow(said)
    const body = JSON.stringify({ fault })
    const headers = { 'content-type': 'application/json' }
    const answer = await sandbox.fetch('/control/inject-fault', { method: 'POST', headers, body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(said)
  }
})
