import { describe, expect, test } from 'vitest'
import { type EdgeSink, EdgeUnavailable } from '../../../src/edge/edge.js'
import { createLiveEdge, NOT_CONNECTED } from '../../../src/edge/live.js'
import type { Instrument } from '../../../src/engine/instrument.js'
import type { ChildOrder, EdgeEvent } from '../../../src/engine/order.js'
import type { Recorded, VenueClient } from '../../../src/venue/contract.js'
import { manualClock } from '../../../src/world/clock.js'

const instrument: Instrument = {
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
}

const child = (child_id: string, client_id = 'c1'): ChildOrder => ({
  child_id,
  client_id,
  is_sandbox: false,
  venue: 'alpha',
  instrument,
  outcome: null,
  side: 'buy',
  qty_1e8: 10n,
  budget_1e8: null,
  limit_price_1e9: 100n,
  protection_price_1e9: null,
  time_in_force: 'gtc',
  post_only: false,
  reduce_only: false,
  expire_ts_ns: null,
})

const fill = (child_id: string, id: string, qty_1e8: bigint): EdgeEvent => ({
  type: 'filled',
  child_id,
  ts_ns: 0n,
  venue_fill_id: id,
  price_1e9: 100n,
  qty_1e8,
  fee_1e8: 0n,
  liquidity: 'taker',
  queue_ahead_1e8: null,
})
const acked = (child_id: string): EdgeEvent => ({
  type: 'acked',
  child_id,
  ts_ns: 0n,
  venue_order_id: `v-${child_id}`,
})

/** A venue client whose answers a test writes. */
class Wire implements VenueClient {
  sink: EdgeSink = () => undefined
  readonly calls: string[] = []
  onOpen = async (): Promise<void> => undefined
  onSubmit = async (order: ChildOrder): Promise<void> => this.sink(acked(order.child_id))
  onReconcile = async (): Promise<void> => undefined
  onAmend = async (): Promise<void> => undefined
  readonly adopted: (readonly [string, bigint, Recorded])[] = []

  subscribe(): Promise<() => void> {
    return Promise.resolve(() => undefined)
  }
  open(sink: EdgeSink): Promise<void> {
    this.calls.push('open')
    this.sink = sink
    return this.onOpen()
  }
  submit(order: ChildOrder): Promise<void> {
    this.calls.push(`submit ${order.child_id}`)
    return this.onSubmit(order)
  }
  adopt(order: ChildOrder, filled_1e8: bigint, recorded: Recorded): void {
    this.calls.push(`adopt ${order.child_id}`)
    this.adopted.push([order.child_id, filled_1e8, recorded])
  }
  onCancel = async (): Promise<void> => undefined
  cancel(child_id: string): Promise<void> {
    this.calls.push(`cancel ${child_id}`)
    return this.onCancel()
  }
  amend(child_id: string): Promise<void> {
    this.calls.push(`amend ${child_id}`)
    return this.onAmend()
  }
  reconcile(): Promise<void> {
    this.calls.push('reconcile')
    return this.onReconcile()
  }
  pull(): ReturnType<VenueClient['pull']> {
    return Promise.resolve({ balances: [], positions: [] })
  }
  close(): Promise<void> {
    this.calls.push('close')
    return Promise.resolve()
  }
}

function setup() {
  const wires = new Map<string, Wire>()
  const told: EdgeEvent[] = []
  const troubles: unknown[] = []
  const clock = manualClock()
  const wire = (client_id = 'c1') => {
    const known = wires.get(client_id) ?? new Wire()
    wires.set(client_id, known)
    return known
  }
  const edge = createLiveEdge({
    sink: (event) => told.push(event),
    clock,
    connect: (venue, client_id) => (venue === 'alpha' ? wire(client_id) : undefined),
    onTrouble: (error) => troubles.push(error),
  })
  const types = () => told.map(({ type, child_id }) => `${type} ${child_id}`)
  return { edge, wire, told, types, troubles, clock }
}

test('without a wire every order is refused, at once and in the documented words', () => {
  const told: EdgeEvent[] = []
  const edge = createLiveEdge({ sink: (event) => told.push(event), clock: manualClock(1n) })
  expect(edge.submit(child('a'))).toBeUndefined()
  expect(told).toEqual([
    {
      type: 'rejected',
      child_id: 'a',
      ts_ns: 1n,
      code: 'venue-unavailable',
      message: NOT_CONNECTED,
      venue_code: null,
    },
  ])
  expect(NOT_CONNECTED).toBe('live trading is not connected')
  expect(edge.client('alpha', 'c1')).toBeUndefined()
})

