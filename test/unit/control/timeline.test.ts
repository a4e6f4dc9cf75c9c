import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ActionName, perform } from '../../../src/control/actions.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox.js'
import { caller } from '../../support/api-client.js'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await createSandbox({ store: 'memory', seed: 5, adversary: 'off' })
  await perform(sandbox.control, 'set-depth', { ...MARKET, asks: [[100, 9]] })
})
afterEach(() => sandbox.close())

const MARKET = { venue: 'coinbase', symbol: 'BTC-USD' } as const
const act = (name: ActionName, input: Record<string, unknown>) =>
  perform(sandbox.control, name, input)
const ask = () => sandbox.hub.book('coinbase', 'BTC-USD')?.depth.asks[0]?.price_1e9
const quote = (price: number) => act('set-depth', { ...MARKET, asks: [[price, 9]] })

test('a timeline left behind stands still while another goes on', async () => {
  await act('branch', { name: 'b' })
  await quote(200)
  await act('advance-clock', { ms: 1_000 })
  const then_ns = sandbox.world.clock.now_ns()
  await act('switch-timeline', { name: 'main' })
  expect(ask()).toBe(100_000_000_000n)
  expect(then_ns - sandbox.world.clock.now_ns()).toBe(1_000_000_000n)
  await act('switch-timeline', { name: 'b' })
  expect(ask()).toBe(200_000_000_000n)
  expect(sandbox.world.clock.now_ns()).toBe(then_ns)
})

test('branches of branches are kept apart', async () => {
  for (const [name, price] of [
    ['b', 200],
    ['c', 300],
    ['d', 400],
  ] as const) {
    await act('branch', { name })
    await quote(price)
  }
  const seen: (bigint | undefined)[] = []
  for (const name of ['b', 'main', 'c', 'd']) {
    await act('switch-timeline', { name })
    seen.push(ask())
  }
  expect(seen).toEqual([200_000_000_000n, 100_000_000_000n, 300_000_000_000n, 400_000_000_000n])
})

test('a name is used once, and nobody switches to where they are', async () => {
  await act('branch', { name: 'b' })
  for (const name of ['b', 'main']) {
    await expect(act('branch', { name })).rejects.toThrow(`a timeline "${name}" exists; switch to`)
  }
  await expect(act('switch-timeline', { name: 'b' })).rejects.toThrow(
    'no timeline is called "b"; known: main',
  )
})

test('a snapshot of one timeline may be gone back to from another', async () => {
  await act('snapshot', { name: 'then' })
  await act('branch', { name: 'b' })
  await quote(200)
  await act('revert', { name: 'then' })
  expect(ask()).toBe(100_000_000_000n)
  await expect(act('switch-timeline', { name: 'main' })).resolves.toMatchObject({ from: 'b' })
})

test('timers and faults wait on the timeline they were set on', async () => {
  await act('branch', { name: 'b' })
  const fault = { type: 'outage', venue: 'kraken', after_ms: 500 }
  await act('inject-fault', { fault })
  await act('switch-timeline', { name: 'main' })
  await act('advance-clock', { ms: 5_000 })
  expect(await act('list-faults', {})).toEqual({ faults: [], log: [] })
  await act('switch-timeline', { name: 'b' })
  expect(sandbox.faults.list()).toMatchObject([{ state: 'waiting' }])
  await act('advance-clock', { ms: 500 })
  expect(sandbox.faults.list()).toMatchObject([{ state: 'active' }])
})

test('ids and chance go on from where a timeline was left', async () => {
  const { test_key } = sandbox.account('alice')
  const call = caller((path, init) => sandbox.fetch(path, init), test_key)
  const row = { venue: 'coinbase', kind: 'fiat', symbol: 'USD', qty: 10_000 }
  await act('set-balances', { client_id: 'alice', positions: [row], replace: true })
  const buy = async (): Promise<string> => {
    const { json } = await call('POST', '/v1/orders', { body: { ...MARKET, side: 'buy', qty: 1 } })
    expect(json.nodes[0].status).toBe('FILLED')
    return json.graph_id
  }
  await act('branch', { name: 'b' })
  const [first, drawn] = [await buy(), sandbox.world.random('test').unit()]
  await act('switch-timeline', { name: 'main' })
  expect([await buy(), sandbox.world.random('test').unit()]).toEqual([first, drawn])
})
