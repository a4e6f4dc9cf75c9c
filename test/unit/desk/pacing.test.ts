import { afterEach, describe, expect, test } from 'vitest'
import type { EdgeMaker } from '../../../src/edge/dual.js'
import { memoryStore } from '../../../src/store/memory.js'
import { manualClock } from '../../../src/world/clock.js'
import {
  alpha,
  BTC,
  beta,
  holding,
  intent,
  liver,
  openDesk,
  type TestDesk,
  tester,
  UNIT,
  USD,
} from '../../support/desk.js'

const open: TestDesk[] = []
const start = async (...args: Parameters<typeof openDesk>) => {
  const desk = await openDesk(...args)
  open.push(desk)
  return desk
}
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const who = tester()
const INTERVAL_MS = 1000

function twap(given: Parameters<typeof intent>[0] & { num_slices?: number } = {}) {
  const { num_slices = 10, ...order } = given
  return {
    ...intent({ venue: 'alpha', graph_id: 'twap', ...order }),
    node_id: 'twap',
    pacing: { num_slices, interval_ms: INTERVAL_MS },
  }
}

const offer = (desk: TestDesk) => desk.book('alpha', 'BTC-USD', [[99, 100]], [[100, 100]])

/** One interval on, with a fresh book before its end. */
async function next(desk: TestDesk) {
  desk.clock.advance(INTERVAL_MS - 1)
  offer(desk)
  desk.clock.advance(1)
  await desk.desk.flush()
}

async function states(desk: TestDesk, by = who) {
  const graph = await desk.desk.graph(by, 'twap')
  return graph?.nodes.map(({ status }) => status)
}

describe('expansion', () => {
  test('makes a container, a node for every slice and an edge to each', async () => {
    const desk = await start()
    offer(desk)
    const graph = await desk.desk.submit(who, twap())
    expect(graph.status).toBe('ACCEPTED')
    expect(graph.nodes).toHaveLength(11)
    expect(graph.edges).toHaveLength(10)
    expect(graph.nodes[0]).toMatchObject({
      node_id: 'twap',
      node_order_id: null,
      status: 'PARTIAL',
    })
    expect(graph.nodes.slice(1).map(({ status }) => status)).toEqual([
      'FILLED',
      ...Array(9).fill('WAITING'),
    ])
    expect(graph.nodes[10]).toMatchObject({
      node_id: 'twap-10',
      node_order_id: 'graph:twap:twap-10:1',
    })
    expect(graph.edges.slice(0, 2)).toEqual([
      { edge_id: 'e1', from_node: 'twap', to_node: 'twap-1', trigger: { on_timeout: { ms: 0 } } },
      {
        edge_id: 'e2',
        from_node: 'twap-1',
        to_node: 'twap-2',
        trigger: { on_timeout: { ms: INTERVAL_MS } },
      },
    ])
    expect(await desk.desk.graph(who, 'twap')).toEqual(graph)
  })

  test('rounds slices down to the lot and leaves the rest to the last', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ num_slices: 3 }))
    const orders = await desk.desk.orders(who, { graph_id: 'twap', limit: 10 })
    expect(orders.reverse().map(({ qty_1e8 }) => qty_1e8)).toEqual([
      33_333_000n,
      33_333_000n,
      33_334_000n,
    ])
  })

  test('refuses slices under the lot and leaves nothing behind', async () => {
    const desk = await start()
    offer(desk)
    const tiny = { ...twap(), qty_1e8: 9n * BTC.lot_size_1e8 }
    await expect(desk.desk.submit(who, tiny)).rejects.toMatchObject({ code: 'invalid' })
    const odd = { ...twap(), qty_1e8: UNIT + 1n }
    await expect(desk.desk.submit(who, odd)).rejects.toMatchObject({ code: 'invalid' })
    expect(await desk.desk.orders(who, { limit: 10 })).toEqual([])
    expect(await desk.desk.graph(who, 'twap')).toBeUndefined()
  })

  test('refuses every slice when the first is refused', async () => {
    const desk = await start()
    desk.book('alpha', 'BTC-USD', [[99, 1]], [])
    const graph = await desk.desk.submit(who, twap({ num_slices: 3 }))
    expect(graph.status).toBe('REJECTED')
    expect(graph.nodes.map(({ status }) => status)).toEqual(Array(4).fill('REJECTED'))
    expect(graph.nodes[0]).toMatchObject({
      failure_reason: 'EXCHANGE_REJECT',
      failure_message: 'market buy requires a live ask',
    })
    await next(desk)
    expect(await states(desk)).toEqual(Array(4).fill('REJECTED'))
    expect(await desk.desk.fills(who, { limit: 10 })).toEqual([])
  })

  test('holds the cap on notional against the whole graph', async () => {
    const desk = await start()
    offer(desk)
    const capped = (usd: bigint, graph_id: string) => ({
      ...twap({ graph_id }),
      max_notional_1e9: usd * USD,
    })
    const over = await desk.desk.submit(who, capped(99n, 'over'))
    expect(over.nodes[0]).toMatchObject({ status: 'REJECTED', failure_reason: 'RISK' })
    expect((await desk.desk.submit(who, capped(100n, 'within'))).status).toBe('ACCEPTED')
  })

  test('answers the same graph_id with the first answer', async () => {
    const desk = await start()
    offer(desk)
    const first = await desk.desk.submit(who, twap())
    await next(desk)
    expect(await desk.desk.submit(who, twap())).toEqual(first)
    expect(await desk.desk.orders(who, { limit: 100 })).toHaveLength(10)
  })
})