test('opens one connection a client, before its first order', async () => {
  const { edge, wire } = setup()
  await Promise.all([edge.submit(child('a')), edge.submit(child('b'))])
  await edge.submit(child('c', 'c2'))
  expect(wire('c1').calls).toEqual(['open', 'submit a', 'submit b'])
  expect(wire('c2').calls).toEqual(['open', 'submit c'])
  await edge.close()
  expect(wire('c1').calls.at(-1)).toBe('close')
})

test('an order after closing is refused', async () => {
  const { edge, types } = setup()
  await edge.close()
  edge.submit(child('a'))
  expect(types()).toEqual(['rejected a'])
})

test('a connection that cannot open refuses the order and is tried again', async () => {
  const { edge, wire, told } = setup()
  wire().onOpen = async () => {
    throw new Error('handshake refused')
  }
  await edge.submit(child('a'))
  expect(told).toMatchObject([
    { type: 'rejected', message: 'alpha cannot be reached: handshake refused' },
  ])
  wire().onOpen = async () => undefined
  await edge.submit(child('b'))
  expect(told.at(-1)).toMatchObject({ type: 'acked', child_id: 'b' })
})

describe('a wire that repeats itself', () => {
  test('tells a fill once, by its id', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().sink(fill('a', 'f1', 4n))
    wire().sink(fill('a', 'f1', 4n))
    wire().sink(fill('a', 'f2', 6n))
    wire().sink(fill('a', 'f2', 6n))
    expect(types()).toEqual(['acked a', 'filled a', 'filled a'])
  })

  test('tells one acknowledgement and one end', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().sink(acked('a'))
    for (let i = 0; i < 2; i += 1) {
      wire().sink({ type: 'cancelled', child_id: 'a', ts_ns: 0n, reason: 'requested' })
    }
    expect(types()).toEqual(['acked a', 'cancelled a'])
  })

  test('a fill that comes after the end is told: the money moved', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().sink({ type: 'cancelled', child_id: 'a', ts_ns: 0n, reason: 'requested' })
    wire().sink(fill('a', 'f1', 4n))
    wire().sink(fill('a', 'f1', 4n))
    expect(types()).toEqual(['acked a', 'cancelled a', 'filled a'])
  })
})

