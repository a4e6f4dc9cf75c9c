import { expect, test } from 'vitest'
import { createDualEdge } from '../../../src/edge/dual.js'
import type { Edge, EdgeSink } from '../../../src/edge/edge.js'
import type { ChildOrder, EdgeEvent } from '../../../src/engine/order.js'

const order = (child_id: string, is_sandbox: boolean): ChildOrder => ({
  child_id,
  client_id: 'c',
  is_sandbox,
  venue: 'alpha',
  instrument: {
    symbol: 'BTC-USD',
    venue_symbol: 'BTCUSD',
    kind: 'spot',
    base: 'BTC',
    quote: 'USD',
    tick_size_1e9: 1n,
    lot_size_1e8: 1n,
    min_qty_1e8: 0n,
    min_notional_1e9: 0n,
    price_bands: [],
    leverage_max: 1,
  },
  outcome: null,
  side: 'buy',
  qty_1e8: 10n,
  budget_1e8: null,
  limit_price_1e9: 5n,
  protection_price_1e9: null,
  time_in_force: 'gtc',
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
})

const filled = (child_id: string, venue_fill_id: string, qty_1e8: bigint): EdgeEvent => ({
  type: 'filled',
  child_id,
  ts_ns: 0n,
  venue_fill_id,
  price_1e9: 5n,
  qty_1e8,
  fee_1e8: 0n,
  liquidity: 'taker',
  queue_ahead_1e8: null,
})

function setup() {
  const calls: string[] = []
  const events: EdgeEvent[] = []
  const sinks: Record<string, EdgeSink> = {}
  const maker =
    (name: string) =>
    (sink: EdgeSink): Edge => {
      sinks[name] = sink
      return {
        submit: ({ child_id }) => void calls.push(`${name} submit ${child_id}`),
        cancel: (child_id) => void calls.push(`${name} cancel ${child_id}`),
        amend: (child_id) => void calls.push(`${name} amend ${child_id}`),
      }
    }
  const edge = createDualEdge({
    sink: (event) => events.push(event),
    live: maker('live'),
    sim: maker('sim'),
  })
  const tell = (name: 'live' | 'sim', event: EdgeEvent) => sinks[name]?.(event)
  return { calls, events, edge, tell }
}

test('a sandbox order never reaches the live edge and a live one never the simulator', () => {
  const { calls, edge } = setup()
  edge.submit(order('a', true))
  edge.submit(order('b', false))
  expect(calls).toEqual(['sim submit a', 'live submit b'])
})

test('cancel and amend go to the edge that took the child', () => {
  const { calls, edge } = setup()
  edge.submit(order('a', true))
  edge.submit(order('b', false))
  edge.cancel('a')
  edge.cancel('b')
  edge.amend('a', { qty_1e8: 1n, limit_price_1e9: 1n })
  edge.amend('b', { qty_1e8: 1n, limit_price_1e9: 1n })
  expect(calls.slice(2)).toEqual(['sim cancel a', 'live cancel b', 'sim amend a', 'live amend b'])
})

test('a child that ended or never was is cancelled nowhere', () => {
  const { calls, edge, tell } = setup()
  edge.submit(order('a', true))
  tell('sim', filled('a', '1', 10n))
  edge.cancel('a')
  edge.cancel('unknown')
  expect(calls).toEqual(['sim submit a'])
})

test('a fill told twice on the live edge does not end the child early', () => {
  const { calls, edge, tell } = setup()
  edge.submit(order('a', false))
  tell('live', filled('a', '1', 5n))
  tell('live', filled('a', '1', 5n))
  edge.cancel('a')
  expect(calls).toEqual(['live submit a', 'live cancel a'])
})

test('an amended size moves the end of the child', () => {
  const { calls, edge, tell } = setup()
  edge.submit(order('a', true))
  tell('sim', {
    type: 'amended',
    child_id: 'a',
    ts_ns: 0n,
    qty_1e8: 20n,
    limit_price_1e9: 5n,
    mode: 'native_atomic',
  })
  tell('sim', filled('a', '1', 10n))
  edge.cancel('a')
  expect(calls).toEqual(['sim submit a', 'sim cancel a'])
})

test('events pass on in order, those about unknown children too', () => {
  const { events, edge, tell } = setup()
  edge.submit(order('a', true))
  tell('sim', { type: 'acked', child_id: 'a', ts_ns: 1n, venue_order_id: null })
  tell('live', { type: 'expired', child_id: 'late', ts_ns: 2n })
  expect(events.map(({ child_id }) => child_id)).toEqual(['a', 'late'])
})

test('an edge that tells of the other edge’s child is stopped', () => {
  const { edge, tell } = setup()
  edge.submit(order('a', true))
  expect(() => tell('live', filled('a', '1', 1n))).toThrow(
    /the live edge told of filled on child a/,
  )
})