describe('slices', () => {
  test('run one each interval until the order is whole', async () => {
    const desk = await start()
    offer(desk)
    const begun_ns = desk.clock.now_ns()
    await desk.desk.submit(who, twap({ num_slices: 4 }))
    desk.clock.advance(INTERVAL_MS - 1)
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'WAITING', 'WAITING', 'WAITING'])
    desk.clock.advance(1)
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'FILLED', 'WAITING', 'WAITING'])
    await next(desk)
    await next(desk)
    expect(await states(desk)).toEqual(Array(5).fill('FILLED'))
    const fills = await desk.desk.fills(who, { limit: 10 })
    expect(fills.reverse().map(({ ts_ns }) => (ts_ns - begun_ns) / 1_000_000n)).toEqual([
      0n,
      1000n,
      2000n,
      3000n,
    ])
    expect(await holding(desk, who, 'alpha', 'BTC')).toMatchObject({ qty_1e8: UNIT })
    expect(desk.clock.next_ns()).toBeUndefined()
  })

  test('hold nothing while they wait', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ price: 98, num_slices: 2 }))
    const half = { locked_qty_1e8: 49n * UNIT + 9_800_000n }
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject(half)
    expect(await states(desk)).toEqual(['WORKING', 'WORKING', 'WAITING'])
    await next(desk)
    expect(await states(desk)).toEqual(['WORKING', 'WORKING', 'WORKING'])
  })

  test('run whatever became of the one before', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ num_slices: 3 }))
    desk.book('alpha', 'BTC-USD', [[99, 1]], [])
    desk.clock.advance(INTERVAL_MS)
    await desk.desk.flush()
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'REJECTED', 'WAITING'])
    await next(desk)
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'REJECTED', 'FILLED'])
  })

  test('are left out one by one when cancelled by their own id', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ num_slices: 3 }))
    const cancelled = await desk.desk.cancel(who, 'graph:twap:twap-2:1')
    expect(cancelled.status).toBe('CANCELLED')
    await next(desk)
    await next(desk)
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'CANCELLED', 'FILLED'])
  })

  test('cannot be amended before their turn', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ price: 98, num_slices: 2 }))
    const change = { new_price_1e9: 97n * USD }
    const amended = desk.desk.amend(who, 'graph:twap:twap-2:1', change)
    await expect(amended).rejects.toMatchObject({ code: 'conflict' })
  })

  test('are routed anew each time', async () => {
    const desk = await start({ venues: [alpha, beta] })
    offer(desk)
    await desk.desk.submit(who, { ...twap({ num_slices: 2 }), venue: null })
    desk.book('beta', 'XBTUSD', [[89, 100]], [[90, 100]])
    desk.clock.advance(INTERVAL_MS)
    await desk.desk.flush()
    const orders = await desk.desk.orders(who, { limit: 10 })
    expect(orders.reverse().map(({ venue }) => venue)).toEqual(['alpha', 'beta'])
  })
})