describe('a submission without an answer', () => {
  test('is asked for, and what the venue knows is told', async () => {
    const { edge, wire, types, troubles } = setup()
    wire().onSubmit = async () => {
      throw new Error('connection reset')
    }
    wire().onReconcile = async () => {
      wire().sink(acked('a'))
      wire().sink(fill('a', 'f1', 10n))
    }
    await edge.submit(child('a'))
    expect(types()).toEqual(['acked a', 'filled a'])
    expect(troubles).toHaveLength(1)
  })

  test('is refused when the venue does not know it; should it turn up, it is cancelled', async () => {
    const { edge, wire, told, types } = setup()
    wire().onSubmit = async () => {
      throw new Error('connection reset')
    }
    await edge.submit(child('a'))
    expect(told).toMatchObject([{ type: 'rejected', code: 'venue-unavailable' }])
    wire().sink(acked('a'))
    expect(types()).toEqual(['rejected a'])
    expect(wire().calls.at(-1)).toBe('cancel a')
  })

  test('stays open while the venue cannot be asked, and is decided when it can', async () => {
    const { edge, wire, types, clock } = setup()
    const down = async () => {
      throw new Error('down')
    }
    wire().onSubmit = down
    wire().onReconcile = down
    await edge.submit(child('a'))
    expect(types()).toEqual([])
    wire().onReconcile = async () => undefined
    clock.advance(2000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(types()).toEqual(['rejected a'])
  })
})

test('asks again while an order is open, and stops when none is', async () => {
  const { edge, wire, clock } = setup()
  await edge.submit(child('a'))
  const asked = () => wire().calls.filter((call) => call === 'reconcile').length
  clock.advance(2000)
  await new Promise((resolve) => setImmediate(resolve))
  clock.advance(2000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked()).toBe(2)
  wire().sink(fill('a', 'f1', 10n))
  clock.advance(60_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked()).toBe(2)
})

test('a lost event comes back through reconcile', async () => {
  const { edge, wire, types } = setup()
  await edge.submit(child('a'))
  wire().onReconcile = async () => wire().sink(fill('a', 'f1', 10n))
  await edge.reconcile()
  await edge.reconcile()
  expect(types()).toEqual(['acked a', 'filled a'])
})

test('a reconcile that fails says so to whoever asked for it', async () => {
  const { edge, wire } = setup()
  await edge.submit(child('a'))
  wire().onReconcile = async () => {
    throw new Error('down')
  }
  await expect(edge.reconcile()).rejects.toThrow('down')
})

test('cancel and amend go to the connection that took the child', async () => {
  const { edge, wire, told } = setup()
  await edge.submit(child('a', 'c2'))
  await edge.cancel('a')
  await edge.amend('a', { qty_1e8: 5n, limit_price_1e9: 99n })
  expect(wire('c2').calls).toEqual(['open', 'submit a', 'cancel a', 'amend a'])
  wire('c2').onAmend = async () => {
    throw new Error('down')
  }
  await edge.amend('a', { qty_1e8: 5n, limit_price_1e9: 99n })
  expect(told.at(-1)).toMatchObject({ type: 'amend-rejected', code: 'venue-unavailable' })
  expect(edge.cancel('nobody')).toBeUndefined()
  expect(edge.amend('nobody', { qty_1e8: 5n, limit_price_1e9: 99n })).toBeUndefined()
})

test('a smaller amended size ends the order at that size', async () => {
  const { edge, wire, clock } = setup()
  await edge.submit(child('a'))
  wire().sink({
    type: 'amended',
    child_id: 'a',
    ts_ns: 0n,
    qty_1e8: 4n,
    limit_price_1e9: 100n,
    mode: 'native_atomic',
  })
  wire().sink(fill('a', 'f1', 4n))
  clock.advance(2000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(wire().calls).not.toContain('reconcile')
})

describe('an order that an earlier process left open', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const resting = { acked: true, fill_ids: new Set(['f1']) }

  test('is handed to its wire with what was recorded, and asked for once for all', async () => {
    const { edge, wire, types } = setup()
    edge.adopt?.(child('a'), 4n, resting)
    edge.adopt?.(child('b'), 0n, { acked: false, fill_ids: new Set() })
    wire().onReconcile = async () => {
      wire().sink(acked('a'))
      wire().sink(acked('b'))
    }
    await settled()
    expect(wire().calls).toEqual(['open', 'adopt a', 'adopt b', 'reconcile'])
    expect(wire().adopted).toEqual([
      ['a', 4n, resting],
      ['b', 0n, { acked: false, fill_ids: new Set() }],
    ])
    // What was recorded as acknowledged is not acknowledged again.
    expect(types()).toEqual(['acked b'])
  })

  test('is told from where the records end', async () => {
    const { edge, wire, types } = setup()
    edge.adopt?.(child('a'), 4n, resting)
    wire().onReconcile = async () => {
      wire().sink(fill('a', 'f1', 4n))
      wire().sink(fill('a', 'f2', 6n))
      wire().sink(fill('a', 'f2', 6n))
    }
    await settled()
    expect(types()).toEqual(['filled a'])
  })

  test('follows the stream, cancels and amends as any other', async () => {
    const { edge, wire, types } = setup()
    edge.adopt?.(child('a'), 0n, { acked: true, fill_ids: new Set() })
    wire().onReconcile = async () => wire().sink(acked('a'))
    await settled()
    wire().sink(fill('a', 'f1', 3n))
    await edge.amend('a', { qty_1e8: 5n, limit_price_1e9: 99n })
    await edge.cancel('a')
    expect(types()).toEqual(['filled a'])
    expect(wire().calls.slice(-2)).toEqual(['amend a', 'cancel a'])
  })

  test('is over when the venue does not know it: refused if it was never acknowledged', async () => {
    const { edge, told } = setup()
    edge.adopt?.(child('a'), 4n, resting)
    edge.adopt?.(child('b'), 0n, { acked: false, fill_ids: new Set() })
    await settled()
    expect(told).toMatchObject([
      { type: 'cancelled', child_id: 'a', reason: 'venue' },
      { type: 'rejected', child_id: 'b', code: 'venue-unavailable' },
    ])
    expect(edge.cancel('a')).toBeUndefined()
  })

  test('waits for a venue that is away', async () => {
    const { edge, wire, types, troubles, clock } = setup()
    wire().onOpen = async () => {
      throw new Error('handshake refused')
    }
    edge.adopt?.(child('a'), 4n, resting)
    await settled()
    expect(types()).toEqual([])
    expect(troubles).toMatchObject([{ message: 'handshake refused' }])
    wire().onOpen = async () => undefined
    wire().onReconcile = async () => wire().sink(fill('a', 'f2', 6n))
    clock.advance(2000)
    await settled()
    expect(types()).toEqual(['filled a'])
  })

  test('is taken up anew when memory was lost: what was not recorded is told again', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().sink(fill('a', 'f1', 4n))
    wire().sink(fill('a', 'f2', 6n))
    edge.adopt?.(child('a'), 4n, resting)
    wire().onReconcile = async () => wire().sink(fill('a', 'f2', 6n))
    await settled()
    expect(types()).toEqual(['acked a', 'filled a', 'filled a', 'filled a'])
  })

  test('without a wire stays open, and that is said', async () => {
    const troubles: unknown[] = []
    const told: EdgeEvent[] = []
    const edge = createLiveEdge({
      sink: (event) => told.push(event),
      clock: manualClock(),
      onTrouble: (error) => troubles.push(error),
    })
    edge.adopt?.(child('a'), 0n, resting)
    await settled()
    expect(told).toEqual([])
    expect(String(troubles[0])).toContain(NOT_CONNECTED)
  })
})

