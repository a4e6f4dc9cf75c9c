import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'

const SYMBOL = 'KXNEW-99DEC31-T70'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await createSandbox({ store: 'memory' })
})
afterEach(() => sandbox.close())

const list = (at = sandbox, symbol = SYMBOL, venue = 'kalshi') =>
  perform(at.control, 'list-market', { venue, symbol })

async function call(at: Sandbox, key: string, path: string, body?: object) {
  const answer = await at.fetch(path, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, json: JSON.parse(await answer.text()) }
}

/** Quotes the new market and buys from it, on paper and over the wire. */
async function trade(at: Sandbox): Promise<string[]> {
  const { test_key, live_key } = at.account()
  const order = { symbol: SYMBOL, venue: 'kalshi', side: 'buy', qty: 5 }
  const quoted = { venue: 'kalshi', symbol: SYMBOL, bids: [[0.4, 50]], asks: [[0.45, 50]] }
  await perform(at.control, 'set-depth', quoted)
  const answers = [
    await call(at, test_key, '/v1/orders', order),
    await call(at, live_key, '/v1/orders', order),
  ]
  return answers.map(({ json }) => json.nodes[0].status)
}

test('a listed market is told of, shown, quoted and traded, on paper and live', async () => {
  const { test_key } = sandbox.account()
  const sent: string[] = []
  const peer = { send: (text: string) => sent.push(text), ping: () => {}, close: () => {} }
  const headers = { authorization: `Bearer ${test_key}` }
  const session = await sandbox.connect({ path: '/v1/ws/new_markets', query: '', headers }, peer)
  if ('status' in session) throw new Error(session.body)
  expect(await list()).toEqual({ venue: 'kalshi', symbol: SYMBOL, event: 'KXNEW-99DEC31' })
  const { json } = await call(sandbox, test_key, `/v1/markets?venue=kalshi&slug=${SYMBOL}`)
  expect(json.markets).toMatchObject([{ slug: SYMBOL, ticker: SYMBOL, status: 'active' }])
  expect(sent.map((text) => JSON.parse(text))).toEqual([
    {
      channel: 'new_markets',
      data: { ...json.markets[0], ts_ns: expect.any(Number) },
    },
  ])
  expect(await trade(sandbox)).toEqual(['FILLED', 'FILLED'])
  session.closed()
})

describe('refused are', () => {
  test.each([
    ['a symbol that is listed already', 'kalshi', 'KXTEST-99DEC31-T60', 'already'],
    ['a venue without event markets', 'kraken', SYMBOL, 'no event markets'],
    ['a venue without a wire', 'coinbase', SYMBOL, 'no mock venue'],
    ['an unknown venue', 'nowhere', SYMBOL, 'nowhere'],
    ['what is no ticker', 'kalshi', 'no ticker', 'symbol'],
  ])('%s', async (_what, venue, symbol, words) => {
    const before = sandbox.desk.symbols().length
    await expect(list(sandbox, symbol, venue)).rejects.toThrow(words)
    expect(sandbox.desk.symbols()).toHaveLength(before)
  })
})

test('going back unlists it, and it can be listed again', async () => {
  await perform(sandbox.control, 'snapshot', { name: 'before' })
  await list()
  expect(sandbox.desk.resolveSymbol(SYMBOL)).toBeDefined()
  await perform(sandbox.control, 'revert', { name: 'before' })
  expect(sandbox.desk.resolveSymbol(SYMBOL)).toBeUndefined()
  await list()
  expect(await trade(sandbox)).toEqual(['FILLED', 'FILLED'])
})

test('sandboxes do not share their listings', async () => {
  await list()
  const other = await createSandbox({ store: 'memory' })
  expect(other.desk.resolveSymbol(SYMBOL)).toBeUndefined()
  await other.close()
})

test('a data folder keeps it over a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'papervenue-list-'))
  const first = await createSandbox({ store: 'memory', data })
  await list(first)
  await first.close()
  const second = await createSandbox({ store: 'memory', data })
  expect(second.desk.resolveSymbol(SYMBOL)?.listings).toMatchObject([
    { venue: 'kalshi', instrument: { venue_symbol: SYMBOL } },
  ])
  expect(second.hub.book('kalshi', SYMBOL)?.live).toBe(true)
  await expect(list(second)).rejects.toThrow('already')
  await second.close()
  rmSync(data, { recursive: true, force: true })
})
