/** Live orders after a revert: whoever traded at a venue goes on, whenever the account there was opened. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox, type SandboxAccount } from '../../../src/sandbox.js'
import { caller } from '../../support/api-client.js'

const MARKETS = [
  { venue: 'kraken', symbol: 'BTC-USD', bid: 60_000, ask: 60_010, qty: 0.1 },
  { venue: 'kalshi', symbol: 'KXTEST-99DEC31-T60', bid: 0.4, ask: 0.6, qty: 10 },
] as const

let sandbox: Sandbox
let alice: SandboxAccount
let troubles: unknown[] = []
beforeEach(async () => {
  troubles = []
  const log = { info: () => undefined, error: (facts: object) => void troubles.push(facts) }
  sandbox = await createSandbox({ store: 'memory', seed: 5, log })
  alice = sandbox.account('alice')
  for (const { venue, symbol, bid, ask, qty } of MARKETS) {
    const levels = { bids: [[bid, qty]], asks: [[ask, qty * 2]] }
    await perform(sandbox.control, 'set-depth', { venue, symbol, ...levels })
  }
})
afterEach(async () => {
  await sandbox.close()
  expect(troubles).toEqual([])
})

type Market = (typeof MARKETS)[number]

async function buy({ venue, symbol, qty }: Market, price?: number) {
  const call = caller((path, init) => sandbox.fetch(path, init), alice.live_key)
  const body = { venue, symbol, side: 'buy', qty, ...(price === undefined ? {} : { price }) }
  const { json } = await call('POST', '/v1/orders', { body })
  await sandbox.settle()
  const order = await sandbox.desk.order(alice.live, json.nodes[0].node_order_id)
  return order
}

const statusOf = async (node_order_id: string | undefined) =>
  (await sandbox.desk.order(alice.live, node_order_id ?? ''))?.status

const fills = async () => (await sandbox.desk.fills(alice.live, { limit: 100 })).length

test.each(MARKETS)('an account opened since is opened anew at $venue', async (market) => {
  await perform(sandbox.control, 'snapshot', { name: 'then' })
  const opened = sandbox.venues.get(market.venue)?.mock?.admin
  for (let round = 0; round < 3; round += 1) {
    expect(await buy(market)).toMatchObject({ status: 'FILLED' })
    expect(await buy(market, market.bid)).toMatchObject({ status: 'WORKING' })
    expect(await fills()).toBe(1)
    const account_id = sandbox.control.venueAccount('alice', market.venue) ?? -1
    expect(opened?.account(account_id).open_orders).toHaveLength(1)
    await perform(sandbox.control, 'revert', { name: 'then' })
    expect(await fills()).toBe(0)
  }
})

test.each(MARKETS)('an order open at $venue then is filled again, once', async (market) => {
  const { venue, symbol, bid, qty } = market
  const resting = await buy(market, bid)
  await perform(sandbox.control, 'snapshot', { name: 'then' })
  for (let round = 0; round < 3; round += 1) {
    expect(await statusOf(resting?.node_order_id)).toBe('WORKING')
    expect(await fills()).toBe(0)
    const print = { price: bid, qty: qty * 2, taker_side: 'sell' }
    await perform(sandbox.control, 'print-trade', { venue, symbol, ...print })
    await sandbox.settle()
    expect(await statusOf(resting?.node_order_id)).toBe('FILLED')
    expect(await fills()).toBe(1)
    await perform(sandbox.control, 'advance-clock', { ms: 5_000 })
    expect(await fills()).toBe(1)
    await perform(sandbox.control, 'revert', { name: 'then' })
  }
})