describe('an order that fills while its amendment is on the way', () => {
  const amended = (qty_1e8: bigint): EdgeEvent => ({
    type: 'amended',
    child_id: 'a',
    ts_ns: 0n,
    qty_1e8,
    limit_price_1e9: 101n,
    mode: 'native_atomic',
  })

  test('hears the answer to the amendment after the fill, and is over then', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().onAmend = async () => {
      wire().sink(fill('a', 'f1', 10n))
      wire().sink(amended(10n))
    }
    await edge.amend('a', { qty_1e8: 10n, limit_price_1e9: 101n })
    expect(types()).toEqual(['acked a', 'filled a', 'amended a'])
    expect(edge.cancel('a')).toBeUndefined()
  })

  test('goes on when it was made larger', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().onAmend = async () => {
      wire().sink(fill('a', 'f1', 10n))
      wire().sink(amended(30n))
    }
    await edge.amend('a', { qty_1e8: 30n, limit_price_1e9: 101n })
    wire().sink(fill('a', 'f2', 5n))
    await edge.cancel('a')
    expect(types()).toEqual(['acked a', 'filled a', 'amended a', 'filled a'])
    expect(wire().calls.at(-1)).toBe('cancel a')
  })

  test('is over when the amendment is refused, or not answered', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().onAmend = async () => {
      wire().sink(fill('a', 'f1', 10n))
      throw new Error('down')
    }
    await edge.amend('a', { qty_1e8: 30n, limit_price_1e9: 101n })
    expect(types()).toEqual(['acked a', 'filled a', 'amend-rejected a'])
    expect(edge.cancel('a')).toBeUndefined()
  })
})

describe('a cancel without an answer', () => {
  test('that was heard is found out by asking', async () => {
    const { edge, wire, types, troubles } = setup()
    await edge.submit(child('a'))
    wire().onCancel = async () => {
      throw new Error('connection reset')
    }
    wire().onReconcile = async () =>
      wire().sink({ type: 'cancelled', child_id: 'a', ts_ns: 0n, reason: 'requested' })
    await edge.cancel('a')
    expect(types()).toEqual(['acked a', 'cancelled a'])
    expect(troubles).toHaveLength(1)
  })

  test('is said to be unconfirmed while the order stands, and the order stays open', async () => {
    const { edge, wire, types } = setup()
    await edge.submit(child('a'))
    wire().onCancel = async () => {
      throw new Error('connection reset')
    }
    for (const reconcile of [async () => undefined, wire().onCancel]) {
      wire().onReconcile = reconcile
      await expect(edge.cancel('a')).rejects.toThrow(EdgeUnavailable)
    }
    wire().onCancel = async () => undefined
    await edge.cancel('a')
    expect(types()).toEqual(['acked a'])
  })
})