describe('an early end', () => {
  test('cancels the open slice and those that wait with the graph', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ price: 98, num_slices: 3 }))
    await desk.desk.cancel(who, 'twap')
    expect(await states(desk)).toEqual(Array(4).fill('CANCELLED'))
    expect(await holding(desk, who, 'alpha', 'USD')).toMatchObject({ locked_qty_1e8: 0n })
    await next(desk)
    expect(await states(desk)).toEqual(Array(4).fill('CANCELLED'))
    expect(desk.clock.next_ns()).toBeUndefined()
    await expect(desk.desk.cancel(who, 'twap')).rejects.toMatchObject({ code: 'conflict' })
  })

  test('comes with the kill switch', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ num_slices: 3 }))
    await desk.desk.killSwitch(who, true)
    await desk.desk.killSwitch(who, false)
    await next(desk)
    expect(await states(desk)).toEqual(['PARTIAL', 'FILLED', 'CANCELLED', 'CANCELLED'])
  })

  test('comes with a reset, with its reason', async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ price: 98, num_slices: 2 }))
    await desk.desk.reset(who)
    await next(desk)
    const graph = await desk.desk.graph(who, 'twap')
    expect(graph?.nodes.map(({ status, failure_reason }) => [status, failure_reason])).toEqual(
      Array(3).fill(['CANCELLED', 'SANDBOX_RESET']),
    )
  })

  test('comes with the end of the process, with its reason', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const before = await openDesk({ clock, store })
    offer(before)
    await before.desk.submit(who, twap({ num_slices: 3 }))
    await before.desk.close()
    const desk = await start({ clock: manualClock(clock.now_ns()), store })
    const graph = await desk.desk.graph(who, 'twap')
    expect(graph?.nodes.map(({ status, failure_reason }) => [status, failure_reason])).toEqual([
      ['PARTIAL', null],
      ['FILLED', null],
      ['CANCELLED', 'INTERRUPTED'],
      ['CANCELLED', 'INTERRUPTED'],
    ])
    await next(desk)
    expect(await desk.desk.fills(who, { limit: 10 })).toHaveLength(1)
  })
})

test('a live key paces a sandbox order of its own', async () => {
  const desk = await start()
  offer(desk)
  const graph = await desk.desk.submit(liver(), twap({ num_slices: 2, is_sandbox: true }))
  expect(graph.is_sandbox).toBe(true)
  await next(desk)
  expect(await states(desk, liver())).toEqual(['FILLED', 'FILLED', 'FILLED'])
})

test('live slices are on record before they leave, each in its turn', async () => {
  const sent: string[] = []
  const clock = manualClock()
  const store = memoryStore({ clock })
  const live: EdgeMaker = (sink) => ({
    submit: async (child) => {
      const known = await store.orders({ client_id: 'client', is_sandbox: false }, { limit: 10 })
      const mine = known.find((order) =>
        order.children.some(({ child_id }) => child_id === child.child_id),
      )
      sent.push(`${mine?.node_id} ${mine?.status}`)
      const { child_id, qty_1e8 } = child
      const ts_ns = clock.now_ns()
      sink({ type: 'acked', child_id, ts_ns, venue_order_id: null })
      sink({
        type: 'filled',
        child_id,
        ts_ns,
        venue_fill_id: child_id,
        price_1e9: 100n * USD,
        qty_1e8,
        fee_1e8: 0n,
        liquidity: 'taker',
        queue_ahead_1e8: null,
      })
    },
    cancel: () => undefined,
    amend: () => undefined,
  })
  const usd = { asset: 'USD', total_1e8: 1000n * UNIT, reserved_1e8: 0n }
  const pull = async (venue: string) =>
    venue === 'alpha' ? { balances: [usd], positions: [] } : undefined
  const desk = await start({ clock, store, live, desk: { pull } })
  offer(desk)
  const graph = await desk.desk.submit(liver(), twap({ num_slices: 2 }))
  expect(graph.is_sandbox).toBe(false)
  expect(graph.nodes.map(({ status }) => status)).toEqual(['PARTIAL', 'FILLED', 'WAITING'])
  await next(desk)
  await expect.poll(() => states(desk, liver())).toEqual(['FILLED', 'FILLED', 'FILLED'])
  expect(sent).toEqual(['twap-1 NEW', 'twap-2 NEW'])
})

test('the same seed leaves the same journal', async () => {
  const run = async () => {
    const desk = await start()
    offer(desk)
    await desk.desk.submit(who, twap({ num_slices: 3 }))
    await next(desk)
    await next(desk)
    return desk.desk.journal(who.client_id, true)
  }
  const journal = await run()
  expect(journal.filter((line) => line.includes('"activate"'))).toHaveLength(2)
  expect(await run()).toEqual(journal)
})
